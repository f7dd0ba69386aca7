/* Where a point lies, by the borders that the page has at hand. */

/**
 * @typedef {[number, number]} Point longitude and latitude
 * @typedef {{ type: string, coordinates: any[] }} Geometry
 * @typedef {{ geometry: Geometry, properties: Record<string, any> }} Feature
 */

/** @param {Geometry} geometry @returns {Point[][]} */
const ringsOf = ({ type, coordinates }) => (type === "Polygon" ? coordinates : coordinates.flat());

/**
 * Whether a point lies in a polygon: the number of borders to its right is odd.
 *
 * @param {Geometry} geometry
 * @param {Point} point
 */
export function contains(geometry, [x, y]) {
    let inside = false;
    for (const ring of ringsOf(geometry)) {
        for (let k = 0, before = ring.length - 1; k < ring.length; before = k++) {
            const [x1, y1] = ring[k];
            const [x2, y2] = ring[before];
            if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
        }
    }
    return inside;
}

/** @param {Geometry} geometry @returns {[number, number, number, number]} west, south, east, north */
function boxOf(geometry) {
    const box = /** @type {[number, number, number, number]} */ ([Infinity, Infinity, -Infinity, -Infinity]);
    for (const [x, y] of ringsOf(geometry).flat()) {
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
    }
    return box;
}

/**
 * Name of the area that every point lies in; "" for a point in none.
 *
 * @param {Point[]} points
 * @param {Feature[]} areas
 * @returns {string[]}
 */
export function areasOf(points, areas) {
    const boxed = areas.map(({ geometry, properties }) => ({ geometry, name: properties.name, box: boxOf(geometry) }));
    return points.map((point) => {
        const [x, y] = point;
        const found = boxed.find(
            ({ geometry, box }) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3] && contains(geometry, point)
        );
        return found ? found.name : "";
    });
}
