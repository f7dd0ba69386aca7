"""Access in one place: the nearest facilities as the crow flies, floating catchments, Gini.

The measures themselves live in modules of their own; this is where others find them.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coverage.access.catchment import floating_catchment
from coverage.access.inequality import gini
from coverage.access.od_pairs import checked_points
from i18n.errors import InputError
from loaders.catalogue.types import Floats

__all__ = ["Nearest", "floating_catchment", "gini", "nearest"]

FEW = 2_000
"""Up to so many facilities no tree is made of them."""

_TILE = 2_048
"""Points in a tile, about."""

_ROUNDING = 1e-9
"""Slack of the search for facilities that matter to a tile, relative."""


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

    Up to `FEW` facilities, the points are taken tile by tile, and for every tile only the facilities that can be
    among the nearest of a point in it; among more, a k-d tree of the facilities (Bentley 1975;
    `scipy.spatial.cKDTree`) is queried on all cores. Both are exact and work in double precision. Between facilities at
    exactly the same distance the choice is arbitrary.

    Parameters
    ----------
    demand_xy : (n, 2) coordinates in metres, in one planar system (that of the snapshot in nabij)
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
    if len(facility) <= FEW:
        return _by_tile(demand, facility, k)
    from scipy.spatial import cKDTree

    distance, rows = cKDTree(facility).query(demand, k=list(range(1, k + 1)), workers=-1)
    index = np.asarray(rows, dtype=np.intp)
    index[index == len(facility)] = -1
    return Nearest(np.asarray(distance, dtype=np.float64), index)


def _by_tile(demand: Floats, facility: Floats, k: int) -> Nearest:
    """Find the nearest of a few facilities, comparing every point with those alone that matter to its tile."""
    distance = np.full((len(demand), k), np.inf)
    index = np.full((len(demand), k), -1, dtype=np.intp)
    order, starts = _tiles(demand)

    def search(tiles: range) -> None:
        for tile in tiles:
            rows = order[starts[tile] : starts[tile + 1]]
            points = demand[rows]
            near = _candidates(points, facility, k)
            squares = np.square(points[:, 0] - facility[near, 0, None])
            squares += np.square(points[:, 1] - facility[near, 1, None])
            for rank in range(min(k, len(near))):
                first = squares.argmin(axis=0)
                distance[rows, rank] = np.sqrt(squares.min(axis=0))
                index[rows, rank] = near[first]
                squares[first, np.arange(len(rows))] = np.inf

    workers = os.cpu_count() or 1
    n_tiles = len(starts) - 1
    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(search, (range(first, n_tiles, workers) for first in range(workers))))
    return Nearest(distance, index)


def _tiles(points: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Points ordered by tile, and where every tile begins among them, with the end last."""
    low, high = points.min(axis=0), points.max(axis=0)
    across = min(255, 1 + math.isqrt(len(points) // _TILE))
    side = np.maximum((high - low) / across, 1.0)
    column, row = (
        np.minimum((points[:, axis] - low[axis]) * (1.0 / side[axis]), across - 1).astype(np.uint16) for axis in (0, 1)
    )
    tile = column * np.uint16(across) + row
    order = np.argsort(tile, kind="stable")
    starts = np.flatnonzero(np.diff(tile[order])) + 1
    return order, np.concatenate([[0], starts, [len(points)]])


def _candidates(points: Floats, facility: Floats, k: int) -> npt.NDArray[np.intp]:
    """Rows of the facilities that may be among the ``k`` nearest of a point, ascending.

    No point has its ``k``-th nearest farther away than the ``k``-th smallest of the distances from facilities to the
    farthest corner of the rectangle around the points.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    if k >= len(facility):
        return np.arange(len(facility))
    farthest = np.hypot(*np.maximum(np.abs(facility - low), np.abs(facility - high)).T)
    closest = np.hypot(*np.maximum(np.maximum(low - facility, facility - high), 0.0).T)
    limit = np.partition(farthest, k - 1)[k - 1]
    return np.flatnonzero(closest <= limit * (1 + _ROUNDING))
