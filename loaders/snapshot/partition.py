"""Zones of a user's own: a partition made of whole municipalities, or one with borders that were drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from loaders.catalogue.regions.levels import OWN
from loaders.catalogue.regions.projection import storage_crs
from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.reader import Snapshot

ZONE_COLUMNS = ("zone_id", "zone_name", "parent_nis", "flags", "geometry")
MEMBER_COLUMNS = ("zone_id", "nis")


@dataclass(frozen=True, kw_only=True, eq=False)
class Partition:
    """Own zones of a planner.

    Attributes
    ----------
    name : of the file they came from
    vintage : year of the municipalities they are made of; of the newest borders where they were drawn
    zones : `ZONE_COLUMNS`, ordered by ``zone_id``
    members : ``zone_id, nis``: the municipalities of ``vintage`` in each zone; empty where borders were drawn
    level : the level that they are
    sources : of the zones; empty for the file
    evidence : how they are known (`loaders.catalogue.columns.EVIDENCE`)
    """

    name: str
    vintage: int
    zones: gpd.GeoDataFrame
    members: pd.DataFrame
    level: str = OWN
    sources: tuple[str, ...] = ()
    evidence: str = "user"

    @property
    def whole(self) -> bool:
        """Whether the zones are made of whole municipalities, so that reasons about a territory make sense."""
        return not self.members.empty


def partition_of_members(
    name: str, snapshot: Snapshot, members: pd.DataFrame, names: Mapping[str, str], vintage: int
) -> Partition:
    """Partition made of whole municipalities.

    Parameters
    ----------
    name : of the file
    snapshot : gives the borders of the municipalities
    members : ``zone_id, nis``, each municipality at most once
    names : name of every zone
    vintage : year of the codes
    """
    members = members.sort_values(["zone_id", "nis"], ignore_index=True)[list(MEMBER_COLUMNS)]
    borders = snapshot.zones(region().base, vintage).set_index("zone_id")["geometry"]
    shapes = {
        str(zone): shapely.union_all(borders.loc[list(nis)].to_numpy())
        for zone, nis in members.groupby("zone_id", sort=True)["nis"]
    }
    return Partition(name=name, vintage=vintage, zones=zone_frame(shapes, names), members=members)


def partition_of_shapes(
    name: str, shapes: Mapping[str, shapely.Geometry], names: Mapping[str, str], vintage: int
) -> Partition:
    """Partition whose borders were drawn, in metres."""
    empty = pd.DataFrame({column: pd.Series(dtype=object) for column in MEMBER_COLUMNS})
    return Partition(name=name, vintage=vintage, zones=zone_frame(shapes, names), members=empty)


def zone_frame(shapes: Mapping[str, shapely.Geometry], names: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Zones by id as `Snapshot.zones` gives them."""
    ids = sorted(shapes)
    return gpd.GeoDataFrame(
        {
            "zone_id": ids,
            "zone_name": [names[zone] for zone in ids],
            "parent_nis": None,
            "flags": None,
            "geometry": [shapes[zone] for zone in ids],
        },
        crs=storage_crs(),
    )
