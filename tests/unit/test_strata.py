"""Strata: nothing is lost, fifths are fifths, and the indexes agree with values worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.access.concentration import concentration_curve, concentration_index, foster_greer_thorbecke
from coverage.analysis import Engine, gaps
from coverage.core.query import Query
from coverage.indicators.births.trend import trend_table
from coverage.indicators.cutoffs import with_cutoffs
from coverage.indicators.measures import access_table
from coverage.indicators.strata_table import (
    StratumTotal,
    burden,
    burden_of_zone,
    deprivation_curve,
    strata_of,
    strata_table,
)
from coverage.zones.strata import AREA_TYPES, FIFTHS, area_type_of, make_strata, settlement_index
from i18n.errors import InputError
from i18n.texts import LANGUAGES
from layers.notes.strata_notes import burden_lines, inequality_lines
from loaders.catalogue.columns import STRATA_COLUMNS
from loaders.parsers.settlement import settlement_of_cells
from tests.unit.conftest import Deprived

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld


def test_fifths_hold_a_fifth_of_the_births(tiny: TinyWorld) -> None:
    """Births by row of sectors from the south: 45, 45, 30, 30, 15 known and 15 of unknown deprivation: 165 in all."""
    engine = Engine(Deprived())
    strata = strata_of(engine, "deprivation")
    births = engine.demand().births
    held = {name: births[strata.index == at].sum() for at, name in enumerate(strata.names)}
    assert held["unknown"] == pytest.approx(15)
    # middles of 15, 30, 30, 45, 45 from the north: 7.5, 30, 60, 97.5, 142.5 of 165, in fifths of 33
    assert held == pytest.approx({"1": 45, "2": 30, "3": 45, "4": 0, "5": 45, "unknown": 15})
    assert strata_of(engine, "deprivation") is strata


def test_births_of_strata_add_up_to_those_of_the_zone(tiny: TinyWorld) -> None:
    engine, places = Engine(Deprived()), tiny.facilities(tiny.place(5, 5), tiny.place(25, 22))
    for level in ("municipality", "sector", "care_region", "province"):
        analysis = engine.analyse(Query(level=level, within_m=900), places)
        table = strata_table(engine, analysis, "deprivation")
        assert list(table.columns) == list(STRATA_COLUMNS)
        assert table["stratum"].tolist() == [*FIFTHS, "unknown"] * len(analysis.table)
        sums = table.groupby("zone_id", sort=False)[["births", "births_in_reach", "births_out_of_reach"]].sum()
        whole = analysis.table.set_index("zone_id")[sums.columns]
        pd.testing.assert_frame_equal(sums, whole, check_names=False, rtol=1e-9, atol=1e-8)
        shares = table.groupby("zone_id")["share_of_births"].sum(min_count=1).dropna()
        np.testing.assert_allclose(shares, 1.0)
        assert table["births_per_facility"].isna().all()


def test_a_stratum_has_its_own_distances(tiny: TinyWorld) -> None:
    """The place is in the south west: in the province of the south, the north is the farthest and the most deprived."""
    engine, places = Engine(Deprived()), tiny.facilities(tiny.place(5, 5))
    analysis = engine.analyse(Query(level="province"), places)
    south = strata_table(engine, analysis, "deprivation").set_index(["zone_id", "stratum"]).loc["zuid"]
    mean = south["mean_distance_m"].dropna()
    assert mean.index.tolist() == ["1", "2", "3", "5"]
    by_hand = engine.analyse(Query(level="sector"), places).table.set_index("zone_id")
    lowest = by_hand[by_hand.index.str.startswith("s00")]  # the least deprived row of sectors
    assert mean["5"] == pytest.approx((lowest["births"] * lowest["mean_distance_m"]).sum() / lowest["births"].sum())
    assert mean["1"] == mean.max()


def test_gaps_keep_the_strata_of_a_zone_together(tiny: TinyWorld) -> None:
    engine, places = Engine(Deprived()), tiny.facilities(tiny.place(5, 5))
    analysis = engine.analyse(Query(), places)
    found = gaps(strata_table(engine, analysis, "deprivation"))
    assert found["zone_id"].drop_duplicates().tolist() == gaps(analysis.table)["zone_id"].tolist()
    assert (found.groupby("zone_id")["stratum"].agg(list).map(tuple) == (*FIFTHS, "unknown")).all()


def test_access_and_trend_by_stratum(tiny: TinyWorld) -> None:
    engine, places = Engine(Deprived()), tiny.facilities(tiny.place(5, 5), tiny.place(30, 15))
    strata = strata_of(engine, "deprivation")
    query = Query(within_m=2000)
    table, _ = access_table(engine, query, places, ("count", "nearest"), strata=strata)
    whole, _ = access_table(engine, query, places, ("count", "nearest"))
    counted = table[table["mean"].notna()]
    mean = (counted["births"] * counted["mean"]).groupby([counted["zone_id"], counted["measure"]]).sum()
    births = counted.groupby(["zone_id", "measure"])["births"].sum()
    expected = whole.dropna(subset=["mean"]).set_index(["zone_id", "measure"])["mean"].sort_index()
    np.testing.assert_allclose((mean / births).sort_index(), expected, rtol=1e-9)

    years, _ = trend_table(engine, Query(), places, by="deprivation")
    sums = years.groupby(["zone_id", "births_kind", "births_year"])["births"].sum()
    plain, _ = trend_table(engine, Query(), places)
    np.testing.assert_allclose(sums, plain.set_index(["zone_id", "births_kind", "births_year"])["births"].sort_index())
    assert years.loc[years["births_year"] == 2020, "births_change"].isna().all()


def test_what_cannot_be_divided_is_told(tiny: TinyWorld) -> None:
    engine = Engine(tiny.snapshot())
    with pytest.raises(InputError, match="Unknown division 'income'; choose one of deprivation, area_type"):
        strata_of(engine, "income")
    for by in ("deprivation", "area_type"):
        with pytest.raises(InputError, match=f"does not hold what dividing by '{by}' needs"):
            make_strata(engine.snapshot, by, engine.demand().births)


def test_who_bears_it_in_words(tiny: TinyWorld) -> None:
    engine, places = Engine(Deprived()), tiny.facilities(tiny.place(5, 5))
    found = burden(engine, engine.analyse(Query(), places), "deprivation")
    assert found.births == pytest.approx(180)
    assert sum(one.births for one in found.strata) == pytest.approx(180)
    assert sum(one.out_of_reach for one in found.strata) == pytest.approx(found.out_of_reach)
    assert found.ranked == pytest.approx(165)
    assert -1 < found.concentration_out < 0  # the north is deprived and far
    for lang in LANGUAGES:
        assert len(burden_lines(found, lang)) == 3
    unknown = burden(
        engine, engine.analyse(Query(vintage=2018), tiny.facilities(tiny.at("10001"), scope={"bureau": ("10001",)})),
        "deprivation",
    )  # fmt: skip
    assert math.isnan(unknown.out_of_reach)
    assert burden_lines(unknown, "en") == ["Distances are not known, so neither is who lives out of reach."]


shares = st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 50), st.integers(0, 5)), min_size=2, max_size=40)


@given(shares)
def test_concentration_lies_between_its_bounds_and_turns_with_the_ranking(rows: list[Any]) -> None:
    values, weights, ranks = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = concentration_index(values, weights, ranks)
    if not (values @ weights > 0):
        assert math.isnan(found)
        return
    assert -1 <= found <= 1
    assert concentration_index(values, weights, -ranks) == pytest.approx(-found, abs=1e-6)
    twice = concentration_index(np.repeat(values, 2), np.repeat(weights / 2, 2), np.repeat(ranks, 2))
    assert twice == pytest.approx(found, abs=1e-6)


def test_indexes_by_hand() -> None:
    # of four equal births only the two most deprived are out of reach: R = 1/8, 3/8, ..., C = 2 * (1/8 + 3/8) / 2 - 1
    assert concentration_index([1, 1, 0, 0], [1, 1, 1, 1], [0, 1, 2, 3]) == pytest.approx(-0.5)
    assert math.isnan(concentration_index([0, 0], [1, 1], [0, 1]))
    assert foster_greer_thorbecke([1000.0, 1001.0], [3, 1], 1000, 0) == 0.25  # the end of the reach is within it
    assert math.isnan(foster_greer_thorbecke([np.inf], [1], 1000, 1))
    assert foster_greer_thorbecke([np.inf], [1], 1000, 0) == 1
    assert math.isnan(foster_greer_thorbecke([np.nan], [1], 1000, 0))


def test_settlement_by_eurostats_rule() -> None:
    """A square of 25 cells of 2,400 (60,000 people) is a centre, its hole filled; a strip of 6 of 900 a cluster."""
    square = {(x, y): 2_400 for x in range(5) for y in range(5)} | {(2, 2): 0}
    square |= {(10 + x, 10): 900 for x in range(6)}  # 5,400 people at 900 per km²
    square[20, 20] = 4_000  # one dense cell is no cluster
    square |= {(30, y): 299 if y else 5_000 for y in range(40)}
    xy = np.array(list(square)) * 1000
    found = dict(zip(square, settlement_of_cells(xy[:, 0], xy[:, 1], list(square.values())), strict=True))
    assert {found[x, y] for x in range(5) for y in range(5)} == {"city"}  # 57,600 people, and the hole
    assert {found[10 + x, 10] for x in range(6)} == {"town"}
    assert (found[20, 20], found[30, 1]) == ("rural", "rural")
    assert found[30, 0] == "town"  # 5,000 on one km² is enough
    assert settlement_of_cells([], [], []).tolist() == []


def test_a_hectare_has_the_settlement_of_its_kilometre() -> None:
    """Two by two kilometres from (5, 5) km; those outside are no matter, one that is not listed is rural."""
    rows = [(5, 5, "city"), (6, 6, "town"), *((x, y, "city") for x, y in ((4, 5), (5, 4), (7, 6), (5, 7)))]
    census = pd.DataFrame(rows, columns=["x", "y", "settlement"])
    census[["x", "y"]] *= 1000
    snapshot: Any = SimpleNamespace(
        resources={"census_grid": {"schema": {"fields": [{"name": "settlement"}]}}},
        table=lambda name: {"census_grid": census}[name],
        grid=SimpleNamespace(shape=(20, 20), pixel_to_metres=(100, 0, 5000, 0, -100, 7000), cell=np.arange(400)),
    )
    found = settlement_index(snapshot).reshape(20, 20)  # rows from the north
    kinds = [[{AREA_TYPES[n] for n in found[y : y + 10, x : x + 10].ravel()} for x in (0, 10)] for y in (0, 10)]
    assert kinds == [[{"rural"}, {"town"}], [{"city"}, {"rural"}]]


def test_corners_join_clusters_and_not_centres() -> None:
    """Two blocks of 16 cells of 2,000 that meet at a corner: 32,000 each is no centre, together they are a cluster."""
    a = [(x, y) for x in range(4) for y in range(4)]
    b = [(x, y) for x in range(4, 8) for y in range(4, 8)]
    cells = list(dict.fromkeys([*a, *b]))
    xy = np.array(cells) * 1000
    assert set(settlement_of_cells(xy[:, 0], xy[:, 1], np.full(len(cells), 2_000))) == {"town"}


def test_degree_of_urbanisation_of_zones() -> None:
    people = np.array([[50.0, 50, 0], [49, 1, 50], [0, 49, 51], [0, 50, 50], [0, 0, 0]])
    assert area_type_of(people).tolist() == ["city", "town", "rural", "town", None]


def test_cut_offs_by_stratum_have_the_figures_of_a_question_of_their_own(tiny: TinyWorld) -> None:
    places, engine = tiny.facilities(tiny.place(10, 5), tiny.place(30, 25)), Engine(Deprived())
    analysis = engine.analyse(Query(minutes=(15.0, 40.0)), places)
    table = with_cutoffs(strata_table(engine, analysis, "deprivation"), analysis, strata_of(engine, "deprivation"))
    alone = strata_table(engine, engine.analyse(Query(minutes=(40.0,)), places), "deprivation")
    for what in ("births", "share"):
        found, expected = table[f"{what}_in_reach_40_min"], alone[f"{what}_in_reach"]
        np.testing.assert_allclose(found.to_numpy(float), expected.to_numpy(float))
    whole = with_cutoffs(analysis.table, analysis).set_index("zone_id")["births_in_reach_40_min"]
    of_zones = table.groupby("zone_id")["births_in_reach_40_min"].sum()
    np.testing.assert_allclose(of_zones.to_numpy(float), whole.loc[of_zones.index].to_numpy(float))


def test_where_all_are_alike_nobody_bears_more(tiny: TinyWorld) -> None:
    """In one sector all have the same rank: that is no "shared evenly", but nothing to tell."""
    engine, places = Engine(Deprived()), tiny.facilities(tiny.place(5, 5))
    analysis = engine.analyse(Query(level="sector", within_m=900), places)
    one = burden_of_zone(engine, analysis, "deprivation", "s0305")
    assert one.births == one.ranked == one.out_of_reach > 0
    assert math.isnan(one.concentration_out)
    assert math.isnan(one.concentration_distance)
    assert one.fgt[0] == 1.0
    whole = engine.analyse(Query(level="province", within_m=900), places)
    south = burden_of_zone(engine, whole, "deprivation", "zuid")
    assert south.concentration_out < 0  # the north of it is the most deprived, and the farthest
    only = engine.analyse(Query(level="province", within_m=900, areas=(("province", "zuid"),)), places)
    assert burden(engine, only, "deprivation") == south
    lines = inequality_lines(one, "en")
    assert [line.split(" of ")[0] for line in lines] == ["Foster-Greer-Thorbecke"]


def test_an_area_without_births_has_nothing_to_divide(tiny: TinyWorld) -> None:
    """Fort has no births; and a part of an area with hardly any is not told as "0 of 0"."""
    engine, places = Engine(Deprived()), tiny.facilities(tiny.place(5, 5))
    analysis = engine.analyse(Query(within_m=900, areas=(("municipality", "10006"),)), places)
    found = burden(engine, analysis, "deprivation")
    assert burden_lines(found, "en") == ["There are no births in this area, so there is nothing to divide."]
    tiny_part = replace(found, births=20.2, out_of_reach=5.0)
    parts = (StratumTotal("1", 20.0, 5.0, 800.0), StratumTotal("unknown", 0.2, 0.1, 800.0))
    told = burden_lines(replace(tiny_part, strata=parts), "en")[0]
    assert told.endswith("most deprived fifth 5 of 20 (25%).")
    assert "nothing to divide" in burden_lines(replace(tiny_part, strata=parts[1:]), "en")[0]


@given(
    st.lists(
        st.tuples(st.integers(0, 100), st.integers(0, 50), st.integers(0, 4)),
        min_size=1,
        max_size=12,
    )
)
def test_the_index_is_what_lies_between_its_curve_and_the_even_one(people: list[tuple[int, int, int]]) -> None:
    """Kakwani, Wagstaff and van Doorslaer 1997: the index is 1 minus twice the area below the curve."""
    values, weights, ranks = map(list, zip(*people, strict=True))
    curve = concentration_curve(values, weights, ranks)
    index = concentration_index(values, weights, ranks)
    if curve is None:
        assert math.isnan(index)
        return
    assert (np.diff(curve.people) >= 0).all()
    assert (np.diff(curve.burden) >= -1e-12).all()
    area = float(np.trapezoid(curve.burden, curve.people))
    assert 1 - 2 * area == pytest.approx(index, abs=1e-6)


def test_the_curve_of_an_answer_has_its_index_and_needs_a_difference(tiny: TinyWorld) -> None:
    engine, places = Engine(Deprived()), tiny.facilities(tiny.place(5, 5))
    analysis = engine.analyse(Query(within_m=900), places)
    curve = deprivation_curve(engine, analysis)
    assert curve is not None
    area = float(np.trapezoid(curve.burden, curve.people))
    assert 1 - 2 * area == pytest.approx(burden(engine, analysis, "deprivation").concentration_out)
    everybody = engine.analyse(Query(within_m=90_000), places)
    assert deprivation_curve(engine, everybody) is None
