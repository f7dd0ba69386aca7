/* A form that asks whenever one of its fields changes: what it holds goes into the store that its markup names. */

const PLAN = "plan:";
const OF_A_PLAN = ["service", "mode", "minutes", "demand", "year"]; // what a plan decides

/**
 * Fields that say nothing while others are as they are: what a plan decides, the year of what has one year.
 *
 * @param {Record<string, string>} values of all fields by name
 * @param {string} before what the names of one side begin with
 * @returns {string[]} names of fields
 */
export function silent(values, before = "") {
    const names = (values[`${before}source`] || "").startsWith(PLAN) ? [...OF_A_PLAN] : [];
    if (values[`${before}demand`] === "births" && !names.includes("year")) names.push("year");
    return names.map((name) => before + name);
}

/** @param {HTMLFormElement} form @returns {Record<string, string>} values of all fields, silent ones too */
function valuesOf(form) {
    /** @type {Record<string, string>} */
    const values = {};
    for (const field of form.elements) {
        if ((field instanceof HTMLSelectElement || field instanceof HTMLInputElement) && field.name) values[field.name] = field.value;
    }
    return values;
}

/** @param {HTMLFormElement} form */
function hush(form) {
    const values = valuesOf(form);
    const names = new Set(["", "b_"].flatMap((before) => silent(values, before)));
    for (const field of form.elements) {
        if (field instanceof HTMLSelectElement) field.disabled = names.has(field.name);
    }
}

/** @param {HTMLFormElement} form */
function ask(form) {
    hush(form);
    window.dash_clientside.set_props(form.dataset.asks ?? "", { data: valuesOf(form) });
}

/** @param {HTMLSelectElement} to @param {HTMLSelectElement} from */
function lend(to, from) {
    const chosen = from.selectedOptions[0];
    const held = !chosen || [...to.options].some(({ value }) => value === chosen.value);
    if (!held) to.add(/** @type {HTMLOptionElement} */ (chosen.cloneNode(true)));
}

/** @param {Element | RadioNodeList | null} one @param {Element | RadioNodeList | null} other */
function change(one, other) {
    if (one instanceof HTMLSelectElement && other instanceof HTMLSelectElement) {
        const values = [one.value, other.value];
        lend(one, other);
        lend(other, one);
        [other.value, one.value] = values;
    } else if (one instanceof HTMLInputElement && other instanceof HTMLInputElement) {
        [one.value, other.value] = [other.value, one.value];
    }
}

/**
 * Change values over: of two fields that a button names, or of the two sides; what one list holds and the other does
 * not goes with it.
 *
 * @param {HTMLFormElement} form
 * @param {string} fields two names, with a comma between; empty for all of both sides
 */
function swap(form, fields) {
    const named = (/** @type {string} */ name) => form.elements.namedItem(name);
    if (fields) {
        const [one, other] = fields.split(",");
        change(named(one), named(other));
    } else for (const field of [...form.elements]) change(field, named(`b_${/** @type {HTMLInputElement} */ (field).name}`));
    ask(form);
}

const formOf = (/** @type {EventTarget | null} */ target) => {
    const form = target instanceof Element ? target.closest("form[data-asks]") : null;
    return form instanceof HTMLFormElement ? form : null;
};

document.addEventListener("change", (event) => {
    const form = formOf(event.target);
    if (form) ask(form);
});
document.addEventListener("submit", (event) => {
    if (formOf(event.target)) event.preventDefault();
});
document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-swap]") : null;
    const form = formOf(button);
    if (form && button instanceof HTMLElement) swap(form, button.dataset.swap ?? "");
});
new MutationObserver(() => {
    for (const form of document.querySelectorAll("form[data-asks]:not([data-heard])")) {
        if (!(form instanceof HTMLFormElement)) continue;
        form.dataset.heard = "yes";
        hush(form);
    }
}).observe(document.documentElement, { childList: true, subtree: true });
