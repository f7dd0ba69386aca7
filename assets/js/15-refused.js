/* A question that the server refuses: its sentence is shown where errors stand, and what waits for the answer goes on. */

(function () {
    "use strict";

    const nabij = window.nabij;
    const CALLBACKS = "_dash-update-component";
    const LONGEST = 400;

    function show(sentence) {
        const place = document.getElementById("plan-told") ? "plan-told" : "notice";
        if (document.getElementById(place)) window.dash_clientside.set_props(place, { children: nabij.notice(sentence) });
    }

    /** Message over the view, as the server makes them; the page of the data has no words of its own. */
    nabij.message = function (content) {
        const { element } = nabij;
        const sign = (name) => element("Span", { className: `icon icon-${name}`, "aria-hidden": "true" });
        const label = nabij.config() ? nabij.config().words["notice.close"] : "";
        const close = { className: "icon-button", type: "button", "data-act": "dismiss", "aria-label": label };
        const parts = [sign("warn"), element("Div", {}, ...content)];
        return element("Div", { className: "notice warn" }, ...parts, ...(label ? [element("Button", close, sign("close"))] : []));
    };

    nabij.notice = (sentence) => nabij.message([nabij.element("P", {}, sentence)]);

    /** What Dash gets to see of an answer: of a refusal that was told, that there is nothing to change. */
    async function told(answer, body) {
        if (answer.status < 400 || !(answer.headers.get("Content-Type") || "").startsWith("text/plain")) return answer;
        const sentence = (await answer.text()).trim();
        show(sentence.slice(0, LONGEST));
        if (nabij.planRefused && String(body).includes('"plan-do"')) nabij.planRefused();
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
        const { view } = nabij;
        if (!choices || !view || choices.plan !== view.key.plan) {
            if (String(body).includes('"plan-do"')) nabij.planHeld();
            return null;
        }
        if (JSON.stringify(choices) === JSON.stringify(view.key)) return NOTHING(); // its answer is on the screen
        nabij.missed = choices;
        nabij.tellLost("notice.offline");
        nabij.goBack(view.key);
        nabij.returned().then(() => {
            const { missed } = nabij;
            nabij.missed = null;
            if (missed) nabij.goBack(missed);
        });
        return NOTHING();
    }

    const plain = window.fetch.bind(window);
    window.fetch = function (what, options) {
        if (!String(what.url || what).includes(CALLBACKS)) return plain(what, options);
        const body = options && options.body;
        return nabij.patient(what, options, () => taken(body)).then((answer) => told(answer, body));
    };
})();
