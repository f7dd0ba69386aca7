/* The page around the map: legend, table, search, sheet; what Dash calls is at the end. */

(function () {
    "use strict";

    const nabij = window.nabij;
    const { colours } = nabij.tokens;
    const element = nabij.element;
    let sortedBy = null;

    /* ---- legend ------------------------------------------------------------------------------------------- */

    function swatch(colour, label, count, kind) {
        return element(
            "Li",
            { className: "class-row" },
            element("Span", { className: `swatch ${kind || ""}`, style: colour ? { background: colour } : {} }),
            element("Span", { className: "class-label" }, label),
            count === undefined ? null : element("Span", { className: "class-count" }, nabij.number(count, 0))
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
            if (told.help) parts.push(nabij.explained(told.help));
            const rows = told.colours.map((c, k) => swatch(c, told.labels[k], told.zones && told.zones[k]));
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
            if (view.plan) marks.push(...nabij.planLegend(view).map((status) => swatch(null, nabij.word(`plan.legend.${status}`), undefined, `mark place-${view.service} plan-${status}`)));
            else marks.push(swatch(null, nabij.word(`legend.place.${key}`), undefined, kind));
        }
        if (layers.includes("facts")) marks.push(swatch(null, nabij.word("legend.place.fact"), undefined, "mark fact"));
        if (marks.length) parts.push(element("Ul", { className: "classes marks" }, ...marks));
        if (view.madeUp) {
            parts.push(element("P", { className: "stamp" }, nabij.word("banner.stamp")));
        }
        return parts;
    }

    /* ---- table -------------------------------------------------------------------------------------------- */

    const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
    functions.nabijNumber = (params, decimals) => nabij.number(params.value, decimals);
    functions.nabijChange = (params, sign) => nabij.change(params.value, sign);
    functions.nabijPercent = (params) => nabij.percent(params.value);
    functions.nabijDistance = (params) => nabij.distance(params.value);
    functions.nabijRank = (params) => (params.node.rowPinned ? "" : params.node.rowIndex + 1);
    functions.nabijBar = (params) => {
        if (params.value === null || params.value === undefined) return null;
        const at = (100 * params.value).toFixed(1);
        return { "--share": `${at}%` };
    };
    functions.nabijCompare = (a, b, nodeA, nodeB, descending) => {
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
        if (gap === null) return nabij.word("table.gap.unknown");
        if (!gap) return nabij.word("table.gap.no");
        return reasons
            .split(";")
            .map((reason) => nabij.word(`why.${reason}`))
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
        if (sortedBy === indicator || !nabij.canSort(indicator)) return;
        sortedBy = indicator;
        nabij.showAsked(api, indicator);
        if (!api.getColumn(column)) return;
        const sort = nabij.config().lowFirst.includes(indicator) ? "asc" : indicator === "gap" ? null : "desc";
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

    const MEASURED = ["births_out_of_reach", "share_in_reach", "mean_distance_m", "p90_distance_m"];

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
        nabij.hover(id ? nabij.indexOf(id) : -1);
    });
    document.addEventListener("click", (event) => {
        const id = rowUnder(event);
        if (!id) return;
        choose.fromTable = true;
        nabij.select(id);
    });
    document.addEventListener("keydown", (event) => {
        const id = rowUnder(event);
        if (id && (event.key === "Enter" || event.key === " ")) {
            choose.fromTable = true;
            nabij.select(id);
        }
        const menu = document.querySelector("details.menu[open]");
        if (event.key === "Escape" && menu) {
            menu.open = false;
            menu.querySelector("summary").focus();
            return;
        }
        if (event.key === "Escape" && !event.defaultPrevented && document.querySelector(".shell.sheet-open")) {
            if (!document.querySelector(".mantine-Drawer-inner, .mantine-Select-dropdown:not([style*='none'])")) {
                nabij.select("");
            }
        }
    });

    /* ---- sheet, folding, messages -------------------------------------------------------------------------- */

    nabij.select = function (id) {
        if (id === "not_known_here") return;
        window.dash_clientside.set_props("selected", { data: id || "" });
    };

    document.addEventListener("click", (event) => {
        const target = event.target.closest ? event.target : null;
        if (!target) return;
        const jump = target.closest("[data-zone]");
        if (jump) nabij.select(jump.dataset.zone);
        for (const menu of document.querySelectorAll("details.menu[open]")) {
            if (!menu.contains(target) || target.closest(".menu-item")) menu.open = false;
        }
        if (target.closest("#sheet-close")) nabij.select("");
        if (target.closest("#table-fold")) fold();
        const act = target.closest("[data-act]");
        if (!act) return;
        if (act.dataset.act === "dismiss") window.dash_clientside.set_props(act.closest(".notice-place").id, { children: null });
        if (act.dataset.act === "clear-areas") window.dash_clientside.set_props("areas", { data: "" });
        if (act.dataset.act === "zoom") nabij.fit([nabij.indexOf(nabij.mapState().selected)], true);
    });

    function fold() {
        const shell = document.getElementById("shell");
        const folded = shell.classList.toggle("table-folded");
        const words = nabij.word(folded ? "table.unfold" : "table.fold");
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
    nabij.drawn = () => Number((document.querySelector("#legend > [data-drawn]") || { dataset: {} }).dataset.drawn || 0);

    let drawn = 0;
    let drawnFor = null;
    let filled = 0;
    let expected = null;
    let newest = null; // the last answer, be it drawn or on its way into the table

    /** Whether what is on the screen is the answer to what is chosen; for whoever must wait for it. */
    nabij.settled = function () {
        const { view } = nabij;
        const api = gridNow();
        if (!view || !api || !expected || drawnFor !== view || expected.view !== view) return false;
        if (nabij.planBusy()) return false;
        if (JSON.stringify(view.key) !== JSON.stringify(nabij.asked) || sortedBy !== nabij.indicator) return false;
        if (api.getDisplayedRowCount() !== expected.rows) return false;
        return !expected.rows || api.getDisplayedRowAtIndex(0).data.version === expected.version;
    };


    async function draw(view, indicator, show, asked) {
        const no = window.dash_clientside.no_update;
        if (!view) return [no, no, no];
        nabij.view = newest = view;
        const wanted = indicator;
        if (nabij.isAsked(wanted) && nabij.canAsk(view) && !nabij.attach(view, wanted, asked)) {
            nabij.indicator = wanted; // the answer is on its way
            return [no, no, no];
        }
        indicator = [wanted, "n_facilities", "births"].find((name) => view.legends[name]) || "births";
        nabij.indicator = indicator;
        const shell = document.getElementById("shell");
        shell.classList.toggle("waiting", drawnFor !== view);
        await nabij.drawMap(view, indicator, show || []);
        if (nabij.view !== view) return [no, no, no]; // another answer came meanwhile
        shell.classList.remove("waiting");
        shell.classList.toggle("shows-made-up", view.madeUp);
        const frame = `${nabij.config.holder.dataset.page || ""}${view.areas}`;
        if (framed !== frame) nabij.fit(view.areas ? nabij.inView() : null, false);
        framed = frame;
        drawnFor = view;
        sortBy(indicator).catch(() => undefined);
        const awaited = nabij.moving || JSON.stringify(view.key) !== JSON.stringify(nabij.asked);
        const changed = indicator === wanted || awaited ? no : indicator;
        const told = element("Div", { "data-drawn": String(++drawn) }, ...legend(view, indicator, show || []));
        return [told, nabij.indicators(view), changed];
    }

    async function rows(view, onlyGaps) {
        const no = window.dash_clientside.no_update;
        if (!view) return [no, no, no, no];
        newest = view;
        const data = await nabij.fetch(view.zones.far);
        if (newest !== view && newest.key !== view.key) return [no, no, no, no]; // another answer came meanwhile
        const every = rowsOf(view, data, ++filled);
        const all = onlyGaps ? every.filter((row) => row.gap === true) : every;
        sortedBy = null;
        nabij.rowsView = view;
        expected = { view, version: filled, rows: all.filter((row) => row.i >= 0).length };
        const options = every
            .filter((row) => row.i >= 0)
            .map((row) => ({ value: row.id, label: row.place ? `${row.name} (${row.place})` : row.name }))
            .sort((a, b) => a.label.localeCompare(b.label));
        const level = nabij.config().levels[view.level];
        grid()
            .then((api) => {
                api.setColumnsVisible(["place"], every.some((row) => row.place));
                for (const name of MEASURED) api.setColumnsVisible([name], Boolean(view.legends[name]));
                followRank(api);
                api.setGridOption("pinnedBottomRowData", all.filter((row) => row.i < 0));
                return sortBy(currentIndicator());
            })
            .catch(() => undefined);
        const listed = all.filter((row) => row.i >= 0);
        const title = nabij.word(onlyGaps ? "table.count.gaps" : "table.count", {
            n: nabij.number(listed.length, 0),
            all: nabij.number(options.length, 0),
            levels: view.levels,
        });
        return [listed, options, nabij.word("map.search", { level }), title];
    }

    const currentIndicator = () => nabij.indicator || nabij.config().state.indicator;

    async function select(id) {
        const shell = document.getElementById("shell");
        if (!shell) return;
        shell.classList.toggle("sheet-open", Boolean(id));
        const i = nabij.highlight(id || null);
        await choose(id).catch(() => undefined);
        if (i >= 0) nabij.reveal(i);
    }

    window.dash_clientside = Object.assign({}, window.dash_clientside, {
        nabij: {
            collect: () => nabij.collect(),
            draw,
            rows,
            select,
            search: (id) => {
                if (id) {
                    nabij.select(id);
                    const i = nabij.indexOf(id);
                    if (i >= 0) nabij.fit([i], true);
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
                    return { form, ids, indicator: nabij.indicator, at: Date.now() };
                });
            },
            toggle: (n) => (n ? true : window.dash_clientside.no_update),
        },
    });
})();
