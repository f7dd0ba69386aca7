"""What p-median and maximal covering have in common: demand goes to its best open site, or stays where it is.

    minimise  sum_i min(fallback_i, min_{j in S} value_ij)    over sets S of at most p sites

For p-median ``value_ij = w_i c_ij`` and ``fallback_i`` is what the fixed sites give (``inf`` without any); for maximal
covering ``value_ij = 0`` within the radius and ``fallback_i = w_i``, the weight that is lost. Only pairs that can help,
with a value below the fallback, are held.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from loaders.catalogue.types import Bools, Floats, Positions

_WHOLE = 2.0**50
"""Sums of whole numbers up to here are exact in double precision, with room to spare."""


@dataclass(frozen=True, eq=False)
class HelpfulPairs:
    """Helpful pairs of demand and site, by demand and from good to bad.

    Attributes
    ----------
    row, col : (nnz,) demand and site of every pair
    value : (nnz,) what it costs to serve the demand there, ascending within a demand
    fallback : (n,) what it costs without any new site, ``inf`` where that cannot be
    n_sites : number of sites
    whole : whether every value is a whole number, so that two different totals differ by at least 1
    constant : what demand that is settled already costs
    """

    row: Positions
    col: Positions
    value: Floats
    fallback: Floats
    n_sites: int
    whole: bool
    constant: float = 0.0

    @cached_property
    def soft_fallback(self) -> Floats:
        """(n,) the fallback, with a finite penalty for ``inf`` that outweighs any full assignment."""
        must = np.isinf(self.fallback)
        if not must.any():
            return self.fallback
        worst = np.zeros(len(self.fallback))
        np.maximum.at(worst, self.row, self.value)
        penalty = float(np.where(must, worst, self.fallback).sum()) + 1.0
        return np.where(must, penalty, self.fallback)

    def total(self, chosen: Bools) -> float:
        """Objective of a set of sites, ``inf`` when a demand that has no fallback is left without."""
        return float(self.best(chosen, self.fallback)[0].sum()) + self.constant

    def soft_total(self, chosen: Bools) -> float:
        """Objective with the finite penalty for demand that is left without."""
        return float(self.best(chosen, self.soft_fallback)[0].sum()) + self.constant

    def without(self, never: Bools) -> tuple[HelpfulPairs, Positions]:
        """Return the problem without some sites, and which demands are left: others stay with their fallback."""
        return self.only(~never[self.col])

    def only(self, kept: Bools) -> tuple[HelpfulPairs, Positions]:
        """Return the problem with some of the pairs, and which demands are left: others stay with their fallback."""
        row, left = self.row[kept], np.zeros(len(self.fallback), dtype=bool)
        left[row] = True
        left |= np.isinf(self.fallback)
        number = np.cumsum(left) - 1
        settled = float(self.fallback[~left].sum())
        core = HelpfulPairs(
            number[row], self.col[kept], self.value[kept], self.fallback[left], self.n_sites, self.whole,
            self.constant + settled,
        )  # fmt: skip
        return core, np.flatnonzero(left)

    def best(self, chosen: Bools, fallback: Floats) -> tuple[Floats, Floats, Positions]:
        """Value of the best and second best choice of every demand, and the site of the best (-1: fallback)."""
        first, second = fallback.copy(), fallback.copy()
        site = np.full(len(fallback), -1, dtype=np.intp)
        at = np.flatnonzero(chosen[self.col])
        if len(at):
            row = self.row[at]
            head = np.flatnonzero(np.append(True, row[1:] != row[:-1]))
            first[row[head]] = self.value[at[head]]
            site[row[head]] = self.col[at[head]]
            after = head[:-1] + 1 if head[-1] == len(at) - 1 else head + 1
            after = after[row[after] == row[after - 1]]
            second[row[after]] = self.value[at[after]]
        return first, second, site


def make_core(row: Positions, col: Positions, value: Floats, fallback: Floats, n_sites: int) -> HelpfulPairs:
    """Keep the pairs that can help, in order."""
    helps = value < fallback[row]
    row, col, value = row[helps], col[helps], value[helps]
    order = np.lexsort((col, value, row))
    finite = fallback[np.isfinite(fallback)]
    whole = bool(
        (value == np.rint(value)).all()
        and (finite == np.rint(finite)).all()
        and (value.max(initial=0.0) + finite.sum()) * max(1, len(fallback)) < _WHOLE
    )
    return HelpfulPairs(row[order], col[order], value[order], fallback, n_sites, whole)
