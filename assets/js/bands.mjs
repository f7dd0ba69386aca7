/* How far the ground around a place is from it: bands of minutes on the map, with a legend, until somebody takes them away. */

import * as core from "./core.mjs";
import { byId, made } from "./dom.mjs";
import * as forms from "./numbers.mjs";
import { mapOfPage, shared } from "./shared.mjs";
import { isSmall } from "./small.mjs";
import * as table from "./table.mjs";
import { tokens } from "./tokens.mjs";

const OPACITY = [0.62, 0.42, 0.24]; // from near to far

/** @type {{ layer: L.FeatureGroup, card: HTMLElement, key: string } | null} */
let shown = null;

function drop() {
    shown?.layer.remove();
    shown?.card.remove();
    shown = null;
}

/** Colour of a band as it is on the map. @param {number} opacity */
function keyOf(opacity) {
    const key = made("span", { class: "band-key on-map", "aria-hidden": "true" });
    key.style.setProperty("--band", `${Math.round(100 * opacity)}%`);
    return key;
}

/** Show the bands of an answer. @param {import("./types").Banded | null} answer */
export function draw(answer) {
    drop();
    if (answer && shared.view && JSON.stringify(answer.key) === JSON.stringify(shared.view.key)) {
        const { reach } = tokens.colours;
        const rings = answer.bands.map(({ ring }, k) =>
            L.geoJSON(ring, {
                style: {
                    pane: "focus",
                    interactive: false,
                    color: reach,
                    weight: 1.2,
                    opacity: 0.8,
                    fillColor: reach,
                    fillOpacity: OPACITY[k],
                },
                interactive: false,
                pane: "focus",
            })
        );
        const layer = L.featureGroup(rings).addTo(mapOfPage());
        const card = made("div", { class: "marked-card bands-card", role: "status" }, ...told(answer));
        card.addEventListener("click", (event) => event.target instanceof Element && event.target.closest("[data-bands-off]") && drop());
        byId("map-own").append(card);
        shown = { layer, card, key: JSON.stringify(answer.key) };
        const bounds = layer.getBounds();
        if (bounds.isValid()) bringIntoView(bounds);
    }
    return window.dash_clientside.no_update;
}

/** Bring bands into view beside the legend, the sheet and the words about them. @param {L.LatLngBounds} bounds */
function bringIntoView(bounds) {
    const map = mapOfPage();
    const wide = !isSmall();
    const sheet = wide ? (document.querySelector(".shell.sheet-open .sheet")?.clientWidth ?? 0) : 0;
    const legend = wide ? (document.querySelector(".legend-card")?.clientWidth ?? 0) + 30 : 10;
    map.fitBounds(bounds, { maxZoom: 13.5, paddingTopLeft: [legend, 20], paddingBottomRight: [sheet + 10, 150] });
}

/** @param {import("./types").Banded} answer */
function told({ name, bands }) {
    const rows = bands.map(({ minutes, births }, k) =>
        made("li", {}, keyOf(OPACITY[k]), core.word("bands.row", { minutes: forms.number(minutes, 0), births: forms.number(births, 0) }))
    );
    return [
        made("p", {}, made("strong", {}, core.word("bands.title", { place: name }))),
        ...(shared.view?.madeUp ? [made("p", { class: "stamp" }, core.word("banner.stamp"))] : []),
        made("ul", { class: "band-list" }, ...rows),
        made("button", { type: "button", class: "button", "data-bands-off": "" }, core.word("bands.clear")),
    ];
}

table.follow(() => {
    if (shown && shown.key !== JSON.stringify(shared.view?.key)) drop();
});
