"""Published borders and rasters: bytes to frames in the projections nabij works in."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from rasterio.transform import Affine

from i18n.errors import DataError
from loaders.catalogue.projection import CELL_M, CRS
from loaders.parsers.settlement import with_settlement
from loaders.protocols.tables import check_unique, read_csv, require_columns, to_integers
from loaders.protocols.vectors import read_vector
from loaders.reading_room import PUBLISHER, read

FLANDERS, BRUSSELS = "02000", "04000"


def parse_zones(
    data: bytes, file: str, *, code: str, name: str | None = None, suffix: str | None = None
) -> gpd.GeoDataFrame:
    """Polygons of one kind of zone: ``code, name, geometry`` in EPSG:31370, ordered by code.

    Parameters
    ----------
    data : zipped shapefile, GeoPackage or GeoJSON
    file : name for error messages
    code, name : attributes to keep; without ``name`` the code stands in
    suffix : text to strip from the end of every name

    Raises
    ------
    DataError
        unreadable bytes, no coordinate system, a null, invalid or overlapping polygon, a repeated code
    MissingColumnError
        an attribute is absent
    """
    frame = read_vector(data, file)
    require_columns(frame, [code, *([name] if name else [])], file)
    zones = gpd.GeoDataFrame(
        {
            "code": frame[code].astype(str),
            "name": frame[name or code].astype(str),
            "geometry": frame.geometry,
        },
        crs=frame.crs,
    )
    if suffix:
        zones["name"] = zones["name"].str.removesuffix(suffix)
    check_unique(zones, ["code"], file)
    return _clean(zones, file)


def parse_sectors(data: bytes, file: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Statistical sectors of Flanders and Brussels and their population.

    Returns
    -------
    zones : ``code, name, nis2019, geometry`` in EPSG:31370
    population : ``sector_id, year, population``; a year without a figure is absent
    """
    frame = read_vector(data, file)
    columns = ["CD_SECTOR_REFNIS", "TX_SECTOR_DESCR_NL", "CD_MUNTY_REFNIS", "CD_RGN_REFNIS"]
    require_columns(frame, columns, file)
    frame = frame[frame["CD_RGN_REFNIS"].isin([FLANDERS, BRUSSELS])].reset_index(drop=True)
    check_unique(frame, ["CD_SECTOR_REFNIS"], file)
    code = frame["CD_SECTOR_REFNIS"].astype(str)
    zones = gpd.GeoDataFrame(
        {
            "code": code,
            "name": frame["TX_SECTOR_DESCR_NL"].fillna(code).astype(str).str.title(),
            "nis2019": frame["CD_MUNTY_REFNIS"].astype(str),
            "geometry": frame.geometry,
        },
        crs=frame.crs,
    )
    years = [c for c in frame.columns if c.startswith("pop")]
    wide = pd.DataFrame(frame[years]).assign(sector_id=code.str.lower())
    population = wide.melt("sector_id", var_name="year", value_name="population").dropna()
    population["year"] = population["year"].str.removeprefix("pop").astype("int64")
    population["population"] = population["population"].round().astype("int64")
    population = population.sort_values(["sector_id", "year"], ignore_index=True)
    return _clean(zones, file), population


def _clean(zones: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    """Check polygons and bring them to EPSG:31370, ordered by code."""
    shapes = zones.geometry.to_numpy()
    for bad, what in (
        (shapely.is_missing(shapes) | shapely.is_empty(shapes), "has no geometry"),
        (~shapely.is_valid(shapes), "crosses itself"),
    ):
        if bad.any():
            raise DataError(
                f"{file}: zone {zones['code'].iloc[int(bad.argmax())]!r} {what}; repair it or fetch the file again."
            )
    if not shapely.coverage_is_valid(shapes):
        raise DataError(f"{file}: zones overlap or do not meet at their borders; fetch the file again.")
    if zones.crs.to_epsg() != 31370:
        zones = zones.to_crs(CRS)
    return zones.sort_values("code", ignore_index=True)


@dataclass(frozen=True)
class LandCover:
    """Corine classes on the hectare grid: class index 1–44, 0 where there is none (EPSG:3035)."""

    classes: npt.NDArray[np.uint8]
    transform: Affine


def parse_land_cover(data: bytes, file: str) -> LandCover:
    """Corine raster on the INSPIRE hectare grid; `DataError` when it is not 100 m in EPSG:3035."""
    found = read("raster", data, file=file, limits=PUBLISHER)
    described = found.values
    values = found.tables["values"]["value"].to_numpy().reshape(described["shape"])
    transform, nodata = Affine(*described["transform"]), described["nodata"]
    aligned = transform.a == CELL_M and transform.e == -CELL_M and transform.c % CELL_M == transform.f % CELL_M == 0
    if "ETRS89" not in described["crs"] or not aligned:
        raise DataError(f"{file}: not on the 100 m INSPIRE grid of EPSG:3035; fetch the original raster.")
    classes = np.where((values == nodata) | (values < 0), 0, values).astype(np.uint8)
    return LandCover(classes, transform)


def parse_census_grid(data: bytes, file: str) -> pd.DataFrame:
    """Census 1 km cells: ``x, y`` (lower left, EPSG:3035 metres), ``population, under15, domestic, settlement``.

    ``domestic`` tells whether all residents are counted in Belgium: border cells include foreign residents.
    ``settlement`` is the kind of settlement (`loaders.parsers.settlement`).
    """
    frame = read_csv(data, file, ["x", "y", "T", "Y_LT15", "CNTR_ID"])
    frame = to_integers(frame, ["x", "y", "T", "Y_LT15"], file)
    check_unique(frame, ["x", "y"], file)
    table = frame.rename(columns={"T": "population", "Y_LT15": "under15"})
    table["domestic"] = table["CNTR_ID"] == "BE"
    table = with_settlement(table[["x", "y", "population", "under15", "domestic"]])
    return table.sort_values(["x", "y"], ignore_index=True)
