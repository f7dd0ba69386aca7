"""The documented cases say what the field reports say, no more and no less (DESIGN section 1)."""

from __future__ import annotations

import pandas as pd
import pytest

from i18n.errors import DataError
from loaders.catalogue.columns import FACILITY_COLUMNS
from loaders.parsers.facts.documented import CASES, SCOPE_COLUMNS, documented

PUURS, SINT_AMANDS = "12030", "12034"
NAMES = {
    "35013": "Oostende",
    "35002": "Bredene",
    "35005": "Gistel",
    "35011": "Middelkerke",
    "35014": "Oudenburg",
    "11001": "Aartselaar",
    "11005": "Boom",
    "12007": "Bornem",
    "11018": "Hemiksem",
    "11030": "Niel",
    PUURS: "Puurs",
    "11037": "Rumst",
    "11038": "Schelle",
    SINT_AMANDS: "Sint-Amands",
    "12040": "Willebroek",
    "71016": "Genk",
    "46021": "Sint-Niklaas",
    "41081": "Zottegem",
}
"""Official names by NIS code of 2018 (Statbel REFNIS)."""


@pytest.fixture
def codes() -> pd.DataFrame:
    after = {PUURS: "12041", SINT_AMANDS: "12041"}
    rows = [(nis, name, after.get(nis, nis), after.get(nis, nis), name) for nis, name in NAMES.items()]
    return pd.DataFrame(rows, columns=["nis2018", "name2018", "nis2019", "nis2025", "name2025"])


def test_bureaus_stand_where_the_reports_say(codes: pd.DataFrame) -> None:
    frame, _ = documented(codes)
    bureaus = frame[frame["service"] == "bureau"]
    counts = bureaus.groupby("nis2018").size().to_dict()
    assert {NAMES[str(nis)]: n for nis, n in counts.items()} == {
        "Oostende": 1,  # one shared place with two organisers, at least
        "Bredene": 1,
        "Gistel": 1,
        "Middelkerke": 1,
        "Aartselaar": 1,
        "Boom": 1,
        "Bornem": 1,
        "Puurs": 1,
        "Rumst": 1,
        "Willebroek": 1,
        "Genk": 4,
        "Sint-Niklaas": 4,
        "Zottegem": 1,
    }
    assert bureaus.loc[bureaus["nis2018"] == "11005", "name"].tolist() == ["Consultatiebureau Boom"]
    genk = [f"Consultatiebureau Genk {number}" for number in range(1, 5)]
    assert bureaus.loc[bureaus["nis2018"] == "71016", "name"].tolist() == genk
    assert {case.nis2018 for case in CASES if case.bureaus == 0} == {"35014", "11018", "11030", "11038", "12034"}


def test_the_scope_claims_no_more_than_the_reports(codes: pd.DataFrame) -> None:
    _, scope = documented(codes)
    assert list(scope.columns) == list(SCOPE_COLUMNS)
    by_service = scope.groupby("service")["nis2018"].agg(set)
    assert by_service["bureau"] == set(NAMES)
    boom = {case.nis2018 for case in CASES if "Boom" in case.source}
    assert len(boom) == 10
    # on houses: all of Boom (no physical house by choice), and of the rest only where the report speaks of the house
    assert by_service["house"] == boom | {"35013", "46021", "41081", "71016"}
    assert not scope.duplicated(["service", "nis2018"]).any()


def test_houses(codes: pd.DataFrame) -> None:
    frame, _ = documented(codes)
    houses = frame[frame["service"] == "house"].set_index("id")
    physical = houses[houses["physical"] & (houses["status"] == "exists")]
    assert {NAMES[nis] for nis in physical["nis2018"]} == {"Oostende", "Sint-Niklaas", "Zottegem"}
    planned = houses[houses["status"] == "planned"]
    assert set(planned["nis2018"]) == {"71016"}
    assert planned["name"].tolist() == [
        f"Huis van het Kind Genk {part}" for part in ("Centrum", "Noord-Oost", "Zuid", "West")
    ]
    oostende = houses.loc["documented-house-35013"]
    assert (oostende["serves"], oostende["flags"]) == ("35002;35005;35011;35013;35014", "serves_in_part")
    assert set(houses.loc[["documented-house-46021", "documented-house-41081"], "flags"]) == {""}
    boom = houses.loc["documented-house-boom"]
    assert (boom["precision"], boom["physical"]) == ("none", False)
    assert boom["serves"] == "11001;11005;11018;11030;11037;11038;12007;12040;12041"
    shared = frame[(frame["service"] == "bureau") & frame["house_id"].notna()]
    assert shared.groupby("nis2018").size().to_dict() == {"35013": 1, "46021": 2, "41081": 1}


def test_a_count_is_a_minimum_unless_the_report_gives_a_number(codes: pd.DataFrame) -> None:
    frame, _ = documented(codes)
    bureaus = frame[frame["service"] == "bureau"]
    stated = set(bureaus.loc[bureaus["flags"] == "", "nis2018"])
    assert {NAMES[nis] for nis in stated} == {"Genk", "Sint-Niklaas"}
    assert set(bureaus["flags"]) == {"", "count_is_minimum"}


def test_rows_are_carried_through_the_mergers_and_have_no_coordinates(codes: pd.DataFrame) -> None:
    frame, _ = documented(codes)
    assert list(frame.columns) == list(FACILITY_COLUMNS)
    puurs = frame[frame["nis2018"] == PUURS].iloc[0]
    assert (puurs["nis2019"], puurs["nis2025"]) == ("12041", "12041")
    assert frame["x"].isna().all()
    assert frame["y"].isna().all()
    assert set(frame["precision"]) == {"municipality", "none"}
    assert set(frame["evidence"]) == {"documented"}
    assert set(frame["as_of"]) == {"2013", "2013-01", "2013-07"}
    assert frame["source"].str.startswith("KU Leuven, evaluation of the pilot projects").all()


def test_organisers_are_those_that_the_report_names(codes: pd.DataFrame) -> None:
    """Chapters 1.1, 2.1, 3.1, 5.4 and 6.2; of two bureaus of Sint-Niklaas it does not say who runs them."""
    frame, _ = documented(codes)
    bureaus = frame[frame["service"] == "bureau"]
    named = bureaus.dropna(subset=["organiser"]).groupby("nis2018")["organiser"].agg(list).to_dict()
    kind, teddy = "vzw Kind en Preventie", "vzw Thuishulp Reddie Teddy"
    assert named == {
        "35013": [f"{teddy};{kind}"],
        "35002": [kind],
        "35005": [kind],
        "35011": [teddy],
        **{nis: [kind] for nis in ("11001", "11005", "12007", PUURS, "11037", "41081")},
        "12040": ["OCMW Willebroek"],
        "71016": [kind] * 4,
        "46021": [teddy, kind],
    }
    assert bureaus["organiser"].isna().sum() == 2


def test_a_crosswalk_that_lacks_a_case_is_refused(codes: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="lacks 71016 of 2018"):
        documented(codes[codes["nis2018"] != "71016"])
