/*
 * A table of many rows for eyes, hands and screen readers: only the rows in view are drawn, it is one stop of the tab
 * key, and the arrows go from cell to cell (the grid pattern of the ARIA practices). Who shows it says what is in it.
 */

import { methodAddress, word } from "./core.mjs";
import { made } from "./dom.mjs";

/**
 * @typedef {{ id: string, title: string, help?: string, method?: string, text?: boolean, width: number, grow?: number, sortable?: boolean,
 *     look?: string }} Column
 * @typedef {{ cells: string[], looks?: string[], shares?: (number | null)[] }} Written words, class and share of a bar by column
 * @typedef {{ key: string, kind: "row" | "group" | "foot", read: () => Written, open?: boolean }} Line a row, written once it is in view
 * @typedef {{ column: string, descending: boolean }} Order
 * @typedef {{ label: string, sorted: (column: string) => void, opened: (key: string) => void,
 *     pointed: (key: string | null) => void, marked: (key: string) => void }} GridHandlers
 */

const ROW_PX = 30;
const BESIDE = 10; // rows that are drawn beyond what is in view
const HEAD = "";

/**
 * Make a table in a holder that nobody else writes into.
 *
 * @param {HTMLElement} holder
 * @param {GridHandlers} told what to do when somebody sorts, opens or points at a row
 */
export function grid(holder, told) {
    const head = made("div", { role: "rowgroup", class: "grid-head" });
    const body = made("div", { role: "rowgroup", class: "grid-body" });
    const foot = made("div", { role: "rowgroup", class: "grid-foot" });
    const frame = made("div", { role: "grid", class: "grid-frame", "aria-label": told.label }, head, body, foot);
    const helps = made("div", { hidden: "" });
    const tip = made("div", { class: "grid-tip", hidden: "" });
    holder.replaceChildren(frame, helps, tip);

    /** @type {Column[]} */
    let columns = [];
    /** @type {Line[]} */
    let lines = [];
    /** @type {Line[]} */
    let feet = [];
    /** @type {Order | null} */
    let order = null;
    let chosen = "";
    let height = ROW_PX;
    let active = { key: HEAD, column: 0 };
    /** @type {Map<string, HTMLElement>} */
    const drawn = new Map();
    /** @type {Map<string, number>} */
    const widths = new Map();
    /** @type {Map<string, number>} */
    let placeOf = new Map();

    const template = () =>
        columns
            .map(({ id, width, grow }) => {
                const own = widths.get(id);
                return own ? `${own}px` : grow ? `minmax(${width}px, ${grow}fr)` : `${width}px`;
            })
            .join(" ");

    function setWidths() {
        const least = columns.reduce((all, { id, width }) => all + (widths.get(id) ?? width), 0);
        frame.style.setProperty("--columns", template());
        frame.style.setProperty("--least", `${least}px`);
    }

    /* ---- drawing ---- */

    /** @param {Line} line @param {number} at place in the table, the head being the first */
    function rowOf(line, at) {
        const attributes = {
            role: "row",
            class: `grid-row ${line.kind}${line.key === chosen ? " chosen" : ""}`,
            "aria-rowindex": String(at),
            "aria-selected": line.kind === "row" ? String(line.key === chosen) : null,
            "aria-expanded": line.kind === "group" ? String(Boolean(line.open)) : null,
            "data-key": line.key,
        };
        const row = made("div", attributes);
        const { cells, looks, shares } = line.read();
        for (const [c, column] of columns.entries()) {
            const cell = made("div", {
                role: column.id === "name" ? "rowheader" : "gridcell",
                class: `grid-cell ${column.id === "name" ? "zone-name" : `col-${column.id}`} ${column.text ? "" : "number"} ${looks?.[c] || ""}`,
                "aria-colindex": String(c + 1),
                "data-column": column.id,
                tabindex: "-1",
            });
            cell.textContent = cells[c] ?? "";
            const share = shares?.[c];
            if (share !== null && share !== undefined) cell.style.setProperty("--share", `${(100 * share).toFixed(1)}%`);
            if (column.text && column.id !== "name") cell.title = cells[c] ?? "";
            row.append(cell);
        }
        return row;
    }

    function drawHead() {
        const cells = columns.map((column, c) => {
            const mine = order && order.column === column.id;
            const sort = mine && order ? (order.descending ? "descending" : "ascending") : "none";
            const cell = made(
                "div",
                {
                    role: "columnheader",
                    class: `grid-cell ${column.id === "name" ? "zone-name" : `col-${column.id}`} ${column.text ? "" : "number"}`,
                    "aria-colindex": String(c + 1),
                    "aria-sort": column.sortable === false ? null : sort,
                    "aria-describedby": column.help ? `help-${column.id}` : null,
                    "data-column": column.id,
                    tabindex: "-1",
                },
                made("span", { class: "grid-title" }, column.title)
            );
            if (mine) cell.prepend(made("span", { class: `grid-arrow ${sort}`, "aria-hidden": "true" }));
            cell.append(made("span", { class: "grid-resize", "aria-hidden": "true" }));
            return cell;
        });
        head.replaceChildren(made("div", { role: "row", class: "grid-row", "aria-rowindex": "1", "data-key": HEAD }, ...cells));
        const explained = columns.filter(({ help }) => help);
        helps.replaceChildren(...explained.map(({ id, help }) => made("span", { id: `help-${id}` }, help || "")));
    }

    function drawFoot() {
        foot.replaceChildren(...feet.map((line, k) => rowOf(line, lines.length + 2 + k)));
    }

    /** Draw the rows in view, and the one that the tab key stops at. */
    function drawBody() {
        const first = Math.max(0, Math.floor(frame.scrollTop / height) - BESIDE);
        const last = Math.min(lines.length, Math.ceil((frame.scrollTop + frame.clientHeight) / height) + BESIDE);
        const wanted = new Set();
        for (let k = first; k < last; k++) wanted.add(k);
        const stop = placeOf.get(active.key);
        if (stop !== undefined && stop >= 0) wanted.add(stop);
        const keys = new Set([...wanted].map((k) => lines[k].key));
        for (const [key, row] of drawn) {
            if (keys.has(key)) continue;
            row.remove();
            drawn.delete(key);
        }
        for (const k of [...wanted].sort((a, b) => a - b)) {
            const line = lines[k];
            if (drawn.has(line.key)) continue;
            const row = rowOf(line, k + 2);
            row.style.top = `${k * height}px`;
            drawn.set(line.key, row);
            const after = [...drawn.entries()].filter(([key]) => /** @type {number} */ (placeOf.get(key)) > k);
            const next = after.sort(([a], [b]) => Number(placeOf.get(a)) - Number(placeOf.get(b)))[0];
            body.insertBefore(row, next ? next[1] : null);
        }
        stopAt();
    }

    /** Everything anew. */
    function draw() {
        const focused = frame.contains(document.activeElement);
        setWidths();
        frame.setAttribute("aria-rowcount", String(lines.length + feet.length + 1));
        frame.setAttribute("aria-colcount", String(columns.length));
        drawn.clear();
        body.replaceChildren();
        drawHead();
        drawFoot();
        height = parseFloat(getComputedStyle(head).getPropertyValue("--row")) || ROW_PX;
        body.style.height = `${lines.length * height}px`;
        if (!lineOf(active.key) && active.key !== HEAD) active = { key: lines.length ? lines[0].key : HEAD, column: active.column };
        active.column = Math.min(active.column, Math.max(0, columns.length - 1));
        drawBody();
        if (focused) focus();
    }

    /* ---- the one stop of the tab key ---- */

    const lineOf = (/** @type {string} */ key) => {
        const at = placeOf.get(key);
        return at === undefined ? undefined : at >= 0 ? lines[at] : feet[-1 - at];
    };

    /** @param {{ key: string, column: number }} place @returns {HTMLElement | null} */
    function cellOf({ key, column }) {
        const row = key === HEAD ? head.firstElementChild : drawn.get(key) || foot.querySelector(`[data-key="${CSS.escape(key)}"]`);
        const cell = row ? row.children[column] : null;
        return cell instanceof HTMLElement ? cell : null;
    }

    function stopAt() {
        for (const cell of frame.querySelectorAll('[tabindex="0"]')) cell.setAttribute("tabindex", "-1");
        cellOf(active)?.setAttribute("tabindex", "0");
    }

    function focus() {
        drawBody();
        cellOf(active)?.focus({ preventScroll: true });
    }

    /** Bring a row between the head and the foot. @param {string} key */
    function reveal(key) {
        const at = placeOf.get(key);
        if (at === undefined || at < 0) return;
        const room = frame.clientHeight - head.offsetHeight - foot.offsetHeight;
        const top = at * height;
        if (top < frame.scrollTop) frame.scrollTop = top;
        else if (top + height > frame.scrollTop + room) frame.scrollTop = top + height - room;
    }

    /** @param {number} rows @param {number} across */
    function move(rows, across) {
        const keys = [HEAD, ...lines.map(({ key }) => key), ...feet.map(({ key }) => key)];
        const now = Math.max(0, keys.indexOf(active.key));
        const to = Math.min(keys.length - 1, Math.max(0, now + rows));
        active = { key: keys[to], column: Math.min(columns.length - 1, Math.max(0, active.column + across)) };
        reveal(active.key);
        focus();
        const cell = cellOf(active);
        if (cell) across && cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    /** @param {string} key @param {string} column */
    function act(key, column) {
        if (key === HEAD) told.sorted(column);
        else if (lineOf(key) && lineOf(key)?.kind !== "foot") told.opened(key);
    }

    /** @param {EventTarget | null} target @returns {{ key: string, column: string } | null} */
    function under(target) {
        const cell = target instanceof Element ? target.closest(".grid-cell") : null;
        const row = cell ? cell.closest(".grid-row") : null;
        if (!(row instanceof HTMLElement) || !(cell instanceof HTMLElement)) return null;
        return { key: row.dataset.key || HEAD, column: cell.dataset.column || "" };
    }

    /** @type {Record<string, (ctrl: boolean) => void>} */
    const keys = {
        ArrowDown: () => move(1, 0),
        ArrowUp: () => move(-1, 0),
        ArrowRight: () => move(0, 1),
        ArrowLeft: () => move(0, -1),
        PageDown: () => move(Math.max(1, Math.floor(frame.clientHeight / height) - 3), 0),
        PageUp: () => move(-Math.max(1, Math.floor(frame.clientHeight / height) - 3), 0),
        Home: (ctrl) => move(ctrl ? -lines.length - feet.length - 1 : 0, -columns.length),
        End: (ctrl) => move(ctrl ? lines.length + feet.length + 1 : 0, columns.length),
        Enter: () => act(active.key, columns[active.column].id),
        " ": () =>
            active.key === HEAD || lineOf(active.key)?.kind === "foot"
                ? act(active.key, columns[active.column].id)
                : told.marked(active.key),
    };
    frame.addEventListener("keydown", (event) => {
        const does = keys[event.key];
        if (!does || event.altKey || event.metaKey || !under(event.target)) return;
        event.preventDefault();
        hush();
        does(event.ctrlKey);
    });
    frame.addEventListener("focusin", (event) => {
        const at = under(event.target);
        if (!at) return;
        active = { key: at.key, column: columns.findIndex(({ id }) => id === at.column) };
        stopAt();
        explain(event.target);
    });
    frame.addEventListener("focusout", (event) => isTip(event.relatedTarget) || hush());
    frame.addEventListener("click", (event) => {
        const at = under(event.target);
        if (!at || (event.target instanceof Element && event.target.closest(".grid-resize"))) return;
        active = { key: at.key, column: columns.findIndex(({ id }) => id === at.column) };
        if (!String(window.getSelection() || "")) act(at.key, at.column);
    });
    frame.addEventListener("mouseover", (event) => {
        const at = under(event.target);
        explain(event.target);
        told.pointed(at && at.key !== HEAD ? at.key : null);
    });
    frame.addEventListener("mouseleave", (event) => {
        if (!isTip(event.relatedTarget)) hush();
        told.pointed(null);
    });
    tip.addEventListener("mouseleave", () => hush());
    tip.addEventListener("focusout", () => hush());
    holder.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" || tip.hidden) return;
        const within = isTip(event.target);
        hush();
        if (within) focus();
    });
    let waits = false;
    frame.addEventListener("scroll", () => {
        hush();
        if (waits) return;
        waits = true;
        requestAnimationFrame(() => {
            waits = false;
            drawBody();
        });
    });
    new ResizeObserver(() => frame.isConnected && drawBody()).observe(frame);

    /* ---- what a heading means ---- */

    /** @param {EventTarget | null} target */
    function explain(target) {
        const cell = target instanceof Element ? target.closest('[role="columnheader"]') : null;
        const column = cell instanceof HTMLElement ? columns.find(({ id }) => id === cell.dataset.column) : undefined;
        if (!cell || !column || !column.help) {
            hush();
            return;
        }
        const more = column.method
            ? made(
                  "a",
                  { href: methodAddress(column.method), "aria-label": `${word("method.link")}: ${column.title}` },
                  word("method.link")
              )
            : null;
        tip.replaceChildren(column.help, ...(more ? [" ", more] : []));
        tip.hidden = false;
        const [box, within] = [cell.getBoundingClientRect(), holder.getBoundingClientRect()];
        const left = Math.min(box.left - within.left, within.width - tip.offsetWidth - 8);
        tip.style.left = `${Math.max(8, left)}px`;
        tip.style.top = `${box.bottom - within.top - 1}px`; // the pointer goes on to it without leaving
    }

    function hush() {
        tip.hidden = true;
    }

    /** @param {EventTarget | null} target */
    const isTip = (target) => target instanceof Node && tip.contains(target);

    /* ---- wider and narrower ---- */

    head.addEventListener("pointerdown", (event) => {
        const handle = event.target instanceof Element ? event.target.closest(".grid-resize") : null;
        const cell = handle ? handle.closest(".grid-cell") : null;
        if (!(cell instanceof HTMLElement)) return;
        event.preventDefault();
        const [from, width, id] = [event.clientX, cell.offsetWidth, cell.dataset.column || ""];
        const drag = (/** @type {PointerEvent} */ moved) => {
            widths.set(id, Math.max(40, width + moved.clientX - from));
            setWidths();
        };
        const stop = () => {
            document.removeEventListener("pointermove", drag);
            document.removeEventListener("pointerup", stop);
        };
        document.addEventListener("pointermove", drag);
        document.addEventListener("pointerup", stop);
    });

    return {
        holder,

        /**
         * Show rows under columns.
         *
         * @param {Column[]} newColumns
         * @param {Line[]} newLines
         * @param {Line[]} newFeet rows that stay at the foot
         * @param {Order | null} newOrder
         */
        show(newColumns, newLines, newFeet, newOrder) {
            [columns, lines, feet, order] = [newColumns, newLines, newFeet, newOrder];
            placeOf = new Map([
                .../** @type {[string, number][]} */ (lines.map(({ key }, k) => [key, k])),
                .../** @type {[string, number][]} */ (feet.map(({ key }, k) => [key, -1 - k])),
            ]);
            if (active.key === HEAD && !frame.contains(document.activeElement) && lines.length) {
                active = {
                    key: lines[0].key,
                    column: Math.max(
                        0,
                        columns.findIndex(({ id }) => id === "name")
                    ),
                };
            }
            draw();
        },

        /**
         * Mark a row as chosen.
         *
         * @param {string} key
         * @param {boolean} intoView
         */
        choose(key, intoView) {
            for (const row of frame.querySelectorAll(".grid-row.chosen")) {
                row.classList.remove("chosen");
                row.setAttribute("aria-selected", "false");
            }
            chosen = key;
            if (key && intoView) reveal(key);
            if (key && lineOf(key) && !frame.contains(document.activeElement)) active = { ...active, key };
            drawBody();
            const row = drawn.get(key);
            row?.classList.add("chosen");
            row?.setAttribute("aria-selected", "true");
        },

        focus,

        /** Whether the keyboard is in the table. */
        focused: () => frame.contains(document.activeElement),

        /** Top of the rows. */
        toTop() {
            frame.scrollTop = 0;
        },
    };
}
