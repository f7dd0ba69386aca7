"""Classes that follow the values: groups of equal size, natural breaks, and bounds around the norm."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.maps.scales.classes import INDICATORS, class_index, legend_for
from layers.maps.scales.classing import METHODS, Classing, jenks_breaks, quantile_breaks, readable

VALUES = st.lists(st.integers(0, 60).map(float), min_size=1, max_size=14).map(lambda v: np.sort(np.array(v)))


def within(values: np.ndarray, groups: list[np.ndarray]) -> float:
    """Sum of squares within groups."""
    assert sum(map(len, groups)) == len(values)
    return float(sum(((group - group.mean()) ** 2).sum() for group in groups if len(group)))


def groups_of(values: np.ndarray, breaks: tuple[float, ...]) -> list[np.ndarray]:
    at = np.digitize(values, breaks)
    return [values[at == k] for k in range(len(breaks) + 1)]


@given(VALUES, st.integers(2, 4))
def test_natural_breaks_are_the_best_of_all_partitions(values: np.ndarray, classes: int) -> None:
    """Every way of cutting the values is tried."""
    steps = np.unique(values)
    classes = min(classes, len(steps))
    found = groups_of(values, jenks_breaks(values, classes))
    assert len(found) == classes
    assert all(len(group) for group in found)
    best = min(within(values, groups_of(values, tuple(cut))) for cut in combinations(steps[1:].tolist(), classes - 1))
    assert within(values, found) == pytest.approx(best, abs=1e-9)


@given(VALUES, st.integers(2, 5))
def test_groups_of_equal_size_differ_by_ties_only(values: np.ndarray, classes: int) -> None:
    breaks = quantile_breaks(values, classes)
    assert all(low < high for low, high in pairwise(breaks))
    if len(np.unique(values)) == len(values) >= classes:
        sizes = [len(group) for group in groups_of(values, breaks)]
        assert len(sizes) == classes
        assert max(sizes) - min(sizes) <= 1


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_a_bound_lies_above_the_one_value_and_not_above_the_other(low: float, step: float) -> None:
    assert low < readable(low, low + step) <= low + step


def test_many_values_are_gathered_and_keep_their_gaps() -> None:
    """Three clouds far apart are three classes, however many values they have."""
    rng = np.random.default_rng(3)
    values = np.sort(np.concatenate([rng.normal(at, 1, 3000) for at in (0, 100, 300)]))
    first, second = jenks_breaks(values, 3)
    assert 5 < first < 95
    assert 105 < second < 295


def test_classes_around_the_norm_have_the_norm_as_a_bound() -> None:
    table = pd.DataFrame(
        {"share_in_reach": [0.1, 0.3, 0.9], "mean_minutes": [4.0, 16.0, 80.0], "births": [1.0, 2.0, 3.0]}
    )
    norm = Classing("norm", share=0.6, minutes=10.0)
    assert legend_for(table, "share_in_reach", norm).breaks == (0.3, 0.6, 0.8)
    assert legend_for(table, "mean_minutes", norm).breaks == (5.0, 10.0, 20.0, 40.0)
    assert legend_for(table, "births", norm) == legend_for(table, "births")  # a count has no norm


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_method_has_a_legend_for_every_indicator(method: str, indicator: str) -> None:
    values: list[float | None] = [0.0, 0.2, 0.2, None, 0.7, 3.0, 14.0, 15.0, 120.0]
    if indicator == "share_in_reach":
        values = [None if value is None else value / 120 for value in values]
    if indicator == "gap":
        table = pd.DataFrame({indicator: pd.array([True, False, None], dtype="boolean")})
    else:
        table = pd.DataFrame({indicator: values, "births": values, "births_per_facility": values})
    legend = legend_for(table, indicator, Classing(method))
    assert len(legend.colours) == len(legend.breaks) + 1 == len(legend.labels("nl"))
    assert len(set(legend.labels("nl"))) == len(legend.colours)
    assert class_index(table[indicator], legend).max() <= len(legend.breaks)
    assert list(legend.breaks) == sorted(set(legend.breaks))
