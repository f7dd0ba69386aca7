/* Elements of the page: those that are always there, and what an event is of. */

/**
 * Element of an id that the page always has.
 *
 * @param {string} id
 */
export function byId(id) {
    const node = document.getElementById(id);
    if (!node) throw new Error(`the page has no #${id}`);
    return node;
}

/**
 * Words in a field of the page.
 *
 * @param {string} id
 */
export function writtenIn(id) {
    const field = byId(id);
    return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field.value : "";
}

/**
 * First element that fits; none where there is none.
 *
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const first = (selector) => document.querySelector(selector);

/**
 * What an event is of, or what is around it, that fits; none where there is none.
 *
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export const around = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

/**
 * Element with its attributes and what it holds; an attribute without a value is left out.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined>} attributes
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function made(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : String(value));
    }
    node.append(...children.filter((child) => child !== null));
    return node;
}
