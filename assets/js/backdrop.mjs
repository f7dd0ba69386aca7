/* What lies around the zones and on top of them: other regions, borders of towns, the picture of hectares, the streets. */

/** @import { View } from "./types" */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import { tokens } from "./tokens.mjs";

const { colours } = tokens;

/** @type {L.Layer | null} */
let around = null;
/** @type {L.Layer | null} */
let outlines = null;
/** @type {{ layer: L.Layer, address: string } | null} */
let picture = null;
/** @type {L.Layer | null} */
let basemap = null;

/** Another map has nothing on it yet. */
export function attach() {
    around = outlines = picture = basemap = null;
}

/** Whether the picture of hectares is on the map. */
export const hasPicture = () => picture !== null;

/** Hatching for what is not known: a pattern that the style sheet refers to. */
function hatch() {
    if (document.getElementById("hatch")) return;
    document.body.insertAdjacentHTML(
        "beforeend",
        '<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>' +
            '<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
            `<rect width="7" height="7" fill="${colours.land}"/><rect width="1.4" height="7" fill="${colours.lineLand}"/></pattern></defs></svg>`
    );
}

/** The region behind the zones, once. */
export async function showAround() {
    if (around) return;
    hatch();
    const { around: address, credit } = core.config();
    const data = await connection.load(address);
    const map = mapOfPage();
    around = L.geoJSON(data, {
        pane: "around",
        interactive: false,
        renderer: L.svg({ pane: "around" }),
        style: { className: "land", stroke: true, color: colours.lineLand, weight: 1, fill: true, fillOpacity: 1 },
    }).addTo(map);
    map.attributionControl?.addAttribution(credit);
}

/** Borders of towns over zones that are smaller. @param {View} view */
export function showOutlines(view) {
    const { inner, towns } = core.config();
    if (!inner.includes(view.level)) {
        outlines?.remove();
        return;
    }
    connection.load(towns).then((data) => {
        if (shared.view !== view) return;
        outlines =
            outlines ||
            L.geoJSON(data, {
                pane: "outlines",
                interactive: false,
                renderer: L.svg({ pane: "outlines" }),
                style: { fill: false, color: colours.ink2, weight: 0.7, opacity: 0.45 },
            });
        outlines.addTo(mapOfPage());
    });
}

/** Minutes of every hectare. @param {View} view @param {string[]} layers */
export function showPicture(view, layers) {
    const { url, bounds, known } = view.raster;
    const wanted = layers.includes("raster") && known;
    if (picture && (!wanted || picture.address !== url)) {
        picture.layer.remove();
        picture = null;
    }
    if (wanted && !picture) {
        const layer = L.imageOverlay(core.base + url, bounds, { pane: "raster", className: "hectares" });
        picture = { layer: layer.addTo(mapOfPage()), address: url };
    }
}

/** Streets of OpenStreetMap, which somebody may ask for. @param {string[]} layers */
export function showBasemap(layers) {
    const map = mapOfPage();
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
