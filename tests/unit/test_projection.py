"""Births ahead: by hand, within bounds, and tested on the past before anything is embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.births.projection import LEVEL, PROXY, YEARS_AHEAD, backtest, forecast, project
from coverage.indicators.births.trend import trend_table
from coverage.zones.territory import Territory
from i18n.errors import InputError
from loaders.catalogue.columns import PROJECTION_COLUMNS, TREND_COLUMNS
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld


def test_intervals_follow_the_changes_of_the_past() -> None:
    """Five alike municipalities that doubled or halved every year: the interval runs from half to twice."""
    history = np.tile([[100.0], [200.0], [100.0], [200.0]], 5)
    found = forecast(np.full(5, 80.0), history, 1)
    np.testing.assert_allclose(found.births, 80)
    np.testing.assert_allclose((found.low, found.high), ([40] * 5, [160] * 5))
    np.testing.assert_allclose(forecast(np.full(5, 80.0), history, 2).low, 80)  # over two years nothing changed
    with pytest.raises(InputError, match="--ahead 4 cannot be; give 1 to 3 years"):
        forecast(np.full(5, 80.0), history, 4)


def test_intervals_hold_what_they_promise_on_1992_to_2022(embedded: Snapshot) -> None:
    """Forecasting from every year with what was known then: at every distance at least four outcomes out of five."""
    found = backtest(Territory(embedded).counts(PROXY))
    by_distance = found.groupby("ahead")["covered"].mean()
    assert by_distance.index.tolist() == list(range(1, YEARS_AHEAD + 1))
    assert (by_distance.round(2) >= LEVEL).all()
    assert (by_distance < 0.9).all()  # nor so wide that they say nothing
    farthest = found[found["ahead"] == YEARS_AHEAD]
    assert (farthest["covered"] >= LEVEL).all()


def test_every_municipality_is_projected(embedded: Snapshot) -> None:
    found = project(Territory(embedded))
    assert len(found) == 304 * YEARS_AHEAD
    assert found["year"].unique().tolist() == list(range(2026, 2036))
    assert ((found["forecast_low"] <= found["births"]) & (found["births"] < found["forecast_high"])).all()
    oostende = found[found["nis"] == "35013"].set_index("year")
    assert oostende["births"].unique().tolist() == [572]
    assert oostende["forecast_high"][2035] > oostende["forecast_high"][2026]


def test_a_trend_with_years_ahead(embedded: Snapshot) -> None:
    places = load_facilities(embedded, "illustrative")
    query = Query(areas=(("care_region", "oostende"),))
    table, _ = trend_table(Engine(embedded), query, places, since=2021, ahead=2)
    assert list(table.columns) == [*TREND_COLUMNS, *PROJECTION_COLUMNS]
    one = table[table["zone_id"] == "35013"]
    assert one["births_year"].tolist() == [2021, 2022, 2025, 2026, 2027]
    assert one["forecast_low"].isna().tolist() == [True, True, True, False, False]
    assert one["flags"].str.contains("births_projected").tolist() == [False, False, False, True, True]
    assert one["births_in_reach"].isna().tolist() == [False, False, False, True, True]
    assert table["evidence"].notna().all()


def test_what_cannot_be_projected_is_told(tiny: TinyWorld) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5))
    with pytest.raises(InputError, match="only with births by municipality of 2025"):
        trend_table(engine, Query(level="province"), places, ahead=2)
    with pytest.raises(InputError, match="--ahead and --by do not go together"):
        trend_table(engine, Query(), places, by="deprivation", ahead=2)
    with pytest.raises(InputError, match="--ahead 11 cannot be; give 1 to 10 years"):
        project(engine.territory, 11)
