"""Whether places have hours enough for the children who live nearest to them, where the hours are known.

A family goes to its nearest place within reach. A place with known hours is *overfull* when it then gets more births
for an hour than a place can take. How many that is, is not written down anywhere; left out, it is `MARGIN` times what
the places with known hours get on average, so that the label points at places that stand out among their own kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.core.demand import Demand
from coverage.core.reach import Reach, place_rows
from coverage.zones.reasons import Verdict
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.types import Floats

MARGIN = 1.5
"""Births for an hour that a place can take, as a multiple of the mean of the places with known hours."""

OVER_CAPACITY_SHARE = 0.5
"""A zone is over capacity when more than this share of its births in reach has an overfull place as the nearest."""


@dataclass(frozen=True, eq=False)
class Load:
    """What every place gets, and what it can take; arrays are (n_facilities,), rows of the facility frame.

    Attributes
    ----------
    births : births whose nearest place within reach it is; NaN for rows that are no place with a point
    hours : hours per year, NaN where not known
    births_per_hour : births for an hour per year that a place can take
    """

    births: Floats
    hours: Floats
    births_per_hour: float

    @property
    def room(self) -> Floats:
        """(n_facilities,) births that a place can take; NaN where its hours are not known."""
        return self.hours * self.births_per_hour

    @property
    def overfull(self) -> npt.NDArray[np.bool_]:
        """(n_facilities,) whether a place with known hours gets more births than it can take."""
        return np.asarray(self.births > self.room * (1 + 1e-9), dtype=bool)


def load_of_places(
    demand: Demand, reach: Reach, facilities: Facilities, within_m: float, births_per_hour: float | None = None
) -> Load | None:
    """Births of every place against its hours.

    Parameters
    ----------
    demand : births of every cell
    reach : distances of every cell to the places of ``facilities``
    facilities : rows of one service
    within_m : reach in metres of travel, its end included
    births_per_hour : births for an hour per year that a place can take; None for `MARGIN` times
        ``Σ births / Σ hours`` over the places with known hours

    Returns
    -------
    Load or None
        None where distances are not known, or the hours of no place are: then there is nothing to judge
    """
    hours = facilities.frame["hours_per_year"].to_numpy(np.float64, na_value=np.nan)
    rows = place_rows(facilities)
    open_rows = rows[np.isfinite(hours[rows])]
    if not (reach.known and len(open_rows)):
        return None
    served = reach.distance_m <= within_m
    total = np.bincount(reach.nearest[served], weights=demand.births[served], minlength=len(hours))
    births = np.full(len(hours), np.nan)
    births[rows] = total[rows]
    if births_per_hour is None:
        given = float(hours[open_rows].sum())
        births_per_hour = MARGIN * float(births[open_rows].sum()) / given if given else 0.0
    return Load(births, hours, births_per_hour)


def over_capacity(
    load: Load, demand: Demand, reach: Reach, zone_index: npt.NDArray[np.int32], n_zones: int, within_m: float
) -> Verdict:
    """Whether most births of a zone that are in reach have an overfull place as their nearest.

    Judged where the places with known hours settle it either way. Hours that are not known leave the other reasons
    as they are: such a zone is not judged on hours, and its gap does not become unknown for it.

    Parameters
    ----------
    load : births and hours of the places
    demand, reach : births and distances of every cell
    zone_index : (n_cells,) zone of every cell, -1 outside the partition
    n_zones : number of zones
    within_m : reach in metres of travel

    Returns
    -------
    Verdict
        arrays (n_zones,)
    """
    served = (reach.distance_m <= within_m) & (zone_index >= 0) & (demand.births > 0)
    zone, place, births = zone_index[served], reach.nearest[served], demand.births[served]

    def by_zone(mark: npt.NDArray[np.bool_]) -> Floats:
        return np.asarray(np.bincount(zone[mark], weights=births[mark], minlength=n_zones), dtype=np.float64)

    everyone = by_zone(np.ones(len(zone), dtype=bool))
    crowded = by_zone(load.overfull[place])
    unknown = by_zone(np.isnan(load.hours)[place])
    slack = 1e-9 * everyone
    holds = crowded > OVER_CAPACITY_SHARE * everyone + slack
    judged = (everyone > 0) & (holds | (crowded + unknown <= OVER_CAPACITY_SHARE * everyone + slack))
    return Verdict(holds, judged, optional=True)
