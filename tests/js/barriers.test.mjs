import assert from "node:assert/strict";
import { before, test } from "node:test";

/** @type {typeof import("../../assets/js/barriers.mjs")} */
let barriers;

before(async () => {
    // what a browser has, as far as the module touches it when it is read
    Object.assign(globalThis, {
        window: { fetch: () => Promise.reject(new Error("no network")), addEventListener: () => {} },
        document: { getElementById: () => null, addEventListener: () => {} },
    });
    barriers = await import("../../assets/js/barriers.mjs");
});

test("a stretch is the wider the more births it cuts off, and never too thin to point at", () => {
    const widths = [0, 1, 5, 20, 80].map((births) => barriers.weight(births, 80));
    assert.deepEqual(
        widths,
        [...widths].sort((a, b) => a - b)
    );
    assert.equal(barriers.weight(0, 80), barriers.weight(0, 0));
    assert.ok(widths[0] >= 2 && widths[4] <= 12);
});
