"""Bridges that are not there: distances with them against a graph that has them, and what is searched again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.comparison import compare
from coverage.scenario.edits import Add, Bridge, SetReach, read_edit
from coverage.scenario.replay import export_json, read_export, replay
from coverage.scenario.scenario import Scenario, start
from coverage.scenario.wording import in_words
from coverage.travel.base import BridgeLine
from coverage.travel.streets.bridges import BridgedTravel
from coverage.travel.streets.street_network import StreetNetwork
from coverage.travel.streets.street_travel import StreetTravel
from i18n.errors import InputError
from layers.views.plan_view import plan_bridges
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.types import Bools, Floats
from tests.riverside import BANK, BRIDGE, Riverside, at_cell
from tests.unit.conftest import TinyWorld
from tests.unit.test_street_repair import world
from tests.unit.test_streets import by_hand

MODES = ("walk", "bike", "car")


def some_bridges(network: StreetNetwork, rng: np.random.Generator, many: int) -> tuple[BridgeLine, ...]:
    xy = network.pieces.xy
    low, high = xy.min(axis=0) - 100, xy.max(axis=0) + 100
    ends = rng.uniform(low, high, (2 * many, 2)).reshape(many, 4)
    return tuple(BridgeLine(x, y, to_x, to_y, MODES) for x, y, to_x, to_y in ends.tolist())


def bridged_by_hand(model: BridgedTravel, cells: Floats, places: Floats) -> Floats:
    """(n, m) decimetres of travel: over the streets, or to an end, over bridges and streets in turn, and on."""
    network, ends = model.network, model.ends
    demand, spots = network.place(cells), network.put(places)
    found = by_hand(network, demand, spots)
    to_end, from_end = by_hand(network, demand, ends.at), by_hand(network, ends.at, spots)
    streets = by_hand(network, ends.at, ends.at)
    over = np.full(streets.shape, np.inf)
    over[np.arange(len(over)), ends.other] = ends.length
    ways = over
    for _ in model.bridges:
        ways = np.minimum(ways, shortest(shortest(over, streets), ways))
    return np.minimum(found, shortest(shortest(to_end, ways), from_end))


def shortest(first: Floats, then: Floats) -> Floats:
    """(a, c) shortest of the ways of (a, b) and (b, c) one after the other."""
    return np.asarray((first[:, :, None] + then[None]).min(axis=1))


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=25, deadline=None)
@example(313_396, 1)  # by bike, points beside a fragment in which no way leads to a place
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_distances_with_bridges_are_those_of_a_graph_that_has_them(mode: str, seed: int, many: int) -> None:
    try:
        network, spots, rng = world(seed, mode)
    except InputError:
        return  # nothing for this mode
    try:
        model = BridgedTravel(network, some_bridges(network, rng, many))
        _ = model.ends
    except InputError:
        return
    cells = network.cell_xy
    truth = bridged_by_hand(model, cells, spots)
    order = np.lexsort((np.broadcast_to(np.arange(9), truth.shape), truth), axis=1)
    for k in (1, 2, 3):
        found = model(cells, spots, k)
        expected = (np.take_along_axis(truth, order[:, :k], axis=1) + model.parking) / 10
        np.testing.assert_array_equal(found.distance_m, expected)
        reached: Bools = np.isfinite(expected)
        np.testing.assert_array_equal(found.index[reached], order[:, :k][reached])
    radius = 1500.0 + model.parking / 10
    pairs = model.within(cells, spots, radius)
    near, dense = (truth + model.parking) / 10, np.full(truth.shape, np.inf)
    for place in range(9):
        part = slice(pairs.start[place], pairs.start[place + 1])
        dense[pairs.demand[part], place] = pairs.cost[part]
    np.testing.assert_array_equal(dense, np.where(near <= radius, near, np.inf))


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_a_search_around_the_ends_finds_what_searching_all_finds(mode: str, seed: int, many: int) -> None:
    try:
        network, spots, rng = world(seed, mode)
    except InputError:
        return
    model, plain = BridgedTravel(network, some_bridges(network, rng, many)), StreetTravel(network)
    there = spots[: rng.integers(1, 9)]
    forest, cells = plain.search(there), network.cell_xy
    try:
        found = model.added(forest, cells)
    except InputError:
        return
    whole, before = model.answer(cells, model.search(there)), plain.answer(cells, forest)
    mended = model.answer(cells, found.forest)
    for name in ("distance_m", "index"):
        np.testing.assert_array_equal(getattr(mended, name), getattr(whole, name), err_msg=name)
        changed = (getattr(whole, name) != getattr(before, name)).any(axis=1)
        assert set(np.flatnonzero(changed)) <= set(found.cells.tolist())


def laid(one: Floats, other: Floats, modes: str = "walk,bike", name: str = "") -> Bridge:
    """A bridge between two points."""
    (x, y), (to_x, to_y) = one.tolist(), other.tolist()
    return Bridge(x, y, to_x, to_y, modes, name)


@pytest.fixture(scope="module")
def banks(tiny: TinyWorld) -> tuple[Riverside, Facilities, Scenario]:
    """A river with one bridge far to the east, a place on its south bank, and a plan with a bridge beside the place."""
    river, places = Riverside(), tiny.facilities(tiny.place(4.0, float(BANK)))
    south, north = at_cell(4, BANK), at_cell(4, BANK + 1)
    plan = start(river, places, Query(), "Met brug").with_edit(
        laid(south, north, modes="walk,bike", name="Veerdam"), places, river
    )
    return river, places, plan


def test_families_across_a_new_bridge_walk_straight_over_it(banks: tuple[Riverside, Facilities, Scenario]) -> None:
    river, places, plan = banks
    done = replay(Engine(river), plan)
    xy, place = river.grid.xy, at_cell(4, BANK)
    across = xy[:, 1] > at_cell(0, BANK + 0.5)[1]
    east = at_cell(BRIDGE, BANK + 0.5)
    by_old = np.abs(xy - east).sum(axis=1) + np.abs(place - east).sum()
    before = np.where(across, by_old, np.abs(xy - place).sum(axis=1))
    np.testing.assert_allclose(done.before.distance_m, before)
    np.testing.assert_allclose(done.analysis.distance_m, np.minimum(before, np.abs(xy - place).sum(axis=1)))
    found = compare(Engine(river), done.before, done.analysis)
    births, near = done.analysis.demand.births, done.analysis.distance_m <= 1200
    assert found.totals.gained == pytest.approx(births[near & (before > 1200)].sum())
    assert found.totals.gained > 0
    assert found.totals.lost == 0
    gains = found.zones.set_index("zone_id")
    minutes = gains.loc[gains["births"] > 0, ["mean_minutes_before", "mean_minutes_after"]]
    assert minutes.loc[["10005"]].to_numpy() == pytest.approx(np.array([[86.25, 21.25]]))
    assert minutes.loc[["10012"]].to_numpy() == pytest.approx(np.array([[31.875, 31.875]]))  # on this bank
    assert set(gains.index[gains["births_gained"] > 0]) == {"10005", "10034"}
    assert "caveat.bridges" in done.analysis.caveats
    assert "caveat.bridges" not in done.before.caveats
    assert done.analysis.details["bridges"] == 1
    assert len(places.frame) == len(done.analysis.facilities.frame)


def test_whatever_was_asked_before_a_plan_with_a_bridge_comes_out_the_same(
    banks: tuple[Riverside, Facilities, Scenario], tiny: TinyWorld
) -> None:
    river, places, plan = banks
    warm = Engine(river)
    more = plan.with_edit(Add("", "bureau", "Overkant", *at_cell(20, 25).tolist()), places, river)
    second = more.with_edit(laid(at_cell(20, BANK), at_cell(21, BANK + 1)), places, river)
    for scenario in (plan, more, second, more, plan):
        fresh, found = replay(Engine(river), scenario), replay(warm, scenario)
        assert found.result_hash == fresh.result_hash
        for name in ("distance_m", "second_distance_m", "nearest"):
            np.testing.assert_array_equal(getattr(found.analysis, name), getattr(fresh.analysis, name))


def test_a_bridge_for_others_changes_nothing(banks: tuple[Riverside, Facilities, Scenario]) -> None:
    river, places, _ = banks
    for_cars = start(river, places, Query()).with_edit(
        laid(at_cell(4, BANK), at_cell(4, BANK + 1), modes="car"), places, river
    )
    done = replay(Engine(river), for_cars)
    np.testing.assert_array_equal(done.analysis.distance_m, done.before.distance_m)
    by_car = replay(Engine(river), for_cars.with_edit(SetReach("car"), places, river))
    assert (by_car.analysis.distance_m < Engine(river).analyse(Query(mode="car"), places).distance_m).any()


def test_a_bridge_goes_into_the_document_and_comes_out_of_it(banks: tuple[Riverside, Facilities, Scenario]) -> None:
    river, _, plan = banks
    done = replay(Engine(river), plan)
    again, stated = read_export(export_json(plan, done))
    assert again.id == plan.id
    assert again.edits == plan.edits
    assert stated is not None
    assert replay(Engine(river), again, stated=stated).result_hash == stated.sha256


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("nl", "Veerdam: brug van 100 m (te voet, met de fiets)"),
        ("en", "Veerdam: bridge of 100 m (on foot, by bike)"),
        ("fr", "Veerdam : pont de 100 m (à pied, à vélo)"),
    ],
)
def test_a_bridge_in_words(banks: tuple[Riverside, Facilities, Scenario], lang: str, words: str) -> None:
    _, places, plan = banks
    assert in_words(plan, places, lang) == (words,)
    (drawn,) = plan_bridges(plan, places, lang)
    assert drawn["name"] == words
    assert drawn["to"][1] > drawn["p"][1]  # to the north


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"modes": "walk,boat"}, "unknown modes 'walk,boat'"),
        ({"modes": ""}, "choose one of walk, bike, car"),
        ({"modes": "walk,walk"}, "unknown modes"),
        ({"to_x": 156_000.0, "to_y": 201_000.0}, "one of 1 to 5000 m"),
        ({"to_x": 150_050.0, "to_y": 200_050.0}, "0 m long"),
        ({"to_y": float("nan")}, "to_y is nan"),
    ],
)
def test_a_bridge_that_makes_no_sense_is_refused(values: dict[str, Any], sentence: str) -> None:
    given = {"edit": "bridge", "x": 150_050.0, "y": 200_050.0, "to_x": 150_050.0, "to_y": 200_150.0, **values}
    with pytest.raises(InputError, match=sentence):
        read_edit(given)


def test_a_bridge_needs_streets_and_land(banks: tuple[Riverside, Facilities, Scenario]) -> None:
    river, places, _ = banks
    bridge = laid(at_cell(4, BANK), at_cell(4, BANK + 1))
    with pytest.raises(InputError, match="street network"):
        start(river, places, Query(model="crow")).with_edit(bridge, places, river)
    far = laid(at_cell(4, BANK), at_cell(-30, BANK))
    with pytest.raises(InputError, match="outside"):
        start(river, places, Query()).with_edit(far, places, river)


def test_other_modes_of_a_network_leave_bridges_alone() -> None:
    line = BridgeLine(0.0, 0.0, 100.0, 0.0, ("walk",))
    assert Query(bridges=(line,)).bridges_used == (line,)
    assert Query(bridges=(line,), mode="bike").bridges_used == ()
    assert Query(bridges=(line,), model="crow").bridges_used == ()
