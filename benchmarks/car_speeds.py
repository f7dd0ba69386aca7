"""Fit the speeds of cars over the streets on measured driving times, and check them on municipalities left out.

    python -m benchmarks.car_speeds            how well the speeds in use do, by distance and by surroundings
    python -m benchmarks.car_speeds fit [FILE] speeds that do best on half of the municipalities, written to a file

The trips (Daenekindt 2025, doi 10.38139/ts.94750; HERE, Saturday 11 October 2025, 10 h) lead from the middle of every
statistical sector to hospitals. They stay outside the project.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import lsq_linear
from scipy.sparse.csgraph import connected_components, dijkstra

from coverage.travel.graph import cheapest
from coverage.travel.streets.street_index import cut_streets, find_spots
from coverage.travel.streets.street_network import make_streets
from coverage.travel.streets.street_rules import BANDS, CAR, PASSING, CarSpeeds, rules_of
from coverage.travel.streets.street_travel import StreetTravel
from coverage.travel.streets.surroundings import passing, surroundings
from coverage.validation.measured_trips import CUT_OFF_S, Trips, by_hospital, driving_seconds, read_trips
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import ONEWAY, RAMP, class_of, is_class
from loaders.catalogue.publishers.street_kinds import STREET_CLASSES as CLASSES
from loaders.catalogue.types import Bools, Floats, Ints, Positions
from loaders.snapshot.reader import Snapshot

FOUND = Path(__file__).resolve().parent.parent / "coverage" / "travel" / "streets" / "car_speeds.toml"
ROUNDS = 5
DAMPING = 0.7
"""Share of a new solution that the next round goes on with: ways follow speeds, and speeds follow ways."""

FARTHEST_M = 60_000.0
KMH = (6.0, 118.0)
PASS_S = (0.0, 15.0)
START_RANGE_S = (0.0, 180.0)
LEG_KMH = 20.0
PULL, SMOOTH, PULL_JUNCTION = 0.004, 0.006, 0.006
"""How strongly speeds stay near those of the round before, those of neighbouring surroundings near each other, and the
seconds of junctions near those before: shares of what the data say of an average one."""

MIN_OFF_S = 20.0
"""Residuals below this weigh alike; above, as much as least absolute deviations want (iterated least squares)."""

WEIGHING = 3
CLASSES_OF_CARS = tuple(CAR.kmh)
N_SPEEDS, N_PASSES = len(CLASSES_OF_CARS) * BANDS, (len(PASSING) - 1) * BANDS


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


def by_surroundings(snapshot: Snapshot, seconds: Floats, trips: Trips) -> pd.DataFrame:
    """How far off model times are on the trips left out of the fit, by the surroundings that they start in."""
    graph = snapshot.streets()
    edges = np.flatnonzero(np.isfinite(rules_of("car").along[1][graph.kind]))
    band = surroundings(graph)[edges][find_spots(cut_streets(graph, edges), trips.origin).edge]
    rows = []
    for number, name in enumerate(("countryside", "village", "town", "city", "large city")):
        some = ~trips.fitted & np.isfinite(seconds) & (band == number)
        off = (seconds - trips.seconds)[some] / 60
        same = (seconds[some] <= CUT_OFF_S) == (trips.seconds[some] <= CUT_OFF_S)
        rows.append((name, int(some.sum()), same.mean(), np.abs(off).mean(), off.mean()))
    return pd.DataFrame(rows, columns=["from", "trips", "agree_15", "mean_error_min", "bias_min"])


class Fit:
    """Finds speeds: fastest ways with the speeds so far, then the speeds that explain the times of those ways.

    A trip takes the metres of every class and surroundings over their speed, the seconds of every node that it passes,
    half of them by the street it comes along and half by the one it leaves along, a start, and 20 km/h off the street.
    """

    def __init__(self, graph: StreetGraph, trips: Trips) -> None:
        self.graph, self.trips = graph, trips
        self.band, self.passes = surroundings(graph), passing(graph)
        named = np.array(CLASSES, dtype=object)[class_of(graph.kind)]
        named[is_class(graph.kind, "motorway") & ((graph.kind & np.uint8(RAMP)) != 0)] = "motorway_ramp"
        number = {name: i for i, name in enumerate(CLASSES_OF_CARS)}
        of_class = np.array([number.get(name, -1) for name in named], dtype=np.intp)
        self.open: Bools = of_class >= 0
        self.feature = np.where(self.open, of_class * BANDS + self.band, -1)
        self.node, self.away_m = self._ends()

    def run(self, start: CarSpeeds = CAR) -> CarSpeeds:
        """Find the speeds, from others on."""
        coefficients = _coefficients(start)
        for turn in range(ROUNDS):
            explained, known = self.explain(coefficients)
            solved = self._solve(explained, known, coefficients)
            times = explained @ solved[:-1] + solved[-1] + self.away_m * 3.6 / LEG_KMH
            off = np.abs(times - self.trips.seconds)[known & ~self.trips.fitted].mean() / 60
            print(f"round {turn}: {off:.3f} minutes off on the trips left out", flush=True)
            coefficients = solved if turn == ROUNDS - 1 else (1 - DAMPING) * coefficients + DAMPING * solved
        return _speeds(coefficients)

    def _ends(self) -> tuple[Positions, Floats]:
        """(2, n) nodes that trips start and end at, and the metres between these and where they really do."""
        graph = self.graph
        oneway = (graph.kind & np.uint8(ONEWAY)) != 0
        back = self.open & ~oneway
        n = len(graph.xy)
        rows = np.concatenate([graph.head[self.open], graph.tail[back]])
        cols = np.concatenate([graph.tail[self.open], graph.head[back]])
        joined = sparse.csr_array((np.ones(len(rows), dtype=bool), (rows, cols)), shape=(n, n))
        _, part = connected_components(joined, connection="strong")
        main = part == np.bincount(part).argmax()
        edges = np.flatnonzero(self.open & main[graph.tail] & main[graph.head])
        spots = find_spots(cut_streets(graph, edges), np.vstack([self.trips.origin, self.trips.hospital]))
        at = edges[spots.edge]
        ahead = spots.offset_dm > graph.length_dm[at] / 2
        node = np.where(ahead, graph.head[at], graph.tail[at]).reshape(2, -1)
        return node.astype(np.intp), spots.away_m.reshape(2, -1).sum(axis=0)

    def explain(self, coefficients: Floats) -> tuple[Floats, Bools]:
        """What every trip is made of, (n, N_SPEEDS + N_PASSES), on the fastest way; and whether there is one."""
        graph, trips = self.graph, self.trips
        n = len(graph.xy)
        lost = np.vstack([np.zeros(BANDS), coefficients[N_SPEEDS:-1].reshape(-1, BANDS)])
        seconds = np.where(self.open, coefficients[self.feature] * graph.length_dm / 10, np.inf)
        seconds = seconds + (lost[self.passes[0], self.band] + lost[self.passes[1], self.band]) / 2
        back = self.open & ((graph.kind & np.uint8(ONEWAY)) == 0)
        row = np.concatenate([graph.head[self.open], graph.tail[back]]).astype(np.int64)
        col = np.concatenate([graph.tail[self.open], graph.head[back]]).astype(np.int64)
        cost = np.maximum(np.concatenate([seconds[self.open], seconds[back]]), 1e-3)
        edge = np.concatenate([np.flatnonzero(self.open), np.flatnonzero(back)])
        goes = row != col
        row, col, cost, edge = row[goes], col[goes], cost[goes], edge[goes]
        net = cheapest(row, col, cost, n)
        key = row * n + col
        order = np.lexsort((cost, key))
        steps = key[order], edge[order]
        explained, known = np.zeros((len(trips.seconds), N_SPEEDS + N_PASSES)), np.zeros(len(trips.seconds), dtype=bool)
        for some, before in self._searches(net):
            known[some] = True
            self._follow(explained, some, before, steps)
        return explained, known

    def _searches(self, net: sparse.csr_array) -> Iterator[tuple[Positions, Ints]]:
        """For every hospital: trips that get there, and the next node of every node on the way."""
        for _, trips in by_hospital(self.trips):
            some = trips[np.isfinite(self.away_m[trips]) & (self.trips.straight_m[trips] <= FARTHEST_M)]
            if len(some) == 0:
                continue
            reach, before = dijkstra(net, indices=self.node[1, some[:1]], return_predecessors=True)
            yield some[np.isfinite(reach[0, self.node[0, some]])], before[0]

    def _follow(self, explained: Floats, trips: Positions, before: Ints, steps: tuple[Ints, Ints]) -> None:
        """Follow all ways to one hospital, a step at a time, and note what they are made of."""
        key, edge = steps
        n, at = len(self.graph.xy), self.node[0, trips]
        while len(trips):
            ahead = before[at].astype(np.int64)
            goes = ahead >= 0
            trips, at, ahead = trips[goes], at[goes], ahead[goes]
            taken = edge[np.searchsorted(key, ahead * n + at)]
            explained[trips, self.feature[taken]] += self.graph.length_dm[taken] / 10
            for kinds in self.passes:
                passes = kinds[taken]
                some = passes > 0
                column = N_SPEEDS + (passes[some] - 1) * BANDS + self.band[taken[some]]
                explained[trips[some], column] += 0.5
            at = ahead

    def _solve(self, explained: Floats, known: Bools, before: Floats) -> Floats:
        """Least absolute deviations by least squares weighed anew, within bounds and near what was there before."""
        some = known & self.trips.fitted
        matrix = np.column_stack([explained[some], np.ones(int(some.sum()))])
        wanted = self.trips.seconds[some] - self.away_m[some] * 3.6 / LEG_KMH
        ridge, target = _ridge(matrix, before)
        low = np.concatenate([np.full(N_SPEEDS, 3.6 / KMH[1]), np.full(N_PASSES, PASS_S[0]), [START_RANGE_S[0]]])
        high = np.concatenate([np.full(N_SPEEDS, 3.6 / KMH[0]), np.full(N_PASSES, PASS_S[1]), [START_RANGE_S[1]]])
        usual = 1 / np.sqrt(np.maximum(self.trips.seconds[some], 300.0))
        weight, coefficients = usual, before
        for turn in range(WEIGHING):
            if turn:
                weight = 1 / np.sqrt(np.maximum(np.abs(matrix @ coefficients - wanted), MIN_OFF_S))
                weight *= usual.mean() / weight.mean()
            rows = np.vstack([matrix * weight[:, None], ridge])
            coefficients = lsq_linear(rows, np.concatenate([wanted * weight, target]), (low, high)).x
        return np.asarray(coefficients, dtype=np.float64)


def _ridge(matrix: Floats, before: Floats) -> tuple[Floats, Floats]:
    """Rows that hold speeds near those before and near those of neighbouring surroundings."""
    size = np.sqrt((matrix[:, :N_SPEEDS] ** 2).sum(axis=0).mean())
    passes = np.sqrt((matrix[:, N_SPEEDS:-1] ** 2).sum(axis=0).mean())
    pull = np.concatenate([np.full(N_SPEEDS, PULL * size), np.full(N_PASSES, PULL_JUNCTION * passes), [0.0]])
    beside = []
    for first in range(N_SPEEDS):
        if first % BANDS + 1 < BANDS:
            row = np.zeros(matrix.shape[1])
            row[first], row[first + 1] = SMOOTH * size, -SMOOTH * size
            beside.append(row)
    return np.vstack([np.diag(pull), *beside]), np.concatenate([pull * before, np.zeros(len(beside))])


def _coefficients(speeds: CarSpeeds) -> Floats:
    kmh = np.array([speeds.kmh[name] for name in CLASSES_OF_CARS])
    return np.concatenate([(3.6 / kmh).ravel(), np.array(speeds.pass_s).ravel(), [speeds.start_s]])


def _speeds(coefficients: Floats) -> CarSpeeds:
    kmh = (3.6 / coefficients[:N_SPEEDS]).reshape(-1, BANDS)
    passes = coefficients[N_SPEEDS:-1].reshape(-1, BANDS)
    return CarSpeeds(
        {name: tuple(map(float, kmh[i])) for i, name in enumerate(CLASSES_OF_CARS)},
        tuple(tuple(map(float, row)) for row in passes),
        float(coefficients[-1]),
    )


def as_toml(speeds: CarSpeeds) -> str:
    """The speeds as `coverage/travel/streets/car_speeds.toml` holds them."""

    def row(values: tuple[float, ...]) -> str:
        return "[" + ", ".join(f"{value:.1f}" for value in values) + "]"

    kmh = [f"{name} = {row(values)}" for name, values in speeds.kmh.items()]
    lost = [f'"{name}" = {row(values)}' for name, values in zip(PASSING[1:], speeds.pass_s, strict=True)]
    return "\n".join(
        [
            "# Speeds of cars, fitted by `python -m benchmarks.car_speeds fit` on driving times of HERE, Saturday",
            "# 11 October 2025 at 10 h (Daenekindt 2025, doi 10.38139/ts.94750), over the streets of OpenStreetMap of",
            "# August 2021. Columns: countryside, village, town, city, large city.",
            "",
            f"start_s = {speeds.start_s:.1f}  # seconds from standing still to standing still",
            "",
            "[kmh]",
            *kmh,
            "",
            "[seconds]  # lost on passing a node",
            *lost,
            "",
        ]
    )


def main() -> None:
    """Fit, or tell how well the speeds do."""
    snapshot, trips = Snapshot(), read_trips()
    if sys.argv[1:2] == ["fit"]:
        speeds = Fit(snapshot.streets(), trips).run()
        Path(sys.argv[2] if len(sys.argv) > 2 else FOUND).write_text(as_toml(speeds), encoding="utf-8")
        return
    network = make_streets(snapshot.streets(), "car", np.zeros((0, 2)))
    seconds = driving_seconds(StreetTravel(network), trips)
    for name, times in (("streets", seconds), ("curve", curve_seconds(trips.straight_m))):
        print(name, int(np.isnan(times).sum()), "trips without a time")
        print(table(times, trips).round(3).to_string(index=False))
    print(by_surroundings(snapshot, seconds, trips).round(3).to_string(index=False))
    free = replace(trips, seconds=trips.free_flow)
    print("free flow")
    print(table(seconds, free).round(3).head(1).to_string(index=False))


if __name__ == "__main__":
    main()
