"""A plan in numbers and colours: differences, places, standing and the tables of the comparison."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from coverage.core.query import Query
from coverage.indicators.comparison import Comparison, compare
from coverage.scenario.edits import Add, Close, Edit, Move
from coverage.scenario.scenario import Scenario, start
from layers.maps.scales.classes import class_index, get_indicator, legend_for
from layers.maps.scales.diverging import change_breaks, change_colours, change_labels
from layers.views.plan_tables import burdens, equity_rows, equity_sentence, losers_and_gainers, table_of
from layers.views.plan_view import differences, plan_places, standing_of
from layers.views.view import ranked
from loaders.catalogue.facilities import Facilities
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from pages.shell.context import Context

BOOM, BORNEM, WILLEBROEK = (f"illustrative-bureau-{nis}-01" for nis in ("11005", "12007", "12040"))
NIEL = (149_600.0, 200_300.0)


@pytest.fixture(scope="module")
def context(embedded: Snapshot) -> Context:
    return Context(embedded)


@pytest.fixture(scope="module")
def present(embedded: Snapshot) -> Facilities:
    return load_facilities(embedded, "illustrative")


@pytest.fixture(scope="module")
def scenario(embedded: Snapshot, present: Facilities) -> Scenario:
    """Close Willebroek, move Bornem 600 m, add one in Niel; look at zorgregio Boom."""
    empty = start(embedded, present, Query(areas=(("care_region", "boom"),)))
    x, y = (float(present.frame.set_index("id")[axis][BORNEM]) for axis in ("x", "y"))
    edits: list[Edit] = [Close(WILLEBROEK), Move(BORNEM, x + 600, y), Add("", "bureau", "Niel", *NIEL)]
    return empty.with_edits(edits, present, embedded)


@pytest.fixture(scope="module")
def comparison(context: Context, present: Facilities, scenario: Scenario) -> Comparison:
    engine = context.engine
    after = engine.analyse(scenario.query, scenario.apply(present, context.snapshot))
    return compare(engine, engine.analyse(scenario.base_query, present), after)


def test_differences_go_with_the_rows_of_the_table(comparison: Comparison) -> None:
    found = differences(comparison.after, comparison, "nl")
    names = ranked(comparison.after.table)["zone_name"].tolist()
    change = dict(zip(names, found["rows"]["reach_change"], strict=True))
    zones = comparison.zones.set_index("zone_name")
    assert change["Willebroek"] == pytest.approx(-float(zones["births_lost"]["Willebroek"]), abs=0.05)
    assert change["Niel"] > 0
    legend = found["legends"]["reach_change"]
    symbol = dict(zip(names, found["classes"]["reach_change"], strict=True))
    assert legend["colours"][int(symbol["Willebroek"])] == "#9a4a0c"
    assert sum(legend["zones"]) == len(names) == 9


def test_places_say_what_became_of_them(context: Context, scenario: Scenario, comparison: Comparison) -> None:
    present = comparison.before.facilities
    applied = scenario.applied_to(load_facilities(context.snapshot, "illustrative"), context.snapshot)
    shown = plan_places(present, applied, comparison.after, comparison, frozenset({BOOM}))
    places = {place["id"]: place for place in shown}
    assert {name: places[name]["status"] for name in (BOOM, BORNEM, WILLEBROEK, "new-1")} == {
        BOOM: "same",
        BORNEM: "moved",
        WILLEBROEK: "closed",
        "new-1": "new",
    }
    assert len(places) == 341  # 340 bureaus and a new one
    assert "was" in places[BORNEM]
    assert places["new-1"]["before"] is None
    assert places[WILLEBROEK]["births"] == 0
    assert places[WILLEBROEK]["before"] > 100
    assert [name for name, place in places.items() if place["here"]] == [BOOM]


def test_the_standing_is_that_of_the_area(context: Context, comparison: Comparison) -> None:
    found = standing_of(comparison, context.snapshot, "nl")
    totals = comparison.totals
    assert (found.title, found.known, found.changed) == ("Tegenover vandaag", True, True)
    assert (found.before, found.after) == (f"{totals.in_reach_before:.0f}", f"{totals.in_reach_after:.0f}")
    assert found.words == "Baby's binnen 15 minuten stappen van 1.531 in zorgregio Boom"
    assert dict(found.distances)["Gemiddelde reistijd"].count("→") == 1
    assert standing_of(comparison, context.snapshot, "en", "B").title == "Against ‘B’"


def test_losers_come_first_and_everyone_is_in_the_file(comparison: Comparison) -> None:
    less, more = losers_and_gainers(comparison)
    assert less["zone_name"].iloc[0] == "Willebroek"
    assert set(more["zone_name"]) >= {"Niel"}
    assert not set(less["zone_id"]) & set(more["zone_id"])
    whole = table_of(comparison, "zones")
    assert whole["zone_name"].iloc[0] == "Willebroek"
    assert sorted(whole["zone_id"]) == sorted(comparison.zones["zone_id"])
    assert "births_in_reach_after" in table_of(comparison, "places")


def test_burdens_show_what_changed_only(comparison: Comparison) -> None:
    found = burdens(comparison).set_index("id")
    assert found["change"][WILLEBROEK] == -float(found["births_nearest_before"][WILLEBROEK])
    assert {WILLEBROEK, BORNEM, "new-1"} <= set(found.index)
    assert "illustrative-bureau-31005-01" not in found.index  # Brugge
    assert found["change"].abs().is_monotonic_decreasing


def test_the_sentence_on_fairness_warns_when_equal_means_far(comparison: Comparison) -> None:
    rows = equity_rows(comparison.equity, "nl")
    assert [name for name, _, _ in rows][:2] == ["Gini van de afstand", "Palma van de afstand"]
    sentence = equity_sentence(comparison, "nl")
    equity, totals = comparison.equity, comparison.totals
    fairer = equity.gini_distance_after < equity.gini_distance_before
    assert ("gelijker verdeeld" in sentence) == fairer
    assert ("Let op" in sentence) == (fairer and totals.mean_after_m > totals.mean_before_m)
    blank = Comparison(comparison.engine, comparison.before, comparison.after)
    blank.__dict__["equity"] = replace(equity, gini_distance_before=math.nan)
    assert equity_sentence(blank, "nl") == ""


def test_colours_of_a_difference_are_symmetrical_and_know_no_change() -> None:
    breaks = change_breaks((20.0, 50.0))
    assert breaks == (-50.0, -20.0, -0.05, 0.05, 20.0, 50.0)
    assert len(change_colours(breaks)) == 7
    assert change_labels(breaks, "nl") == [
        "−50 en meer",
        "−20 tot −50",
        "tot −20",
        "geen verschil",
        "tot +20",
        "+20 tot +50",
        "+50 en meer",
    ]
    assert change_labels(change_breaks(()), "en") == ["fewer", "no difference", "more"]
    assert len(change_colours(change_breaks((5.0,)))) == 5


def test_classes_of_a_difference_follow_the_largest_change(comparison: Comparison) -> None:
    zones = comparison.zones
    table = zones.assign(reach_change=zones["births_gained"] - zones["births_lost"])
    legend = legend_for(table, "reach_change")
    assert get_indicator("reach_change").scale == "change"
    middle = len(legend.colours) // 2
    index = class_index(table["reach_change"], legend)
    assert {int(i) for i in index[table["reach_change"].abs() < 0.05]} == {middle}
    assert index.min() == 0
