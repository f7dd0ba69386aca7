"""Floating catchments: against plain sums, the identities, the order of things, and input that makes no sense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from coverage.access import nearest_facilities
from coverage.access.catchment import METHODS, floating_catchment
from coverage.access.decay import NAMED, exponential, gaussian, get_decay, power, step
from coverage.access.od_pairs import read_pairs, straight_pairs
from i18n.errors import InputError
from loaders.catalogue.types import Floats

World = tuple[Floats, Floats, Floats]
amounts = st.floats(0.1, 1e4, allow_nan=False)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """(n, m) costs with some out of reach, demand with some zeros, and supply."""
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    cost = draw(arrays(np.float64, (n, m), elements=st.one_of(st.integers(0, 20).map(float), st.just(np.inf))))
    demand = draw(arrays(np.float64, n, elements=st.one_of(st.just(0.0), amounts)))
    demand[draw(st.integers(0, n - 1))] = 5.0
    return cost, demand, draw(arrays(np.float64, m, elements=amounts))


def plain(world: World, radius: float, fall: Callable[[float], float], method: str) -> Floats:
    """The definitions, written out as sums over a dense matrix."""
    cost, demand, supply = world
    n, m = cost.shape
    f = np.array([[fall(c) if c <= radius else 0.0 for c in row] for row in cost])
    over = f.sum(axis=1)
    if method == "3sfca":
        f = np.array([[f[i, j] ** 2 / over[i] if over[i] else 0.0 for j in range(m)] for i in range(n)])
    share = np.array([[f[i, j] / over[i] if over[i] else 0.0 for j in range(m)] for i in range(n)])
    scores = np.zeros(n)
    for j in range(m):
        need = sum(demand[i] * (share if method == "bfca" else f)[i, j] for i in range(n))
        if need > 0:
            weights = f[:, j] / f[:, j].sum() if method == "bfca" else f[:, j]
            scores += supply[j] / need * weights
    return scores


@pytest.mark.parametrize("method", METHODS)
@given(world=worlds(), radius=st.integers(0, 20))
def test_agrees_with_the_definition(method: str, world: World, radius: int) -> None:
    found = floating_catchment(*world, radius=radius, decay={10: 1.0, 20: 0.5}, method=method)
    expected = plain(world, radius, lambda c: 1.0 if c <= 10 else 0.5, method)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS[:3])
@pytest.mark.parametrize("decay", [None, *NAMED])
@given(world=worlds())
def test_all_supply_in_reach_is_divided_and_no_more(method: str, decay: str | None, world: World) -> None:
    cost, demand, supply = world
    scores = floating_catchment(cost, demand, supply, radius=15, decay=decay, method=method)
    weights = get_decay(decay, 15)(cost) if decay else np.ones_like(cost)
    reached = ((cost <= 15) & (demand > 0)[:, None] & (np.asarray(weights) > 0)).any(axis=0)
    assert scores @ demand == pytest.approx(supply[reached].sum(), rel=1e-9)


@given(worlds())
def test_bfca_gives_every_level_of_service_once(world: World) -> None:
    cost, demand, supply = world
    near = (cost <= 15).astype(float)
    given_ = np.divide(demand, near.sum(axis=1), out=np.zeros_like(demand), where=near.any(axis=1))
    need = near.T @ given_
    levels = np.divide(supply, need, out=np.zeros_like(supply), where=need > 0)
    assert floating_catchment(*world, radius=15, method="bfca").sum() == pytest.approx(levels.sum(), rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
@given(world=worlds())
def test_dense_and_sparse_costs_are_the_same(method: str, world: World) -> None:
    cost, demand, supply = world
    row, column = np.nonzero(np.isfinite(cost))
    pairs = sparse.coo_array((cost[row, column], (row, column)), shape=cost.shape)
    near = np.nonzero(cost <= 12)
    short = sparse.csr_array(sparse.coo_array((cost[near], near), shape=cost.shape))
    expected = floating_catchment(cost, demand, supply, radius=12, method=method)
    for given_ in (pairs, pairs.tocsr(), pairs.tocsc(), sparse.csr_matrix(pairs), short):
        found = floating_catchment(given_, demand, supply, radius=12, method=method)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@given(world=worlds(), data=st.data())
def test_the_order_of_places_and_children_does_not_matter(method: str, world: World, data: st.DataObject) -> None:
    cost, demand, supply = world
    rows = data.draw(st.permutations(range(len(demand))))
    columns = data.draw(st.permutations(range(len(supply))))
    scores = floating_catchment(cost, demand, supply, radius=15, method=method)
    turned = floating_catchment(cost[rows][:, columns], demand[rows], supply[columns], radius=15, method=method)
    np.testing.assert_allclose(turned, scores[rows], rtol=1e-9)


def test_a_stored_zero_is_a_distance_and_a_radius_includes_its_end() -> None:
    cost = sparse.csr_array(sparse.coo_array(([0.0, 500.0], ([0, 1], [0, 0])), shape=(3, 1)))
    assert cost.nnz == 2
    assert floating_catchment(cost, [1, 1, 1], [6], radius=500).tolist() == [3.0, 3.0, 0.0]
    assert floating_catchment(cost, [1, 1, 1], [6], radius=499.9).tolist() == [6.0, 0.0, 0.0]
    assert floating_catchment(cost, [1, 1, 1], [6], radius=0).tolist() == [6.0, 0.0, 0.0]


def test_a_matrix_given_is_left_as_it_was() -> None:
    cost = sparse.csc_array(sparse.coo_array(([3.0, 1.0], ([1, 0], [0, 0])), shape=(2, 1)))
    cost.indices[:] = cost.indices[::-1].copy()
    before = cost.copy()
    floating_catchment(cost, [1, 1], [1], radius=2)
    assert (cost.indices == before.indices).all()
    assert (cost.data == before.data).all()


def test_3sfca_chooses_within_the_radius_unless_told_otherwise() -> None:
    """One child, places at 1 and 4 minutes, radius 2: the second matters only as a choice."""
    cost, inverse = [[1.0, 4.0]], power(-1)
    within = floating_catchment(cost, [10], [5, 5], radius=2, decay={2: 1.0, 4: 0.25}, method="3sfca", choice_radius=2)
    assert within.tolist() == [0.5]
    two = [[1.0, 4.0], [1.0, np.inf]]
    paper = floating_catchment(two, [10, 10], [6, 5], radius=2, decay=inverse, method="3sfca", choice_radius=2)
    pysal = floating_catchment(two, [10, 10], [6, 5], radius=2, decay=inverse, method="3sfca")
    assert paper.tolist() == [0.3, 0.3]
    # the first chooses place 1 with 1 / 1.25 = 0.8: 6 / (8 + 10) = 1/3, of which it has 0.8
    np.testing.assert_allclose(pysal, [0.8 / 3, 1 / 3], rtol=1e-12)
    with pytest.raises(InputError, match="leave choice_radius out"):
        floating_catchment(cost, [1], [1, 1], radius=2, choice_radius=4)


@given(st.integers(0, 30), st.integers(0, 8), st.floats(0, 500), st.integers(0, 9))
def test_pairs_within_a_distance_agree_with_all_distances(n: int, m: int, radius: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    demand, facility = random.integers(0, 400, (n, 2)).astype(float), random.integers(0, 400, (m, 2)).astype(float)
    pairs = straight_pairs(demand, facility, radius, 1.25)
    every = 1.25 * np.hypot(*(demand[:, None] - facility[None]).reshape(-1, 2).T).reshape(n, m)
    expected = np.zeros((n, m), dtype=bool)
    expected[pairs.demand, pairs.facility] = True
    assert len(pairs) == expected.sum()
    clear = np.abs(every - radius) > 1e-9
    assert (expected == (every <= radius))[clear].all()
    np.testing.assert_allclose(pairs.cost, every[pairs.demand, pairs.facility], rtol=1e-12)


def test_a_place_that_is_exactly_far_enough_counts() -> None:
    assert len(straight_pairs([[0.0, 0.0]], [[300.0, 400.0]], 650, 1.3)) == 1


@given(worlds(), st.integers(0, 9))
def test_rows_in_any_order_are_put_in_order(world: World, seed: int) -> None:
    cost, demand, supply = world
    pairs = read_pairs(cost)
    order = np.random.default_rng(seed).permutation(len(pairs))
    order = order[np.argsort(pairs.facility[order], kind="stable")]
    shuffled = sparse.csc_array((pairs.cost[order], pairs.demand[order], pairs.start), shape=pairs.shape)
    found = read_pairs(shuffled)
    np.testing.assert_array_equal(found.demand, pairs.demand)
    np.testing.assert_array_equal(found.cost, pairs.cost)
    np.testing.assert_array_equal(found.start, pairs.start)
    for method in METHODS:
        score = floating_catchment(shuffled, demand, supply, radius=15, method=method)
        np.testing.assert_array_equal(score, floating_catchment(pairs, demand, supply, radius=15, method=method))


def test_pairs_of_coordinates_are_in_order() -> None:
    random = np.random.default_rng(3)
    pairs = straight_pairs(random.uniform(0, 5000, (4000, 2)), random.uniform(0, 5000, (30, 2)), 900)
    assert len(pairs) > 4000
    assert pairs.matrix().has_canonical_format
    assert (np.diff(pairs.demand.astype(np.int64))[np.diff(pairs.facility) == 0] > 0).all()


@given(
    st.dictionaries(st.integers(0, 40).map(float), st.floats(0, 1), min_size=1, max_size=12),
    arrays(np.float64, st.integers(0, 20), elements=st.one_of(st.integers(0, 45).map(float), st.just(np.inf))),
)
def test_few_zones_and_many_are_found_alike(bounds: dict[float, float], given_: Floats) -> None:
    limits = sorted(bounds)
    weights = np.array([*(bounds[limit] for limit in limits), 0.0])
    expected = weights[np.searchsorted(limits, given_, side="left")]
    assert step(bounds)(given_).tolist() == expected.tolist()


def test_decays_at_their_limits() -> None:
    costs = np.array([0.0, 400.0, 400.1, 800.0, 1200.0, 1200.1])
    assert get_decay("step", 1200)(costs).tolist() == [1.0, 1.0, 0.68, 0.68, 0.22, 0.0]
    assert get_decay("wan", 1200)(costs).tolist() == [0.962, 0.704, 0.377, 0.042, 0.042, 0.0]
    assert get_decay("binary", 1200)(costs).tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    bell = gaussian(1200)(costs)
    assert bell[[0, 4, 5]].tolist() == [1.0, 0.0, 0.0]
    assert (np.diff(bell) <= 0).all()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"demand": [-1, 1]}, r"The demand of row 0 is -1; give a finite number of 0 or more"),
    ({"demand": [1, np.nan]}, r"The demand of row 1 is nan"),
    ({"demand": [0, 0]}, r"The demand is 0 everywhere"),
    ({"demand": [1, 1, 1]}, r"asks for 2; give one for each"),
    ({"supply": [0]}, r"The supply is 0 everywhere"),
    ({"supply": [np.inf]}, r"The supply of row 0 is inf"),
    ({"supply": [1, 1]}, r"asks for 1; give one for each"),
    ({"cost": [[1.0], [np.nan]]}, r"The cost of demand row 1 to facility 0 is nan; write inf"),
    ({"cost": [[-2.0], [1.0]]}, r"The cost of demand row 0 to facility 0 is -2; give 0 or more"),
    ({"cost": [1.0, 2.0]}, r"has shape \(2,\); give \(n_demand, n_facility\)"),
    ({"cost": sparse.csr_array([[1.0], [-3.0]])}, r"The cost of demand row 1 to facility 0 is -3"),
    ({"cost": sparse.coo_array(([1.0, 1.0], ([0, 0], [0, 0])), shape=(2, 1))}, r"stands twice"),
    ({"radius": -1}, r"The radius is -1"),
    ({"radius": np.nan}, r"The radius is nan"),
    ({"method": "4sfca"}, r"Unknown method '4sfca'; choose one of 2sfca, e2sfca, 3sfca, bfca"),
    ({"decay": "cubic"}, r"Unknown decay 'cubic'; choose one of binary, step, wan, gaussian"),
    ({"decay": 3}, r"The decay is a int"),
    ({"decay": {}}, r"A step decay has no zones"),
    ({"decay": lambda c: -c}, r"The decay gives -1.0 for a cost of 1"),
    ({"decay": lambda c: c[:1]}, r"give one weight for every cost"),
    ({"method": "e2sfca", "radius": np.inf}, r"The decay 'step' needs a finite radius"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_input_that_makes_no_sense(change: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"cost": [[1.0], [2.0]], "demand": [1, 1], "supply": [1], "radius": 5} | change
    with pytest.raises(InputError, match=message):
        floating_catchment(good.pop("cost"), good.pop("demand"), good.pop("supply"), **good)


@pytest.mark.parametrize("make", [lambda: exponential(0), lambda: power(1), lambda: gaussian(0), lambda: step({})])
def test_decays_that_make_no_sense(make: Callable[[], object]) -> None:
    with pytest.raises(InputError):
        make()


def test_a_power_of_no_distance_is_refused() -> None:
    with pytest.raises(InputError, match="gives inf for a cost of 0"):
        read_pairs([[0.0]]).weigh(power(-1))


def test_found_where_the_design_names_it() -> None:
    assert nearest_facilities.floating_catchment is floating_catchment
