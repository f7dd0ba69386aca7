"""The rasters of a snapshot: which zone each hectare lies in, and how many people and children live there."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine

from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.regions.levels import GRID_LEVELS
from loaders.parsers.spatial import LandCover
from loaders.pipeline.derived.dasymetric import PeopleByCell, spread
from loaders.pipeline.derived.street_length import street_metres
from loaders.snapshot.hectares import Index, census_position
from loaders.snapshot.upkeep.package import PackageWriter

Zones = dict[tuple[str, int], gpd.GeoDataFrame]
Rasters = dict[tuple[str, int], Index]
_GRID_DTYPE = np.uint16


def write_grid_zones(package: PackageWriter, rasters: Rasters, transform: Affine) -> None:
    """Write the zone of every cell, one band per partition stored on the grid."""
    package.raster(
        "grid_zones",
        {f"{level}_{vintage}": (rasters[level, vintage] + 1).astype(_GRID_DTYPE) for level, vintage in GRID_LEVELS},
        transform,
        sources=("borders_2025", "borders_2019", "borders_2018", "zones", "sectors"),
        vintage="2018–2025",
        units="position in the zones resource of that level, counted from 1; 0 outside",
    )


def write_grid_weight(
    package: PackageWriter, people: PeopleByCell, transform: Affine, vintage: str, *, streets: bool = False
) -> None:
    """Write children under 15 and inhabitants of every cell; ``streets`` tells whether these were looked at."""
    package.raster(
        "grid_weight",
        {"children_under_15": people.children, "population": people.population},
        transform,
        sources=("sectors", "census_grid", "land_cover", *(("roads",) if streets else ())),
        vintage=vintage,
        units="people per hectare cell, expected",
        extra={"density_per_hectare": people.density},
    )


def write_land_cover(package: PackageWriter, cover: LandCover, inside: npt.NDArray[np.bool_]) -> None:
    """Write the Corine class of every cell inside the region, and of those that share a kilometre cell with it."""
    km, size = census_position(inside.shape, cover.transform)
    shared = np.bincount(km[inside], minlength=size[0] * size[1]) > 0
    package.raster(
        "grid_land_cover",
        {"corine_class": np.where(shared[km], cover.classes, 0).astype(np.uint8)},
        cover.transform,
        sources=("land_cover",),
        vintage="2018",
        units="Corine class index 1–44; 0 outside and not beside the border",
    )


def weight_vintage(sector_population: pd.DataFrame, streets: str = "") -> str:
    """Years that the weights speak of; ``streets`` is that of the streets, empty where none are held."""
    known = f"{sector_population['year'].max()} (sectors), 2021 (census), 2018 (land cover)"
    return f"{known}, {streets} (streets)" if streets else known


def people_on_grid(
    census: pd.DataFrame,
    cover: LandCover,
    rasters: Rasters,
    sectors: pd.Series,
    sector_population: pd.DataFrame,
    streets: StreetGraph | None,
) -> PeopleByCell:
    """Spread the newest population of the sectors over their cells, see `loaders.pipeline.derived.dasymetric.spread`.

    Parameters
    ----------
    census : table ``census_grid``
    cover : land cover on the grid
    rasters : zone of every cell, by level and vintage
    sectors : (n,) sector ids in the order of the raster
    sector_population : ``sector_id, year, population``
    streets : None where none are held
    """
    newest = sector_population[sector_population["year"] == sector_population["year"].max()]
    people = newest.set_index("sector_id")["population"]
    return spread(
        cover.classes,
        rasters["sector", 2021],
        rasters["municipality", 2025],
        people.reindex(sectors).fillna(0).to_numpy(dtype=np.float64),
        census,
        cover.transform,
        None if streets is None else street_metres(streets, cover.classes.shape, cover.transform),
    )
