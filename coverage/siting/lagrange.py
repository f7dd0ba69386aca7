"""Lower bounds by Lagrangian relaxation, and what they rule out.

Relaxing "every demand is served once" with multipliers lambda_i gives, for any lambda with ``lambda_i <= fallback_i``,

    L(lambda) = sum_i lambda_i + sum of the p smallest rho_j,    rho_j = sum_i min(0, value_ij - lambda_i)

(Cornuejols, Fisher and Nemhauser 1977). No set of at most p sites costs less. The multipliers are improved by
subgradient steps; a site or a pair whose use would lift the bound above the best known answer is ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coverage.siting.control import Control
from coverage.siting.core import Bools, Core, Floats, Ints
from coverage.siting.search import Accept, interchange

ROUNDS = 1500
"""Subgradient steps at most."""

_PATIENCE = 25
"""Steps without a better bound after which the step length is halved."""

_SMALLEST_STEP = 0.004
_CHECK_EVERY = 20


@dataclass(frozen=True, eq=False)
class Dual:
    """The best multipliers found.

    Attributes
    ----------
    multiplier : (n,) lambda
    reduced : (m,) rho
    bound : L(lambda): no answer is better
    chosen, objective : the best answer known
    """

    multiplier: Floats
    reduced: Floats
    bound: float
    chosen: Bools
    objective: float

    def target(self, core: Core) -> float:
        """Only answers up to here are looked for: better than the best known by at least 1 for whole numbers."""
        return self.objective - 1.0 if core.whole else self.objective

    def slack(self, core: Core) -> float:
        """How much a choice may lift the bound before it is ruled out, with room for rounding."""
        return self.target(core) - self.bound + 1e-9 * max(1.0, abs(self.objective))


def improve_bound(core: Core, p: int, chosen: Bools, allowed: Bools, control: Control, accept: Accept | None) -> Dual:
    """Maximise L by subgradient steps, trying the sites it picks as answers on the way.

    Parameters
    ----------
    core : the problem
    p : sites at most
    chosen : (m,) an answer to start from
    allowed : (m,) sites to choose from
    control : time and interruption
    accept : whether a set of sites is allowed
    """
    best, objective = chosen, core.total(chosen)
    if not np.isfinite(objective):
        objective = float(core.best(chosen, core.soft_fallback)[0].sum())
    ceiling = core.soft_fallback
    first, second, _ = core.best(chosen, ceiling)
    multiplier = np.minimum((first + np.minimum(second, 2 * first + 1)) / 2, ceiling)
    top = Dual(multiplier, np.zeros(core.n_sites), -np.inf, best, objective)
    length, idle, tried = 1.5, 0, {best.tobytes()}
    for turn in range(ROUNDS):
        value, reduced, picked, slope = _relaxed(core, p, multiplier, allowed)
        gained = value - top.bound
        if gained > 0:
            idle = 0 if gained > 1e-7 * max(1.0, abs(value)) else idle + 1
            top = Dual(multiplier, reduced, value, best, objective)
        else:
            idle += 1
        if turn % _CHECK_EVERY == 0 or (gained > 0 and turn > 200):
            better = _try(core, picked, allowed, objective, tried, accept)
            if better is not None:
                best, objective = better, core.best(better, ceiling)[0].sum()
                top = Dual(top.multiplier, top.reduced, top.bound, best, float(objective))
            if turn % _CHECK_EVERY == 0:
                control.tell("bound", core.total(best), top.bound)
        if idle >= _PATIENCE:
            length, idle, multiplier = length / 2, 0, top.multiplier
            if length < _SMALLEST_STEP:
                break
            continue
        norm = float(slope @ slope)
        if top.slack(core) < 0 or norm == 0 or control.over():
            break
        step = length * max(float(objective) - value, 1e-6) / norm
        multiplier = np.clip(multiplier + step * slope, 0.0, ceiling)
    return top


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
    return float(multiplier.sum() + reduced[picked].sum()), reduced, picked, slope


def _try(
    core: Core, picked: Bools, allowed: Bools, objective: float, tried: set[bytes], accept: Accept | None
) -> Bools | None:
    """Exchange sites from the ones picked; the result where it beats ``objective``."""
    key = picked.tobytes()
    if key in tried or (accept is not None and not accept(picked)):
        return None
    tried.add(key)
    better = interchange(core, picked, allowed, accept=accept)
    return better if core.best(better, core.soft_fallback)[0].sum() < objective else None


def fixed_sites(core: Core, p: int, dual: Dual, allowed: Bools) -> tuple[Bools, Bools]:
    """Sites that every better answer has, and those that none has.

    Taking a site that the relaxation leaves out costs it ``rho_j - rho_(p)``; leaving out one that it takes costs
    ``rho_(p+1) - rho_j``.
    """
    order = np.sort(dual.reduced[allowed])
    if len(order) <= p:
        return np.zeros_like(allowed), ~allowed
    slack = dual.slack(core)
    last, spare = order[p - 1] if p else -np.inf, order[p]
    never = ~allowed | (dual.reduced - min(last, 0.0) > slack)
    always = allowed & (min(spare, 0.0) - dual.reduced > slack)
    return always, never & ~always


def useful_pairs(core: Core, dual: Dual) -> tuple[Bools, Ints]:
    """Pairs that a better answer may use, and the demands that may stay with their fallback in one."""
    slack = dual.slack(core)
    pair = core.value - dual.multiplier[core.row] <= slack
    keep = np.flatnonzero(core.fallback - dual.multiplier <= slack)
    return pair, keep
