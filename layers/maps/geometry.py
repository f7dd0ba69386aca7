"""Zones as the browser draws them: longitude and latitude, generalised so that neighbours stay joined.

A level comes in two details: ``far`` for the whole region, ``near`` for when someone zooms in. What a zone is
*worth* is never part of it: values travel apart, so a change of indicator moves no borders.
"""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from i18n.errors import ArgumentError
from loaders.catalogue.regions.levels import get_level
from loaders.catalogue.regions.projection import to_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.reader import Snapshot

TOLERANCE_M: dict[str, float] = {"far": 120.0, "near": 15.0}
"""Tolerance of the simplification by detail (square root of the smallest triangle kept), in metres."""

_DECIMALS = {"far": 4, "near": 5}
_MANY = 2_000

Shapes = npt.NDArray[np.object_]


def web_zones(snapshot: Snapshot, level: str, vintage: int, detail: str = "far") -> bytes:
    """GeoJSON of a level, feature *i* being row *i* of ``snapshot.zones``; see `zones_geojson`.

    Raises
    ------
    InputError
        when the level, its vintage or the detail is unknown
    """
    if detail not in TOLERANCE_M:
        raise ArgumentError(f"Unknown detail '{detail}'; choose one of {', '.join(TOLERANCE_M)}.")
    zones = snapshot.zones(level, get_level(level).resolve_vintage(vintage))
    if not get_level(level).territorial:
        names = snapshot.zones(region().base, region().vintage).set_index("zone_id")["zone_name"]
        zones["place"] = zones["parent_nis"].map(names).fillna("")
    return zones_geojson(zones, detail)


def zones_geojson(zones: gpd.GeoDataFrame, detail: str = "far") -> bytes:
    """GeoJSON in degrees of a partition in metres.

    Every feature has the properties ``i`` (row), ``id``, ``name``, ``p`` (longitude, latitude of a point well
    inside) and, where the frame has a column ``place``, ``place`` (the municipality).

    Parameters
    ----------
    zones : ``zone_id, zone_name, geometry`` and optionally ``place``
    detail : ``far`` or ``near``
    """
    shapes = zones.geometry.to_numpy()
    decimals = _DECIMALS[detail]
    turned = shapely.transform(simplified(shapes, TOLERANCE_M[detail]), lambda xy: to_lonlat(xy).round(decimals))
    places = zones["place"] if "place" in zones else [""] * len(zones)
    rows = zip(
        zones["zone_id"],
        zones["zone_name"],
        places,
        inner_lonlat(shapes),
        shapely.to_geojson(turned),
        strict=True,
    )
    features = []
    for i, (zone_id, name, place, point, geometry) in enumerate(rows):
        properties: dict[str, Any] = {"i": i, "id": zone_id, "name": name, "p": point.tolist()}
        if place:
            properties["place"] = place
        features.append(f'{{"type":"Feature","properties":{compact_json(properties)},"geometry":{geometry}}}')
    return ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()


def simplified(shapes: Shapes, tolerance: float) -> Shapes:
    """(n,) shapes with fewer vertices, still joined; unchanged if they form no clean coverage.

    Parameters
    ----------
    shapes : (n,) polygons in metres
    tolerance : square root of the smallest triangle that is kept, in metres
    """
    if not bool(shapely.coverage_is_valid(shapes)):
        return shapes
    out = np.asarray(shapely.coverage_simplify(shapes, tolerance))
    return np.where(shapely.is_empty(out), shapes, out)


def inner_lonlat(shapes: Shapes) -> npt.NDArray[np.float64]:
    """(n, 2) longitude and latitude of a point well inside every shape, to about 10 m.

    It is the centre of the largest circle in the largest part; if there are very many shapes, any inner point.
    """
    if len(shapes) > _MANY:
        points = shapely.point_on_surface(shapes)
    else:
        largest = [max(shapely.get_parts(shape), key=shapely.area) for shape in shapes]
        points = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=100.0), 0)
    return to_lonlat(shapely.get_coordinates(points)).round(4)


def compact_json(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
