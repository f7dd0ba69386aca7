"""What every criterion is in every draw, all from the same random numbers as `nabij criterion` and `--draws`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coverage.indicators.criterion import Counted
from coverage.travel.straight_line import CIRCUITY
from coverage.zones.uncertainty import Cells, Draws, InputSpread, batches, draw_batch
from loaders.catalogue.types import Bools, Floats, Ints

WIDEST = 3.0
"""Cells up to this many times the reach from the site are looked at."""

ROWS_AT_ONCE = 10_000
"""Cells whose draws are held at the same time: some tens of MB with a hundred draws, whatever the reach."""


@dataclass(frozen=True, eq=False)
class CaseGround:
    """What the draws rest on; arrays are (n_cells,) of the grid unless said otherwise.

    Attributes
    ----------
    cells : the cells with births; the site is the last of its places
    inside : which cells are of the area
    to_site : metres of travel to the site
    straight : metres as the crow flies to the place that is nearest so; None without places
    fifth : 1 in the most deprived fifth, 0 in another, NaN where it is not known
    gain : cells that a new place brings within reach
    lost : (n_moves, n_cells) cells that lose their only place when an existing one moves to the site
    next_m : metres of travel from the site to the next place; ``inf`` without one, NaN where it is not known
    next_place : its row among the places of ``cells``, -1 without one
    next_towards : (2,) unit vector from it to the site
    within_m : reach
    counted : which births count
    known : whether distances to the places of today are known
    """

    cells: Cells
    inside: Bools
    to_site: Floats
    straight: Floats | None
    fifth: Floats | None
    gain: Bools
    lost: Bools
    next_m: float
    next_place: int
    next_towards: Floats
    within_m: float
    counted: Counted
    known: bool


@dataclass(frozen=True, eq=False)
class DrawnFigures:
    """(n_draws,) figures of every draw; None where they are not known.

    Attributes
    ----------
    births : births that count
    served : births that would have the site as their nearest place within reach
    distance_m : metres of travel from the site to the next place, by the measure of the threshold
    detour : metres of travel per metre of straight line
    deprivation : share of the births of the area in the most deprived fifth
    moved : share of the gain that the best move brings
    """

    births: Floats
    served: Floats | None
    distance_m: Floats | None
    detour: Floats | None
    deprivation: Floats | None
    moved: Floats | None


def draw(ground: CaseGround, draws: int, seed: int, spread: InputSpread) -> DrawnFigures:
    """Draw every criterion. The births are those of `coverage.indicators.criterion`, draw by draw."""
    parts = [
        _batch(ground, draw_batch(random, ground.cells, size, ground.within_m, spread), random, spread)
        for number, size in enumerate(batches(draws))
        for random in [np.random.default_rng([seed, number])]
    ]

    def joined(name: str) -> Floats | None:
        values = [getattr(part, name) for part in parts]
        return None if any(value is None for value in values) else np.concatenate(values)

    births = joined("births")
    return DrawnFigures(np.zeros(0) if births is None else births, *(joined(name) for name in _REST))


_REST = ("served", "distance_m", "detour", "deprivation", "moved")


def _batch(ground: CaseGround, drawn: Draws, random: np.random.Generator, spread: InputSpread) -> DrawnFigures:
    served, births = _births(ground, drawn)
    births = random.poisson(births).astype(np.float64) if spread.chance else births
    return DrawnFigures(
        births=births,
        served=served,
        distance_m=_distance(ground, drawn),
        detour=_detour(ground, drawn),
        deprivation=_deprivation(ground, drawn),
        moved=_moved(ground, drawn),
    )


def _births(ground: CaseGround, drawn: Draws) -> tuple[Floats | None, Floats]:
    """Births that would go to the site, and births that count, before the chance of a year."""
    cells = ground.cells
    near = np.flatnonzero(ground.to_site[cells.cell] <= WIDEST * ground.within_m)
    rows = np.flatnonzero(ground.inside[cells.cell]) if ground.counted == "area" else near
    served, counts = None, np.zeros(len(drawn.limit_m))
    if ground.known:
        served = np.zeros(len(drawn.limit_m))
    for first in range(0, len(near), ROWS_AT_ONCE):
        some = near[first : first + ROWS_AT_ONCE]
        expected = _expected(ground, drawn, some)
        reached = ground.to_site[cells.cell[some]][:, None] <= drawn.limit_m[:, -1][None, :]
        if served is not None:
            nearer = ground.to_site[cells.cell[some]] < cells.distance_m[some]
            served = _added(served, np.where(reached & nearer[:, None], expected, 0.0))
        if ground.counted != "area":
            counts = _added(counts, _counted(ground, drawn, some, np.where(reached, expected, 0.0)))
    return served, _summed(ground, drawn, rows) if ground.counted == "area" else counts


def _counted(ground: CaseGround, drawn: Draws, rows: Ints, reached: Floats) -> Floats:
    """(n_rows, n_draws) births in reach of the site that count."""
    if ground.counted != "only_here":
        return reached
    cells = ground.cells
    place = cells.place[rows]
    moved = (drawn.moved_m[:, place] * cells.towards[rows][None]).sum(axis=2).T
    theirs = cells.distance_m[rows][:, None] - CIRCUITY * moved <= drawn.limit_m[:, place].T
    return np.where(theirs, 0.0, reached)


def _added(total: Floats, rows: Floats) -> Floats:
    """(n_draws,) a total and rows, added one after another as if all rows had been there at once."""
    return np.asarray(np.vstack([total, rows]).sum(axis=0))


def _expected(ground: CaseGround, drawn: Draws, rows: Ints) -> Floats:
    """(n_rows, n_draws) expected births of some cells."""
    return np.asarray(ground.cells.births[rows][:, None] * drawn.factor[ground.cells.block[rows]])


def _summed(ground: CaseGround, drawn: Draws, rows: Ints, each: Floats | None = None) -> Floats:
    """(n_draws,) expected births of some cells together, each times a value where there is one.

    Cells of a block share what is drawn, so they are added up first: no array has a row for every cell and draw.
    """
    cells = ground.cells
    births = cells.births[rows] if each is None else cells.births[rows] * each
    by_block = np.bincount(cells.block[rows], weights=births, minlength=len(drawn.factor))
    return np.asarray(by_block @ drawn.factor)


def _distance(ground: CaseGround, drawn: Draws) -> Floats | None:
    """Metres from the site to the next place, as far as they count: a more winding way counts for more."""
    if np.isnan(ground.next_m):
        return None
    size = len(drawn.limit_m)
    if ground.next_place < 0:
        return np.full(size, np.inf)
    moved = drawn.moved_m[:, ground.next_place] @ ground.next_towards
    return np.asarray((ground.next_m - CIRCUITY * moved) * ground.within_m / drawn.limit_m[:, -1])


def _detour(ground: CaseGround, drawn: Draws) -> Floats | None:
    if ground.straight is None or not ground.known:
        return None
    rows = np.flatnonzero(ground.inside[ground.cells.cell] & np.isfinite(ground.cells.distance_m))
    travelled = _summed(ground, drawn, rows, ground.cells.distance_m[rows])
    return _ratio(travelled, _summed(ground, drawn, rows, ground.straight[ground.cells.cell[rows]]))


def _deprivation(ground: CaseGround, drawn: Draws) -> Floats | None:
    if ground.fifth is None:
        return None
    share = ground.fifth[ground.cells.cell]
    rows = np.flatnonzero(ground.inside[ground.cells.cell] & ~np.isnan(share))
    if not len(rows):
        return None
    return _ratio(_summed(ground, drawn, rows, share[rows]), _summed(ground, drawn, rows))


def _moved(ground: CaseGround, drawn: Draws) -> Floats | None:
    """Share of the gain that the best move keeps: 1 less what it loses elsewhere; 1 where there is nothing to gain."""
    if not ground.known:
        return None
    gain = np.flatnonzero(ground.gain[ground.cells.cell])
    gained = _summed(ground, drawn, gain)
    best = np.zeros(len(gained))
    for lost in ground.lost:
        rows = np.flatnonzero(lost[ground.cells.cell])
        left = gained - _summed(ground, drawn, rows)
        best = np.maximum(best, np.divide(left, gained, out=np.ones_like(gained), where=gained > 0))
    return best


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0), dtype=np.float64)
