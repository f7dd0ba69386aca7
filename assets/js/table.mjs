/* The table: how its cells are written and sorted, its rows, and choosing a zone in it. */

/** @import { TableRow, View, Zones } from "./types" */

import * as core from "./core.mjs";
import { around } from "./dom.mjs";
import * as measures from "./measures.mjs";
import * as forms from "./numbers.mjs";
import { hover } from "./pointing.mjs";
import { NOT_KNOWN_HERE, pick } from "./selection.mjs";
import { tokens } from "./tokens.mjs";
import { indexOf } from "./zones.mjs";

const { colours } = tokens;
const MEASURED = ["births_out_of_reach", "share_in_reach", "mean_minutes", "p90_minutes"];

/** @type {string | null} */
let sortedBy = null;
let fromTable = false; // the zone was chosen in the table, which need not be scrolled to it

/** Whether the table is sorted by what colours the map. @param {string | null} indicator */
export const isSortedBy = (indicator) => sortedBy === indicator;

/** Other rows are not sorted yet. */
export function forgetOrder() {
    sortedBy = null;
}

/** @param {Grid.Params} params @param {number} decimals */
const nabijNumber = ({ value }, decimals) => forms.number(value, decimals);

/** @param {Grid.Params} params @param {string} sign */
const nabijChange = ({ value }, sign) => forms.change(value, sign);

/** @param {Grid.Params} params */
const nabijPercent = ({ value }) => forms.percent(value);

/** @param {Grid.Params} params */
const nabijMinutes = ({ value }) => forms.minutes(value);

/** @param {Grid.Params} params */
const nabijRank = ({ node }) => (node.rowPinned ? "" : node.rowIndex + 1);

/** @param {Grid.Params} params */
const nabijBar = ({ value }) => (isKnown(value) ? { "--share": `${(100 * value).toFixed(1)}%` } : null);

/** @param {number | null | undefined} value @returns {value is number} */
const isKnown = (value) => value !== null && value !== undefined;

/**
 * Order of two values; what is not known stands last either way.
 *
 * @param {number | null | undefined} a
 * @param {number | null | undefined} b
 * @param {unknown} _nodeA
 * @param {unknown} _nodeB
 * @param {boolean} descending
 */
function nabijCompare(a, b, _nodeA, _nodeB, descending) {
    if (isKnown(a) && isKnown(b)) return a - b;
    if (!isKnown(a) && !isKnown(b)) return 0;
    return isKnown(a) === descending ? 1 : -1;
}

/** @param {Grid.Theme} theme */
const nabijTheme = (theme) =>
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

window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    nabijNumber,
    nabijChange,
    nabijPercent,
    nabijMinutes,
    nabijRank,
    nabijBar,
    nabijCompare,
    nabijTheme,
});

/**
 * Rows of the table.
 *
 * @param {View} view
 * @param {Zones} data
 * @param {number} version tells the rows from those of another answer
 * @returns {TableRow[]}
 */
export function rowsOf(view, data, version) {
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
            version,
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

/** The grid, once it is there. @returns {Promise<Grid.Api>} */
export const grid = () => window.dash_ag_grid?.getApiAsync("table") ?? Promise.reject(new Error("no grid"));

/** The grid, where it is there. */
export function gridNow() {
    try {
        return window.dash_ag_grid?.getApi("table") ?? null;
    } catch {
        return null; // not there yet
    }
}

/** Sort the table by what colours the map. @param {string} indicator */
export async function sortBy(indicator) {
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

/** Select the row of a zone. @param {string | null} id */
export async function choose(id) {
    const api = await grid();
    if (!id) {
        api.deselectAll();
        return;
    }
    const node = api.getRowNode(id);
    if (!node) return;
    if (!node.isSelected()) node.setSelected(true, true);
    if (!fromTable) api.ensureNodeVisible(node, "middle");
    fromTable = false;
}

/** The rank follows the order on the screen, whatever it is sorted by. @param {Grid.Api} api */
function followRank(api) {
    if (api.nabijFollowed) return;
    api.nabijFollowed = true;
    api.addEventListener("modelUpdated", () => api.refreshCells({ columns: ["rank"], force: true }));
    api.addEventListener("firstDataRendered", () => api.autoSizeColumns(["evidence"]));
    api.addEventListener("rowDataUpdated", () => setTimeout(() => api.autoSizeColumns(["evidence"])));
}

/** Id of the zone whose row an event is of. @param {Event} event */
const rowUnder = (event) => around(event, "#table .ag-row[row-id]")?.getAttribute("row-id") ?? null;

document.addEventListener("mouseover", (event) => {
    if (around(event, "#table")) hover(indexOf(rowUnder(event)));
});
document.addEventListener("click", (event) => {
    const id = rowUnder(event);
    if (!id) return;
    fromTable = true;
    pick(id);
});
document.addEventListener("keydown", (event) => {
    const id = rowUnder(event);
    if (id && (event.key === "Enter" || event.key === " ")) {
        fromTable = true;
        pick(id);
    }
});

/**
 * What follows in the grid from other rows: its columns, and the remainder at the foot.
 *
 * @param {View} view
 * @param {TableRow[]} every
 * @param {TableRow[]} listed those that are to be shown
 */
export async function follow(view, every, listed) {
    const api = await grid();
    api.setColumnsVisible(
        ["place"],
        every.some((row) => row.place)
    );
    for (const name of MEASURED) api.setColumnsVisible([name], Boolean(view.legends[name]));
    followRank(api);
    api.setGridOption(
        "pinnedBottomRowData",
        listed.filter((row) => row.i < 0)
    );
}
