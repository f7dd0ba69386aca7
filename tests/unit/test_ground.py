"""The ground under the zones: published layers to tables, and tables to what the browser draws."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from i18n.errors import DataError
from layers.maps.ground import SQUARE_ZOOM, encoded, ground_json, square_json, squares_of, tile_of
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import STREET_CLASSES
from loaders.catalogue.regions.projection import to_lonlat
from loaders.parsers.ground import GroundFeatures, one_of_parallel, parse_ground
from loaders.snapshot.reader import Snapshot

REGION = box(150_000, 200_000, 160_000, 210_000)
"""Ten kilometres square, near Boom."""


def layer(rows: list[dict[str, Any]], shapes: list[Any]) -> bytes:
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=31370).to_crs(4326)
    return str(frame.to_json()).encode()


def railways(*lines: list[tuple[float, float]], service: str = "", brunnel: str = "") -> tuple[pa.Table, str]:
    def points(axis: int) -> list[list[int]]:
        return [[round(10 * point[axis]) for point in line] for line in lines]

    n = len(lines)
    whole = {"class": ["rail"] * n, "brunnel": [brunnel] * n, "service": [service] * n}
    table = pa.table({**whole, "x_dm": pa.array(points(0), pa.list_(pa.int32())), "y_dm": points(1)})
    return table, "streets.parquet"


TRACKS = railways([(150_000, 208_000), (155_000, 208_000)], [(150_000, 208_010), (155_000, 208_010)])


def layers(**changed: bytes) -> dict[str, tuple[bytes, str]]:
    lake = Polygon(box(151_000, 201_000, 152_000, 202_000).exterior, [box(151_300, 201_300, 151_700, 201_700).exterior])
    pond = box(153_000, 203_000, 153_100, 203_100)
    river = [LineString([(149_000, 205_000), (155_000, 205_000)]), LineString([(155_000, 205_000), (170_000, 205_000)])]
    course = LineString([(152_000, 200_500), (152_000, 209_000)])
    road = LineString([(158_000, 200_500), (158_000, 209_000)])
    made = {
        "water_areas": layer([{"class": "lake"}] * 2, [lake, pond]),
        "rivers": layer([{"class": "river", "name:latin": "Rupel"}] * 2, river),
        "places": layer(
            [{"class": "town", "name:latin": "Boom"}, {"class": "village", "name:latin": "Noeveren"}],
            [Point(152_500, 204_000), Point(153_500, 204_500)],
        ),
        "watercourses": layer([{"namn1": "Zeekanaal", "wd7": 1}, {"namn1": "Vliet", "wd7": 1}], [course, course]),
        "roads": layer(
            [
                {"rtt": 16, "rtn": "A12", "rte": "N_A", "namn1": "N_P"},
                {"rtt": 14, "rtn": "N177", "rte": "N_A", "namn1": "N_P"},
            ],
            [road, road],
        ),
    }
    return {name: (data, f"{name}.geojson") for name, data in (made | changed).items()}


@pytest.fixture(scope="module")
def ground() -> GroundFeatures:
    return parse_ground(layers(), TRACKS, REGION)


def test_what_matters_is_kept_once_under_its_name(ground: GroundFeatures) -> None:
    told = ground.features[["kind", "name"]].to_records(index=False).tolist()
    assert told == [
        ("water", ""),  # the lake; the pond is too small
        ("river", "Rupel"),
        ("canal", "Zeekanaal"),  # a stream is none
        ("railway", ""),
        ("motorway", "A12"),
        ("town", "Boom"),
        ("village", "Noeveren"),
    ]
    assert ground.features["feature"].tolist() == list(range(7))


def test_a_lake_keeps_its_island_and_a_river_ends_where_the_map_ends(ground: GroundFeatures) -> None:
    lake = ground.vertices[ground.vertices["feature"] == 0]
    assert sorted(lake["part"].unique()) == [0, 1]
    area = Polygon(lake.loc[lake["part"] == 0, ["x", "y"]].to_numpy()).area
    assert area == pytest.approx(1_000_000, rel=0.01)
    river = ground.vertices[ground.vertices["feature"] == 1]
    assert river["part"].max() == 0  # two pieces that meet are one line
    assert (river["x"].min(), river["x"].max()) == pytest.approx((149_000, 165_000), abs=40)


def test_of_tracks_side_by_side_one_is_drawn(ground: GroundFeatures) -> None:
    tracks = ground.vertices[ground.vertices["feature"] == 3]
    assert tracks["part"].max() == 0
    apart = shapely.linestrings([[(0, 0), (1000, 0)], [(0, 20), (1000, 20)], [(0, 500), (900, 500)]])
    assert [round(line.length) for line in one_of_parallel(apart)] == [1000, 900]


@pytest.mark.parametrize("changed", [{"service": "yard"}, {"brunnel": "tunnel"}])
def test_yards_and_tunnels_are_no_railway_to_see(changed: dict[str, str]) -> None:
    data = railways([(150_000, 208_000), (155_000, 208_000)], **changed)
    with pytest.raises(DataError, match=r"'streets\.parquet' has nothing in or near the region"):
        parse_ground(layers(), data, REGION)


def test_a_layer_of_another_country_is_told() -> None:
    far = layer([{"class": "lake"}], [box(10_000, 20_000, 12_000, 22_000)])
    with pytest.raises(DataError, match=r"'water_areas\.geojson' has nothing in or near the region of the map"):
        parse_ground(layers(water_areas=far), TRACKS, REGION)


def graph() -> StreetGraph:
    """A street with a bend, a main road and a tunnel, all from one junction."""
    kinds = [STREET_CLASSES.index("minor"), STREET_CLASSES.index("primary"), STREET_CLASSES.index("minor") | 128]
    return StreetGraph(
        xy=np.array([[152_000, 204_000], [152_100, 204_000], [156_000, 204_000], [152_000, 204_300]], dtype=np.int32),
        tail=np.zeros(3, dtype=np.int32),
        head=np.array([1, 2, 3], dtype=np.int32),
        length_dm=np.array([1_200, 40_000, 3_000], dtype=np.int32),
        kind=np.array(kinds, dtype=np.uint8),
        bend=np.array([0, 1, 1, 1]),
        bend_xy=np.array([[152_050, 204_030]], dtype=np.int32),
    )


def world(ground: GroundFeatures | None) -> Snapshot:
    tables = {} if ground is None else {"ground": ground.features, "ground_vertices": ground.vertices}
    cells = np.array([[152_050.0, 204_050.0]])
    return cast(
        Snapshot,
        SimpleNamespace(
            hash=f"world {ground is None}",
            resources=tables,
            table=lambda name: tables[name],
            has_streets=True,
            streets=graph,
            grid=SimpleNamespace(xy=cells),
        ),
    )


def decoded(steps: list[int], unit: float) -> list[list[float]]:
    return cast("list[list[float]]", (np.cumsum(np.reshape(steps, (-1, 2)), axis=0) * unit).tolist())


def test_near_has_every_name_and_the_main_roads(ground: GroundFeatures) -> None:
    told = json.loads(ground_json(world(ground), "near"))
    assert [place["name"] for place in told["places"]] == ["Boom", "Noeveren"]
    assert sorted(told["lines"]) == ["canal", "primary", "railway", "river"]
    assert [len(rings) for rings in told["areas"]["water"]] == [2]
    (river,) = told["lines"]["river"]
    west, east = (decoded(river["lines"][0], told["unit"])[end] for end in (0, -1))
    for at, x in ((west, 149_000), (east, 165_000)):
        lonlat = to_lonlat(np.array([[x, 205_000.0]]))[0]
        assert sorted([abs(at[0] - lonlat[0]) < 6e-4, abs(at[1] - lonlat[1]) < 6e-4]) == [True, True]


def test_far_has_less_and_no_names(ground: GroundFeatures) -> None:
    far, near = (ground_json(world(ground), detail) for detail in ("far", "near"))
    told = json.loads(far)
    assert told["places"] == []
    assert "primary" not in told["lines"]
    assert len(far) < len(near)


def test_a_region_without_a_ground_has_an_empty_one() -> None:
    plain = world(None)
    plain.__dict__["has_streets"] = False
    assert json.loads(ground_json(plain, "near")) == {"unit": 1e-5, "areas": {}, "lines": {}, "places": []}


def test_a_square_has_its_small_streets_with_their_bends_and_no_tunnels() -> None:
    snapshot = world(None)
    ((x, y),) = tile_of(to_lonlat(np.array([[152_000.0, 204_000.0]]))).tolist()
    told = json.loads(square_json(snapshot, x, y))
    assert list(told["lines"]) == ["minor"]
    ((steps),) = told["lines"]["minor"]
    expected = to_lonlat(np.array([[152_000.0, 204_000], [152_050, 204_030], [152_100, 204_000]]))
    assert decoded(steps, told["unit"]) == pytest.approx(expected, abs=2e-5)
    assert json.loads(square_json(snapshot, x + 1, y))["lines"] == {}
    assert (x, y) in squares_of(snapshot)
    assert (x + 3, y) not in squares_of(snapshot)


def test_tiles_are_those_of_web_mercator() -> None:
    # the tile of Brussels' Grand-Place by the formula of the OpenStreetMap wiki
    assert tile_of(np.array([[4.3525, 50.8467]]), SQUARE_ZOOM).tolist() == [[2097, 1374]]


def test_lines_come_back_from_their_steps() -> None:
    xy = np.array([[150_000.0, 200_000], [150_500, 200_250], [151_000, 200_000]])
    lines = np.array([LineString(xy), LineString(xy[::-1] + 700)])
    for steps, line in zip(encoded(lines), lines, strict=True):
        assert decoded(steps, 1e-5) == pytest.approx(to_lonlat(np.array(line.coords)), abs=1.1e-5)
    assert encoded(np.array([], dtype=object)) == []


def test_the_tables_are_what_the_schema_says(ground: GroundFeatures) -> None:
    assert pd.api.types.is_integer_dtype(ground.vertices["x"])
    assert list(ground.vertices.columns) == ["feature", "part", "x", "y"]
    assert ground.vertices["feature"].is_monotonic_increasing
