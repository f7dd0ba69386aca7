"""Published borders and rasters: bytes to frames in the projections nabij works in."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
import shapely
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from shapely.errors import ShapelyError

from loaders.errors import DataError
from loaders.tables import check_unique, one_line, read_csv, require_columns, to_integers

CELL_M = 100
CENSUS_M = 1000
CENSUS_PER_CELL = CENSUS_M // CELL_M
FLANDERS, BRUSSELS = "02000", "04000"
CRS = "EPSG:31370"
_MAGIC = {b"PK": ".zip", b"SQLite format 3": ".gpkg", b"fgb": ".fgb"}


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


def read_vector(data: bytes, file: str) -> gpd.GeoDataFrame:
    """Features of a zipped shapefile, GeoPackage, FlatGeobuf or GeoJSON; `DataError` without coordinate system."""
    try:
        with tempfile.NamedTemporaryFile(suffix=_suffix(data)) as copy, warnings.catch_warnings():  # driver by suffix
            copy.write(data)
            copy.flush()
            warnings.simplefilter("ignore")  # GDAL tells of shapes it cannot read, which come out empty and are found
            frame = gpd.read_file(copy.name)
    except (RuntimeError, ValueError, ShapelyError) as error:  # what GDAL, its text and PROJ may raise
        raise DataError(
            f"{file}: not a readable shapefile or GeoPackage ({one_line(error)}); fetch it again."
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise DataError(f"{file}: there are no geometries in it; fetch the layer with borders or points.")
    if frame.crs is None:
        raise DataError(f"{file}: the coordinate system is missing; add the .prj file or fetch it again.")
    return frame


def _suffix(data: bytes) -> str:
    """File name suffix that fits the first bytes."""
    return next((suffix for magic, suffix in _MAGIC.items() if data.startswith(magic)), ".geojson")


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
    try:
        with MemoryFile(data) as memory, memory.open() as raster:
            values, transform, crs, nodata = raster.read(1), raster.transform, raster.crs, raster.nodata
    except rasterio.errors.RasterioError as error:
        raise DataError(f"{file}: not a readable GeoTIFF ({error}); fetch it again.") from error
    aligned = transform.a == CELL_M and transform.e == -CELL_M and transform.c % CELL_M == transform.f % CELL_M == 0
    if "ETRS89" not in crs.to_wkt() or not aligned:
        raise DataError(f"{file}: not on the 100 m INSPIRE grid of EPSG:3035; fetch the original raster.")
    classes = np.where((values == nodata) | (values < 0), 0, values).astype(np.uint8)
    return LandCover(classes, transform)


def parse_census_grid(data: bytes, file: str) -> pd.DataFrame:
    """Census 1 km cells: ``x, y`` (lower left, EPSG:3035 metres), ``population, under15, domestic``.

    ``domestic`` tells whether all residents are counted in Belgium: border cells include foreign residents.
    """
    frame = read_csv(data, file, ["x", "y", "T", "Y_LT15", "CNTR_ID"])
    frame = to_integers(frame, ["x", "y", "T", "Y_LT15"], file)
    check_unique(frame, ["x", "y"], file)
    table = frame.rename(columns={"T": "population", "Y_LT15": "under15"})
    table["domestic"] = table["CNTR_ID"] == "BE"
    return table[["x", "y", "population", "under15", "domestic"]].sort_values(["x", "y"], ignore_index=True)
