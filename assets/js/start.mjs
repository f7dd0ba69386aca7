/* The three questions to begin with, until somebody puts them away; only this browser remembers that. */

import { around, first } from "./dom.mjs";

const KEPT = "nabij-start";
const SEEN = "seen";

function isSeen() {
    try {
        return window.localStorage.getItem(KEPT) === SEEN;
    } catch {
        return false;
    }
}

function putAway() {
    document.documentElement.dataset.start = SEEN;
    try {
        window.localStorage.setItem(KEPT, SEEN);
    } catch {
        // they are away until the page is left
    }
}

/** @type {Record<string, (from: HTMLElement) => void>} */
const acts = {
    where: () => first("#present-button")?.click(),
    tour: async (from) => (await import("./tour.mjs")).begin(from),
    close: () => first("#headline")?.focus(),
};

if (isSeen()) document.documentElement.dataset.start = SEEN;

document.addEventListener("click", (event) => {
    const chosen = around(event, "[data-begin]");
    if (!chosen) return;
    if (chosen.dataset.begin === "close") putAway();
    acts[chosen.dataset.begin ?? ""]?.(chosen);
});
