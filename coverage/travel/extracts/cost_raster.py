"""Travel over the land: the cheapest way on the hectare grid, around water and motorways and over bridges.

After the idea of AccessMod (Ray & Ebener 2008): land cover says how hard it is to get across a cell, barriers cannot be
crossed but where there is a crossing. Formulas, friction and limits: docs/method/travel.md.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from scipy import sparse

from coverage.access.od_pairs import CostPairs
from coverage.memory.lru_cache import LruCache
from coverage.travel.base import Travel, unsnapped_may_be_nearer
from coverage.travel.extracts.barriers import (
    Crossings,
    Domain,
    cut_by_lines,
    join,
    listed,
    of_extract,
    river_stretches,
    to_grid,
)
from coverage.travel.graph import Starts, cheapest, nearest_labels, pairs_of, reached
from coverage.travel.straight_line import CIRCUITY
from loaders.catalogue.regions.projection import cell_m
from loaders.catalogue.types import Floats, Ints

if TYPE_CHECKING:
    from loaders.snapshot.grid import Grid
    from loaders.snapshot.reader import Snapshot

TIDAL = 43
"""Corine class of tidal rivers: the Rupel and the Scheldt up to Gent."""

WATERCOURSES = (40, TIDAL)
"""Corine classes of rivers and canals: bridges cross them."""

OPEN_WATER = (41, 42, 44)
"""Lakes, lagoons and sea: nobody crosses them."""

FRICTION: dict[int, float] = {
    3: 1.2, 4: 1.5, 5: 2.0, 6: 3.0, 7: 2.0, 8: 2.0, 9: 1.2,  # industry, railways, ports, airports, pits, dumps, sites
    23: 1.1, 24: 1.1, 25: 1.1, 26: 1.1, 27: 1.1, 28: 1.1, 29: 1.1,  # woods and heath
    30: 1.5, 31: 1.5, 35: 2.0, 36: 2.0, 37: 3.0, 38: 3.0, 39: 3.0,  # dunes, marshes, mudflats
    40: 3.0, 43: 3.0,  # watercourses whose bridges are not known: what a detour over some bridge may cost
}  # fmt: skip
"""Corine class -> how many times as long a metre takes; 1 for all others (towns, fields). Estimates."""

MARGIN_CELLS = 20
"""Ways may lead through uninhabited land up to this many cells from where people live."""

SNAP_CELLS = 10
"""A place in the water, or outside the land held, belongs to the nearest cell of land within this many cells."""

_LANDS = 3

_OCTILE_MAX = float(np.hypot(1, 2**0.5 - 1))
"""How much longer steps to the eight neighbours can be than the straight line: 1.0824."""

STEPS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0))
"""The eight neighbours of a cell: rows down, columns right."""


@dataclass(frozen=True, eq=False)
class Land:
    """What can be crossed, on the hectare grid.

    Attributes
    ----------
    friction : (rows, cols) how many times as long a metre takes, at least 1; ``inf`` where nobody gets across
    transform : pixel to metres of the grid
    crossings : lines that cannot be crossed, and where bridges and junctions lead across
    """

    friction: Floats
    transform: Affine
    crossings: Crossings

    @cached_property
    def domain(self) -> Domain:
        """The cells that can be crossed, numbered."""
        return Domain(np.isfinite(self.friction), self.transform)

    @cached_property
    def graph(self) -> sparse.csr_array:
        """(n, n) metres between neighbouring cells: the step times the mean friction of both.

        A diagonal step needs both cells beside it to be open, so that water of one cell wide holds.
        """
        number = np.pad(self.domain.number, 1, constant_values=-1)
        friction = np.pad(self.friction, 1, constant_values=np.inf)
        row, col = (axis + 1 for axis in self.domain.cell)
        own = friction[row, col]
        target = np.empty((len(row), len(STEPS)), dtype=np.int32)
        metres = np.empty(target.shape)
        for i, (down, right) in enumerate(STEPS):
            target[:, i] = number[row + down, col + right]
            metres[:, i] = cell_m() * np.hypot(down, right) * (own + friction[row + down, col + right]) / 2
            if down and right:
                target[(number[row + down, col] < 0) | (number[row, col + right] < 0), i] = -1
        cut_by_lines(target, self.domain, self.crossings.lines, STEPS)
        return self._with_crossings(target, metres)

    def _with_crossings(self, target: npt.NDArray[np.int32], metres: Floats) -> sparse.csr_array:
        """Steps on the grid as CSR, then the points of the crossings and their edges."""
        kept = target >= 0
        n = len(target) + len(self.crossings.xy)
        ends = np.cumsum(kept.sum(axis=1), dtype=np.int32)
        indptr = np.concatenate([[0], ends, np.full(len(self.crossings.xy), ends[-1] if len(ends) else 0)])
        grid = sparse.csr_array((metres[kept], target[kept], indptr.astype(np.int32)), shape=(n, n))
        if len(self.crossings.xy) == 0:
            return grid
        a, b, length = self.crossings.edges(self.domain)
        both = cheapest(np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([length, length]), n)
        return sparse.csr_array(grid + both)


def land_of(snapshot: Snapshot, mode: str, extract: Path | None = None) -> Land:
    """Land of a snapshot: friction by land cover, water, and the barriers that are known.

    Parameters
    ----------
    snapshot : land cover and inhabited cells
    mode : who travels: crossings differ
    extract : OpenStreetMap extract whose bridges and motorways replace the listed ones where it lies
    """
    (cover,), transform = snapshot.bands("grid_land_cover", 1)
    table = np.ones(256)
    table[list(FRICTION)] = list(FRICTION.values())
    table[list(OPEN_WATER)] = np.inf
    friction = table[cover]
    crossings = listed(mode)
    friction[(cover == TIDAL) & _inside(river_stretches(), cover.shape, transform)] = np.inf
    if extract is not None:
        area, drawn = _extract(extract, mode)
        crossings = join(listed(mode, area), drawn)
        friction[np.isin(cover, WATERCOURSES) & _inside(area, cover.shape, transform)] = np.inf
    friction[~near_people(cover.shape, snapshot.grid.cell)] = np.inf
    return Land(friction, transform, crossings)


def _inside(area: shapely.Geometry, shape: tuple[int, int], transform: Affine) -> npt.NDArray[np.bool_]:
    """(rows, cols) whether the centre of a cell lies in an area (metres of the grid)."""
    from rasterio.features import rasterize

    return np.asarray(rasterize([area], out_shape=shape, transform=transform, dtype="uint8") == 1, dtype=bool)


def _extract(extract: Path, mode: str) -> tuple[shapely.Geometry, Crossings]:
    """Area of an extract in the system of the grid, and its barriers and crossings."""
    from coverage.travel.extracts.network import covered_area, load_roads

    roads = load_roads(extract)
    return shapely.transform(shapely.segmentize(covered_area(roads), 1000), to_grid), of_extract(roads, mode)


def near_people(shape: tuple[int, int], cell: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """(rows, cols) whether somebody lives within `MARGIN_CELLS` rows and columns of a cell."""
    from scipy.ndimage import maximum_filter

    lived_in = np.zeros(shape, dtype=np.uint8)
    lived_in.ravel()[cell] = 1
    return np.asarray(maximum_filter(lived_in, size=2 * MARGIN_CELLS + 1, mode="constant"), dtype=bool)


def octile(rows: npt.ArrayLike, cols: npt.ArrayLike) -> Floats:
    """Metres between cells so many rows and columns apart over free land, in steps to the eight neighbours.

    It is the straight line times 1 (along rows, columns and diagonals) to 1.0824 (in between).
    """
    down, right = np.abs(np.asarray(rows, dtype=np.float64)), np.abs(np.asarray(cols, dtype=np.float64))
    return np.asarray(cell_m() * (np.maximum(down, right) + (2**0.5 - 1) * np.minimum(down, right)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class RasterTravel:
    """The travel model ``raster``: straight line times circuity times the detour over the land.

    ``c = CIRCUITY · straight · max(1, cheapest way over the land / cheapest way over free land)``. On free land it
    equals ``crow`` for the facility it finds; nearest is judged by steps on the grid, so between places that
    differ less than 8.24 % it may be the other one.
    """

    land: Land
    details: Mapping[str, object]
    home: Grid | None = None
    least: float = CIRCUITY

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """See `coverage.travel.base.TravelModel`."""
        domain = self.land.domain
        place, _ = domain.nearest(to_grid(facility_xy), SNAP_CELLS)
        cell = self._cells(demand_xy)
        placed = np.flatnonzero(place >= 0)
        starts = Starts(placed, place[placed], np.zeros(len(placed)))
        ways, label = nearest_labels(self.land.graph, starts, len(facility_xy), k)
        ways, index = np.vstack([ways, np.full(k, np.inf)])[cell], np.vstack([label, np.full(k, -1)])[cell]
        distance = np.full(ways.shape, np.inf)
        for column in range(k):
            at = np.flatnonzero(index[:, column] >= 0)
            site = index[at, column]
            distance[at, column] = self._metres(
                ways[at, column], cell[at], place[site], demand_xy[at], facility_xy[site]
            )
        order = np.argsort(distance, axis=1, kind="stable")
        distance, index = np.take_along_axis(distance, order, axis=1), np.take_along_axis(index, order, axis=1)
        unknown = unsnapped_may_be_nearer(demand_xy, facility_xy[place < 0], distance, self.least)
        distance[unknown], index[unknown] = np.nan, -1
        flags = {"snapped_too_far": cell < 0, "outside_extract": unknown[:, 0]}
        return Travel(distance, index, flags, self.details)

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """See `coverage.travel.base.TravelModel`."""
        domain = self.land.domain
        place, _ = domain.nearest(to_grid(facility_xy), SNAP_CELLS)
        cell = self._cells(demand_xy)
        placed = np.flatnonzero(place >= 0)
        starts = Starts(placed, place[placed], np.zeros(len(placed)))
        limit = _OCTILE_MAX * radius / CIRCUITY + _OCTILE_MAX * 2 * cell_m()

        def price(label: int, points: Ints, ways: Floats) -> Floats:
            return self._metres(ways, cell[points], place[label], demand_xy[points], facility_xy[label])

        reached_cells = reached(self.land.graph, starts, len(facility_xy), limit)
        return pairs_of(reached_cells, cell, len(facility_xy), price, radius)

    def _cells(self, demand_xy: Floats) -> Ints:
        """Cell of every demand point, -1 for none; the inhabited cells themselves need no looking up."""
        if self.home is not None and demand_xy is self.home.xy:
            return self.land.domain.number.ravel()[self.home.cell].astype(np.intp)
        return self.land.domain.nearest(to_grid(demand_xy), SNAP_CELLS)[0]

    def _metres(self, ways: Floats, cell: Ints, place: npt.ArrayLike, demand_xy: Floats, facility_xy: Floats) -> Floats:
        """Metres of travel from the metres over the land."""
        row, col = self.land.domain.cell
        to = np.asarray(place, dtype=np.intp)
        free = octile(row[cell] - row[to], col[cell] - col[to])
        straight = np.hypot(*(demand_xy - facility_xy).T)
        detour = np.divide(ways, free, out=np.ones(len(ways)), where=free > 0)
        return np.asarray(CIRCUITY * straight * np.maximum(1.0, detour), dtype=np.float64)


def raster_travel(snapshot: Snapshot, mode: str, extract: Path | None = None) -> RasterTravel:
    """Make the travel model ``raster`` for a snapshot; the land of the last few is kept."""

    def make() -> RasterTravel:
        details = {} if extract is None else {"extract": extract.name}
        land = land_of(snapshot, mode, extract)
        _ = land.graph  # measured with the rest
        return RasterTravel(land, details, snapshot.grid)

    return _lands().get_or_make(_name(snapshot, mode, extract), make)


def land_is_held(snapshot: Snapshot, mode: str, extract: Path | None = None) -> bool:
    """Whether `raster_travel` has nothing to make."""
    return _lands().peek(_name(snapshot, mode, extract)) is not None


def _name(snapshot: Snapshot, mode: str, extract: Path | None) -> Hashable:
    return id(snapshot.grid), mode, extract  # the grid is kept with it, so its id too


@cache
def _lands() -> LruCache[RasterTravel]:
    return LruCache(_LANDS, "land")
