/* What the parts of the page know together: what is asked, what is shown, and what somebody is doing on the map. */

/**
 * @typedef {Record<string, any>} Choices a question, as the server and the address have it
 * @typedef {Record<string, any>} View the answer to a question, as the server sends it
 */

export const shared = {
    /** @type {View | null} The answer on the screen. */
    view: null,
    /** @type {Choices | null} The question that the controls ask. */
    asked: null,
    /** @type {string | null} What colours the map. */
    indicator: null,
    /** @type {{ value: Choices, until: number } | null} Choices on their way into the controls, one by one. */
    moving: null,
    /** @type {Choices | null} A question that waits for the server, which is gone. */
    missed: null,
    /** @type {View | null} The answer that the rows of the table show. */
    rowsView: null,
    /** @type {any} The map of Leaflet. */
    map: null,
    /** Whether the next click on the map adds a place. */
    adding: false,
    /** Whether the next click on the map asks why a place is not there. */
    pointing: false,
    /** Whether a place is in someone's hand. */
    dragging: false,
};
