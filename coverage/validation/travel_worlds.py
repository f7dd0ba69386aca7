"""Proofs: made-up worlds for the travel models over streets and over the land, with answers in closed form."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from affine import Affine

from coverage.access.gravity import count_within
from coverage.travel.extracts.barriers import Crossings, to_grid
from coverage.travel.extracts.cost_raster import Land, RasterTravel, octile
from coverage.travel.extracts.network import NetworkTravel, build_network
from coverage.travel.extracts.osm import MODES, Roads
from coverage.travel.straight_line import CIRCUITY, crow
from coverage.validation.checks import ProofContext, ValidationCheck, compare, proves
from loaders.catalogue.regions.projection import cell_centres, cell_m
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Floats

BLOCK_M = 100.0
"""Length of a street between two corners."""

SHAPE = (60, 80)
"""Rows and columns of hectares of the land; a river runs along row 30."""

BANK, BRIDGE = 30, 70
_LANDING_M = 1.0
"""Metres that stepping on or off a bridge counts for."""


def _transform() -> Affine:
    """Land in the middle of the region in use, in whole cells."""
    west, south, east, north = region().territory.box
    corner = to_grid(np.array([[(west + east) / 2, (south + north) / 2]]))[0]
    left, top = (corner // cell_m() * cell_m()).tolist()
    return Affine(cell_m(), 0, left, 0, -cell_m(), top)


def streets(rows: int, columns: int, down: npt.NDArray[np.bool_]) -> NetworkTravel:
    """Square grid of streets on foot, row by row; ``down`` (rows - 1, columns) says which go to the next row."""
    number = np.arange(rows * columns).reshape(rows, columns)
    ends = [(number[:, :-1].ravel(), number[:, 1:].ravel()), (number[:-1][down], number[1:][down])]
    tail, head = (np.concatenate(side).astype(np.int32) for side in zip(*ends, strict=True))
    return NetworkTravel(
        build_network(
            Roads(
                xy=corners(rows, columns),
                tail=tail,
                head=head,
                length_m=np.full(len(tail), BLOCK_M),
                cost=np.ones((len(tail), len(MODES), 2), dtype=np.float32),
                structure=np.zeros(len(tail), dtype=bool),
                bounds=np.array([-BLOCK_M, -BLOCK_M, columns * BLOCK_M, rows * BLOCK_M]),
                name="streets",
            ),
            "walk",
        )
    )


def corners(rows: int, columns: int) -> Floats:
    """(rows · columns, 2) corners of a square grid of streets in metres, row by row."""
    east, down = np.meshgrid(np.arange(columns), np.arange(rows))
    return BLOCK_M * np.column_stack([east.ravel(), down.ravel()]).astype(np.float64)


@proves
def grid_of_streets(_context: ProofContext) -> Iterator[ValidationCheck]:
    """On a square grid of streets the way is the blocks east plus the blocks north, to the nearest and the second."""
    rows = columns = 41
    travel = streets(rows, columns, np.ones((rows - 1, columns), dtype=bool))
    houses, places = corners(rows, columns), corners(rows, columns)[[20 * columns + 8, 20 * columns + 30]]
    ways = np.abs(houses[:, None] - places[None]).sum(axis=2)
    metres = travel(houses, places, 2).distance_m
    yield compare("world", "streets_nearest", "|Δx| + |Δy|", ways.min(axis=1).mean(), metres[:, 0].mean(), within=1e-9)
    yield compare("world", "streets_second", "|Δx| + |Δy|", ways.max(axis=1).mean(), metres[:, 1].mean(), within=1e-9)
    blocks = 7
    reached = count_within(travel.within(houses, places[:1], blocks * BLOCK_M), blocks * BLOCK_M).sum()
    yield compare("world", "streets_reached", "2 n (n + 1) + 1", 2 * blocks * (blocks + 1) + 1, reached)


@proves
def river_with_streets(_context: ProofContext) -> Iterator[ValidationCheck]:
    """A river with one bridge on a grid of streets: the far bank is reached over the bridge alone.

    The place stands 3 streets before the bridge, and families walk at most n streets. With m = n - 3 - 1 left on the
    far bank, they come from 1 + 3 + ... + (2 m + 1) = (m + 1)² corners there.
    """
    rows, columns, bridge, most = 41, 81, 40, 15
    bank = 20  # the river runs between row 20 and row 21
    down = np.ones((rows - 1, columns), dtype=bool)
    down[bank] = False
    down[bank, bridge] = True
    travel, houses = streets(rows, columns, down), corners(rows, columns)
    place = houses[[(bank - 3) * columns + bridge]]
    pairs = travel.within(houses, place, most * BLOCK_M)
    reached = count_within(pairs, most * BLOCK_M).reshape(rows, columns)
    left = most - 3 - 1
    yield compare("world", "river_far", "(n - 3)²", (left + 1) ** 2, reached[bank + 1 :].sum())
    # the near bank: all of the diamond of 2 n (n + 1) + 1 corners that lies no more than 3 streets down
    whole = 2 * most * (most + 1) + 1
    beyond = sum(2 * (most - k) + 1 for k in range(4, most + 1))
    yield compare("world", "river_near", "2 n (n + 1) + 1 - Σ", whole - beyond, reached[: bank + 1].sum())


@proves
def open_land(_context: ProofContext) -> Iterator[ValidationCheck]:
    """Over free land nothing is in the way: the model ``raster`` is the straight line times circuity."""
    travel = RasterTravel(Land(np.ones(SHAPE), _transform(), _bridges()), {})
    row, col = np.indices(SHAPE).reshape(2, -1)
    homes, place = _at(row, col), _at(np.array([30]), np.array([40]))
    straight = crow(homes, place, 1).distance_m[:, 0]
    metres = travel(homes, place, 1).distance_m[:, 0]
    yield compare("world", "land_open", "1.3 d", straight.mean(), metres.mean(), within=1e-9)


@proves
def river_over_land(_context: ProofContext) -> Iterator[ValidationCheck]:
    """A river of one hectare wide with one bridge: who lives on the far bank goes along the river and back.

    With o(rows, columns) the way over free land in steps to the eight neighbours, the place 60 columns before the
    bridge and a home k columns before it on the other bank, the way is ``o(1, 60) + 202 + o(1, k)`` metres: 200 over
    the bridge and 1 to step on and off. Travel is the straight line times circuity times that way over the free one.
    """
    friction = np.ones(SHAPE)
    friction[BANK, :] = np.inf
    travel = RasterTravel(Land(friction, _transform(), _bridges((BANK - 1, BRIDGE), (BANK + 1, BRIDGE))), {})
    home = np.arange(BRIDGE - 60, BRIDGE + 1)
    homes, place = _at(np.full(len(home), BANK + 2), home), _at(np.array([BANK - 2]), np.array([BRIDGE - 60]))
    way = octile(1, 60) + 2 * cell_m() + 2 * _LANDING_M + octile(1, BRIDGE - home)
    straight = np.hypot(*(homes - place).T)
    expected = CIRCUITY * straight * way / octile(4, home - (BRIDGE - 60))
    metres = travel(homes, place, 1).distance_m[:, 0]
    formula = "1.3 d (o(1, 60) + 202 + o(1, k)) / o"
    yield compare("world", "land_river", formula, expected, metres, within=1e-9)
    blocked = RasterTravel(Land(friction, _transform(), _bridges()), {})(homes, place, 1).distance_m[:, 0]
    yield compare("world", "land_no_bridge", "0", 0, np.isfinite(blocked).sum())


def _at(row: npt.NDArray[np.int64], col: npt.NDArray[np.int64]) -> Floats:
    """Centres of cells."""
    return cell_centres(_transform(), SHAPE, row, col)


def _bridges(*ends: tuple[int, int]) -> Crossings:
    """One bridge between two (row, col) cells, or none; no barrier lines."""
    xy = np.array([_transform() @ (col + 0.5, row + 0.5) for row, col in ends], dtype=np.float64).reshape(-1, 2)
    n = len(xy) // 2
    return Crossings(
        lines=np.array([], dtype=object),
        xy=xy,
        tail=np.zeros(n, dtype=np.intp),
        head=np.ones(n, dtype=np.intp),
        metres=np.hypot(*(xy[1:] - xy[:1]).T) if n else np.zeros(0),
        landing=np.ones(len(xy), dtype=bool),
    )
