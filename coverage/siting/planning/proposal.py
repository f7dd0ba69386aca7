"""Proposals for new places: the answer with its proof, what it does, what greedy would have picked, alternatives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from coverage.analysis import Engine
from coverage.core.minutes import in_minutes
from coverage.core.points import CELL
from coverage.core.query import Query
from coverage.siting.planning.gains import Outcome, closed_places, distances_of, gains, outcome, settled_without
from coverage.siting.planning.growing import solve_growing
from coverage.siting.planning.hectare_bound import HectareBound, hectare_bound
from coverage.siting.planning.question.assignment import unserved_by_zone
from coverage.siting.planning.question.problem import Layout, Problem, SitingRequest, assemble, build_problem
from coverage.siting.planning.targeting import TargetingCost, cost_of_targeting
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.basis.instance import NoCoverError
from coverage.siting.solvers.basis.result import SitingResult
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service
from loaders.catalogue.types import Bools, Floats, Ints

_NAMED = 5
"""Municipalities that a message names."""

FOR_SECTORS = 0.6
"""Share of the time for the choice, where it is made by sector; the rest is for its bound by hectare."""

TELLING = 0.5
"""What an answer does takes about this much of the time that laying out the question took."""

MOST_TELLING = 0.25
"""Share of the time limit that is set apart for that at most."""

NEAR_BEST = 0.01
"""Alternatives gain at most this share less than the best."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """New places, and what they do, counted by hectare cell.

    Attributes
    ----------
    problem, result : what was asked and the solver's answer with its proof
    sites : `SITE_COLUMNS`, the new places, the most births gained first: ``births_in_reach`` of the new place;
        ``births_gained`` had no place within reach before, nor a new one of higher rank; ``births_nearest`` will have
        it as their nearest place, ``mean_before_m`` and ``mean_after_m`` are theirs; ``relieved`` is the place that
        loses most births to it
    gainers : `GAINER_COLUMNS`, the municipalities that gain by each new place
    closed : ids of the places that close
    before, after, greedy : the area as it is, with the proposal, and with what greedy would have picked (None where
        greedy finds nothing)
    distance_m : (n_cells,) metres to the nearest place with the proposal
    hectare : where the choice was made by sector, how much better the best by hectare can be; else None
    cost : where births weigh by deprivation, what that costs beside the choice that lets every birth count alike; of
        the best proposal only
    """

    problem: Problem
    result: SitingResult
    sites: pd.DataFrame
    gainers: pd.DataFrame
    closed: tuple[str, ...]
    before: Outcome
    after: Outcome
    greedy: Outcome | None
    distance_m: Floats
    hectare: HectareBound | None = None
    cost: TargetingCost | None = None

    @property
    def proven(self) -> bool:
        """Whether no other choice of the candidates is better, counted by hectare."""
        return self.result.optimal and (self.hectare is None or self.hectare.gap == 0)

    @property
    def new_columns(self) -> Ints:
        """Candidates that were chosen."""
        sites = self.result.sites
        return sites[sites < len(self.problem.candidates)]

    def with_new_places(self, facilities: Facilities) -> Facilities:
        """Return the facility set as it would be: new places added, those that close left out."""
        stays = facilities.frame[~facilities.frame["id"].isin(self.closed)]
        return add_places(replace(facilities, frame=stays), self.sites, self.problem.query.service)

    def unserved(self, engine: Engine, level: str) -> pd.DataFrame:
        """Births without a place by zone of a level: out of reach, or every place within reach full.

        Columns as `coverage.siting.planning.question.assignment.unserved_by_zone`.
        """
        problem, shares = self.problem, self.result.shares
        demand = problem.analysis.demand
        if shares is None:
            lost = np.where(self.result.assignment < 0, problem.points.births, 0.0)
        else:
            lost = problem.points.births * np.clip(1.0 - np.asarray(shares.sum(axis=1)).ravel(), 0.0, 1.0)
        zone = engine.snapshot.zone_index(level, problem.query.vintage)
        counted = np.where(problem.points.of_cell >= 0, demand.births, 0.0)
        ids = engine.territory.zone_ids(level, problem.query.vintage)
        return unserved_by_zone(problem.points.per_cell(lost, demand), counted, zone, ids)


def add_places(facilities: Facilities, sites: pd.DataFrame, service: str, prefix: str = "new") -> Facilities:
    """Return a facility set with the new places of a proposal (`SITE_COLUMNS`) in it; their ids get the prefix."""
    new = sites.assign(
        id=[f"{prefix}-{number}" for number in sites["rank"]],
        service=service,
        precision="point",
        physical=True if get_service(service).walk_in else None,
        status="exists",
    )
    frame = pd.concat([facilities.frame, facility_frame(new)], ignore_index=True)
    return replace(facilities, frame=facility_frame(frame))


def propose(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    inside: Bools | None = None,
    *,
    plan: Layout | None = None,
    control: Control | None = None,
) -> Proposal:
    """Propose new places.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : service, reach, travel model, demand and areas
    facilities : the whole facility set
    request : what to add, and how
    should_stop, on_progress : see `coverage.siting.lscp`; a run that is stopped gives its best answer with the gap
    inside : see `coverage.siting.planning.question.problem.build_problem`
    plan : the question as `coverage.siting.planning.question.problem.lay_out` laid it out, where that was done
    control : a clock that runs already, in place of one with the limits of the request, which begins now

    Raises
    ------
    InputError
        when there is nothing to choose from, nobody to serve, or no answer: the message says why
    """
    control = control or Control(request.time_limit, request.mip_gap, should_stop, on_progress)
    if plan is None:
        problem = build_problem(engine, query, facilities, request, inside, control=control)
    else:
        problem = assemble(engine, plan, control)
    return _with_cost(engine, _solved(engine, problem, control), should_stop)


def _with_cost(engine: Engine, proposal: Proposal, should_stop: Callable[[], bool] | None) -> Proposal:
    """Proposal with what its weights cost, the universal choice being searched for as long as the proposal may be."""
    if proposal.problem.plan.priority is None:
        return proposal
    request = proposal.problem.request
    control = Control(request.time_limit, request.mip_gap, should_stop)
    return replace(proposal, cost=cost_of_targeting(engine, proposal.problem, proposal.distance_m, control))


def _solved(engine: Engine, problem: Problem, control: Control) -> Proposal:
    """Solve within what is left of the time."""
    left = control.left if np.isfinite(control.left) else None
    try:
        if problem.plan.first is None:
            share = 1.0 if problem.level == CELL else FOR_SECTORS
            seconds = None if left is None else share * max(0.0, left - _told_in(control))
            result = problem.solve_within(seconds, control.should_stop, control.on_progress)
        else:
            result = solve_growing(engine, problem, left, control.should_stop, control.on_progress)
    except NoCoverError as error:
        raise _uncovered(engine, problem, error) from error
    return explain(engine, problem, result, control)


def _told_in(control: Control) -> float:
    """Seconds set apart for working out what an answer does: a share of what the question took until here."""
    return min(TELLING * control.seconds, MOST_TELLING * (control.time_limit or 0.0))


class UncoveredError(NoCoverError, MessageError):
    """Births that no candidate can bring within reach, told in the reader's language."""

    def __init__(self, rows: Ints, nearest: Floats, **values: str | float) -> None:
        MessageError.__init__(self, "siting.error.uncovered", **values)
        self.rows, self.nearest = rows, nearest


def _uncovered(engine: Engine, problem: Problem, error: NoCoverError) -> UncoveredError:
    """Say which births cannot be covered, where they live and how far the nearest candidate is."""
    cells = problem.points.cell[error.rows]
    births = problem.points.births[error.rows]
    zones = engine.territory.zones(region().base, region().vintage)["zone_name"].to_numpy(object)
    municipality = engine.snapshot.zone_index(region().base, region().vintage)[cells]
    lost = np.bincount(municipality, weights=births, minlength=len(zones))
    worst = [int(i) for i in np.argsort(-lost, kind="stable")[:_NAMED] if lost[i] > 0]
    where = ", ".join(str(zones[i]) for i in worst) + (" …" if (lost > 0).sum() > len(worst) else "")
    known = error.nearest[np.isfinite(error.nearest)]
    return UncoveredError(
        error.rows,
        error.nearest,
        births=round(float(births.sum()), 1),
        reach=_tenths(problem.query.reach_m, problem.query),
        where=where,
        far=_tenths(float(known.max()), problem.query) if len(known) else "–",
    )


def _tenths(metres: float, query: Query) -> float:
    """Minutes of travel, to a tenth."""
    return round(float(in_minutes(metres, query)), 1)


def explain(engine: Engine, problem: Problem, result: SitingResult, control: Control) -> Proposal:
    """Work out cell by cell what an answer does, and how good it is by cell."""
    new = result.sites[result.sites < len(problem.candidates)]
    frame = problem.analysis.facilities.frame
    closed = closed_places(problem, result.sites)
    before = problem.analysis.distance_m
    settled = settled_without(engine, problem, closed)
    gained = gains(engine, problem, new, before, settled)
    after = outcome(problem, gained.distance_m)
    return Proposal(
        problem=problem,
        result=result,
        sites=gained.sites,
        gainers=gained.gainers,
        closed=tuple(frame["id"].astype(str).iloc[closed]),
        before=outcome(problem, before),
        after=after,
        hectare=hectare_bound(engine, problem, result, gained.distance_m, control) if problem.level != CELL else None,
        greedy=_greedy(engine, problem, result, after),
        distance_m=gained.distance_m,
    )


def _greedy(engine: Engine, problem: Problem, result: SitingResult, after: Outcome) -> Outcome | None:
    """What choosing place by place comes to, given what the answer itself comes to."""
    if result.greedy_sites is None:
        return None
    if np.array_equal(np.sort(result.greedy_sites), np.sort(result.sites)):
        return after
    return outcome(problem, distances_of(engine, problem, result.greedy_sites))


def alternatives(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    *,
    within: float = NEAR_BEST,
    most: int = 5,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    inside: Bools | None = None,
    buildings: pd.DataFrame | None = None,
    plan: Layout | None = None,
    control: Control | None = None,
) -> Iterator[Proposal]:
    """Yield the best proposal, then the next best ones as long as they are nearly as good.

    Each is the proven best among the selections that did not come before (an added row forbids them), within the time
    limit of the request. When the run is cancelled, what was being looked for is left out.

    Parameters
    ----------
    engine, query, facilities, request, should_stop, on_progress : see `propose`
    within : how much less than the best an alternative may gain, relative to what the best gains
    most : number of proposals at most
    inside, buildings : see `coverage.siting.planning.question.problem.build_problem`
    plan, control : see `propose`; every alternative has a clock of its own
    """
    control = control or Control(request.time_limit, request.mip_gap, should_stop, on_progress)
    if plan is None:
        problem = build_problem(engine, query, facilities, request, inside, buildings=buildings, control=control)
    else:
        problem = assemble(engine, plan, control)
    best = _with_cost(engine, _solved(engine, problem, control), should_stop)
    yield best
    proposal = best
    for _ in range(most - 1):
        if proposal.result.stopped == "cancelled" or not len(proposal.new_columns):
            return
        seen = (*problem.rules.exclude, tuple(int(column) for column in proposal.new_columns))
        problem = replace(problem, rules=replace(problem.rules, exclude=seen))
        control = Control(request.time_limit, request.mip_gap, should_stop, on_progress)
        try:
            proposal = _solved(engine, problem, control)
        except InputError:
            return
        if proposal.result.stopped == "cancelled" or not _nearly(proposal.result, best, within):
            return
        yield proposal


def _nearly(result: SitingResult, best: Proposal, within: float) -> bool:
    """Whether an alternative gains nearly as much as the best: what both leave as it was says nothing."""
    gain = abs(best.result.objective - best.problem.as_it_is())
    if not np.isfinite(gain):
        gain = abs(best.result.objective)
    room = within * gain + 1e-9 * max(1.0, abs(best.result.objective))
    return abs(result.objective - best.result.objective) <= room
