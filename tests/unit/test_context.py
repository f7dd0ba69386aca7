"""Context: figures that others published beside those of a list, and what is documented of a year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from coverage.partnerships.survey import survey_comparison
from coverage.zones.known_places import dated_facts, known_places
from i18n.errors import DataError, InputError, MissingColumnError
from i18n.texts import LANGUAGES, has_text
from layers.notes.access_notes import known_summary
from layers.notes.overlap_notes import survey_words
from loaders.catalogue.columns import KNOWN_COLUMNS, SURVEY_COLUMNS
from loaders.catalogue.facilities import facility_frame
from loaders.catalogue.plain_words import plain_word
from loaders.parsers.facts.survey_facts import SURVEY_FACT_COLUMNS, parse_survey_facts
from loaders.snapshot.reader import Snapshot
from tests.unit.conftest import TinySnapshot

if TYPE_CHECKING:
    from loaders.catalogue.facilities import Facilities
    from tests.unit.conftest import TinyWorld

HEAD = "source,year,subject,value,unit,scope\n"
FIGURES = HEAD + (
    "Survey,2023,houses (partnerships),3,houses,All\n"
    "Survey,2023,municipalities served,4,municipalities,All (of the 2019 municipalities)\n"
    "Survey,2023,houses across municipal borders,2,houses,All\n"
    "Survey,2023,houses without a bureau on their territory,1,houses (33.3 %),All\n"
    "Survey,2023,houses with one or more physical places,66.7,percent,All\n"
    "Survey,2023,houses that start from a shared vision (score 4-5),one third,share,All\n"
    "Slides,about 2016,municipalities with a house,2,municipalities of 6,All\n"
)


class Documented(TinySnapshot):
    """The tiny world with what was published of it."""

    def __init__(self, facts: pd.DataFrame | None = None, cases: pd.DataFrame | None = None) -> None:
        super().__init__()
        self.held = {
            "survey_facts": parse_survey_facts(FIGURES.encode()),
            "public_facts": facts,
            "facilities_documented": cases,
            "case_facts": pd.DataFrame(
                {"nis2018": ["10005"], "subject": ["house"], "fact": ["since"], "since": ["2009-05"]}
            ),
        }
        self._resources |= {name: {"sources": []} for name, table in self.held.items() if table is not None}

    def table(self, name: str) -> pd.DataFrame:
        held = self.held.get(name)
        return super().table(name) if held is None else held.copy()


def test_figures_are_kept_as_published() -> None:
    found = parse_survey_facts(FIGURES.encode()).set_index("subject")
    assert {"subject", *found.columns} == set(SURVEY_FACT_COLUMNS)
    row = found.loc["houses_without_a_bureau_on_their_territory"]
    assert (row["counted"], row["share"], row["value"]) == (1.0, 0.333, "1")
    share = found.loc["houses_with_one_or_more_physical_places"]
    assert np.isnan(share["counted"])
    assert share["share"] == pytest.approx(0.667)
    words = found.loc["houses_that_start_from_a_shared_vision_score_4_5"]
    assert np.isnan([words["number"], words["counted"], words["share"]]).all()  # words are no number
    slides = found.loc["municipalities_with_a_house"]
    assert (slides["of"], slides["about"], slides["year"]) == (6, True, 2016)
    assert found.loc["municipalities_served", "vintage"] == 2019


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Survey,lately,houses,3,houses,All", "column 'year': 'lately'"),
        ("Survey,2023,houses,3,wishes,All", "column 'unit': 'wishes'"),
        ("Survey,2023,houses,103,percent,All", "column 'value': '103'"),
        ("Survey,2023,houses,many,percent,All", "column 'value': 'many'"),
        (",2023,houses,3,houses,All", "column 'source'"),
        ("Survey,2023,houses,3,houses,", "column 'scope'"),
    ],
)
def test_a_figure_that_says_nothing_is_refused(row: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_survey_facts((FIGURES + row + "\n").encode())
    with pytest.raises(MissingColumnError, match="column 'scope' is missing"):
        parse_survey_facts(b"source,year,subject,value,unit\n")


def a_list(tiny: TinyWorld, *more: dict[str, Any], scope: Any = None) -> Facilities:
    """Three partnerships: of Aaken and Beke (one of 2019) with Cele, of Dam alone, and a network for Eke and Fort."""
    houses = [
        tiny.place(5, 5, "house", id="h1", house_id="H1", serves="10012;10003"),
        tiny.place(25, 15, "house", id="h2", house_id="H2", serves="10004"),
        {"id": "h3", "service": "house", "house_id": "H3", "precision": "none", "status": "exists", "physical": False}
        | {"serves": "10005;10006"},
    ]
    return tiny.facilities(*houses, tiny.place(2, 2), tiny.place(30, 15), *more, scope=scope)


def test_ours_is_counted_where_the_list_can_count_it(tiny: TinyWorld) -> None:
    table = survey_comparison(Documented(), a_list(tiny))
    assert list(table.columns) == list(SURVEY_COLUMNS)
    ours = table.set_index("subject")
    assert ours["ours"].dropna().to_dict() == {
        "houses_partnerships": 3,
        "municipalities_served": 5,  # of 2019: Aaken-Beke, Cele, Dam, Eke, Fort
        "houses_across_municipal_borders": 2,
        "houses_without_a_bureau_on_their_territory": 1,
        "houses_with_one_or_more_physical_places": 2,
        "municipalities_with_a_house": 6,  # by the oldest borders, for 2016
    }
    assert ours.loc["houses_without_a_bureau_on_their_territory", "ours_share"] == pytest.approx(1 / 3)
    assert ours.loc["houses_that_start_from_a_shared_vision_score_4_5", "comparison"] == "not_in_list"
    assert set(ours.loc[ours["ours"].notna(), "evidence"]) == {"user"}
    assert set(ours.loc[ours["ours"].isna(), "evidence"]) == {"documented"}


def test_a_figure_that_is_not_known_is_empty_and_says_why(tiny: TinyWorld) -> None:
    partly = survey_comparison(Documented(), a_list(tiny, scope={"house": ["10001"], "bureau": ["10001"]}))
    assert partly["ours"].isna().all()
    assert set(partly["comparison"]) == {"list_for_area", "not_in_list"}
    nowhere = {"id": "h4", "service": "house", "precision": "none", "status": "exists", "physical": False}
    unserved = survey_comparison(Documented(), a_list(tiny, nowhere)).set_index("subject")
    assert unserved.loc["municipalities_served", "comparison"] == "area_unknown"
    assert unserved.loc["houses_partnerships", "ours"] == 4
    unsure = survey_comparison(Documented(), a_list(tiny, tiny.place(30, 25, "house", physical=None))).set_index(
        "subject"
    )
    assert unsure.loc["houses_with_one_or_more_physical_places", "comparison"] == "physical_unknown"
    assert unsure.loc["houses_partnerships", "ours"] == 4
    assert survey_comparison(tiny.snapshot(), a_list(tiny)).empty


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_has_its_words(embedded: Snapshot, lang: str) -> None:
    for row in embedded.table("survey_facts").to_dict("records"):
        assert has_text(f"survey.subject.{row['subject']}")
        assert has_text(f"survey.scope.{plain_word(row['scope']).replace(' ', '_')}")
        if pd.isna(row["number"]):
            assert has_text(f"survey.value.{plain_word(row['value']).replace(' ', '_')}")
    row = {"subject": "new_subject", "published": 44.0, "published_share": 0.194, "published_of": pd.NA}
    row |= {
        "published_words": "44",
        "approximate": True,
        "scope": "houses with a roof",
        "ours": np.nan,
        "ours_share": np.nan,
    }
    words = survey_words(row | {"comparison": "list_for_area"}, lang)
    assert words["ours"] == "–"  # never a zero
    assert "44 (19" in words["published"]
    assert (words["subject"], words["scope"]) == ("new subject", "houses with a roof")


FACT = {
    **{"sub_municipality": "", "street": "", "number": "", "place_count": pd.NA, "since": pd.NA},
    **{"physical": pd.NA, "as_of_basis": "stated", "status": "exists", "service": "house"},
}


def facts(*rows: dict[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame([FACT | row for row in rows])
    return table.astype({"since": "Int64", "place_count": "Int64"})


def test_what_is_known_of_a_year() -> None:
    """Each fact from its beginning, or its own date, until its own date; planned and closed ones never."""
    table = facts(
        {"nis2025": "10005", "since": 2015, "as_of": "2018-03"},
        {"nis2025": "10012", "as_of": "2020", "as_of_basis": "inferred"},
        {"nis2025": "10012", "as_of": "2020-05", "street": "Kerkstraat", "number": "1"},
        {"nis2025": "10012", "as_of": "2020-06", "street": "Kerkstraat"},
        {"nis2025": "10012", "as_of": "2020", "street": "Dorp"},
        {"nis2025": "10012", "as_of": "", "as_of_basis": "undated"},
        {"nis2025": "10034", "as_of": "2020", "status": "planned"},
        {"nis2025": "10034", "as_of": "2020", "status": "closed"},
        {"nis2025": "10034", "as_of": "2020", "physical": False},
        {"nis2025": "10034", "as_of": "2021", "service": "bureau", "place_count": 4},
    )
    snapshot = Documented(table)
    found = known_places(snapshot)
    assert list(found.columns) == list(KNOWN_COLUMNS)
    rows = found.set_index(["service", "zone_id", "year"])["places_at_least"].to_dict()
    assert rows == {
        **{("house", "10005", year): 1 for year in (2015, 2016, 2017, 2018)},
        ("house", "10012", 2020): 2,  # two streets; the number and the page without a street are no third place
        ("bureau", "10034", 2021): 4,
    }
    there = found[found["zone_id"] == "10012"].iloc[0]
    assert (there["facts"], there["inferred_facts"], there["undated_facts"]) == (4, 1, 1)
    assert set(found["evidence"]) == {"documented"}
    whole = known_places(snapshot, "house", whole=True).set_index("year")
    assert whole["municipalities_known"].to_dict() == {2015: 1, 2016: 1, 2017: 1, 2018: 1, 2020: 1}  # nothing of 2019
    assert known_places(snapshot, "house", 2016)["zone_id"].tolist() == ["10005"]
    with pytest.raises(InputError, match="No place is documented in 2024; choose a year from 2015-2021"):
        known_places(snapshot, year=2024)
    with pytest.raises(InputError):
        known_places(snapshot, "school")
    assert "with a stated date 71%, with an inferred date 14%, without a date and so in no year 14%" in known_summary(
        dated_facts(snapshot), "en"
    )


def test_places_of_a_report_hold_from_when_it_says_they_began(tiny: TinyWorld) -> None:
    places = tiny.facilities(
        tiny.at("10005", "house", id="case", as_of="2013", evidence="documented"),
        tiny.at("10006", "house", id="plan", as_of="2013", status="planned", evidence="documented"),
    )
    found = known_places(Documented(cases=facility_frame(places.frame)))
    assert found["zone_id"].unique().tolist() == ["10005"]
    assert found["year"].tolist() == [2009, 2010, 2011, 2012, 2013]
    assert known_places(tiny.snapshot()).empty
    assert known_summary(dated_facts(tiny.snapshot()), "en") == "There are no facts on places that exist."


def test_the_cases_are_known_in_their_year(embedded: Snapshot) -> None:
    """KU Leuven 2013: the house of Sint-Niklaas since 2005, of Zottegem since 2009 by a page; Genk plans four."""
    found = known_places(embedded).set_index(["service", "zone_id", "year"])["places_at_least"]
    assert ("house", "46021", 2005) in found.index
    assert ("house", "41081", 2009) in found.index
    assert ("house", "71016", 2013) not in found.index
    assert found["bureau", "71016", 2013] == 4
