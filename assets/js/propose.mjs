/* Proposals for new places: pointing at one shows its places on the map, opening it keeps them there. */

/** @import { Proposed } from "./types" */

import * as core from "./core.mjs";
import { around, first } from "./dom.mjs";
import { shared } from "./shared.mjs";

const PANE = "proposal";
/** @type {L.LayerGroup<L.Marker> | null} */
let marks = null;
/** @type {HTMLDetailsElement | null} The proposal whose places are on the map. */
let shown = null;
let taken = false; // a proposal was taken over: none is on the map until somebody points at one

/** Places of a proposal. @param {HTMLElement} card @returns {Proposed[]} */
const placesOf = (card) => JSON.parse(card.dataset.proposal || "[]");

/** Numbered marks in a pane of their own, over everything else on the map. @param {HTMLDetailsElement | null} card */
function show(card) {
    if (card === shown) return;
    clear();
    const map = shared.map;
    if (!card || !map || !map._loaded) return;
    if (!map.getPane(PANE)) map.createPane(PANE).style.zIndex = "645";
    shown = card;
    marks = L.layerGroup(
        placesOf(card).map((place) =>
            L.marker([place.lat, place.lon], {
                pane: PANE,
                keyboard: false,
                icon: L.divIcon({ className: "proposed-mark", html: `<i>${place.n}</i>`, iconSize: [0, 0] }),
            }).bindTooltip(core.escape(place.name), { className: "zone-tip", direction: "top", offset: [0, -14] })
        )
    ).addTo(map);
}

function clear() {
    if (marks) marks.remove();
    marks = shown = null;
}

const CARD = "#propose details.propose-card";

/** @returns {HTMLDetailsElement[]} */
const cards = () => Array.from(document.querySelectorAll(CARD)).filter((card) => card instanceof HTMLDetailsElement);

/** What is on the map when nothing is pointed at: the proposal that is open. */
function showOpen() {
    show((!taken && cards().find((card) => card.open)) || null);
}

/** @param {Event} event */
function cardOf(event) {
    const card = around(event, CARD);
    return card instanceof HTMLDetailsElement ? card : null;
}

/** Bring the places of a proposal into view when one of them is not. @param {HTMLElement} card */
function reveal(card) {
    const points = placesOf(card).map((place) => /** @type {[number, number]} */ ([place.lat, place.lon]));
    const map = shared.map;
    if (!map || !points.length || points.every((point) => map.getBounds().contains(point))) return;
    map.fitBounds(L.latLngBounds(points), { padding: [60, 60], maxZoom: 12 });
}

document.addEventListener("mouseover", (event) => {
    const card = cardOf(event);
    if (card && (!taken || around(event, "summary"))) show(card);
    else if (shown && (taken || !shown.open)) showOpen();
});
document.addEventListener("focusin", (event) => {
    const card = cardOf(event);
    if (card) show(card);
});

/** One proposal is open at a time; "toggle" does not bubble, so it is caught on its way down. */
document.addEventListener(
    "toggle",
    (event) => {
        const card = cardOf(event);
        if (!card) return;
        if (card.open && taken) return; // drawn again, not opened by anyone
        if (card.open) {
            for (const other of cards()) if (other !== card) other.open = false;
            show(card);
            reveal(card);
        } else if (!cards().some((other) => other.open)) {
            clear();
        }
    },
    true
);

/** Bring a part of the panel to the top of the sidebar. @param {string} id */
function toTop(id) {
    const part = document.getElementById(id);
    const sidebar = part?.closest(".sidebar");
    if (!part || !sidebar) return;
    const top = part.getBoundingClientRect().top - sidebar.getBoundingClientRect().top + sidebar.scrollTop - 12;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    sidebar.scrollTo({ top, behavior: still ? "auto" : "smooth" });
}

const RESULT = "#propose-results > *";
/** @type {Element | true | null} Somebody asked for proposals and has not seen one yet: what stood there before, if anything. */
let awaited = null;

document.addEventListener("click", (event) => {
    const go = around(event, "#propose-go");
    if (cardOf(event) && around(event, "summary")) taken = false;
    if (go) {
        awaited = document.querySelector(RESULT) || true;
        taken = false;
        toTop("propose");
    }
    const button = around(event, "#propose [data-edits]");
    if (!button) return;
    window.dash_clientside.set_props("plan-incoming", { data: JSON.parse(button.dataset.edits || "[]") });
    taken = true; // its places are in the plan now, and on the map
    first("#propose-stopping:not(.hidden) button")?.click(); // what is still being looked for answers another question
    clear();
    toTop("plan-now");
});

/** Marks go with the proposals they belong to; the first proposal after a search comes into view. */
new MutationObserver(() => {
    if (shown && !shown.isConnected) showOpen();
    const told = awaited && document.querySelector(RESULT);
    if (!told || told === awaited) return;
    awaited = null;
    toTop("propose-progress");
    if (!shown) showOpen();
}).observe(document.documentElement, { childList: true, subtree: true });

L.Map.addInitHook(clear);

export const proposed = () => (marks ? marks.getLayers().map((mark) => mark.getLatLng()) : []);

/** What an objective means, whether it asks for a number, and whether a list is to be given. @param {string} objective @param {string} kind */
export function proposeControls(objective, kind) {
    const panel = document.getElementById("propose");
    const helps = JSON.parse(panel?.dataset.help || "{}");
    const adds = objective === "mclp" || objective === "p-median";
    return [
        helps[objective] || "",
        objective === "lscp" ? "hidden" : "propose-how-many",
        kind === "file" ? "propose-file" : "hidden",
        adds ? "propose-weighing" : "hidden",
    ];
}
