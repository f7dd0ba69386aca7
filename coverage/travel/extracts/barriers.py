"""Lines on the hectare grid that cannot be crossed, and the bridges, tunnels and junctions that lead across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from scipy.spatial import cKDTree

from coverage.travel.extracts.osm import MODES, Roads
from loaders.catalogue.regions.crossings import listed_barriers, listed_crossings
from loaders.catalogue.regions.projection import cell_m, grid_crs, storage_crs, transformer
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools, Floats, Positions

LINK_CELLS = 3.5
"""The end of a bridge leads to the nearest cell of land within this many cells."""


@dataclass(frozen=True, eq=False)
class Domain:
    """The cells of a grid that can be crossed, numbered in grid order.

    Attributes
    ----------
    open : (rows, cols) whether a cell can be crossed
    transform : pixel to metres of the grid
    """

    open: Bools
    transform: Affine

    @cached_property
    def number(self) -> npt.NDArray[np.int32]:
        """(rows, cols) number of every cell, -1 where it cannot be crossed."""
        number = np.full(self.open.shape, -1, dtype=np.int32)
        number[self.open] = np.arange(int(self.open.sum()), dtype=np.int32)
        return number

    @cached_property
    def cell(self) -> tuple[Positions, Positions]:
        """Row and column of every numbered cell."""
        row, col = np.nonzero(self.open)
        return row, col

    def centres(self, number: Positions) -> Floats:
        """(k, 2) centres, metres of the grid, of numbered cells."""
        row, col = self.cell
        transform: Any = self.transform  # takes arrays, which its types do not say
        east, north = transform @ (col[number] + 0.5, row[number] + 0.5)
        return np.column_stack([east, north])

    def nearest(self, xy: Floats, within_cells: float) -> tuple[Positions, Floats]:
        """Nearest cell that can be crossed of every point, -1 beyond the limit, and metres to its centre."""
        col, row = (np.floor(axis).astype(np.int64) for axis in ~self.transform @ (xy[:, 0], xy[:, 1]))
        on_grid = (row >= 0) & (row < self.open.shape[0]) & (col >= 0) & (col < self.open.shape[1])
        number = np.full(len(xy), -1, dtype=np.intp)
        number[on_grid] = self.number[row[on_grid], col[on_grid]]
        away = np.zeros(len(xy))
        numbered = np.flatnonzero(number >= 0)
        away[numbered] = np.hypot(*(self.centres(number[numbered]) - xy[numbered]).T)
        for i in np.flatnonzero(number < 0):
            number[i], away[i] = self._search(xy[i], int(row[i]), int(col[i]), within_cells)
        return number, away

    def _search(self, point: Floats, row: int, col: int, within_cells: float) -> tuple[int, float]:
        """Nearest open cell in the square around a cell."""
        half = int(np.ceil(within_cells)) + 1
        top, left = max(row - half, 0), max(col - half, 0)
        near = self.number[top : max(row + half + 1, 0), left : max(col + half + 1, 0)]
        candidates = near[near >= 0].astype(np.intp)
        if len(candidates) == 0:
            return -1, np.inf
        away = np.hypot(*(self.centres(candidates) - point).T)
        best = int(away.argmin())
        return (int(candidates[best]), float(away[best])) if away[best] <= within_cells * cell_m() else (-1, np.inf)


@dataclass(frozen=True, eq=False)
class Crossings:
    """Barriers that are lines, and ways across barriers of any kind; coordinates in metres of the grid.

    Attributes
    ----------
    lines : (l,) line strings that cannot be crossed
    xy : (p, 2) points that ways across are made of
    tail, head : (e,) points at the ends of every stretch of a way across
    metres : (e,) their length
    landing : (p,) whether a point is where a way across reaches the land
    """

    lines: npt.NDArray[np.object_]
    xy: Floats
    tail: Positions
    head: Positions
    metres: Floats
    landing: Bools

    def edges(self, domain: Domain) -> tuple[Positions, Positions, Floats]:
        """Ends and metres of all edges, points numbered after the cells of the domain; landings tied to the land."""
        first = len(domain.cell[0])
        points = np.flatnonzero(self.landing)
        land, away = domain.nearest(self.xy[points], LINK_CELLS)
        tied = land >= 0
        return (
            np.concatenate([first + self.tail, first + points[tied]]),
            np.concatenate([first + self.head, land[tied]]),
            np.maximum(np.concatenate([self.metres, away[tied]]), 1.0),
        )


def join(*parts: Crossings) -> Crossings:
    """All barriers and crossings of several tables."""
    first = np.cumsum([0, *(len(part.xy) for part in parts)])
    return Crossings(
        lines=np.concatenate([part.lines for part in parts]),
        xy=np.vstack([part.xy for part in parts]),
        tail=np.concatenate([part.tail + shift for part, shift in zip(parts, first, strict=False)]),
        head=np.concatenate([part.head + shift for part, shift in zip(parts, first, strict=False)]),
        metres=np.concatenate([part.metres for part in parts]),
        landing=np.concatenate([part.landing for part in parts]),
    )


def listed(mode: str, elsewhere: shapely.Geometry | None = None) -> Crossings:
    """Listed barriers and crossings (`loaders.catalogue.regions.crossings`), but for those in an area known better."""
    known = shapely.Polygon() if elsewhere is None else elsewhere
    ends = [lonlat_to_grid(np.array(crossing.ends)) for crossing in listed_crossings() if mode in crossing.modes]
    ends = [pair for pair in ends if not shapely.contains_xy(known, *pair.mean(axis=0))]
    lines = [
        shapely.LineString(lonlat_to_grid(np.array(barrier.line))).difference(known)
        for barrier in listed_barriers()
        if barrier.line
    ]
    xy = np.vstack([np.zeros((0, 2)), *ends])
    tail = np.arange(0, len(xy), 2)
    return Crossings(
        lines=_pieces(lines),
        xy=xy,
        tail=tail,
        head=tail + 1,
        metres=np.hypot(*(xy[1::2] - xy[::2]).T),
        landing=np.ones(len(xy), dtype=bool),
    )


def river_stretches() -> shapely.Geometry:
    """Where all bridges over the watercourses are listed, metres of the grid."""
    boxes = [shapely.segmentize(shapely.box(*barrier.box), 0.01) for barrier in listed_barriers() if barrier.box]
    return shapely.union_all([shapely.transform(box, lonlat_to_grid) for box in boxes])


def of_extract(roads: Roads, mode: str) -> Crossings:
    """Barriers and crossings of an OpenStreetMap extract.

    Roads that cars may use and walkers may not (motorways) are barriers. Every bridge, tunnel and ferry open to the
    mode is a way across; it reaches the land where another street joins it.
    """
    xy = to_grid(roads.xy)
    open_to = np.asarray(np.isfinite(roads.cost).any(axis=2))
    motorway = open_to[:, MODES.index("car")] & ~open_to[:, MODES.index("walk")] & ~roads.structure
    lines = [
        shapely.LineString(pair) for pair in np.stack([xy[roads.tail[motorway]], xy[roads.head[motorway]]], axis=1)
    ]
    usable = open_to[:, MODES.index(mode)]
    across = usable & roads.structure
    used, ends = np.unique(np.concatenate([roads.tail[across], roads.head[across]]), return_inverse=True)
    tail, head = ends.reshape(2, -1)
    other = usable & ~roads.structure
    street = np.zeros(len(xy), dtype=bool)
    street[roads.tail[other]] = street[roads.head[other]] = True
    return Crossings(_pieces(lines), xy[used], tail, head, roads.length_m[across], street[used])


def cut_by_lines(
    target: npt.NDArray[np.int32], domain: Domain, lines: npt.NDArray[np.object_], steps: tuple[tuple[int, int], ...]
) -> None:
    """Take away (set to -1) the steps between neighbouring cells that cross a line.

    Parameters
    ----------
    target : (n, 8) number of the neighbour in every direction, -1 where there is none; changed in place
    domain : the cells
    lines : line strings in the system of the grid, pieces of at most some cells
    steps : the directions, (rows down, columns right)
    """
    if len(lines) == 0:
        return
    row, col = domain.cell
    number = np.arange(len(row))
    vertices = shapely.get_coordinates(lines)
    low, high = (~domain.transform @ corner for corner in (vertices.min(axis=0), vertices.max(axis=0)))
    window = (col >= low[0] - 2) & (col <= high[0] + 2) & (row >= high[1] - 2) & (row <= low[1] + 2)
    number = number[window]
    close, _ = cKDTree(vertices).query(domain.centres(number), distance_upper_bound=2.5 * cell_m())
    number = number[np.isfinite(close)]
    if len(number) == 0:
        return
    tree = shapely.STRtree(lines)
    centres = domain.centres(number)
    for i, (down, right) in enumerate(steps):
        ends = centres + cell_m() * np.array([right, -down])
        crossed = tree.query(shapely.linestrings(np.stack([centres, ends], axis=1)), predicate="intersects")[0]
        target[number[crossed], i] = -1


def _pieces(lines: Sequence[shapely.Geometry]) -> npt.NDArray[np.object_]:
    """Cut lines into straight pieces of at most a cell."""
    pieces = [np.zeros((0, 2, 2))]
    for line in shapely.get_parts(shapely.segmentize(np.array(lines, dtype=object), cell_m())):
        points = shapely.get_coordinates(line)
        pieces.append(np.stack([points[:-1], points[1:]], axis=1))
    return np.asarray(shapely.linestrings(np.concatenate(pieces)), dtype=object)


def lonlat_to_grid(lonlat: Floats) -> Floats:
    """(n, 2) longitude, latitude to metres in the coordinate system of the grid."""
    return _transform(region().crs.geographic, lonlat)


def to_grid(xy: Floats) -> Floats:
    """(n, 2) metres in the coordinate system of the snapshot to metres in that of the grid."""
    return _transform(storage_crs(), xy)


def _transform(source: str, xy: Floats) -> Floats:
    return np.column_stack(transformer(source, grid_crs()).transform(xy[:, 0], xy[:, 1]))
