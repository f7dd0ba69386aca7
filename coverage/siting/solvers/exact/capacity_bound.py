"""A bound for sites that can take only so much, without any model: multipliers on what every demand may be given.

With a multiplier for every demand the sites fall apart, and each one's best is a fractional knapsack:

    L(lambda) = -sum_i lambda_i + sum_fixed v_j + sum of the p smallest v_j,
    v_j = min sum_i (gain_ij + lambda_i) x_ij   subject to   sum_i load_i x_ij <= capacity_j,   0 <= x_ij <= 1

No answer costs less than L, whatever further rules there are (they only leave fewer answers), and the best L equals the
relaxation of the model (Geoffrion 1974, Mathematical Programming Study 2, 82-114). A step goes through the pairs once,
so the time is looked at between steps, where HiGHS first prepares a large model for minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coverage.siting.solvers.basis.control import Control
from loaders.catalogue.types import Bools, Floats, Ints

STEPS = 200
_PATIENCE = 8
"""Steps without a better bound after which they become shorter."""

_SHORTEST = 1e-3
_ALIKE = 1e-9


@dataclass(frozen=True, eq=False)
class SiteLoads:
    """Pairs of demand and site, in costs to be made small.

    Attributes
    ----------
    row, col : (nnz,) demand and site of every pair
    load, gain : (nnz,) what a whole demand takes of a site, above 0, and what serving it adds to the objective
    capacity, opening : (m,) what a site can take, and what opening it adds
    must : (n,) demand that has to be served as a whole
    fixed, allowed : (m,) sites that are open, and those that may be opened
    """

    row: Ints
    col: Ints
    load: Floats
    gain: Floats
    capacity: Floats
    opening: Floats
    must: Bools
    fixed: Bools
    allowed: Bools


@dataclass(frozen=True, eq=False)
class CapacityBound:
    """``value``: no answer costs less; ``sites`` (m,): those that are open where the best of it was found."""

    value: float
    sites: Bools


def capacity_bound(
    loads: SiteLoads,
    new: int,
    target: float,
    control: Control,
    try_sites: Callable[[Bools], float],
    tell: Callable[[float, float], None],
) -> CapacityBound:
    """Maximise L by subgradient steps (Held, Wolfe and Crowder 1974, Mathematical Programming 6, 62-88).

    Parameters
    ----------
    loads : the problem
    new : sites that may be open beside the fixed ones, at most
    target : cost of the best answer that is known, finite
    control : time and interruption
    try_sites : told sites that seem good, says the cost of the best answer that is known since
    tell : told (cost of the best answer, bound)
    """
    n = len(loads.must)
    price = np.where(loads.must, -_nearest_gain(loads), 0.0)
    best, length, waited = CapacityBound(-np.inf, loads.fixed.copy()), 1.0, 0
    for step in range(STEPS):
        if control.over():
            break
        value, sites, share = _step(loads, new, price)
        if value > best.value:
            best, waited = CapacityBound(value, sites), 0
            if step % _PATIENCE == 0:
                target = try_sites(sites)
            tell(target, best.value)
        else:
            waited += 1
            if waited == _PATIENCE:
                length, waited = length / 2, 0
        slope = np.bincount(loads.row, weights=share, minlength=n) - 1.0
        slope[~loads.must & (price <= 0) & (slope < 0)] = 0.0
        norm = float(slope @ slope)
        if norm == 0 or length < _SHORTEST or target - best.value <= _ALIKE * abs(target):
            break
        price = price + length * max(target - value, 0.0) / norm * slope
        price = np.where(loads.must, price, np.maximum(price, 0.0))
    if np.isfinite(best.value) and not control.over():
        tell(try_sites(best.sites), best.value)
    return best


def _nearest_gain(loads: SiteLoads) -> Floats:
    """(n,) least cost of serving every demand, 0 where no site can."""
    least = np.full(len(loads.must), np.inf)
    np.minimum.at(least, loads.row, loads.gain)
    return np.where(np.isfinite(least), least, 0.0)


def _step(loads: SiteLoads, new: int, price: Floats) -> tuple[float, Bools, Floats]:
    """L, the sites that are open in it, and (nnz,) what share of a demand each pair is given."""
    less = loads.gain + price[loads.row]
    pays = np.flatnonzero(less < 0)
    order = pays[np.lexsort((less[pays] / loads.load[pays], loads.col[pays]))]
    col, load = loads.col[order], loads.load[order]
    run = np.cumsum(load)
    head = np.flatnonzero(np.append(True, col[1:] != col[:-1])) if len(col) else np.zeros(0, dtype=np.intp)
    before = run - load - np.repeat((run - load)[head], np.diff(np.append(head, len(col))))
    part = np.clip((loads.capacity[col] - before) / load, 0.0, 1.0)
    worth = loads.opening + np.bincount(col, weights=part * less[order], minlength=len(loads.capacity))
    sites = loads.fixed.copy()
    free = np.flatnonzero(loads.allowed & ~loads.fixed & (worth < 0))
    sites[free[np.argsort(worth[free], kind="stable")[:new]]] = True
    share = np.zeros(len(loads.row))
    open_pair = sites[col]
    share[order[open_pair]] = part[open_pair]
    return float(worth[sites].sum() - price.sum()), sites, share
