/* The question that the controls ask: what follows from the service and the way of travelling, and what is said. */

/** @import { Choices, Chosen, Config, Plan } from "./types" */

import { shareOf } from "./address.mjs";

/**
 * What need not be said of choices: the service decides which children count where nothing else is asked.
 *
 * @param {{ service?: string }} choices
 * @param {Choices} defaults
 * @param {Pick<Config, "demand">} usual
 * @returns {Choices}
 */
export const usualOf = (choices, defaults, usual) => ({ ...defaults, demand: usual.demand[choices.service ?? ""] ?? defaults.demand });

/**
 * The minutes that count: another service brings its own where the usual ones counted, unless the address or a plan
 * names others.
 *
 * @param {Pick<Chosen, "service" | "demand" | "minutes">} now what the controls hold
 * @param {Choices | null | undefined} before the question before
 * @param {string[]} triggered controls that changed
 * @param {Pick<Config, "minutes">} usual
 * @param {boolean} settled whether an address or a plan says it
 */
export function minutesOf(now, before, triggered, usual, settled) {
    const another = triggered.includes("service") && before?.minutes === "" && !triggered.includes("minutes");
    return another && !settled ? usual.minutes[now.service] : now.minutes;
}

/**
 * Which children count: those of another service where those of the former one counted.
 *
 * @param {Pick<Chosen, "service" | "demand" | "minutes">} now what the controls hold
 * @param {Choices | null | undefined} before the question before
 * @param {string[]} triggered controls that changed
 * @param {Pick<Config, "demand">} usual
 * @param {boolean} settled whether an address or a plan says it
 * @returns {string}
 */
export function demandOf(now, before, triggered, usual, settled) {
    const another = triggered.includes("service") && before && before.demand === usual.demand[before.service];
    return another && !settled ? usual.demand[now.service] : now.demand;
}

/**
 * The question, as the server and the address have it.
 *
 * @param {Omit<Chosen, "minutes">} now what the controls hold
 * @param {Pick<Plan, "key"> | null | undefined} plan
 * @param {number | string | null | undefined} minutes
 * @param {Pick<Config, "minutes" | "newest" | "base" | "defaults" | "state" | "lang">} usual what is usual, as the page tells it
 * @returns {Choices}
 */
export function questionOf(now, plan, minutes, usual) {
    const empty = minutes === null || minutes === undefined || minutes === "";
    return {
        service: now.service,
        demand: now.demand,
        year: now.demand === "births" || now.year === usual.newest ? "" : now.year,
        mode: now.mode,
        minutes: empty || Number(minutes) === usual.minutes[now.service] ? "" : String(minutes),
        level: now.level,
        vintage: now.level === usual.base ? now.vintage : usual.defaults.vintage,
        facilities: now.facilities,
        areas: now.areas || "",
        model: now.model,
        places: usual.state.places, // lists of the user's own: they come with the page
        zones: usual.state.zones,
        plan: now.plan,
        against: now.against || "",
        key: plan ? plan.key : "",
        min_share: shareOf(now.min_share),
        classes: now.classes || usual.defaults.classes,
        lang: usual.lang,
    };
}
