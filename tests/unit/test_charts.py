"""Charts: births by travel time add up, what is sent to the browser is what was found, and the library is whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from coverage.access.concentration import concentration_curve
from coverage.analysis import Engine
from coverage.core.minutes import in_minutes
from coverage.core.query import Query
from coverage.indicators.births.place_births import births_by_place
from coverage.indicators.travel_histogram import CLASSES, travel_histogram
from layers.charts.chart_values import CURVE_POINTS, of_curve, of_histogram, of_places, of_ranges, of_trend
from pages.explore.charts.chart_callbacks import ASKED_CHARTS
from pages.server.libraries import PARTS, chart_library_address

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld

ROOT = Path(__file__).resolve().parents[2]


def test_births_by_travel_time_add_up_to_the_answer(tiny: TinyWorld) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5))
    analysis = engine.analyse(Query(model="crow", within_m=900), places)
    found = travel_histogram(analysis)
    assert found is not None
    births = analysis.demand.births
    assert found.births.sum() + found.unknown == pytest.approx(births.sum())
    assert found.out == pytest.approx(analysis.table["births_out_of_reach"].sum())
    assert len(found.births) <= CLASSES
    minutes = in_minutes(analysis.distance_m, analysis.query)
    second = (minutes >= found.step) & (minutes < 2 * found.step)
    assert found.births[1] == pytest.approx(births[second].sum())
    area = engine.analyse(Query(model="crow", areas=(("province", "zuid"),)), places)
    part = travel_histogram(area)
    assert part is not None
    assert part.births.sum() == pytest.approx(area.table["births"].sum())
    assert part.births.sum() < found.births.sum()


def test_every_birth_has_one_nearest_place(tiny: TinyWorld) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5), tiny.place(25, 22))
    analysis = engine.analyse(Query(model="crow", within_m=900), places)
    found = births_by_place(analysis)
    assert len(found) == 2
    assert found["births_nearest"].sum() == pytest.approx(analysis.demand.births.sum())
    assert found["births_in_reach"].sum() == pytest.approx(analysis.table["births_in_reach"].sum())
    assert found["births_in_reach"].is_monotonic_decreasing
    area = engine.analyse(Query(model="crow", within_m=900, areas=(("province", "zuid"),)), places)
    inside = births_by_place(area)
    assert set(inside["zone_id"]) <= set(area.table["zone_id"])
    told = of_places(found, "bureau")
    assert told is not None
    assert told["where"] == found["zone_name"].tolist()
    assert of_places(found[:0], "bureau") is None


def test_without_travel_times_there_is_no_chart(tiny: TinyWorld) -> None:
    nowhere = tiny.facilities(tiny.place(5, 5)).of_service("house")
    analysis = Engine(tiny.snapshot()).analyse(Query(model="crow"), nowhere)
    assert of_histogram(travel_histogram(analysis)) is None
    assert of_curve(None, 0.0) is None
    assert of_ranges(None, np.array([0])) is None
    assert of_trend(pd.DataFrame({"year": [], "kind": [], "value": []})) is None


def test_points_of_a_curve_lie_on_it() -> None:
    found = of_curve(concentration_curve([1.0, 0.0], [1.0, 3.0], [0.0, 1.0]), 0.75)
    assert found is not None
    assert len(found["people"]) == CURVE_POINTS
    assert dict(zip(found["people"], found["burden"], strict=True))[0.2] == pytest.approx(0.8)
    assert found["index"] == 0.75


def test_a_proxy_stays_apart_from_births() -> None:
    rows = [(2021, "births", 9.0), (2020, "age0", 8.0), (2019, "age0", 7.06), (2022, "births", np.nan)]
    assert of_trend(pd.DataFrame(rows, columns=["year", "kind", "value"])) == {
        "age0": {"year": [2019, 2020], "value": [7.1, 8.0]},
        "births": {"year": [2021], "value": [9.0]},
    }


def test_the_browser_asks_for_the_charts_that_the_server_answers() -> None:
    script = (ROOT / "assets" / "js" / "chart_drawings.mjs").read_text(encoding="utf-8")
    (asked,) = re.findall(r"export const ASKED = \[([^\]]*)\]", script)
    assert tuple(re.findall(r'"(\w+)"', asked)) == ASKED_CHARTS


def test_the_library_is_that_of_the_lock() -> None:
    assert re.fullmatch(r"libraries/plot-\d+\.\d+\.\d+-\d+\.\d+\.\d+\.js", chart_library_address())
    packages = ("d3/dist/d3.min.js", "@observablehq/plot/dist/plot.umd.min.js")
    for part, package in zip(PARTS, packages, strict=True):
        published = ROOT / "node_modules" / package
        if not published.exists():
            pytest.skip("no node_modules; script/setup installs what package-lock.json names")
        assert part.read_bytes() == published.read_bytes()
