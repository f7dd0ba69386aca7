/*
 * Indicators that the server works out when someone asks: measures of access, and how sure a gap is. An answer is asked
 * for once and then stands in the view beside the other indicators, so that going back to it costs nothing.
 */

(function () {
    "use strict";

    const nabij = window.nabij;
    const MOST = 30;
    const kept = new Map(); // figures, question and indicator -> answer

    nabij.isAsked = (indicator) => Boolean(nabij.config()) && nabij.config().asked.includes(indicator);

    /** Whether distances are known, without which there is nothing to ask. */
    nabij.canAsk = (view) => view.raster.known;

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
    nabij.attach = function (view, indicator, answer) {
        keep(answer);
        if (indicator in view.legends) return true;
        const found = kept.get(keyOf(view.zones.far, view.key, indicator));
        if (!found) return false;
        view.legends[indicator] = found.legend;
        view.rows[indicator] = found.values || [];
        view.classes[indicator] = found.classes || "";
        view.beside = { ...view.beside, [indicator]: found.beside || {} };
        return true;
    };

    /** The question to put to the server; none where the answer is at hand. */
    nabij.ask = function (view, indicator) {
        const no = window.dash_clientside.no_update;
        if (!view || !nabij.isAsked(indicator)) return no;
        return !nabij.canAsk(view) || nabij.attach(view, indicator, null) ? no : { ...view.key, indicator };
    };

    /** Groups of indicators for the list of choices; what has no values cannot be chosen. */
    nabij.indicators = function (view) {
        const config = nabij.config();
        const lacking = (name) => (nabij.isAsked(name) ? !nabij.canAsk(view) || view.legends[name] === null : !view.legends[name]);
        return config.groups.map(({ label, names }) => ({
            group: label,
            items: names.map((value) => ({ value, label: nabij.word(`indicator.${value}`), disabled: lacking(value) })),
        }));
    };

    /** Sentence under a legend that says what the indicator means, folded away where room is short. */
    nabij.explained = (sentence) =>
        nabij.element(
            "Details",
            { className: "legend-help" },
            nabij.element("Summary", {}, nabij.word("asked.what")),
            nabij.element("P", {}, sentence)
        );

    /* ---- columns of the table --------------------------------------------------------------------------------- */

    const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
    const BESIDE = "asked-";

    const at = (values, params) => (values && params.data ? values[params.data.r] ?? null : null);
    const besides = (view) => (view && view.beside && view.beside[nabij.indicator]) || {};

    functions.nabijAsked = (params, name) => at(nabij.rowsView && nabij.rowsView.rows[name], params);
    functions.nabijAskedBeside = (params, name) => at(besides(nabij.rowsView)[name], params);
    functions.nabijAskedShown = (params, name) => {
        if (!name.startsWith(BESIDE)) return nabij.shown(name, params.value);
        if (params.value === null || params.value === undefined) return "–";
        if (name === `${BESIDE}share_without`) return nabij.percent(params.value);
        if (name === `${BESIDE}gap_probability_error`) return nabij.percent(params.value, 1);
        return nabij.number(params.value, name === `${BESIDE}palma` ? 1 : 2);
    };

    /** Whether the rows of the table have what an indicator needs. */
    nabij.canSort = (indicator) => !nabij.isAsked(indicator) || Boolean(nabij.rowsView && nabij.rowsView.legends[indicator]);

    /** Show the columns of the indicator on the map, and no other asked ones. */
    nabij.showAsked = function (api, indicator) {
        const { asked, beside } = nabij.config();
        const known = nabij.isAsked(indicator) ? besides(nabij.rowsView) : {};
        const some = (name) => (known[name] || []).some((value) => value !== null);
        api.setColumnsVisible(asked.filter((name) => name !== indicator), false);
        if (nabij.isAsked(indicator)) api.setColumnsVisible([indicator], true);
        for (const name of beside) api.setColumnsVisible([BESIDE + name], some(name));
        api.refreshCells({ columns: beside.map((name) => BESIDE + name), force: true });
    };

    window.dash_clientside = Object.assign({}, window.dash_clientside);
    window.dash_clientside.nabij = Object.assign({}, window.dash_clientside.nabij, {
        ask: (...all) => nabij.ask(...all),
    });
})();
