"""The order of the columns never changes the sites: problems are solved in an order of their own.

Sites are put in order by what is known of them: their costs, capacity, place, and the rules on them. Only sites that
cannot be told apart keep the order in which they were given; among these the first are taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec

import numpy as np

from coverage.access.od_pairs import CostPairs, read_pairs
from coverage.siting.solvers.basis.result import SitingResult
from coverage.siting.solvers.basis.rules import Quota, Rules, site_numbers
from coverage.siting.solvers.basis.sparse import take
from i18n.errors import InputError
from loaders.catalogue.types import Floats, Ints

P = ParamSpec("P")
PER_SITE = ("capacity", "opening_cost")
"""Arguments of the solvers with one value for each site."""

_PER_SITE_RULES = ("allowed", "open_cost", "close_cost")


def in_own_order(solve: Callable[P, SitingResult]) -> Callable[P, SitingResult]:
    """Solve with the sites in an order that does not depend on how they were given."""

    @wraps(solve)
    def ordered(*args: P.args, **kwargs: P.kwargs) -> SitingResult:
        start = time.perf_counter()
        cost, *others = args
        given: dict[str, Any] = dict(kwargs)
        pairs = read_pairs(cost)
        order = _order(pairs, given)
        if order is None:
            return solve(*args, **kwargs)
        moved = _moved(given, order)
        spent = time.perf_counter() - start
        if given.get("time_limit") is not None and given["time_limit"] > 0:
            moved["time_limit"] = max(given["time_limit"] - spent, 0.0)
        result = solve(_columns(pairs, order), *others, **moved)  # type: ignore[arg-type]
        return _given_back(result, order, spent)

    return ordered


def _order(pairs: CostPairs, given: dict[str, Any]) -> Ints | None:
    """(m,) sites in their own order; None where it is the one given, or an argument does not fit."""
    m = pairs.shape[1]
    rules: Rules | None = given.get("rules")
    keys: list[Floats] = [*_cost_keys(pairs)]
    values = [given.get(name) for name in PER_SITE]
    values += [] if rules is None else [getattr(rules, name) for name in _PER_SITE_RULES]
    if rules is not None and rules.xy is not None:
        xy = np.asarray(rules.xy, dtype=np.float64)
        if xy.shape != (m, 2):
            return None
        values += [xy[:, 0], xy[:, 1]]
    for value in values:
        if value is not None:
            array = np.asarray(value, dtype=np.float64)
            if array.shape != (m,):
                return None
            keys.append(array)
    groups: list[Any] = [given.get("fixed", ())]
    if rules is not None:
        groups += [rules.closable, *rules.exclude, *(quota.sites for quota in rules.quotas)]
    try:
        numbers = [site_numbers(sites, m, "fixed") for sites in groups]
    except InputError:  # the solver says which
        return None
    if rules is not None and np.intersect1d(numbers[0], numbers[1]).size:
        return None
    for sites in numbers:
        marks = np.zeros(m)
        marks[sites] = 1.0
        keys.append(marks)
    order = np.lexsort(keys[::-1])
    return None if (np.diff(order) > 0).all() else order


def _cost_keys(pairs: CostPairs) -> list[Floats]:
    """Figures of every column that differ where its costs do, by chance alone not."""
    n, m = pairs.shape
    column = pairs.facility
    rng = np.random.default_rng(0)
    keys = [np.bincount(column, minlength=m).astype(np.float64)]
    for _ in range(2):
        weight = rng.random(n) + 0.5
        keys.append(np.bincount(column, weights=weight[pairs.demand] * (pairs.cost + 1.0), minlength=m).astype(float))
    return keys


def _columns(pairs: CostPairs, order: Ints) -> CostPairs:
    """The pairs with the columns in another order."""
    size = np.diff(pairs.start)[order]
    start = np.append(0, np.cumsum(size)).astype(pairs.start.dtype)
    at = np.repeat(np.asarray(pairs.start[:-1])[order] - start[:-1], size) + np.arange(len(pairs))
    return CostPairs(pairs.demand[at], start, pairs.cost[at], pairs.shape)


def _moved(given: dict[str, Any], order: Ints) -> dict[str, Any]:
    """The arguments with the sites in another order."""
    number = np.empty(len(order), dtype=np.intp)
    number[order] = np.arange(len(order))

    def renamed(sites: Any) -> tuple[int, ...]:
        return tuple(int(number[site]) for site in sites)

    moved = dict(given)
    for name in PER_SITE:
        if given.get(name) is not None:
            moved[name] = np.asarray(given[name])[order]
    if "fixed" in given:
        moved["fixed"] = renamed(given["fixed"])
    rules: Rules | None = given.get("rules")
    if rules is not None:
        arrays: dict[str, Any] = {
            name: np.asarray(getattr(rules, name))[order]
            for name in (*_PER_SITE_RULES, "xy")
            if getattr(rules, name) is not None
        }
        moved["rules"] = replace(
            rules,
            closable=renamed(rules.closable),
            exclude=tuple(renamed(selection) for selection in rules.exclude),
            quotas=tuple(Quota(renamed(q.sites), q.least, q.most, q.name) for q in rules.quotas),
            **arrays,
        )
    return moved


def _given_back(result: SitingResult, order: Ints, spent: float) -> SitingResult:
    """The answer in the numbers that were given."""
    back = np.append(order, -1)
    number = np.empty(len(order), dtype=np.intp)
    number[order] = np.arange(len(order))
    return replace(
        result,
        sites=np.sort(order[result.sites]),
        assignment=back[result.assignment],
        greedy_sites=None if result.greedy_sites is None else np.sort(order[result.greedy_sites]),
        shares=None if result.shares is None else take(result.shares, None, number),
        seconds=result.seconds + spent,
        build_seconds=result.build_seconds + spent,
    )
