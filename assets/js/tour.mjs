/*
 * A tour of the explorer: a card beside one part of the page after another. It takes nothing over: everything can be used
 * meanwhile, the arrow keys and Escape belong to the card only while the keyboard is in it. Loaded once somebody begins it.
 */

import * as core from "./core.mjs";
import { byId, first, made } from "./dom.mjs";
import { isSmall, show } from "./small.mjs";

/** Stops in order: words, part of the page, and what of a small screen it is on. @type {[string, string, string][]} */
const STEPS = [
    ["answer", ".answer", "map"],
    ["choices", ".sidebar", "choices"],
    ["map", ".map-wrap", "map"],
    ["legend", ".legend-card", "map"],
    ["table", "#table-region", "table"],
    ["keep", "#download-button", "table"],
    ["pages", "nav.pages", "choices"],
];

const GAP = 12; // pixels between the card and what it is about
const LARGE = 0.5; // a part that takes so much of the screen has the card on it, not beside it

let at = -1;
/** @type {HTMLElement | null} */
let opener = null;
/** @type {ResizeObserver | null} */
let sizes = null;

const holder = () => byId("tour");
const target = () => first(STEPS[at]?.[1] ?? "#no-step");

/** @param {string} act @param {string} key @param {string} look */
const button = (act, key, look) => made("button", { type: "button", class: `button ${look}`, "data-tour": act }, core.word(key));

/** The card of a step, and the frame around what it is about. */
function draw() {
    const [name] = STEPS[at];
    const last = at === STEPS.length - 1;
    const card = made(
        "div",
        { class: "tour-card", role: "dialog", tabindex: "-1", "aria-labelledby": "tour-title", "aria-describedby": "tour-text" },
        made("p", { class: "tour-place" }, core.word("tour.place", { n: at + 1, all: STEPS.length })),
        made("h2", { id: "tour-title" }, core.word(`tour.${name}`)),
        made("p", { id: "tour-text" }, core.word(`tour.${name}.text`)),
        made(
            "div",
            { class: "tour-foot" },
            last ? button("end", "tour.done", "tour-on") : button("on", "tour.on", "tour-on"),
            at ? button("back", "tour.back", "") : null
        ),
        made(
            "button",
            {
                type: "button",
                class: "icon-button tour-end",
                "data-tour": "end",
                "aria-label": core.word("tour.end"),
                title: core.word("tour.end"),
            },
            made("span", { class: "icon icon-close", "aria-hidden": "true" })
        )
    );
    holder().replaceChildren(made("div", { class: "tour-ring", "aria-hidden": "true" }), card);
    place();
    card.focus({ preventScroll: true });
}

/** Put the card beside its part, where there is room, else over its foot. */
function place() {
    const part = target();
    const card = first(".tour-card");
    const ring = first(".tour-ring");
    if (!part || !card || !ring) return;
    const { innerWidth: width, innerHeight: height } = window;
    const box = part.getBoundingClientRect();
    const [w, h] = [card.offsetWidth, card.offsetHeight];
    const large = box.width * box.height > LARGE * width * height;
    const middle = { x: (box.left + box.right - w) / 2, y: (box.top + box.bottom - h) / 2 };
    const ways = large
        ? []
        : [
              { x: middle.x, y: box.bottom + GAP },
              { x: box.right + GAP, y: middle.y },
              { x: middle.x, y: box.top - GAP - h },
              { x: box.left - GAP - w, y: middle.y },
          ];
    const inside = (/** @type {number} */ value, /** @type {number} */ end) => Math.min(Math.max(GAP, value), Math.max(GAP, end - GAP));
    const fits = ways
        .map(({ x, y }) => ({ x: inside(x, width - w), y: inside(y, height - h) }))
        .find(({ x, y }) => x >= box.right || x + w <= box.left || y >= box.bottom || y + h <= box.top);
    const { x, y } = fits ?? { x: inside(middle.x, width - w), y: inside(box.bottom - h - 4 * GAP, height - h) };
    Object.assign(card.style, { left: `${x}px`, top: `${y}px` });
    Object.assign(ring.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` });
}

/** @param {number} step */
function go(step) {
    at = Math.min(Math.max(0, step), STEPS.length - 1);
    if (isSmall()) show(STEPS[at][2]);
    target()?.scrollIntoView({ block: "nearest" });
    draw();
}

/** Begin the tour. @param {HTMLElement} from what it is begun with */
export function begin(from) {
    opener = from;
    sizes?.disconnect();
    sizes = new ResizeObserver(place);
    sizes.observe(document.documentElement);
    for (const [, selector] of STEPS) {
        const part = first(selector);
        if (part) sizes.observe(part);
    }
    go(0);
}

function end() {
    at = -1;
    sizes?.disconnect();
    holder().replaceChildren();
    if (isSmall()) show("map");
    const back = opener?.checkVisibility() ? opener : first("#part-choices");
    back?.focus();
}

/** @type {Record<string, () => void>} */
const acts = { on: () => go(at + 1), back: () => go(at - 1), end };

/** @type {Record<string, string>} */
const KEYS = { ArrowRight: "on", ArrowLeft: "back", Escape: "end" };

document.addEventListener(
    "click",
    (event) => {
        const button = event.target instanceof Element ? event.target.closest("[data-tour]") : null;
        if (!(button instanceof HTMLElement)) return;
        event.stopPropagation(); // the card lies over the page: a click on it is none on the page
        acts[button.dataset.tour ?? ""]?.();
    },
    true
);
document.addEventListener(
    "keydown",
    (event) => {
        const act = KEYS[event.key];
        const card = event.target instanceof Element ? event.target.closest(".tour-card") : null;
        if (!card || !act || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        acts[act]();
    },
    true
);
document.addEventListener("transitionend", place);
