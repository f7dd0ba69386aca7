"""Published layers of features, read in the reading room."""

from __future__ import annotations

import geopandas as gpd
import shapely

from loaders.reading_room import PUBLISHER, read


def read_vector(data: bytes, file: str) -> gpd.GeoDataFrame:
    """Features of a zipped shapefile, GeoPackage, FlatGeobuf or GeoJSON; `DataError` without coordinate system."""
    answer = read("features", data, file=file, limits=PUBLISHER)
    table = answer.tables["features"]
    columns = {name: table[str(i)].to_pandas() for i, name in enumerate(answer.values["names"])}
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=answer.values["crs"])
