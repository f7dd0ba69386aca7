"""People on hectare cells: sectors add up exactly, empty land stays empty, densities are recovered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import STREET_CLASSES
from loaders.catalogue.regions.projection import grid_crs, storage_crs, transformer
from loaders.pipeline.derived.dasymetric import DENSEST_HECTARE, LAND_COVER_GROUPS, group_of_class, spread
from loaders.pipeline.derived.street_length import street_metres
from loaders.snapshot.hectares import census_position

TRANSFORM = Affine(100, 0, 3_900_000, 0, -100, 3_104_000)
SHAPE = (40, 40)
URBAN, FIELDS, WATER = 2, 12, 41


def world(land_cover: np.ndarray, urban: float = 20.0, fields: float = 0.2) -> pd.DataFrame:
    """Census that follows land cover exactly; 20 % are under 15."""
    density = np.select([land_cover == URBAN, land_cover == FIELDS], [urban, fields], 0.0)
    position, size = census_position(SHAPE, TRANSFORM)
    people = np.bincount(position.ravel(), weights=density.ravel(), minlength=size[0] * size[1]).round()
    y, x = np.divmod(np.arange(len(people)), size[1])
    frame = pd.DataFrame({"x": 3_900_000 + 1000 * x, "y": 3_100_000 + 1000 * y, "population": people})
    return frame.assign(under15=frame["population"] * 0.2, domestic=True)


def halves() -> tuple[np.ndarray, np.ndarray]:
    sector = np.zeros(SHAPE, dtype=np.int32)
    sector[:, 20:] = 1
    return sector, np.zeros(SHAPE, dtype=np.int32)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 50_000), min_size=2, max_size=2), st.integers(0, 2**31))
def test_cells_of_a_sector_add_up_to_its_people(population: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    land_cover = rng.choice([URBAN, FIELDS, WATER], SHAPE, p=[0.2, 0.7, 0.1]).astype(np.uint8)
    sector, municipality = halves()
    people = spread(land_cover, sector, municipality, np.array(population, float), world(land_cover), TRANSFORM)
    found = np.bincount(sector.ravel(), weights=people.population.ravel().astype(float))
    assert found == pytest.approx(population, rel=1e-6)
    assert (people.children <= people.population).all()


def test_nobody_lives_in_water_and_a_fifth_are_children() -> None:
    land_cover = np.full(SHAPE, FIELDS, dtype=np.uint8)
    land_cover[10:20, 10:20] = URBAN
    land_cover[30:, :] = WATER
    sector, municipality = halves()
    people = spread(land_cover, sector, municipality, np.array([1500.0, 1500.0]), world(land_cover), TRANSFORM)
    assert people.population[land_cover == WATER].sum() == 0
    assert people.children.sum() == pytest.approx(0.2 * 3000, rel=1e-5)


def test_the_density_of_each_land_cover_is_recovered() -> None:
    rng = np.random.default_rng(1)
    land_cover = rng.choice([URBAN, FIELDS], SHAPE, p=[0.3, 0.7]).astype(np.uint8)
    land_cover[:10, :10] = URBAN
    land_cover[10:20, :10] = FIELDS
    sector, municipality = halves()
    found = spread(land_cover, sector, municipality, np.array([1.0, 1.0]), world(land_cover), TRANSFORM).density
    # truth: 20 and 0.2 people per hectare, census counts rounded to whole people
    assert found["discontinuous urban"] == pytest.approx(20, rel=0.01)
    assert found["arable"] == pytest.approx(0.2, rel=0.1)


def test_a_sector_of_water_alone_still_keeps_its_people() -> None:
    land_cover = np.full(SHAPE, WATER, dtype=np.uint8)
    land_cover[:, 20:] = URBAN
    sector, municipality = halves()
    people = spread(land_cover, sector, municipality, np.array([7.0, 100.0]), world(land_cover), TRANSFORM)
    assert people.population[:, :20].sum() == pytest.approx(7, rel=1e-5)


def test_every_corine_class_has_one_group() -> None:
    classes = [c for group in LAND_COVER_GROUPS.values() for c in group]
    assert sorted(classes) == list(range(1, 45))
    assert group_of_class()[0] == list(LAND_COVER_GROUPS).index("wetland, water")


def test_a_kilometre_cell_on_the_border_gives_this_side_its_share() -> None:
    """One hectare of a kilometre cell of 900 people lies on this side, in a sector with ten hectares further on.

    All land is alike and holds 9 people a hectare, so the sector's 99 people live 9 to a hectare. Were the 900 people
    all put on the one hectare on this side, it would get 90 of the 99.
    """
    land_cover = np.full(SHAPE, URBAN, dtype=np.uint8)
    sector = np.full(SHAPE, -1, dtype=np.int32)
    sector[:30] = 0  # whole kilometre cells, to learn the density from
    sector[30, 20] = 1
    sector[20:30, 20] = 1
    census = world(land_cover, urban=9.0)
    census.loc[census["y"] == 3_100_000, "domestic"] = False
    people = spread(land_cover, sector, np.minimum(sector, 0), np.array([9.0 * 1190, 99.0]), census, TRANSFORM)
    assert people.population[sector == 1] == pytest.approx(np.full(11, 9.0), rel=1e-5)


def test_people_live_along_the_streets_of_a_sector() -> None:
    """Fields with one street from west to east: who lives there lives beside it, and nobody 500 m away."""
    land_cover = np.full(SHAPE, FIELDS, dtype=np.uint8)
    sector, municipality = halves()
    street = np.zeros(SHAPE)
    street[15] = 100.0
    people = spread(
        land_cover, sector, municipality, np.array([100.0, 300.0]), world(land_cover), TRANSFORM, street
    ).population
    assert people[15, :20].sum() > 0.5 * 100.0
    assert people[14:17, 20:].sum() > 0.9 * 300.0
    assert people[20:].sum() == 0.0
    assert people[:, :20].sum() == pytest.approx(100.0, rel=1e-5)


def test_no_hectare_takes_a_whole_sector() -> None:
    """One built-up hectare in a wet sector of 2,000 people takes what the densest hectare holds, the rest is spread."""
    land_cover = np.full(SHAPE, WATER, dtype=np.uint8)
    land_cover[:, 20:] = URBAN
    land_cover[5, 5] = URBAN
    sector, municipality = halves()
    people = spread(land_cover, sector, municipality, np.array([2000.0, 8000.0]), world(land_cover), TRANSFORM)
    west = people.population[:, :20]
    assert west.max() == west[5, 5] == pytest.approx(DENSEST_HECTARE)
    assert west.sum() == pytest.approx(2000.0, rel=1e-5)
    assert np.delete(west.ravel(), 5 * 20 + 5) == pytest.approx(np.full(799, 1500 / 799), rel=1e-4)


def test_a_sector_that_is_denser_all_over_is_spread_evenly() -> None:
    land_cover = np.full(SHAPE, URBAN, dtype=np.uint8)
    land_cover[:, :10] = FIELDS
    sector, municipality = halves()
    people = spread(land_cover, sector, municipality, np.array([480_000.0, 1.0]), world(land_cover), TRANSFORM)
    assert people.population[:, :20] == pytest.approx(np.full((40, 20), 600.0), rel=1e-5)


def graph(*lines: tuple[str, list[tuple[float, float]]]) -> StreetGraph:
    """Streets by class, given by points in hectares from the upper left corner of the world (column, row)."""
    xy = [np.array(points) for _, points in lines]
    metres = [np.array([TRANSFORM.c, TRANSFORM.f]) + np.array([100.0, -100.0]) * points for points in xy]
    to_storage = transformer(grid_crs(), storage_crs())
    stored = [np.rint(np.column_stack(to_storage.transform(*points.T))).astype(np.int32) for points in metres]
    bends = [points[1:-1] for points in stored]
    return StreetGraph(
        xy=np.concatenate([points[[0, -1]] for points in stored]),
        tail=np.arange(0, 2 * len(lines), 2, dtype=np.int32),
        head=np.arange(1, 2 * len(lines), 2, dtype=np.int32),
        length_dm=np.ones(len(lines), dtype=np.int32),
        kind=np.array([STREET_CLASSES.index(name) for name, _ in lines], dtype=np.uint8),
        bend=np.append(0, np.cumsum([len(points) for points in bends])),
        bend_xy=np.concatenate(bends).astype(np.int32),
    )


def test_metres_of_street_fall_in_the_hectares_they_pass() -> None:
    """A street with a bend, by hand: 50 m in one hectare, 100 m in the next, 30 m up and 70 m in the row above."""
    streets = graph(
        ("minor", [(3.5, 8.3), (5.9, 8.3), (5.9, 7.3)]),
        ("motorway", [(3.5, 8.3), (9.0, 8.3)]),
        ("primary", [(10.2, 3.2), (10.7, 3.2)]),
        ("minor", [(-5.0, 3.5), (0.5, 3.5)]),
    )
    found = street_metres(streets, SHAPE, TRANSFORM)
    expected = np.zeros(SHAPE)
    expected[8, 3:6] = 50, 100, 90 + 30
    expected[7, 5] = 70
    expected[3, 10] = 50
    expected[3, 0] = 50
    assert found == pytest.approx(expected, abs=1.5)  # ends are stored in whole metres


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(1, 39), st.floats(1, 39)), min_size=2, max_size=6))
def test_no_metre_of_street_is_lost(points: list[tuple[float, float]]) -> None:
    streets = graph(("minor", points))
    stored = np.concatenate([streets.xy[:1], streets.bend_xy, streets.xy[1:]])
    length = np.hypot(*np.diff(stored.astype(float), axis=0).T).sum()
    assert street_metres(streets, SHAPE, TRANSFORM).sum() == pytest.approx(length, rel=1e-9, abs=1e-9)
