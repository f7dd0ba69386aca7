"""Overlap: nothing is lost, shares by hand, the snapshot's levels, and the rule for houses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.core.demand import surface
from coverage.partnerships.rule import house_rule
from coverage.zones.partition_overlap import between, nesting_index, overlap, parse_levels, verdicts
from coverage.zones.territory import Territory
from i18n.errors import InputError
from layers.notes.overlap_notes import overlap_summary
from loaders.catalogue.columns import OVERLAP_COLUMNS, RULE_COLUMNS

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot
    from tests.unit.conftest import TinyWorld

cells = st.lists(
    st.tuples(st.integers(0, 50).map(float), st.integers(-1, 4), st.integers(-1, 3)), min_size=1, max_size=60
)


@given(cells)
def test_births_are_conserved_and_shares_add_up(rows: list[tuple[float, int, int]]) -> None:
    births, a, b = (np.array(column) for column in zip(*rows, strict=True))
    found = overlap(births, a, b)
    assert found["births"].sum() == pytest.approx(births.sum(), abs=1e-6)
    for side, zone in (("a", a), ("b", b)):
        shares = found.groupby(f"zone_{side}")[f"share_of_{side}"].sum()
        np.testing.assert_allclose(shares, 1.0, rtol=1e-9)
        assert set(shares.index) == set(zone[births > 0])
    for row in found.itertuples():
        inside = (a == row.zone_a) & (b == row.zone_b)
        assert row.births == pytest.approx(births[inside].sum(), abs=1e-6)


@given(cells)
def test_a_partition_nests_in_itself_and_in_a_coarser_one(rows: list[tuple[float, int, int]]) -> None:
    births, a, _ = (np.array(column) for column in zip(*rows, strict=True))
    coarse = np.where(a < 0, -1, a // 2)
    for other in (a, coarse):
        found = overlap(births, a, other)
        inside = found[found["zone_a"] >= 0]
        np.testing.assert_allclose(inside["nesting_of_a"], 1.0, rtol=1e-9)
        assert (inside["parts_of_a"] == 1).all()
        assert nesting_index(found) == (
            pytest.approx(1.0) if inside["births"].any() else pytest.approx(np.nan, nan_ok=True)
        )


def test_cut_unequally_by_hand() -> None:
    """Zone 0 of 100 births: 60, 30 and 10 in three zones of B. Zone 1 of 40: 20 in the first, 20 in none."""
    births = [60, 30, 10, 20, 20, 5]
    found = overlap(births, [0, 0, 0, 1, 1, -1], [7, 8, 9, 7, -1, 9])
    rows: Any = found.set_index(["zone_a", "zone_b"])
    assert rows.loc[0, "births"].tolist() == [60, 30, 10]
    assert rows.loc[(0, 7), ["share_of_a", "share_of_b"]].tolist() == [0.6, 0.75]
    assert rows.loc[(0, 8), ["nesting_of_a", "parts_of_a"]].tolist() == [0.6, 3]
    assert rows.loc[(0, 9), "effective_parts_of_a"] == pytest.approx(1 / (0.36 + 0.09 + 0.01))
    # what lies outside B is no part of zone 1, but its share stays a share of all births
    assert rows.loc[(1, -1), ["share_of_a", "nesting_of_a", "parts_of_a"]].tolist() == [0.5, 0.5, 1]
    assert rows.loc[(1, -1), ["nesting_of_b", "parts_of_b"]].isna().all()
    assert np.isnan(rows.loc[(-1, 9), "nesting_of_a"])
    assert nesting_index(found) == pytest.approx((60 + 20) / 120)


def test_slivers_do_not_cut() -> None:
    found = overlap([99.5, 0.5], [0, 0], [0, 1])
    assert found["parts_of_a"].tolist() == [1, 1]
    assert found["nesting_of_a"].tolist() == [0.995, 0.995]


@pytest.mark.parametrize(("small", "parts"), [(0.99, 1), (1.0, 2), (1.01, 2)])
def test_one_part_in_a_hundred_is_no_sliver_any_more(small: float, parts: int) -> None:
    """Exactly 1 % of the births of a zone cuts it; anything less is a matter of borders on hectares."""
    for births in ([100 - small, small], [3 * (100 - small), 3 * small]):
        found = overlap(births, [0, 0], [0, 1])
        assert found["parts_of_a"].tolist() == [parts, parts]
        assert found["parts_of_b"].tolist() == [1, 1]


def test_labels_are_zones_too() -> None:
    labels: Any = (["boom", "boom", None], ["x", np.nan, "x"])
    found = overlap([1, 2, 3], *labels)
    assert found["births"].tolist() == [2.0, 1.0, 3.0]
    assert found["zone_a"].fillna("none").tolist() == ["boom", "boom", "none"]
    assert found["zone_b"].fillna("none").tolist() == ["none", "x", "x"]
    assert found["nesting_of_a"].fillna(-1).tolist() == [pytest.approx(1 / 3), pytest.approx(1 / 3), -1]


@pytest.mark.parametrize(
    ("births", "a", "b", "message"),
    [
        ([1, 2], [0], [0, 1], "give one birth figure and two zones for every cell"),
        ([[1.0]], [0], [0], r"births for \(1, 1\) cells"),
        ([-1.0], [0], [0], "The births of cell 0 are -1"),
        ([np.nan], [0], [0], "The births of cell 0 are nan"),
        ([1.0], np.zeros((1, 1), dtype=int), [0], r"Zones have shape \(1, 1\)"),
    ],
)
def test_input_that_makes_no_sense(births: Any, a: Any, b: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        overlap(births, a, b)


def test_levels_of_a_snapshot(tiny: TinyWorld) -> None:
    """Care region kleine-stad is Aaken (45 births) and Cele (30); circle kring half of Beke (22.5) and Dam (30)."""
    snapshot = tiny.snapshot()
    look, demand = Territory(snapshot), surface(snapshot)
    found = between(look, demand, ("care_region", "municipality"), 2018)
    assert list(found.table.columns) == list(OVERLAP_COLUMNS)
    own = found.table[found.table["zone_a"] == "kleine-stad"]
    assert own[["zone_b", "births"]].to_numpy(object).tolist() == [["10001", 45.0], ["10003", 30.0]]
    assert found.table["births"].sum() == pytest.approx(180)
    assert found.nesting_a == pytest.approx((45 / 75, 45 / 75))  # municipalities are known everywhere
    # the other way round: 75 of 180 births lie in the region that is known, and of the rest nothing is known
    assert found.nesting_b == pytest.approx((75 / 180, 1.0))
    assert (found.unknown_a, found.unknown_b) == pytest.approx((0.0, 105 / 180))
    assert (found.vintage_a, found.vintage_b) == (2025, 2018)

    circles = between(look, demand, ("gp_circle", "municipality"), 2018).table
    assert circles[circles["zone_a"] == "kring"]["births"].tolist() == [30.0, 22.5]
    assert set(circles[circles["zone_a"] == "kring"]["flags"]) == {"approximate_borders"}
    outside = circles[circles["zone_a"] == "not_known_here"]
    assert outside["nesting_of_a"].isna().all()
    assert set(outside["flags"]) == {"not_known_here"}

    only = between(look, demand, ("municipality", "care_region"), 2025, (("province", "noord"),)).table
    assert set(only["zone_a"]) == {"10005"}  # 10006 has no births


def test_what_a_partition_does_not_cover_is_unknown(tiny: TinyWorld) -> None:
    """Circle kring has half of Beke (22.5 of 45 births) and Dam (30): of Aaken and Cele no circle is known."""
    snapshot = tiny.snapshot()
    found = between(Territory(snapshot), surface(snapshot), ("municipality", "gp_circle"), 2018)
    rows: Any = verdicts(found.table, "a").set_index("name")
    assert rows["verdict"].to_dict() == {
        "Aaken": "unknown",
        "Beke": "unknown",
        "Cele": "unknown",
        "Dam": "not_cut",
        "Eke": "unknown",
    }
    assert rows.loc["Beke", "unknown"] == pytest.approx(0.5)
    beke = found.table[found.table["zone_a"] == "10002"]
    assert beke["nesting_of_a"].isna().all()
    assert beke["effective_parts_of_a"].isna().all()
    assert set(beke["parts_of_a"]) == {1}
    assert set(found.table["evidence"]) == {"documented"}
    # 52.5 of 180 births lie in the circle that is known: the rest may lie in circles of its own, or in that one
    assert found.unknown_a == pytest.approx(127.5 / 180)
    assert found.nesting_a == pytest.approx((52.5 / 180, 1.0))
    assert "70.8% of the children in these municipalities live where" in overlap_summary(found, "en")
    assert "0 of 5 municipalities are cut by GP circles (births of 2025). For 4 that is not known." in overlap_summary(
        found, "en"
    )


def test_brussels_lies_outside_a_flemish_level_and_that_is_known(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    found = between(Territory(snapshot), surface(snapshot), ("municipality", "reference_region"), 2025)
    assert set(found.table["unknown_of_a"].dropna()) == {0.0}
    assert set(found.table["verdict_a"].dropna()) == {"not_cut"}
    assert set(found.table["evidence"]) == {"register"}


def test_zones_that_a_report_names_without_borders(embedded: Snapshot) -> None:
    """KU Leuven, section 2.1: three circles work in Boom; which part is whose is not given. 3.1: Prometheus in Genk."""
    look, demand = Territory(embedded), surface(embedded)
    found = between(look, demand, ("care_region", "gp_circle"), 2025, (("care_region", "boom"),))
    boom: Any = verdicts(found.table, "a").set_index("zone").loc["boom"]
    assert (boom["verdict"], boom["documented"]) == ("cut", "Vaartland;Rupelstreek;Klein Brabant")
    assert boom["unknown"] == pytest.approx(1057 / 1531)
    said = overlap_summary(found, "en")
    assert said.startswith("1 of 1 care regions are cut by GP circles")
    assert "names in Boom: Vaartland, Rupelstreek, Klein Brabant; which part is whose is not known here" in said
    assert found.table["flags"].str.contains("documented_without_borders").all()
    genk = between(look, demand, ("municipality", "gp_circle"), 2025, (("municipality", "71016"),))
    assert verdicts(genk.table, "a")[["verdict", "documented"]].to_numpy().tolist() == [["unknown", "Prometheus"]]


def test_levels_are_two_and_different(tiny: TinyWorld) -> None:
    assert parse_levels(" care_region , gp_circle") == ("care_region", "gp_circle")
    with pytest.raises(InputError, match="is not two levels"):
        parse_levels("care_region")
    with pytest.raises(InputError, match="Unknown level 'street'"):
        parse_levels("care_region,street")
    snapshot = tiny.snapshot()
    with pytest.raises(InputError, match="Both levels are 'sector'"):
        between(Territory(snapshot), surface(snapshot), ("sector", "sector"), 2025)


def test_rule_for_houses(tiny: TinyWorld) -> None:
    """Care region kleine-stad is 10001 and 10003 (2018), so a house for 10012 (10001 and 10002) crosses it."""
    places = tiny.facilities(
        tiny.place(5, 5, "house", id="h1", serves="10003"),
        tiny.place(5, 25, "house", id="h2", serves="10005"),
        tiny.place(25, 25, "house", id="h3", house_id="both", serves="10012"),
        tiny.place(25, 5, "house", id="h4", house_id="both", serves="10012"),
        tiny.place(25, 15, "house", id="h5", status="planned"),
        tiny.place(5, 15, id="b1"),
        tiny.place(5, 25, id="b2", status="planned"),
    )
    table = house_rule(tiny.snapshot(), places)
    assert list(table.columns) == list(RULE_COLUMNS)
    rows: Any = table.set_index("house_id")
    assert rows.index.tolist() == ["both", "h1", "h2"]
    assert rows["covers_bureau"].tolist() == [False, True, False]
    assert rows.loc["h1", ["within_care_region", "care_regions", "violations"]].tolist() == [True, "kleine-stad", ""]
    assert rows.loc["both", "violations"] == "covers_no_bureau;crosses_care_region"
    assert rows.loc["both", "municipalities"] == "Aaken;Beke"
    assert rows.loc["h2", "within_care_region"] is pd.NA
    assert rows.loc["h2", "violations"] == "covers_no_bureau"


def test_a_bureau_is_covered_only_whole(tiny: TinyWorld) -> None:
    """It serves 10003 and 10005: a house for one of them covers half of it, one for both covers it."""
    bureau = tiny.place(5, 15, id="b1", serves="10003;10005")
    half = tiny.place(5, 15, "house", id="half", serves="10003")
    both = tiny.place(5, 25, "house", id="whole", serves="10003;10005")
    rows: Any = house_rule(tiny.snapshot(), tiny.facilities(bureau, half, both)).set_index("house_id")
    assert rows["covers_bureau"].to_dict() == {"half": False, "whole": True}


def test_rule_where_bureaus_may_be_missing(tiny: TinyWorld) -> None:
    places = tiny.facilities(
        tiny.at("10001", "house", id="h1", serves="10012"), scope={"house": ["10001", "10002"], "bureau": ["10001"]}
    )
    row = house_rule(tiny.snapshot(), places).iloc[0]
    assert row["covers_bureau"] is pd.NA
    assert row["violations"] == "crosses_care_region"
