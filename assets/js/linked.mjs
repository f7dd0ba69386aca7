/*
 * Maps that move together: each shows an answer of its own, and what is pointed at on one lights up on all. They are
 * plain maps of Leaflet in frames that the page leaves to us; the map of the explorer is another matter.
 */

import { legendSizes, mostPixels, radius } from "./circles.mjs";
import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { cameraOf, placeOf } from "./look.mjs";
import { tokens } from "./tokens.mjs";

const { colours } = tokens;

/** All of Leaflet: maps of our own need more of it than the map that Dash makes. */
const leaflet = /** @type {any} */ (window).L;

const NEAR_FROM_ZOOM = 10.5;
const BEND = 0.16; // of the distance, to one side
const FLAT = 0.63; // a degree of longitude against one of latitude, at this height
const BOW_POINTS = 15;
const FLOW_PIXELS = 4;
const MANY_LINES = 120; // zones whose borders are thin
const PANES = { circles: 420, lines: 430, flows: 435, focus: 440, places: 600, names: 620 };
const PLACE_PIXELS = 8;

/**
 * @typedef {object} Shown what one map shows
 * @property {string} name of its frame
 * @property {{ far: string, near: string }} zones addresses of the borders
 * @property {number[]} i rows of the borders
 * @property {(number | null)[]} values
 * @property {string[]} told values in words
 * @property {string} [classes] one character per row; without it values are signed and drawn as circles of two colours
 * @property {string[]} colours
 * @property {boolean} circles
 * @property {Legend | null} [legend]
 * @property {string | any[]} [places] address, or the places
 * @property {string} [service]
 * @property {string} [evidence]
 * @property {number} [least] size from which a change is one
 * @property {string} [lines] address of borders that are drawn over the zones
 * @property {{ from: string, to: string, births: number, told: string }[]} [flows] between zones, by id
 *
 * @typedef {{ title: string, unit: string, colours: string[], labels: string[], breaks: number[], noData: string, noDataLabel: string }} Legend
 * @typedef {{ address: string, search: string, frames: Shown[] }} View
 *
 * @typedef {object} Frame
 * @property {any} map
 * @property {Shown | null} shown
 * @property {any} data
 * @property {string} detail
 * @property {any[]} layers
 * @property {any} group
 * @property {any} circles
 * @property {{ marker: any, share: number }[]} drawn
 * @property {any} places
 * @property {any} lines
 * @property {any} flows
 * @property {any} focus
 * @property {any} tip
 * @property {number} asked
 */

/** @type {Map<string, Frame>} */
const frames = new Map();
let following = false; // a map is being moved after another one
let fitted = false;
let times = 0;
/** @type {any[] | null} */
let names = null;

/** What every map of the page shares, as its markup tells it. @returns {{ around: string, labels: string, words: Record<string, string> }} */
function shared() {
    const holder = /** @type {HTMLElement} */ (document.querySelector("[data-shared]"));
    return JSON.parse(holder.dataset.shared || "{}");
}

/* ---- frames ---- */

/** @param {string} name @returns {Frame | null} */
function frameOf(name) {
    const holder = document.getElementById(`pair-${name}`);
    if (!holder) return null;
    const known = frames.get(name);
    if (known && known.map.getContainer() === holder) return known;
    const map = leaflet.map(holder, {
        apart: true, // not the map of the explorer
        zoomControl: false,
        attributionControl: false,
        preferCanvas: true,
        zoomSnap: 0.1,
        zoomDelta: 0.5,
        minZoom: 7,
        maxZoom: 16,
        zoomAnimation: false,
        fadeAnimation: false,
        scrollWheelZoom: false, // the page scrolls, until someone works with a map
        wheelPxPerZoomLevel: 90,
        dragging: !leaflet.Browser.mobile, // one finger scrolls the page, two move the map
    });
    for (const [pane, z] of Object.entries(PANES)) {
        map.createPane(pane).style.zIndex = String(z);
        if (pane !== "places") map.getPane(pane).style.pointerEvents = "none";
    }
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    map.on("move", () => follow(map));
    map.on("zoomend", () => onZoom(frame));
    map.on("moveend", remember);
    new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false })).observe(holder);
    leaflet.control.attribution({ prefix: false, position: "bottomright" }).addAttribution(shared().words.credit).addTo(map);
    leaflet.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    buttons(map);
    /** @type {Frame} */
    const frame = {
        map,
        shown: null,
        data: null,
        detail: "far",
        layers: [],
        group: null,
        circles: null,
        drawn: [],
        places: null,
        lines: null,
        flows: null,
        focus: null,
        tip: leaflet.tooltip({ className: "zone-tip", direction: "top", offset: [0, -6], opacity: 1 }),
        asked: 0,
    };
    frames.set(name, frame);
    fitted = false;
    connection.load(shared().around).then((/** @type {any} */ around) => {
        leaflet
            .geoJSON(around, {
                interactive: false,
                renderer: leaflet.canvas({ pane: "tilePane" }),
                style: { stroke: true, color: colours.lineLand, weight: 1, fill: true, fillColor: colours.land, fillOpacity: 1 },
            })
            .addTo(map);
    });
    return frame;
}

/** @param {any} map */
function buttons(map) {
    const { words } = shared();
    const control = leaflet.control({ position: "topleft" });
    control.onAdd = () => {
        const box = leaflet.DomUtil.create("div", "zoom pair-zoom");
        for (const { word, sign, act } of [
            { word: "zoom_in", sign: "+", act: () => map.zoomIn() },
            { word: "zoom_out", sign: "−", act: () => map.zoomOut() },
            { word: "home", sign: "", act: whole },
        ]) {
            const button = leaflet.DomUtil.create("button", "zoom-button", box);
            button.type = "button";
            button.title = words[word];
            button.setAttribute("aria-label", words[word]);
            if (sign) button.textContent = sign;
            else button.innerHTML = '<span class="icon icon-home" aria-hidden="true"></span>';
            button.addEventListener("click", act);
        }
        leaflet.DomEvent.disableClickPropagation(box);
        return box;
    };
    control.addTo(map);
}

/** Every map has the camera of the one that somebody moves. @param {any} leader */
function follow(leader) {
    if (following) return;
    following = true;
    const [centre, zoom] = [leader.getCenter(), leader.getZoom()];
    for (const { map } of frames.values()) {
        if (map !== leader && map.getContainer().isConnected) map.setView(centre, zoom, { animate: false });
    }
    following = false;
}

/** All zones of the first map. */
function whole() {
    for (const frame of frames.values()) {
        if (!frame.group) continue;
        frame.map.fitBounds(frame.group.getBounds(), { animate: false, padding: [10, 10] });
        return;
    }
}

/** The camera stands in the address, after what is asked. */
function remember() {
    if (!fitted || following) return;
    const { map } = frames.values().next().value || {};
    if (!map) return;
    const query = new URLSearchParams(window.location.search);
    query.set("camera", cameraOf(map.getCenter(), map.getZoom()));
    window.history.replaceState(null, "", `${window.location.pathname}?${query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`);
}

/* ---- what is shown ---- */

/**
 * Draw the answers; the promise is kept once all maps show them.
 *
 * @param {View | null} view
 */
export async function draw(view) {
    if (!view || !document.querySelector("[data-shared]")) return;
    address(view);
    const main = /** @type {HTMLElement} */ (document.querySelector("[data-shared]"));
    main.classList.toggle("hidden", !view.frames.length);
    if (!view.frames.length) return;
    names = names || (await connection.load(shared().labels));
    const made = view.frames.map((one) => ({ one, frame: frameOf(one.name) })).filter(({ frame }) => frame);
    const tops = made.map(({ one }) => Math.max(0, ...one.values.map((value) => Math.abs(value || 0))));
    const sides = Math.max(...tops.filter((_, at) => made[at].one.classes));
    await Promise.all(made.map(({ one, frame }, at) => show(/** @type {Frame} */ (frame), one, one.classes ? sides : tops[at])));
    if (!fitted) {
        const camera = placeOf(new URLSearchParams(window.location.search).get("camera") || "");
        if (camera) made[0].frame?.map.setView(camera.centre, camera.zoom, { animate: false });
        else whole();
        fitted = true;
    }
    legend(view);
    main.dataset.drawn = String(++times);
}

/** The address, and the links to the same question in other languages. @param {View} view */
function address(view) {
    const camera = new URLSearchParams(window.location.search).get("camera");
    const path = view.address.split("?")[0];
    const query = view.search.replace(/^\?&?/, "");
    const search = `?${[query, camera ? `camera=${camera}` : ""].filter(Boolean).join("&")}`;
    window.history.replaceState(null, "", core.base + path + (search === "?" ? "" : search));
    for (const link of document.querySelectorAll("a.language-link")) {
        const told = new URLSearchParams(query);
        told.set("lang", /** @type {HTMLAnchorElement} */ (link).hreflang);
        link.setAttribute("href", `${path}?${told.toString().replaceAll("%3A", ":").replaceAll("%2C", ",")}`);
    }
}

/** @param {Frame} frame @param {Shown} one @param {number} top value of the largest circle */
async function show(frame, one, top) {
    const mine = ++frame.asked;
    frame.shown = one;
    await borders(frame, one);
    if (mine !== frame.asked) return;
    paint(frame, one);
    circlesOf(frame, one, top);
    const places = typeof one.places === "string" ? await connection.load(one.places) : one.places || [];
    const lines = one.lines ? await connection.load(one.lines) : null;
    if (mine !== frame.asked) return;
    if (frame.places) frame.places.remove();
    frame.places = leaflet.layerGroup(places.map((/** @type {any} */ place) => marker(one, place))).addTo(frame.map);
    if (frame.lines) frame.lines.remove();
    frame.lines = lines && linesOf(lines).addTo(frame.map);
    if (frame.flows) frame.flows.remove();
    frame.flows = flowsOf(frame, one.flows || []).addTo(frame.map);
}

/** @param {Frame} frame @param {Shown} one */
async function borders(frame, one) {
    const near = frame.map._loaded && frame.map.getZoom() >= NEAR_FROM_ZOOM;
    const detail = near ? "near" : "far";
    const key = one.zones[detail];
    if (frame.data && frame.data.key === key) return;
    const features = await connection.load(key);
    if (frame.shown !== one) return;
    if (frame.group) frame.group.remove();
    frame.layers = new Array(features.features.length);
    frame.group = leaflet.geoJSON(features, {
        smoothFactor: 0.6,
        style: () => ({ fillOpacity: 0, weight: 0 }),
        onEachFeature: (/** @type {any} */ feature, /** @type {any} */ layer) => {
            frame.layers[feature.properties.i] = layer;
        },
    });
    frame.data = { key, features: features.features };
    frame.detail = detail;
    if (!frame.map._loaded) frame.map.fitBounds(frame.group.getBounds(), { animate: false });
    frame.group.addTo(frame.map);
    frame.group.on("mousemove", (/** @type {any} */ event) => point(frame, event.layer.feature.properties.i, event.latlng));
    frame.group.on("mouseout", leave);
    frame.group.on("click", (/** @type {any} */ event) => {
        goTo(event.layer.feature.properties.id);
    });
}

/** @param {Frame} frame @param {Shown} one */
function paint(frame, one) {
    const row = new Map(one.i.map((i, at) => [i, at]));
    const weight = frame.layers.length > 2500 ? 0.25 : 0.8;
    frame.layers.forEach((layer, i) => {
        const at = row.get(i);
        const known = at !== undefined && one.values[at] !== null;
        const own = known && !one.circles && one.classes ? one.colours[Number(one.classes[/** @type {number} */ (at)])] : colours.plain;
        layer.setStyle({
            fillColor: known ? own : colours.paper,
            fillOpacity: 1,
            color: colours.paper,
            weight,
            opacity: 0.95,
            stroke: true,
        });
    });
}

/** @param {Frame} frame @param {Shown} one @param {number} top */
function circlesOf(frame, one, top) {
    if (frame.circles) frame.circles.remove();
    frame.circles = null;
    frame.drawn = [];
    if (!one.circles || !(top > 0)) return;
    const counts = one.i
        .map((i, at) => ({ i, at, value: one.values[at] || 0 }))
        .filter(({ i, value }) => i >= 0 && Math.abs(value) >= (one.least || 1e-9) && frame.data.features[i])
        .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    const renderer = leaflet.canvas({ pane: "circles", padding: 0.2 });
    frame.drawn = counts.map(({ i, at, value }) => {
        const [lon, lat] = frame.data.features[i].properties.p;
        const fill = one.classes ? one.colours[Number(one.classes[at])] : one.colours[value > 0 ? 1 : 0];
        const look = { color: colours.paper, weight: 0.8, fillColor: fill, fillOpacity: 0.9 };
        return {
            share: Math.abs(value) / top,
            marker: leaflet.circleMarker([lat, lon], { pane: "circles", renderer, interactive: false, ...look }),
        };
    });
    resize(frame);
    frame.circles = leaflet.layerGroup(frame.drawn.map(({ marker: circle }) => circle)).addTo(frame.map);
}

/** @param {Frame} frame */
function resize(frame) {
    if (!frame.map._loaded) return;
    const most = mostPixels(frame.layers.length);
    for (const { marker: circle, share } of frame.drawn) circle.setRadius(radius(share, most, frame.map.getZoom()));
}

/** @param {Shown} one @param {any} place */
function marker(one, place) {
    const kinds = ["place", `place-${one.service}`, place.kind === "municipality" ? "place-somewhere" : "", place.status || ""];
    if (place.physical === false) kinds.push("not-physical");
    const html = place.n > 1 ? `<i>${Number(place.n)}</i>` : "<i></i>";
    const icon = leaflet.divIcon({ className: kinds.filter(Boolean).join(" "), html, iconSize: [0, 0] });
    const words = [place.name ? `<strong>${core.escape(place.name)}</strong>` : "", core.escape(one.evidence || "")];
    return leaflet
        .marker([place.p[1], place.p[0]], { pane: "places", keyboard: false, icon })
        .bindTooltip(words.filter(Boolean).join("<br>"), {
            className: "zone-tip",
            direction: "top",
            offset: [0, -6],
        });
}

/** Borders of other zones over those that are coloured. @param {any} lines */
const linesOf = (lines) =>
    leaflet.geoJSON(lines, {
        pane: "lines",
        interactive: false,
        renderer: leaflet.canvas({ pane: "lines", padding: 0.2 }),
        style: { fill: false, color: colours.ink, weight: lines.features.length > MANY_LINES ? 0.7 : 1.6, opacity: 0.85 },
    });

/**
 * Points of a bow from one place to another, so that two flows between the same zones can be told apart.
 *
 * @param {[number, number]} from latitude, longitude
 * @param {[number, number]} to
 * @returns {[number, number][]}
 */
export function bow(from, to) {
    const [dLat, dLon] = [to[0] - from[0], to[1] - from[1]];
    const middle = [(from[0] + to[0]) / 2 - BEND * dLon * FLAT, (from[1] + to[1]) / 2 + (BEND * dLat) / FLAT];
    return Array.from({ length: BOW_POINTS }, (_, k) => {
        const t = k / (BOW_POINTS - 1);
        const along = (/** @type {0 | 1} */ axis) => (1 - t) ** 2 * from[axis] + 2 * t * (1 - t) * middle[axis] + t ** 2 * to[axis];
        return [along(0), along(1)];
    });
}

/** Flows between zones, as bows that end in a point. @param {Frame} frame @param {NonNullable<Shown["flows"]>} flows */
function flowsOf(frame, flows) {
    const at = new Map(frame.data.features.map((/** @type {any} */ f) => [f.properties.id, [f.properties.p[1], f.properties.p[0]]]));
    const most = Math.max(1, ...flows.map(({ births }) => births));
    const renderer = leaflet.canvas({ pane: "flows", padding: 0.2 });
    const look = { pane: "flows", renderer, interactive: false, color: colours.reach, opacity: 0.85 };
    return leaflet.layerGroup(
        flows
            .filter(({ from, to }) => at.has(from) && at.has(to))
            .flatMap(({ from, to, births }) => {
                const weight = 1 + FLOW_PIXELS * Math.sqrt(births / most);
                const end = { ...look, weight: 0, fill: true, fillColor: colours.reach, fillOpacity: 1 };
                return [
                    leaflet.polyline(bow(at.get(from), at.get(to)), { ...look, weight }),
                    leaflet.circleMarker(at.get(to), { ...end, radius: weight / 2 + 2 }),
                ];
            })
    );
}

/** @param {Frame} frame */
function onZoom(frame) {
    if (!frame.map._loaded) return;
    const holder = frame.map.getContainer();
    const zoom = frame.map.getZoom();
    holder.dataset.mapzoom = String(Math.floor(zoom + 0.25));
    holder.style.setProperty("--place", `${Math.round(Math.min(14, Math.max(5, PLACE_PIXELS + (zoom - 9.5) * 2.2)))}px`);
    resize(frame);
    nameTowns(frame);
    if (frame.shown && frame.detail === "far" && zoom >= NEAR_FROM_ZOOM) {
        const one = frame.shown;
        borders(frame, one).then(() => frame.shown === one && paint(frame, one));
    }
}

/** Names of municipalities as far as a zoom shows them. @param {any} frame */
function nameTowns(frame) {
    if (!names) return;
    const zoom = Math.floor(frame.map.getZoom());
    if (frame.named === zoom) return;
    frame.named = zoom;
    if (frame.names) frame.names.remove();
    const wanted = names.filter((label) => label.z <= zoom && zoom <= (label.until || 99));
    frame.names = leaflet
        .layerGroup(
            wanted.map((label) =>
                leaflet.marker([label.p[1], label.p[0]], {
                    pane: "names",
                    interactive: false,
                    keyboard: false,
                    icon: leaflet.divIcon({ className: "name", html: `<i>${core.escape(label.name)}</i>`, iconSize: [0, 0] }),
                })
            )
        )
        .addTo(frame.map);
}

/* ---- pointing ---- */

/** Light a zone up on every map that has it. @param {Frame} from @param {number} i @param {any} latlng */
function point(from, i, latlng) {
    for (const frame of frames.values()) {
        if (!frame.shown || !frame.data) continue;
        const same = frame.shown.zones.far === from.shown?.zones.far;
        if (same) light(frame, i, latlng);
        else dark(frame);
    }
}

/** @param {Frame} frame @param {number} i @param {any} latlng */
function light(frame, i, latlng) {
    const { shown, data } = /** @type {Frame & { shown: Shown }} */ (frame);
    if (!frame.focus || frame.focus.i !== i) {
        dark(frame);
        frame.focus = leaflet
            .geoJSON(data.features[i], {
                pane: "focus",
                interactive: false,
                renderer: leaflet.canvas({ pane: "focus" }),
                style: { fill: false, color: colours.focus, weight: 2.4 },
            })
            .addTo(frame.map);
        frame.focus.i = i;
    }
    const at = shown.i.indexOf(i);
    const told = at < 0 ? "" : `<br>${core.escape(shown.told[at])}`;
    frame.tip.setLatLng(latlng).setContent(`<strong>${core.escape(data.features[i].properties.name)}</strong>${told}`);
    frame.map.openTooltip(frame.tip);
}

/** @param {Frame} frame */
function dark(frame) {
    if (frame.focus) frame.focus.remove();
    frame.focus = null;
    frame.map.closeTooltip(frame.tip);
}

function leave() {
    for (const frame of frames.values()) dark(frame);
}

/**
 * Go to a zone on every map and tell of it.
 *
 * @param {string | null} id
 */
export function goTo(id) {
    for (const row of document.querySelectorAll("[data-go]"))
        row.closest("tr")?.classList.toggle("chosen", row.getAttribute("data-go") === id);
    const having = [...frames.values()].filter(({ data }) => data?.features.some((/** @type {any} */ f) => f.properties.id === id));
    if (!having.length) return;
    const last = having[having.length - 1];
    const { i, p } = last.data.features.find((/** @type {any} */ f) => f.properties.id === id).properties;
    last.map.fitBounds(last.layers[i].getBounds(), { animate: false, maxZoom: 12, padding: [60, 60] });
    point(last, i, leaflet.latLng(p[1], p[0]));
    if (!document.activeElement?.closest(".pair-map")) document.querySelector("[data-shared]")?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest("[data-go]") : null;
    if (row && document.querySelector("[data-shared]")) goTo(row.getAttribute("data-go"));
});

/* ---- legend ---- */

/** One legend for the maps that share their classes. @param {View} view */
function legend(view) {
    const told = view.frames.map(({ legend: one }) => one).find(Boolean);
    const holder = document.getElementById("compare-legend");
    if (!holder) return;
    if (!told) {
        window.dash_clientside.set_props("compare-legend", { children: null });
        return;
    }
    const { element } = core;
    const sizes = view.frames[0].circles ? legendSizes(told.breaks || []) : [];
    const key = (/** @type {Record<string, any>} */ style) => element("Span", { className: "pair-key", style, "aria-hidden": "true" });
    const entries = told.labels.map((label, at) => {
        const size = sizes[at] ? { width: `${sizes[at]}px`, height: `${sizes[at]}px`, borderRadius: "50%" } : {};
        return element("Li", {}, key({ background: told.colours[at], ...size }), label);
    });
    entries.push(element("Li", {}, key({ background: colours.paper }), told.noDataLabel));
    const unit = told.unit ? element("Span", { className: "help" }, told.unit) : null;
    window.dash_clientside.set_props("compare-legend", {
        children: [element("Strong", {}, told.title), unit, element("Ul", {}, ...entries)],
    });
}
