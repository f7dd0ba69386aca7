import assert from "node:assert/strict";
import { before, test } from "node:test";

/** @type {typeof import("../../assets/js/linked.mjs")} */
let linked;
/** @type {typeof import("../../assets/js/asks.mjs")} */
let asks;

before(async () => {
    // what a browser has, as far as the modules touch it when they are read
    Object.assign(globalThis, {
        window: { L: {}, fetch: () => Promise.reject(new Error("no network")), addEventListener: () => {} },
        document: { getElementById: () => null, addEventListener: () => {}, documentElement: {} },
        MutationObserver: class {
            observe() {}
        },
    });
    linked = await import("../../assets/js/linked.mjs");
    asks = await import("../../assets/js/asks.mjs");
});

test("a plan decides for its side, and children of one year need no year", () => {
    assert.deepEqual(asks.silent({ source: "illustrative", demand: "age0" }), []);
    assert.deepEqual(asks.silent({ source: "illustrative", demand: "births" }), ["year"]);
    const side = asks.silent({ b_source: "plan:1", b_demand: "births" }, "b_");
    assert.deepEqual(side, ["b_service", "b_mode", "b_minutes", "b_demand", "b_year"]);
});

test("a bow begins and ends where it should, and bends away from the way back", () => {
    const [there, back] = [linked.bow([51, 3], [51, 5]), linked.bow([51, 5], [51, 3])];
    assert.deepEqual(
        [there[0], there[there.length - 1]],
        [
            [51, 3],
            [51, 5],
        ]
    );
    const middle = (/** @type {[number, number][]} */ line) => line[(line.length - 1) / 2][0];
    assert.ok(middle(there) < 51 && middle(back) > 51);
});
