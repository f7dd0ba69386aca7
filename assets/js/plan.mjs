/* The page of plans: places can be added, moved and closed on the map, and steps taken back; what Dash calls is at the end. */

/** @import { Plan, View } from "./types" */

import * as core from "./core.mjs";
import { around, byId, writtenIn } from "./dom.mjs";
import { fitView } from "./frame.mjs";
import { numbersIn, pointIn } from "./geometry.mjs";
import { tell } from "./notices.mjs";
import * as bridge from "./plan_bridge.mjs";
import { dropGround } from "./plan_ground.mjs";
import { closeCard, isOfPlan, onCard, onField, planPick, redraw, stay } from "./plan_places.mjs";
import { isAwaited, isSent, next, planDo, planHeld, redo, steps, take, undo } from "./plan_queue.mjs";
import { askShare, copyLink, exportPlan, keep, keyInAddress, openKeep, openShare, twice } from "./plan_sharing.mjs";
import { shared } from "./shared.mjs";

const BOTH_ENDS = 4; // numbers that tell both ends of a bridge
const REFRAMED_MS = 80; // the frame of the map has its new width by then

/** @param {string} id @param {Record<string, unknown>} props */
const set = (id, props) => window.dash_clientside.set_props(id, props);
const onPage = () => Boolean(document.querySelector(".plan-shell"));

/* ---- answers -------------------------------------------------------------------------------------------- */

/** Another version of the plan is there. @param {Plan | null} plan */
function arrived(plan) {
    if (!plan || !plan.id) return;
    const { asked, before } = take(plan);
    if (asked === "keep") {
        set("plan-keep-dialog", { opened: false });
        if (before && before.id === plan.id && shared.view) set("view", { data: { ...shared.view } }); // the panel says so
    }
    if (asked === "share" || asked === "withdraw") askShare();
    if (asked === "duplicate") {
        window.location.assign(`plannen?plan=${plan.id}&lang=${core.config().lang}${keyInAddress(plan.onward)}`);
        return;
    }
    planHeld();
    steps();
    next();
}

/** The server could not do what was asked, or it changed nothing. @param {{ at?: number, done?: boolean } | null} answer */
function planAnswered(answer) {
    if (answer && isAwaited(answer)) settle(Boolean(answer.done));
}

/** @param {boolean} done */
function settle(done) {
    planHeld();
    if (!done) redraw();
    next();
}

/** The server refused to answer: what was asked for is not waited for any longer. */
export function planRefused() {
    if (isSent()) settle(false);
}

/* ---- adding --------------------------------------------------------------------------------------------- */

/** @param {boolean} on @param {string} modes of a bridge that is drawn instead of a place */
function add(on, modes = "") {
    bridge.draw(on ? modes : "");
    shared.adding = on;
    byId("shell").classList.toggle("adding", on);
    set("plan-add", { "aria-pressed": String(on && !modes) });
    if (on) closeCard();
}

L.Map.addInitHook(function () {
    this.on("dragstart zoomstart", stay);
    this.on("click", ({ latlng }) => {
        if (!shared.adding) return;
        if (bridge.isDrawing()) {
            if (bridge.end(latlng)) add(false);
            return;
        }
        add(false);
        planDo({ do: "add", lat: latlng.lat, lon: latlng.lng });
    });
});

function byHand() {
    const point = pointIn(writtenIn("plan-spot"));
    const ends = numbersIn(writtenIn("plan-spot"));
    if (ends.length === BOTH_ENDS) {
        const [lat, lon, to_lat, to_lon] = ends;
        planDo({ do: "bridge", lat, lon, to_lat, to_lon, modes: "walk,bike" });
        set("plan-spot", { value: "" });
    } else if (point) {
        planDo({ do: "add", ...point });
        set("plan-spot", { value: "" });
    } else tell("plan-told", core.word("plan.no_point"));
}

/* ---- what happens on the page --------------------------------------------------------------------------- */

/** Keep or throw away a plan of the list. @param {HTMLElement} button @param {"forget" | "restore"} what */
const inList = (button, what) => set("plan-forget", { data: { id: button.dataset.id, what, at: Date.now() } });

/** @type {Record<string, (button: HTMLElement) => unknown>} What the buttons of the page do. */
const ACTS = {
    add: () => add(!shared.adding),
    bridge: ({ dataset }) => add(dataset.modes !== bridge.drawnFor(), dataset.modes),
    undo,
    redo,
    "by-hand": byHand,
    "ground-off": dropGround,
    compare: () => compare(!(shared.asked && shared.asked.against)),
    "compare-close": () => compare(false),
    link: openShare,
    "share-make": () => planDo({ do: "share" }),
    "share-withdraw": (button) => twice(button, () => planDo({ do: "withdraw" })),
    "copy-link": copyLink,
    keep: openKeep,
    "keep-do": keep,
    export: exportPlan,
    duplicate: (button) => planDo({ do: "duplicate", id: button.dataset.id, name: button.dataset.name }),
    forget: (button) => twice(button, () => inList(button, "forget")),
    restore: (button) => inList(button, "restore"),
    drop: (button) => planDo({ do: "drop", nr: Number(button.dataset.at) }),
    show: (button) => planPick(button.dataset.id ?? ""),
};

let looked = ""; // what the map showed before the comparison

/** @param {boolean} on */
function compare(on) {
    set("against", { data: on ? "today" : "" });
    const change = "reach_change";
    if (on) looked = shared.indicator === change ? "" : shared.indicator || "";
    if (on) set("indicator", { value: change });
    else if (looked && shared.indicator === change) set("indicator", { value: looked });
}

document.addEventListener("click", (event) => {
    if (!onPage()) return;
    const button = around(event, "[data-plan]");
    const act = button && ACTS[button.dataset.plan ?? ""];
    if (button && act) act(button);
    onCard(event);
});
document.addEventListener("change", (event) => onPage() && onField(event));
document.addEventListener(
    "keydown",
    (event) => {
        if (!onPage()) return;
        if (event.key === "Escape" && shared.adding) {
            add(false);
            event.preventDefault();
            return;
        }
        if (event.key === "Escape" && document.querySelector(".place-card")) {
            closeCard();
            event.preventDefault();
            return;
        }
        if (event.key === "Enter" && around(event, "#plan-spot")) byHand();
        if (around(event, "input, textarea, select") || !(event.ctrlKey || event.metaKey)) return;
        const key = event.key.toLowerCase();
        if (key === "z" && !event.shiftKey) undo();
        else if (key === "y" || (key === "z" && event.shiftKey)) redo();
        else return;
        event.preventDefault();
    },
    true
);

/** The frame of the map became another one: show what it is about. @param {View} view */
function reframe(view) {
    const { map } = shared;
    if (shared.view !== view || !map) return;
    stay();
    map.closePopup();
    map.invalidateSize({ animate: false });
    fitView(false);
}

/** Places to choose from: those in the area of the view. @param {View | null} view */
function planPlaces(view) {
    steps();
    if (!view || !isOfPlan(view)) return window.dash_clientside.no_update;
    const { classList } = byId("shell");
    const before = classList.contains("comparing");
    classList.toggle("comparing", Boolean(view.plan.against));
    if (before !== classList.contains("comparing")) setTimeout(() => reframe(view), REFRAMED_MS);
    return view.plan.places
        .filter((place) => place.here)
        .map((place) => ({ value: place.id, label: place.name }))
        .sort((a, b) => a.label.localeCompare(b.label));
}

/** Add a place in the middle of the children of a municipality. @param {string | null} municipality */
function planMunicipality(municipality) {
    if (!municipality) return window.dash_clientside.no_update;
    planDo({ do: "add", municipality });
    return null;
}

/** What the plan stands beside. @param {string | null} against */
function planAgainst(against) {
    const same = !against || !shared.asked || shared.asked.against === against;
    return same ? window.dash_clientside.no_update : against;
}

/** Edits of a proposal that is taken over, as one step. @param {unknown[] | null} edits */
function planIncoming(edits) {
    if (edits && edits.length) planDo({ do: "incoming", edits });
}

/** A callback with an output, because Dash calls no other when a page is put in. @param {Plan | null} plan */
function planArrived(plan) {
    arrived(plan);
    return plan ? plan.id : "";
}

/** What Dash calls of the page of plans. */
export const callbacks = { planArrived, planAnswered, planPlaces, planPick, planIncoming, planMunicipality, planAgainst };
