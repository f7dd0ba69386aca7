"""Where a point is put on the streets: the nearest spot of any street that its mode may use.

Streets are cut into straight pieces of at most `PIECE_M`, at every bend; a point is put on the piece that it is nearest
to, square to it. Pieces are sorted by squares of `SQUARE_M`, so a few points are found without a search tree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter
from scipy.spatial import cKDTree

from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.types import Bools, Floats, Ints

PIECE_M = 80.0
ASIDE_M = 5.0
"""Metres that a spot on a piece may be from where its street runs: nodes and bends stand on whole metres, and bends are
held to 5 m."""

SQUARE_M = 300.0
FARTHEST_SQUARES = 16
"""Rings of squares searched for a street: 4.8 km around a point."""

_AROUND = 3
_SOME = 2_000
"""More points than this look among the `_ALIKE` pieces with the nearest middles first."""

_ALIKE = 12
_ROUNDED_M = 0.1
"""Middles are held in single precision."""

_NEAREST_PIECES = 4
_AT_ONCE = 2_000_000
"""Pairs of point and piece that are measured in one go."""

_DM = 10


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of street, by square.

    Attributes
    ----------
    xy : (p, 2) their middles, metres
    way : (p, 2) unit vectors along them
    half_m : (p,) half their length in a straight line
    edge : (p,) street
    offset_dm : (p,) where on the street their middle is
    stretch : (p,) decimetres along the street for a metre of straight line
    corner : x and y of the square in the south-west corner, counted in squares, and the squares in a row and a column
    start : (squares + 1,) first piece of every square
    """

    xy: npt.NDArray[np.float32]
    way: npt.NDArray[np.float32]
    half_m: npt.NDArray[np.float32]
    edge: npt.NDArray[np.int32]
    offset_dm: npt.NDArray[np.float32]
    stretch: npt.NDArray[np.float32]
    corner: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Spots:
    """Where points are on the streets.

    Attributes
    ----------
    edge : (n,) street, -1 where there is none anywhere near
    offset_dm : (n,) decimetres from its tail, whole
    away_m : (n,) metres between the point and the street
    """

    edge: npt.NDArray[np.int32]
    offset_dm: Floats
    away_m: Floats


def cut_streets(graph: StreetGraph, edges: Ints) -> Pieces:
    """Cut streets into pieces.

    Parameters
    ----------
    graph : the streets
    edges : (k,) numbers of those that points may be put on; a piece speaks of position in this list
    """
    points, first = street_points(graph, edges)
    step = np.hypot(*np.diff(points, axis=0).T)
    run = np.append(0.0, np.cumsum(step))
    begins, straight = run[first[:-1]], run[first[1:] - 1] - run[first[:-1]]
    leg, street = _legs(step, first, straight)
    pieces = np.maximum(1, np.ceil(step[leg] / PIECE_M)).astype(np.int64)
    edge, at, parts = (np.repeat(values, pieces) for values in (street, leg, pieces))
    place = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = step[at] * (place + 0.5) / parts
    way = (points[at + 1] - points[at]) / np.maximum(step[at], 1e-9)[:, None]
    xy = points[at] + way * along[:, None]
    stretch = graph.length_dm[edges] / np.maximum(straight, 0.1)
    offset = np.where(
        straight[edge] > 0, (run[at] - begins[edge] + along) * stretch[edge], graph.length_dm[edges][edge] / 2
    )
    square = np.floor(xy / SQUARE_M).astype(np.int64)
    corner = square.min(axis=0)
    width, height = square.max(axis=0) - corner + 1
    key = (square[:, 1] - corner[1]) * width + square[:, 0] - corner[0]
    order = np.argsort(key, kind="stable")
    return Pieces(
        xy=xy[order].astype(np.float32),
        way=way[order].astype(np.float32),
        half_m=(step[at] / parts / 2)[order].astype(np.float32),
        edge=edge[order].astype(np.int32),
        offset_dm=offset[order].astype(np.float32),
        stretch=stretch[edge][order].astype(np.float32),
        corner=np.array([*corner, width, height], dtype=np.int64),
        start=np.append(0, np.cumsum(np.bincount(key, minlength=width * height))).astype(np.int64),
    )


def _legs(step: Floats, first: Ints, straight: Floats) -> tuple[Ints, Ints]:
    """Straight legs of streets, as the number of their first point, and the street of each.

    Legs without length are left out, but of a street that has none other.
    """
    inside = np.ones(len(step), dtype=bool)
    inside[first[1:-1] - 1] = False  # from one street to the next
    leg = np.flatnonzero(inside)
    street = np.repeat(np.arange(len(first) - 1), np.diff(first) - 1)
    kept = (step[leg] > 0) | (straight[street] == 0)
    return leg[kept], street[kept]


def street_points(graph: StreetGraph, edges: Ints) -> tuple[Floats, Ints]:
    """Points of streets from tail to head, and the first of every street."""
    bends = np.diff(graph.bend)[edges]
    first = np.append(0, np.cumsum(bends + 2))
    points = np.empty((int(first[-1]), 2))
    inner = np.ones(len(points), dtype=bool)
    inner[first[:-1]] = inner[first[1:] - 1] = False
    points[first[:-1]], points[first[1:] - 1] = graph.xy[graph.tail[edges]], graph.xy[graph.head[edges]]
    place = np.arange(int(bends.sum())) - np.repeat(np.cumsum(bends) - bends, bends)
    points[inner] = graph.bend_xy[np.repeat(graph.bend[edges], bends) + place]
    return points, first


def find_spots(pieces: Pieces, xy: Floats) -> Spots:
    """Put a few points on the streets, whatever others are asked for.

    Parameters
    ----------
    pieces : the streets
    xy : (n, 2) metres
    """
    best = np.full(len(xy), -1, dtype=np.int64)
    left = np.arange(len(xy))
    if len(xy) > _SOME and len(pieces.edge):
        near, beyond = _near_middles(pieces, xy, _ALIKE)
        near.sort(axis=1)  # of streets that are equally near the first counts, as below
        piece, away = _nearest_among(pieces, xy, near)
        settled = away + PIECE_M / 2 + _ROUNDED_M < beyond  # no other piece can come as near
        best[settled] = piece[settled]
        left = np.flatnonzero(~settled)
    away = np.full(len(xy), np.inf)
    ring = 1
    while len(left) and ring <= FARTHEST_SQUARES:
        piece, metres = _search(pieces, xy[left], ring)
        best[left], away[left] = piece, metres
        left = left[metres > ring * SQUARE_M]  # a street beyond the squares searched may be nearer
        ring *= 2
    return _spots(pieces, xy, best)


def find_all_spots(pieces: Pieces, xy: Floats) -> Spots:
    """Put very many points on the streets: of the pieces whose middles are nearest, the nearest."""
    if len(xy) == 0 or len(pieces.edge) == 0:
        return _spots(pieces, xy, np.full(len(xy), -1, dtype=np.int64))
    near, _ = _near_middles(pieces, xy, _NEAREST_PIECES)
    return _spots(pieces, xy, _nearest_among(pieces, xy, near)[0])


def _near_middles(pieces: Pieces, xy: Floats, k: int) -> tuple[Ints, Floats]:
    """(n, k) pieces whose middles are nearest, the number of pieces for none, and metres that all others are beyond."""
    limit = FARTHEST_SQUARES * SQUARE_M
    inside = (pieces.xy >= xy.min(axis=0) - limit) & (pieces.xy <= xy.max(axis=0) + limit)
    around = np.flatnonzero(inside.all(axis=1))
    tree = cKDTree(pieces.xy[around], compact_nodes=False, balanced_tree=False)
    k = max(1, min(k, len(around)))
    away, piece = tree.query(xy, k=k, distance_upper_bound=limit, workers=-1)
    near = np.append(around, len(pieces.edge))[np.asarray(piece, dtype=np.int64).reshape(len(xy), k)]
    return near, np.minimum(np.asarray(away).reshape(len(xy), k)[:, -1], limit)


def _nearest_among(pieces: Pieces, xy: Floats, near: Ints) -> tuple[Ints, Floats]:
    """The nearest of (n, k) pieces, -1 for none, and the metres to it."""
    away = np.full(near.shape, np.inf)
    for column in range(near.shape[1]):
        there = np.flatnonzero(near[:, column] < len(pieces.edge))
        away[there, column] = _project(pieces, xy[there], near[there, column])[1]
    rows, first = np.arange(len(xy)), away.argmin(axis=1)
    best = near[rows, first]
    return np.where(best < len(pieces.edge), best, -1), away[rows, first]


def near_streets(pieces: Pieces, street: Bools, xy: Floats) -> Bools:
    """(n,) points whose nearest street may be one of those marked; no other has one of them as its nearest.

    Where a piece lies in the squares around that of a point, some street is at most two diagonals of a square away;
    pieces beyond three squares are farther.

    Parameters
    ----------
    pieces : the streets
    street : (e,) whether a street is marked
    xy : (n, 2) metres
    """
    west, south, width, height = pieces.corner.tolist()
    count = np.append(0, np.cumsum(street[pieces.edge]))[pieces.start]
    with_piece, marked = (np.pad((np.diff(of) > 0).reshape(height, width), _AROUND) for of in (pieces.start, count))
    may = maximum_filter(marked, size=2 * _AROUND + 1) | ~maximum_filter(with_piece, size=3)
    square = np.floor(xy / SQUARE_M).astype(np.int64) - (west - _AROUND, south - _AROUND)
    inside = ((square >= 0) & (square < may.shape[::-1])).all(axis=1)
    near = np.ones(len(xy), dtype=bool)  # far from all streets nothing is left out
    near[inside] = may[square[inside, 1], square[inside, 0]]
    return near


def _search(pieces: Pieces, xy: Floats, ring: int) -> tuple[Ints, Floats]:
    """Nearest piece in the squares around every point, -1 where there is none, and the metres to it."""
    west, south, width, height = pieces.corner.tolist()
    square = np.floor(xy / SQUARE_M).astype(np.int64) - (west, south)
    rows = square[:, 1, None] + np.arange(-ring, ring + 1)
    low, high = np.clip(square[:, 0] - ring, 0, width), np.clip(square[:, 0] + ring + 1, 0, width)
    inside = (rows >= 0) & (rows < height) & (low < high)[:, None]
    base = np.where(inside, rows, 0) * width
    begin = np.where(inside, pieces.start[base + np.where(inside, low[:, None], 0)], 0)
    size = np.where(inside, pieces.start[base + np.where(inside, high[:, None], 0)] - begin, 0)
    total = np.cumsum(size.sum(axis=1))
    best, away = np.full(len(xy), -1, dtype=np.int64), np.full(len(xy), np.inf)
    edges = np.unique(np.searchsorted(total, np.arange(0, int(total[-1]) + _AT_ONCE, _AT_ONCE), side="right"))
    for first, last in zip([0, *edges.tolist()], [*edges.tolist(), len(xy)], strict=True):
        if last > first:
            _nearest_of(pieces, xy, begin[first:last], size[first:last], first, best, away)
    return best, away


def _nearest_of(pieces: Pieces, xy: Floats, begin: Ints, size: Ints, first: int, best: Ints, away: Floats) -> None:
    """Note the nearest of the pieces listed for every point from ``first`` on."""
    runs = size.ravel()
    place = np.arange(int(runs.sum())) - np.repeat(np.cumsum(runs) - runs, runs)
    piece = np.repeat(begin.ravel(), runs) + place
    count = size.sum(axis=1)
    some = np.flatnonzero(count)
    if len(some) == 0:
        return
    point = np.repeat(np.arange(len(count)), count) + first
    metres = _project(pieces, xy[point], piece)[1]
    starts = (np.cumsum(count) - count)[some]
    least = np.minimum.reduceat(metres, starts)
    hit = np.flatnonzero(metres == np.repeat(least, count[some]))
    of_hit = point[hit]
    one = hit[np.append(True, of_hit[1:] != of_hit[:-1])]
    best[some + first], away[some + first] = piece[one], least


def _project(pieces: Pieces, xy: Floats, piece: Ints) -> tuple[Floats, Floats]:
    """Metres along every piece from its middle to the spot nearest to a point, and metres to that spot."""
    apart = xy - pieces.xy[piece]
    way = pieces.way[piece]
    half = pieces.half_m[piece].astype(np.float64)
    along = np.clip((apart * way).sum(axis=1), -half, half)
    return along, np.hypot(*(apart - along[:, None] * way).T)


def _spots(pieces: Pieces, xy: Floats, piece: Ints) -> Spots:
    there: Bools = piece >= 0
    edge = np.full(len(xy), -1, dtype=np.int32)
    offset, away = np.zeros(len(xy)), np.full(len(xy), np.inf)
    if there.any():
        piece_of = piece[there]
        along, away[there] = _project(pieces, xy[there], piece_of)
        edge[there] = pieces.edge[piece_of]
        offset[there] = np.maximum(0.0, np.rint(pieces.offset_dm[piece_of] + along * pieces.stretch[piece_of]))
    return Spots(edge, offset, away)
