/*
 * Charts in the place of the table, of the rows that it holds: what is pointed at in one lights up on the map, and the
 * other way round; what is marked in one is marked on the map. The library that draws them comes with the first chart.
 */

/** @import { Charted } from "./types" */

import { ASKED, DRAWINGS, nearest, withColours } from "./chart_drawings.mjs";
import * as core from "./core.mjs";
import { made } from "./dom.mjs";
import * as look from "./look.mjs";
import * as marked from "./marked.mjs";
import { hover, hovered, follow as onPointed, selected } from "./pointing.mjs";
import * as rowsOf from "./rows.mjs";
import { pick } from "./selection.mjs";
import { shared } from "./shared.mjs";
import * as table from "./table.mjs";
import { tokens } from "./tokens.mjs";
import { indexOf, zoneId } from "./zones.mjs";

const NEAR = 26; // pixels at which a point is pointed at
const LOW = 180; // pixels of a chart at least
const DRAG = 6; // pixels from which a movement is a range
const ROOM = 300; // pixels of the panel where a chart opens in it
const MAX_KEPT = 12;
const SVG = "http://www.w3.org/2000/svg";

/** @type {Map<string, Charted["values"]>} Answers by their question. */
const answers = new Map();
/** @type {any} */
let library = null;
/** @type {HTMLElement | null} */
let holder = null;
/** @type {import("./chart_drawings.mjs").Drawing | null} */
let drawing = null;
let awaited = ""; // question whose answer is on its way
/** @type {string | null} */
let drawnOf = null; // zone that was chosen when the chart was drawn
let at = -1; // point that is pointed at
let asTable = false;
let waits = false;

const word = core.word;

/** Chart that is chosen, and its columns. */
function chosen() {
    const [name, ...columns] = look.values().chart.split(":");
    const names = table.numbers().map(({ id }) => id);
    const usual = names.includes("mean_minutes") ? ["mean_minutes", "births_out_of_reach"] : ["births", "n_facilities"];
    return {
        name: name in DRAWINGS ? name : "distribution",
        columns: usual.map((one, k) => (names.includes(columns[k]) ? columns[k] : one)),
    };
}

/** Open the charts, or draw them anew. */
export async function begin() {
    const place = document.getElementById("charts");
    if (!place) return;
    if (place !== holder || !place.firstChild) {
        holder = place;
        build(place);
    }
    if (look.values().chart === "") return;
    const height = document.getElementById("table-region")?.offsetHeight ?? 0;
    if (height < ROOM && !document.querySelector(".shell.table-folded")) document.documentElement.style.setProperty("--table", `${ROOM}px`);
    if (!library) {
        await import(new URL(core.config().chartLibrary, core.base).href);
        library = /** @type {any} */ (window).Plot;
    }
    draw();
}

/** Take the answer of the server. @param {Charted | null} answer */
export function take(answer) {
    if (answer) {
        awaited = "";
        answers.set(keyOf(answer), answer.values);
        for (const oldest of answers.keys()) {
            if (answers.size <= MAX_KEPT) break;
            answers.delete(oldest);
        }
        draw();
    }
    return window.dash_clientside.no_update;
}

/** @param {{ key: unknown, chart: string, zone: string }} asked */
const keyOf = ({ key, chart, zone }) => JSON.stringify([shared.rowsView?.zones.far, key, chart, zone]);

/** Figures of the server for a chart; undefined while they are on their way. @param {string} chart */
function valuesOf(chart) {
    const view = shared.rowsView;
    if (!view || !ASKED.includes(chart)) return null;
    const asked = { key: view.key, chart, zone: chart === "trend" ? (selected() ?? "") : "" };
    const known = answers.get(keyOf(asked));
    if (known === undefined && awaited !== keyOf(asked)) {
        awaited = keyOf(asked);
        window.dash_clientside.set_props("charting", { data: asked });
    }
    return known;
}

/* ---- the panel ---- */

/** @param {HTMLElement} place */
function build(place) {
    const chart = made("select", { name: "chart", "aria-label": word("chart.choose") });
    for (const name of Object.keys(DRAWINGS)) chart.append(made("option", { value: name }, word(`chart.${name}`)));
    const columns = ["x", "y"].map((axis) =>
        made("label", { class: "chart-axis" }, made("span", {}, word(`chart.${axis}`)), made("select", { name: axis }))
    );
    const button = (/** @type {string} */ name, /** @type {Record<string, string>} */ more = {}) =>
        made("button", { type: "button", class: "button", "data-chart": name, ...more }, word(`chart.${name}`));
    place.replaceChildren(
        made(
            "form",
            { class: "chart-bar" },
            chart,
            ...columns,
            made("span", { class: "chart-room" }),
            button("data", { "aria-pressed": "false" }),
            button("svg")
        ),
        made("p", { class: "chart-says" }),
        made("div", {
            class: "chart-frame",
            tabindex: "0",
            role: "group",
            "aria-roledescription": word("chart.role"),
            "aria-describedby": "chart-keys",
        }),
        made("p", { id: "chart-keys", class: "only-read" }, word("chart.keys")),
        made("p", { class: "chart-tip", role: "status", hidden: "" })
    );
    place.addEventListener("submit", (event) => event.preventDefault());
    place.addEventListener("change", changed);
    place.addEventListener("click", (event) => {
        const does = event.target instanceof Element ? event.target.closest("[data-chart]") : null;
        if (!(does instanceof HTMLElement)) return;
        if (does.dataset.chart === "svg") save();
        else {
            asTable = !asTable;
            does.setAttribute("aria-pressed", String(asTable));
            draw();
        }
    });
    const frame = frameOf();
    frame.addEventListener("keydown", keys);
    frame.addEventListener("focusout", () => point(-1));
    frame.addEventListener("pointermove", pointed);
    frame.addEventListener("pointerleave", () => !range && point(-1));
    frame.addEventListener("pointerdown", down);
    frame.addEventListener("pointerup", up);
    new ResizeObserver(redraw).observe(frame);
}

/** @returns {HTMLElement} */
function frameOf() {
    const frame = holder?.querySelector(".chart-frame");
    if (!(frame instanceof HTMLElement)) throw new Error("the charts have no frame");
    return frame;
}

/** @param {string} name */
const select = (name) => /** @type {HTMLSelectElement} */ (holder?.querySelector(`select[name="${name}"]`));

function changed() {
    const name = select("chart").value;
    look.change("chart", name === "scatter" ? [name, select("x").value, select("y").value].filter(Boolean).join(":") : name);
    draw();
}

function redraw() {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
        waits = false;
        draw();
    });
}

function draw() {
    if (!holder?.isConnected || !library || look.values().chart === "" || !shared.rowsView) return;
    const frame = frameOf();
    if (frame.clientWidth < 60) return;
    const { name, columns } = chosen();
    controls(name, columns);
    const values = valuesOf(name);
    frame.setAttribute("aria-label", word(`chart.${name}`));
    holder.classList.toggle("chart-waits", values === undefined);
    if (values === undefined) return;
    const every = table.every();
    const id = selected();
    drawnOf = id;
    drawing = DRAWINGS[name]({
        Plot: library,
        width: frame.clientWidth - 4,
        height: Math.max(LOW, frame.clientHeight - 6),
        rows: table.shown().rows,
        every,
        columns: table.numbers(),
        chosen: columns,
        values: values,
        zone: every.find((row) => row.id === id) ?? null,
        value: table.valueOf,
        written: table.words,
        evidence: shared.rowsView.evidence,
        all: rowsOf.together(every),
    });
    at = -1;
    const says = holder.querySelector(".chart-says");
    if (says) says.textContent = drawing ? drawing.summary : word("chart.none");
    frame.replaceChildren(...(drawing ? [asTable ? tableOf(drawing) : drawing.picture] : []));
    frame.classList.toggle("chart-table", asTable);
    if (!drawing || asTable) return;
    for (const part of drawing.picture.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label"); // names of marks, in English
    drawing.picture.setAttribute("role", "img");
    drawing.picture.setAttribute("aria-label", `${word(`chart.${name}`)}. ${drawing.summary}`);
    rings();
}

/** @param {string} name @param {string[]} columns */
function controls(name, columns) {
    select("chart").value = name;
    for (const [k, axis] of ["x", "y"].entries()) {
        const field = select(axis);
        const label = field.closest("label");
        if (label) label.hidden = name !== "scatter";
        const offered = table.numbers();
        if (field.options.length !== offered.length) {
            field.replaceChildren(...offered.map(({ id, title }) => made("option", { value: id }, title)));
        }
        field.value = columns[k];
    }
}

/** @param {import("./chart_drawings.mjs").Drawing} from */
function tableOf({ data }) {
    const cells = (/** @type {string[]} */ words, /** @type {"th" | "td"} */ kind) =>
        made("tr", {}, ...words.map((one, k) => made(k ? kind : "th", { scope: kind === "th" ? "col" : k ? null : "row" }, one)));
    return made(
        "table",
        { class: "chart-data" },
        made("caption", { class: "only-read" }, word(`chart.${chosen().name}`)),
        made("thead", {}, cells(data.columns, "th")),
        made("tbody", {}, ...data.rows.map((row) => cells(row, "td")))
    );
}

/* ---- pointing ---- */

/** Rings around the zones that are pointed at, chosen and marked. */
function rings() {
    if (!drawing || asTable) return;
    for (const old of drawing.picture.querySelectorAll(".chart-ring")) old.remove();
    const hoveredId = (hovered() ?? -1) >= 0 ? zoneId(/** @type {number} */ (hovered())) : null;
    const ring = (/** @type {{ x: number, y: number }} */ point, /** @type {string} */ kind) => {
        const circle = document.createElementNS(SVG, "circle");
        for (const [name, value] of Object.entries({
            cx: point.x,
            cy: point.y,
            r: kind === "marked" ? 5 : 8,
            class: `chart-ring ${kind}`,
        })) {
            circle.setAttribute(name, String(value));
        }
        drawing?.picture.append(circle);
    };
    drawing.points.forEach((point, k) => {
        if (point.id && marked.has(point.id)) ring(point, "marked");
        if (point.id && point.id === selected()) ring(point, "selected");
        if (k === at || (point.id && point.id === hoveredId)) ring(point, "hovered");
    });
}

/** Point at a point of the chart; at none, -1. @param {number} k */
function point(k) {
    const tip = holder?.querySelector(".chart-tip");
    if (!drawing || !(tip instanceof HTMLElement) || k === at) return;
    at = k;
    const there = drawing.points[k];
    tip.hidden = !there;
    hover(there?.id ? indexOf(there.id) : -1);
    rings();
    if (!there) return;
    tip.textContent = there.words;
    const frame = frameOf();
    const [left, top] = [frame.offsetLeft + there.x - frame.scrollLeft, frame.offsetTop + there.y - frame.scrollTop];
    tip.style.left = `${Math.max(4, Math.min(left + 12, frame.clientWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${Math.max(0, top - tip.offsetHeight - 10)}px`;
}

/** @param {KeyboardEvent} event */
function keys(event) {
    if (!drawing || asTable) return;
    const { points } = drawing;
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: points.length - 1 }[event.key];
    const id = points[at]?.id;
    if (to !== undefined && points.length) {
        event.preventDefault();
        const next = Math.min(points.length - 1, Math.max(0, to));
        const frame = frameOf();
        if (points[next].y < frame.scrollTop + 30 || points[next].y > frame.scrollTop + frame.clientHeight - 20) {
            frame.scrollTop = points[next].y - frame.clientHeight / 2;
        }
        point(next);
    } else if (id && event.key === "Enter") pick(id);
    else if (id && event.key === " ") {
        event.preventDefault();
        marked.toggle(id);
    }
}

/** @param {PointerEvent} event @returns {[number, number]} pixels of the picture */
function spotOf(event) {
    const box = (drawing?.picture ?? frameOf()).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
}

/** @type {{ from: [number, number], box: SVGRectElement } | null} */
let range = null;

/** @param {PointerEvent} event */
function pointed(event) {
    if (!drawing || asTable) return;
    const [x, y] = spotOf(event);
    if (range) {
        stretch(range, [x, y]);
        return;
    }
    const columns = drawing.points.some(({ id }) => id) ? drawing.points : drawing.points.map((one) => ({ x: one.x, y }));
    point(nearest(columns, x, y, NEAR));
}

/** @param {PointerEvent} event */
function down(event) {
    if (!drawing?.inside || asTable || event.button !== 0 || event.pointerType === "touch") return;
    const box = document.createElementNS(SVG, "rect");
    box.setAttribute("class", "chart-range");
    drawing.picture.append(box);
    range = { from: spotOf(event), box };
}

/** @param {NonNullable<typeof range>} drawn @param {[number, number]} to */
function stretch({ from, box }, to) {
    const { height } = drawing?.picture.getBoundingClientRect() ?? { height: 0 };
    const across = drawing?.across;
    const [left, top, right, bottom] = [
        Math.min(from[0], to[0]),
        across ? 0 : Math.min(from[1], to[1]),
        Math.max(from[0], to[0]),
        across ? height : Math.max(from[1], to[1]),
    ];
    for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) {
        box.setAttribute(name, String(value));
    }
}

/** @param {PointerEvent} event */
function up(event) {
    const drawn = range;
    range = null;
    drawn?.box.remove();
    if (!drawing || asTable) return;
    const to = spotOf(event);
    const from = drawn?.from ?? to;
    if (!drawn || Math.hypot(to[0] - from[0], to[1] - from[1]) < DRAG) {
        const id = drawing.points[at]?.id;
        if (id) pick(id);
        return;
    }
    const low = /** @type {[number, number]} */ ([Math.min(from[0], to[0]), Math.min(from[1], to[1])]);
    const high = /** @type {[number, number]} */ ([Math.max(from[0], to[0]), Math.max(from[1], to[1])]);
    marked.mark(drawing.inside?.(low, high) ?? []);
}

/* ---- a picture to keep ---- */

const WARNED = 26; // pixels of the strip of a warning, and the width that its words take
const WARNED_WIDE = 840;

/** Element of a picture. @param {string} name @param {Record<string, string | number>} look @param {string} [words] */
function element(name, look, words) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(look)) made.setAttribute(key, String(value));
    if (words) made.textContent = words;
    return made;
}

/** The whole warning on top of a picture that leaves the page. @param {string} warning @param {number} wide */
function warningAbove(warning, wide) {
    const { warn, warnInk } = tokens.colours;
    const look = { x: 8, y: 17, "font-size": 11, "font-weight": 700, fill: warnInk };
    return [element("rect", { width: wide, height: WARNED, fill: warn }), element("text", look, warning)];
}

/** Save the chart, with what it is of and how well that is known. */
function save() {
    if (!drawing) return;
    const { picture } = drawing;
    const [width, height] = ["width", "height"].map((name) => Number(picture.getAttribute(name)));
    const [headline, evidence] = [document.getElementById("headline")?.textContent ?? "", shared.rowsView?.evidence ?? ""];
    const lines = [word(`chart.${chosen().name}`), headline, drawing.summary, word("chart.evidence", { evidence })];
    const warning = shared.view?.madeUp ? word("export.illustrative") : "";
    const wide = Math.max(width, warning ? WARNED_WIDE : 720);
    const whole = document.createElementNS(SVG, "svg");
    const warned = warning ? WARNED : 0;
    const head = warned + 22 * lines.length + 14;
    for (const [name, value] of Object.entries({
        xmlns: SVG,
        width: wide,
        height: height + head,
        viewBox: `0 0 ${wide} ${height + head}`,
        "font-family": "Source Sans 3, Segoe UI, sans-serif",
        fill: tokens.colours.ink,
    })) {
        whole.setAttribute(name, String(value));
    }
    const ground = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ width: wide, height: height + head, fill: tokens.colours.paper }))
        ground.setAttribute(name, String(value));
    whole.append(ground);
    if (warning) whole.append(...warningAbove(warning, wide));
    lines.forEach((line, k) => {
        const size = { x: 8, y: warned + 24 + 22 * k, "font-size": k ? 12 : 16, "font-weight": k ? 400 : 700 };
        whole.append(element("text", size, line));
    });
    const copy = /** @type {SVGSVGElement} */ (picture.cloneNode(true));
    for (const ring of copy.querySelectorAll(".chart-ring")) ring.remove();
    copy.setAttribute("y", String(head));
    whole.append(copy);
    const link = made("a", {
        href: URL.createObjectURL(new Blob([withColours(new XMLSerializer().serializeToString(whole))], { type: "image/svg+xml" })),
        download: `nabij-${chosen().name}.svg`,
    });
    link.click();
    URL.revokeObjectURL(link.href);
}

onPointed(() => {
    const chart = look.values().chart;
    if (chart === "") return;
    if (selected() === drawnOf) rings();
    else redraw();
});
marked.follow(rings);
table.follow(draw);
