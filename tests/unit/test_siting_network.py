"""Siting along streets: on a small extract with one bridge, and what happens to candidates outside an extract."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.siting.planning.joint_siting import CoLocation, propose_joint
from coverage.siting.planning.proposal import alternatives, propose
from coverage.siting.planning.question import travel_costs
from coverage.siting.planning.question.problem import OBJECTIVES, SitingRequest, build_problem
from coverage.travel.extracts.network import NetworkTravel, load_network
from i18n.errors import InputError, MissingFileError
from loaders.lists.building_file import read_building_file
from tests.unit.test_network import Town

AAKEN = (("municipality", "10012"),)


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NABIJ_CACHE", "")


def streets(path: Path, rows: range, bridge: int) -> Path:
    """A street along every row of cells and one along every column, but west and east meet in one row only."""
    town = Town()
    for row in rows:
        for west, east in ((-1, 20), (20, 41)):
            town.way(*[(50 + 100 * col, 50 + 100 * row) for col in range(west, east)])
    for col in range(-1, 41):
        town.way(*[(50 + 100 * col, 50 + 100 * row) for row in rows])
    town.way((50 + 1900, 50 + 100 * bridge), (50 + 2000, 50 + 100 * bridge))
    return town.write(path)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return streets(tmp_path / "town.osm", range(-1, 31), 28)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_streets_decide_where_the_next_one_goes(tiny: Any, town: Path, objective: str) -> None:
    """Against measuring every candidate by itself: over the one bridge, from every cell of the area."""
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    query = Query(areas=AAKEN, model="network", network=town, within_m=1500)
    found = propose(engine, query, facilities, SitingRequest(add=1, objective=objective))
    assert found.result.optimal
    problem = found.problem
    cells = problem.points.cell
    births = problem.points.births
    travel = NetworkTravel(load_network(town, "walk"))
    here = problem.analysis.distance_m[cells]
    each = travel(engine.snapshot.grid.xy[cells], problem.candidates.xy, len(problem.candidates))
    to = np.empty_like(each.distance_m)
    np.put_along_axis(to, each.index, each.distance_m, axis=1)
    after = np.minimum(here[:, None], to)
    if objective == "lscp":
        assert (after[:, found.new_columns].min(axis=1) <= 1500).all()
        return
    worth = {
        "mclp": (after <= 1500).T @ births,
        "p-median": -(after.T @ births),
        "p-center": -after.max(axis=0),
    }[objective]
    assert len(found.new_columns) == 1
    assert worth[found.new_columns[0]] == pytest.approx(worth.max())
    again = engine.analyse(query, found.with_new_places(facilities))
    assert found.after.in_reach == pytest.approx(again.table["births_in_reach"].sum())


def test_a_river_without_a_bridge_nearby_asks_for_a_place_on_the_other_side(tiny: Any, town: Path) -> None:
    """A bureau on the bank serves the other side as the crow flies; along the streets the bridge is 2.5 km north."""
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(18, 2))
    request = SitingRequest(add=1, objective="p-center")
    ways = propose(engine, Query(areas=AAKEN, model="network", network=town), facilities, request)
    crow = propose(engine, Query(areas=AAKEN), facilities, request)
    assert ways.sites["x"].iloc[0] > tiny.centre(20, 0)[0]
    assert ways.before.largest_m > 5000 > 3500 > crow.before.largest_m
    assert ways.after.largest_m < ways.before.largest_m


def test_alternatives_closing_and_company_go_along_streets_too(tiny: Any, town: Path) -> None:
    engine = Engine(tiny.snapshot())
    facilities = tiny.facilities(tiny.place(2, 2), tiny.place(3, 2), tiny.place(30, 4, "house"))
    query = Query(areas=AAKEN, model="network", network=town, within_m=900)
    found = list(alternatives(engine, query, facilities, SitingRequest(add=1, close=("f001",)), most=2, within=0.5))
    assert len(found) == 2
    assert found[0].result.optimal
    both = propose_joint(engine, query, facilities, SitingRequest(add=1), CoLocation(service="house", new_addresses=1))
    assert both.result.optimal
    again = engine.analyse(Query(service="house", areas=AAKEN, model="network", network=town, within_m=900),
                           both.with_new_places(facilities))  # fmt: skip
    assert both.after[1].in_reach == pytest.approx(again.table["births_in_reach"].sum())


def test_candidates_outside_the_extract_are_left_out_and_births_there_are_told(tiny: Any, tmp_path: Path) -> None:
    """Streets in the lower ten rows only: births above these are counted as unknown, and no place is proposed there."""
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5))
    town = streets(tmp_path / "south.osm", range(-1, 11), 5)
    query = Query(model="network", network=town, within_m=900)
    problem = build_problem(engine, query, facilities, SitingRequest(add=1))
    births = problem.analysis.demand.births
    assert problem.unknown == pytest.approx(births[np.isnan(problem.analysis.distance_m)].sum())
    assert problem.unknown > 0
    north = engine.snapshot.grid.xy[:, 1] > tiny.centre(0, 10)[1]
    cells = problem.candidates.frame["cell"].to_numpy()
    assert not np.isin(cells, np.flatnonzero(north & np.isnan(problem.analysis.distance_m))).any()
    found = propose(engine, query, facilities, SitingRequest(add=1))
    assert found.result.optimal
    assert found.sites["y"].iloc[0] < tiny.centre(0, 11)[1]


def test_an_area_or_a_list_outside_the_extract_is_told_in_a_sentence(tiny: Any, tmp_path: Path) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5))
    town = streets(tmp_path / "south.osm", range(-1, 11), 5)
    north = Query(areas=(("municipality", "10005"),), model="network", network=town)
    with pytest.raises(InputError, match="Distances are not known"):
        propose(engine, north, facilities, SitingRequest(add=1))
    buildings = tmp_path / "buildings.csv"
    buildings.write_text("id,lon,lat\nhall,4.9,50.6\n", encoding="utf-8")
    covered = Query(areas=AAKEN, model="network", network=town)
    with pytest.raises(InputError, match="no candidate"):
        propose(engine, covered, facilities, SitingRequest(add=1, buildings=read_building_file(buildings)))
    with pytest.raises(MissingFileError, match="is not there; give an existing file with --network"):
        propose(
            engine, Query(areas=AAKEN, model="network", network=tmp_path / "none.osm"), facilities, SitingRequest(add=1)
        )


def test_what_searches_will_take_is_told_from_the_nearest_and_the_farthest() -> None:
    """10 ms a place and 10 ms more where it is searched from 1 km around; the first of all was slower."""
    parts = [(64, 0.0), (64, 1000.0), (64, 0.0), (64, 500.0), (8, 1000.0)]
    took = [64 * 0.03, 64 * 0.02, 64 * 0.01]
    assert travel_costs.forecast(parts, took) == pytest.approx(64 * 0.0125 + 8 * 0.02)
    assert travel_costs.forecast([(4, 500.0)] * 5, [4.0, 8.0, 4.0]) == pytest.approx(8.0)


def test_distances_that_do_not_fit_in_the_time_are_refused_at_once(
    tiny: Any, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a clock on which every search takes ten minutes, with one left."""
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    query = Query(areas=AAKEN, model="network", network=town, within_m=1500)
    ticks, searched, looked_up = count(step=600), count(), travel_costs._looked_up

    def counted(*given: Any) -> Any:
        next(searched)
        return looked_up(*given)

    monkeypatch.setattr(travel_costs, "_PLACES", 1)
    monkeypatch.setattr(travel_costs, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    monkeypatch.setattr(travel_costs, "_looked_up", counted)
    with pytest.raises(InputError, match=r"would take about [\d,]{5,} s, and there are 60; allow that much"):
        propose(engine, query, facilities, SitingRequest(add=1))
    assert next(searched) == 3
