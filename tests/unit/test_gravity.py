"""Count, gravity and spatial availability: against plain sums and in cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coverage.access.decay import exponential
from coverage.access.gravity import count_within, gravity, spatial_availability
from i18n.errors import InputError

costs = st.tuples(st.integers(1, 8), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.one_of(st.floats(0, 50), st.just(np.inf)))
)


@given(costs, st.floats(0, 60))
def test_count_is_the_number_of_costs_up_to_the_radius(cost: np.ndarray, radius: float) -> None:
    assert count_within(cost, radius).tolist() == (cost <= radius).sum(axis=1).tolist()
    supply = np.arange(cost.shape[1]) + 1.0
    assert count_within(cost, radius, supply).tolist() == ((cost <= radius) @ supply).tolist()


@given(costs)
def test_gravity_is_the_weighted_sum(cost: np.ndarray) -> None:
    supply = np.arange(cost.shape[1]) + 1.0
    expected = np.where(np.isfinite(cost), np.exp(-0.1 * np.where(np.isfinite(cost), cost, 0)), 0) @ supply
    np.testing.assert_allclose(gravity(cost, supply, decay=exponential(0.1)), expected, rtol=1e-12)


@given(costs, st.floats(0.2, 3))
def test_availability_divides_all_supply_that_is_reached(cost: np.ndarray, alpha: float) -> None:
    demand, supply = np.arange(len(cost)) + 1.0, np.arange(cost.shape[1]) + 1.0
    found = spatial_availability(cost, demand, supply, decay=exponential(0.1), alpha=alpha)
    assert found.sum() == pytest.approx(supply[np.isfinite(cost).any(axis=0)].sum(), rel=1e-9)


def test_alpha_says_how_much_size_counts() -> None:
    """100 and 300 children as near: 1 to 3 of 40 hours; with alpha 2, 1 to 9."""
    both = [[0.0], [0.0]]
    assert spatial_availability(both, [100, 300], [40], decay="binary").tolist() == [10.0, 30.0]
    assert spatial_availability(both, [100, 300], [40], decay="binary", alpha=2).tolist() == [4.0, 36.0]
    with pytest.raises(InputError, match="alpha is 0"):
        spatial_availability(both, [100, 300], [40], decay="binary", alpha=0)


def test_gravity_within_a_radius() -> None:
    found = gravity([[0.0, 10.0, 30.0]], [1, 2, 4], decay=exponential(0.1), radius=10)
    assert found[0] == pytest.approx(1 + 2 * math.exp(-1))


def test_named_decay_without_radius_is_refused() -> None:
    with pytest.raises(InputError, match="needs a finite radius"):
        gravity([[1.0]], [1], decay="gaussian")
