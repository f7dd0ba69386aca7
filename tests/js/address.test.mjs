/* An address gives the choices again that it was made of. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { choicesOf, percentOf, searchOf, shareOf } from "../../assets/js/address.mjs";

const DEFAULTS = { service: "bureau", within: "", areas: "", show: "", min_share: "", lang: "nl" };
const all = () => true;

test("what is usual is not told", () => {
    assert.equal(searchOf(DEFAULTS, DEFAULTS, all), "?");
    assert.equal(searchOf({}, { areas: "" }, all), "?");
});

test("an address gives its choices again", () => {
    const choices = { service: "house", within: "800", areas: "care_region:boom", show: "places,raster", min_share: "0.333", lang: "fr" };
    const search = searchOf(choices, DEFAULTS, all);
    assert.equal(search, "?service=house&within=800&areas=care_region:boom&show=places,raster&min_share=0.333&lang=fr");
    assert.deepEqual(choicesOf(search, DEFAULTS), choices);
});

test("names with signs of their own survive", () => {
    const choices = { ...DEFAULTS, areas: "own:A & B=C?#é%2C" };
    assert.deepEqual(choicesOf(searchOf(choices, DEFAULTS, all), DEFAULTS), choices);
});

test("what follows from something else is not told", () => {
    const search = searchOf({ ...DEFAULTS, service: "house", within: "800" }, DEFAULTS, (name) => name !== "within");
    assert.equal(search, "?service=house");
});

test("a choice that was emptied is told", () => {
    assert.equal(searchOf({ show: "" }, { show: "places" }, all), "?show=");
    assert.deepEqual(choicesOf("?show=", { show: "places" }), { show: "" });
});

test("shares and percentages", () => {
    for (const [percent, share] of [
        [50, ""],
        ["", ""],
        [null, ""],
        [0, "0"],
        [33.3, "0.333"],
        [100, "1"],
    ]) {
        assert.equal(shareOf(percent), share);
    }
    assert.equal(percentOf(""), 50);
    for (const percent of [1, 12.5, 33.3, 99.9, 100]) assert.equal(percentOf(shareOf(percent)), percent);
});
