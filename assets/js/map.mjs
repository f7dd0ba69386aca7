/*
 * The map. dash-leaflet gives the frame; the zones are one canvas layer of our own, because then a change of indicator
 * repaints what is there instead of building it again, and two quick choices cannot overtake each other.
 */

import * as circles from "./circles.mjs";
import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import * as ground from "./ground.mjs";
import * as forms from "./numbers.mjs";
import * as page from "./page.mjs";
import * as planning from "./plan.mjs";
import * as press from "./press.mjs";
import { shared } from "./shared.mjs";
import { tokens } from "./tokens.mjs";

const { colours } = tokens;
const OUTSIDE = -2;
const NO_DATA = -1;
const NEAR_FROM_ZOOM = 10.5;
const MANY = 2500;
const NAMED_ZONES = 60;
const COUNTS = "births"; // scale of an indicator that is a count of children
const NARROW = 620; // pixels: in a narrower frame the legend stands below what matters, not beside it
const PANES = { around: 340, ground: 410, circles: 420, outlines: 430, raster: 390, focus: 440, places: 600, names: 620, marks: 640 };

let map = null;
let zones = null; // { key, detail, layers: [], data }
let around = null;
let outlines = null;
let raster = null;
let basemap = null;
let tooltip = null;
let asked = 0;
let drawing = 0; // answers whose zones are on their way
let framed = null; // zones that the map was fitted to, until someone moves it
let moving = false; // the map is being fitted by us
const focus = {};
const groups = { places: null, facts: null, marks: null, zoneNames: null };
const names = { zoom: new Map(), data: null, covered: new Set() };
const shown = { indicator: null, classes: null, colours: [], rowOf: null, layers: [], counts: false };

L.Map.addInitHook(function () {
    if (this.options.apart) return; // one of those in `linked.mjs`
    map = this;
    zones = around = outlines = raster = basemap = null;
    Object.assign(groups, { places: null, facts: null, marks: null, zoneNames: null });
    names.zoom.clear();
    names.data = null;
    focus.selected = focus.hovered = null;
    for (const [name, z] of Object.entries(PANES)) {
        map.createPane(name).style.zIndex = z;
    }
    for (const name of ["around", "ground", "circles", "outlines", "raster", "focus", "names"]) {
        map.getPane(name).style.pointerEvents = "none";
    }
    framed = null;
    new ResizeObserver(resize).observe(this.getContainer());
    map.on("movestart", () => {
        if (!moving) framed = null;
    });
    tooltip = L.tooltip({ className: "zone-tip", direction: "top", offset: [0, -6], opacity: 1 });
    map.on("zoomend", onZoom);
    this.whenReady(onZoom);
    circles.attach(map);
    ground.attach(map);
    shared.map = map;
});

/* ---- zones ------------------------------------------------------------------------------------------- */

function styleOf(i) {
    const c = shown.classes ? shown.classes[i] : OUTSIDE;
    const overPicture = shown.layers.includes("raster");
    const many = shown.rowOf.rows.i.length > MANY;
    const weight = many ? 0.25 : 0.9;
    if (c === OUTSIDE) {
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

function paint() {
    if (!zones) return;
    for (let i = 0; i < zones.layers.length; i++) zones.layers[i].setStyle(styleOf(i));
}

async function showZones(addresses) {
    const detail = map.getZoom() >= NEAR_FROM_ZOOM ? "near" : "far";
    if (zones && zones.key === addresses.far && (zones.detail === "near" || detail === "far")) return false;
    const mine = ++asked;
    const data = await connection.load(addresses[detail]);
    if (mine !== asked) return null;
    const layers = new Array(data.features.length);
    const group = L.geoJSON(data, {
        smoothFactor: 0.6,
        style: () => ({ fillOpacity: 0, weight: 0 }),
        onEachFeature: (feature, layer) => {
            layers[feature.properties.i] = layer;
        },
    });
    if (zones) zones.group.remove();
    zones = { key: addresses.far, detail, layers, group, data, addresses };
    paint();
    group.addTo(map);
    group.on("mousemove", onHover).on("mouseout", onLeave).on("click", onClick);
    redrawFocus();
    return true;
}

function boundsOf(indices) {
    const bounds = L.latLngBounds([]);
    for (const i of indices) if (zones.layers[i]) bounds.extend(zones.layers[i].getBounds());
    return bounds;
}

/** Pixels that the legend and the sheet take away at either side. */
function covered() {
    const box = map.getContainer().getBoundingClientRect();
    const legend = document.querySelector(".legend-card");
    const sheet = document.querySelector(".shell.sheet-open:not(.printing) .sheet");
    const below = sheet && sheet.offsetWidth > 0.9 * box.width; // a small screen has its sheet at the foot
    const foot = below ? sheet.offsetHeight : 0; // where it ends up; it may still be on its way
    const narrow = box.width - (sheet && !below ? sheet.offsetWidth : 0) < NARROW;
    return {
        left: legend && !narrow ? legend.getBoundingClientRect().right - box.left : 0,
        right: sheet && !below ? sheet.offsetWidth : 0,
        bottom: Math.max(foot, legend && narrow ? box.bottom - legend.getBoundingClientRect().top : 0),
    };
}

export function fit(indices, animate) {
    if (!map || !zones) return;
    const bounds = boundsOf(indices && indices.length ? indices : zones.layers.map((_, i) => i));
    if (!bounds.isValid()) return;
    moving = true;
    const { left, right, bottom } = covered();
    map.fitBounds(bounds, {
        paddingTopLeft: [left + 16, 22],
        paddingBottomRight: [right + 16, bottom + 22],
        animate: Boolean(animate),
        maxZoom: 13,
    });
    moving = false;
    framed = { indices };
}

/** Fit the map anew to what the view is of, in a frame that has another size. */
export function refit() {
    if (!map || !map._loaded) return;
    map.invalidateSize({ animate: false, pan: false });
    fit(shown.rowOf && shown.rowOf.areas ? inView() : null, false);
}

/** What goes back to the map as it is now; for what pushes it aside for a moment. */
export function wayBack() {
    const before = framed;
    const [centre, zoom, size] = [map.getCenter(), map.getZoom(), map.getSize()];
    return () => {
        if (!map._loaded || !map.getContainer().isConnected) return;
        if (before && !map.getSize().equals(size)) {
            fit(before.indices, false);
            return;
        }
        moving = true;
        map.stop();
        map.setView(centre, zoom, { reset: true }); // whatever was sliding there a moment ago
        moving = false;
        framed = before;
    };
}

/** The frame around the map changed: keep what it was fitted to in view. */
export function resize() {
    if (!map || !map._loaded || !map.getContainer().isConnected) return;
    const before = framed;
    moving = true;
    map.invalidateSize({ animate: false, pan: !before });
    moving = false;
    if (before) fit(before.indices, false);
}

export const zoneId = (i) => (zones && zones.data.features[i] ? zones.data.features[i].properties.id : null);

/** Name of a zone; null where there is none of that id. */
export const nameOf = (id) => {
    const i = id ? indexOf(id) : -1;
    return i < 0 ? null : zones.data.features[i].properties.name;
};

export function indexOf(id) {
    if (!zones) return -1;
    if (!zones.ids) zones.ids = new Map(zones.data.features.map((f) => [f.properties.id, f.properties.i]));
    return zones.ids.has(id) ? zones.ids.get(id) : -1;
}

/** Zones, classes and marks of a view; the promise is kept once all is drawn. */
export async function drawMap(view, indicator, layers) {
    if (!map) await new Promise((ready) => L.Map.addInitHook(ready));
    const config = core.config();
    shown.indicator = indicator;
    shown.layers = layers;
    await showAround(config);
    const data = await connection.load(view.zones.far);
    shown.classes = classesOf(view, indicator, data.features.length);
    shown.colours = view.legends[indicator] ? view.legends[indicator].colours : [];
    shown.rowOf = view;
    shown.counts = core.config().scales[indicator] === COUNTS && !(layers.includes("raster") && view.raster.known);
    drawing++;
    const fresh = await showZones(view.zones).finally(() => drawing--);
    if (fresh === null) return;
    paint();
    showCircles(view, indicator);
    showRaster(view, layers);
    showBasemap(layers);
    ground.show(layers.includes("ground") && !layers.includes("basemap"));
    showOutlines(view, config);
    showMarks(view, indicator);
    nearer(); // somebody may have zoomed in meanwhile
    await Promise.all([showPlaces(view, layers), showFacts(config, layers), showNames(config)]);
}

/** Circles where the map shows counts; shades where it shows shares and distances. */
function showCircles(view, indicator) {
    if (!shown.counts) {
        circles.clear();
        return;
    }
    const values = view.rows[indicator];
    const counts = [];
    view.rows.i.forEach((i, row) => {
        const c = shown.classes[i];
        if (i < 0 || !(c >= 0) || values[row] === null) return;
        const [lon, lat] = zones.data.features[i].properties.p;
        counts.push({ at: [lat, lon], value: values[row], colour: shown.colours[c] });
    });
    circles.draw(counts);
}

function classesOf(view, indicator, n) {
    const classes = new Int8Array(n).fill(OUTSIDE);
    const symbols = view.classes[indicator];
    view.rows.i.forEach((i, row) => {
        if (i >= 0) classes[i] = symbols[row] === "-" ? NO_DATA : Number(symbols[row]);
    });
    return classes;
}

/* ---- what lies around and on top ---------------------------------------------------------------------- */

/** Hatching for what is not known: a pattern that the style sheet refers to. */
function hatch() {
    if (document.getElementById("hatch")) return;
    const holder = document.createElement("div");
    holder.innerHTML =
        '<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>' +
        '<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
        `<rect width="7" height="7" fill="${colours.land}"/><rect width="1.4" height="7" fill="${colours.lineLand}"/></pattern></defs></svg>`;
    document.body.append(holder.firstChild);
}

async function showAround(config) {
    if (around) return;
    hatch();
    around = L.geoJSON(await connection.load(config.around), {
        pane: "around",
        interactive: false,
        renderer: L.svg({ pane: "around" }),
        style: { className: "land", stroke: true, color: colours.lineLand, weight: 1, fill: true, fillOpacity: 1 },
    }).addTo(map);
    map.attributionControl && map.attributionControl.addAttribution(config.credit);
}

function showOutlines(view, config) {
    const wanted = config.inner.includes(view.level);
    if (!wanted) {
        if (outlines) outlines.remove();
        return;
    }
    connection.load(config.towns).then((data) => {
        if (shared.view !== view) return;
        outlines =
            outlines ||
            L.geoJSON(data, {
                pane: "outlines",
                interactive: false,
                renderer: L.svg({ pane: "outlines" }),
                style: { fill: false, color: colours.ink2, weight: 0.7, opacity: 0.45 },
            });
        outlines.addTo(map);
    });
}

function showRaster(view, layers) {
    const wanted = layers.includes("raster") && view.raster.known;
    if (raster && (!wanted || raster.address !== view.raster.url)) {
        raster.remove();
        raster = null;
    }
    if (wanted && !raster) {
        raster = L.imageOverlay(core.base + view.raster.url, view.raster.bounds, {
            pane: "raster",
            className: "hectares",
        });
        raster.address = view.raster.url;
        raster.addTo(map);
    }
}

function showBasemap(layers) {
    const wanted = layers.includes("basemap");
    if (wanted && !basemap) {
        basemap = L.tileLayer("https://tile.openstreetmap.org/{z}/{x}/{y}.png", {
            attribution: "© OpenStreetMap",
            className: "basemap",
            maxZoom: 19,
            referrerPolicy: "origin", // OpenStreetMap wants to know which site asks; the page stays to ourselves
        }).addTo(map);
    } else if (!wanted && basemap) {
        basemap.remove();
        basemap = null;
    }
    map.getContainer().classList.toggle("with-basemap", wanted);
}

async function showPlaces(view, layers) {
    if (view.plan) await press.released();
    if (shared.view !== view) return;
    if (shared.dragging) return; // a place is in someone's hand; where it is put down gives another view
    const wanted = layers.includes("places") ? view.places : null;
    if (groups.places && groups.places.address === wanted) return;
    if (groups.places) groups.places.remove();
    groups.places = null;
    if (!wanted) return;
    const places = view.plan ? view.plan.places : await connection.load(wanted);
    if (shared.view !== view || groups.places) return;
    if (view.plan) {
        groups.places = planning.planMarkers(view, map).addTo(map);
        groups.places.address = wanted;
        return;
    }
    const made = view.evidence;
    groups.places = L.layerGroup(
        places.map((place) => {
            const kind = [
                "place",
                `place-${view.service}`,
                place.kind === "municipality" ? "place-somewhere" : "",
                place.status || "",
                place.physical === false ? "not-physical" : "",
            ];
            const marker = L.marker([place.p[1], place.p[0]], {
                pane: "places",
                keyboard: false,
                icon: L.divIcon({
                    className: kind.filter(Boolean).join(" "),
                    html: place.n > 1 ? `<i>${place.n}</i>` : "<i></i>",
                    iconSize: [0, 0],
                }),
            });
            const name = core.escape(place.name || core.word(`legend.place.${view.service}`));
            const about =
                place.kind === "municipality"
                    ? `${place.n} × ${core.word(`legend.place.${view.service}`)}; ${core.word("map.somewhere")}`
                    : core.escape(made);
            marker.on("click", () => selectAt(place.p));
            return marker.bindTooltip(`<strong>${name}</strong><br>${about}`, {
                className: "zone-tip",
                direction: "top",
                offset: [0, -6],
            });
        })
    ).addTo(map);
    groups.places.address = wanted;
}

/** The zone that a place stands in. */
function selectAt([lon, lat]) {
    const found = zones.data.features.find(
        (feature) => zones.layers[feature.properties.i].getBounds().contains([lat, lon]) && contains(feature.geometry, [lon, lat])
    );
    if (found) page.pick(found.properties.id);
}

async function showFacts(config, layers) {
    const wanted = layers.includes("facts");
    if (!wanted && groups.facts) {
        groups.facts.remove();
        groups.facts = null;
    }
    if (!wanted || groups.facts) return;
    const group = (groups.facts = L.layerGroup());
    const facts = await connection.load(config.facts);
    for (const fact of facts) {
        const words = forms.counted("map.fact", fact.n);
        L.marker([fact.p[1], fact.p[0]], {
            pane: "places",
            keyboard: false,
            icon: L.divIcon({ className: "fact-mark", html: "<i>i</i>", iconSize: [0, 0] }),
        })
            .bindTooltip(`<strong>${core.escape(fact.name)}</strong><br>${words}`, { className: "zone-tip" })
            .on("click", () => page.pick(fact.id))
            .addTo(group);
    }
    if (groups.facts === group) group.addTo(map);
}

/** Numbers 1 to 10 on the zones where most children live out of reach. */
function showMarks(view, indicator) {
    if (groups.marks) groups.marks.remove();
    groups.marks = null;
    showZoneNames(view);
    document.getElementById("stage").classList.toggle("unnumbered", indicator !== "births_out_of_reach" && view.top.length > 0);
    if (indicator !== "births_out_of_reach") {
        placeNames();
        return;
    }
    groups.marks = L.layerGroup(
        view.top.map((row, k) => {
            const i = view.rows.i[row];
            const [lon, lat] = zones.data.features[i].properties.p;
            return L.marker([lat, lon], {
                pane: "marks",
                keyboard: false,
                interactive: false,
                icon: L.divIcon({ className: "rank-mark", html: `<i>${k + 1}</i>`, iconSize: [0, 0] }),
            });
        })
    ).addTo(map);
    placeNames();
}

/** Names of the zones themselves where the view is restricted to a few; the general ones inside give way. */
function showZoneNames(view) {
    if (groups.zoneNames) groups.zoneNames.remove();
    groups.zoneNames = null;
    names.covered = new Set();
    if (!view.areas || view.rows.i.length > NAMED_ZONES) return;
    const shownZones = view.rows.i.filter((i) => i >= 0);
    for (const label of names.data || []) {
        if (shownZones.some((i) => contains(zones.data.features[i].geometry, label.p))) names.covered.add(label);
    }
    groups.zoneNames = L.layerGroup(
        shownZones.map((i) => {
            const { name, p } = zones.data.features[i].properties;
            return nameMarker(name, p);
        })
    ).addTo(map);
    onZoom();
}

function nameMarker(name, p) {
    return L.marker([p[1], p[0]], {
        pane: "names",
        interactive: false,
        keyboard: false,
        icon: L.divIcon({ className: "name", html: `<i>${core.escape(name)}</i>`, iconSize: [0, 0] }),
    });
}

/** Whether a point lies in a polygon: the number of borders to its right is odd. */
function contains(geometry, [x, y]) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    let inside = false;
    for (const ring of polygons.flat()) {
        for (let k = 0, before = ring.length - 1; k < ring.length; before = k++) {
            const [x1, y1] = ring[k];
            const [x2, y2] = ring[before];
            if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
        }
    }
    return inside;
}

async function showNames(config) {
    if (names.data) return;
    names.data = await connection.load(config.labels);
    if (shared.view) showZoneNames(shared.view);
    onZoom();
}

function onZoom() {
    if (!map || !map._loaded) return;
    const zoom = Math.floor(map.getZoom() + 0.25);
    const holder = map.getContainer();
    holder.dataset.mapzoom = zoom;
    const side = 2 * Math.round(Math.min(14, Math.max(6, 6 + (map.getZoom() - 8.8) * 2.4)) / 2);
    holder.style.setProperty("--place", `${side}px`);
    if (names.data) {
        for (const label of names.data) {
            const wanted = label.z <= zoom && zoom <= (label.until || 99) && !names.covered.has(label);
            let marker = names.zoom.get(label);
            if (wanted && !marker) {
                marker = nameMarker(label.name, label.p);
                names.zoom.set(label, marker);
            }
            if (marker) wanted ? marker.addTo(map) : marker.remove();
        }
        placeNames();
    }
    nearer();
}

/** Borders in detail, once somebody is near enough; those of an answer on its way come first. */
function nearer() {
    if (zones && !drawing && zones.detail === "far" && map.getZoom() >= NEAR_FROM_ZOOM) {
        showZones(zones.addresses);
    }
}

const SIDES = { above: [0, -17], below: [0, 17], right: [1, 0], left: [-1, 0] };

/** Put every name beside the numbered marks: above if there is room, else below or aside, else not at all. */
function placeNames() {
    const marks = groups.marks ? groups.marks.getLayers().map((m) => map.latLngToLayerPoint(m.getLatLng())) : [];
    const own = groups.zoneNames ? groups.zoneNames.getLayers() : [];
    for (const marker of [...names.zoom.values(), ...own]) {
        if (!map.hasLayer(marker) || !marker._icon) continue;
        const at = map.latLngToLayerPoint(marker.getLatLng());
        const half = marker._icon.textContent.length * 3.6;
        const free = Object.keys(SIDES).find((side) => {
            const [dx, dy] = SIDES[side];
            const x = at.x + dx * (half + 15);
            const y = at.y + dy;
            return marks.every((m) => Math.abs(m.x - x) > half + 13 || Math.abs(m.y - y) > 19);
        });
        marker._icon.dataset.side = free || "none";
    }
}

/* ---- pointing and choosing ----------------------------------------------------------------------------- */

function draw(name, i, style) {
    if (focus[name]) focus[name].remove();
    focus[name] = null;
    const layer = zones && zones.layers[i];
    if (!layer) return;
    focus[name] = L.polygon(layer.getLatLngs(), {
        pane: "focus",
        renderer: focus.renderer && focus.renderer._map === map ? focus.renderer : newRenderer(),
        interactive: false,
        fill: false,
        ...style,
    }).addTo(map);
}

function newRenderer() {
    focus.renderer = L.svg({ pane: "focus" });
    return focus.renderer;
}

function redrawFocus() {
    highlight(focus.selectedId || null);
}

/** Outline of the chosen zone. */
export function highlight(id) {
    focus.selectedId = id;
    const i = id ? indexOf(id) : -1;
    draw("halo", i, { color: colours.paper, weight: 6, opacity: 0.95 });
    draw("selected", i, { color: colours.focus, weight: 3, opacity: 1 });
    return i;
}

/** Outline of the zone under the pointer, on the map or in the table. */
export function hover(i) {
    if (focus.hoveredIndex === i) return;
    focus.hoveredIndex = i;
    draw("hovered", i, { color: colours.focus, weight: 2, opacity: 0.9 });
}

function rowOf(i) {
    const view = shown.rowOf;
    if (!view.rowOfZone) view.rowOfZone = new Map(view.rows.i.map((zone, row) => [zone, row]));
    return view.rowOfZone.get(i);
}

function onHover(event) {
    const layer = event.propagatedFrom || event.layer || event.sourceTarget;
    if (!layer || !layer.feature) return;
    const { i, name, place } = layer.feature.properties;
    const changed = focus.tipFor !== `${i}${shown.indicator}`;
    hover(i);
    if (changed) {
        focus.tipFor = `${i}${shown.indicator}`;
        tooltip.setContent(tip(i, name, place));
    }
    tooltip.setLatLng(event.latlng);
    if (!map.hasLayer(tooltip)) tooltip.addTo(map);
}

function tip(i, name, place) {
    const row = rowOf(i);
    const where = place ? ` <span>${core.escape(place)}</span>` : "";
    const head = `<strong>${core.escape(name)}</strong>${where}<br>`;
    if (row === undefined) return head + core.word("map.outside");
    const view = shown.rowOf;
    const value = view.rows[shown.indicator][row];
    const symbol = view.classes[shown.indicator][row];
    const legend = view.legends[shown.indicator];
    if (shown.indicator === "gap") return head + (legend && symbol !== "-" ? legend.labels[symbol] : core.word("table.gap.unknown"));
    return `${head}${core.word(`indicator.${shown.indicator}`)}: <b>${forms.shown(shown.indicator, value)}</b>${legend && legend.short ? ` ${core.escape(legend.short)}` : ""}`;
}

function onLeave() {
    focus.tipFor = null;
    tooltip.remove();
    hover(-1);
}

function onClick(event) {
    if (shared.adding) return; // the click is for a new place
    const layer = event.propagatedFrom || event.layer || event.sourceTarget;
    if (layer && layer.feature) page.pick(layer.feature.properties.id);
}

/** Bring a zone into view without moving more than needed. */
export function reveal(i) {
    const layer = zones && zones.layers[i];
    if (!layer) return;
    const { left, right, bottom } = covered();
    const bounds = layer.getBounds();
    const size = map.getSize();
    const low = map.latLngToContainerPoint(bounds.getSouthWest());
    const high = map.latLngToContainerPoint(bounds.getNorthEast());
    const outside = low.x < left || high.x > size.x - right || high.y < 0 || low.y > size.y - bottom;
    if (outside) {
        const centre = map.latLngToContainerPoint(bounds.getCenter());
        map.panBy([centre.x - (left + size.x - right) / 2, centre.y - (size.y - bottom) / 2]);
    }
}

export const mapState = () => ({
    zones: zones ? zones.layers.length : 0,
    detail: zones ? zones.detail : null,
    classes: shown.classes ? Array.from(shown.classes) : [],
    colours: shown.colours,
    circles: circles.count(),
    colourOf: (id) => {
        if (!zones) return null;
        const c = shown.classes ? shown.classes[indexOf(id)] : OUTSIDE;
        return shown.counts && c >= 0 ? shown.colours[c] : zones.layers[indexOf(id)].options.fillColor;
    },
    selected: focus.selectedId || null,
    hovered: focus.hoveredIndex,
    raster: Boolean(raster),
    pixelOf: (id) => {
        const [lon, lat] = zones.data.features[indexOf(id)].properties.p;
        const point = map.latLngToContainerPoint([lat, lon]);
        const box = map.getContainer().getBoundingClientRect();
        return [box.left + point.x, box.top + point.y];
    },
});

document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-zoom]");
    if (!button || !map) return;
    if (button.dataset.zoom === "in") map.zoomIn(0.75);
    if (button.dataset.zoom === "out") map.zoomOut(0.75);
    if (button.dataset.zoom === "home") fit(shared.view && shared.view.areas ? inView() : null, true);
});

export const inView = () => (shared.view ? shared.view.rows.i.filter((i) => i >= 0) : null);
