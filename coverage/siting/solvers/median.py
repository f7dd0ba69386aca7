"""The p-median problem: the smallest total weighted distance."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt

from coverage.access.od_pairs import checked_amounts
from coverage.siting.solvers.basis.clash import no_selection, site_model
from coverage.siting.solvers.basis.columns import in_own_order
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.basis.gate import Terms
from coverage.siting.solvers.basis.instance import check_count, check_weights, make_instance
from coverage.siting.solvers.basis.result import SitingResult, finish
from coverage.siting.solvers.basis.rules import Rules
from coverage.siting.solvers.capacitated import solve_capacitated
from coverage.siting.solvers.exact.core import make_core
from coverage.siting.solvers.exact.optimum import optimise
from coverage.siting.solvers.feasible import fill, serving_all
from loaders.catalogue.types import Bools


@in_own_order
def p_median(
    cost: object,
    weights: npt.ArrayLike,
    p: int,
    *,
    fixed: Collection[int] = (),
    capacity: npt.ArrayLike | None = None,
    single_source: bool = False,
    fill_existing: bool = False,
    rules: Rules | None = None,
    time_limit: float | None = None,
    mip_gap: float = 0.0,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> SitingResult:
    """Choose ``p`` sites with the smallest total weighted distance from every demand to its nearest one.

        minimise sum_ij w_i c_ij x_ij   subject to   sum_j x_ij = 1,   x_ij <= y_j,   sum_j y_j <= p,   y binary

    Hakimi (1964), Operations Research 12, 450-459. With capacities no site is given more than it can take.

    Parameters
    ----------
    cost : (n_demand, n_facility) dense, ``inf`` out of reach, or scipy.sparse, absent out of reach; metres or minutes
    weights : (n_demand,) births
    p : number of sites, the fixed ones included
    fixed : numbers of sites that are open anyway
    capacity : (n_facility,) weight each site can take; None for no limit
    single_source : with capacities: each demand goes to one site as a whole
    fill_existing : with capacities: the sites there are (fixed, or closable and kept) are given as much as they can
        take before new ones are given any
    rules, time_limit, mip_gap, should_stop, on_progress : see `coverage.siting.lscp`

    Returns
    -------
    SitingResult
        ``objective`` is the sum of weight times distance over the demand that some possible site reaches; rows that
        none reaches stand in ``unserved`` and are not in it

    Raises
    ------
    InputError
        when an argument makes no sense, ``p`` exceeds the possible sites, no ``p`` sites serve all demand that can be
        served, or no selection keeps to the rules

    Examples
    --------
    >>> found = p_median([[0, 4], [4, 0], [6, 2]], [1, 1, 1], 1)
    >>> found.sites.tolist(), found.objective
    ([1], 6.0)
    """
    control = Control(time_limit, mip_gap, should_stop, on_progress)
    instance = make_instance(cost, fixed, rules)
    weight = check_weights(weights, instance.n_demand)
    new = check_count(p, instance)
    if capacity is not None or (rules is not None and rules.loads):
        room = None if capacity is None else checked_amounts(capacity, instance.n_sites, "capacity", some=False)
        terms = Terms("p_median", instance, p, np.inf, weight, room, single_source)
        return solve_capacitated(terms, instance, control, fill_existing=fill_existing)
    asks = weight > 0
    asks[instance.unreachable] = False
    settled = instance.nearest(instance.fixed)[0]
    fallback = np.where(asks, np.where(np.isfinite(settled), settled, np.inf) * np.where(asks, weight, 1.0), 0.0)
    use = asks[instance.row] & instance.side.allowed[instance.col]
    row, col = instance.row[use], instance.col[use]
    core = make_core(row, col, weight[row] * instance.cost[use], fallback, instance.n_sites)
    build_seconds = control.seconds
    seed = serving_all(instance, np.isinf(fallback), new, control)
    optimum = optimise(core, new, instance.side, control, seed)
    if optimum.chosen is None:
        raise no_selection(*site_model(instance, new, asks), control)

    def total(sites: Bools) -> float:
        distance = instance.nearest(sites | instance.fixed)[0]
        return float((weight[asks] * distance[asks]).sum())

    chosen = fill(optimum.chosen, new, instance, weight) | instance.fixed
    objective = total(chosen)
    greedy = _greedy(optimum.greedy, instance.fixed, total)
    return finish(
        Terms("p_median", instance, p, weight=weight), chosen, objective, min(optimum.bound, objective), control,
        greedy=greedy, build_seconds=build_seconds,
    )  # fmt: skip


def _greedy(sites: Bools | None, fixed: Bools, total: Callable[[Bools], float]) -> tuple[Bools, float] | None:
    """Greedy's answer and its worth; None where it leaves demand without a site."""
    if sites is None or not np.isfinite(worth := total(sites)):
        return None
    return sites | fixed, worth
