/* What of the map is in view: fitting it to zones, beside what lies over it, and the way back from a moment's push. */

import { around } from "./dom.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import { isSmall } from "./small.mjs";
import { boundsOf, drawnZones, layerOf } from "./zones.mjs";

const NARROW = 620; // pixels: in a narrower frame the legend may stand below what matters, not beside it
const EDGE = 22; // pixels between what is fitted and what covers the map

/** @type {{ indices: number[] | null } | null} */
let framed = null; // zones that the map was fitted to, until someone moves it
/** @type {{ indices: number[] | null } | null} */
let pushedFrom = null; // what the map was fitted to before a sheet pushed it aside
let moving = false; // the map is being fitted by us
let fitting = false; // it is still on its way there, and began to move after a frame

/** @param {L.Map} map the map that was made */
export function attach(map) {
    framed = null;
    new ResizeObserver(resize).observe(map.getContainer());
    map.on("movestart", () => {
        if (!moving && !fitting) framed = pushedFrom = null;
    });
}

/** The map, once it has a place and stands on the page. */
function standing() {
    const { map } = shared;
    return map && map._loaded && map.getContainer().isConnected ? map : null;
}

/**
 * Pixels that the legend, the sheet and, on a small screen, the buttons take away at the sides. On a wide screen what
 * matters stands beside the legend, which may grow; elsewhere beside it or above it, wherever it comes out larger.
 *
 * @param {L.LatLngBounds} bounds of what matters
 */
function covered(bounds) {
    const map = mapOfPage();
    const box = map.getContainer().getBoundingClientRect();
    const legend = document.querySelector(".legend-card")?.getBoundingClientRect();
    const buttons = document.querySelector(".zoom")?.getBoundingClientRect();
    /** @type {HTMLElement | null} */
    const sheet = document.querySelector(".shell.sheet-open:not(.printing) .sheet");
    const below = sheet !== null && sheet.offsetWidth > 0.9 * box.width; // a small screen has its sheet at the foot
    const foot = sheet && below ? sheet.offsetHeight : 0; // where it ends up; it may still be on its way
    const column = buttons && buttons.height > buttons.width ? box.right - buttons.left : 0;
    const right = sheet && !below ? sheet.offsetWidth : column;
    const presenting = document.querySelector(".shell.presenting") !== null;
    const wide = !isSmall() && !presenting && box.width - right >= NARROW;
    const ways = [
        { left: legend?.width ? legend.right - box.left : 0, right, bottom: foot },
        { left: 0, right, bottom: Math.max(foot, legend?.width ? box.bottom - legend.top : 0) },
    ];
    const [beside, above] = ways.map(({ left, bottom }) => sizeIn(bounds, left + right + 2 * EDGE, bottom + 2 * EDGE));
    return wide || (!presenting && beside >= above) ? ways[0] : ways[1];
}

/**
 * How many times as large as now what matters could be in what is left of the map.
 *
 * @param {L.LatLngBounds} bounds of what matters
 * @param {number} x pixels taken away in width
 * @param {number} y pixels taken away in height
 */
function sizeIn(bounds, x, y) {
    const { x: width, y: height } = mapOfPage().getSize();
    const low = mapOfPage().latLngToContainerPoint(bounds.getSouthWest());
    const high = mapOfPage().latLngToContainerPoint(bounds.getNorthEast());
    return Math.min((width - x) / Math.max(1, high.x - low.x), (height - y) / Math.max(1, low.y - high.y));
}

/**
 * Fit the map to zones; to all of them where none is named.
 *
 * @param {number[] | null} indices
 * @param {boolean} animate
 */
export function fit(indices, animate) {
    if (!shared.map || !drawnZones()) return;
    const bounds = boundsOf(indices);
    if (!bounds.isValid()) return;
    moving = true;
    if (animate) {
        fitting = true;
        shared.map.once("moveend", () => (fitting = false));
    }
    const { left, right, bottom } = covered(bounds);
    shared.map.fitBounds(bounds, {
        paddingTopLeft: [left + 16, EDGE],
        paddingBottomRight: [right + 16, bottom + EDGE],
        animate,
        maxZoom: 13,
    });
    moving = false;
    framed = { indices };
    pushedFrom = null;
}

/** Whether the map is as it was fitted, and nobody moved it. */
export const isFramed = () => (framed || pushedFrom) !== null;

/** A sheet closed: the map goes back to what it was fitted to, unless somebody moved it meanwhile. */
export function release() {
    if (pushedFrom) fit(pushedFrom.indices, false);
}

/** Zones that the view is of; none where there is no view. */
export const inView = () => (shared.view ? shared.view.rows.i.filter((i) => i >= 0) : null);

/** Fit the map to the view: to its zones where it is restricted to an area, else to all. @param {boolean} animate */
export const fitView = (animate) => fit(shared.view && shared.view.areas ? inView() : null, animate);

/** Fit the map anew to what the view is of, in a frame that has another size. */
export function refit() {
    const { map } = shared;
    if (!map || !map._loaded) return;
    map.invalidateSize({ animate: false, pan: false });
    fitView(false);
}

/** What goes back to the map as it is now; for what pushes it aside for a moment. */
export function wayBack() {
    const map = mapOfPage();
    const before = framed;
    const [centre, zoom, size] = /** @type {const} */ ([map.getCenter(), map.getZoom(), map.getSize()]);
    return () => {
        if (standing() !== map) return;
        if (before && !map.getSize().equals(size)) {
            fit(before.indices, false);
            return;
        }
        moving = true;
        map.stop();
        map.setView(centre, zoom, { reset: true }); // whatever was sliding there a moment ago
        moving = false;
        framed = before;
    };
}

/** The frame around the map changed: keep what it was fitted to in view. */
export function resize() {
    const map = standing();
    if (!map) return;
    const before = framed;
    moving = true;
    map.invalidateSize({ animate: false, pan: !before });
    moving = false;
    if (before) fit(before.indices, false);
}

/** Bring a zone into view without moving more than needed. @param {number} i */
export function reveal(i) {
    const layer = layerOf(i);
    if (!layer) return;
    const map = mapOfPage();
    const bounds = layer.getBounds();
    const { left, right, bottom } = covered(bounds);
    const size = map.getSize();
    const low = map.latLngToContainerPoint(bounds.getSouthWest());
    const high = map.latLngToContainerPoint(bounds.getNorthEast());
    const outside = low.x < left || high.x > size.x - right || high.y < 0 || low.y > size.y - bottom;
    if (outside) {
        const centre = map.latLngToContainerPoint(bounds.getCenter());
        pushedFrom = framed || pushedFrom;
        framed = null;
        moving = true;
        map.panBy([centre.x - (left + size.x - right) / 2, centre.y - (size.y - bottom) / 2]);
        moving = false;
    }
}

document.addEventListener("click", (event) => {
    const button = around(event, "[data-zoom]");
    if (!button || !shared.map) return;
    if (button.dataset.zoom === "in") shared.map.zoomIn(0.75);
    if (button.dataset.zoom === "out") shared.map.zoomOut(0.75);
    if (button.dataset.zoom === "home") fitView(true);
});
