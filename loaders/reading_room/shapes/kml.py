"""KML and KMZ in the child: places and areas with their names and extra data, always in degrees."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import numpy as np
import pyproj
import shapely
from defusedxml.common import DefusedXmlException

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.file_kinds import kind_of
from loaders.reading_room.job import Job
from loaders.reading_room.shapes import gpx
from loaders.reading_room.shapes.layer import VectorLayer, shape_of
from loaders.reading_room.zip_archives import check_archive, member_names, take_member

_DEEPEST = 50
"""Folders in folders that are looked into."""

_PLAIN = ("name", "description", "address", "phoneNumber")


def layer_of(job: Job) -> VectorLayer | None:
    """Placemarks of a document; None where there is no shape in it."""
    try:
        root = defusedxml.ElementTree.fromstring(_document(job))
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise DataError(Message("error.list.map_file", file=job.file, reason=Reason(error))) from error
    if _local(root) == "gpx":
        return gpx.layer_of(root, job)
    rows: list[dict[str, str]] = []
    shapes = []
    for number, (folder, place) in enumerate(_placemarks(root), start=1):
        job.limits.check_table(number, 1, job.file)
        rows.append({**({"folder": folder} if folder else {}), **_attributes(place)})
        shapes.append(_shape(job, number, place))
    if not rows:
        return None
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
        job.limits.check_table(len(rows), len(names), job.file)
    geometries = np.empty(len(shapes), dtype=object)
    geometries[:] = shapes
    columns: list[list[Any]] = [[row.get(name, "") for row in rows] for name in names]
    return VectorLayer(list(names), columns, geometries, pyproj.CRS.from_epsg(4326))


def _document(job: Job) -> bytes:
    if kind_of(bytes(job.view[:64])) != "zip":
        return job.data
    check_archive(job.data, job.file)
    first = next(name for name in member_names(job.data, job.file) if name.lower().endswith(".kml"))
    return take_member(job.data, f"^{re.escape(first)}$", job.file).data


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _placemarks(root: Element) -> Iterator[tuple[str, Element]]:
    """Placemarks with the name of the folder they lie in, which is a layer of a map that somebody made by hand."""
    todo: list[tuple[str, Element, int]] = [("", root, 0)]
    while todo:
        folder, element, depth = todo.pop()
        if _local(element) == "Placemark":
            yield folder, element
            continue
        if _local(element) == "Folder":
            folder = next((" ".join((one.text or "").split()) for one in element if _local(one) == "name"), folder)
        if depth < _DEEPEST:
            todo += [(folder, inner, depth + 1) for inner in reversed(element)]


def _attributes(place: Element) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for element in place.iter():
        name, value = _local(element), (element.text or "").strip()
        if name in _PLAIN and value:
            attributes.setdefault(name, value)
        elif name == "SimpleData":
            attributes[element.get("name", "")] = value
        elif name == "Data":
            inner = next((one.text or "" for one in element if _local(one) == "value"), "")
            attributes[element.get("name", "")] = inner.strip()
    attributes.pop("", None)
    return attributes


def _shape(job: Job, row: int, place: Element) -> Any:
    """Shape of a placemark; the first where it has several of a kind that cannot be one shape."""
    points = [_corners(job, row, one) for one in place.iter() if _local(one) == "Point"]
    if points and points[0]:
        return shape_of(job, row, shapely.Point, points[0][0])
    polygons = [_polygon(job, row, one) for one in place.iter() if _local(one) == "Polygon"]
    drawn = [polygon for polygon in polygons if polygon is not None]
    if drawn:
        return drawn[0] if len(drawn) == 1 else shapely.MultiPolygon(drawn)
    lines = [
        corners for one in place.iter() if _local(one) == "LineString" if len(corners := _corners(job, row, one)) > 1
    ]
    return shape_of(job, row, shapely.LineString, lines[0]) if lines else None


def _polygon(job: Job, row: int, element: Element) -> Any:
    rings: dict[str, list[list[tuple[float, float]]]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
    for border in element:
        if _local(border) in rings and len(corners := _corners(job, row, border)) >= 3:
            rings[_local(border)].append(corners)
    if not rings["outerBoundaryIs"]:
        return None
    outer, inner = rings["outerBoundaryIs"][0], rings["innerBoundaryIs"]
    return shape_of(job, row, lambda shell: shapely.Polygon(shell, inner), outer)


def _corners(job: Job, row: int, element: Element) -> list[tuple[float, float]]:
    text = next((one.text or "" for one in element.iter() if _local(one) == "coordinates"), "")
    try:
        corners = [tuple(float(part) for part in corner.split(",")[:2]) for corner in text.split()]
    except ValueError as error:
        raise DataError(Message("error.room.shape", file=job.file, row=str(row), reason=Reason(error))) from error
    if not all(math.isfinite(part) for corner in corners for part in corner):
        raise DataError(Message("error.room.not_on_earth", file=job.file, row=str(row)))
    return [(corner[0], corner[1]) for corner in corners if len(corner) == 2]
