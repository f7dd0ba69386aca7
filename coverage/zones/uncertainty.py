"""How sure a gap is: the share of many seeded draws in which a zone is beyond reach.

A draw changes what is not known exactly: how winding the way is, how far is near enough, where exactly the
places stand, where in the municipality the births fall, and how many there are in a year. Model, sources of the
figures and limits: ``docs/method/probability.md``.

Nothing is worked out anew for a draw. Travel distances and the demand surface are reused; cells so near that they
are in reach in every draw are added up beforehand, those too far in every draw are left out, and only the band
between is compared with a limit that differs by draw and place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coverage.core.demand import Demand
from coverage.core.query import Query, check_draws
from coverage.core.reach import Reach, coordinates
from coverage.memory.weights import RANGE_DRAWS
from coverage.travel.straight_line import CIRCUITY
from i18n.errors import ArgumentError
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools, Floats
from loaders.snapshot.hectares import census_position

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

Integers = npt.NDArray[np.intp]

BATCH = 100
"""Draws worked out together; their random numbers come from the seed and the number of the batch."""

RANGE = (0.05, 0.95)
"""Shares of the draws between which a range lies."""

SNAPPED = "snapped_to_municipality"
"""Flag of places whose point was off."""


@dataclass(frozen=True)
class InputSpread:
    """How far the inputs may be off. Nought switches one off.

    Attributes
    ----------
    circuity : standard deviation of the logarithm of circuity, the same for all in a draw
    circuity_place : the same, for every place on its own
    reach : near enough lies between ``1 - reach`` and ``1 + reach`` times the reach asked for, evenly
    location_m : standard deviation of a place's coordinates, each axis, in metres
    snapped_m : the same, for a place whose point lay outside its municipality
    block : coefficient of variation of the births of a square kilometre, the municipality's total being given
    births : coefficient of variation of a municipality's births beyond what chance alone gives (Poisson)
    chance : whether births of a year vary by chance (Poisson)
    """

    circuity: float = 0.10
    circuity_place: float = 0.10
    reach: float = 0.10
    location_m: float = 50.0
    snapped_m: float = 250.0
    block: float = 0.30
    births: float = 0.02
    chance: bool = True

    def __post_init__(self) -> None:
        """Check that every spread is a share or distance that can be drawn from."""
        for name, value in vars(self).items():
            if not (np.isfinite(value) and value >= 0):
                raise ArgumentError(f"Spread '{name}' is {value}; give a finite number of 0 or more.")
        if self.reach >= 1:
            raise ArgumentError(f"Spread 'reach' is {self.reach}; give a share below 1.")


CERTAIN = InputSpread(0, 0, 0, 0, 0, 0, 0, chance=False)
"""No doubt at all: every draw is the answer itself."""


SPREADS: dict[str, InputSpread] = {
    "crow": InputSpread(),
    "raster": InputSpread(),
    "crow car": InputSpread(circuity=0.08, circuity_place=0.17),
    "raster car": InputSpread(circuity=0.08, circuity_place=0.17),
    "network": InputSpread(circuity=0.03, circuity_place=0.05),
    "network car": InputSpread(circuity=0.05, circuity_place=0.10),
    "matrix": InputSpread(circuity=0.03, circuity_place=0.05),
    "matrix car": InputSpread(circuity=0.05, circuity_place=0.10),
}
"""How far every travel model may be off (docs/method/probability.md); by car from the errors on measured trips."""


def spread_of(query: Query) -> InputSpread:
    """How far the inputs of a question may be off: its travel model decides about the way."""
    return SPREADS[f"{query.model} car" if query.mode == "car" else query.model]


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells with births, and what draws need to know of them.

    Attributes
    ----------
    cell : (n,) their position on the grid
    births : (n,) births
    distance_m : (n,) metres of travel to the nearest place; ``inf`` where there is none
    place : (n,) that place, as a row of the facilities; one past the last where there is none
    towards : (n, 2) unit vector from the place to the cell
    snapped : (n_places,) whether a place's point lay outside its municipality; the last stands for none
    block : (n,) square kilometre within the municipality
    block_municipality : (n_blocks,) municipality of every block
    """

    cell: Integers
    births: Floats
    distance_m: Floats
    place: Integers
    towards: Floats
    snapped: npt.NDArray[np.bool_]
    block: Integers
    block_municipality: Integers


@dataclass(frozen=True, eq=False)
class Certainty:
    """How often a zone is beyond reach.

    Attributes
    ----------
    probability : (n_zones,) share of the draws in which it is; NaN where no draw had births
    standard_error : (n_zones,) of that share, from the number of draws (Agresti and Coull 1998)
    draws, seed : how many draws, and where they start
    spread : how far the inputs may be off
    out_low, out_high : (n_zones,) births out of reach, `RANGE` of the first `RANGE_DRAWS` draws
    """

    probability: Floats
    standard_error: Floats
    draws: int
    seed: int
    spread: InputSpread
    out_low: Floats
    out_high: Floats

    @property
    def largest_error(self) -> float:
        """Largest standard error of any zone; NaN when nothing could be judged."""
        known = self.standard_error[np.isfinite(self.standard_error)]
        return float(known.max()) if len(known) else float("nan")


def snapped_places(facilities: Facilities) -> Bools:
    """(n_facilities,) whether the point of a place was off, so that it is less sure than others where it stands."""
    flags = facilities.frame["flags"].fillna("")
    return np.asarray(flags.str.contains(SNAPPED, regex=False), dtype=bool)


def uncertain_cells(snapshot: Snapshot, demand: Demand, reach: Reach, facilities: Facilities) -> Cells:
    """Collect what draws need, whatever the level and the reach.

    Parameters
    ----------
    snapshot : grid and municipalities
    demand : births of every cell
    reach : distances of every cell; must be known
    facilities : rows of the service, those ``reach.nearest`` points to
    """
    municipality = snapshot.zone_index(region().base, region().vintage)
    cell = np.flatnonzero((demand.births > 0) & (municipality >= 0))
    grid = snapshot.grid
    kilometre, size = census_position(grid.shape, grid.transform)
    key = municipality[cell].astype(np.int64) * (size[0] * size[1]) + kilometre.ravel()[grid.cell[cell]]
    blocks, block = np.unique(key, return_inverse=True)

    snapped = snapped_places(facilities)
    place = reach.nearest[cell]
    points = np.vstack([coordinates(facilities.frame), [np.nan, np.nan]])
    away = grid.xy[cell] - points[place]
    length = np.hypot(away[:, 0], away[:, 1])[:, None]
    return Cells(
        cell=cell,
        births=demand.births[cell],
        distance_m=np.where(place >= 0, reach.distance_m[cell], np.inf),
        place=np.where(place >= 0, place, len(snapped)),
        towards=np.divide(away, length, out=np.zeros_like(away), where=length > 0),
        snapped=np.append(snapped, False),
        block=block.astype(np.intp),
        block_municipality=(blocks // (size[0] * size[1])).astype(np.intp),
    )


@dataclass(frozen=True, eq=False)
class Draws:
    """One batch.

    Attributes
    ----------
    limit_m : (n_draws, n_places) travel distance, as worked out, that still counts as near enough
    moved_m : (n_draws, n_places, 2) by how much a place stands elsewhere
    factor : (n_blocks, n_draws) births of a block, as a multiple of those expected
    """

    limit_m: Floats
    moved_m: Floats
    factor: Floats


def simulate(
    cells: Cells,
    zone_index: npt.NDArray[Any],
    n_zones: int,
    *,
    within_m: float,
    min_share: float,
    draws: int,
    seed: int = 1,
    spread: InputSpread | None = None,
) -> Certainty:
    """Draw, and count how often every zone has fewer than ``min_share`` of its births in reach.

    The same input and seed give the same numbers. The first draws of a longer run are those of a shorter one
    where both are multiples of `BATCH`.

    Parameters
    ----------
    cells : see `uncertain_cells`
    zone_index : (n_cells of the grid,) zone of every cell, -1 outside
    n_zones : number of zones
    within_m : reach in metres of travel
    min_share : see `coverage.core.query.Query`
    draws, seed : how many, and where the random numbers start
    spread : how far the inputs may be off; None for the usual `InputSpread`

    Raises
    ------
    InputError
        when draws or seed cannot be used
    """
    check_draws(draws, seed)
    doubt = spread or InputSpread()
    zone = zone_index[cells.cell]
    in_zone = np.flatnonzero(zone >= 0)
    beyond, judged = np.zeros(n_zones), np.zeros(n_zones)
    out = np.empty((n_zones, min(draws, RANGE_DRAWS)), dtype=np.float32)
    for number, size in enumerate(batches(draws)):
        random = np.random.default_rng([seed, number])
        drawn = draw_batch(random, cells, size, within_m, doubt)
        near, far = _births(cells, zone, in_zone, n_zones, drawn)
        if doubt.chance:
            near, far = random.poisson(near).astype(np.float64), random.poisson(far).astype(np.float64)
        start = number * BATCH
        held_out = out[:, start : start + size]
        held_out[:] = far[:, : held_out.shape[1]]
        total = near + far
        judged += (total > 0).sum(axis=1)
        beyond += ((total > 0) & (near < min_share * total)).sum(axis=1)
    probability = np.divide(beyond, judged, out=np.full(n_zones, np.nan), where=judged > 0)
    adjusted = (beyond + 2) / (judged + 4)
    error = np.where(judged > 0, np.sqrt(adjusted * (1 - adjusted) / (judged + 4)), np.nan)
    low, high = np.quantile(out, RANGE, axis=1).astype(np.float64)
    return Certainty(probability, error, draws, seed, doubt, low, high)


def batches(draws: int) -> Iterator[int]:
    """Sizes of the batches that make up so many draws."""
    for start in range(0, draws, BATCH):
        yield min(BATCH, draws - start)


def draw_batch(random: np.random.Generator, cells: Cells, draws: int, within_m: float, spread: InputSpread) -> Draws:
    """Draw one batch of everything that does not depend on zones."""
    places = len(cells.snapped)
    shared = random.normal(0, spread.circuity, (draws, 1))
    own = random.normal(0, spread.circuity_place, (draws, places))
    enough = random.uniform(1 - spread.reach, 1 + spread.reach, (draws, 1))
    deviation = np.where(cells.snapped, spread.snapped_m, spread.location_m)[None, :, None]
    return Draws(
        limit_m=within_m * enough / np.exp(shared + own),
        moved_m=random.normal(0, 1, (draws, places, 2)) * deviation,
        factor=_block_factors(random, cells, draws, spread),
    )


def _block_factors(random: np.random.Generator, cells: Cells, draws: int, spread: InputSpread) -> Floats:
    """(n_blocks, draws) births of a block as a multiple of those expected; a municipality keeps its drawn total."""
    from scipy import sparse

    n_blocks, n_municipalities = len(cells.block_municipality), int(cells.block_municipality.max(initial=-1)) + 1
    expected = np.bincount(cells.block, weights=cells.births, minlength=n_blocks)
    drawn = _gamma(random, spread.block, (n_blocks, draws))
    member = sparse.csr_array(
        (expected, (cells.block_municipality, np.arange(n_blocks))), shape=(n_municipalities, n_blocks)
    )
    total = np.asarray(member.sum(axis=1), dtype=np.float64)[:, None]
    year = _gamma(random, spread.births, (n_municipalities, draws))
    factor = _product(member, drawn)
    scale = np.divide(total * year, factor, out=np.zeros_like(factor), where=factor > 0)
    drawn *= scale[cells.block_municipality]
    return drawn


def _gamma(random: np.random.Generator, variation: float, shape: tuple[int, int]) -> Floats:
    """Gamma numbers with mean 1 and the given coefficient of variation."""
    if variation == 0:
        return np.ones(shape)
    return random.standard_gamma(variation**-2, shape) * variation**2


def _product(matrix: Any, columns: Floats) -> Floats:
    return np.asarray(matrix @ columns, dtype=np.float64)


def _births(
    cells: Cells, zone: npt.NDArray[Any], blocks: Integers, n_zones: int, drawn: Draws
) -> tuple[Floats, Floats]:
    """(n_zones, n_draws) expected births in reach and out of reach in every draw."""
    slack = CIRCUITY * np.sqrt(np.square(drawn.moved_m).sum(axis=2))
    lowest, highest = (drawn.limit_m - slack).min(axis=0), (drawn.limit_m + slack).max(axis=0)
    distance, place = cells.distance_m[blocks], cells.place[blocks]
    always = blocks[distance <= lowest[place]]
    band = blocks[(distance > lowest[place]) & (distance <= highest[place])]
    near = _product(_by_block(cells, zone, always, n_zones), drawn.factor)
    total = _product(_by_block(cells, zone, blocks, n_zones), drawn.factor)
    near += _band_births(cells, zone, band, n_zones, drawn)
    return near, np.maximum(total - near, 0.0)


def _by_block(cells: Cells, zone: npt.NDArray[Any], rows: Integers, n_zones: int) -> Any:
    """(n_zones, n_blocks) births of some cells by zone and block."""
    from scipy import sparse

    shape = (n_zones, len(cells.block_municipality))
    return sparse.csr_array(sparse.coo_array((cells.births[rows], (zone[rows], cells.block[rows])), shape=shape))


def _band_births(cells: Cells, zone: npt.NDArray[Any], band: Integers, n_zones: int, drawn: Draws) -> Floats:
    """(n_zones, n_draws) births in reach among the cells that are so in some draws only."""
    pair = zone[band].astype(np.int64) * len(cells.block_municipality) + cells.block[band]
    order = band[np.argsort(pair, kind="stable")]
    pairs, counts = np.unique(pair, return_counts=True)
    starts = np.append(0, np.cumsum(counts)[:-1]).astype(np.intp)
    of_zone, of_block = np.divmod(pairs, len(cells.block_municipality))
    births, distance, place = cells.births[order], cells.distance_m[order], cells.place[order]
    east, north = CIRCUITY * cells.towards[order].T
    band_births = np.zeros((n_zones, len(drawn.limit_m)))
    if len(band) == 0:
        return band_births
    for number, (limit, moved) in enumerate(zip(drawn.limit_m, drawn.moved_m, strict=True)):
        nearer = moved[:, 0][place] * east + moved[:, 1][place] * north
        inside = np.where(distance - nearer <= limit[place], births, 0.0)
        by_pair = np.add.reduceat(inside, starts) * drawn.factor[of_block, number]
        band_births[:, number] = np.bincount(of_zone, weights=by_pair, minlength=n_zones)
    return band_births
