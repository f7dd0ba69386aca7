/* The page around the map: legend, table, search, sheet; what Dash calls is at the end. */

import * as camera from "./camera.mjs";
import * as circles from "./circles.mjs";
import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import * as edges from "./edges.mjs";
import * as zoneMap from "./map.mjs";
import * as measures from "./measures.mjs";
import * as forms from "./numbers.mjs";
import * as planning from "./plan.mjs";
import { shared } from "./shared.mjs";
import * as sheet from "./sheet.mjs";
import * as table from "./table.mjs";

const element = core.element;

/* ---- legend ------------------------------------------------------------------------------------------- */

function swatch(colour, label, count, kind, diameter) {
    const style = colour ? { background: colour } : {};
    if (diameter) Object.assign(style, { "--diameter": `${diameter}px`, "--circle-colour": colour });
    return element(
        "Li",
        { className: "class-row" },
        element("Span", { className: `swatch ${kind || ""} ${diameter ? "circle" : ""}`, style }),
        element("Span", { className: "class-label" }, label),
        count === undefined ? null : element("Span", { className: "class-count" }, forms.number(count, 0))
    );
}

/** How many zones with a gap are in every class of a legend, which is left as it is for all of them. */
function countsOfGaps(view, indicator, told) {
    const gaps = [...view.classes[indicator]].filter((_, row) => view.rows.gap[row] === true && view.rows.i[row] >= 0);
    const zones = told.colours.map((_, k) => gaps.filter((symbol) => symbol === String(k)).length);
    told.total = view.rows.i.filter((i) => i >= 0).length;
    return { zones, noDataZones: gaps.filter((symbol) => symbol === "-").length, total: gaps.length };
}

function legend(view, indicator, layers, onlyGaps) {
    const parts = [];
    const picture = layers.includes("raster") && view.raster.known;
    document.getElementById("shell").classList.toggle("with-picture", picture);
    const told = picture ? view.raster.legend : view.legends[indicator];
    if (picture) parts.push(element("P", { className: "legend-title" }, told.title));
    if (told) {
        if (told.unit) parts.push(element("P", { className: "legend-unit" }, told.unit));
        if (told.help) parts.push(measures.explained(told.help));
        const sizes = !picture && core.config().scales[indicator] === "births" ? circles.legendSizes(told.breaks || []) : [];
        const counted = onlyGaps && !picture ? countsOfGaps(view, indicator, told) : told;
        const rows = told.colours.map((c, k) => swatch(c, told.labels[k], counted.zones && counted.zones[k], "", sizes[k]));
        if (!picture && counted.noDataZones) {
            rows.push(swatch(null, told.noDataLabel, counted.noDataZones, "hatched"));
        }
        if (onlyGaps && !picture) rows.push(swatch(null, core.word("legend.no_gap"), told.total - counted.total, "left-out"));
        parts.push(element("Ul", { className: "classes" }, ...rows));
    }
    const marks = [];
    if (!picture && view.rest) marks.push(swatch(null, view.rest, undefined, "hatched"));
    if (layers.includes("places")) {
        const somewhere = view.facilities === "documented";
        const key = somewhere ? `${view.service}.somewhere` : view.service;
        const kind = `mark place-${view.service} ${somewhere ? "place-somewhere" : ""}`;
        if (view.plan)
            marks.push(
                ...planning
                    .planLegend(view)
                    .map((status) =>
                        swatch(null, core.word(`plan.legend.${status}`), undefined, `mark place-${view.service} plan-${status}`)
                    )
            );
        else marks.push(swatch(null, core.word(`legend.place.${key}`), undefined, kind));
    }
    if (layers.includes("facts")) marks.push(swatch(null, core.word("legend.place.fact"), undefined, "mark fact"));
    if (marks.length) parts.push(element("Ul", { className: "classes marks" }, ...marks));
    if (view.madeUp) {
        parts.push(element("P", { className: "stamp" }, core.word("banner.stamp")));
    }
    return parts;
}

/* ---- table -------------------------------------------------------------------------------------------- */

function rowsOf(view, data, version) {
    const { rows } = view;
    const columns = Object.keys(rows).filter((name) => name !== "i" && name !== "gap_reasons" && name !== "flags");
    return rows.i.map((i, r) => {
        const row = {};
        for (const name of columns) row[name] = rows[name][r];
        const zone = i < 0 ? null : data.features[i].properties;
        row.id = zone ? zone.id : "not_known_here";
        row.i = i;
        row.r = r;
        row.name = zone ? zone.name : view.rest;
        row.place = zone ? zone.place || "" : "";
        row.why = why(rows.gap_reasons[r], rows.gap[r]);
        row.evidence = view.evidence;
        row.version = version;
        return row;
    });
}

function why(reasons, gap) {
    if (gap === null) return core.word("table.gap.unknown");
    if (!gap) return core.word("table.gap.no");
    return reasons
        .split(";")
        .map((reason) => core.word(`why.${reason}`))
        .join(", ");
}

document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (event.key === "Escape" && menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
        return;
    }
    if (event.key === "Escape" && !event.defaultPrevented && document.querySelector(".shell.sheet-open")) {
        if (!document.querySelector(".mantine-Drawer-inner, .mantine-Select-dropdown:not([style*='none'])")) {
            pick("");
        }
    }
});

/* ---- sheet, folding, messages -------------------------------------------------------------------------- */

export function pick(id) {
    if (id === "not_known_here") return;
    window.dash_clientside.set_props("selected", { data: id || "" });
}

document.addEventListener("click", (event) => {
    const target = event.target.closest ? event.target : null;
    if (!target) return;
    const jump = target.closest("[data-zone]");
    if (jump) pick(jump.dataset.zone);
    for (const menu of document.querySelectorAll("details.menu[open]")) {
        if (!menu.contains(target) || target.closest(".menu-item")) menu.open = false;
    }
    if (target.closest("#sheet-close")) pick("");
    if (target.closest("#table-fold")) fold();
    const act = target.closest("[data-act]");
    if (!act) return;
    if (act.dataset.act === "dismiss") window.dash_clientside.set_props(act.closest(".notice-place").id, { children: null });
    if (act.dataset.act === "clear-areas") window.dash_clientside.set_props("areas", { data: "" });
    if (act.dataset.act === "zoom") zoneMap.fit([zoneMap.indexOf(zoneMap.mapState().selected)], true);
});

function fold() {
    const shell = document.getElementById("shell");
    const folded = shell.classList.toggle("table-folded");
    const words = core.word(folded ? "table.unfold" : "table.fold");
    window.dash_clientside.set_props("table-fold", { "aria-expanded": String(!folded), "aria-label": words, title: words });
}

function tableHeight(height) {
    const board = document.querySelector(".board");
    const most = Math.round(board.clientHeight * 0.75);
    const wanted = Math.min(most, Math.max(120, Math.round(height)));
    document.documentElement.style.setProperty("--table", `${wanted}px`);
    window.dash_clientside.set_props("table-grip", { "aria-valuenow": String(wanted) });
}

document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest || !event.target.closest("#table-grip")) return;
    event.preventDefault();
    const bottom = document.querySelector(".board").getBoundingClientRect().bottom;
    const move = (e) => tableHeight(bottom - e.clientY);
    const stop = () => {
        document.removeEventListener("pointermove", move);
        document.removeEventListener("pointerup", stop);
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", stop);
});
document.addEventListener("keydown", (event) => {
    if (event.target.id !== "table-grip" || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const now = document.getElementById("table-region").offsetHeight;
    tableHeight(now + (event.key === "ArrowUp" ? 24 : -24));
});

/* ---- what Dash calls ------------------------------------------------------------------------------------ */

let framed = null; // what the map was last framed on
/** How many times the map was drawn, as the legend beside it says. */
export const drawn = () => Number((document.querySelector("#legend > [data-drawn]") || { dataset: {} }).dataset.drawn || 0);

let times = 0;
let drawnFor = null;
let filled = 0;
let expected = null;
let newest = null; // the last answer, be it drawn or on its way into the table

/** Whether what is on the screen is the answer to what is chosen; for whoever must wait for it. */
export function settled() {
    const { view } = shared;
    if (!view || !expected || drawnFor !== view || expected.view !== view) return false;
    if (planning.planBusy()) return false;
    return JSON.stringify(view.key) === JSON.stringify(shared.asked) && table.rankedBy() === shared.indicator;
}

async function draw(view, indicator, show, asked, onlyGaps) {
    const no = window.dash_clientside.no_update;
    if (!view) return [no, no, no];
    shared.view = newest = view;
    const wanted = indicator;
    if (measures.isAsked(wanted) && measures.canAsk(view) && !measures.attach(view, wanted, asked)) {
        shared.indicator = wanted; // the answer is on its way
        return [no, no, no];
    }
    indicator = [wanted, "n_facilities", "births"].find((name) => view.legends[name]) || "births";
    shared.indicator = indicator;
    const shell = document.getElementById("shell");
    shell.classList.toggle("waiting", drawnFor !== view);
    await zoneMap.drawMap(view, indicator, show || [], onlyGaps);
    if (shared.view !== view) return [no, no, no]; // another answer came meanwhile
    shell.classList.remove("waiting");
    shell.classList.toggle("shows-made-up", view.madeUp);
    const frame = `${core.holderOfConfig().dataset.page || ""}${view.areas}`;
    if (framed !== frame) camera.begin(() => zoneMap.fit(view.areas ? zoneMap.inView() : null, false));
    framed = frame;
    drawnFor = view;
    title();
    if (expected && expected.view === view) table.rankBy(indicator);
    const awaited = shared.moving || JSON.stringify(view.key) !== JSON.stringify(shared.asked);
    const changed = indicator === wanted || awaited ? no : indicator;
    const told = element("Div", { "data-drawn": String(++times) }, ...legend(view, indicator, show || [], onlyGaps));
    return [told, measures.indicators(view), changed];
}

async function rows(view, onlyGaps) {
    const no = window.dash_clientside.no_update;
    if (!view) return [no, no, no];
    newest = view;
    const data = await connection.load(view.zones.far);
    if (newest !== view && newest.key !== view.key) return [no, no, no]; // another answer came meanwhile
    const every = rowsOf(view, data, ++filled);
    const all = onlyGaps ? every.filter((row) => row.gap === true) : every;
    shared.rowsView = view;
    counting = { onlyGaps, all: every.filter((row) => row.i >= 0).length };
    const options = every
        .filter((row) => row.i >= 0)
        .map((row) => ({ value: row.id, label: row.place ? `${row.name} (${row.place})` : row.name }))
        .sort((a, b) => a.label.localeCompare(b.label));
    const level = core.config().levels[view.level];
    table.onAct({ opened: openRow, pointed: (id) => zoneMap.hover(id ? zoneMap.indexOf(id) : -1), counted });
    const own = [(row) => row.i >= 0, (row) => row.i < 0].map((which) => all.filter(which));
    await table.fill(own[0], own[1]);
    if (newest !== view && newest.key !== view.key) return [no, no, no];
    table.rankBy(currentIndicator());
    expected = { view };
    return [options, core.word("map.search", { level }), filled];
}

let counting = { onlyGaps: false, all: 0 };

/** Say above the table how many zones it shows. */
function counted() {
    const { shown } = table.count();
    const key = counting.onlyGaps ? "table.count.gaps" : shown < counting.all ? "table.count.some" : "table.count";
    const title = core.word(key, { n: forms.number(shown, 0), all: forms.number(counting.all, 0), levels: shared.rowsView.levels });
    window.dash_clientside.set_props("table-title", { children: title });
}

/** Open the sheet of a row; the keyboard goes along, and comes back. */
function openRow(id) {
    fromTable = true;
    if (pressedKey) sheet.openedBy(table.focus);
    pick(id);
}

let fromTable = false; // the table shows the row already
let pressedKey = false;
for (const [kind, pressed] of [
    ["keydown", true],
    ["pointerdown", false],
]) {
    document.addEventListener(kind, () => (pressedKey = pressed), true);
}

const currentIndicator = () => shared.indicator || core.config().state.indicator;

/** The window is called after the page, and the zone whose sheet is open. */
function title() {
    const { title: page } = core.config();
    const zone = zoneMap.nameOf(zoneMap.mapState().selected);
    if (page) document.title = zone ? `${zone} · ${page}` : page;
}

async function select(id) {
    const shell = document.getElementById("shell");
    if (!shell) return;
    shell.classList.toggle("sheet-open", Boolean(id));
    const i = zoneMap.highlight(id || null);
    title();
    table.choose(id || "", !fromTable);
    fromTable = false;
    if (!id) sheet.closed();
    if (i >= 0) zoneMap.reveal(i);
}

/** What Dash calls of this page. */
export const callbacks = {
    draw,
    rows,
    select,
    edged: async (level, view) => {
        if (view) await edges.show(level || "");
        return window.dash_clientside.no_update;
    },
    search: (id) => {
        if (id) {
            pick(id);
            const i = zoneMap.indexOf(id);
            if (i >= 0) zoneMap.fit([i], true);
        }
        return id ? null : window.dash_clientside.no_update;
    },
    /** What of a view goes back to the server: the question, and whether it shows a plan; never its figures. */
    viewed: (view) => (view ? { key: view.key, ...(view.plan ? { plan: true } : {}) } : null),
    wanted: () => {
        const context = window.dash_clientside.callback_context;
        const asked = (context.triggered || []).find((t) => t.value);
        if (!asked) return window.dash_clientside.no_update;
        const form = JSON.parse(asked.prop_id.replace(/\.n_clicks$/, "")).form;
        const { rows: listed, below } = table.shown();
        const ids = [...listed, ...below].map((row) => row.id);
        return { form, ids, indicator: shared.indicator, at: Date.now() };
    },
    toggle: (n) => (n ? true : window.dash_clientside.no_update),
};
