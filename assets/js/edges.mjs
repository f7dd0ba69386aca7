/* Borders of a second division over the zones, such as those of care regions over municipalities. */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { shared } from "./shared.mjs";
import { tokens } from "./tokens.mjs";

const PANE = "edges";
const ABOVE = 432; // over the zones and what lies on them, under marks and names

/** @type {L.LayerGroup | null} */
let layer = null;
/** @type {{ map: any, level: string } | null} the map that it lies on, and its level */
let shownOn = null;
let wanted = "";

/** The level whose borders lie on the map; "" for none. */
export const level = () => (shownOn ? shownOn.level : "");

/**
 * Put the borders of a level on the map, and take the former away.
 *
 * @param {string} name a level, or "" for none
 */
export async function show(name) {
    wanted = name;
    const { map } = shared;
    const partition = core.configured()?.partitions[name];
    if (!map || (shownOn && shownOn.map === map && shownOn.level === name)) return;
    const data = partition ? await connection.load(partition.address) : null;
    if (wanted !== name || shared.map !== map) return;
    if (layer) layer.remove();
    layer = null;
    shownOn = { map, level: data ? name : "" };
    if (!data) return;
    if (!map.getPane(PANE)) {
        const { style } = map.createPane(PANE);
        style.zIndex = String(ABOVE);
        style.pointerEvents = "none";
    }
    const lines = (/** @type {any} */ look) =>
        L.geoJSON(data, { pane: PANE, interactive: false, renderer: L.svg({ pane: PANE }), style: { fill: false, ...look } });
    layer = L.layerGroup([
        lines({ color: tokens.colours.paper, weight: 4, opacity: 0.85 }),
        lines({ color: tokens.colours.moved, weight: 1.8, opacity: 1, className: "second-border" }),
    ]).addTo(map);
}
