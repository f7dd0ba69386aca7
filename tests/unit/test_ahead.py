"""Choices that look ahead on the tiny world, counted again from scratch: regret, one place a year, why not there."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.births.projection import draw_ahead, project
from coverage.siting.planning.ahead.cases import Doubt
from coverage.siting.planning.ahead.robust import propose_robust
from coverage.siting.planning.ahead.steps import frontier, propose_phased
from coverage.siting.planning.ahead.why_not import why_not
from coverage.siting.planning.proposal import propose
from coverage.siting.planning.question.problem import build_problem
from coverage.siting.planning.question.request import SitingRequest
from coverage.siting.solvers.basis.control import Control
from coverage.travel.straight_line import CIRCUITY
from coverage.zones.areas import area_cells
from i18n.errors import InputError
from i18n.texts import LANGUAGES
from layers.notes.siting.ahead_notes import frontier_lines, frontier_table, phased_lines, robust_lines
from layers.notes.siting.why_not_notes import why_not_lines
from layers.views.ahead_view import WhyView, frontier_view, why_view
from loaders.catalogue.columns import FRONTIER_COLUMNS, PHASE_COLUMNS, ROBUST_COLUMNS, SITE_COLUMNS
from loaders.snapshot.reader import Snapshot
from pages.searches.answer import line, of_view, read_line

AAKEN = (("municipality", "10012"),)
ASKED = Query(areas=AAKEN, within_m=900, model="crow")


@pytest.fixture(scope="module")
def world(tiny: Any) -> tuple[Engine, Any]:
    """Three bureaus, two of them in Aaken-Beke; births differ from cell to cell."""
    weight = np.random.default_rng(4).random(1200) + 0.05
    engine = Engine(tiny.snapshot(weight))
    return engine, tiny.facilities(tiny.place(2, 2), tiny.place(8, 3), tiny.place(25, 5))


def in_reach(engine: Engine, facilities: Any, candidates: pd.DataFrame) -> float:
    """Births of Aaken-Beke within reach with places at some candidates, counted from coordinates alone."""
    places = pd.concat([facilities.frame[["x", "y"]], candidates[["x", "y"]]]).to_numpy(float)
    away = engine.snapshot.grid.xy[:, None] - places[None]
    near = CIRCUITY * np.hypot(away[..., 0], away[..., 1]).min(axis=1) <= ASKED.reach_m
    inside = area_cells(engine.territory, AAKEN, 2025)
    return float(engine.demand().births[near & inside].sum())


def test_the_regret_of_closures_is_that_of_trying_all(world: Any) -> None:
    engine, facilities = world
    found = propose_robust(engine, ASKED, facilities, SitingRequest(add=1), Doubt("places", 3))
    assert list(found.sites.columns) == [*SITE_COLUMNS, *ROBUST_COLUMNS]
    assert found.result.optimal
    problem, frame = found.problem, facilities.frame
    worth = []
    for name in found.cases.names:
        left = type(facilities)(**{**facilities.__dict__, "frame": frame[frame["id"].astype(str) != name]})
        every_one = range(len(problem.candidates))
        worth.append([in_reach(engine, left, problem.candidates.frame.iloc[[at]]) for at in every_one])
    every = np.array(worth)
    regret = (every.max(axis=1)[:, None] - every).max(axis=0)
    assert found.result.best == pytest.approx(every.max(axis=1))
    assert found.result.objective == pytest.approx(regret.min())
    chosen = found.sites[found.sites["chosen"]]
    at = problem.candidates.frame["id"].tolist().index(chosen["site_id"].iloc[0])
    assert regret[at] == pytest.approx(regret.min())
    for lang in LANGUAGES:
        assert "{" not in " ".join(robust_lines(found, lang))


def test_draws_start_where_the_seed_says(world: Any) -> None:
    engine, facilities = world
    wanted = SitingRequest(add=2)
    one, same, other = (
        propose_robust(engine, ASKED, facilities, wanted, Doubt("draws", 6, seed)) for seed in (1, 1, 2)
    )
    assert one.result.best.tolist() == same.result.best.tolist()
    assert one.result.best.tolist() != other.result.best.tolist()
    assert (one.result.regret >= 0).all()
    assert one.result.regret.max() == pytest.approx(one.result.objective)
    assert one.cases.births == pytest.approx(np.full(6, one.before.births), rel=0.3)


def test_years_need_a_history(world: Any) -> None:
    engine, facilities = world
    with pytest.raises(InputError):
        draw_ahead(engine.territory, 4)
    with pytest.raises(InputError, match="cannot be drawn"):
        propose_robust(engine, ASKED, facilities, SitingRequest(), Doubt("years", 4))


def test_draws_of_years_fall_as_often_within_the_interval_as_it_says(embedded: Snapshot) -> None:
    territory = Engine(embedded).territory
    years, ratio = draw_ahead(territory, 400)
    told = project(territory)
    last = told[told["year"] == told["year"].max()].set_index("nis").reindex(territory.zone_ids("municipality", 2025))
    drawn = ratio[years == years.max()] * last["births"].to_numpy(float)
    inside = (drawn >= last["forecast_low"].to_numpy(float)) & (drawn <= last["forecast_high"].to_numpy(float))
    assert inside.mean() == pytest.approx(0.8, abs=0.02)


def test_one_place_a_year_is_no_worse_than_any_order_of_the_best(world: Any) -> None:
    engine, facilities = world
    found = propose_phased(engine, ASKED, facilities, SitingRequest(add=3))
    assert list(found.sites.columns) == [*SITE_COLUMNS, *PHASE_COLUMNS]
    assert found.result.optimal
    reached = found.sites["births_in_reach_by_then"].to_numpy()
    assert reached == pytest.approx(found.result.covered)
    assert found.sites["births_gained"].sum() == pytest.approx(reached[-1] - found.before.in_reach)
    for year in range(1, 4):
        best = propose(engine, ASKED, facilities, SitingRequest(add=year)).result.objective
        assert found.sites["births_best_by_then"].iloc[year - 1] == pytest.approx(best)
        assert reached[year - 1] <= best + 1e-9
    for lang in LANGUAGES:
        assert "{" not in " ".join(phased_lines(found, lang))


def test_the_frontier_is_the_best_of_every_number_and_ends_where_all_are_in_reach(world: Any) -> None:
    engine, facilities = world
    problem = build_problem(engine, ASKED, facilities, SitingRequest(add=1))
    steps = list(frontier(problem, 14, Control()))
    assert [step.places for step in steps] == list(range(len(steps)))
    assert all(step.proven for step in steps)
    for places in (1, 2):
        best = propose(engine, ASKED, facilities, SitingRequest(add=places)).result.objective
        assert steps[places].in_reach == pytest.approx(best)
    gained = np.diff([step.in_reach for step in steps])
    assert (gained > 0).all()
    assert len(steps) < 15  # fewer than asked for bring everybody within reach who can be
    table = frontier_table(problem, steps)
    assert list(table.columns) == list(FRONTIER_COLUMNS)
    for lang in LANGUAGES:
        assert "{" not in " ".join(frontier_lines(problem, steps, lang))
    view = frontier_view(problem, steps, "nl")
    assert read_line(line("frontier", of_view(view))) == ("frontier", view)
    assert len(view.rows) == len(steps)
    assert {row[-1] for row in view.rows} == {"bewezen"}


def test_nothing_beats_the_best_point_and_any_other_loses_what_trying_all_says(world: Any) -> None:
    engine, facilities = world
    wanted = SitingRequest(add=2)
    best = propose(engine, ASKED, facilities, wanted)
    x, y = best.sites[["x", "y"]].iloc[0]
    same = why_not(engine, ASKED, facilities, wanted, (float(x), float(y)))
    assert same.chosen
    assert "niets is beter" in " ".join(why_not_lines(same, "nl"))
    at = engine.snapshot.grid.xy[np.flatnonzero(best.problem.points.of_cell >= 0)[7]]
    found = why_not(engine, ASKED, facilities, wanted, (float(at[0]), float(at[1])))
    candidates = found.problem.candidates.frame
    point = len(candidates) - 1
    worth = [in_reach(engine, facilities, candidates.iloc[[other, point]]) for other in range(point)]
    assert found.with_it == pytest.approx(max(worth))
    assert found.with_it_proven
    assert found.best == pytest.approx(best.result.objective)
    assert found.beside <= found.alone <= found.in_reach
    for lang in LANGUAGES:
        assert "{" not in " ".join(why_not_lines(found, lang))
    view = why_view(found, (51.0, 4.0), "fr")
    assert read_line(line("why", of_view(view))) == ("why", view)
    assert isinstance(view, WhyView)
    assert json.loads(line("why", of_view(view)))["kind"] == "why"


def test_a_point_where_nobody_lives_or_outside_the_area_is_told(world: Any, tiny: Any) -> None:
    engine, facilities = world
    with pytest.raises(InputError, match="Nobody lives within 500 m"):
        why_not(engine, ASKED, facilities, SitingRequest(), (10.0, 10.0))
    with pytest.raises(InputError, match="outside the area"):
        why_not(engine, ASKED, facilities, SitingRequest(), tiny.centre(5, 25))


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({"objective": "p-median"}, "mclp only"),
        ({"close": ("f000",)}, "mclp only"),
        ({"capacity": True}, "mclp only"),
    ],
)
def test_what_does_not_go_with_it_is_told(world: Any, wanted: Any, word: str) -> None:
    engine, facilities = world
    with pytest.raises(InputError, match=word):
        propose_robust(engine, ASKED, facilities, SitingRequest(**wanted), Doubt("places", 3))
    with pytest.raises(InputError, match=word):
        why_not(engine, ASKED, facilities, SitingRequest(**wanted), (0.0, 0.0))
    with pytest.raises(InputError, match="one place a year"):
        propose_phased(engine, ASKED, facilities, SitingRequest(**wanted))


@pytest.mark.parametrize("word", ["weather", "draws:", "draws:one", "draws:1", "places:100000"])
def test_a_doubt_that_cannot_be_read_is_told(word: str) -> None:
    with pytest.raises(InputError):
        Doubt.parse(word)


def test_a_house_comes_where_its_area_covers_that_of_a_bureau(tiny: Any) -> None:
    """Article 9: the only bureau stands in Eke (10005), so no house comes in Aaken-Beke."""
    engine = Engine(tiny.snapshot())
    facilities = tiny.facilities(tiny.place(5, 25), tiny.place(2, 22, service="house", house_id="h1", physical=True))
    asked = Query(service="house", within_m=900, model="crow")
    free = propose(engine, asked, facilities, SitingRequest(add=2))
    held = propose(engine, asked, facilities, SitingRequest(add=2, area_rule=True))
    assert set(held.sites["municipality"]) == {"Eke"}
    assert set(free.sites["municipality"]) != {"Eke"}
    with pytest.raises(InputError, match="article 9"):
        propose(engine, Query(areas=AAKEN, model="crow"), facilities, SitingRequest(area_rule=True))


def test_places_that_are_there_are_filled_first_and_get_what_they_must(tiny: Any) -> None:
    engine = Engine(tiny.snapshot())
    facilities = tiny.facilities(tiny.place(2, 2))
    asked = Query(areas=AAKEN, within_m=900, model="crow")
    wide = SitingRequest(add=1, capacity=True, births_per_place=5.0, fill_existing=True)
    found = propose(engine, asked, facilities, wide)
    assert found.result.shares is not None
    load = np.asarray(found.result.shares.T @ found.problem.points.births).ravel()
    assert load[found.problem.fixed.start :].sum() == pytest.approx(5.0, rel=1e-5)
    least = SitingRequest(add=1, capacity=True, births_per_place=5.0, min_births_existing=6.0)
    with pytest.raises(InputError):
        propose(engine, asked, facilities, least)
    with pytest.raises(InputError, match="needs capacities"):
        SitingRequest(min_births_existing=2.0)


def test_where_all_are_in_reach_or_nothing_can_be_paid_that_is_said(world: Any) -> None:
    engine, facilities = world
    wide = Query(areas=AAKEN, within_m=9_000, model="crow")
    all_there = propose_phased(engine, wide, facilities, SitingRequest(add=2))
    told = " ".join(phased_lines(all_there, "en"))
    assert "within reach already" in told
    steps = list(frontier(build_problem(engine, wide, facilities, SitingRequest()), 3, Control()))
    assert [step.places for step in steps] == [0]
    poor = SitingRequest(add=2, budget=0.5)
    nothing = propose_robust(engine, ASKED, facilities, poor, Doubt("places", 2))
    assert "pays for no new place" in " ".join(robust_lines(nothing, "en"))
    assert nothing.sites.empty
