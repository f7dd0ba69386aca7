"""Lorenz, Gini, Theil and Palma: laws they obey, and values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coverage.access import nearest_facilities
from coverage.access.inequality import gini, gini_by, lorenz, palma, palma_by, theil
from i18n.errors import InputError
from loaders.catalogue.types import Floats

some = st.integers(1, 25).flatmap(lambda n: arrays(np.float64, n, elements=st.integers(0, 100).map(float)))
whole = st.integers(1, 4)


def pairwise(values: Floats) -> float:
    """Gini as half the mean absolute difference over the mean."""
    return float(np.abs(values[:, None] - values[None]).mean() / 2 / values.mean())


@given(some.filter(lambda v: v.sum() > 0))
def test_gini_is_half_the_relative_mean_difference(values: Floats) -> None:
    assert gini(values) == pytest.approx(pairwise(values), abs=1e-12)
    curve = lorenz(values)
    area = np.sum(np.diff(curve.people) * (curve.access[1:] + curve.access[:-1]) / 2)
    assert gini(values) == pytest.approx(1 - 2 * area, abs=1e-12)
    assert (np.diff(curve.access) >= 0).all()
    assert (curve.access <= curve.people + 1e-12).all()


@given(some.filter(lambda v: v.sum() > 0), st.data())
def test_a_weight_is_a_number_of_people(values: Floats, data: st.DataObject) -> None:
    weights = np.array([data.draw(whole) for _ in values])
    people = np.repeat(values, weights)
    assert gini(values, weights) == pytest.approx(gini(people), abs=1e-12)
    assert theil(values, weights) == pytest.approx(theil(people), abs=1e-12)
    assert palma(values, weights) == pytest.approx(palma(people), rel=1e-9, nan_ok=True)


@given(some.filter(lambda v: v.sum() > 0), st.floats(0.001, 1000))
def test_scale_does_not_matter(values: Floats, factor: float) -> None:
    assert gini(factor * values) == pytest.approx(gini(values), abs=1e-12)
    assert theil(factor * values) == pytest.approx(theil(values), abs=1e-9)


@given(st.floats(0.01, 1e6), st.integers(1, 50))
def test_all_the_same_is_no_inequality(value: float, n: int) -> None:
    same = np.full(n, value)
    assert gini(same) == pytest.approx(0, abs=1e-12)
    assert theil(same) == pytest.approx(0, abs=1e-12)
    assert palma(same) == pytest.approx(1, rel=1e-9)


def test_worked_cases() -> None:
    assert gini([0, 0, 0, 8]) == 0.75
    assert theil([0, 0, 0, 8]) == pytest.approx(math.log(4))
    assert palma(np.arange(1, 11)) == pytest.approx(10 / 2.5)
    # richest tenth has 2, poorest four tenths have 5 each
    assert palma([2, 5, 5, 5, 5, 3, 3, 3, 3, 3], rank_by=[99, 1, 2, 3, 4, 50, 51, 52, 53, 54]) == pytest.approx(0.4)
    # five people: the limits of a tenth and four tenths fall at half of the last and after the second
    assert palma([1, 1, 4, 4, 8]) == pytest.approx(8 / 1)
    assert nearest_facilities.gini is gini


def test_nothing_to_share() -> None:
    assert math.isnan(gini([0.0, 0.0]))
    assert math.isnan(theil([0.0, 0.0]))
    assert math.isnan(palma([0.0, 0.0]))
    assert math.isinf(palma([0.0, 0.0, 0.0, 1.0]))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 5)), min_size=1, max_size=40))
def test_zones_at_once_are_zones_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    zone, values, weights = (np.array(column) for column in zip(*rows, strict=True))
    found = gini_by(zone, values.astype(float), weights.astype(float), 4)
    ratios = palma_by(zone, values.astype(float), weights.astype(float), 4)
    for z in range(4):
        own = (zone == z) & (weights > 0)
        if own.any():
            assert found[z] == pytest.approx(gini(values[own], weights[own]), abs=1e-12, nan_ok=True)
            assert ratios[z] == pytest.approx(palma(values[own], weights[own]), rel=1e-9, nan_ok=True)
        else:
            assert math.isnan(found[z])
            assert math.isnan(ratios[z])


@pytest.mark.parametrize(
    ("values", "weights", "message"),
    [
        ([-1.0], None, "The value of row 0 is -1"),
        ([1.0, math.nan], None, "The value of row 1 is nan"),
        ([1.0], [-1.0], "The weight of row 0 is -1"),
        ([1.0, 2.0], [1.0], "give two lists of one length"),
        ([1.0], [0.0], "Nothing has weight"),
        ([], None, "Nothing has weight"),
    ],
)
def test_input_that_makes_no_sense(values: list[float], weights: list[float] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        gini(values, weights)


def test_rank_by_must_fit() -> None:
    with pytest.raises(InputError, match="rank_by must be 2 numbers"):
        palma([1.0, 2.0], rank_by=[1.0, math.nan])
