/*
 * Presentation: one figure at a time in large letters beside the map, first the answer, then the zones that stand out.
 * The arrow keys go on and back, Escape ends it.
 */

/** @import { TableRow } from "./types" */

import * as core from "./core.mjs";
import { around, byId, made } from "./dom.mjs";
import { fit, fitView } from "./frame.mjs";
import * as forms from "./numbers.mjs";
import { highlight } from "./pointing.mjs";
import { shared } from "./shared.mjs";
import * as table from "./table.mjs";
import { indexOf } from "./zones.mjs";

const MAX = 10; // zones after the answer

let at = 0;
/** @type {HTMLElement | null} */
let opener = null;

const shell = () => byId("shell");

/** Whether one is on. */
export const isOn = () => Boolean(document.querySelector(".shell.presenting"));

/** Zones that are shown one by one, as the table ranks them. @returns {TableRow[]} */
const zones = () => table.shown().rows.slice(0, MAX);

/** @param {string} act @param {string} key @param {string} sign */
const button = (act, key, sign) =>
    made(
        "button",
        { type: "button", class: "present-button", "data-present": act, "aria-label": core.word(key), title: core.word(key) },
        sign
    );

/** What a slide says: a figure, words for it, and where. @returns {HTMLElement[]} */
function words() {
    if (at === 0) {
        const headline = byId("headline");
        const figure = headline.querySelector("strong")?.textContent ?? "";
        const rest = (headline.textContent ?? "").replace(figure, "").trim();
        return [made("p", { class: "present-name need" }, figure), made("p", { class: "present-words" }, rest)];
    }
    const row = zones()[at - 1];
    const indicator = shared.indicator || "births";
    const value = row[indicator];
    const told = indicator === "gap" ? row.why : forms.shown(indicator, typeof value === "number" ? value : null);
    const share = typeof row.share_in_reach === "number" ? forms.percent(row.share_in_reach) : "";
    return [
        made("p", { class: "present-rank" }, core.word("present.rank", { n: at })),
        made("p", { class: "present-name" }, row.name),
        made("p", { class: "present-figure" }, told),
        made("p", { class: "present-words" }, core.word(`indicator.${indicator}`)),
        ...(share && indicator !== "share_in_reach" ? [made("p", { class: "present-more" }, core.word("present.share", { share }))] : []),
    ];
}

function show() {
    const last = zones().length;
    at = Math.min(Math.max(0, at), last);
    const place = core.word("present.place", { n: at + 1, all: last + 1 });
    byId("presentation").replaceChildren(
        made("div", { class: "present-body", "aria-live": "polite" }, ...words()),
        made(
            "div",
            { class: "present-foot" },
            button("back", "present.back", "←"),
            made("span", {}, place),
            button("on", "present.on", "→"),
            button("end", "present.end", "×")
        )
    );
    const i = at ? indexOf(zones()[at - 1].id) : -1;
    highlight(at ? zones()[at - 1].id : null);
    if (i >= 0) fit([i], false);
    else fitView(false);
}

/** @param {HTMLElement} from what it is begun with */
function begin(from) {
    opener = from;
    at = 0;
    window.dash_clientside.set_props("selected", { data: "" });
    shell().classList.add("presenting");
    document.documentElement.requestFullscreen?.().catch(() => undefined); // large without it, too
    requestAnimationFrame(() => {
        show();
        byId("presentation").focus();
    });
}

function end() {
    shell().classList.remove("presenting");
    byId("presentation").replaceChildren();
    highlight(null);
    if (document.fullscreenElement) document.exitFullscreen().catch(() => undefined);
    requestAnimationFrame(() => fitView(false));
    opener?.focus();
}

/** @type {Record<string, () => void>} */
const acts = {
    on: () => {
        at++;
        show();
    },
    back: () => {
        at--;
        show();
    },
    end,
};

/** @type {Record<string, string>} */
const KEYS = {
    ArrowRight: "on",
    ArrowDown: "on",
    PageDown: "on",
    " ": "on",
    ArrowLeft: "back",
    ArrowUp: "back",
    PageUp: "back",
    Escape: "end",
};

document.addEventListener("click", (event) => {
    const begun = around(event, "#present-button");
    if (begun) begin(begun);
    const act = around(event, "[data-present]")?.dataset.present;
    if (act && isOn()) acts[act]();
});

document.addEventListener(
    "keydown",
    (event) => {
        const act = KEYS[event.key];
        if (!isOn() || !act || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === " " && around(event, "button")) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        acts[act]();
    },
    true
);

document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && isOn()) end();
});
