/* The data page: a file that is too large is told before it is sent, and the field for it has a name. */

import * as core from "./core.mjs";
import * as forms from "./numbers.mjs";

/**
 * Say that a file is too large to be sent.
 *
 * @param {File | undefined} file
 */
function tooLarge(file) {
    const area = document.getElementById("list-area");
    if (!area || !file || file.size <= Number(area.dataset.most)) return false;
    /** @param {number} n @param {number} decimals */
    const shown = (n, decimals) => forms.number(n / 1e6, decimals, 0);
    /** @type {Record<string, string>} */
    const values = { file: file.name, size: shown(file.size, 1), most: shown(Number(area.dataset.most), 0) };
    const sentence = (area.dataset.large ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] || whole);
    const words = core.element("P", { className: "callout refusal", role: "alert" }, sentence);
    window.dash_clientside.set_props("list-review", { children: words });
    return true;
}

/** @param {Event} event */
function guard(event) {
    const { target } = event;
    const files = event instanceof DragEvent ? event.dataTransfer?.files : target instanceof HTMLInputElement ? target.files : null;
    const inside = target instanceof Element && target.closest("#list-area");
    if (!inside || !files || !tooLarge(files[0])) return;
    event.preventDefault();
    event.stopImmediatePropagation();
}

/** Name the field that takes a file: it is there for keyboards and screen readers, and comes without a name. */
function nameField() {
    for (const field of document.querySelectorAll("[data-field] input[type=file]:not([aria-label])")) {
        const named = field.closest("[data-field]");
        if (named instanceof HTMLElement) field.setAttribute("aria-label", named.dataset.field ?? "");
    }
}

new MutationObserver(nameField).observe(document.documentElement, { childList: true, subtree: true });
document.addEventListener("change", guard, true);
document.addEventListener("drop", guard, true);
