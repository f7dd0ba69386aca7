/* Points, borders and boxes, as plain numbers. */

/** @import { Border, LonLat, Zone } from "./types" */

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

/** West, south, east and north of a border. @param {Border} border @returns {[number, number, number, number]} */
function boxOf(border) {
    const polygons = border.type === "Polygon" ? [border.coordinates] : border.coordinates;
    const points = polygons.flat(2);
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const ends = (/** @type {number[]} */ all) =>
        all.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, -Infinity]);
    const [[west, east], [south, north]] = [ends(xs), ends(ys)];
    return [west, south, east, north];
}

/**
 * Name of the area that every point lies in; "" for a point in none.
 *
 * @param {LonLat[]} points
 * @param {Zone[]} areas
 */
export function areasOf(points, areas) {
    const boxed = areas.map(({ geometry, properties }) => ({ geometry, name: properties.name, box: boxOf(geometry) }));
    return points.map(([x, y]) => {
        const found = boxed.find(
            ({ geometry, box: [west, south, east, north] }) =>
                x >= west && x <= east && y >= south && y <= north && contains(geometry, [x, y])
        );
        return found ? found.name : "";
    });
}

/** Where a name may stand beside its point: how many halves of its length aside, and how many pixels down. */
const SIDES = /** @type {const} */ ({ above: [0, -17], below: [0, 17], right: [1, 0], left: [-1, 0] });

/** @typedef {{ x: number, y: number, half: number }} Written middle of a name that is there, and half of its length, in pixels */

/**
 * Side of its point where a name meets no mark and no other name; none where it has no room. A name that found its side
 * is put with the others.
 *
 * @param {{ x: number, y: number }} at its point, in pixels
 * @param {number} half of its length, in pixels
 * @param {{ x: number, y: number }[]} marks in pixels
 * @param {Written[]} [written] names that are there
 */
export function freeSide(at, half, marks, written = []) {
    const free = Object.entries(SIDES).find(([, [dx, dy]]) => {
        const x = at.x + dx * (half + 15);
        const y = at.y + dy;
        return (
            marks.every((mark) => Math.abs(mark.x - x) > half + 13 || Math.abs(mark.y - y) > 19) &&
            written.every((name) => Math.abs(name.x - x) > half + name.half + 4 || Math.abs(name.y - y) > 15)
        );
    });
    if (!free) return "none";
    const [side, [dx, dy]] = free;
    written.push({ x: at.x + dx * (half + 15), y: at.y + dy, half });
    return side;
}

const MARK_PX = 22; // pixels between two marks that leave each other to be read
const AROUND = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => (k * Math.PI) / 4);

/**
 * Where a mark may stand without lying on those before it: at its point, else as near to it as there is room. A mark that
 * finds none stays at its point.
 *
 * @param {{ x: number, y: number }} at its point, in pixels
 * @param {{ x: number, y: number }[]} taken marks before it, in pixels
 * @param {number} [times] as large as usual
 */
export function freePoint(at, taken, times = 1) {
    const room = times * MARK_PX;
    const near = [room / 2, room, 1.5 * room].flatMap((far) =>
        AROUND.map((angle) => ({ x: at.x + far * Math.cos(angle), y: at.y + far * Math.sin(angle) }))
    );
    return [at, ...near].find(({ x, y }) => taken.every((other) => Math.hypot(other.x - x, other.y - y) >= room)) ?? at;
}

/** Numbers in a text, with decimal points or commas. @param {string} words */
export const numbersIn = (words) => (words.match(/-?\d+(?:[.,]\d+)?/g) || []).map((n) => Number(n.replace(",", ".")));

/**
 * Latitude and longitude out of a text such as ``51.09, 4.37`` or ``51,09; 4,37``.
 *
 * @param {string} words
 */
export function pointIn(words) {
    const numbers = numbersIn(words);
    return numbers.length === 2 ? { lat: numbers[0], lon: numbers[1] } : null;
}
