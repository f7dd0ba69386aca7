import assert from "node:assert/strict";
import { before, test } from "node:test";

/** @type {typeof import("../../assets/js/ground.mjs")} */
let ground;

before(async () => {
    // what a browser has, as far as the module touches it when it is read
    Object.assign(globalThis, {
        window: { fetch: () => Promise.reject(new Error("no network")), addEventListener: () => {} },
        document: { getElementById: () => null, addEventListener: () => {} },
    });
    ground = await import("../../assets/js/ground.mjs");
});

test("steps are added up, in whole units of a degree", () => {
    const found = ground.points([434_000, 5_102_000, 10, -20, -5, 0], 1e-5);
    const expected = [
        [51.02, 4.34],
        [51.0198, 4.3401],
        [51.0198, 4.34005],
    ];
    assert.equal(found.length, 3);
    for (const [k, at] of found.entries()) {
        for (const axis of [0, 1]) assert.ok(Math.abs(at[axis] - expected[k][axis]) < 1e-9);
    }
});

test("lines grow with the zoom, never to nothing and never to a wall", () => {
    for (const kind of ["river", "motorway", "minor", "railway"]) {
        const widths = [7, 9, 12, 15, 19].map((zoom) => ground.stroke(kind, zoom).weight);
        assert.deepEqual(
            widths,
            [...widths].sort((a, b) => a - b)
        );
        assert.ok(widths[0] >= 0.35 && widths[4] <= 9);
    }
});

test("a view of a town touches the tiles around it and no others", () => {
    assert.deepEqual(ground.tilesOf({ west: 4.36, south: 51.08, east: 4.37, north: 51.09 }, 12), [[2097, 1369]]);
    const wide = ground.tilesOf({ west: 4.3, south: 51.0, east: 4.5, north: 51.1 }, 12);
    assert.equal(wide.length, new Set(wide.map(String)).size);
    assert.ok(wide.some(([x, y]) => x === 2097 && y === 1369));
});

test("boxes that only touch do not meet", () => {
    const box = (/** @type {number} */ left) => ({ left, right: left + 10, top: 0, bottom: 5 });
    assert.equal(ground.meets(box(0), box(9)), true);
    assert.equal(ground.meets(box(0), box(10)), false);
});
