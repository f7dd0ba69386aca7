/* The legend: what the colours, the circles and the signs of a view mean. */

/** @import { Legend, View } from "./types" */

import * as circles from "./circles.mjs";
import * as core from "./core.mjs";
import { byId } from "./dom.mjs";
import * as measures from "./measures.mjs";
import * as forms from "./numbers.mjs";
import { isOfPlan, planLegend } from "./plan_places.mjs";

const { element } = core;

/**
 * The way to what an indicator is and how it is worked out.
 *
 * @param {string} indicator
 */
function explained(indicator) {
    const named = indicator === "reach_change" ? "births_gained" : indicator;
    return element("A", { className: "method-link", href: core.methodAddress(named) }, core.word("method.link"));
}

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
 * How many zones with a gap are in every class.
 *
 * @param {View} view
 * @param {string} indicator
 * @param {Legend} told
 */
function zonesWithGap(view, indicator, told) {
    const gaps = [...view.classes[indicator]].filter((_, row) => view.rows.gap[row] === true && view.rows.i[row] >= 0);
    const of = (/** @type {string} */ symbol) => gaps.filter((one) => one === symbol).length;
    return { zones: told.colours.map((_, k) => of(String(k))), noDataZones: of("-") };
}

/** How many zones are left out where only gaps are shown. @param {View} view */
const zonesLeft = (view) => view.rows.i.filter((i, row) => i >= 0 && view.rows.gap[row] !== true).length;

/**
 * What the colours, circles and signs of a view mean.
 *
 * @param {View} view
 * @param {string} indicator
 * @param {string[]} layers
 * @param {boolean} onlyGaps whether zones without a gap are left out
 */
export function legend(view, indicator, layers, onlyGaps) {
    const parts = [];
    const picture = layers.includes("raster") && view.raster.known;
    byId("shell").classList.toggle("with-picture", picture);
    const told = picture ? view.raster.legend : view.legends[indicator];
    if (picture) parts.push(element("P", { className: "legend-title" }, view.raster.legend.title));
    if (told) {
        const unit = told.unit ? element("P", { className: "legend-unit" }, told.unit) : null;
        parts.push(element("Div", { className: "legend-head" }, unit, picture ? null : explained(indicator)));
        if (told.help) parts.push(measures.explained(told.help));
        const sizes = !picture && core.config().scales[indicator] === "births" ? circles.legendSizes(told.breaks || []) : [];
        const left = onlyGaps && !picture;
        const counted = left ? zonesWithGap(view, indicator, told) : told;
        const rows = told.colours.map((c, k) => swatch(c, told.labels[k], counted.zones && counted.zones[k], "", sizes[k]));
        if (!picture && counted.noDataZones) {
            rows.push(swatch(null, told.noDataLabel ?? "", counted.noDataZones, "hatched"));
        }
        if (left) rows.push(swatch(null, core.word("legend.no_gap"), zonesLeft(view), "left-out"));
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
