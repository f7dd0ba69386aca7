"""The travel model ``crow``: the straight line, lengthened by a circuity factor; by car, a curve of it.

On foot and by bike the way is `CIRCUITY` times the straight line. A car goes faster the farther it goes, so its minutes
follow a power of the straight line, fitted on measured driving times (docs/method/travel.md).
"""

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

CAR_MINUTES, CAR_POWER = 5.01, 0.58
"""Minutes by car are ``CAR_MINUTES`` times kilometres of straight line to the power ``CAR_POWER``."""

_CAR_M_PER_MINUTE = 1000.0
_FARTHEST_KM = 300.0
"""No two points of a region are farther apart."""


def travel_of(straight_m: Floats, mode: str = "walk") -> Floats:
    """Metres of travel of a straight line; by car at 60 km/h, so 1,000 of them are a minute."""
    if mode != "car":
        return np.asarray(straight_m * CIRCUITY, dtype=np.float64)
    return np.asarray(_CAR_M_PER_MINUTE * CAR_MINUTES * (straight_m / 1000) ** CAR_POWER, dtype=np.float64)


def straight_of(travel_m: Floats, mode: str = "walk") -> Floats:
    """Metres of straight line that take so many metres of travel, see `travel_of`."""
    if mode != "car":
        return np.asarray(travel_m / CIRCUITY, dtype=np.float64)
    return np.asarray(1000 * (travel_m / (_CAR_M_PER_MINUTE * CAR_MINUTES)) ** (1 / CAR_POWER), dtype=np.float64)


def crow(demand_xy: Floats, facility_xy: Floats, k: int = 2, mode: str = "walk") -> Travel:
    """Travel by `travel_of`, so the nearest in travel is the nearest as the crow flies.

    Of facilities at the same distance the one listed first is taken (with ``k`` of 2 or more), so that the outcome
    depends on the places alone and not on how they were searched.

    Parameters
    ----------
    demand_xy : (n, 2) metres
    facility_xy : (m, 2) metres
    k : how many facilities per point
    mode : ``walk``, ``bike`` or ``car``

    Returns
    -------
    Travel
        ``distance_m`` (n, k) metres of travel, ``index`` (n, k)
    """
    straight = nearest(demand_xy, facility_xy, k)
    metres, index = travel_of(straight.distance_m, mode), straight.index
    tied = np.flatnonzero(((metres[:, :-1] == metres[:, 1:]) & (index[:, 1:] >= 0)).any(axis=1))
    if len(tied):
        index[tied] = _listed_first(demand_xy[tied], facility_xy, metres[tied], mode)
    return Travel(metres, index)


def _listed_first(demand_xy: Floats, facility_xy: Floats, metres: Floats, mode: str) -> npt.NDArray[np.intp]:
    """(n, k) facilities at (n, k) ``metres``, those at the same distance in the order in which they are listed."""
    k, more = metres.shape[1], 2 * metres.shape[1]
    index = np.empty(metres.shape, dtype=np.intp)
    left = np.arange(len(metres))
    while len(left):
        nearest_places = nearest(demand_xy[left], facility_xy, more)
        travel = travel_of(nearest_places.distance_m, mode)
        order = np.lexsort((nearest_places.index, travel))
        index[left] = np.take_along_axis(nearest_places.index, order, axis=1)[:, :k]
        left = left[(travel[:, -1] == metres[left, -1]) & (more < len(facility_xy))]
        more *= 4
    return index


@dataclass(frozen=True)
class Crow:
    """The travel model ``crow``, see the module."""

    mode: str = "walk"

    @property
    def least(self) -> float:
        """See `TravelModel`."""
        if self.mode != "car":
            return CIRCUITY
        return float(travel_of(np.array(1000 * _FARTHEST_KM), "car")) / (1000 * _FARTHEST_KM)

    def straight(self, travel_m: float) -> float:
        """Metres of straight line from where a place is within so many metres of travel."""
        return float(straight_of(np.array(travel_m), self.mode))

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """See `TravelModel`."""
        return crow(demand_xy, facility_xy, k, self.mode)

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """See `TravelModel`; a radius may be infinite."""
        if not np.isfinite(radius):
            both = np.vstack([demand_xy, facility_xy])
            radius = float(travel_of(np.hypot(*np.ptp(both, axis=0)), self.mode)) + 1.0 if len(both) else 1.0
        if self.mode != "car":
            return straight_pairs(demand_xy, facility_xy, radius, CIRCUITY)
        pairs = straight_pairs(demand_xy, facility_xy, self.straight(radius) * (1 + _ROUNDING))
        travel = travel_of(pairs.cost, self.mode)
        return CostPairs(pairs.demand, pairs.start, travel, pairs.shape).within(radius)


_ROUNDING = 1e-9
