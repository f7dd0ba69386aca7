"""Reasons, by hand: who is served, what is on the territory, and what cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.analysis import analyse
from coverage.core.query import Query
from coverage.zones.reasons import Reasons, Verdict, beyond_reach, join_words
from coverage.zones.territory import Territory

if TYPE_CHECKING:
    from loaders.catalogue.facilities import Facilities
    from tests.unit.conftest import TinyWorld

ALL_2018 = ("10001", "10002", "10003", "10004", "10005", "10006")
EVERYTHING = {"bureau": ALL_2018, "house": ALL_2018}


def reasons(tiny: TinyWorld, facilities: Facilities, **query: Any) -> dict[str, str]:
    """Zone -> reasons, on foot within 50 km so that nothing is beyond reach."""
    table = analyse(tiny.snapshot(), Query(**({"within_m": 5e4} | query)), facilities).table
    return dict(zip(table["zone_id"], table["gap_reasons"], strict=True))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=4))
def test_gap_is_three_valued(pairs: list[tuple[bool, bool]]) -> None:
    verdicts = {
        f"r{i}": Verdict(np.array([holds and judged]), np.array([judged])) for i, (holds, judged) in enumerate(pairs)
    }
    gap = Reasons(verdicts).gap(1).iloc[0]
    if any(holds and judged for holds, judged in pairs):
        assert gap is np.True_ or gap is True
    elif all(judged for _, judged in pairs):
        assert not gap
    else:
        assert gap is pd.NA


def test_words_are_joined_in_order() -> None:
    marks = {"a": np.array([True, False, True]), "b": np.array([True, False, False])}
    assert join_words(marks, 3).tolist() == ["a;b", "", "a"]


def test_beyond_reach_compares_strictly_and_needs_births_and_distances() -> None:
    births = np.array([10.0, 10.0, 0.0, 10.0])
    in_reach = np.array([5.0, 4.9, 0.0, np.nan])
    verdict = beyond_reach(births, in_reach, 0.5)
    assert verdict.holds.tolist() == [False, True, False, False]
    assert verdict.judged.tolist() == [True, True, False, False]


def test_no_bureau_on_territory_counts_existing_bureaus_only(tiny: TinyWorld) -> None:
    found = reasons(
        tiny,
        tiny.facilities(
            tiny.place(5, 5),  # Aaken
            tiny.place(5, 15, status="planned"),  # Cele: only planned
            tiny.place(25, 25, service="house"),  # Fort: a house is no bureau
        ),
        vintage=2018,
    )
    assert {z for z, r in found.items() if "no_bureau_on_territory" in r} == {
        "10002",
        "10003",
        "10004",
        "10005",
        "10006",
    }


def test_no_territorial_reason_below_municipality(tiny: TinyWorld) -> None:
    bureau = tiny.facilities(tiny.place(5, 5))
    assert set(reasons(tiny, bureau, level="sector").values()) == {""}
    assert set(reasons(tiny, bureau, level="sub_municipality", service="house").values()) == {"beyond_reach", ""}


def test_house_reasons_one_by_one(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(
        # h1 has a walk-in place in Aaken and serves Aaken-Beke and Cele; there is a bureau in Cele
        tiny.place(5, 5, "house", house_id="h1", serves="10012;10003"),
        tiny.place(5, 15),
        # h2 serves Dam without a place; no bureau in Dam
        {**tiny.at("10004", "house", house_id="h2", serves="10004", physical=False), "precision": "none"},
        # h3 has a walk-in place in Eke and says not whom it serves; no bureau in Eke
        tiny.place(5, 25, "house", house_id="h3"),
    )
    found = reasons(tiny, facilities, service="house", vintage=2018)
    assert found == {
        "10001": "",
        "10002": "",
        "10003": "",
        "10004": "house_not_physical;house_without_bureau",
        "10005": "house_without_bureau",
        "10006": "no_house",
    }


def test_a_house_is_physical_when_any_place_of_the_partnership_is(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(
        tiny.at("10005", "house", house_id="h", serves="10005;10006", physical=False),
        tiny.place(5, 25, "house", house_id="h", serves="10005;10006"),
        tiny.place(25, 25),
    )
    found = reasons(tiny, facilities, service="house")
    assert (found["10005"], found["10006"]) == ("", "")


def test_a_planned_place_makes_no_partnership(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(tiny.place(5, 25, "house", house_id="h", serves="10005", status="planned"))
    assert reasons(tiny, facilities, service="house")["10005"] == "beyond_reach;no_house"


def test_a_merged_municipality_served_in_part_is_flagged(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(tiny.place(5, 15, "house", house_id="h", serves="10003"), tiny.place(5, 15))
    table = analyse(tiny.snapshot(), Query(service="house"), facilities).table.set_index("zone_id")
    assert "partly_served" in table["flags"]["10034"]  # Cele is served, Dam is not
    assert "no_house" not in table["gap_reasons"]["10034"]
    assert "partly_served" not in "".join(table.drop(index="10034")["flags"])
    province = analyse(tiny.snapshot(), Query(service="house", level="province"), facilities).table
    assert "partly_served" not in "".join(province["flags"])


def test_scope_of_a_documented_set_limits_what_is_said(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(
        tiny.at("10001"),
        scope={"bureau": ("10001", "10002", "10003"), "house": ("10001",)},
    )
    snapshot = tiny.snapshot()
    table = analyse(snapshot, Query(vintage=2018), facilities).table.set_index("zone_id")
    assert table["gap_reasons"].to_dict() == {
        "10001": "",
        "10002": "no_bureau_on_territory",
        "10003": "no_bureau_on_territory",
        "10004": "",
        "10005": "",
        "10006": "",
    }
    assert table["gap"].isna().tolist() == [True, False, False, True, True, True]
    assert table["n_facilities"].fillna(-1).tolist() == [1, 0, 0, -1, -1, -1]
    # Celedam of 2025 is only partly in scope: nothing is said
    merged = analyse(snapshot, Query(), facilities).table.set_index("zone_id")
    assert "not_documented" in merged["flags"]["10034"]
    assert merged["gap"]["10034"] is pd.NA
    assert merged["gap_reasons"]["10034"] == ""
    assert "merged" in merged["flags"]["10012"]
    assert merged["gap_reasons"]["10012"] == ""


def test_house_without_bureau_needs_bureaus_in_scope(tiny: TinyWorld) -> None:
    house = {**tiny.at("10005", "house", house_id="h", serves="10005;10006"), "physical": True}
    known = tiny.facilities(house, scope=EVERYTHING)
    assert reasons(tiny, known, service="house")["10005"] == "house_without_bureau"
    unsure = tiny.facilities(house, scope={"house": ALL_2018, "bureau": ("10005",)})
    assert reasons(tiny, unsure, service="house")["10005"] == ""
    with_bureau = tiny.facilities(house, tiny.at("10006"), scope={"house": ALL_2018, "bureau": ("10005",)})
    assert reasons(tiny, with_bureau, service="house")["10005"] == ""


@pytest.mark.parametrize("level", ["province", "region", "care_region", "gp_circle", "reference_region"])
def test_documented_counts_add_up_in_unions(tiny: TinyWorld, level: str) -> None:
    facilities = tiny.facilities(*(tiny.at(nis) for nis in ALL_2018), scope=EVERYTHING)
    table = analyse(tiny.snapshot(), Query(level=level), facilities).table.set_index("zone_id")["n_facilities"]
    expected: dict[str, dict[str, int | None]] = {
        "province": {"noord": 2, "zuid": 4},
        "region": {"gewest": 6},
        "care_region": {"kleine-stad": 2, "not_known_here": None},
        "gp_circle": {"kring": None, "not_known_here": None},  # made of parts: which part holds the bureau is unknown
        "reference_region": {"regio": 5, "not_known_here": None},
    }
    assert {z: None if pd.isna(n) else int(n) for z, n in table.items()} == expected[level]


def test_members_of_2018(tiny: TinyWorld) -> None:
    territory = Territory(tiny.snapshot())
    cases = {
        ("municipality", 2019): {"10012": "10001 10002", "10003": "10003"},
        ("municipality", 2025): {"10034": "10003 10004", "10006": "10006"},
        ("province", 2025): {"noord": "10005 10006"},
        ("care_region", 2025): {"kleine-stad": "10001 10003"},
        ("sub_municipality", 2025): {"10004b": "10004"},
        ("sector", 2021): {"s0000": "10001", "s0507": "10006"},
        ("gp_circle", 2025): {"kring": "10002 10004"},
    }
    for (level, vintage), zones in cases.items():
        ids = territory.zone_ids(level, vintage)
        members = territory.members(level, vintage)
        for zone, expected in zones.items():
            row = members[ids.get_loc(zone)]
            assert " ".join(territory.smallest[row]) == expected


def test_a_zone_without_inhabited_cells_goes_by_its_municipality(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    weight = np.where(snapshot.cells["sector"] == "s0000", 0.0, 1.0)
    territory = Territory(tiny.snapshot(weight))
    row = territory.members("sector", 2021)[territory.zone_ids("sector", 2021).get_loc("s0000")]
    assert list(territory.smallest[row]) == ["10001", "10002"]


def test_points_just_outside_belong_to_the_nearest_zone(tiny: TinyWorld) -> None:
    territory = Territory(tiny.snapshot())
    rows = [
        tiny.place(0, 0) | {"x": 150_000.0 - d, "nis2018": None, "nis2019": None, "nis2025": None} for d in (240, 260)
    ]
    frame = tiny.facilities(*rows).frame
    assert territory.locate(frame, "sector", 2021).tolist() == [0, -1]
    assert territory.locate(frame, "municipality", 2018).tolist() == [0, -1]
    assert territory.locate(frame, "province", 2025).tolist() == [1, -1]
