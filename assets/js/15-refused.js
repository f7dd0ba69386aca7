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

    async function told(answer, body) {
        const plain = (answer.headers.get("Content-Type") || "").startsWith("text/plain");
        const sentence = plain ? (await answer.clone().text()).trim() : "";
        if (sentence && sentence.length <= LONGEST) show(sentence);
        if (nabij.planRefused && String(body).includes('"plan-do"')) nabij.planRefused();
    }

    const ask = window.fetch.bind(window);
    window.fetch = function (what, options) {
        const asked = ask(what, options);
        const refused = (answer) => answer.status >= 400 && told(answer, options && options.body);
        if (String(what.url || what).includes(CALLBACKS)) asked.then(refused, () => undefined);
        return asked;
    };
})();
