"""Between the coordinate systems of the region in use: of its cells, of its geometry, and longitude and latitude.

Coordinates ``x, y`` without more are metres in the coordinate system of the snapshot (`storage_crs`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.regions.spline import CubicSpline
from loaders.catalogue.types import Floats

if TYPE_CHECKING:
    from affine import Affine
    from pyproj import Transformer


def cell_m() -> int:
    """Side of a cell of the grid, metres."""
    return region().grid.cell_m


def census_m() -> int:
    """Side of a cell of the census grid, metres."""
    return region().grid.census_m


def storage_crs() -> str:
    """Coordinate system of geometry in the snapshot; in metres."""
    return region().crs.storage


def grid_crs() -> str:
    """Coordinate system of the grid of cells; in metres."""
    return region().crs.grid


_LATTICE = 50
"""Step in cells of the lattice that is transformed exactly; between its nodes the error stays below 1 cm."""

_MARGIN = 16 * _LATTICE
"""Margin around the raster, so that what the spline does at its edge has died out inside."""


@cache
def transformer(source: str, target: str) -> Transformer:
    """Cached transformer with x, y order."""
    from pyproj import Transformer  # a start that has its cells from the cache transforms nothing

    return Transformer.from_crs(source, target, always_xy=True)


def to_lonlat(xy: Floats) -> Floats:
    """(n, 2) metres in the coordinate system of the snapshot to (n, 2) longitude, latitude in degrees."""
    lon, lat = transformer(storage_crs(), region().crs.geographic).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def from_lonlat(lonlat: Floats) -> Floats:
    """(n, 2) longitude, latitude in degrees to (n, 2) metres in the coordinate system of the snapshot."""
    x, y = transformer(region().crs.geographic, storage_crs()).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y])


def cell_centres(
    transform: Affine, shape: tuple[int, int], row: npt.NDArray[np.int64], col: npt.NDArray[np.int64]
) -> Floats:
    """(n, 2) centres of raster cells, metres, by cubic interpolation of an exactly transformed lattice.

    Transforming 1.4 million points one by one takes seconds; the projection is smooth, so a lattice suffices.
    """
    rows = np.arange(-_MARGIN, shape[0] + _MARGIN, _LATTICE)
    cols = np.arange(-_MARGIN, shape[1] + _MARGIN, _LATTICE)
    c, r = np.meshgrid(cols + 0.5, rows + 0.5)
    east, north = transform @ (c.ravel(), r.ravel())
    x, y = transformer(grid_crs(), storage_crs()).transform(east, north)
    at_row, at_col = ((np.arange(n) - nodes[0]) / _LATTICE for n, nodes in zip(shape, (rows, cols), strict=True))
    out = np.empty((len(row), 2))
    for axis, values in enumerate((x, y)):
        CubicSpline(values.reshape(r.shape)).on_grid(at_row, at_col, row, col, out[:, axis])
    return out
