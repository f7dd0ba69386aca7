"""Isochrones of every model: circles, the shape of a street, the far side of a river, hectares of a table."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely

from coverage.travel.base import TravelContext
from coverage.travel.extracts.cost_raster import Land, RasterTravel
from coverage.travel.extracts.network import NetworkTravel, load_network
from coverage.travel.isochrones import isochrone
from coverage.travel.matrix import cell_codes, load_matrix
from coverage.travel.straight_line import CIRCUITY, Crow
from i18n.errors import InputError
from loaders.snapshot.reader import Snapshot
from tests.unit.test_cost_raster import NONE, TRANSFORM, centres, plane
from tests.unit.test_matrix import table
from tests.unit.test_network import Town, at, no_cache

__all__ = ["no_cache"]


def test_as_the_crow_flies_it_is_a_circle() -> None:
    found = isochrone(Crow(), [[150_000, 200_000], [0, 0]], [600, 1200])
    assert found["place"].tolist() == [0, 0, 1, 1]
    assert found["within_m"].tolist() == [600, 1200, 600, 1200]
    assert found.crs.to_epsg() == 31370
    np.testing.assert_allclose(found["area_m2"][:2], [math.pi * (r / CIRCUITY) ** 2 for r in (600, 1200)], rtol=0.01)
    assert (
        shapely.Point(150_000, 200_000).equals(found.geometry[1].centroid.normalize())
        or found.geometry[1].centroid.distance(shapely.Point(150_000, 200_000)) < 0.01
    )


def test_along_a_street_it_follows_the_street(tmp_path: Path) -> None:
    """Within 500 m of travel along a straight street: a diamond with its ends 500 m away and its sides 500 m too."""
    town = Town().way(*[(x, 0) for x in range(-2000, 2001, 50)]).way((0, -1500), (0, -1450)).way((0, 1450), (0, 1500))
    travel = NetworkTravel(load_network(town.write(tmp_path / "s.osm"), "walk"))
    found = isochrone(travel, at((0, 0)), [500], step_m=10)
    assert found["area_m2"][0] == pytest.approx(2 * 500 * 500, rel=0.03)
    west, south, east, north = found.total_bounds - np.tile((150_000, 200_000), 2)
    np.testing.assert_allclose([west, south, east, north], [-500, -500, 500, 500], atol=25)


def test_it_stops_at_a_river() -> None:
    friction = plane()
    friction[30, :] = np.inf
    travel = RasterTravel(Land(friction, TRANSFORM, NONE), {})
    (place,) = centres((28, 40))
    found = isochrone(travel, [place], [1300])
    shape = found.geometry[0]
    assert shape.contains(shapely.Point(centres((24, 40))[0]))
    assert not shape.intersects(shapely.Point(centres((32, 40))[0]))
    assert math.pi * 1000**2 / 2 < shape.area < math.pi * 1000**2 * 0.75


def test_of_a_table_it_is_made_of_hectares(embedded: Snapshot, tmp_path: Path) -> None:
    codes = cell_codes(embedded.grid)
    path = table(tmp_path / "t.csv", (codes[0], "a", 100), (codes[1], "a", 700), (codes[9000], "b", 10))
    model = load_matrix(path, TravelContext(embedded, facility_ids=("a", "b")))
    found = isochrone(model, [[0, 0], [1, 1]], [500, 1000])
    np.testing.assert_allclose(found["area_m2"], [1e4, 2e4, 1e4, 1e4], rtol=0.005)
    assert found.geometry[1].covers(shapely.Point(embedded.grid.xy[1]))


def test_nothing_in_reach_is_an_empty_shape() -> None:
    travel = RasterTravel(Land(np.full((60, 80), np.inf), TRANSFORM, NONE), {})
    found = isochrone(travel, centres((28, 40)), [500])
    assert found.geometry.is_empty.all()
    assert found["area_m2"].tolist() == [0]


@pytest.mark.parametrize("metres", [0, -1, math.nan, math.inf])
def test_a_distance_that_makes_no_sense_is_refused(metres: float) -> None:
    with pytest.raises(InputError, match="give metres above 0"):
        isochrone(Crow(), [[0, 0]], [metres])


def test_too_fine_is_refused() -> None:
    travel = RasterTravel(Land(plane(), TRANSFORM, NONE), {})
    with pytest.raises(InputError, match="too fine; take a larger step"):
        isochrone(travel, [[0, 0]], [15_000], step_m=5)
