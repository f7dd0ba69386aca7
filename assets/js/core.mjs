/* What every part of the page shares: the configuration, its words, and elements for Dash. */

import { shared } from "./shared.mjs";

export const base = import.meta.url.replace(/(?:modules|assets)\/[^/]*\/[^/]*$/, "");

/** @import { Config, DashElement } from "./types" */

/** @type {{ holder: HTMLElement | null, value: Config | null }} */
const read = { holder: null, value: null };

/**
 * Configuration of the page that is on the screen now; none on a page without a map.
 *
 * @returns {Config | null}
 */
export function configured() {
    const holder = document.getElementById("nabij-config");
    if (!holder) return null;
    if (holder !== read.holder) {
        read.holder = holder;
        read.value = /** @type {Config} */ (JSON.parse(holder.dataset.config || "{}"));
    }
    return read.value;
}

/** Configuration of a page with a map. */
export function config() {
    const value = configured();
    if (!value) throw new Error("the page has no #nabij-config");
    return value;
}

/** What the configuration stands in; another one for every page that Dash draws. */
export const holderOfConfig = () => read.holder;

/**
 * Text of the page, with values put in; `{who}` is whom the view counts.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function word(key, values) {
    const words = config().words[key] || key;
    return words.replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) =>
        values && name in values ? String(values[name]) : name === "who" && shared.view ? shared.view.who : whole
    );
}

/**
 * Address of what the page of the method says of a figure.
 *
 * @param {string} name of the figure there
 */
export function methodAddress(name) {
    const { lang, defaults } = config();
    return `methode${lang === defaults.lang ? "" : `?lang=${lang}`}#${name}`;
}

/**
 * Words that may stand in markup.
 *
 * @param {string} words
 */
export function escape(words) {
    const holder = document.createElement("span");
    holder.textContent = words;
    return holder.innerHTML;
}

/**
 * Element as Dash takes it.
 *
 * @param {string} type
 * @param {Record<string, unknown>} props
 * @param {...unknown} children
 * @returns {DashElement}
 */
export function element(type, props, ...children) {
    return {
        namespace: "dash_html_components",
        type,
        props: { ...props, children: children.length === 1 ? children[0] : children },
    };
}
