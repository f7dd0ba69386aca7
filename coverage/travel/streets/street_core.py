"""A graph of streets made small: dead ends are folded up, and junctions of two streets become part of one.

What is left is the core, the only part that is searched. Every other node belongs to a fragment, a bit of street that
touches the core in one or two nodes, its anchors; a way out of a fragment leads through an anchor, so the distances of
its nodes follow from those of the anchors. Ways that stay inside a fragment are searched there.

Costs are whole decimetres of travel, held as floating numbers: sums of them are exact, in whatever order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from coverage.travel.graph import cheapest
from loaders.catalogue.types import Bools, Floats, Ints, Positions

_TWO = 2
_CLOSED = 1 << 40
"""Cost of a step that is closed: more than all others together, and few enough of them fit in a whole number."""


@dataclass(frozen=True, eq=False)
class StreetCore:
    """The core of a graph, and how the other nodes hang on to it.

    Attributes
    ----------
    graph : (c, c) cost of getting from column to row, decimetres of travel
    anchor : (n, 2) core nodes that a node hangs on, -1 for none; a core node hangs on itself
    leaving : (n, 2) cost from the node to its anchors, ``inf`` where there is no way
    coming : (n, 2) cost from its anchors to the node
    fragment : (n,) number of the fragment, -1 for core nodes
    inside : (n, n) cost of getting from column to row between nodes of one fragment
    """

    graph: sparse.csr_array
    anchor: Positions
    leaving: Floats
    coming: Floats
    fragment: Positions
    inside: sparse.csr_array


def make_core(graph: sparse.csr_array) -> StreetCore:
    """Fold up a graph.

    Parameters
    ----------
    graph : (n, n) cost of getting from column to row; where there is an entry one way there is one the other way too,
        ``inf`` where one cannot go; nobody is cut off from anybody
    """
    n = graph.shape[0]
    folded = _fold(graph)
    chains = _contract(graph, folded)
    return _assemble(graph, n, folded, chains)


@dataclass(frozen=True, eq=False)
class _Folded:
    """Dead ends: ``parent`` (n,) node that a folded node hangs on, -1 for those left; ``rounds`` of folding."""

    parent: Positions
    rounds: tuple[Positions, ...]


def _rows(graph: sparse.csr_array) -> Ints:
    return np.repeat(np.arange(graph.shape[0], dtype=np.int64), np.diff(graph.indptr))


def _fold(graph: sparse.csr_array) -> _Folded:
    """Take away nodes with one neighbour, again and again."""
    n = graph.shape[0]
    row, col = _rows(graph), graph.indices.astype(np.int64)
    degree = np.bincount(row, minlength=n)
    total = np.bincount(row, weights=col, minlength=n).astype(np.int64)  # sum of the neighbours that are left
    parent = np.full(n, -1, dtype=np.intp)
    rounds: list[Positions] = []
    leaves = np.flatnonzero(degree == 1)
    while len(leaves):
        above = total[leaves]
        mutual = (degree[above] == 1) & (above > leaves)  # two nodes that are left with each other: one stays
        leaves, above = leaves[~mutual], above[~mutual]
        parent[leaves] = above
        rounds.append(leaves)
        degree[leaves] = 0
        np.subtract.at(degree, above, 1)
        np.subtract.at(total, above, leaves)
        touched = np.unique(above)
        leaves = touched[degree[touched] == 1]
    return _Folded(parent, tuple(rounds))


@dataclass(frozen=True, eq=False)
class _Chains:
    """Chains of nodes with two neighbours, between core nodes.

    Attributes
    ----------
    is_core : (n,)
    node : (p,) nodes inside chains, each once
    ends : (p, 2) core nodes at the ends of its chain
    leaving, coming : (p, 2) costs to and from these
    first, last, forth, back : (m,) ends of every chain, and the cost of walking it
    """

    is_core: Bools
    node: Positions
    ends: Positions
    leaving: Floats
    coming: Floats
    first: Positions
    last: Positions
    forth: Floats
    back: Floats


def _contract(graph: sparse.csr_array, folded: _Folded) -> _Chains:
    """Put the nodes of every chain in order; a ring without a core node gets one."""
    n = graph.shape[0]
    left = folded.parent < 0
    row, col, cost = _rows(graph), graph.indices.astype(np.int64), graph.data
    stays = left[row] & left[col]
    row, col, cost = row[stays], col[stays], cost[stays]
    middle = left & (np.bincount(row, minlength=n) == _TWO)
    at = np.flatnonzero(middle[row])
    sides = _Sides(n)
    slot = np.append(False, row[at][1:] == row[at][:-1]).astype(np.int64)
    sides.beside[row[at], slot] = col[at]
    sides.coming[row[at], slot] = _whole(cost[at])  # entry (row, col): from col to row
    sides.leaving[row[at], slot] = _whole(_Entries(graph)(col[at], row[at]))
    chain, rings = _chain_numbers(middle, row, col)
    middle[rings] = False
    chain[rings] = -1
    return _ordered(sides, chain, middle, left & ~middle)


class _Sides:
    """Neighbours of nodes that have two, and the costs to and from them, `_CLOSED` where there is no way."""

    def __init__(self, n: int) -> None:
        self.beside = np.full((n, 2), -1, dtype=np.int64)
        self.coming, self.leaving = np.full((n, 2), _CLOSED), np.full((n, 2), _CLOSED)


def _whole(cost: Floats) -> Ints:
    """Costs as whole numbers, so that sums of them over many chains stay exact."""
    return np.where(np.isfinite(cost), cost, _CLOSED).astype(np.int64)


def _open(cost: Ints) -> Floats:
    """Costs again, ``inf`` where a step of the way is closed."""
    return np.where(cost >= _CLOSED, np.inf, cost.astype(np.float64))


def _chain_numbers(middle: Bools, row: Ints, col: Ints) -> tuple[Positions, Positions]:
    """(n,) chain of every middle node, -1 for others, and a node of each ring: one that no core node touches."""
    n = len(middle)
    both = middle[row] & middle[col]
    joined = sparse.csr_array((np.ones(int(both.sum()), dtype=bool), (row[both], col[both])), shape=(n, n))
    _, part = connected_components(joined, directed=False)
    chain = np.where(middle, part, -1).astype(np.intp)
    ended = np.zeros(int(part.max(initial=-1)) + 1, dtype=bool)
    ended[part[row[middle[row] & ~middle[col]]]] = True
    nodes = np.flatnonzero(middle & ~ended[part])
    return chain, nodes[np.unique(part[nodes], return_index=True)[1]]


def _ordered(sides: _Sides, chain: Positions, middle: Bools, is_core: Bools) -> _Chains:
    """Costs from the ends of every chain to its nodes and back."""
    nodes = np.flatnonzero(middle)
    outer = ~middle[sides.beside[nodes]]  # neighbours in the core
    begins = nodes[outer.any(axis=1)]
    begins = begins[np.unique(chain[begins], return_index=True)[1]]
    before = sides.beside[nodes]
    inner = middle[before]
    here, there = np.repeat(nodes, 2)[inner.ravel()], before[inner]
    joined = sparse.csr_array((np.ones(len(here), dtype=np.float64), (here, there)), shape=(len(middle),) * 2)
    rank = dijkstra(joined, indices=begins, min_only=True) if len(begins) else np.zeros(len(middle))
    node = nodes[np.lexsort((rank[nodes], chain[nodes]))]
    first = np.append(True, chain[node][1:] != chain[node][:-1])[: len(node)]
    last = np.append(first[1:], True)[: len(node)]
    previous = np.append(-1, node[:-1])[: len(node)]
    side = np.where(first, np.where(middle[sides.beside[node, 0]], 1, 0), sides.beside[node, 0] != previous)
    side = side.astype(np.int64)
    away, back = sides.coming[node, side], sides.leaving[node, side]
    to_last, from_last = sides.leaving[node, 1 - side], sides.coming[node, 1 - side]
    starts = np.flatnonzero(first)
    size = np.diff(np.append(starts, len(node)))
    from_first, to_first = _sums(away, starts, size), _sums(back, starts, size)
    ahead = _sums(to_last[::-1], _turned(starts, size), size[::-1])[::-1]
    behind = _sums(from_last[::-1], _turned(starts, size), size[::-1])[::-1]
    ends = np.column_stack([sides.beside[node[first], side[first]], sides.beside[node[last], 1 - side[last]]])
    return _Chains(
        is_core=is_core,
        node=node.astype(np.intp),
        ends=np.repeat(ends, size, axis=0).astype(np.intp),
        leaving=np.column_stack([_open(to_first), _open(ahead)]),
        coming=np.column_stack([_open(from_first), _open(behind)]),
        first=ends[:, 0].astype(np.intp),
        last=ends[:, 1].astype(np.intp),
        forth=_open(from_first[last] + to_last[last]),
        back=_open(to_first[last] + from_last[last]),
    )


def _turned(starts: Ints, size: Ints) -> Ints:
    """Where runs begin once everything is in the other order."""
    total = int(size.sum())
    return (total - starts - size)[::-1]


def _sums(values: Ints, starts: Ints, size: Ints) -> Ints:
    """Running sums of runs of numbers, each from its own beginning."""
    run = np.cumsum(values)
    return np.asarray(run - np.repeat(run[starts] - values[starts], size), dtype=np.int64)


class _Entries:
    """Looks entries up in a graph that is known to have them."""

    def __init__(self, graph: sparse.csr_array) -> None:
        self._n, self._cost = np.int64(graph.shape[0]), graph.data
        self._keys = _rows(graph) * self._n + graph.indices

    def __call__(self, row: Ints, col: Ints) -> Floats:
        """(k,) costs of getting from ``col`` to ``row``."""
        return np.asarray(self._cost[np.searchsorted(self._keys, row * self._n + col)], dtype=np.float64)


def _assemble(graph: sparse.csr_array, n: int, folded: _Folded, chains: _Chains) -> StreetCore:
    number = np.where(chains.is_core, np.cumsum(chains.is_core) - 1, -1)
    anchor = np.full((n, 2), -1, dtype=np.intp)
    leaving, coming = np.full((n, 2), np.inf), np.full((n, 2), np.inf)
    core = np.flatnonzero(chains.is_core)
    anchor[core, 0], leaving[core, 0], coming[core, 0] = number[core], 0.0, 0.0
    anchor[chains.node] = number[chains.ends]
    leaving[chains.node], coming[chains.node] = chains.leaving, chains.coming
    entries = _Entries(graph)
    for nodes in reversed(folded.rounds):  # what a node hangs on was folded in a later round, or stays
        above = folded.parent[nodes]
        anchor[nodes] = anchor[above]
        leaving[nodes] = leaving[above] + entries(above, nodes)[:, None]
        coming[nodes] = coming[above] + entries(nodes, above)[:, None]
    row, col, cost = _rows(graph), graph.indices.astype(np.int64), graph.data
    direct = chains.is_core[row] & chains.is_core[col]
    rows = np.concatenate([number[row[direct]], number[chains.last], number[chains.first]])
    cols = np.concatenate([number[col[direct]], number[chains.first], number[chains.last]])
    costs = np.concatenate([cost[direct], chains.forth, chains.back])
    goes = np.isfinite(costs) & (rows != cols)
    loose = ~chains.is_core
    within = loose[row] & loose[col]
    inside = sparse.csr_array((cost[within], (row[within], col[within])), shape=(n, n))
    fragment = np.full(n, -1, dtype=np.intp)
    if loose.any():
        _, part = connected_components(inside, directed=False)
        _, fragment[loose] = np.unique(part[loose], return_inverse=True)
    goes_inside = within & np.isfinite(cost)
    inside = sparse.csr_array((cost[goes_inside], (row[goes_inside], col[goes_inside])), shape=(n, n))
    return StreetCore(
        graph=cheapest(rows[goes], cols[goes], costs[goes], len(core)),
        anchor=anchor,
        leaving=leaving,
        coming=coming,
        fragment=fragment,
        inside=inside,
    )
