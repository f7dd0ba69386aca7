"""Put zones on the hectare grid: which zone each 100 m cell belongs to, by its centre.

Municipal borders lead. A finer zone (sector, neighbourhood ...) whose published border is coarser than the municipal
one is corrected: a cell that would fall in a zone of another municipality goes to the nearest cell's zone of its own.
Every zone keeps at least one cell, so nobody drops out because a sector is smaller than a hectare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from i18n.errors import DataError
from i18n.messages import Message
from loaders.catalogue.regions.projection import cell_m, census_m, grid_crs

if TYPE_CHECKING:
    import geopandas as gpd
    from affine import Affine

Index = npt.NDArray[np.int32]
_FAR = 1e7
"""Metres between municipalities in the third coordinate of the search: farther than any two cells apart."""


def burn(zones: gpd.GeoDataFrame, shape: tuple[int, int], transform: Affine) -> Index:
    """(rows, cols) position of the zone holding each cell centre, -1 outside all zones."""
    from rasterio.features import rasterize

    shapes = zones.geometry.to_crs(grid_crs())
    burnt = rasterize(
        zip(shapes, range(1, len(zones) + 1), strict=True),
        out_shape=shape,
        transform=transform,
        dtype="int32",
    )
    return np.asarray(burnt, dtype=np.int32) - 1


def assign(zones: gpd.GeoDataFrame, parent: Index, municipality: Index, transform: Affine, what: str) -> Index:
    """Zone of every cell of the municipal raster, so that zones nest in municipalities.

    Parameters
    ----------
    zones : (n,) polygons
    parent : (n,) position of the municipality each zone lies in
    municipality : (rows, cols) position of the municipality of each cell, -1 outside
    transform : pixel to metres of the grid
    what : name for error messages

    Returns
    -------
    (rows, cols) position of the zone, -1 exactly where ``municipality`` is -1

    Raises
    ------
    DataError
        when a municipality has no zone at all
    """
    return nest(burn(zones, municipality.shape, transform), zones, parent, municipality, transform, what)


def nest(
    index: Index, zones: gpd.GeoDataFrame, parent: Index, municipality: Index, transform: Affine, what: str
) -> Index:
    """Correct a first guess of the zone of every cell as `assign` does; ``index`` is changed and returned."""
    inside = municipality >= 0
    fits = inside & (index >= 0) & (parent[np.maximum(index, 0)] == municipality)
    index[~fits] = -1
    _give_smallest_a_cell(index, zones, parent, municipality, transform)
    _fill_from_nearest(index, municipality, what)
    return index


def _give_smallest_a_cell(
    index: Index, zones: gpd.GeoDataFrame, parent: Index, municipality: Index, transform: Affine
) -> None:
    """Hand each zone without a cell the nearest one of its municipality whose owner can spare it."""
    from rasterio.transform import rowcol

    counts = np.bincount(index[index >= 0], minlength=len(zones))
    missing = np.flatnonzero(counts == 0)
    points = zones.geometry.iloc[missing].representative_point().to_crs(grid_crs())
    rows, cols = rowcol(transform, points.x.to_numpy(), points.y.to_numpy())
    for zone, row, col in zip(missing, np.asarray(rows, int), np.asarray(cols, int), strict=True):
        for r, c in _outward(row, col, municipality.shape):
            owner = index[r, c]
            if municipality[r, c] == parent[zone] and (owner < 0 or counts[owner] > 1):
                counts[owner] -= owner >= 0
                counts[zone] += 1
                index[r, c] = zone
                break


def _outward(row: int, col: int, shape: tuple[int, int], radius: int = 30) -> list[tuple[int, int]]:
    """Cells around (row, col), nearest first; ties by row, then column."""
    cells = [
        ((r - row) ** 2 + (c - col) ** 2, r, c)
        for r in range(max(row - radius, 0), min(row + radius + 1, shape[0]))
        for c in range(max(col - radius, 0), min(col + radius + 1, shape[1]))
    ]
    return [(r, c) for _, r, c in sorted(cells)]


def _fill_from_nearest(index: Index, municipality: Index, what: str) -> None:
    """Give every cell without a zone the zone of the nearest cell of the same municipality."""
    from scipy.spatial import cKDTree

    holes = np.argwhere((municipality >= 0) & (index < 0))
    if not len(holes):
        return
    known = np.argwhere(index >= 0)
    empty = np.setdiff1d(municipality[tuple(holes.T)], municipality[tuple(known.T)])
    if len(empty):
        raise DataError(Message("error.snapshot.no_zone", what=what, number=str(int(empty[0]))))
    tree = cKDTree(np.column_stack([known, municipality[tuple(known.T)] * _FAR]))
    _, nearest = tree.query(np.column_stack([holes, municipality[tuple(holes.T)] * _FAR]))
    index[tuple(holes.T)] = index[tuple(known[nearest].T)]


def census_position(shape: tuple[int, int], transform: Affine) -> tuple[npt.NDArray[np.int64], tuple[int, int]]:
    """(rows, cols) flat index of the kilometre cell of each hectare, and the shape of the kilometre raster."""
    x = np.floor((transform.c + cell_m() * (np.arange(shape[1]) + 0.5)) / census_m()).astype(np.int64)
    y = np.floor((transform.f - cell_m() * (np.arange(shape[0]) + 0.5)) / census_m()).astype(np.int64)
    size = (int(y.max() - y.min()) + 1, int(x.max() - x.min()) + 1)
    return (y - y.min())[:, None] * size[1] + (x - x.min())[None, :], size
