"""People on hectare cells: sectors add up exactly, empty land stays empty, densities are recovered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.pipeline.derived.dasymetric import LAND_COVER_GROUPS, group_of_class, spread
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
