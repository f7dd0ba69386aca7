"""Trying every selection, where few are left: a proof that needs no solver."""

from __future__ import annotations

from math import comb

import numpy as np

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.rules import Side
from coverage.siting.solvers.exact.core import HelpfulPairs
from loaders.catalogue.types import Bools, Floats, Ints

MAX_SELECTIONS = 1_000_000
"""Selections tried at most."""

_MAX_WORK = 1_000_000_000
"""Pairs looked at on the way at most: a few seconds."""

_ROUNDING = 1e-9


def few_selections(core: HelpfulPairs, free: int, p: int, side: Side) -> bool:
    """Whether at most ``p`` of the free sites can be chosen in few enough ways to try them all."""
    p = min(p, free)
    if p <= 0:
        return True
    selections = prefixes = 1
    for size in range(1, p + 1):
        more = comb(free, size)
        prefixes += more if size < p else 0
        selections += more
        if selections > MAX_SELECTIONS:
            return False
    rules = int(side.rows.shape[0])
    return prefixes * (len(core.col) + free * (1 + rules)) <= _MAX_WORK


def best_of_all(
    core: HelpfulPairs, p: int, always: Bools, free: Ints, side: Side, control: Control
) -> tuple[Bools | None, float, bool]:
    """Try every selection of at most ``p`` sites, those in ``always`` included.

    Parameters
    ----------
    core : the problem
    p : sites at most
    always : (m,) sites that every selection has
    free : numbers of the sites to choose from
    side : rules
    control : time and interruption

    Returns
    -------
    (m,) the best selection, None where none keeps to the rules and serves all; its total; whether all were tried
    """
    search = _Tree(core, always, free, side, control)
    if p < int(always.sum()):
        return None, np.inf, True
    complete = search.visit([], core.best(always, core.soft_fallback)[0], 0, p - int(always.sum()))
    if search.best is None:
        return None, np.inf, complete
    chosen = always.copy()
    chosen[free[search.best]] = True
    total = core.total(chosen)
    return (chosen, total, complete) if np.isfinite(total) else (None, np.inf, complete)


class _Tree:
    """Selections in the order of their sites; the last site of each is tried for all at once."""

    def __init__(self, core: HelpfulPairs, always: Bools, free: Ints, side: Side, control: Control) -> None:
        number = np.full(core.n_sites, -1, dtype=np.intp)
        number[free] = np.arange(len(free))
        use = number[core.col] >= 0
        self.row, self.col, self.value = core.row[use], number[core.col[use]], core.value[use]
        order = np.argsort(self.col, kind="stable")
        self.row, self.col, self.value = self.row[order], self.col[order], self.value[order]
        self.start = np.append(0, np.cumsum(np.bincount(self.col, minlength=len(free))))
        left = side.restrict(free, always)
        self.rules = left.rows.toarray()
        room = 1e-9 * np.maximum(1.0, np.abs(side.rows).sum(axis=1))
        self.low, self.high = left.low - room, left.high + room
        self.count, self.control = len(free), control
        self.best: list[int] | None = None
        self.worth = np.inf
        self.visited = 0

    def visit(self, prefix: list[int], now: Floats, first: int, more: int) -> bool:
        """Try the prefix and everything that follows it; False when stopped."""
        if self.visited % 64 == 0 and self.control.over():
            return False
        self.visited += 1
        used = self.rules[:, prefix].sum(axis=1)
        if not prefix and self._fits(used[:, None])[0]:
            self._keep(prefix, float(now.sum()))
        if more <= 0 or first >= self.count:
            return True
        at = self.start[first]
        gain = np.bincount(
            self.col[at:] - first,
            weights=np.maximum(now[self.row[at:]] - self.value[at:], 0.0),
            minlength=self.count - first,
        )
        fits = self._fits(used[:, None] + self.rules[:, first:])
        worth = np.where(fits, float(now.sum()) - gain, np.inf)
        one = int(worth.argmin())
        self._keep([*prefix, first + one], float(worth[one]))
        if more == 1:
            return True
        for site in range(first, self.count):
            mine = slice(self.start[site], self.start[site + 1])
            then = now.copy()
            then[self.row[mine]] = np.minimum(then[self.row[mine]], self.value[mine])
            if not self.visit([*prefix, site], then, site + 1, more - 1):
                return False
        return True

    def _fits(self, used: Floats) -> Bools:
        inside = (used >= self.low[:, None]) & (used <= self.high[:, None])
        return np.asarray(inside.all(axis=0), dtype=bool)

    def _keep(self, sites: list[int], worth: float) -> None:
        if worth < self.worth - _ROUNDING * max(1.0, abs(worth)):
            self.best, self.worth = sites, worth
