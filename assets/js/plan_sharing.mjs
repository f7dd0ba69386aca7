/* Keeping a plan, passing it on and taking it along: the dialogs of the page of plans. */

import * as core from "./core.mjs";
import { made, writtenIn } from "./dom.mjs";
import { planDo, planNow } from "./plan_queue.mjs";

const COPIED_MS = 1800;

/** @param {string} id @param {Record<string, unknown>} props */
const set = (id, props) => window.dash_clientside.set_props(id, props);

export function openKeep() {
    const plan = planNow();
    set("plan-keep-name", { value: plan ? plan.name : "", error: "" });
    set("plan-keep-note", { value: plan ? plan.note : "" });
    set("plan-keep-dialog", { opened: true });
}

export function keep() {
    const name = writtenIn("plan-keep-name").trim();
    const note = writtenIn("plan-keep-note").trim();
    if (name) planDo({ do: "keep", name, note });
    else set("plan-keep-name", { error: core.word("plan.keep.no_name") });
}

/** A key that goes along in an address, where there is one. @param {string} key */
export const keyInAddress = (key) => (key ? `&key=${encodeURIComponent(key)}` : "");

export function exportPlan() {
    const plan = planNow();
    if (!plan) return;
    const address = `plan/${plan.id}.json?lang=${core.config().lang}${keyInAddress(plan.key)}`;
    const link = made("a", { href: core.base + address, download: "" });
    document.body.append(link);
    link.click();
    link.remove();
}

export function openShare() {
    askShare();
    set("plan-share-dialog", { opened: true });
}

/** Ask for the links of the plan on the screen. */
export function askShare() {
    set("plan-share", { data: { at: Date.now(), base: core.base } });
}

/**
 * What cannot be taken back with the same button takes two clicks; the style sheet shows the button's other words.
 *
 * @param {HTMLElement} button
 * @param {() => void} act
 */
export function twice(button, act) {
    if (button.dataset.asked) {
        act();
        return;
    }
    button.dataset.asked = "yes";
}

/** Copy the link that a button holds. @param {HTMLElement} button */
export function copyLink(button) {
    const address = button.dataset.link ?? "";
    const copied = navigator.clipboard ? navigator.clipboard.writeText(address) : Promise.reject(new Error("none"));
    copied
        .catch(() => {
            const field = made("textarea", { class: "only-read" });
            field.value = address;
            document.body.append(field);
            field.select();
            document.execCommand("copy");
            field.remove();
        })
        .then(() => {
            button.dataset.asked = "yes";
            setTimeout(() => delete button.dataset.asked, COPIED_MS);
        });
}
