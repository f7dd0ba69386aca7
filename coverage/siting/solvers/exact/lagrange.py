"""Lower bounds by Lagrangian relaxation, and what they rule out.

Relaxing "every demand is served once" with multipliers lambda_i gives, for any lambda with ``lambda_i <= fallback_i``,

    L(lambda) = sum_i lambda_i + sum of the p smallest rho_j,    rho_j = sum_i min(0, value_ij - lambda_i)

(Cornuejols, Fisher and Nemhauser 1977). No set of at most p sites costs less. Rules ``low <= R y <= high`` are relaxed
too: a multiplier mu_k adds ``mu_k R_kj`` to rho_j, and ``-mu_k high_k`` to the bound where it is above 0,
``-mu_k low_k`` where it is below. All are improved by subgradient steps; a site or a pair whose use would lift the
bound above the best known answer is ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.rules import Side
from coverage.siting.solvers.basis.sparse import take
from coverage.siting.solvers.exact.core import HelpfulPairs
from coverage.siting.solvers.exact.search import Accept, interchange, nearby
from loaders.catalogue.types import Bools, Floats

ROUNDS = 1500
"""Subgradient steps at most."""

_PATIENCE = 25
"""Steps without a better bound after which the step length is halved."""

_SMALLEST_STEP = 0.004
_CHECK_EVERY = 20
_SETTLED = 120
_MANY = 300_000
"""Up to so many pairs exchanges are tried from the first steps on, with more only after `_SETTLED` steps."""

_UNKNOWN = 0.1
"""How far above the bound the best answer is taken to be while none is known, as a share."""

_SHRINKS = 0.6
"""The problem is made smaller when no more than this share of the pairs is left."""


@dataclass(frozen=True, eq=False)
class Dual:
    """The best multipliers found.

    Attributes
    ----------
    core, allowed : the problem they belong to: what is ruled out has been left out
    multiplier : (n,) lambda
    reduced : (m,) rho, with what the rules add
    bound : L(lambda): no answer is better than this and ``objective``
    chosen, objective : the best answer known, and its total
    """

    core: HelpfulPairs
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
    core: HelpfulPairs,
    p: int,
    chosen: Bools | None,
    side: Side,
    control: Control,
    objective: float | None = None,
) -> Dual:
    """Maximise L by subgradient steps, trying the sites it picks as answers on the way.

    Parameters
    ----------
    core : the problem
    p : sites at most
    chosen : (m,) an answer within the rules to start from; None where none is known
    side : sites to choose from, and rules
    control : time and interruption
    objective : what an answer must be better than to be of use, when that is not the total of ``chosen``: no other
        answers are tried then

    Returns
    -------
    Dual
        its ``objective`` is ``inf`` as long as no answer is known
    """
    known = np.zeros(core.n_sites, dtype=bool) if chosen is None else chosen
    first, second, _ = core.best(known, core.soft_fallback)
    multiplier = np.minimum((first + np.minimum(second, 2 * first + 1)) / 2, core.soft_fallback)
    worth = np.inf if chosen is None else core.soft_total(chosen)
    worth = worth if objective is None else objective
    start = Dual(core, side.allowed, multiplier, np.zeros(core.n_sites), -np.inf, known, worth)
    ascent = _Ascent(start, p, side, control, tries=objective is None)
    for turn in range(ROUNDS):
        if not ascent.step(turn):
            break
    return ascent.top


class _Prices:
    """Multipliers of the rules."""

    def __init__(self, side: Side) -> None:
        size = np.abs(side.rows).max(axis=1).toarray().ravel() if side.rows.nnz else np.zeros(side.rows.shape[0])
        used = np.flatnonzero(size) if not side.n_extra else np.zeros(0, dtype=np.intp)
        self.rows = take(side.rows, used)
        self.rows.data = self.rows.data / np.repeat(size[used], np.diff(self.rows.indptr))
        self.low, self.high = side.low[used] / size[used], side.high[used] / size[used]
        self.price = np.zeros(len(used))
        self.best = self.price

    def added(self) -> Floats:
        """(m,) what the rules add to rho."""
        return np.asarray(self.rows.T @ self.price, dtype=np.float64)

    def constant(self) -> float:
        """What they add to the bound."""
        above, below = self.price > 0, self.price < 0
        return -float(self.price[above] @ self.high[above] + self.price[below] @ self.low[below])

    def slope(self, picked: Bools) -> Floats:
        """How far a selection is beyond the limit that each price stands for."""
        activity = np.asarray(self.rows @ picked.astype(np.float64), dtype=np.float64)
        over, under = activity - self.high, activity - self.low
        idle = np.where(over > 0, over, np.where(under < 0, under, 0.0))
        return np.where(self.price > 0, over, np.where(self.price < 0, under, idle))

    def move(self, step: Floats) -> None:
        """Change the prices; a rule without an upper limit has none above 0, one without a lower none below."""
        most = np.where(np.isfinite(self.high), np.inf, 0.0)
        least = np.where(np.isfinite(self.low), -np.inf, 0.0)
        moved = self.price + step
        crossed = moved * self.price < 0  # stop at 0, where the limit that counts changes
        self.price = np.clip(np.where(crossed, 0.0, moved), least, most)


class _Ascent:
    """Subgradient steps, with what they have found so far in ``top``."""

    def __init__(self, start: Dual, p: int, side: Side, control: Control, *, tries: bool) -> None:
        self.top, self.p, self.side, self.control, self.tries = start, p, side, control, tries
        self.accept: Accept | None = None if side.empty else side.accept
        self.prices = _Prices(side)
        self.multiplier = start.multiplier
        self.length, self.idle, self.shrunk = 1.5, 0, False
        self.tried = {start.chosen.tobytes()} if np.isfinite(start.objective) else set()

    def step(self, turn: int) -> bool:
        """Take one step; False when there is nothing more to gain."""
        core = self.top.core
        value, reduced, picked, slope = relax(core, self.p, self.multiplier, self.top.allowed, self.prices.added())
        value += self.prices.constant()
        gained = value - self.top.bound
        self.idle = 0 if gained > 1e-7 * max(1.0, abs(value)) else self.idle + 1
        if gained > 0:
            self.top = replace(self.top, multiplier=self.multiplier, reduced=reduced, bound=value)
            self.prices.best = self.prices.price
        if self.tries and (turn % _CHECK_EVERY == 0 or (gained > 0 and turn > 200)) and self._worth_trying(turn):
            self._try(picked)
        if self.top.slack < 0 or self.control.over():
            return False
        if self.idle >= _PATIENCE:
            self.length, self.idle, self.multiplier = self.length / 2, 0, self.top.multiplier
            self.prices.price = self.prices.best
            return self.length >= _SMALLEST_STEP
        if not self._move(value, slope, picked, reduced):
            return False
        if turn % _CHECK_EVERY == 0:
            known = np.isfinite(self.top.objective)
            self.control.tell("bound", self.top.objective if known else None, self.top.bound)
            self._shrink()
        return True

    def _move(self, value: float, slope: Floats, picked: Bools, reduced: Floats) -> bool:
        """Move all multipliers along the slope; False where it is flat."""
        beyond = self.prices.slope(picked)
        size = float(np.abs(reduced).mean()) / max(float(self.multiplier.max(initial=0.0)), 1e-12)
        norm = float(slope @ slope) + size * size * float(beyond @ beyond)
        if norm == 0:
            return False
        target = self.top.objective if np.isfinite(self.top.objective) else value + _UNKNOWN * max(1.0, abs(value))
        ahead = self.length * max(target - value, 1e-6) / norm
        self.multiplier = np.clip(self.multiplier + ahead * slope, 0.0, self.top.core.soft_fallback)
        self.prices.move(ahead * size * size * beyond)
        return True

    def _worth_trying(self, turn: int) -> bool:
        """Exchanging is dear while there are many pairs: first steps of these are left alone."""
        return turn == 0 or turn >= _SETTLED or len(self.top.core.col) <= _MANY

    def _try(self, picked: Bools) -> None:
        """Exchange sites from the ones picked, and keep the result where it is better."""
        key = picked.tobytes()
        if key in self.tried or (self.accept is not None and not self.accept(picked)):
            return
        self.tried.add(key)
        core = self.top.core
        better = interchange(nearby(core, picked), picked, self.top.allowed, self.control, accept=self.accept)
        worth = core.soft_total(better)
        if self.shrunk and not np.isfinite(core.total(better)):
            return  # the penalty of what is left says nothing of the whole
        if worth < self.top.objective:
            self.top = replace(self.top, chosen=better, objective=worth)

    def _shrink(self) -> None:
        """Leave out the sites and pairs that no better answer uses, where that makes the problem much smaller."""
        top = self.top
        never = fixed_sites(self.p, top)[1]
        used = ~never[top.core.col]
        if np.isfinite(top.objective):
            used &= useful_pairs(top)[0]
        if used.sum() > _SHRINKS * len(top.core.col):
            return
        self.shrunk = True
        core, rows = top.core.only(used)
        self.multiplier = self.multiplier[rows]
        self.top = replace(top, core=core, allowed=top.allowed & ~never, multiplier=top.multiplier[rows])


def relax(
    core: HelpfulPairs, p: int, multiplier: Floats, allowed: Bools, added: Floats
) -> tuple[float, Floats, Bools, Floats]:
    """Value of the relaxation, rho, the sites it picks, and how much each demand is left unserved."""
    less = multiplier[core.row] - core.value
    pays = less > 0
    reduced: Floats = -np.bincount(core.col[pays], weights=less[pays], minlength=core.n_sites).astype(np.float64)
    reduced += added
    reduced[~allowed] = 0.0
    picked = np.zeros(core.n_sites, dtype=bool)
    candidates = np.flatnonzero(allowed)
    count = min(p, len(candidates))
    if count:
        picked[candidates[np.argpartition(reduced[candidates], count - 1)[:count]]] = True
        picked &= reduced <= 0
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
