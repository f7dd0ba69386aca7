/* Numbers as people write them, without a browser. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { change, counted, distance, minutes, number, percent, pluralForm, shown } from "../../assets/js/numbers.mjs";

const table = JSON.parse(readFileSync(new URL("number_forms.json", import.meta.url), "utf8"));
const forms = {
    number,
    percent,
    distance,
    minutes,
    amount: (value) => shown("births_per_hour", value),
    plural: pluralForm,
};

/** Another language on the screen: another holder, as when Dash draws the page anew. */
function speak(lang) {
    const words = { "fact.one": "{n} feit", "fact.other": "{n} feiten" };
    const config = JSON.stringify({ lang, words, scales: { share_in_reach: "share", births_per_hour: "amount" } });
    const holder = { dataset: { config } };
    globalThis.document = { getElementById: () => holder };
}

const plain = (words) => words.replace(/[\u00a0\u202f]/g, "~");

test("each language has its own marks", () => {
    const wanted = { nl: ["12.345,6", "12~%"], en: ["12,345.6", "12%"], fr: ["12~345,6", "12~%"] };
    for (const [lang, words] of Object.entries(wanted)) {
        speak(lang);
        assert.deepEqual([number(12345.6, 1), percent(0.12)].map(plain), words);
    }
});

test("numbers read as in the table that Python is tested on", () => {
    for (const { form, given, words } of table) {
        for (const lang of Object.keys(words)) {
            speak(lang);
            assert.equal(forms[form](...given), words[lang], `${form}(${given}) in ${lang}`);
        }
    }
});

test("a word takes the form of its number", () => {
    speak("nl");
    assert.deepEqual(
        [0, 1, 1234].map((n) => counted("fact", n)),
        ["0 feiten", "1 feit", "1.234 feiten"]
    );
    speak("fr");
    assert.equal(counted("fact", 0), "0 feit");
});

test("what is missing is a dash", () => {
    speak("nl");
    assert.deepEqual(
        [number(null, 0), percent(undefined), distance(null), change(null), shown("share_in_reach", null)],
        Array(5).fill("–")
    );
});

test("metres become kilometres", () => {
    speak("nl");
    assert.deepEqual([0, 994, 996, 1250].map(distance), ["0 m", "990 m", "1,0 km", "1,25 km"]);
});

test("a change has its sign, also when it is small", () => {
    speak("nl");
    assert.deepEqual(
        [12, -3, 0, 0.2, -0.2, 0.04].map((value) => change(value)),
        ["+12", "−3", "0", "+<1", "−<1", "0"]
    );
});

test("an indicator has its own scale", () => {
    speak("nl");
    assert.equal(plain(shown("share_in_reach", 0.5)), "50~%");
    assert.equal(shown("births_per_hour", 0.0234), "0,023");
});
