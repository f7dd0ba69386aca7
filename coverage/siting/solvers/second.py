"""The second criterion: among answers that are as good, the one with the least travel.

Sites are exchanged, or added where fewer were needed than asked for, as long as the objective stays and the travel gets
less. That ends where no single exchange helps, which need not be the very least.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.instance import Instance
from coverage.siting.solvers.exact.core import make_core
from coverage.siting.solvers.exact.search import greedy, interchange
from loaders.catalogue.types import Bools, Floats

MAX_PAIRS = 1_000_000
"""Pairs up to which ties are settled by travel."""

_FAR = 1_000.0
"""Times the largest cost, what it counts to stay without a site."""


def least_travel(
    instance: Instance,
    chosen: Bools,
    new: int,
    weight: Floats,
    keeps: Callable[[Bools], bool],
    control: Control,
) -> Bools:
    """Return sites that are as good, with less travel where an exchange gives that.

    Parameters
    ----------
    instance : the pairs that count, such as those within the radius
    chosen : (m,) an answer beside the fixed sites
    new : sites at most beside the fixed ones
    weight : (n,) what a unit of travel of each demand counts
    keeps : whether sites are as good as the answer
    control : time and interruption
    """
    side = instance.side
    if len(instance.row) > MAX_PAIRS or control.over():
        return chosen
    use = (weight[instance.row] > 0) & side.allowed[instance.col]
    row, col, cost = instance.row[use], instance.col[use], instance.cost[use]
    settled = instance.nearest(instance.fixed)[0]
    far = _FAR * max(1.0, float(cost.max(initial=0.0)))
    fallback = weight * np.where(np.isfinite(settled), settled, far)
    core = make_core(row, col, weight[row] * cost, fallback, instance.n_sites)

    def accept(sites: Bools) -> bool:
        return bool(sites.sum() <= new) and side.accept(sites) and keeps(sites)

    better = interchange(core, chosen, side.allowed, control, accept)
    if side.empty:
        better = greedy(core, new, side.allowed, better)
    return better if accept(better) and core.total(better) <= core.total(chosen) else chosen
