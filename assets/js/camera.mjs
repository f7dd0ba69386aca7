/* Where the map is, in the address: what it was fitted to needs no words there, where somebody moved it does. */

import { fitView, isFramed } from "./frame.mjs";
import * as look from "./look.mjs";
import { shared } from "./shared.mjs";

/** @type {L.Map | null} */
let map = null;
let ready = false; // the map was put somewhere by us
let pinned = false; // the address says where the next view begins

/** @param {L.Map} leaflet the map that was made */
export function attach(leaflet) {
    [map, ready] = [leaflet, false];
    pinned = look.values().camera !== "";
    map.on("moveend", write);
}

function write() {
    if (!ready || !map?._loaded || document.querySelector(".shell.printing")) return;
    look.change("camera", isFramed() ? "" : look.cameraOf(map.getCenter(), map.getZoom()));
}

/** @param {string} text */
function go(text) {
    const place = look.placeOf(text);
    if (!map || !place) return false;
    map.stop();
    map.setView(place.centre, place.zoom, { animate: false });
    return true;
}

/** Put the map before another view: where the address says, else fitted to it. */
export function begin() {
    const there = pinned && go(look.values().camera);
    pinned = false;
    if (!there) fitView(false);
    ready = true;
    write();
}

look.follow((names) => {
    if (!names.includes("camera")) return;
    const { camera } = look.values();
    const other = !ready || shared.moving?.value.areas !== shared.asked?.areas;
    pinned = camera !== "" && other; // another view is on its way, and begins there
    if (!other && !go(camera)) fitView(false);
});
