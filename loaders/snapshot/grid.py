"""The grid of cells, and how it is kept: a start neither decodes rasters nor transforms coordinates again.

It is kept in the cache folder under the hash of the bytes of its rasters and of the coordinate systems: other figures
have another name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.array_cache import cache_folder, keep_arrays, keep_last, mark_used, read_arrays

if TYPE_CHECKING:
    from affine import Affine

_VERSION = 1
"""Part of every name, raised when what is kept is worked out otherwise."""

MAX_GRIDS = 3
"""Grids kept; one of 1.2 million cells takes 50 MB."""

MAX_INDEXES = 12
"""Partitions kept whose zone of every cell is known; each takes 5 MB."""

_COLUMNS = ("cell", "xy", "weight", "population", "land_cover")
_CORNER = 6
"""Numbers of a transform from pixel to metres."""

Index = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Grid:
    """The inhabited hectare cells: those where children can live according to sectors, census and land cover.

    Attributes
    ----------
    shape : rows and columns of the raster
    pixel_to_metres : the six numbers of `transform`
    cell : (n,) flat raster index of every inhabited cell, ascending
    xy : (n, 2) cell centres, metres
    weight : (n,) expected children under 15, the weight births are spread by
    population : (n,) expected inhabitants
    land_cover : (n,) Corine class index 1–44; 0 where it is not known
    """

    shape: tuple[int, int]
    pixel_to_metres: Sequence[float]
    cell: npt.NDArray[np.int64]
    xy: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    population: npt.NDArray[np.float64]
    land_cover: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of inhabited cells."""
        return len(self.cell)

    @cached_property
    def transform(self) -> Affine:
        """Pixel to metres in the coordinate system of the grid."""
        from affine import Affine  # a table needs only two of the numbers

        return Affine(*self.pixel_to_metres[:_CORNER])


def kept_grid(rasters: str, make: Callable[[], Grid]) -> Grid:
    """Grid of the rasters whose hash is given, from the cache folder or else by ``make``, and kept."""
    base = cache_folder()
    if base is None:
        return make()
    folder = base / f"grid-{_name(rasters)}"
    arrays = read_arrays(folder)
    if arrays is not None and {*_COLUMNS, "shape", "transform"} <= arrays.keys():
        mark_used(folder)
        rows, cols = arrays["shape"].tolist()
        columns = {name: arrays[name] for name in _COLUMNS}
        return Grid(shape=(rows, cols), pixel_to_metres=arrays["transform"].tolist(), **columns)
    made = make()
    columns = {name: getattr(made, name) for name in _COLUMNS}
    keep_arrays(
        columns | {"shape": np.array(made.shape), "transform": np.array(made.pixel_to_metres[:_CORNER])}, folder
    )
    keep_last(base, "grid-", MAX_GRIDS)
    return made


def kept_index(rasters: str, band: int, make: Callable[[], Index]) -> Index:
    """(n,) zone of every cell by a band of a raster, from the cache folder or else by ``make``, and kept.

    Parameters
    ----------
    rasters : hash of the rasters of the cells and of the zones
    band : which, counted from 1
    make : reads it
    """
    base = cache_folder()
    if base is None:
        return make()
    folder = base / f"zones-{_name(rasters)}-{band}"
    arrays = read_arrays(folder)
    if arrays is not None and "index" in arrays:
        mark_used(folder)
        return arrays["index"]
    made = make()
    keep_arrays({"index": made}, folder)
    keep_last(base, "zones-", MAX_INDEXES)
    return made


def _name(rasters: str) -> str:
    crs, grid = region().crs, region().grid
    joined = f"{_VERSION} {crs.storage} {crs.grid} {grid.cell_m} {rasters}"
    return hashlib.sha256(joined.encode()).hexdigest()[:20]
