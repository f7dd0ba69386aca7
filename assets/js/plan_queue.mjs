/*
 * Changes of a plan. Every one is asked of the server, one at a time, each on the version that the one before it gave;
 * the answer comes back as another plan.
 */

/** @import { Change, Chosen, Plan } from "./types" */

import * as core from "./core.mjs";
import { first } from "./dom.mjs";
import { shared } from "./shared.mjs";

/** @type {Change[]} Changes that were asked for and not yet sent. */
const waiting = [];
/** @type {string[]} Versions that were undone. */
const again = [];
/** @type {Change | null} The change that the server is busy with. */
let sent = null;
/** @type {Plan | null} The plan as the server last gave it. */
let now = null;

/** @param {string} id @param {Record<string, unknown>} props */
const set = (id, props) => window.dash_clientside.set_props(id, props);

/** The plan as the server last gave it; none before it did. */
export const planNow = () => now;

/**
 * Ask for a change; changes that come quickly wait for their turn.
 *
 * @param {Change} asked
 */
export function planDo(asked) {
    waiting.push(asked);
    send();
}

function send() {
    busy();
    const next = sent ? undefined : waiting.shift();
    if (!next) return;
    sent = { ...next, at: Date.now() + Math.random() };
    busy();
    set("plan-do", { data: sent });
}

/** While a change is being worked out the page says so: over the map, and in the panel. */
export function busy() {
    document.getElementById("shell")?.classList.toggle("plan-busy", Boolean(sent || waiting.length));
}

/** Whether a plan waits for the server; for whoever must wait for it. */
export const planBusy = () => Boolean(sent || waiting.length || (now && shared.asked && (shared.asked.plan !== now.id || !panelFollows())));

/** Whether the figures in the panel are those of what is asked. */
function panelFollows() {
    const told = first("#plan-now [data-of]");
    if (!told || !shared.asked) return false;
    const { plan, service, areas, model } = shared.asked;
    return told.dataset.of === [plan, service, areas, model].join("/");
}

/**
 * Choices that follow from a plan, as the controls have them.
 *
 * @param {Plan} plan
 */
export const planned = (plan) => ({
    mode: plan.mode,
    minutes: tenThousandths(plan.within / core.config().pace[plan.mode]),
    demand: plan.demand,
    year: plan.year || core.config().newest,
});

/** @param {number} value */
const tenThousandths = (value) => Math.round(value * 1e4) / 1e4;

/**
 * Reach and children are part of the plan: a control that says otherwise asks for a change of it.
 *
 * @param {Plan} plan
 * @param {Chosen} chosen
 * @param {string[]} triggered controls that changed
 */
export function planAsks(plan, chosen, triggered) {
    const told = planned(plan);
    if (triggered.includes("mode") && chosen.mode !== told.mode) {
        planDo({ do: "reach", mode: chosen.mode, within: null });
        return true;
    }
    if (triggered.includes("minutes") && Number(chosen.minutes) !== told.minutes) {
        const empty = chosen.minutes === "" || chosen.minutes === null;
        const metres = tenThousandths(Number(chosen.minutes) * core.config().pace[told.mode]);
        planDo({ do: "reach", mode: told.mode, within: empty ? null : metres });
        return true;
    }
    const other = chosen.demand !== told.demand || (chosen.demand !== "births" && chosen.year !== told.year);
    if ((triggered.includes("demand") || triggered.includes("year")) && other) {
        const year = chosen.demand === "births" || chosen.year === core.config().newest ? null : chosen.year;
        planDo({ do: "year", demand: chosen.demand, year });
        return true;
    }
    return false;
}

/** The controls stand as the plan is. */
export function planHeld() {
    if (!now) return;
    for (const [id, value] of Object.entries(planned(now))) set(id, { value });
}

/**
 * Another version of the plan is there: what was asked for, and the version before.
 *
 * @param {Plan} plan
 */
export function take(plan) {
    const before = now;
    const asked = sent ? sent.do : "";
    now = plan;
    if (before && before.id !== plan.id) {
        if (asked === "undo") again.push(before.id);
        else if (asked !== "redo") again.length = 0;
    }
    return { asked, before };
}

/** What was asked for is answered: the next change goes its way. */
export function next() {
    sent = null;
    send();
}

/** Whether an answer is to the change that the server is busy with. @param {{ at?: number }} answer */
export const isAwaited = (answer) => sent !== null && answer.at === sent.at;

/** Whether the server is busy with a change. */
export const isSent = () => sent !== null;

/** Steps back and forward can be taken where there are any; told again with every view, for a page is drawn in parts. */
export function steps() {
    if (!now) return;
    set("plan-step-undo", { disabled: !now.steps });
    set("plan-step-redo", { disabled: !again.length });
}

export function undo() {
    if (now && now.steps) planDo({ do: "undo" });
}

export function redo() {
    if (again.length) planDo({ do: "redo", id: again.pop() });
}
