"""A norm as arrays: which site reaches which demand, what each demand weighs, and which sites are open anyway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from loaders.catalogue.types import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class NormProblem:
    """Open sites so that most weight is within reach, every new one being given at least `least`.

    ``max Σ_ij w_i x_ij`` over ``y_j ∈ {0, 1}`` and ``x_ij ≥ 0`` with ``Σ_j x_ij ≤ 1``, ``x_ij ≤ y_j`` where site *j*
    reaches demand *i* and 0 elsewhere, and ``Σ_i w_i x_ij ≥ least · y_j`` for every site that is not open anyway.

    Attributes
    ----------
    row, col : (n_pairs,) demand and site that reach each other
    weight : (n_demand,) what a demand weighs for the norm
    n_sites : number of sites
    fixed : (n_sites,) sites that are open anyway and need not meet the norm
    allowed : (n_sites,) sites that may be opened
    least : weight that every new site must be given
    groups : sets of sites of which one at least is open, whatever the norm says
    xy : (n_sites, 2) metres, for the spacing
    spacing_m : metres between a new site and any other; 0 for none
    """

    row: Ints
    col: Ints
    weight: Floats
    n_sites: int
    fixed: Bools
    allowed: Bools
    least: float
    groups: Sequence[Ints] = ()
    xy: Floats | None = None
    spacing_m: float = 0.0

    @cached_property
    def of_site(self) -> tuple[Ints, Ints]:
        """Where the demands of every site begin, and the demands."""
        return _grouped(self.col, self.row, self.n_sites)

    @cached_property
    def of_demand(self) -> tuple[Ints, Ints]:
        """Where the sites of every demand begin, and the sites."""
        return _grouped(self.row, self.col, len(self.weight))

    def demands(self, site: int) -> Ints:
        """Demands that a site reaches."""
        start, demand = self.of_site
        return demand[start[site] : start[site + 1]]

    def sites(self, demand: int) -> Ints:
        """Sites that reach a demand."""
        start, site = self.of_demand
        return site[start[demand] : start[demand + 1]]

    @cached_property
    def reached(self) -> Floats:
        """(n_sites,) weight within reach of every site."""
        return np.bincount(self.col, weights=self.weight[self.row], minlength=self.n_sites).astype(np.float64)

    @cached_property
    def needed(self) -> Floats:
        """(n_sites,) weight that a site must be given when it is new; nothing where a rule may ask for it."""
        needed = np.where(self.fixed, 0.0, self.least)
        for group in self.groups:
            needed[group] = 0.0
        return needed

    @cached_property
    def usable(self) -> Bools:
        """(n_sites,) sites that may be open in some answer."""
        return np.asarray(self.fixed | (self.allowed & (self.reached >= self.needed * (1 - 1e-12))))

    @cached_property
    def feasible(self) -> Bools:
        """(n_sites,) sites that could meet the norm by themselves; no other can in any answer."""
        return np.asarray(self.allowed & ~self.fixed & (self.reached >= self.least * (1 - 1e-12)))


def _grouped(key: Ints, value: Ints, size: int) -> tuple[Ints, Ints]:
    order = np.argsort(key, kind="stable")
    return np.concatenate([[0], np.cumsum(np.bincount(key, minlength=size))]).astype(np.intp), value[order]
