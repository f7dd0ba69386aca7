"""Fit the speeds of cars over the streets on measured driving times, and check them on municipalities left out.

    python -m benchmarks.car_speeds            how well the speeds in `coverage.travel.streets.street_rules` do
    python -m benchmarks.car_speeds fit        speeds that do best on half of the municipalities

The trips (Daenekindt 2025, doi 10.38139/ts.94750; HERE, Saturday 11 October 2025, 10 h) lead from the middle of every
statistical sector to hospitals. They stay outside the project.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import lsq_linear
from scipy.sparse.csgraph import connected_components, dijkstra

from coverage.travel.graph import cheapest
from coverage.travel.pace import PACE_KMH
from coverage.travel.streets.street_index import cut_streets, find_spots
from coverage.travel.streets.street_network import PARKING_S, make_streets
from coverage.travel.streets.street_network import junctions as junctions_of
from coverage.travel.streets.street_rules import CAR_KMH, JUNCTION_S, Speeds, rules_of
from coverage.travel.streets.street_travel import StreetTravel, seconds_dm
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import RAMP, class_of, is_class
from loaders.catalogue.publishers.street_kinds import STREET_CLASSES as CLASSES
from loaders.catalogue.types import Bools, Floats, Ints, Positions
from loaders.snapshot.reader import Snapshot

TRIPS = Path(__file__).resolve().parent.parent.parent / "shared" / "opendata" / "traveltime"
FILE = "car_sector_to_hospital.parquet"
CUT_OFF_S = 900.0
ROUNDS = 3
EVERY = 3
"""Of so many hospitals, one is fitted on: they lie all over the region, and searches take long."""

FARTHEST_M = 25_000.0
"""Trips longer than this, as the crow flies, are not fitted on: nobody asks for them."""

KMH = (5.0, 115.0)
FEATURES = tuple((name, band) for name in CAR_KMH for band in range(3))
LEG_KMH = 20.0


@dataclass(frozen=True, eq=False)
class Trips:
    """Measured trips.

    Attributes
    ----------
    origin, hospital : (n, 2) EPSG:31370 metres
    seconds, free_flow : (n,)
    straight_m : (n,)
    fitted : (n,) those of the half of the municipalities that speeds are fitted on
    """

    origin: Floats
    hospital: Floats
    seconds: Floats
    free_flow: Floats
    straight_m: Floats
    fitted: Bools


def read_trips(folder: Path = TRIPS) -> Trips:
    """Trips of Flanders and Brussels; every other municipality, in the order of their codes, is left out of the fit."""
    frame = pd.read_parquet(folder / FILE)
    codes = frame["origin"].str[:5]
    order = {code: number for number, code in enumerate(sorted(codes.unique()))}
    return Trips(
        origin=frame[["origin_x", "origin_y"]].to_numpy(np.float64),
        hospital=frame[["hospital_x", "hospital_y"]].to_numpy(np.float64),
        seconds=frame["duration_s"].to_numpy(np.float64),
        free_flow=frame["duration_free_flow_s"].to_numpy(np.float64),
        straight_m=frame["crow_m"].to_numpy(np.float64),
        fitted=codes.map(order).to_numpy() % 2 == 0,
    )


def driving_seconds(snapshot: Snapshot, trips: Trips) -> Floats:
    """(n,) what the model says, parking not counted."""
    network = make_streets(snapshot.streets(), "car", np.zeros((0, 2)))
    model = StreetTravel(network)
    found = np.full(len(trips.seconds), np.nan)
    for place, rows in _by_hospital(trips):
        metres = model(trips.origin[rows], place[None], 1).distance_m[:, 0]
        found[rows] = (metres - seconds_dm(PARKING_S) / 10) * 3.6 / PACE_KMH["car"]
    return found


def curve_seconds(straight_m: Floats) -> Floats:
    """(n,) what the curve of distance alone says."""
    return np.asarray(5.01 * (straight_m / 1000) ** 0.58 * 60)


def table(seconds: Floats, trips: Trips) -> pd.DataFrame:
    """How far off model times are, on the trips left out of the fit: all together and by distance."""
    edges = [0, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000]
    rows = []
    for low, high in [(0, 60_000), *pairwise(edges)]:
        some = ~trips.fitted & np.isfinite(seconds) & (trips.straight_m >= low) & (trips.straight_m < high)
        off = (seconds - trips.seconds)[some] / 60
        same = (seconds[some] <= CUT_OFF_S) == (trips.seconds[some] <= CUT_OFF_S)
        rows.append((low / 1000, high / 1000, int(some.sum()), same.mean(), np.abs(off).mean(), off.mean()))
    return pd.DataFrame(rows, columns=["from_km", "to_km", "trips", "agree_15", "mean_error_min", "bias_min"])


def _by_hospital(trips: Trips) -> list[tuple[Floats, Positions]]:
    places, which = np.unique(trips.hospital, axis=0, return_inverse=True)
    return [(place, np.flatnonzero(which.ravel() == number)) for number, place in enumerate(places)]


class Fit:
    """Finds speeds: fastest ways with the speeds so far, then the speeds that explain the times of those ways."""

    def __init__(self, graph: StreetGraph, trips: Trips) -> None:
        self.graph, self.trips = graph, trips
        self.band, self.junction = junctions_of(graph)
        named = np.array(CLASSES, dtype=object)[class_of(graph.kind)]
        ramp = is_class(graph.kind, "motorway") & ((graph.kind & np.uint8(RAMP)) != 0)
        named[ramp] = "motorway_ramp"
        number = {feature: i for i, feature in enumerate(FEATURES)}
        self.feature = np.array([number.get((n, b), -1) for n, b in zip(named, self.band, strict=True)], dtype=np.intp)

    def run(self) -> tuple[Speeds, tuple[float, float, float], float]:
        speeds, lost, start = CAR_KMH, JUNCTION_S, 0.0
        for turn in range(ROUNDS):
            explained = self._explain(speeds, lost)
            speeds, lost, start = self._solve(explained, speeds)
            print(
                turn, start, lost, {name: tuple(round(v, 1) for v in kmh) for name, kmh in speeds.items()}, flush=True
            )
        return speeds, lost, start

    def _explain(self, speeds: Speeds, lost: tuple[float, ...]) -> Floats:
        """(n, features) metres by feature, junctions by band, and metres off the street, of every trip of the fit."""
        rules = rules_of("car", speeds, lost)
        graph = self.graph
        metres = graph.length_dm / 10
        ends = (self.junction[graph.tail].astype(float) + self.junction[graph.head]) / 2
        cost = rules.along[self.band, graph.kind] * metres + rules.junction[self.band] * ends
        back = rules.against[self.band, graph.kind] * metres + rules.junction[self.band] * ends
        row = np.concatenate([graph.head, graph.tail]).astype(np.int64)
        col = np.concatenate([graph.tail, graph.head]).astype(np.int64)
        both = np.concatenate([cost, back])
        edge = np.tile(np.arange(len(metres)), 2)
        goes = np.isfinite(both) & (row != col)
        row, col, both, edge = row[goes], col[goes], both[goes], edge[goes]
        n = len(graph.xy)
        net = cheapest(row, col, both, n)
        key = row * n + col
        order = np.lexsort((both, key))
        key, edge = key[order], edge[order]
        _, part = connected_components(net, connection="strong")
        main = part == np.bincount(part).argmax()
        edges = np.flatnonzero(np.isfinite(cost) & main[graph.tail] & main[graph.head])
        pieces = cut_streets(graph, edges)
        spots = find_spots(pieces, np.vstack([self.trips.origin, self.trips.hospital]))
        at = edges[spots.edge]
        near_head = spots.offset_dm > graph.length_dm[at] / 2
        node = np.where(near_head, graph.head[at], graph.tail[at]).reshape(2, -1)
        explained = np.zeros((len(self.trips.seconds), len(FEATURES) + 4))
        explained[:, -1] = spots.away_m.reshape(2, -1).sum(axis=0)
        told = np.isfinite(explained[:, -1])
        explained[~told] = 0.0
        for _, trips in _by_hospital(self.trips)[::EVERY]:
            some = trips[self.trips.fitted[trips] & told[trips] & (self.trips.straight_m[trips] <= FARTHEST_M)]
            if len(some) == 0:
                continue
            found = dijkstra(
                net, indices=node[1, some[:1]].astype(np.intp), return_predecessors=True, limit=2.5 * FARTHEST_M
            )
            reach, before = found[0][0], found[1][0]
            some = some[np.isfinite(reach[node[0, some]])]
            self._follow(explained, some, node[0, some], before, (key, edge), ends)
        return explained

    def _follow(
        self,
        explained: Floats,
        trips: Positions,
        at: Positions,
        before: Ints,
        edges: tuple[Ints, Ints],
        ends: Floats,
    ) -> None:
        """Follow all ways to one hospital, a step at a time, and note what they are made of."""
        key, edge = edges
        n = len(self.graph.xy)
        while len(trips):
            ahead = before[at].astype(np.int64)
            goes = ahead >= 0
            trips, at, ahead = trips[goes], at[goes], ahead[goes]
            taken = edge[np.searchsorted(key, ahead * n + at)]
            np.add.at(explained, (trips, self.feature[taken]), self.graph.length_dm[taken] / 10)
            np.add.at(explained, (trips, len(FEATURES) + self.band[taken]), ends[taken])
            at = ahead

    def _solve(self, explained: Floats, speeds: Speeds) -> tuple[Speeds, tuple[float, float, float], float]:
        some = self.trips.fitted & (explained[:, : len(FEATURES)].sum(axis=1) > 0)
        print(int(some.sum()), "of", int(self.trips.fitted.sum()), "trips", flush=True)
        matrix = np.column_stack([explained[some], np.ones(int(some.sum()))])
        weight = 1 / np.sqrt(np.maximum(self.trips.seconds[some], 300.0))
        pull = 0.02 * np.sqrt((matrix[:, : len(FEATURES)] ** 2).sum(axis=0).mean())
        guess = np.array([3.6 / speeds[name][band] for name, band in FEATURES])
        ridge = np.zeros((len(FEATURES), matrix.shape[1]))
        ridge[:, : len(FEATURES)] = np.eye(len(FEATURES)) * pull
        low = np.array([3.6 / KMH[1]] * len(FEATURES) + [0.0] * 3 + [0.0, 0.0])
        high = np.array([3.6 / KMH[0]] * len(FEATURES) + [12.0] * 3 + [3.6 / 8, 180.0])
        low[-2], high[-2] = 3.6 / LEG_KMH - 1e-9, 3.6 / LEG_KMH + 1e-9
        found = lsq_linear(
            np.vstack([matrix * weight[:, None], ridge]),
            np.concatenate([self.trips.seconds[some] * weight, pull * guess]),
            (low, high),
        ).x
        kmh = {name: tuple(3.6 / found[3 * i : 3 * i + 3]) for i, name in enumerate(CAR_KMH)}
        first, second, third = found[len(FEATURES) : len(FEATURES) + 3].tolist()
        return (
            {name: (float(v[0]), float(v[1]), float(v[2])) for name, v in kmh.items()},
            (first, second, third),
            float(found[-1]),
        )


def main() -> None:
    """Fit, or tell how well the speeds do."""
    snapshot, trips = Snapshot(), read_trips()
    if sys.argv[1:] == ["fit"]:
        Fit(snapshot.streets(), trips).run()
        return
    for name, seconds in (("streets", driving_seconds(snapshot, trips)), ("curve", curve_seconds(trips.straight_m))):
        print(name, int(np.isnan(seconds).sum()))
        print(table(seconds, trips).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
