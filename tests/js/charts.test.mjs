import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.window = { dash_clientside: {}, fetch: () => undefined, addEventListener: () => undefined, matchMedia: () => ({}) };
globalThis.document = { addEventListener: () => undefined, documentElement: { lang: "nl" }, getElementById: () => null };
globalThis.L = { Map: { addInitHook: () => undefined } };

const { nearest } = await import("../../assets/js/chart_drawings.mjs");
const { corners, isClosed } = await import("../../assets/js/lasso.mjs");

test("the nearest point is pointed at, and none that is far", () => {
    const points = [
        { x: 10, y: 10 },
        { x: 30, y: 10 },
    ];
    assert.equal(nearest(points, 12, 10, 15), 0);
    assert.equal(nearest(points, 24, 12, 15), 1);
    assert.equal(nearest(points, 24, 60, 15), -1);
    assert.equal(nearest([], 0, 0, 15), -1);
});

test("a rectangle has two corners, a line closes where it began", () => {
    const spots = [
        [10, 10],
        [50, 40],
    ];
    assert.deepEqual(corners("rectangle", spots), [
        [10, 10],
        [50, 10],
        [50, 40],
        [10, 40],
    ]);
    assert.equal(corners("lasso", spots), spots);
    assert.equal(isClosed("rectangle", spots.slice(0, 1)), false);
    assert.equal(isClosed("rectangle", spots), true);
    const line = [...spots, [0, 60], [14, 12]];
    assert.equal(isClosed("lasso", line), true);
    assert.equal(isClosed("lasso", line.slice(0, 3)), false);
    assert.equal(isClosed("lasso", [...line.slice(0, 3), [40, 60]]), false);
});
