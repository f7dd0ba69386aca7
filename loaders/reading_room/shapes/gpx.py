"""GPX in the child: the waypoints of a device or an app, always in degrees."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import pyproj
import shapely

from loaders.reading_room.job import Job
from loaders.reading_room.shapes.layer import VectorLayer, shape_of

_PLAIN = ("name", "desc", "cmt", "type", "sym")


def layer_of(root: Element, job: Job) -> VectorLayer | None:
    """Waypoints with their names; None where there are none. Tracks and routes are no places, and are told."""
    points = [element for element in root.iter() if _local(element) == "wpt"]
    if not points:
        return None
    job.limits.check_table(len(points), len(_PLAIN), job.file)
    shapes = np.empty(len(points), dtype=object)
    rows = []
    for at, point in enumerate(points):
        shapes[at] = shape_of(job, at + 1, _point, point)
        rows.append({_local(inner): (inner.text or "").strip() for inner in point})
    names = [name for name in _PLAIN if any(name in row for row in rows)]
    columns: list[list[Any]] = [[row.get(name, "") for row in rows] for name in names]
    left = sum(_local(element) in ("trk", "rte") for element in root)
    notes: list[tuple[str, dict[str, Any]]] = [("tracks_left", {"n": left})] if left else []
    return VectorLayer(names, columns, shapes, pyproj.CRS.from_epsg(4326), notes)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _point(element: Element) -> Any:
    return shapely.Point(float(element.get("lon", "nan")), float(element.get("lat", "nan")))
