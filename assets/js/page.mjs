/* The page around the map: legend, table, search, sheet; what Dash calls is at the end. */

import * as circles from "./circles.mjs";
import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import * as zoneMap from "./map.mjs";
import * as measures from "./measures.mjs";
import * as forms from "./numbers.mjs";
import * as planning from "./plan.mjs";
import { shared } from "./shared.mjs";
import { tokens } from "./tokens.mjs";

const { colours } = tokens;
const element = core.element;
let sortedBy = null;

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

function legend(view, indicator, layers) {
    const parts = [];
    const picture = layers.includes("raster") && view.raster.known;
    document.getElementById("shell").classList.toggle("with-picture", picture);
    const told = picture ? view.raster.legend : view.legends[indicator];
    if (picture) parts.push(element("P", { className: "legend-title" }, told.title));
    if (told) {
        if (told.unit) parts.push(element("P", { className: "legend-unit" }, told.unit));
        if (told.help) parts.push(measures.explained(told.help));
        const sizes = !picture && core.config().scales[indicator] === "births" ? circles.legendSizes(told.breaks || []) : [];
        const rows = told.colours.map((c, k) => swatch(c, told.labels[k], told.zones && told.zones[k], "", sizes[k]));
        if (!picture && told.noDataZones) {
            rows.push(swatch(null, told.noDataLabel, told.noDataZones, "hatched"));
        }
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

const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
functions.nabijNumber = (params, decimals) => forms.number(params.value, decimals);
functions.nabijChange = (params, sign) => forms.change(params.value, sign);
functions.nabijPercent = (params) => forms.percent(params.value);
functions.nabijMinutes = (params) => forms.minutes(params.value);
functions.nabijRank = (params) => (params.node.rowPinned ? "" : params.node.rowIndex + 1);
functions.nabijBar = (params) => {
    if (params.value === null || params.value === undefined) return null;
    const at = (100 * params.value).toFixed(1);
    return { "--share": `${at}%` };
};
functions.nabijCompare = (a, b, _nodeA, _nodeB, descending) => {
    const missing = (value) => value === null || value === undefined;
    if (missing(a) && missing(b)) return 0;
    if (missing(a)) return descending ? -1 : 1;
    if (missing(b)) return descending ? 1 : -1;
    return a - b;
};
functions.nabijTheme = (theme) =>
    theme.withParams({
        fontFamily: "inherit",
        fontSize: 14,
        headerFontSize: 12.5,
        headerFontWeight: 600,
        headerTextColor: colours.ink2,
        headerBackgroundColor: colours.paper,
        foregroundColor: colours.ink,
        backgroundColor: colours.paper,
        borderColor: colours.lineRow,
        accentColor: colours.accent,
        selectedRowBackgroundColor: colours.accentSoft,
        rowHoverColor: colours.pointed,
        columnBorder: false,
        headerColumnBorder: false,
        wrapperBorder: false,
        wrapperBorderRadius: 0,
        rowBorder: { color: colours.land },
        cellHorizontalPadding: 10,
        headerColumnResizeHandleColor: "transparent",
    });

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

const grid = () => (window.dash_ag_grid ? window.dash_ag_grid.getApiAsync("table") : Promise.reject(new Error("no grid")));

function gridNow() {
    try {
        return window.dash_ag_grid.getApi("table");
    } catch {
        return null; // not there yet
    }
}

async function sortBy(indicator) {
    const api = await grid();
    const column = indicator === "gap" ? "why" : indicator;
    if (sortedBy === indicator || !measures.canSort(indicator)) return;
    sortedBy = indicator;
    measures.showAsked(api, indicator);
    if (!api.getColumn(column)) return;
    const sort = core.config().lowFirst.includes(indicator) ? "asc" : indicator === "gap" ? null : "desc";
    api.applyColumnState({ state: sort ? [{ colId: column, sort }] : [], defaultState: { sort: null } });
    if (api.getDisplayedRowCount()) api.ensureIndexVisible(0);
}

async function choose(id) {
    const api = await grid();
    if (!id) {
        api.deselectAll();
        return;
    }
    const node = api.getRowNode(id);
    if (!node) return;
    if (!node.isSelected()) node.setSelected(true, true);
    if (!choose.fromTable) api.ensureNodeVisible(node, "middle");
    choose.fromTable = false;
}

const MEASURED = ["births_out_of_reach", "share_in_reach", "mean_minutes", "p90_minutes"];

/** The rank follows the order on the screen, whatever it is sorted by. */
function followRank(api) {
    if (api.nabijFollowed) return;
    api.nabijFollowed = true;
    api.addEventListener("modelUpdated", () => api.refreshCells({ columns: ["rank"], force: true }));
    api.addEventListener("firstDataRendered", () => api.autoSizeColumns(["evidence"]));
    api.addEventListener("rowDataUpdated", () => setTimeout(() => api.autoSizeColumns(["evidence"])));
}

function rowUnder(event) {
    const row = event.target.closest && event.target.closest("#table .ag-row[row-id]");
    return row ? row.getAttribute("row-id") : null;
}

document.addEventListener("mouseover", (event) => {
    if (!event.target.closest || !event.target.closest("#table")) return;
    const id = rowUnder(event);
    zoneMap.hover(id ? zoneMap.indexOf(id) : -1);
});
document.addEventListener("click", (event) => {
    const id = rowUnder(event);
    if (!id) return;
    choose.fromTable = true;
    pick(id);
});
document.addEventListener("keydown", (event) => {
    const id = rowUnder(event);
    if (id && (event.key === "Enter" || event.key === " ")) {
        choose.fromTable = true;
        pick(id);
    }
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
    const api = gridNow();
    if (!view || !api || !expected || drawnFor !== view || expected.view !== view) return false;
    if (planning.planBusy()) return false;
    if (JSON.stringify(view.key) !== JSON.stringify(shared.asked) || sortedBy !== shared.indicator) return false;
    if (api.getDisplayedRowCount() !== expected.rows) return false;
    return !expected.rows || api.getDisplayedRowAtIndex(0).data.version === expected.version;
}

async function draw(view, indicator, show, asked) {
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
    await zoneMap.drawMap(view, indicator, show || []);
    if (shared.view !== view) return [no, no, no]; // another answer came meanwhile
    shell.classList.remove("waiting");
    shell.classList.toggle("shows-made-up", view.madeUp);
    const frame = `${core.holderOfConfig().dataset.page || ""}${view.areas}`;
    if (framed !== frame) zoneMap.fit(view.areas ? zoneMap.inView() : null, false);
    framed = frame;
    drawnFor = view;
    title();
    sortBy(indicator).catch(() => undefined);
    const awaited = shared.moving || JSON.stringify(view.key) !== JSON.stringify(shared.asked);
    const changed = indicator === wanted || awaited ? no : indicator;
    const told = element("Div", { "data-drawn": String(++times) }, ...legend(view, indicator, show || []));
    return [told, measures.indicators(view), changed];
}

async function rows(view, onlyGaps) {
    const no = window.dash_clientside.no_update;
    if (!view) return [no, no, no, no];
    newest = view;
    const data = await connection.load(view.zones.far);
    if (newest !== view && newest.key !== view.key) return [no, no, no, no]; // another answer came meanwhile
    const every = rowsOf(view, data, ++filled);
    const all = onlyGaps ? every.filter((row) => row.gap === true) : every;
    sortedBy = null;
    shared.rowsView = view;
    expected = { view, version: filled, rows: all.filter((row) => row.i >= 0).length };
    const options = every
        .filter((row) => row.i >= 0)
        .map((row) => ({ value: row.id, label: row.place ? `${row.name} (${row.place})` : row.name }))
        .sort((a, b) => a.label.localeCompare(b.label));
    const level = core.config().levels[view.level];
    grid()
        .then((api) => {
            api.setColumnsVisible(
                ["place"],
                every.some((row) => row.place)
            );
            for (const name of MEASURED) api.setColumnsVisible([name], Boolean(view.legends[name]));
            followRank(api);
            api.setGridOption(
                "pinnedBottomRowData",
                all.filter((row) => row.i < 0)
            );
            return sortBy(currentIndicator());
        })
        .catch(() => undefined);
    const listed = all.filter((row) => row.i >= 0);
    const title = core.word(onlyGaps ? "table.count.gaps" : "table.count", {
        n: forms.number(listed.length, 0),
        all: forms.number(options.length, 0),
        levels: view.levels,
    });
    return [listed, options, core.word("map.search", { level }), title];
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
    await choose(id).catch(() => undefined);
    if (i >= 0) zoneMap.reveal(i);
}

/** What Dash calls of this page. */
export const callbacks = {
    draw,
    rows,
    select,
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
        return grid().then((api) => {
            const ids = [];
            api.forEachNodeAfterFilterAndSort((node) => ids.push(node.id));
            for (let k = 0; k < api.getPinnedBottomRowCount(); k++) {
                ids.push(api.getPinnedBottomRow(k).data.id);
            }
            return { form, ids, indicator: shared.indicator, at: Date.now() };
        });
    },
    toggle: (n) => (n ? true : window.dash_clientside.no_update),
};
