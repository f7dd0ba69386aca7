"""Proofs: the people on the grid against what was counted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from affine import Affine

from coverage.validation.checks import ProofContext, ValidationCheck, compare, proves
from loaders.catalogue.regions.levels import get_level
from loaders.catalogue.regions.projection import cell_m, census_m
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools, Floats
from loaders.snapshot.hectares import census_position

CENSUS, SECTORS = "Eurostat, Census 2021", "Statbel"
LIKE_THE_CENSUS = 0.01
"""How far below 1 the rank correlation with the census may be: it is another year, and sectors lead."""
SINGLE = 1e-6
"""Relative difference that follows from storing numbers in 32 bits."""


@proves
def people_by_kilometre(context: ProofContext) -> Iterator[ValidationCheck]:
    """Rank correlation of people by whole kilometre cell with the census, away from the border."""
    snapshot = context.snapshot
    if "census_grid" not in snapshot.resources:
        return
    km, size = census_position(snapshot.grid.shape, snapshot.grid.transform)
    n = size[0] * size[1]
    ours = np.bincount(km.ravel()[snapshot.grid.cell], weights=snapshot.grid.population, minlength=n)
    inside = snapshot.zone_raster(region().base, region().vintage) >= 0
    whole = np.bincount(km[inside], minlength=n) == (census_m() // cell_m()) ** 2
    counted, here = _census(snapshot.table("census_grid"), snapshot.grid.transform, snapshot.grid.shape, size)
    use = whole & here
    correlation = rank_correlation(ours[use], counted[use])
    yield compare("published", "people_by_kilometre", CENSUS, 1.0, correlation, margin=LIKE_THE_CENSUS)


@proves
def people_by_sector(context: ProofContext) -> Iterator[ValidationCheck]:
    """The people of every sector are on its cells."""
    snapshot = context.snapshot
    if "sector_population" not in snapshot.resources:
        return
    table = snapshot.table("sector_population")
    newest = table[table["year"] == table["year"].max()].set_index("sector_id")["population"]
    level, vintage = region().points, get_level(region().points).vintages[-1]
    counted = newest.reindex(snapshot.zones(level, vintage)["zone_id"]).fillna(0).to_numpy(np.float64)
    (people,), _ = snapshot.bands("grid_weight", 2)
    raster = snapshot.zone_raster(level, vintage)
    inside = raster >= 0
    ours = np.bincount(raster[inside], weights=people[inside].astype(np.float64), minlength=len(counted))
    yield compare("published", "people_by_sector", SECTORS, counted, ours, within=SINGLE)


def _census(
    census: pd.DataFrame, transform: Affine, shape: tuple[int, int], size: tuple[int, int]
) -> tuple[Floats, Bools]:
    """(n,) people of every kilometre cell of the grid, 0 where the census lists nobody, and whether all live here."""
    bottom = int(np.floor((transform.f - cell_m() * (shape[0] - 0.5)) / census_m()))
    left = int(np.floor((transform.c + cell_m() * 0.5) / census_m()))
    row, col = census["y"].to_numpy() // census_m() - bottom, census["x"].to_numpy() // census_m() - left
    on = (row >= 0) & (row < size[0]) & (col >= 0) & (col < size[1])
    flat = (row * size[1] + col)[on]
    people, here = np.zeros(size[0] * size[1]), np.ones(size[0] * size[1], dtype=bool)
    people[flat] = census["population"].to_numpy()[on]
    here[flat] = census["domestic"].to_numpy()[on]
    return people, here


def rank_correlation(a: Floats, b: Floats) -> float:
    """Spearman's rank correlation (C. Spearman, 1904), ties sharing their mean rank."""
    return float(np.corrcoef(pd.Series(a).rank(), pd.Series(b).rank())[0, 1])
