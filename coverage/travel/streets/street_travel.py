"""The travel model ``network`` over the streets of the snapshot.

A family goes from the cell to the nearest street, over the streets, and from there to the place. The core of the
streets is searched from all places outward (`coverage.travel.graph`); what a cell is from the places follows from its
two anchors, and from ways that stay inside one bit of street. Costs are whole decimetres of travel, so sums are exact;
of places that are equally far the one listed first counts as nearer, whatever else is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from coverage.access.od_pairs import CostPairs
from coverage.travel.base import Travel, unsnapped_may_be_nearer
from coverage.travel.graph import Reached, Starts, nearest_labels, reached
from coverage.travel.pace import PACE_KMH
from coverage.travel.streets.street_index import ASIDE_M, near_streets
from coverage.travel.streets.street_network import PARKING_S, Placed, StreetNetwork, coming_ends, leaving_ends, part_of
from coverage.travel.streets.street_rules import CAR
from i18n.messages import MessageError
from loaders.catalogue.types import Bools, Floats, Positions

_DM = 10
TIE = 2.0**-20
"""Decimetres that a place counts as farther than the one listed before it: less than any difference, exact in sums."""

MAX_PLACES = 1 << 19

_POINTS = 512
"""Points searched from together."""


def seconds_dm(seconds: float) -> float:
    """Decimetres of travel that a car makes in so many seconds, whole."""
    return float(round(seconds * PACE_KMH["car"] / 3.6 * _DM))


@dataclass(frozen=True, eq=False)
class PlacesOnStreets:
    """Places on the streets.

    Attributes
    ----------
    at : (p,) spots from where places can be reached: the m places themselves, then others (a bridge that leads to one)
    of : (p,) place of every spot
    cost : (p,) decimetres of travel from the street there to the place, ties broken by the order of the places
    on : which spots are on a street
    starts : where the search of the core begins, by place
    inner : where the search inside fragments begins, by spot
    """

    at: Placed
    of: Positions
    cost: Floats
    on: Positions
    starts: Starts
    inner: Starts


@dataclass(frozen=True, eq=False)
class Forest:
    """What was found of the core.

    Attributes
    ----------
    xy : (m, 2) places, metres
    places : the same on the streets
    cost, label : (c, k) decimetres of travel to the nearest places from every node of the core, and which they are
    """

    xy: Floats
    places: PlacesOnStreets
    cost: Floats
    label: Positions


@dataclass(frozen=True, eq=False)
class StreetTravel:
    """The streets as a travel model, see the module.

    Cells that are more than `coverage.travel.streets.street_network.NEAR_M` from a street that their mode may use get
    there in a straight line with a detour, and have the flag ``straight_line``; so do those whose nearest place stands
    that far off. Cells with no street anywhere near have no distance (NaN, flag ``outside_extract``).
    """

    network: StreetNetwork
    mends = True
    """Whether distances can be brought up to date from the forest of a `Travel`."""

    @property
    def least(self) -> float:
        """See `coverage.travel.base.TravelModel`."""
        return self.network.least

    @property
    def aside_m(self) -> float:
        """Metres by which a way may be shorter than ``least`` times the straight line, at each end that is a point."""
        return ASIDE_M

    @property
    def parking(self) -> float:
        """Decimetres of travel that every trip takes beside its streets: by car to start, to stop and to park."""
        return seconds_dm(CAR.start_s + PARKING_S) if self.network.mode == "car" else 0.0

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """See `coverage.travel.base.TravelModel`.

        Raises
        ------
        MessageError
            when there are more places than can be told apart
        """
        return self.answer(demand_xy, self.search(facility_xy, k))

    def search(self, facility_xy: Floats, k: int = 2) -> Forest:
        """Search the core for the ``k`` nearest of the places."""
        places = self.places(facility_xy)
        cost, label = nearest_labels(self.network.core.graph, places.starts, len(facility_xy), k)
        return Forest(facility_xy, places, cost, label)

    def answer(self, demand_xy: Floats, forest: Forest) -> Travel:
        """What points are from the places that were searched from."""
        facility_xy, places = forest.xy, forest.places
        m = len(facility_xy)
        demand = self.network.place(demand_xy)
        cost, index = self.costs(demand, forest)
        there = index >= 0
        distance = np.where(there, np.floor(cost) + self.parking, np.inf) / _DM
        nowhere = np.asarray(demand.edge) < 0
        lost = np.flatnonzero(places.at.edge[:m] < 0)
        unknown = unsnapped_may_be_nearer(demand_xy, facility_xy[lost], distance, self.least) | nowhere[:, None]
        distance[unknown], index[unknown] = np.nan, -1
        far_place = np.append(places.at.far[:m], False)[index[:, 0]]
        flags = {
            "outside_extract": unknown[:, 0],
            "straight_line": (np.asarray(demand.far) | far_place) & ~unknown[:, 0],
        }
        off_street = np.flatnonzero(places.at.far[:m] | (places.at.edge[:m] < 0))
        details = {"lost_places": len(lost), "off_street": tuple(off_street.tolist())}
        return Travel(distance, index, flags, details, forest)

    def costs(self, demand: Placed, forest: Forest) -> tuple[Floats, Positions]:
        """(n, k) decimetres of travel from points to the places that were searched from, and which these are.

        Ties are broken by the order of the places; nothing of parking is in it.
        """
        cost, index = _through_anchors(demand, forest.cost, forest.label, forest.cost.shape[1])
        self._inside(demand, forest.places, cost, index)
        return cost, index

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """See `coverage.travel.base.TravelModel`; places and cells that are on no street reach nothing."""
        places = self.places(facility_xy)
        limit = np.floor(radius * _DM) - self.parking
        return self.pairs(self.network.place(demand_xy), places, len(facility_xy), limit)

    def may_reach(self, xy: Floats, facility_xy: Floats, radius: float) -> Bools:
        """(n,) points from which a place may be within ``radius`` metres of travel; from the others none is.

        A search from the places, no farther than that, tells the streets that are reached; a point is left out where
        every one of these is farther off than some street that is not.
        """
        limit = np.floor(radius * _DM) - self.parking
        if limit < 0:
            return np.zeros(len(xy), dtype=bool)
        network, places = self.network, self.places(facility_xy)
        node = np.zeros(network.core.graph.shape[0] + 1, dtype=bool)
        for _, nodes, _ in reached(network.core.graph, places.starts, len(facility_xy), limit + 1.0):
            node[nodes] = True
        anchor = np.asarray(network.core.anchor)  # -1 is the last, and is never reached
        at_end = node[anchor[:, 0]] | node[anchor[:, 1]]
        group = np.zeros(int(network.group.max(initial=0)) + 1, dtype=bool)
        group[network.group[np.asarray(places.at.edge)[places.on]]] = True
        street = at_end[network.tail] | at_end[network.head] | group[network.group]
        return near_streets(network.pieces, street, xy)

    def pairs(self, demand: Placed, places: PlacesOnStreets, m: int, limit: float) -> CostPairs:
        """Pairs of points and places at most ``limit`` decimetres of travel apart, parking left out of the limit."""
        n = len(demand.edge)
        rows, costs = [np.zeros(0, dtype=np.intp)], [np.zeros(0)]
        count = np.zeros(m, dtype=np.intp)
        reaching = self.reaching(demand, places, m, limit) if limit >= 0 else iter(())  # parking alone takes longer
        for label, cells, metres in reaching:
            near = np.flatnonzero(metres <= limit)
            rows.append(cells[near])
            costs.append((np.floor(metres[near]) + self.parking) / _DM)
            count[label] = len(near)
        start = np.append(0, np.cumsum(count)).astype(np.intp)
        return CostPairs(np.concatenate(rows), start, np.concatenate(costs), (n, m))

    def reaching(self, demand: Placed, places: PlacesOnStreets, m: int, limit: float) -> Iterator[Reached]:
        """For each place in turn: points (ascending) that may reach it, and at what cost."""
        graph = self.network.core.graph
        order, first = _by_anchor(demand, graph.shape[0])
        at_node = np.full(graph.shape[0] + 1, np.inf)
        anchor = np.asarray(demand.anchor)
        leaving = np.asarray(demand.leaving, dtype=np.float64)
        inner = self._inside_pairs(demand, places)
        for label, nodes, costs in reached(graph, places.starts, m, limit + 1.0):
            sizes = first[nodes + 1] - first[nodes]
            place = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            cells = np.unique(order[np.repeat(first[nodes], sizes) + place])
            at_node[nodes] = costs
            metres = (at_node[anchor[cells]] + leaving[cells]).min(axis=1) if len(cells) else np.zeros(0)
            at_node[nodes] = np.inf
            more, closer = inner.get(label, (cells[:0], metres[:0]))
            both, all_metres = np.concatenate([cells, more]), np.concatenate([np.floor(metres), np.floor(closer)])
            sort = np.lexsort((all_metres, both))
            both, all_metres = both[sort], all_metres[sort]
            once = np.append(True, both[1:] != both[:-1])[: len(both)]
            yield label, both[once], all_metres[once]

    def within_limits(
        self, demand_xy: Floats, facility_xy: Floats, limit: Floats
    ) -> Iterator[tuple[Positions, Positions, Floats]]:
        """Yield point, place and metres of every pair no farther than the limit of its point, points in their order.

        Each point is searched from, in the direction of travel and no farther than its own limit: where limits are
        short for most and long for a few, that looks at far less than searching from every place as far as anybody
        goes. The figures are those of `within`.

        Parameters
        ----------
        demand_xy, facility_xy : (n, 2) and (m, 2) metres
        limit : (n,) metres of travel, below 0 for none; points of much the same limit, and near one another, side by
            side
        """
        network, places = self.network, self.places(facility_xy)
        demand = network.place(demand_xy)
        away = sparse.csr_array(network.core.graph.T)
        bound = np.floor(limit * _DM) - self.parking
        begins = places.starts
        order = np.argsort(begins.node, kind="stable")
        held = Starts(begins.label[order], begins.node[order], begins.cost[order])
        first = np.searchsorted(held.node, np.arange(away.shape[0] + 1))
        inner = _flat(self._inside_pairs(demand, places))
        for some in _batches(bound):
            pairs = [_of_points(inner, some)]
            for label, nodes, costs in reached(away, _leaving(demand, some), len(some), float(bound[some].max()) + 1.0):
                size = first[nodes + 1] - first[nodes]
                at = np.repeat(first[nodes] - (np.cumsum(size) - size), size) + np.arange(int(size.sum()))
                pairs.append((np.full(len(at), some[label]), held.label[at], np.repeat(costs, size) + held.cost[at]))
            point, place, cost = (np.concatenate(part) for part in zip(*pairs, strict=True))
            cost = np.floor(cost)
            near = cost <= bound[point]
            point, place, cost = point[near], place[near], cost[near]
            sort = np.lexsort((cost, place, point))
            point, place, cost = point[sort], place[sort], cost[sort]
            once = np.append(True, (point[1:] != point[:-1]) | (place[1:] != place[:-1]))[: len(point)]
            yield point[once], place[once], (cost[once] + self.parking) / _DM

    def places(self, xy: Floats) -> PlacesOnStreets:
        """Put the places on the streets and find where searches begin."""
        if len(xy) > MAX_PLACES:
            raise MessageError("siting.error.too_many", n=len(xy))
        at = self.network.put(xy)
        of = np.arange(len(xy), dtype=np.intp)
        return self.spots(at, of, np.asarray(at.leg) + of * TIE)

    def spots(self, at: Placed, of: Positions, cost: Floats) -> PlacesOnStreets:
        """Find where searches begin: see `PlacesOnStreets`."""
        network = self.network
        on = np.flatnonzero((at.edge >= 0) & np.isfinite(cost))
        edge, label, rest = np.asarray(at.edge)[on].astype(np.intp), of[on], cost[on]
        ends = coming_ends(network, edge, np.asarray(at.offset)[on])
        labels, nodes, costs = [], [], []
        inner_labels, inner_nodes, inner_costs = [], [], []
        for node, way in zip((network.tail[edge], network.head[edge]), ends, strict=True):
            for side in range(2):
                anchor = np.asarray(network.core.anchor[node, side], dtype=np.intp)
                total = way + rest + network.core.coming[node, side]
                some = (anchor >= 0) & np.isfinite(total)
                labels.append(label[some])
                nodes.append(anchor[some])
                costs.append(total[some])
            loose = (network.core.fragment[node] >= 0) & np.isfinite(way)
            inner_labels.append(on[loose])
            inner_nodes.append(node[loose].astype(np.intp))
            inner_costs.append((way + rest)[loose])
        return PlacesOnStreets(
            at,
            of,
            cost,
            on,
            Starts(np.concatenate(labels), np.concatenate(nodes), np.concatenate(costs)),
            Starts(np.concatenate(inner_labels), np.concatenate(inner_nodes), np.concatenate(inner_costs)),
        )

    def neighbours(self, demand: Placed, places: PlacesOnStreets) -> Positions:
        """Points from which a way to some place may stay outside the core."""
        group = self.network.group
        marked = np.zeros(int(group.max(initial=0)) + 2, dtype=bool)
        marked[group[np.asarray(places.at.edge)[places.on]]] = True
        edge = np.asarray(demand.edge)
        return np.flatnonzero(marked[group[edge]] & (edge >= 0))

    def _inside_pairs(self, demand: Placed, places: PlacesOnStreets) -> dict[int, tuple[Positions, Floats]]:
        """For places by number: points near them, and what ways outside the core cost."""
        cells = self.neighbours(demand, places)
        if len(cells) == 0:
            return {}
        point, label, cost = self._inside_costs(demand[cells], places)
        if len(label) == 0:
            return {}
        order = np.lexsort((cost, point, label))
        point, label, cost = cells[point[order]], label[order], cost[order]
        edges = np.flatnonzero(np.append(True, label[1:] != label[:-1]))
        parts = zip(edges.tolist(), [*edges.tolist()[1:], len(label)], strict=True)
        return {int(label[a]): (point[a:b], cost[a:b]) for a, b in parts}

    def _inside(self, demand: Placed, places: PlacesOnStreets, best: Floats, index: Positions) -> None:
        """Bring distances up to date with ways that stay outside the core."""
        cells = self.neighbours(demand, places)
        if len(cells) == 0:
            return
        point, label, cost = self._inside_costs(demand[cells], places)
        k = best.shape[1]
        rows = np.concatenate([np.repeat(np.arange(len(cells)), k), point])
        costs = np.concatenate([best[cells].ravel(), cost])
        labels = np.concatenate([index[cells].ravel(), label])
        rows, costs, labels = (part[labels >= 0] for part in (rows, costs, labels))
        order = np.lexsort((costs, labels, rows))
        rows, costs, labels = rows[order], costs[order], labels[order]
        once = np.append(True, (rows[1:] != rows[:-1]) | (labels[1:] != labels[:-1]))[: len(rows)]
        rows, costs, labels = rows[once], costs[once], labels[once]
        order = np.lexsort((costs, rows))
        rows, costs, labels = rows[order], costs[order], labels[order]
        place = np.arange(len(rows)) - np.searchsorted(rows, rows)
        kept = place < k
        best[cells], index[cells] = np.inf, -1
        best[cells[rows[kept]], place[kept]] = costs[kept]
        index[cells[rows[kept]], place[kept]] = labels[kept]

    def _inside_costs(self, demand: Placed, places: PlacesOnStreets) -> tuple[Positions, Positions, Floats]:
        """Point, place and cost of ways that stay inside a fragment, or on one street."""
        network = self.network
        edge = np.asarray(demand.edge, dtype=np.intp)
        offset, leg = np.asarray(demand.offset), np.asarray(demand.leg)
        parts = [self._on_one_street(edge, offset, leg, places)]
        nodes = (network.tail[edge].astype(np.intp), network.head[edge].astype(np.intp))
        ends = tuple(zip(nodes, leaving_ends(network, edge, offset), strict=True))
        parts += self._in_fragments(ends, leg, places.inner)
        point, spot, cost = (np.concatenate(parts) for parts in zip(*parts, strict=True))
        return point, places.of[spot], cost

    def _in_fragments(
        self, ends: tuple[tuple[Positions, Floats], ...], leg: Floats, inner: Starts
    ) -> Iterator[tuple[Positions, Positions, Floats]]:
        """Point, spot and cost of ways that stay inside a fragment: one spot of each at a time."""
        core = self.network.core
        fragment = np.asarray(core.fragment)
        labels, first = np.unique(inner.label, return_index=True)
        of_label = fragment[inner.node[first]]
        nodes = np.flatnonzero((fragment >= 0) & np.isin(fragment, of_label))
        number = np.full(len(fragment), -1, dtype=np.intp)
        number[nodes] = np.arange(len(nodes))
        part = sparse.csr_array(core.inside[nodes][:, nodes])
        order = np.argsort(of_label, kind="stable")
        rank = np.empty(len(labels), dtype=np.intp)
        rank[order] = np.arange(len(labels)) - np.searchsorted(of_label[order], of_label[order])
        which = np.searchsorted(labels, inner.label)
        for turn in range(int(rank.max(initial=-1)) + 1):
            mine = np.flatnonzero(rank[which] == turn)
            starts = Starts(which[mine], number[inner.node[mine]], inner.cost[mine])
            costs, nearest = nearest_labels(part, starts, len(labels), 1)
            at, who = np.append(costs[:, 0], np.inf), np.append(nearest[:, 0], -1)
            ways = [at[number[node]] + cost for node, cost in ends]
            label = np.maximum(*(who[number[node]] for node, _ in ends))
            total = np.minimum(*ways) + leg
            some = np.flatnonzero(np.isfinite(total))
            yield some, labels[label[some]], total[some]

    def _on_one_street(
        self, edge: Positions, offset: Floats, leg: Floats, places: PlacesOnStreets
    ) -> tuple[Positions, Positions, Floats]:
        """Point, spot and cost of ways along a single street."""
        network = self.network
        order = np.argsort(edge, kind="stable")
        on = places.on
        street = np.asarray(places.at.edge, dtype=np.intp)[on]
        first = np.searchsorted(edge[order], street, side="left")
        size = np.searchsorted(edge[order], street, side="right") - first
        which = np.repeat(np.arange(len(on)), size)
        place = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
        point = order[np.repeat(first, size) + place]
        ahead = np.asarray(places.at.offset)[on][which] - offset[point]
        street = street[which]
        rate = np.where(ahead >= 0, network.along[street], network.against[street])
        way = part_of(rate, np.abs(ahead), np.maximum(network.length[street], 1.0))
        cost = way + leg[point] + places.cost[on][which]
        some = np.isfinite(cost)
        return point[some], on[which][some], cost[some]


def _batches(bound: Floats) -> Iterator[Positions]:
    """Points that are searched from together, in their order; those without an end to their way by themselves."""
    wanted = np.flatnonzero(bound >= 0)
    endless = np.isinf(bound[wanted])
    for group in (wanted[~endless], wanted[endless]):
        yield from (part for part in np.split(group, range(_POINTS, len(group), _POINTS)) if len(part))


def _leaving(demand: Placed, points: Positions) -> Starts:
    """Where searches from some points begin, numbered in their order."""
    anchor = np.asarray(demand.anchor)[points].astype(np.intp)
    cost = np.asarray(demand.leaving, dtype=np.float64)[points]
    label = np.repeat(np.arange(len(points)), 2).reshape(-1, 2)
    there = (anchor >= 0) & np.isfinite(cost)
    return Starts(label[there], anchor[there], cost[there])


def _flat(inner: dict[int, tuple[Positions, Floats]]) -> tuple[Positions, Positions, Floats]:
    """Point, place and cost of what is listed by place, sorted by point."""
    none = np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0)
    parts = [(points, np.full(len(points), place), costs) for place, (points, costs) in inner.items()]
    point, place, cost = (np.concatenate(part) for part in zip(none, *parts, strict=True))
    order = np.argsort(point, kind="stable")
    return point[order], place[order], cost[order]


def _of_points(pairs: tuple[Positions, Positions, Floats], points: Positions) -> tuple[Positions, Positions, Floats]:
    """Of pairs, those of some points."""
    kept = np.isin(pairs[0], points)
    return pairs[0][kept], pairs[1][kept], pairs[2][kept]


def _by_anchor(demand: Placed, n: int) -> tuple[Positions, Positions]:
    """Points by the anchors they have, and the first of every anchor."""
    anchor = np.asarray(demand.anchor, dtype=np.intp)
    point = np.repeat(np.arange(len(anchor)), 2)
    anchored = anchor.ravel() >= 0
    order = np.argsort(anchor.ravel()[anchored], kind="stable")
    first = np.append(0, np.cumsum(np.bincount(anchor.ravel()[anchored], minlength=n)))
    return point[anchored][order], first.astype(np.intp)


def _through_anchors(demand: Placed, cost: Floats, label: Positions, k: int) -> tuple[Floats, Positions]:
    """(n, k) costs and places of every point, out of those of its anchors."""
    anchor = np.asarray(demand.anchor, dtype=np.intp)
    leaving = np.asarray(demand.leaving, dtype=np.float64)
    one, other = anchor[:, 0], anchor[:, 1]
    costs = np.hstack([cost[one] + leaving[:, :1], cost[other] + leaving[:, 1:]])
    labels = np.hstack([label[one], label[other]])
    return best_places(costs, labels, k)


def best_places(costs: Floats, labels: Positions, k: int) -> tuple[Floats, Positions]:
    """(n, k) lowest of (n, c) costs of different places, ascending, and the places; ``inf`` and -1 where fewer are."""
    costs = np.where(labels < 0, np.inf, costs)
    lowest, index = np.empty((len(costs), k)), np.empty((len(costs), k), dtype=np.intp)
    rows = np.arange(len(costs))
    for column in range(k):
        best = costs.argmin(axis=1)
        lowest[:, column] = costs[rows, best]
        index[:, column] = np.where(np.isfinite(lowest[:, column]), labels[rows, best], -1)
        if column + 1 < k:
            costs[labels == index[:, column, None]] = np.inf
    return lowest, index
