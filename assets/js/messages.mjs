/* A question that the server refuses: its sentence is shown where errors stand, and what waits for the answer goes on. */

/** @import { Choices } from "./types" */

import * as connection from "./connection.mjs";
import * as notices from "./notices.mjs";
import { planRefused } from "./plan.mjs";
import { planHeld } from "./plan_queue.mjs";
import { shared } from "./shared.mjs";
import * as choosing from "./state.mjs";

const CALLBACKS = "_dash-update-component";
const LONGEST = 400;

/** @param {string} sentence */
function show(sentence) {
    const place = document.getElementById("plan-told") ? "plan-told" : "notice";
    if (document.getElementById(place)) notices.tell(place, sentence);
}

/** Whether what is asked of the server is a change of a plan. @param {unknown} body */
const asksOfPlan = (body) => String(body).includes('"plan-do"');

/**
 * What Dash gets to see of an answer: of a refusal that was told, that there is nothing to change.
 *
 * @param {Response} answer
 * @param {unknown} body of the question
 */
async function told(answer, body) {
    if (answer.status < 400 || !(answer.headers.get("Content-Type") || "").startsWith("text/plain")) return answer;
    const sentence = (await answer.text()).trim();
    show(sentence.slice(0, LONGEST));
    if (asksOfPlan(body)) planRefused();
    return NOTHING();
}

const NOTHING = () => new Response(null, { status: 204 });

/**
 * Choices of a question to the server; null for anything else that is asked of it.
 *
 * @param {unknown} body
 * @returns {Choices | null}
 */
function choicesIn(body) {
    const asked = typeof body === "string" && body.includes("view.data") ? JSON.parse(body) : null;
    return asked && asked.output.includes("view.data") ? asked.inputs[0].value : null;
}

/**
 * The server is gone. A question is taken back, so that controls, address, sentence and map stay one; it is asked
 * again later. Anything else just waits.
 *
 * @param {unknown} body
 */
function taken(body) {
    const choices = choicesIn(body);
    const { view } = shared;
    if (!choices || !view || choices.plan !== view.key.plan) {
        if (asksOfPlan(body)) planHeld();
        return null;
    }
    if (JSON.stringify(choices) === JSON.stringify(view.key)) return NOTHING(); // its answer is on the screen
    shared.missed = choices;
    connection.tellLost("notice.offline");
    choosing.goBack(view.key);
    connection.returned().then(() => {
        const { missed } = shared;
        shared.missed = null;
        if (missed) choosing.goBack(missed);
    });
    return NOTHING();
}

/** Hear of every question that Dash puts to the server, and of every answer. */
export function listen() {
    const plain = window.fetch.bind(window);
    window.fetch = (what, options) => {
        if (!(what instanceof Request ? what.url : String(what)).includes(CALLBACKS)) return plain(what, options);
        const body = options && options.body;
        return connection.patient(what, options, () => taken(body)).then((answer) => told(answer, body));
    };
}
