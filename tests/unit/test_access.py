"""Nearest facilities: against brute force, and against figures known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coverage.access.nearest_facilities import nearest
from coverage.travel.models import TRAVEL_MODELS, get_model
from coverage.travel.straight_line import CIRCUITY, Crow, crow, straight_of, travel_of
from i18n.errors import InputError
from loaders.catalogue.types import Floats


def points(most: int, least: int = 0) -> st.SearchStrategy[Floats]:
    metres = st.floats(-3e5, 3e5, allow_nan=False, width=32)
    return st.integers(least, most).flatmap(lambda n: arrays(np.float64, (n, 2), elements=metres))


def brute_force(demand: Floats, facility: Floats) -> Floats:
    return np.hypot(demand[:, None, 0] - facility[None, :, 0], demand[:, None, 1] - facility[None, :, 1])


@given(points(20), points(8, least=1), st.integers(1, 4))
def test_agrees_with_brute_force(demand: Floats, facility: Floats, k: int) -> None:
    found = nearest(demand, facility, k)
    every = brute_force(demand, facility)
    expected = np.sort(np.pad(every, ((0, 0), (0, k)), constant_values=np.inf), axis=1)[:, :k]
    assert found.distance_m.shape == found.index.shape == (len(demand), k)
    np.testing.assert_allclose(found.distance_m, expected, rtol=1e-12, atol=1e-9)
    assert ((found.index == -1) == np.isinf(found.distance_m)).all()
    row, col = np.nonzero(found.index >= 0)
    np.testing.assert_allclose(found.distance_m[row, col], every[row, found.index[row, col]], rtol=1e-12, atol=1e-9)


@given(points(20), points(8), points(1, least=1))
def test_distances_are_never_negative_and_a_new_site_never_lengthens_one(
    demand: Floats, facility: Floats, site: Floats
) -> None:
    before = nearest(demand, facility).distance_m
    after = nearest(demand, np.vstack([facility, site])).distance_m
    assert (after >= 0).all()
    assert (after <= before).all()


def test_no_facilities_at_all() -> None:
    found = nearest([[0.0, 0.0], [1.0, 1.0]], [], k=2)
    assert np.isinf(found.distance_m).all()
    assert (found.index == -1).all()
    assert found.index.shape == (2, 2)


def test_three_four_five_and_no_second() -> None:
    found = nearest([[3.0, 4.0]], [[0.0, 0.0]])
    assert found.distance_m.tolist() == [[5.0, math.inf]]
    assert found.index.tolist() == [[0, -1]]


def test_mean_distance_from_the_centre_of_a_square() -> None:
    # Uniform points in a square of side L lie on average L (sqrt 2 + ln(1 + sqrt 2)) / 6 from its centre.
    side, n = 40_000.0, 400
    axis = (np.arange(n) + 0.5) * side / n
    x, y = np.meshgrid(axis, axis)
    cells = np.column_stack([x.ravel(), y.ravel()])
    mean = nearest(cells, [[side / 2, side / 2]], k=1).distance_m.mean()
    assert mean == pytest.approx(side * (math.sqrt(2) + math.log(1 + math.sqrt(2))) / 6, rel=1e-5)


@given(st.integers(1, 12))
@settings(max_examples=12)
def test_mean_distance_along_a_road_with_evenly_spaced_sites(n_sites: int) -> None:
    # A road of length L served by n sites in the middle of n equal stretches: mean distance L / (4 n).
    length = 12_000.0
    demand = np.column_stack([(np.arange(120_120) + 0.5) * length / 120_120, np.zeros(120_120)])
    sites = np.column_stack([(np.arange(n_sites) + 0.5) * length / n_sites, np.zeros(n_sites)])
    assert nearest(demand, sites).distance_m[:, 0].mean() == pytest.approx(length / (4 * n_sites), rel=1e-6)


def test_crow_is_the_straight_line_times_circuity() -> None:
    found = crow(np.array([[0.0, 0.0]]), np.array([[300.0, 400.0], [0.0, 2000.0]]))
    assert CIRCUITY == 1.3
    np.testing.assert_allclose(found.distance_m, [[650.0, 2600.0]])
    assert found.index.tolist() == [[0, 1]]


def test_unknown_model_names_the_available_ones() -> None:
    assert list(TRAVEL_MODELS) == ["crow", "raster", "network", "matrix"]
    assert get_model("crow")(np.zeros((1, 2)), np.ones((1, 2)), 1).distance_m[0, 0] == pytest.approx(1.3 * 2**0.5)
    with pytest.raises(InputError, match=r"'broom' is not available; choose one of crow, raster, network, matrix with"):
        get_model("broom")
    with pytest.raises(InputError, match="'raster' needs the land and files it works from"):
        get_model("raster")


@pytest.mark.parametrize(
    ("demand", "facility", "k", "message"),
    [
        ([[0.0, 0.0, 0.0]], [[0.0, 0.0]], 1, r"demand_xy has shape \(1, 3\)"),
        ([[0.0, 0.0]], [1.0, 2.0], 1, r"facility_xy has shape \(2,\)"),
        ([[0.0, 0.0]], [[0.0, 0.0], [math.nan, 0.0]], 1, "facility_xy row 1 is not a finite coordinate"),
        ([[0.0, 0.0]], [[0.0, 0.0]], 0, "k is 0"),
    ],
)
def test_bad_input_is_named(demand: list[list[float]], facility: list[object], k: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        nearest(demand, facility, k)  # type: ignore[arg-type]


def test_by_car_minutes_follow_the_curve_and_the_nearest_stay_the_nearest() -> None:
    """6.63 km of straight line are 15 minutes, 15,000 m at 60 km/h; 1 km is 5.01 minutes."""
    places = np.array([[0.0, 1000.0], [6626.0, 0.0], [0.0, 20_000.0]])
    found = Crow("car")(np.zeros((1, 2)), places, 3)
    assert found.index.tolist() == [[0, 1, 2]]
    np.testing.assert_allclose(found.distance_m, [[5010.0, 15_000.0, 5010.0 * 20**0.58]], rtol=1e-3)
    assert Crow("car").straight(15_000.0) == pytest.approx(6626, abs=2)
    assert float(straight_of(travel_of(np.array(4321.0), "car"), "car")) == pytest.approx(4321.0)
    within = Crow("car").within(np.zeros((1, 2)), places, 15_010.0)
    assert within.start.tolist() == [0, 1, 2, 2]
    everything = Crow("car").within(np.zeros((1, 2)), places, np.inf)
    np.testing.assert_allclose(everything.cost, found.distance_m[0])


def test_by_car_no_way_is_shorter_than_the_least_of_its_straight_line() -> None:
    straight = np.array([1.0, 100.0, 10_000.0, 290_000.0])
    assert (travel_of(straight, "car") >= Crow("car").least * straight).all()
