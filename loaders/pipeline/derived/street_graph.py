"""From lines of streets to a graph: join what meets, leave bridges above what they cross, merge, leave out islands.

Lines that meet share a point, to the decimetre. Three things do not follow from that alone:

- two lines that cross on different levels may share a point by chance: inside a line on a bridge or in a tunnel, a
  point is joined only to points of the same level, unless some line ends there;
- a line that was cut at the edge of a tile, or drawn up to another line, may end beside it: an end within
  `JOIN_M` of another line on the ground is joined to it;
- points where two lines of one kind meet, and nothing else does, are no junction: they become bends.

What is not connected to the largest part, by whatever street, is an island and left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import BRIDGE, ONEWAY, TUNNEL, Kinds
from loaders.catalogue.types import Bools, Ints
from loaders.parsers.street_lines import StreetLines

JOIN_M = 1.0
"""An end of a line is joined to another line at most so far away."""

BEND_M = 5.0
"""Bends may be moved, and left out, by at most so much."""

_DM = 10


@dataclass(frozen=True, eq=False)
class GraphReport:
    """What became of the lines.

    Attributes
    ----------
    lines : streets among the lines of the file
    left_out : other lines of the file
    joined : ends joined to a line beside them
    islands : parts left out
    island_km : their length
    """

    lines: int
    left_out: int
    joined: int
    islands: int
    island_km: float


def make_street_graph(lines: StreetLines) -> tuple[StreetGraph, GraphReport]:
    """Make the graph of a file of lines; the same lines give the same graph, bit for bit."""
    joined = _join_ends(lines)
    node, n_nodes = _nodes(joined)
    runs = _merge(joined, node, n_nodes)
    kept, islands, island_km = _main_part(runs, n_nodes)
    graph = _arrange(runs, kept, joined.xy_dm, node)
    report = GraphReport(len(lines.kind), lines.left_out, len(joined.xy_dm) - len(lines.xy_dm), islands, island_km)
    return graph, report


def _ends(start: Ints) -> Bools:
    """(p,) whether a point is the first or last of its line."""
    end = np.zeros(int(start[-1]), dtype=bool)
    end[start[:-1]] = end[start[1:] - 1] = True
    return end


def _keys(xy_dm: Ints) -> Ints:
    """(p,) one number for each spot."""
    return np.asarray(xy_dm[:, 0] * (1 << 32) + xy_dm[:, 1], dtype=np.int64)


def _join_ends(lines: StreetLines) -> StreetLines:
    """Lines with a point more wherever a loose end of another line lies beside them."""
    xy, start = lines.xy_dm, lines.start
    _, spot, count = np.unique(_keys(xy), return_inverse=True, return_counts=True)
    loose = np.flatnonzero(_ends(start) & (count[spot] == 1))
    if len(loose) == 0:
        return lines
    of_point = np.repeat(np.arange(len(lines.kind)), np.diff(start))
    ground = np.flatnonzero((lines.kind & np.uint8(BRIDGE | TUNNEL)) == 0)
    on_ground = np.isin(of_point, ground)
    shapes = np.asarray(
        shapely.linestrings(xy[on_ground] / _DM, indices=np.searchsorted(ground, of_point[on_ground])), dtype=object
    )
    loose = loose[(lines.kind[of_point[loose]] & np.uint8(BRIDGE | TUNNEL)) == 0]
    end, line = shapely.STRtree(shapes).query(shapely.points(xy[loose] / _DM), predicate="dwithin", distance=JOIN_M)
    apart = ground[line] != of_point[loose[end]]
    end, line = end[apart], line[apart]
    away = shapely.distance(shapely.points(xy[loose[end]] / _DM), shapes[line])
    order = np.lexsort((ground[line], away, end))
    nearest = order[np.append(True, np.diff(end[order]) != 0)] if len(order) else order
    return _with_points(lines, loose[end[nearest]], ground[line[nearest]])


def _with_points(lines: StreetLines, ends: Ints, into: Ints) -> StreetLines:
    """Put the points ``ends`` into the lines ``into``, each where that line passes it."""
    xy, start = lines.xy_dm.astype(np.float64), lines.start
    places = []
    for end, line in zip(ends, into, strict=True):
        first, last = start[line], start[line + 1] - 1
        a, b = xy[first:last], xy[first + 1 : last + 1]
        step = b - a
        along = np.clip(((xy[end] - a) * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1.0), 0.0, 1.0)
        away = np.hypot(*(a + along[:, None] * step - xy[end]).T)
        best = int(away.argmin())
        places.append((first + best, float(along[best])))
    if not places:
        return lines
    at, share = (np.array(part) for part in zip(*places, strict=True))
    order = np.lexsort((share, at))
    before = at[order] + 1
    line_of = into[order]
    points = np.insert(lines.xy_dm, before, lines.xy_dm[ends[order]], axis=0)
    more = np.bincount(line_of, minlength=len(lines.kind))
    return StreetLines(lines.kind, start + np.append(0, np.cumsum(more)), points, lines.left_out)


def _nodes(lines: StreetLines) -> tuple[Ints, int]:
    """(p,) number of the node that every point is, and how many there are."""
    end = _ends(lines.start)
    level = np.where(lines.kind & np.uint8(BRIDGE), 1, np.where(lines.kind & np.uint8(TUNNEL), 2, 0))
    of_point = np.repeat(level, np.diff(lines.start))
    _, spot = np.unique(_keys(lines.xy_dm), return_inverse=True)
    some_end = np.zeros(int(spot.max()) + 1, dtype=bool)
    some_end[spot[end]] = True
    key = spot.astype(np.int64) * 3 + np.where(some_end[spot], 0, of_point)
    _, node = np.unique(key, return_inverse=True)
    return node.astype(np.int64), int(node.max()) + 1


@dataclass(frozen=True, eq=False)
class _Runs:
    """Edges as runs of points.

    Attributes
    ----------
    tail, head : (e,) nodes
    kind, length_dm : (e,)
    start : (e + 1,) first point of every edge in ``points``
    points : (p,) points of the lines, tail and head among them
    """

    tail: Ints
    head: Ints
    kind: Kinds
    length_dm: Ints
    start: Ints
    points: Ints


def _merge(lines: StreetLines, node: Ints, n_nodes: int) -> _Runs:
    """Join segments at points where nothing but two of one kind meet."""
    first = np.flatnonzero(~_lasts(lines.start))
    first = first[node[first] != node[first + 1]]
    kind = np.repeat(lines.kind, np.diff(lines.start))[first]
    tail, head = node[first], node[first + 1]
    length = np.hypot(*(lines.xy_dm[first + 1] - lines.xy_dm[first]).T)
    passing = _passing(tail, head, kind, n_nodes)
    walked, sizes = _chains(tail, head, kind, passing)
    segment, forward = np.abs(walked) - 1, walked > 0
    edge = np.repeat(np.arange(len(sizes)), sizes)
    begins = np.cumsum(sizes) - sizes
    ends = np.cumsum(sizes) - 1
    at_tail = np.where(forward, first[segment], first[segment] + 1)
    at_head = np.where(forward, first[segment] + 1, first[segment])
    points = np.insert(at_head, begins, at_tail[begins])
    metres = np.bincount(edge, weights=length[segment], minlength=len(sizes))
    return _Runs(
        tail=node[at_tail[begins]],
        head=node[at_head[ends]],
        kind=kind[segment[begins]],
        length_dm=np.maximum(1, np.rint(metres)).astype(np.int64),
        start=np.append(0, np.cumsum(sizes + 1)),
        points=points,
    )


def _lasts(start: Ints) -> Bools:
    last = np.zeros(int(start[-1]), dtype=bool)
    last[start[1:] - 1] = True
    return last


def _passing(tail: Ints, head: Ints, kind: Kinds, n_nodes: int) -> Bools:
    """(n,) nodes where exactly two segments of one kind meet, of one-way ones one in and one out."""
    degree = np.bincount(tail, minlength=n_nodes) + np.bincount(head, minlength=n_nodes)
    low, high = np.full(n_nodes, 255, dtype=np.uint8), np.zeros(n_nodes, dtype=np.uint8)
    for ends in (tail, head):
        np.minimum.at(low, ends, kind)
        np.maximum.at(high, ends, kind)
    oneway = (kind & np.uint8(ONEWAY)) != 0
    out = np.bincount(tail[oneway], minlength=n_nodes)
    return np.asarray((degree == 2) & (low == high) & (((low & ONEWAY) == 0) | (out == 1)), dtype=bool)


def _chains(tail: Ints, head: Ints, kind: Kinds, passing: Bools) -> tuple[Ints, Ints]:
    """Segments of every edge in order, one edge after the other, and (e,) how many an edge has.

    Segments are counted from 1, and negative where one is walked from head to tail. Rings without a junction are
    islands, and left out.
    """
    nothing = -1
    beside = np.full((len(passing), 2), nothing, dtype=np.int64)
    for ends in (tail, head):
        of_passing = np.flatnonzero(passing[ends])
        at = ends[of_passing]
        order = np.argsort(at, kind="stable")
        of_passing, at = of_passing[order], at[order]
        again = np.append(False, at[1:] == at[:-1])
        slot = np.where(again | (beside[at, 0] != nothing), 1, 0)
        beside[at, slot] = of_passing
    plain = ~passing[tail] & ~passing[head]
    alone = np.flatnonzero(plain) + 1
    walked, sizes = _walk(tail, head, kind, passing, beside)
    return np.append(alone, walked), np.append(np.ones(len(alone), dtype=np.int64), sizes)


def _walk(tail: Ints, head: Ints, kind: Kinds, passing: Bools, beside: Ints) -> tuple[Ints, Ints]:
    """Follow the passing nodes from every segment that begins or ends at a junction; as `_chains` gives them."""
    tails, heads, through = tail.tolist(), head.tolist(), passing.tolist()
    one, other = beside[:, 0].tolist(), beside[:, 1].tolist()
    done = np.zeros(len(tail), dtype=bool).tolist()
    oneway = ((kind & np.uint8(ONEWAY)) != 0).tolist()
    begin = np.flatnonzero(passing[tail] != passing[head])
    walked: list[int] = []
    sizes: list[int] = []
    for first in begin.tolist():
        if done[first]:
            continue
        forward = not through[tails[first]]
        if oneway[first] and not forward:
            continue  # walked from its other end, along the one-way
        segment, at = first, tails[first] if forward else heads[first]
        begun = len(walked)
        while True:
            done[segment] = True
            ahead = tails[segment] == at
            walked.append(segment + 1 if ahead else -segment - 1)
            at = heads[segment] if ahead else tails[segment]
            if not through[at]:
                break
            segment = other[at] if one[at] == segment else one[at]
        sizes.append(len(walked) - begun)
    return np.array(walked, dtype=np.int64), np.array(sizes, dtype=np.int64)


def _main_part(runs: _Runs, n_nodes: int) -> tuple[Bools, int, float]:
    """(e,) edges of the largest connected part, how many other parts there are, and their length in km."""
    joined = sparse.csr_array((np.ones(len(runs.tail), dtype=bool), (runs.tail, runs.head)), shape=(n_nodes, n_nodes))
    _, part = connected_components(joined, directed=False)
    of_edge = part[runs.tail]
    length = np.bincount(of_edge, weights=runs.length_dm)
    main = int(length.argmax())
    others = int((length > 0).sum()) - 1
    return of_edge == main, others, round(float(length.sum() - length[main]) / _DM / 1000, 1)


def _arrange(runs: _Runs, kept: Bools, xy_dm: Ints, node: Ints) -> StreetGraph:
    """Number the nodes so that neighbours are near each other, turn and sort the edges, and leave out small bends."""
    edges = np.flatnonzero(kept)
    used = np.unique(np.concatenate([runs.tail[edges], runs.head[edges]]))
    place = np.zeros(int(node.max()) + 1, dtype=np.int64)
    place[node] = np.arange(len(node))
    at = np.rint(xy_dm[place[used]] / _DM).astype(np.int64)
    order = np.lexsort((used, _interleaved(at)))
    number = np.zeros(int(node.max()) + 1, dtype=np.int64)
    number[used[order]] = np.arange(len(used))
    tail, head, kind = number[runs.tail[edges]], number[runs.head[edges]], runs.kind[edges]
    turned = (tail > head) & ((kind & np.uint8(ONEWAY)) == 0)
    shapes = _simplified(runs, edges, turned, xy_dm)
    tail, head = np.where(turned, head, tail), np.where(turned, tail, head)
    length = runs.length_dm[edges]
    sort = np.lexsort((edges, kind, length, head, tail))
    bends = shapely.get_num_coordinates(shapes)[sort] - 2
    points = np.rint(shapely.get_coordinates(shapes[sort])).astype(np.int32)
    inner = np.ones(len(points), dtype=bool)
    stop = np.cumsum(bends + 2)
    inner[stop - 1] = inner[stop - bends - 2] = False
    return StreetGraph(
        xy=at[order].astype(np.int32),
        tail=tail[sort].astype(np.int32),
        head=head[sort].astype(np.int32),
        length_dm=length[sort].astype(np.int32),
        kind=kind[sort],
        bend=np.append(0, np.cumsum(bends)).astype(np.int64),
        bend_xy=points[inner],
    )


def _simplified(runs: _Runs, edges: Ints, turned: Bools, xy_dm: Ints) -> npt.NDArray[np.object_]:
    """(k,) lines of the edges in metres, from tail to head once turned."""
    sizes = np.diff(runs.start)[edges]
    first = np.append(0, np.cumsum(sizes))[:-1]
    edge = np.repeat(np.arange(len(edges)), sizes)
    place = np.arange(len(edge)) - first[edge]
    source = runs.start[edges][edge] + np.where(turned[edge], sizes[edge] - 1 - place, place)
    lines = shapely.linestrings(xy_dm[runs.points[source]] / _DM, indices=edge)
    return np.asarray(shapely.simplify(lines, BEND_M, preserve_topology=False), dtype=object)


def _interleaved(xy: Ints) -> Ints:
    """(n,) bits of x and y in turn (G. M. Morton, 1966): spots with numbers near each other lie near each other."""
    key = np.zeros(len(xy), dtype=np.int64)
    for bit in range(20):
        key |= ((xy[:, 0] >> bit) & 1) << (2 * bit)
        key |= ((xy[:, 1] >> bit) & 1) << (2 * bit + 1)
    return key
