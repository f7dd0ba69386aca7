/* Choices and the address: every view can be shared, kept and gone back to. */

import { choicesOf, percentOf, searchOf } from "./address.mjs";
import * as core from "./core.mjs";
import * as look from "./look.mjs";
import * as measures from "./measures.mjs";
import * as forms from "./numbers.mjs";
import * as planning from "./plan.mjs";
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

const PATIENCE_MS = 3000;

let last = null; // the choices as they were sent
let quiet = false; // the address is the cause of the change, not its effect

const address = (choices, defaults = core.config().defaults, wanted = isChosen) =>
    searchOf(choices, usualOf(choices, defaults, core.config()), wanted);

/** Whether a choice is made on this page; on that of a plan some follow from the plan. */
const isChosen = (name) => !(core.config().ofPlan || []).includes(name);

let pushed = {}; // everything that the address tells

look.onWrite(() => {
    if (!core.config()) return;
    quiet = true; // how somebody looks at a view is no view of its own in the history
    push({ ...pushed, ...look.values() });
    quiet = false;
});

function push(choices) {
    pushed = choices;
    const wanted = address(choices);
    document.querySelectorAll("a.language").forEach((link) => {
        link.setAttribute("href", address({ ...choices, lang: link.hreflang }));
    });
    document.querySelectorAll("a[data-onward]").forEach((link) => {
        link.setAttribute("href", link.dataset.onward + address(choices));
    });
    document.querySelectorAll("a[data-map]").forEach((link) => {
        const { ofMap, changes } = core.config();
        const indicator = changes.includes(choices.indicator) ? ofMap.indicator : choices.indicator;
        const today = { ...choices, indicator, plan: "", against: "", key: "" };
        link.setAttribute("href", `${link.dataset.map}${address(today, ofMap, () => true)}`);
    });
    const here = window.location.search || "?";
    const known = push.once;
    push.once = true;
    if (wanted === here) return;
    const path = window.location.pathname + (wanted === "?" ? "" : wanted);
    if (quiet || !known) window.history.replaceState({ nabij: true }, "", path);
    else window.history.pushState({ nabij: true }, "", path);
}

/** Go to the view of an address without loading the page again. */
export function go(search) {
    const { defaults, lang } = core.config();
    const query = new URLSearchParams(search);
    if ((query.get("lang") || defaults.lang) !== lang) {
        window.location.assign(search || "?");
        return;
    }
    const service = query.get("service") || defaults.service;
    const wanted = choicesOf(search, usualOf({ service }, defaults, core.config()));
    const value = {
        ...wanted,
        minutes: minutesOfAddress(wanted, service),
        year: wanted.year || newest(),
        show: wanted.show ? wanted.show.split(",") : [],
        only: Boolean(wanted.only),
        min_share: percentOf(wanted.min_share),
    };
    shared.moving = { value, until: performance.now() + PATIENCE_MS };
    look.take(wanted);
    if (core.config().ofPlan && value.plan !== shared.asked.plan) planning.planDo({ do: "version", id: value.plan });
    for (const [name, [id, prop]] of Object.entries(PROPS).filter(([name]) => isChosen(name))) {
        window.dash_clientside.set_props(id, { [prop]: value[name] });
    }
}

/** Minutes that an address asks for; older ones tell metres, and without either it is what is usual for the service. */
function minutesOfAddress(wanted, service) {
    const { minutes, pace } = core.config();
    if (wanted.minutes) return Number(wanted.minutes);
    return wanted.within ? toTenThousandths(Number(wanted.within) / pace[wanted.mode]) : minutes[service];
}

const toTenThousandths = (value) => Math.round(value * 1e4) / 1e4;

/** How far that is: minutes, and by what is walked or ridden metres too. */
function reachInWords(mode, minutes) {
    const distance = forms.distance(minutes * core.config().pace[mode]);
    const decimals = Number.isInteger(minutes) ? 0 : 1;
    return core.word(`rail.within.${mode}.${forms.pluralForm(minutes)}`, { n: forms.number(minutes, decimals), distance });
}

/** Put another question into the controls, and leave the rest of the view and the history as they are. */
export function goBack(question) {
    quiet = true;
    go(address({ ...pushed, ...question }));
}

function newest() {
    return core.config().newest;
}

/** Whether all controls have what an address asked for; they get it one by one. */
function arrived(moving, now) {
    const same = (name) => JSON.stringify(now[name] ?? "") === JSON.stringify(moving.value[name] ?? "");
    return performance.now() > moving.until || Object.keys(now).filter(isChosen).every(same);
}

/** What the controls hold, by name; Dash gives it by component and property. */
function chosen({ inputs }) {
    const plan = inputs["plan.data"];
    const now = Object.fromEntries(Object.entries(PROPS).map(([name, [id, prop]]) => [name, inputs[`${id}.${prop}`]]));
    return { ...now, plan: plan ? plan.id : "" };
}

/** What a callback fills, in the order in which Dash wants it; what is not named stays as it is. */
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

/** What follows from the controls, by component and property. */
function collected(now, plan, before, triggered) {
    const config = core.config();
    const { moving } = shared;
    if (moving && !arrived(moving, now)) return {};
    shared.moving = null;
    if (plan && !moving && planning.planAsks(plan, now, triggered)) return {};
    const first = !last || last.holder !== config;
    const settled = Boolean(moving || first || plan);
    const demand = demandOf(now, before, triggered, config, settled);
    const held = plan ? { ...now, ...planning.planned(plan) } : { ...now, demand };
    const minutes = minutesOf(held, before, triggered, config, settled);
    const choices = questionOf(held, plan, minutes, config);
    const { indicator } = now;
    const moved = before && (before.level !== choices.level || before.vintage !== choices.vintage);
    const zone = moved && !moving ? "" : now.zone || "";
    const same = before && !first && QUESTION.every((name) => before[name] === choices[name]);
    if (first) look.take(config.state);
    last = { holder: config };
    shared.asked = choices;
    quiet = quiet || first;
    push({
        ...choices,
        indicator,
        zone,
        borders: now.borders || "",
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
        "facilities-help.children": core.word(`rail.facilities.${now.facilities}.help`),
        ...(zone === (now.zone || "") ? {} : { "selected.data": zone }),
        "opened.data": opened(choices, zone, first, indicator),
        "model-help.children": now.model === config.defaults.model ? "" : core.word(`model.${now.model}.help`),
    };
}

/** What the sheet is to show; it follows the zone and the question, and nothing else. */
function opened(choices, zone, first, indicator) {
    const wanted = zone ? { ...choices, ...(measures.isAsked(indicator) ? { indicator } : {}), zone } : null;
    const told = JSON.stringify(wanted);
    if (!first && told === opened.told) return window.dash_clientside.no_update;
    opened.told = told;
    return wanted;
}

window.addEventListener("popstate", (event) => {
    if (!core.config()) return;
    event.stopImmediatePropagation();
    quiet = true;
    go(window.location.search);
});

document.addEventListener("click", (event) => {
    const usual = event.target.closest && event.target.closest("button[data-minutes]");
    if (usual) window.dash_clientside.set_props("minutes", { value: Number(usual.dataset.minutes) });
});

document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a.go");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
});
