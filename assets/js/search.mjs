/* Searching: zones of the view, and towns and villages, whose names are fetched once somebody begins to search. */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import { around } from "./dom.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import { zoneAt } from "./zones.mjs";

/** @typedef {{ value: string, label: string }} Option */

const AT = "@"; // before the point of a place
const NEAR = 13;

/** @type {Option[]} */
let zones = [];
/** @type {{ name: string, p: [number, number] }[] | null} */
let places = null;
let asked = false;

/** What can be found: zones, and places that no zone is called after. */
function options() {
    const level = core.config().levels[shared.rowsView?.level ?? ""] ?? "";
    if (!places) return zones;
    const taken = new Set(zones.map(({ label }) => label));
    const named = places.filter(({ name }) => !taken.has(name));
    return [
        { group: level, items: zones },
        { group: core.word("map.search.places"), items: named.map(({ name, p }) => ({ value: `${AT}${p[1]},${p[0]}`, label: name })) },
    ];
}

/**
 * Zones that can be found; with the places, once these are there.
 *
 * @param {Option[]} found
 */
export function findable(found) {
    zones = found;
    return options();
}

/**
 * Go to a place that was searched for.
 *
 * @param {string} value
 * @returns {{ zone: string | null } | null} the zone that it lies in; none where a zone was searched for
 */
export function goTo(value) {
    if (!value.startsWith(AT)) return null;
    const [lat, lon] = value.slice(AT.length).split(",").map(Number);
    mapOfPage().setView([lat, lon], NEAR, { animate: false });
    return { zone: zoneAt([lon, lat]) };
}

document.addEventListener("focusin", (event) => {
    if (asked || !core.configured() || !around(event, "#search")) return;
    asked = true;
    connection.load(core.config().ground.near).then(
        (/** @type {{ places: { name: string, p: [number, number] }[] }} */ ground) => {
            const seen = new Set();
            places = ground.places.filter(({ name, p }) => !seen.has(`${name}${p}`) && seen.add(`${name}${p}`));
            window.dash_clientside.set_props("search", { data: options() });
        },
        () => (asked = false)
    );
});
