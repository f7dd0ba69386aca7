"""The ground as the browser draws it over the zones: water, railways, roads and names of places.

There are three kinds of file. ``far`` and ``near`` hold the whole region: of `loaders.parsers.ground` what matters at a
glance, or all of it, and of the streets the main ones. A *square* holds every street of one tile of Web Mercator at
`SQUARE_ZOOM`, for who looks at a neighbourhood.

Lines and rings are lists of whole numbers: longitude and latitude of the first point in units of 1e-5 degree, and for
every next point its step from the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from coverage.memory.lru_cache import LruCache
from layers.maps.geometry import compact_json
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import RAMP, STREET_CLASSES, TUNNEL, class_of
from loaders.catalogue.regions.projection import to_lonlat
from loaders.catalogue.types import Floats, Ints
from loaders.snapshot.reader import Snapshot

UNIT = 1e-5
SQUARE_ZOOM = 12
FIRST_SQUARE_ZOOM = 13
"""Zoom of the tiles that streets come in, and the zoom of the map from which they are drawn."""

TOLERANCE_M: Mapping[str, float] = {"far": 90.0, "near": 0.0}
"""Further simplification of lines and areas by detail, in metres."""

SMALLEST_M2: Mapping[str, float] = {"far": 300_000.0, "near": 0.0}
SHORTEST_M: Mapping[str, float] = {"far": 4_000.0, "near": 0.0}
"""Areas and lines that are left out by detail."""

_FAR_ROADS = ("motorway",)
_NEAR_ROADS = ("motorway", "trunk", "primary", "secondary")
_SQUARE_ROADS = ("tertiary", "minor", "pedestrian")
_ROAD_TOLERANCE_M = {"far": 90.0, "near": 12.0}
_POINTS = ("town", "village")
_HELD = 2

Lines = list[list[int]]
Shapes = npt.NDArray[np.object_]


def ground_json(snapshot: Snapshot, detail: str) -> bytes:
    """Ground of the whole region.

    The object has ``unit``, ``areas`` (``water``: polygons of rings), ``lines`` (by kind: ``{name, lines}`` for each
    name) and ``places`` (``{name, p, kind}``, only near). A region without such tables has an empty one.

    Parameters
    ----------
    snapshot : figures, with or without the tables ``ground`` and ``ground_vertices`` and the streets
    detail : ``far`` or ``near``
    """
    told: dict[str, Any] = {"unit": UNIT, "areas": {}, "lines": {}, "places": []}
    if "ground" in snapshot.resources:
        features, vertices = snapshot.table("ground"), snapshot.table("ground_vertices")
        lonlat = to_lonlat(vertices[["x", "y"]].to_numpy(float))
        of_feature = _slices(vertices["feature"].to_numpy(), len(features))
        part = vertices["part"].to_numpy()
        xy = vertices[["x", "y"]].to_numpy(float)
        for feature, kind, name in zip(features["feature"], features["kind"], features["name"].fillna(""), strict=True):
            where = of_feature[feature]
            if kind in _POINTS:
                if detail == "near":
                    point = lonlat[where][0].round(5).tolist()
                    told["places"].append({"name": name, "p": point, "kind": kind})
            elif kind == "water":
                rings = _area(xy[where], part[where], detail)
                if rings:
                    told["areas"].setdefault("water", []).append(rings)
            elif kind != "motorway":  # those of the streets lie truer
                lines = _simple_lines(xy[where], part[where], TOLERANCE_M[detail], SHORTEST_M[detail])
                if lines:
                    told["lines"].setdefault(kind, []).append({"name": name, "lines": lines})
    if snapshot.has_streets:
        roads = _squares(snapshot)
        for kind in _FAR_ROADS if detail == "far" else _NEAR_ROADS:
            lines = roads.main(kind, _ROAD_TOLERANCE_M[detail], SHORTEST_M[detail] / 2)
            if lines:
                told["lines"][kind] = [{"name": "", "lines": lines}]
    return compact_json(told).encode()


def square_json(snapshot: Snapshot, x: int, y: int) -> bytes:
    """Streets of one tile: ``unit`` and ``lines`` by class of street, each a list of lines."""
    return compact_json({"unit": UNIT, "lines": _squares(snapshot).of(x, y)}).encode()


def squares_of(snapshot: Snapshot) -> frozenset[tuple[int, int]]:
    """Tiles of `SQUARE_ZOOM` in which somebody lives; only these are served."""
    grid = snapshot.grid
    kilometres = np.floor(grid.xy / 1000).astype(np.int64)
    key = np.unique(kilometres[:, 0] << 32 | kilometres[:, 1])
    coarse = (np.column_stack([key >> 32, key & 0xFFFFFFFF]) + 0.5) * 1000
    steps = np.array([[dx, dy] for dx in (-1500, 0, 1500) for dy in (-1500, 0, 1500)])
    around = (coarse[:, None, :] + steps).reshape(-1, 2)
    return frozenset(map(tuple, np.unique(tile_of(to_lonlat(around)), axis=0).tolist()))


def tile_of(lonlat: Floats, zoom: int = SQUARE_ZOOM) -> Ints:
    """(n, 2) column and row of the Web Mercator tile of every point."""
    many = 2**zoom
    y = (1 - np.arcsinh(np.tan(np.radians(lonlat[:, 1]))) / np.pi) / 2
    return np.column_stack([np.floor((lonlat[:, 0] + 180) / 360 * many), np.floor(y * many)]).astype(np.int64)


class Squares:
    """Streets of a snapshot, found by tile.

    Parameters
    ----------
    graph : the streets
    """

    def __init__(self, graph: StreetGraph) -> None:
        shown = [STREET_CLASSES.index(name) for name in (*_NEAR_ROADS, *_SQUARE_ROADS)]
        road = np.isin(class_of(graph.kind), shown) & ((graph.kind & np.uint8(TUNNEL)) == 0)
        self._edges = np.flatnonzero(road)
        self._graph = graph
        self._class = class_of(graph.kind)[self._edges]
        self._ramp = (graph.kind[self._edges] & np.uint8(RAMP)) != 0
        lonlat = to_lonlat(graph.xy[graph.tail[self._edges]].astype(float))
        tiles = tile_of(lonlat)
        self._key = tiles[:, 0] << 32 | tiles[:, 1]
        self._order = np.argsort(self._key, kind="stable")
        self._sorted = self._key[self._order]

    def of(self, x: int, y: int) -> dict[str, Lines]:
        """Lines of one tile by class of street, but for those that ``near`` has."""
        key = x << 32 | y
        first, last = np.searchsorted(self._sorted, [key, key + 1])
        mine = self._order[first:last]
        told = {}
        for name in _SQUARE_ROADS:
            chosen = mine[self._class[mine] == STREET_CLASSES.index(name)]
            if len(chosen):
                told[name] = encoded(self._lines(self._edges[chosen]))
        return told

    def main(self, name: str, tolerance: float, shortest: float) -> Lines:
        """Lines of one class in the whole region, joined where they meet and simplified."""
        chosen = self._edges[(self._class == STREET_CLASSES.index(name)) & ~self._ramp]
        if not len(chosen):
            return []
        merged = shapely.line_merge(shapely.multilinestrings(self._lines(chosen)))
        lines = shapely.get_parts(merged)
        lines = lines[shapely.length(lines) >= shortest]
        return encoded(shapely.simplify(lines, tolerance))

    def _lines(self, edges: npt.NDArray[np.intp]) -> Shapes:
        """(e,) lines in metres, bends included."""
        graph = self._graph
        bends = graph.bend[edges + 1] - graph.bend[edges]
        size = bends + 2
        start = np.cumsum(size) - size
        xy = np.empty((int(size.sum()), 2))
        xy[start] = graph.xy[graph.tail[edges]]
        xy[start + size - 1] = graph.xy[graph.head[edges]]
        inner = np.ones(len(xy), dtype=bool)
        inner[start] = inner[start + size - 1] = False
        of_bend = np.repeat(graph.bend[edges] - (np.cumsum(bends) - bends), bends) + np.arange(int(bends.sum()))
        xy[inner] = graph.bend_xy[of_bend]
        return np.asarray(shapely.linestrings(xy, indices=np.repeat(np.arange(len(edges)), size)))


def encoded(shapes: Shapes) -> Lines:
    """Lines as whole numbers; see the module."""
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    if not len(xy):
        return []
    whole = np.rint(to_lonlat(xy) / UNIT).astype(np.int64)
    step = np.diff(whole, axis=0, prepend=whole[:1])
    first = np.flatnonzero(np.diff(of, prepend=-1))
    step[first] = whole[first]
    return [part.ravel().tolist() for part in np.split(step, first[1:])]


def _squares(snapshot: Snapshot) -> Squares:
    return _graphs.get_or_make(snapshot.hash, lambda: Squares(snapshot.streets()))


def _slices(feature: Ints, n: int) -> list[slice]:
    ends = np.searchsorted(feature, np.arange(n + 1))
    return [slice(int(a), int(b)) for a, b in pairwise(ends)]


def _area(xy: Floats, part: Ints, detail: str) -> Lines:
    """Rings of an area, or none where it is too small."""
    rings: Shapes = np.asarray(shapely.linearrings(xy, indices=part))
    area: Shapes = np.asarray(shapely.polygons(rings[0], rings[1:] if len(rings) > 1 else None))
    if shapely.area(area) < SMALLEST_M2[detail]:
        return []
    if not TOLERANCE_M[detail]:
        return encoded(rings)
    simple: Shapes = shapely.get_rings(shapely.simplify(area, TOLERANCE_M[detail]))
    large = shapely.area(shapely.polygons(simple)) >= SMALLEST_M2[detail]
    return encoded(simple[large | (np.arange(len(simple)) == 0)])


def _simple_lines(xy: Floats, part: Ints, tolerance: float, shortest: float) -> Lines:
    lines: Shapes = np.asarray(shapely.linestrings(xy, indices=part))
    lines = lines[shapely.length(lines) >= shortest] if shortest else lines
    return encoded(np.asarray(shapely.simplify(lines, tolerance)) if tolerance else lines)


_graphs: LruCache[Squares] = LruCache(_HELD, "streets for the map")
