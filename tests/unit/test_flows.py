"""Births that go to another zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coverage.analysis import analyse
from coverage.core.query import Query
from coverage.indicators.zone.flows import flows

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld

COLUMNS = ["zone_id", "to_zone_id", "to_zone_name", "births", "share", "mean_distance_m", "mean_minutes"]


def test_all_births_of_a_zone_without_a_place_go_elsewhere(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    answer = analyse(snapshot, Query(vintage=2018), tiny.facilities(tiny.place(10, 5), tiny.place(30, 15)))
    found = flows(snapshot, answer)
    assert list(found.columns) == COLUMNS
    out = found.groupby("zone_id")["births"].sum()
    table = answer.table.set_index("zone_id")
    for nis in ("10002", "10003", "10005"):
        assert out[nis] == pytest.approx(table.loc[nis, "births"])
        assert found[found["zone_id"] == nis]["share"].sum() == pytest.approx(1)
    assert "10006" not in set(found["zone_id"])  # Fort has no births
    assert set(found["to_zone_id"]) == {"10001", "10004"}
    assert dict(zip(found["to_zone_id"], found["to_zone_name"], strict=True)) == {"10001": "Aaken", "10004": "Dam"}


def test_flow_and_distance_by_hand(tiny: TinyWorld) -> None:
    # One bureau in Eke at column 10, row 20: all 30 births of Dam (200 cells) go there.
    snapshot = tiny.snapshot()
    answer = analyse(snapshot, Query(vintage=2018), tiny.facilities(tiny.place(10, 20)))
    row = flows(snapshot, answer, "10004").iloc[0]
    col, line = np.meshgrid(np.arange(20, 40), np.arange(10, 20))
    assert (row["to_zone_id"], row["births"], row["share"]) == ("10005", pytest.approx(30), pytest.approx(1))
    assert row["mean_minutes"] == pytest.approx(row["mean_distance_m"] / 80)
    assert row["mean_distance_m"] == pytest.approx(130 * np.hypot(col - 10, line - 20).mean())


def test_flows_start_in_the_areas_asked_for_but_end_anywhere(tiny: TinyWorld) -> None:
    snapshot, facilities = tiny.snapshot(), tiny.facilities(tiny.place(30, 15))
    answer = analyse(snapshot, Query(vintage=2018, areas=(("care_region", "kleine-stad"),)), facilities)
    assert set(flows(snapshot, answer)["zone_id"]) == {"10001", "10003"}
    assert set(flows(snapshot, answer, "10005")["zone_id"]) == {"10005"}


def test_a_place_outside_the_partition(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    answer = analyse(snapshot, Query(level="care_region"), tiny.facilities(tiny.place(30, 25)))
    found = flows(snapshot, answer)
    assert found["zone_id"].tolist() == ["kleine-stad"]
    assert found["to_zone_id"].tolist() == ["not_known_here"]
    assert found["births"].sum() == pytest.approx(75)


def test_no_flows_without_distances(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    answer = analyse(snapshot, Query(), tiny.facilities(tiny.at("10001"), scope={"bureau": ("10001",)}))
    assert flows(snapshot, answer).empty
    assert list(flows(snapshot, answer).columns) == COLUMNS
    assert flows(snapshot, analyse(snapshot, Query(), tiny.facilities())).empty
