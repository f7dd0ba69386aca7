"""Fixed-cost facility location: how many sites, where, and who goes where, at the least total cost."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt

from coverage.access.od_pairs import checked_amounts
from coverage.siting.solvers.basis.columns import in_own_order
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.basis.gate import Terms
from coverage.siting.solvers.basis.instance import check_weights, make_instance
from coverage.siting.solvers.basis.result import SitingResult
from coverage.siting.solvers.basis.rules import Rules
from coverage.siting.solvers.capacitated import solve_capacitated


@in_own_order
def facility_location(
    cost: object,
    weights: npt.ArrayLike,
    *,
    opening_cost: npt.ArrayLike,
    capacity: npt.ArrayLike | None = None,
    single_source: bool = False,
    fixed: Collection[int] = (),
    fill_existing: bool = False,
    rules: Rules | None = None,
    time_limit: float | None = None,
    mip_gap: float = 0.0,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> SitingResult:
    """Serve all demand at the least cost of opening sites and of travel (fixed-cost facility location).

        minimise sum_j f_j y_j + sum_ij w_i c_ij x_ij
        subject to sum_j x_ij = 1,   sum_i w_i x_ij <= capacity_j y_j,   x_ij <= y_j,   y binary

    Balinski (1965), Management Science 12, 253-313; with single source Holmberg, Ronnqvist and Yuan (1999), European
    Journal of Operational Research 113, 544-559.

    Parameters
    ----------
    cost : (n_demand, n_facility) cost of a unit of weight, dense, ``inf`` out of reach, or scipy.sparse, absent out of
        reach
    weights : (n_demand,) births
    opening_cost : (n_facility,) in the unit of weight times cost; of sites that are fixed it is not counted, for they
        are open whatever is chosen
    capacity : (n_facility,) weight each site can take; None for no limit
    single_source : each demand goes to one site as a whole; else it may be split
    fixed : numbers of the sites that are open anyway
    fill_existing : the sites there are (fixed, or closable and kept) are given as much as they can take before new ones
        are given any: the cost is the least among such answers
    rules, time_limit, mip_gap, should_stop, on_progress : see `coverage.siting.lscp`

    Returns
    -------
    SitingResult
        ``objective`` is the total cost over the demand that some possible site reaches; ``shares`` says who goes where

    Raises
    ------
    InputError
        when an argument makes no sense, the sites cannot take all demand, or no selection keeps to the rules

    Examples
    --------
    >>> found = facility_location([[0, 4], [4, 0], [6, 2]], [1, 1, 1], opening_cost=[3, 3])
    >>> found.sites.tolist(), found.objective
    ([0, 1], 8.0)
    """
    control = Control(time_limit, mip_gap, should_stop, on_progress)
    instance = make_instance(cost, fixed, rules)
    weight = check_weights(weights, instance.n_demand)
    opening = checked_amounts(opening_cost, instance.n_sites, "opening_cost", some=False)
    room = None if capacity is None else checked_amounts(capacity, instance.n_sites, "capacity", some=False)
    opening = np.where(instance.fixed, 0.0, opening)
    terms = Terms("fixed_cost", instance, None, np.inf, weight, room, single_source, opening)
    return solve_capacitated(terms, instance, control, opening=opening, fill_existing=fill_existing)
