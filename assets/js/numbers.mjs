/* Numbers and plurals as people write them in the reader's language, as `i18n/numbers.py` writes them: one table of
examples (`tests/js/number_forms.json`) is tested on both sides. */

import * as core from "./core.mjs";
import { tokens } from "./tokens.mjs";

const { locales, missing } = tokens;

/** Language of the page; a page without a configuration says it in its markup. @returns {keyof typeof locales} */
function language() {
    const configured = core.configured();
    const lang = configured ? configured.lang : document.documentElement.lang;
    return isKnown(lang) ? lang : "nl";
}

/** @param {string} lang @returns {lang is keyof typeof locales} */
const isKnown = (lang) => lang in locales;

/** Locale that numbers and dates are written in. */
export const locale = () => locales[language()];

/** @typedef {number | null | undefined} Known a number, or none */

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @type {Map<string, Intl.PluralRules>} */
const rules = new Map();

/** @param {number} value */
const finite = (value) => Number.isFinite(value);

/**
 * A tie goes to the even digit, as Python rounds.
 *
 * @param {Known} value
 * @param {number} decimals
 * @param {number} [least] decimals that are written even where they are 0; left out, all
 */
export function number(value, decimals, least) {
    if (value === null || value === undefined || !finite(value)) return missing;
    const lang = language();
    const key = `${lang}${decimals}/${least}`;
    if (!formats.has(key)) {
        const digits = {
            minimumFractionDigits: least === undefined ? decimals : least,
            maximumFractionDigits: decimals,
            roundingMode: "halfEven",
        };
        formats.set(key, new Intl.NumberFormat(locales[lang], /** @type {Intl.NumberFormatOptions} */ (digits)));
    }
    return /** @type {Intl.NumberFormat} */ (formats.get(key)).format(value);
}

/**
 * Form of a word after a number: 0 is plural in Dutch and singular in French.
 *
 * @param {number} n
 */
export function pluralForm(n) {
    const lang = language();
    if (!rules.has(lang)) rules.set(lang, new Intl.PluralRules(locales[lang]));
    return /** @type {Intl.PluralRules} */ (rules.get(lang)).select(Math.abs(n)) === "one" ? "one" : "other";
}

/**
 * Text whose word takes the form of its number: of ``<key>.one`` and ``<key>.other``.
 *
 * @param {string} key
 * @param {number} n
 * @param {Record<string, string | number>} [values]
 */
export function counted(key, n, values) {
    return core.word(`${key}.${pluralForm(n)}`, { n: number(n, 0), ...values });
}

/**
 * Share of one, as a percentage; one that is above 0 and would read as 0 is ``< 1 %``.
 *
 * @param {Known} share
 * @param {number} [decimals]
 */
export function percent(share, decimals) {
    if (share === null || share === undefined || !finite(share)) return missing;
    const least = 10 ** -(decimals || 0);
    if (share > 0 && 100 * share <= least / 2) return `<\u00a0${number(least, decimals || 0)}${tokens.percent[language()]}`;
    return number(100 * share, decimals || 0) + tokens.percent[language()];
}

/** @param {number} value */
function toEven(value) {
    const low = Math.floor(value);
    const rest = value - low;
    return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

/**
 * Distance: metres by tens below a kilometre, then kilometres with a decimal, or as many as make it exact up to two.
 *
 * @param {Known} metres
 */
export function distance(metres) {
    if (metres === null || metres === undefined || !finite(metres)) return missing;
    const tens = toEven(metres / 10) * 10;
    if (tens < 1000) return `${number(tens, 0)} m`;
    const km = metres / 1000;
    const quarter = metres % 250 === 0 && metres % 500 !== 0; // as people choose them: 3,75 km
    return `${number(km, metres % 1000 === 0 ? 0 : quarter ? 2 : 1)} km`;
}

/**
 * Time: minutes with a decimal below ten, whole above.
 *
 * @param {Known} value
 */
export function minutes(value) {
    if (value === null || value === undefined || !finite(value)) return missing;
    const tenths = toEven(value * 10) / 10;
    return `${number(value, tenths >= 10 || Number.isInteger(tenths) ? 0 : 1)} min`;
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
    if (scale === "minutes") return minutes(value);
    if (scale === "change") return change(value);
    return number(value, 0);
}
