"""The costs of a siting problem, checked once: which demand can reach which site, and how far that is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coverage.access.od_pairs import checked_amounts, read_pairs
from coverage.siting.solvers.basis.rules import Rules, Side, make_side, site_numbers
from i18n.errors import InputError
from loaders.catalogue.types import Bools, Floats, Ints

SHOWN = 5
"""Rows named in a message."""


class NoCoverError(InputError):
    """Some demand cannot be served by the sites there are.

    Attributes
    ----------
    rows : the demand rows that cannot be served
    nearest : distance to the nearest site that may be open, ``inf`` where none can be reached at all
    """

    def __init__(self, message: str, rows: Ints, nearest: Floats) -> None:
        super().__init__(message)
        self.rows = rows
        self.nearest = nearest


@dataclass(frozen=True, eq=False)
class Instance:
    """Pairs of demand and site that reach each other.

    Attributes
    ----------
    row, col, cost : (nnz,) pairs
    n_demand, n_sites : size of the problem
    fixed : (m,) sites that are open anyway
    side : which other sites are allowed, and the rules on them
    rules : the rules as they were given
    """

    row: Ints
    col: Ints
    cost: Floats
    n_demand: int
    n_sites: int
    fixed: Bools
    side: Side
    rules: Rules | None = None

    @property
    def usable(self) -> Bools:
        """(m,) sites that are or may be open."""
        return self.fixed | self.side.allowed

    @property
    def unreachable(self) -> Ints:
        """Rows that no usable site reaches."""
        reached = np.zeros(self.n_demand, dtype=bool)
        reached[self.row[self.usable[self.col]]] = True
        return np.flatnonzero(~reached)

    def within(self, radius: float) -> Instance:
        """Only the pairs up to ``radius``, its end included."""
        near = self.cost <= radius
        return replace(self, row=self.row[near], col=self.col[near], cost=self.cost[near])

    def nearest(self, chosen: Bools, radius: float = np.inf) -> tuple[Floats, Ints]:
        """Distance (n,) to the nearest chosen site within ``radius`` and its number; ``inf`` and -1 without."""
        at = np.flatnonzero(chosen[self.col] & (self.cost <= radius))
        at = at[np.lexsort((self.col[at], self.cost[at], self.row[at]))]
        row = self.row[at]
        head = np.flatnonzero(np.append(True, row[1:] != row[:-1])) if len(at) else np.zeros(0, dtype=np.intp)
        distance = np.full(self.n_demand, np.inf)
        site = np.full(self.n_demand, -1, dtype=np.intp)
        distance[row[head]] = self.cost[at[head]]
        site[row[head]] = self.col[at[head]]
        return distance, site


def make_instance(cost: object, fixed: Collection[int], rules: Rules | None) -> Instance:
    """Read and check a cost matrix.

    Parameters
    ----------
    cost : (n_demand, n_facility) dense, where ``inf`` is out of reach, or scipy.sparse, where an absent entry is out of
        reach and a stored 0 is a distance of 0
    fixed : numbers of the sites that are open anyway
    rules : further rules

    Raises
    ------
    InputError
        when the matrix is empty, or holds a negative distance or NaN, or a site number does not exist
    """
    pairs = read_pairs(cost)
    n, m = pairs.shape
    if n == 0:
        raise InputError("There is no demand: the cost matrix has no rows.")
    if m == 0:
        raise InputError("There are no candidate sites: the cost matrix has no columns; choose other candidates.")
    marks = np.zeros(m, dtype=bool)
    marks[site_numbers(fixed, m, "fixed")] = True
    side = make_side(rules, marks)
    return Instance(pairs.demand.astype(np.intp), pairs.facility, pairs.cost, n, m, marks, side, rules)


def check_weights(weights: npt.ArrayLike, n: int) -> Floats:
    """(n,) weights, none negative and not all zero."""
    array = checked_amounts(weights, n, "weights", some=False)
    if not array.any():
        raise InputError("All weights are 0: there are no births to serve; choose another area or another year.")
    return array


def check_count(p: int, instance: Instance) -> int:
    """Return the number of new sites that ``p`` leaves, checked against the fixed ones and the candidates."""
    if isinstance(p, bool) or int(p) != p or p < 1:
        raise InputError(f"p is {p}; give the number of sites, 1 or more.")
    fixed, allowed = int(instance.fixed.sum()), int(instance.side.allowed.sum())
    if p < fixed:
        raise InputError(f"p is {p} but {fixed} sites are fixed already; p counts these, so give {fixed} or more.")
    if p > fixed + allowed:
        raise InputError(
            f"p is {p} but only {fixed + allowed} sites can be open ({fixed} fixed, {allowed} candidates); "
            "ask for fewer or give more candidates."
        )
    return int(p) - fixed


def check_radius(radius: float) -> float:
    """A distance of 0 or more."""
    if not radius >= 0:
        raise InputError(f"The radius is {radius}; give a distance, 0 or more.")
    return float(radius)


def no_cover(instance: Instance, rows: Ints, radius: float) -> NoCoverError:
    """Return the error that says which demand cannot be covered, and why."""
    distance = instance.nearest(instance.usable)[0][rows]
    named = ", ".join(
        f"{row} ({'no site can be reached' if np.isinf(far) else f'nearest site at {far:,.0f}'})"
        for row, far in zip(rows[:SHOWN], distance[:SHOWN], strict=True)
    )
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return NoCoverError(
        f"{len(rows)} of {instance.n_demand} demand rows have no possible site within {radius:,.10g}: {named}{more}; "
        "enlarge the radius, add candidates there, or leave these rows out.",
        rows,
        distance,
    )


def out_of_reach(rows: Ints, nearest: Floats) -> NoCoverError:
    """Return the error for demand of which is known how far the nearest possible site is."""
    return NoCoverError(f"{len(rows)} demand rows have no possible site within reach.", rows, nearest)
