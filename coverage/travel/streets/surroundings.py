"""What surrounds a street, and how it passes its ends: told from the streets themselves, so it goes where they go."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coverage.travel.streets.street_rules import BANDS, LOCAL_JUNCTIONS, WIDE_JUNCTIONS, WIDE_KM
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import RAMP, STREET_CLASSES, class_of, is_class
from loaders.catalogue.types import Bools, Ints, Positions

_JUNCTION = 3
"""Streets for cars that meet at a junction, at the least."""

_RANK = {"trunk": 2, "primary": 3, "secondary": 4, "tertiary": 5, "minor": 6, "service": 7, "parking": 7}
_MOTORWAY, _SLIP, _CLOSED = 0, 1, 9
_THROUGH = _RANK["tertiary"]


def surroundings(graph: StreetGraph) -> Positions:
    """(e,) countryside (0), village, town, city or large city (`BANDS` - 1) at the tail of every street."""
    junction = _degree(graph) >= _JUNCTION
    square = graph.xy.astype(np.int64) // 1000
    square -= square.min(axis=0)
    width, height = (square.max(axis=0) + 1).tolist()
    count = np.bincount(square[:, 1] * width + square[:, 0], weights=junction, minlength=width * height)
    local = count.astype(np.int64).reshape(height, width)
    wide = _around(local, WIDE_KM)
    here, around = (table[square[:, 1], square[:, 0]] for table in (local, wide))
    band = np.searchsorted(LOCAL_JUNCTIONS, here, side="right")
    large = (around >= WIDE_JUNCTIONS * WIDE_KM**2) & (band > 0)
    return np.asarray(np.where(large, BANDS - 1, band)[graph.tail], dtype=np.intp)


def passing(graph: StreetGraph) -> tuple[Positions, Positions]:
    """How every street passes its tail and its head: positions in `coverage.travel.streets.street_rules.PASSING`."""
    rank = _ranks(graph)
    n = len(graph.xy)
    junction = _degree(graph) >= _JUNCTION
    top = np.full(n, _CLOSED)
    for ends in (graph.tail, graph.head):
        np.minimum.at(top, ends, rank)
    through = (rank >= _SLIP) & (rank <= _THROUGH)
    main = np.bincount(graph.tail[through], minlength=n) + np.bincount(graph.head[through], minlength=n) >= _JUNCTION

    def at(ends: npt.NDArray[np.int32]) -> Positions:
        kind = np.where(main[ends], 3, np.where(rank > top[ends], 2, 1))
        return np.asarray(np.where(junction[ends], kind, 0), dtype=np.intp)

    return at(graph.tail), at(graph.head)


def _ranks(graph: StreetGraph) -> Ints:
    """(e,) how important a street is for cars: 0 for a motorway; 9 where they may not come."""
    by_class = np.array([_RANK.get(name, _CLOSED) for name in STREET_CLASSES])
    rank = by_class[class_of(graph.kind)]
    motorway = is_class(graph.kind, "motorway")
    slip = (graph.kind & np.uint8(RAMP)) != 0
    return np.asarray(np.where(motorway, np.where(slip, _SLIP, _MOTORWAY), rank), dtype=np.int64)


def _degree(graph: StreetGraph) -> Ints:
    """(n,) streets for cars that end at every node."""
    open_: Bools = _ranks(graph) < _CLOSED
    n = len(graph.xy)
    return np.bincount(graph.tail[open_], minlength=n) + np.bincount(graph.head[open_], minlength=n)


def _around(count: Ints, side: int) -> Ints:
    """Sums over the square of ``side`` by ``side`` around every entry of a table; beyond its edge there is nothing."""
    half = side // 2
    sums = np.pad(count, (half + 1, half)).cumsum(axis=0).cumsum(axis=1)
    return np.asarray(sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side])
