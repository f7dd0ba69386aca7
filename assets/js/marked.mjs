/* Zones that somebody marked, on the map or in a chart: their outlines, what they are together, and the way to a view of them. */

import { searchOf } from "./address.mjs";
import * as core from "./core.mjs";
import { made } from "./dom.mjs";
import * as forms from "./numbers.mjs";
import { usualOf } from "./question.mjs";
import * as rowsOf from "./rows.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import * as table from "./table.mjs";
import { tokens } from "./tokens.mjs";
import { drawnZones, layerOf } from "./zones.mjs";

const LONGEST = 4000; // signs of the areas that an address may name

/** @type {Set<string>} */
let marked = new Set();
/** Zones they are of: those of another level or year are others. */
let of = "";
/** @type {L.FeatureGroup | null} */
let outlines = null;
/** @type {(() => void)[]} */
const followers = [];

/** Whether a zone is marked. @param {string} id */
export const has = (id) => marked.has(id);

/** Be told when other zones are marked. @param {() => void} follower */
export const follow = (follower) => followers.push(follower);

/** Rows of the zones that are marked. */
const rows = () => table.every().filter(({ id }) => marked.has(id));

/** Mark zones, and no others. @param {Iterable<string>} ids */
export function mark(ids) {
    marked = new Set(ids);
    of = drawnZones()?.key ?? "";
    show();
}

/** Mark a zone besides the others, or no longer. @param {string} id */
export const toggle = (id) => mark(marked.has(id) ? [...marked].filter((one) => one !== id) : [...marked, id]);

function show() {
    outline();
    const card = cardOfMap();
    const chosen = rows();
    card.hidden = !chosen.length;
    if (chosen.length) card.replaceChildren(...told(chosen));
    for (const follower of followers) follower();
}

function outline() {
    outlines?.remove();
    const lines = rows().flatMap(({ i }) => {
        const layer = layerOf(i);
        const style = { pane: "focus", interactive: false, fill: true, fillColor: tokens.colours.moved, fillOpacity: 0.16 };
        return layer ? [L.polygon(layer.getLatLngs(), { ...style, color: tokens.colours.moved, weight: 2 })] : [];
    });
    outlines = lines.length ? L.featureGroup(lines) : null;
    outlines?.addTo(mapOfPage());
}

/** What the map says of the marked zones. */
function cardOfMap() {
    const there = document.getElementById("marked");
    if (there) return there;
    const card = made("div", { id: "marked", class: "marked-card", role: "status" });
    document.getElementById("map-own")?.append(card);
    card.addEventListener("click", (event) => {
        const button = event.target instanceof Element ? event.target.closest("[data-marked]") : null;
        if (!(button instanceof HTMLElement)) return;
        if (button.dataset.marked === "only") window.dash_clientside.set_props("areas", { data: areas() });
        mark([]);
    });
    return card;
}

/** The marked zones as areas of a view. */
const areas = () => [...marked].map((id) => `${shared.rowsView?.level}:${id}`).join(",");

/** Address of the page that judges the marked zones as one area, with its verdict and its dossier. */
function caseOfArea() {
    const { defaults } = core.config();
    /** @type {import("./types").Choices} */
    const choices = { ...defaults, ...shared.view?.key, areas: areas(), zone: "" };
    return `${core.base}gemeente${searchOf(choices, usualOf(choices, defaults, core.config()), () => true)}`;
}

/** @param {import("./types").TableRow[]} chosen */
function told(chosen) {
    const sums = rowsOf.together(chosen);
    const count = forms.counted("chart.marked", chosen.length, { levels: shared.rowsView?.levels ?? "" });
    const known = typeof sums.births_out_of_reach === "number";
    const figures = core.word(known ? "chart.marked.known" : "chart.marked.unknown", {
        births: forms.number(sums.births, 0),
        out: `${sums.atLeast ? "≥ " : ""}${forms.number(sums.births_out_of_reach, 0)}`,
        share: forms.percent(sums.share_in_reach),
    });
    const button = (/** @type {string} */ name) =>
        made("button", { type: "button", class: "button", "data-marked": name }, core.word(`chart.marked.${name}`));
    const verdict = () => made("a", { class: "button", href: caseOfArea(), "data-case": "" }, core.word("chart.marked.case"));
    return [
        made("p", {}, made("strong", {}, count), ` ${figures}`),
        made("div", { class: "marked-do" }, ...(areas().length <= LONGEST ? [button("only"), verdict()] : []), button("clear")),
    ];
}

table.follow(() => {
    if (!marked.size) return;
    if (of === drawnZones()?.key) show();
    else mark([]);
});
