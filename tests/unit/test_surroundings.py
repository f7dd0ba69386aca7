"""What surrounds the children of a zone, and what is said of it in three languages."""

from __future__ import annotations

from typing import Any

import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.zone.surroundings import fifths_of_zone, households_of, indexes_of, report_facts
from i18n.texts import LANGUAGES
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from pages.explore.sheet.sheet_surroundings import _fact


@pytest.fixture(scope="module")
def engine(embedded: Snapshot) -> Engine:
    return Engine(embedded)


def test_fifths_of_a_zone_are_those_of_the_table(engine: Engine, embedded: Snapshot) -> None:
    places = load_facilities(embedded, "illustrative")
    analysis = engine.analyse(Query(), places)
    found = fifths_of_zone(engine, analysis, "35013")
    row = analysis.table.set_index("zone_id").loc["35013"]
    assert [one.stratum for one in found] == ["1", "2", "3", "4", "5"]
    assert sum(one.births for one in found) == pytest.approx(row["births"], abs=0.5)
    assert sum(one.out_of_reach or 0 for one in found) == pytest.approx(row["births_out_of_reach"], abs=0.5)
    documented = engine.analyse(Query(), load_facilities(embedded, "documented"))
    assert {one.share_out_of_reach for one in fifths_of_zone(engine, documented, "35013")} == {None}


def test_indexes_keep_their_year_and_their_gaps(embedded: Snapshot) -> None:
    """Oostende and Brussels: the publisher gives nothing for Brussels."""
    found: Any = indexes_of(embedded, "35013")
    assert (found.deprived_births_share, found.education_index) == (0.3191, 1.49)
    assert (found.median_income_eur, found.income_year) == (33_660, 2023)
    assert indexes_of(embedded, "21004") is None


def test_a_member_does_not_take_the_figures_of_what_it_merged_into(embedded: Snapshot) -> None:
    """By the table of codes: every municipality of 2018 or 2019 whose code now means a larger one tells nothing."""
    codes = embedded.table("municipality_codes")
    now = codes.groupby("nis2025")["nis2018"].agg(frozenset)
    larger = 0
    for vintage in (2018, 2019):
        for code, members in codes.groupby(f"nis{vintage}")["nis2018"].agg(frozenset).items():
            if code in now.index and now[str(code)] != members:
                larger += 1
                assert indexes_of(embedded, str(code), vintage) is None
                assert households_of(embedded, str(code), vintage) is None
    assert larger == 2  # Antwerpen, which Borsbeek joined in 2025, by both older borders
    assert indexes_of(embedded, "35013", 2018) == indexes_of(embedded, "35013")
    assert households_of(embedded, "35013", 2019) == households_of(embedded, "35013")


def test_facts_of_the_report_have_words_in_every_language(embedded: Snapshot) -> None:
    facts = embedded.table("case_facts")
    zones = [("municipality", nis) for nis in facts["nis2018"].unique() if nis]
    zones += [("care_region", region) for region in facts["care_region"].unique() if region]
    told = 0
    for level, zone in zones:
        found = report_facts(embedded, level, 2018, zone)
        assert len(found)
        for fact in found.to_dict("records"):
            for lang in LANGUAGES:
                assert _fact(fact, lang), fact
            told += 1
    assert told == len(facts)
    assert len(report_facts(embedded, "municipality", 2025, "12041")) == 1  # what is said of Puurs
    assert report_facts(embedded, "sector", 2021, "35013a00-").empty


def test_a_house_names_the_municipalities_it_is_meant_for(embedded: Snapshot) -> None:
    facts = report_facts(embedded, "municipality", 2025, "35013").set_index("fact")
    assert facts.loc["meant for", "values"] == "Oostende, Bredene, Gistel, Middelkerke, Oudenburg"
    assert facts.loc["places at least", "section"] == "1.1, 1.3"
    genk = report_facts(embedded, "municipality", 2025, "71016").set_index("fact")
    assert genk.loc["organiser", "values"] == "vzw Kind en Preventie"


def test_households_ahead(embedded: Snapshot) -> None:
    found = households_of(embedded, "35013")
    assert found is not None
    assert (found[0], found[2]) == (2025, 2040)
    assert households_of(embedded, "21004") is None  # the projection is of Flanders
