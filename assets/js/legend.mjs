/* The legend: what the colours, the circles and the signs of a view mean. */

/** @import { View } from "./types" */

import * as circles from "./circles.mjs";
import * as core from "./core.mjs";
import { byId } from "./dom.mjs";
import * as measures from "./measures.mjs";
import * as forms from "./numbers.mjs";
import { isOfPlan, planLegend } from "./plan_places.mjs";

const { element } = core;

/**
 * Row of a legend: its sign, its words, and how many zones it is of.
 *
 * @param {string | null} colour
 * @param {string} label
 * @param {number | undefined} count
 * @param {string} [kind] of sign
 * @param {number} [diameter] of a circle, in pixels
 */
function swatch(colour, label, count, kind, diameter) {
    /** @type {Record<string, string | null>} */
    const style = colour ? { background: colour } : {};
    if (diameter) Object.assign(style, { "--diameter": `${diameter}px`, "--circle-colour": colour });
    return element(
        "Li",
        { className: "class-row" },
        element("Span", { className: `swatch ${kind || ""} ${diameter ? "circle" : ""}`, style }),
        element("Span", { className: "class-label" }, label),
        count === undefined ? null : element("Span", { className: "class-count" }, forms.number(count, 0))
    );
}

/**
 * What the colours, circles and signs of a view mean.
 *
 * @param {View} view
 * @param {string} indicator
 * @param {string[]} layers
 */
export function legend(view, indicator, layers) {
    const parts = [];
    const picture = layers.includes("raster") && view.raster.known;
    byId("shell").classList.toggle("with-picture", picture);
    const told = picture ? view.raster.legend : view.legends[indicator];
    if (picture) parts.push(element("P", { className: "legend-title" }, view.raster.legend.title));
    if (told) {
        if (told.unit) parts.push(element("P", { className: "legend-unit" }, told.unit));
        if (told.help) parts.push(measures.explained(told.help));
        const sizes = !picture && core.config().scales[indicator] === "births" ? circles.legendSizes(told.breaks || []) : [];
        const rows = told.colours.map((c, k) => swatch(c, told.labels[k], told.zones && told.zones[k], "", sizes[k]));
        if (!picture && told.noDataZones) {
            rows.push(swatch(null, told.noDataLabel ?? "", told.noDataZones, "hatched"));
        }
        parts.push(element("Ul", { className: "classes" }, ...rows));
    }
    const marks = [];
    if (!picture && view.rest) marks.push(swatch(null, view.rest, undefined, "hatched"));
    if (layers.includes("places")) {
        const somewhere = view.facilities === "documented";
        const key = somewhere ? `${view.service}.somewhere` : view.service;
        const kind = `mark place-${view.service} ${somewhere ? "place-somewhere" : ""}`;
        if (isOfPlan(view))
            marks.push(
                ...planLegend(view).map((status) =>
                    swatch(null, core.word(`plan.legend.${status}`), undefined, `mark place-${view.service} plan-${status}`)
                )
            );
        else marks.push(swatch(null, core.word(`legend.place.${key}`), undefined, kind));
    }
    if (layers.includes("facts")) marks.push(swatch(null, core.word("legend.place.fact"), undefined, "mark fact"));
    if (marks.length) parts.push(element("Ul", { className: "classes marks" }, ...marks));
    if (view.madeUp) {
        parts.push(element("P", { className: "stamp" }, core.word("banner.stamp")));
    }
    return parts;
}
