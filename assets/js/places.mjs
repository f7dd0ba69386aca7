/* Places on the map: those of the set that is looked at, those of a plan, and what public pages tell of some. */

/** @import { Fact, Place, View } from "./types" */

import * as connection from "./connection.mjs";
import * as core from "./core.mjs";
import * as forms from "./numbers.mjs";
import { isOfPlan, planMarkers } from "./plan_places.mjs";
import * as press from "./press.mjs";
import { pick } from "./selection.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import { zoneAt } from "./zones.mjs";

/** @type {{ group: L.LayerGroup, address: string } | null} */
let places = null;
/** @type {L.LayerGroup | null} */
let facts = null;

/** Another map has no places yet. */
export function attach() {
    places = facts = null;
}

/**
 * Places of the view.
 *
 * @param {View} view
 * @param {string[]} layers
 */
export async function showPlaces(view, layers) {
    if (view.plan) await press.released();
    if (shared.view !== view) return;
    if (shared.dragging) return; // a place is in someone's hand; where it is put down gives another view
    const wanted = layers.includes("places") ? view.places : null;
    if (places && places.address === wanted) return;
    places?.group.remove();
    places = null;
    if (!wanted) return;
    const listed = view.plan ? [] : await connection.load(wanted);
    if (shared.view !== view || places) return;
    const group = isOfPlan(view) ? planMarkers(view, mapOfPage()) : placesOf(view, listed);
    places = { group: group.addTo(mapOfPage()), address: wanted };
}

/** @param {View} view @param {Place[]} listed */
const placesOf = (view, listed) => L.layerGroup(listed.map((place) => markerOf(view, place)));

/** @param {View} view @param {Place} place */
function markerOf(view, place) {
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
    const called = core.word(`legend.place.${view.service}`);
    const about = place.kind === "municipality" ? `${place.n} × ${called}; ${core.word("map.somewhere")}` : core.escape(view.evidence);
    marker.on("click", () => {
        const zone = zoneAt(place.p);
        if (zone) pick(zone);
    });
    return marker.bindTooltip(`<strong>${core.escape(place.name || called)}</strong><br>${about}`, {
        className: "zone-tip",
        direction: "top",
        offset: [0, -6],
    });
}

/**
 * What public pages tell of places.
 *
 * @param {string[]} layers
 */
export async function showFacts(layers) {
    const wanted = layers.includes("facts");
    if (!wanted && facts) {
        facts.remove();
        facts = null;
    }
    if (!wanted || facts) return;
    /** @type {L.LayerGroup} */
    const group = (facts = L.layerGroup());
    /** @type {Fact[]} */
    const told = await connection.load(core.config().facts);
    for (const fact of told) {
        const words = fact.as_of ? core.word("map.fact.located", { year: fact.as_of }) : forms.counted("map.fact", fact.n);
        L.marker([fact.p[1], fact.p[0]], {
            pane: "places",
            keyboard: false,
            icon: L.divIcon({ className: "fact-mark", html: "<i>i</i>", iconSize: [0, 0] }),
        })
            .bindTooltip(`<strong>${core.escape(fact.name)}</strong><br>${words}`, { className: "zone-tip" })
            .on("click", () => pick(fact.id))
            .addTo(group);
    }
    if (facts === group) group.addTo(mapOfPage());
}
