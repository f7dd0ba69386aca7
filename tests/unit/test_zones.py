"""Aggregation by zone: sums and exact weighted quantiles against brute force."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coverage.core.demand import Demand
from coverage.core.reach import Reach
from coverage.zones.sums import (
    BIRTHS_DECIMALS,
    QUANTILES,
    Ranked,
    ZoneSums,
    fixed_point,
    rank,
    resummarise,
    summarise,
    weighted_quantiles,
    within_another,
)
from i18n.errors import ConservationError

Cells = list[tuple[int, float, float]]
"""(zone, births, distance) of every cell."""

ROUNDING = 0.5001 * 10.0**-BIRTHS_DECIMALS
"""Births of a zone are rounded: half a unit of the last decimal, and what floating point makes of it."""


def cells(zones: int = 4) -> st.SearchStrategy[Cells]:
    births = st.one_of(st.integers(0, 5).map(float), st.floats(0, 1e3).map(lambda b: b if b > 1e-6 else 0.0))
    distance = st.one_of(st.integers(0, 4).map(lambda d: 100.0 * d), st.floats(0, 5e4), st.just(np.inf))
    return st.lists(st.tuples(st.integers(-1, zones - 1), births, distance), min_size=1, max_size=40)


def ranked(given_cells: Cells, known: bool = True) -> tuple[Ranked, npt.NDArray[np.int32]]:
    demand, reach, zone = world(given_cells)
    return rank(demand, replace(reach, known=known)), zone


@given(cells(), st.floats(0, 5e4))
@example([(0, 2.0**-14, 0.0)], 0.0)  # so few births that rounding them is more than a billionth of them
@example([(z % 5 - 1, 1.00000025e-6, 100.0 * z) for z in range(40)], 1000.0)
def test_sums_and_means_agree_with_brute_force(given_cells: Cells, within: float) -> None:
    ready, zone = ranked(given_cells)
    sums = summarise(ready, zone, 4, within)
    for z in range(5):
        mine = [(b, d) for i, b, d in given_cells if (4 if i < 0 else i) == z]
        births = sum(b for b, _ in mine)
        assert sums.births[z] == pytest.approx(births, abs=ROUNDING)
        assert sums.in_reach[z] == pytest.approx(sum(b for b, d in mine if d <= within), abs=ROUNDING)
        assert sums.unreachable[z] == pytest.approx(sum(b for b, d in mine if np.isinf(d)))
        assert 0 <= sums.in_reach[z] <= sums.births[z]
        if births > 0 and not any(b > 0 and np.isinf(d) for b, d in mine):
            mean = sum(b * d for b, d in mine if b > 0) / births
            assert sums.mean_m[z] == pytest.approx(mean)
            assert sums.median_m[z] <= sums.p90_m[z]
        else:
            assert np.isnan([sums.mean_m[z], sums.median_m[z], sums.p90_m[z]]).all()


@given(cells(), st.floats(0, 5e4), st.floats(0, 5e4), st.booleans())
def test_another_reach_is_that_of_adding_up_anew(given_cells: Cells, within: float, before: float, known: bool) -> None:
    ready, zone = ranked(given_cells, known=known)
    zone.setflags(write=False)
    expected = summarise(ready, zone, 4, within)
    found = within_another(summarise(ready, zone, 4, before), ready, zone, within)
    for field in fields(ZoneSums):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(expected, field.name))


@given(cells())
def test_quantiles_are_the_smallest_distance_that_covers_enough_births(given_cells: Cells) -> None:
    ready, zone = ranked([(z, b, d if np.isfinite(d) else 9e4) for z, b, d in given_cells])
    found = weighted_quantiles(
        np.where(zone < 0, 4, zone)[ready.order].astype(np.uint16), ready.units, ready.distance_m, 5
    )
    sorted_zone = np.where(zone < 0, 4, zone)[ready.order]
    for name, (numerator, denominator) in QUANTILES.items():
        for z in range(5):
            mine = [(int(u), d) for u, d, i in zip(ready.units, ready.distance_m, sorted_zone, strict=True) if i == z]
            total = sum(u for u, _ in mine)
            needed = Fraction(numerator, denominator) * total
            enough = [d for _, d in mine if sum(u for u, e in mine if e <= d) >= needed]
            assert found[name][z] == min(enough) if total else np.isnan(found[name][z])


def world(given_cells: Cells, total: float | None = None) -> tuple[Demand, Reach, npt.NDArray[np.int32]]:
    """Demand, reach and zones of cells."""
    zone, births, distance = (np.array(column) for column in zip(*given_cells, strict=True))
    demand = Demand("births", 2025, births, float(births.sum()) if total is None else total, proxy=False)
    order = np.argsort(distance, kind="stable")
    return demand, Reach(distance, distance, np.zeros(len(zone), dtype=np.intp), order, True), zone.astype(np.int32)


@given(cells(), st.lists(st.tuples(st.integers(0, 39), st.integers(0, 4)), max_size=6), st.floats(0, 5e4))
def test_zones_that_changed_are_those_of_adding_up_anew(
    given_cells: Cells, changes: list[tuple[int, int]], within: float
) -> None:
    """Some cells come to lie elsewhere; a quarter of all cells may be added up again, not more."""
    demand, reach, zone = world(given_cells)
    before = summarise(rank(demand, reach), zone, 4, within)
    moved = np.array(sorted({k for k, _ in changes if k < len(zone)}), dtype=np.intp)
    distance = reach.distance_m.copy()
    distance[moved] = [100.0 * dict(changes)[k] for k in moved]
    after = replace(reach, distance_m=distance, order=np.argsort(distance, kind="stable"))
    found = resummarise(before, moved, demand, after, zone, within)
    inside = np.isin(zone, zone[moved]).sum()
    assert (found is None) == (inside > len(zone) // 4)
    if found is not None:
        expected = summarise(rank(demand, after), zone, 4, within)
        for field in fields(ZoneSums):
            np.testing.assert_array_equal(getattr(found, field.name), getattr(expected, field.name))


def test_births_lost_in_between_are_noticed() -> None:
    demand, reach, zone = world([(0, 3.0, 100.0), *((k % 3 + 1, 1.0, 50.0) for k in range(9))])
    before = summarise(rank(demand, reach), zone, 4, 60.0)
    lost = replace(demand, total=13.0)
    with pytest.raises(ConservationError, match=r"births 2025 by zone add up to 12\.0 where 13\.0"):
        resummarise(before, np.array([0]), lost, reach, zone, 60.0)
    assert resummarise(before, np.array([0]), demand, reach, zone, 60.0) is not None


def test_reach_includes_its_end() -> None:
    ready, zone = ranked([(0, 1.0, 1200.0), (0, 2.0, np.nextafter(1200.0, 2000.0))])
    assert summarise(ready, zone, 1, 1200.0).in_reach.tolist() == [1.0, 0.0]


def test_median_of_equal_births_is_the_middle_one_and_half_is_enough() -> None:
    third = 1 / 3  # not a binary fraction: half of four thirds must still be reached by exactly two of them
    ready, zone = ranked([(0, third, d) for d in (100.0, 200.0, 300.0, 400.0)])
    sums = summarise(ready, zone, 1, 1e3)
    assert (sums.median_m[0], sums.p90_m[0]) == (200.0, 400.0)
    ready, zone = ranked([(0, third, 100.0 * d) for d in range(1, 11)])
    assert summarise(ready, zone, 1, 1e3).p90_m[0] == 900.0


def test_uniform_road_has_its_median_halfway() -> None:
    ready, zone = ranked([(0, 0.07, float(d)) for d in range(1, 1001)])
    sums = summarise(ready, zone, 1, 250.0)
    assert (sums.median_m[0], sums.p90_m[0]) == (500.0, 900.0)
    assert sums.mean_m[0] == pytest.approx(500.5)
    assert sums.in_reach[0] / sums.births[0] == pytest.approx(0.25)


def test_unknown_distances_leave_everything_but_births_empty() -> None:
    ready, zone = ranked([(0, 3.0, 100.0), (-1, 2.0, 100.0)], known=False)
    sums = summarise(ready, zone, 1, 1e3)
    assert sums.births.tolist() == [3.0, 2.0]
    assert sums.unreachable.tolist() == [0.0, 0.0]
    for figures in (sums.in_reach, sums.mean_m, sums.median_m, sums.p90_m):
        assert np.isnan(figures).all()


def test_lost_births_are_noticed() -> None:
    ready, zone = ranked([(0, 3.0, 100.0)])
    wrong = Ranked(ready.order, ready.births, ready.units, ready.distance_m, True, 3.1, "births 2025")
    with pytest.raises(ConservationError, match=r"births 2025 by zone add up to 3\.0 where 3\.1"):
        summarise(wrong, zone, 1, 1e3)


def test_more_zones_than_sixteen_bits_can_number() -> None:
    n = 70_000
    ready, zone = ranked([(z, 1.0, float(n - z)) for z in range(n)])
    sums = summarise(ready, zone, n, 10.0)
    np.testing.assert_array_equal(sums.median_m[:n], n - np.arange(n))
    assert sums.in_reach.sum() == 10


def test_half_is_reached_to_the_last_unit() -> None:
    """Half of 2**58 + 2 is one unit more than the first item holds; a float could not tell."""
    units = np.array([2**57, 2**57 + 2], dtype=np.int64)
    zone = np.zeros(2, dtype=np.uint16)
    assert weighted_quantiles(zone, units, np.array([1.0, 2.0]), 1)["median"].tolist() == [2.0]
    assert weighted_quantiles(zone, units[::-1].copy(), np.array([1.0, 2.0]), 1)["median"].tolist() == [1.0]


def test_no_items_and_no_weights_have_no_quantiles() -> None:
    none = weighted_quantiles(np.zeros(0, dtype=np.uint16), np.zeros(0, dtype=np.int64), np.zeros(0), 2)
    assert set(none) == set(QUANTILES)
    assert all(np.isnan(values).tolist() == [True, True] for values in none.values())
    assert fixed_point(np.zeros(3)).tolist() == [0, 0, 0]


def test_the_unit_of_a_part_is_that_of_the_whole() -> None:
    whole = np.array([1.0, 2.5, 1e6])
    assert fixed_point(whole[:2], float(whole.sum())).tolist() == fixed_point(whole)[:2].tolist()
    assert fixed_point(whole[:2]).tolist() != fixed_point(whole)[:2].tolist()


@given(st.lists(st.just(0.0) | st.floats(1e-9, 1e6), min_size=1, max_size=30))
def test_fixed_point_keeps_weights_to_a_tiny_part_of_the_total(weights: list[float]) -> None:
    values = np.array(weights)
    units = fixed_point(values)
    assert (units >= 0).all()
    total = values.sum()
    if total > 0:
        unit = 2.0 ** (np.frexp(total)[1] - 58)
        np.testing.assert_allclose(units * unit, values, rtol=0, atol=unit)
        assert 9 * int(units.sum()) < 2**63
    else:
        assert not units.any()
