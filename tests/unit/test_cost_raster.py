"""Travel over the land in worlds whose answer is known: an open plane, a river with one bridge, a motorway."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.travel.extracts.barriers import Crossings, join, listed, river_stretches, to_grid
from coverage.travel.extracts.cost_raster import Land, RasterTravel, land_of, octile
from coverage.travel.straight_line import CIRCUITY, Crow, crow
from loaders.catalogue.regions.crossings import APPROXIMATE_M, BARRIERS, CROSSINGS
from loaders.catalogue.regions.projection import cell_centres, from_lonlat
from loaders.catalogue.types import Floats
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from tests.unit.test_network import Town

SHAPE = (60, 80)
TRANSFORM = Affine(100, 0, 3_920_000, 0, -100, 3_130_000)
NONE = listed("nobody", shapely.box(0, 0, 1e8, 1e8))


def plane() -> Floats:
    return np.ones(SHAPE)


def centres(*cells: tuple[int, int]) -> Floats:
    """EPSG:31370 centres of (row, col) cells."""
    row, col = np.array(cells, dtype=np.int64).T
    return cell_centres(TRANSFORM, SHAPE, row, col)


def everywhere() -> Floats:
    row, col = np.indices(SHAPE).reshape(2, -1)
    return cell_centres(TRANSFORM, SHAPE, row, col)


def across(
    line: list[tuple[float, float]], bridge: tuple[tuple[float, float], tuple[float, float]] | None
) -> Crossings:
    """A barrier along (row, col) points in cells, and a bridge between two of them."""

    def metres(points: list[tuple[float, float]]) -> Floats:
        return np.array([TRANSFORM @ (col + 0.5, row + 0.5) for row, col in points])

    lines = (
        [shapely.LineString(pair) for pair in np.stack([metres(line)[:-1], metres(line)[1:]], axis=1)] if line else []
    )
    ends = metres(list(bridge)) if bridge else np.zeros((0, 2))
    n = len(ends) // 2
    return Crossings(
        np.array(lines, dtype=object),
        ends,
        np.zeros(n, dtype=np.intp),
        np.ones(n, dtype=np.intp),
        np.hypot(*(ends[1:] - ends[:1]).T) if n else np.zeros(0),
        np.ones(len(ends), dtype=bool),
    )


def test_steps_over_free_land_are_at_most_a_twelfth_longer_than_the_straight_line() -> None:
    angle = np.linspace(0, 2 * math.pi, 721)
    ratio = octile(50 * np.sin(angle), 50 * np.cos(angle)) / 5000
    assert ratio.min() == pytest.approx(1)
    assert ratio.max() == pytest.approx(math.hypot(1, math.sqrt(2) - 1), rel=1e-4)  # 1.0824, at 22.5 degrees


def test_an_open_plane_is_as_the_crow_flies() -> None:
    places = centres((30, 40), (10, 5))
    travel = RasterTravel(Land(plane(), TRANSFORM, NONE), {})
    cells = everywhere()
    found, straight = travel(cells, places, 2), crow(cells, places, 2)
    same = found.index[:, 0] == straight.index[:, 0]
    np.testing.assert_allclose(found.distance_m[same], straight.distance_m[same], rtol=1e-12)
    assert same.mean() > 0.97  # elsewhere two places are about as far
    assert (found.distance_m[:, 0] <= 1.0824 * straight.distance_m[:, 0] + 1e-6).all()
    pairs, crows = travel.within(cells, places, 2000), Crow().within(cells, places, 2000)
    np.testing.assert_allclose(pairs.matrix().toarray(), crows.matrix().toarray(), rtol=1e-12)


def test_a_river_with_one_bridge() -> None:
    """Along the river of one cell wide the way leads to the bridge and back: a known detour."""
    friction = plane()
    friction[30, :] = np.inf
    crossings = across([], ((29, 70), (31, 70)))
    travel = RasterTravel(Land(friction, TRANSFORM, crossings), {})
    found = travel(centres((32, 70), (32, 10), (28, 10)), centres((28, 10)), 1).distance_m[:, 0]
    # Over the bridge: 60 columns, of which 1 row down by a diagonal; 200 m over the bridge; 60 columns back, the same.
    there = octile(1, 60) + 200
    straight = np.hypot(*(centres((32, 70)) - centres((28, 10)))[0])
    assert found[0] == pytest.approx(CIRCUITY * straight * (there + octile(1, 0)) / octile(4, 60), rel=1e-3)
    beside = np.hypot(*(centres((32, 10)) - centres((28, 10)))[0])
    assert found[1] == pytest.approx(CIRCUITY * beside * (there + octile(1, 60)) / octile(4, 0), rel=1e-3)
    assert found[2] == 0


def test_a_river_without_a_bridge_cannot_be_crossed_and_corners_do_not_leak() -> None:
    friction = plane()
    for row in range(60):
        friction[row, 20 + row % 2] = np.inf  # cells that touch only at their corners
    travel = RasterTravel(Land(friction, TRANSFORM, NONE), {})
    found = travel(centres((30, 60), (30, 5)), centres((10, 5)), 1)
    assert np.isinf(found.distance_m[:, 0]).tolist() == [True, False]
    assert len(travel.within(centres((30, 60)), centres((10, 5)), 1e5)) == 0


def test_a_motorway_is_crossed_at_its_junction_only() -> None:
    line = [(30.5, float(col)) for col in range(-1, 81)]
    shut = RasterTravel(Land(plane(), TRANSFORM, across(line, None)), {})
    junction = RasterTravel(Land(plane(), TRANSFORM, across(line, ((29, 50), (32, 50)))), {})
    cell, place = centres((35, 20)), centres((25, 20))
    assert math.isinf(shut(cell, place, 1).distance_m[0, 0])
    found = junction(cell, place, 1).distance_m[0, 0]
    straight = np.hypot(*(cell - place)[0])
    detour = (octile(4, 30) + 300 + octile(3, 30)) / octile(10, 0)
    assert found == pytest.approx(CIRCUITY * straight * detour, rel=1e-3)


def test_slow_land_takes_longer() -> None:
    friction = np.full(SHAPE, 2.0)
    travel = RasterTravel(Land(friction, TRANSFORM, NONE), {})
    cells, place = centres((10, 10), (30, 50)), centres((30, 10))
    np.testing.assert_allclose(travel(cells, place, 1).distance_m, 2 * crow(cells, place, 1).distance_m, rtol=1e-9)


def test_a_place_in_the_water_belongs_to_the_nearest_land_and_one_far_away_is_told() -> None:
    friction = plane()
    friction[:20] = np.inf
    travel = RasterTravel(Land(friction, TRANSFORM, NONE), {})
    cells = centres((25, 40), (50, 2))
    near = travel(cells, centres((18, 40)), 1)
    assert np.isfinite(near.distance_m).all()
    lost = travel(cells, np.vstack([centres((50, 10)), centres((0, 40))]), 1)
    assert lost.flags["outside_extract"].tolist() == [True, False]
    assert np.isnan(lost.distance_m[0, 0])


def test_the_table_of_crossings_is_sound() -> None:
    ids = {barrier.id for barrier in BARRIERS}
    assert {crossing.over for crossing in CROSSINGS} == ids == {"rupel", "a12"}
    for item in (*BARRIERS, *CROSSINGS):
        assert item.source.startswith("https://")
    for crossing in CROSSINGS:
        (ax, ay), (bx, by) = from_lonlat(np.array(crossing.ends))
        assert 400 < math.hypot(ax - bx, ay - by) < 1100
    assert APPROXIMATE_M == 300
    walk, car = listed("walk"), listed("car")
    assert len(car.xy) == len(walk.xy) + 2  # the tunnel
    assert len(join(walk, car).xy) == len(walk.xy) + len(car.xy)
    assert len(listed("walk", river_stretches()).xy) < len(walk.xy)


@pytest.fixture(scope="module")
def land(embedded: Snapshot) -> Land:
    return land_of(embedded, "walk")


@pytest.fixture
def embedded_travel(land: Land) -> RasterTravel:
    return RasterTravel(land, {})


def test_the_rupel_matters_in_boom(embedded_travel: RasterTravel) -> None:
    """From Niel to Hingene across the river: near as the crow flies, far on foot, over the Rupelbrug in Boom."""
    niel, hingene = from_lonlat(np.array([[4.330, 51.109], [4.330, 51.090]]))
    boom, klein_willebroek = from_lonlat(np.array([[4.367, 51.088], [4.363, 51.079]]))
    far = embedded_travel(niel[None], hingene[None], 1).distance_m[0, 0]
    near = embedded_travel(boom[None], klein_willebroek[None], 1).distance_m[0, 0]
    assert far > 2.0 * crow(niel[None], hingene[None], 1).distance_m[0, 0]
    assert near < 1.6 * crow(boom[None], klein_willebroek[None], 1).distance_m[0, 0]


def test_without_its_bridge_the_rupel_separates(land: Land) -> None:
    shut = RasterTravel(Land(land.friction, land.transform, listed("nobody", None)), {})
    boom, klein_willebroek = from_lonlat(np.array([[4.367, 51.088], [4.363, 51.079]]))
    # Around by the Scheldt or the Nete, where bridges are not listed and water only slows down.
    assert shut(boom[None], klein_willebroek[None], 1).distance_m[0, 0] > 8 * 1000


def test_an_extract_replaces_the_table(embedded: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up town where Boom lies, with one bridge at Niel: the way to Hingene becomes short."""
    monkeypatch.setenv("NABIJ_CACHE", "")
    niel, hingene = from_lonlat(np.array([[4.330, 51.109], [4.330, 51.090]]))
    town = Town()
    north, south = ((float(x), float(y)) for x, y in np.array([niel, hingene]) - (150_000, 200_000))
    bank = (north[0], north[1] - 600), (south[0], south[1] + 300)
    town.way(north, bank[0]).way(bank[0], bank[1], bridge="yes").way(bank[1], south)
    town.way((north[0] - 3000, north[1] + 2000), (north[0] + 3000, north[1] + 2000))
    town.way((south[0] - 3000, south[1] - 2000), (south[0] + 3000, south[1] - 2000))
    travel = RasterTravel(land_of(embedded, "walk", town.write(tmp_path / "niel.osm")), {})
    near = travel(niel[None], hingene[None], 1).distance_m[0, 0]
    assert near < 1.25 * crow(niel[None], hingene[None], 1).distance_m[0, 0]


def test_raster_in_an_analysis(embedded: Snapshot) -> None:
    facilities = load_facilities(embedded, "illustrative")
    engine = Engine(embedded)
    raster = engine.analyse(Query(model="raster"), facilities)
    straight = engine.analyse(Query(), facilities)
    assert "caveat.raster" in raster.caveats
    assert "caveat.crow" not in raster.caveats
    table, crows = (a.table.set_index("zone_name")["mean_distance_m"].astype(float) for a in (raster, straight))
    assert raster.table["births"].sum() == pytest.approx(straight.table["births"].sum())
    assert table["Niel"] > 1.1 * crows["Niel"]
    inland = ["Genk", "Diest", "Zottegem"]
    np.testing.assert_allclose(table[inland].to_numpy(), crows[inland].to_numpy(), rtol=0.1)


def test_grid_coordinates_are_those_of_the_snapshot(embedded: Snapshot, land: Land) -> None:
    some = np.arange(0, len(embedded.grid), 5000)
    number, away = land.domain.nearest(to_grid(embedded.grid.xy[some]), 0)
    row, col = land.domain.cell
    np.testing.assert_array_equal(row[number] * embedded.grid.shape[1] + col[number], embedded.grid.cell[some])
    assert away.max() < 0.1
