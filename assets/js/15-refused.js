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
    nabij.notice = function (sentence) {
        const { element } = nabij;
        const sign = (name) => element("Span", { className: `icon icon-${name}`, "aria-hidden": "true" });
        const label = nabij.config() ? nabij.config().words["notice.close"] : "";
        const close = { className: "icon-button", type: "button", "data-act": "dismiss", "aria-label": label };
        const parts = [sign("warn"), element("Div", {}, element("P", {}, sentence))];
        return element("Div", { className: "notice warn" }, ...parts, ...(label ? [element("Button", close, sign("close"))] : []));
    };

    /** What Dash gets to see of an answer: of a refusal that was told, that there is nothing to change. */
    async function told(answer, body) {
        if (answer.status < 400 || !(answer.headers.get("Content-Type") || "").startsWith("text/plain")) return answer;
        const sentence = (await answer.text()).trim();
        show(sentence.slice(0, LONGEST));
        if (nabij.planRefused && String(body).includes('"plan-do"')) nabij.planRefused();
        return new Response(null, { status: 204 });
    }

    const ask = window.fetch.bind(window);
    window.fetch = function (what, options) {
        const asked = ask(what, options);
        if (!String(what.url || what).includes(CALLBACKS)) return asked;
        return asked.then((answer) => told(answer, options && options.body));
    };
})();
