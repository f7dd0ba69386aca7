"""The sheet of one zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coverage.analysis import analyse
from coverage.core.query import Query
from coverage.indicators.sheet import MergedMunicipality, trend, zone_sheet
from coverage.zones.territory import Territory
from i18n.errors import InputError

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld


def test_sheet_of_a_merged_municipality(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    facilities = tiny.facilities(
        tiny.place(5, 5), tiny.place(6, 5), tiny.place(7, 5, status="planned"), tiny.place(5, 11)
    )
    sheet = zone_sheet(snapshot, analyse(snapshot, Query(), facilities), "10012")
    assert (sheet.row["zone_name"], sheet.row["n_facilities"]) == ("Aaken-Beke", 2)
    assert sheet.merger == (MergedMunicipality("10001", "Aaken", 2), MergedMunicipality("10002", "Beke", 0))
    assert sheet.facilities["id"].tolist() == ["f000", "f001", "f002"]
    assert sheet.neighbours["zone_id"].tolist() == ["10034"]
    assert list(sheet.neighbours.columns) == ["zone_id", "zone_name", "births_out_of_reach", "share_in_reach", "gap"]
    assert set(sheet.outflows["to_zone_id"]) == {"10034"}


def test_merger_members_outside_the_scope_are_unknown(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    facilities = tiny.facilities(tiny.at("10001"), scope={"bureau": ("10001",)})
    sheet = zone_sheet(snapshot, analyse(snapshot, Query(), facilities), "10012")
    assert sheet.merger == (MergedMunicipality("10001", "Aaken", 1), MergedMunicipality("10002", "Beke", None))
    assert sheet.facilities["nis2018"].tolist() == ["10001"]
    assert sheet.outflows.empty


def test_no_merger_where_there_was_none(tiny: TinyWorld) -> None:
    snapshot, facilities = tiny.snapshot(), tiny.facilities(tiny.place(5, 5))
    assert zone_sheet(snapshot, analyse(snapshot, Query(), facilities), "10005").merger == ()
    assert zone_sheet(snapshot, analyse(snapshot, Query(vintage=2018), facilities), "10001").merger == ()
    assert zone_sheet(snapshot, analyse(snapshot, Query(level="province"), facilities), "zuid").merger == ()


def test_trend_of_whole_and_part_of_a_municipality(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    answer = analyse(snapshot, Query(level="province"), tiny.facilities(tiny.place(5, 5)))
    found = zone_sheet(snapshot, answer, "zuid").trend
    assert found.to_dict("list") == {
        "year": [2020, 2021, 2022, 2025],
        "kind": ["age0", "age0", "age0", "births"],
        "value": [pytest.approx(v) for v in (20, 22, 24, 150)],
    }
    half = trend(Territory(snapshot), (snapshot.cells["m2018"] == "10001").to_numpy())
    assert half["value"].tolist() == [pytest.approx(v) for v in (5, 5.5, 6, 45)]
    assert trend(Territory(snapshot), np.zeros(1200, dtype=bool))["value"].tolist() == [0, 0, 0, 0]


def test_sheet_of_a_zone_outside_the_areas(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    query = Query(level="sector", areas=(("municipality", "10005"),))
    answer = analyse(snapshot, query, tiny.facilities(tiny.place(5, 5)))
    sheet = zone_sheet(snapshot, answer, "s0000", Territory(snapshot))
    assert sheet.row["zone_id"] == "s0000"
    assert sheet.neighbours["zone_id"].tolist() == ["s0001", "s0100", "s0101"]
    assert len(sheet.outflows) == 1


def test_an_unknown_zone_is_named(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    answer = analyse(snapshot, Query(), tiny.facilities(tiny.place(5, 5)))
    with pytest.raises(InputError, match=r"No zone '10013' at level municipality"):
        zone_sheet(snapshot, answer, "10013")
