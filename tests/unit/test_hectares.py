"""Zones on the hectare grid: nesting, and no zone without a cell."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from i18n.errors import DataError
from loaders.snapshot.hectares import assign, burn

LEFT, TOP = 3_900_000.0, 3_100_000.0
TRANSFORM = Affine(100, 0, LEFT, 0, -100, TOP)
SHAPE = (20, 20)


def zones(*boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Rectangles in cells from the upper left corner (left, top, right, bottom)."""
    shapes = [box(LEFT + 100 * a, TOP - 100 * d, LEFT + 100 * c, TOP - 100 * b) for a, b, c, d in boxes]
    return gpd.GeoDataFrame({"code": [str(i) for i in range(len(shapes))]}, geometry=shapes, crs="EPSG:3035")


MUNICIPALITIES = zones((0, 0, 10, 20), (10, 0, 20, 20))


def test_a_cell_belongs_to_the_zone_that_holds_its_centre() -> None:
    index = burn(MUNICIPALITIES, SHAPE, TRANSFORM)
    assert (index[:, :10] == 0).all()
    assert (index[:, 10:] == 1).all()


def test_municipal_borders_lead_over_coarser_sector_borders() -> None:
    municipality = burn(MUNICIPALITIES, SHAPE, TRANSFORM)
    sectors = zones((0, 0, 12, 20), (12, 0, 20, 20))  # drawn two cells too far east
    index = assign(sectors, np.array([0, 1], dtype=np.int32), municipality, TRANSFORM, "sectors")
    assert (index == municipality).all()


def test_a_zone_smaller_than_a_hectare_keeps_one_cell() -> None:
    municipality = burn(MUNICIPALITIES, SHAPE, TRANSFORM)
    sectors = zones((0, 0, 10, 20), (10, 0, 20, 20), (3.6, 3.6, 3.9, 3.9))
    index = assign(sectors, np.array([0, 1, 0], dtype=np.int32), municipality, TRANSFORM, "sectors")
    assert np.argwhere(index == 2).tolist() == [[3, 3]]


def test_a_municipality_without_any_zone_is_an_error() -> None:
    municipality = burn(MUNICIPALITIES, SHAPE, TRANSFORM)
    with pytest.raises(DataError, match="sectors: no zone lies in municipality number 1"):
        assign(zones((0, 0, 10, 20)), np.array([0], dtype=np.int32), municipality, TRANSFORM, "sectors")


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 19), st.integers(1, 19), st.floats(-1.5, 1.5))
def test_zones_nest_in_municipalities_whatever_their_borders(column: int, row: int, shift: float) -> None:
    municipality = burn(MUNICIPALITIES, SHAPE, TRANSFORM)
    sectors = zones(
        (0, 0, 10 + shift, row), (0, row, 10 + shift, 20), (10 + shift, 0, 20, column), (10 + shift, column, 20, 20)
    )
    parent = np.array([0, 0, 1, 1], dtype=np.int32)
    index = assign(sectors, parent, municipality, TRANSFORM, "sectors")
    assert ((index >= 0) == (municipality >= 0)).all()
    assert (parent[index] == municipality).all()
    assert (np.bincount(index.ravel(), minlength=4) > 0).all()
