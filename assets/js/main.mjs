/* The way in: loads every part of the page, and says what Dash may call. It runs before Dash begins. */

import "./anchor.mjs";
import "./asks.mjs";
import * as core from "./core.mjs";
import "./data.mjs";
import "./lasso.mjs";
import * as zoneMap from "./map.mjs";
import * as measures from "./measures.mjs";
import * as messages from "./messages.mjs";
import * as page from "./page.mjs";
import * as panel from "./panel.mjs";
import * as planning from "./plan.mjs";
import { planMarkers } from "./plan_places.mjs";
import { planDo } from "./plan_queue.mjs";
import "./present.mjs";
import "./print.mjs";
import * as proposals from "./propose.mjs";
import { shared } from "./shared.mjs";
import "./small.mjs";
import "./start.mjs";
import * as choosing from "./state.mjs";
import * as table from "./table.mjs";
import "./theme.mjs";
import "./why.mjs";
import { zoneId } from "./zones.mjs";

messages.listen();

/** Of pages that only some people open: loaded with the first of them. */
const linked = () => import("./linked.mjs");
const charts = () => import("./charts.mjs");
panel.opens(() => charts().then(({ begin }) => begin()));

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.nabij = {
    ...page.callbacks,
    ...planning.callbacks,
    ask: measures.ask,
    banded: async (/** @type {import("./types").Banded | null} */ answer) => (await import("./bands.mjs")).draw(answer),
    charted: async (/** @type {import("./types").Charted | null} */ answer) => (await charts()).take(answer),
    collect: choosing.collect,
    linkedMaps: async (/** @type {import("./linked.mjs").View} */ view) => (await linked()).draw(view),
    proposeControls: proposals.proposeControls,
};

/** For whoever looks into a page from outside, tests and benchmarks; nothing of the page reads it. */
window.nabij = Object.freeze({
    get view() {
        return shared.view;
    },
    get map() {
        return shared.map;
    },
    get indicator() {
        return shared.indicator;
    },
    drawn: page.drawn,
    settled: page.settled,
    table: { ...table },
    mapState: zoneMap.mapState,
    zoneId,
    planDo,
    planMarkers,
    proposed: proposals.proposed,
    config: core.configured,
});
