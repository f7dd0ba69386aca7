"""Borders as published, generalised for the snapshot: neighbours keep sharing their border."""

from __future__ import annotations

import geopandas as gpd
import shapely

from i18n.errors import DataError
from i18n.messages import Message
from loaders.snapshot.upkeep.package import TOLERANCE_M


def generalised(zones: gpd.GeoDataFrame, where: str) -> gpd.GeoDataFrame:
    """Zones with borders generalised to `TOLERANCE_M`; `DataError` when that makes neighbours overlap."""
    simple = shapely.coverage_simplify(zones.geometry.to_numpy(), TOLERANCE_M)
    if not (shapely.is_valid(simple).all() and shapely.coverage_is_valid(simple)):
        raise DataError(Message("error.live.generalised", where=where))
    return zones.set_geometry(gpd.GeoSeries(simple, index=zones.index, crs=zones.crs))
