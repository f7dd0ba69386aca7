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

const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
const BESIDE = "asked-";

const at = (values, params) => (values && params.data ? (values[params.data.r] ?? null) : null);
const besides = (view) => (view && view.beside && view.beside[shared.indicator]) || {};

functions.nabijAsked = (params, name) => at(shared.rowsView && shared.rowsView.rows[name], params);
functions.nabijAskedBeside = (params, name) => at(besides(shared.rowsView)[name], params);
functions.nabijAskedShown = (params, name) => {
    if (!name.startsWith(BESIDE)) return forms.shown(name, params.value);
    if (params.value === null || params.value === undefined) return "–";
    if (name === `${BESIDE}share_without`) return forms.percent(params.value);
    if (name === `${BESIDE}gap_probability_error`) return forms.percent(params.value, 1);
    return forms.number(params.value, name === `${BESIDE}palma` ? 1 : 2);
};

/** Whether the rows of the table have what an indicator needs. */
export const canSort = (indicator) => !isAsked(indicator) || Boolean(shared.rowsView && shared.rowsView.legends[indicator]);

/** Show the columns of the indicator on the map, and no other asked ones. */
export function showAsked(api, indicator) {
    const { asked, beside } = core.config();
    const known = isAsked(indicator) ? besides(shared.rowsView) : {};
    const some = (name) => (known[name] || []).some((value) => value !== null);
    api.setColumnsVisible(
        asked.filter((name) => name !== indicator),
        false
    );
    if (isAsked(indicator)) api.setColumnsVisible([indicator], true);
    for (const name of beside) api.setColumnsVisible([BESIDE + name], some(name));
    api.refreshCells({ columns: beside.map((name) => BESIDE + name), force: true });
}
