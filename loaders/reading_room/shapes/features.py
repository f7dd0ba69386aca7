"""Map files in the child: GeoJSON and GeoPackage read by ourselves, zipped shapefiles and FlatGeobuf by a bare GDAL."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

from i18n.errors import DataError
from i18n.messages import Message, Word
from loaders.file_kinds import kind_of
from loaders.reading_room.cells import cell_text
from loaders.reading_room.job import Job, ReadResult, text_array
from loaders.reading_room.packed import unpacked
from loaders.reading_room.shapes import geojson, geopackage, kml, shapefile
from loaders.reading_room.shapes.layer import crs_of_code, refuse_without_system
from loaders.reading_room.zip_archives import member_names

WIDEST = 500_000
"""Corners of one shape beyond which even looking at it is not quick."""


@dataclass
class Features:
    """Features of a layer.

    Attributes
    ----------
    names : of the attributes
    columns : their values, one list per attribute
    shapes : (n,) geometries, None where there is none
    crs : coordinate system
    notes : what was not read, as keys and values of texts
    layers : names of all layers, where there may be several
    """

    names: list[str]
    columns: list[list[Any]]
    shapes: npt.NDArray[Any]
    crs: pyproj.CRS
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)

    def as_text(self, which: list[int] | None = None) -> list[list[str]]:
        """Attributes as text."""
        chosen = range(len(self.names)) if which is None else which
        return [[plain_text(value) for value in self.columns[i]] for i in chosen]


def plain_text(value: Any) -> str:
    """Text of an attribute; lists and objects as the JSON they are, binary ones as nothing."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return "" if isinstance(value, bytes) else cell_text(value)


def features_of(job: Job, shapes: str) -> Features:
    """Features of a map file that somebody brings along.

    Parameters
    ----------
    job : the file
    shapes : what should be in it, ``points`` or ``polygons``, for messages

    Raises
    ------
    DataError
        another kind of file, a damaged one, one without shapes or without a coordinate system, or one too large
    """
    job = unpacked(job)
    kind = kind_of(bytes(job.view[:64]))
    if kind == "gpkg" or (kind in ("text", "unknown") and job.file.lower().endswith(".gpkg")):
        layer = geopackage.layer_of(job)
    elif kind == "xml" or (kind == "zip" and _holds_kml(job)):
        layer = kml.layer_of(job)
    elif kind in ("zip", "fgb"):
        layer = shapefile.layer_of(job)
    else:
        layer = geojson.layer_of(job)
    if layer is None:
        raise DataError(Message("error.list.no_shapes", file=job.file, shapes=Word(f"error.list.{shapes}")))
    if layer.crs is None and job.options.get("crs"):
        layer.crs = crs_of_code("EPSG", int(job.options["crs"]))
    if layer.crs is None:
        refuse_without_system(job, layer.shapes)
    job.limits.check_table(len(layer.shapes), len(layer.names), job.file)
    corners = int(shapely.get_num_coordinates(layer.shapes).sum())
    if corners > job.limits.vertices:
        raise DataError(Message("error.room.vertices", file=job.file, n=corners, most=job.limits.vertices))
    return Features(layer.names, layer.columns, layer.shapes, layer.crs, layer.notes, layer.layers)


def _holds_kml(job: Job) -> bool:
    names = [name.lower() for name in member_names(job.data, job.file)]
    return any(name.endswith(".kml") for name in names) and not any(name.endswith(".shp") for name in names)


def read_features(job: Job) -> ReadResult:
    """Attributes of a layer with their types, the geometry as WKB, and its coordinate system as text."""
    if kind_of(bytes(job.view[:64])) not in ("gpkg", "fgb", "zip", "json"):
        raise DataError(Message("error.protocol.shapefile", file=str(job.file)))
    features = features_of(job, "polygons")
    corners, row = shapely.get_coordinates(features.shapes, return_index=True)
    lost = row[~np.isfinite(corners).all(axis=1)]
    if len(lost):
        raise DataError(Message("error.room.not_on_earth", file=job.file, row=str(int(lost[0]) + 1)))
    table: dict[str, pa.Array] = {str(i): typed(column) for i, column in enumerate(features.columns)}
    table["geometry"] = pa.array(shapely.to_wkb(features.shapes), type=pa.large_binary())
    return ReadResult({"features": pa.table(table)}, {"names": features.names, "crs": features.crs.to_wkt()})


def typed(values: list[Any]) -> pa.Array:
    """Column with the type of its values, as text where they are of several."""
    if any(isinstance(value, (dict, list, bytes)) for value in values):
        return text_array([plain_text(value) for value in values])
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError):
        return _mixed(values)


def _mixed(values: list[Any]) -> pa.Array:
    numbers = all(
        value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values
    )
    if numbers and all(value is None or abs(value) < 1e300 for value in values):
        return pa.array([np.nan if value is None else float(value) for value in values], type=pa.float64())
    absent = np.array([value is None for value in values], dtype=bool)
    return pa.array(
        text_array([plain_text(value) for value in values]).to_pylist(), mask=absent, type=pa.large_string()
    )
