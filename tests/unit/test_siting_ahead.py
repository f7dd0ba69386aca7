"""The choice that is regretted least, and one place a year: against trying everything on small worlds."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

from coverage.siting import Quota, Rules, UncertainCase, UnsoundAnswerError, least_regret, mclp_by_year
from coverage.siting.solvers.basis.gate import PhaseTerms, RegretTerms, check_phases, check_regret_answer
from coverage.siting.solvers.basis.instance import make_instance
from i18n.errors import InputError
from loaders.catalogue.types import Bools, Floats

WORLDS = range(9)
RADIUS = 4.0


def world(seed: int, most: int = 7) -> tuple[np.random.Generator, int, tuple[int, ...], Rules | None]:
    """Sites, fixed ones and a rule: none, spacing, or at most one new one of the even sites."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(3, most + 1))
    fixed = tuple(int(j) for j in rng.permutation(m)[: int(rng.integers(0, 2))])
    rules = None
    if seed % 3 == 1:
        rules = Rules(xy=rng.random((m, 2)) * 10, spacing=2.0)
    if seed % 3 == 2:
        even = list(range(0, m, 2))
        rules = Rules(quotas=[Quota(even, 0, 1 + sum(j in even for j in fixed), "even")])
    return rng, m, fixed, rules


def demand(rng: np.random.Generator, m: int) -> tuple[Floats, Floats]:
    n = int(rng.integers(1, 12))
    cost = rng.integers(0, 10, (n, m)).astype(np.float64)
    cost[rng.random((n, m)) < 0.3] = np.inf
    weight = rng.integers(0, 9, n).astype(np.float64)
    weight[0] += 1
    return cost, weight


def keeps(rules: Rules | None, fixed: tuple[int, ...], sites: tuple[int, ...]) -> bool:
    if rules is None:
        return True
    if rules.spacing is not None:
        xy = np.asarray(rules.xy)
        new = [j for j in sites if j not in fixed]
        return all(np.hypot(*(xy[a] - xy[b])) >= rules.spacing for a in new for b in sites if a != b)
    return sum(j % 2 == 0 for j in sites) <= 1 + sum(j % 2 == 0 for j in fixed)


def covered(cost: Floats, weight: Floats, sites: tuple[int, ...]) -> float:
    return float(weight[cost[:, list(sites)].min(axis=1, initial=np.inf) <= RADIUS].sum())


@pytest.mark.parametrize("seed", WORLDS)
def test_no_choice_is_regretted_less(seed: int) -> None:
    rng, m, fixed, rules = world(seed)
    cases = [UncertainCase(*demand(rng, m)) for _ in range(int(rng.integers(1, 6)))]
    p = len(fixed) + 2
    some = [
        sites
        for size in range(len(fixed), p + 1)
        for sites in combinations(range(m), size)
        if set(fixed) <= set(sites) and keeps(rules, fixed, sites)
    ]
    worth = np.array([[covered(np.asarray(c.cost), np.asarray(c.weights), sites) for c in cases] for sites in some])
    try:
        found = least_regret(cases, RADIUS, p, fixed=fixed, rules=rules)
    except InputError as error:
        assert "can be open" in str(error)  # noqa: PT017  (spacing leaves too few)
        return
    assert found.optimal
    assert found.objective == pytest.approx((worth.max(axis=0) - worth).max(axis=1).min(), abs=1e-6)
    assert found.best == pytest.approx(worth.max(axis=0))
    assert found.regret.max() == pytest.approx(found.objective)
    assert found.expected_regret >= found.objective - 1e-9
    times = found.times_best(m)
    assert times[list(fixed)].tolist() == [1.0] * len(fixed)
    assert times.sum() * len(cases) == pytest.approx(sum(len(sites) for sites in found.best_sites))


@pytest.mark.parametrize("seed", WORLDS)
def test_no_order_covers_more_over_the_years(seed: int) -> None:
    rng, m, fixed, rules = world(seed, 6)
    cost, weight = demand(rng, m)
    years = 2 + seed % 2
    free = [j for j in range(m) if j not in fixed]
    orders = [
        order
        for size in range(years + 1)
        for order in permutations(free, size)
        if keeps(rules, fixed, (*fixed, *order))
    ]
    best = max(sum(covered(cost, weight, (*fixed, *order[: year + 1])) for year in range(years)) for order in orders)
    try:
        found = mclp_by_year(cost, weight, RADIUS, years, fixed=fixed, rules=rules)
    except InputError as error:
        assert "can be open" in str(error)  # noqa: PT017
        return
    assert found.optimal
    assert found.objective == pytest.approx(best)
    assert (found.best_bound >= found.covered - 1e-9).all()
    assert found.covered.tolist() == sorted(found.covered.tolist())


def test_a_search_that_is_stopped_says_how_far_it_can_be_off() -> None:
    rng = np.random.default_rng(3)
    cases = [UncertainCase(rng.random((30, 12)), rng.random(30)) for _ in range(3)]
    found = least_regret(cases, 0.1, 3, should_stop=lambda: True)
    full = least_regret(cases, 0.1, 3)
    assert found.stopped == "cancelled"
    assert not found.optimal
    assert found.bound <= full.objective <= found.objective + 1e-9
    order = mclp_by_year(cases[0].cost, cases[0].weights, 0.1, 3, should_stop=lambda: True)
    assert order.bound >= mclp_by_year(cases[0].cost, cases[0].weights, 0.1, 3).objective - 1e-9


def test_the_gate_refuses_what_does_not_hold() -> None:
    cost, weight = np.array([[0.0, 9.0], [9.0, 0.0]]), np.array([2.0, 3.0])
    part = make_instance(cost, (), None).within(1.0)
    chosen: Bools = np.array([True, False])
    check_regret_answer(RegretTerms([part], [weight], 1, None), chosen, np.array([2.0]))
    with pytest.raises(UnsoundAnswerError):
        check_regret_answer(RegretTerms([part], [weight], 1, None), chosen, np.array([3.0]))
    with pytest.raises(UnsoundAnswerError):
        check_regret_answer(RegretTerms([part], [weight], 0, None), chosen, np.array([2.0]))
    terms = PhaseTerms(part, weight, 2, None)
    check_phases(terms, np.array([1, 0]), np.array([3.0, 5.0]))
    for order, told in (([1, 1], [3.0, 5.0]), ([0, 1], [3.0, 5.0])):
        with pytest.raises(UnsoundAnswerError):
            check_phases(terms, np.array(order), np.array(told))


def test_more_cases_on_other_sites_are_refused() -> None:
    with pytest.raises(InputError, match="same columns"):
        least_regret([UncertainCase([[1.0]], [1.0]), UncertainCase([[1.0, 2.0]], [1.0])], 1, 1)
    with pytest.raises(InputError, match="one place a year does not go"):
        mclp_by_year([[0.0, 1.0], [5.0, 0.0]], [1, 1], 1, 1, rules=Rules(closable=[0]))
