/* Messages over the view; where they stand is up to Dash, which also takes them away. */

import * as core from "./core.mjs";

/**
 * Message over the view, as the server makes them; the page of the data has no words of its own.
 *
 * @param {any[]} content
 */
export function message(content) {
    const { element } = core;
    const sign = (/** @type {string} */ name) => element("Span", { className: `icon icon-${name}`, "aria-hidden": "true" });
    const label = core.configured()?.words["notice.close"] ?? "";
    const close = { className: "icon-button", type: "button", "data-act": "dismiss", "aria-label": label };
    const parts = [sign("warn"), element("Div", {}, ...content)];
    return element("Div", { className: "notice warn" }, ...parts, ...(label ? [element("Button", close, sign("close"))] : []));
}

/** Message of one sentence. */
export const notice = (/** @type {string} */ sentence) => message([core.element("P", {}, sentence)]);

/**
 * Say a sentence in a place for messages.
 *
 * @param {string} place id of it
 * @param {string} sentence
 */
export const tell = (place, sentence) => window.dash_clientside.set_props(place, { children: notice(sentence) });
