"""Hours against children: who is overfull, which zones that settles, and that nothing is judged without hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.analysis import Engine, analyse, gaps
from coverage.core.demand import Demand
from coverage.core.query import Query
from coverage.core.reach import Reach
from coverage.zones.capacity import Load, load_of_places, over_capacity
from i18n.errors import InputError
from layers.notes.notes import caveat, command
from loaders.lists.facilities.facility_choice import load_facilities

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot
    from tests.unit.conftest import TinyWorld

FAR_M = 5e4


def by_zone(table: pd.DataFrame) -> dict[str, tuple[Any, str, str]]:
    rows = zip(table["zone_id"], table["gap"], table["gap_reasons"], table["flags"], strict=True)
    return {str(zone): (gap, str(reasons), str(flags)) for zone, gap, reasons, flags in rows}


def world(places: list[float], births: list[float], hours: list[float]) -> tuple[Load, Demand, Reach]:
    """Cells that each go to the place named; births of the cells; hours of the places."""
    nearest = np.array(places, dtype=np.intp)
    distance = np.where(nearest < 0, 9000.0, 100.0)
    reach = Reach(distance, distance, nearest, np.argsort(distance, kind="stable"), known=True)
    demand = Demand("births", 2025, np.array(births), float(sum(births)), proxy=False)
    got = np.bincount(nearest[nearest >= 0], np.array(births)[nearest >= 0], len(hours))
    return Load(got.astype(np.float64), np.array(hours), 1.0), demand, reach


def test_a_zone_is_judged_by_where_most_of_its_births_go() -> None:
    """Room is one birth an hour. Place 0 has 30 births for 20 hours, place 1 takes its 30 in 40, of place 2 no hours.

    Zone 0 sends 20 to place 0 and 10 to place 1: holds. Zone 1 sends 10 and 20: does not. Zone 2 sends 10 to place 2:
    unknown. Zone 3 sends nobody: not judged. Zone 4 sends 6 of 10 to the unknown place and none to place 0: unknown.
    """
    load, demand, reach = world([0, 1, 0, 1, 2, -1, 2, 1], [20, 10, 10, 20, 10, 50, 6, 4], [20.0, 40.0, np.nan])
    assert load.overfull.tolist() == [True, False, False]
    zone = np.array([0, 0, 1, 1, 2, 3, 4, 4], dtype=np.int32)
    verdict = over_capacity(load, demand, reach, zone, 5, 1000.0)
    assert verdict.holds.tolist() == [True, False, False, False, False]
    assert verdict.judged.tolist() == [True, True, False, False, False]


def test_exactly_enough_and_exactly_half_are_enough() -> None:
    load, demand, reach = world([0, 1], [10, 10], [10.0, 5.0])
    assert load.overfull.tolist() == [False, True]
    verdict = over_capacity(load, demand, reach, np.zeros(2, dtype=np.int32), 1, 1000.0)
    assert (verdict.holds.tolist(), verdict.judged.tolist()) == ([False], [True])


@settings(max_examples=30)
@given(st.floats(0.1, 100), st.lists(st.floats(1, 500), min_size=3, max_size=3))
def test_the_default_does_not_depend_on_the_unit_of_hours(tiny: TinyWorld, factor: float, hours: list[float]) -> None:
    def loaded(times: float) -> Load:
        rows = [tiny.place(c, r, hours_per_year=h * times) for (c, r), h in zip(SPOTS, hours, strict=True)]
        load = analyse(tiny.snapshot(), Query(within_m=FAR_M), tiny.facilities(*rows)).load
        assert load is not None
        return load

    one, other = loaded(1.0), loaded(factor)
    assert one.overfull.tolist() == other.overfull.tolist()
    np.testing.assert_allclose(one.room, other.room, rtol=1e-9)
    assert one.births.sum() == pytest.approx(180)  # everyone of the tiny world goes somewhere


SPOTS = ((5, 5), (30, 15), (10, 25))


def test_hours_show_in_table_gaps_and_notes(tiny: TinyWorld) -> None:
    """Two places halve Aaken-Beke; one of them has a twentieth of the hours of the others."""
    places = tiny.facilities(
        tiny.place(10, 5, hours_per_year=10.0),
        tiny.place(20, 15, hours_per_year=200.0),
        tiny.place(10, 25, hours_per_year=200.0),
    )
    answer = analyse(tiny.snapshot(), Query(within_m=FAR_M), places)
    assert answer.load is not None
    assert answer.load.births_per_hour == pytest.approx(1.5 * 180 / 410)
    assert answer.load.overfull.tolist() == [True, False, False]
    found = by_zone(answer.table)
    assert found["10012"] == (True, "over_capacity", found["10012"][2])
    assert "over_capacity" not in found["10005"][1]
    assert "10012" in set(gaps(answer.table)["zone_id"])
    assert "caveat.over_capacity" in answer.caveats
    assert not answer.table["flags"].str.contains("capacity_unknown").any()

    roomy = analyse(tiny.snapshot(), Query(within_m=FAR_M, births_per_hour=100.0), places)
    assert not roomy.table["gap_reasons"].str.contains("over_capacity").any()


def test_hours_of_some_places_leave_other_zones_as_they_were(tiny: TinyWorld) -> None:
    rows = [tiny.place(10, 5), tiny.place(20, 15), tiny.place(10, 25)]
    without = by_zone(analyse(tiny.snapshot(), Query(within_m=FAR_M), tiny.facilities(*rows)).table)
    rows[0] = rows[0] | {"hours_per_year": 10.0}
    some = by_zone(analyse(tiny.snapshot(), Query(within_m=FAR_M), tiny.facilities(*rows)).table)
    assert {zone: row[:2] for zone, row in without.items()} == {zone: row[:2] for zone, row in some.items()}
    assert "capacity_unknown" in some["10005"][2]
    assert "capacity_unknown" not in without["10005"][2]


def test_nothing_is_judged_without_hours_or_without_distances(tiny: TinyWorld) -> None:
    engine = Engine(tiny.snapshot())
    bare = engine.analyse(Query(), tiny.facilities(tiny.place(5, 5)))
    documented = engine.analyse(
        Query(), tiny.facilities(tiny.at("10001", hours_per_year=9.0), scope={"bureau": ["10001"]})
    )
    for answer in (bare, documented):
        assert answer.load is None
        assert "caveat.over_capacity" not in answer.caveats
        assert not answer.table["gap_reasons"].str.contains("over_capacity").any()
    planned = tiny.facilities(tiny.place(5, 5), tiny.place(9, 9, status="planned", hours_per_year=99.0))
    assert load_of_places(bare.demand, engine.reach(planned, Query()), planned, 1200.0) is None


def test_the_notes_say_how_many_children_an_hour(tiny: TinyWorld) -> None:
    answer = analyse(
        tiny.snapshot(),
        Query(within_m=FAR_M, births_per_hour=0.25),
        tiny.facilities(tiny.place(5, 5, hours_per_year=9.0)),
    )
    assert "meer dan 0,25 kinderen heeft voor elk uur" in caveat(answer, "caveat.over_capacity", "nl")
    assert "--births-per-hour 0.25" in command(answer.query, "user", "coverage", "municipality")


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_births_per_hour_that_make_no_sense(value: float) -> None:
    with pytest.raises(InputError, match="give a number above 0 with --births-per-hour"):
        Query(births_per_hour=value)


def test_made_up_places_have_no_hours(embedded: Snapshot) -> None:
    """So nobody is told that a made-up place is too small."""
    assert load_facilities(embedded, "illustrative").frame["hours_per_year"].isna().all()
