/* The page around the map: menus, sheet, the height of the table, drawing an answer; what Dash calls is at the end. */

/** @import { Measured, TableRow, View, Zones } from "./types" */

import * as camera from "./camera.mjs";
import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { around, byId, first } from "./dom.mjs";
import * as edges from "./edges.mjs";
import { fit, release, reveal } from "./frame.mjs";
import { legend } from "./legend.mjs";
import { drawMap } from "./map.mjs";
import * as marked from "./marked.mjs";
import * as measures from "./measures.mjs";
import * as forms from "./numbers.mjs";
import { planBusy } from "./plan_queue.mjs";
import { highlight, hover, selected } from "./pointing.mjs";
import * as searching from "./search.mjs";
import { NOT_KNOWN_HERE, pick } from "./selection.mjs";
import { shared } from "./shared.mjs";
import * as sheet from "./sheet.mjs";
import * as table from "./table.mjs";
import { indexOf, nameOf } from "./zones.mjs";

const { element } = core;

/** @param {string} id @param {Record<string, unknown>} props */
const set = (id, props) => window.dash_clientside.set_props(id, props);

/* ---- menus, sheet, messages ---------------------------------------------------------------------------- */

/** Menus that are open. @returns {HTMLDetailsElement[]} */
const openMenus = () => Array.from(document.querySelectorAll("details.menu[open]")).filter((menu) => menu instanceof HTMLDetailsElement);

document.addEventListener("click", (event) => {
    const jump = around(event, "[data-zone]");
    if (jump) pick(jump.dataset.zone);
    for (const menu of openMenus()) {
        if (!(event.target instanceof Node && menu.contains(event.target)) || around(event, ".menu-item")) menu.open = false;
    }
    if (around(event, "#sheet-close")) pick("");
    if (around(event, "#table-fold")) fold();
    const act = around(event, "[data-act]");
    if (!act) return;
    const place = act.closest(".notice-place");
    if (place && act.dataset.act === "dismiss") set(place.id, { children: null });
    if (act.dataset.act === "clear-areas") set("areas", { data: "" });
    if (act.dataset.act === "bands" && shared.view) set("banding", { data: { key: shared.view.key, place: act.dataset.place } });
    if (act.dataset.act === "zoom") fit([indexOf(selected())], true);
});

document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const [menu] = openMenus();
    if (menu) {
        menu.open = false;
        menu.querySelector("summary")?.focus();
        return;
    }
    const over = document.querySelector(".mantine-Drawer-inner, .mantine-Select-dropdown:not([style*='none'])");
    if (!event.defaultPrevented && !over && document.querySelector(".shell.sheet-open")) pick("");
});

function fold() {
    const folded = byId("shell").classList.toggle("table-folded");
    const words = core.word(folded ? "table.unfold" : "table.fold");
    set("table-fold", { "aria-expanded": String(!folded), "aria-label": words, title: words });
}

/** @param {number} height wanted, in pixels */
function tableHeight(height) {
    const board = first(".board");
    if (!board) return;
    const most = Math.round(board.clientHeight * 0.75);
    const wanted = Math.min(most, Math.max(120, Math.round(height)));
    document.documentElement.style.setProperty("--table", `${wanted}px`);
    set("table-grip", { "aria-valuenow": String(wanted) });
}

document.addEventListener("pointerdown", (event) => {
    const board = first(".board");
    if (!board || !around(event, "#table-grip")) return;
    event.preventDefault();
    const { bottom } = board.getBoundingClientRect();
    const move = (/** @type {PointerEvent} */ e) => tableHeight(bottom - e.clientY);
    const stop = () => {
        document.removeEventListener("pointermove", move);
        document.removeEventListener("pointerup", stop);
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", stop);
});
document.addEventListener("keydown", (event) => {
    if (!around(event, "#table-grip") || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const now = byId("table-region").offsetHeight;
    tableHeight(now + (event.key === "ArrowUp" ? 24 : -24));
});

/* ---- what Dash calls ------------------------------------------------------------------------------------ */

/** @type {string | null} */
let framed = null; // what the map was last framed on

/** How many times the map was drawn, as the legend beside it says. */
export const drawn = () => Number(first("#legend > [data-drawn]")?.dataset.drawn || 0);

let times = 0;
/** @type {View | null} */
let drawnFor = null;
let filled = 0;
/** @type {View | null} */
let listedFor = null; // the answer whose rows are in the table
/** @type {View | null} */
let newest = null; // the last answer, be it drawn or on its way into the table

/** Whether what is on the screen is the answer to what is chosen; for whoever must wait for it. */
export function settled() {
    const { view } = shared;
    if (!view || drawnFor !== view || listedFor !== view || planBusy()) return false;
    return JSON.stringify(view.key) === JSON.stringify(shared.asked) && table.rankedBy() === shared.indicator;
}

/**
 * Draw an answer; what is not in it yet is waited for.
 *
 * @param {View | null} view
 * @param {string} wanted what is to colour the map
 * @param {string[] | null} show
 * @param {Measured | null} asked
 * @param {boolean | null} onlyGaps
 */
async function draw(view, wanted, show, asked, onlyGaps) {
    const no = window.dash_clientside.no_update;
    if (!view) return [no, no, no];
    shared.view = newest = view;
    if (measures.isAsked(wanted) && measures.canAsk(view) && !measures.attach(view, wanted, asked)) {
        shared.indicator = wanted; // the answer is on its way
        return [no, no, no];
    }
    const indicator = [wanted, "n_facilities", "births"].find((name) => view.legends[name]) || "births";
    shared.indicator = indicator;
    const { classList } = byId("shell");
    classList.toggle("waiting", drawnFor !== view);
    await drawMap(view, indicator, show || [], Boolean(onlyGaps));
    if (shared.view !== view) return [no, no, no]; // another answer came meanwhile
    classList.remove("waiting");
    classList.toggle("shows-made-up", view.madeUp);
    const frame = `${core.holderOfConfig()?.dataset.page || ""}${view.areas}`;
    if (framed !== frame) camera.begin();
    framed = frame;
    drawnFor = view;
    title();
    if (listedFor === view) table.rankBy(indicator);
    const awaited = shared.moving || JSON.stringify(view.key) !== JSON.stringify(shared.asked);
    const changed = indicator === wanted || awaited ? no : indicator;
    const told = element("Div", { "data-drawn": String(++times) }, ...legend(view, indicator, show || [], Boolean(onlyGaps)));
    return [told, measures.indicators(view), changed];
}

/**
 * Fill the table; zones to search for, what the search says, and which filling it is.
 *
 * @param {View | null} view
 * @param {boolean} onlyGaps
 */
async function rows(view, onlyGaps) {
    const no = window.dash_clientside.no_update;
    if (!view) return [no, no, no];
    newest = view;
    /** @type {Zones} */
    const data = await connection.load(view.zones.far);
    if (newest !== view && newest.key !== view.key) return [no, no, no]; // another answer came meanwhile
    const every = rowsOf(view, data);
    const zones = every.filter((row) => row.i >= 0);
    const all = onlyGaps ? every.filter((row) => row.gap === true) : every;
    shared.rowsView = view;
    counting = { onlyGaps, all: zones.length };
    table.onAct({ opened: openRow, pointed: (id) => hover(indexOf(id)), counted, marked: marked.toggle });
    await table.fill(
        all.filter((row) => row.i >= 0),
        all.filter((row) => row.i < 0)
    );
    if (newest !== view && newest.key !== view.key) return [no, no, no];
    table.rankBy(currentIndicator());
    listedFor = view;
    const options = zones
        .map((row) => ({ value: row.id, label: row.place ? `${row.name} (${row.place})` : row.name }))
        .sort((a, b) => a.label.localeCompare(b.label));
    return [searching.findable(options), core.word("map.search", { level: core.config().levels[view.level] }), ++filled];
}

/**
 * Rows of the table.
 *
 * @param {View} view
 * @param {Zones} data
 * @returns {TableRow[]}
 */
function rowsOf(view, data) {
    const { rows } = view;
    const columns = Object.keys(rows).filter((name) => name !== "i" && name !== "gap_reasons" && name !== "flags");
    return rows.i.map((i, r) => {
        const zone = i < 0 ? null : data.features[i].properties;
        return {
            ...Object.fromEntries(columns.map((name) => [name, rows[name][r]])),
            id: zone ? zone.id : NOT_KNOWN_HERE,
            i,
            r,
            name: zone ? zone.name : view.rest,
            place: zone?.place || "",
            why: why(rows.gap_reasons[r], rows.gap[r]),
            evidence: view.evidence,
        };
    });
}

/** @param {string} reasons @param {boolean | null} gap */
function why(reasons, gap) {
    if (gap === null) return core.word("table.gap.unknown");
    if (!gap) return core.word("table.gap.no");
    return reasons
        .split(";")
        .map((reason) => core.word(`why.${reason}`))
        .join(", ");
}

let counting = { onlyGaps: false, all: 0 };

/** Say above the table how many zones it shows. */
function counted() {
    const { shown } = table.count();
    const key = counting.onlyGaps ? "table.count.gaps" : shown < counting.all ? "table.count.some" : "table.count";
    const values = { n: forms.number(shown, 0), all: forms.number(counting.all, 0), levels: shared.rowsView?.levels ?? "" };
    set("table-title", { children: core.word(key, values) });
}

let fromTable = false; // the zone was chosen in the table, which need not be scrolled to it
let byKey = false; // the last thing that somebody used was the keyboard
document.addEventListener("keydown", () => (byKey = true), true);
document.addEventListener("pointerdown", () => (byKey = false), true);

/** Open the sheet of a row; the keyboard goes along, and comes back. @param {string} id */
function openRow(id) {
    fromTable = true;
    if (byKey) sheet.openedBy(table.focus);
    pick(id);
}

const currentIndicator = () => shared.indicator || core.config().state.indicator;

/** The window is called after the page, and the zone whose sheet is open. */
function title() {
    const { title: page } = core.config();
    const zone = nameOf(selected());
    if (page) document.title = zone ? `${zone} · ${page}` : page;
}

/** Open the sheet of a zone, and show where it is. @param {string | null} id */
function select(id) {
    const shell = document.getElementById("shell");
    if (!shell) return;
    shell.classList.toggle("sheet-open", Boolean(id));
    const i = highlight(id || null);
    title();
    table.choose(id || "", !fromTable);
    fromTable = false;
    if (!id) {
        sheet.closed();
        release();
    }
    if (i >= 0) reveal(i);
}

/** Go to a zone that was searched for. @param {string | null} id */
function search(id) {
    if (!id) return window.dash_clientside.no_update;
    const place = searching.goTo(id);
    if (place) {
        pick(place.zone);
        return null;
    }
    pick(id);
    const i = indexOf(id);
    if (i >= 0) fit([i], true);
    return null;
}

/** What of a view goes back to the server: the question, and whether it shows a plan; never its figures. @param {View | null} view */
const viewed = (view) => (view ? { key: view.key, ...(view.plan ? { plan: true } : {}) } : null);

/** The file that somebody asks for: its form, and the rows in their order. */
function wanted() {
    const context = window.dash_clientside.callback_context;
    const asked = (context.triggered || []).find((t) => t.value);
    if (!asked) return window.dash_clientside.no_update;
    const { form } = JSON.parse(asked.prop_id.replace(/\.n_clicks$/, ""));
    const { rows: listed, below } = table.shown();
    return { form, ids: [...listed, ...below].map(({ id }) => id), indicator: shared.indicator, at: Date.now() };
}

/** Put the borders of a second division on the map. @param {string | null} level @param {View | null} view */
async function edged(level, view) {
    if (view) await edges.show(level || "");
    return window.dash_clientside.no_update;
}

/** @param {number | null} n clicks so far */
const toggle = (n) => (n ? true : window.dash_clientside.no_update);

/** What Dash calls of this page. */
export const callbacks = { draw, edged, rows, select, search, viewed, wanted, toggle };
