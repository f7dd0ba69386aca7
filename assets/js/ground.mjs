/*
 * The ground over the zones: water, railways, roads and names, from our own files. It is drawn above the fill of the
 * zones, because where there is water nobody lives, and lets every pointer through to them.
 */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { tokens } from "./tokens.mjs";
import { NEAR_FROM_ZOOM } from "./zones.mjs";

const { colours } = tokens;
const SQUARES_FROM_ZOOM = 12.75;
const VILLAGES_FROM_ZOOM = 11.75;
const WATER_NAMES_FROM_ZOOM = 11;
const MAX_NAMES = 70;
const MAX_SQUARES = 24;

/**
 * @typedef {{ unit: number, areas: Record<string, number[][][]>, lines: Record<string, { name: string, lines: number[][] }[]>,
 *     places: { name: string, p: [number, number], kind: string }[] }} Ground
 * @typedef {{ weight: number, opacity: number, color: string, dashArray?: string }} Stroke
 */

const ROADS_FROM_ZOOM = 9.4; // farther off they cannot be told from borders

/**
 * Width at zoom 8, growth by zoom, and look, by kind and from below; a kind that is not here is not drawn.
 *
 * @type {Record<string, { from: number, by: number, opacity: number, color: string, dashArray?: string }>}
 */
const STROKES = {
    river: { from: 0.7, by: 0.3, opacity: 0.95, color: colours.waterLine },
    canal: { from: 0.7, by: 0.3, opacity: 0.95, color: colours.waterLine },
    water: { from: 0.5, by: 0.05, opacity: 1, color: colours.waterLine },
    minor: { from: -1.4, by: 0.45, opacity: 0.5, color: colours.road },
    pedestrian: { from: -1.4, by: 0.4, opacity: 0.5, color: colours.road },
    tertiary: { from: -1.2, by: 0.5, opacity: 0.6, color: colours.road },
    secondary: { from: -0.6, by: 0.55, opacity: 0.6, color: colours.road },
    primary: { from: -0.4, by: 0.6, opacity: 0.7, color: colours.road },
    trunk: { from: 0.2, by: 0.6, opacity: 0.75, color: colours.road },
    motorway: { from: 1, by: 0.6, opacity: 0.8, color: colours.road },
    railway: { from: 0.5, by: 0.25, opacity: 0.75, color: colours.rail, dashArray: "5 3" },
};
const ORDER = Object.keys(STROKES);
const WATERS = new Set(["river", "canal", "water"]);

/** @type {any} */
let map = null;
/** @type {any} */
let renderer = null;
/** @type {Record<string, Record<string, any>>} Layers by part ("far", "near", a square) and kind. */
let parts = {};
/** @type {Ground | null} */
let near = null;
/** @type {any} */
let labels = null;
let wanted = false;

/**
 * Points of a line in whole steps.
 *
 * @param {number[]} steps longitude and latitude of the first point, then of every step
 * @param {number} unit degrees
 * @returns {[number, number][]} latitude, longitude
 */
export function points(steps, unit) {
    /** @type {[number, number][]} */
    const out = [];
    let lon = 0;
    let lat = 0;
    for (let k = 0; k < steps.length; k += 2) {
        lon += steps[k];
        lat += steps[k + 1];
        out.push([lat * unit, lon * unit]);
    }
    return out;
}

/**
 * Look of a kind at a zoom.
 *
 * @param {string} kind
 * @param {number} zoom
 * @returns {Stroke}
 */
export function stroke(kind, zoom) {
    const { from, by, ...look } = STROKES[kind];
    return { ...look, weight: Math.max(0.35, Math.min(9, from + by * (zoom - 8))) };
}

/**
 * Columns and rows of the tiles of a zoom that a rectangle in degrees touches.
 *
 * @param {{ west: number, south: number, east: number, north: number }} box
 * @param {number} zoom
 * @returns {[number, number][]}
 */
export function tilesOf({ west, south, east, north }, zoom) {
    const many = 2 ** zoom;
    const column = (/** @type {number} */ lon) => Math.floor(((lon + 180) / 360) * many);
    const row = (/** @type {number} */ lat) => Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * many);
    /** @type {[number, number][]} */
    const out = [];
    for (let y = row(north); y <= row(south); y++) for (let x = column(west); x <= column(east); x++) out.push([x, y]);
    return out;
}

/** @param {any} leaflet the map that was made */
export function attach(leaflet) {
    map = leaflet;
    parts = {};
    near = null;
    labels = null;
    renderer = null;
    map.on("moveend", refresh);
}

/**
 * Show the ground, or take it away.
 *
 * @param {boolean} shown
 */
export function show(shown) {
    wanted = shown;
    if (!map) return;
    map.getPane("ground").style.display = shown ? "" : "none";
    const credit = core.configured()?.words["map.ground_credit"];
    if (map.attributionControl && credit) {
        if (shown) map.attributionControl.addAttribution(credit);
        else map.attributionControl.removeAttribution(credit);
    }
    map.getContainer().classList.toggle("with-ground", shown);
    refresh();
}

export function refresh() {
    if (!map || !map._loaded || !wanted) {
        if (labels) labels.clearLayers();
        return;
    }
    const config = core.configured();
    if (!config || !config.ground) return;
    const zoom = map.getZoom();
    const detail = zoom >= NEAR_FROM_ZOOM ? "near" : "far";
    part(detail, config.ground[detail], (/** @type {Ground} */ data) => {
        if (detail === "near") near = data;
        return data;
    });
    if (zoom >= SQUARES_FROM_ZOOM) {
        const bounds = map.getBounds();
        const box = { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
        for (const [x, y] of tilesOf(box, config.ground.zoom).slice(0, MAX_SQUARES)) {
            part(`${x}-${y}`, config.ground.square.replace("{x}", String(x)).replace("{y}", String(y)), squareAsGround);
        }
    }
    for (const [name, layers] of Object.entries(parts)) {
        const drawn = name === "far" ? detail === "far" : name === "near" ? detail === "near" : zoom >= SQUARES_FROM_ZOOM;
        for (const [kind, layer] of Object.entries(layers)) {
            if (!drawn || (zoom < ROADS_FROM_ZOOM && !WATERS.has(kind))) layer.remove();
            else layer.setStyle(stroke(kind, zoom)).addTo(map);
        }
    }
    inOrder();
    nameThings();
}

/** @param {{ unit: number, lines: Record<string, number[][]> }} data @returns {Ground} */
function squareAsGround({ unit, lines }) {
    const named = Object.entries(lines).map(([kind, list]) => [kind, [{ name: "", lines: list }]]);
    return { unit, areas: {}, lines: Object.fromEntries(named), places: [] };
}

/**
 * Layers of a part, once; what cannot be had is not asked again on this map.
 *
 * @param {string} name
 * @param {string} address
 * @param {(data: any) => Ground} read
 */
function part(name, address, read) {
    if (parts[name]) return;
    const mine = parts;
    mine[name] = {};
    connection
        .load(address)
        .then((/** @type {any} */ data) => {
            if (mine !== parts) return;
            mine[name] = layersOf(read(data));
            refresh();
        })
        .catch(() => {}); // a square where nobody lives has no file
}

/** @param {Ground} data */
function layersOf({ unit, areas, lines }) {
    renderer = renderer || L.canvas({ pane: "ground", padding: 0.2 });
    const options = { pane: "ground", renderer, interactive: false };
    /** @type {Record<string, any>} */
    const out = {};
    if (areas.water) {
        out.water = L.polygon(
            areas.water.map((rings) => rings.map((ring) => points(ring, unit))),
            { ...options, ...stroke("water", map.getZoom()), fillColor: colours.water, fillOpacity: 1, smoothFactor: 0.8 }
        );
    }
    for (const kind of ORDER) {
        if (!lines[kind]) continue;
        const all = lines[kind].flatMap((named) => named.lines.map((line) => points(line, unit)));
        out[kind] = L.polyline(all, { ...options, ...stroke(kind, map.getZoom()), smoothFactor: 1.2 });
    }
    return out;
}

/** Water below roads, main roads above small ones, railways on top. */
function inOrder() {
    for (const kind of ORDER) {
        for (const layers of Object.values(parts)) {
            if (layers[kind] && map.hasLayer(layers[kind])) layers[kind].bringToFront();
        }
    }
}

/* ---- names ---- */

/** Names of waters and villages in view, as far as they have room beside the names that are there. */
function nameThings() {
    labels = labels || L.layerGroup().addTo(map);
    labels.clearLayers();
    const zoom = map.getZoom();
    if (!near || zoom < WATER_NAMES_FROM_ZOOM) return;
    const view = map.getBounds().pad(-0.02);
    /** @type {{ left: number, right: number, top: number, bottom: number }[]} */
    const taken = [...map.getPane("names").querySelectorAll(".name:not(.ground-name)")].map(boxOf);
    const before = new Set([...map.getPane("names").querySelectorAll(".name:not(.ground-name)")].map((node) => node.textContent));
    const holder = map.getContainer().getBoundingClientRect();
    let count = 0;
    for (const { name, p, kind } of candidates(zoom)) {
        if (count >= MAX_NAMES) break;
        if (before.has(name) || !view.contains(p)) continue;
        const at = map.latLngToContainerPoint(p);
        const half = name.length * 3.3 + 6;
        const box = {
            left: holder.left + at.x - half,
            right: holder.left + at.x + half,
            top: holder.top + at.y - 9,
            bottom: holder.top + at.y + 9,
        };
        if (taken.some((other) => meets(box, other))) continue;
        taken.push(box);
        before.add(name);
        count++;
        labels.addLayer(
            L.marker(p, {
                pane: "names",
                interactive: false,
                keyboard: false,
                icon: L.divIcon({ className: `name ground-name of-${kind}`, html: `<i>${core.escape(name)}</i>`, iconSize: [0, 0] }),
            })
        );
    }
}

const boxOf = (/** @type {Element} */ node) => (node.firstElementChild || node).getBoundingClientRect();

/**
 * @param {{ left: number, right: number, top: number, bottom: number }} a
 * @param {{ left: number, right: number, top: number, bottom: number }} b
 */
export const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** @param {number} zoom @returns {Generator<{ name: string, p: [number, number], kind: string }>} */
function* candidates(zoom) {
    const { unit, lines, places } = /** @type {Ground} */ (near);
    for (const kind of ["town", "village"]) {
        if (kind === "village" && zoom < VILLAGES_FROM_ZOOM) continue;
        for (const place of places) if (place.kind === kind) yield { ...place, p: [place.p[1], place.p[0]] };
    }
    for (const kind of ["canal", "river"]) {
        for (const { name, lines: all } of lines[kind] || []) {
            if (!name) continue;
            const longest = all.reduce((a, b) => (b.length > a.length ? b : a), all[0]);
            const line = points(longest, unit);
            for (const share of [0.5, 0.25, 0.75]) yield { name, p: line[Math.floor(line.length * share)], kind: "water" };
        }
    }
}
