"""Spread the people of statistical sectors over hectare cells, and derive where young children live.

Dasymetric mapping (Wright 1936; Mennis 2003): the people of a sector go to its cells in proportion to a prior, and add
up to the sector's figure exactly (pycnophylactic; Tobler 1979). The prior is the census count of the kilometre cell,
shared among its hectares by land cover and by the streets that people live along (Reibel and Bufalino 2005,
"Street-weighted interpolation techniques for demographic count estimation in incompatible zone systems"). People per
100 m of street are estimated for each group of land cover from the census grid itself, as the Poisson maximum
likelihood by expectation-maximisation (Flowerdew and Green 1989, "Statistical methods for inference between
incompatible zonal systems"; the groups follow Gallego 2010, "A population density grid of the European Union").

A kilometre cell on the border shares its people among all its hectares, on both sides. No hectare holds more people
than a hectare of the densest sectors does on average; what is above goes to the others of its sector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine
from scipy import sparse
from scipy.ndimage import gaussian_filter

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
HOUSES_STAND_M = 75.0
"""Houses stand beside a street: its metres count for the cells around it, with this standard deviation (normal)."""
_STREET_M = 100.0
_ROUNDING = 1e-9
DENSEST_HECTARE = 500.0
"""Most people on a hectare: of the sectors of at least five hectares, the densest has 496 a hectare (2022)."""


@dataclass(frozen=True)
class PeopleByCell:
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


@dataclass(frozen=True, eq=False)
class _PriorGround:
    """What a prior rests on.

    Attributes
    ----------
    group : (rows, cols) group of land cover
    amount : (rows, cols) hundreds of metres of street by which people live, or hectares where no streets are held
    km : (rows, cols) kilometre cell
    figures : census figures of the kilometre cells
    inside : (rows, cols) whether a cell lies in the region
    """

    group: npt.NDArray[np.int64]
    amount: Floats
    km: npt.NDArray[np.int64]
    figures: dict[str, Floats]
    inside: npt.NDArray[np.bool_]

    def amounts(self, cells: npt.NDArray[np.bool_]) -> sparse.csr_array:
        """(kilometre cells, groups) sum of the amounts of some of the hectares."""
        shape = (len(self.figures["population"]), len(LAND_COVER_GROUPS))
        return sparse.csr_array((self.amount[cells], (self.km[cells], self.group[cells])), shape=shape)


def street_amount(street_m: Floats | None, shape: tuple[int, int]) -> Floats:
    """(rows, cols) hundreds of metres of street by which people live; ones (hectares) where no streets are held."""
    if street_m is None:
        return np.ones(shape)
    sigma = HOUSES_STAND_M / cell_m()
    return np.asarray(gaussian_filter(street_m / _STREET_M, sigma, mode="constant"), dtype=np.float64)


def estimate_density(ground: _PriorGround) -> Floats:
    """People per 100 m of street in each land-cover group: Poisson maximum likelihood on kilometre cells.

    With T_k people in kilometre cell k and H_kg hundreds of metres of street in group g in it,
    T_k ~ Poisson(sum_g H_kg d_g). The step is d_g <- d_g * sum_k H_kg T_k / (H d)_k / sum_k H_kg. Only whole kilometre
    cells inside the region whose residents are all counted in Belgium take part; a cell that the census does not list
    has nobody. Where no streets are held, H_kg are hectares.
    """
    people = ground.figures["population"]
    hectares = np.bincount(ground.km[ground.inside], minlength=len(people))
    use = (hectares == (census_m() // cell_m()) ** 2) & ~(ground.figures["domestic"] == 0)
    lived_in = ground.group != list(LAND_COVER_GROUPS).index(_UNINHABITED)
    amounts = ground.amounts(ground.inside & lived_in)[use]
    by_group = sparse.csr_array(amounts.T)
    people = np.nan_to_num(people[use])
    total = np.asarray(amounts.sum(axis=0), dtype=np.float64).ravel()
    density = np.where(total > 0, 1.0, 0.0)
    for _ in range(_EM_STEPS):
        expected = amounts @ density
        ratio = np.divide(people, expected, out=np.zeros_like(people), where=expected > 0)
        density = np.divide(density * (by_group @ ratio), total, out=density, where=total > 0)
    return density


def _with_streets_abroad(ground: _PriorGround) -> Floats:
    """(rows, cols) amounts, across the border those that are usual for the land cover: few streets are held there."""
    n = len(LAND_COVER_GROUPS)
    total = np.bincount(ground.group[ground.inside], weights=ground.amount[ground.inside], minlength=n)
    cells = np.bincount(ground.group[ground.inside], minlength=n)
    usual = np.divide(total, cells, out=np.zeros(n), where=cells > 0)
    abroad = ~ground.inside & (ground.figures["domestic"] == 0)[ground.km]
    return np.where(abroad, usual[ground.group], ground.amount)


def spread(
    land_cover: npt.NDArray[np.uint8],
    sector: npt.NDArray[np.int32],
    municipality: npt.NDArray[np.int32],
    sector_population: Floats,
    census: pd.DataFrame,
    transform: Affine,
    street_m: Floats | None = None,
) -> PeopleByCell:
    """Inhabitants and children under 15 per hectare cell.

    Parameters
    ----------
    land_cover : (rows, cols) Corine class index, also of the cells across the border that share a kilometre cell
    sector, municipality : (rows, cols) position of the zone of each cell, -1 outside
    sector_population : (n_sectors,) inhabitants; each sector's cells add up to it
    census : kilometre cells as `loaders.parsers.spatial.parse_census_grid` gives them
    transform : pixel to EPSG:3035 metres
    street_m : (rows, cols) metres of the streets that people live along; None where no streets are held
    """
    inside = sector >= 0
    position, figures = _census_rasters(census, land_cover.shape, transform)
    amount = street_amount(street_m, land_cover.shape)
    ground = _PriorGround(group_of_class()[land_cover], amount, position, figures, inside)
    per_amount = estimate_density(ground)
    expected = per_amount[ground.group] * _with_streets_abroad(ground)
    km, owner = position[inside], sector[inside]
    share = _share_census(expected, position, figures["population"])
    people = _scale_to_sectors(share[inside], expected[inside], owner, sector_population)
    children = people * _young_share(people, km, municipality[inside], figures)
    out = []
    for values in (people, children):
        raster = np.zeros(land_cover.shape, dtype=np.float32)
        raster[inside] = values
        out.append(raster)
    return PeopleByCell(out[0], out[1], _per_hectare(expected, ground))


def _per_hectare(expected: Floats, ground: _PriorGround) -> dict[str, float]:
    """Expected people per hectare of every land-cover group inside the region."""
    n = len(LAND_COVER_GROUPS)
    total = np.bincount(ground.group[ground.inside], weights=expected[ground.inside], minlength=n)
    cells = np.bincount(ground.group[ground.inside], minlength=n)
    mean = np.divide(total, cells, out=np.zeros(n), where=cells > 0)
    return dict(zip(LAND_COVER_GROUPS, mean.round(2).tolist(), strict=True))


def _share_census(expected: Floats, km: npt.NDArray[np.int64], population: Floats) -> Floats:
    """Census count of each kilometre cell, shared among all its hectares by the people expected there."""
    total = np.bincount(km.ravel(), weights=expected.ravel(), minlength=len(population))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.nan_to_num(population / total, nan=0.0, posinf=0.0)
    return np.asarray(expected * factor[km])


def _scale_to_sectors(
    prior: Floats, expected: Floats, owner: npt.NDArray[np.int32], sector_population: Floats
) -> Floats:
    """Make the cells of every sector add up to its population, none above `DENSEST_HECTARE`.

    What is above goes to the other cells of the sector in proportion to the prior, where that has nobody to the people
    expected by land cover and streets, and where that has nobody either evenly. A sector that is denser than the limit
    all over is spread evenly.
    """
    n = len(sector_population)
    limit = np.maximum(DENSEST_HECTARE, sector_population / np.maximum(np.bincount(owner, minlength=n), 1))[owner]
    full = np.zeros(len(prior), dtype=bool)
    while True:
        left = sector_population - np.bincount(owner, weights=np.where(full, limit, 0.0), minlength=n)
        weight = np.where(full, 0.0, prior)
        for fallback in (expected, np.ones_like(expected)):
            empty = np.bincount(owner, weights=weight, minlength=n) <= 0
            weight = np.where(empty[owner] & ~full, fallback, weight)
        total = np.bincount(owner, weights=weight, minlength=n)
        per_weight = np.divide(left, total, out=np.zeros(n), where=total > 0)
        people = np.where(full, limit, weight * per_weight[owner])
        above = people > limit * (1 + _ROUNDING)
        if not above.any():
            return people
        full |= above


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
