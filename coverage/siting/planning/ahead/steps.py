"""Places one by one: the frontier of places against births in reach, and one place a year in the best order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.siting.planning.gains import Outcome, gains, new_distances, outcome
from coverage.siting.planning.question.problem import Problem, build_problem
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.phases import PhasedResult, mclp_by_year
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.columns import PHASE_COLUMNS, SITE_COLUMNS

if TYPE_CHECKING:
    from coverage.analysis import Engine
    from coverage.core.query import Query
    from coverage.siting.planning.question.request import SitingRequest
    from loaders.catalogue.facilities import Facilities

ENOUGH = 1e-9
"""Share of the births that may be lacking where all are in reach, for rounding."""


@dataclass(frozen=True)
class Step:
    """What so many new places can bring.

    Attributes
    ----------
    places : new places
    in_reach : births within reach with the best choice that was found
    bound : no choice of so many brings more; by sector where births were put together
    """

    places: int
    in_reach: float
    bound: float

    @property
    def proven(self) -> bool:
        """Whether no choice of so many places brings more."""
        return self.bound - self.in_reach <= 1e-6 * max(1.0, self.in_reach)


def frontier(problem: Problem, most: int, control: Control) -> Iterator[Step]:
    """Yield the best for 0, 1, 2 ... new places, as long as there is time and more can be brought within reach.

    Parameters
    ----------
    problem : of objective ``mclp``, with the pairs looked up
    most : new places at most
    control : time, shared by all steps; a step that had no time to be proven is given with its bound
    """
    if problem.request.objective != "mclp" or problem.request.targeting:
        raise MessageError("siting.error.frontier")
    now = problem.as_it_is()
    yield Step(0, now, now)
    ceiling = reachable(problem)
    last = now
    if now >= ceiling * (1 - ENOUGH):
        return
    for places in range(1, min(most, len(problem.candidates)) + 1):
        if control.over():
            return
        asked = replace(problem, request=replace(problem.request, add=places))
        left = control.left / (most - places + 1) if np.isfinite(control.left) else None
        try:
            result = asked.solve_within(left, control.should_stop)
        except InputError:  # no more keep to the rules, or the time was up
            return
        step = Step(places, max(result.objective, last), max(result.bound, last))
        yield step
        if step.in_reach >= ceiling * (1 - ENOUGH):
            return
        last = step.in_reach


def reachable(problem: Problem) -> float:
    """Births that some place, there or possible, has within reach."""
    pairs = problem.cost.tocoo()
    near = np.zeros(len(problem.points.births), dtype=bool)
    near[pairs.row[pairs.data <= problem.query.reach_m]] = True
    return float(problem.points.births[near].sum())


@dataclass(frozen=True, eq=False)
class PhasedProposal:
    """New places in the order in which they open, one a year.

    Attributes
    ----------
    problem : what was asked
    result : the order with its proof: births in reach, added up over the years
    sites : `SITE_COLUMNS` and `PHASE_COLUMNS`, by year
    before : the area as it is
    after : per year the area with the places that are open by then
    """

    problem: Problem
    result: PhasedResult
    sites: pd.DataFrame
    before: Outcome
    after: tuple[Outcome, ...]


def propose_phased(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> PhasedProposal:
    """Propose which place to open in which year, such that births in reach, added up over the years, are the most.

    Parameters
    ----------
    engine, query, facilities, request, should_stop, on_progress : see `coverage.siting.planning.proposal.propose`; the
        objective is ``mclp``, ``request.add`` is the number of years

    Raises
    ------
    InputError
        as `propose`, and when the request asks what does not go with it
    """
    if request.objective != "mclp" or request.assigns or request.close or request.exclude or request.targeting:
        raise MessageError("siting.error.phased_rules")
    control = Control(request.time_limit, 0.0, should_stop, on_progress)
    problem = build_problem(engine, query, facilities, request, control=control)
    result = mclp_by_year(
        problem.cost,
        problem.points.births,
        problem.query.reach_m,
        request.add,
        fixed=problem.fixed,
        rules=problem.rules,
        time_limit=None if request.time_limit is None else control.left,
        should_stop=should_stop,
        on_progress=on_progress,
    )
    before = problem.analysis.distance_m
    after = tuple(
        outcome(problem, new_distances(engine, problem, result.order[: year + 1], before)[0])
        for year in range(len(result.order))
    )
    gained = gains(engine, problem, result.order, before, before).sites
    ids = problem.candidates.frame["id"].astype(str).iloc[result.order]
    sites = gained.set_index("site_id").loc[list(ids)].reset_index()
    now = outcome(problem, before)
    reached = np.array([one.in_reach for one in after])
    sites = sites.assign(
        rank=np.arange(1, len(sites) + 1),
        births_gained=np.diff(np.append(now.in_reach, reached)),
        opens_in_year=np.arange(1, len(sites) + 1),
        births_in_reach_by_then=reached,
        births_best_by_then=result.best_bound[: len(sites)],
    )
    return PhasedProposal(problem, result, sites[[*SITE_COLUMNS, *PHASE_COLUMNS]], now, after)
