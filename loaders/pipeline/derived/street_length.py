"""Metres of street in every hectare cell: each street cut exactly where it passes from one cell into the next."""

from __future__ import annotations

import numpy as np
from affine import Affine

from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import Kinds, is_class
from loaders.catalogue.regions.projection import grid_crs, storage_crs, transformer
from loaders.catalogue.types import Bools, Floats, Ints

LIVED_ALONG = ("primary", "secondary", "tertiary", "minor", "pedestrian")
"""Classes of street that people live along: motorways, trunk roads, service roads, tracks and paths are not."""


def street_metres(graph: StreetGraph, shape: tuple[int, int], transform: Affine) -> Floats:
    """Metres of the streets that people live along, in every cell.

    Parameters
    ----------
    graph : streets (EPSG:31370)
    shape : rows and columns of the grid
    transform : pixel to metres of the grid (EPSG:3035)

    Returns
    -------
    (rows, cols) metres; what lies outside the grid is left out
    """
    ends, metres = _segments(graph, lived_along(graph.kind), transform)
    segment, cell, share = _pieces(ends)
    rows, cols = cell.T
    inside = (rows >= 0) & (rows < shape[0]) & (cols >= 0) & (cols < shape[1])
    flat = rows[inside] * shape[1] + cols[inside]
    length = np.bincount(flat, weights=(share * metres[segment])[inside], minlength=shape[0] * shape[1])
    return np.asarray(length.reshape(shape), dtype=np.float64)


def lived_along(kind: Kinds) -> Bools:
    """(e,) whether people live along streets of every kind."""
    return is_class(kind, *LIVED_ALONG)


def _segments(graph: StreetGraph, chosen: Bools, transform: Affine) -> tuple[Floats, Floats]:
    """(s, 2, 2) ends of the straight parts of some streets, in rows and columns, and (s,) their metres."""
    edges = np.flatnonzero(chosen)
    bends = np.diff(graph.bend)[edges]
    start = np.append(0, np.cumsum(bends + 2))
    points = np.empty((start[-1], 2))
    inner = np.ones(start[-1], dtype=bool)
    inner[start[:-1]] = inner[start[1:] - 1] = False
    points[start[:-1]] = graph.xy[graph.tail[edges]]
    points[start[1:] - 1] = graph.xy[graph.head[edges]]
    place = np.repeat(graph.bend[edges] - np.append(0, np.cumsum(bends))[:-1], bends) + np.arange(bends.sum())
    points[inner] = graph.bend_xy[place]
    first = np.ones(start[-1], dtype=bool)
    first[start[1:] - 1] = False
    begin = np.flatnonzero(first)
    metres = np.hypot(*(points[begin + 1] - points[begin]).T)
    x, y = transformer(storage_crs(), grid_crs()).transform(points[:, 0], points[:, 1])
    at = np.column_stack([(transform.f - y) / -transform.e, (x - transform.c) / transform.a])
    return np.stack([at[begin], at[begin + 1]], axis=1), metres


def _pieces(ends: Floats) -> tuple[Ints, Ints, Floats]:
    """Cut segments at the lines of the grid: segment, cell (row, column) and share of the segment of every piece."""
    low, high = ends.min(axis=1), ends.max(axis=1)
    begin, step = ends[:, 0], ends[:, 1] - ends[:, 0]
    segments, cuts = [np.arange(len(ends))], [np.zeros(len(ends))]
    for axis in (0, 1):
        first = np.ceil(low[:, axis])
        lines = np.maximum(0, np.ceil(high[:, axis]) - first).astype(np.int64)
        of = np.repeat(np.arange(len(ends)), lines)
        line = np.repeat(first, lines) + np.arange(len(of)) - np.repeat(np.cumsum(lines) - lines, lines)
        segments.append(of)
        cuts.append((line - begin[of, axis]) / step[of, axis])
    segment, cut = np.concatenate(segments), np.concatenate(cuts)
    order = np.lexsort((cut, segment))
    segment, cut = segment[order], cut[order]
    last = np.append(segment[1:] != segment[:-1], True)
    until = np.where(last, 1.0, np.append(cut[1:], 1.0))
    middle = begin[segment] + ((cut + until) / 2)[:, None] * step[segment]
    return segment, np.floor(middle).astype(np.int64), until - cut
