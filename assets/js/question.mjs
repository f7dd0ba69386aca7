/* The question that the controls ask: what follows from the service and the way of travelling, and what is said. */

import { shareOf } from "./address.mjs";

/**
 * @typedef {Record<string, any>} Choices choices by name, as the controls or the server have them
 *
 * @typedef {object} Usual what is usual, as the page tells it
 * @property {Record<string, number>} minutes by service
 * @property {Record<string, string>} demand children that count, by service
 * @property {Choices} defaults
 * @property {Choices} state choices that the page came with
 * @property {string} newest year
 * @property {string} base level whose borders have a year
 * @property {string} lang
 */

/**
 * What need not be said of choices: the service decides which children count where nothing else is asked.
 *
 * @param {Choices} choices
 * @param {Choices} defaults
 * @param {Pick<Usual, "demand">} usual
 */
export const usualOf = (choices, defaults, usual) => ({ ...defaults, demand: usual.demand[choices.service] ?? defaults.demand });

/**
 * The minutes that count: another service brings its own where the usual ones counted, unless the address or a plan
 * names others.
 *
 * @param {Choices} now what the controls hold
 * @param {Choices | null | undefined} before the question before
 * @param {string[]} triggered controls that changed
 * @param {Pick<Usual, "minutes">} usual
 * @param {boolean} settled whether an address or a plan says it
 */
export function minutesOf(now, before, triggered, usual, settled) {
    const another = triggered.includes("service") && before?.minutes === "" && !triggered.includes("minutes");
    return another && !settled ? usual.minutes[now.service] : now.minutes;
}

/**
 * Which children count: those of another service where those of the former one counted.
 *
 * @param {Choices} now what the controls hold
 * @param {Choices | null | undefined} before the question before
 * @param {string[]} triggered controls that changed
 * @param {Pick<Usual, "demand">} usual
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
 * @param {Choices} now what the controls hold
 * @param {{ key: string } | null | undefined} plan
 * @param {number | string | null | undefined} minutes
 * @param {Usual} usual
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
