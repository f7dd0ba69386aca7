"""Travel to the nearest place in minutes, hectare by hectare, as a picture in Web Mercator that lies on the map.

Which pixel shows which cell is worked out once per snapshot; a picture is then one lookup and a compression.
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine
from PIL import Image
from rasterio.crs import CRS
from rasterio.warp import Resampling, reproject, transform_bounds

from layers.maps.scales.classes import Legend, class_index, legend_for
from loaders.catalogue.regions.projection import grid_crs, transformer
from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.grid import Grid

PIXEL_M = 160.0
"""Side of a pixel in Web Mercator metres: a hectare at 51° north, where Mercator stretches 1.59 times."""

MIN_PEOPLE = 0.02
"""Cells with fewer expected inhabitants are left clear: fields and woods say nothing about families."""

DENSE_PEOPLE = 2.0
"""Cells with fewer expected inhabitants are drawn half clear."""

OPAQUE, HALF_CLEAR = 255, 100

_MERCATOR = CRS.from_epsg(3857)
Bounds = tuple[tuple[float, float], tuple[float, float]]


class DistanceRaster:
    """Draws any quantity of the inhabited hectare cells.

    Parameters
    ----------
    grid : the inhabited cells

    Attributes
    ----------
    bounds : ((south, west), (north, east)) in degrees, what the picture covers
    shape : rows and columns of the picture
    """

    def __init__(self, grid: Grid) -> None:
        self.transform, self.shape = _frame(grid)
        self.bounds = _corners(self.transform, self.shape)
        self._pixel, self._cell = _lookup(grid, self.transform, self.shape)
        self._sparse = grid.population[self._cell] < DENSE_PEOPLE

    def png(self, values: npt.NDArray[np.float64], legend: Legend) -> bytes:
        """Palette PNG of a quantity; clear where hardly anybody lives, the no-data colour where it is not finite.

        Scattered houses are half clear, so that the eye goes to where most children live.

        Parameters
        ----------
        values : (n_cells,) quantity of every inhabited cell, in the order of the grid
        legend : classes and colours
        """
        classes = class_index(np.where(np.isfinite(values), values, np.nan), legend)
        colours = [*legend.colours, legend.no_data]
        entry = np.where(classes < 0, len(legend.colours), classes).astype(np.uint8)
        picture = np.full(self.shape[0] * self.shape[1], 2 * len(colours), dtype=np.uint8)
        picture[self._pixel] = entry[self._cell] + np.uint8(len(colours)) * self._sparse
        image = Image.fromarray(picture.reshape(self.shape))
        image.putpalette(_palette([*colours, *colours, legend.no_data]))
        opacity = bytes([OPAQUE] * len(colours) + [HALF_CLEAR] * len(colours) + [0])
        buffer = io.BytesIO()
        image.save(buffer, format="PNG", transparency=opacity, compress_level=4)
        return buffer.getvalue()


def minutes_legend() -> Legend:
    """Legend of the picture: the same classes as the minutes of zones."""
    return legend_for(pd.DataFrame(), "mean_minutes")


def _frame(grid: Grid) -> tuple[Affine, tuple[int, int]]:
    """Smallest Web Mercator raster over the inhabited cells, with a pixel to spare."""
    row, col = np.divmod(grid.cell, grid.shape[1])
    west, north = grid.transform @ (int(col.min()), int(row.min()))
    east, south = grid.transform @ (int(col.max()) + 1, int(row.max()) + 1)
    left, bottom, right, top = transform_bounds(CRS.from_string(grid_crs()), _MERCATOR, west, south, east, north)
    shape = (int((top - bottom) // PIXEL_M) + 2, int((right - left) // PIXEL_M) + 2)
    return Affine(PIXEL_M, 0.0, left, 0.0, -PIXEL_M, top), shape


def _lookup(
    grid: Grid, transform: Affine, shape: tuple[int, int]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Flat pixels that show a cell, and which cell (position in the grid) each shows."""
    position = np.full(grid.shape, -1, dtype=np.int32)
    shown_cells = np.flatnonzero(grid.population >= MIN_PEOPLE)
    position.ravel()[grid.cell[shown_cells]] = shown_cells
    shown = np.full(shape, -1, dtype=np.int32)
    reproject(
        position,
        shown,
        src_transform=grid.transform,
        src_crs=CRS.from_string(grid_crs()),
        src_nodata=-1,
        dst_transform=transform,
        dst_crs=_MERCATOR,
        dst_nodata=-1,
        resampling=Resampling.nearest,
    )
    pixel = np.flatnonzero(shown.ravel() >= 0)
    return pixel.astype(np.int32), shown.ravel()[pixel]


def _corners(transform: Affine, shape: tuple[int, int]) -> Bounds:
    to_degrees = transformer("EPSG:3857", region().crs.geographic)
    west, north = to_degrees.transform(*(transform @ (0, 0)))
    east, south = to_degrees.transform(*(transform @ (shape[1], shape[0])))
    return (float(south), float(west)), (float(north), float(east))


def _palette(colours: list[str]) -> list[int]:
    return [int(colour[i : i + 2], 16) for colour in colours for i in (1, 3, 5)]
