"""Every word the engine uses is explained in every language."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS
from coverage.travel.models import TRAVEL_MODELS
from i18n.errors import CatalogueError, InputError
from i18n.messages import Message
from i18n.numbers import format_date, plural_form
from i18n.texts import (
    LANGUAGES,
    catalogue,
    check_language,
    format_number,
    format_percent,
    read_texts,
    text,
)
from loaders.catalogue.columns import EVIDENCE, FACILITY_COLUMNS, FLAGS, RESULT_COLUMNS
from loaders.catalogue.regions.levels import LEVELS
from loaders.catalogue.services import gap_reasons, services

WORDS = {
    "column": tuple(dict.fromkeys([*RESULT_COLUMNS, *FACILITY_COLUMNS])),
    "reason": gap_reasons(),
    "flag": FLAGS,
    "evidence": EVIDENCE,
    "level": tuple(LEVELS),
    "service": tuple(services()),
    "mode": tuple(DEFAULT_WITHIN_M),
    "model": tuple(TRAVEL_MODELS),
    "demand": tuple(DEMAND_KINDS),
}
CAVEATS = (
    "illustrative",
    "documented",
    "distance_unknown",
    "crow",
    "proxy_births",
    "not_known_here",
    "outside_partition",
    "spread",
)


@pytest.mark.parametrize(("kind", "word"), [(kind, word) for kind, words in WORDS.items() for word in words])
def test_word_has_a_title_and_an_explanation_in_every_language(kind: str, word: str) -> None:
    for key in (f"{kind}.{word}", f"{kind}.{word}.help"):
        assert all(text(key, lang) for lang in LANGUAGES), key
    for lang in LANGUAGES:
        explanation = text(f"{kind}.{word}.help", lang)
        assert explanation.endswith("."), explanation
        assert len(explanation) > len(text(f"{kind}.{word}", lang)) / 2


@pytest.mark.parametrize("word", CAVEATS)
def test_caveats_are_sentences(word: str) -> None:
    assert all(text(f"caveat.{word}", lang).endswith(".") for lang in LANGUAGES)


def test_every_text_is_there_in_every_language() -> None:
    lacking = [key for key, texts in catalogue().items() if set(texts) != set(LANGUAGES)]
    assert lacking == []


def test_placeholders_are_the_same_in_every_language() -> None:
    import string

    for key, texts in catalogue().items():
        names = {lang: {n for _, n, _, _ in string.Formatter().parse(t) if n} for lang, t in texts.items()}
        assert len({frozenset(n) for n in names.values()}) == 1, (key, names)


PEOPLE = {
    "baby": {"nl": r"\bbaby", "en": r"\bbab(?:y|ies)\b", "fr": r"\bbébés?\b"},
    "birth": {"nl": r"geboorte|levend ?gebor", "en": r"\bbirths?\b", "fr": r"\bnaissances?\b"},
    "child": {"nl": r"\bkind(?:eren)?\b|-jarigen?\b|kinderopvang", "en": r"\bchild|-olds?\b", "fr": r"\benfan(?:t|ce)"},
}
"""Births are counted, babies live somewhere and are reached or not, children are counted by age."""
NO_PERSON = re.compile(r"\{[^}]*\}|\[\[.*?\]\]|Hui(?:s|zen) van het Kind|Kind en [A-Z]\w+|--births\S*|births=\S+")
SAID_OTHERWISE = {"help.sources", "help.require", "siting.error.needs_capacity", "siting.error.frontier",
                  "error.command.by_fifth", "error.command.births_per_place", "error.source.option"}  # fmt: skip
"""Texts in which *births* is the name of an option or left out in one language."""


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_babies_births_and_children_are_the_same_in_every_language(who: str) -> None:
    apart = {}
    for key, texts in catalogue().items():
        found = {
            lang for lang in LANGUAGES if re.search(PEOPLE[who][lang], NO_PERSON.sub("", texts[lang]), re.IGNORECASE)
        }
        if found and found != set(LANGUAGES) and key not in SAID_OTHERWISE:
            apart[key] = found
    assert apart == {}


def test_numbers_are_written_as_people_do() -> None:
    assert format_number(12345.6, "nl", 1) == "12.345,6"
    assert format_number(12345.6, "en", 1) == "12,345.6"
    assert format_number(12345.6, "fr", 1) == "12\u202f345,6"
    assert format_number(None) == format_number(float("nan")) == format_percent(None) == "–"
    assert (format_percent(0.125, "nl", 1), format_percent(0.125, "en")) == ("12,5\u00a0%", "12%")


def test_unknown_language() -> None:
    assert check_language("fr") == "fr"
    with pytest.raises(InputError, match="Unknown language 'de'; choose one of nl, en, fr"):
        check_language("de")


def test_a_percentage_above_nothing_is_not_told_as_nothing() -> None:
    assert [format_percent(0.004, lang) for lang in LANGUAGES] == ["<\u00a01\u00a0%", "<\u00a01%", "<\u00a01\u00a0%"]
    assert format_percent(0.0004, "nl", 1) == "<\u00a00,1\u00a0%"
    assert (format_percent(0.0, "nl"), format_percent(0.006, "nl")) == ("0\u00a0%", "1\u00a0%")


def test_words_are_in_the_form_that_the_number_asks_for() -> None:
    """By the plural rules of CLDR: 0 is plural in Dutch and English, singular in French."""
    assert [plural_form(n, "nl") for n in (0, 1, 2, 1_000_000)] == ["other", "one", "other", "other"]
    assert [plural_form(n, "fr") for n in (0, 1, 2, 1_000_000)] == ["one", "one", "other", "other"]
    assert [text("count.births", "nl", n=n) for n in (1, 244.8, 1234)] == [
        "1 geboorte",
        "245 geboorten",
        "1.234 geboorten",
    ]
    assert text("count.municipalities", "en", n=1) == "1 municipality"
    assert Message("count.municipalities", n=2).sentence("nl") == "2 gemeenten"
    assert Message("count.municipalities", n=1).sentence("nl") == "1 gemeente"
    with pytest.raises(TypeError, match="n must be a number, not '1'"):
        text("count.births", "nl", n="1")


def test_every_plural_has_both_forms_and_names_its_number() -> None:
    plurals = {
        key.removesuffix(".other") for key in catalogue() if key.endswith(".other") and key[:-5] + "one" in catalogue()
    }
    assert len(plurals) > 15
    for key in plurals:
        assert key not in catalogue(), key
        assert all("{n}" in sentence for sentence in catalogue()[f"{key}.other"].values()), key


def test_a_day_is_written_as_people_do() -> None:
    assert [format_date(date(2026, 4, 3), lang) for lang in LANGUAGES] == [
        "3 april 2026",
        "3 April 2026",
        "3 avril 2026",
    ]


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ('[a.b]\nnl = "x"\nen = "y"\nfr = "z"\n', r"two\.toml: text 'a\.b' is defined twice"),
        ('[a.c]\nnl = "x"\nen = "y"\n', r"two\.toml: text 'a\.c' is missing in 'fr'; add it there\."),
    ],
)
def test_a_catalogue_that_does_not_hold_together(tmp_path: Path, second: str, said: str) -> None:
    (tmp_path / "one.toml").write_text('[a.b]\nnl = "x"\nen = "y"\nfr = "z"\n', encoding="utf-8")
    (tmp_path / "two.toml").write_text(second, encoding="utf-8")
    with pytest.raises(CatalogueError, match=said):
        read_texts(tmp_path)
