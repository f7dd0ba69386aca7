"""Spread the people of statistical sectors over hectare cells, and derive where young children live.

Dasymetric mapping (Wright 1936; Mennis 2003): the people of a sector go to its cells in proportion to a prior, and add
up to the sector's figure exactly (pycnophylactic; Tobler 1979). The prior is the census count of the kilometre cell,
shared among its hectares by land cover. Densities per land-cover group are estimated from the census grid itself,
as the Poisson maximum likelihood by expectation-maximisation (Flowerdew and Green 1989, "Statistical methods for
inference between incompatible zonal systems"; the groups follow Gallego 2010, "A population density grid of the
European Union").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine

from loaders.catalogue.regions.projection import cell_m, census_m
from loaders.catalogue.types import Floats
from loaders.snapshot.hectares import census_position

LAND_COVER_GROUPS: dict[str, tuple[int, ...]] = {
    "continuous urban": (1,),
    "discontinuous urban": (2,),
    "industrial": (3,),
    "transport": (4, 5, 6),
    "mines, dumps, building sites": (7, 8, 9),
    "urban green, sport": (10, 11),
    "arable": (12, 13, 14, 15, 19),
    "orchards, pastures": (16, 17, 18),
    "complex cultivation": (20,),
    "agriculture with nature": (21, 22),
    "woods, heath, dunes": (23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34),
    "wetland, water": (35, 36, 37, 38, 39, 40, 41, 42, 43, 44),
}
"""Corine class indexes by group; nobody lives in the last one."""

_UNINHABITED = "wetland, water"
_EM_STEPS = 500
"""Steps of the estimate; by then the densities move by less than 0.1 % a step."""


@dataclass(frozen=True)
class Spread:
    """Where people live, per hectare cell.

    Attributes
    ----------
    population : (rows, cols) expected inhabitants
    children : (rows, cols) expected inhabitants under 15, the weight for births
    density : people per hectare by land-cover group, as estimated
    """

    population: npt.NDArray[np.float32]
    children: npt.NDArray[np.float32]
    density: dict[str, float]


def group_of_class() -> npt.NDArray[np.int64]:
    """(45,) position in `LAND_COVER_GROUPS` of every Corine class index; class 0 counts as uninhabited."""
    names = list(LAND_COVER_GROUPS)
    table = np.full(45, names.index(_UNINHABITED))
    for position, classes in enumerate(LAND_COVER_GROUPS.values()):
        table[list(classes)] = position
    return table


def _census_rasters(
    census: pd.DataFrame, shape: tuple[int, int], transform: Affine
) -> tuple[npt.NDArray[np.int64], dict[str, Floats]]:
    """Kilometre index per hectare, and census figures per kilometre cell (NaN where the census has none)."""
    position, size = census_position(shape, transform)
    bottom = int(np.floor((transform.f - cell_m() * (shape[0] - 0.5)) / census_m()))
    left = int(np.floor((transform.c + cell_m() * 0.5) / census_m()))
    row, col = census["y"].to_numpy() // census_m() - bottom, census["x"].to_numpy() // census_m() - left
    inside = (row >= 0) & (row < size[0]) & (col >= 0) & (col < size[1])
    flat = row[inside] * size[1] + col[inside]
    figures = {}
    for name in ("population", "under15", "domestic"):
        values = np.full(size[0] * size[1], np.nan)
        values[flat] = census[name].to_numpy()[inside]
        figures[name] = values
    return position, figures


def land_cover_density(
    groups: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
    figures: dict[str, Floats],
    inside: npt.NDArray[np.bool_],
) -> Floats:
    """People per hectare of each land-cover group: Poisson maximum likelihood on kilometre cells.

    With T_k people in kilometre cell k and H_kg hectares of group g in it, T_k ~ Poisson(sum_g H_kg d_g). The step is
    d_g <- d_g * sum_k H_kg T_k / (H d)_k / sum_k H_kg. Only whole kilometre cells inside the region whose residents
    are all counted in Belgium take part; a cell that the census does not list has nobody.
    """
    n_groups, n_km = len(LAND_COVER_GROUPS), len(figures["population"])
    counts = np.bincount((position * n_groups + groups)[inside], minlength=n_km * n_groups)
    hectares = counts.reshape(n_km, n_groups).astype(np.float64)
    foreign = figures["domestic"] == 0
    use = (hectares.sum(axis=1) == (census_m() // cell_m()) ** 2) & ~foreign
    hectares, people = hectares[use], np.nan_to_num(figures["population"][use])
    hectares[:, list(LAND_COVER_GROUPS).index(_UNINHABITED)] = 0
    total = hectares.sum(axis=0)
    density = np.where(total > 0, 1.0, 0.0)
    for _ in range(_EM_STEPS):
        expected = hectares @ density
        ratio = np.divide(people, expected, out=np.zeros_like(people), where=expected > 0)
        density = np.divide(density * (ratio @ hectares), total, out=density, where=total > 0)
    return density


def spread(
    land_cover: npt.NDArray[np.uint8],
    sector: npt.NDArray[np.int32],
    municipality: npt.NDArray[np.int32],
    sector_population: Floats,
    census: pd.DataFrame,
    transform: Affine,
) -> Spread:
    """Inhabitants and children under 15 per hectare cell.

    Parameters
    ----------
    land_cover : (rows, cols) Corine class index
    sector, municipality : (rows, cols) position of the zone of each cell, -1 outside
    sector_population : (n_sectors,) inhabitants; each sector's cells add up to it
    census : kilometre cells as `loaders.parsers.spatial.parse_census_grid` gives them
    transform : pixel to EPSG:3035 metres
    """
    inside = sector >= 0
    position, figures = _census_rasters(census, land_cover.shape, transform)
    groups = group_of_class()[land_cover]
    density = land_cover_density(groups, position, figures, inside)
    cells, km, owner = density[groups[inside]], position[inside], sector[inside]
    prior = _share_census(cells, km, figures["population"])
    people = _scale_to_sectors(prior, cells, owner, sector_population)
    children = people * _young_share(people, km, municipality[inside], figures)
    out = []
    for values in (people, children):
        raster = np.zeros(land_cover.shape, dtype=np.float32)
        raster[inside] = values
        out.append(raster)
    return Spread(out[0], out[1], dict(zip(LAND_COVER_GROUPS, density.round(2).tolist(), strict=True)))


def _share_census(cells: Floats, km: npt.NDArray[np.int64], population: Floats) -> Floats:
    """Census count of each kilometre cell, shared among its hectares by land-cover density."""
    total = np.bincount(km, weights=cells, minlength=len(population))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.nan_to_num(population / total, nan=0.0, posinf=0.0)
    return np.asarray(cells * factor[km])


def _scale_to_sectors(prior: Floats, cells: Floats, owner: npt.NDArray[np.int32], sector_population: Floats) -> Floats:
    """Make the cells of every sector add up to its population; fall back to land cover, then to an even spread."""
    n = len(sector_population)
    weight = prior
    for fallback in (cells, np.ones_like(cells)):
        empty = np.bincount(owner, weights=weight, minlength=n) <= 0
        weight = np.where(empty[owner], fallback, weight)
    total = np.bincount(owner, weights=weight, minlength=n)
    return np.asarray(weight * (sector_population / total)[owner])


def _young_share(
    people: Floats, km: npt.NDArray[np.int64], municipality: npt.NDArray[np.int32], figures: dict[str, Floats]
) -> Floats:
    """Share of under-15s of the kilometre cell; of the municipality where the census has nobody there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = figures["under15"] / figures["population"]
    local = share[km]
    known = np.isfinite(local)
    young = np.bincount(
        municipality[known], weights=(people * np.nan_to_num(local))[known], minlength=municipality.max() + 1
    )
    total = np.bincount(municipality[known], weights=people[known], minlength=municipality.max() + 1)
    overall = young.sum() / total.sum() if total.any() else 0.0
    mean = np.divide(young, total, out=np.full(len(total), overall), where=total > 0)
    return np.where(known, local, mean[municipality])
