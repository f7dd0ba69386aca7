/* A bridge that is drawn on the map of a plan: two clicks, one on either bank. */

import { byId } from "./dom.mjs";
import { planDo } from "./plan_queue.mjs";
import { mapOfPage } from "./shared.mjs";
import { tokens } from "./tokens.mjs";

const MARK = { pane: "focus", radius: 5, color: tokens.colours.moved, weight: 3, interactive: false };

/** @type {{ modes: string, from: L.LatLng | null, mark: L.Layer | null }} Who may use it, its first end, and the mark there. */
const drawn = { modes: "", from: null, mark: null };

/** Who may use the bridge that is being drawn; empty where none is. */
export const drawnFor = () => drawn.modes;

/** Whether a bridge is being drawn. */
export const isDrawing = () => drawn.modes !== "";

/**
 * Begin to draw a bridge for some modes, or stop; the page says what to do.
 *
 * @param {string} modes empty to stop
 */
export function draw(modes) {
    if (drawn.mark) drawn.mark.remove();
    Object.assign(drawn, { modes, from: null, mark: null });
    tell();
}

/** A click on the map is an end of the bridge: the second one asks for it. @param {L.LatLng} at */
export function end(at) {
    const { from, modes } = drawn;
    if (!from) {
        drawn.from = at;
        drawn.mark = L.circleMarker([at.lat, at.lng], MARK).addTo(mapOfPage());
        tell();
        return false;
    }
    draw("");
    planDo({ do: "bridge", lat: from.lat, lon: from.lng, to_lat: at.lat, to_lon: at.lng, modes });
    return true;
}

function tell() {
    const { classList } = byId("shell");
    classList.toggle("bridging", isDrawing());
    classList.toggle("bridging-second", drawn.from !== null);
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-plan=bridge]"))) {
        button.setAttribute("aria-pressed", String(isDrawing() && button.dataset.modes === drawn.modes));
    }
}
