/* A view on paper: the map is drawn anew for the width of a sheet, the table in full, and the foot says where it is from. */

import * as core from "./core.mjs";
import { around, byId } from "./dom.mjs";
import { refit, resize, wayBack } from "./frame.mjs";
import * as forms from "./numbers.mjs";

const MOST_ROWS = 700; // a longer table is told, not printed

const grid = () => (window.dash_ag_grid ? window.dash_ag_grid.getApiAsync("table").catch(() => null) : Promise.resolve(null));
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** @type {(() => void) | null} */
let back = null;

/** The rows as they are sorted and filtered, in a table whose head stands on every page. @param {Grid.Api} api */
function table(api) {
    const columns = api.getAllDisplayedColumns();
    const ids = columns.map((column) => column.getColId());
    /** @type {Grid.Node[]} */
    const nodes = [];
    api.forEachNodeAfterFilterAndSort((node) => nodes.push(node));
    for (let k = 0; k < api.getPinnedBottomRowCount(); k++) nodes.push(api.getPinnedBottomRow(k));
    /** @param {Grid.Node} node @param {string} id @param {number} k */
    const value = (node, id, k) => {
        if (id === "rank") return node.rowPinned ? "" : forms.number(k + 1, 0);
        return api.getCellValue({ rowNode: node, colKey: id, useFormatter: true });
    };
    const numeric = (/** @type {Grid.Column} */ column) => /number|rank/.test(String(column.getColDef().cellClass || ""));
    /** @param {"td" | "th"} kind @param {Grid.Column} column @param {unknown} content */
    const made = (kind, column, content) => {
        const cell = document.createElement(kind);
        if (numeric(column)) cell.className = "number";
        cell.textContent = content === null || content === undefined ? "" : String(content);
        return cell;
    };
    const row = (/** @type {HTMLElement[]} */ cells) => {
        const line = document.createElement("tr");
        line.append(...cells);
        return line;
    };
    const [whole, head, body] = ["table", "thead", "tbody"].map((kind) => document.createElement(kind));
    head.append(row(columns.map((column) => made("th", column, api.getDisplayNameForColumn(column, "header")))));
    for (const [k, node] of nodes.entries()) {
        body.append(row(columns.map((column, c) => made("td", column, value(node, ids[c], k)))));
    }
    whole.append(head, body);
    return whole;
}

/** Fill the two places that the page leaves empty for paper; React never looks into them. @param {HTMLElement[]} rows @param {string[]} foot */
function fill(rows, foot) {
    byId("print-table").replaceChildren(...rows);
    byId("print-foot").textContent = foot.join(" ");
}

/** Ready the page for paper; resolves once the map has its new size. */
async function ready() {
    const shell = document.getElementById("shell");
    if (!shell || shell.classList.contains("printing")) return;
    const api = await grid();
    const rows = api ? api.getDisplayedRowCount() : 0;
    const whole = rows <= MOST_ROWS;
    const date = new Intl.DateTimeFormat(forms.locale(), { dateStyle: "long" }).format(new Date());
    const foot = [core.word("print.foot", { address: window.location.href, date })];
    if (!whole) foot.unshift(core.word("print.rows", { n: forms.number(rows, 0) }));
    fill(api && whole ? [table(api)] : [], foot);
    back = wayBack();
    shell.classList.add("printing");
    await frame();
    refit();
    await frame();
    await frame();
}

/** The page as it was on the screen. */
async function done() {
    const shell = document.getElementById("shell");
    if (!shell || !shell.classList.contains("printing")) return;
    shell.classList.remove("printing");
    fill([], []);
    await frame();
    resize();
    if (back) back();
    back = null;
}

document.addEventListener("click", async (event) => {
    if (!around(event, "#print-button")) return;
    await ready();
    window.print();
});
window.addEventListener("afterprint", () => {
    done();
});
