"""What is left after the bounds have done their work, as an integer programme in the radius formulation.

With D_i1 < D_i2 < ... the different values of demand i, and z_ik = 1 when no open site serves it at D_ik or better,

    minimise   sum_i ( D_i1 + sum_k (D_i,k+1 - D_ik) z_ik )
    subject to z_ik + sum_{j: value_ij = D_ik} y_j >= z_i,k-1   (z_i0 = 1),   sum_j y_j <= p,   y binary

(Cornuejols, Nemhauser and Wolsey 1980; Elloumi 2010; Garcia, Labbe and Marin 2011). Each pair stands in one row, and
the linear relaxation is as strong as that of the classical formulation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coverage.siting.solvers.basis.model import Model
from coverage.siting.solvers.basis.rules import Side
from coverage.siting.solvers.basis.sparse import matrix, stack, widen
from coverage.siting.solvers.exact.core import HelpfulPairs
from loaders.catalogue.types import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Radius:
    """The integer programme.

    Attributes
    ----------
    model : variables are the free sites, then the extra variables of the rules, then z
    free : (n_free,) the site of each of the first variables
    constant : what the sites that are settled already cost
    possible : False when some demand has no site left that a better answer could serve it with
    """

    model: Model
    free: Ints
    constant: float
    possible: bool


def radius_model(
    core: HelpfulPairs, p: int, always: Bools, never: Bools, pair: Bools, keep: Bools, side: Side
) -> Radius:
    """Build the programme.

    Parameters
    ----------
    core : the problem
    p : sites at most, those in ``always`` included
    always, never : (m,) sites that are settled
    pair : (nnz,) pairs that may be used
    keep : (n,) demands that may stay with their fallback
    side : further rules on the sites
    """
    free = np.flatnonzero(~always & ~never)
    settled, _, site = core.best(always, core.fallback)
    keep = keep | (site >= 0)
    used = pair & (core.value < settled[core.row]) & ~always[core.col] & ~never[core.col]
    row, col, value = core.row[used], core.col[used], core.value[used]
    ladder = _ladder(row, value, settled, keep)
    no_candidate = np.ones(len(settled), dtype=bool)
    no_candidate[row] = False
    constant = float(settled[no_candidate & keep].sum()) + ladder.constant + core.constant
    number = np.full(core.n_sites, -1, dtype=np.intp)
    number[free] = np.arange(len(free))
    model = _assemble(ladder, number[col], len(free), p - int(always.sum()), side.restrict(free, always))
    return Radius(model, free, constant, possible=not (no_candidate & ~keep).any())


@dataclass(frozen=True, eq=False)
class _Ladder:
    """Levels of all demands, from near to far: the level of each pair, and per level its z and its rung below."""

    level: Ints
    first: Bools
    z: Ints
    step: Floats
    constant: float


def _ladder(row: Ints, value: Floats, settled: Floats, keep: Bools) -> _Ladder:
    if not len(row):
        none = np.zeros(0, dtype=np.intp)
        return _Ladder(none, np.zeros(0, dtype=bool), none, np.zeros(0), 0.0)
    new_row = np.append(True, row[1:] != row[:-1])
    new_level = new_row | np.append(True, value[1:] != value[:-1])
    level = np.cumsum(new_level) - 1
    at = np.flatnonzero(new_level)
    first, worth, demand = new_row[at], value[at], row[at]
    last = np.append(first[1:], True)
    after = np.append(worth[1:], 0.0)
    after[last] = settled[demand[last]]
    has_z = ~last | keep[demand]
    z = np.where(has_z, np.cumsum(has_z) - 1, -1)
    step = (after - worth)[has_z]
    return _Ladder(level, first, z, step, float(worth[first].sum()))


def _assemble(ladder: _Ladder, site: Ints, n_free: int, p: int, side: Side) -> Model:
    n_levels, n_z = len(ladder.first), len(ladder.step)
    offset = n_free + side.n_extra
    own = np.flatnonzero(ladder.z >= 0)
    above = np.flatnonzero(~ladder.first)
    entries = [
        (ladder.level, site, np.ones(len(site))),
        (own, offset + ladder.z[own], np.ones(len(own))),
        (above, offset + ladder.z[above - 1], -np.ones(len(above))),
        (np.full(n_free, n_levels), np.arange(n_free), np.ones(n_free)),
    ]
    r, c, v = (np.concatenate(part) for part in zip(*entries, strict=True))
    size = offset + n_z
    rows = matrix(v, r, c, (n_levels + 1, size))
    low = np.concatenate([np.where(ladder.first, 1.0, 0.0), [-np.inf], side.low])
    high = np.concatenate([np.full(n_levels, np.inf), [float(p)], side.high])
    integer = np.zeros(size, dtype=bool)
    integer[:n_free] = True
    return Model(
        cost=np.concatenate([np.zeros(offset), ladder.step]),
        low=np.zeros(size),
        high=np.ones(size),
        integer=integer,
        rows=stack([rows, widen(side.rows, size)]),
        row_low=low,
        row_high=high,
    )
