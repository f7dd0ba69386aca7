"""Hectares as a picture: the right colour at the right place, clear where nobody lives."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from affine import Affine
from PIL import Image

from layers.maps.raster import PIXEL_M, DistanceRaster, minutes_legend
from layers.maps.scales.classes import legend_for
from loaders.catalogue.regions.projection import transformer
from loaders.snapshot.grid import Grid

ROWS, COLS = 60, 80
TRANSFORM = Affine(100, 0, 3_900_000, 0, -100, 3_130_000)


def grid(inhabited: np.ndarray, people: float = 20.0) -> Grid:
    cell = np.flatnonzero(inhabited.ravel())
    row, col = np.divmod(cell, COLS)
    transform: Any = TRANSFORM
    east, north = transform @ (col + 0.5, row + 0.5)
    x, y = transformer("EPSG:3035", "EPSG:31370").transform(east, north)
    ones = np.ones(len(cell))
    return Grid(
        (ROWS, COLS), tuple(TRANSFORM), cell, np.column_stack([x, y]), ones, people * ones, ones.astype(np.uint8)
    )


def pixel_of(raster: DistanceRaster, row: float, col: float) -> tuple[int, int]:
    """Pixel (x, y) that shows the middle of a cell, by an independent way: straight through the projections."""
    east, north = TRANSFORM @ (col + 0.5, row + 0.5)
    x, y = transformer("EPSG:3035", "EPSG:3857").transform(east, north)
    left, top = raster.transform.c, raster.transform.f
    return int((x - left) / PIXEL_M), int((top - y) / PIXEL_M)


def read(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGBA")


@pytest.fixture
def half() -> Grid:
    """Inhabited in the western half only."""
    inhabited = np.zeros((ROWS, COLS), dtype=bool)
    inhabited[:, : COLS // 2] = True
    inhabited[0, -1] = inhabited[-1, -1] = True  # so that the picture spans everything
    return grid(inhabited)


def test_every_class_is_painted_where_it_belongs(half: Grid) -> None:
    raster = DistanceRaster(half)
    row, _ = np.divmod(half.cell, COLS)
    minutes = np.where(row < 20, 3.0, np.where(row < 40, 12.0, 90.0))
    legend = minutes_legend()
    picture = read(raster.png(minutes, legend))
    assert picture.size == raster.shape[::-1]
    for at, colour in ((10, legend.colours[0]), (30, legend.colours[2]), (50, legend.colours[5])):
        red, green, blue, alpha = picture.getpixel(pixel_of(raster, at, 10))  # type: ignore[misc]
        assert (f"#{red:02x}{green:02x}{blue:02x}", alpha) == (colour, 255)


def test_it_is_clear_where_nobody_lives(half: Grid) -> None:
    raster = DistanceRaster(half)
    picture = read(raster.png(np.full(len(half), 100.0), minutes_legend()))
    assert picture.getpixel(pixel_of(raster, 30, 60))[3] == 0  # type: ignore[index]
    assert picture.getpixel(pixel_of(raster, 30, 20))[3] == 255  # type: ignore[index]


@pytest.mark.parametrize(("people", "alpha"), [(0.01, 0), (0.02, 100), (1.9, 100), (2.0, 255)])
def test_the_fewer_people_the_clearer(people: float, alpha: int) -> None:
    sparse = grid(np.ones((ROWS, COLS), dtype=bool), people)
    raster = DistanceRaster(sparse)
    picture = read(raster.png(np.full(len(sparse), 100.0), minutes_legend()))
    assert picture.getpixel(pixel_of(raster, 30, 20))[3] == alpha  # type: ignore[index]


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_an_unknown_distance_has_the_no_data_colour(half: Grid, missing: float) -> None:
    raster = DistanceRaster(half)
    legend = minutes_legend()
    red, green, blue, alpha = read(raster.png(np.full(len(half), missing), legend)).getpixel(pixel_of(raster, 30, 20))  # type: ignore[misc]
    assert (f"#{red:02x}{green:02x}{blue:02x}", alpha) == (legend.no_data, 255)


def test_bounds_enclose_the_cells_by_less_than_two_pixels(half: Grid) -> None:
    raster = DistanceRaster(half)
    (south, west), (north, east) = raster.bounds
    corners = [TRANSFORM @ corner for corner in ((0, 0), (COLS, 0), (0, ROWS), (COLS, ROWS))]
    lon, lat = zip(*(transformer("EPSG:3035", "EPSG:4326").transform(*corner) for corner in corners), strict=True)
    assert west <= min(lon) < max(lon) <= east
    assert south <= min(lat) < max(lat) <= north
    assert max(min(lon) - west, east - max(lon)) < 0.01


def test_the_picture_has_the_classes_of_distances_of_zones() -> None:
    import pandas as pd

    assert minutes_legend() == legend_for(pd.DataFrame(), "mean_minutes")
