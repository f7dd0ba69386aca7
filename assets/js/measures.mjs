/*
 * Indicators that the server works out when someone asks: measures of access, and how sure a gap is. An answer is asked
 * for once and then stands in the view beside the other indicators, so that going back to it costs nothing.
 */

import * as core from "./core.mjs";
import * as forms from "./numbers.mjs";
import { shared } from "./shared.mjs";

const MOST = 30;
const kept = new Map(); // figures, question and indicator -> answer

export const isAsked = (indicator) => Boolean(core.config()) && core.config().asked.includes(indicator);

/** Whether distances are known, without which there is nothing to ask. */
export const canAsk = (view) => view.raster.known;

const keyOf = (zones, choices, indicator) => JSON.stringify([zones, choices, indicator]);

function keep(answer) {
    if (!answer) return;
    const { indicator, ...choices } = answer.key;
    const key = keyOf(answer.zones, choices, indicator);
    kept.delete(key);
    kept.set(key, answer);
    if (kept.size > MOST) kept.delete(kept.keys().next().value);
}

/** Put the answer about an indicator in a view; false while it is not there yet. */
export function attach(view, indicator, answer) {
    keep(answer);
    if (indicator in view.legends) return true;
    const found = kept.get(keyOf(view.zones.far, view.key, indicator));
    if (!found) return false;
    view.legends[indicator] = found.legend;
    view.rows[indicator] = found.values || [];
    view.classes[indicator] = found.classes || "";
    view.beside = { ...view.beside, [indicator]: found.beside || {} };
    return true;
}

/** The question to put to the server; none where the answer is at hand. */
export function ask(view, indicator) {
    const no = window.dash_clientside.no_update;
    if (!view || !isAsked(indicator)) return no;
    return !canAsk(view) || attach(view, indicator, null) ? no : { ...view.key, indicator };
}

/** Groups of indicators for the list of choices; what has no values cannot be chosen. */
export function indicators(view) {
    const config = core.config();
    const lacking = (name) => (isAsked(name) ? !canAsk(view) || view.legends[name] === null : !view.legends[name]);
    return config.groups.map(({ label, names }) => ({
        group: label,
        items: names.map((value) => ({ value, label: core.word(`indicator.${value}`), disabled: lacking(value) })),
    }));
}

/** Sentence under a legend that says what the indicator means, folded away where room is short. */
export const explained = (sentence) =>
    core.element(
        "Details",
        { className: "legend-help" },
        core.element("Summary", {}, core.word("asked.what")),
        core.element("P", {}, sentence)
    );

/* ---- columns of the table --------------------------------------------------------------------------------- */

const BESIDE = "asked-";

const besides = (view) => (view && view.beside && view.beside[shared.indicator]) || {};

/** Whether a column of the table is one of an asked indicator, or beside it. */
export const isColumn = (id) => isAsked(id) || id.startsWith(BESIDE);

/** Value of such a column in a row. */
export function valueOf(row, id) {
    const view = shared.rowsView;
    const values = id.startsWith(BESIDE) ? besides(view)[id.slice(BESIDE.length)] : view && view.rows[id];
    return (values && values[row.r]) ?? null;
}

/** Value of such a column as people read it. */
export function written(id, value) {
    if (!id.startsWith(BESIDE)) return forms.shown(id, value);
    if (value === null || value === undefined) return "–";
    if (id === `${BESIDE}share_without`) return forms.percent(value);
    if (id === `${BESIDE}gap_probability_error`) return forms.percent(value, 1);
    return forms.number(value, id === `${BESIDE}palma` ? 1 : 2);
}

/** Whether the rows of the table have what an indicator needs. */
export const canSort = (indicator) => !isAsked(indicator) || Boolean(shared.rowsView && shared.rowsView.legends[indicator]);

/** Columns that go with the indicator on the map, as far as they have values. */
export function columnsOf(indicator) {
    if (!isAsked(indicator)) return [];
    const known = besides(shared.rowsView);
    const some = (name) => (known[name] || []).some((value) => value !== null);
    return [
        indicator,
        ...core
            .config()
            .beside.filter(some)
            .map((name) => BESIDE + name),
    ];
}
