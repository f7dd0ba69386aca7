/* The zone whose sheet is open: whoever picks one tells Dash, which tells everybody. */

/** Id of the row of what lies in no zone that is known; it has no sheet. */
export const NOT_KNOWN_HERE = "not_known_here";

/**
 * Open the sheet of a zone; of none, close it.
 *
 * @param {string | null | undefined} id
 */
export function pick(id) {
    if (id === NOT_KNOWN_HERE) return;
    window.dash_clientside.set_props("selected", { data: id || "" });
}
