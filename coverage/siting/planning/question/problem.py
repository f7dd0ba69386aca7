"""From a question about a region to a siting problem and back: candidates, births, the places there are, the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from coverage.analysis import Analysis, Engine
from coverage.core.demand import Demand
from coverage.core.points import CELL, Points, demand_points
from coverage.core.query import Query
from coverage.core.reach import coordinates, place_rows
from coverage.siting.planning.question.area_rule import keeps_area_rule
from coverage.siting.planning.question.assignment import assign
from coverage.siting.planning.question.candidates import CandidateSites, find_candidates
from coverage.siting.planning.question.priority import Priority, find_priority
from coverage.siting.planning.question.request import OBJECTIVES, SitingRequest
from coverage.siting.planning.question.travel_costs import settled_distance, total_useful, useful_pairs
from coverage.siting.planning.question.zone_quotas import zone_quotas
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.basis.result import SitingResult
from coverage.siting.solvers.basis.rules import Rules
from coverage.siting.solvers.basis.sparse import Matrix, matrix
from coverage.siting.solvers.center import p_center
from coverage.siting.solvers.covering import lscp, mclp
from coverage.siting.solvers.median import p_median
from coverage.zones.areas import area_cells
from i18n.messages import MessageError, Word
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools, Floats, Ints

MAX_PAIRS = 9_000_000
"""Pairs of cell and candidate that can help, up to which births are counted by cell; above it by sector."""

MAX_AT_ONCE = 1_500_000
"""The same for the largest distance and for everybody in reach; above it cells are taken in as they prove to count."""

MAX_ASSIGNED = 400_000
"""The same where families are sent to places, which makes a variable of every pair."""

MAX_ASSIGNED_SECTORS = 4_000_000
"""The same by sector, above which such a question is refused."""

_FAR = 1e7


@dataclass(frozen=True, eq=False)
class Problem:
    """A siting problem on real data.

    Attributes
    ----------
    query, request : what is asked
    analysis : the situation as it is
    points : births of the area, by cell or sector
    level : ``cell`` or ``sector``: what a point is
    candidates : places to choose from: the first columns of ``cost``
    cost : (n_points, n_columns) metres of travel. After the candidates come the places that may close, then, without
        capacities, one column for all other places together, and with capacities one for each
    closable, existing : rows of the facility frame of the columns after the candidates; ``existing`` is empty when
        these places are one column
    capacity : (n_columns,) births, None without capacities
    rules : region, spacing, closing, costs, least number of births
    unknown : births of the area that are left out, because the travel model cannot tell how far they are from a place
    plan : what it was made of; with ``plan.first`` the rows of ``cost`` are those points only
    """

    query: Query
    request: SitingRequest
    analysis: Analysis
    points: Points
    level: str
    candidates: CandidateSites
    cost: Matrix
    closable: Ints
    existing: Ints
    capacity: Floats | None
    rules: Rules
    unknown: float
    plan: Layout

    @property
    def weighted(self) -> Floats:
        """(n_points,) what the births of every point count for together; their number where all count alike."""
        return self.plan.weighted

    @property
    def fixed(self) -> range:
        """Columns that are open anyway."""
        return range(len(self.candidates) + len(self.closable), self.cost.shape[1])

    @property
    def count(self) -> int:
        """Columns that may be open: the fixed ones, those that may close, and the places asked for."""
        return len(self.fixed) + len(self.closable) + self.request.add

    def solve(
        self,
        should_stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        spent: float = 0.0,
    ) -> SitingResult:
        """Solve it; ``sites`` number the columns of ``cost``, and ``spent`` are seconds of the limit that are gone."""
        left = None if self.request.time_limit is None else max(0.0, self.request.time_limit - spent)
        return self.solve_within(left, should_stop, on_progress)

    def as_it_is(self) -> float:
        """Objective without a new place, every place that may close kept: what a proposal gains is counted from here.

        ``inf`` where somebody reaches no place at all; for ``lscp`` the number of places.
        """
        kept = np.arange(len(self.candidates), self.cost.shape[1])
        if self.request.objective == "lscp":
            return float(len(kept))
        if self.capacity is not None and self.request.objective == "mclp":
            near = self.cost[:, kept].tocoo()
            in_reach = near.data <= self.query.reach_m
            there = matrix(near.data[in_reach], near.row[in_reach], near.col[in_reach], near.shape)
            return float(assign(there, self.points.births, self.capacity[kept]).served.sum())
        births, pairs = self.weighted, self.cost[:, kept].tocoo()
        distance = np.full(self.cost.shape[0], np.inf)
        np.minimum.at(distance, pairs.row, pairs.data)
        if self.request.objective == "mclp":
            return float(births[distance <= self.query.reach_m].sum())
        if self.request.objective == "p-center":
            settled = self.plan.settled[self.points.cell]
            return float(settled.max(initial=0.0)) if not len(self.closable) else float(distance.max(initial=0.0))
        return float(births @ distance)

    def solve_within(
        self,
        seconds: float | None,
        should_stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> SitingResult:
        """Solve it within some seconds; None for no limit."""
        request, count = self.request, self.count
        limits = {
            "fixed": self.fixed,
            "rules": self.rules,
            "time_limit": seconds,
            "mip_gap": request.mip_gap,
            "should_stop": should_stop,
            "on_progress": on_progress,
        }
        births, reach = self.weighted, self.query.reach_m
        assigned = {
            "capacity": self.capacity,
            "single_source": request.single_source,
            "fill_existing": request.fill_existing,
        }
        if request.objective == "lscp":
            return lscp(self.cost, reach, **limits)  # type: ignore[arg-type]
        if request.objective == "p-center":
            return p_center(self.cost, count, **limits)  # type: ignore[arg-type]
        if request.objective == "p-median":
            return p_median(self.cost, births, count, **assigned, **limits)  # type: ignore[arg-type]
        return mclp(self.cost, births, reach, count, **assigned, **limits)  # type: ignore[arg-type]


def build_problem(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    inside: Bools | None = None,
    candidates: CandidateSites | None = None,
    buildings: pd.DataFrame | None = None,
    control: Control | None = None,
) -> Problem:
    """Put the question as a siting problem.

    The births counted and the candidates are those of ``query.areas``, or of the whole country; the places there are
    count wherever they lie.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : service, reach, travel model, demand and areas
    facilities : the whole facility set
    request : what to add, and how
    inside : (n_cells,) cells of an area drawn by the user, in place of ``query.areas``
    candidates : places to choose from, in place of those of the kind that ``request`` names
    buildings : ``id, name, x, y`` to choose from, in place of the file that ``request`` names
    control : time and interruption of looking up distances; None for no limit

    Raises
    ------
    MessageError
        when there are no births or no candidates in the area, distances are not known or not in time, or an id does
        not exist
    """
    return assemble(engine, lay_out(engine, query, facilities, request, inside, candidates, buildings), control)


def lay_out(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    inside: Bools | None = None,
    candidates: CandidateSites | None = None,
    buildings: pd.DataFrame | None = None,
) -> Layout:
    """Collect what a problem is about, so that it can be weighed (`planning.weight`); see `build_problem`."""
    if query.model == "matrix":
        raise MessageError("siting.error.matrix")
    analysis = engine.analyse(query, facilities)
    query = analysis.query
    if inside is None and query.areas:
        inside = area_cells(engine.territory, query.areas, query.vintage)
    inside, unknown = _known(analysis, inside)
    if candidates is None:
        listed = request.buildings if buildings is None else buildings
        candidates = find_candidates(engine.snapshot, analysis.demand, str(request.candidates), inside, listed)
    if request.add > len(candidates) and request.objective != "lscp":
        raise MessageError("siting.error.candidates", n=request.add, found=len(candidates))
    frame = analysis.facilities.frame
    rows = place_rows(analysis.facilities)
    closable = _rows_of(request.close, frame, rows)
    others = np.setdiff1d(rows, closable)
    settled = settled_distance(engine, query, frame, others, closable, analysis)
    choices = np.vstack([candidates.xy, coordinates(frame)[closable]])
    points, level, first = _points(engine, request, analysis, choices, settled, inside)
    limit = _limits(request, query.reach_m, settled[points.cell])
    counts = find_priority(engine, analysis.demand, inside, request.targeting)
    allowed = keeps_area_rule(engine, query.service, facilities, candidates) if request.area_rule else None
    if allowed is not None and not allowed.any():
        raise MessageError("siting.error.area_rule")
    return Layout(
        request, analysis, points, level, candidates, closable, others, settled, limit, unknown, first, counts, allowed
    )


def _known(analysis: Analysis, inside: Bools | None) -> tuple[Bools | None, float]:
    """Cells of the area whose distances are known (None for all), and the births of the others."""
    births = analysis.demand.births
    area = check_births(analysis.demand, inside)
    missing = np.isnan(analysis.distance_m) & area
    if not missing.any():
        return inside, 0.0
    area = area & ~missing
    if not births[area].any():
        raise MessageError("siting.error.unknown_distances")
    return area, float(births[missing].sum())


def check_births(demand: Demand, inside: Bools | None) -> Bools:
    """(n_cells,) cells of the area (None for all); `MessageError` when nobody is born there."""
    area = np.ones(len(demand.births), dtype=bool) if inside is None else inside
    if not demand.births[area].any():
        raise MessageError("siting.error.no_births", demand=Word(f"demand.{demand.kind}"))
    return area


def _rows_of(ids: tuple[str, ...], frame: pd.DataFrame, rows: Ints) -> Ints:
    known = pd.Index(frame["id"].astype(str).iloc[rows])
    at = known.get_indexer(pd.Index(list(ids), dtype=object))
    if (at < 0).any():
        raise MessageError("siting.error.no_place", id=ids[int((at < 0).argmax())])
    return np.asarray(rows[np.unique(at)], dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Layout:
    """A siting problem before the pairs of points and places are looked up.

    Attributes
    ----------
    request, analysis : the question and the situation as it is
    points, level : births of the area, by cell or sector
    candidates : places to choose from
    closable, others : rows of the facility frame of the places that may close and of those that stay
    settled : (n_cells,) distance to the nearest place that stays
    limit : (n_points,) distance beyond which a place does nothing for the point
    unknown : births of the area that are left out
    first : points that are looked at to begin with, others as they turn out to count; None for all at once
    priority : what births count for; None where all count alike
    allowed : (n_candidates,) that keep to the rule on areas; None where it was not asked for
    """

    request: SitingRequest
    analysis: Analysis
    points: Points
    level: str
    candidates: CandidateSites
    closable: Ints
    others: Ints
    settled: Floats
    limit: Floats
    unknown: float
    first: Ints | None = None
    priority: Priority | None = None
    allowed: Bools | None = None

    @property
    def weighted(self) -> Floats:
        """(n_points,) what the births of every point count for together."""
        if self.priority is None:
            return self.points.births
        in_cell = self.points.of_cell >= 0
        counts = self.analysis.demand.births[in_cell] * self.per_birth[in_cell]
        return np.bincount(self.points.of_cell[in_cell], weights=counts, minlength=len(self.points.births)).astype(
            np.float64
        )

    @property
    def per_birth(self) -> Floats:
        """(n_cells,) what one birth counts for."""
        return np.ones(len(self.settled)) if self.priority is None else self.priority.weight

    @property
    def choices(self) -> Floats:
        """(n, 2) coordinates of the candidates and of the places that may close."""
        return np.vstack([self.candidates.xy, coordinates(self.analysis.facilities.frame)[self.closable]])


def assemble(engine: Engine, plan: Layout, control: Control | None = None) -> Problem:
    """Look up the pairs of a problem and put them together."""
    request, analysis, candidates = plan.request, plan.analysis, plan.candidates
    closable, others = plan.closable, plan.others
    frame, query, choices = analysis.facilities.frame, analysis.query, plan.choices
    existing = others if request.capacity else np.zeros(0, dtype=np.intp)
    widths = [len(choices), len(existing) if request.capacity else int(len(others) > 0)]
    rows = np.arange(len(plan.points.births)) if plan.first is None else plan.first
    cost = costs_of(engine, plan, rows, control)
    capacity = capacities(frame, closable, existing, len(candidates), request, analysis) if request.capacity else None
    rules = _rules(request, candidates, coordinates(frame), closable, others, sum(widths))
    existing_sites = np.arange(len(candidates), len(choices))
    quotas = zone_quotas(
        engine, query.vintage, request.most_per, request.least_per, choices, existing_sites, coordinates(frame)[others]
    )
    rules = replace(rules, quotas=quotas)
    if plan.allowed is not None:
        may = np.append(plan.allowed, np.ones(sum(widths) - len(candidates), dtype=bool))
        rules = replace(rules, allowed=may if rules.allowed is None else may & np.asarray(rules.allowed, dtype=bool))
    return Problem(
        query, request, analysis, plan.points, plan.level, candidates, cost, closable, existing, capacity, rules,
        plan.unknown, plan,
    )  # fmt: skip


def costs_of(engine: Engine, plan: Layout, rows: Ints, control: Control | None = None) -> Matrix:
    """(len(rows), n_columns) metres of travel of some of the points; see `Problem`."""
    request, analysis, cells = plan.request, plan.analysis, plan.points.cell[rows]
    frame, choices, limit = analysis.facilities.frame, plan.choices, plan.limit[rows]
    ids = (*plan.candidates.frame["id"].astype(str), *frame["id"].astype(str).iloc[plan.closable])
    parts = [useful_pairs(engine, analysis, cells, choices, ids, limit, control)]
    widths = [len(choices)]
    if request.capacity:
        there = tuple(frame["id"].astype(str).iloc[plan.others])
        places = coordinates(frame)[plan.others]
        parts.append(useful_pairs(engine, analysis, cells, places, there, limit, control))
        widths.append(len(plan.others))
    elif len(plan.others):
        settled = plan.settled[cells]
        known = np.flatnonzero(np.isfinite(settled))
        parts.append((known, np.zeros(len(known), dtype=np.intp), settled[known]))
        widths.append(1)
    row, col, value = (np.concatenate(part) for part in zip(*_side_by_side(parts, widths), strict=True))
    return matrix(value, row, col, (len(rows), sum(widths)))


def _points(
    engine: Engine,
    request: SitingRequest,
    analysis: Analysis,
    choices: Floats,
    settled: Floats,
    inside: Bools | None,
) -> tuple[Points, str, Ints | None]:
    """Births by cell where that leaves few enough pairs, else by the level of the region; the points to begin with."""
    points = demand_points(engine.snapshot, analysis.demand, CELL, inside)
    pairs = _count(engine, request, analysis, points, choices, settled)
    if request.objective in ("p-center", "lscp"):
        return points, CELL, None if pairs <= MAX_AT_ONCE else _to_begin_with(engine, analysis, points, inside)
    if pairs <= (MAX_ASSIGNED if request.assigns else MAX_PAIRS):
        return points, CELL, None
    points = demand_points(engine.snapshot, analysis.demand, region().points, inside)
    if (
        request.assigns
        and (pairs := _count(engine, request, analysis, points, choices, settled)) > MAX_ASSIGNED_SECTORS
    ):
        raise MessageError("siting.error.too_large", n=pairs, most=MAX_ASSIGNED_SECTORS)
    return points, region().points, None


def _count(
    engine: Engine, request: SitingRequest, analysis: Analysis, points: Points, choices: Floats, settled: Floats
) -> int:
    """Pairs of point and candidate that can help."""
    limit = _limits(request, analysis.query.reach_m, settled[points.cell])
    enough = MAX_AT_ONCE if request.objective in ("p-center", "lscp") else MAX_PAIRS
    return total_useful(engine, points.cell, choices, limit, enough, analysis.query.mode)


def _to_begin_with(engine: Engine, analysis: Analysis, points: Points, inside: Bools | None) -> Ints:
    """Points in the middle and at the four sides of every sector."""
    sectors = demand_points(engine.snapshot, analysis.demand, region().points, inside)
    of_point = sectors.of_cell[points.cell]
    xy = engine.snapshot.grid.xy[points.cell]
    cells = [points.of_cell[sectors.cell]]
    for axis, sign in ((0, 1.0), (0, -1.0), (1, 1.0), (1, -1.0)):
        order = np.lexsort((sign * xy[:, axis], of_point))
        order = order[of_point[order] >= 0]
        cells.append(order[np.append(True, of_point[order][1:] != of_point[order][:-1])] if len(order) else order)
    rows = np.unique(np.concatenate(cells))
    return rows[rows >= 0].astype(np.intp)


def _limits(request: SitingRequest, reach: float, settled: Floats) -> Floats:
    """(n_points,) distance beyond which a place does nothing for the point.

    That is where it has a place already, and for covering none at all where that one is in reach; with capacities that
    one may be full, so any place in reach counts.
    """
    covers = request.objective in ("mclp", "lscp")
    if request.capacity:
        return np.full(len(settled), reach if covers else np.inf)
    if not covers or request.assigns:
        return np.minimum(settled, reach) if covers else settled
    return np.where(settled <= reach, -1.0, reach)


def _side_by_side(parts: list[tuple[Ints, Ints, Floats]], widths: list[int]) -> list[tuple[Ints, Ints, Floats]]:
    offsets = np.append(0, np.cumsum(widths))
    return [(row, col + offsets[i], value) for i, (row, col, value) in enumerate(parts)]


def capacities(
    frame: pd.DataFrame, closable: Ints, existing: Ints, n_candidates: int, request: SitingRequest, analysis: Analysis
) -> Floats:
    """Births each column can take.

    A place with known hours takes its share of all births: hours divided by the mean hours of the places, times the
    average births per place. One without known hours, and every new one, takes ``births_per_place`` or that average.
    """
    places = np.concatenate([closable, existing])
    average = request.births_per_place or analysis.demand.total / max(1, len(place_rows(analysis.facilities)))
    hours = frame["hours_per_year"].to_numpy(np.float64, na_value=np.nan)[places]
    known = np.isfinite(hours) & (hours > 0)
    share = np.ones(len(places))
    if known.any():
        share[known] = hours[known] / hours[known].mean()
    return np.concatenate([np.full(n_candidates, average), share * average])


def _rules(
    request: SitingRequest, candidates: CandidateSites, places: Floats, closable: Ints, others: Ints, width: int
) -> Rules:
    n, may = len(candidates), len(closable)
    numbers = pd.Index(candidates.frame["id"])
    exclude = tuple(tuple(int(i) for i in numbers.get_indexer(pd.Index(list(ids)))) for ids in request.exclude)
    if any(min(ids, default=0) < 0 for ids in exclude):
        raise MessageError("siting.error.exclude")
    rules = Rules(closable=tuple(range(n, n + may)), exclude=exclude, min_weight=request.min_births)
    rules = replace(rules, min_weight_existing=request.min_births_existing)
    if request.budget is not None:
        opening = np.where(np.arange(width) < n, request.open_cost, 0.0)
        rules = replace(rules, budget=request.budget, open_cost=opening, close_cost=np.full(width, request.close_cost))
    if request.spacing_m is None:
        return rules
    allowed = np.ones(width, dtype=bool)
    if len(others):
        allowed[:n] = cKDTree(places[others]).query(candidates.xy)[0] >= request.spacing_m
    if not allowed[:n].any():
        raise MessageError("siting.error.all_too_near", spacing=request.spacing_m)
    far = np.column_stack([_FAR * np.arange(1, width - n - may + 1), np.zeros(width - n - may)])
    xy = np.vstack([candidates.xy, places[closable], far])
    return replace(rules, allowed=allowed, xy=xy, spacing=request.spacing_m)


__all__ = [
    "OBJECTIVES",
    "Layout",
    "Problem",
    "SitingRequest",
    "assemble",
    "build_problem",
    "capacities",
    "check_births",
    "lay_out",
]
