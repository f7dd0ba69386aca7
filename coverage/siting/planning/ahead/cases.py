"""What may turn out to be true: other births and other ways, births of years to come, places that do not survive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting.planning.question.problem import Problem
from coverage.siting.planning.question.travel_costs import useful_pairs
from coverage.siting.solvers.basis.sparse import Matrix, matrix
from coverage.siting.solvers.regret import UncertainCase
from coverage.zones.uncertainty import batches, draw_batch, spread_of, uncertain_cells
from i18n.messages import MessageError
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Floats, Ints

if TYPE_CHECKING:
    from coverage.analysis import Engine
    from coverage.siting.solvers.basis.control import Control

KINDS = ("draws", "years", "places")
"""Draws of births and travel; births of years to come; each of the places that are there closed in turn."""

USUAL = {"draws": 40, "years": 40, "places": 40}
MAX_CASES = 500

MAX_PAIRS = 12_000_000
"""Pairs of all cases together up to which the question is answered."""

_MAX_SPREAD = 3.0
"""Draws of travel are held within so many standard deviations, so that it is known how far to look."""


@dataclass(frozen=True)
class Doubt:
    """What is not known, and in how many cases it is told.

    Attributes
    ----------
    kind : one of `KINDS`
    count : cases at most
    seed : where the random numbers start
    """

    kind: str
    count: int
    seed: int = 1

    @staticmethod
    def parse(word: str, seed: int = 1) -> Doubt:
        """Read ``kind`` or ``kind:number``.

        Raises
        ------
        MessageError
            when it is not written so

        Examples
        --------
        >>> Doubt.parse("places:10").count, Doubt.parse("draws").count
        (10, 40)
        """
        kind, colon, number = (part.strip() for part in word.partition(":"))
        if kind not in KINDS:
            raise MessageError("siting.error.robust", value=word, known=", ".join(KINDS))
        if colon and not (number.isdecimal() and 2 <= int(number) <= MAX_CASES):
            raise MessageError("siting.error.robust_count", value=number, most=MAX_CASES)
        return Doubt(kind, int(number) if colon else USUAL[kind], seed)


@dataclass(frozen=True, eq=False)
class CasesOfProblem:
    """Cases on the candidates of a problem.

    Attributes
    ----------
    cases : over the columns of the problem
    names : what each is called: the id of the place that closes, the year, the number of the draw; empty for as it is
    births : (k,) births of the area in each
    """

    cases: tuple[UncertainCase, ...]
    names: tuple[str, ...]
    births: Floats


def find_cases(
    engine: Engine, problem: Problem, doubt: Doubt, ahead: tuple[Ints, Floats] | None, control: Control
) -> CasesOfProblem:
    """Make the cases.

    Parameters
    ----------
    engine, problem : a question of objective ``mclp``, without places that may close
    doubt : what is not known
    ahead : for ``years``: (k,) years, and (k, n_municipalities) births as a multiple of those of now
    control : time and interruption of looking up distances

    Raises
    ------
    MessageError
        when there is nothing to doubt, or too many pairs
    """
    if doubt.kind == "places":
        return _closures(engine, problem, doubt, control)
    if doubt.kind == "years":
        if ahead is None:
            raise MessageError("siting.error.robust_years")
        return _years(engine, problem, ahead)
    return _draws(engine, problem, doubt, control)


def _per_point(problem: Problem, of_cell: Floats) -> Floats:
    """(n_points,) an amount per cell, added up."""
    points = problem.points
    in_cell = points.of_cell >= 0
    size = len(points.births)
    return np.bincount(points.of_cell[in_cell], weights=of_cell[in_cell], minlength=size).astype(np.float64)


def _years(engine: Engine, problem: Problem, ahead: tuple[Ints, Floats]) -> CasesOfProblem:
    years, ratio = ahead
    zone = engine.snapshot.zone_index(region().base, region().vintage)
    births = problem.analysis.demand.births
    cases = tuple(UncertainCase(problem.cost, _per_point(problem, births * np.append(one, 1.0)[zone])) for one in ratio)
    names = tuple(str(problem.analysis.demand.year + int(year)) for year in years)
    return CasesOfProblem(cases, names, np.array([float(np.asarray(case.weights).sum()) for case in cases]))


def _closures(engine: Engine, problem: Problem, doubt: Doubt, control: Control) -> CasesOfProblem:
    """All places stay, or one of those with most births closes: whoever went there has the next one."""
    analysis, points, reach = problem.analysis, problem.points, problem.query.reach_m
    nearest, first = analysis.nearest[points.cell], analysis.distance_m[points.cell]
    second = analysis.second_distance_m[points.cell]
    size = len(analysis.facilities.frame)
    served = np.bincount(nearest[nearest >= 0], weights=points.births[nearest >= 0], minlength=size)
    order = np.argsort(-served, kind="stable")
    closed = [int(row) for row in order[: doubt.count - 1] if served[row] > 0]
    if not closed:
        raise MessageError("siting.error.robust_no_place")
    limit = np.where(np.nan_to_num(second, nan=np.inf) <= reach, -1.0, reach)
    pairs = _pairs(engine, problem, limit, len(closed) + 1, control)
    ids = analysis.facilities.frame["id"].astype(str)
    cases = [
        UncertainCase(_matrix(problem, pairs, np.where(nearest == row, second, first)), points.births)
        for row in (-1, *closed)
    ]
    names = ("", *(str(ids.iloc[row]) for row in closed))
    return CasesOfProblem(tuple(cases), names, np.full(len(cases), float(points.births.sum())))


def _draws(engine: Engine, problem: Problem, doubt: Doubt, control: Control) -> CasesOfProblem:
    """Births of a square kilometre, and how winding the way to every place is (`coverage.zones.uncertainty`).

    What counts as near enough, and where places stand, is as asked; the chance of a single year is left out, for a
    place stays longer.
    """
    analysis, points, reach = problem.analysis, problem.points, problem.query.reach_m
    spread = replace(spread_of(problem.query), reach=0.0, location_m=0.0, snapped_m=0.0)
    cells = uncertain_cells(
        engine.snapshot, analysis.demand, engine.reach(analysis.facilities, analysis.query), analysis.facilities
    )
    places, n = len(cells.snapped) - 1, len(problem.candidates)
    drawn_for = replace(cells, snapped=np.zeros(places + n, dtype=bool))
    stretch = float(np.exp(_MAX_SPREAD * (spread.circuity + spread.circuity_place)))
    settled = np.nan_to_num(analysis.distance_m[points.cell], nan=np.inf)
    limit = np.where(settled <= reach / stretch, -1.0, reach * stretch)
    pairs = _pairs(engine, problem, limit, doubt.count, control)
    nearest = analysis.nearest[points.cell]
    cases = []
    for number, size in enumerate(batches(doubt.count)):
        drawn = draw_batch(np.random.default_rng([doubt.seed, number]), drawn_for, size, reach, spread)
        longer = np.clip(reach / drawn.limit_m, 1 / stretch, stretch)
        for k in range(size):
            births = np.zeros(len(analysis.demand.births))
            births[cells.cell] = cells.births * drawn.factor[cells.block, k]
            there = settled * np.append(longer[k, :places], 1.0)[nearest]
            row, col, metres = pairs
            cost = _matrix(problem, (row, col, metres * longer[k, places + col]), there)
            cases.append(UncertainCase(cost, _per_point(problem, births)))
    names = tuple(str(number) for number in range(1, len(cases) + 1))
    return CasesOfProblem(tuple(cases), names, np.array([float(np.asarray(case.weights).sum()) for case in cases]))


def _pairs(engine: Engine, problem: Problem, limit: Floats, count: int, control: Control) -> tuple[Ints, Ints, Floats]:
    """Pairs of point and candidate that can matter in some case."""
    ids = tuple(problem.candidates.frame["id"].astype(str))
    pairs = useful_pairs(engine, problem.analysis, problem.points.cell, problem.candidates.xy, ids, limit, control)
    if len(pairs[0]) * count > MAX_PAIRS:
        raise MessageError("siting.error.robust_size", n=count)
    return pairs


def _matrix(problem: Problem, pairs: tuple[Ints, Ints, Floats], there: Floats) -> Matrix:
    """Costs of the candidates within reach, then of the places that are there, as one column where there are any."""
    reach, (n, m) = problem.query.reach_m, problem.cost.shape
    near = pairs[2] <= reach
    row, col, metres = pairs[0][near], pairs[1][near], pairs[2][near]
    if len(problem.fixed):
        known = np.flatnonzero(there <= reach)
        row, col = np.concatenate([row, known]), np.concatenate([col, np.full(len(known), m - 1)])
        metres = np.concatenate([metres, there[known]])
    return matrix(metres, row, col, (n, m))
