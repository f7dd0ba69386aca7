"""Isochrones of every model: circles, the shape of a street, the far side of a river, hectares of a table."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely

from coverage.access.od_pairs import CostPairs
from coverage.travel.base import Travel, TravelContext
from coverage.travel.extracts.cost_raster import Land, RasterTravel
from coverage.travel.extracts.network import NetworkTravel, load_network
from coverage.travel.isochrones import isochrone
from coverage.travel.matrix import cell_codes, load_matrix
from coverage.travel.straight_line import CIRCUITY, Crow
from coverage.travel.streets.street_network import make_streets
from coverage.travel.streets.street_travel import StreetTravel
from i18n.errors import InputError
from loaders.catalogue.types import Floats
from loaders.snapshot.reader import Snapshot
from tests.unit.test_cost_raster import NONE, TRANSFORM, centres, plane
from tests.unit.test_matrix import table
from tests.unit.test_network import Town, at, no_cache
from tests.unit.test_streets import MINOR, graph_of
from tests.unit.test_streets import at as street_at

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


class Unbounded:
    """A model of which every square is asked."""

    def __init__(self, model: StreetTravel) -> None:
        self.least, self.aside_m = model.least, model.aside_m
        self.model, self.asked = model, np.zeros((0, 2))

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        self.asked = demand_xy
        return self.model(demand_xy, facility_xy, k)

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        return self.model.within(demand_xy, facility_xy, radius)


@pytest.mark.parametrize("mode", ["walk", "car"])
def test_over_the_streets_only_ground_that_may_be_reached_is_asked(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ladders of streets 2 km apart that meet 9 km on: within 3 km of travel from one, nothing of the other."""
    lines = [((9000, 300), (9000, 2000))]
    for south in (0, 2000):
        for x in range(0, 9000, 500):
            lines += [((x, south + y), (x + 500, south + y)) for y in (0, 300)] + [((x, south), (x, south + 300))]
        lines.append(((9000, south), (9000, south + 300)))
    model = StreetTravel(make_streets(graph_of(*[(line, MINOR) for line in lines]), mode, street_at((500, 40))))
    place, reach_m = street_at((350, 20)), [2000.0, 3000.0] if mode == "walk" else [3500.0, 4000.0]
    whole = Unbounded(model)
    expected = isochrone(whole, place, reach_m)
    asked: list[Floats] = []
    within = StreetTravel.within

    def counted(self: StreetTravel, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        asked.append(demand_xy)
        return within(self, demand_xy, facility_xy, radius)

    monkeypatch.setattr(StreetTravel, "within", counted)
    found = isochrone(model, place, reach_m)
    assert found["area_m2"].tolist() == expected["area_m2"].tolist()
    assert found["area_m2"].min() > 0
    assert all(one.equals(other) for one, other in zip(found.geometry, expected.geometry, strict=True))
    other = street_at((1000, 2150))[0]
    assert np.hypot(*(whole.asked - other).T).min() < 50
    assert np.hypot(*(asked[0] - other).T).min() > 500


class FreeAtTheEnds:
    """As the crow flies, but 100 m at both ends cost nothing."""

    least, aside_m = 1.0, 100.0

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        metres = np.maximum(0.0, np.hypot(*(demand_xy - facility_xy[0]).T) - 200.0)[:, None]
        return Travel(metres, np.zeros(metres.shape, dtype=np.intp))

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        raise AssertionError("only the nearest is asked")


def test_ground_is_asked_as_far_as_what_costs_nothing_may_lead() -> None:
    """Within 300 m of travel lies all that is within 500 m, not within 300."""
    found = isochrone(FreeAtTheEnds(), [[0, 0]], [300], step_m=10)
    assert found["area_m2"][0] == pytest.approx(math.pi * 500**2, rel=0.02)


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
