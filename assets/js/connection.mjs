/* The way to the server: when it is gone that is told, and what was asked for is asked again once it is back. */

import * as core from "./core.mjs";
import * as notices from "./notices.mjs";
import { shared } from "./shared.mjs";

const PROBE = "assets/favicon.ico";
const FIRST_MS = 1000;
const LONGEST_MS = 20000;
const TRIES = 3; // of a request that fails while the server can be reached

const ask = window.fetch.bind(window);
/** @type {Promise<void> | null} */
let lost = null; // kept while the server cannot be reached: a promise of its return
let leaving = false; // what breaks off now breaks off because the page goes

window.addEventListener("pagehide", () => (leaving = true));
window.addEventListener("pageshow", () => (leaving = false));

/**
 * A text of the page; pages without a map have their few words beside the messages.
 *
 * @param {string} key
 * @returns {string}
 */
function word(key) {
    const config = core.configured();
    const place = document.getElementById("notice");
    const words = config ? config.words : JSON.parse((place && place.dataset.words) || "{}");
    return words[key] || "";
}

/**
 * Say that there is no connection, and what becomes of what was asked.
 *
 * @param {string} key
 */
export function tellLost(key) {
    const { element } = core;
    const title = element("Strong", {}, word("notice.offline.title"));
    const again = element("Button", { className: "button", type: "button", "data-act": "retry" }, word("notice.offline.retry"));
    window.dash_clientside.set_props("notice", {
        children: notices.message([title, element("P", {}, word(key)), element("P", {}, again)]),
    });
}

function hush() {
    if (document.querySelector('#notice [data-act="retry"]')) window.dash_clientside.set_props("notice", { children: null });
}

const reached = () =>
    ask(core.base + PROBE, { method: "HEAD", cache: "no-store" }).then(
        () => true,
        () => false
    );

/** A while, cut short by whoever presses the button, and by the browser when it finds a network. */
const pause = (/** @type {number} */ ms) =>
    new Promise((/** @type {(value?: undefined) => void} */ over) => {
        const end = (/** @type {Event} */ event) => {
            const on = event.target instanceof Element ? event.target : null;
            if (event.type === "click" && !on?.closest('[data-act="retry"]')) return;
            document.removeEventListener("click", end);
            window.removeEventListener("online", end);
            over();
        };
        document.addEventListener("click", end);
        window.addEventListener("online", end);
        setTimeout(() => end(new Event("timeout")), ms);
    });

async function comesBack() {
    for (let ms = FIRST_MS; !(await reached()); ms = Math.min(2 * ms, LONGEST_MS)) await pause(ms);
    lost = null;
    hush();
}

/** Kept once the server can be reached again. */
export const returned = () => (lost = lost || comesBack());

/**
 * Like `fetch`, but waits for the server; ``onLost`` may give an answer in its place.
 *
 * @param {RequestInfo | URL} what
 * @param {RequestInit} [options]
 * @param {() => Response | null} [onLost]
 */
export async function patient(what, options, onLost) {
    for (let tried = 1; ; tried++) {
        try {
            return await ask(what, options);
        } catch (error) {
            if (leaving || (error instanceof Error && error.name === "AbortError") || tried === TRIES) throw error;
            if (!lost && (await reached())) continue;
            const instead = onLost && onLost();
            if (instead) return instead;
            if (!shared.missed) tellLost("notice.offline.waiting");
            await returned();
            tried = 0;
        }
    }
}

/** @type {Map<string, Promise<any>>} What an address holds is for whoever reads it to say. */
const cache = new Map();

/**
 * JSON of an address of ours, fetched once; a failure is forgotten so that it can be tried again.
 *
 * @param {string} address
 */
export function load(address) {
    const before = cache.get(address);
    if (before) return before;
    const asked = patient(core.base + address).then((answer) => {
        if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
        return answer.json();
    });
    asked.catch(() => cache.delete(address));
    cache.set(address, asked);
    return asked;
}
