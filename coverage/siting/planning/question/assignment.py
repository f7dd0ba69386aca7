"""Who goes where when places can take only so many: a minimum-cost flow, so that no place is served first.

As many births as possible are served; among all ways to do so, the one with the least travel. That is a flow from
demand to places (Ford and Fulkerson 1962), solved as a linear programme. Places are put in an order of their own before
it is solved, and places that cannot be told apart share what they get: the answer never depends on the order in which
they were given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.od_pairs import checked_amounts, read_pairs
from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.model import Model, solve
from coverage.siting.solvers.basis.sparse import Matrix, matrix, ones, stack
from i18n.messages import MessageError
from loaders.catalogue.types import Floats, Positions

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Assignment:
    """Births of every demand point at every place.

    Attributes
    ----------
    flow : (n_demand, n_facility) sparse births
    served, unserved : (n_demand,) births with and without a place; together all births
    unreachable : (n_demand,) the part of ``unserved`` that reaches no place at all; the rest found every place full
    load : (n_facility,) births each place is given
    total_cost : sum of births times cost
    """

    flow: Matrix
    served: Floats
    unserved: Floats
    unreachable: Floats
    load: Floats
    total_cost: float


def assign(cost: object, births: npt.ArrayLike, capacity: npt.ArrayLike) -> Assignment:
    """Assign births to places: as many as possible, then with as little travel as possible.

    Parameters
    ----------
    cost : (n_demand, n_facility) dense, ``inf`` out of reach, or scipy.sparse, absent out of reach; metres or minutes
    births : (n_demand,)
    capacity : (n_facility,) births a place can take

    Raises
    ------
    InputError
        when shapes do not fit, or a number is negative or missing

    Examples
    --------
    >>> found = assign([[1, 5], [2, 9]], [10, 10], [10, 6])
    >>> found.load.tolist(), found.unserved.tolist()
    ([10.0, 6.0], [0.0, 4.0])
    """
    pairs = read_pairs(cost)
    n, m = pairs.shape
    amount = checked_amounts(births, n, "births", some=False)
    room = checked_amounts(capacity, m, "capacity", some=False)
    row, col = pairs.demand.astype(np.intp), pairs.facility
    like, order = _alike(row, col, pairs.cost, m)
    count = int(like.max(initial=-1)) + 1
    shared = np.bincount(like, weights=room, minlength=count).astype(np.float64)
    first = np.flatnonzero(np.isin(np.arange(m), order))
    kept = np.isin(col, first) & (amount[row] > 0)
    arc_row, arc_col, arc_cost = row[kept], like[col[kept]], pairs.cost[kept]
    sort = np.lexsort((arc_row, arc_col))
    arc_row, arc_col, arc_cost = arc_row[sort], arc_col[sort], arc_cost[sort]
    given = _flow(arc_row, arc_col, arc_cost, amount, shared)
    flow = matrix(given, arc_row, arc_col, (n, count)) @ _split(like, room, shared)
    served = np.bincount(arc_row, weights=given, minlength=n).astype(np.float64)
    unserved = np.maximum(amount - served, 0.0)
    unserved[unserved <= _ROUNDING * np.maximum(1.0, amount)] = 0.0
    lost = np.ones(n, dtype=bool)
    lost[row] = False
    return Assignment(
        flow=flow,
        served=amount - unserved,
        unserved=unserved,
        unreachable=np.where(lost, amount, 0.0),
        load=np.asarray(flow.sum(axis=0), dtype=np.float64).ravel(),
        total_cost=float(given @ arc_cost),
    )


def _alike(row: Positions, col: Positions, cost: Floats, m: int) -> tuple[Positions, Positions]:
    """Number of every place by its costs to all demand, in an order that depends on these costs only.

    Returns
    -------
    (m,) number, the same for places with the same costs; and the first place of every number
    """
    order = np.lexsort((row, col))
    ends = np.cumsum(np.bincount(col, minlength=m))
    start = np.append(0, ends[:-1])
    lines = [row[order][a:b].tobytes() + cost[order][a:b].tobytes() for a, b in zip(start, ends, strict=True)]
    numbers = {line: number for number, line in enumerate(sorted(set(lines)))}
    like = np.array([numbers[line] for line in lines], dtype=np.intp)
    return like, np.unique(like, return_index=True)[1]


def _split(like: Positions, room: Floats, shared: Floats) -> Matrix:
    """(n_numbers, m) share of each place in what places like it get, in proportion to their capacity."""
    share = np.divide(room, shared[like], out=np.zeros(len(room)), where=shared[like] > 0)
    return matrix(share, like, np.arange(len(like)), (len(shared), len(like)))


def _flow(row: Positions, col: Positions, cost: Floats, births: Floats, room: Floats) -> Floats:
    """Births on every arc.

    Serving one more birth may push others from place to place along a path that visits every place at most once, so it
    never costs more than (places + 1) times the largest cost: a reward of that much serves as many as possible.
    """
    if not len(row):
        return np.zeros(0)
    arcs, n, m = len(row), len(births), len(room)
    arc = np.arange(arcs)
    model = Model(
        cost=cost / max(float(cost.max()), 1e-300) - (m + 1.0),
        low=np.zeros(arcs),
        high=np.minimum(births[row], room[col]),
        integer=np.zeros(arcs, dtype=bool),
        rows=stack([ones(row, arc, (n, arcs)), ones(col, arc, (m, arcs))]),
        row_low=np.full(n + m, -np.inf),
        row_high=np.concatenate([births, room]),
    )
    solution = solve(model, Control())
    if solution.x is None:
        raise MessageError("siting.error.unassigned")
    return np.maximum(solution.x, 0.0)


def unserved_by_zone(
    unserved: npt.ArrayLike, births: npt.ArrayLike, zones: npt.ArrayLike, ids: pd.Index
) -> pd.DataFrame:
    """Count the births without a place in every zone of a level.

    Parameters
    ----------
    unserved, births : (n,) per cell or point
    zones : (n,) number of the zone of each, -1 outside
    ids : ids of the zones

    Returns
    -------
    pandas.DataFrame
        ``zone_id, births, births_unserved, share_unserved``, most unserved first; zones without births left out
    """
    zone = np.asarray(zones, dtype=np.intp)
    in_zone = zone >= 0
    lost, all_births = np.asarray(unserved, dtype=np.float64), np.asarray(births, dtype=np.float64)
    total = np.bincount(zone[in_zone], weights=all_births[in_zone], minlength=len(ids))
    without = np.bincount(zone[in_zone], weights=lost[in_zone], minlength=len(ids))
    frame = pd.DataFrame({"zone_id": ids.to_numpy(object), "births": total, "births_unserved": without})
    frame = frame[frame["births"] > 0]
    frame["share_unserved"] = frame["births_unserved"] / frame["births"]
    return frame.sort_values(["births_unserved", "zone_id"], ascending=[False, True], ignore_index=True)
