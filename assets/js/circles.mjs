/*
 * Counts as circles whose area is the count: a shade over a whole zone would make large zones look worst. They lie
 * over the zones and let every pointer through to them.
 */

import { tokens } from "./tokens.mjs";

const { colours } = tokens;
const PANE = "circles";
const WHOLE_ZOOM = 8.5; // about that of a whole region
const GROWTH = 0.55; // of the radius, in powers of two by zoom
const LARGEST_ON_SCREEN = 70;
const MIN = 0.8;
const LEGEND_MAX = 13;

/** @type {any} */
let map = null;
/** @type {any} */
let renderer = null;
/** @type {any} */
let group = null;
/** @type {{ marker: any, share: number }[]} */
let drawn = [];
let largest = 0;

/**
 * Radius in pixels of the largest circle of a whole region of so many zones.
 *
 * @param {number} zones
 */
export const mostPixels = (zones) => (zones <= 60 ? 30 : zones <= 500 ? 22 : zones <= 2500 ? 12 : 8);

/**
 * Radius of a count, its area being the share that it is of the largest.
 *
 * @param {number} share of the largest count, 0 to 1
 * @param {number} most radius of the largest, in pixels, at `WHOLE_ZOOM`
 * @param {number} zoom
 */
export function radius(share, most, zoom) {
    const grown = Math.min(LARGEST_ON_SCREEN, most * 2 ** (GROWTH * (zoom - WHOLE_ZOOM)));
    return Math.max(MIN, grown * Math.sqrt(Math.max(0, share)));
}

/**
 * Diameters for the classes of a legend, in pixels: of the middle of every class, the last one of its lower bound.
 *
 * @param {number[]} breaks inner bounds of the classes
 * @returns {number[]}
 */
export function legendSizes(breaks) {
    const top = breaks.length ? 1.6 * breaks[breaks.length - 1] : 1;
    const bounds = [0, ...breaks, top];
    return bounds.slice(1).map((high, k) => {
        const middle = (bounds[k] + high) / 2;
        return Math.max(3, Math.round(LEGEND_MAX * 2 * Math.sqrt(middle / top)) / 1);
    });
}

/** @param {any} leaflet the map that was made */
export function attach(leaflet) {
    map = leaflet;
    renderer = group = null;
    drawn = [];
    map.on("zoomend", resize);
}

export function clear() {
    if (group) group.remove();
    group = null;
    drawn = [];
}

/**
 * Draw a circle for every zone with a count.
 *
 * @param {{ at: [number, number], value: number, colour: string }[]} counts latitude and longitude, count, colour
 */
export function draw(counts) {
    clear();
    if (!map) return;
    renderer = renderer && renderer._map === map ? renderer : L.canvas({ pane: PANE, padding: 0.2 });
    largest = mostPixels(counts.length);
    const top = Math.max(...counts.map(({ value }) => value), 0);
    if (!(top > 0)) return;
    const ordered = counts.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value);
    drawn = ordered.map(({ at, value, colour }) => ({
        share: value / top,
        marker: L.circleMarker(at, {
            pane: PANE,
            renderer,
            interactive: false,
            color: colours.paper,
            weight: 0.8,
            fillColor: colour,
            fillOpacity: 0.9,
        }),
    }));
    resize();
    group = L.layerGroup(drawn.map(({ marker }) => marker)).addTo(map);
}

function resize() {
    const zoom = map.getZoom();
    for (const { marker, share } of drawn) marker.setRadius(radius(share, largest, zoom));
}

/** How many circles there are on the map. */
export const count = () => drawn.length;
