"""The travel model ``crow``: the straight line, lengthened by a circuity factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.access.nearest_facilities import nearest
from coverage.access.od_pairs import CostPairs, straight_pairs
from coverage.travel.base import Travel
from loaders.catalogue.types import Floats

CIRCUITY = 1.3
"""Travel distance divided by straight-line distance; what we measured of it is in docs/method/circuity.md."""


def crow(demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
    """Straight line times `CIRCUITY`, so the nearest in travel is the nearest as the crow flies.

    Of facilities at the same distance the one listed first is taken (with ``k`` of 2 or more), so that the outcome
    depends on the places alone and not on how they were searched.

    Parameters
    ----------
    demand_xy : (n, 2) metres
    facility_xy : (m, 2) metres
    k : how many facilities per point

    Returns
    -------
    Travel
        ``distance_m`` (n, k) metres of travel, ``index`` (n, k)
    """
    straight = nearest(demand_xy, facility_xy, k)
    metres, index = straight.distance_m * CIRCUITY, straight.index
    tied = np.flatnonzero(((metres[:, :-1] == metres[:, 1:]) & (index[:, 1:] >= 0)).any(axis=1))
    if len(tied):
        index[tied] = _listed_first(demand_xy[tied], facility_xy, metres[tied])
    return Travel(metres, index)


def _listed_first(demand_xy: Floats, facility_xy: Floats, metres: Floats) -> npt.NDArray[np.intp]:
    """(n, k) facilities at (n, k) ``metres``, those at the same distance in the order in which they are listed."""
    k, more = metres.shape[1], 2 * metres.shape[1]
    index = np.empty(metres.shape, dtype=np.intp)
    left = np.arange(len(metres))
    while len(left):
        found = nearest(demand_xy[left], facility_xy, more)
        travel = found.distance_m * CIRCUITY
        order = np.lexsort((found.index, travel))
        index[left] = np.take_along_axis(found.index, order, axis=1)[:, :k]
        left = left[(travel[:, -1] == metres[left, -1]) & (more < len(facility_xy))]
        more *= 4
    return index


@dataclass(frozen=True)
class Crow:
    """The travel model ``crow``, see `crow`."""

    least: float = CIRCUITY

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """See `TravelModel`."""
        return crow(demand_xy, facility_xy, k)

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """See `TravelModel`."""
        return straight_pairs(demand_xy, facility_xy, radius, CIRCUITY)
