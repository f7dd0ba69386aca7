/* What every chart shows: marks for the library that draws them, points that can be pointed at, and the same data as a table. */

/** @import { ChartValues, ColumnOfTable, TableRow } from "./types" */

import * as core from "./core.mjs";
import * as forms from "./numbers.mjs";
import { tokens } from "./tokens.mjs";

/** Colours of the page as it is, light or dark. */
const colours = /** @type {Record<keyof typeof tokens.colours, string>} */ (
    Object.fromEntries(Object.keys(tokens.colours).map((name) => [name, `var(--${kebab(name)})`]))
);

/** Name of a colour in a style sheet: ``accent-soft``, ``ink-2``. @param {string} name */
function kebab(name) {
    return name.replace(/[A-Z]|\d/g, (/** @type {string} */ sign) => `-${sign.toLowerCase()}`);
}

/** Picture with the colours themselves, those of the light page, for a file. @param {string} picture */
export function withColours(picture) {
    const known = Object.fromEntries(Object.entries(tokens.colours).map(([name, value]) => [kebab(name), value]));
    return picture.replace(/var\(--([\w-]+)\)/g, (/** @type {string} */ whole, /** @type {string} */ name) => known[name] ?? whole);
}

const MAX_RANKED = 100;
const ROW = 22; // pixels of a row of a ranking
const STRIP = 66; // pixels of a strip
const NAME = 150; // pixels for names beside a chart
const SIDES = { marginTop: 18, marginRight: 24, marginBottom: 38, marginLeft: 58 };

/**
 * @typedef {object} Point what can be pointed at
 * @property {number} x
 * @property {number} y
 * @property {string} words
 * @property {string} [id] of its zone
 *
 * @typedef {object} Drawing
 * @property {SVGSVGElement} picture
 * @property {Point[]} points in pixels of the picture, in their order for the keyboard
 * @property {{ columns: string[], rows: string[][] }} data
 * @property {string} summary what the chart says, in a sentence
 * @property {(from: [number, number], to: [number, number]) => string[]} [inside] zones of a range that is drawn over it
 * @property {boolean} [across] whether a range has no height
 *
 * @typedef {object} Given
 * @property {any} Plot the library
 * @property {number} width
 * @property {number} height
 * @property {TableRow[]} rows those of the table
 * @property {TableRow[]} every those of all zones
 * @property {ColumnOfTable[]} columns
 * @property {string[]} chosen names of columns
 * @property {ChartValues | null} values
 * @property {TableRow | null} zone
 * @property {(row: TableRow, column: string) => any} value
 * @property {(row: TableRow, column: ColumnOfTable) => string} written
 * @property {string} evidence how the places are known
 * @property {Record<string, number>} all figures of all zones together
 */

/** @param {Given} given @param {Record<string, unknown>} more */
function options({ width, height }, more) {
    return {
        width,
        height,
        ...SIDES,
        style: { background: "transparent", color: colours.ink2, fontFamily: "inherit", fontSize: "12px", overflow: "visible" },
        ...more,
    };
}

/** @param {number} value */
const whole = (value) => forms.number(value, 0);

/** Axis of a count of children, above a list of bars. @param {string} word */
const counted = (word) => ({
    label: core.word(word),
    axis: "top",
    grid: true,
    zero: true,
    labelArrow: "none",
    tickFormat: whole,
    labelAnchor: "center",
});

/** @param {number} value */
const percent = (value) => forms.percent(value);

/** How the ticks of a column are written. @param {ColumnOfTable | undefined} column */
function ticks(column) {
    if (column?.kind === "percent") return percent;
    return (/** @type {number} */ value) => forms.number(value, Number.isInteger(value) ? 0 : 1);
}

/** Name of a column with its unit. @param {ColumnOfTable} column */
const titled = (column) => (column.kind === "minutes" ? `${column.title} (min)` : column.title);

/** @param {any} picture @param {string} name @param {number | string} value @returns {number} */
const along = (picture, name, value) => picture.scale(name).apply(value);

/** Births by travel time; a range of minutes marks the zones whose mean lies in it. @param {Given} given @returns {Drawing | null} */
function distribution(given) {
    const { Plot, values, zone, every, rows } = given;
    if (!values) return null;
    const { step, births, reach, out, unknown } = values;
    const last = births.length - 1;
    const sum = births.reduce((/** @type {number} */ all, /** @type {number} */ one) => all + one, 0);
    const bars = births.map((/** @type {number} */ n, /** @type {number} */ k) => ({ from: k * step, to: (k + 1) * step, n }));
    const mean = typeof zone?.mean_minutes === "number" ? zone.mean_minutes : null;
    const picture = Plot.plot(
        options(given, {
            x: {
                label: core.word("chart.minutes"),
                domain: [0, (last + 1) * step],
                tickFormat: whole,
                labelAnchor: "center",
                labelArrow: "none",
            },
            y: { label: core.word("table.births"), grid: true, ticks: 4, tickFormat: whole, labelArrow: "none", nice: true },
            marks: [
                Plot.rectY(bars, {
                    x1: "from",
                    x2: "to",
                    y: "n",
                    fill: (/** @type {any} */ bar) => (bar.from >= reach ? colours.need : colours.accent),
                    insetLeft: 0.5,
                    insetRight: 0.5,
                }),
                Plot.ruleY([0], { stroke: colours.lineStrong }),
                Plot.ruleX([reach], { stroke: colours.ink, strokeWidth: 1.5, strokeDasharray: "4 3" }),
                Plot.text([reach], {
                    x: (/** @type {number} */ at) => at,
                    frameAnchor: "top",
                    text: () => core.word("chart.reach", { minutes: forms.number(reach, 1, 0) }),
                    textAnchor: "start",
                    dx: 6,
                    fill: colours.ink,
                    stroke: colours.paper,
                    strokeWidth: 4,
                }),
                ...(mean === null
                    ? []
                    : [
                          Plot.ruleX([Math.min(mean, (last + 1) * step)], { stroke: colours.moved, strokeWidth: 2 }),
                          Plot.text([mean], {
                              x: (/** @type {number} */ at) => Math.min(at, (last + 1) * step),
                              frameAnchor: "top",
                              dy: 16,
                              dx: 6,
                              textAnchor: "start",
                              text: () => core.word("chart.mean_of", { zone: zone?.name ?? "", minutes: forms.minutes(mean) }),
                              fill: colours.moved,
                              stroke: colours.paper,
                              strokeWidth: 4,
                          }),
                      ]),
            ],
        })
    );
    const range = (/** @type {number} */ k) =>
        k === last
            ? core.word("chart.minutes.from", { from: whole(k * step) })
            : core.word("chart.minutes.range", { from: whole(k * step), to: whole((k + 1) * step) });
    return {
        picture,
        points: bars.map((/** @type {any} */ bar, /** @type {number} */ k) => ({
            x: along(picture, "x", bar.from + step / 2),
            y: along(picture, "y", bar.n),
            words: core.word("chart.births_at", { range: range(k), births: whole(bar.n), share: percent(sum ? bar.n / sum : 0) }),
        })),
        data: {
            columns: [core.word("chart.minutes"), core.word("table.births"), core.word("chart.share")],
            rows: bars.map((/** @type {any} */ bar, /** @type {number} */ k) => [range(k), whole(bar.n), percent(sum ? bar.n / sum : 0)]),
        },
        summary: `${core.word("chart.distribution.says", { births: whole(sum), out: whole(out), reach: forms.number(reach, 1, 0) })}${
            unknown > 0.5 ? ` ${core.word("chart.unknown", { births: whole(unknown) })}` : ""
        }`,
        across: true,
        inside: ([left], [right]) => {
            const [from, to] = [left, right].map((x) => picture.scale("x").invert(x));
            const held = new Set(rows.map(({ id }) => id));
            return every
                .filter(({ id, mean_minutes: at }) => held.has(id) && typeof at === "number" && at >= from && at <= to)
                .map(({ id }) => id);
        },
    };
}

/** Two columns against each other. @param {Given} given @returns {Drawing | null} */
function scatter(given) {
    const { Plot, rows, columns, chosen, value, written } = given;
    const [x, y] = chosen.map((name) => columns.find(({ id }) => id === name));
    if (!x || !y) return null;
    const known = rows.filter((row) => [x, y].every(({ id }) => typeof value(row, id) === "number"));
    if (!known.length) return null;
    const at = (/** @type {ColumnOfTable} */ column) => (/** @type {TableRow} */ row) => value(row, column.id);
    const most = Math.max(...known.map(({ births }) => Number(births) || 0), 1);
    const axis = (/** @type {ColumnOfTable} */ column) => ({
        label: titled(column),
        grid: true,
        nice: true,
        zero: true,
        labelArrow: "none",
        tickFormat: ticks(column),
        ticks: 5,
    });
    const picture = Plot.plot(
        options(given, {
            x: { ...axis(x), labelAnchor: "center" },
            y: axis(y),
            marks: [
                Plot.dot(known, {
                    x: at(x),
                    y: at(y),
                    r: (/** @type {TableRow} */ row) => Math.sqrt((Number(row.births) || 0) / most),
                    fill: colours.accent,
                    fillOpacity: 0.45,
                    stroke: colours.accentStrong,
                    strokeWidth: 0.7,
                }),
            ],
            r: { range: [2, 14], domain: [0, 1] },
        })
    );
    const points = known
        .map((row) => ({
            x: along(picture, "x", value(row, x.id)),
            y: along(picture, "y", value(row, y.id)),
            id: row.id,
            words: `${row.name}: ${x.title} ${written(row, x)}, ${y.title} ${written(row, y)}`,
        }))
        .sort((a, b) => a.x - b.x || a.y - b.y);
    const lacking = rows.length - known.length;
    return {
        picture,
        points,
        data: {
            columns: [core.word("table.zone"), x.title, y.title],
            rows: known.map((row) => [row.name, written(row, x), written(row, y)]),
        },
        summary: `${core.word("chart.scatter.says", { n: whole(known.length), x: x.title, y: y.title })}${
            lacking ? ` ${core.word("chart.left_out", { n: whole(lacking) })}` : ""
        }`,
        inside: (from, to) =>
            points
                .filter(({ x: across, y: down }) => across >= from[0] && across <= to[0] && down >= from[1] && down <= to[1])
                .map(({ id }) => id),
    };
}

/** Births out of reach, most first, with the range of the draws. @param {Given} given @returns {Drawing | null} */
function ranking(given) {
    const { Plot, rows, values, width } = given;
    if (!values) return null;
    const known = rows
        .filter(({ births_out_of_reach: out }) => typeof out === "number")
        .sort((a, b) => Number(b.births_out_of_reach) - Number(a.births_out_of_reach))
        .slice(0, MAX_RANKED)
        .map((row) => ({
            id: row.id,
            name: row.place ? `${row.name} (${row.place})` : row.name,
            out: Number(row.births_out_of_reach),
            low: values.low[row.r],
            high: values.high[row.r],
        }));
    if (!known.length) return null;
    const picture = Plot.plot(
        options(given, {
            width,
            height: known.length * ROW + SIDES.marginTop + SIDES.marginBottom,
            marginLeft: NAME,
            marginTop: 34,
            x: counted("table.births_out_of_reach"),
            y: {
                domain: known.map(({ id }) => id),
                label: null,
                tickFormat: (/** @type {string} */ id) => known.find((one) => one.id === id)?.name ?? "",
                tickSize: 0,
            },
            marks: [
                Plot.ruleY(known, { y: "id", x1: "low", x2: "high", stroke: colours.lineStrong, strokeWidth: 5, strokeLinecap: "round" }),
                Plot.dot(known, { y: "id", x: "out", fill: colours.need, r: 4.5, stroke: colours.paper }),
            ],
        })
    );
    const half = picture.scale("y").bandwidth / 2;
    const range = (/** @type {number} */ low, /** @type {number} */ high) =>
        core.word("chart.between", { low: whole(low), high: whole(high) });
    const points = known.map((row) => ({
        x: along(picture, "x", row.out),
        y: along(picture, "y", row.id) + half,
        id: row.id,
        words: `${row.name}: ${whole(row.out)} (${range(row.low, row.high)})`,
    }));
    return {
        picture,
        points,
        data: {
            columns: [core.word("table.zone"), core.word("table.births_out_of_reach"), core.word("chart.range")],
            rows: known.map((row) => [row.name, whole(row.out), range(row.low, row.high)]),
        },
        summary: core.word("chart.ranking.says", { n: whole(known.length), draws: whole(values.draws) }),
        inside: ([, top], [, bottom]) => points.filter(({ y }) => y >= top && y <= bottom).map(({ id }) => id),
    };
}

/** Places by the births that they reach, and those whose nearest they are. @param {Given} given @returns {Drawing | null} */
function places(given) {
    const { Plot, values, evidence } = given;
    if (!values) return null;
    const every = values.id.map((/** @type {string} */ id, /** @type {number} */ k) => ({
        id,
        name: values.name[k],
        zone: values.zone[k],
        where: values.where[k],
        nearest: values.nearest[k],
        reached: values.reached[k],
    }));
    const drawn = every.slice(0, MAX_RANKED);
    const named = new Map(drawn.map((/** @type {any} */ one) => [one.id, one.name]));
    const picture = Plot.plot(
        options(given, {
            height: drawn.length * ROW + SIDES.marginTop + SIDES.marginBottom,
            marginLeft: Math.min(260, given.width / 2.4),
            marginTop: 34,
            x: counted("chart.places.reached"),
            y: {
                domain: drawn.map((/** @type {any} */ one) => one.id),
                label: null,
                tickFormat: (/** @type {string} */ id) => named.get(id) ?? "",
                tickSize: 0,
            },
            marks: [
                Plot.ruleY(drawn, { y: "id", x1: "reached", x2: "nearest", stroke: colours.barRest, strokeWidth: 5 }),
                Plot.ruleY(drawn, { y: "id", x1: 0, x2: "reached", stroke: colours.accent, strokeWidth: 9 }),
            ],
        })
    );
    const half = picture.scale("y").bandwidth / 2;
    const told = (/** @type {any} */ one) =>
        core.word("chart.places.point", {
            place: one.name,
            where: one.where,
            reached: forms.number(one.reached, 0),
            nearest: forms.number(one.nearest, 0),
        });
    return {
        picture,
        points: drawn.map((/** @type {any} */ one) => ({
            x: along(picture, "x", one.reached),
            y: along(picture, "y", one.id) + half,
            id: one.zone,
            words: told(one),
        })),
        data: {
            columns: ["id", "name", "zone", "reached", "nearest", "evidence"].map((name) => core.word(`chart.places.${name}`)),
            rows: every.map((/** @type {any} */ one) => [one.id, one.name, one.where, whole(one.reached), whole(one.nearest), evidence]),
        },
        summary: core.word("chart.places.says", { n: whole(every.length), shown: whole(drawn.length) }),
    };
}

/** Who is out of reach, by deprivation. @param {Given} given @returns {Drawing | null} */
function lorenz(given) {
    const { Plot, values, height, width } = given;
    if (!values) return null;
    const line = values.people.map((/** @type {number} */ people, /** @type {number} */ k) => ({ people, burden: values.burden[k] }));
    const side = { grid: true, ticks: 5, tickFormat: percent, domain: [0, 1], labelArrow: "none" };
    const picture = Plot.plot(
        options(given, {
            width: Math.min(width, height * 2.4),
            x: { ...side, label: core.word("chart.lorenz.x"), labelAnchor: "center" },
            y: { ...side, label: core.word("chart.lorenz.y") },
            marks: [
                Plot.areaY(line, { x: "people", y1: "people", y2: "burden", fill: colours.accentSoft }),
                Plot.line(
                    [
                        [0, 0],
                        [1, 1],
                    ],
                    { stroke: colours.ink3, strokeDasharray: "4 3" }
                ),
                Plot.line(line, { x: "people", y: "burden", stroke: colours.need, strokeWidth: 2.5 }),
                Plot.text([[0.5, 0.5]], {
                    text: () => core.word("chart.lorenz.even"),
                    textAnchor: values.index < 0 ? "start" : "end",
                    dx: values.index < 0 ? 10 : -10,
                    dy: values.index < 0 ? 8 : -8,
                    fill: colours.ink2,
                    stroke: colours.paper,
                    strokeWidth: 4,
                }),
            ],
        })
    );
    const fifth = line[10];
    return {
        picture,
        points: line
            .filter((/** @type {any} */ _, /** @type {number} */ k) => k % 5 === 0)
            .map((/** @type {any} */ one) => ({
                x: along(picture, "x", one.people),
                y: along(picture, "y", one.burden),
                words: core.word("chart.lorenz.point", { people: percent(one.people), burden: percent(one.burden) }),
            })),
        data: {
            columns: [core.word("chart.lorenz.x"), core.word("chart.lorenz.y")],
            rows: line
                .filter((/** @type {any} */ _, /** @type {number} */ k) => k % 5 === 0)
                .map((/** @type {any} */ one) => [percent(one.people), percent(one.burden)]),
        },
        summary: core.word("chart.lorenz.says", {
            people: percent(fifth.people),
            burden: percent(fifth.burden),
            index: forms.number(values.index, 2),
        }),
    };
}

/** Live births, and the proxy apart. @param {Given} given @returns {Drawing | null} */
function trend(given) {
    const { Plot, values, zone } = given;
    const series = (/** @type {string} */ kind) =>
        (values?.[kind]?.year ?? []).map((/** @type {number} */ year, /** @type {number} */ k) => ({
            kind,
            year,
            value: values?.[kind].value[k],
        }));
    const [proxy, births] = [series("age0"), series("births")];
    const both = [...proxy, ...births].sort((a, b) => a.year - b.year);
    if (both.length < 2) return null;
    const picture = Plot.plot(
        options(given, {
            x: { label: null, tickFormat: String, nice: true },
            y: { label: core.word("table.births"), grid: true, zero: true, nice: true, ticks: 4, tickFormat: whole, labelArrow: "none" },
            marks: [
                Plot.ruleY([0], { stroke: colours.lineStrong }),
                Plot.line(proxy, { x: "year", y: "value", stroke: colours.accent, strokeWidth: 2, strokeDasharray: "5 4" }),
                Plot.line(births, { x: "year", y: "value", stroke: colours.need, strokeWidth: 2.5 }),
                Plot.dot(births, { x: "year", y: "value", fill: colours.need, r: 4.5, stroke: colours.paper }),
                ...[proxy, births]
                    .filter(({ length }) => length)
                    .map((line) =>
                        Plot.text([line[Math.floor((line.length - 1) / 3)]], {
                            x: "year",
                            y: "value",
                            text: () => core.word(`chart.trend.${line[0].kind}`),
                            dy: line === proxy ? 16 : -14,
                            textAnchor: line === proxy ? "start" : "end",
                            fill: line === proxy ? colours.accentStrong : colours.need,
                            stroke: colours.paper,
                            strokeWidth: 4,
                        })
                    ),
            ],
        })
    );
    const told = (/** @type {any} */ one) => core.word(`chart.trend.${one.kind}`);
    const said = (/** @type {any[]} */ line) =>
        core.word(line.length > 1 ? "chart.trend.says" : "chart.trend.says.one", {
            what: told(line[0]),
            first: line[0].year,
            from: whole(line[0].value),
            last: line[line.length - 1].year,
            to: whole(line[line.length - 1].value),
        });
    return {
        picture,
        points: both.map((one) => ({
            x: along(picture, "x", one.year),
            y: along(picture, "y", one.value),
            words: `${one.year}: ${whole(one.value)} (${told(one)})`,
        })),
        data: {
            columns: [core.word("chart.year"), core.word("table.births"), core.word("chart.what")],
            rows: both.map((one) => [String(one.year), whole(one.value), told(one)]),
        },
        summary: [
            `${zone ? zone.name : core.word("chart.trend.all")}.`,
            ...[proxy, births].filter(({ length }) => length).map(said),
            core.word("chart.trend.apart"),
        ].join(" "),
    };
}

/** The chosen zone among the others, figure by figure. @param {Given} given @returns {Drawing | null} */
function peers(given) {
    const { Plot, rows, columns, zone, value, written, all, width } = given;
    const shares = columns.filter(({ id }) => !["births", "births_out_of_reach", "n_facilities"].includes(id));
    const drawn = shares.filter(({ id }) => new Set(rows.map((row) => value(row, id)).filter((one) => typeof one === "number")).size > 1);
    if (!drawn.length) return null;
    const holder = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const height = drawn.length * STRIP;
    for (const [name, size] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, fill: colours.ink2, "font-size": 12 })) {
        holder.setAttribute(name, String(size));
    }
    /** @type {Point[]} */
    const points = [];
    const lines = drawn.map((column, k) => {
        const known = rows.filter((row) => typeof value(row, column.id) === "number");
        const strip = Plot.plot(
            options(given, {
                height: STRIP,
                marginLeft: Math.min(NAME, width / 3),
                marginTop: 16,
                marginBottom: 24,
                x: { label: null, ticks: 5, nice: true, zero: true, tickFormat: ticks(column) },
                marks: [
                    Plot.tickX(known, {
                        x: (/** @type {TableRow} */ row) => value(row, column.id),
                        stroke: colours.accent,
                        strokeOpacity: 0.35,
                    }),
                    ...(typeof all[column.id] === "number"
                        ? [Plot.tickX([all[column.id]], { x: (/** @type {number} */ at) => at, stroke: colours.ink, strokeWidth: 3 })]
                        : []),
                    ...(zone && typeof value(zone, column.id) === "number"
                        ? [
                              Plot.dot([zone], {
                                  x: (/** @type {TableRow} */ row) => value(row, column.id),
                                  r: 7,
                                  fill: colours.need,
                                  stroke: colours.paper,
                                  strokeWidth: 2,
                              }),
                          ]
                        : []),
                ],
            })
        );
        strip.setAttribute("y", String(k * STRIP));
        holder.append(strip);
        const name = document.createElementNS("http://www.w3.org/2000/svg", "text");
        for (const [key, at] of Object.entries({ x: 0, y: k * STRIP + 34, fill: colours.ink })) name.setAttribute(key, String(at));
        name.textContent = titled(column);
        holder.append(name);
        for (const row of known) {
            points.push({
                x: along(strip, "x", value(row, column.id)),
                y: k * STRIP + 29,
                id: row.id,
                words: `${row.name}: ${column.title} ${written(row, column)}`,
            });
        }
        const below = zone ? known.filter((row) => value(row, column.id) < value(zone, column.id)).length : 0;
        return [
            column.title,
            zone ? written(zone, column) : "",
            typeof all[column.id] === "number" ? written(/** @type {any} */ (all), column) : "",
            zone ? core.word("chart.peers.rank", { n: whole(below), all: whole(known.length - 1) }) : "",
        ];
    });
    return {
        picture: holder,
        points,
        data: {
            columns: [core.word("chart.what"), zone?.name ?? "", core.word("table.total"), core.word("chart.peers.lower")],
            rows: lines,
        },
        summary: core.word(zone ? "chart.peers.says" : "chart.peers.choose", { zone: zone?.name ?? "" }),
    };
}

/** Every chart by its name, in the order in which they are offered. @type {Record<string, (given: Given) => Drawing | null>} */
export const DRAWINGS = { distribution, ranking, places, scatter, lorenz, trend, peers };

/** Charts that need figures of the server. */
export const ASKED = ["distribution", "ranking", "places", "lorenz", "trend"];

/**
 * Nearest of some points that is near enough; -1 where none is.
 *
 * @param {{ x: number, y: number }[]} points
 * @param {number} x
 * @param {number} y
 * @param {number} reach pixels
 */
export function nearest(points, x, y, reach) {
    let found = -1;
    let least = reach ** 2;
    points.forEach((point, k) => {
        const away = (point.x - x) ** 2 + (point.y - y) ** 2;
        if (away <= least) [found, least] = [k, away];
    });
    return found;
}
