"""Zones that are unions of others: provinces, care regions, GP circles. Their borders out of those of their members."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from loaders.catalogue.regions.projection import storage_crs
from loaders.snapshot.reader import Snapshot


def union_zones(
    level: str,
    names: pd.DataFrame,
    membership: pd.DataFrame,
    borders: dict[tuple[str, int], gpd.GeoDataFrame],
) -> gpd.GeoDataFrame:
    """Borders of the zones of ``level`` by dissolving their members.

    ``borders`` holds the member zones by (level, vintage), each with ``zone_id`` and geometry.
    """
    rows = membership[membership["level"] == level]
    names = names[names["level"] == level].sort_values("zone_id", ignore_index=True)
    shapes = []
    for zone in names["zone_id"]:
        parts = [
            borders[key].set_index("zone_id").geometry.loc[group["member_id"]].to_numpy()
            for key, group in rows[rows["zone_id"] == zone].groupby(["member_level", "member_vintage"])
        ]
        shapes.append(shapely.union_all(np.concatenate(parts)))
    frame = names[["zone_id", "zone_name"]].assign(parent_nis="")
    frame["flags"] = names["flags"].fillna("") if "flags" in names else ""
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=storage_crs())


def dissolved(level: str, names: pd.DataFrame, membership: pd.DataFrame, snapshot: Snapshot) -> gpd.GeoDataFrame:
    """Borders of the zones of ``level`` from those of their members in a snapshot, see `union_zones`."""
    rows = membership[membership["level"] == level]
    members = rows[["member_level", "member_vintage"]].drop_duplicates().itertuples(index=False)
    borders = {(str(m), int(v)): snapshot.zones(str(m), int(v)) for m, v in members}
    return union_zones(level, names, membership, borders)
