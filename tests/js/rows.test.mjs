import assert from "node:assert/strict";
import { test } from "node:test";

import { filterOf, grouped, kept, sorted, textOf, together } from "../../assets/js/rows.mjs";

const ROWS = [
    { name: "Gent", place: "", births: 2825, births_out_of_reach: 836, mean_minutes: 15, n_facilities: 15 },
    { name: "Genk", place: "", births: 700, births_out_of_reach: null, mean_minutes: null, n_facilities: 4 },
    { name: "Herstappe", place: "", births: 0, births_out_of_reach: 0, mean_minutes: null, n_facilities: 0 },
    { name: "Liège", place: "", births: 100, births_out_of_reach: 100, mean_minutes: 45, n_facilities: 0 },
];
const value = (row, column) => row[column];
const names = (rows) => rows.map(({ name }) => name);

test("a filter is written and read again", () => {
    for (const text of ["", "gent", "births:100..500;", "births:..500;gent", "births:-1.5..;a: b;c"]) {
        assert.equal(textOf(filterOf(text)), text);
    }
    assert.deepEqual(filterOf("births:100..;gent"), { name: "gent", column: "births", least: 100, most: null });
    assert.equal(textOf({ name: " ", column: "births", least: null, most: null }), "");
});

test("a part of a name is enough, without accents or capitals; what is not known is in no range", () => {
    assert.deepEqual(names(kept(ROWS, filterOf("GEN"), value)), ["Gent", "Genk"]);
    assert.deepEqual(names(kept(ROWS, filterOf("liege"), value)), ["Liège"]);
    assert.deepEqual(names(kept(ROWS, filterOf("births_out_of_reach:0..100;"), value)), ["Herstappe", "Liège"]);
    assert.equal(kept(ROWS, filterOf(""), value).length, ROWS.length);
});

test("what is not known stands last in either direction, and equals keep their order", () => {
    assert.deepEqual(names(sorted(ROWS, "mean_minutes", true, value)), ["Liège", "Gent", "Genk", "Herstappe"]);
    assert.deepEqual(names(sorted(ROWS, "mean_minutes", false, value)), ["Gent", "Liège", "Genk", "Herstappe"]);
    assert.deepEqual(names(sorted(ROWS, "n_facilities", false, value)).slice(0, 2), ["Herstappe", "Liège"]);
    assert.deepEqual(names(sorted(ROWS, "name", false, value)), ["Genk", "Gent", "Herstappe", "Liège"]);
});

test("groups hold every row once, in their order", () => {
    const groups = grouped(ROWS, ({ name }) => name[0]);
    assert.deepEqual(
        groups.map(({ name, rows }) => [name, rows.length]),
        [
            ["G", 2],
            ["H", 1],
            ["L", 1],
        ]
    );
});

test("together, an unknown figure is never counted as none", () => {
    const all = together(ROWS);
    assert.equal(all.births, 3625);
    assert.equal(all.births_out_of_reach, 936);
    assert.equal(all.atLeast, true);
    assert.equal(all.share_in_reach, null);
    assert.equal(all.mean_minutes, null); // Genk has children and no time
    assert.equal(all.births_per_facility, 3625 / 19);
    const known = together([ROWS[0], ROWS[2], ROWS[3]]);
    assert.equal(known.atLeast, false);
    assert.equal(known.share_in_reach, 1 - 936 / 2925);
    assert.equal(known.mean_minutes, (2825 * 15 + 100 * 45) / 2925); // a zone without children weighs nothing
    assert.equal(together([ROWS[1]]).births_out_of_reach, null);
    assert.equal("p90_minutes" in all, false);
});
