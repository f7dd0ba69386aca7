/* Points in borders, names beside marks, and points that somebody writes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { areasOf, contains, freePoint, freeSide, pointIn } from "../../assets/js/geometry.mjs";

const square = (west, south, side) => [
    [west, south],
    [west + side, south],
    [west + side, south + side],
    [west, south + side],
    [west, south],
];

test("a hole in a polygon is outside it", () => {
    const border = { type: "Polygon", coordinates: [square(0, 0, 10), square(4, 4, 2)] };
    assert.equal(contains(border, [1, 1]), true);
    assert.equal(contains(border, [5, 5]), false);
    assert.equal(contains(border, [11, 5]), false);
    assert.equal(contains(border, [5, -1]), false);
});

test("a point in either part of several polygons is inside", () => {
    const border = { type: "MultiPolygon", coordinates: [[square(0, 0, 2)], [square(5, 5, 2)]] };
    assert.deepEqual(
        [
            [1, 1],
            [6, 6],
            [3, 3],
        ].map((point) => contains(border, point)),
        [true, true, false]
    );
});

test("a name stands above its point unless a mark is there", () => {
    const at = { x: 100, y: 100 };
    assert.equal(freeSide(at, 20, []), "above");
    assert.equal(freeSide(at, 20, [{ x: 100, y: 83 }]), "below");
    assert.equal(
        freeSide(at, 20, [
            { x: 100, y: 83 },
            { x: 100, y: 117 },
        ]),
        "right"
    );
    assert.equal(freeSide(at, 20, [{ x: 125, y: 100 }]), "left");
    assert.equal(
        freeSide(at, 20, [
            { x: 90, y: 100 },
            { x: 110, y: 100 },
        ]),
        "none"
    );
});

test("a mark just far enough away leaves a name its room", () => {
    const at = { x: 0, y: 0 };
    assert.equal(freeSide(at, 20, [{ x: 34, y: -17 }]), "above");
    assert.equal(freeSide(at, 20, [{ x: 33, y: -17 }]), "below");
    assert.equal(freeSide(at, 20, [{ x: 0, y: -37 }]), "above");
    assert.equal(freeSide(at, 20, [{ x: 0, y: -36 }]), "below");
    assert.equal(freeSide(at, 20, [], [{ x: 0, y: -33, half: 20 }]), "above");
    assert.equal(freeSide(at, 20, [], [{ x: 0, y: -32, half: 20 }]), "below");
});

test("a point is read with points or commas, and only where there are two numbers", () => {
    assert.deepEqual(pointIn("51.09, 4.37"), { lat: 51.09, lon: 4.37 });
    assert.deepEqual(pointIn("51,09; 4,37"), { lat: 51.09, lon: 4.37 });
    assert.deepEqual(pointIn("-1.5 2"), { lat: -1.5, lon: 2 });
    assert.equal(pointIn("51.09"), null);
    assert.equal(pointIn("51.09, 4.37, 3"), null);
    assert.equal(pointIn("Boom"), null);
});

test("a point is in the area around it, and in none outside", () => {
    const square = (x) => [
        [
            [x, 0],
            [x + 1, 0],
            [x + 1, 1],
            [x, 1],
            [x, 0],
        ],
    ];
    const area = (name, x) => ({ properties: { name }, geometry: { type: "Polygon", coordinates: square(x) } });
    const both = [area("west", 0), area("east", 1)];
    assert.deepEqual(
        areasOf(
            [
                [0.5, 0.5],
                [1.5, 0.2],
                [3, 3],
            ],
            both
        ),
        ["west", "east", ""]
    );
});

test("names keep off each other: the second takes another side, and one without room is left out", () => {
    const written = [];
    const at = { x: 100, y: 100 };
    const sides = Array.from({ length: 5 }, () => freeSide(at, 20, [], written));
    assert.deepEqual(sides, ["above", "below", "right", "left", "none"]);
    assert.equal(written.length, 4);
});

test("a mark stands aside of those before it, near its point", () => {
    const at = { x: 100, y: 100 };
    assert.deepEqual(freePoint(at, []), at);
    assert.deepEqual(freePoint(at, [{ x: 122, y: 100 }]), at);
    const aside = freePoint(at, [{ x: 104, y: 100 }]);
    assert.ok(Math.hypot(aside.x - 104, aside.y - 100) >= 22);
    assert.ok(Math.hypot(aside.x - 100, aside.y - 100) <= 22.001);
});

test("a mark without any room stays at its point", () => {
    const at = { x: 0, y: 0 };
    const everywhere = [-30, -15, 0, 15, 30].flatMap((x) => [-30, -15, 0, 15, 30].map((y) => ({ x, y })));
    assert.deepEqual(freePoint(at, everywhere), at);
});
