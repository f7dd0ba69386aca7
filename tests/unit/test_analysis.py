"""The zone table, from question to answer, on a world small enough to work out by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.analysis import Engine, analyse, gaps
from coverage.core.query import Query
from coverage.core.travel_sources import CIRCUITY_SOURCE
from coverage.memory.lru_cache import LruCache
from coverage.zones.areas import areas_by_id
from coverage.zones.territory import Territory
from i18n.errors import InputError
from layers.notes.notes import summary
from loaders.catalogue.columns import FLAGS, RESULT_COLUMNS
from loaders.catalogue.regions.levels import LEVELS
from loaders.catalogue.services import gap_reasons

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld

HELD = (
    "region",
    "province",
    "care_region",
    "reference_region",
    "gp_circle",
    "municipality",
    "sub_municipality",
    "sector",
)


def flags_of(table: pd.DataFrame, zone: str) -> set[str]:
    return set(str(table.set_index("zone_id").loc[zone, "flags"]).split(";")) - {""}


def test_table_has_the_declared_columns_and_types(tiny: TinyWorld) -> None:
    table = analyse(tiny.snapshot(), Query(), tiny.facilities(tiny.place(5, 5))).table
    assert list(table.columns) == list(RESULT_COLUMNS)
    kinds = {"number": "float64", "integer": "Int64", "boolean": "boolean", "string": "str"}
    for name, column in RESULT_COLUMNS.items():
        assert str(table[name].dtype) == kinds[column.kind], name
        if column.required:
            assert table[name].notna().all(), name
    assert table["zone_id"].tolist() == ["10005", "10006", "10012", "10034"]
    assert table["zone_name"].tolist() == ["Eke", "Fort", "Aaken-Beke", "Celedam"]
    assert set(table["births_kind"]) == {"births"}
    assert set(table["births_year"]) == {2025}
    assert set(table["evidence"]) == {"user"}
    assert table["gap_probability"].isna().all()


def test_one_row_by_hand(tiny: TinyWorld) -> None:
    # A bureau in the lower left cell of Aaken. Reach 260 m of travel is 200 m as the crow flies: 6 of 400 cells
    # (0,0), (1,0), (0,1), (1,1), (2,0), (0,2), at 0, 100, 100, 141.4, 200, 200 m.
    table = analyse(tiny.snapshot(), Query(within_m=260), tiny.facilities(tiny.place(0, 0))).table
    row = table.set_index("zone_id").loc["10012"]
    assert row["births"] == pytest.approx(90)
    assert row["births_in_reach"] == pytest.approx(6 * 90 / 400)
    assert row["share_in_reach"] == pytest.approx(6 / 400)
    assert row["births_out_of_reach"] == pytest.approx(394 * 90 / 400)
    assert (row["n_facilities"], row["births_per_facility"]) == (1, pytest.approx(90))
    col, line = np.meshgrid(np.arange(40), np.arange(10))
    travel = np.sort((130.0 * np.hypot(col, line)).ravel())
    assert row["mean_distance_m"] == pytest.approx(travel.mean())
    assert row["median_distance_m"] == pytest.approx(travel[199])
    assert row["p90_distance_m"] == pytest.approx(travel[359])
    assert (row["gap"], row["gap_reasons"], row["flags"]) == (True, "beyond_reach", "merged")


@pytest.mark.parametrize("level", HELD)
@pytest.mark.parametrize("demand", ["births", "age0_5"])
def test_births_are_conserved_at_every_level(tiny: TinyWorld, level: str, demand: str) -> None:
    answer = analyse(tiny.snapshot(), Query(level=level, demand=demand), tiny.facilities(tiny.place(5, 5)))
    assert answer.table["births"].sum() == pytest.approx(answer.demand.total, rel=1e-9)
    assert answer.table["births"].to_numpy() == pytest.approx(
        (answer.table["births_in_reach"] + answer.table["births_out_of_reach"]).to_numpy()
    )
    assert (answer.table["flags"].str.contains("proxy_births")).all() == (demand != "births")


def test_a_partial_level_ends_with_its_remainder(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(tiny.place(5, 5), tiny.place(25, 25))
    care = analyse(tiny.snapshot(), Query(level="care_region"), facilities).table
    assert care["zone_id"].tolist() == ["kleine-stad", "not_known_here"]
    rest = care.iloc[-1]
    assert rest["births"] == pytest.approx(180 - 45 - 30)
    assert rest["n_facilities"] == 1
    assert rest["gap"] is pd.NA
    assert rest["gap_reasons"] == ""
    # of the merged municipality of 2025 that Aaken went into, the region has one half: its births are estimated
    assert flags_of(care, "not_known_here") == {"not_known_here", "births_estimated"}
    regions = analyse(tiny.snapshot(), Query(level="reference_region"), facilities).table
    assert flags_of(regions, "not_known_here") == {"outside_partition", "no_births"}  # Fort has no births but has cells
    assert analyse(tiny.snapshot(), Query(level="province"), facilities).table["zone_id"].tolist() == ["noord", "zuid"]


def test_flags_of_the_zone_itself_are_taken_over(tiny: TinyWorld) -> None:
    table = analyse(tiny.snapshot(), Query(level="gp_circle"), tiny.facilities(tiny.place(5, 5))).table
    assert flags_of(table, "kring") == {"approximate_borders", "births_estimated"}
    assert "approximate_borders" not in flags_of(table, "not_known_here")


def test_flags_of_places_are_taken_over_by_their_zone(tiny: TinyWorld) -> None:
    place = tiny.place(5, 5, flags="count_is_minimum")
    planned = tiny.place(5, 25, flags="count_is_minimum", status="planned")
    table = analyse(tiny.snapshot(), Query(), tiny.facilities(place, planned)).table
    assert "count_is_minimum" in flags_of(table, "10012")
    assert "count_is_minimum" not in flags_of(table, "10005")


def test_zones_without_births_have_no_shares_or_distances(tiny: TinyWorld) -> None:
    table = analyse(tiny.snapshot(), Query(), tiny.facilities(tiny.place(25, 25))).table.set_index("zone_id")
    fort = table.loc["10006"]
    assert fort["births"] == 0
    assert (fort["births_in_reach"], fort["births_out_of_reach"]) == (0, 0)
    assert fort[["share_in_reach", "mean_distance_m", "median_distance_m", "p90_distance_m"]].isna().all()
    assert "no_births" in fort["flags"]
    assert fort["gap"] is pd.NA  # a bureau on the territory, but nobody to reach it


def test_without_any_place_nothing_is_reached_and_no_distance_is_infinite(tiny: TinyWorld) -> None:
    answer = analyse(tiny.snapshot(), Query(), tiny.facilities())
    eke = answer.table.set_index("zone_id").loc["10005"]
    assert (eke["n_facilities"], eke["births_in_reach"], eke["share_in_reach"]) == (0, 0, 0)
    assert eke[["births_per_facility", "mean_distance_m", "median_distance_m", "p90_distance_m"]].isna().all()
    assert eke["gap_reasons"] == "beyond_reach;no_bureau_on_territory;no_bureau_no_house"
    assert "unreachable" in eke["flags"]
    assert not np.isinf(answer.table.select_dtypes("float64").to_numpy()).any()
    assert np.isinf(answer.distance_m).all()
    assert (answer.nearest == -1).all()


def test_documented_places_give_counts_but_no_distances(tiny: TinyWorld) -> None:
    answer = analyse(
        tiny.snapshot(), Query(vintage=2018), tiny.facilities(tiny.at("10001"), scope={"bureau": ("10001",)})
    )
    first = answer.table.set_index("zone_id").loc["10001"]
    empty = ["births_in_reach", "share_in_reach", "births_out_of_reach", "mean_distance_m", "p90_distance_m"]
    assert answer.table[empty].isna().all(axis=None)
    assert (first["births"], first["n_facilities"]) == (pytest.approx(45), 1)
    # a report of 2013 beside births of 2025, and a half of a municipality that was merged
    assert first["flags"] == "distance_unknown;births_estimated;stale"
    assert flags_of(answer.table, "10002") == {"not_documented", "distance_unknown", "births_estimated"}
    assert flags_of(answer.table, "10005") == {"not_documented", "distance_unknown"}
    assert np.isnan(answer.distance_m).all()
    assert answer.caveats == ("caveat.documented", "caveat.distance_unknown", "caveat.spread")


def test_documented_places_below_municipality_say_that_the_count_is_unknown(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(tiny.at("10001"), scope={"bureau": ("10001", "10002")})
    table = analyse(tiny.snapshot(), Query(level="sub_municipality"), facilities).table.set_index("zone_id")
    assert table["n_facilities"].isna()["10001a"]
    assert table.loc["10002a", "n_facilities"] == 0
    assert table["gap"].isna().all()
    assert "distance_unknown" in flags_of(table.reset_index(), "10001a")


def test_a_list_with_some_places_known_by_municipality_only(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(tiny.place(5, 5), tiny.at("10005"))
    table = analyse(tiny.snapshot(), Query(level="sub_municipality"), facilities).table.set_index("zone_id")
    assert table["mean_distance_m"].notna().sum() == 10  # all but the two parts of Fort, which have no births
    assert flags_of(table.reset_index(), "10005a") == {"distance_unknown", "births_estimated"}
    assert table["n_facilities"].isna()["10005b"]
    assert table.loc["10001a", "n_facilities"] == 1
    counted = analyse(tiny.snapshot(), Query(), facilities).table.set_index("zone_id")["n_facilities"]
    assert counted.to_dict() == {"10005": 1, "10006": 0, "10012": 1, "10034": 0}


def test_houses_count_physical_places_only(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(
        tiny.place(5, 5, "house", physical=False), tiny.place(25, 5, "house"), tiny.place(5, 25)
    )
    answer = analyse(tiny.snapshot(), Query(service="house"), facilities)
    assert answer.table.set_index("zone_id")["n_facilities"].to_dict() == {
        "10005": 0,
        "10006": 0,
        "10012": 1,
        "10034": 0,
    }
    assert set(answer.nearest) == {1}
    assert answer.facilities.frame["service"].unique().tolist() == ["house"]


def test_merger_hides_a_member_without_a_place(tiny: TinyWorld) -> None:
    one = analyse(tiny.snapshot(), Query(), tiny.facilities(tiny.place(5, 5))).table
    assert "merged" in flags_of(one, "10012")
    assert "merged" not in flags_of(one, "10034")  # neither member has one
    both = analyse(tiny.snapshot(), Query(), tiny.facilities(tiny.place(5, 5), tiny.place(25, 5))).table
    assert "merged" not in flags_of(both, "10012")
    before = analyse(tiny.snapshot(), Query(vintage=2018), tiny.facilities(tiny.place(5, 5))).table
    assert not before["flags"].str.contains("merged").any()


def test_illustrative_places_mark_every_row(tiny: TinyWorld) -> None:
    from dataclasses import replace

    made_up = replace(tiny.facilities(tiny.place(5, 5)), evidence="illustrative", name="illustrative")
    answer = analyse(tiny.snapshot(), Query(level="care_region"), made_up)
    assert answer.table["flags"].str.startswith("illustrative").all()
    assert set(answer.table["evidence"]) == {"illustrative"}
    assert answer.caveats[0] == "caveat.illustrative"
    assert answer.sources == ("births", "borders", CIRCUITY_SOURCE, "made up")


def test_areas_restrict_rows_but_change_no_figure(tiny: TinyWorld) -> None:
    snapshot, facilities = tiny.snapshot(), tiny.facilities(tiny.place(5, 5), tiny.place(25, 15))
    whole = analyse(snapshot, Query(vintage=2018), facilities)
    part = analyse(snapshot, Query(vintage=2018, areas=(("care_region", "kleine-stad"),)), facilities)
    assert part.table["zone_id"].tolist() == ["10001", "10003"]
    expected = whole.table[whole.table["zone_id"].isin(["10001", "10003"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(part.table, expected)
    pd.testing.assert_frame_equal(part.all_zones, whole.table)
    two = Query(level="sector", areas=(("municipality", "10005"), ("province", "noord")))
    assert len(analyse(snapshot, two, facilities).table) == 16


def test_an_area_has_the_borders_asked_for_though_the_zones_have_older_ones(tiny: TinyWorld) -> None:
    query = Query(level="sector", areas=(("municipality", "10034"),))  # of 2025; sectors are held at an older vintage
    assert query.held_vintage < query.vintage
    table = analyse(tiny.snapshot(), query, tiny.facilities(tiny.place(5, 5))).table
    assert len(table) == 16
    assert table["births"].sum() == pytest.approx(60)


def test_a_zone_with_just_half_of_its_cells_in_the_areas_is_left_out(tiny: TinyWorld) -> None:
    query = Query(areas=(("care_region", "kleine-stad"),))  # half of Aaken-Beke and half of Celedam
    with pytest.raises(InputError, match="No municipality lies for the most part in care_region:kleine-stad"):
        analyse(tiny.snapshot(), query, tiny.facilities(tiny.place(5, 5)))


def test_an_uninhabited_zone_is_kept_when_it_lies_in_the_area(tiny: TinyWorld) -> None:
    weight = np.where(tiny.snapshot().cells["sector"].isin(["s0000", "s0404"]), 0.0, 1.0)
    query = Query(level="sector", areas=(("municipality", "10012"),))
    table = analyse(tiny.snapshot(weight), query, tiny.facilities(tiny.place(5, 5))).table
    assert len(table) == 16
    assert "s0000" in set(table["zone_id"])
    assert "no_births" in flags_of(table, "s0000")


def test_areas_may_be_given_by_name(tiny: TinyWorld) -> None:
    territory = Territory(tiny.snapshot())
    asked = (("municipality", "CÉLEDAM"), ("municipality", "10034"), ("care_region", "kleine_stad"))
    assert areas_by_id(territory, asked, 2025) == (("municipality", "10034"), ("care_region", "kleine-stad"))
    with pytest.raises(InputError, match=r"No zone 'celedamm' .* did you mean 10034 \(Celedam\)"):
        areas_by_id(territory, (("municipality", "celedamm"),), 2025)
    with pytest.raises(InputError, match="No zone '-'"):
        areas_by_id(territory, (("municipality", "-"),), 2025)


def test_an_unknown_area_names_look_alikes(tiny: TinyWorld) -> None:
    facilities = tiny.facilities(tiny.place(5, 5))
    with pytest.raises(InputError, match=r"No zone 'kleine-stat' at level care_region .* did you mean kleine-stad"):
        analyse(tiny.snapshot(), Query(areas=(("care_region", "kleine-stat"),)), facilities)
    with pytest.raises(InputError, match=r"No zone 'celedamm' .* did you mean 10034 \(Celedam\)"):
        analyse(tiny.snapshot(), Query(areas=(("municipality", "celedamm"),)), facilities)
    with pytest.raises(InputError, match=r"borders of 2025.* for instance 10005"):
        analyse(tiny.snapshot(), Query(areas=(("municipality", "xyz"),)), facilities)


def test_gaps_are_ranked_by_need(tiny: TinyWorld) -> None:
    table = analyse(tiny.snapshot(), Query(vintage=2018), tiny.facilities(tiny.place(5, 5))).table
    ranked = gaps(table)
    assert ranked["gap"].all()
    assert ranked["births_out_of_reach"].is_monotonic_decreasing
    assert ranked["zone_id"].tolist() == ["10002", "10004", "10005", "10003", "10006"]  # 45, 30, 30, less, none
    documented = tiny.facilities(tiny.at("10001"), scope={"bureau": ("10001", "10002", "10004", "10005")})
    unknown = gaps(analyse(tiny.snapshot(), Query(vintage=2018), documented).table)
    assert unknown["zone_id"].tolist() == ["10002", "10004", "10005"]  # 45, 30 and 30 births


sites = st.lists(st.tuples(st.integers(0, 39), st.integers(0, 29)), max_size=5)


@given(sites, st.tuples(st.integers(0, 39), st.integers(0, 29)), st.sampled_from(["municipality", "sector"]))
@settings(max_examples=25)
def test_a_new_site_never_worsens_any_figure(
    tiny: TinyWorld, before: list[tuple[int, int]], site: tuple[int, int], level: str
) -> None:
    snapshot, query = tiny.snapshot(), Query(level=level)
    old = analyse(snapshot, query, tiny.facilities(*(tiny.place(*s) for s in before)))
    new = analyse(snapshot, query, tiny.facilities(*(tiny.place(*s) for s in [*before, site])))
    assert (new.distance_m <= old.distance_m).all()
    assert (new.distance_m >= 0).all()
    assert (new.second_distance_m >= new.distance_m).all()
    assert (new.table["births_in_reach"] >= old.table["births_in_reach"] - 1e-9).all()
    for column in ("mean_distance_m", "median_distance_m", "p90_distance_m"):
        was, now = old.table[column].fillna(np.inf), new.table[column].fillna(np.inf)
        assert (now <= was + 1e-6).all()
    assert (new.table["n_facilities"].sum()) == len(before) + 1


@given(st.permutations(list(range(5))))
@settings(max_examples=10)
def test_the_order_of_the_places_does_not_matter(tiny: TinyWorld, order: list[int]) -> None:
    rows = [tiny.place(7 * i, 5 * i + 1) for i in range(5)]
    query = Query(level="sector")
    expected = analyse(tiny.snapshot(), query, tiny.facilities(*rows)).table
    shuffled = analyse(tiny.snapshot(), query, tiny.facilities(*(rows[i] for i in order))).table
    pd.testing.assert_frame_equal(expected, shuffled)


def test_words_used_are_declared(tiny: TinyWorld) -> None:
    for level in HELD:
        for service in ("bureau", "house"):
            table = analyse(
                tiny.snapshot(), Query(level=level, service=service), tiny.facilities(tiny.place(5, 5))
            ).table
            assert {w for f in table["flags"] for w in f.split(";") if w} <= set(FLAGS)
            assert {w for f in table["gap_reasons"] for w in f.split(";") if w} <= set(gap_reasons())


def test_engine_keeps_what_does_not_change(tiny: TinyWorld) -> None:
    engine = Engine(tiny.snapshot())
    facilities = tiny.facilities(tiny.place(5, 5), tiny.place(25, 15))
    first = engine.analyse(Query(), facilities)
    second = engine.analyse(Query(level="sector", within_m=500), facilities)
    assert second.distance_m is first.distance_m
    assert second.demand is first.demand
    moved = engine.analyse(Query(), tiny.facilities(tiny.place(5, 5), tiny.place(26, 15)))
    assert moved.distance_m is not first.distance_m
    pd.testing.assert_frame_equal(engine.analyse(Query(), facilities).table, first.table)


def test_engine_gives_every_thread_the_same_answer(tiny: TinyWorld) -> None:
    engine = Engine(tiny.snapshot())
    levels = [level for level in HELD if LEVELS[level]] * 4
    facilities = tiny.facilities(tiny.place(5, 5), tiny.place(25, 15))
    expected = {level: analyse(tiny.snapshot(), Query(level=level), facilities).table for level in HELD}
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda level: engine.analyse(Query(level=level), facilities).table, levels)
        for level, table in zip(levels, answers, strict=True):
            pd.testing.assert_frame_equal(table, expected[level])


def test_a_value_is_made_once_for_all_who_ask_at_the_same_time() -> None:
    store: LruCache[str] = LruCache(2)
    begun, go, made = Event(), Event(), []

    def make() -> str:
        made.append("a")
        begun.set()
        go.wait()
        return "a"

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(store.get_or_make, "a", make)
        begun.wait()
        others = [pool.submit(store.get_or_make, "a", make) for _ in range(2)]
        assert store.get_or_make("b", lambda: "b") == "b"  # another key does not wait
        go.set()
        assert [asked.result() for asked in (first, *others)] == ["a"] * 3
    assert made == ["a"]


def test_what_could_not_be_made_is_asked_again() -> None:
    store: LruCache[str] = LruCache(2)

    def fail() -> str:
        raise InputError("not now")

    with pytest.raises(InputError):
        store.get_or_make("a", fail)
    assert store.peek("a") is None
    assert store.get_or_make("a", lambda: store.get_or_make("b", lambda: "b")) == "b"


def test_a_cache_forgets_the_least_used() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key

    store: LruCache[str] = LruCache(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        assert store.get_or_make(key, lambda key=key: make(key)) == key  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]


def test_births_are_estimated_where_a_zone_shares_a_municipality_that_was_counted(tiny: TinyWorld) -> None:
    places = tiny.facilities(tiny.place(5, 5))

    def estimated(**query: Any) -> list[str]:
        table = analyse(tiny.snapshot(), Query(**query), places).table
        return table.loc[table["flags"].str.contains("births_estimated"), "zone_id"].tolist()

    assert estimated() == []
    assert estimated(vintage=2019) == ["10003", "10004"]
    assert estimated(vintage=2018) == ["10001", "10002", "10003", "10004"]
    assert estimated(level="province") == []
    assert len(estimated(level="sub_municipality")) == 12


def test_places_and_children_of_different_years_are_told_apart(tiny: TinyWorld) -> None:
    """A place of 2013 in the south west, one of 2024 in the north, one without a date in the middle."""
    places = tiny.facilities(tiny.place(5, 5, as_of="2013-07"), tiny.place(5, 25, as_of="2024"), tiny.place(25, 15))
    table = analyse(tiny.snapshot(), Query(vintage=2018), places).table
    old = set(table.loc[table["flags"].str.contains("stale"), "zone_id"])
    nearest = analyse(tiny.snapshot(), Query(vintage=2018), places)
    lives_by_it = {
        table["zone_id"].iloc[zone] for zone in np.unique(nearest.zone_index[nearest.nearest == 0]) if zone >= 0
    }
    assert "10001" in old
    assert old == lives_by_it
    assert "10005" not in old
    then = analyse(tiny.snapshot(), Query(demand="age0", year=2020, vintage=2018), places).table
    assert {"10001", "10005"} <= set(then.loc[then["flags"].str.contains("stale"), "zone_id"])  # 2024 is too far too


def test_a_label_that_its_probability_contradicts_says_so(tiny: TinyWorld) -> None:
    from coverage.zones.table import _disagrees

    gap = pd.Series([True, True, False, False, pd.NA, True], dtype="boolean")
    probability = np.array([0.4, 0.6, 0.56, 0.5, 0.9, np.nan])
    assert _disagrees(gap, probability).tolist() == [True, False, True, False, False, False]


def test_what_was_asked_for_and_could_not_be_followed_is_told(tiny: TinyWorld) -> None:
    places = tiny.facilities(tiny.place(5, 5))
    answer = analyse(tiny.snapshot(), Query(level="sector", births_per_hour=2.0), places)
    assert {"caveat.no_hours", "caveat.vintage"} <= set(answer.caveats)
    told = summary(answer, "en")
    assert "Borders of 2025 are not held for this level; those of 2021 are used." in told
    assert "the births per hour that were asked for play no part" in told
