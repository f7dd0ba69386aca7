"""The choice that is regretted least: good whichever of several cases turns out to be true.

A case has its own demand and its own ways. What a choice covers in a case falls short of the most that any choice
covers there; the largest shortfall over all cases is what is made as small as can be (minimax regret: Savage 1951; for
places Kouvelis and Yu 1997, Robust Discrete Optimization and Its Applications).

    minimise r   subject to   r >= best_k - sum_g W_kg (1 - z_g) for every case k,   z_g + sum_{j covers g} y_j >= 1,
                              sum_j y_j <= p,   y binary

Rows of demand that the same sites cover, in whatever case, are one group g; W_kg is their weight in case k.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.siting.solvers.basis.control import Control, Progress, Stopped
from coverage.siting.solvers.basis.gate import RegretTerms, check_regret_answer
from coverage.siting.solvers.basis.instance import Instance, check_count, check_radius, check_weights, make_instance
from coverage.siting.solvers.basis.model import Model, solve
from coverage.siting.solvers.basis.rules import Rules
from coverage.siting.solvers.basis.sparse import Matrix, matrix, ones, stack, take, widen
from coverage.siting.solvers.covering import alike, mclp
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.types import Bools, Floats, Ints

STEPS = (6, 40)
"""Times that the weights of the cases are put right at most, where the whole programme is small and where it is not."""

_SMALL = 20_000
"""Entries up to which the whole programme is small."""

_PATIENCE = 8

_FIRST_LENGTH = 2.0
_SAME = 1e-9
FOR_BESTS = 0.5
"""Share of the time for the best of every case; the rest is for the choice."""


@dataclass(frozen=True, eq=False)
class UncertainCase:
    """One thing that may turn out to be true.

    Attributes
    ----------
    cost : (n_demand, n_sites) as for `coverage.siting.mclp`; cases may count different demand, on the same sites
    weights : (n_demand,)
    """

    cost: object
    weights: npt.ArrayLike


@dataclass(frozen=True, eq=False)
class RegretResult:
    """The choice that is regretted least.

    Attributes
    ----------
    sites : numbers of the open sites, fixed ones included
    covered : (k,) weight that it covers in every case
    best, best_bound : (k,) the most that was found in every case, and the proven most; the same where it is proven
    best_sites : per case the sites of the best choice that was found there, fixed ones included
    regret : (k,) ``best_bound - covered``
    objective, bound : the largest regret; no choice has a smaller largest regret than ``bound``
    optimal : whether that is proven
    expected_sites, expected_regret : the best choice for the average of the cases, and its largest regret
    seconds, stopped : see `coverage.siting.SitingResult`
    """

    sites: Ints
    covered: Floats
    best: Floats
    best_bound: Floats
    best_sites: tuple[Ints, ...]
    objective: float
    bound: float
    optimal: bool
    expected_sites: Ints
    expected_regret: float
    seconds: float
    stopped: Stopped

    @property
    def regret(self) -> Floats:
        """(k,) weight by which it falls short of the best of every case."""
        return np.maximum(self.best_bound - self.covered, 0.0)

    def times_best(self, n_sites: int) -> Floats:
        """(n_sites,) share of the cases in whose best choice each site is."""
        count = np.zeros(n_sites)
        for sites in self.best_sites:
            count[sites] += 1.0
        return count / max(1, len(self.best_sites))


def least_regret(
    cases: Sequence[UncertainCase],
    radius: float,
    p: int,
    *,
    fixed: Collection[int] = (),
    rules: Rules | None = None,
    time_limit: float | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> RegretResult:
    """Choose ``p`` sites of which the largest regret over all cases is as small as can be.

    Parameters
    ----------
    cases : at least one
    radius, p, fixed, rules, time_limit, should_stop, on_progress : see `coverage.siting.mclp`; rules on how much weight
        a site is given do not go with it

    Raises
    ------
    InputError
        when an argument makes no sense, cases differ in their sites, or no selection keeps to the rules

    Examples
    --------
    >>> here, there = Case([[0, 9, 1], [9, 0, 1]], [5, 4]), Case([[0, 9, 9], [9, 0, 1]], [1, 6])
    >>> found = least_regret([here, there], 1, 1)
    >>> found.sites.tolist(), found.regret.tolist()
    ([2], [0.0, 0.0])
    """
    control = Control(time_limit, 0.0, should_stop, on_progress)
    parts: list[Instance] = []
    for k, case in enumerate(cases):
        same = k > 0 and case.cost is cases[k - 1].cost
        parts.append(parts[-1] if same else make_instance(case.cost, fixed, rules).within(check_radius(radius)))
    if rules is not None and rules.loads:
        raise MessageError("siting.error.regret_rules")
    if not parts or len({part.n_sites for part in parts}) != 1:
        raise InputError("The cases differ in their sites; give cost matrices with the same columns.")
    weights = [check_weights(case.weights, part.n_demand) for case, part in zip(cases, parts, strict=True)]
    return _RegretSearch(parts, weights, p, rules, control).run()


class _RegretSearch:
    """The cases as groups of demand that the same sites cover."""

    def __init__(
        self, parts: list[Instance], weights: list[Floats], p: int, rules: Rules | None, control: Control
    ) -> None:
        self.parts, self.weights, self.p, self.rules, self.control = parts, weights, p, rules, control
        first = parts[0]
        self.new, self.fixed, self.side = check_count(p, first), first.fixed, first.side
        self.covers, self.weight, self.settled = _groups(parts, weights)
        row, col = self.covers.nonzero()
        self.cost = matrix(np.zeros(len(row)), row, col, self.covers.shape)
        self.tried: dict[bytes, Floats] = {}

    def run(self) -> RegretResult:
        control = self.control
        cases = range(len(self.parts))
        within = Control(None if not np.isfinite(control.left) else FOR_BESTS * control.left, 0.0, control.should_stop)
        bests = [self._best(self.weight[k], within, len(cases) - k) for k in cases]
        best = np.array([worth for _, worth, _ in bests]) + self.settled
        most = np.maximum(np.array([bound for _, _, bound in bests]) + self.settled, best)
        for sites, _, _ in bests:
            self._try(sites)
        middle = self._best(self.weight.mean(axis=0), control, 3)[0]
        expected = float((most - self._try(middle)).max())
        bound = self._raise_bound(most, best)
        sites, regret = self._least(most)
        if regret - bound > _SAME * max(1.0, float(most.max())) and not control.over():
            bound = self._in_full(regret, most, bound)
            sites, regret = self._least(most)
        bound = min(max(bound, 0.0), regret)
        exact = regret - bound <= 1e-6 * max(1.0, float(most.max()))
        covered = self._try(sites)
        check_regret_answer(RegretTerms(self.parts, self.weights, self.p, self.rules), sites, covered)
        return RegretResult(
            np.flatnonzero(sites), covered, best, most, tuple(np.flatnonzero(chosen) for chosen, _, _ in bests),
            regret, regret if exact else bound, exact, np.flatnonzero(middle), expected, control.seconds,
            "" if exact else control.stopped or within.stopped,
        )  # fmt: skip

    def _best(self, weight: Floats, control: Control, more: int) -> tuple[Bools, float, float]:
        """Best choice for the groups with a weight, what it covers, and the most that any covers."""
        left = control.left / more if np.isfinite(control.left) else None
        if not weight.any():
            weight = np.full(len(weight), 1e-300) if len(weight) else np.ones(1)
        cost = self.cost if self.cost.shape[0] else matrix([], [], [], (1, self.covers.shape[1]))
        result = mclp(
            cost, weight, 0.0, self.p, fixed=np.flatnonzero(self.fixed).tolist(), rules=self.rules,
            time_limit=left, should_stop=control.should_stop,
        )  # fmt: skip
        if result.stopped:
            control.stopped = control.stopped or result.stopped
        chosen = np.zeros(self.covers.shape[1], dtype=bool)
        chosen[result.sites] = True
        return chosen, result.objective, result.bound

    def _try(self, chosen: Bools) -> Floats:
        """(k,) weight that a choice covers in every case; it is remembered."""
        key = np.packbits(chosen).tobytes()
        if key not in self.tried:
            reached = (self.covers @ chosen.astype(np.float64)) > 0
            self.tried[key] = self.weight @ reached + self.settled
        return self.tried[key]

    def _least(self, most: Floats) -> tuple[Bools, float]:
        """Of the choices that were tried the one that is regretted least; of those alike, the least on average."""

        def worth(key: bytes) -> tuple[float, float]:
            regret = most - self.tried[key]
            return round(float(regret.max()), 9), float(regret.mean())

        key = min(self.tried, key=worth)
        chosen = np.unpackbits(np.frombuffer(key, dtype=np.uint8), count=self.covers.shape[1]).astype(bool)
        return chosen, max(float((most - self.tried[key]).max()), 0.0)

    def _raise_bound(self, most: Floats, best: Floats) -> float:
        """Bound by weights on the cases: no choice does better than the best choice for a mixture of them.

        For weights that add up to 1: largest regret >= sum_k weight_k best_k - the most that any choice covers of the
        mixture. Cases with a large regret are given more weight (multiplicative weights).
        """
        share = np.full(len(most), 1.0 / len(most))
        bound, idle = 0.0, 0
        steps = STEPS[0] if self.covers.nnz + self.weight.size <= _SMALL else STEPS[1]
        for step in range(steps):
            if self.control.over() or idle > _PATIENCE:
                break
            chosen, _, ceiling = self._best(share @ self.weight, self.control, steps - step)
            regret = most - self._try(chosen)
            value = float(share @ (best - self.settled)) - ceiling
            bound, idle = (value, 0) if value > bound + _SAME * max(1.0, bound) else (bound, idle + 1)
            least = self._least(most)[1]
            self.control.tell("bound", least, min(bound, least))
            if least - bound <= _SAME * max(1.0, float(most.max())):
                break
            size = float(np.abs(regret).max())
            if size == 0:
                break
            share = share * np.exp(_FIRST_LENGTH / np.sqrt(step + 1.0) * (regret - regret.max()) / size)
            share /= share.sum()
        return bound

    def _in_full(self, regret: float, most: Floats, bound: float) -> float:
        """Settle it: one new site by trying all, more by integer programming. Returns the bound."""
        if self.new == 1 and not self.side.start.any():
            return self._one_site(most)
        model, n = self._model(most), self.covers.shape[1]

        def tell(best: float, low: float) -> None:
            self.control.tell("search", min(best, regret), max(bound, min(low, regret)))

        solution = solve(model, self.control, upper=regret, tell=tell)
        if solution.x is not None:
            chosen = solution.x[:n] > 0.5
            if self.side.accept(chosen & ~self.fixed):
                self._try(chosen)
        if solution.proven:
            return regret if solution.x is None else min(regret, solution.objective)
        return max(bound, min(solution.bound, regret))

    def _one_site(self, most: Floats) -> float:
        """Try every site; the least regret of those that keep to the rules is also the bound."""
        gain = np.asarray(self.weight @ self.covers, dtype=np.float64)
        worst = (most - self.settled)[:, None] - gain
        order = np.lexsort((worst.mean(axis=0), worst.max(axis=0)))
        none = np.zeros(len(self.fixed), dtype=bool)
        for site in order[self.side.allowed[order]]:
            chosen = none.copy()
            chosen[site] = True
            if self.side.accept(chosen):
                self._try(chosen | self.fixed)
                break
        if self.side.accept(none):
            self._try(self.fixed.copy())
        return self._least(most)[1]

    def _model(self, most: Floats) -> Model:
        groups, m = self.covers.shape
        size = m + groups + 1
        cases, side = len(most), self.side
        reached = stack_wide(self.covers, groups)
        worth = np.column_stack([np.zeros((cases, m)), -self.weight, np.ones(cases)])
        row, col = np.nonzero(worth)
        open_row = np.append(np.where(self.fixed, 0.0, 1.0), np.zeros(groups + 1))
        at = np.flatnonzero(open_row)
        total = self.weight.sum(axis=1) + self.settled
        return Model(
            cost=np.append(np.zeros(size - 1), 1.0),
            low=np.concatenate([self.fixed.astype(np.float64), np.zeros(groups + 1)]),
            high=np.concatenate(
                [(self.fixed | side.allowed).astype(np.float64), np.ones(groups), [max(1.0, float(most.max()))]]
            ),
            integer=np.append(np.ones(m, dtype=bool), np.zeros(groups + 1, dtype=bool)),
            rows=stack(
                [
                    widen(reached, size),
                    matrix(worth[row, col], row, col, (cases, size)),
                    ones(np.zeros(len(at)), at, (1, size)),
                    widen(side.rows, size),
                ]
            ),
            row_low=np.concatenate([np.ones(groups), most - total, [-np.inf], side.low]),
            row_high=np.concatenate([np.full(groups + cases, np.inf), [float(self.new)], side.high]),
        )


def stack_wide(covers: Matrix, groups: int) -> Matrix:
    """Rows ``sum_{j covers g} y_j + z_g``: one more column for every group."""
    pairs, m = covers.tocoo(), covers.shape[1]
    row = np.concatenate([pairs.row, np.arange(groups)])
    col = np.concatenate([pairs.col, m + np.arange(groups)])
    return ones(row, col, (groups, m + groups))


def _groups(parts: list[Instance], weights: list[Floats]) -> tuple[Matrix, Floats, Floats]:
    """Groups of demand: (g, m) the sites that cover each, (k, g) their weights, (k,) the weight covered anyway."""
    lines, rows, settled = [], [], np.zeros(len(parts))
    before: Instance | None = None
    for k, (part, weight) in enumerate(zip(parts, weights, strict=True)):
        if part is not before:  # cases that differ in their weights only have the same lines
            already = np.isfinite(part.nearest(part.fixed)[0])
            use = part.side.allowed[part.col] & ~already[part.row]
            covers = ones(part.row[use], part.col[use], (part.n_demand, part.n_sites))
            lines.append(take(covers, at := np.flatnonzero(np.diff(covers.indptr) > 0)))
            before = part
        settled[k] = float(weight[already].sum())
        rows.append((len(lines) - 1, at))
    every = stack(lines)
    group, first = alike(every)
    start = np.append(0, np.cumsum([part.shape[0] for part in lines]))
    sums = np.zeros((len(parts), len(first)))
    for k, ((line, at), weight) in enumerate(zip(rows, weights, strict=True)):
        sums[k] = np.bincount(group[start[line] : start[line + 1]], weights=weight[at], minlength=len(first))
    return take(every, first), sums, settled
