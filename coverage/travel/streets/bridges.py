"""Travel over the streets as they are, and bridges that are not there, for who asks what if one were.

A bridge joins two points by a straight line, and each of them to the nearest street of its mode. Nothing else changes,
so a way with bridges is made of ways over the streets: from a family to an end of a bridge, over it, and on from its
other end. What the other end is from the nearest places is worked out first; then the near end is one more spot from
which these places can be reached, and the core is searched from it as from them. Where the distances without bridges
are at hand, only what the near end can bring closer is searched. The outcome is that of a graph with the bridges in it
(tests/unit/test_bridges.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from coverage.access.od_pairs import CostPairs
from coverage.travel.base import BridgeLine
from coverage.travel.graph import Starts, nearest_labels
from coverage.travel.streets.street_index import find_spots
from coverage.travel.streets.street_network import PLACED, Placed
from coverage.travel.streets.street_repair import RepairedForest
from coverage.travel.streets.street_rules import rules_of
from coverage.travel.streets.street_travel import TIE, Forest, PlacesOnStreets, StreetTravel, best_places
from i18n.messages import MessageError
from loaders.catalogue.publishers.street_kinds import STREET_CLASSES
from loaders.catalogue.types import Floats, Positions

_DM = 10
_LIKE = STREET_CLASSES.index("secondary")
"""Cars cross a bridge as fast as they drive a secondary street in the countryside."""


@dataclass(frozen=True, eq=False)
class Ends:
    """Ends of bridges on the streets; those of one bridge stand one after the other.

    Attributes
    ----------
    at : (e,) where on the streets they are, the way from there to the end left out
    xy : (e, 2) the ends, metres
    away : (e,) metres from the end to its street
    length : (e,) decimetres of travel over the bridge, both ways to a street included
    """

    at: Placed
    xy: Floats
    away: Floats
    length: Floats

    @property
    def other(self) -> Positions:
        """(e,) the other end of the bridge of every end."""
        return np.arange(len(self.length)) ^ 1


@dataclass(frozen=True, eq=False)
class Onward:
    """Places that can be reached over a bridge: ``end`` (s,) where one gets on it, ``place`` (s,), ``cost`` (s,)."""

    end: Positions
    place: Positions
    cost: Floats


@dataclass(frozen=True, eq=False)
class BridgedTravel(StreetTravel):
    """The streets with bridges as a travel model, see the module.

    Attributes
    ----------
    bridges : those that the mode of the network may use
    """

    bridges: tuple[BridgeLine, ...] = ()
    mends = False

    @cached_property
    def ends(self) -> Ends:
        """Ends of the bridges.

        Raises
        ------
        InputError
            when there is no street of the mode anywhere near an end
        """
        network = self.network
        xy = np.array([point for line in self.bridges for point in ((line.x, line.y), (line.to_x, line.to_y))])
        away = find_spots(network.pieces, xy).away_m
        put = network.put(xy)
        if (put.edge < 0).any():
            raise MessageError("error.travel.bridge_nowhere")
        leg = np.asarray(put.leg)
        at = replace(put, leg=np.zeros_like(leg), leaving=(put.leaving - leg[:, None]).astype(np.float32))
        metres = np.hypot(*(xy[0::2] - xy[1::2]).T) + away[0::2] + away[1::2]
        rate = float(rules_of(network.mode).along[0, _LIKE])
        return Ends(at, xy, away, np.repeat(np.maximum(1.0, np.rint(metres * rate * _DM)), 2))

    def search(self, facility_xy: Floats, k: int = 2) -> Forest:
        """See `StreetTravel`."""
        plain = super().search(facility_xy, k)
        places = self._with(plain.places, self.onward(plain))
        cost, label = nearest_labels(self.network.core.graph, places.starts, len(facility_xy), k)
        return Forest(facility_xy, places, cost, label)

    def added(self, plain: Forest, cell_xy: Floats) -> RepairedForest:
        """What `search` finds, out of what was found without bridges and a search around their ends.

        A node that gets nearer to a place over a bridge is nearer to where one gets on it than its farthest place was,
        and so is every node on the way there.

        Parameters
        ----------
        plain : the nearest places over the streets as they are
        cell_xy : (n, 2) cells
        """
        m, k, ends = len(plain.xy), plain.cost.shape[1], self.ends
        onward = self.onward(plain)
        places = self._with(plain.places, onward)
        new = self.spots(ends.at[onward.end], onward.place, onward.cost)
        last, core_xy = plain.cost[:, k - 1], self.network.core_xy
        near = np.zeros(len(last), dtype=bool)
        for end in np.unique(onward.end):
            apart = np.hypot(*(core_xy - ends.xy[end]).T) - ends.away[end]
            near |= (apart - self.aside_m) * (self.least * _DM) + onward.cost[onward.end == end].min() <= last
        nodes = np.flatnonzero(near)
        number = np.full(len(last), -1, dtype=np.intp)
        number[nodes] = np.arange(len(nodes))
        here = number[new.starts.node] >= 0
        begin = Starts(new.starts.label[here], number[new.starts.node[here]], new.starts.cost[here])
        part = sparse.csr_array(self.network.core.graph[nodes][:, nodes])
        costs, of = nearest_labels(part, begin, m, k)
        best, index = best_places(np.hstack([plain.cost[nodes], costs]), np.hstack([plain.label[nodes], of]), k)
        changed = np.zeros(len(last) + 1, dtype=bool)
        changed[nodes] = ((best != plain.cost[nodes]) | (index != plain.label[nodes])).any(axis=1)
        cost, label = plain.cost.copy(), plain.label.copy()
        cost[nodes], label[nodes] = best, index
        demand = self.network.place(cell_xy)
        anchor = np.asarray(demand.anchor)
        touched = changed[anchor[:, 0]] | changed[anchor[:, 1]]
        touched[self.neighbours(demand, new)] = True
        return RepairedForest(Forest(plain.xy, places, cost, label), np.flatnonzero(touched))

    def onward(self, plain: Forest) -> Onward:
        """The nearest places over every bridge, given the nearest over the streets as they are."""
        ends, k = self.ends, plain.cost.shape[1]
        cost, place = self.costs(ends.at, plain)
        if len(self.bridges) > 1:
            between = self._between(float(cost.max(initial=0.0)))
            first, of_first = cost, place
            for _ in self.bridges:
                by = [between[:, [end]] + ends.length[end] + cost[ends.other[end]] for end in range(len(ends.length))]
                to = [np.repeat(place[[ends.other[end]]], len(cost), axis=0) for end in range(len(ends.length))]
                cost, place = best_places(np.hstack([first, *by]), np.hstack([of_first, *to]), k)
        over = ends.length[:, None] + cost[ends.other]
        end, column = np.nonzero(np.isfinite(over))
        return Onward(end.astype(np.intp), place[ends.other][end, column], over[end, column])

    def _between(self, limit: float) -> Floats:
        """(e, e) decimetres of travel over the streets from end to end, ``inf`` beyond the limit."""
        ends = self.ends
        m = len(ends.length)
        at = self.spots(ends.at, np.arange(m, dtype=np.intp), np.zeros(m))
        costs = np.full((m, m), np.inf)
        for label, points, cost in self.reaching(ends.at, at, m, limit):
            costs[points, label] = cost
        return costs

    def _with(self, places: PlacesOnStreets, onward: Onward) -> PlacesOnStreets:
        """Places with the ends of bridges as more spots from where they are reached."""
        more = self.ends.at[onward.end]
        at = Placed(*(np.concatenate([getattr(one, name) for one in (places.at, more)]) for name in PLACED))
        of, cost = np.concatenate([places.of, onward.place]), np.concatenate([places.cost, onward.cost])
        return self.spots(at, of, cost)

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """See `coverage.travel.base.TravelModel`."""
        m, ends = len(facility_xy), self.ends
        limit = np.floor(radius * _DM) - self.parking
        places = self.places(facility_xy)
        cost = np.full((len(ends.length), m), np.inf)
        for label, points, metres in self.reaching(ends.at, places, m, limit) if limit >= 0 else ():
            cost[points, label] = metres
        if len(self.bridges) > 1:
            between, first = self._between(limit), cost
            for _ in self.bridges:
                by = [between[:, [end]] + ends.length[end] + cost[ends.other[end]] for end in range(len(ends.length))]
                cost = np.minimum.reduce([first, *by])
        over = ends.length[:, None] + cost[ends.other]
        end, place = (axis.astype(np.intp) for axis in np.nonzero(over <= limit))
        onward = Onward(end, place, over[end, place] + place * TIE)
        return self.pairs(self.network.place(demand_xy), self._with(places, onward), m, limit)
