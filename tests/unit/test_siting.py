"""The four location problems: against trying everything on small cases."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.siting import NoCoverError, SitingResult, lscp, mclp, p_center, p_median
from i18n.errors import InputError
from loaders.catalogue.types import Floats

CASES = settings(max_examples=150)


@st.composite
def problems(draw: st.DrawFn) -> tuple[Floats, Floats, int, tuple[int, ...]]:
    """Costs (some out of reach), weights, p and fixed sites of a small problem."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    whole = draw(st.booleans())
    cost = rng.integers(0, 12, (n, m)).astype(np.float64) if whole else rng.uniform(0, 12, (n, m))
    cost[rng.random((n, m)) < draw(st.sampled_from((0.0, 0.2, 0.6)))] = np.inf
    weight = rng.integers(0, 9, n).astype(np.float64) if whole else rng.uniform(0, 9, n)
    weight[int(rng.integers(n))] += 1
    p = draw(st.integers(1, m))
    fixed = tuple(int(j) for j in rng.permutation(m)[: draw(st.integers(0, p))])
    return cost, weight, p, fixed


def selections(m: int, p: int, fixed: tuple[int, ...]) -> list[list[int]]:
    """Every set of p sites that holds the fixed ones."""
    others = [j for j in range(m) if j not in fixed]
    return [sorted([*fixed, *more]) for more in combinations(others, p - len(fixed))]


def nearest(cost: Floats, sites: list[int]) -> Floats:
    return np.asarray(cost[:, sites].min(axis=1, initial=np.inf))


def check(found: SitingResult, best: float, p: int, fixed: tuple[int, ...]) -> None:
    """A proven optimum with the right number of sites, and greedy is no better."""
    assert found.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert found.bound == found.objective
    assert found.optimal
    assert found.gap == 0
    assert found.stopped == ""
    assert len(found.sites) == p
    assert set(fixed) <= set(found.sites.tolist())


@CASES
@given(problems(), st.floats(0, 12))
def test_mclp_is_the_best_of_all_selections(
    problem: tuple[Floats, Floats, int, tuple[int, ...]], radius: float
) -> None:
    cost, weight, p, fixed = problem
    found = mclp(cost, weight, radius, p, fixed=fixed)
    worth = [weight[nearest(cost, sites) <= radius].sum() for sites in selections(cost.shape[1], p, fixed)]
    check(found, max(worth), p, fixed)
    assert found.greedy_objective is not None
    assert found.greedy_objective <= found.objective + 1e-9
    served = found.assignment >= 0
    assert (served == (nearest(cost, found.sites.tolist()) <= radius)).all()


@CASES
@given(problems())
def test_p_median_is_the_best_of_all_selections(problem: tuple[Floats, Floats, int, tuple[int, ...]]) -> None:
    cost, weight, p, fixed = problem
    asks = np.isfinite(cost).any(axis=1) & (weight > 0)
    near = [nearest(cost, sites)[asks] for sites in selections(cost.shape[1], p, fixed)]
    worth = [float(weight[asks] @ d) for d in near if np.isfinite(d).all()]
    if not worth:
        with pytest.raises(InputError, match="sites are needed to reach all"):
            p_median(cost, weight, p, fixed=fixed)
        return
    found = p_median(cost, weight, p, fixed=fixed)
    check(found, min(worth), p, fixed)
    assert found.unserved.tolist() == np.flatnonzero(~np.isfinite(cost).any(axis=1)).tolist()
    at = np.flatnonzero(asks)
    assert (cost[at, found.assignment[at]] == nearest(cost, found.sites.tolist())[at]).all()


@CASES
@given(problems())
def test_p_center_is_the_best_of_all_selections(problem: tuple[Floats, Floats, int, tuple[int, ...]]) -> None:
    cost, _, p, fixed = problem
    asks = np.isfinite(cost).any(axis=1)
    worth = [nearest(cost, sites)[asks].max(initial=0) for sites in selections(cost.shape[1], p, fixed)]
    if not np.isfinite(min(worth)):
        with pytest.raises(InputError, match="sites are needed to reach all"):
            p_center(cost, p, fixed=fixed)
        return
    check(p_center(cost, p, fixed=fixed), min(worth), p, fixed)


@CASES
@given(problems(), st.floats(0, 12))
def test_lscp_is_the_smallest_cover(problem: tuple[Floats, Floats, int, tuple[int, ...]], radius: float) -> None:
    cost, _, _, fixed = problem
    m = cost.shape[1]
    lost = np.flatnonzero(nearest(cost, list(range(m))) > radius)
    if len(lost):
        with pytest.raises(NoCoverError) as error:
            lscp(cost, radius, fixed=fixed)
        assert error.value.rows.tolist() == lost.tolist()
        assert (error.value.nearest == nearest(cost, list(range(m)))[lost]).all()
        return
    sizes = [
        p
        for p in range(len(fixed), m + 1)
        if any((nearest(cost, sites) <= radius).all() for sites in selections(m, p, fixed))
    ]
    check(lscp(cost, radius, fixed=fixed), sizes[0], sizes[0], fixed)


@settings(max_examples=60)
@given(problems(), st.integers(0, 2**32 - 1), st.booleans())
def test_capacities_are_kept_and_the_best_plan_is_found(
    problem: tuple[Floats, Floats, int, tuple[int, ...]], seed: int, single: bool
) -> None:
    cost, weight, p, fixed = problem
    cost, weight = cost[:5, :4], weight[:5] + 1
    fixed = tuple(j for j in fixed if j < cost.shape[1])
    p = max(min(p, cost.shape[1]), len(fixed))
    capacity = np.asarray(np.random.default_rng(seed).uniform(1, 15, cost.shape[1]), dtype=np.float64)
    radius = 8.0
    found = mclp(cost, weight, radius, p, fixed=fixed, capacity=capacity, single_source=single)
    best = max(
        most_served(np.asarray(cost <= radius), weight, capacity, sites, single)
        for sites in selections(cost.shape[1], p, fixed)
    )
    assert found.objective == pytest.approx(best, abs=1e-6)
    assert found.optimal
    assert found.shares is not None
    loads = weight @ found.shares.toarray()
    assert (loads <= capacity + 1e-6).all()
    assert loads.sum() == pytest.approx(found.objective, abs=1e-6)
    assert set(found.shares.tocoo().col.tolist()) <= set(found.sites.tolist())


def most_served(near: npt.NDArray[np.bool_], weight: Floats, capacity: Floats, sites: list[int], single: bool) -> float:
    """The most weight that the sites can take: by trying all assignments, or by the smallest cut."""
    if single:
        return best_whole(near[:, sites], weight, capacity[sites])
    # a cut lets the sites in `inside` pay their capacity and the demand of the others pay its weight
    cuts = [
        capacity[list(inside)].sum() + sum(weight[i] for i in range(len(weight)) if near[i, list(outside)].any())
        for inside, outside in splits(sites)
    ]
    return float(min(cuts))


def splits(sites: list[int]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [
        (inside, tuple(j for j in sites if j not in inside))
        for size in range(len(sites) + 1)
        for inside in combinations(sites, size)
    ]


def best_whole(near: npt.NDArray[np.bool_], weight: Floats, capacity: Floats) -> float:
    if not len(weight):
        return 0.0
    best = best_whole(near[1:], weight[1:], capacity)
    for j in np.flatnonzero(near[0] & (capacity >= weight[0] - 1e-9)):
        left = capacity.copy()
        left[j] -= weight[0]
        best = max(best, weight[0] + best_whole(near[1:], weight[1:], left))
    return float(best)
