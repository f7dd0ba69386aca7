"""Access in one place: the nearest facilities as the crow flies, floating catchments, Gini.

The measures themselves live in modules of their own; this is where others find them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from coverage.access.catchment import floating_catchment
from coverage.access.inequality import gini
from coverage.access.od_pairs import checked_points
from i18n.errors import InputError

__all__ = ["Nearest", "floating_catchment", "gini", "nearest"]


@dataclass(frozen=True, eq=False)
class Nearest:
    """The ``k`` nearest facilities of every demand point, nearest first.

    Attributes
    ----------
    distance_m : (n, k) metres, ``inf`` where there are fewer than ``k`` facilities
    index : (n, k) row of the facility, -1 where there is none
    """

    distance_m: npt.NDArray[np.float64]
    index: npt.NDArray[np.intp]


def nearest(demand_xy: npt.ArrayLike, facility_xy: npt.ArrayLike, k: int = 2) -> Nearest:
    """Find the ``k`` nearest facilities of every demand point, as the crow flies.

    A k-d tree of the facilities (Bentley 1975; `scipy.spatial.cKDTree`) is queried for all points on all
    cores, in double precision. Between facilities at exactly the same distance the choice is arbitrary.

    Parameters
    ----------
    demand_xy : (n, 2) coordinates in metres, in one planar system (EPSG:31370 in nabij)
    facility_xy : (m, 2) coordinates in the same system; m may be 0
    k : how many facilities per point, at least 1

    Returns
    -------
    Nearest
        ``distance_m`` (n, k) in metres and ``index`` (n, k); ``inf`` and -1 where m < k

    Raises
    ------
    InputError
        when the shapes are not (n, 2), a coordinate is not a finite number, or ``k`` is below 1

    Examples
    --------
    >>> found = nearest([[0.0, 0.0], [3.0, 4.0]], [[0.0, 0.0]], k=2)
    >>> found.distance_m.tolist(), found.index.tolist()
    ([[0.0, inf], [5.0, inf]], [[0, -1], [0, -1]])
    """
    demand = checked_points(demand_xy, "demand_xy")
    facility = checked_points(facility_xy, "facility_xy")
    if k < 1:
        raise InputError(f"k is {k}; ask for at least 1 nearest facility.")
    if len(facility) == 0 or len(demand) == 0:
        shape = (len(demand), k)
        return Nearest(np.full(shape, np.inf), np.full(shape, -1, dtype=np.intp))
    found, rows = cKDTree(facility).query(demand, k=list(range(1, k + 1)), workers=-1)
    index = np.asarray(rows, dtype=np.intp)
    index[index == len(facility)] = -1
    return Nearest(np.asarray(found, dtype=np.float64), index)
