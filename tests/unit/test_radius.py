"""The integer programme of what the bounds leave, by itself: against every set of sites there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.model import solve
from coverage.siting.solvers.basis.rules import no_rules
from coverage.siting.solvers.exact.core import HelpfulPairs, make_core
from coverage.siting.solvers.exact.radius import Radius, radius_model
from loaders.catalogue.types import Bools

Problem = tuple[HelpfulPairs, int, Bools, Bools]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Up to five demands and sites with many equal costs, some demand that must be served, some sites settled."""
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cost = np.array(draw(st.lists(st.integers(0, 5), min_size=n * m, max_size=n * m)), dtype=np.float64)
    fallback = np.array(draw(st.lists(st.sampled_from([2.0, 4.0, 6.0, np.inf]), min_size=n, max_size=n)))
    row, col = np.divmod(np.arange(n * m), m)
    apart = np.array(draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m)), dtype=bool)
    core = make_core(row[apart], col[apart], cost[apart], fallback, m)
    fate = np.array(draw(st.lists(st.sampled_from("fffan"), min_size=m, max_size=m)))
    always, never = fate == "a", fate == "n"
    p = int(always.sum()) + draw(st.integers(0, 3))
    return replace(core, constant=float(draw(st.integers(0, 3)))), p, always, never


def best_of_all(core: HelpfulPairs, p: int, always: Bools, never: Bools) -> float:
    """Least cost over every set of at most p sites that holds those settled and none ruled out."""
    free = np.flatnonzero(~always & ~never)
    found = np.inf
    for count in range(min(len(free), p - int(always.sum())) + 1):
        for more in combinations(free, count):
            chosen = always.copy()
            chosen[list(more)] = True
            found = min(found, core.total(chosen))
    return found


def programme(problem: Problem) -> Radius:
    core, p, always, never = problem
    pair = np.ones(len(core.row), dtype=bool)
    return radius_model(core, p, always, never, pair, np.isfinite(core.fallback), no_rules(~never))


@given(problems())
def test_the_programme_finds_the_best_of_all_sets(problem: Problem) -> None:
    core, p, always, never = problem
    best = best_of_all(*problem)
    built = programme(problem)
    if not built.possible:
        assert best == np.inf
        return
    found = solve(built.model, Control())
    assert found.proven
    if found.x is None:
        assert best == np.inf
        return
    assert found.objective + built.constant == pytest.approx(best)
    chosen = always.copy()
    chosen[built.free[found.x[: len(built.free)] > 0.5]] = True
    assert chosen.sum() <= p
    assert not (chosen & never).any()
    assert core.total(chosen) == pytest.approx(best)


@given(problems())
def test_it_is_possible_where_every_demand_has_something_left(problem: Problem) -> None:
    """Demand without a fallback needs a site that is not ruled out among its own."""
    core, _, _, never = problem
    left = {int(row) for row, col in zip(core.row, core.col, strict=True) if not never[col]}
    expected = all(np.isfinite(core.fallback[i]) or i in left for i in range(len(core.fallback)))
    assert programme(problem).possible == expected


def test_levels_and_rows_by_hand() -> None:
    """One demand at 1, 1 and 3 from three sites, 6 without: it costs 1, then 2 more, then 3 more."""
    core = make_core(np.zeros(3, dtype=np.intp), np.arange(3), np.array([1.0, 1.0, 3.0]), np.array([6.0]), 3)
    none = np.zeros(3, dtype=bool)
    built = programme((core, 1, none, none))
    assert built.possible
    assert built.constant == 1.0
    assert built.free.tolist() == [0, 1, 2]
    assert built.model.cost.tolist() == [0, 0, 0, 2.0, 3.0]
    assert built.model.integer.tolist() == [True, True, True, False, False]
    assert built.model.rows.toarray().tolist() == [[1, 1, 0, 1, 0], [0, 0, 1, -1, 1], [1, 1, 1, 0, 0]]
    assert built.model.row_low.tolist() == [1.0, 0.0, -np.inf]
    assert built.model.row_high.tolist() == [np.inf, np.inf, 1.0]
    assert (built.model.low.tolist(), built.model.high.tolist()) == ([0.0] * 5, [1.0] * 5)


def test_a_site_that_is_settled_counts_as_served() -> None:
    """Site 0 is there at 3 m: what is left to gain is going to 1 m; without gain nothing is left to decide."""
    core = make_core(np.zeros(3, dtype=np.intp), np.arange(3), np.array([3.0, 1.0, 5.0]), np.array([np.inf]), 3)
    always = np.array([True, False, False])
    built = programme((core, 2, always, np.zeros(3, dtype=bool)))
    assert built.model.cost.tolist() == [0, 0, 2.0]
    assert built.model.row_high[-1] == 1.0
    ruled_out = programme((core, 1, always, np.array([False, True, False])))
    assert ruled_out.possible
    assert ruled_out.constant == 3.0
    assert len(ruled_out.model.cost) == 1
