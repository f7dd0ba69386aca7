/* Choices and the address: every view can be shared, kept and gone back to. */

(function () {
    "use strict";

    const nabij = window.nabij;
    const QUESTION = ["service", "demand", "year", "mode", "within", "level", "vintage", "facilities", "areas", "model", "min_share", "plan", "against", "key"];

    const PROPS = {
        service: ["service", "value"],
        demand: ["demand", "value"],
        year: ["year", "value"],
        mode: ["mode", "value"],
        within: ["within", "value"],
        level: ["level", "value"],
        vintage: ["vintage", "value"],
        facilities: ["facilities", "value"],
        areas: ["areas", "data"],
        indicator: ["indicator", "value"],
        zone: ["selected", "data"],
        show: ["show", "value"],
        only: ["only-gaps", "checked"],
        model: ["model", "value"],
        against: ["against", "data"],
        min_share: ["min-share", "value"],
    };

    const PATIENCE_MS = 3000;

    let last = null; // the choices as they were sent
    let quiet = false; // the address is the cause of the change, not its effect

    function address(choices, defaults = nabij.config().defaults, wanted = isChosen) {
        const query = new URLSearchParams();
        for (const name of Object.keys(defaults).filter(wanted)) {
            const value = String(choices[name] === undefined ? "" : choices[name]);
            if (value !== String(defaults[name])) query.set(name, value);
        }
        const words = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
        return words ? `?${words}` : "?";
    }

    /** Whether a choice is made on this page; on that of a plan some follow from the plan. */
    const isChosen = (name) => !(nabij.config().ofPlan || []).includes(name);

    let pushed = {}; // everything that the address tells

    function push(choices) {
        pushed = choices;
        const wanted = address(choices);
        document.querySelectorAll("a.language").forEach((link) => {
            link.setAttribute("href", address({ ...choices, lang: link.hreflang }));
        });
        document.querySelectorAll("a[data-onward]").forEach((link) => {
            link.setAttribute("href", link.dataset.onward + address(choices));
        });
        document.querySelectorAll("a[data-map]").forEach((link) => {
            const { ofMap, changes } = nabij.config();
            const indicator = changes.includes(choices.indicator) ? ofMap.indicator : choices.indicator;
            const today = { ...choices, indicator, plan: "", against: "", key: "" };
            link.setAttribute("href", `./${address(today, ofMap, () => true)}`);
        });
        const here = window.location.search || "?";
        const known = push.once;
        push.once = true;
        if (wanted === here) return;
        const path = window.location.pathname + (wanted === "?" ? "" : wanted);
        if (quiet || !known) window.history.replaceState({ nabij: true }, "", path);
        else window.history.pushState({ nabij: true }, "", path);
    }

    /** Go to the view of an address without loading the page again. */
    nabij.go = function (search) {
        const { defaults, within, lang } = nabij.config();
        const query = new URLSearchParams(search);
        if ((query.get("lang") || defaults.lang) !== lang) {
            window.location.assign(search || "?");
            return;
        }
        const wanted = {};
        for (const name of Object.keys(defaults)) wanted[name] = query.has(name) ? query.get(name) : defaults[name];
        const value = {
            ...wanted,
            within: wanted.within ? Number(wanted.within) : within[wanted.mode],
            year: wanted.year || newest(),
            show: wanted.show ? wanted.show.split(",") : [],
            only: Boolean(wanted.only),
            min_share: wanted.min_share ? percentOf(wanted.min_share) : HALF,
        };
        nabij.moving = { value, until: performance.now() + PATIENCE_MS };
        if (nabij.config().ofPlan && value.plan !== nabij.asked.plan) nabij.planDo({ do: "version", id: value.plan });
        for (const [name, [id, prop]] of Object.entries(PROPS).filter(([name]) => isChosen(name))) {
            window.dash_clientside.set_props(id, { [prop]: value[name] });
        }
    };

    /** Put another question into the controls, and leave the rest of the view and the history as they are. */
    nabij.goBack = function (question) {
        quiet = true;
        nabij.go(address({ ...pushed, ...question }));
    };

    function newest() {
        return nabij.config().newest;
    }

    const HALF = 50; // percent of the children in reach below which a zone has a gap, unless another is chosen
    const percentOf = (share) => Math.round(1000 * Number(share)) / 10;

    /** Share as the address holds it; empty for the usual one. */
    function shareOf(percent) {
        const empty = percent === null || percent === undefined || percent === "";
        return empty || Number(percent) === HALF ? "" : String(Math.round(10 * Number(percent)) / 1000);
    }

    /** Whether all controls have what an address asked for; they get it one by one. */
    function arrived(moving, now) {
        const same = (name) => JSON.stringify(now[name] ?? "") === JSON.stringify(moving.value[name] ?? "");
        return performance.now() > moving.until || Object.keys(now).filter(isChosen).every(same);
    }

    /** One question out of all controls; the server hears of it only when it is another one. */
    nabij.collect = function (
        service, demand, year, mode, within, level, vintage, facilities, indicator, show, model,
        areas, selected, onlyGaps, plan, against, minShare, before
    ) {
        const no = window.dash_clientside.no_update;
        const config = nabij.config();
        const triggered = (window.dash_clientside.callback_context.triggered || []).map((t) => t.prop_id.split(".")[0]);
        const moving = nabij.moving;
        const now = { service, demand, year, mode, within, level, vintage, facilities, indicator, areas, show, model };
        Object.assign(now, { zone: selected, only: onlyGaps, plan: plan ? plan.id : "", against, min_share: minShare });
        if (moving && !arrived(moving, now)) return new Array(10).fill(no);
        nabij.moving = null;
        if (plan) {
            if (!moving && nabij.planAsks(plan, now, triggered)) return new Array(10).fill(no);
            ({ mode, within, demand, year } = nabij.planned(plan));
        }
        const first = !last || last.holder !== config;
        let distance = within;
        if (!moving && !first && !plan && triggered.includes("mode") && !triggered.includes("within")) distance = config.within[mode];
        const era = level === "municipality" ? vintage : config.defaults.vintage;
        const empty = distance === null || distance === undefined || distance === "";
        const choices = {
            service,
            demand,
            year: demand === "births" || year === newest() ? "" : year,
            mode,
            within: empty || Number(distance) === config.within[mode] ? "" : String(distance),
            level,
            vintage: era,
            facilities,
            areas: areas || "",
            model,
            places: config.state.places, // lists of the user's own: they come with the page
            zones: config.state.zones,
            plan: plan ? plan.id : "",
            against: against || "",
            key: plan ? plan.key : "",
            min_share: shareOf(minShare),
            lang: config.lang,
        };
        let zone = selected || "";
        const moved = before && (before.level !== level || before.vintage !== era);
        if (moved && !moving) zone = "";
        const same = before && !first && QUESTION.every((name) => before[name] === choices[name]);
        last = { holder: config };
        nabij.asked = choices;
        quiet = quiet || first;
        push({ ...choices, indicator, zone, show: (show || []).join(","), only: onlyGaps ? "gaps" : "" });
        quiet = false;
        return [
            same ? no : choices,
            distance === within ? no : distance,
            demand === "births" ? "year hidden" : "year",
            level === "municipality" ? "stack" : "stack hidden",
            era === vintage ? no : era,
            nabij.word(`rail.within.${mode}`),
            nabij.word(`rail.facilities.${facilities}.help`),
            zone === (selected || "") ? no : zone,
            opened(choices, zone, first, indicator),
            model === config.defaults.model ? "" : nabij.word(`model.${model}.help`),
        ];
    };

    /** What the sheet is to show; it follows the zone and the question, and nothing else. */
    function opened(choices, zone, first, indicator) {
        const wanted = zone ? { ...choices, ...(nabij.isAsked(indicator) ? { indicator } : {}), zone } : null;
        const told = JSON.stringify(wanted);
        if (!first && told === opened.told) return window.dash_clientside.no_update;
        opened.told = told;
        return wanted;
    }

    window.addEventListener("popstate", (event) => {
        if (!nabij.config()) return;
        event.stopImmediatePropagation();
        quiet = true;
        nabij.go(window.location.search);
    });

    document.addEventListener("click", (event) => {
        const link = event.target.closest && event.target.closest("a.go");
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        nabij.go(link.getAttribute("href"));
    });
})();
