"""Good answers fast: greedy, then exchanging one site at a time (Teitz and Bart 1968; Whitaker 1983)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.exact.core import HelpfulPairs
from loaders.catalogue.types import Bools, Floats, Ints

Accept = Callable[[Bools], bool]
"""Whether a set of sites is allowed, beyond their number."""

_BEYOND = 3.0
"""Times the second best value up to which pairs are near."""

_TRIED = 64
"""Exchanges tried, best first, where the rules refuse some."""


def greedy(
    core: HelpfulPairs, p: int, allowed: Bools, start: Bools | None = None, accept: Accept | None = None
) -> Bools:
    """Add the site that helps most, until there are ``p`` or none is left that is allowed.

    Parameters
    ----------
    core : the problem
    p : number of sites at most, those of ``start`` included
    allowed : (m,) sites to choose from
    start : (m,) sites that are open already
    accept : whether a set is allowed

    Returns
    -------
    (m,) booleans
    """
    chosen = np.zeros(core.n_sites, dtype=bool) if start is None else start.copy()
    now = core.best(chosen, core.soft_fallback)[0]
    if chosen.sum() >= p:
        return chosen
    gains = _Gains(core, now)
    while chosen.sum() < p:
        site = _first_allowed(np.where(allowed & ~chosen, gains.gain, -1.0), chosen, accept)
        if site < 0:
            break
        chosen[site] = True
        gains.open(site)
    return chosen


class _Gains:
    """What every site would gain; when one opens only demand that moves there is counted again."""

    def __init__(self, core: HelpfulPairs, now: Floats) -> None:
        self.core, self.now = core, now
        less = np.maximum(now[core.row] - core.value, 0.0)
        self.gain = np.bincount(core.col, weights=less, minlength=core.n_sites).astype(np.float64)
        self.order = np.argsort(core.col, kind="stable")
        self.of_site = np.append(0, np.cumsum(np.bincount(core.col, minlength=core.n_sites)))
        self.of_row = np.append(0, np.cumsum(np.bincount(core.row, minlength=len(now))))

    def open(self, site: int) -> None:
        """Send demand to a site that opens, where that is better."""
        core = self.core
        mine = self.order[self.of_site[site] : self.of_site[site + 1]]
        mine = mine[core.value[mine] < self.now[core.row[mine]]]
        rows = core.row[mine]
        size = self.of_row[rows + 1] - self.of_row[rows]
        at = np.repeat(self.of_row[rows] - np.append(0, np.cumsum(size))[:-1], size) + np.arange(int(size.sum()))
        before, after = np.repeat(self.now[rows], size), np.repeat(core.value[mine], size)
        lost = np.maximum(before - core.value[at], 0.0) - np.maximum(after - core.value[at], 0.0)
        self.gain -= np.bincount(core.col[at], weights=lost, minlength=core.n_sites)
        np.maximum(self.gain, 0.0, out=self.gain)
        self.now[rows] = core.value[mine]


def _first_allowed(gain: Floats, chosen: Bools, accept: Accept | None) -> int:
    """Return the site with the largest gain that is allowed; -1 when none is left."""
    if accept is None:
        best = int(gain.argmax()) if len(gain) else -1
        return best if best >= 0 and gain[best] >= 0 else -1
    for site in np.argsort(-gain, kind="stable"):
        if gain[site] < 0:
            break
        chosen[site] = True
        fits = accept(chosen)
        chosen[site] = False
        if fits:
            return int(site)
    return -1


def nearby(core: HelpfulPairs, chosen: Bools) -> HelpfulPairs:
    """The problem without pairs far beyond the second best site of their demand, which exchanges hardly ever use.

    It is for finding answers only: what they are worth is for the whole problem to say.
    """
    second = core.best(chosen, core.soft_fallback)[1]
    kept = core.value <= _BEYOND * second[core.row]
    if kept.sum() > len(kept) / 2:
        return core
    fallback = core.fallback
    return HelpfulPairs(
        core.row[kept], core.col[kept], core.value[kept], fallback, core.n_sites, core.whole, core.constant
    )


def interchange(
    core: HelpfulPairs, chosen: Bools, allowed: Bools, control: Control | None = None, accept: Accept | None = None
) -> Bools:
    """Exchange one open site for one closed one as long as that helps, the best exchange first.

    The profit of every pair (in, out) is worked out at once: with d1 and d2 the value of the best and the second
    best open site of a demand, it is ``sum max(0, d1 - v_in)`` less what closing ``out`` costs, where a demand of
    ``out`` falls back on the better of d2 and the new site (Resende and Werneck 2007).
    """
    chosen = chosen.copy()
    while control is None or not control.over():
        open_sites = np.flatnonzero(chosen)
        if not len(open_sites):
            return chosen
        profit = _profits(core, chosen, open_sites)
        profit[:, ~allowed | chosen] = -np.inf
        if not _exchange(profit, chosen, open_sites, accept, 1e-9 * max(1.0, float(core.soft_fallback.max(initial=0)))):
            return chosen
    return chosen


def _profits(core: HelpfulPairs, chosen: Bools, open_sites: Ints) -> Floats:
    """(n_open, m) what exchanging an open site for another gains."""
    first, second, site = core.best(chosen, core.soft_fallback)
    position = np.full(core.n_sites + 1, len(open_sites), dtype=np.intp)
    position[open_sites] = np.arange(len(open_sites))
    place = position[site]  # -1 is the last: the fallback
    loss = np.bincount(place, weights=second - first, minlength=len(open_sites) + 1)[: len(open_sites)]
    near = core.value < second[core.row]
    row, col, value = core.row[near], core.col[near], core.value[near]
    gain = np.bincount(col, weights=np.maximum(first[row] - value, 0.0), minlength=core.n_sites)
    eased = second[row] - np.maximum(value, first[row])
    pair = place[row] * core.n_sites + col
    extra = np.bincount(pair, weights=eased, minlength=(len(open_sites) + 1) * core.n_sites)
    extra = extra.reshape(-1, core.n_sites)[: len(open_sites)]
    return np.asarray(gain[None, :] - loss[:, None] + extra, dtype=np.float64)


def _exchange(profit: Floats, chosen: Bools, open_sites: Ints, accept: Accept | None, least: float) -> bool:
    """Make the best exchange that is allowed; False when none gains."""
    flat = profit.ravel()
    if accept is None:
        order = np.array([int(flat.argmax())])
    else:
        count = min(_TRIED, len(flat))
        order = np.argpartition(-flat, count - 1)[:count]
        order = order[np.argsort(-flat[order], kind="stable")]
    for pair in order:
        if not flat[pair] > least:
            return False
        out, into = divmod(int(pair), profit.shape[1])
        chosen[open_sites[out]], chosen[into] = False, True
        if accept is None or accept(chosen):
            return True
        chosen[open_sites[out]], chosen[into] = True, False
    return False
