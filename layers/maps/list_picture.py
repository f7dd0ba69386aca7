"""Small pictures of where places lie: the provinces in outline, a dot for every place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import shapely

from layers.look.tokens import COLOURS
from loaders.catalogue.types import Floats
from loaders.snapshot.reader import Snapshot

WIDTH = 360
_MAX_DOTS, _RADIUS = 5_000, 3.0
_SIMPLIFIED_M = 900.0

_TENTHS = 10
"""Borders are written in whole tenths of a pixel, each point by its distance from the one before: a page has many."""


def list_picture(points: Floats, snapshot: Snapshot) -> bytes:
    """SVG of (n, 2) points in metres over the provinces; a point outside them lies at the edge."""
    return dots_picture([(points[:_MAX_DOTS], COLOURS["accent"], _RADIUS)], snapshot)


def dots_picture(groups: Sequence[tuple[Floats, str, float]], snapshot: Snapshot) -> bytes:
    """SVG of groups of points over the provinces: (n, 2) metres, the colour and the radius of the dots of each."""
    outline, (west, south, east, north) = _outline(snapshot)
    scale = WIDTH / (east - west)
    height = round((north - south) * scale)
    drawn = []
    for points, colour, radius in groups:
        at = np.column_stack([(points[:, 0] - west) * scale, (north - points[:, 1]) * scale])
        at = np.clip(at, 3, [WIDTH - 3, height - 3]).round(1)
        dots = "".join(f'<circle cx="{x}" cy="{y}" r="{radius:g}"/>' for x, y in at.tolist())
        drawn.append(f'<g fill="{colour}">{dots}</g>')
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    ground, line = (COLOURS[name] for name in ("land", "line-land"))
    land = f'<path d="{outline}" fill="{ground}" stroke="{line}" stroke-width="7" transform="scale(0.1)"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{land}{"".join(drawn)}</svg>'.encode()


@lru_cache(maxsize=2)
def _outline(snapshot: Snapshot) -> tuple[str, tuple[float, float, float, float]]:
    """Path of the provinces in the picture, and what it shows."""
    zones = shapely.simplify(snapshot.zones("province")["geometry"].to_numpy(), _SIMPLIFIED_M)
    regions = shapely.simplify(snapshot.zones("region")["geometry"].to_numpy(), _SIMPLIFIED_M)
    inside = shapely.intersects(shapely.point_on_surface(regions), shapely.union_all(zones))
    shapes = np.concatenate([zones, regions[~inside]])
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    scale = _TENTHS * WIDTH / (east - west)
    path = []
    for ring in shapely.get_exterior_ring(shapely.get_parts(shapes)):
        xy = shapely.get_coordinates(ring)
        at = np.column_stack([(xy[:, 0] - west) * scale, (north - xy[:, 1]) * scale]).round().astype(int)
        (x, y), steps = at[0].tolist(), np.diff(at, axis=0)
        steps = steps[np.any(steps != 0, axis=1)]
        path.append(f"M{x} {y}l" + " ".join(f"{dx} {dy}" for dx, dy in steps.tolist()) + "z")
    return "".join(path), (west, south, east, north)
