/* Places of a plan on the map: markers that can be dragged, and the card of the one that somebody looks at. */

/** @import { LonLat, PlanPlace, PlanView, View } from "./types" */

import * as core from "./core.mjs";
import { around, first, made } from "./dom.mjs";
import { wayBack } from "./frame.mjs";
import { pointIn } from "./geometry.mjs";
import { tell } from "./notices.mjs";
import * as forms from "./numbers.mjs";
import { followGround, forgetGround, isGroundOf, toggleGround } from "./plan_ground.mjs";
import { planDo } from "./plan_queue.mjs";
import * as press from "./press.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import { tokens } from "./tokens.mjs";

const { colours } = tokens;
const TRACE = { pane: "focus", interactive: false, color: colours.moved, weight: 1.8, dashArray: "5 4", opacity: 0.95 };
const CASING = { pane: "focus", interactive: false, color: colours.paper, weight: 4, opacity: 0.85 };

/** Whether a view is of a plan. @param {View} view @returns {view is PlanView} */
export const isOfPlan = (view) => view.plan !== undefined;

/** The view on the screen where it is of a plan. */
export const planView = () => (shared.view && isOfPlan(shared.view) ? shared.view : null);

/* ---- markers -------------------------------------------------------------------------------------------- */

/** @type {{ map: L.Map | null, group: L.LayerGroup | null, ids: Set<string> }} */
const markers = { map: null, group: null, ids: new Set() };

/** @param {LonLat} p */
const latlng = (p) => L.latLng(p[1], p[0]);

/**
 * Places of the plan as markers that can be dragged, with the old spot of those that moved.
 *
 * @param {PlanView} view
 * @param {L.Map} map
 */
export function planMarkers(view, map) {
    if (markers.map !== map) forgetGround();
    markers.map = map;
    markers.group = L.layerGroup();
    fill(view, markers.group);
    return markers.group;
}

/** @param {PlanView} view @param {L.LayerGroup} group */
function fill(view, group) {
    followGround(view);
    group.clearLayers();
    markers.ids = new Set(view.plan.places.map(({ id }) => id));
    for (const place of view.plan.places) {
        if (place.was) for (const layer of old(place, place.was)) group.addLayer(layer);
        group.addLayer(markerOf(place, view, group));
    }
    for (const { name, p, to } of view.plan.bridges) {
        const ends = [latlng(p), latlng(to)];
        const line = L.polyline(ends, { ...TRACE, weight: 5, dashArray: "", interactive: true });
        group.addLayer(L.polyline(ends, { ...CASING, weight: 9 }));
        group.addLayer(line.bindTooltip(core.escape(name), { className: "zone-tip", sticky: true }));
    }
    const again = opened && view.plan.places.find((place) => place.id === opened);
    if (again) setTimeout(() => press.released().then(() => isOpen(again, view) && openCard(again)));
}

/** Put the markers back where the plan has them. */
export function redraw() {
    const view = planView();
    if (view) press.released().then(() => shared.view === view && markers.group && fill(view, markers.group));
}

/**
 * What happened to places of the plan, for the legend.
 *
 * @param {PlanView} view
 */
export const planLegend = (view) =>
    ["same", "new", "moved", "closed"].filter((status) => view.plan.places.some((place) => place.status === status));

/** @param {PlanPlace} place @param {PlanView} view @param {L.LayerGroup} group */
function markerOf(place, view, group) {
    const kind = ["place", `place-${view.service}`, `plan-${place.status}`, place.planned ? "planned" : ""];
    const marker = L.marker(latlng(place.p), {
        pane: "places",
        keyboard: false,
        draggable: place.status !== "closed",
        autoPan: true,
        zIndexOffset: place.status === "same" ? 0 : 500,
        icon: L.divIcon({ className: kind.filter(Boolean).join(" "), html: "<i></i>", iconSize: [0, 0] }),
    });
    marker.bindTooltip(tip(place), { className: "zone-tip", direction: "top", offset: [0, -8] });
    marker.on("click", () => openCard(place));
    const ends = () => [latlng(place.was || place.p), marker.getLatLng()];
    /** @type {L.Polyline | null} */
    let trace = null;
    marker.on("dragstart", () => {
        shared.dragging = true;
        press.letGo();
        marker.closeTooltip();
        stay();
        closeCard();
        trace = L.polyline(ends(), TRACE).addTo(group);
    });
    marker.on("drag", () => trace?.setLatLngs(ends()));
    marker.on("dragend", () => {
        shared.dragging = false;
        const { lat, lng } = marker.getLatLng();
        planDo({ do: "move", id: place.id, lat, lon: lng });
    });
    return marker;
}

/** Where a place was, and the way from there. @param {PlanPlace} place @param {LonLat} was */
function old(place, was) {
    const spot = L.marker(latlng(was), {
        pane: "places",
        keyboard: false,
        interactive: false,
        icon: L.divIcon({ className: "place plan-old", html: "<i></i>", iconSize: [0, 0] }),
    });
    const ends = [latlng(was), latlng(place.p)];
    return [L.polyline(ends, CASING), L.polyline(ends, TRACE), spot];
}

/** What a place is, in words. @param {PlanPlace} place */
const statusOf = (place) => core.word(`plan.status.${place.planned ? "planned" : place.status}`);

/** @param {PlanPlace} place */
const tip = (place) => `<strong>${core.escape(place.name)}</strong><br>${core.escape(statusOf(place))}`;

/* ---- the card of a place -------------------------------------------------------------------------------- */

/** @typedef {{ popup: L.Overlay, back: (() => void) | null }} Card its frame, and how the map goes back when it goes away */

/** @type {string | null} Id of the place whose card is open. */
let opened = null;
/** @type {Card | null} The card that was opened last. */
let card = null;
let more = false; // whether the hours, the capacity and the spot are unfolded

/**
 * Whether the card of a place of this view is open still: somebody may have closed it, or another view may be there.
 *
 * @param {PlanPlace} place
 * @param {PlanView} view
 */
const isOpen = (place, view) => opened === place.id && markers.ids.has(place.id) && shared.view === view;

/** Close the card that is open. */
export const closeCard = () => markers.map?.closePopup();

/** The map stays where somebody put it, also when the card that pushed it aside goes away. */
export function stay() {
    if (card) card.back = null;
}

/** Small card at a marker: who goes there, whether it is open, its hours, what it can take, and where it is. @param {PlanPlace} place */
function openCard(place) {
    const map = markers.map ?? mapOfPage();
    const box = contentOf(place);
    const keep = focusInCard();
    const shown = opened === place.id && card && map.hasLayer(card.popup) ? card : newCard(place.id, map);
    opened = place.id;
    shown.popup.setLatLng(latlng(place.p)).setContent(box);
    if (!map.hasLayer(shown.popup)) {
        map.closePopup(); // another card, whose map goes back to where it was
        shown.back = wayBack();
        shown.popup.openOn(map);
    }
    card = shown;
    /** @type {HTMLElement | null} */
    const field = keep ? box.querySelector(keep) : null;
    field?.focus();
}

/** @param {PlanPlace} place */
function contentOf(place) {
    const shut = place.status === "closed" || place.planned === true;
    const children = forms.number(place.births, 0);
    const words = core.word(shut ? "plan.place.nobody" : "plan.place.nearest", { n: children });
    const was = place.before === null ? children : forms.number(place.before, 0);
    const before = was === children && !shut ? "" : core.word("plan.place.before", { n: was });
    const power = made(
        "button",
        { type: "button", role: "switch", "aria-checked": String(!shut), class: "switch", "data-card": shut ? "open" : "close" },
        made("span", { class: "knob", "aria-hidden": "true" }),
        core.word(shut ? "plan.place.closed" : "plan.place.open")
    );
    const details = made("details", { open: more }, made("summary", {}, core.word("plan.place.more")), fields(place));
    const box = made(
        "div",
        { class: "place-card", role: "dialog", "aria-label": place.name, "data-id": place.id },
        made("p", { class: "place-name" }, place.name),
        made("p", { class: "help" }, statusOf(place)),
        made("p", { class: "place-births" }, made("b", {}, shut ? "" : children), ` ${words} `, made("span", { class: "help" }, before)),
        place.status === "new" ? null : power,
        place.status === "closed" ? null : details,
        actions(place)
    );
    details.addEventListener("toggle", () => {
        more = details.open;
        card?.popup.update();
    });
    return box;
}

/** @param {string} id @param {L.Map} map @returns {Card} */
function newCard(id, map) {
    const narrow = map.getSize().x < 700;
    /** @type {Card} */
    const made = {
        back: null,
        popup: L.popup({
            className: "place-popup",
            minWidth: 236,
            maxWidth: 260,
            closeButton: false,
            autoPanPaddingTopLeft: narrow ? [8, 52] : [260, 16],
            autoPanPaddingBottomRight: narrow ? [52, 60] : [190, 16],
            offset: [0, -4],
        }),
    };
    made.popup.on("remove", () => {
        if (opened === id && card === made) opened = null;
        made.back?.();
    });
    return made;
}

/** What has the focus inside the open card, so that it can keep it when the card is made anew. */
function focusInCard() {
    const active = document.activeElement;
    if (!(active instanceof HTMLElement) || !active.closest(".place-card")) return "";
    if (active.dataset.field) return `[data-field="${active.dataset.field}"]`;
    return active.dataset.card ? "[data-card]" : "button";
}

/** @param {PlanPlace} place */
function fields(place) {
    const numbers = /** @type {const} */ (["hours", "capacity"]).map((name) =>
        made(
            "label",
            {},
            made("span", {}, core.word(`plan.place.${name}`)),
            made("input", {
                type: "number",
                min: "0",
                step: "any",
                inputmode: "decimal",
                value: place[name],
                placeholder: "–",
                "data-field": name,
            })
        )
    );
    const spot = made(
        "label",
        { class: "wide" },
        made("span", {}, core.word("plan.place.spot")),
        made("input", {
            type: "text",
            value: `${place.p[1].toFixed(5)}, ${place.p[0].toFixed(5)}`,
            "data-field": "spot",
            spellcheck: "false",
        })
    );
    return made("div", { class: "place-fields" }, ...numbers, spot);
}

/** @param {PlanPlace} place */
function actions(place) {
    const buttons = [];
    if (place.status === "new") buttons.push(["close", "plan.place.remove"]);
    if (place.was) buttons.push(["back", "plan.place.back"]);
    if (place.status !== "closed") buttons.push(["reach", isGroundOf(place.id) ? "plan.place.no_reach" : "plan.place.reach"]);
    buttons.push(["done", "plan.place.done"]);
    return made(
        "div",
        { class: "place-actions" },
        ...buttons.map(([name, key]) => made("button", { type: "button", class: "quiet-button", "data-card": name }, core.word(key)))
    );
}

/** Id of the place whose card something is in. @param {HTMLElement} part */
function placeOfCard(part) {
    /** @type {HTMLElement | null} */
    const box = part.closest(".place-card");
    return box?.dataset.id ?? "";
}

/** A button of a card was pressed. @param {Event} event */
export function onCard(event) {
    const button = around(event, ".place-card [data-card]");
    if (!button) return;
    const id = placeOfCard(button);
    const what = button.dataset.card ?? "";
    if (what === "done") {
        closeCard();
        return;
    }
    if (what === "reach") {
        const view = planView();
        const place = view?.plan.places.find((one) => one.id === id);
        if (view && place) toggleGround(place, view);
        return;
    }
    if (what === "close" && button.getAttribute("role") !== "switch") closeCard();
    planDo({ do: what, id });
}

/** A field of a card was filled in. @param {Event} event */
export function onField(event) {
    const field = around(event, ".place-card [data-field]");
    if (!(field instanceof HTMLInputElement)) return;
    const id = placeOfCard(field);
    const name = field.dataset.field ?? "";
    if (name === "spot") {
        const point = pointIn(field.value);
        if (point) planDo({ do: "move", id, ...point });
        else tell("plan-told", core.word("plan.no_point"));
        return;
    }
    planDo({ do: name, id, value: field.value === "" ? null : Number(field.value) });
}

/** Open the card of a place that was chosen from the list, and put the focus in it. @param {string | null} id */
export function planPick(id) {
    const place = id && planView()?.plan.places.find((one) => one.id === id);
    if (!place) return window.dash_clientside.no_update;
    const map = markers.map ?? mapOfPage();
    if (!map.getBounds().pad(-0.1).contains(latlng(place.p))) map.panTo(latlng(place.p), { animate: false });
    openCard(place);
    first(".place-card button, .place-card input")?.focus();
    return null;
}
