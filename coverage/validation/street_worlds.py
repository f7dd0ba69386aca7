"""Proofs: the streets of the data, folded, searched and repaired, against answers known beforehand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from coverage.barriers.cut_off import bars
from coverage.barriers.drawn import make_drawn, ways_across
from coverage.travel.straight_line import CIRCUITY
from coverage.travel.streets.street_network import load_streets, make_streets
from coverage.travel.streets.street_repair import repair
from coverage.travel.streets.street_rules import rules_of
from coverage.travel.streets.street_travel import StreetTravel
from coverage.validation.checks import ProofContext, ValidationCheck, compare, proves
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import STREET_CLASSES, TUNNEL
from loaders.catalogue.regions.projection import from_lonlat
from loaders.catalogue.types import Floats

BLOCK_M = 100
"""Length of a street between two corners."""

TUNNELS = (
    ("Waaslandtunnel", 4.39751, 51.22723, 1770.0),
    ("Kennedytunnel", 4.37175, 51.20547, 690.0),
    ("Liefkenshoektunnel", 4.29740, 51.29600, 1374.0),
    ("Sint-Annatunnel", 4.39213, 51.21969, 572.0),
)
"""Tunnels under the Scheldt: longitude and latitude of their middle, and their published length in metres."""

MOUTHS = ((4.38857, 51.22062), (4.39569, 51.21875))
"""Longitude and latitude of the ends of the Sint-Annatunnel, by which walkers go under the Scheldt."""

_BESIDE_M = 200.0
_LIFTS = 0.07
"""What the lifts and stairs of a tunnel may add to its length on the map, relative."""


def grid_of_streets(rows: int, columns: int, down: npt.NDArray[np.bool_]) -> tuple[StreetTravel, Floats]:
    """Square grid of streets on foot, and its corners; see `grid_graph`."""
    graph = grid_graph(rows, columns, down)
    corners = graph.xy.astype(np.float64)
    return StreetTravel(make_streets(graph, "walk", corners)), corners


def grid_graph(rows: int, columns: int, down: npt.NDArray[np.bool_]) -> StreetGraph:
    """Square grid of streets, by rows from the south; ``down`` (rows - 1, columns) says which go to the next row."""
    number = np.arange(rows * columns).reshape(rows, columns)
    ends = [(number[:, :-1].ravel(), number[:, 1:].ravel()), (number[:-1][down], number[1:][down])]
    tail, head = (np.concatenate(side).astype(np.int32) for side in zip(*ends, strict=True))
    east, north = np.meshgrid(np.arange(columns), np.arange(rows))
    xy = 150_000 + BLOCK_M * np.column_stack([east.ravel(), north.ravel()])
    return StreetGraph(
        xy=xy.astype(np.int32),
        tail=tail,
        head=head,
        length_dm=np.full(len(tail), 10 * BLOCK_M, dtype=np.int32),
        kind=np.full(len(tail), STREET_CLASSES.index("minor"), dtype=np.uint8),
        bend=np.zeros(len(tail) + 1, dtype=np.int64),
        bend_xy=np.zeros((0, 2), dtype=np.int32),
    )


@proves
def folded_grid(_context: ProofContext) -> Iterator[ValidationCheck]:
    """On a square grid the way is the blocks east plus the blocks north; a place that comes changes it to that."""
    rows = columns = 31
    model, corners = grid_of_streets(rows, columns, np.ones((rows - 1, columns), dtype=bool))
    places = corners[[15 * columns + 8, 15 * columns + 24, 3 * columns + 3]]
    ways = np.sort(np.abs(corners[:, None] - places).sum(axis=2), axis=1)
    two = np.sort(np.abs(corners[:, None] - places[:2]).sum(axis=2), axis=1)
    before = model.search(places[:2])
    metres = model.answer(corners, before).distance_m
    repaired = repair(model, before, places, np.array([[0, 0], [1, 1]]), corners)
    mended = model.answer(corners, repaired.forest).distance_m if repaired else np.zeros((1, 2))
    yield compare("world", "folded_nearest", "|Δx| + |Δy|", two[:, 0].mean(), metres[:, 0].mean(), within=1e-6)
    yield compare("world", "folded_second", "|Δx| + |Δy|", two[:, 1].mean(), metres[:, 1].mean(), within=1e-6)
    yield compare("world", "folded_repaired", "|Δx| + |Δy|", ways[:, :2].mean(), mended.mean(), within=1e-6)


@proves
def folded_river(_context: ProofContext) -> Iterator[ValidationCheck]:
    """A river with one bridge: whoever lives across it goes by way of the bridge."""
    rows, columns, bank, bridge = 21, 41, 10, 36
    down = np.ones((rows - 1, columns), dtype=bool)
    down[bank] = False
    down[bank, bridge] = True
    model, corners = grid_of_streets(rows, columns, down)
    place = corners[[bank * columns + 4]]
    at_bridge = corners[[bank * columns + bridge]]
    across = np.arange(rows * columns) // columns > bank
    by_bridge = np.abs(corners - at_bridge).sum(axis=1) + np.abs(place - at_bridge).sum()
    expected = np.where(across, by_bridge, np.abs(corners - place).sum(axis=1))
    metres = model(corners, place, 1).distance_m[:, 0]
    yield compare("world", "folded_river", "|Δx| + |Δy|", expected.mean(), metres.mean(), within=1e-6)


@proves
def river_that_cuts_off(_context: ProofContext) -> Iterator[ValidationCheck]:
    """A river with one bridge cuts off those whose way by the bridge is long, in straight lines and over the streets.

    The river flows from one edge of the city to the other, and on beyond it.
    """
    rows, columns, bank, bridge, least = 21, 41, 10, 36, 400.0
    down = np.ones((rows - 1, columns), dtype=bool)
    down[bank] = False
    down[bank, bridge] = True
    graph = grid_graph(rows, columns, down)
    corners = graph.xy.astype(np.float64)
    place, over = corners[bank * columns + 4], (corners[bank * columns + bridge] + (0, BLOCK_M / 2))
    west, east = corners[bank * columns] + (-5e4, BLOCK_M / 2), corners[bank * columns] + (5e4, BLOCK_M / 2)
    none = np.zeros(2, dtype=np.intp)
    kind, name = (np.array([word], dtype=object) for word in ("river", "Schelde"))
    drawn = make_drawn(kind, name, np.array([west, east]), none, none)
    across = ways_across(drawn, graph, rules_of("walk"))
    ways = StreetTravel(make_streets(graph, "walk", corners))(corners, place[None], 1).distance_m[:, 0]
    barred = bars(drawn, across, corners, place[None], ways, "walk", least)[0]
    straight = np.hypot(*(corners - place).T)
    by_bridge = np.hypot(*(corners - over).T) + np.hypot(*(place - over))
    on_foot = np.abs(corners - over).sum(axis=1) + np.abs(place - over).sum()
    long = (CIRCUITY * (by_bridge - straight) >= least) & (on_foot - CIRCUITY * straight >= least)
    expected = np.flatnonzero(long & (np.arange(rows * columns) // columns > bank))
    yield compare("world", "barrier_river", "1.3 (|i − x| + |x − a| − |i − a|) ≥ 400", len(expected), len(barred))
    yield compare(
        "world", "barrier_cells", "1.3 (|i − x| + |x − a| − |i − a|) ≥ 400", expected, np.sort(barred), within=0
    )


@proves
def tunnels_under_the_scheldt(context: ProofContext) -> Iterator[ValidationCheck]:
    """Published lengths of tunnels, and the way on foot through the one that is for walkers."""
    if not context.snapshot.has_streets:
        return
    graph = context.snapshot.streets()
    tunnels = np.flatnonzero(graph.kind & np.uint8(TUNNEL))
    middle = (graph.xy[graph.tail[tunnels]] + graph.xy[graph.head[tunnels]]) / 2
    lengths = []
    for _, lon, lat, _ in TUNNELS:
        away = np.hypot(*(middle - from_lonlat(np.array([[lon, lat]]))[0]).T)
        lengths.append(float(graph.length_dm[tunnels[away < _BESIDE_M]].max(initial=0)) / 10)
    names, published = ", ".join(tunnel[0] for tunnel in TUNNELS), [tunnel[3] for tunnel in TUNNELS]
    yield compare("published", "tunnels", names, published, lengths, within=_LIFTS)
    mouths = from_lonlat(np.array(MOUTHS))
    model = StreetTravel(load_streets(context.snapshot, "walk"))
    on_foot = float(model(mouths[:1], mouths[1:], 1).distance_m[0, 0])
    yield compare("published", "tunnel", "Sint-Annatunnel", published[3], on_foot, within=_LIFTS)
