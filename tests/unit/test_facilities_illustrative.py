"""The rules behind the illustrative set, on worlds small enough to see what they should do."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from i18n.errors import DataError
from loaders.illustrative.counts import PlannedMunicipalities, divide_brussels, divide_seats, join_small
from loaders.illustrative.facility_set import neighbours
from loaders.illustrative.placing import MIN_APART_M, InhabitedCells, PlacementSpec, place_sites


def region(births: dict[str, float], pairs: list[tuple[str, str]] | None = None) -> PlannedMunicipalities:
    both = frozenset([*(pairs or []), *((b, a) for a, b in pairs or [])])
    return PlannedMunicipalities(births, both, dict.fromkeys(births, "zone"), {})


def two_villages() -> InhabitedCells:
    """A line of 61 by 3 cells: a large village at the left end, a small one at the right end, fields between."""
    x, y = np.meshgrid(np.arange(61) * 100.0, np.arange(3) * 100.0)
    xy = np.column_stack([x.ravel(), y.ravel()])
    weight = np.select([xy[:, 0] < 1000, xy[:, 0] > 5200], [10.0, 6.0], 0.01)
    part = np.where(xy[:, 0] < 3000, "Links", "Rechts").astype(object)
    return InhabitedCells(xy, weight, np.ones(len(xy), dtype=bool), part)


def test_sites_go_to_the_villages_largest_first() -> None:
    ground = two_villages()
    x = ground.xy[place_sites(ground, PlacementSpec(2)), 0]
    assert 0 < x[0] < 1000
    assert 5200 < x[1] < 6000


def test_an_anchor_a_bar_and_an_edge_are_kept_to() -> None:
    ground = two_villages()
    assert ground.xy[place_sites(ground, PlacementSpec(1, ("Rechts",)))[0], 0] > 5000
    assert ground.xy[place_sites(ground, PlacementSpec(1, ("Nergens",)))[0], 0] < 1000
    barred = replace(ground, allowed=ground.xy[:, 0] > 3000)
    assert ground.xy[place_sites(barred, PlacementSpec(1))[0], 0] > 5000
    towards = np.array([6000.0, 100.0])
    assert ground.xy[place_sites(ground, PlacementSpec(1, towards=towards))[0], 0] > 5000
    even = replace(ground, weight=np.ones(len(ground.xy)))
    centre = ground.xy[place_sites(even, PlacementSpec(1))[0]]
    out = ground.xy[place_sites(even, PlacementSpec(1, out_of_centre=True))[0]]
    assert 1500 <= np.hypot(*(out - centre)) <= 3500


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 6))
def test_sites_are_allowed_apart_and_the_same_every_time(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(40) * 100.0, np.arange(40) * 100.0)
    xy = np.column_stack([x.ravel(), y.ravel()])
    ground = InhabitedCells(
        xy, rng.exponential(size=len(xy)), rng.random(len(xy)) < 0.7, np.full(len(xy), "", dtype=object)
    )
    sites = place_sites(ground, PlacementSpec(count))
    assert ground.allowed[sites].all()
    assert (ground.weight[sites] >= ground.weight[ground.allowed].mean()).all()
    gaps = np.hypot(*(xy[sites][:, None] - xy[sites][None]).transpose(2, 0, 1))
    assert (gaps[~np.eye(count, dtype=bool)] >= MIN_APART_M).all()
    assert (place_sites(ground, PlacementSpec(count)) == sites).all()


def test_seats_by_sainte_lague() -> None:
    # textbook division of 7 seats over 53,000, 24,000 and 23,000 votes: 3, 2, 2 (quotients by 1, 3, 5)
    votes = {"a": 53_000.0, "b": 24_000.0, "c": 23_000.0}
    assert divide_seats(dict.fromkeys(votes, 0), region(votes), 7) == {"a": 3, "b": 2, "c": 2}
    assert divide_seats({"a": 0, "b": 4, "c": 0}, region(votes), 7) == {"a": 2, "b": 4, "c": 1}
    with pytest.raises(DataError, match="ask for 1 more bureaus"):
        divide_seats({"a": 0, "b": 4, "c": 4}, region(votes), 7)


def test_the_smallest_like_neighbours_share_a_house() -> None:
    births = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0}
    line = region(births, [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")])
    assert join_small(line, set(births), 2, 4) == [("a", "b"), ("c", "d")]
    assert join_small(line, set(births), 2, 5) == [("a", "b"), ("c", "d", "e")]
    split = replace(line, primary_care_zone={**line.primary_care_zone, "a": "other"})
    assert join_small(split, set(births), 1, 2) == [("b", "c")]
    with pytest.raises(DataError, match="leave 3 groups of 6 municipalities"):
        join_small(line, set(births), 3, 6)


def test_brussels_is_divided_into_connected_groups() -> None:
    births = {f"210{n:02d}": 1.0 for n in range(1, 20)}
    codes = sorted(births)
    groups = divide_brussels(region(births, list(pairwise(codes))))
    assert sorted(map(len, groups)) == [3, 4, 4, 4, 4]
    assert sorted(nis for group in groups for nis in group) == codes
    for group in groups:
        places = [codes.index(nis) for nis in sorted(group)]
        assert places == list(range(places[0], places[0] + len(places)))


def test_neighbours_share_a_border_and_not_a_corner() -> None:
    boxes = [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000), shapely.box(2000, 1000, 3000, 2000)]
    zones = gpd.GeoDataFrame({"zone_id": ["a", "b", "c"]}, geometry=boxes, crs="EPSG:31370")
    assert neighbours(zones) == {("a", "b"), ("b", "a")}
