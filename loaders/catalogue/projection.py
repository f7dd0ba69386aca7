"""Between the hectare grid (EPSG:3035), Belgian Lambert 72 (EPSG:31370) and longitude/latitude (EPSG:4326)."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from pyproj import Transformer
from rasterio.transform import Affine

from loaders.catalogue.spline import CubicSpline
from loaders.catalogue.types import Floats

CRS = "EPSG:31370"
"""Coordinate system of geometry in the snapshot: Belgian Lambert 72, metres."""

CELL_M = 100
"""Side of a hectare cell of the INSPIRE grid."""

CENSUS_M = 1000
"""Side of a cell of the census grid."""

CENSUS_PER_CELL = CENSUS_M // CELL_M
"""Hectare cells along the side of a census cell."""

_LATTICE = 50
"""Step in cells of the lattice that is transformed exactly; between its nodes the error stays below 1 cm."""

_MARGIN = 16 * _LATTICE
"""Margin around the raster, so that what the spline does at its edge has died out inside."""


@cache
def transformer(source: str, target: str) -> Transformer:
    """Cached transformer with x, y order."""
    return Transformer.from_crs(source, target, always_xy=True)


def lambert_to_lonlat(xy: Floats) -> Floats:
    """(n, 2) EPSG:31370 metres to (n, 2) longitude, latitude in degrees."""
    lon, lat = transformer("EPSG:31370", "EPSG:4326").transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def lonlat_to_lambert(lonlat: Floats) -> Floats:
    """(n, 2) longitude, latitude in degrees to (n, 2) EPSG:31370 metres."""
    x, y = transformer("EPSG:4326", "EPSG:31370").transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y])


def grid_to_lambert(
    transform: Affine, shape: tuple[int, int], row: npt.NDArray[np.int64], col: npt.NDArray[np.int64]
) -> Floats:
    """(n, 2) EPSG:31370 centres of raster cells, by cubic interpolation of an exactly transformed lattice.

    Transforming 1.4 million points one by one takes seconds; the projection is smooth, so a lattice suffices.
    """
    rows = np.arange(-_MARGIN, shape[0] + _MARGIN, _LATTICE)
    cols = np.arange(-_MARGIN, shape[1] + _MARGIN, _LATTICE)
    c, r = np.meshgrid(cols + 0.5, rows + 0.5)
    east, north = transform @ (c.ravel(), r.ravel())
    x, y = transformer("EPSG:3035", "EPSG:31370").transform(east, north)
    at_row, at_col = ((np.arange(n) - nodes[0]) / _LATTICE for n, nodes in zip(shape, (rows, cols), strict=True))
    out = np.empty((len(row), 2))
    for axis, values in enumerate((x, y)):
        CubicSpline(values.reshape(r.shape)).on_grid(at_row, at_col, row, col, out[:, axis])
    return out
