/* Choices and the address: every view can be shared, kept and gone back to. */

/** @import { Choices, Chosen, Plan } from "./types" */

import { choicesOf, percentOf, searchOf } from "./address.mjs";
import * as core from "./core.mjs";
import { around } from "./dom.mjs";
import * as look from "./look.mjs";
import * as measures from "./measures.mjs";
import * as forms from "./numbers.mjs";
import { planAsks, planDo, planned } from "./plan_queue.mjs";
import { demandOf, minutesOf, questionOf, usualOf } from "./question.mjs";
import { shared } from "./shared.mjs";

const QUESTION = [
    "service",
    "demand",
    "year",
    "mode",
    "minutes",
    "level",
    "vintage",
    "facilities",
    "areas",
    "model",
    "min_share",
    "plan",
    "against",
    "key",
    "classes",
];

/** @type {Record<Exclude<keyof Chosen, "plan">, [string, string]>} Component and property of what the controls hold. */
const PROPS = {
    service: ["service", "value"],
    demand: ["demand", "value"],
    year: ["year", "value"],
    mode: ["mode", "value"],
    minutes: ["minutes", "value"],
    level: ["level", "value"],
    vintage: ["vintage", "value"],
    facilities: ["facilities", "value"],
    areas: ["areas", "data"],
    indicator: ["indicator", "value"],
    zone: ["selected", "data"],
    show: ["show", "value"],
    only: ["only-gaps", "checked"],
    model: ["model", "value"],
    against: ["against", "data"],
    min_share: ["min-share", "value"],
    classes: ["classes", "value"],
    borders: ["borders", "value"],
};

/** What has a control. */
const CONTROLS = /** @type {(keyof typeof PROPS)[]} */ (Object.keys(PROPS));

/** @type {(keyof Chosen)[]} What is held: a plan has no control of its own. */
const HELD = [...CONTROLS, "plan"];

const PATIENCE_MS = 3000;

/** @type {unknown} */
let page = null; // the configuration of the page whose choices were sent
let quiet = false; // the address is the cause of the change, not its effect

/**
 * Choices as an address tells them.
 *
 * @param {Choices} choices
 * @param {Choices} defaults
 * @param {(name: string) => boolean} wanted
 */
const address = (choices, defaults = core.config().defaults, wanted = isChosen) =>
    searchOf(choices, usualOf(choices, defaults, core.config()), wanted);

/** Whether a choice is made on this page; on that of a plan some follow from the plan. @param {string} name */
const isChosen = (name) => !(core.config().ofPlan || []).includes(name);

/** @type {Choices} */
let pushed = {}; // everything that the address tells
let known = false; // whether the history knows this view

look.onWrite(() => {
    if (!core.configured()) return;
    quiet = true; // how somebody looks at a view is no view of its own in the history
    push({ ...pushed, ...look.values() });
    quiet = false;
});

/** @param {string} selector @returns {HTMLAnchorElement[]} */
const links = (selector) => Array.from(document.querySelectorAll(selector)).filter((link) => link instanceof HTMLAnchorElement);

/** @param {Choices} choices */
function push(choices) {
    pushed = choices;
    const wanted = address(choices);
    for (const link of links("a.language")) link.setAttribute("href", address({ ...choices, lang: link.hreflang }));
    for (const link of links("a[data-onward]")) link.setAttribute("href", link.dataset.onward + address(choices));
    const { ofMap, changes } = core.config();
    if (ofMap && changes) {
        const indicator = changes.includes(choices.indicator) ? ofMap.indicator : choices.indicator;
        const today = { ...choices, indicator, plan: "", against: "", key: "" };
        for (const link of links("a[data-map]")) link.setAttribute("href", link.dataset.map + address(today, ofMap, () => true));
    }
    const here = window.location.search || "?";
    const first = !known;
    known = true;
    if (wanted === here) return;
    const path = window.location.pathname + (wanted === "?" ? "" : wanted);
    if (quiet || first) window.history.replaceState({ nabij: true }, "", path);
    else window.history.pushState({ nabij: true }, "", path);
}

/** Go to the view of an address without loading the page again. @param {string} search */
export function go(search) {
    const { defaults, lang } = core.config();
    const query = new URLSearchParams(search);
    if ((query.get("lang") || defaults.lang) !== lang) {
        window.location.assign(search || "?");
        return;
    }
    const service = query.get("service") || defaults.service;
    const wanted = choicesOf(search, usualOf({ service }, defaults, core.config()));
    const value = chosenBy(wanted);
    shared.moving = { value, until: performance.now() + PATIENCE_MS };
    look.take(wanted);
    if (core.config().ofPlan && value.plan !== shared.asked?.plan) planDo({ do: "version", id: value.plan });
    for (const name of CONTROLS.filter(isChosen)) {
        const [id, prop] = PROPS[name];
        window.dash_clientside.set_props(id, { [prop]: value[name] });
    }
}

/** What the controls are to hold for choices of an address. @param {Choices} wanted @returns {Chosen} */
function chosenBy(wanted) {
    const of = (/** @type {string} */ name) => wanted[name] ?? "";
    return {
        service: of("service"),
        demand: of("demand"),
        year: wanted.year || core.config().newest,
        mode: of("mode"),
        minutes: minutesOfAddress(wanted),
        level: of("level"),
        vintage: of("vintage"),
        facilities: of("facilities"),
        areas: of("areas"),
        indicator: of("indicator"),
        zone: of("zone"),
        show: wanted.show ? wanted.show.split(",") : [],
        only: Boolean(wanted.only),
        model: of("model"),
        against: of("against"),
        min_share: percentOf(wanted.min_share),
        classes: of("classes"),
        borders: of("borders"),
        plan: of("plan"),
    };
}

/** Minutes that an address asks for; older ones tell metres, and without either it is what is usual for the service. @param {Choices} wanted */
function minutesOfAddress(wanted) {
    const { defaults, minutes, pace } = core.config();
    if (wanted.minutes) return Number(wanted.minutes);
    return wanted.within ? toTenThousandths(Number(wanted.within) / pace[wanted.mode]) : minutes[wanted.service || defaults.service];
}

/** @param {number} value */
const toTenThousandths = (value) => Math.round(value * 1e4) / 1e4;

/** How far that is: minutes, and by what is walked or ridden metres too. @param {string} mode @param {number} minutes */
function reachInWords(mode, minutes) {
    const distance = forms.distance(minutes * core.config().pace[mode]);
    const decimals = Number.isInteger(minutes) ? 0 : 1;
    return core.word(`sidebar.within.${mode}.${forms.pluralForm(minutes)}`, { n: forms.number(minutes, decimals), distance });
}

/** Put another question into the controls, and leave the rest of the view and the history as they are. @param {Choices} question */
export function goBack(question) {
    quiet = true;
    go(address({ ...pushed, ...question }));
}

/**
 * Whether all controls have what an address asked for; they get it one by one.
 *
 * @param {{ value: Chosen, until: number }} moving
 * @param {Chosen} now
 */
function arrived(moving, now) {
    const same = (/** @type {keyof Chosen} */ name) => JSON.stringify(now[name] ?? "") === JSON.stringify(moving.value[name] ?? "");
    return performance.now() > moving.until || HELD.filter(isChosen).every(same);
}

/** What the controls hold, by name; Dash gives it by component and property. @param {Dash.CallbackContext} context @returns {Chosen} */
function chosen({ inputs }) {
    const plan = inputs["plan.data"];
    const now = Object.fromEntries(CONTROLS.map((name) => [name, inputs[PROPS[name].join(".")]]));
    return /** @type {Chosen} */ ({ ...now, plan: plan ? plan.id : "" });
}

/**
 * What a callback fills, in the order in which Dash wants it; what is not named stays as it is.
 *
 * @param {Dash.Component[]} outputs
 * @param {Record<string, unknown>} found by component and property
 */
function filled(outputs, found) {
    const no = window.dash_clientside.no_update;
    return outputs.map(({ id, property }) => (`${id}.${property}` in found ? found[`${id}.${property}`] : no));
}

/** One question out of all controls; the server hears of it only when it is another one. */
export function collect() {
    const context = window.dash_clientside.callback_context;
    const triggered = (context.triggered || []).map((t) => t.prop_id.split(".")[0]);
    return filled(context.outputs_list, collected(chosen(context), context.inputs["plan.data"], context.states["choices.data"], triggered));
}

/**
 * What follows from the controls, by component and property.
 *
 * @param {Chosen} now
 * @param {Plan | null} plan
 * @param {Choices | null | undefined} before
 * @param {string[]} triggered controls that changed
 * @returns {Record<string, unknown>}
 */
function collected(now, plan, before, triggered) {
    const config = core.config();
    const { moving } = shared;
    if (moving && !arrived(moving, now)) return {};
    shared.moving = null;
    if (plan && !moving && planAsks(plan, now, triggered)) return {};
    const first = page !== config;
    const settled = Boolean(moving || first || plan);
    const demand = demandOf(now, before, triggered, config, settled);
    const held = plan ? { ...now, ...planned(plan) } : { ...now, demand };
    const minutes = minutesOf(held, before, triggered, config, settled);
    const choices = questionOf(held, plan, minutes, config);
    const { indicator } = now;
    const moved = before && (before.level !== choices.level || before.vintage !== choices.vintage);
    const zone = moved && !moving ? "" : now.zone || "";
    const same = before && !first && QUESTION.every((name) => before[name] === choices[name]);
    if (first) look.take(config.state);
    page = config;
    shared.asked = choices;
    quiet = quiet || first;
    const { borders } = now;
    push({
        ...choices,
        indicator,
        zone,
        borders: borders || "",
        show: (now.show || []).join(","),
        only: now.only ? "gaps" : "",
        ...look.values(),
    });
    quiet = false;
    return {
        ...(same ? {} : { "choices.data": choices }),
        ...(minutes === now.minutes ? {} : { "minutes.value": minutes }),
        ...(held.demand === now.demand ? {} : { "demand.value": held.demand }),
        "year-choice.className": held.demand === "births" ? "year hidden" : "year",
        "vintage-choice.className": now.level === core.config().base ? "stack" : "stack hidden",
        ...(choices.vintage === now.vintage ? {} : { "vintage.value": choices.vintage }),
        "minutes-help.children": reachInWords(held.mode, choices.minutes === "" ? config.minutes[held.service] : Number(choices.minutes)),
        "facilities-help.children": core.word(`sidebar.facilities.${now.facilities}.help`),
        ...(zone === (now.zone || "") ? {} : { "selected.data": zone }),
        "opened.data": opened(choices, zone, first, indicator),
        "model-help.children": now.model === config.defaults.model ? "" : core.word(`model.${now.model}.help`),
    };
}

/** @type {string | undefined} What the sheet was last to show. */
let told;

/**
 * What the sheet is to show; it follows the zone and the question, and nothing else.
 *
 * @param {Choices} choices
 * @param {string} zone
 * @param {boolean} first
 * @param {string} indicator
 */
function opened(choices, zone, first, indicator) {
    const wanted = zone ? { ...choices, ...(measures.isAsked(indicator) ? { indicator } : {}), zone } : null;
    const now = JSON.stringify(wanted);
    if (!first && now === told) return window.dash_clientside.no_update;
    told = now;
    return wanted;
}

window.addEventListener("popstate", (event) => {
    if (!core.configured()) return;
    event.stopImmediatePropagation();
    const here = window.location.search || "?";
    if (!shared.moving && here === address(pushed)) return; // a link to a place on this page, such as the table
    quiet = true;
    go(window.location.search);
});

document.addEventListener("click", (event) => {
    const usual = around(event, "button[data-minutes]");
    if (usual) window.dash_clientside.set_props("minutes", { value: Number(usual.dataset.minutes) });
});

document.addEventListener("click", (event) => {
    const link = around(event, "a.go");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href") ?? "");
});
