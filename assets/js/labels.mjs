/* Words on the map: names of towns, names of the zones where there are few, and the numbers of the first ten. */

/** @import { Label, LonLat, View } from "./types" */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { byId } from "./dom.mjs";
import { contains, freePoint, freeSide } from "./geometry.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import { pointOf, shown, zoneOf } from "./zones.mjs";

const NAMED_ZONES = 60;
const PIXELS_A_LETTER = 3.6; // half of its width, where names are not larger than usual
const FARTHEST = 8; // zoom from which the first towns have their names

/** @type {{ marks: L.LayerGroup<L.Marker> | null, zoneNames: L.LayerGroup<L.Marker> | null }} */
const groups = { marks: null, zoneNames: null };
const names = {
    /** @type {Map<Label, L.Marker>} Names that were shown once. */
    markers: new Map(),
    /** @type {Label[] | null} */
    all: null,
    /** @type {Set<Label>} Names that give way to those of the zones. */
    covered: new Set(),
};

/** Another map has no words yet. */
export function attach() {
    groups.marks = groups.zoneNames = null;
    names.markers.clear();
    names.all = null;
}

/**
 * Numbers 1 to 10 on the zones where most children live out of reach.
 *
 * @param {View} view
 * @param {string} indicator
 */
export function showMarks(view, indicator) {
    groups.marks?.remove();
    groups.marks = null;
    showZoneNames(view);
    byId("main-view").classList.toggle("unnumbered", indicator !== "births_out_of_reach" && view.top.length > 0);
    if (indicator !== "births_out_of_reach") {
        placeNames();
        return;
    }
    const ranks = view.top.map((row, k) => ({ row, k })).filter(({ row }) => !shown.onlyGaps || view.rows.gap[row] === true);
    const numbered = ranks.map(({ row, k }) => {
        const icon = L.divIcon({ className: "rank-mark", html: `<i>${k + 1}</i>`, iconSize: [0, 0] });
        return L.marker(pointOf(view.rows.i[row]), { pane: "marks", keyboard: false, interactive: false, icon });
    });
    groups.marks = L.layerGroup(numbered).addTo(mapOfPage());
    placeNames();
}

/** Names of the zones themselves where the view is restricted to a few; the general ones inside give way. @param {View} view */
function showZoneNames(view) {
    groups.zoneNames?.remove();
    groups.zoneNames = null;
    names.covered = new Set();
    if (!view.areas || view.rows.i.length > NAMED_ZONES) return;
    const zones = view.rows.i.flatMap((i) => (i < 0 ? [] : (zoneOf(i) ?? [])));
    for (const label of names.all || []) {
        if (zones.some((zone) => contains(zone.geometry, label.p))) names.covered.add(label);
    }
    groups.zoneNames = L.layerGroup(zones.map(({ properties: { name, p } }) => nameMarker(name, p))).addTo(mapOfPage());
    refresh();
}

/** @param {string} name @param {LonLat} p */
function nameMarker(name, p) {
    return L.marker([p[1], p[0]], {
        pane: "names",
        interactive: false,
        keyboard: false,
        icon: L.divIcon({ className: "name", html: `<i>${core.escape(name)}</i>`, iconSize: [0, 0] }),
    });
}

/** Names of towns, once. */
export async function showNames() {
    if (names.all) return;
    names.all = await connection.load(core.config().labels);
    if (shared.view) showZoneNames(shared.view);
    refresh();
}

/** Zoom that names go by: a little before the whole one, and from far off as many of the largest towns as have room. */
export const zoomOfNames = () => Math.max(FARTHEST, Math.floor(mapOfPage().getZoom() + 0.25));

/** Show the names of the zoom, as far as they have room. */
export function refresh() {
    const { map } = shared;
    if (!map || !map._loaded || !names.all) return;
    const zoom = zoomOfNames();
    for (const label of names.all) {
        const wanted = label.z <= zoom && zoom <= (label.until || 99) && !names.covered.has(label);
        let marker = names.markers.get(label);
        if (wanted && !marker) {
            marker = nameMarker(label.name, label.p);
            names.markers.set(label, marker);
        }
        if (marker) wanted ? marker.addTo(map) : marker.remove();
    }
    placeNames();
}

/** Put every number on its zone, or beside those that come before it; where they are, in pixels. @param {number} times as large as usual */
function placeMarks(times) {
    /** @type {{ x: number, y: number }[]} */
    const taken = [];
    for (const mark of groups.marks ? groups.marks.getLayers() : []) {
        const at = mapOfPage().latLngToLayerPoint(mark.getLatLng());
        const free = freePoint(at, taken, times);
        taken.push(free);
        mark._icon?.style.setProperty("--aside", `${(free.x - at.x).toFixed(1)}px`);
        mark._icon?.style.setProperty("--down", `${(free.y - at.y).toFixed(1)}px`);
    }
    return taken;
}

/**
 * Put every name beside the numbered marks and off the names that come before it: above if there is room, else below or
 * aside, else not at all. Larger towns come first, as their names are there from farther off.
 */
function placeNames() {
    const map = mapOfPage();
    const times = Number(getComputedStyle(map.getContainer()).getPropertyValue("--names")) || 1;
    const usual = (/** @type {{ x: number, y: number }} */ { x, y }) => ({ x: x / times, y: y / times });
    const marks = placeMarks(times).map(usual);
    const towns = [...names.markers].sort(([a], [b]) => a.z - b.z).map(([, marker]) => marker);
    const own = groups.zoneNames ? groups.zoneNames.getLayers() : [];
    /** @type {import("./geometry.mjs").Written[]} */
    const written = [];
    for (const marker of [...own, ...towns]) {
        const icon = marker._icon;
        if (!map.hasLayer(marker) || !icon) continue;
        const half = (icon.textContent ?? "").length * PIXELS_A_LETTER;
        icon.dataset.side = freeSide(usual(map.latLngToLayerPoint(marker.getLatLng())), half, marks, written);
    }
}
