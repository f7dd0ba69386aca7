"""Bridges that are not there: distances with them against a graph that has them, and what is searched again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.travel.base import BridgeLine
from coverage.travel.streets.bridges import BridgedTravel
from coverage.travel.streets.street_network import StreetNetwork
from coverage.travel.streets.street_travel import StreetTravel
from i18n.errors import InputError
from loaders.catalogue.types import Bools, Floats
from tests.unit.test_street_repair import world
from tests.unit.test_streets import by_hand

MODES = ("walk", "bike", "car")


def some_bridges(network: StreetNetwork, rng: np.random.Generator, many: int) -> tuple[BridgeLine, ...]:
    xy = network.pieces.xy
    low, high = xy.min(axis=0) - 100, xy.max(axis=0) + 100
    ends = rng.uniform(low, high, (2 * many, 2)).reshape(many, 4)
    return tuple(BridgeLine(*row, MODES) for row in ends.tolist())


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
@settings(max_examples=40, deadline=None)
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
@settings(max_examples=40, deadline=None)
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
