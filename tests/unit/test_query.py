"""The question is checked before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coverage.core.query import DEMAND_KINDS, MAX_DRAWS, Query, parse_minutes
from i18n.errors import InputError
from loaders.catalogue.services import services


def test_defaults_are_those_of_the_design() -> None:
    query = Query()
    assert (query.service, query.level, query.vintage) == ("bureau", "municipality", 2025)
    assert (query.mode, query.model, query.min_share, query.demand, query.year) == (
        "walk",
        "network",
        0.5,
        "births",
        None,
    )
    assert query.areas == ()
    assert (query.within_m, query.draws, query.seed, query.births_per_hour) == (None, 0, 1, None)
    assert (query.network, query.matrix) == (None, None)


def test_children_of_an_age_are_all_the_years_below_it() -> None:
    assert DEMAND_KINDS == {
        "births": ("births",),
        "age0": ("age0",),
        "age0_2": ("age0", "age1", "age2"),
        "age0_5": ("age0", "age1", "age2", "age3", "age4", "age5"),
    }


@pytest.mark.parametrize(
    "values",
    [
        {"min_share": 0.0},
        {"min_share": 1.0},
        {"within_m": 0.1},
        {"draws": MAX_DRAWS},
        {"seed": 0},
        {"births_per_hour": 0.1},
        *({"demand": kind} for kind in DEMAND_KINDS),
        *({"service": service} for service in services()),
    ],
)
def test_ends_of_a_range_belong_to_it(values: dict[str, Any]) -> None:
    query = Query(**values)
    assert {name: getattr(query, name) for name in values} == values
    assert MAX_DRAWS == 100_000


@pytest.mark.parametrize(("mode", "metres"), [("walk", 1200), ("bike", 3750), ("car", 15000)])
def test_default_reach_is_fifteen_minutes(mode: str, metres: float) -> None:
    assert Query(mode=mode).reach_m == metres
    assert Query(mode=mode, within_m=800).reach_m == 800


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"service": "school"}, "Unknown service 'school'; choose one of bureau, house"),
        ({"level": "town"}, "Unknown level 'town'; choose one of region, province"),
        ({"mode": "tram"}, "Unknown mode 'tram'; choose one of walk, bike, car"),
        ({"model": "broom"}, "'broom' is not available; choose one of crow, raster, network, matrix"),
        ({"model": "matrix"}, "Model 'matrix' needs a file; give it with --matrix FILE"),
        ({"model": "crow", "network": Path("a.osm.pbf")}, "Model 'crow' does not use a file given with --network"),
        ({"model": "raster", "matrix": Path("a.csv")}, "Model 'raster' does not use a file given with --matrix"),
        ({"demand": "age9"}, "Unknown demand 'age9'; choose one of births, age0, age0_2, age0_5"),
        ({"within_m": 0}, "Reach is 0 m"),
        ({"within_m": -5.0}, "Reach is -5.0 m"),
        ({"within_m": float("nan")}, "Reach is nan m"),
        ({"minutes": (15.0, -1.0)}, "'-1' is no number of minutes"),
        ({"minutes": (15.0,), "within_m": 900.0}, "Give a reach in metres or in minutes, not both"),
        ({"speed": 0.0}, "Speed is 0.0 km/h"),
        ({"speed": 30.0, "mode": "car"}, "By car the speed depends on the street"),
        ({"min_share": 1.5}, "Minimum share is 1.5"),
        ({"within_m": float("inf")}, "Reach is inf m"),
        ({"min_share": -0.001}, "Minimum share is -0.001"),
        ({"min_share": 1.001}, "Minimum share is 1.001"),
        ({"draws": -1}, "Draws are -1;"),
        ({"draws": MAX_DRAWS + 1}, "Draws are 100001;"),
        ({"draws": 10, "seed": -1}, "The seed is -1;"),
        ({"births_per_hour": 0.0}, "Births per hour are"),
        ({"births_per_hour": -2.0}, "Births per hour are"),
        ({"births_per_hour": float("nan")}, "Births per hour are"),
        ({"births_per_hour": float("inf")}, "Births per hour are"),
        ({"min_share": float("nan")}, "Minimum share is nan"),
        ({"level": "province", "vintage": 2018}, "'province' is not held for vintage 2018"),
        ({"areas": (("town", "boom"),)}, "Unknown level 'town'"),
    ],
)
def test_wrong_values_are_refused_in_one_sentence(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Query(**values)


def test_areas_are_read_from_the_command_line() -> None:
    text = "care_region:Boom, municipality:35014,care_region:boom"
    assert Query.parse_areas(text) == (("care_region", "boom"), ("municipality", "35014"))
    assert Query.parse_areas("") == ()


def test_areas_may_come_as_lists_and_the_query_stays_hashable() -> None:
    query = Query(areas=[["care_region", "boom"]])  # type: ignore[arg-type]
    assert query.areas == (("care_region", "boom"),)
    assert query == Query(areas=(("care_region", "boom"),))
    assert hash(query) == hash(Query(areas=(("care_region", "boom"),)))


@pytest.mark.parametrize("text", ["boom", "care_region:", ":boom"])
def test_an_area_without_level_or_id_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not LEVEL:ID"):
        Query.parse_areas(text)


def test_vintage_is_the_newest_held_that_is_not_later() -> None:
    assert Query(level="sector", vintage=2025).held_vintage == 2021
    assert Query(vintage=2020).held_vintage == 2019


def test_a_reach_in_minutes_is_one_of_metres_at_the_pace() -> None:
    assert Query(minutes=(10.0, 15.0)).reach_m == 800.0
    assert Query(mode="bike", minutes=(20.0,), speed=12.0).reach_m == 4000.0
    assert Query(speed=4.0).reach_m == 1000.0
    assert Query(mode="car", minutes=(7.5,)).reach_m == 7500.0
    assert parse_minutes("10, 15,10") == (10.0, 15.0)
    with pytest.raises(InputError, match="'soon' is no number of minutes"):
        parse_minutes("soon")
