"""Every word the engine uses is explained in every language."""

from __future__ import annotations

import pytest

from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS
from coverage.travel.models import TRAVEL_MODELS
from i18n.errors import InputError
from i18n.texts import LANGUAGES, catalogue, check_language, format_number, format_percent, text
from loaders.catalogue.columns import EVIDENCE, FACILITY_COLUMNS, FLAGS, RESULT_COLUMNS
from loaders.catalogue.levels import LEVELS
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
