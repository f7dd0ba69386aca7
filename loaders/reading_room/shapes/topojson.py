"""TopoJSON, as features of GeoJSON: borders that neighbours share are taken out of the arcs of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from i18n.errors import DataError
from i18n.messages import Message
from loaders.reading_room.job import Job

Corner = tuple[float, float]
_SHAPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
_MAX_TIMES = 50
"""Corners of all shapes for every corner in the file, from which the file is no map but a trap."""


def features_of_topology(document: Mapping[str, Any], job: Job) -> list[dict[str, Any]]:
    """Features of all objects of a topology; `DataError` where it is damaged."""
    try:
        return list(_features(document, job))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise DataError(Message("error.room.features", file=job.file)) from error


def _features(document: Mapping[str, Any], job: Job) -> Iterator[dict[str, Any]]:
    transform = document.get("transform") or {}
    scale, shift = transform.get("scale", [1, 1]), transform.get("translate", [0, 0])

    def place(corner: Any) -> Corner:
        return float(corner[0]) * scale[0] + shift[0], float(corner[1]) * scale[1] + shift[1]

    arcs = [_arc(arc, place, added=bool(transform)) for arc in document.get("arcs", [])]
    left = [_MAX_TIMES * (sum(map(len, arcs)) + 1_000)]

    def ring(numbers: list[int]) -> list[Corner]:
        corners: list[Corner] = []
        for number in numbers:
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
            left[0] -= len(arc)
            if left[0] < 0:
                raise DataError(Message("error.room.features", file=job.file))
            corners += arc[1:] if corners else arc
        return corners

    for geometry in _geometries(document["objects"]):
        kind, shape = geometry.get("type"), None
        if kind in ("Point", "MultiPoint"):
            given = geometry["coordinates"]
            shape = place(given) if kind == "Point" else [place(one) for one in given]
        elif kind in ("LineString", "MultiLineString", "Polygon", "MultiPolygon"):
            shape = _nested(geometry["arcs"], _SHAPES.index(kind) // 2, ring)
        yield {
            "type": "Feature",
            "id": geometry.get("id"),
            "properties": geometry.get("properties") or {},
            "geometry": None if shape is None else {"type": kind, "coordinates": shape},
        }


def _nested(arcs: Any, kind: int, ring: Any) -> Any:
    """Rings of a shape: a line has one, a polygon a list of them, several polygons a list of these."""
    if kind == 1 and arcs and not isinstance(arcs[0], list):
        return ring(arcs)
    if kind == 1 or (arcs and arcs[0] and not isinstance(arcs[0][0], list)):
        return [ring(one) for one in arcs]
    return [[ring(one) for one in polygon] for polygon in arcs]


def _arc(arc: list[Any], place: Any, *, added: bool) -> list[Corner]:
    if not added:
        return [place(corner) for corner in arc]
    x = y = 0
    corners = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        corners.append(place((x, y)))
    return corners


def _geometries(objects: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for one in objects.values():
        if one.get("type") == "GeometryCollection":
            yield from one["geometries"]
        else:
            yield one
