/*
 * Barriers on the map: stretches of river, canal, railway and motorway that cut births off from the nearest place, the
 * heavier the more, and a list of them. Where barriers are asked for and cannot be told, the list says so.
 */

/** @import { View } from "./types" */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { points } from "./ground.mjs";
import * as forms from "./numbers.mjs";
import { pick } from "./selection.mjs";
import { tokens } from "./tokens.mjs";

const { colours } = tokens;
const PANE = "barriers";
const MIN_PIXELS = 2.5;
const MAX_PIXELS = 11;
const LISTED = 8;
const FORMATS = ["xlsx", "csv", "geojson", "gpkg"];

/**
 * @typedef {[string, string, number, number]} Zone id, name, births, extra minutes
 * @typedef {{ name: string, kind: string, births: number, minutes: number, zones: Zone[], stretches: [number, number[][]][] }} Barrier
 * @typedef {{ unit: number, most: number, barriers: Barrier[] }} Barriers
 */

/** @type {any} */
let map = null;
/** @type {any} */
let group = null;
/** @type {string | null} What is drawn, or on its way. */
let asked = null;
/** @type {HTMLElement | null} */
let card = null;

/**
 * Width of a stretch, its births being the share that they are of those of the heaviest.
 *
 * @param {number} births
 * @param {number} most
 */
export const weight = (births, most) =>
    most > 0 ? MIN_PIXELS + (MAX_PIXELS - MIN_PIXELS) * Math.sqrt(Math.min(1, Math.max(0, births) / most)) : MIN_PIXELS;

/** @param {L.Map} leaflet the map that was made */
export function attach(leaflet) {
    map = leaflet;
    group = asked = card = null;
}

/**
 * Show the barriers of a view, or take them away.
 *
 * @param {View} view
 * @param {string[]} layers
 */
export function show(view, layers) {
    const wanted = layers.includes("barriers");
    const address = wanted ? (view.barriers ? `${view.barriers.path}.json${view.barriers.question}` : "") : null;
    if (address === asked) return;
    clear();
    asked = address;
    if (address === null) return;
    if (address === "") {
        list(view, null, "barriers.no_streets");
        return;
    }
    list(view, null, "barriers.searching");
    connection.load(address).then(
        (/** @type {Barriers} */ data) => {
            if (asked === address) drawAll(view, data);
        },
        () => {
            if (asked === address) list(view, null, "barriers.failed");
        }
    );
}

function clear() {
    if (group) group.remove();
    if (card) card.remove();
    group = card = null;
}

/** @param {View} view @param {Barriers} data */
function drawAll(view, data) {
    const renderer = L.svg({ pane: PANE });
    group = L.layerGroup();
    for (const barrier of data.barriers) {
        for (const [births, lines] of barrier.stretches) {
            const path = lines.map((line) => points(line, data.unit));
            const look = { pane: PANE, renderer, lineCap: "round" };
            const wide = weight(births, data.most);
            L.polyline(path, { ...look, color: colours.paper, weight: wide + 3, opacity: 0.9, interactive: false }).addTo(group);
            L.polyline(path, { ...look, color: colours.moved, weight: wide, opacity: 0.9 })
                .bindTooltip(tip(barrier, births), { className: "zone-tip", sticky: true })
                .on("click", () => pick(barrier.zones[0][0]))
                .addTo(group);
        }
    }
    group.addTo(map);
    list(view, data, data.barriers.length ? "" : "barriers.none");
}

/** @param {Barrier} barrier @param {number} births */
function tip(barrier, births) {
    const words = core.word("barriers.tip", { births: forms.number(births, births < 10 ? 1 : 0), minutes: forms.minutes(barrier.minutes) });
    return `<strong>${core.escape(barrier.name)}</strong><br>${core.escape(words)}`;
}

/**
 * The list beside the map.
 *
 * @param {View} view
 * @param {Barriers | null} data
 * @param {string} said key of what is said instead of rows
 */
function list(view, data, said) {
    if (card) card.remove();
    const holder = document.getElementById("map-own");
    if (!holder) return;
    const box = document.createElement("details");
    box.className = "barrier-card";
    box.open = window.innerWidth > 900;
    const rows = data ? data.barriers.slice(0, LISTED).map(row).join("") : "";
    const heads = ["barriers.name", "barriers.births", "barriers.minutes"].map(
        (key) => `<th scope="col">${core.escape(core.word(key))}</th>`
    );
    const files = view.barriers ? FORMATS.map(linkTo(view.barriers)).join("") : "";
    box.innerHTML =
        `<summary>${core.escape(core.word("barriers.title"))}</summary>` +
        (said ? `<p class="help" role="status">${core.escape(core.word(said))}</p>` : "") +
        (rows ? `<table><thead><tr>${heads.join("")}</tr></thead><tbody>${rows}</tbody></table>` : "") +
        (rows ? `<p class="help">${core.escape(core.word("barriers.help"))}</p><p class="barrier-files">${files}</p>` : "");
    box.addEventListener("click", (event) => {
        const button = /** @type {HTMLElement} */ (event.target).closest("[data-barrier]");
        if (button && data) goTo(data, data.barriers[Number(/** @type {HTMLElement} */ (button).dataset.barrier)]);
    });
    holder.append(box);
    card = box;
}

/** Link to the table in a format. @param {{ path: string, question: string }} address @returns {(form: string) => string} */
const linkTo =
    ({ path, question }) =>
    (form) =>
        `<a download href="${core.escape(`${core.base}${path}.${form}${question}`)}">${core.escape(core.word(`download.${form}`))}</a>`;

/** @param {Barrier} barrier @param {number} place */
function row(barrier, place) {
    const name = `<button type="button" class="link-button" data-barrier="${place}">${core.escape(barrier.name)}</button>`;
    return `<tr><th scope="row">${name}</th><td class="number">${forms.number(barrier.births, 0)}</td><td class="number">${forms.minutes(barrier.minutes)}</td></tr>`;
}

/** Bring a barrier into view. @param {Barriers} data @param {Barrier} barrier */
function goTo(data, barrier) {
    const bounds = L.latLngBounds([]);
    for (const [, lines] of barrier.stretches) for (const line of lines) for (const point of points(line, data.unit)) bounds.extend(point);
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [60, 60], maxZoom: 14 });
}

/** Stretches on the map. */
export const count = () => (group ? group.getLayers().length / 2 : 0);
