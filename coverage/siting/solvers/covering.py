"""Set covering (LSCP) and maximal covering (MCLP)."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt

from coverage.access.od_pairs import checked_amounts
from coverage.siting.solvers.basis.clash import no_selection, site_model
from coverage.siting.solvers.basis.columns import in_own_order
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.basis.gate import Terms
from coverage.siting.solvers.basis.instance import (
    Instance,
    check_count,
    check_radius,
    check_weights,
    make_instance,
    no_cover,
)
from coverage.siting.solvers.basis.result import SitingResult, finish
from coverage.siting.solvers.basis.rules import Rules, Side
from coverage.siting.solvers.basis.sparse import Matrix, ones, take
from coverage.siting.solvers.capacitated import solve_capacitated
from coverage.siting.solvers.exact.core import HelpfulPairs, make_core
from coverage.siting.solvers.exact.optimum import optimise
from coverage.siting.solvers.feasible import fill
from coverage.siting.solvers.second import least_travel
from coverage.siting.solvers.setcover import cover_all, kept_columns
from i18n.messages import MessageError
from loaders.catalogue.types import Bools, Floats, Ints


@in_own_order
def lscp(
    cost: object,
    radius: float,
    *,
    fixed: Collection[int] = (),
    rules: Rules | None = None,
    time_limit: float | None = None,
    mip_gap: float = 0.0,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> SitingResult:
    """Cover all demand with as few sites as possible (location set covering problem).

        minimise sum_j y_j   subject to   sum_{j: c_ij <= radius} y_j >= 1 for all i,   y binary

    Toregas, Swain, ReVelle and Bergman (1971), Operations Research 19, 1363-1373.

    Parameters
    ----------
    cost : (n_demand, n_facility) dense, ``inf`` out of reach, or scipy.sparse, absent out of reach; metres or minutes
    radius : in the unit of ``cost``, its end included
    fixed : numbers of sites that are open anyway; they count in the objective
    rules : further rules on the other sites
    time_limit : seconds; after that the best answer is given with its gap
    mip_gap : relative gap at which the answer is good enough
    should_stop : asked now and then; when it says True the best answer is given with its gap
    on_progress : told of better answers and bounds

    Returns
    -------
    SitingResult
        ``objective`` is the number of sites, the fixed ones included

    Raises
    ------
    NoCoverError
        when some demand has no possible site within the radius: ``rows`` and ``nearest`` say which and how far
    InputError
        when an argument makes no sense, or no set of sites keeps to the rules

    Examples
    --------
    >>> lscp([[0, 5], [5, 0], [3, 3]], 3).sites.tolist()
    [0, 1]
    """
    control = Control(time_limit, mip_gap, should_stop, on_progress)
    instance = make_instance(cost, fixed, rules)
    near = instance.within(check_radius(radius))
    if len(near.unreachable):
        raise no_cover(instance, near.unreachable, radius)
    left = np.isinf(near.nearest(near.fixed)[0])
    covers = take(ones(near.row, near.col, (near.n_demand, near.n_sites)), np.flatnonzero(left))
    build_seconds = control.seconds
    cover = cover_all(covers, instance.side, control)
    if cover.chosen is None:
        if cover.possible:
            raise MessageError("siting.error.none_in_time")
        raise no_selection(*site_model(near, None, np.ones(near.n_demand, dtype=bool)), control)
    already = int(instance.fixed.sum())
    chosen = cover.chosen | instance.fixed
    greedy = None if cover.greedy is None else (cover.greedy | instance.fixed, float(cover.greedy.sum() + already))
    return finish(
        Terms("lscp", instance, radius=radius),
        chosen, float(chosen.sum()), min(cover.bound + already, float(chosen.sum())), control,
        greedy=greedy, build_seconds=build_seconds,
    )  # fmt: skip


@in_own_order
def mclp(
    cost: object,
    weights: npt.ArrayLike,
    radius: float,
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
    """Cover as much weight as possible with ``p`` sites (maximal covering location problem).

        maximise sum_i w_i (1 - z_i)   subject to   z_i + sum_{j: c_ij <= radius} y_j >= 1,   sum_j y_j <= p,   y binary

    Church and ReVelle (1974), Papers of the Regional Science Association 32, 101-118. With capacities demand is
    assigned and no site is given more than it can take; the rest stays unserved.

    Parameters
    ----------
    cost : (n_demand, n_facility) dense, ``inf`` out of reach, or scipy.sparse, absent out of reach; metres or minutes
    weights : (n_demand,) births
    radius : in the unit of ``cost``, its end included
    p : number of sites, the fixed ones included
    fixed : numbers of sites that are open anyway
    capacity : (n_facility,) weight each site can take; None for no limit
    single_source : with capacities: each demand goes to one site as a whole, or to none
    fill_existing : with capacities: the sites there are (fixed, or closable and kept) are given as much as they can
        take before new ones are given any
    rules, time_limit, mip_gap, should_stop, on_progress : see `lscp`

    Returns
    -------
    SitingResult
        ``objective`` is the weight covered, ``bound`` the most that any choice could cover

    Raises
    ------
    InputError
        when an argument makes no sense, ``p`` exceeds the possible sites, or no selection keeps to the rules

    Examples
    --------
    >>> found = mclp([[0, 9], [9, 0], [9, 1]], [5, 4, 3], 1, 1)
    >>> found.sites.tolist(), found.objective, found.bound
    ([1], 7.0, 7.0)
    """
    control = Control(time_limit, mip_gap, should_stop, on_progress)
    instance = make_instance(cost, fixed, rules)
    weight = check_weights(weights, instance.n_demand)
    near = instance.within(check_radius(radius))
    new = check_count(p, instance)
    if capacity is not None or (rules is not None and rules.loads):
        room = None if capacity is None else checked_amounts(capacity, instance.n_sites, "capacity", some=False)
        terms = Terms("mclp", instance, p, radius, weight, room, single_source)
        return solve_capacitated(terms, near, control, fill_existing=fill_existing)
    core, side = covering_core(near, weight)
    build_seconds = control.seconds
    total = float(weight.sum())
    tell, control.on_progress = control.on_progress, None
    if tell is not None:
        control.on_progress = lambda step: tell(_turned(step, total))
    optimum = optimise(core, new, side, control)
    if optimum.chosen is None:
        raise no_selection(*site_model(near, new, None), control)

    def covered(sites: Bools) -> float:
        return float(weight[near.nearest(sites | near.fixed)[1] >= 0].sum())

    best = covered(optimum.chosen)

    def as_good(sites: Bools) -> bool:
        return covered(sites) >= best - 1e-12 * total

    picked = least_travel(near, optimum.chosen, new, weight, as_good, control)
    chosen = fill(picked, new, near, weight) | near.fixed
    greedy = None if optimum.greedy is None else (optimum.greedy | near.fixed, covered(optimum.greedy))
    objective = covered(chosen)
    return finish(
        Terms("mclp", instance, p, radius, weight),
        chosen, objective, max(total - optimum.bound, objective), control,
        greedy=greedy, build_seconds=build_seconds,
    )  # fmt: skip


def covering_core(near: Instance, weight: Floats, *, each: bool = False) -> tuple[HelpfulPairs, Side]:
    """Maximal covering as a core problem: demand of the same sites put together.

    Sites whose demand is all covered by another one are left out, unless there are rules, or ``each`` asks for them.
    """
    lost = np.isinf(near.nearest(near.fixed)[0]) & (weight > 0)
    use = lost[near.row] & near.side.allowed[near.col]
    covers = ones(near.row[use], near.col[use], (near.n_demand, near.n_sites))
    group, first = alike(covers)
    joint = np.bincount(group, weights=np.where(lost, weight, 0.0), minlength=len(first)).astype(np.float64)
    covers = take(covers, first)
    side = near.side
    if side.empty and not each:
        useful = kept_columns(covers)
        side = Side(side.allowed & useful, side.rows, side.low, side.high, side.start)
    pairs = covers.tocoo()
    allowed = side.allowed[pairs.col]
    row, col = pairs.row[allowed].astype(np.intp), pairs.col[allowed].astype(np.intp)
    return make_core(row, col, np.zeros(len(row)), joint, near.n_sites), side


def alike(covers: Matrix) -> tuple[Ints, Ints]:
    """Group of every row with the same columns, and the first row of each group."""
    lines = covers.shape[0]
    key = np.random.default_rng(0).integers(1, 2**40, size=covers.shape[1]).astype(np.float64)
    _, first, group = np.unique(covers @ key, return_index=True, return_inverse=True)
    if (take(covers, first[group]) != covers).nnz:  # two different rows by chance share a key: keep every row apart
        return np.arange(lines), np.arange(lines)
    return group, first


def _turned(step: Progress, total: float) -> Progress:
    """Progress in weight covered instead of weight lost."""
    incumbent = None if step.incumbent is None else total - step.incumbent
    bound = None if step.bound is None else total - step.bound
    return Progress(step.seconds, incumbent, bound, step.stage)
