"""Borders of own zones as drawn: turned to EPSG:31370, and checked so that they can be a partition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from loaders.facility_report import REFUSED, REPAIRED, Findings
from loaders.snapshot import CRS_LAMBERT, Snapshot

OVERLAP_M2 = 10_000.0
"""Zones may overlap by one hectare, the size of a cell: drawn borders never fit to the metre."""

_AREAL = ("Polygon", "MultiPolygon")
_AREA = 2
"""Dimensions of a polygon."""


def checked_shapes(
    frame: gpd.GeoDataFrame,
    rows: Sequence[int],
    zones: Mapping[int, str],
    findings: Findings,
    snapshot: Snapshot,
) -> dict[str, shapely.Geometry]:
    """Shape by zone, of the rows that can be used; what is wrong with the others goes to the findings.

    Crossing borders are repaired; a shape that is no polygon, lies outside Flanders and Brussels or overlaps one
    before it is refused.
    """
    turned = frame.geometry.to_crs(CRS_LAMBERT).to_numpy()
    drawn = {
        row: found
        for row, shape in zip(rows, turned, strict=True)
        if zones[row] and (found := _areal(row, shape, findings)) is not None
    }
    _refuse_outside(drawn, zones, findings, snapshot)
    _refuse_overlapping(drawn, zones, findings)
    shapes: dict[str, shapely.Geometry] = {}
    first: dict[str, int] = {}
    for row, shape in drawn.items():
        zone = zones[row]
        if zone in shapes:
            findings.add(row, "zone", zone, REPAIRED, "joined", first=first[zone])
            shape = shapely.union(shapes[zone], shape)
        shapes[zone] = shape
        first.setdefault(zone, row)
    return shapes


def _areal(row: int, shape: Any, findings: Findings) -> shapely.Geometry | None:
    """Polygon of a row, repaired where its border crosses itself; None when the row is refused."""
    if shape is None or shape.is_empty:
        findings.add(row, "geometry", "", REFUSED, "no_shape")
        return None
    if not np.isfinite(shapely.bounds(shape)).all():
        findings.add(row, "geometry", "", REFUSED, "not_on_earth")
        return None
    if shape.geom_type not in _AREAL:
        findings.add(row, "geometry", shape.geom_type, REFUSED, "not_a_polygon")
        return None
    flat: shapely.Geometry = shapely.force_2d(shape)
    if shapely.is_valid(flat):
        return flat
    findings.add(row, "geometry", "", REPAIRED, "crossing")
    parts = shapely.get_parts(shapely.make_valid(flat))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == _AREA])


def _refuse_outside(
    drawn: dict[int, shapely.Geometry], zones: Mapping[int, str], findings: Findings, snapshot: Snapshot
) -> None:
    land = shapely.union_all(snapshot.zones("region")["geometry"].to_numpy())
    shapely.prepare(land)
    for row, shape in list(drawn.items()):
        if not shapely.intersects(land, shape):
            findings.add(row, "geometry", zones[row], REFUSED, "outside")
            del drawn[row]


def _refuse_overlapping(drawn: dict[int, shapely.Geometry], zones: Mapping[int, str], findings: Findings) -> None:
    rows, shapes = list(drawn), np.array(list(drawn.values()), dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    earlier, later = one[one < other], other[one < other]
    area = shapely.area(shapely.intersection(shapes[earlier], shapes[later]))
    for first, second, overlap in zip(earlier.tolist(), later.tolist(), area.tolist(), strict=True):
        row, before = rows[second], rows[first]
        if overlap <= OVERLAP_M2 or zones[row] == zones[before] or row not in drawn or before not in drawn:
            continue
        hectares = round(overlap / 10_000)
        findings.add(
            row, "geometry", zones[row], REFUSED, "overlap", zone=zones[before], hectares=hectares, first=before
        )
        del drawn[row]
