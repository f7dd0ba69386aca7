import assert from "node:assert/strict";
import { before, test } from "node:test";

/** @type {typeof import("../../assets/js/linked.mjs")} */
let linked;
/** @type {typeof import("../../assets/js/asks.mjs")} */
let asks;

before(async () => {
    // what a browser has, as far as the modules touch it when they are read
    Object.assign(globalThis, {
        window: { fetch: () => Promise.reject(new Error("no network")), addEventListener: () => {} },
        document: { getElementById: () => null, addEventListener: () => {}, documentElement: {} },
        MutationObserver: class {
            observe() {}
        },
    });
    linked = await import("../../assets/js/linked.mjs");
    asks = await import("../../assets/js/asks.mjs");
});

test("the camera of an address is taken where it makes sense", () => {
    assert.deepEqual(linked.cameraOf("?mode=bike&at=50.99,3.6,10.8"), { centre: [50.99, 3.6], zoom: 10.8 });
    for (const at of ["", "50,3", "50,3,99", "50,3,1", "a,b,c", "91,3,10", "50,3,10,2"]) assert.equal(linked.cameraOf(`?at=${at}`), null);
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
