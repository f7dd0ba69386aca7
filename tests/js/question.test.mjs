/* What another service or way of travelling brings, and what of it an address need not say. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { demandOf, minutesOf, questionOf, usualOf } from "../../assets/js/question.mjs";

const USUAL = {
    minutes: { bureau: 15, team: 10 },
    demand: { bureau: "births", team: "age0_5" },
    defaults: { demand: "births", vintage: "2025" },
    state: { places: "p", zones: "" },
    newest: "2024",
    base: "municipality",
    lang: "nl",
};
const NOW = { service: "team", demand: "births", year: "2024", mode: "walk", minutes: 15, level: "municipality", vintage: "2018" };
const BEFORE = { service: "bureau", demand: "births", minutes: "" };

test("another service brings the minutes and the children that are usual for it", () => {
    assert.equal(minutesOf(NOW, BEFORE, ["service"], USUAL, false), 10);
    assert.equal(demandOf(NOW, BEFORE, ["service"], USUAL, false), "age0_5");
});

test("minutes and children that somebody chose stay with another service", () => {
    assert.equal(minutesOf({ ...NOW, minutes: 12 }, { ...BEFORE, minutes: "12" }, ["service"], USUAL, false), 12);
    assert.equal(demandOf({ ...NOW, demand: "age0" }, { ...BEFORE, demand: "age0" }, ["service"], USUAL, false), "age0");
});

test("minutes that are chosen together with a service count", () => {
    assert.equal(minutesOf(NOW, BEFORE, ["service", "minutes"], USUAL, false), 15);
    assert.equal(minutesOf({ ...NOW, mode: "bike" }, BEFORE, ["mode"], USUAL, false), 15);
});

test("what an address or a plan says stays", () => {
    assert.equal(minutesOf(NOW, BEFORE, ["service", "mode"], USUAL, true), 15);
    assert.equal(demandOf(NOW, BEFORE, ["service"], USUAL, true), "births");
    assert.equal(demandOf(NOW, null, ["service"], USUAL, false), "births");
});

test("a question says what is not usual", () => {
    assert.equal(questionOf(NOW, null, 10, USUAL).minutes, "");
    assert.equal(questionOf(NOW, null, 15, USUAL).minutes, "15");
    assert.equal(questionOf(NOW, null, "", USUAL).minutes, "");
    assert.equal(questionOf({ ...NOW, demand: "age0", year: "2024" }, null, 10, USUAL).year, "");
    assert.equal(questionOf({ ...NOW, demand: "age0", year: "2019" }, null, 10, USUAL).year, "2019");
    assert.equal(questionOf({ ...NOW, year: "2019" }, null, 10, USUAL).year, "");
    assert.equal(questionOf({ ...NOW, level: "sector" }, null, 10, USUAL).vintage, "2025");
    const { places, key, min_share, lang } = questionOf({ ...NOW, min_share: 33.3 }, { key: "k" }, 10, USUAL);
    assert.deepEqual([places, key, min_share, lang], ["p", "k", "0.333", "nl"]);
    assert.equal(questionOf({ ...NOW, areas: "municipality:11002" }, null, 10, USUAL).areas, "municipality:11002");
    assert.equal(questionOf(NOW, null, 10, USUAL).areas, "");
});

test("an address need not say the children of the service", () => {
    assert.equal(usualOf({ service: "team" }, USUAL.defaults, USUAL).demand, "age0_5");
    assert.equal(usualOf({ service: "nothing" }, USUAL.defaults, USUAL).demand, "births");
});
