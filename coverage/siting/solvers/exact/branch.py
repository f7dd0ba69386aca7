"""Branch and bound on sites, bounded by Lagrangian relaxation: for problems without further rules.

Each node takes some sites in and leaves some out. A site that is in lowers what its demand costs without any other, so
pairs that are no better are dropped; one that is out takes its pairs along. What is left is a smaller problem of the
same kind, bounded from the multipliers of the node above (Christofides and Beasley 1982, European Journal of
Operational Research 10, 196-208). Sites that no answer better than the best known can have, or lack, are settled at
every node.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.model import solve
from coverage.siting.solvers.basis.rules import no_rules
from coverage.siting.solvers.exact.core import HelpfulPairs
from coverage.siting.solvers.exact.enumeration import best_of_all, few_selections
from coverage.siting.solvers.exact.lagrange import Dual, relax
from coverage.siting.solvers.exact.radius import radius_model
from coverage.siting.solvers.exact.search import interchange
from loaders.catalogue.types import Bools, Floats, Ints

STEPS = 120
"""Subgradient steps of a node at most."""

_PATIENCE = 8
_FIRST_LENGTH = 0.6
_LAST_LENGTH = 0.02
_TELL_EVERY = 25
_FEW_WORK = 5_000_000
"""Pairs looked at by trying all selections of a node at most."""

LEAF_PAIRS = 4_000
"""Pairs of a node up to which it is settled by integer programming."""


@dataclass(frozen=True, eq=False)
class Tree:
    """What the search found: the best sites and their total, and the proven bound."""

    chosen: Bools
    objective: float
    bound: float


@dataclass(frozen=True, eq=False)
class _Node:
    taken: Ints
    never: Bools
    multiplier: Floats
    bound: float


def branch_and_bound(core: HelpfulPairs, p: int, dual: Dual, control: Control) -> Tree:
    """Search from a first answer and first multipliers to the proven optimum.

    Parameters
    ----------
    core : the problem
    p : sites at most
    dual : multipliers and bound of the whole, and the best answer known
    control : time, gap, interruption and progress
    """
    search = _BranchSearch(core, p, dual.chosen, dual.objective, control)
    search.push(_Node(np.zeros(0, dtype=np.intp), ~dual.allowed, dual.multiplier, dual.bound))
    return search.run(dual.bound)


class _BranchSearch:
    def __init__(self, core: HelpfulPairs, p: int, chosen: Bools, objective: float, control: Control) -> None:
        self.core, self.p, self.control = core, p, control
        self.chosen, self.objective = chosen, objective
        self.open: list[tuple[float, int, _Node]] = []
        self.number = count()
        self.visited = 0

    @property
    def target(self) -> float:
        """What an answer must cost at most to be better than the best known."""
        step = 1.0 - 1e-6 if self.core.whole else 1e-9 * max(1.0, abs(self.objective))
        return self.objective - step

    def push(self, node: _Node) -> None:
        """Keep a node that may hold a better answer."""
        if node.bound <= self.target:
            heapq.heappush(self.open, (node.bound, next(self.number), node))

    def run(self, bound: float) -> Tree:
        """Visit nodes, the one with the lowest bound first, until none can hold a better answer."""
        while self.open:
            lowest = max(bound, self.open[0][0])
            if lowest > self.target:
                break
            if self.control.over() or self.objective - lowest <= self.control.mip_gap * abs(self.objective):
                return Tree(self.chosen, self.objective, min(lowest, self.objective))
            self._visit(heapq.heappop(self.open)[2])
            self.visited += 1
            if self.visited % _TELL_EVERY == 0:
                self.control.tell("search", self.objective, min(lowest, self.objective))
        return Tree(self.chosen, self.objective, self.objective)

    def _visit(self, node: _Node) -> None:
        """Bound a node; try all that is left, give it to HiGHS where little is left, or branch from it."""
        taken = np.zeros(self.core.n_sites, dtype=bool)
        taken[node.taken] = True
        part = conditioned(self.core, taken, node.never)
        left = self.p - len(node.taken)
        free = np.flatnonzero(~taken & ~node.never)
        if left <= 0 or not len(free):
            self._keep(taken)
            return
        if _work(len(free), left, part) <= _FEW_WORK and few_selections(part, len(free), left, no_rules(~node.never)):
            if not self._try_all(part, left, free, taken):
                self.push(node)
            return
        ascent = _ascend(part, left, ~taken & ~node.never, node.multiplier, self.target, self.control)
        self._try(ascent.picked | taken)
        if ascent.bound <= self.target and not self._by_integer_programme(node, part, ascent, left, taken):
            self._branch(node, ascent, left, taken)

    def _try_all(self, part: HelpfulPairs, left: int, free: Ints, taken: Bools) -> bool:
        none = np.zeros_like(taken)
        best, _, complete = best_of_all(part, left, none, free, no_rules(~none), self.control)
        if best is not None:
            self._keep(best | taken)
        return complete

    def _by_integer_programme(
        self, node: _Node, part: HelpfulPairs, ascended: _Ascended, left: int, taken: Bools
    ) -> bool:
        """Settle a node with HiGHS, where few pairs can be in a better answer; False where there are more."""
        slack = self.target - ascended.bound
        allowed = ~taken & ~node.never
        order = np.sort(ascended.reduced[allowed])
        last = order[min(left, len(order)) - 1]
        never = ~allowed | (ascended.reduced - min(last, 0.0) > slack)
        pair = (part.value - ascended.multiplier[part.row] <= slack) & ~never[part.col]
        if pair.sum() > LEAF_PAIRS:
            return False
        keep = (part.fallback - ascended.multiplier <= slack) & np.isfinite(part.fallback)
        none = np.zeros_like(taken)
        problem = radius_model(part, left, none, never, pair, keep, no_rules(~never))
        if not problem.possible:
            return True
        gap = 1.0 - 1e-6 if self.core.whole else 1e-6
        answer = solve(problem.model, self.control, upper=self.objective - problem.constant, absolute_gap=gap)
        if answer.x is not None:
            sites = taken.copy()
            sites[problem.free[answer.x[: len(problem.free)] > 0.5]] = True
            self._keep(sites)
        if not answer.proven:
            self.push(replace(node, bound=max(node.bound, ascended.bound, answer.bound + problem.constant)))
        return True

    def _branch(self, node: _Node, ascended: _Ascended, left: int, taken: Bools) -> None:
        """Settle what can be settled, and split on the site that is most in doubt."""
        allowed = ~taken & ~node.never
        at = np.flatnonzero(allowed)
        order = np.sort(ascended.reduced[at])
        slack = self.target - ascended.bound
        last = order[min(left, len(order)) - 1]
        spare = order[left] if len(order) > left else 0.0
        never = node.never | (allowed & (ascended.reduced - min(last, 0.0) > slack))
        always = allowed & ~never & (min(spare, 0.0) - ascended.reduced > slack)
        sure = np.concatenate([node.taken, np.flatnonzero(always)])
        bound = max(node.bound, ascended.bound)
        if len(sure) > self.p:
            return
        doubt = np.where(allowed & ~never & ~always, np.minimum(ascended.often, 1.0 - ascended.often), -1.0)
        if len(sure) > len(node.taken) or doubt.max() < 0:
            self.push(_Node(sure, never, ascended.multiplier, bound))
            return
        site = int(doubt.argmax())
        if doubt[site] <= 0:  # none in doubt: the one that would be missed most
            worth = np.where(doubt >= 0, -ascended.reduced, -np.inf)
            site = int(worth.argmax())
        inside = (
            bound
            if ascended.reduced[site] <= last
            else max(bound, ascended.bound + ascended.reduced[site] - min(last, 0.0))
        )
        outside = max(bound, ascended.bound + max(0.0, min(spare, 0.0) - ascended.reduced[site]))
        without = never.copy()
        without[site] = True
        self.push(_Node(np.append(sure, site), never, ascended.multiplier, inside))
        self.push(_Node(sure, without, ascended.multiplier, outside))

    def _try(self, sites: Bools) -> None:
        """Keep sites that are better than the best known, after exchanging."""
        if sites.sum() > self.p:
            return
        total = self.core.total(sites)
        if total < self.objective:
            self._keep(interchange(self.core, sites, np.ones_like(sites), self.control))

    def _keep(self, sites: Bools) -> None:
        total = self.core.total(sites)
        if total < self.objective and sites.sum() <= self.p:
            self.chosen, self.objective = sites, total


def conditioned(core: HelpfulPairs, taken: Bools, never: Bools) -> HelpfulPairs:
    """The problem with some sites open and others closed: the same demand, fewer pairs."""
    fallback = core.best(taken, core.fallback)[0] if taken.any() else core.fallback
    kept = ~never[core.col] & ~taken[core.col] & (core.value < fallback[core.row])
    return HelpfulPairs(
        core.row[kept], core.col[kept], core.value[kept], fallback, core.n_sites, core.whole, core.constant
    )


def _work(free: int, left: int, core: HelpfulPairs) -> float:
    prefixes = 1.0
    for size in range(1, left):
        prefixes = prefixes * (free - size + 1) / size
    return prefixes * max(1, len(core.col))


@dataclass(frozen=True, eq=False)
class _Ascended:
    """Best multipliers of a node, rho, bound, the sites picked then, and how often each site was picked of late."""

    multiplier: Floats
    reduced: Floats
    bound: float
    picked: Bools
    often: Floats


def _ascend(core: HelpfulPairs, p: int, allowed: Bools, start: Floats, target: float, control: Control) -> _Ascended:
    """Improve the multipliers of a node until it can be left, or little is gained."""
    top = core.soft_fallback
    none = np.zeros(core.n_sites)
    multiplier = np.minimum(start, top)
    best: _Ascended | None = None
    often = np.zeros(core.n_sites)
    length, idle = _FIRST_LENGTH, 0
    for turn in range(STEPS):
        value, reduced, picked, slope = relax(core, p, multiplier, allowed, none)
        often = 0.9 * often + 0.1 * picked if turn else picked.astype(np.float64)
        gained = best is None or value > best.bound + 1e-7 * max(1.0, abs(value))
        if best is None or value > best.bound:
            best = _Ascended(multiplier, reduced, value, picked, often)
        if value > target or control.over():
            break
        idle = 0 if gained else idle + 1
        if idle >= _PATIENCE:
            length, idle, multiplier = length / 2, 0, best.multiplier
            if length < _LAST_LENGTH:
                break
        norm = float(slope @ slope)
        if norm == 0:
            break
        multiplier = np.clip(multiplier + length * (target + 1.0 - value) / norm * slope, 0.0, top)
    if best is None:
        raise AssertionError
    return replace(best, often=often)
