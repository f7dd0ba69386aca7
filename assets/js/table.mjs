/* The ranked table of zones: which columns, rows and groups it shows, and in which order; `grid.mjs` draws it. */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { made } from "./dom.mjs";
import { areasOf } from "./geometry.mjs";
import { grid } from "./grid.mjs";
import * as look from "./look.mjs";
import * as measures from "./measures.mjs";
import * as forms from "./numbers.mjs";
import * as rowsOf from "./rows.mjs";
import { shared } from "./shared.mjs";

/**
 * @typedef {import("./types").ColumnOfTable} Declared
 * @typedef {import("./types").TableRow} Row
 */

/** Columns that are there only where distances are known. */
const MEASURED = ["births_out_of_reach", "share_in_reach", "mean_minutes", "median_minutes", "p90_minutes"];
const FIXED = ["rank", "name", "evidence"]; // a row always says what it rests on

/** @type {ReturnType<typeof grid> | null} */
let shownIn = null;
/** @type {Row[]} */
let rows = [];
/** @type {Row[]} */
let rest = [];
/** @type {Row[]} what is shown, in its order */
let listed = [];
/** @type {import("./grid.mjs").Line[]} */
let lines = [];
/** @type {Set<string>} */
const folded = new Set();
/** @type {string | null} */
let indicator = null;
let chosen = "";
/** @type {{ by: string, names: Map<any, string> } | null} */
let groups = null;
/** @type {{ opened: (id: string) => void, pointed: (id: string | null) => void, counted: () => void, marked: (id: string) => void }} */
let told = { opened: () => undefined, pointed: () => undefined, counted: () => undefined, marked: () => undefined };

/** @type {(() => void)[]} */
const followers = [];

/** Be told when other rows are shown. @param {() => void} follower */
export const follow = (follower) => followers.push(follower);

/** Say what happens when a row is opened or pointed at, or another number of rows is shown. @param {typeof told} to */
export const onAct = (to) => {
    told = to;
};

/* ---- columns ---- */

/** @returns {Declared[]} */
const declared = () => core.config().columns;

/** Whether a column has anything to show in this view. @param {Declared} column */
function has({ id }) {
    if (id === "place") return rows.some((row) => row.place);
    if (MEASURED.includes(id)) return Boolean(shared.rowsView?.legends[id]);
    return true;
}

/** Columns that somebody may choose. @returns {Declared[]} */
const choosable = () => declared().filter((column) => !column.optional && !FIXED.includes(column.id) && has(column));

/** Columns that are shown: those that were chosen or are usual, and those of an indicator that was asked for. */
function shownColumns() {
    const wanted = look.values().columns.split(",");
    const usual = wanted[0] === "";
    const asked = measures.columnsOf(indicator || "");
    return declared().filter((column) => {
        if (FIXED.includes(column.id)) return true;
        if (column.optional) return asked.includes(column.id);
        return has(column) && (usual ? column.shown : wanted.includes(column.id));
    });
}

/** Value of a row, whatever the column. @param {Row} row @param {string} id */
const valueOf = (row, id) => (measures.isColumn(id) ? measures.valueOf(row, id) : row[id]);

/** @type {Record<string, (value: any, column: Declared) => string>} */
const WRITERS = {
    number: (value) => forms.number(value, 0),
    percent: (value) => forms.percent(value),
    minutes: (value) => forms.minutes(value),
    change: (value) => forms.change(value),
    gained: (value) => forms.change(value, "+"),
    lost: (value) => forms.change(value, "−"),
    asked: (value, column) => measures.written(column.id, value),
    text: (value) => value ?? "",
};

/** @param {Row} row @param {Declared} column */
function looksOf(row, column) {
    const value = Number(row[column.id] ?? 0);
    if (column.id === "births_out_of_reach") return value > 0 ? "need-cell" : "";
    if (column.id === "why") return row.gap === true ? "gap-yes" : row.gap === null ? "gap-unknown" : "";
    if (!["change", "gained", "lost"].includes(column.kind)) return "";
    if (Math.abs(value) < 0.05) return "zero-cell";
    return column.kind === "change" ? (value < 0 ? "less-cell" : "more-cell") : "";
}

/**
 * Words of a row.
 *
 * @param {Row} row
 * @param {Declared[]} columns
 * @param {string} rank
 * @returns {import("./grid.mjs").Written}
 */
function written(row, columns, rank) {
    return {
        cells: columns.map((column) => (column.id === "rank" ? rank : WRITERS[column.kind](valueOf(row, column.id), column))),
        looks: columns.map((column) => looksOf(row, column)),
        shares: columns.map(({ id, kind }) => (kind === "percent" && typeof row[id] === "number" ? Number(row[id]) : null)),
    };
}

/**
 * Words of many rows together; a column that cannot be added up is empty.
 *
 * @param {Row[]} many
 * @param {Declared[]} columns
 * @param {string} name
 * @returns {import("./grid.mjs").Written}
 */
function together(many, columns, name) {
    const sums = rowsOf.together(many);
    return {
        cells: columns.map((column) => {
            if (column.id === "name") return name;
            if (!(column.id in sums) || column.text) return "";
            const words = WRITERS[column.kind](sums[column.id], column);
            return column.id === "births_out_of_reach" && sums.atLeast ? `≥ ${words}` : words;
        }),
    };
}

/* ---- order, filter, groups ---- */

/** How the rows stand: as somebody sorted them, or as the indicator on the map ranks them. @returns {import("./grid.mjs").Order | null} */
function orderNow() {
    const [column, way] = look.values().sort.split(":");
    if (column && declared().some(({ id }) => id === column)) return { column, descending: way === "desc" };
    const ranks = indicator && (measures.isAsked(indicator) ? measures.canSort(indicator) : indicator !== "gap");
    if (!indicator || !ranks) return null;
    const known = declared().some(({ id }) => id === indicator);
    return known ? { column: indicator, descending: !core.config().lowFirst.includes(indicator) } : null;
}

/** Another way of sorting by a column: down, up, and as the map ranks them. @param {string} id */
function sortBy(id) {
    const column = declared().find((one) => one.id === id);
    if (!column || column.sortable === false) return;
    const before = look.values().sort;
    const ways = column.low || column.text ? ["asc", "desc"] : ["desc", "asc"];
    const at = ways.findIndex((way) => before === `${id}:${way}`);
    look.change("sort", at === 1 ? "" : `${id}:${ways[at + 1]}`);
    shownIn?.toTop();
    refresh();
}

/** Names of the groups that the rows are in, by row. */
async function readGroups() {
    const by = look.values().group;
    if (!by || by === "gap" || by === "place") {
        groups = by ? { by, names: new Map() } : null;
        return;
    }
    const address = core.config().partitions[by]?.address;
    if (!address || !shared.rowsView) return;
    const view = shared.rowsView;
    const [areas, zones] = await Promise.all([connection.load(address), connection.load(view.zones.far)]);
    if (shared.rowsView !== view || look.values().group !== by) return;
    const found = areasOf(
        zones.features.map((/** @type {any} */ zone) => zone.properties.p),
        areas.features
    );
    groups = { by, names: new Map(found.map((name, i) => [i, name])) };
}

/** @param {Row} row */
function groupOf(row) {
    if (!groups) return "";
    if (groups.by === "place") return row.place || "";
    if (groups.by === "gap") return core.word(`table.group.gap.${row.gap === null ? "unknown" : row.gap ? "yes" : "no"}`);
    return groups.names.get(row.i) || "";
}

/** Show what is to be shown. */
function refresh() {
    const holder = document.getElementById("table");
    if (!holder || !core.config()) return;
    if (shownIn?.holder !== holder) {
        const label = holder.dataset.label || "";
        shownIn = grid(holder, { label, sorted: sortBy, opened: open, pointed: (key) => told.pointed(key), marked: toMark });
        menu();
    }
    const columns = shownColumns();
    const order = orderNow();
    const kept = rowsOf.kept(rows, rowsOf.filterOf(look.values().filter), valueOf);
    const inOrder = order ? rowsOf.sorted(kept, order.column, order.descending, valueOf) : kept;
    const grouped = groups ? rowsOf.grouped(inOrder, groupOf) : [{ name: "", rows: inOrder }];
    lines = [];
    listed = [];
    for (const group of grouped) {
        const key = `group:${group.name}`;
        if (groups) {
            const name = core.word("table.group.name", {
                name: group.name || core.word("table.group.none"),
                n: forms.number(group.rows.length, 0),
            });
            lines.push({ key, kind: "group", open: !folded.has(key), read: () => together(group.rows, columns, name) });
        }
        for (const row of group.rows) {
            const rank = forms.number(listed.push(row), 0);
            if (!groups || !folded.has(key)) lines.push({ key: row.id, kind: "row", read: () => written(row, columns, rank) });
        }
    }
    /** @type {import("./grid.mjs").Line[]} */
    const feet = rest.map((row) => ({ key: row.id, kind: "foot", read: () => written(row, columns, "") }));
    if (listed.length > 1) {
        feet.unshift({ key: "total", kind: "foot", read: () => together(listed, columns, core.word("table.total")) });
    }
    shownIn.show(columns, lines, feet, order);
    if (chosen) shownIn.choose(chosen, false);
    told.counted();
    for (const follower of followers) follower();
}

/** @param {string} key */
function toMark(key) {
    if (key.startsWith("group:")) open(key);
    else told.marked(key);
}

/** @param {string} key */
function open(key) {
    if (key.startsWith("group:")) {
        if (!folded.delete(key)) folded.add(key);
        refresh();
        return;
    }
    told.opened(key);
}

/* ---- what the page asks of it ---- */

/**
 * Show the rows of an answer.
 *
 * @param {Row[]} zones
 * @param {Row[]} others what stands below whatever the order, such as what a level does not cover
 */
export async function fill(zones, others) {
    [rows, rest] = [zones, others];
    await readGroups();
    refresh();
    fillMenu();
}

/** Rank the rows by what is on the map, unless the address says another order. @param {string} name */
export function rankBy(name) {
    if (indicator === name && !measures.isAsked(name)) return;
    if (indicator !== null && indicator !== name) look.change("sort", "");
    indicator = name;
    shownIn?.toTop();
    refresh();
}

/** What the rows are ranked by. */
export const rankedBy = () => indicator;

/** Mark a zone as chosen. @param {string} id @param {boolean} intoView */
export function choose(id, intoView) {
    chosen = id;
    shownIn?.choose(id, intoView);
}

/** Whether the keyboard is in the table. */
export const focused = () => Boolean(shownIn?.focused());

/** Bring the keyboard back to the cell it came from. */
export const focus = () => shownIn?.focus();

/** Rows that are shown, in their order; with what stands below them. */
export const shown = () => ({ rows: listed, below: rest });

/** Rows of all zones, whatever is shown of them. */
export const every = () => rows;

/** Columns that hold numbers, with what they have to show; for whoever draws them. */
export const numbers = () => [
    ...choosable().filter(({ text }) => !text),
    ...declared().filter(({ id, optional }) => optional && measures.columnsOf(indicator || "").includes(id)),
];

/** What a row has in a column. */
export { valueOf };

/** Value of a row in a column, in words. @param {Row} row @param {Declared} column */
export const words = (row, column) => WRITERS[column.kind](valueOf(row, column.id), column);

/** How many zones there are, and how many of them are shown. */
export const count = () => ({ shown: listed.length, all: rows.length });

/** Value of a column by name of the zone, for whoever looks into the page. @param {string} id */
export const column = (id) => listed.map((row) => [row.name, valueOf(row, id)]);

/** The table as it goes on paper: headings, and the words of every row. */
export function onPaper() {
    const columns = shownColumns();
    const feet = rest.map((row) => written(row, columns, ""));
    if (listed.length > 1) feet.unshift(together(listed, columns, core.word("table.total")));
    return {
        columns: columns.map(({ title, text }) => ({ title, number: !text })),
        rows: [...lines.map(({ read }) => read().cells), ...feet.map(({ cells }) => cells)],
    };
}

/* ---- the menu: filter, groups, columns ---- */

/** @param {string} key @param {Node} field */
const labelled = (key, field) => made("label", { class: "field" }, made("span", {}, core.word(key)), field);

/** @param {string} name @param {[string, string][]} options value and words */
const select = (name, options) => made("select", { name }, ...options.map(([value, words]) => made("option", { value }, words)));

function menu() {
    const holder = document.getElementById("table-menu");
    if (!holder) return;
    holder.replaceChildren(
        made("form", { class: "table-form" }),
        made("button", { type: "button", class: "quiet-button", "data-table": "usual" }, core.word("table.menu.usual"))
    );
    holder.closest("details")?.addEventListener("toggle", fillMenu);
    holder.addEventListener("input", () => read(holder));
    holder.addEventListener("submit", (event) => event.preventDefault());
    holder.addEventListener("click", (event) => {
        if (!(event.target instanceof Element) || !event.target.closest("[data-table]")) return;
        for (const name of /** @type {const} */ (["filter", "group", "columns", "sort"])) look.change(name, "");
        again();
    });
}

/** Fill the menu with what this view can show. */
function fillMenu() {
    const form = document.querySelector("#table-menu form");
    if (!form) return;
    form.replaceChildren();
    if (!form.closest("details")?.open) return; // it is filled once somebody opens it
    const { filter, group } = look.values();
    const { name, column, least, most } = rowsOf.filterOf(filter);
    const bound = declared().find(({ id }) => id === column);
    const percent = bound?.kind === "percent" ? 100 : 1;
    const numbers = choosable().filter(({ text }) => !text);
    const levels = Object.entries(core.config().partitions).filter(([level]) => level !== shared.rowsView?.level);
    const groupings = /** @type {[string, string][]} */ ([
        ["", core.word("table.menu.no_group")],
        ["gap", core.word("table.gap_reasons")],
        ...(rows.some((row) => row.place) ? [["place", core.word("table.place")]] : []),
        ...levels.map(([level, { label }]) => [level, label]),
    ]);
    const shownNow = shownColumns().map(({ id }) => id);
    const within = (/** @type {string} */ id) => shownNow.includes(id);
    form.replaceChildren(
        made(
            "fieldset",
            {},
            made("legend", {}, core.word("table.menu.filter")),
            labelled("table.menu.name", made("input", { type: "search", name: "name", value: name, autocomplete: "off" })),
            labelled(
                "table.menu.column",
                select("column", [
                    ["", core.word("table.menu.any")],
                    .../** @type {[string, string][]} */ (numbers.map(({ id, title }) => [id, title])),
                ])
            ),
            made(
                "div",
                { class: "pair" },
                labelled("table.menu.least", made("input", { type: "number", name: "least", step: "any", value: boundOf(least, percent) })),
                labelled("table.menu.most", made("input", { type: "number", name: "most", step: "any", value: boundOf(most, percent) }))
            )
        ),
        labelled("table.menu.group", select("group", groupings)),
        made("p", { class: "help", hidden: "" }, core.word("table.menu.group.help")),
        made(
            "fieldset",
            { class: "columns" },
            made("legend", {}, core.word("table.menu.columns")),
            ...choosable().map(({ id, title }) =>
                made(
                    "label",
                    { class: "tick" },
                    made("input", { type: "checkbox", name: "shown", value: id, checked: within(id) ? "" : null }),
                    made("span", {}, title)
                )
            )
        )
    );
    const fields = /** @type {HTMLFormElement} */ (form).elements;
    /** @type {HTMLSelectElement} */ (fields.namedItem("column")).value = bound ? column : "";
    /** @type {HTMLSelectElement} */ (fields.namedItem("group")).value = groupings.some(([value]) => value === group) ? group : "";
    helpOfGroups(form);
}

/** @param {number | null} bound @param {number} times */
const boundOf = (bound, times) => (bound === null ? "" : String(Math.round(bound * times * 1e6) / 1e6));

/** @param {Element} form */
function helpOfGroups(form) {
    const help = form.querySelector("p.help");
    const { group } = look.values();
    if (help instanceof HTMLElement) help.hidden = !(group in core.config().partitions);
}

/** @param {Element} holder */
function read(holder) {
    const form = holder.querySelector("form");
    if (!form) return;
    const data = new FormData(form);
    const said = (/** @type {string} */ name) => String(data.get(name) || "");
    const column = said("column");
    const percent = declared().find(({ id }) => id === column)?.kind === "percent" ? 100 : 1;
    const bound = (/** @type {string} */ name) => (said(name) === "" ? null : Number(said(name)) / percent);
    look.change("filter", rowsOf.textOf({ name: said("name"), column, least: bound("least"), most: bound("most") }));
    look.change("group", said("group"));
    const wanted = data.getAll("shown").map(String);
    const usual = choosable()
        .filter(({ shown: usually }) => usually)
        .map(({ id }) => id);
    const asUsual = wanted.length === usual.length && usual.every((id) => wanted.includes(id));
    look.change("columns", asUsual ? "" : wanted.join(",") || "none");
    helpOfGroups(form);
    readGroups().then(refresh);
}

/** Show the look of another address. */
function again() {
    readGroups().then(() => {
        refresh();
        fillMenu();
    });
}

look.follow((names) => {
    indicator = names.includes("sort") ? null : indicator; // the order of the address stands until another indicator is chosen
    if (shownIn && rows.length) again();
});
