/* A view on paper: the map is drawn anew for the width of a sheet, the table in full, and the foot says where it is from. */

import * as core from "./core.mjs";
import * as zoneMap from "./map.mjs";
import * as forms from "./numbers.mjs";
import * as table from "./table.mjs";
import { tokens } from "./tokens.mjs";

const MOST_ROWS = 700; // a longer table is told, not printed

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

let back = null;

/** The rows as they are sorted and filtered, in a table whose head stands on every page. */
function paperTable() {
    const { columns, rows } = table.onPaper();
    const line = (kind, cells) => {
        const row = document.createElement("tr");
        for (const [c, words] of cells.entries()) {
            const cell = document.createElement(kind);
            if (columns[c].number) cell.className = "number";
            cell.textContent = words;
            row.append(cell);
        }
        return row;
    };
    const [whole, head, body] = ["table", "thead", "tbody"].map((kind) => document.createElement(kind));
    head.append(
        line(
            "th",
            columns.map(({ title }) => title)
        )
    );
    body.append(...rows.map((cells) => line("td", cells)));
    whole.append(head, body);
    return whole;
}

/** Fill the two places that the page leaves empty for paper; React never looks into them. */
function fill(rows, foot) {
    document.getElementById("print-table").replaceChildren(...rows);
    document.getElementById("print-foot").textContent = foot.join(" ");
}

/** Ready the page for paper; resolves once the map has its new size. */
async function ready() {
    const shell = document.getElementById("shell");
    if (!shell || shell.classList.contains("printing")) return;
    const rows = table.count().shown;
    const whole = rows <= MOST_ROWS;
    const date = new Intl.DateTimeFormat(tokens.locales[core.config().lang], { dateStyle: "long" }).format(new Date());
    const foot = [core.word("print.foot", { address: window.location.href, date })];
    if (!whole) foot.unshift(core.word("print.rows", { n: forms.number(rows, 0) }));
    fill(rows && whole ? [paperTable()] : [], foot);
    back = zoneMap.wayBack();
    shell.classList.add("printing");
    await frame();
    zoneMap.refit();
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
    zoneMap.resize();
    if (back) back();
    back = null;
}

document.addEventListener("click", async (event) => {
    if (!event.target.closest || !event.target.closest("#print-button")) return;
    await ready();
    window.print();
});
window.addEventListener("afterprint", () => {
    done();
});
