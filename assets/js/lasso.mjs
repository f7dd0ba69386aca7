/*
 * Marking zones on the map: a rectangle or a line around them. It is drawn by dragging, or corner by corner with clicks;
 * the zones whose middle lies inside are marked. The keyboard marks them one by one in the table, with the space bar.
 */

import { around, made } from "./dom.mjs";
import { contains } from "./geometry.mjs";
import { mark } from "./marked.mjs";
import { mapOfPage } from "./shared.mjs";
import * as table from "./table.mjs";
import { pointOf } from "./zones.mjs";

/** @typedef {[number, number]} Spot pixels from the corner of the map */

const STILL = 6; // pixels that a click may move
const CLOSE = 12; // pixels from the first corner at which a line is closed

/** @type {{ shape: string, cover: HTMLElement, line: SVGPathElement, spots: Spot[], held: boolean } | null} */
let drawing = null;

/** Corners of what is drawn. @param {string} shape @param {Spot[]} spots @returns {Spot[]} */
export function corners(shape, spots) {
    if (shape !== "rectangle") return spots;
    const [[left, top], [right, bottom]] = [spots[0], spots[spots.length - 1]];
    return [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
    ];
}

/** Whether the last click closes a line. @param {string} shape @param {Spot[]} spots */
export function isClosed(shape, spots) {
    if (shape === "rectangle") return spots.length > 1;
    const [first, last] = [spots[0], spots[spots.length - 1]];
    return spots.length > 3 && Math.hypot(first[0] - last[0], first[1] - last[1]) <= CLOSE;
}

/** Begin to draw, or leave it. @param {string} shape */
function begin(shape) {
    const again = drawing?.shape === shape;
    leave();
    if (again) return;
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    picture.append(line);
    const cover = made("div", { class: "lasso" }, picture);
    document.getElementById("map-own")?.append(cover);
    drawing = { shape, cover, line, spots: [], held: false };
    pressed(shape);
    cover.addEventListener("pointerdown", down);
    cover.addEventListener("pointermove", move);
    cover.addEventListener("pointerup", up);
}

function leave() {
    drawing?.cover.remove();
    drawing = null;
    pressed("");
}

/** @param {string} shape */
function pressed(shape) {
    for (const name of ["rectangle", "lasso"]) {
        window.dash_clientside.set_props(`lasso-${name}`, { "aria-pressed": String(name === shape) });
    }
}

/** @param {PointerEvent} event @returns {Spot} */
function spotOf(event) {
    const box = mapOfPage().getContainer().getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
}

/** @param {Spot | null} towards where the pointer is */
function draw(towards) {
    if (!drawing) return;
    const spots = towards ? [...drawing.spots, towards] : drawing.spots;
    if (spots.length) drawing.line.setAttribute("d", `M${corners(drawing.shape, spots).join("L")}Z`);
}

/** @param {PointerEvent} event */
function down(event) {
    if (!drawing) return;
    drawing.cover.setPointerCapture(event.pointerId);
    drawing.held = true;
    drawing.spots.push(spotOf(event));
    if (isClosed(drawing.shape, drawing.spots)) finish();
}

/** @param {PointerEvent} event */
function move(event) {
    if (!drawing) return;
    const spot = spotOf(event);
    if (drawing.held && drawing.shape === "lasso") drawing.spots.push(spot);
    draw(spot);
}

/** @param {PointerEvent} event */
function up(event) {
    if (!drawing) return;
    drawing.held = false;
    const spot = spotOf(event);
    const [first] = drawing.spots;
    const reach = Math.max(...drawing.spots.map(([x, y]) => Math.hypot(x - first[0], y - first[1])), 0);
    const far = Math.hypot(spot[0] - first[0], spot[1] - first[1]) > STILL;
    if (drawing.shape === "rectangle" ? far : reach > STILL && drawing.spots.length > 8) {
        drawing.spots.push(spot);
        finish();
    } else drawing.spots = drawing.spots.slice(0, drawing.shape === "lasso" ? undefined : 1);
}

function finish() {
    if (!drawing) return;
    const ring = corners(drawing.shape, drawing.spots);
    const map = mapOfPage();
    leave();
    const closed = /** @type {import("./types").LonLat[]} */ ([...ring, ring[0]]);
    const inside = table.every().filter(({ i }) => {
        const { x, y } = map.latLngToContainerPoint(pointOf(i));
        return contains({ type: "Polygon", coordinates: [closed] }, [x, y]);
    });
    mark(inside.map(({ id }) => id));
}

document.addEventListener("click", (event) => {
    const button = around(event, "[data-lasso]");
    if (button) begin(button.dataset.lasso ?? "");
});
document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drawing) return;
    event.stopPropagation();
    leave();
});
