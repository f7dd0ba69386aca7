"""Distances brought up to date are those of measuring everything again, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.analysis import Engine, analyse
from coverage.core.query import Query
from coverage.core.reach import Reach, coordinates, measure, reach_key
from coverage.core.reach_update import MAX_CHANGES, Tracked, difference, merge, track
from coverage.travel.straight_line import Crow, crow
from coverage.zones.sums import summarise
from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from tests.conftest import examples
from tests.unit.conftest import ORIGIN, TinySnapshot, TinyWorld

Spot = tuple[float, float]
Places = list[Spot]

lattice = st.integers(0, 12)
"""Few spots, many at equal distances of a cell and of each other."""
spots = st.builds(lambda c, r: (ORIGIN[0] + 150.0 * c, ORIGIN[1] + 150.0 * r), lattice, lattice)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 9), spots),
        st.tuples(st.just("move"), st.integers(0, 9), spots),
        st.tuples(st.just("remove"), st.integers(0, 9), spots),
        st.tuples(st.just("empty"), st.just(0), spots),
    ),
    min_size=1,
    max_size=8,
)


def edited(places: Places, kind: str, at: int, spot: Spot) -> Places:
    after = list(places)
    if kind == "empty":
        return []
    if kind == "add":
        after.insert(at % (len(after) + 1), spot)
    elif after and kind == "move":
        after[at % len(after)] = spot
    elif after:
        del after[at % len(after)]
    return after


@cache
def _template() -> pd.DataFrame:
    rows = [{"id": f"f{i:03d}", "service": "bureau", "precision": "point", "status": "exists"} for i in range(60)]
    return facility_frame([row | {"x": 0.0, "y": 0.0, "evidence": "user"} for row in rows])


def bureaus(places: Places) -> Facilities:
    xy = np.array(places, dtype=np.float64).reshape(-1, 2)
    frame = _template().iloc[: len(places)].assign(x=xy[:, 0], y=xy[:, 1])
    return Facilities("user", frame, None, (), "user")


def assert_same(found: Reach, wanted: Reach) -> None:
    for name in ("distance_m", "second_m", "nearest", "order"):
        got, asked = getattr(found, name), getattr(wanted, name)
        assert got.dtype == asked.dtype, name
        assert got.tobytes() == asked.tobytes(), name
    assert found.known == wanted.known


@pytest.fixture(scope="module")
def cells() -> npt.NDArray[np.float64]:
    return TinySnapshot().grid.xy


@settings(max_examples=examples(80))
@given(start=st.lists(spots, max_size=6), steps=edits)
def test_any_row_of_edits_gives_what_measuring_again_gives(
    cells: npt.NDArray[np.float64], start: Places, steps: list[tuple[str, int, Spot]]
) -> None:
    held: list[Tracked] = []
    places = start
    for number, step in enumerate([("move", 0, start[0] if start else (0.0, 0.0)), *steps]):
        places = edited(places, *step) if number else start
        facilities = bureaus(places)
        found = track(number, "crow", cells, facilities, Crow(), held)
        assert_same(found.reach, measure(cells, facilities, Crow()))
        held.insert(0, found)


@given(st.lists(spots, max_size=6), st.lists(spots, max_size=6))
def test_one_list_made_from_any_other(cells: npt.NDArray[np.float64], old: Places, new: Places) -> None:
    base = track("old", "crow", cells, bureaus(old), Crow(), [])
    found = track("new", "crow", cells, bureaus(new), Crow(), [base])
    assert_same(found.reach, measure(cells, bureaus(new), Crow()))


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 6)), max_size=14),
)
def test_merging_is_sorting_again(distances: list[int], changes: list[tuple[int, int]]) -> None:
    old = np.array(distances, dtype=np.float64)
    new = old.copy()
    for cell, value in changes:
        new[cell % len(new)] = np.inf if value == 6 else value
    order = np.argsort(old, kind="stable")
    merged = merge(order, old, new, np.flatnonzero(old != new))
    assert merged.tolist() == np.argsort(new, kind="stable").tolist()


def test_of_places_at_one_distance_the_one_listed_first_is_taken() -> None:
    """Four places around a cell, two of them in one spot; a fifth is farther away."""
    places = np.array([[0.0, 500.0], [100.0, 0.0], [0.0, 100.0], [-100.0, 0.0], [-100.0, 0.0]])
    cell = np.array([[0.0, 0.0]])
    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 1, 3], [3, 4, 0, 2, 1]):
        found = crow(cell, places[order], 2)
        assert found.distance_m.tolist() == [[130.0, 130.0]]
        assert found.index.tolist() == [[i for i, place in enumerate(order) if place != 0][:2]]


@given(st.lists(spots, min_size=1, max_size=8))
def test_nearest_is_the_first_row_at_the_least_distance(cells: npt.NDArray[np.float64], places: Places) -> None:
    some = cells[::37]
    found = crow(some, np.array(places), 2)
    every = crow(some, np.array(places), len(places))
    for row in range(len(some)):
        least = every.index[row][every.distance_m[row] == found.distance_m[row, 0]].min()
        assert found.index[row, 0] == least


def test_difference_of_two_lists() -> None:
    a, b, c = (0.0, 0.0), (1.0, 0.0), (2.0, 0.0)
    found = difference(np.array([a, b, b, c]), np.array([a, b, c, c]))
    assert found is not None
    assert found.kept.tolist() == [[0, 0], [1, 1], [3, 2]]
    assert found.touched.tolist() == [list(c), list(b)]
    assert difference(np.array([a, b]), np.array([b, a])) is None, "another order is another list"


def test_many_changes_are_measured_again(cells: npt.NDArray[np.float64]) -> None:
    few = [(ORIGIN[0] + 10.0 * i, ORIGIN[1]) for i in range(3)]
    many = [(ORIGIN[0] + 10.0 * i, ORIGIN[1]) for i in range(3 + MAX_CHANGES + 1)]
    base = track("few", "crow", cells, bureaus(few), Crow(), [])
    assert track("less", "crow", cells, bureaus(many[:-1]), Crow(), [base]).change is not None
    assert track("more", "crow", cells, bureaus(many), Crow(), [base]).change is None


def test_the_base_with_the_fewest_changes_is_taken(cells: npt.NDArray[np.float64]) -> None:
    a, b, c = ((ORIGIN[0] + 500.0 * i, ORIGIN[1]) for i in range(3))
    far = track("far", "crow", cells, bureaus([a]), Crow(), [])
    near = track("near", "crow", cells, bureaus([a, b]), Crow(), [])
    found = track("new", "crow", cells, bureaus([a, b, c]), Crow(), [far, near])
    assert found.change is not None
    assert found.change.base == "near"


@pytest.fixture
def only_some_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once an engine has answered, adding up all zones again fails."""

    def once(*args: object) -> object:
        monkeypatch.setattr("coverage.analysis.summarise", None)
        return summarise(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("coverage.analysis.summarise", once)


def test_only_zones_that_change_are_added_up_again(tiny: TinyWorld, only_some_zones: None) -> None:
    world = tiny.snapshot()
    rows = [tiny.place(c, r) for c in (4, 14, 24, 34) for r in (4, 14, 24)]
    engine = Engine(world)
    query = Query(level="sector", within_m=600.0)
    engine.analyse(query, tiny.facilities(*rows))
    engine.analyse(query, tiny.facilities(*rows, tiny.place(20, 9)))


@settings(max_examples=examples(12))
@given(steps=edits)
def test_tables_after_edits_are_those_of_starting_afresh(tiny: TinyWorld, steps: list[tuple[str, int, Spot]]) -> None:
    world = tiny.snapshot()
    engine = Engine(world)
    queries = [Query(level=level, within_m=600.0) for level in ("municipality", "sector")]
    places: Places = [tiny.centre(5, 5), tiny.centre(30, 20), tiny.centre(12, 25)]
    for step in [("move", 0, places[0]), *steps[:2]]:
        places = edited(places, *step)
        for query in queries:
            found, wanted = engine.analyse(query, bureaus(places)), analyse(world, query, bureaus(places))
            assert found.table.equals(wanted.table)
            assert found.nearest.tobytes() == wanted.nearest.tobytes()


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Engine on the whole snapshot: 1.2 million cells, 340 bureaus."""
    return Engine(Snapshot())


@pytest.fixture(scope="module")
def facilities(engine: Engine) -> Facilities:
    return load_facilities(engine.snapshot, "illustrative")


def test_whole_snapshot_equals_the_full_computation(engine: Engine, facilities: Facilities) -> None:
    queries = [Query(model="crow"), Query(model="crow", level="sector")]
    for query in queries:
        engine.analyse(query, facilities)
    moved = facilities.frame.copy()
    moved["x"] = moved["x"].where(moved.index != 10, moved["x"] + 700.0)
    fewer = moved.drop(index=[40]).reset_index(drop=True)
    twice = pd.concat([fewer, fewer.iloc[[99]].assign(id="new-1")], ignore_index=True)
    for frame in (moved, fewer, twice):
        changed = replace(facilities, frame=frame)
        of_service = changed.of_service("bureau")
        found = engine.reach(of_service, queries[0])
        tracked = engine._stages.reaches.peek(reach_key(of_service, queries[0]))
        assert tracked is not None
        assert tracked.change is not None, "brought up to date, not measured again"
        assert_same(found, measure(engine.snapshot.grid.xy, of_service, Crow()))
        fresh = Engine(engine.snapshot)
        for query in queries:
            assert engine.analyse(query, changed).table.equals(fresh.analyse(query, changed).table)


def test_touches_few_cells(engine: Engine, facilities: Facilities) -> None:
    """A bureau in Aartselaar matters to the cells around it only."""
    base = engine.reach(facilities.of_service("bureau"), Query())
    frame = facilities.frame.copy()
    frame["y"] = frame["y"].where(frame.index != 0, frame["y"] + 300.0)
    after = engine.reach(replace(facilities, frame=frame).of_service("bureau"), Query())
    changed = np.flatnonzero(base.distance_m != after.distance_m)
    away = np.hypot(*(engine.snapshot.grid.xy[changed] - coordinates(facilities.frame)[0]).T)
    assert 100 < len(changed) < 0.01 * len(base.distance_m)
    assert away.max() < 10_000.0
