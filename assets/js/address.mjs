/* Choices as an address holds them: only what differs from what is usual. */

/** @import { Choices } from "./types" */

/**
 * Search part of an address.
 *
 * @param {Choices} choices
 * @param {Choices} defaults what need not be said
 * @param {(name: string) => boolean} wanted whether the address tells a choice
 */
export function searchOf(choices, defaults, wanted) {
    const query = new URLSearchParams();
    for (const name of Object.keys(defaults).filter(wanted)) {
        const value = String(choices[name] === undefined ? "" : choices[name]);
        if (value !== String(defaults[name])) query.set(name, value);
    }
    const words = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
    return words ? `?${words}` : "?";
}

/**
 * Choices of a search part; what it does not tell is as usual.
 *
 * @param {string} search
 * @param {Choices} defaults
 * @returns {Choices}
 */
export function choicesOf(search, defaults) {
    const query = new URLSearchParams(search);
    return Object.fromEntries(Object.keys(defaults).map((name) => [name, query.get(name) ?? defaults[name]]));
}

const HALF = 50; // percent of the children in reach below which a zone has a gap, unless another is chosen

/**
 * Percentage of a share as the address holds it; the usual one where it tells none.
 *
 * @param {string} share
 */
export const percentOf = (share) => (share ? Math.round(1000 * Number(share)) / 10 : HALF);

/**
 * Share as the address holds it; empty for the usual one.
 *
 * @param {number | string | null | undefined} percent
 */
export function shareOf(percent) {
    const empty = percent === null || percent === undefined || percent === "";
    return empty || Number(percent) === HALF ? "" : String(Math.round(10 * Number(percent)) / 1000);
}
