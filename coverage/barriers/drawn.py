"""Rivers, canals, railways and motorways as the data draw them, and where streets lead across."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from coverage.travel.streets.street_index import street_points
from coverage.travel.streets.street_rules import StreetRules
from i18n.messages import MessageError
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.types import Floats, Positions

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

KINDS = ("river", "canal", "railway", "motorway")
"""Kinds of line of the table ``ground`` that can be a barrier."""

STRETCH_M = 1000.0
"""Lines are told in stretches of about this length."""


_AT_ONCE = 100_000
"""Streets that are looked at in one go."""


@dataclass(frozen=True, eq=False)
class DrawnBarriers:
    """Barriers as pieces of straight line.

    Attributes
    ----------
    kind, name : (b,) of every barrier; lines without a name are one barrier of their kind, named ``""``
    segment : (s, 2, 2) both ends of every piece, metres
    barrier : (s,) whose it is
    stretch : (s,) number of the stretch that it is part of, ascending
    end : (e, 2) where a line ends that nothing of the same barrier goes on from: one can go around there
    end_of : (e,) whose end that is
    """

    kind: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]
    segment: Floats
    barrier: Positions
    stretch: Positions
    end: Floats
    end_of: Positions

    @property
    def lines(self) -> npt.NDArray[np.object_]:
        """(s,) the pieces as lines."""
        return np.asarray(shapely.linestrings(self.segment))


@dataclass(frozen=True, eq=False)
class Across:
    """Where one can get across a barrier: ``xy`` (c, 2) metres, ``barrier`` (c,), ascending."""

    xy: Floats
    barrier: Positions


def drawn_barriers(snapshot: Snapshot) -> DrawnBarriers:
    """Barriers of a snapshot, out of its tables ``ground`` and ``ground_vertices``.

    Raises
    ------
    InputError
        when the snapshot holds no such lines
    """
    if "ground" not in snapshot.resources:
        raise MessageError("error.barriers.no_ground")
    ground = snapshot.table("ground")
    ground = ground[ground["kind"].isin(KINDS)]
    if ground.empty:
        raise MessageError("error.barriers.no_ground")
    names = ground["name"].fillna("").astype(str)
    known = ground.assign(name=names).groupby(["kind", "name"], sort=True).ngroup().to_numpy()
    named = ground.assign(name=names, barrier=known).drop_duplicates("barrier").sort_values("barrier")
    vertices = snapshot.table("ground_vertices")
    vertices = vertices[vertices["feature"].isin(ground["feature"])]
    barrier = known[np.searchsorted(ground["feature"].to_numpy(), vertices["feature"].to_numpy())].astype(np.intp)
    return make_drawn(
        named["kind"].to_numpy(object),
        named["name"].to_numpy(object),
        vertices[["x", "y"]].to_numpy(np.float64),
        np.unique(vertices[["feature", "part"]].to_numpy(), axis=0, return_inverse=True)[1].reshape(-1),
        barrier,
    )


def make_drawn(
    kind: npt.NDArray[np.object_], name: npt.NDArray[np.object_], xy: Floats, line: Positions, barrier: Positions
) -> DrawnBarriers:
    """Barriers out of the points of lines.

    Parameters
    ----------
    kind, name : (b,)
    xy : (p, 2) points, those of a line one after the other, metres
    line : (p,) number of the line, ascending
    barrier : (p,) whose it is
    """
    xy, line, barrier = _cut(xy, line, barrier)
    goes_on = line[1:] == line[:-1]
    first, last = np.append(True, ~goes_on)[: len(line)], np.append(~goes_on, True)[: len(line)]
    step = np.hypot(*np.diff(xy, axis=0).T) * goes_on
    run = np.append(0.0, np.cumsum(step))
    of_line = np.cumsum(first) - 1
    begun = run[first][of_line]
    middle = (run[:-1] + run[1:])[goes_on] / 2 - begun[:-1][goes_on]
    place = np.floor(middle / STRETCH_M).astype(np.int64)
    stretch = np.unique(np.column_stack([of_line[:-1][goes_on], place]), axis=0, return_inverse=True)[1]
    loose = first | last
    _, first_at, count = np.unique(
        np.column_stack([barrier[loose], xy[loose]]), axis=0, return_index=True, return_counts=True
    )
    alone = first_at[count == 1]
    return DrawnBarriers(
        kind=kind,
        name=name,
        segment=np.stack([xy[:-1][goes_on], xy[1:][goes_on]], axis=1),
        barrier=barrier[:-1][goes_on].astype(np.intp),
        stretch=stretch.reshape(-1).astype(np.intp),
        end=xy[loose][alone],
        end_of=barrier[loose][alone].astype(np.intp),
    )


def _cut(xy: Floats, line: Positions, barrier: Positions) -> tuple[Floats, Positions, Positions]:
    """Points of the lines with more in between, so that no piece is longer than a stretch."""
    step = np.append(np.hypot(*np.diff(xy, axis=0).T) * (line[1:] == line[:-1]), 0.0)
    parts = np.maximum(1, np.ceil(step / STRETCH_M)).astype(np.intp)
    at = np.repeat(np.arange(len(xy)), parts)
    share = (np.arange(len(at)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[at]
    ahead = np.append(xy[1:], xy[-1:], axis=0)
    return xy[at] + share[:, None] * (ahead[at] - xy[at]), line[at], barrier[at]


def ways_across(drawn: DrawnBarriers, graph: StreetGraph, rules: StreetRules) -> Across:
    """Where streets that a mode may use lead across, over it or under it, and where a line ends.

    A line is generalised, so a street close beside it may seem to cross: then there is a way across too many, and
    fewer births count as cut off.

    Parameters
    ----------
    drawn : the barriers
    graph : all streets
    rules : who may use them; ferries count where they do there
    """
    open_ = np.isfinite(rules.along[0, graph.kind]) | np.isfinite(rules.against[0, graph.kind])
    edges = np.flatnonzero(open_)
    lines = drawn.lines
    tree = shapely.STRtree(lines)
    spots, pieces = [np.zeros((0, 2))], [np.zeros(0, dtype=np.intp)]
    for start in range(0, len(edges), _AT_ONCE):
        points, first = street_points(graph, edges[start : start + _AT_ONCE])
        of_street = np.repeat(np.arange(len(first) - 1), np.diff(first))
        streets: npt.NDArray[np.object_] = np.asarray(shapely.linestrings(points, indices=of_street))
        street, piece = tree.query(streets, predicate="intersects")
        spots.append(shapely.get_coordinates(shapely.centroid(shapely.intersection(streets[street], lines[piece]))))
        pieces.append(piece)
    xy = np.vstack([*spots, drawn.end])
    barrier = np.concatenate([drawn.barrier[np.concatenate(pieces)], drawn.end_of])
    order = np.argsort(barrier, kind="stable")
    return Across(xy[order], barrier[order])
