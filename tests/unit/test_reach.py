"""How far every cell is: what counts as a place, when distances are known, what is in the key, answers by hand."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coverage.core.query import Query
from coverage.core.reach import coordinates, distances_known, has_point, is_place, measure, place_rows, reach_key
from coverage.travel.straight_line import CIRCUITY, Crow
from loaders.catalogue.facilities import Facilities, facility_frame

PLACE = {"service": "bureau", "precision": "point", "status": "exists", "evidence": "user", "x": 0.0, "y": 0.0}


def places(*rows: dict[str, Any]) -> Facilities:
    """Facilities of the user's own, in the order given; what a row does not say is that of `PLACE`."""
    frame = facility_frame([{**PLACE, "id": f"f{k}", **row} for k, row in enumerate(rows)])
    return Facilities("user", frame, None, (), "user")


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({}, True),
        ({"status": "planned"}, False),
        ({"precision": "none", "x": np.nan, "y": np.nan}, False),
        ({"precision": "municipality"}, True),
        ({"physical": False}, True),  # only a house needs to be walked into
        ({"service": "house", "physical": True}, True),
        ({"service": "house", "physical": False}, False),
        ({"service": "house", "physical": None}, False),
        ({"service": "house", "physical": True, "status": "planned"}, False),
        ({"service": "house", "physical": True, "precision": "none", "x": np.nan, "y": np.nan}, False),
    ],
)
def test_what_counts_as_a_place(row: dict[str, Any], counts: bool) -> None:
    assert is_place(places(row).frame).tolist() == [counts]


def test_a_point_has_both_coordinates() -> None:
    frame = places({"x": 1.0, "y": 2.0}, {"x": np.nan}, {"y": np.nan}, {"x": np.inf}).frame
    assert has_point(frame).tolist() == [True, False, False, False]
    assert coordinates(frame)[0].tolist() == [1.0, 2.0]
    assert coordinates(frame).shape == (4, 2)


def test_rows_that_are_places_with_a_point() -> None:
    found = place_rows(places({"status": "planned"}, {}, {"x": np.nan, "precision": "municipality"}, {}))
    assert found.tolist() == [1, 3]


def test_when_distances_are_known() -> None:
    """One point among the places is enough; where no place is, nobody reaches any, and that is known."""
    nowhere = {"x": np.nan, "y": np.nan, "precision": "municipality"}
    assert distances_known(places({}, nowhere))
    assert not distances_known(places(nowhere, nowhere))
    assert distances_known(places({"status": "planned", **nowhere}))
    assert distances_known(places())
    assert not distances_known(places(nowhere, {"status": "planned"}))  # the point is that of no place
    documented = replace(places({}), scope=pd.DataFrame({"service": [], "nis2018": []}))
    assert not distances_known(documented)


CELLS = np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0], [1000.0, 0.0]])


def test_distances_by_hand() -> None:
    """Places at 0, 300 and 1,000 m, the first of them only planned: the nearest is number 1, then 2, then 2."""
    found = measure(CELLS, places({"status": "planned"}, {"x": 300.0}, {"x": 1000.0}), Crow())
    assert found.known
    np.testing.assert_allclose(found.distance_m, CIRCUITY * np.array([300.0, 200.0, 100.0, 0.0]))
    np.testing.assert_allclose(found.second_m, CIRCUITY * np.array([1000.0, 900.0, 800.0, 700.0]))
    assert found.nearest.tolist() == [1, 1, 1, 2]
    assert found.order.tolist() == [3, 2, 1, 0]
    for figures in (found.distance_m, found.second_m):
        assert figures.flags.c_contiguous


def test_cells_at_the_same_distance_stay_in_grid_order() -> None:
    found = measure(CELLS[[0, 2, 0, 2, 1, 0]], places({"x": 100.0}), Crow())
    assert found.order.tolist() == [4, 0, 1, 2, 3, 5]


def test_without_a_place_nobody_reaches_any() -> None:
    found = measure(CELLS, places({"status": "planned"}), Crow())
    assert found.known
    assert np.isinf(found.distance_m).all()
    assert found.nearest.tolist() == [-1] * 4
    one = measure(CELLS, places({}), Crow())
    assert np.isinf(one.second_m).all()
    assert np.isfinite(one.distance_m).all()


def test_without_points_nothing_is_known() -> None:
    found = measure(CELLS, places({"x": np.nan, "y": np.nan, "precision": "municipality"}), Crow())
    assert not found.known
    assert np.isnan(found.distance_m).all()
    assert np.isnan(found.second_m).all()
    assert found.nearest.tolist() == [-1] * 4
    assert found.order.tolist() == [0, 1, 2, 3]


def test_what_is_in_the_key_of_the_straight_line() -> None:
    """Only which rows are places and where; not the mode, for a metre is a metre, nor what they are called."""
    here, crow = places({}, {"x": 5.0}), Query(model="crow")
    key = reach_key(here, crow)
    assert key == reach_key(places({}, {"x": 5.0}), replace(crow, mode="bike", within_m=9.0, level="province"))
    renamed = Facilities("user", here.frame.assign(name="ander"), None, (), "user")
    assert key == reach_key(renamed, crow)
    for other in (
        places({}, {"x": 6.0}),
        places({}, {"x": 5.0, "y": 1.0}),
        places({}),
        places({}, {"x": 5.0, "status": "planned"}),
        places({"status": "planned"}, {}, {"x": 5.0}),
        replace(here, scope=pd.DataFrame({"service": [], "nis2018": []})),
    ):
        assert reach_key(other, crow) != key


def test_what_is_in_the_key_of_other_models(tmp_path: Path) -> None:
    file = tmp_path / "streets.osm"
    file.write_text("one", encoding="utf-8")
    here = places({}, {"x": 5.0})
    query = Query(model="network", network=file)
    key = reach_key(here, query)
    assert key == reach_key(here, query)
    assert reach_key(here, replace(query, mode="bike")) != key
    assert reach_key(here, Query()) != key
    assert reach_key(here, Query(model="raster", network=file)) != key
    assert reach_key(places({"id": "a"}, {"x": 5.0}), query) != key  # a table of costs goes by id
    table = tmp_path / "table.csv"
    table.write_text("two", encoding="utf-8")
    by_table = reach_key(here, Query(model="matrix", matrix=table))
    assert by_table != reach_key(here, Query(model="matrix", matrix=file))

    status = file.stat()
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    later = reach_key(here, query)
    assert later != key
    file.write_text("more", encoding="utf-8")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert reach_key(here, query) not in (key, later)
    file.unlink()
    assert reach_key(here, query) != key
