"""The norm machine: its model against trying every choice, its bounds, its rules, its tables."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.norm import NormAnswer, NormProblem, NormRequest, norm_machine
from coverage.norm.bound import fewest, most_with, most_within_reach
from coverage.norm.planning import _check
from coverage.norm.solve import solve
from coverage.siting.solvers.basis.gate import UnsoundAnswerError
from i18n.errors import InputError
from i18n.texts import LANGUAGES
from layers.notes.norm_notes import frontier_table, zone_table
from layers.sentences.norm import all_words, model_words
from loaders.catalogue.columns import FRONTIER_COLUMNS, NORM_COLUMNS, NORM_ZONE_COLUMNS


def world(seed: int, n_sites: int = 6, n_demand: int = 9, fixed: int = 0) -> NormProblem:
    random = np.random.default_rng(seed)
    reach = random.random((n_demand, n_sites)) < 0.4
    row, col = np.nonzero(reach)
    open_anyway = np.zeros(n_sites, dtype=bool)
    open_anyway[:fixed] = True
    return NormProblem(
        row, col, random.integers(1, 9, n_demand).astype(np.float64), n_sites, open_anyway, ~open_anyway, least=9.0,
    )  # fmt: skip


def can_be_given(problem: NormProblem, sites: tuple[int, ...]) -> bool:
    """Whether births can be divided so that every one of these sites is given the norm."""
    if not sites:
        return True
    use = [k for k in range(len(problem.row)) if problem.col[k] in sites]
    limit = np.zeros((len(problem.weight) + len(sites), len(use)))
    for at, k in enumerate(use):
        limit[problem.row[k], at] = 1
        limit[len(problem.weight) + sites.index(int(problem.col[k])), at] = -problem.weight[problem.row[k]]
    right = np.concatenate([np.ones(len(problem.weight)), np.full(len(sites), -problem.least)])
    found = linprog(np.zeros(len(use)), A_ub=limit, b_ub=right, bounds=(0, 1)) if use else None
    return found is not None and found.status == 0


def best(problem: NormProblem) -> dict[int, float]:
    """Most weight within reach for every number of new sites, every choice tried."""
    free = np.flatnonzero(problem.allowed).tolist()
    always = np.flatnonzero(problem.fixed).tolist()
    found: dict[int, float] = {}
    for size in range(len(free) + 1):
        for chosen in combinations(free, size):
            if can_be_given(problem, chosen):
                covered = np.unique(problem.row[np.isin(problem.col, [*chosen, *always])])
                found[size] = max(found.get(size, 0.0), float(problem.weight[covered].sum()))
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fixed", [0, 1])
def test_answer_and_bounds_enclose_the_best(seed: int, fixed: int) -> None:
    """Every choice of sites tried: the answer is never better than the best, and no bound lies below it."""
    problem = world(seed, fixed=fixed)
    found, every = solve(problem), best(problem)
    bound = most_within_reach(problem, found.objective)
    _check(problem, found, bound)
    most = max(every.values())
    assert found.objective <= most + 1e-6 <= bound + 2e-6
    curve = most_with(problem, found, bound)
    for size, value in every.items():
        if size < len(curve):
            assert curve[size] >= value - 1e-6
    assert fewest(curve, found.objective) <= min(
        size for size, value in every.items() if value >= found.objective - 1e-6
    )


def star(least: float) -> NormProblem:
    """Two sites with 3 of their own and 8 in common."""
    row, col = np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1])
    no = np.zeros(2, dtype=bool)
    return NormProblem(row, col, np.array([3.0, 8.0, 3.0]), 2, no, ~no, least)


def test_neighbours_share_what_they_have_beyond_the_norm() -> None:
    """Both can be given 7 of 14, so both open; 8 each cannot be, so one does and 3 stay out."""
    both = solve(star(7))
    assert both.objective == 14
    assert (both.load >= 7 - 1e-9).all()
    assert solve(star(8)).objective == 11


def test_the_relaxation_is_below_everybody_within_reach() -> None:
    """14 are within reach of a site that could meet the norm by itself, but 11 is the most: the bound must see some."""
    problem = star(10)
    assert 11 <= most_within_reach(problem, solve(problem).objective) < 14


def test_a_site_without_which_nobody_is_out_of_reach_closes() -> None:
    """The first site brings most, two others bring all of it and more."""
    row = np.array([0, 1, 2, 3, 0, 1, 4, 2, 3, 5])
    col = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
    no = np.zeros(3, dtype=bool)
    found = solve(NormProblem(row, col, np.array([4.0, 4.0, 4.0, 4.0, 2.0, 2.0]), 3, no, ~no, least=2.0))
    assert sorted(found.opened.tolist()) == [1, 2]
    assert found.objective == 20
    assert found.gained.sum() == 20


def test_the_gate_refuses_an_answer_that_claims_too_much() -> None:
    problem = star(7)
    found = solve(problem)
    with pytest.raises(UnsoundAnswerError):
        _check(replace(problem, least=8.0), found, 14.0)
    with pytest.raises(UnsoundAnswerError):
        _check(problem, found, 13.0)
    with pytest.raises(UnsoundAnswerError):
        _check(replace(problem, weight=problem.weight + 1), found, 20.0)


def answered(tiny: Any, request: NormRequest, *places: Any, **more: Any) -> NormAnswer:
    query = Query(within_m=600, **({"service": "house"} | more))
    return norm_machine(Engine(tiny.snapshot()), query, tiny.facilities(*places), request)


def test_more_births_for_a_place_never_take_more_places(tiny: Any) -> None:
    counts = [len(answered(tiny, NormRequest(births)).places) for births in (5, 15, 30, 90)]
    assert counts[0] > 0
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 0


def test_every_new_place_is_given_the_norm_and_births_add_up(tiny: Any) -> None:
    found = answered(tiny, NormRequest(10))
    assert list(found.places.columns) == list(NORM_COLUMNS)
    assert found.places["meets_norm"].all()
    assert (found.places["births_given"] >= 10 - 1e-6).all()
    assert found.births == pytest.approx(180)
    assert found.in_reach == pytest.approx(found.in_reach_before + found.places["births_gained"].sum())
    assert found.zones["births_out_after"].sum() == pytest.approx(found.births - found.in_reach)
    assert found.zones["births"].sum() == pytest.approx(180)
    frontier = found.frontier
    assert (frontier["weight_bound"] >= frontier["weight_in_reach"] - 1e-9).all()
    assert frontier["births_in_reach"].iloc[-1] == pytest.approx(found.in_reach)
    assert found.bound >= found.weight
    assert found.fewest <= len(found.places)


def test_what_is_there_stays_or_everything_begins_anew(tiny: Any) -> None:
    there = tiny.place(10, 5, service="house")
    kept, anew = answered(tiny, NormRequest(10), there), answered(tiny, NormRequest(10, rules=()), there)
    assert (kept.existing, anew.existing) == (1, 0)
    assert kept.in_reach_before > 0 == anew.in_reach_before
    assert len(kept.places) <= len(anew.places)


def test_rules_open_doors_whatever_the_norm_says(tiny: Any) -> None:
    """Three municipalities have births; with a bureau in one of them the others get a door each."""
    request = NormRequest(1_000, rules=("keep", "door"))
    found = answered(tiny, request, tiny.place(3, 3))
    assert sorted(found.places["municipality"]) == ["Celedam", "Eke"]
    assert set(found.places["opened_by"]) == {"rule"}
    assert not found.places["meets_norm"].any()
    one = answered(tiny, NormRequest(1_000, one_per="municipality"))
    assert len(one.places) == 3


def test_article_9_keeps_to_the_care_region_and_asks_for_a_bureau(tiny: Any) -> None:
    """A bureau in Aaken: new houses in Aaken-Beke, or in the care region (10001 and 10003), and nowhere else."""
    request = NormRequest(5, rules=("keep", "article9"))
    found = answered(tiny, request, tiny.place(3, 3))
    assert set(found.places["municipality"]) <= {"Aaken-Beke", "Celedam"}
    assert len(found.places)
    assert answered(tiny, request).places.empty


def test_spacing_density_deprivation_and_cost(tiny: Any) -> None:
    spaced = answered(tiny, NormRequest(5, spacing_m=1_500, cost=1_000))
    xy = spaced.places[["x", "y"]].to_numpy(np.float64)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))[np.triu_indices(len(xy), 1)]
    assert (apart >= 1_500).all()
    assert spaced.cost == 1_000 * len(spaced.places)
    assert set(answered(tiny, NormRequest(5, density=20)).places["municipality"]) == {"Aaken-Beke"}
    with pytest.raises(InputError, match="no index of deprivation"):
        answered(tiny, NormRequest(5, deprived=2))


def test_shared_addresses_only(tiny: Any) -> None:
    found = answered(tiny, NormRequest(5, rules=("keep", "share")), tiny.place(12, 5))
    assert len(found.places) == 1
    with pytest.raises(InputError, match="no address of another service"):
        answered(tiny, NormRequest(5, rules=("share",)))


def test_what_cannot_be_asked_is_told(tiny: Any) -> None:
    for births in (0, -3, float("nan")):
        with pytest.raises(InputError, match="The norm is"):
            NormRequest(births)
    with pytest.raises(InputError, match="Unknown rule 'luck'"):
        NormRequest(5, rules=("luck",))
    with pytest.raises(InputError, match="in the most deprived fifth counts"):
        NormRequest(5, deprived=0.5)
    with pytest.raises(InputError, match="'cost' is -1"):
        NormRequest(5, cost=-1)
    nowhere = tiny.place(12, 5, service="house") | {"x": None, "y": None, "precision": "municipality"}
    with pytest.raises(InputError, match="only the municipality is known"):
        answered(tiny, NormRequest(5), nowhere)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_and_sentences(tiny: Any, lang: str) -> None:
    found = answered(tiny, NormRequest(10, cost=90_000), tiny.place(10, 5, service="house"))
    assert list(zone_table(found).columns) == list(NORM_ZONE_COLUMNS)
    assert list(frontier_table(found).columns) == list(FRONTIER_COLUMNS)
    told = " ".join([*all_words(found, lang), *model_words(found, lang)])
    assert str(len(found.places)) in told
    none = all_words(answered(tiny, NormRequest(1_000)), lang)[0]
    assert {"nl": "geen enkele", "en": "none", "fr": "aucun"}[lang] in none
