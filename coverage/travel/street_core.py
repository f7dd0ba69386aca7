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
from scipy.sparse.csgraph import connected_components

from coverage.travel.graph import cheapest
from loaders.catalogue.types import Bools, Floats, Ints, Positions


@dataclass(frozen=True, eq=False)
class Core:
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


def make_core(graph: sparse.csr_array) -> Core:
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
    """Follow the chains from core node to core node; a ring without one gets one."""
    n = graph.shape[0]
    left = folded.parent < 0
    row, col, cost = _rows(graph), graph.indices.astype(np.int64), graph.data
    stays = left[row] & left[col]
    row, col, cost = row[stays], col[stays], cost[stays]
    degree = np.bincount(row, minlength=n)
    middle = left & (degree == 2)
    at = np.flatnonzero(middle[row])
    beside = np.full((n, 2), -1, dtype=np.int64)
    leaving, coming = np.full((n, 2), np.inf), np.full((n, 2), np.inf)
    slot = np.append(False, row[at][1:] == row[at][:-1]).astype(np.int64)
    beside[row[at], slot] = col[at]
    coming[row[at], slot] = cost[at]  # entry (row, col): from col to row
    leaving[row[at], slot] = _Entries(graph)(col[at], row[at])
    walker = _Walker(beside.tolist(), leaving.tolist(), coming.tolist(), middle.tolist())
    starts = at[~middle[col[at]]]
    for node, came_from in zip(row[starts].tolist(), col[starts].tolist(), strict=True):
        walker.walk(came_from, node)
    for node in np.flatnonzero(middle).tolist():
        if not walker.done[node]:  # a ring
            walker.middle[node] = False
            middle[node] = False
            walker.walk(node, int(beside[node, 0]))
    return walker.chains(left & ~middle)


class _Entries:
    """Looks entries up in a graph that is known to have them."""

    def __init__(self, graph: sparse.csr_array) -> None:
        self._n, self._cost = np.int64(graph.shape[0]), graph.data
        self._keys = _rows(graph) * self._n + graph.indices

    def __call__(self, row: Ints, col: Ints) -> Floats:
        """(k,) costs of getting from ``col`` to ``row``."""
        return np.asarray(self._cost[np.searchsorted(self._keys, row * self._n + col)], dtype=np.float64)


class _Walker:
    """Walks chains one node at a time."""

    def __init__(
        self,
        beside: list[list[int]],
        leaving: list[list[float]],
        coming: list[list[float]],
        middle: list[bool],
    ) -> None:
        self.beside, self.leaving, self.coming, self.middle = beside, leaving, coming, middle
        self.done = [False] * len(middle)
        self.node: list[int] = []
        self.sizes: list[int] = []
        self.forth: list[float] = []
        self.back: list[float] = []
        self.of_first: list[tuple[float, float]] = []
        self.of_last: list[tuple[float, float]] = []
        self.ends: list[tuple[int, int]] = []

    def walk(self, first: int, node: int) -> None:
        """Walk from a core node into a chain, unless that was walked from its other end."""
        if self.done[node]:
            return
        before, nodes, steps = first, [], []
        while self.middle[node]:
            self.done[node] = True
            side = 0 if self.beside[node][0] == before else 1
            nodes.append(node)
            steps.append((self.coming[node][side], self.leaving[node][side]))  # from the node before, and back to it
            before, node = node, self.beside[node][1 - side]
            last_out = self.leaving[before][1 - side]
            last_in = self.coming[before][1 - side]
        steps.append((last_out, last_in))
        self._note(first, node, nodes, steps)

    def _note(self, first: int, last: int, nodes: list[int], steps: list[tuple[float, float]]) -> None:
        """Costs from both ends to every node of a chain and back; a step is (away from the first end, towards it)."""
        away = back = 0.0
        of_first = []
        for one, other in steps[:-1]:
            away, back = away + one, back + other
            of_first.append((back, away))
        self.forth.append(away + steps[-1][0])
        self.back.append(back + steps[-1][1])
        away = back = 0.0
        of_last = []
        for one, other in reversed(steps[1:]):
            away, back = away + one, back + other
            of_last.append((away, back))
        self.node += nodes
        self.of_first += of_first
        self.of_last += reversed(of_last)
        self.sizes.append(len(nodes))
        self.ends.append((first, last))

    def chains(self, is_core: Bools) -> _Chains:
        """What was walked, as arrays."""
        ends = np.array(self.ends, dtype=np.intp).reshape(-1, 2)
        of_first = np.array(self.of_first, dtype=np.float64).reshape(-1, 2)
        of_last = np.array(self.of_last, dtype=np.float64).reshape(-1, 2)
        return _Chains(
            is_core=is_core,
            node=np.array(self.node, dtype=np.intp),
            ends=np.repeat(ends, np.array(self.sizes, dtype=np.intp), axis=0),
            leaving=np.column_stack([of_first[:, 0], of_last[:, 0]]),
            coming=np.column_stack([of_first[:, 1], of_last[:, 1]]),
            first=ends[:, 0],
            last=ends[:, 1],
            forth=np.array(self.forth, dtype=np.float64),
            back=np.array(self.back, dtype=np.float64),
        )


def _assemble(graph: sparse.csr_array, n: int, folded: _Folded, chains: _Chains) -> Core:
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
    return Core(
        graph=cheapest(rows[goes], cols[goes], costs[goes], len(core)),
        anchor=anchor,
        leaving=leaving,
        coming=coming,
        fragment=fragment,
        inside=inside,
    )
