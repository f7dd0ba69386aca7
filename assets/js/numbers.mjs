/* Numbers as people write them in the reader's language. */

import * as core from "./core.mjs";
import { tokens } from "./tokens.mjs";

const { locales, missing } = tokens;
const formats = new Map();
export function number(value, decimals) {
    if (value === null || value === undefined) return missing;
    const lang = core.config().lang;
    const key = `${lang}${decimals}`;
    if (!formats.has(key)) {
        formats.set(
            key,
            new Intl.NumberFormat(locales[lang], {
                minimumFractionDigits: decimals,
                maximumFractionDigits: decimals,
            })
        );
    }
    return formats.get(key).format(value);
}

export function percent(share, decimals) {
    if (share === null || share === undefined) return missing;
    return number(100 * share, decimals || 0) + tokens.percent[core.config().lang];
}

export function distance(metres) {
    if (metres === null || metres === undefined) return missing;
    if (Math.round(metres / 10) < 100) return `${number(Math.round(metres / 10) * 10, 0)} m`;
    return `${number(metres / 1000, 1)} km`;
}

/** Difference with its sign: ``+12``, ``−3``, ``0``. */
export function change(value, sign) {
    if (value === null || value === undefined) return missing;
    const size = number(Math.abs(value), 0);
    if (size === "0") return Math.abs(value) < 0.05 ? "0" : `${sign || (value < 0 ? "−" : "+")}<1`;
    return `${sign || (value < 0 ? "−" : "+")}${size}`;
}

/** Value of an indicator as people read it. */
export function shown(indicator, value) {
    const scale = core.config().scales[indicator];
    if (value === null || value === undefined) return missing;
    if (scale === "share" || scale === "probability") return percent(value);
    if (scale === "amount") return number(value, value ? Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value)))) : 0);
    if (scale === "distance") return distance(value);
    if (scale === "change") return change(value);
    return number(value, 0);
}
