/* Rows of the table: which are kept, in which order, in which groups, and what they are together. Nothing here draws. */

/**
 * @typedef {Record<string, any>} Row values by column; null where a figure is not known
 * @typedef {{ name: string, column: string, least: number | null, most: number | null }} Filter what a row must have
 */

/** @type {Filter} */
const EVERY = { name: "", column: "", least: null, most: null };
const WRITTEN = /^(?:([\w-]+):(-?[\d.]*)\.\.(-?[\d.]*);)?(.*)$/s;

/**
 * Filter as an address holds it: ``births:100..500;gent``, or only a part of a name.
 *
 * @param {string} text
 * @returns {Filter}
 */
export function filterOf(text) {
    const found = WRITTEN.exec(text);
    if (!found) return EVERY;
    const bound = (/** @type {string | undefined} */ word) => (word && Number.isFinite(Number(word)) ? Number(word) : null);
    return { name: found[4], column: found[1] || "", least: bound(found[2]), most: bound(found[3]) };
}

/**
 * Text of a filter, empty where everything is kept.
 *
 * @param {Filter} filter
 */
export function textOf({ name, column, least, most }) {
    const bounded = column && (least !== null || most !== null);
    return `${bounded ? `${column}:${least ?? ""}..${most ?? ""};` : ""}${name.trim()}`;
}

/** @param {string} words */
const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Rows that a filter keeps; what is not known is in no range.
 *
 * @template {Row} R
 * @param {R[]} rows
 * @param {Filter} filter
 * @param {(row: R, column: string) => any} value
 */
export function kept(rows, filter, value) {
    const wanted = plain(filter.name.trim());
    const bounded = filter.column && (filter.least !== null || filter.most !== null);
    return rows.filter((row) => {
        if (wanted && !plain(`${row.name} ${row.place || ""}`).includes(wanted)) return false;
        if (!bounded) return true;
        const found = value(row, filter.column);
        if (found === null || found === undefined) return false;
        return (filter.least === null || found >= filter.least) && (filter.most === null || found <= filter.most);
    });
}

/**
 * Rows in the order of a column; what is not known stands last in either direction.
 *
 * @template {Row} R
 * @param {R[]} rows
 * @param {string} column
 * @param {boolean} descending
 * @param {(row: R, column: string) => any} value
 */
export function sorted(rows, column, descending, value) {
    const way = descending ? -1 : 1;
    const missing = (/** @type {any} */ v) => v === null || v === undefined || v === "";
    return rows
        .map((row) => ({ row, v: value(row, column) }))
        .sort((a, b) => {
            if (missing(a.v) || missing(b.v)) return Number(missing(a.v)) - Number(missing(b.v));
            const apart = typeof a.v === "string" ? a.v.localeCompare(b.v) : a.v - b.v;
            return way * apart; // equals keep their order
        })
        .map(({ row }) => row);
}

/**
 * Groups of rows in the order in which their names come first; rows without a name are together under "".
 *
 * @template {Row} R
 * @param {R[]} rows
 * @param {(row: R) => string} nameOf
 * @returns {{ name: string, rows: R[] }[]}
 */
export function grouped(rows, nameOf) {
    /** @type {Map<string, R[]>} */
    const groups = new Map();
    for (const row of rows) {
        const name = nameOf(row);
        groups.set(name, [...(groups.get(name) || []), row]);
    }
    return [...groups].map(([name, members]) => ({ name, rows: members }));
}

/** @param {Row[]} rows @param {string} column */
const known = (rows, column) => rows.filter((row) => row[column] !== null && row[column] !== undefined);

/** @param {Row[]} rows @param {string} column */
const sum = (rows, column) => rows.reduce((all, row) => all + row[column], 0);

/**
 * What rows are together. A figure that one of them lacks is not told for all; the children out of reach are then at
 * least (``atLeast``) those that are known. Means are weighted by children; a percentile of a group is not made of its parts.
 *
 * @param {Row[]} rows
 * @returns {Row}
 */
export function together(rows) {
    const whole = (/** @type {string} */ column) => known(rows, column).length === rows.length;
    const out = known(rows, "births_out_of_reach");
    const births = sum(known(rows, "births"), "births");
    const places = whole("n_facilities") ? sum(rows, "n_facilities") : null;
    const living = rows.filter((row) => row.births > 0);
    const timed = living.length > 0 && known(living, "mean_minutes").length === living.length;
    const outside = out.length ? sum(out, "births_out_of_reach") : null;
    return {
        births,
        births_out_of_reach: outside,
        atLeast: out.length > 0 && out.length < rows.length,
        share_in_reach: outside !== null && out.length === rows.length && births > 0 ? 1 - outside / births : null,
        mean_minutes: timed ? living.reduce((all, row) => all + row.births * row.mean_minutes, 0) / sum(living, "births") : null,
        n_facilities: places,
        births_per_facility: places ? births / places : null,
        ...Object.fromEntries(
            ["reach_change", "births_gained", "births_lost"]
                .filter((column) => rows.length && whole(column))
                .map((column) => [column, sum(rows, column)])
        ),
    };
}
