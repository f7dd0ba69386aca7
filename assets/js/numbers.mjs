/* Numbers as people write them in the reader's language. */

import * as core from "./core.mjs";
import { tokens } from "./tokens.mjs";

const { locales, missing } = tokens;

/** @returns {keyof typeof locales} */
const language = () => core.config().lang;

/** @typedef {number | null | undefined} Known a number, or none */

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * @param {Known} value
 * @param {number} decimals
 */
export function number(value, decimals) {
    if (value === null || value === undefined) return missing;
    const lang = language();
    const key = `${lang}${decimals}`;
    if (!formats.has(key)) {
        const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
        formats.set(key, new Intl.NumberFormat(locales[lang], digits));
    }
    return /** @type {Intl.NumberFormat} */ (formats.get(key)).format(value);
}

/**
 * Share of one, as a percentage.
 *
 * @param {Known} share
 * @param {number} [decimals]
 */
export function percent(share, decimals) {
    if (share === null || share === undefined) return missing;
    return number(100 * share, decimals || 0) + tokens.percent[language()];
}

/** @param {Known} metres */
export function distance(metres) {
    if (metres === null || metres === undefined) return missing;
    if (Math.round(metres / 10) < 100) return `${number(Math.round(metres / 10) * 10, 0)} m`;
    return `${number(metres / 1000, 1)} km`;
}

/**
 * Difference with its sign: ``+12``, ``−3``, ``0``.
 *
 * @param {Known} value
 * @param {string} [sign]
 */
export function change(value, sign) {
    if (value === null || value === undefined) return missing;
    const size = number(Math.abs(value), 0);
    if (size === "0") return Math.abs(value) < 0.05 ? "0" : `${sign || (value < 0 ? "−" : "+")}<1`;
    return `${sign || (value < 0 ? "−" : "+")}${size}`;
}

/**
 * Value of an indicator as people read it.
 *
 * @param {string} indicator
 * @param {Known} value
 */
export function shown(indicator, value) {
    const scale = core.config().scales[indicator];
    if (value === null || value === undefined) return missing;
    if (scale === "share" || scale === "probability") return percent(value);
    if (scale === "amount") return number(value, value ? Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value)))) : 0);
    if (scale === "distance") return distance(value);
    if (scale === "change") return change(value);
    return number(value, 0);
}
