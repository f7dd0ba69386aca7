/* The map: dash-leaflet gives the frame, the parts of the map fill it; here they are put together. */

/** @import { Detailed, View } from "./types" */

import * as backdrop from "./backdrop.mjs";
import * as barriers from "./barriers.mjs";
import * as camera from "./camera.mjs";
import * as circles from "./circles.mjs";
import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import * as frame from "./frame.mjs";
import * as ground from "./ground.mjs";
import * as labels from "./labels.mjs";
import * as places from "./places.mjs";
import * as pointing from "./pointing.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import * as zones from "./zones.mjs";

const { shown } = zones;
const COUNTS = "births"; // scale of an indicator that is a count of children
const PANES = {
    around: 340,
    ground: 410,
    circles: 420,
    outlines: 430,
    raster: 390,
    focus: 440,
    barriers: 450,
    places: 600,
    names: 620,
    marks: 640,
};
const NOT_POINTED_AT = ["around", "ground", "circles", "outlines", "raster", "focus", "names"];

let drawing = 0; // answers whose zones are on their way

L.Map.addInitHook(function () {
    if (/** @type {any} */ (this).options.apart) return; // one of those in `linked.mjs`
    shared.map = this;
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) standStill(this);
    for (const [name, z] of Object.entries(PANES)) {
        const { style } = this.createPane(name);
        style.zIndex = String(z);
        if (NOT_POINTED_AT.includes(name)) style.pointerEvents = "none";
    }
    for (const part of [zones, backdrop, labels, places, pointing]) part.attach();
    for (const part of [frame, circles, ground, barriers, camera]) part.attach(this);
    this.on("zoomend", onZoom);
    this.whenReady(onZoom);
});

/** For whoever wants no movement: the map is at once where it goes to. @param {any} map */
function standStill(map) {
    map._zoomAnimated = false;
    map.options.inertia = false;
    const { panBy } = map;
    map.panBy = (/** @type {unknown} */ by, /** @type {object} */ how) => panBy.call(map, by, { ...how, animate: false });
}

/**
 * Zones, classes and marks of a view; the promise is kept once all is drawn.
 *
 * @param {View} view
 * @param {string} indicator
 * @param {string[]} layers
 * @param {boolean} onlyGaps whether zones without a gap are left out
 */
export async function drawMap(view, indicator, layers, onlyGaps) {
    if (!shared.map) await new Promise((/** @type {(value?: undefined) => void} */ ready) => L.Map.addInitHook(() => ready()));
    shown.indicator = indicator;
    shown.layers = layers;
    await backdrop.showAround();
    /** @type {import("./types").Zones} */
    const data = await connection.load(view.zones.far);
    const legend = view.legends[indicator];
    shown.onlyGaps = onlyGaps;
    shown.classes = zones.classesOf(view, indicator, data.features.length);
    shown.colours = legend ? legend.colours : [];
    shown.view = view;
    shown.counts = core.config().scales[indicator] === COUNTS && !(layers.includes("raster") && view.raster.known);
    drawing++;
    const fresh = await zones.showZones(view.zones, pointing.welcome).finally(() => drawing--);
    if (fresh === null) return;
    zones.paint();
    showCircles(view, indicator);
    backdrop.showPicture(view, layers);
    backdrop.showBasemap(layers);
    ground.show(layers.includes("ground") && !layers.includes("basemap"));
    barriers.show(view, layers);
    backdrop.showOutlines(view);
    labels.showMarks(view, indicator);
    nearer(); // somebody may have zoomed in meanwhile
    await Promise.all([places.showPlaces(view, layers), places.showFacts(layers), labels.showNames()]);
}

/**
 * Circles where the map shows counts; shades where it shows shares and distances.
 *
 * @param {View} view
 * @param {string} indicator
 */
function showCircles(view, indicator) {
    const { classes, colours } = shown;
    if (!shown.counts || !classes) {
        circles.clear();
        return;
    }
    circles.draw(
        view.rows.i.flatMap((i, row) => {
            const value = view.rows[indicator][row];
            return i >= 0 && classes[i] >= 0 && typeof value === "number"
                ? [{ at: zones.pointOf(i), value, colour: colours[classes[i]] }]
                : [];
        })
    );
}

function onZoom() {
    const { map } = shared;
    if (!map || !map._loaded) return;
    const holder = map.getContainer();
    holder.dataset.mapzoom = String(labels.zoomOfNames());
    const side = 2 * Math.round(Math.min(14, Math.max(6, 6 + (map.getZoom() - 8.8) * 2.4)) / 2);
    holder.style.setProperty("--place", `${side}px`);
    labels.refresh();
    nearer();
}

/** Borders in detail, once somebody is near enough; those of an answer on its way come first. */
function nearer() {
    const drawn = zones.drawnZones();
    if (drawn && !drawing && drawn.detail === "far" && mapOfPage().getZoom() >= zones.NEAR_FROM_ZOOM) {
        zones.showZones(drawn.addresses, pointing.welcome);
    }
}

/** What is on the map, for whoever looks in from outside. */
export function mapState() {
    const drawn = zones.drawnZones();
    return {
        zones: drawn ? drawn.layers.length : 0,
        detail: drawn ? drawn.detail : null,
        classes: shown.classes ? Array.from(shown.classes) : [],
        colours: shown.colours,
        circles: circles.count(),
        colourOf: zones.colourOf,
        selected: pointing.selected(),
        hovered: pointing.hovered(),
        raster: backdrop.hasPicture(),
        barriers: barriers.count(),
        pixelOf: (/** @type {string} */ id) => {
            const map = mapOfPage();
            const point = map.latLngToContainerPoint(zones.pointOf(zones.indexOf(id)));
            const box = map.getContainer().getBoundingClientRect();
            return [box.left + point.x, box.top + point.y];
        },
    };
}
