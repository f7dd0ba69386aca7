/* What another service or way of travelling brings, and what of it an address need not say. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { demandOf, distanceOf, questionOf, usualOf } from "../../assets/js/question.mjs";

const USUAL = {
    within: { bureau: { walk: 1200, bike: 3750 }, team: { walk: 800, bike: 2500 } },
    demand: { bureau: "births", team: "age0_5" },
    defaults: { demand: "births", vintage: "2025" },
    state: { places: "p", zones: "" },
    newest: "2024",
    base: "municipality",
    lang: "nl",
};
const NOW = { service: "team", demand: "births", year: "2024", mode: "walk", within: 1200, level: "municipality", vintage: "2018" };
const BEFORE = { service: "bureau", demand: "births", within: "" };

test("another service brings the distance and the children that are usual for it", () => {
    assert.equal(distanceOf(NOW, BEFORE, ["service"], USUAL, false), 800);
    assert.equal(demandOf(NOW, BEFORE, ["service"], USUAL, false), "age0_5");
});

test("a distance and children that somebody chose stay with another service", () => {
    assert.equal(distanceOf({ ...NOW, within: 900 }, { ...BEFORE, within: "900" }, ["service"], USUAL, false), 900);
    assert.equal(demandOf({ ...NOW, demand: "age0" }, { ...BEFORE, demand: "age0" }, ["service"], USUAL, false), "age0");
});

test("another way of travelling brings the distance of the service", () => {
    assert.equal(distanceOf({ ...NOW, mode: "bike" }, BEFORE, ["mode"], USUAL, false), 2500);
    assert.equal(distanceOf({ ...NOW, mode: "bike" }, BEFORE, ["mode", "within"], USUAL, false), 1200);
});

test("what an address or a plan says stays", () => {
    assert.equal(distanceOf(NOW, BEFORE, ["service", "mode"], USUAL, true), 1200);
    assert.equal(demandOf(NOW, BEFORE, ["service"], USUAL, true), "births");
    assert.equal(demandOf(NOW, null, ["service"], USUAL, false), "births");
});

test("a question says what is not usual", () => {
    assert.equal(questionOf(NOW, null, 800, USUAL).within, "");
    assert.equal(questionOf(NOW, null, 1200, USUAL).within, "1200");
    assert.equal(questionOf(NOW, null, "", USUAL).within, "");
    assert.equal(questionOf({ ...NOW, demand: "age0", year: "2024" }, null, 800, USUAL).year, "");
    assert.equal(questionOf({ ...NOW, demand: "age0", year: "2019" }, null, 800, USUAL).year, "2019");
    assert.equal(questionOf({ ...NOW, year: "2019" }, null, 800, USUAL).year, "");
    assert.equal(questionOf({ ...NOW, level: "sector" }, null, 800, USUAL).vintage, "2025");
    const { places, key, min_share, lang } = questionOf({ ...NOW, min_share: 33.3 }, { key: "k" }, 800, USUAL);
    assert.deepEqual([places, key, min_share, lang], ["p", "k", "0.333", "nl"]);
});

test("an address need not say the children of the service", () => {
    assert.equal(usualOf({ service: "team" }, USUAL.defaults, USUAL).demand, "age0_5");
    assert.equal(usualOf({ service: "nothing" }, USUAL.defaults, USUAL).demand, "births");
});
