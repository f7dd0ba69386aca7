/*
 * Indicators that the server works out when someone asks: measures of access, and how sure a gap is. An answer is asked
 * for once and then stands in the view beside the other indicators, so that going back to it costs nothing.
 */

/** @import { Cell, Measured, TableRow, View } from "./types" */

import * as core from "./core.mjs";
import * as forms from "./numbers.mjs";
import { shared } from "./shared.mjs";

const MAX = 30;
/** @type {Map<string, Measured>} By figures, question and indicator. */
const kept = new Map();

/** Whether an indicator is worked out only when someone asks. @param {string} indicator */
export const isAsked = (indicator) => core.configured()?.asked.includes(indicator) ?? false;

/** Whether distances are known, without which there is nothing to ask. @param {View} view */
export const canAsk = (view) => view.raster.known;

/** @param {string} zones @param {Record<string, unknown>} choices @param {string} indicator */
const keyOf = (zones, choices, indicator) => JSON.stringify([zones, choices, indicator]);

/** @param {Measured} answer */
function keep(answer) {
    const { indicator, ...choices } = answer.key;
    const key = keyOf(answer.zones, choices, indicator);
    kept.delete(key);
    kept.set(key, answer);
    for (const oldest of kept.keys()) {
        if (kept.size <= MAX) break;
        kept.delete(oldest);
    }
}

/**
 * Put the answer about an indicator in a view; false while it is not there yet.
 *
 * @param {View} view
 * @param {string} indicator
 * @param {Measured | null} answer
 */
export function attach(view, indicator, answer) {
    if (answer) keep(answer);
    if (indicator in view.legends) return true;
    const found = kept.get(keyOf(view.zones.far, view.key, indicator));
    if (!found) return false;
    view.legends[indicator] = found.legend;
    view.rows[indicator] = found.values || [];
    view.classes[indicator] = found.classes || "";
    view.beside = { ...view.beside, [indicator]: found.beside || {} };
    return true;
}

/**
 * The question to put to the server; none where the answer is at hand.
 *
 * @param {View | null} view
 * @param {string} indicator
 */
export function ask(view, indicator) {
    const no = window.dash_clientside.no_update;
    if (!view || !isAsked(indicator)) return no;
    return !canAsk(view) || attach(view, indicator, null) ? no : { ...view.key, indicator };
}

/** Groups of indicators for the list of choices; what has no values cannot be chosen. @param {View} view */
export function indicators(view) {
    const config = core.config();
    const lacking = (/** @type {string} */ name) => (isAsked(name) ? !canAsk(view) || view.legends[name] === null : !view.legends[name]);
    return config.groups.map(({ label, names }) => ({
        group: label,
        items: names.map((value) => ({ value, label: core.word(`indicator.${value}`), disabled: lacking(value) })),
    }));
}

/** Sentence under a legend that says what the indicator means, folded away where room is short. @param {string} sentence */
export const explained = (sentence) =>
    core.element(
        "Details",
        { className: "legend-help" },
        core.element("Summary", {}, core.word("asked.what")),
        core.element("P", {}, sentence)
    );

/* ---- columns of the table --------------------------------------------------------------------------------- */

const BESIDE = "asked-";

/** Columns beside the indicator on the map. @param {View | null} view @returns {Record<string, Cell[]>} */
const besides = (view) => (shared.indicator && view?.beside?.[shared.indicator]) || {};

/** Whether a column of the table is one of an asked indicator, or beside it. @param {string} id */
export const isColumn = (id) => isAsked(id) || id.startsWith(BESIDE);

/** Value of such a column in a row. @param {TableRow} row @param {string} id @returns {Cell} */
export function valueOf(row, id) {
    const view = shared.rowsView;
    const values = id.startsWith(BESIDE) ? besides(view)[id.slice(BESIDE.length)] : view?.rows[id];
    return values?.[row.r] ?? null;
}

/** Value of such a column as people read it. @param {string} id @param {number | null | undefined} value */
export function written(id, value) {
    if (!id.startsWith(BESIDE)) return forms.shown(id, value);
    if (value === null || value === undefined) return "–";
    if (id === `${BESIDE}share_without`) return forms.percent(value);
    if (id === `${BESIDE}gap_probability_error`) return forms.percent(value, 1);
    return forms.number(value, id === `${BESIDE}palma` ? 1 : 2);
}

/** Whether the rows of the table have what an indicator needs. @param {string} indicator */
export const canSort = (indicator) => !isAsked(indicator) || Boolean(shared.rowsView?.legends[indicator]);

/** Columns that go with the indicator on the map, as far as they have values. @param {string} indicator */
export function columnsOf(indicator) {
    if (!isAsked(indicator)) return [];
    const known = besides(shared.rowsView);
    const some = (/** @type {string} */ name) => (known[name] || []).some((value) => value !== null);
    return [
        indicator,
        ...core
            .config()
            .beside.filter(some)
            .map((name) => BESIDE + name),
    ];
}
