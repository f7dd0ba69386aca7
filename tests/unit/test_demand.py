"""Births on the hectare grid: spread by weight, and never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coverage.analysis import analyse
from coverage.core.conservation import check_conserved
from coverage.core.demand import available_years, counts_by_municipality, surface
from coverage.core.query import Query
from i18n.errors import ConservationError, InputError
from tests.unit.conftest import TinySnapshot

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld

N_CELLS = 1200
MUNICIPALITIES = ("10012", "10034", "10005", "10006")


def test_uniform_weights_spread_births_evenly(tiny: TinyWorld) -> None:
    demand = surface(tiny.snapshot())
    cells = tiny.snapshot().cells
    assert (demand.kind, demand.year, demand.total, demand.proxy) == ("births", 2025, 180.0, False)
    # 90 births over 400 cells, 60 over 400, 30 over 200, none in Fort
    for nis, per_cell in {"10012": 0.225, "10034": 0.15, "10005": 0.15, "10006": 0.0}.items():
        np.testing.assert_allclose(demand.births[cells["m2025"] == nis], per_cell)


def test_births_follow_the_weights_inside_a_municipality(tiny: TinyWorld) -> None:
    weight = np.ones(N_CELLS)
    weight[0] = 101.0  # one cell of Aaken-Beke weighs as much as 101 others: 101 of 500
    demand = surface(tiny.snapshot(weight))
    assert demand.births[0] == pytest.approx(90 * 101 / 500)
    assert demand.births[1] == pytest.approx(90 / 500)


@given(
    arrays(np.float64, N_CELLS, elements=st.floats(1e-6, 1e4)),
    st.lists(st.integers(0, 10**6), min_size=4, max_size=4),
)
@settings(max_examples=40)
def test_births_are_conserved_over_every_partition(
    tiny: TinyWorld, weight: npt.NDArray[np.float64], births: list[int]
) -> None:
    snapshot = tiny.snapshot(weight, dict(zip(MUNICIPALITIES, births, strict=True)))
    demand = surface(snapshot)
    assert (demand.births >= 0).all()
    assert demand.births.sum() == pytest.approx(sum(births), rel=1e-9)
    for level in ("municipality", "sub_municipality", "sector", "province", "care_region"):
        zone = snapshot.zone_index(level, 2025)
        parts = np.bincount(zone + 1, weights=demand.births)  # the first is what lies in no zone
        assert parts.sum() == pytest.approx(sum(births), rel=1e-9)


def test_births_without_an_inhabited_cell_are_a_fault(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    weight = np.where(snapshot.cells["m2025"] == "10005", 0.0, 1.0)
    with pytest.raises(ConservationError, match="10005 has 30 births in 2025 but no inhabited cell"):
        surface(tiny.snapshot(weight))
    # a municipality without births may be empty
    weight = np.where(snapshot.cells["m2025"] == "10006", 0.0, 1.0)
    assert surface(tiny.snapshot(weight)).births.sum() == pytest.approx(180)


@pytest.mark.parametrize(
    ("births", "message"),
    [
        ({"10012": 1, "10034": 1, "10005": 1}, "10006 is missing in the births of 2025"),
        ({**dict.fromkeys(MUNICIPALITIES, 1), "99999": 1}, "99999 is not a municipality of 2025"),
        ({**dict.fromkeys(MUNICIPALITIES, 1), "10006": float("nan")}, "10006 is missing in the births"),
    ],
)
def test_every_municipality_must_be_counted_once(tiny: TinyWorld, births: dict[str, float], message: str) -> None:
    with pytest.raises(ConservationError, match=message):
        surface(tiny.snapshot(births=births))


def test_live_births_of_another_year_point_to_the_proxy(tiny: TinyWorld) -> None:
    with pytest.raises(InputError, match=r"not held for 2015, only for 2025; take 0-year-olds with --demand age0"):
        surface(tiny.snapshot(), "births", 2015)
    with pytest.raises(InputError, match="held for 2020-2022"):
        surface(tiny.snapshot(), "births", 2015)
    with pytest.raises(InputError, match="Demand 'age0_2' is not held for 1850; it is held for 2020-2022"):
        surface(tiny.snapshot(), "age0_2", 1850)
    with pytest.raises(InputError, match="Unknown demand 'age7'"):
        surface(tiny.snapshot(), "age7")


@pytest.mark.parametrize(("kind", "ages"), [("age0", 1), ("age0_2", 3), ("age0_5", 6)])
def test_ages_are_added_up_and_marked_as_proxy(tiny: TinyWorld, kind: str, ages: int) -> None:
    # in 2020 + k every municipality of 2025 has 10 + k children of each age; the row of 2019 codes is left out
    newest = surface(tiny.snapshot(), kind)
    assert (newest.year, newest.proxy, newest.total) == (2022, True, 4 * ages * 12.0)
    assert surface(tiny.snapshot(), kind, 2020).total == 4 * ages * 10.0


def test_years_held(tiny: TinyWorld) -> None:
    assert available_years(tiny.snapshot(), "births") == (2025,)
    assert available_years(tiny.snapshot(), "age0_5") == (2020, 2021, 2022)
    with pytest.raises(InputError, match="Unknown demand"):
        available_years(tiny.snapshot(), "toddlers")


def test_counts_by_municipality_are_in_zone_order(tiny: TinyWorld) -> None:
    counts = counts_by_municipality(tiny.snapshot(), "births")
    assert counts.columns.tolist() == ["10005", "10006", "10012", "10034"]
    assert counts.to_numpy().tolist() == [[30, 0, 90, 60]]


@pytest.mark.parametrize("parts", [[1.0, 2.0], [4.0, -1.0], [3.0, float("nan")]])
def test_conservation_check_raises(parts: list[float]) -> None:
    with pytest.raises(ConservationError, match="Births of a test add up to"):
        check_conserved(parts, 3.1 if parts[1] == 2.0 else 3.0, "Births of a test")


def test_conservation_check_accepts_rounding() -> None:
    check_conserved([0.1] * 10, 1.0, "Births of a test")
    check_conserved([], 0.0, "Births of a test")


def test_conservation_check_knows_what_rounding_can_do() -> None:
    """Two parts of 4e-10 births round to nothing at nine decimals; three such parts lost are more than two can lose."""
    check_conserved([0.0, 0.0], 8e-10, "Births of a test", 9)
    check_conserved([1e-9, 1e-9], 1.1e-9, "Births of a test", 9)
    for parts, total, decimals in (([0.0, 0.0], 12e-10, 9), ([0.0, 0.0], 8e-10, None), ([0.0, 0.0], 8e-10, 10)):
        with pytest.raises(ConservationError):
            check_conserved(parts, total, "Births of a test", decimals)


class CountedBefore(TinySnapshot):
    """The tiny world, its children counted in the municipalities of 2019 too: Cele 40 and Dam 20 of Celedam's 60."""

    def table(self, name: str) -> pd.DataFrame:
        if name != "ages":
            return super().table(name)
        of_2019 = {"10012": 90, "10003": 40, "10004": 20, "10005": 30, "10006": 0}
        counts: dict[int, dict[str, float]] = {2019: dict(of_2019), 2025: dict(self._births)}
        rows = [
            {"vintage": vintage, "nis": nis, "year": 2022, **{f"age{a}": n for a in range(6)}}
            for vintage, of in counts.items()
            for nis, n in of.items()
        ]
        return pd.DataFrame(rows)


def test_counts_of_every_vintage_are_met(tiny: TinyWorld) -> None:
    snapshot = CountedBefore()
    demand = surface(snapshot, "age0")
    assert (demand.counted_at, demand.total) == (2019, 180.0)
    for vintage, counts in ((2019, [40, 20, 30, 0, 90]), (2025, [30, 0, 90, 60])):
        zone = snapshot.zone_index("municipality", vintage)
        np.testing.assert_allclose(np.bincount(zone, weights=demand.births), counts, rtol=1e-9)
    assert surface(snapshot).counted_at == 2025  # births are counted in those of 2025 alone
    flags = analyse(snapshot, Query(vintage=2019, demand="age0"), tiny.facilities(tiny.place(5, 5))).table["flags"]
    assert not flags.str.contains("births_estimated").any()


def test_counts_of_some_municipalities_are_no_counts_of_a_vintage(tiny: TinyWorld) -> None:
    """The tiny world holds the children of one municipality of 2019: that is no base for the others."""
    assert surface(tiny.snapshot(), "age0", 2020).counted_at == 2025
