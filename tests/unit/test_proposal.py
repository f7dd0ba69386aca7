"""Proposals on the tiny world and on the real data: what they bring, counted again from scratch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.linalg import block_diag
from scipy.optimize import Bounds, LinearConstraint, milp

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.siting import lscp
from coverage.siting.planning.proposal import Proposal, alternatives, propose
from coverage.siting.planning.question.problem import OBJECTIVES, SitingRequest, build_problem
from coverage.siting.planning.question.travel_costs import useful_radii
from coverage.travel.graph import Starts, cheapest, reached
from i18n.errors import InputError
from layers.notes.siting.site_notes import fewer_lines
from loaders.catalogue.columns import SITE_COLUMNS
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

AAKEN = (("municipality", "10012"),)
LIMBURG = (("province", "limburg"),)


@pytest.fixture(scope="module")
def ask(tiny: Any) -> Callable[..., Proposal]:
    engine = Engine(tiny.snapshot())

    def run(*places: Any, within: float = 390, areas: Any = (), **wanted: Any) -> Proposal:
        return propose(engine, Query(areas=areas, within_m=within), tiny.facilities(*places), SitingRequest(**wanted))

    return run


def test_the_best_sector_is_the_densest_one_far_from_others(tiny: Any, ask: Callable[..., Proposal]) -> None:
    """Aaken-Beke: 90 births on 400 hectares. A sector middle inside reaches 29 hectares within 300 m."""
    found = ask(tiny.place(2, 2), areas=AAKEN, add=2)
    assert list(found.sites.columns) == list(SITE_COLUMNS)
    assert found.result.optimal
    assert found.before.births == pytest.approx(90)
    inside = found.gainers[found.gainers["zone_id"] == "10012"]["births_gained"].sum()
    assert found.after.in_reach - found.before.in_reach == pytest.approx(inside)
    assert set(found.sites["nis2025"]) == {"10012"}
    assert found.greedy is not None
    assert found.greedy.in_reach <= found.after.in_reach + 1e-9


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_table_agrees_with_a_full_analysis(tiny: Any, objective: str) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2), tiny.place(35, 12))
    query = Query(within_m=900, areas=AAKEN)
    found = propose(engine, query, facilities, SitingRequest(add=2, objective=objective, candidates="cell"))
    after = engine.analyse(query, found.with_new_places(facilities))
    assert after.table["births_in_reach"].sum() == pytest.approx(found.after.in_reach)
    row = after.table.iloc[0]
    assert row["mean_distance_m"] == pytest.approx(found.after.mean_m)
    assert found.after.largest_m <= found.before.largest_m
    if objective == "lscp":
        assert found.after.in_reach == pytest.approx(90)
    else:
        assert len(found.sites) == 2


def test_a_place_that_may_close_makes_room(tiny: Any, ask: Callable[..., Proposal]) -> None:
    """Two bureaus at one spot: one may close, so one place is added beside the one asked for."""
    kept = ask(tiny.place(2, 2), tiny.place(2, 2), areas=AAKEN, add=1)
    moved = ask(tiny.place(2, 2), tiny.place(2, 2), areas=AAKEN, add=1, close=("f001",))
    assert kept.closed == ()
    assert moved.closed == ("f001",)
    assert len(moved.sites) == 2
    assert moved.after.in_reach > kept.after.in_reach


def test_spacing_keeps_new_places_apart(tiny: Any, ask: Callable[..., Proposal]) -> None:
    found = ask(tiny.place(2, 2), areas=AAKEN, add=2, spacing_m=1200.0)
    xy = np.vstack([found.sites[["x", "y"]].to_numpy(float), [tiny.centre(2, 2)]])
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    assert apart[np.triu_indices(3, 1)].min() >= 1200


def test_full_places_leave_births_unserved_and_these_are_counted(tiny: Any) -> None:
    engine = Engine(tiny.snapshot())
    wanted = SitingRequest(add=1, capacity=True, births_per_place=2.0)
    found = propose(engine, Query(areas=AAKEN, within_m=900), tiny.facilities(tiny.place(2, 2)), wanted)
    assert found.result.objective == pytest.approx(4)
    for level in ("municipality", "care_region", "gp_circle"):
        table = found.unserved(engine, level)
        assert (table["births_unserved"] <= table["births"] + 1e-9).all()
    assert found.unserved(engine, "municipality")["births_unserved"].sum() == pytest.approx(86)


def test_hours_set_what_a_place_can_take(tiny: Any) -> None:
    """Of 300 and 100 hours the mean is 200, so the places take 1.5 and 0.5 times the average."""
    facilities = tiny.facilities(tiny.place(2, 2, hours_per_year=300), tiny.place(30, 5, hours_per_year=100))
    engine, query = Engine(tiny.snapshot()), Query(areas=AAKEN)
    problem = build_problem(engine, query, facilities, SitingRequest(capacity=True, births_per_place=4.0))
    assert problem.capacity is not None
    assert problem.capacity[-2:].tolist() == [6.0, 2.0]
    assert set(problem.capacity[:-2]) == {4.0}


def test_alternatives_differ_and_are_nearly_as_good(tiny: Any) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    found = list(alternatives(engine, Query(areas=AAKEN, within_m=390), facilities, SitingRequest(add=1), most=4))
    assert len(found) == 4
    assert len({found_one.sites["site_id"].iloc[0] for found_one in found}) == 4
    worth = [one.result.objective for one in found]
    assert worth == sorted(worth, reverse=True)
    assert worth[-1] >= 0.99 * worth[0]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"add": 0}, "The number of places to add is 0"),
        ({"objective": "best"}, "Unknown objective 'best'; choose one of mclp, p-median, p-center, lscp"),
        ({"objective": "p-center", "capacity": True}, "go with objective mclp or p-median"),
        ({"births_per_place": 0.0}, "A place can take 0 births"),
        ({"add": 500}, "You ask for 500 new places, but there are 16 candidates"),
        ({"close": ("nobody",)}, "There is no open place 'nobody'"),
        ({"spacing_m": 1e6}, "Every candidate lies within"),
        ({"exclude": (("nothing",),)}, "names a candidate that does not exist"),
        ({"objective": "lscp", "within": 200.0}, "births a year cannot be brought within 2.5 min"),
    ],
)
def test_what_cannot_be_is_told(tiny: Any, ask: Callable[..., Proposal], wanted: Any, message: str) -> None:
    with pytest.raises(InputError) as error:
        ask(tiny.place(2, 2), areas=AAKEN, **wanted)
    assert message in str(error.value)


def test_births_that_do_not_exist_and_distances_that_are_not_known(tiny: Any, ask: Callable[..., Proposal]) -> None:
    with pytest.raises(InputError, match="There are no births in the area"):
        ask(tiny.place(2, 2), areas=(("municipality", "10006"),))
    engine = Engine(tiny.snapshot())
    with pytest.raises(InputError, match="Distances are not known"):
        propose(engine, Query(), tiny.facilities(tiny.at("10001"), scope={"bureau": ["10001"]}), SitingRequest())


def test_without_any_place_the_first_ones_are_sited(ask: Callable[..., Proposal]) -> None:
    found = ask(areas=AAKEN, add=2, objective="p-median")
    assert np.isnan(found.before.mean_m)
    assert found.after.mean_m > 0
    assert found.sites["relieved_id"].isna().all()


def test_a_province_by_hectare(embedded: Snapshot) -> None:
    """Ten new bureaus for a province, proven and no worse than greedy; all Flanders is in `benchmarks.siting`."""
    engine = Engine(embedded)
    facilities = load_facilities(embedded, "illustrative")
    found = propose(engine, Query(model="crow", areas=LIMBURG), facilities, SitingRequest(add=10))
    assert found.problem.level == "cell"
    assert found.result.optimal
    assert found.greedy is not None
    assert found.after.in_reach >= found.greedy.in_reach
    assert found.after.in_reach - found.before.in_reach == pytest.approx(found.sites["births_gained"].sum())


@pytest.mark.parametrize("objective", ["mclp", "p-median"])
def test_by_sector_the_best_by_hectare_is_bounded(tiny: Any, monkeypatch: Any, objective: str) -> None:
    """What is told of a choice by sector holds: the best by hectare is no better than its bound, and it says so."""
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2), tiny.place(35, 12))
    query, wanted = Query(within_m=500, areas=AAKEN), SitingRequest(add=2, objective=objective)
    best = propose(engine, query, facilities, wanted)
    assert (best.problem.level, best.hectare, best.proven) == ("cell", None, best.result.optimal)
    monkeypatch.setattr("coverage.siting.planning.question.problem.MAX_PAIRS", 0)
    found = propose(engine, query, facilities, wanted)
    assert found.problem.level == "sector"
    assert found.hectare is not None
    after = found.after
    counted = after.in_reach if objective == "mclp" else after.mean_m * after.births
    assert found.hectare.objective == pytest.approx(counted)
    if objective == "mclp":
        assert after.in_reach <= best.result.objective <= found.hectare.bound + 1e-6
        assert found.hectare.bound <= found.before.births
    else:
        assert found.hectare.bound - 1e-6 <= best.result.objective <= found.hectare.objective + 1e-6
        assert found.hectare.bound > 0
    assert found.proven == (found.result.optimal and found.hectare.gap == 0)


@pytest.mark.parametrize("objective", ["p-center", "lscp"])
def test_cells_taken_in_as_they_prove_to_count_give_the_same_answer(
    tiny: Any, monkeypatch: Any, objective: str
) -> None:
    """Few cells to begin with: the same proven answer by hectare, and nobody is left out."""
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    query, wanted = Query(within_m=900, areas=AAKEN), SitingRequest(add=2, objective=objective, candidates="cell")
    whole = propose(engine, query, facilities, wanted)
    monkeypatch.setattr("coverage.siting.planning.question.problem.MAX_AT_ONCE", 0)
    found = propose(engine, query, facilities, wanted)
    assert found.problem.plan.first is not None
    assert len(found.problem.plan.first) < len(found.problem.points.births)
    assert found.result.optimal
    assert found.result.objective == pytest.approx(whole.result.objective)
    assert len(found.result.assignment) == len(found.problem.points.births)
    if objective == "p-center":
        assert found.after.largest_m == pytest.approx(found.result.objective)
    else:
        assert found.after.in_reach == pytest.approx(found.after.births)


def test_nobody_is_left_out_by_hectare(tiny: Any, monkeypatch: Any) -> None:
    """By sector 450 m would do; some hectares lie farther from every candidate, and these are named."""
    monkeypatch.setattr("coverage.siting.planning.question.problem.MAX_AT_ONCE", 0)
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    wanted = SitingRequest(objective="lscp", candidates="sector")
    with pytest.raises(InputError, match=r"births a year cannot be brought within 3\.8 min"):
        propose(engine, Query(within_m=300, areas=AAKEN), facilities, wanted)


def test_alternatives_are_measured_on_what_they_gain(tiny: Any) -> None:
    """Nearly all births are in reach already: a choice that gains nothing is no alternative to one that gains."""
    engine = Engine(tiny.snapshot())
    facilities = tiny.facilities(*(tiny.place(x, y) for x in (2, 8, 14, 20, 26, 32) for y in (2, 8, 14)))
    query = Query(within_m=500)
    found = list(alternatives(engine, query, facilities, SitingRequest(add=1), most=30))
    gain = [one.result.objective - found[0].problem.as_it_is() for one in found]
    assert gain[0] > 0
    assert min(gain) >= 0.99 * gain[0] - 1e-6


def test_distances_are_searched_no_farther_than_a_point_may_lie() -> None:
    """Two points with a place at 1 and at 10: a place is searched from up to 10 only where the second lies."""
    at = np.array([[0.0, 0.0], [100.0, 0.0]])
    limit = np.array([1.0, 10.0])
    found = useful_radii(at, limit, np.array([[0.5, 0.0], [95.0, 0.0], [50.0, 0.0]]), 1.0)
    assert found[0] >= 1
    assert found[1] == 10
    assert found[2] == -1


def test_capacities_go_with_the_least_travel_too(tiny: Any) -> None:
    """Of 90 births the place that is there takes 40, so the two new ones take the rest, 25 each."""
    engine = Engine(tiny.snapshot())
    facilities = tiny.facilities(tiny.place(2, 2, hours_per_year=160), tiny.place(35, 25, hours_per_year=40))
    wanted = SitingRequest(add=2, objective="p-median", capacity=True, births_per_place=25.0)
    found = propose(engine, Query(areas=AAKEN), facilities, wanted)
    problem = found.problem
    assert found.result.optimal
    assert problem.capacity is not None
    assert problem.capacity[-2:].tolist() == [40.0, 10.0]
    shares = found.result.shares
    assert shares is not None
    load = np.asarray(shares.T @ problem.points.births).ravel()
    assert (load <= problem.capacity + 1e-6).all()
    assert load.sum() == pytest.approx(90)
    with pytest.raises(InputError, match="The sites can take 75 births at most, but 90 asks for one"):
        propose(engine, Query(areas=AAKEN), facilities, replace(wanted, add=1))


@pytest.mark.parametrize("objective", ["mclp", "p-median"])
def test_every_new_place_gets_a_least_number_of_births(tiny: Any, objective: str) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    query = Query(areas=AAKEN, within_m=1200)
    few = propose(engine, query, facilities, SitingRequest(add=3, objective=objective, min_births=15.0))
    shares = few.result.shares
    assert shares is not None
    load = np.asarray(shares.T @ few.problem.points.births).ravel()
    assert (load[few.new_columns] >= 15 - 1e-6).all()
    none = propose(engine, query, facilities, SitingRequest(add=3, objective=objective, min_births=89.0))
    assert len(none.sites) == 0


def test_births_that_may_not_be_split_stay_together(tiny: Any) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    wanted = SitingRequest(add=2, capacity=True, births_per_place=10.0, single_source=True)
    found = propose(engine, Query(areas=AAKEN), facilities, wanted)
    assert found.result.shares is not None
    assert set(found.result.shares.data.tolist()) == {1.0}


def test_a_budget_pays_for_opening_and_closing(tiny: Any, ask: Callable[..., Proposal]) -> None:
    """Two places at one spot. Moving one costs 3 + 1, so 4 moves it, and with 3 one is opened and none moves."""
    places = (tiny.place(2, 2), tiny.place(2, 2))
    wanted = {"areas": AAKEN, "add": 1, "close": ("f001",), "open_cost": 3.0, "close_cost": 1.0}
    assert (len(ask(*places, **wanted).sites), ask(*places, **wanted, budget=7.0).closed) == (2, ("f001",))
    found = ask(*places, **wanted, budget=3.0)
    assert (len(found.sites), found.closed) == (1, ())
    assert len(ask(*places, **wanted, budget=2.0).sites) == 0


def test_a_run_that_is_cancelled_gives_its_best_and_no_alternatives(tiny: Any) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    wanted = SitingRequest(add=3, objective="p-median", candidates="cell")
    found = list(alternatives(engine, Query(areas=AAKEN), facilities, wanted, should_stop=lambda: True))
    assert len(found) == 1
    assert len(found[0].sites) == 3
    assert found[0].result.optimal or found[0].result.stopped == "cancelled"


def test_a_table_of_travel_knows_no_candidates(tiny: Any, tmp_path: Path) -> None:
    query = Query(areas=AAKEN, model="matrix", matrix=tmp_path / "travel.csv")
    with pytest.raises(InputError, match="knows only the places there are, not the candidates"):
        propose(Engine(tiny.snapshot()), query, tiny.facilities(tiny.place(2, 2)), SitingRequest())


def test_ways_over_the_land_for_a_region(small: Path) -> None:
    """Around the Rupel and the A12 people reach less than as the crow flies, and what is found keeps to that."""
    engine = Engine(Snapshot(small))
    facilities = load_facilities(engine.snapshot, "illustrative")
    boom = (("care_region", "boom"),)
    wanted = SitingRequest(add=2, objective="p-median", candidates="neighbourhood")
    found = propose(engine, Query(areas=boom, model="raster"), facilities, wanted)
    crow = propose(engine, Query(areas=boom, model="crow"), facilities, wanted)
    assert found.result.optimal
    assert found.after.mean_m > crow.after.mean_m
    assert found.after.in_reach < crow.after.in_reach


def test_too_many_pairs_for_a_model_that_walks_from_every_place(small: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("coverage.siting.planning.question.travel_costs.MAX_PAIRS", 1000)
    engine = Engine(Snapshot(small))
    query = Query(areas=(("care_region", "boom"),), model="raster")
    with pytest.raises(InputError, match="There are 206 candidates: over such an area"):
        propose(engine, query, load_facilities(engine.snapshot, "illustrative"), SitingRequest())


@pytest.mark.parametrize("limit", [0.0, 3.0, 20.0])
def test_searches_with_a_limit_find_what_those_without_find(limit: float) -> None:
    """A random graph, more facilities than are cut out together: the same nodes at the very same costs."""
    rng = np.random.default_rng(4)
    n, labels = 600, 70
    edges = cheapest(rng.integers(0, n, 2000), rng.integers(0, n, 2000), rng.integers(1, 9, 2000).astype(float), n)
    starts = Starts(np.arange(labels), rng.integers(0, n, labels), rng.random(labels))
    every = {label: (nodes, costs) for label, nodes, costs in reached(edges, starts, labels)}
    for label, nodes, costs in reached(edges, starts, labels, limit):
        near = every[label][1] <= limit
        assert nodes.tolist() == every[label][0][near].tolist()
        assert costs.tolist() == every[label][1][near].tolist()


def test_a_cover_in_parts_is_as_small_as_one_in_one_piece() -> None:
    """Parts that share no site, small ones and two large ones: the same number, proven, as HiGHS finds in one go."""
    rng = np.random.default_rng(7)
    blocks = [rng.random((n, m)) < 0.12 for n, m in ((60, 40), (30, 25), (4, 3), (2, 2))]
    cost = np.where(block_diag(*blocks), 1.0, np.inf)
    cost = cost[np.isfinite(cost).any(axis=1)]
    found = lscp(cost, 1.0)
    rows = LinearConstraint(np.isfinite(cost).astype(float), 1, np.inf)
    whole = np.ones(cost.shape[1], dtype=int)
    model = milp(np.ones(cost.shape[1]), constraints=rows, integrality=whole, bounds=Bounds(0, 1))
    assert found.optimal
    assert found.objective == found.bound == pytest.approx(model.fun)


def test_one_per_zone_and_a_door_in_every_municipality(tiny: Any) -> None:
    """Places that are there count: with one in Aaken-Beke at most one per municipality leaves it without a new one."""
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    free = propose(engine, Query(), facilities, SitingRequest(add=2))
    one = propose(engine, Query(), facilities, SitingRequest(add=2, most_per="municipality:1"))
    assert one.result.optimal
    assert one.sites["nis2025"].is_unique
    there = free.problem.candidates.frame["nis2025"].nunique()
    assert "10012" not in set(one.sites["nis2025"])
    assert one.result.objective <= free.result.objective + 1e-9
    doors = propose(engine, Query(), facilities, SitingRequest(add=there, least_per="municipality:1"))
    assert {*doors.sites["nis2025"], "10012"} == set(free.problem.candidates.frame["nis2025"])
    with pytest.raises(InputError, match=r"at once: .*the number of places"):
        propose(engine, Query(), facilities, SitingRequest(add=1, least_per="municipality:3"))
    with pytest.raises(InputError, match="does not say how many places a zone has"):
        SitingRequest(most_per="municipality")


def test_what_brings_nothing_is_told(ask: Callable[..., Proposal], tiny: Any) -> None:
    """A budget below the cost of one place, and an area where everybody is in reach already."""
    poor = ask(tiny.place(2, 2), areas=AAKEN, add=1, budget=2.0, open_cost=3.0)
    assert fewer_lines(poor, "en") == ["The budget of 2.00 pays for no new place: opening one costs 3.00."]
    near = ask(tiny.place(2, 2), areas=AAKEN, within=1e5, add=1)
    assert fewer_lines(near, "en") == ["All births are within reach already; a new place brings in no more."]
    assert fewer_lines(ask(tiny.place(2, 2), areas=AAKEN, add=1), "en") == []
