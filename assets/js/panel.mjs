/* The two faces of the panel below the map: the table, and a chart in its place. Charts are loaded once somebody opens one. */

import { around, byId } from "./dom.mjs";
import * as look from "./look.mjs";
import * as table from "./table.mjs";

const FIRST = "distribution";

/** @type {() => void} */
let open = () => undefined;
let begun = false;

/** Say what loads and draws the charts. @param {() => void} how */
export const opens = (how) => {
    open = how;
};

/** Show the table, or the charts. */
export function face() {
    const shell = document.getElementById("shell");
    if (!shell || !document.getElementById("charts")) return;
    const chart = look.values().chart !== "";
    shell.classList.toggle("with-chart", chart);
    for (const [name, chosen] of /** @type {const} */ ([
        ["face-table", !chart],
        ["face-charts", chart],
    ])) {
        window.dash_clientside.set_props(name, { "aria-selected": String(chosen), tabIndex: chosen ? 0 : -1 });
    }
    if (chart || begun) open();
    begun = begun || chart;
}

/** @param {string} name */
function choose(name) {
    if ((look.values().chart !== "") !== (name === "face-charts")) look.change("chart", name === "face-charts" ? FIRST : "");
    face();
}

document.addEventListener("click", (event) => {
    const tab = around(event, "[role=tab].face");
    if (tab) choose(tab.id);
});
document.addEventListener("keydown", (event) => {
    const tab = around(event, "[role=tab].face");
    if (!tab || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    const other = byId(tab.id === "face-table" ? "face-charts" : "face-table");
    other.focus();
    choose(other.id);
});
look.follow((names) => names.includes("chart") && face());
table.follow(() => {
    if (look.values().chart && !begun) face();
});
