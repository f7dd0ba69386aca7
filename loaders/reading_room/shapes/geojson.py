"""GeoJSON, read with Python's own JSON: no driver, and no coordinate system that is fetched from somewhere."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import numpy as np
import pyproj
import shapely

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.reading_room.job import Job
from loaders.reading_room.shapes.layer import VectorLayer, crs_of_code, refuse_without_system, shape_of
from loaders.reading_room.shapes.topojson import features_of_topology

_CODE = re.compile(r"(?:urn:(?:x-)?ogc:def:crs:EPSG:[\d.]{0,9}:|EPSG:|https?://www\.opengis\.net/(?:def/crs/EPSG/0/|gml/srs/epsg\.xml#))(\d{1,7})", re.IGNORECASE)  # fmt: skip  # noqa: E501
_DEGREES = re.compile(r"(?:urn:ogc:def:crs:OGC:[\d.]{0,9}:|OGC:|https?://www\.opengis\.net/def/crs/OGC/1\.3/)CRS84", re.IGNORECASE)  # fmt: skip  # noqa: E501
_MAX_DIGITS = 400
_COLLECTIONS = 3
"""Levels of collections in collections that are read."""


def layer_of(job: Job) -> VectorLayer | None:
    """Features of a document."""
    document = _document(job)
    if document.get("type") is None:
        return _of_esri(document, job)
    if document["type"] == "Topology":
        document = {**document, "features": features_of_topology(document, job)}
    features = [document] if document["type"] == "Feature" else document.get("features")
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise DataError(Message("error.room.features", file=job.file))
    job.limits.check_table(len(features), 1, job.file)
    given = _names(features, job)
    columns = [[_properties(feature).get(name) for feature in features] for name in given]
    names = [name.encode("utf-8", "replace").decode() for name in given]
    if "id" not in names and any(isinstance(feature.get("id"), str) for feature in features):
        names.insert(0, "id")
        columns.insert(0, [feature.get("id") for feature in features])
    shapes = np.empty(len(features), dtype=object)
    for row, feature in enumerate(features, start=1):
        shapes[row - 1] = _shape(job, row, feature.get("geometry"))
    if len(features) and not any("geometry" in feature for feature in features):
        return None
    crs = _crs(document, job)
    if "crs" not in document and not job.options.get("crs") and _beyond_degrees(shapes):
        refuse_without_system(job, shapes)
    if "crs" not in document and job.options.get("crs"):
        crs = crs_of_code("EPSG", int(job.options["crs"]))
    return VectorLayer(names, columns, shapes, crs)


def _beyond_degrees(shapes: Any) -> bool:
    """Whether most shapes cannot be in degrees, which is what GeoJSON without a system says."""
    bounds = shapely.bounds(shapes)
    there = np.isfinite(bounds).all(axis=1)
    beyond = np.abs(bounds[there]).max(axis=1) > 360 if there.any() else np.zeros(0, bool)
    return bool(beyond.sum() * 2 > max(there.sum(), 1))


def _of_esri(document: dict[str, Any], job: Job) -> VectorLayer | None:
    """Points as ArcGIS gives them: attributes beside a geometry, and the number of a system for all."""
    features = [feature for feature in document["features"] if isinstance(feature, dict)]
    rows = [attributes if isinstance(attributes := feature.get("attributes"), dict) else {} for feature in features]
    given = _names([{"properties": row} for row in rows], job)
    columns = [[row.get(name) for row in rows] for name in given]
    shapes = np.empty(len(features), dtype=object)
    for at, feature in enumerate(features):
        shapes[at] = _esri_point(job, at + 1, feature.get("geometry"))
    system = document.get("spatialReference")
    system = system if isinstance(system, dict) else {}
    code = system.get("latestWkid", system.get("wkid"))
    crs = crs_of_code("EPSG", int(code)) if isinstance(code, int) and 0 < code < 1_000_000 else None
    names = [name.encode("utf-8", "replace").decode() for name in given]
    return VectorLayer(names, columns, shapes, crs) if len(features) else None


def _esri_point(job: Job, row: int, geometry: Any) -> Any:
    if not isinstance(geometry, dict) or geometry.get("x") is None or geometry.get("y") is None:
        return None
    return shape_of(job, row, lambda given: shapely.Point(float(given["x"]), float(given["y"])), geometry)


def _document(job: Job) -> dict[str, Any]:
    try:
        document = _parsed(job.data.decode("utf-8-sig"))
        kind = document.get("type")
    except _EndlessNumberError as error:
        raise DataError(Message("error.room.number", file=job.file)) from error
    except (ValueError, AttributeError, RecursionError) as error:
        raise DataError(Message("error.list.geojson", file=job.file, reason=Reason(error))) from error
    if kind is None and isinstance(document.get("features"), list):
        return dict(document)
    if kind not in ("FeatureCollection", "Feature") and not (kind == "Topology" and document.get("objects")):
        raise DataError(Message("error.list.geojson_kind", file=job.file, kind="–" if kind is None else str(kind)[:80]))
    return dict(document)


def _parsed(text: str) -> Any:
    """Document of a text; of one with a feature on every line, these together."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_int=_integer)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise
        lines = [line.strip("\x1e") for line in text.splitlines() if line.strip("\x1e").strip()]
        features = [json.loads(line, parse_constant=_no_number, parse_int=_integer) for line in lines]
        if not all(isinstance(one, dict) and one.get("type") == "Feature" for one in features):
            raise
        return {"type": "FeatureCollection", "features": features}


class _EndlessNumberError(Exception):
    """What stands for a number is none that can be worked with."""


def _no_number(word: str) -> NoReturn:
    raise _EndlessNumberError(word)


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise _EndlessNumberError
    return int(digits)


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}


def _names(features: list[dict[str, Any]], job: Job) -> list[str]:
    names: dict[str, None] = {}
    for feature in features:
        names.update(dict.fromkeys(_properties(feature)))
        if len(names) > job.limits.columns:
            break
    job.limits.check_table(len(features), len(names), job.file)
    return [name for name in names if name != "geometry"]


def _shape(job: Job, row: int, geometry: Any) -> Any:
    if geometry is None or geometry == {}:
        return None
    if not isinstance(geometry, dict) or _depth(geometry) > _COLLECTIONS:
        raise DataError(Message("error.room.nested_shape", file=job.file, row=str(row)))
    return shape_of(job, row, shapely.from_geojson, json.dumps(geometry))


def _depth(geometry: dict[str, Any]) -> int:
    """Levels of collections in a geometry, counted no further than is read."""
    depth, level = 0, [geometry]
    while level and depth <= _COLLECTIONS:
        depth += 1
        inner = [one.get("geometries") for one in level if isinstance(one, dict)]
        level = [one for many in inner if isinstance(many, list) for one in many]
    return depth


def _crs(document: dict[str, Any], job: Job) -> pyproj.CRS | None:
    """Coordinate system that a document names; degrees where it names none."""
    named = document.get("crs", {"type": "name", "properties": {"name": "OGC:CRS84"}})
    if named is None:
        return None
    properties = named.get("properties") if isinstance(named, dict) else None
    if not isinstance(properties, dict) or named.get("type") not in ("name", "EPSG"):
        raise DataError(Message("error.room.crs", file=job.file))
    name = str(properties.get("name", ""))
    if named["type"] == "EPSG":
        name = f"EPSG:{properties.get('code')}"
    code = _CODE.fullmatch(name)
    if _DEGREES.fullmatch(name):
        return pyproj.CRS.from_epsg(4326)
    crs = crs_of_code("EPSG", int(code.group(1))) if code else None
    if crs is None:
        raise DataError(Message("error.room.crs", file=job.file))
    return crs
