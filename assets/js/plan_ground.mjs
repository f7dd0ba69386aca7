/* The ground from which a place of a plan is within reach, on the map for as long as somebody wants to see it. */

/** @import { PlanPlace, PlanView, View } from "./types" */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { byId, made } from "./dom.mjs";
import { tell } from "./notices.mjs";
import { busy } from "./plan_queue.mjs";
import { mapOfPage } from "./shared.mjs";
import { tokens } from "./tokens.mjs";

const { colours } = tokens;
const STYLE = { pane: "focus", interactive: false, color: colours.reach, weight: 2, fillColor: colours.reachSoft, fillOpacity: 0.45 };
const CASING = { pane: "focus", interactive: false, color: colours.paper, weight: 6, opacity: 0.9, fill: false };

/** @type {{ id: string, address: string, layer: L.FeatureGroup | null, chip: HTMLElement | null }} */
const ground = { id: "", address: "", layer: null, chip: null };

/** The map that it was on is gone. */
export function forgetGround() {
    Object.assign(ground, { id: "", address: "", layer: null, chip: null });
}

/** Whether the ground of a place is on the map, or on its way. @param {string} id */
export const isGroundOf = (id) => ground.id === id;

/** Address of that ground; another version of the plan has another one. @param {string} id @param {PlanView} view */
const addressOf = (id, view) => `${view.plan.ground}${encodeURIComponent(id)}`;

export function dropGround() {
    ground.layer?.remove();
    ground.chip?.remove();
    forgetGround();
}

/** Say whose ground is on the map, with a button that takes it away. @param {PlanPlace} place */
function addChip(place) {
    const words = core.word("plan.place.no_reach");
    const close = made("button", { type: "button", class: "icon-button", "data-plan": "ground-off", title: words, "aria-label": words });
    close.append(made("span", { class: "icon icon-close", "aria-hidden": "true" }));
    ground.chip = made("div", { class: "ground-chip", role: "status" }, core.word("plan.place.reach.of", { place: place.name }), close);
    byId("map-own").append(ground.chip);
}

/**
 * Draw the ground of a place in the place of the one that was there; one that comes too late is not drawn.
 *
 * @param {string} id
 * @param {PlanView} view
 * @returns {Promise<L.FeatureGroup | null>} what was drawn
 */
async function draw(id, view) {
    const wanted = addressOf(id, view);
    Object.assign(ground, { id, address: wanted });
    const shape = await connection.load(wanted);
    if (ground.address !== wanted) return null;
    ground.layer?.remove();
    const layers = [CASING, STYLE].map((style) => L.geoJSON(shape, { ...style, style }));
    ground.layer = L.featureGroup(layers).addTo(mapOfPage());
    return ground.layer;
}

/**
 * Show the ground of a place, or take it away where it is shown.
 *
 * @param {PlanPlace} place
 * @param {PlanView} view
 */
export async function toggleGround(place, view) {
    const off = isGroundOf(place.id);
    dropGround();
    mapOfPage().closePopup(); // it would lie over what is asked for
    if (off) return;
    byId("shell").classList.add("plan-busy");
    try {
        const drawn = await draw(place.id, view);
        if (!drawn) return;
        addChip(place);
        bringIntoView(drawn.getBounds());
    } catch {
        dropGround();
        tell("plan-told", core.word("plan.place.reach.none"));
    } finally {
        busy();
    }
}

/** Bring a ground into view that is too small to see or does not fit. @param {L.LatLngBounds} bounds */
function bringIntoView(bounds) {
    if (!bounds.isValid()) return;
    const map = mapOfPage();
    const high = map.latLngToContainerPoint(bounds.getSouthWest()).y - map.latLngToContainerPoint(bounds.getNorthEast()).y;
    const fits = map.getBounds().contains(bounds) && high > map.getSize().y / 5;
    if (!fits) map.fitBounds(bounds.pad(0.6), { maxZoom: 13.5 });
}

/** The ground follows its place from one version of the plan to the next. @param {PlanView} view */
export function followGround(view) {
    if (!ground.id) return;
    const place = view.plan.places.find(({ id, status }) => isGroundOf(id) && status !== "closed");
    if (!place) dropGround();
    else if (ground.address !== addressOf(place.id, view)) draw(place.id, view).catch(dropGround);
}
