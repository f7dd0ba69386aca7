"""Shortest paths from many facilities outward over one sparse graph, each node told its nearest ones.

The graph is a CSR matrix whose entry (u, w) is the cost of getting from w to u, in metres of travel: the search runs
against the direction of travel, because families travel to the facility.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from coverage.access.od_pairs import CostPairs
from loaders.catalogue.types import Floats, Positions

Reached = tuple[int, Positions, Floats]
"""A facility, the nodes it reaches and what that costs."""

_AT_ONCE = 8
"""Facilities searched in one go: each needs memory for a cost per node."""

_MANY = 512
"""Facilities whose surroundings are cut out of the whole graph together, where the search has a limit."""

_WIDER = 4.0
"""Times as far as most nodes are from their nearest facility others are looked for first, and each time from there."""

_MOST = 0.9
"""Share of the nodes that are most of them."""

_TOGETHER = 32
"""Facilities whose surroundings are cut out of that together."""


@dataclass(frozen=True, eq=False)
class Starts:
    """Where a search begins: ``label`` (s,) facility, ``node`` (s,) node, ``cost`` (s,) metres already travelled."""

    label: Positions
    node: Positions
    cost: Floats


def cheapest(row: Positions, col: Positions, cost: Floats, n: int) -> sparse.csr_array:
    """(n, n) CSR matrix with, of several edges between the same nodes, the cheapest."""
    key = row.astype(np.int64) * n + col
    order = np.argsort(key)
    first = np.flatnonzero(_first_of(key[order]))
    least = np.minimum.reduceat(cost[order], first) if len(first) else cost
    kept = order[first]
    indptr = np.append(0, np.cumsum(np.bincount(row[kept], minlength=n)))
    return sparse.csr_array((least, col[kept].astype(np.int32), indptr.astype(np.int32)), shape=(n, n))


def _first_of(key: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(n,) whether an item of a sorted array differs from the one before."""
    return np.append(np.ones(min(len(key), 1), dtype=bool), key[1:] != key[:-1])


def nearest_labels(graph: sparse.csr_array, starts: Starts, n_labels: int, k: int) -> tuple[Floats, Positions]:
    """Find the ``k`` nearest facilities of every node.

    The nearest of all nodes take one search from all facilities together (Dijkstra 1959; Erwig 2000, the graph
    Voronoi diagram). A path to the second nearest facility leaves the nearest one's region exactly once, after which
    the nearest facility of where it arrives is the one it goes to: so a second search that starts at the borders of
    the regions and stays within them finds all second nearest. Beyond two, every facility is searched by itself.

    Parameters
    ----------
    graph : (n, n) costs in metres, see the module; no negative ones
    starts : every facility's nodes; several facilities may share a node
    n_labels : number of facilities
    k : how many, at least 1

    Returns
    -------
    cost (n, k) in metres, ascending, ``inf`` where there are fewer; label (n, k), -1 where there are fewer
    """
    n = graph.shape[0]
    cost, label = np.full((n, k), np.inf), np.full((n, k), -1, dtype=np.intp)
    if len(starts.node) == 0:
        return cost, label
    if k > 2:
        return _one_by_one(graph, starts, n_labels, k)
    cost[:, 0], label[:, 0], losing = _spread(graph, starts, n_labels)
    if k == 2:
        within, borders = _split(graph, cost[:, 0], label[:, 0], losing)
        cost[:, 1], label[:, 1], _ = _spread(within, borders, n_labels)
    return cost, label


def reached(graph: sparse.csr_array, starts: Starts, n_labels: int, limit: float = np.inf) -> Iterator[Reached]:
    """Search from every facility by itself and yield (label, nodes, costs) of what lies within ``limit`` metres.

    With a limit, what some facilities can reach is cut out of the graph first, and out of that what a few of them can,
    so that each search handles the nodes around it and not all of them: no way within the limit leaves that part, so
    the costs are the same. That pays most where facilities that are listed side by side lie side by side.
    """
    n = graph.shape[0]
    joined, inside = _join(graph, _best(starts, n), n_labels), np.arange(n + n_labels)
    every = n + np.arange(n_labels)
    if not np.isfinite(limit) or n_labels <= _AT_ONCE:
        yield from _each(joined, inside, every, n, limit)
        return
    for many in np.split(every, range(_MANY, n_labels, _MANY)):
        around, held = _cut(joined, inside, many, limit)
        for few in np.split(many, range(_TOGETHER, len(many), _TOGETHER)):
            yield from _each(*_cut(around, held, few, limit), few, n, limit)


def _cut(
    graph: sparse.csr_array, inside: Positions, group: Positions, limit: float
) -> tuple[sparse.csr_array, Positions]:
    """The part of a graph that some nodes can reach, and which nodes these are.

    Parameters
    ----------
    graph, inside : a part, and (ascending) the nodes of the whole that it is made of
    group : nodes of the whole
    limit : metres
    """
    at = np.searchsorted(inside, group)
    near = np.flatnonzero(np.isfinite(dijkstra(graph, indices=at, limit=limit, min_only=True)))
    return graph[near][:, near], inside[near]


def _each(graph: sparse.csr_array, inside: Positions, group: Positions, n: int, limit: float) -> Iterator[Reached]:
    """Search from each of some facilities in a part of the graph; ``n`` nodes come before the facilities."""
    at = np.searchsorted(inside, group)
    for first in range(0, len(group), _AT_ONCE):
        costs_of_all = dijkstra(graph, indices=at[first : first + _AT_ONCE], limit=limit)
        for label, costs in zip(group[first : first + _AT_ONCE] - n, costs_of_all, strict=True):
            kept = np.flatnonzero(np.isfinite(costs) & (inside < n))
            yield int(label), inside[kept], costs[kept]


def _join(graph: sparse.csr_array, starts: Starts, n_labels: int) -> sparse.csr_array:
    """Return the graph with a node of its own for every facility, after the others."""
    n = graph.shape[0]
    order = np.argsort(starts.label, kind="stable")
    ends = np.cumsum(np.bincount(starts.label, minlength=n_labels))
    return sparse.csr_array(
        (
            np.concatenate([graph.data, starts.cost[order]]),
            np.concatenate([graph.indices, starts.node[order].astype(graph.indices.dtype)]),
            np.concatenate([graph.indptr, (graph.indptr[-1] + ends).astype(graph.indptr.dtype)]),
        ),
        shape=(n + n_labels, n + n_labels),
    )


def _spread(graph: sparse.csr_array, starts: Starts, n_labels: int) -> tuple[Floats, Positions, Starts]:
    """Search from all starts together; also return the starts at which another facility is nearer."""
    n = graph.shape[0]
    starts = _best(starts, n)
    costs, _, source = dijkstra(
        _join(graph, starts, n_labels), indices=np.arange(n, n + n_labels), min_only=True, return_predecessors=True
    )
    cost = np.asarray(costs[:n], dtype=np.float64)
    label = np.where(np.isfinite(cost), source[:n] - n, -1).astype(np.intp)
    lost = label[starts.node] != starts.label
    return cost, label, Starts(starts.label[lost], starts.node[lost], starts.cost[lost])


def _best(starts: Starts, n: int) -> Starts:
    """Keep the cheapest start of every facility at every node."""
    order = np.lexsort((starts.cost, starts.label * n + starts.node))
    key = (starts.label * n + starts.node)[order]
    kept = order[_first_of(key)]
    return Starts(starts.label[kept], starts.node[kept], starts.cost[kept])


def _split(graph: sparse.csr_array, cost: Floats, label: Positions, losing: Starts) -> tuple[sparse.csr_array, Starts]:
    """Return the graph without the edges between regions, and where paths of one facility enter another's region."""
    tail = np.repeat(np.arange(graph.shape[0], dtype=np.int32), np.diff(graph.indptr))
    kept = label[tail] == label[graph.indices]
    indptr = np.append(0, np.cumsum(kept, dtype=graph.indptr.dtype))[graph.indptr]
    within = sparse.csr_array((graph.data[kept], graph.indices[kept], indptr), shape=graph.shape)
    crossing = np.flatnonzero(~kept)
    crossing = crossing[label[tail[crossing]] >= 0]
    from_node = tail[crossing]
    return within, Starts(
        np.concatenate([label[from_node], losing.label]),
        np.concatenate([graph.indices[crossing].astype(np.intp), losing.node]),
        np.concatenate([cost[from_node] + graph.data[crossing], losing.cost]),
    )


def _one_by_one(graph: sparse.csr_array, starts: Starts, n_labels: int, k: int) -> tuple[Floats, Positions]:
    """Search from every facility by itself and keep the ``k`` cheapest.

    First no farther than a few times what most nodes are from their nearest; what is found within a limit is not found
    otherwise beyond it, so only where some node has too few, all are searched from farther.
    """
    near = _spread(graph, starts, n_labels)[0]
    near = near[np.isfinite(near)]
    limit = _WIDER * float(np.quantile(near, _MOST)) if len(near) and n_labels > k else np.inf
    farthest = float(near.max(initial=0.0))
    while True:
        cost, label = _cheapest_within(graph, starts, n_labels, k, limit)
        if not np.isfinite(limit) or int(np.isfinite(cost[:, -1]).sum()) == len(near):
            return cost, label
        limit = limit * _WIDER if limit < _WIDER * farthest else np.inf


def _cheapest_within(
    graph: sparse.csr_array, starts: Starts, n_labels: int, k: int, limit: float
) -> tuple[Floats, Positions]:
    """The ``k`` cheapest of the facilities within a limit."""
    n = graph.shape[0]
    cost, label = np.full((n, k), np.inf), np.full((n, k), -1, dtype=np.intp)
    for facility, nodes, costs in reached(graph, starts, n_labels, limit):
        better = costs < cost[nodes, -1]
        rows = nodes[better]
        all_costs = np.column_stack([cost[rows], costs[better]])
        all_labels = np.column_stack([label[rows], np.full(len(rows), facility)])
        order = np.argsort(all_costs, axis=1, kind="stable")[:, :k]
        cost[rows] = np.take_along_axis(all_costs, order, axis=1)
        label[rows] = np.take_along_axis(all_labels, order, axis=1)
    return cost, label


def pairs_of(
    reached_points: Iterable[Reached],
    node: Positions,
    n_labels: int,
    price: Callable[[int, Positions, Floats], Floats],
    radius: float,
) -> CostPairs:
    """Pairs of demand points and facilities, from what was reached at the nodes the points are on.

    Parameters
    ----------
    reached_points : (label, nodes, costs) by ascending label, see `reached`
    node : (n_demand,) node of every demand point, -1 for none
    n_labels : number of facilities
    price : (label, demand points, costs at their nodes) to metres of travel
    radius : metres of travel, its end included
    """
    order = np.argsort(node, kind="stable")
    by_node = node[order]
    demand, metres, count = [np.zeros(0, dtype=np.intp)], [np.zeros(0)], np.zeros(n_labels, dtype=np.intp)
    for label, nodes, costs in reached_points:
        first = np.searchsorted(by_node, nodes, side="left")
        size = np.searchsorted(by_node, nodes, side="right") - first
        place = np.repeat(first - (np.cumsum(size) - size), size) + np.arange(int(size.sum()))
        points = order[place]
        cost = price(label, points, np.repeat(costs, size))
        near = np.flatnonzero(cost <= radius)
        near = near[np.argsort(points[near])]
        demand.append(points[near])
        metres.append(cost[near])
        count[label] = len(near)
    start = np.append(0, np.cumsum(count)).astype(np.intp)
    return CostPairs(np.concatenate(demand), start, np.concatenate(metres), (len(node), n_labels))
