"""A snapshot with one level more, such as the zones of a user's own, so that everything else works as it is."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine

from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.regions.levels import OWN, get_level
from loaders.catalogue.regions.region import Region
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.schemas import MEMBERSHIP
from loaders.snapshot.grid import Grid, Index
from loaders.snapshot.hectares import burn
from loaders.snapshot.partition import Partition
from loaders.snapshot.reader import Snapshot


class OverlaidSnapshot(Snapshot):
    """A snapshot that also holds the level of a partition; all the rest is read through the one below.

    The zones are the same for every vintage of the level: their own is ``partition.vintage``.

    Parameters
    ----------
    base : the snapshot
    partition : the zones of that level
    """

    def __init__(self, base: Snapshot, partition: Partition) -> None:
        self.base = base
        self.partition = partition

    def __repr__(self) -> str:
        """Show the snapshot below and the name of the zones."""
        return f"OverlaidSnapshot({self.base!r}, {self.partition.name!r})"

    @cached_property
    def hash(self) -> str:
        """Hash of the snapshot below."""
        return self.base.hash

    def folder(self) -> Path:
        """Folder of the snapshot below."""
        return self.base.folder()

    @cached_property
    def grid(self) -> Grid:
        """The inhabited hectare cells of the snapshot below."""
        return self.base.grid

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Resource descriptors by name, with one for the zones that cites where they come from."""
        own = {"sources": [*(self.partition.sources or (self.partition.name,))], "vintage": self.partition.vintage}
        level = self.partition.level
        return self.base.resources | {f"zones_{level}_{vintage}": own for vintage in get_level(level).vintages}

    @property
    def has_streets(self) -> bool:
        """Whether the snapshot below has streets."""
        return self.base.has_streets

    def streets(self) -> StreetGraph:
        """Streets of the snapshot below."""
        return self.base.streets()

    def streets_hash(self) -> str:
        """Text for the streets of the snapshot below."""
        return self.base.streets_hash()

    @cached_property
    def region(self) -> Region:
        """Region of the snapshot below."""
        return self.base.region

    @property
    def sources(self) -> dict[str, dict[str, Any]]:
        """Sources of the snapshot below."""
        return self.base.sources

    def table(self, name: str) -> pd.DataFrame:
        """Table of the snapshot below; ``membership`` with the municipalities of the own zones."""
        table = self.base.table(name)
        if name != "membership" or not self.partition.whole:
            return table
        return pd.concat([table, *map(self._membership, get_level(self.partition.level).vintages)], ignore_index=True)

    def _membership(self, vintage: int) -> pd.DataFrame:
        members = self.partition.members.rename(columns={"nis": "member_id"})
        members["level"], members["vintage"] = self.partition.level, vintage
        members["member_level"], members["member_vintage"] = region().base, self.partition.vintage
        return members[MEMBERSHIP]

    def zones(self, level: str, vintage: int | None = None) -> gpd.GeoDataFrame:
        """Zones of a level, see `Snapshot.zones`."""
        return self.partition.zones.copy() if level == self.partition.level else self.base.zones(level, vintage)

    def zone_rows(self, level: str, vintage: int | None = None) -> pd.DataFrame:
        """Zones of a level without their borders, see `Snapshot.zone_rows`."""
        if level == self.partition.level:
            return pd.DataFrame(self.partition.zones.drop(columns="geometry"))
        return self.base.zone_rows(level, vintage)

    def zone_index(self, level: str, vintage: int | None = None) -> Index:
        """(n,) zone of every inhabited cell, see `Snapshot.zone_index`; drawn borders go by the centre of a cell."""
        if level != self.partition.level:
            return self.base.zone_index(level, vintage)
        return self._own_index

    @cached_property
    def _own_index(self) -> Index:
        if self.partition.whole:
            return self._union_index(
                self.partition.level, get_level(self.partition.level).resolve_vintage(self.partition.vintage)
            )
        burnt = burn(self.partition.zones, self.grid.shape, self.grid.transform)
        return np.asarray(burnt.ravel()[self.grid.cell], dtype=np.int32)

    def zone_raster(self, level: str, vintage: int) -> Index:
        """(rows, cols) zone of every cell of the grid, see `Snapshot.zone_raster`."""
        return self.base.zone_raster(level, vintage)

    def bands(self, name: str, *numbers: int) -> tuple[list[npt.NDArray[Any]], Affine]:
        """Bands of a raster of the snapshot below."""
        return self.base.bands(name, *numbers)

    def on_grid(self, level: str, vintage: int) -> bool:
        """Whether a level goes by cells and points instead of by its municipalities."""
        return not self.partition.whole if level == self.partition.level else self.base.on_grid(level, vintage)

    def is_territorial(self, level: str) -> bool:
        """Whether reasons about a territory make sense at a level: of own zones, if they are whole municipalities."""
        return self.partition.whole if level == self.partition.level else self.base.is_territorial(level)

    def level_evidence(self, level: str) -> str:
        """How the borders of a level are known: of the partition, as it says."""
        return self.partition.evidence if level == self.partition.level else self.base.level_evidence(level)

    def given_as(self, level: str) -> str:
        """How a level is given to a command, own zones by their file."""
        if level != self.partition.level:
            return self.base.given_as(level)
        return self.partition.name if level == OWN else level


def with_partition(snapshot: Snapshot, partition: Partition) -> OverlaidSnapshot:
    """Return ``snapshot`` with the zones of ``partition`` as its level, in the place of any it had of that level."""
    if not isinstance(snapshot, OverlaidSnapshot):
        return OverlaidSnapshot(snapshot, partition)
    if snapshot.partition.level == partition.level:
        return OverlaidSnapshot(snapshot.base, partition)
    return OverlaidSnapshot(with_partition(snapshot.base, partition), snapshot.partition)
