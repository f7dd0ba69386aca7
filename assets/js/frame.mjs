/* What of the map is in view: fitting it to zones, beside what lies over it, and the way back from a moment's push. */

import { around } from "./dom.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import { boundsOf, drawnZones, layerOf } from "./zones.mjs";

const NARROW = 620; // pixels: in a narrower frame the legend stands below what matters, not beside it

/** @type {{ indices: number[] | null } | null} */
let framed = null; // zones that the map was fitted to, until someone moves it
/** @type {{ indices: number[] | null } | null} */
let pushedFrom = null; // what the map was fitted to before a sheet pushed it aside
let moving = false; // the map is being fitted by us

/** @param {L.Map} map the map that was made */
export function attach(map) {
    framed = null;
    new ResizeObserver(resize).observe(map.getContainer());
    map.on("movestart", () => {
        if (!moving) framed = pushedFrom = null;
    });
}

/** The map, once it has a place and stands on the page. */
function standing() {
    const { map } = shared;
    return map && map._loaded && map.getContainer().isConnected ? map : null;
}

/** Pixels that the legend and the sheet take away at either side. */
function covered() {
    const box = mapOfPage().getContainer().getBoundingClientRect();
    const legend = document.querySelector(".legend-card");
    /** @type {HTMLElement | null} */
    const sheet = document.querySelector(".shell.sheet-open:not(.printing) .sheet");
    const below = sheet !== null && sheet.offsetWidth > 0.9 * box.width; // a small screen has its sheet at the foot
    const foot = sheet && below ? sheet.offsetHeight : 0; // where it ends up; it may still be on its way
    const presenting = document.querySelector(".shell.presenting") !== null;
    const narrow = presenting || box.width - (sheet && !below ? sheet.offsetWidth : 0) < NARROW;
    return {
        left: legend && !narrow ? legend.getBoundingClientRect().right - box.left : 0,
        right: sheet && !below ? sheet.offsetWidth : 0,
        bottom: Math.max(foot, legend && narrow ? box.bottom - legend.getBoundingClientRect().top : 0),
    };
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
    const { left, right, bottom } = covered();
    shared.map.fitBounds(bounds, {
        paddingTopLeft: [left + 16, 22],
        paddingBottomRight: [right + 16, bottom + 22],
        animate,
        maxZoom: 13,
    });
    moving = false;
    framed = { indices };
    pushedFrom = null;
    if (animate) shared.map.once("moveend", () => (framed = { indices })); // it began to move after a frame
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
    const { left, right, bottom } = covered();
    const bounds = layer.getBounds();
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
