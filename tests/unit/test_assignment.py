"""Minimum-cost flow: against an independent solver, without regard to the order of the places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from coverage.siting.planning.question.assignment import assign, unserved_by_zone
from i18n.errors import InputError


@settings(max_examples=100)
@given(st.integers(0, 2**32 - 1))
def test_agrees_with_an_assignment_of_single_births(seed: int) -> None:
    """Whole births one by one to single seats (Hungarian method): as many served, as little travel."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    cost = rng.integers(0, 20, (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.3] = np.inf
    births, room = rng.integers(0, 4, n), rng.integers(0, 4, m)
    found = assign(cost, births, room)
    seats = np.repeat(np.arange(m), room)
    heads = np.repeat(np.arange(n), births)
    single = np.where(np.isinf(cost), 1e4, cost)[np.ix_(heads, seats)]
    rows, cols = linear_sum_assignment(single)
    real = single[rows, cols] < 1e4
    assert found.served.sum() == pytest.approx(real.sum(), abs=1e-6)
    assert found.total_cost == pytest.approx(single[rows, cols][real].sum(), abs=1e-6)
    assert (found.load <= room + 1e-6).all()
    np.testing.assert_allclose(found.served + found.unserved, births, atol=1e-9)
    np.testing.assert_allclose(found.flow.sum(axis=0), found.load, atol=1e-9)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_places_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 4, (6, 5)).astype(float)  # many ties
    births, room = rng.uniform(0, 5, 6), rng.uniform(0, 5, 5)
    turned = rng.permutation(5)
    found, other = assign(cost, births, room), assign(cost[:, turned], births, room[turned])
    np.testing.assert_array_equal(found.flow.toarray()[:, turned], other.flow.toarray())
    np.testing.assert_array_equal(found.unserved, other.unserved)


def test_places_that_cannot_be_told_apart_share() -> None:
    found = assign([[1.0, 1.0]], [6], [2, 10])
    assert found.load.tolist() == [1.0, 5.0]


def test_out_of_reach_and_full_are_told_apart() -> None:
    found = assign([[1.0], [np.inf]], [5, 3], [2])
    assert found.unserved.tolist() == [3, 3]
    assert found.unreachable.tolist() == [0, 3]
    assert found.total_cost / found.served.sum() == 1
    nobody = assign([[np.inf]], [5], [2])
    assert (nobody.unserved.tolist(), nobody.served.tolist(), nobody.total_cost) == ([5], [0], 0)


def test_unserved_births_are_counted_by_zone() -> None:
    table = unserved_by_zone([3, 1, 0, 9], [4, 4, 2, 9], [0, 1, 1, -1], pd.Index(["a", "b", "c"]))
    assert table.to_dict("list") == {
        "zone_id": ["a", "b"], "births": [4, 6], "births_unserved": [3, 1], "share_unserved": [0.75, 1 / 6],
    }  # fmt: skip


def test_negative_births_or_capacity_are_refused() -> None:
    with pytest.raises(InputError, match="births of row 0 is -1"):
        assign([[1.0]], [-1], [1])
    with pytest.raises(InputError, match="capacity of row 0"):
        assign([[1.0]], [1], [-1])
