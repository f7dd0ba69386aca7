/* What a view looks like beside its question: where the map is, and how the table is ordered. The address holds it all. */

/** @typedef {{ camera: string, sort: string, columns: string, filter: string, group: string, chart: string }} Look */

/** @type {Look} */
const usual = { camera: "", sort: "", columns: "", filter: "", group: "", chart: "" };

/** @type {Look} */
const now = { ...usual };

/** @type {((names: string[]) => void)[]} */
const followers = [];
/** @type {(() => void)[]} */
const writers = [];

/** The look as it is, every name with its text. */
export const values = () => ({ ...now });

/** Be told what another address changed in the look. @param {(names: string[]) => void} follower */
export const follow = (follower) => followers.push(follower);

/** Be told that somebody changed the look on the page, to write it in the address. @param {() => void} writer */
export const onWrite = (writer) => writers.push(writer);

const names = /** @type {(keyof Look)[]} */ (Object.keys(usual));

/**
 * Take the look of an address; those who show it follow.
 *
 * @param {Record<string, any>} choices
 */
export function take(choices) {
    const changed = names.filter((name) => now[name] !== String(choices[name] ?? ""));
    for (const name of changed) now[name] = String(choices[name] ?? "");
    if (changed.length) for (const follower of followers) follower(changed);
}

/**
 * Change a part of the look; who changes it has shown it already.
 *
 * @param {keyof Look} name
 * @param {string} value
 */
export function change(name, value) {
    if (now[name] === value) return;
    now[name] = value;
    for (const writer of writers) writer();
}

/**
 * Where a map is, as an address holds it: latitude, longitude and zoom.
 *
 * @param {{ lat: number, lng: number }} centre
 * @param {number} zoom
 */
export const cameraOf = ({ lat, lng }, zoom) => [lat.toFixed(4), lng.toFixed(4), zoom.toFixed(1)].map(Number).join(",");

/**
 * Centre and zoom of such a text; null where it holds none.
 *
 * @param {string} text
 * @returns {{ centre: [number, number], zoom: number } | null}
 */
export function placeOf(text) {
    const [lat, lon, zoom] = text.split(",").map(Number);
    const sound = text !== "" && [lat, lon, zoom].every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
    return sound ? { centre: [lat, lon], zoom } : null;
}
