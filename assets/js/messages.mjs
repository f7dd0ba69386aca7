/* A question that the server refuses: its sentence is shown where errors stand, and what waits for the answer goes on. */

import * as connection from "./connection.mjs";
import * as notices from "./notices.mjs";
import * as planning from "./plan.mjs";
import { shared } from "./shared.mjs";
import * as choosing from "./state.mjs";

const CALLBACKS = "_dash-update-component";
const LONGEST = 400;

function show(sentence) {
    const place = document.getElementById("plan-told") ? "plan-told" : "notice";
    if (document.getElementById(place)) window.dash_clientside.set_props(place, { children: notices.notice(sentence) });
}

/** What Dash gets to see of an answer: of a refusal that was told, that there is nothing to change. */
async function told(answer, body) {
    if (answer.status < 400 || !(answer.headers.get("Content-Type") || "").startsWith("text/plain")) return answer;
    const sentence = (await answer.text()).trim();
    show(sentence.slice(0, LONGEST));
    if (planning.planRefused && String(body).includes('"plan-do"')) planning.planRefused();
    return NOTHING();
}

const NOTHING = () => new Response(null, { status: 204 });

/** Choices of a question to the server; null for anything else that is asked of it. */
function choicesIn(body) {
    const asked = typeof body === "string" && body.includes("view.data") ? JSON.parse(body) : null;
    return asked && asked.output.includes("view.data") ? asked.inputs[0].value : null;
}

/**
 * The server is gone. A question is taken back, so that controls, address, sentence and map stay one; it is asked
 * again later. Anything else just waits.
 */
function taken(body) {
    const choices = choicesIn(body);
    const { view } = shared;
    if (!choices || !view || choices.plan !== view.key.plan) {
        if (String(body).includes('"plan-do"')) planning.planHeld();
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
        if (!String(what.url || what).includes(CALLBACKS)) return plain(what, options);
        const body = options && options.body;
        return connection.patient(what, options, () => taken(body)).then((answer) => told(answer, body));
    };
}
