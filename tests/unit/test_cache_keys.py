"""Every input of a stage is in its key: an engine that has answered other questions answers as a fresh one does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coverage.access.od_pairs import CostPairs, straight_pairs
from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from coverage.core.reach import reach_key
from coverage.indicators.comparison import compare
from coverage.indicators.measures import MEASURES, zone_access
from coverage.travel.base import BridgeLine, Travel, TravelContext
from coverage.travel.models import TRAVEL_MODELS
from coverage.travel.straight_line import CIRCUITY, crow
from coverage.zones.complete import complete_for
from coverage.zones.territory import Territory
from loaders.catalogue.facilities import Facilities

START = Query(within_m=900.0, draws=20, demand="age0", year=2020)
OTHER: dict[str, Any] = {
    "service": "house",
    "level": "sector",
    "vintage": 2018,
    "areas": (("province", "zuid"),),
    "mode": "bike",
    "within_m": 500.0,
    "min_share": 0.9,
    "demand": "age0_2",
    "year": 2021,
    "draws": 40,
    "seed": 2,
    "births_per_hour": 0.5,
    "matrix_columns": (("Van", "from_id"),),
    "minutes": (7.0, 20.0),
    "speed": 3.0,
    "ferries": True,
    "bridges": (BridgeLine(1000.0, 1000.0, 1500.0, 1500.0, ("walk",)),),
}
"""Another value for every field of a question but the travel model and its files, which `questions` changes."""

BESIDE: dict[str, dict[str, Any]] = {"minutes": {"within_m": None}, "speed": {"within_m": None}}
"""What must change with a field: a reach is in metres, or in minutes at some pace."""

MEASURED = "raster"
"""Travel model with which measures are asked: it takes every input but a table."""

SLOWER = {"walk": 1.0, "bike": 1.25, "car": 1.5}


@dataclass(frozen=True)
class EveryInput:
    """A travel model in which every input of a question matters."""

    factor: float
    least: float = CIRCUITY

    def __call__(self, demand_xy: Any, facility_xy: Any, k: int = 2) -> Travel:
        found = crow(demand_xy, facility_xy, k)
        return replace(found, distance_m=found.distance_m * self.factor)

    def within(self, demand_xy: Any, facility_xy: Any, radius: float) -> CostPairs:
        return straight_pairs(demand_xy, facility_xy, radius, CIRCUITY * self.factor)


def ways(setting: TravelContext) -> EveryInput:
    file = setting.network or setting.matrix
    return EveryInput(SLOWER[setting.mode] * (float(file.read_text()) if file else 1.0))


@pytest.fixture(autouse=True, scope="module")
def _ways() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("raster", "network", "matrix"):
            patch.setitem(TRAVEL_MODELS, name, ways)
        yield


@pytest.fixture(scope="module")
def worlds(tiny: Any) -> tuple[Any, dict[str, Facilities]]:
    """The tiny world, and sets of places that differ in one thing each."""
    houses = [tiny.place(30, 25, service="house", name="Huis"), tiny.place(12, 20, service="house", name="Hoek")]
    base = tiny.facilities(tiny.place(2, 2, name="Oud"), tiny.place(30, 3, name="Nieuw"), *houses)
    frame = base.frame
    moved, hours, closed, snapped, renamed = (frame.copy() for _ in range(5))
    bureau = int(np.flatnonzero(frame["service"] == "bureau")[0])
    moved.loc[bureau, "x"] += 700.0
    hours["hours_per_year"] = [100.0, 300.0, 200.0, 50.0]
    closed.loc[bureau, "status"] = "planned"
    snapped["flags"] = "snapped_to_municipality"
    renamed["id"] = [f"new-{number}" for number in range(len(renamed))]
    sets = {
        "base": base,
        "moved": moved,
        "hours": hours,
        "closed": closed,
        "fewer": frame.drop(index=bureau),
        "snapped": snapped,
        "renamed": renamed,
        "planned": pd.concat([frame, closed.loc[[bureau]].assign(id="planned")], ignore_index=True),
    }
    snapshot = tiny.snapshot()
    sets["bounded"] = complete_for(base, Territory(snapshot), (("municipality", "10012"),))
    return snapshot, {
        name: held if isinstance(held, Facilities) else replace(base, frame=held.reset_index(drop=True))
        for name, held in sets.items()
    }


def questions(folder: Path) -> dict[str, Query]:
    """The question with one field changed in turn, starting from a straight line and from every other travel model."""
    slow, quick = folder / "slow", folder / "quick"
    slow.write_text("1.6", encoding="utf-8")
    quick.write_text("1.1", encoding="utf-8")
    starts = {
        "crow": START,
        "raster": replace(START, model="raster", network=quick),
        "network": replace(START, model="network", network=quick),
        "matrix": replace(START, model="matrix", matrix=quick),
    }
    files = {"crow": {}, "raster": {"network": slow}, "network": {"network": slow}, "matrix": {"matrix": slow}}
    found = {}
    for model, start in starts.items():
        found[model] = start
        for name, value in {**OTHER, **files[model]}.items():
            found[f"{model}, {name}"] = replace(start, **{name: value, **BESIDE.get(name, {})})
    return found


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Query]:
    """All these questions, on files that stay."""
    return questions(tmp_path_factory.mktemp("files"))


Cases = dict[tuple[Query, str], Analysis]
Fresh = Callable[[Query, str], tuple[Engine, Analysis]]


@pytest.fixture(scope="module")
def fresh(worlds: Any, _ways: None) -> Fresh:
    """An engine that was asked one question about one set of places and nothing else, with its answer."""
    snapshot, sets = worlds

    @cache
    def answered(query: Query, name: str) -> tuple[Engine, Analysis]:
        engine = Engine(snapshot)
        return engine, engine.analyse(query, sets[name])

    return answered


@pytest.fixture(scope="module")
def warm(worlds: Any, _ways: None, asked: dict[str, Query]) -> tuple[Engine, Cases]:
    """An engine that was asked everything, with its answers by question and set of places."""
    snapshot, sets = worlds
    engine = Engine(snapshot)
    of_fields = [query for name, query in asked.items() if name.startswith(MEASURED)]
    cases = [*((query, name) for query in of_fields for name in ("base", "moved")), *((START, name) for name in sets)]
    return engine, {(query, name): engine.analyse(query, sets[name]) for query, name in cases}


def same(one: Analysis, other: Analysis) -> None:
    """Both answers are the same, by zone and by cell."""
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    pd.testing.assert_frame_equal(one.all_zones, other.all_zones, check_exact=True)
    for name in ("distance_m", "second_distance_m", "nearest", "zone_index", "facility_zone"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    np.testing.assert_array_equal(one.demand.births, other.demand.births)
    assert (one.caveats, one.sources, one.evidence) == (other.caveats, other.sources, other.evidence)
    assert dict(one.details) == dict(other.details)


def test_every_field_of_a_question_has_another_value_to_try() -> None:
    assert set(OTHER) | {"model", "network", "matrix"} == {field.name for field in fields(Query)}
    assert all(getattr(START, name) != value for name, value in OTHER.items())


def test_a_warm_engine_answers_every_changed_field_as_a_fresh_one(
    worlds: Any, asked: dict[str, Query], fresh: Fresh
) -> None:
    snapshot, sets = worlds
    warm = Engine(snapshot)
    for query in asked.values():
        warm.analyse(query, sets["base"])
    for name, query in asked.items():
        _, expected = fresh(query, "base")
        try:
            same(warm.analyse(query, sets["base"]), expected)
        except AssertionError as error:
            raise AssertionError(f"after '{name}' changed: {error}") from error


@pytest.mark.parametrize("mode", ["walk", "bike"])
def test_a_warm_engine_answers_every_set_of_places_as_a_fresh_one(worlds: Any, fresh: Fresh, mode: str) -> None:
    snapshot, sets = worlds
    warm = Engine(snapshot)
    query = replace(START, mode=mode)
    for places in sets.values():
        warm.analyse(query, places)
    for name, places in sets.items():
        _, expected = fresh(query, name)
        same(warm.analyse(query, places), expected)


def test_distances_in_a_straight_line_by_car_are_kept_apart(worlds: Any) -> None:
    """On foot and by bike the straight line is as long; by car it follows a curve of its own."""
    _, sets = worlds
    places = sets["base"].of_service("bureau")
    walk, bike, car = (reach_key(places, replace(START, model="crow", mode=mode)) for mode in ("walk", "bike", "car"))
    assert walk == bike != car


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_of_access_keeps_fields_and_places_apart(
    warm: tuple[Engine, Cases], fresh: Fresh, measure: str
) -> None:
    engine, answers = warm
    cases = [case for case in answers if case[0] == START or case[1] == "base"]
    for case in cases:
        zone_access(engine, answers[case], measure)
    for case in cases:
        found, expected = zone_access(engine, answers[case], measure), zone_access(*fresh(*case), measure)
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_a_comparison_keeps_fields_and_places_apart(worlds: Any, warm: tuple[Engine, Cases], fresh: Fresh) -> None:
    _, sets = worlds
    engine, answers = warm
    cases = [case for case in answers if case[1] not in ("base", "bounded")]
    for query, name in cases:
        compare(engine, answers[query, "base"], answers[query, name])
    for query, name in cases:
        found = compare(engine, answers[query, "base"], answers[query, name])
        other, before = fresh(query, "base")
        expected = compare(other, before, other.analyse(query, sets[name]))
        pd.testing.assert_frame_equal(found.zones, expected.zones, check_exact=True)
        assert repr(found.totals) == repr(expected.totals)
        assert repr(found.equity) == repr(expected.equity)
