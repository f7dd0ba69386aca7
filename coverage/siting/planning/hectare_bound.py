"""How much better the best by hectare can be, where a choice was made with births by sector.

No choice of at most p of the candidates costs less by hectare than

    L(lambda) = sum_i lambda_i + sum of the p smallest rho_j,    rho_j = sum_i min(0, value_ij - lambda_i),

with a multiplier for every hectare (see `coverage.siting.solvers.exact.lagrange`). The multipliers of the sectors are
a good start: what a birth is worth in a sector it is worth in its hectares. The pairs of hectares and candidates are
looked up in parts and forgotten again, once for every step, as long as there is time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.core.points import CELL, Points, demand_points
from coverage.siting.planning.question.problem import Problem
from coverage.siting.planning.question.travel_costs import nearest_choice, total_useful, useful_batches
from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.result import relative_gap
from coverage.siting.solvers.basis.rules import no_rules
from coverage.siting.solvers.exact.core import make_core
from coverage.siting.solvers.exact.lagrange import improve_bound
from i18n.errors import InputError
from loaders.catalogue.types import Bools, Floats

if TYPE_CHECKING:
    from coverage.analysis import Engine
    from coverage.siting.solvers.basis.result import SitingResult
    from coverage.siting.solvers.joint import JointResult

STEPS = 12
"""Times that all pairs are gone through at most."""

MAX_PAIRS = 60_000_000
"""Pairs gone through each time at most; where there are more the bound is the simple one."""

_FOR_SECTORS = 0.2
"""Share of what is left of the time for the multipliers of the sectors."""

_LENGTH = 1.0
_ALIKE = 1e-6


@dataclass(frozen=True)
class HectareBound:
    """A choice made by sector, counted by hectare.

    Attributes
    ----------
    objective : births within reach (``mclp``) or births times metres (``p-median``), by hectare; births weigh what they
        count for
    bound : no choice of the candidates is better than this, by hectare
    """

    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """How much better the best by hectare can be, relative to the objective."""
        return relative_gap(self.objective, self.bound)


def hectare_bound(
    engine: Engine, problem: Problem, result: SitingResult | JointResult, distance: Floats, control: Control
) -> HectareBound:
    """Bound what the best by hectare can be.

    Parameters
    ----------
    engine : engine on the snapshot
    problem : a problem whose points are sectors, of objective ``mclp`` or ``p-median``
    result : its answer
    distance : (n_cells,) metres to the nearest place with that answer, by hectare
    control : time: when it is over, the bound is the best one until then
    """
    every = _Hectares(engine, problem, distance)
    covers = problem.request.objective == "mclp"
    bound = every.simple_bound()
    if problem.request.assigns:
        objective = result.objective
        if covers and problem.capacity is not None:
            bound = max(bound, every.total - _room(problem))
    else:
        objective = every.objective()
        if not control.over() and every.pairs() <= MAX_PAIRS:
            bound = max(bound, every.bound(control, every.total - objective if covers else objective))
    if covers:
        return HectareBound(objective, max(objective, every.total - bound))
    return HectareBound(objective, min(objective, bound))


def _room(problem: Problem) -> float:
    """Births that the places can take at most, with the new ones."""
    capacity = np.zeros(0) if problem.capacity is None else problem.capacity
    free = np.sort(capacity[: problem.fixed.start])[::-1]
    return float(free[: problem.request.add + len(problem.closable)].sum() + capacity[problem.fixed.start :].sum())


class _Hectares:
    """The problem by hectare, in costs to be made small; rules and capacities are left out, which only lowers it."""

    def __init__(self, engine: Engine, problem: Problem, distance: Floats) -> None:
        self.engine, self.problem, plan = engine, problem, problem.plan
        counted = problem.points.of_cell >= 0
        self.points: Points = demand_points(engine.snapshot, problem.analysis.demand, CELL, counted)
        self.covers = problem.request.objective == "mclp"
        self.after = distance[self.points.cell]
        counts = problem.plan.per_birth[self.points.cell] * self.points.births
        self.births = np.where(self.covers | np.isfinite(self.after), counts, 0.0)
        self.settled = np.nan_to_num(plan.settled[self.points.cell], nan=np.inf)
        self.reach = problem.query.reach_m
        self.p = problem.request.add + len(problem.closable)
        self.total = float(self.births.sum())
        frame = problem.analysis.facilities.frame
        self.ids = (
            *plan.candidates.frame["id"].astype(str),
            *frame["id"].astype(str).iloc[plan.closable],
        )
        self.limit = np.where(self.settled <= self.reach, -1.0, self.reach) if self.covers else self.settled
        self.sector = problem.points.of_cell[self.points.cell]

    def pairs(self) -> int:
        """Pairs of hectare and candidate that count."""
        plan = self.problem.plan
        return total_useful(
            self.engine, self.points.cell, plan.choices, self.limit, MAX_PAIRS, plan.analysis.query.mode
        )

    def objective(self) -> float:
        """What the answer is worth by hectare; hectares that reach no place at all do not count for the distance."""
        if self.covers:
            return float(self.births[self.after <= self.reach].sum())
        counted = self.births > 0
        return float(self.births[counted] @ self.after[counted])

    def _nearest(self) -> Floats:
        """(n,) metres to the nearest candidate."""
        if not hasattr(self, "_near"):
            plan = self.problem.plan
            self._near = nearest_choice(self.engine, self.problem.analysis, self.points.cell, plan.choices)
        return self._near

    def simple_bound(self) -> float:
        """Every hectare at its nearest place or candidate, as if all were open."""
        near = np.minimum(self.settled, self._nearest())
        if self.covers:
            return float(self.births[~(near <= self.reach)].sum())
        reached = np.isfinite(near)
        return float(self.births[reached] @ near[reached])

    def bound(self, control: Control, objective: float) -> float:
        """Maximise L by a few subgradient steps from the multipliers of the sectors."""
        price = self._from_sectors(control)
        fallback = self._fallback()
        best, length = -np.inf, _LENGTH
        for _ in range(STEPS):
            try:
                reduced, served = self._pass(price, None, control)
                picked = np.zeros(len(reduced), dtype=bool)
                picked[np.argsort(reduced, kind="stable")[: self.p]] = True
                value = float((self.births * price).sum() + reduced[picked].sum())
                if value > best:
                    best = value
                else:
                    length /= 2
                if objective - best <= _ALIKE * abs(objective):
                    break
                served = self._pass(price, picked, control)[1]
            except InputError:  # the time is up
                break
            slope = self.births * (1.0 - served)
            slope[(price >= fallback) & (slope > 0)] = 0.0
            norm = float(slope @ slope)
            if norm == 0:
                break
            price = np.clip(price + length * (objective - value) / norm * slope, 0.0, fallback)
        return best

    def _fallback(self) -> Floats:
        """(n,) what a birth of the hectare costs without any new place: metres, or 1 where it is not in reach."""
        if self.covers:
            return np.where(self.settled <= self.reach, 0.0, 1.0)
        near = self._nearest()
        return np.where(np.isfinite(self.settled), self.settled, np.where(np.isfinite(near), np.inf, 0.0))

    def _pass(self, price: Floats, picked: Bools | None, control: Control) -> tuple[Floats, Floats]:
        """Rho of every candidate, and how often the picked ones serve every hectare (all zero without any)."""
        plan = self.problem.plan
        reduced = np.zeros(len(plan.choices))
        served = np.zeros(len(price))
        choices = np.arange(len(plan.choices)) if picked is None else np.flatnonzero(picked)
        ids = tuple(self.ids[j] for j in choices)
        wanted = np.where(price > 0, self.limit, -1.0)
        if not self.covers:
            wanted = np.where(price > 0, np.minimum(wanted, price), -1.0)
        for row, col, cost in useful_batches(
            self.engine, self.problem.analysis, self.points.cell, plan.choices[choices], ids, wanted, control
        ):
            value = np.zeros(len(cost)) if self.covers else cost
            less = price[row] - value
            pays = less > 0
            reduced -= np.bincount(choices[col[pays]], weights=(self.births[row] * less)[pays], minlength=len(reduced))
            served += np.bincount(row[pays], minlength=len(served))
        return reduced, served

    def _from_sectors(self, control: Control) -> Floats:
        """(n,) multiplier of a birth in every hectare: that of its sector, no more than what it has already."""
        problem = self.problem
        births, pairs = problem.weighted, problem.cost.tocoo()
        fixed = np.isin(pairs.col, np.asarray(problem.fixed))
        settled = np.full(len(births), np.inf)
        np.minimum.at(settled, pairs.row[fixed], pairs.data[fixed])
        if self.covers:
            fallback = np.where(settled <= self.reach, 0.0, births)
            use = ~fixed & (pairs.data <= self.reach)
            value = np.zeros(int(use.sum()))
        else:
            fallback = births * settled
            use = ~fixed
            value = births[pairs.row[use]] * pairs.data[use]
        m = problem.cost.shape[1]
        core = make_core(pairs.row[use].astype(np.intp), pairs.col[use].astype(np.intp), value, fallback, m)
        allowed = np.arange(m) < len(problem.plan.choices)
        bound = improve_bound(
            core,
            self.p,
            None,
            no_rules(allowed),
            Control(control.left * _FOR_SECTORS if np.isfinite(control.left) else None),
            np.inf,
        )
        price = np.divide(bound.multiplier, births, out=np.zeros(len(births)), where=births > 0)
        own = price[np.maximum(self.sector, 0)]
        if not self.covers:
            level = np.divide(own, settled[np.maximum(self.sector, 0)], out=np.ones(len(own)), where=own > 0)
            with_place = np.isfinite(self.settled)
            own = np.where(with_place, np.clip(level, 0.0, 1.0) * np.where(with_place, self.settled, 0.0), own)
        return np.minimum(own, self._fallback())
