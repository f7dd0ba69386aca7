/* What the parts of the page know together: what is asked, what is shown, and what somebody is doing on the map. */

/** @import { Choices, Chosen, View } from "./types" */

export const shared = {
    /** @type {View | null} The answer on the screen. */
    view: null,
    /** @type {Choices | null} The question that the controls ask. */
    asked: null,
    /** @type {string | null} What colours the map. */
    indicator: null,
    /** @type {{ value: Chosen, until: number } | null} Choices on their way into the controls, one by one. */
    moving: null,
    /** @type {Choices | null} A question that waits for the server, which is gone. */
    missed: null,
    /** @type {View | null} The answer that the rows of the table show. */
    rowsView: null,
    /** @type {L.Map | null} The map of Leaflet. */
    map: null,
    /** Whether the next click on the map adds a place. */
    adding: false,
    /** Whether the next click on the map asks why a place is not there. */
    pointing: false,
    /** Whether a place is in someone's hand. */
    dragging: false,
};

/** The map of Leaflet, for what happens on it. */
export function mapOfPage() {
    if (!shared.map) throw new Error("the page has no map yet");
    return shared.map;
}
