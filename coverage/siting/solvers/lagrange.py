"""Lower bounds by Lagrangian relaxation, and what they rule out.

Relaxing "every demand is served once" with multipliers lambda_i gives, for any lambda with ``lambda_i <= fallback_i``,

    L(lambda) = sum_i lambda_i + sum of the p smallest rho_j,    rho_j = sum_i min(0, value_ij - lambda_i)

(Cornuejols, Fisher and Nemhauser 1977). No set of at most p sites costs less. The multipliers are improved by
subgradient steps; a site or a pair whose use would lift the bound above the best known answer is ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coverage.siting.solvers.control import Control
from coverage.siting.solvers.core import Core
from coverage.siting.solvers.search import Accept, interchange
from loaders.catalogue.types import Bools, Floats

ROUNDS = 1500
"""Subgradient steps at most."""

_PATIENCE = 25
"""Steps without a better bound after which the step length is halved."""

_SMALLEST_STEP = 0.004
_CHECK_EVERY = 20
_SHRINKS = 0.6
"""The problem is made smaller when no more than this share of the pairs is left."""


@dataclass(frozen=True, eq=False)
class Dual:
    """The best multipliers found.

    Attributes
    ----------
    core, allowed : the problem they belong to: what is ruled out has been left out
    multiplier : (n,) lambda
    reduced : (m,) rho
    bound : L(lambda): no answer is better than this and ``objective``
    chosen, objective : the best answer known, and its total
    """

    core: Core
    allowed: Bools
    multiplier: Floats
    reduced: Floats
    bound: float
    chosen: Bools
    objective: float

    @property
    def slack(self) -> float:
        """How much a choice may lift the bound before it is ruled out, with room for rounding.

        Only answers are looked for that are better than the best known: by 1 at least for whole numbers.
        """
        target = self.objective - 1.0 if self.core.whole else self.objective
        return target - self.bound + 1e-9 * max(1.0, abs(self.objective))


def improve_bound(
    core: Core,
    p: int,
    chosen: Bools,
    allowed: Bools,
    control: Control,
    accept: Accept | None,
    objective: float | None = None,
) -> Dual:
    """Maximise L by subgradient steps, trying the sites it picks as answers on the way.

    Parameters
    ----------
    core : the problem
    p : sites at most
    chosen : (m,) an answer to start from
    allowed : (m,) sites to choose from
    control : time and interruption
    accept : whether a set of sites is allowed
    objective : what an answer must be better than to be of use, when that is not the total of ``chosen``: no other
        answers are tried then
    """
    first, second, _ = core.best(chosen, core.soft_fallback)
    multiplier = np.minimum((first + np.minimum(second, 2 * first + 1)) / 2, core.soft_fallback)
    worth = core.soft_total(chosen) if objective is None else objective
    start = Dual(core, allowed, multiplier, np.zeros(core.n_sites), -np.inf, chosen, worth)
    ascent = _Ascent(start, p, control, accept if objective is None else lambda _: False)
    for turn in range(ROUNDS):
        if not ascent.step(turn):
            break
    return ascent.top


class _Ascent:
    """Subgradient steps, with what they have found so far in ``top``."""

    def __init__(self, start: Dual, p: int, control: Control, accept: Accept | None) -> None:
        self.top, self.p, self.control, self.accept = start, p, control, accept
        self.multiplier = start.multiplier
        self.length, self.idle = 1.5, 0
        self.tried = {start.chosen.tobytes()}

    def step(self, turn: int) -> bool:
        """Take one step; False when there is nothing more to gain."""
        core, allowed = self.top.core, self.top.allowed
        value, reduced, picked, slope = _relaxed(core, self.p, self.multiplier, allowed)
        gained = value - self.top.bound
        self.idle = 0 if gained > 1e-7 * max(1.0, abs(value)) else self.idle + 1
        if gained > 0:
            self.top = replace(self.top, multiplier=self.multiplier, reduced=reduced, bound=value)
        if turn % _CHECK_EVERY == 0 or (gained > 0 and turn > 200):
            self._try(picked)
        if self.top.slack < 0 or self.control.over():
            return False
        if self.idle >= _PATIENCE:
            self.length, self.idle, self.multiplier = self.length / 2, 0, self.top.multiplier
            return self.length >= _SMALLEST_STEP
        norm = float(slope @ slope)
        if norm == 0:
            return False
        ahead = self.length * max(self.top.objective - value, 1e-6) / norm
        self.multiplier = np.clip(self.multiplier + ahead * slope, 0.0, core.soft_fallback)
        if turn % _CHECK_EVERY == 0:
            self.control.tell("bound", self.top.objective, self.top.bound)
            self._shrink()
        return True

    def _try(self, picked: Bools) -> None:
        """Exchange sites from the ones picked, and keep the result where it is better."""
        key = picked.tobytes()
        if key in self.tried or (self.accept is not None and not self.accept(picked)):
            return
        self.tried.add(key)
        core = self.top.core
        better = interchange(core, picked, self.top.allowed, accept=self.accept)
        worth = core.soft_total(better)
        if worth < self.top.objective:
            self.top = replace(self.top, chosen=better, objective=worth)

    def _shrink(self) -> None:
        """Leave out the sites that no better answer has, where that makes the problem much smaller."""
        top = self.top
        never = fixed_sites(self.p, top)[1]
        if (~never[top.core.col]).sum() > _SHRINKS * len(top.core.col):
            return
        core, rows = top.core.without(never)
        self.multiplier = self.multiplier[rows]
        self.top = replace(top, core=core, allowed=top.allowed & ~never, multiplier=top.multiplier[rows])


def _relaxed(core: Core, p: int, multiplier: Floats, allowed: Bools) -> tuple[float, Floats, Bools, Floats]:
    """Value of the relaxation, rho, the sites it picks, and how much each demand is left unserved."""
    less = multiplier[core.row] - core.value
    pays = less > 0
    reduced: Floats = -np.bincount(core.col[pays], weights=less[pays], minlength=core.n_sites).astype(np.float64)
    reduced[~allowed] = 0.0
    picked = np.zeros(core.n_sites, dtype=bool)
    candidates = np.flatnonzero(allowed)
    count = min(p, len(candidates))
    if count:
        picked[candidates[np.argpartition(reduced[candidates], count - 1)[:count]]] = True
    served = np.bincount(core.row[pays & picked[core.col]], minlength=len(multiplier))
    slope: Floats = 1.0 - served.astype(np.float64)
    slope[(multiplier >= core.soft_fallback) & (slope > 0)] = 0.0
    return float(multiplier.sum() + reduced[picked].sum()) + core.constant, reduced, picked, slope


def fixed_sites(p: int, dual: Dual) -> tuple[Bools, Bools]:
    """Sites that every better answer has, and those that none has.

    Taking a site that the relaxation leaves out costs it ``rho_j - rho_(p)``; leaving out one that it takes costs
    ``rho_(p+1) - rho_j``.
    """
    allowed, slack = dual.allowed, dual.slack
    order = np.sort(dual.reduced[allowed])
    if len(order) <= p:
        return np.zeros_like(allowed), ~allowed
    last, spare = order[p - 1] if p else -np.inf, order[p]
    never = ~allowed | (dual.reduced - min(last, 0.0) > slack)
    always = allowed & (min(spare, 0.0) - dual.reduced > slack)
    return always, never & ~always


def useful_pairs(dual: Dual) -> tuple[Bools, Bools]:
    """Pairs that a better answer may use, and the demands that may stay with their fallback in one."""
    core, slack = dual.core, dual.slack
    return core.value - dual.multiplier[core.row] <= slack, core.fallback - dual.multiplier <= slack
