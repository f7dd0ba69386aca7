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
_SIMPLIFIED_M = 700.0


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
    land = f'<path d="{outline}" fill="{ground}" stroke="{line}" stroke-width="0.7"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{land}{"".join(drawn)}</svg>'.encode()


@lru_cache(maxsize=2)
def _outline(snapshot: Snapshot) -> tuple[str, tuple[float, float, float, float]]:
    """Path of the provinces in the picture, and what it shows."""
    zones = shapely.simplify(snapshot.zones("province")["geometry"].to_numpy(), _SIMPLIFIED_M)
    regions = shapely.simplify(snapshot.zones("region")["geometry"].to_numpy(), _SIMPLIFIED_M)
    shapes = np.concatenate([zones, regions])
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    scale = WIDTH / (east - west)
    path = []
    for ring in shapely.get_exterior_ring(shapely.get_parts(shapes)):
        xy = shapely.get_coordinates(ring)
        at = np.column_stack([(xy[:, 0] - west) * scale, (north - xy[:, 1]) * scale]).round(1)
        path.append("M" + "L".join(f"{x} {y}" for x, y in at.tolist()) + "Z")
    return "".join(path), (west, south, east, north)
