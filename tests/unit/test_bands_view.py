"""Bands of minutes around a place: as the crow flies they are rings of a known area, and they do not meet."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, shape

from coverage.analysis import Analysis
from coverage.core.minutes import per_minute
from coverage.core.query import Query
from coverage.travel.straight_line import CIRCUITY
from i18n.errors import InputError
from layers.views.bands_view import BANDS, bands
from loaders.catalogue.regions.projection import to_lonlat
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from pages.shell.context import Context

BOOM = "illustrative-bureau-11005-01"


@pytest.fixture(scope="module")
def context(embedded: Snapshot) -> Context:
    return Context(embedded)


@pytest.fixture(scope="module")
def analysis(context: Context) -> Analysis:
    query = Query(model="crow", areas=(("care_region", "boom"),))
    return context.engine.analyse(query, load_facilities(context.snapshot, "illustrative"))


@pytest.fixture(scope="module")
def found(context: Context, analysis: Analysis) -> dict[str, Any]:
    return bands(context.engine, analysis, BOOM)


def test_bands_are_rings_around_the_place(found: dict[str, Any], analysis: Analysis) -> None:
    rings = gpd.GeoSeries([shape(band["ring"]) for band in found["bands"]], crs=4326).to_crs(31370)
    radii = [0.0, *(minutes * per_minute(analysis.query) / CIRCUITY for minutes in BANDS)]
    expected = [math.pi * (far**2 - near**2) for near, far in pairwise(radii)]
    assert list(rings.area) == pytest.approx(expected, rel=0.06)  # of squares of some tens of metres
    row = analysis.facilities.frame.set_index("id").loc[BOOM]
    point = Point(to_lonlat(np.array([[row["x"], row["y"]]], dtype=np.float64))[0])
    assert shape(found["bands"][0]["ring"]).contains(point)


def test_bands_do_not_meet_and_children_add_up(found: dict[str, Any]) -> None:
    shapes = [shape(band["ring"]) for band in found["bands"]]
    assert all(one.intersection(other).area < 1e-9 for one, other in combinations(shapes, 2))
    births = [band["births"] for band in found["bands"]]
    assert [band["minutes"] for band in found["bands"]] == list(BANDS)
    assert 0 < births[0] < births[1] < births[2]


def test_an_unknown_place_is_told(context: Context, analysis: Analysis) -> None:
    with pytest.raises(InputError):
        bands(context.engine, analysis, "nowhere")
