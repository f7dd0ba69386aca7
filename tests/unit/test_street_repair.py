"""Distances over the streets after places came and went: those of searching everything, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coverage.core.reach import Reach, measure
from coverage.core.reach_update import Tracked, track
from coverage.travel.streets.street_network import StreetNetwork, make_streets
from coverage.travel.streets.street_travel import StreetTravel
from i18n.errors import InputError
from loaders.catalogue.types import Floats
from loaders.pipeline.derived.street_graph import make_street_graph
from tests.conftest import examples
from tests.unit.test_reach_update import bureaus
from tests.unit.test_streets import random_world


def world(seed: int, mode: str) -> tuple[StreetNetwork, Floats, np.random.Generator]:
    """Streets, some places on them, and more chance."""
    rng = np.random.default_rng(seed)
    graph = make_street_graph(random_world(rng))[0]
    low, high = graph.xy.min(axis=0) - 200, graph.xy.max(axis=0) + 200
    network = make_streets(graph, mode, rng.uniform(low, high, (60, 2)))
    return network, graph.xy[rng.integers(0, len(graph.xy), 9)] + rng.uniform(-90, 90, (9, 2)), rng


def assert_same(found: Reach, expected: Reach) -> None:
    for name in ("distance_m", "second_m", "nearest", "order"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    assert set(found.flags) == set(expected.flags)
    for flag, mark in expected.flags.items():
        np.testing.assert_array_equal(found.flags[flag], mark, err_msg=flag)
    assert found.details == expected.details


@pytest.mark.parametrize("mode", ["walk", "bike", "car"])
@settings(max_examples=examples(30), deadline=None)
@given(st.integers(0, 2**32 - 1))
@example(36298)  # a place before a bend, whose street seems to run on past its end
def test_places_that_come_and_go_one_after_the_other(mode: str, seed: int) -> None:
    try:
        network, spots, rng = world(seed, mode)
    except InputError:
        return  # nothing for this mode
    model, cells = StreetTravel(network), network.cell_xy
    there = np.sort(rng.permutation(9)[: rng.integers(1, 7)])
    before: list[Tracked] = [track(0, "streets", cells, bureaus(spots[there].tolist()), model, [])]
    for step in range(1, 6):
        leaving = rng.random(len(there)) < 0.3
        coming = np.flatnonzero(rng.random(9) < 0.2)
        there = np.union1d(there[~leaving], coming)
        facilities = bureaus(spots[there].tolist())
        found = track(step, "streets", cells, facilities, model, before)
        assert_same(found.reach, measure(cells, facilities, model))
        before.append(found)


def test_a_place_that_comes_changes_only_cells_around_it() -> None:
    network, spots, _ = world(11, "walk")
    model, cells = StreetTravel(network), network.cell_xy
    old = track("old", "streets", cells, bureaus(spots[:5].tolist()), model, [])
    new = track("new", "streets", cells, bureaus(spots[:6].tolist()), model, [old])
    assert new.change is not None
    changed = np.flatnonzero(new.reach.distance_m != old.reach.distance_m)
    np.testing.assert_array_equal(new.change.cells, changed)
