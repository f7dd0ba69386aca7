"""What the data page says of licences, years and publishers is in the language of the reader."""

from __future__ import annotations

import pytest

from i18n.texts import LANGUAGES
from loaders.catalogue.publishers.source_words import source_word
from loaders.catalogue.publishers.sources import SOURCES

NAMES = {"CC BY 4.0", "CC0 1.0", "ODbL 1.0"}
"""Licences whose name is all there is to say."""


@pytest.mark.parametrize("source", SOURCES)
def test_a_licence_is_said_in_every_language(source: str) -> None:
    licence = SOURCES[source].licence
    said = {lang: source_word(licence, lang) for lang in LANGUAGES}
    assert said["en"] == licence
    assert licence in NAMES or len(set(said.values())) == len(LANGUAGES)


@pytest.mark.parametrize("source", SOURCES)
def test_no_english_words_are_left_in_a_year_or_a_publisher(source: str) -> None:
    for given in (SOURCES[source].vintage, SOURCES[source].publisher):
        for word in ("population", "postcodes 2011", "contributors", "collected", " via ", "table"):
            assert word not in given or source_word(given, "fr") != given


def test_a_name_stays_as_it_is() -> None:
    assert source_word("Provincies in Cijfers (Data & Analyse)", "fr") == "Provincies in Cijfers (Data & Analyse)"
