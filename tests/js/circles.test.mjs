import assert from "node:assert/strict";
import { test } from "node:test";

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
    const sizes = [10, 304, 2000, 9879].map(mostPixels);
    assert.deepEqual(
        sizes,
        [...sizes].sort((a, b) => b - a)
    );
});

test("classes of a legend grow", () => {
    const sizes = legendSizes([20, 50, 100, 200, 500]);
    assert.equal(sizes.length, 6);
    assert.ok(sizes.every((size, k) => k === 0 || size >= sizes[k - 1]));
    assert.deepEqual(legendSizes([]).length, 1);
});
