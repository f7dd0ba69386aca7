"""Why not there? What a place at a point that somebody names would bring, and what beats it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.siting.planning.gains import new_distances
from coverage.siting.planning.question.candidates import CandidateSites, find_candidates
from coverage.siting.planning.question.problem import Problem, build_problem, lay_out
from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.rules import Quota
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from coverage.analysis import Engine
    from coverage.core.query import Query
    from coverage.siting.planning.question.request import SitingRequest
    from loaders.catalogue.facilities import Facilities

POINT = "why-not"
"""Id of the point among the candidates."""

_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class WhyNot:
    """What a place at a point would bring, beside the best choice.

    Attributes
    ----------
    problem : the question, with the point among the candidates
    moved_m : metres to the nearest inhabited hectare, where it was put; 0 where the point lies in one
    municipality : where that is
    in_reach : births within reach of the point
    alone : of these, the births that no place reaches now: what it would gain by itself
    beside : what it would gain beside the best choice
    best : births within reach with the best choice, and ``best_bound`` the most that any choice can bring
    best_proven : whether the best choice is proven
    with_it, with_it_bound : the same with the best choice that holds the point; None where no choice that keeps to the
        rules holds it
    with_it_proven : whether that is proven
    new : places of the best choice: ``name, municipality, kind, births_gained``, each by itself
    drops : positions in ``new`` of what the best choice with the point does without
    nearest_m : metres of travel from the point to the nearest place that is there
    """

    problem: Problem
    moved_m: float
    municipality: str
    in_reach: float
    alone: float
    beside: float
    best: float
    best_bound: float
    best_proven: bool
    with_it: float | None
    with_it_bound: float | None
    with_it_proven: bool
    new: pd.DataFrame
    drops: tuple[int, ...]
    nearest_m: float

    @property
    def chosen(self) -> bool:
        """Whether a choice with the point is as good as the best: then nothing beats it."""
        return self.with_it is not None and self.with_it >= self.best - _SAME * max(1.0, self.best)


def why_not(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    xy: tuple[float, float],
    should_stop: Callable[[], bool] | None = None,
    inside: Bools | None = None,
    buildings: pd.DataFrame | None = None,
) -> WhyNot:
    """Say why a place at a point is not among the best.

    The point is added to the candidates, and the question is solved twice: as it is, and with the point in the choice.

    Parameters
    ----------
    engine, query, facilities, request, should_stop, inside, buildings : see
        `coverage.siting.planning.question.problem.build_problem`; the objective is ``mclp``
    xy : metres

    Raises
    ------
    InputError
        when nobody lives near the point, it lies outside the area, and as `propose`
    """
    if request.objective != "mclp" or request.assigns or request.close or request.targeting:
        raise MessageError("siting.error.why_alone")
    control = Control(request.time_limit, 0.0, should_stop)
    point = _point(engine, query, xy)
    usual = lay_out(engine, query, facilities, request, inside, buildings=buildings)
    counted = usual.points.of_cell >= 0
    if not counted[int(point.frame["cell"].iloc[0])]:
        raise MessageError("siting.error.why_outside")
    every = CandidateSites(
        pd.concat([usual.candidates.frame, point.frame], ignore_index=True), usual.candidates.dropped
    )
    problem = build_problem(engine, query, facilities, request, inside, candidates=every, control=control)
    at = len(every) - 1
    left = control.left / 2 if np.isfinite(control.left) else None
    best_result = problem.solve_within(left, should_stop)
    with_point, ceiling, proven = _with_point(problem, at, control)
    best = best_result.sites[best_result.sites < len(every)]
    drops: Ints = np.zeros(0, dtype=np.intp) if with_point is None else np.setdiff1d(best, with_point[0])
    return _told(
        engine,
        problem,
        at,
        best,
        best_result.objective,
        best_result.bound,
        best_result.optimal,
        with_point,
        ceiling,
        proven,
        drops,
    )


def _point(engine: Engine, query: Query, xy: tuple[float, float]) -> CandidateSites:
    listed = pd.DataFrame({"id": [POINT], "name": [""], "x": [xy[0]], "y": [xy[1]]})
    demand = engine.demand(query.demand, query.year)
    try:
        return find_candidates(engine.snapshot, demand, POINT, None, listed)
    except InputError:
        raise MessageError("siting.error.why_nobody") from None


def _with_point(problem: Problem, at: int, control: Control) -> tuple[tuple[Ints, float] | None, float | None, bool]:
    """Best choice that holds the point, and its bound; nothing where none keeps to the rules."""
    rules = replace(problem.rules, quotas=[*problem.rules.quotas, Quota([at], 1, 1, "")])
    try:
        result = replace(problem, rules=rules).solve_within(
            control.left if np.isfinite(control.left) else None, control.should_stop
        )
    except InputError:
        return None, None, not control.over()
    return (result.sites, result.objective), result.bound, result.optimal


def _told(
    engine: Engine,
    problem: Problem,
    at: int,
    best: Ints,
    worth: float,
    bound: float,
    proven: bool,
    with_point: tuple[Ints, float] | None,
    ceiling: float | None,
    with_it_proven: bool,
    drops: Ints,
) -> WhyNot:
    analysis, reach = problem.analysis, problem.query.reach_m
    now = analysis.distance_m
    births = np.where(problem.points.of_cell >= 0, analysis.demand.births, 0.0)
    lacking = np.where(now <= reach, 0.0, births)

    def gained(sites: Ints, missing: Floats) -> float:
        far = np.full(len(now), np.inf)
        return float(missing[new_distances(engine, problem, sites, far)[0] <= reach].sum())

    here = np.array([at], dtype=np.intp)
    with_best = new_distances(engine, problem, best, now)[0]
    frame = problem.candidates.frame
    cell = int(frame["cell"].iloc[at])
    names = engine.territory.zones(region().base, region().vintage).set_index("zone_id")["zone_name"]
    rows = frame.iloc[best]
    towns = [str(names.get(code, "")) for code in rows[region().newest_code]]
    new = pd.DataFrame(
        {
            "name": rows["name"].to_numpy(object),
            "municipality": towns,
            "kind": rows["kind"].to_numpy(object),
            "births_gained": [gained(np.array([site], dtype=np.intp), lacking) for site in best],
        }
    )
    return WhyNot(
        problem=problem,
        moved_m=float(frame["moved_m"].iloc[at]),
        municipality=str(names.get(frame[region().newest_code].iloc[at], "")),
        in_reach=gained(here, births),
        alone=gained(here, lacking),
        beside=gained(here, np.where(with_best <= reach, 0.0, births)),
        best=worth,
        best_bound=bound,
        best_proven=proven,
        with_it=None if with_point is None else with_point[1],
        with_it_bound=ceiling,
        with_it_proven=with_it_proven,
        new=new,
        drops=tuple(int(np.flatnonzero(best == site)[0]) for site in drops),
        nearest_m=float(now[cell]),
    )
