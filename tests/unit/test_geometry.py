"""Borders for the browser: joined, small, and found again the next time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import geopandas as gpd
import numpy as np
import pytest
import shapely

from i18n.errors import InputError
from layers.files.file_cache import FileCache, cache_folder
from layers.maps.geometry import inner_lonlat, simplified, web_zones, zones_geojson
from layers.maps.labels import LAST_ZOOM, label_zooms, labels_json
from loaders.catalogue.regions.projection import to_lonlat
from loaders.snapshot.reader import Snapshot


def two_squares(steps: int = 40) -> gpd.GeoDataFrame:
    """Two squares of 4 km side by side near Brussels, with a wavy common border."""
    y = np.linspace(0, 4000, steps + 1)
    wave = np.column_stack([4000 + 60 * np.sin(y / 150), y])
    left = np.vstack([[0, 0], wave, [0, 4000]])
    right = np.vstack([wave[::-1], [8000, 0], [8000, 4000]])
    shapes = [shapely.Polygon(np.add(ring, [150_000, 170_000])) for ring in (left, np.roll(right, -1, axis=0))]
    names = {"zone_id": ["a", "b"], "zone_name": ["Links", "Rechts"]}
    return gpd.GeoDataFrame(names, geometry=[shapely.make_valid(s) for s in shapes], crs="EPSG:31370")


def coordinates(feature: dict[str, Any]) -> set[tuple[float, float]]:
    return {tuple(pair) for pair in shapely.get_coordinates(shapely.geometry.shape(feature["geometry"])).tolist()}


@pytest.mark.parametrize("detail", ["far", "near"])
def test_neighbours_share_their_border_vertex_by_vertex(detail: str) -> None:
    zones = two_squares()
    left, right = json.loads(zones_geojson(zones, detail))["features"]
    shared = coordinates(left) & coordinates(right)
    corners = 2  # every square has two corners of its own; all its other vertices are on the common border
    assert len(coordinates(left)) == len(coordinates(right)) == len(shared) + corners
    assert 2 <= len(shared) <= 41


def test_features_are_rows_in_order_with_compact_properties() -> None:
    zones = two_squares().assign(place=["Gent", ""])
    first, second = json.loads(zones_geojson(zones))["features"]
    assert {k: first["properties"][k] for k in ("i", "id", "name", "place")} == {
        "i": 0,
        "id": "a",
        "name": "Links",
        "place": "Gent",
    }
    assert "place" not in second["properties"]
    inside = shapely.geometry.shape(first["geometry"]).contains(shapely.Point(first["properties"]["p"]))
    assert inside


def test_coordinates_are_degrees_to_the_decimals_of_the_detail() -> None:
    zones = two_squares()
    corner = to_lonlat(np.array([[150_000.0, 170_000.0]]))[0]
    for detail, decimals in (("far", 4), ("near", 5)):
        feature = json.loads(zones_geojson(zones, detail))["features"][0]
        assert tuple(corner.round(decimals)) in coordinates(feature)


def test_shapes_that_overlap_are_left_as_they_are() -> None:
    overlapping = np.array([shapely.box(0, 0, 1000, 1000), shapely.box(500, 0, 1500, 1000)], dtype=object)
    assert all(simplified(overlapping, 100.0) == overlapping)


def test_a_point_inside_lies_in_the_largest_part() -> None:
    big, small = shapely.box(150_000, 170_000, 154_000, 174_000), shapely.box(160_000, 170_000, 160_100, 170_100)
    parts = np.array([shapely.MultiPolygon([small, big])], dtype=object)
    expected = to_lonlat(np.array([[152_000.0, 172_000.0]]))
    assert inner_lonlat(parts) == pytest.approx(expected, abs=2e-3)


def test_an_unknown_detail_or_level_is_an_error(embedded: Snapshot) -> None:
    with pytest.raises(InputError, match="Unknown detail 'close'; choose one of far, near"):
        web_zones(embedded, "municipality", 2025, "close")
    with pytest.raises(InputError, match="Unknown level 'street'"):
        web_zones(embedded, "street", 2025)


def test_zones_below_the_municipality_say_where_they_are(embedded: Snapshot) -> None:
    features = json.loads(web_zones(embedded, "sub_municipality", 2025))["features"]
    zones = embedded.zones("sub_municipality", 2025)
    assert [f["properties"]["id"] for f in features] == zones["zone_id"].tolist()
    assert all(f["properties"]["place"] for f in features)


def test_a_file_is_made_once_and_found_again(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b'{"a":1}' * 100

    first = FileCache("abc", tmp_path).get("a.json", make)
    again = FileCache("abc", tmp_path)
    assert again.get("a.json", make) == again.get("a.json", make) == first
    assert len(made) == 1
    assert first.content == brotli.decompress(first.brotlied) == b'{"a":1}' * 100
    FileCache("another snapshot", tmp_path).get("a.json", make)
    assert len(made) == 2


def test_a_folder_that_cannot_be_written_is_no_problem(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder", encoding="utf-8")
    assert FileCache("abc", in_the_way).get("a.json", lambda: b"1").content == b"1"


def test_the_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("XDG folders are for Linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "nabij"


def test_the_more_important_name_comes_first_and_the_other_when_there_is_room() -> None:
    names = ["Kleinstad", "Grootstad"]
    lonlat = np.array([[4.00, 51.0], [4.05, 51.0]])
    zoom = label_zooms(names, lonlat, order=np.array([1, 0]), earliest=np.array([8, 8]))
    # 0.05 degrees are 0.05 / 360 * 256 * 2**z pixels: 73 at zoom 11, where two labels of 77 pixels still clash
    assert zoom.tolist() == [12, 8]
    same = label_zooms(names, np.array([[4.0, 51.0], [4.0, 51.0]]), np.array([1, 0]), np.array([8, 8]))
    assert same.tolist() == [LAST_ZOOM + 1, 8]


def test_brussels_is_one_name_until_its_municipalities_can_be_told_apart(embedded: Snapshot) -> None:
    labels = json.loads(labels_json(embedded))
    whole = next(label for label in labels if "until" in label)
    assert (whole["name"], whole["z"], whole["until"]) == ("Brussel", 8, 10)
    assert min(label["z"] for label in labels if label["name"] in {"Elsene", "Ukkel", "Schaarbeek"}) >= 11
    assert {"Antwerpen", "Gent", "Brugge"} <= {label["name"] for label in labels if label["z"] == 8}
