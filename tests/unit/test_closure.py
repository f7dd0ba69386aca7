"""Closing places: against closing them for real, one by one and two by two."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.access.nearest_facilities import nearest
from coverage.access.od_pairs import straight_pairs
from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.closure import _ranked, close_each, closure_test, third_within
from i18n.errors import InputError


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_agrees_with_closing_for_real(seed: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    cells, places = rng.uniform(0, 10, (40, 2)), rng.uniform(0, 10, (m, 2))
    births, within = rng.uniform(0, 2, 40), 3.0
    found = nearest(cells, places, 3)
    burden = close_each(births, found.distance_m, found.index, within, m)
    reached = found.distance_m[:, 0] <= within

    def lost(*closed: int) -> float:
        left = [j for j in range(m) if j not in closed]
        after = nearest(cells, places[left], 1).distance_m[:, 0]
        return float(births[reached & ~(after <= within)].sum())

    np.testing.assert_allclose(burden.lost, [lost(j) for j in range(m)], atol=1e-9)
    apart = {pair: lost(*pair) - lost(pair[0]) - lost(pair[1]) for pair in combinations(range(m), 2)}
    listed = {tuple(pair): total for pair, total in zip(burden.pair.tolist(), burden.pair_lost, strict=True)}
    for pair, extra in apart.items():
        assert listed.get(pair, lost(pair[0]) + lost(pair[1])) == pytest.approx(lost(pair[0], pair[1]), abs=1e-9)
        assert (pair in listed) == (extra > 1e-12)
    for j in range(m):
        mine = found.index[:, 0] == j
        heirs = np.bincount(found.index[mine, 1][found.index[mine, 1] >= 0], minlength=m)
        assert (burden.receiver[j] >= 0) == bool(heirs.any())
    np.testing.assert_allclose(burden.served.sum(), births.sum())


def test_two_at_one_address_only_hurt_together(tiny: Any) -> None:
    """Both bureaus in the middle of Aaken: neither is missed alone, together all births within 300 m are."""
    facilities = tiny.facilities(tiny.place(10, 5), tiny.place(10, 5), tiny.place(30, 25))
    found = closure_test(Engine(tiny.snapshot()), Query(within_m=390), facilities)
    assert found.single[found.single["id"] != "f002"]["births_lost"].tolist() == [0, 0]
    assert found.pairs[["id_a", "id_b"]].values.tolist()[0] == ["f000", "f001"]
    # 390 m of travel are 300 m as the crow flies: 29 hectares, each with 90 / 400 births
    assert found.pairs.loc[0, "births_lost"] == pytest.approx(29 * 90 / 400)
    assert found.pairs.loc[0, "births_lost_apart"] == 0
    assert found.single["births_moved"].sum() == pytest.approx(180)
    assert found.single["rank"].tolist() == [1, 2, 2]  # the two at one address cost the same


def test_only_places_in_the_area_close(tiny: Any) -> None:
    facilities = tiny.facilities(tiny.place(10, 5), tiny.place(30, 25))
    query = Query(areas=(("municipality", "10006"),))
    found = closure_test(Engine(tiny.snapshot()), query, facilities)
    assert found.single["id"].tolist() == ["f001"]
    assert found.single.loc[0, "neighbour_id"] == "f000"


def test_nothing_to_close_is_told(tiny: Any) -> None:
    engine = Engine(tiny.snapshot())
    with pytest.raises(InputError, match="no place of this service to close"):
        closure_test(engine, Query(), tiny.facilities())
    with pytest.raises(InputError, match="no place of this service in the area"):
        closure_test(engine, Query(areas=(("municipality", "10005"),)), tiny.facilities(tiny.place(10, 5)))
    with pytest.raises(InputError, match="Distances are not known"):
        closure_test(engine, Query(), tiny.facilities(tiny.at("10001"), scope={"bureau": ["10001"]}))


@given(st.integers(0, 1000), st.integers(1, 6))
def test_whether_a_third_is_within_reach_is_enough(seed: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    homes, places = rng.uniform(0, 3000, (50, 2)), rng.uniform(0, 3000, (m, 2))
    births, within = rng.uniform(0, 3, 50), 1200.0
    found = nearest(homes, places, 3)
    third = third_within(straight_pairs(homes, places, within))
    np.testing.assert_allclose(third, np.where(found.distance_m[:, 2] <= within, found.distance_m[:, 2], np.inf))
    whole = close_each(births, found.distance_m, found.index, within, m)
    quick = np.column_stack([found.distance_m[:, :2], third])
    part = close_each(births, quick, found.index, within, m)
    for name in vars(whole):
        np.testing.assert_allclose(getattr(part, name), getattr(whole, name), err_msg=name)


def test_places_that_cost_the_same_share_a_rank() -> None:
    frame = pd.DataFrame({"id": [*"dcba"], "births_lost": [0.0, 7.0, 0.0, 7.0 + 1e-9]})
    ranks = _ranked(frame, ["births_lost"])
    assert dict(zip(ranks["id"], ranks["rank"], strict=True)) == {"a": 1, "c": 1, "b": 3, "d": 3}
    assert _ranked(frame.iloc[:0], ["births_lost"]).empty
