"""A snapshot of a few municipalities, cut from the embedded one: complete and sound, but quick to check."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine

from loaders.catalogue.regions.levels import GRID_LEVELS
from loaders.catalogue.schemas import TABLES
from loaders.parsers.spatial import LandCover
from loaders.pipeline.derived.dasymetric import PeopleByCell
from loaders.pipeline.derived.grid_resources import write_grid_weight, write_grid_zones, write_land_cover
from loaders.snapshot.reader import EMBEDDED, Snapshot
from loaders.snapshot.regions import union_zones
from loaders.snapshot.upkeep.package import PackageWriter
from loaders.snapshot.upkeep.totals import totals

CARE_REGION_BOOM = ("11001", "11005", "11018", "11030", "11037", "11038", "12007", "12040", "12041")
"""Municipalities of 2025 of the care region of Boom; Puurs and Sint-Amands merged into the last one."""


def small_snapshot(folder: Path, municipalities: tuple[str, ...] = CARE_REGION_BOOM) -> Path:
    """Write the part of the embedded snapshot inside some municipalities of 2025 to ``folder``."""
    whole, package = Snapshot(EMBEDDED), PackageWriter(folder)
    zones = {key: _inside(whole.zones(*key), municipalities) for key in GRID_LEVELS}
    known = {f"{level}_{vintage}": set(frame["zone_id"]) for (level, vintage), frame in zones.items()}
    tables = {name: _part(whole.table(name), known) for name in TABLES if name in whole.resources}
    for name, frame in tables.items():
        package.table(name, frame)
    for (level, vintage), frame in zones.items():
        package.zones(level, vintage, frame, ("zones",))
    members = tables["membership"]
    for level in members["level"].unique():
        names = pd.DataFrame(whole.zones(level).drop(columns="geometry")).assign(level=level)
        names = names[names["zone_id"].isin(members.loc[members["level"] == level, "zone_id"])]
        package.zones(level, 2025, union_zones(level, names, members, zones), ("zones",))
    _write_grid(whole, package, zones)
    package.close(totals(tables["births"], tables["ages"], tables["municipality_codes"]))
    return folder


def _inside(zones: gpd.GeoDataFrame, municipalities: tuple[str, ...]) -> gpd.GeoDataFrame:
    return zones[zones["parent_nis"].isin(municipalities)].reset_index(drop=True)


def _part(table: pd.DataFrame, known: dict[str, set[str]]) -> pd.DataFrame:
    """Rows of a table that speak of zones inside."""
    keep = pd.Series(data=True, index=table.index)
    for vintage in (2018, 2019, 2025):
        if f"nis{vintage}" in table:
            keep &= table[f"nis{vintage}"].isin(known[f"municipality_{vintage}"])
    if "nis" in table:
        keep &= table["nis"].isin(known["municipality_2019"]) | (table["vintage"] != 2019)
        keep &= table["nis"].isin(known["municipality_2025"]) | (table["vintage"] != 2025)
    if "sector_id" in table:
        keep &= table["sector_id"].isin(known["sector_2021"])
    if "member_id" in table:
        names = table["member_level"] + "_" + table["member_vintage"].astype(str)
        keep &= np.array([member in known[name] for member, name in zip(table["member_id"], names, strict=True)])
    return table[keep].reset_index(drop=True)


def _write_grid(whole: Snapshot, package: PackageWriter, zones: dict[tuple[str, int], gpd.GeoDataFrame]) -> None:
    rasters = {}
    for key, frame in zones.items():
        position = pd.Series(np.arange(len(frame)), index=frame["zone_id"])
        now = np.append(position.reindex(whole.zones(*key)["zone_id"]).fillna(-1).to_numpy(dtype=np.int32), -1)
        rasters[key] = now[whole.zone_raster(*key)]
    inside = rasters["municipality", 2025] >= 0
    rows, cols = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    window = slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
    weights, transform = whole.bands("grid_weight", 1, 2)
    (classes,), _ = whole.bands("grid_land_cover", 1)
    cut = Affine(
        transform.a, 0, transform.c + transform.a * cols[0], 0, transform.e, transform.f + transform.e * rows[0]
    )
    children, population = (np.where(inside, band, 0)[window] for band in weights)
    write_grid_zones(package, {key: raster[window] for key, raster in rasters.items()}, cut)
    write_grid_weight(package, PeopleByCell(population, children, {}), cut, "2022")
    write_land_cover(package, LandCover(classes[window], cut), inside[window])
