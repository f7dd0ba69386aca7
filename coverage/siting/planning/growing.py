"""The largest distance, and everybody in reach, by hectare where there are too many hectares to hold at once.

Some points are looked at first. An answer for these that also holds for all others is the answer for all: what is best
for some is never worse than what is best for all, so its bound holds too. If it does not hold, the points that show
this are taken in, and it is looked for again (constraint generation; for p-center Chen and Handler 1987, Naval Research
Logistics 34, 693-711).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting.planning.question.problem import Problem, costs_of
from coverage.siting.planning.question.travel_costs import nearest_choice, useful_batches
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.basis.instance import out_of_reach
from coverage.siting.solvers.basis.result import SitingResult, relative_gap
from coverage.siting.solvers.basis.sparse import stack
from i18n.messages import MessageError
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from coverage.analysis import Engine

MAX_TAKEN_IN = 20_000
"""Points taken in at a time at most."""

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Every:
    """How far all points are from the places of an answer.

    Attributes
    ----------
    distance : (n_points,) metres, ``inf`` where none can be reached
    column : (n_points,) column of the nearest, -1 for none
    """

    distance: Floats
    column: Ints


def solve_growing(
    engine: Engine,
    problem: Problem,
    seconds: float | None,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> SitingResult:
    """Solve a problem of which ``plan.first`` are the points to begin with.

    Returns
    -------
    SitingResult
        over all points: ``objective``, ``bound`` and ``assignment`` (n_points,) hold by hectare

    Raises
    ------
    NoCoverError
        for ``lscp``, when points have no candidate within reach; ``rows`` are all of these
    MessageError
        when the time is up before everybody is in reach; and as `coverage.siting.lscp` and `p_center`
    """
    control = Control(seconds, problem.request.mip_gap, should_stop, on_progress)
    reach = problem.query.reach_m if problem.request.objective == "lscp" else None
    if reach is not None:
        _check_reach(engine, problem, reach)
    rows = problem.plan.first if problem.plan.first is not None else np.arange(len(problem.points.births))
    return _rounds(engine, problem, rows, reach, control)


def _rounds(engine: Engine, problem: Problem, rows: Ints, reach: float | None, control: Control) -> SitingResult:
    lost: Bools = np.zeros(len(problem.points.births), dtype=bool)
    best: tuple[SitingResult, Every] | None = None
    bound = -np.inf
    while True:
        result = problem.solve_within(control.left if np.isfinite(control.left) else None, control.should_stop, _quiet)
        lost[rows[result.unserved]] = True
        every = distances(engine, problem, result.sites)
        bound = max(bound, result.bound)
        worst = float(every.distance[~lost & np.isfinite(every.distance)].max(initial=0.0))
        holds = reach is None or worst <= reach
        claimed = result.objective if reach is None else reach
        missed = ~lost & (every.distance > claimed + _SAME * max(1.0, claimed))
        if holds and not (missed & np.isinf(every.distance)).any():
            worth = worst if reach is None else result.objective
            if best is None or worth < best[0].objective:
                best = replace(result, objective=worth), every
            control.tell("search", best[0].objective, min(bound, best[0].objective))
        if best is not None and bound >= best[0].objective - _SAME * max(1.0, best[0].objective):
            return _over_all(best, best[0].objective, lost, control)
        fresh = np.setdiff1d(_telling(engine, problem, every.distance, missed), rows)
        if control.over() or not len(fresh):
            if best is None:
                raise MessageError("siting.error.none_in_time")
            return _over_all(best, bound, lost, control)
        rows = np.append(rows, fresh)
        cost = stack([problem.cost, costs_of(engine, problem.plan, fresh, control)])
        problem = replace(problem, cost=cost)


def _quiet(_: Progress) -> None:
    """Tell nothing: what holds for some points is not told of all."""


def _over_all(best: tuple[SitingResult, Every], bound: float, lost: Bools, control: Control) -> SitingResult:
    result, every = best
    bound = min(bound, result.objective)
    gap = relative_gap(result.objective, bound)
    return replace(
        result,
        bound=result.objective if gap == 0 else bound,
        gap=gap,
        optimal=gap == 0,
        stopped="" if gap <= control.mip_gap else (control.stopped or result.stopped),
        assignment=every.column,
        unserved=np.flatnonzero(lost),
        greedy_objective=None,
        greedy_sites=None,
        seconds=control.seconds,
    )


def distances(engine: Engine, problem: Problem, sites: Ints) -> Every:
    """How far all points are from the places that are open in an answer."""
    plan, cells = problem.plan, problem.points.cell
    count, fixed = len(plan.choices), problem.fixed
    settled = np.nan_to_num(plan.settled[cells], nan=np.inf)
    column = np.where(np.isfinite(settled), fixed.start if len(fixed) else -1, -1)
    new = sites[sites < count]
    if not len(new):
        return Every(settled, column.astype(np.intp))
    frame = problem.analysis.facilities.frame
    ids = np.array([*plan.candidates.frame["id"].astype(str), *frame["id"].astype(str).iloc[plan.closable]])
    distance = settled.copy()
    limit = np.where(np.isfinite(settled), settled, np.inf)
    for row, col, cost in useful_batches(
        engine, problem.analysis, cells, plan.choices[new], tuple(ids[new].tolist()), limit
    ):
        nearer = cost < distance[row]
        row, col, cost = row[nearer], col[nearer], cost[nearer]
        order = np.lexsort((col, cost, row))
        head = order[np.append(True, row[order][1:] != row[order][:-1])] if len(order) else order
        distance[row[head]], column[row[head]] = cost[head], new[col[head]]
    return Every(distance, column.astype(np.intp))


def _telling(engine: Engine, problem: Problem, distance: Floats, missed: Bools) -> Ints:
    """Of the points that an answer does not hold for, the farthest of every sector."""
    at = np.flatnonzero(missed)
    zone = engine.snapshot.zone_index(region().points)[problem.points.cell[at]]
    order = np.lexsort((at, -distance[at], zone))
    head = order[np.append(True, zone[order][1:] != zone[order][:-1])] if len(order) else order
    farthest = at[head]
    return farthest[np.argsort(-distance[farthest], kind="stable")][:MAX_TAKEN_IN]


def _check_reach(engine: Engine, problem: Problem, reach: float) -> None:
    """Raise `NoCoverError` with all points that no candidate can bring within reach."""
    plan, cells = problem.plan, problem.points.cell
    open_points = np.flatnonzero(~(plan.settled[cells] <= reach))
    near = nearest_choice(engine, problem.analysis, cells[open_points], plan.choices)
    far = ~(near <= reach)
    if far.any():
        raise out_of_reach(open_points[far], near[far])
