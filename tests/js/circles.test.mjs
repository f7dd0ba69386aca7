import assert from "node:assert/strict";
import { test } from "node:test";

import * as circles from "../../assets/js/circles.mjs";
import { legendSizes, mostPixels, radius } from "../../assets/js/circles.mjs";

test("the area of a circle is the count", () => {
    const [whole, quarter] = [1, 0.25].map((share) => radius(share, 22, 8.5));
    assert.equal(whole, 22);
    assert.equal((quarter / whole) ** 2, 0.25);
});

test("circles grow with the zoom, and never over the screen or to nothing", () => {
    assert.ok(radius(1, 22, 10) > radius(1, 22, 9));
    assert.equal(radius(1, 22, 18), radius(1, 22, 19));
    assert.ok(radius(0.0001, 8, 7) > 0.5);
});

test("many zones have small circles", () => {
    assert.deepEqual([60, 61, 500, 501, 2500, 2501].map(mostPixels), [30, 22, 22, 12, 12, 8]);
});

test("a circle for every zone with a count, the largest first, drawn on one canvas of the map", () => {
    const made = [];
    const canvas = { pane: "", _map: null };
    const marker = (at, options) => ({ at, options, setRadius: (size) => made.push([at, size]) });
    const group = { addTo: () => group, remove: () => {} };
    Object.assign(globalThis, {
        L: { canvas: (options) => Object.assign(canvas, options), circleMarker: marker, layerGroup: () => group },
    });
    circles.draw([{ at: [1, 1], value: 4, colour: "red" }]); // no map yet
    assert.equal(circles.count(), 0);
    const map = { on: () => {}, getZoom: () => 8.5 };
    circles.attach(map);
    circles.draw([{ at: [0, 0], value: 0, colour: "red" }]);
    assert.equal(circles.count(), 0);
    circles.draw([
        { at: [1, 1], value: 1, colour: "red" },
        { at: [0, 0], value: 0, colour: "red" },
        { at: [2, 2], value: 4, colour: "red" },
    ]);
    assert.deepEqual(made, [
        [[2, 2], 30],
        [[1, 1], 15],
    ]);
    assert.equal(circles.count(), 2);
});

test("classes of a legend grow", () => {
    const sizes = legendSizes([20, 50, 100, 200, 500]);
    assert.equal(sizes.length, 6);
    assert.ok(sizes.every((size, k) => k === 0 || size >= sizes[k - 1]));
    assert.deepEqual(legendSizes([]).length, 1);
});
