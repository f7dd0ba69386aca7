/* A view on paper: the map is drawn anew for the width of a sheet, the table in full, and the foot says where it is from. */

import * as core from "./core.mjs";
import { around, byId, made } from "./dom.mjs";
import { refit, resize, wayBack } from "./frame.mjs";
import * as forms from "./numbers.mjs";
import * as table from "./table.mjs";

const MAX_ROWS = 700; // a longer table is told, not printed

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** @type {(() => void) | null} */
let back = null;

/** The rows as they are sorted and filtered, in a table whose head stands on every page. */
function paperTable() {
    const { columns, rows } = table.onPaper();
    const line = (/** @type {"td" | "th"} */ kind, /** @type {string[]} */ cells) =>
        made("tr", {}, ...cells.map((words, c) => made(kind, { class: columns[c].number ? "number" : null }, words)));
    const titles = columns.map(({ title }) => title);
    return made("table", {}, made("thead", {}, line("th", titles)), made("tbody", {}, ...rows.map((cells) => line("td", cells))));
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
    const rows = table.count().shown;
    const whole = rows <= MAX_ROWS;
    const date = new Intl.DateTimeFormat(forms.locale(), { dateStyle: "long" }).format(new Date());
    const foot = [core.word("print.foot", { address: window.location.href, date })];
    if (!whole) foot.unshift(core.word("print.rows", { n: forms.number(rows, 0) }));
    fill(rows && whole ? [paperTable()] : [], foot);
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
