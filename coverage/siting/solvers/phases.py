"""One place after another: which to open in which year, so that most is covered over all the years together.

    maximise sum_t sum_i w_i (1 - z_it)   subject to   z_it + sum_{s <= t} sum_{j: c_ij <= radius} y_js >= 1,
                                                        sum_j y_js <= 1 for every year s,   y binary

y_js says that site j opens in year s. That is maximal covering with a site for every pair of site and year and demand
for every year, so it is solved and proven as such (multi-period location: Schilling 1980, Management Science 26,
1078-1088). Nothing covers more over the years than the best choice of every year by itself: that is a first bound.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coverage.siting.solvers.basis.control import Control, Progress, Stopped
from coverage.siting.solvers.basis.gate import PhaseTerms, check_phases
from coverage.siting.solvers.basis.instance import check_count, check_radius, check_weights, make_instance
from coverage.siting.solvers.basis.rules import Quota, Rules
from coverage.siting.solvers.basis.sparse import Matrix, matrix, ones, take
from coverage.siting.solvers.covering import alike, mclp
from i18n.messages import MessageError
from loaders.catalogue.types import Bools, Floats, Ints

MAX_ORDERED = 14
"""Sites of which every order is weighed at most: all their subsets are looked at once."""

MAX_PAIRS = 3_000_000
"""Pairs over all years up to which the whole question is solved at once."""

FOR_YEARS = 0.5
"""Share of the time for the best choice of every year by itself."""

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class PhasedResult:
    """Sites in the order in which they open.

    Attributes
    ----------
    order : new sites, the first year first
    covered : (years,) weight covered in every year, with those that are open by then
    best, best_bound : (years,) the most found by itself for so many new sites, and the proven most
    objective, bound : weight covered over all years together; no order covers more than ``bound``
    optimal : whether that is proven
    start : weight covered by the fixed sites alone
    seconds, stopped : see `coverage.siting.SitingResult`
    """

    order: Ints
    covered: Floats
    best: Floats
    best_bound: Floats
    objective: float
    bound: float
    optimal: bool
    start: float
    seconds: float
    stopped: Stopped

    @property
    def gap(self) -> float:
        """How much better another order can be, relative to the objective."""
        return (self.bound - self.objective) / self.objective if self.objective else 0.0


def mclp_by_year(
    cost: object,
    weights: npt.ArrayLike,
    radius: float,
    years: int,
    *,
    fixed: Collection[int] = (),
    rules: Rules | None = None,
    time_limit: float | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> PhasedResult:
    """Open one site a year, such that the weight covered, added up over the years, is as large as can be.

    Parameters
    ----------
    cost, weights, radius, fixed, rules, time_limit, should_stop, on_progress : see `coverage.siting.mclp`; the rules
        hold in every year, a least number of a group in the last one only. Sites that may close, excluded selections
        and least weights do not go with it
    years : new sites, one a year

    Raises
    ------
    InputError
        when an argument makes no sense, or no selection keeps to the rules

    Examples
    --------
    >>> found = mclp_by_year([[0, 9, 1], [9, 0, 1], [9, 0, 9]], [5, 4, 2], 1, 2)
    >>> found.order.tolist(), found.covered.tolist()
    ([2, 1], [9.0, 11.0])
    """
    control = Control(time_limit, 0.0, should_stop, on_progress)
    if rules is not None and (len(rules.closable) or len(rules.exclude) or rules.loads):
        raise MessageError("siting.error.phased_rules")
    instance = make_instance(cost, fixed, rules)
    weight = check_weights(weights, instance.n_demand)
    near = instance.within(check_radius(radius))
    already = np.isfinite(near.nearest(near.fixed)[0])
    start = float(weight[already].sum())
    use = instance.side.allowed[near.col] & ~already[near.row]
    covers = ones(near.row[use], near.col[use], (near.n_demand, near.n_sites))
    rows = np.flatnonzero((np.diff(covers.indptr) > 0) & (weight > 0))
    covers = take(covers, rows)
    group, first = alike(covers)
    joint = np.bincount(group, weights=weight[rows], minlength=len(first)).astype(np.float64)
    problem = _Problem(take(covers, first), joint, instance.fixed, years, rules, start, control)
    check_count(int(instance.fixed.sum()) + years, instance)
    phased = problem.run()
    check_phases(PhaseTerms(near, weight, years, rules), phased.order, phased.covered)
    return phased


@dataclass(eq=False)
class _Problem:
    """Groups of demand that no fixed site covers, and the sites that cover each."""

    covers: Matrix
    weight: Floats
    fixed: Bools
    years: int
    rules: Rules | None
    start: float
    control: Control

    def run(self) -> PhasedResult:
        best, most, sites = self._every_year()
        order = self._first_order(sites)
        value = self._over_years(order)
        bound = float(most.sum())
        self.control.tell("bound", float(value.sum()), bound)
        size = self.covers.nnz * self.years * (self.years + 1) // 2
        open_gap = bound - float(value.sum()) > _SAME * max(1.0, bound)
        if open_gap and self.years > 1 and size <= MAX_PAIRS and not self.control.over():
            other, ceiling = self._at_once()
            bound = min(bound, ceiling)
            if float((worth := self._over_years(other)).sum()) > float(value.sum()):
                order, value = other, worth
        objective = float(value.sum())
        optimal = bound - objective <= 1e-9 * max(1.0, objective)
        return PhasedResult(
            order, value, best, most, objective, objective if optimal else bound, optimal, self.start,
            self.control.seconds, "" if optimal else self.control.stopped,
        )  # fmt: skip

    def _solve(self, new: int, rules: Rules | None, seconds: float) -> tuple[Bools, float, float]:
        """Best choice of so many new sites by itself: sites, weight covered and bound, the fixed ones' included."""
        row, col = self.covers.nonzero()
        cost = matrix(np.zeros(len(row)), row, col, self.covers.shape)
        if not cost.shape[0]:
            return self.fixed.copy(), self.start, self.start
        result = mclp(
            cost, self.weight, 0.0, int(self.fixed.sum()) + new, fixed=np.flatnonzero(self.fixed).tolist(), rules=rules,
            time_limit=seconds if np.isfinite(seconds) else None, should_stop=self.control.should_stop,
        )  # fmt: skip
        self.control.stopped = self.control.stopped or result.stopped
        chosen = np.zeros(len(self.fixed), dtype=bool)
        chosen[result.sites] = True
        return chosen, result.objective + self.start, result.bound + self.start

    def _every_year(self) -> tuple[Floats, Floats, list[Bools]]:
        best, most, sites = np.zeros(self.years), np.zeros(self.years), []
        within = Control(FOR_YEARS * self.control.left if np.isfinite(self.control.left) else None)
        early = _without_least(self.rules)
        for year in range(1, self.years + 1):
            rules = self.rules if year == self.years else early
            chosen, best[year - 1], most[year - 1] = self._solve(year, rules, within.left / (self.years - year + 1))
            sites.append(chosen)
        return best, most, sites

    def _first_order(self, sites: list[Bools]) -> Ints:
        """Best order of the sites of the last year; greedy among them where there are too many."""
        new = np.flatnonzero(sites[-1] & ~self.fixed)
        return self._best_order(new) if len(new) <= MAX_ORDERED else self._greedy_order(new)

    def _best_order(self, new: Ints) -> Ints:
        """Of all orders the one that covers most over the years: the best way to every subset (Held and Karp 1962)."""
        if not len(new):
            return new
        count = len(new)
        inside = take(self.covers, None, new).toarray() > 0
        bit = inside @ (1 << np.arange(count))
        weight = np.bincount(bit, weights=self.weight, minlength=1 << count)
        missed = weight.copy()  # weight of the groups that only sites inside a subset cover
        for k in range(count):
            part = missed.reshape(-1, 2, 1 << k)
            part[:, 1] += part[:, 0]
        total = float(weight.sum())
        every = (1 << count) - 1
        covered = np.array([total - missed[every ^ subset] for subset in range(1 << count)])
        worth, last = np.full(1 << count, -np.inf), np.zeros(1 << count, dtype=np.intp)
        worth[0] = 0.0
        for subset in range(1, 1 << count):
            for k in range(count):
                if subset >> k & 1 and worth[subset ^ (1 << k)] > worth[subset]:
                    worth[subset], last[subset] = worth[subset ^ (1 << k)], k
            worth[subset] += covered[subset]
        order, subset = [], every
        while subset:
            order.append(int(last[subset]))
            subset ^= 1 << order[-1]
        return np.asarray(new[order[::-1]], dtype=np.intp)

    def _greedy_order(self, new: Ints) -> Ints:
        inside, left = take(self.covers, None, new), self.weight.copy()
        order: list[int] = []
        for _ in new:
            gain = np.asarray(left @ inside)
            gain[order] = -1.0
            order.append(int(gain.argmax()))
            left[take(inside, None, [order[-1]]).nonzero()[0]] = 0.0
        return np.asarray(new[order], dtype=np.intp)

    def _over_years(self, order: Ints) -> Floats:
        """(years,) weight covered in every year; a year without a site of its own keeps what was there."""
        worth = np.full(self.years, self.start)
        reached = np.zeros(len(self.weight), dtype=bool)
        for year in range(self.years):
            if year < len(order):
                reached[take(self.covers, None, [int(order[year])]).nonzero()[0]] = True
            worth[year] += float(self.weight[reached].sum())
        return worth

    def _at_once(self) -> tuple[Ints, float]:
        """All years at once: the order, and the most that any order covers."""
        pairs, m, years = self.covers.tocoo(), len(self.fixed), self.years
        groups = len(self.weight)
        row, col = [], []
        for year in range(years):
            for opened in range(year + 1):
                row.append(year * groups + pairs.row)
                col.append(opened * m + pairs.col)
        shape = (groups * years, m * years)
        at = np.concatenate(row)
        cost = matrix(np.zeros(len(at)), at, np.concatenate(col), shape)
        result = mclp(
            cost, np.tile(self.weight, years), 0.0, int(self.fixed.sum()) + years,
            fixed=np.flatnonzero(self.fixed).tolist(), rules=_by_year(self.rules, self.fixed, years),
            time_limit=self.control.left if np.isfinite(self.control.left) else None,
            should_stop=self.control.should_stop,
        )  # fmt: skip
        self.control.stopped = self.control.stopped or result.stopped
        when, site = np.divmod(result.sites, m)
        new = ~((when == 0) & self.fixed[site])
        opened = site[new][np.argsort(when[new], kind="stable")]
        _, once = np.unique(opened, return_index=True)
        return np.asarray(opened[np.sort(once)], dtype=np.intp), result.bound + years * self.start


def _without_least(rules: Rules | None) -> Rules | None:
    """The rules before the last year: a group need not be complete yet."""
    if rules is None or not rules.quotas:
        return rules
    return replace(rules, quotas=[replace(quota, least=0) for quota in rules.quotas])


def _by_year(rules: Rules | None, fixed: Bools, years: int) -> Rules:
    """The rules on sites of every year: one a year, and every rule on a site for each year in which it may open."""
    m = len(fixed)
    given = rules or Rules()
    allowed = ~fixed if given.allowed is None else np.asarray(given.allowed, dtype=bool) & ~fixed
    each = [Quota([year * m + int(j) for j in np.flatnonzero(~fixed)], 0, 1, "") for year in range(years)]
    groups = [
        replace(
            quota, sites=[year * m + int(j) for year in range(years) for j in quota.sites if year == 0 or not fixed[j]]
        )
        for quota in given.quotas
    ]
    return replace(
        given,
        allowed=np.tile(allowed, years),
        open_cost=None if given.open_cost is None else np.tile(np.asarray(given.open_cost, dtype=np.float64), years),
        close_cost=None,
        xy=None if given.xy is None else np.tile(np.asarray(given.xy, dtype=np.float64), (years, 1)),
        quotas=[*each, *groups],
    )
