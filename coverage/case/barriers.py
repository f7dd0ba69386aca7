"""What lies between a site and the next place: rivers, open water and barriers that the region lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.travel.extracts.barriers import to_grid
from coverage.travel.extracts.cost_raster import OPEN_WATER, WATERCOURSES
from loaders.catalogue.regions.crossings import listed_barriers
from loaders.catalogue.regions.projection import from_lonlat
from loaders.catalogue.types import Floats

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

_COVER = "grid_land_cover"
_STEP_M = 25.0

BETWEEN = ("watercourse", "open_water")
"""Words for what the land cover tells; a listed barrier is told by its name."""


def between(snapshot: Snapshot, a: Floats, b: Floats) -> tuple[str, ...]:
    """What the straight line between two points crosses: words of `BETWEEN`, and names of listed barriers.

    Parameters
    ----------
    snapshot : for the land cover; nothing is told of it where none is held
    a, b : (2,) metres
    """
    words: list[str] = []
    steps = max(2, int(np.ceil(np.hypot(*(b - a)) / _STEP_M)))
    line = a + np.linspace(0, 1, steps)[:, None] * (b - a)
    if _COVER in snapshot.resources:
        (cover,), transform = snapshot.bands(_COVER, 1)
        col, row = (np.floor(axis).astype(np.int64) for axis in ~transform @ tuple(to_grid(line).T))
        on_grid = (row >= 0) & (row < cover.shape[0]) & (col >= 0) & (col < cover.shape[1])
        classes = cover[row[on_grid], col[on_grid]]
        crossed = zip(BETWEEN, (WATERCOURSES, OPEN_WATER), strict=True)
        words += [word for word, kinds in crossed if np.isin(classes, kinds).any()]
    return (*words, *_listed(line))


def _listed(line: Floats) -> list[str]:
    """Names of the lines of the region's list that are crossed."""
    way = shapely.LineString(line[[0, -1]])
    return [
        barrier.name
        for barrier in listed_barriers()
        if barrier.line and shapely.LineString(from_lonlat(np.array(barrier.line))).crosses(way)
    ]
