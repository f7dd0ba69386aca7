"""What was found of the streets, brought up to date after a few places came or went: the rest is not searched again.

A place that went leaves a hole, the nodes of the core that had it among their two nearest. On the way from a node to
each of its two nearest places every node has that place among its own two nearest, so the hole is searched inward from
its rim and from the places inside. A place that came matters where it is nearer than the second nearest; no way is
shorter than the straight line allows, less what the place is put aside of its street, so only nodes where that is so
are searched. The outcome is that of searching everything, bit for bit (tests/unit/test_street_repair.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from coverage.travel.graph import Starts, nearest_labels
from coverage.travel.streets.street_travel import TIE, Forest, StreetTravel
from loaders.catalogue.types import Bools, Floats, Positions

_DM = 10
_PLACES = 2


@dataclass(frozen=True, eq=False)
class RepairedForest:
    """A forest brought up to date.

    Attributes
    ----------
    forest : the new one
    cells : cells whose distances, or nearest places, can be others than before, ascending
    """

    forest: Forest
    cells: Positions


def repair(model: StreetTravel, old: Forest, xy: Floats, kept: Positions, cell_xy: Floats) -> RepairedForest | None:
    """Bring a forest of the two nearest places up to date; None where only searching everything will do.

    Parameters
    ----------
    model : the streets
    old : what was found for other places
    xy : (m, 2) places as they are now, metres
    kept : (k, 2) positions among the old and among the new places of those that stay, both ascending
    cell_xy : (n, 2) cells
    """
    if old.cost.shape[1] != _PLACES or len(kept) == 0:
        return None
    places = model.places(xy)
    unusual = [at.far.any() or (at.edge < 0).any() for at in (old.places.at, places.at)]
    if any(unusual):
        return None
    cost, label = _renumbered(old, kept, len(old.xy))
    hole: Bools = np.asarray(((label < 0) & (old.label >= 0)).any(axis=1), dtype=bool)
    changed = hole.copy()
    graph = model.network.core.graph
    stays = np.isin(places.starts.label, kept[:, 1])
    if hole.any():
        _fill(graph, hole, _of(places.starts, stays), len(xy), cost, label)
    came = np.setdiff1d(np.arange(len(xy)), kept[:, 1])
    for place in came:
        changed |= _add(model, _of(places.starts, places.starts.label == place), int(place), xy[place], cost, label)
    forest = Forest(xy, places, cost, label)
    return RepairedForest(forest, _cells(model, changed, old, forest, kept, cell_xy))


def _renumbered(old: Forest, kept: Positions, m: int) -> tuple[Floats, Positions]:
    """Costs and places under their new numbers; a place that went is -1."""
    number = np.full(m + 1, -1, dtype=np.intp)
    number[kept[:, 0]] = kept[:, 1]
    label = number[old.label]
    moved = np.where(label >= 0, (label - old.label) * TIE, 0.0)
    return old.cost + moved, label


def _of(starts: Starts, some: Bools) -> Starts:
    return Starts(starts.label[some], starts.node[some], starts.cost[some])


def _fill(graph: sparse.csr_array, hole: Bools, own: Starts, m: int, cost: Floats, label: Positions) -> None:
    """Search the hole from its rim and from the places inside."""
    nodes = np.flatnonzero(hole)
    number = np.full(len(hole), -1, dtype=np.intp)
    number[nodes] = np.arange(len(nodes))
    enters = np.flatnonzero(hole[graph.indices])
    row = np.searchsorted(graph.indptr, enters, side="right") - 1
    outside = ~hole[row]
    rim, into, step = row[outside], number[graph.indices[enters[outside]]], graph.data[enters[outside]]
    inside = hole[own.node]
    labels, at, costs = [own.label[inside]], [number[own.node[inside]]], [own.cost[inside]]
    for column in range(_PLACES):
        some = label[rim, column] >= 0
        labels.append(label[rim[some], column])
        at.append(into[some])
        costs.append(cost[rim[some], column] + step[some])
    starts = Starts(np.concatenate(labels), np.concatenate(at), np.concatenate(costs))
    part = sparse.csr_array(graph[nodes][:, nodes])
    cost[nodes], label[nodes] = nearest_labels(part, starts, m, _PLACES)


def _add(model: StreetTravel, starts: Starts, place: int, spot: Floats, cost: Floats, label: Positions) -> Bools:
    """Put a place among the two nearest where it belongs; return the nodes where it does."""
    apart = model.network.core_xy - spot
    lowest = (np.hypot(apart[:, 0], apart[:, 1]) - model.aside_m) * (model.least * _DM)
    nodes = np.flatnonzero(lowest <= cost[:, 1])
    number = np.full(len(cost), -1, dtype=np.intp)
    number[nodes] = np.arange(len(nodes))
    here = number[starts.node] >= 0
    part = sparse.csr_array(model.network.core.graph[nodes][:, nodes])
    begin = Starts(np.zeros(int(here.sum()), dtype=np.intp), number[starts.node[here]], starts.cost[here])
    new_cost = nearest_labels(part, begin, 1, 1)[0][:, 0]
    first, second = new_cost < cost[nodes, 0], new_cost < cost[nodes, 1]
    at = nodes[first]
    cost[at, 1], label[at, 1] = cost[at, 0], label[at, 0]
    cost[at, 0], label[at, 0] = new_cost[first], place
    at = nodes[second & ~first]
    cost[at, 1], label[at, 1] = new_cost[second & ~first], place
    changed = np.zeros(len(cost), dtype=bool)
    changed[nodes[second]] = True
    return changed


def _cells(
    model: StreetTravel, changed: Bools, old: Forest, new: Forest, kept: Positions, cell_xy: Floats
) -> Positions:
    """Cells with an anchor that changed, or beside a place that came or went."""
    demand = model.network.place(cell_xy)
    anchor = np.asarray(demand.anchor)
    marked = np.append(changed, False)
    touched = marked[anchor[:, 0]] | marked[anchor[:, 1]]
    for forest, column in ((old, 0), (new, 1)):
        others = np.setdiff1d(np.arange(len(forest.xy)), kept[:, column])
        if len(others):
            touched[model.neighbours(demand, model.places(forest.xy[others]))] = True
    return np.flatnonzero(touched)
