/*
 * The zones: one canvas layer of our own, because then a change of indicator repaints what is there instead of building
 * it again, and two quick choices cannot overtake each other.
 */

/** @import { Detailed, View, Zone, Zones } from "./types" */

import * as connection from "./connection.mjs";
import { contains } from "./geometry.mjs";
import { mapOfPage } from "./shared.mjs";
import { tokens } from "./tokens.mjs";

const { colours } = tokens;
const OUTSIDE = -2;
const NO_DATA = -1;
const LEFT_OUT = -3; // a zone without a gap where only gaps are shown
const MANY = 2500;
export const NEAR_FROM_ZOOM = 10.5;

/**
 * @typedef {object} Drawn zones that are on the map
 * @property {string} key address of the zones in little detail, which tells them from others
 * @property {"far" | "near"} detail
 * @property {L.Polyline[]} layers by place among all zones of the level
 * @property {L.FeatureGroup} group
 * @property {Zones} data
 * @property {Detailed} addresses
 * @property {Map<string, number>} places place among all zones, by id
 */

/** @type {Drawn | null} */
let zones = null;
let asked = 0;

/** What the zones show. */
export const shown = {
    /** @type {View | null} */
    view: null,
    indicator: "",
    /** @type {Int8Array | null} */
    classes: null,
    /** @type {string[]} */
    colours: [],
    /** @type {string[]} */
    layers: [],
    /** Whether circles show the indicator, and no shades. */
    counts: false,
    /** Whether zones without a gap are left out. */
    onlyGaps: false,
};

/** Another map has no zones yet. */
export function attach() {
    zones = null;
}

/** Zones that are on the map. */
export const drawnZones = () => zones;

/** @param {number} i */
function styleOf(i) {
    const c = shown.classes ? shown.classes[i] : OUTSIDE;
    const overPicture = shown.layers.includes("raster");
    const many = shown.view !== null && shown.view.rows.i.length > MANY;
    const weight = many ? 0.25 : 0.9;
    if (c === OUTSIDE || c === LEFT_OUT) {
        return { fillColor: colours.land, fillOpacity: 1, color: colours.paper, weight, opacity: 1 };
    }
    if (overPicture) {
        return { fillColor: colours.paper, fillOpacity: 0, color: colours.ink2, weight: many ? 0.2 : 0.6, opacity: 0.6 };
    }
    if (c === NO_DATA) {
        return { fillColor: colours.paper, fillOpacity: 0, color: colours.paper, weight, opacity: 1 };
    }
    const opacity = shown.layers.includes("basemap") ? 0.72 : 1;
    if (shown.counts) return { fillColor: colours.plain, fillOpacity: opacity, color: colours.paper, weight, opacity: 0.95 };
    return { fillColor: shown.colours[c], fillOpacity: opacity, color: colours.paper, weight, opacity: 0.95 };
}

/** Colour the zones as `shown` says. */
export function paint() {
    if (!zones) return;
    for (let i = 0; i < zones.layers.length; i++) zones.layers[i].setStyle(styleOf(i));
}

/**
 * Draw the zones in the detail of the zoom, unless they are there.
 *
 * @param {Detailed} addresses
 * @param {(group: L.FeatureGroup) => void} welcome what is done with other zones
 * @returns {Promise<boolean | null>} whether they are others; none where still others were asked for meanwhile
 */
export async function showZones(addresses, welcome) {
    const map = mapOfPage();
    const detail = map.getZoom() >= NEAR_FROM_ZOOM ? "near" : "far";
    if (zones && zones.key === addresses.far && (zones.detail === "near" || detail === "far")) return false;
    const mine = ++asked;
    /** @type {Zones} */
    const data = await connection.load(addresses[detail]);
    if (mine !== asked) return null;
    /** @type {L.Polyline[]} */
    const layers = new Array(data.features.length);
    const group = L.geoJSON(data, {
        smoothFactor: 0.6,
        style: () => ({ fillOpacity: 0, weight: 0 }),
        onEachFeature: (/** @type {Zone} */ feature, /** @type {L.Polyline} */ layer) => {
            layers[feature.properties.i] = layer;
        },
    });
    if (zones) zones.group.remove();
    const places = new Map(data.features.map(({ properties }) => [properties.id, properties.i]));
    zones = { key: addresses.far, detail, layers, group, data, addresses, places };
    paint();
    group.addTo(mapOfPage());
    welcome(group);
    return true;
}

/**
 * Classes of all zones of a level, as the view has them for its rows.
 *
 * @param {View} view
 * @param {string} indicator
 * @param {number} n zones of the level
 */
export function classesOf(view, indicator, n) {
    const classes = new Int8Array(n).fill(OUTSIDE);
    const symbols = view.classes[indicator];
    view.rows.i.forEach((i, row) => {
        if (i < 0) return;
        const left = shown.onlyGaps && view.rows.gap[row] !== true;
        classes[i] = left ? LEFT_OUT : symbols[row] === "-" ? NO_DATA : Number(symbols[row]);
    });
    return classes;
}

/**
 * Rectangle around zones; around all of them where none is named.
 *
 * @param {number[] | null} indices
 */
export function boundsOf(indices) {
    const bounds = L.latLngBounds([]);
    if (!zones) return bounds;
    for (const i of indices && indices.length ? indices : zones.layers.keys()) {
        if (zones.layers[i]) bounds.extend(zones.layers[i].getBounds());
    }
    return bounds;
}

/** @param {number} i */
export const layerOf = (i) => (zones && zones.layers[i]) || null;

/** @param {number} i @returns {Zone | null} */
export const zoneOf = (i) => (zones && zones.data.features[i]) || null;

/** Point of a zone, as Leaflet takes it. @param {number} i @returns {[number, number]} */
export function pointOf(i) {
    const zone = zoneOf(i);
    if (!zone) throw new Error(`no zone ${i} on the map`);
    const [lon, lat] = zone.properties.p;
    return [lat, lon];
}

/** @param {number} i */
export const zoneId = (i) => zoneOf(i)?.properties.id ?? null;

/**
 * Place of a zone among all of its level; -1 where there is none of that id.
 *
 * @param {string | null | undefined} id
 */
export function indexOf(id) {
    const i = zones && id ? zones.places.get(id) : undefined;
    return i === undefined ? -1 : i;
}

/**
 * Name of a zone; none where there is none of that id.
 *
 * @param {string | null | undefined} id
 */
export const nameOf = (id) => zoneOf(indexOf(id))?.properties.name ?? null;

/**
 * Id of the zone that a point lies in.
 *
 * @param {[number, number]} point longitude and latitude
 */
export function zoneAt([lon, lat]) {
    const inside = zones?.data.features.find(
        (feature) => layerOf(feature.properties.i)?.getBounds().contains([lat, lon]) && contains(feature.geometry, [lon, lat])
    );
    return inside ? inside.properties.id : null;
}

/** Colour of a zone, of its circle where it has one. @param {string} id */
export function colourOf(id) {
    const layer = layerOf(indexOf(id));
    if (!layer) return null;
    const c = shown.classes ? shown.classes[indexOf(id)] : OUTSIDE;
    return shown.counts && c >= 0 ? shown.colours[c] : layer.options.fillColor;
}
