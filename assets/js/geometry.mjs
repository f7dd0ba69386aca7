/* Points, borders and boxes, as plain numbers. */

/** @import { Border, LonLat } from "./types" */

/**
 * Whether a point lies in a polygon: the number of borders to its right is odd.
 *
 * @param {Border} border
 * @param {LonLat} point
 */
export function contains(border, [x, y]) {
    const polygons = border.type === "Polygon" ? [border.coordinates] : border.coordinates;
    let inside = false;
    for (const ring of polygons.flat()) {
        for (let k = 0, before = ring.length - 1; k < ring.length; before = k++) {
            const [x1, y1] = ring[k];
            const [x2, y2] = ring[before];
            if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
        }
    }
    return inside;
}

/** Where a name may stand beside its point: how many halves of its length aside, and how many pixels down. */
const SIDES = /** @type {const} */ ({ above: [0, -17], below: [0, 17], right: [1, 0], left: [-1, 0] });

/**
 * Side of its point where a name meets no mark; none where it has no room.
 *
 * @param {{ x: number, y: number }} at its point, in pixels
 * @param {number} half of its length, in pixels
 * @param {{ x: number, y: number }[]} marks in pixels
 */
export function freeSide(at, half, marks) {
    const free = Object.entries(SIDES).find(([, [dx, dy]]) => {
        const x = at.x + dx * (half + 15);
        const y = at.y + dy;
        return marks.every((mark) => Math.abs(mark.x - x) > half + 13 || Math.abs(mark.y - y) > 19);
    });
    return free ? free[0] : "none";
}

/**
 * Latitude and longitude out of a text such as ``51.09, 4.37`` or ``51,09; 4,37``.
 *
 * @param {string} words
 */
export function pointIn(words) {
    const numbers = (words.match(/-?\d+(?:[.,]\d+)?/g) || []).map((n) => Number(n.replace(",", ".")));
    return numbers.length === 2 ? { lat: numbers[0], lon: numbers[1] } : null;
}
