/* Pointing at zones and choosing one: the words at the pointer, and the outlines of what is pointed at and chosen. */

import * as core from "./core.mjs";
import * as forms from "./numbers.mjs";
import { pick } from "./selection.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import { tokens } from "./tokens.mjs";
import { indexOf, layerOf, shown, zoneOf } from "./zones.mjs";

const { colours } = tokens;

/** @type {Record<"halo" | "selected" | "hovered", L.Polyline | null>} */
const outlines = { halo: null, selected: null, hovered: null };
/** @type {L.Renderer | null} */
let renderer = null;
/** @type {L.Overlay | null} */
let tooltip = null;

const pointed = {
    /** @type {string | null} */
    selected: null,
    /** @type {number | undefined} */
    hovered: undefined,
    /** @type {string | null} What the words at the pointer are of. */
    tipFor: null,
};

/** @type {(() => void)[]} */
const followers = [];

/** Be told when another zone is pointed at or chosen. @param {() => void} follower */
export const follow = (follower) => followers.push(follower);

/** The map that was made has no outlines yet. */
export function attach() {
    outlines.selected = outlines.hovered = null;
    tooltip = L.tooltip({ className: "zone-tip", direction: "top", offset: [0, -6], opacity: 1 });
}

/**
 * @param {keyof typeof outlines} name
 * @param {number} i
 * @param {L.Options} style
 */
function draw(name, i, style) {
    outlines[name]?.remove();
    outlines[name] = null;
    const layer = layerOf(i);
    if (!layer) return;
    const map = mapOfPage();
    if (!renderer || renderer._map !== map) renderer = L.svg({ pane: "focus" });
    const options = { pane: "focus", renderer, interactive: false, fill: false, ...style };
    outlines[name] = L.polygon(layer.getLatLngs(), options).addTo(map);
}

/**
 * Outline of the chosen zone.
 *
 * @param {string | null} id
 */
export function highlight(id) {
    pointed.selected = id;
    const i = indexOf(id);
    draw("halo", i, { color: colours.paper, weight: 6, opacity: 0.95 });
    draw("selected", i, { color: colours.focus, weight: 3, opacity: 1 });
    for (const follower of followers) follower();
    return i;
}

/**
 * Outline of the zone under the pointer, on the map or in the table.
 *
 * @param {number} i
 */
export function hover(i) {
    if (pointed.hovered === i) return;
    pointed.hovered = i;
    draw("hovered", i, { color: colours.focus, weight: 2, opacity: 0.9 });
    for (const follower of followers) follower();
}

/** Id of the chosen zone. */
export const selected = () => pointed.selected;

/** Place of the zone under the pointer among all of its level. */
export const hovered = () => pointed.hovered;

/** Zones that were drawn anew can be pointed at, and the chosen one has its outline. @param {L.FeatureGroup} group */
export function welcome(group) {
    group.on("mousemove", onHover).on("mouseout", onLeave).on("click", onClick);
    highlight(pointed.selected);
}

/** Position of a zone in the rows of the view. @param {number} i */
function rowOf(i) {
    const { view } = shown;
    if (!view) return undefined;
    if (!view.rowOfZone) view.rowOfZone = new Map(view.rows.i.map((zone, row) => [zone, row]));
    return view.rowOfZone.get(i);
}

/** Zone that an event is of. @param {L.Happening} event */
const zoneOfEvent = (event) => (event.propagatedFrom || event.layer || event.sourceTarget)?.feature;

/** @param {L.Happening} event */
function onHover(event) {
    const zone = zoneOfEvent(event);
    if (!zone || !tooltip) return;
    const { i } = zone.properties;
    const changed = pointed.tipFor !== `${i}${shown.indicator}`;
    hover(i);
    if (changed) {
        pointed.tipFor = `${i}${shown.indicator}`;
        tooltip.setContent(tip(i));
    }
    tooltip.setLatLng(event.latlng);
    if (!mapOfPage().hasLayer(tooltip)) tooltip.addTo(mapOfPage());
}

/** @param {number} i */
function tip(i) {
    const { name, place } = zoneOf(i)?.properties ?? { name: "", place: "" };
    const row = rowOf(i);
    const where = place ? ` <span>${core.escape(place)}</span>` : "";
    const head = `<strong>${core.escape(name)}</strong>${where}<br>`;
    const { indicator, view } = shown;
    if (row === undefined || !view) return head + core.word("map.outside");
    const value = view.rows[indicator][row];
    const symbol = view.classes[indicator][row];
    const legend = view.legends[indicator];
    if (indicator === "gap") return head + (legend && symbol !== "-" ? legend.labels[Number(symbol)] : core.word("table.gap.unknown"));
    const told = forms.shown(indicator, typeof value === "number" ? value : null);
    return `${head}${core.word(`indicator.${indicator}`)}: <b>${told}</b>${legend && legend.short ? ` ${core.escape(legend.short)}` : ""}`;
}

function onLeave() {
    pointed.tipFor = null;
    tooltip?.remove();
    hover(-1);
}

/** @param {L.Happening} event */
function onClick(event) {
    if (shared.adding || shared.pointing) return; // the click is for a place
    const zone = zoneOfEvent(event);
    if (zone) pick(zone.properties.id);
}
