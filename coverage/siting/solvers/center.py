"""The vertex p-center problem: the smallest largest distance."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from coverage.siting.solvers.basis.clash import no_selection, site_model
from coverage.siting.solvers.basis.columns import in_own_order
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.basis.gate import Terms
from coverage.siting.solvers.basis.instance import Instance, check_count, make_instance
from coverage.siting.solvers.basis.result import SitingResult, finish
from coverage.siting.solvers.basis.rules import Rules
from coverage.siting.solvers.basis.sparse import Matrix, ones, take
from coverage.siting.solvers.feasible import fill, serving_all
from coverage.siting.solvers.second import least_travel
from coverage.siting.solvers.setcover import Cover, cover_all, greedy_cover
from loaders.catalogue.types import Bools, Floats


@in_own_order
def p_center(
    cost: object,
    p: int,
    *,
    fixed: Collection[int] = (),
    rules: Rules | None = None,
    time_limit: float | None = None,
    mip_gap: float = 0.0,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> SitingResult:
    """Choose ``p`` sites such that the largest distance from a demand to its nearest site is as small as possible.

    Hakimi (1965), Operations Research 13, 462-475. The answer is one of the distances in ``cost``; bisection over these
    asks each time whether ``p`` sites cover all demand within that distance (Minieka 1970, SIAM Review 12, 138-139).

    Parameters
    ----------
    cost : (n_demand, n_facility) dense, ``inf`` out of reach, or scipy.sparse, absent out of reach; metres or minutes
    p : number of sites, the fixed ones included
    fixed : numbers of sites that are open anyway
    rules, time_limit, mip_gap, should_stop, on_progress : see `coverage.siting.lscp`

    Returns
    -------
    SitingResult
        ``objective`` is the largest distance over the demand that some possible site reaches; rows that none reaches
        stand in ``unserved``

    Raises
    ------
    InputError
        when an argument makes no sense, ``p`` exceeds the possible sites, or no ``p`` sites reach all demand

    Examples
    --------
    >>> found = p_center([[0, 4], [4, 0], [6, 2]], 1)
    >>> found.sites.tolist(), found.objective
    ([1], 4.0)
    """
    control = Control(time_limit, mip_gap, should_stop, on_progress)
    instance = make_instance(cost, fixed, rules)
    new = check_count(p, instance)
    search = _Bisection(instance, new, control)
    build_seconds = control.seconds
    search.run()
    if search.chosen is None:
        raise no_selection(*site_model(instance, new, np.isfinite(instance.nearest(instance.usable)[0])), control)
    worst, every = search.largest(search.chosen), np.ones(instance.n_demand)
    picked = least_travel(
        instance.within(worst), search.chosen, new, every, lambda sites: search.largest(sites) <= worst, control
    )
    chosen = fill(picked, new, instance, every) | instance.fixed
    objective = search.largest(chosen)
    greedy = None if search.greedy is None else (search.greedy | instance.fixed, search.largest(search.greedy))
    return finish(
        Terms("p_center", instance, p), chosen, objective, min(search.bound, objective), control,
        greedy=greedy, build_seconds=build_seconds,
    )  # fmt: skip


class _Bisection:
    """Narrow down the distances between what cannot and what can be had.

    ``bound`` is the smallest distance not yet proven impossible; ``chosen`` the best sites known.
    """

    def __init__(self, instance: Instance, new: int, control: Control) -> None:
        self.instance, self.new, self.control = instance, new, control
        self.settled = instance.nearest(instance.fixed)[0]
        self.settled[instance.unreachable] = 0.0
        usable = instance.usable[instance.col]
        near = np.minimum(instance.nearest(instance.usable)[0], self.settled)
        near[instance.unreachable] = 0.0
        self.bound = float(near.max())
        distances = np.unique(instance.cost[usable])
        self.distances: Floats = distances[distances >= self.bound]
        if not len(self.distances):
            self.distances = np.array([self.bound])
        self.chosen: Bools | None = None
        self.greedy: Bools | None = None
        self.objective = np.inf
        seed = serving_all(instance, np.isinf(self.settled), new, control)
        if seed is not None and instance.side.accept(seed):
            self._take(seed)

    def largest(self, sites: Bools) -> float:
        """Largest distance to the nearest of ``sites`` or a fixed one."""
        distance = self.instance.nearest(sites | self.instance.fixed)[0]
        distance[self.instance.unreachable] = 0.0
        return float(distance.max())

    def run(self) -> None:
        """Bisect first with what greedy finds, then exactly between what is left."""
        low, high = 0, len(self.distances) - 1
        self.greedy = self._by_greedy(low, high)
        high = self._index_of(self.objective, high)
        if self.chosen is None:
            self._exactly(high)
            high = self._index_of(self.objective, high)
        while low < high and not self.control.over():
            if self._good_enough():
                return
            middle = (low + high) // 2
            cover = self._exactly(middle)
            if cover.possible and cover.chosen is not None and cover.chosen.sum() <= self.new:
                high = self._index_of(self.objective, middle)
            elif not cover.possible:
                low = middle + 1
                self.bound = float(self.distances[low])
            else:
                return  # stopped before it was settled
            self.control.tell("search", self.objective, self.bound)
        if low >= high and self.chosen is not None:
            self.bound = self.objective

    def _good_enough(self) -> bool:
        return self.objective - self.bound <= self.control.mip_gap * abs(self.objective)

    def _index_of(self, distance: float, otherwise: int) -> int:
        if not np.isfinite(distance):
            return otherwise
        return min(otherwise, int(np.searchsorted(self.distances, distance)))

    def _covers(self, index: int) -> Matrix:
        """Demand that the fixed sites leave, and the sites within the distance."""
        radius = self.distances[index]
        near = self.instance.within(float(radius))
        rows = np.flatnonzero(self.settled > radius)
        return take(ones(near.row, near.col, (near.n_demand, near.n_sites)), rows)

    def _take(self, sites: Bools | None) -> bool:
        """Keep a set of sites that is small and good enough."""
        if sites is None or sites.sum() > self.new:
            return False
        worth = self.largest(sites)
        if worth < self.objective:
            self.chosen, self.objective = sites, worth
        return True

    def _by_greedy(self, low: int, high: int) -> Bools | None:
        best = None
        while low <= high and not self.control.over():
            middle = (low + high) // 2
            sites = greedy_cover(self._covers(middle), self.instance.side.allowed, self.instance.side)
            if self._take(sites):
                best, high = sites, middle - 1
            else:
                low = middle + 1
        self.control.tell("greedy", None if self.chosen is None else self.objective, self.bound)
        return best

    def _exactly(self, index: int) -> Cover:
        cover = cover_all(self._covers(index), self.instance.side, self.control, enough=self.new)
        self._take(cover.chosen)
        return cover
