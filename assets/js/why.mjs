/* Why not there? The next click on the map, or a point that is typed, is sent to the server, and stays marked. */

import { pointIn } from "./geometry.mjs";
import * as notices from "./notices.mjs";
import { shared } from "./shared.mjs";

const PANE = "proposal";
let mark = null;

function pointing(on) {
    shared.pointing = on;
    const shell = document.getElementById("shell");
    if (shell) shell.classList.toggle("pointing", on);
    const button = document.getElementById("why-go");
    if (button) window.dash_clientside.set_props("why-go", { "aria-pressed": String(on) });
}

function clear() {
    if (mark) mark.remove();
    mark = null;
}

/** Ask about a point, and mark it on the map. */
function ask(lat, lon) {
    pointing(false);
    clear();
    const map = shared.map;
    if (map?._loaded) {
        if (!map.getPane(PANE)) map.createPane(PANE).style.zIndex = 645;
        const icon = L.divIcon({ className: "proposed-mark why-mark", html: "<i>?</i>", iconSize: [0, 0] });
        mark = L.marker([lat, lon], { pane: PANE, keyboard: false, interactive: false, icon }).addTo(map);
        if (!map.getBounds().contains([lat, lon])) map.panTo([lat, lon]);
    }
    window.dash_clientside.set_props("why-point", { data: { lat, lon, at: Date.now() } });
}

function typed() {
    const point = pointIn(document.getElementById("why-spot").value);
    if (point) ask(point.lat, point.lon);
    else window.dash_clientside.set_props("plan-told", { children: notices.notice(document.getElementById("why").dataset.noPoint) });
}

L.Map.addInitHook(function () {
    clear();
    this.on("click", (event) => {
        if (shared.pointing) ask(event.latlng.lat, event.latlng.lng);
    });
});

document.addEventListener("click", (event) => {
    if (!event.target.closest) return;
    if (event.target.closest("#why-go")) pointing(!shared.pointing);
    else if (event.target.closest("#why-ask")) typed();
    else if (event.target.closest("[data-plan='add']")) pointing(false);
});

document.addEventListener(
    "keydown",
    (event) => {
        if (event.key === "Escape" && shared.pointing) {
            pointing(false);
            event.preventDefault();
        } else if (event.key === "Enter" && event.target.id === "why-spot") typed();
    },
    true
);
