/* Where the map is, in the address: what it was fitted to needs no words there, where somebody moved it does. */

import * as look from "./look.mjs";
import { shared } from "./shared.mjs";

/** @type {any} */
let map = null;
/** @type {() => boolean} whether the map is as it was fitted */
let framed = () => true;
/** @type {() => void} */
let home = () => undefined;
let ready = false; // the map was put somewhere by us
let pinned = false; // the address says where the next view begins

/**
 * @param {any} leaflet the map that was made
 * @param {() => boolean} isFramed
 * @param {() => void} goHome fits the map to what the view is of
 */
export function attach(leaflet, isFramed, goHome) {
    [map, framed, home, ready] = [leaflet, isFramed, goHome, false];
    pinned = look.values().camera !== "";
    map.on("moveend", write);
}

function write() {
    if (!ready || !map._loaded || document.querySelector(".shell.printing")) return;
    look.change("camera", framed() ? "" : look.cameraOf(map.getCenter(), map.getZoom()));
}

/** @param {string} text */
function go(text) {
    const place = look.placeOf(text);
    if (!map || !place) return false;
    map.stop();
    map.setView(place.centre, place.zoom, { animate: false });
    return true;
}

/**
 * Put the map before another view: where the address says, else fitted to it.
 *
 * @param {() => void} fit
 */
export function begin(fit) {
    const there = pinned && go(look.values().camera);
    pinned = false;
    if (!there) fit();
    ready = true;
    write();
}

look.follow((names) => {
    if (!names.includes("camera")) return;
    const { camera } = look.values();
    const other = !ready || shared.moving?.value.areas !== shared.asked?.areas;
    pinned = camera !== "" && other; // another view is on its way, and begins there
    if (!other && !go(camera)) home();
});
