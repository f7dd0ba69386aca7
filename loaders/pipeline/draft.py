"""A snapshot in the making: the current one, and what sources offer in its place.

Loaders work from the current figures. Where there are none yet, because a snapshot is built from nothing, they get
what the loaders before them gave.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import numpy.typing as npt
import pandas as pd
from affine import Affine

from loaders.catalogue.regions.levels import get_level
from loaders.catalogue.regions.region_in_use import region
from loaders.parsers.spatial import LandCover
from loaders.pipeline.update import Update
from loaders.snapshot.grid import Grid, Index
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep.package import PackageWriter

ZONES = "zones_"
"""Beginning of the name of a resource of zones; level and vintage follow."""


def nothing(folder: Path) -> Snapshot:
    """Make a snapshot that holds nothing in an empty folder."""
    PackageWriter(folder).close({})
    return Snapshot(folder)


class Draft(Snapshot):
    """What ``base`` becomes by updates, as far as they have come.

    Attributes
    ----------
    base : the current snapshot
    updates : what was taken in, in order
    frames : resources as they will be, by name
    published : zones with their borders as published, by name
    land_cover : new land cover, or None
    new_streets : update with a new street graph, or None
    """

    def __init__(self, base: Snapshot) -> None:
        self.base = base
        self.updates: list[Update] = []
        self.frames: dict[str, pd.DataFrame] = {}
        self.published: dict[str, gpd.GeoDataFrame] = {}
        self.land_cover: LandCover | None = None
        self.new_streets: Update | None = None

    def __repr__(self) -> str:
        """Show the snapshot below and how many updates came."""
        return f"Draft({self.base!r}, {len(self.updates)} updates)"

    def take(self, update: Update) -> None:
        """Take in what a source offers: all of it, or nothing when something in it does not fit."""
        fresh: dict[str, pd.DataFrame] = {}
        for change in update.changes:
            before = fresh.get(change.resource, self.frames.get(change.resource))
            if before is None and change.resource in self.base.resources:
                before = self.stored(change.resource)
            fresh[change.resource] = change.apply(before)
        self.frames |= fresh
        self.published |= {c.resource: by_id(c.frame) for c in update.changes if c.published}
        self.land_cover = update.land_cover or self.land_cover
        if update.streets is not None:
            self.new_streets = update
        self.updates.append(update)

    def stored(self, name: str) -> pd.DataFrame:
        """Resource ``name`` of the current snapshot."""
        if name.startswith(ZONES):
            level, _, slot = name.removeprefix(ZONES).rpartition("_")
            return cast(pd.DataFrame, self.base.zones(level, int(slot)))
        return self.base.table(name)

    def newest_table(self, name: str) -> pd.DataFrame:
        """Table as it will be."""
        return self.frames[name] if name in self.frames else self.base.table(name)

    def newest_zones(self, level: str, vintage: int) -> gpd.GeoDataFrame:
        """Zones as they will be."""
        name = f"{ZONES}{level}_{vintage}"
        return self.frames[name] if name in self.frames else self.base.zones(level, vintage)

    # what a loader sees

    @cached_property
    def hash(self) -> str:
        """Hash of the current snapshot."""
        return self.base.hash

    @cached_property
    def grid(self) -> Grid:
        """The inhabited hectare cells of the current snapshot."""
        return self.base.grid

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Resource descriptors of the current snapshot by name."""
        return self.base.resources

    @property
    def sources(self) -> dict[str, dict[str, Any]]:
        """Sources of the current snapshot."""
        return self.base.sources

    def folder(self) -> Path:
        """Folder of the current snapshot."""
        return self.base.folder()

    def table(self, name: str) -> pd.DataFrame:
        """Table of the current snapshot, or the new one where it has none."""
        return self.base.table(name) if name in self.base.resources else self.newest_table(name).copy()

    def zones(self, level: str, vintage: int | None = None) -> gpd.GeoDataFrame:
        """Zones of the current snapshot, or the new ones where it has none."""
        level_vintage = get_level(level).resolve_vintage(region().vintage if vintage is None else vintage)
        held_there = f"{ZONES}{level}_{level_vintage}" in self.base.resources
        return self.base.zones(level, level_vintage) if held_there else self.newest_zones(level, level_vintage).copy()

    def zone_rows(self, level: str, vintage: int | None = None) -> pd.DataFrame:
        """Zones without their borders, see `Snapshot.zone_rows`."""
        return pd.DataFrame(self.zones(level, vintage).drop(columns="geometry"))

    def zone_raster(self, level: str, vintage: int) -> Index:
        """(rows, cols) zone of every cell of the current grid."""
        return self.base.zone_raster(level, vintage)

    def zone_index(self, level: str, vintage: int | None = None) -> Index:
        """(n,) zone of every inhabited cell of the current grid."""
        return self.base.zone_index(level, vintage)

    def bands(self, name: str, *numbers: int) -> tuple[list[npt.NDArray[Any]], Affine]:
        """Bands of a raster of the current snapshot."""
        return self.base.bands(name, *numbers)


def by_id(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Zones in the order of the snapshot."""
    return cast(gpd.GeoDataFrame, frame.sort_values("zone_id", ignore_index=True))
