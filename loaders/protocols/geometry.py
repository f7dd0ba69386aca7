"""Geometries as published to geometries that can be worked with: what is missing, crossed or doubled is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from i18n.errors import DataError
from i18n.messages import Message
from loaders.protocols.tables import require_columns
from loaders.reading_room import PUBLISHER, read
from loaders.reading_room.job import as_bytes

MAX_AREA_CHANGE = 0.01
"""Largest relative change of area that a repair may bring about: beyond it somebody must look."""

_POLYGONAL = (3, 6)
_PARTS = 7


@dataclass(frozen=True)
class Checked:
    """Features fit for use.

    Attributes
    ----------
    frame : the features, index renewed
    repaired : keys of features whose borders crossed themselves and were put right
    dropped : keys of features left out: without geometry, or the same as an earlier one
    """

    frame: gpd.GeoDataFrame
    repaired: tuple[str, ...]
    dropped: tuple[str, ...]


def checked(
    frame: gpd.GeoDataFrame,
    *,
    where: str,
    key: str,
    repair: bool = True,
    drop_missing: bool = False,
    max_area_change: float = MAX_AREA_CHANGE,
) -> Checked:
    """Check keys and geometries.

    Parameters
    ----------
    where : name for error messages
    key : column that identifies a feature
    repair : put borders that cross themselves right; else they are an error
    drop_missing : leave out features without geometry; else they are an error
    max_area_change : relative change of area up to which a repair is accepted

    Raises
    ------
    DataError
        two different features with one key, a geometry that is missing, or a border that cannot be put right
    MissingColumnError
        there is no column ``key``
    """
    require_columns(frame, [key], where)
    single, doubled = _without_doubles(frame, where, key)
    placed, missing = _without_missing(single, where, key, drop_missing=drop_missing)
    whole, repaired = _repaired(placed, where, key, repair=repair, max_area_change=max_area_change)
    return Checked(whole, repaired, (*doubled, *missing))


def _without_doubles(frame: gpd.GeoDataFrame, where: str, key: str) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Leave out features that repeat an earlier one in everything but the id of the service."""
    apart = {frame.geometry.name, "feature_id"} - {key}
    content = pd.DataFrame(frame[[c for c in frame.columns if c not in apart]])
    content["geometry"] = shapely.to_wkb(frame.geometry.to_numpy(), hex=True)
    same = content.astype(str).duplicated()
    conflict = frame[key].duplicated() & ~same
    if conflict.any():
        value = frame[key][conflict].iloc[0]
        raise DataError(Message("error.protocol.key_twice", where=where, column=key, value=str(value)))
    return frame[~same].reset_index(drop=True), tuple(frame[key][same].astype(str))


def _without_missing(
    frame: gpd.GeoDataFrame, where: str, key: str, *, drop_missing: bool
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    shapes = frame.geometry.to_numpy()
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    keys = tuple(frame[key][missing].astype(str))
    if keys and not drop_missing:
        raise DataError(
            Message("error.protocol.no_geometry", where=where, n=str(len(keys)), column=key, value=str(keys[0]))
        )
    return frame[~missing].reset_index(drop=True), keys


def _repaired(
    frame: gpd.GeoDataFrame, where: str, key: str, *, repair: bool, max_area_change: float
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    shapes = frame.geometry.to_numpy()
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return frame, ()
    keys = frame[key].astype(str).to_numpy()
    fixed = shapes.copy()
    mended = mend(shapes[bad], where, "structure")
    fixed[bad] = [_areas(*both) for both in zip(shapes[bad], mended, strict=True)]
    before, after = np.abs(shapely.area(shapes)), shapely.area(fixed)
    lost = bad & (np.abs(after - before) > max_area_change * np.maximum(before, after))
    if not repair or lost.any():
        first = keys[lost][0] if lost.any() else keys[bad][0]
        told = "error.protocol.crosses_area" if lost.any() else "error.protocol.crosses"
        raise DataError(Message(told, where=where, column=key, value=str(first)))
    return frame.set_geometry(gpd.GeoSeries(fixed, index=frame.index, crs=frame.crs)), tuple(keys[bad])


def mend(shapes: npt.NDArray[Any], where: str, method: str) -> npt.NDArray[Any]:
    """Valid geometries of borders that cross themselves, made in the reading room by a ``method`` of shapely."""
    given = pa.table({"shape": pa.array(shapely.to_wkb(shapes).tolist(), type=pa.large_binary())})
    answer = read("mend", as_bytes(given), file=where, options={"method": method}, limits=PUBLISHER)
    return np.asarray(shapely.from_wkb(answer.tables["shapes"]["shape"].to_numpy()))


def _areas(shape: shapely.Geometry, valid: shapely.Geometry) -> shapely.Geometry:
    """Valid geometry of the same kind: lines and points that a repair leaves over are no part of an area."""
    if shapely.get_type_id(shape) in _POLYGONAL and shapely.get_type_id(valid) == _PARTS:
        return shapely.union_all([p for p in shapely.get_parts(valid) if shapely.get_type_id(p) in _POLYGONAL])
    return valid
