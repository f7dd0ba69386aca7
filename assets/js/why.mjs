/* Why not there? The next click on the map, or a point that is typed, is sent to the server, and stays marked. */

import { around, byId, writtenIn } from "./dom.mjs";
import { pointIn } from "./geometry.mjs";
import * as notices from "./notices.mjs";
import { shared } from "./shared.mjs";

const PANE = "proposal";
/** @type {L.Marker | null} */
let mark = null;

/** The next click on the map is a question, or no longer. @param {boolean} on */
function pointing(on) {
    shared.pointing = on;
    document.getElementById("shell")?.classList.toggle("pointing", on);
    if (document.getElementById("why-go")) window.dash_clientside.set_props("why-go", { "aria-pressed": String(on) });
}

function clear() {
    if (mark) mark.remove();
    mark = null;
}

/**
 * Ask about a point, and mark it on the map.
 *
 * @param {number} lat
 * @param {number} lon
 */
function ask(lat, lon) {
    pointing(false);
    clear();
    const map = shared.map;
    if (map?._loaded) {
        if (!map.getPane(PANE)) map.createPane(PANE).style.zIndex = "645";
        const icon = L.divIcon({ className: "proposed-mark why-mark", html: "<i>?</i>", iconSize: [0, 0] });
        mark = L.marker([lat, lon], { pane: PANE, keyboard: false, interactive: false, icon }).addTo(map);
        if (!map.getBounds().contains([lat, lon])) map.panTo([lat, lon]);
    }
    window.dash_clientside.set_props("why-point", { data: { lat, lon, at: Date.now() } });
}

function typed() {
    const point = pointIn(writtenIn("why-spot"));
    if (point) ask(point.lat, point.lon);
    else notices.tell("plan-told", byId("why").dataset.noPoint ?? "");
}

L.Map.addInitHook(function () {
    clear();
    this.on("click", (/** @type {L.Happening} */ event) => {
        if (shared.pointing) ask(event.latlng.lat, event.latlng.lng);
    });
});

document.addEventListener("click", (event) => {
    if (around(event, "#why-go")) pointing(!shared.pointing);
    else if (around(event, "#why-ask")) typed();
    else if (around(event, "[data-plan='add']")) pointing(false);
});

document.addEventListener(
    "keydown",
    (event) => {
        if (event.key === "Escape" && shared.pointing) {
            pointing(false);
            event.preventDefault();
        } else if (event.key === "Enter" && around(event, "#why-spot")) typed();
    },
    true
);
