"""From a question about Flanders to a siting problem and back: candidates, births, the places there are, the answer."""

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
from coverage.siting.planning.candidates import Candidates, find_candidates
from coverage.siting.planning.request import OBJECTIVES, SitingRequest
from coverage.siting.planning.travel_costs import count_pairs, settled_distance, useful_pairs
from coverage.siting.solvers.center import p_center
from coverage.siting.solvers.control import Progress
from coverage.siting.solvers.covering import lscp, mclp
from coverage.siting.solvers.median import p_median
from coverage.siting.solvers.result import SitingResult
from coverage.siting.solvers.rules import Rules
from coverage.siting.solvers.sparse import Matrix, matrix
from coverage.zones.areas import area_cells
from i18n.messages import MessageError, Word
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.types import Bools, Floats, Ints

MOST_PAIRS = 4_000_000
"""Pairs of cell and candidate up to which births are counted by cell; above it by sector."""

MOST_ASSIGNED = 400_000
"""The same where families are sent to places, which makes a variable of every pair."""

_FAR = 1e7


@dataclass(frozen=True, eq=False)
class Problem:
    """A siting problem on real data.

    Attributes
    ----------
    query, wish : what is asked
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
    """

    query: Query
    wish: SitingRequest
    analysis: Analysis
    points: Points
    level: str
    candidates: Candidates
    cost: Matrix
    closable: Ints
    existing: Ints
    capacity: Floats | None
    rules: Rules
    unknown: float = 0.0

    @property
    def fixed(self) -> range:
        """Columns that are open anyway."""
        return range(len(self.candidates) + len(self.closable), self.cost.shape[1])

    def solve(
        self,
        should_stop: Callable[[], bool] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> SitingResult:
        """Solve it; ``sites`` number the columns of ``cost``."""
        wish, count = self.wish, len(self.fixed) + len(self.closable) + self.wish.add
        limits = {
            "fixed": self.fixed,
            "rules": self.rules,
            "time_limit": wish.time_limit,
            "mip_gap": wish.mip_gap,
            "should_stop": should_stop,
            "on_progress": on_progress,
        }
        births, reach = self.points.births, self.query.reach_m
        assigned = {"capacity": self.capacity, "single_source": wish.single_source}
        if wish.objective == "lscp":
            return lscp(self.cost, reach, **limits)  # type: ignore[arg-type]
        if wish.objective == "p-center":
            return p_center(self.cost, count, **limits)  # type: ignore[arg-type]
        if wish.objective == "p-median":
            return p_median(self.cost, births, count, **assigned, **limits)  # type: ignore[arg-type]
        return mclp(self.cost, births, reach, count, **assigned, **limits)  # type: ignore[arg-type]


def build_problem(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    wish: SitingRequest,
    inside: Bools | None = None,
    candidates: Candidates | None = None,
    buildings: pd.DataFrame | None = None,
) -> Problem:
    """Put the question as a siting problem.

    The births counted and the candidates are those of ``query.areas``, or of the whole country; the places there are
    count wherever they lie.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : service, reach, travel model, demand and areas
    facilities : the whole facility set
    wish : what to add, and how
    inside : (n_cells,) cells of an area drawn by the user, in place of ``query.areas``
    candidates : places to choose from, in place of those of the kind that ``wish`` names

    buildings : ``id, name, x, y`` to choose from, in place of the file that ``wish`` names

    Raises
    ------
    MessageError
        when there are no births or no candidates in the area, distances are not known, or an id does not exist
    """
    return assemble(engine, lay_out(engine, query, facilities, wish, inside, candidates, buildings))


def lay_out(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    wish: SitingRequest,
    inside: Bools | None = None,
    candidates: Candidates | None = None,
    buildings: pd.DataFrame | None = None,
) -> Layout:
    """Collect what a problem is about, so that it can be weighed (`planning.weight`); see `build_problem`."""
    if query.model == "matrix":
        raise MessageError("siting.error.matrix")
    analysis = engine.analyse(query, facilities)
    if inside is None and query.areas:
        inside = area_cells(engine.territory, query.areas, query.vintage)
    inside, unknown = _known(analysis, inside)
    if candidates is None:
        candidates = find_candidates(engine.snapshot, analysis.demand, wish.candidates, inside, buildings)
    if wish.add > len(candidates) and wish.objective != "lscp":
        raise MessageError("siting.error.candidates", n=wish.add, found=len(candidates))
    frame = analysis.facilities.frame
    rows = place_rows(analysis.facilities)
    closable = _rows_of(wish.close, frame, rows)
    others = np.setdiff1d(rows, closable)
    settled = settled_distance(engine, query, frame, others, closable, analysis)
    points, level = _points(engine, wish, analysis, candidates, settled, inside)
    limit = _limits(wish, query.reach_m, settled[points.cell])
    return Layout(wish, analysis, points, level, candidates, closable, others, settled, limit, unknown)


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
    wish, analysis : the question and the situation as it is
    points, level : births of the area, by cell or sector
    candidates : places to choose from
    closable, others : rows of the facility frame of the places that may close and of those that stay
    settled : (n_cells,) distance to the nearest place that stays
    limit : (n_points,) distance beyond which a place does nothing for the point
    unknown : births of the area that are left out
    """

    wish: SitingRequest
    analysis: Analysis
    points: Points
    level: str
    candidates: Candidates
    closable: Ints
    others: Ints
    settled: Floats
    limit: Floats
    unknown: float

    @property
    def choices(self) -> Floats:
        """(n, 2) coordinates of the candidates and of the places that may close."""
        return np.vstack([self.candidates.xy, coordinates(self.analysis.facilities.frame)[self.closable]])


def assemble(engine: Engine, plan: Layout) -> Problem:
    """Look up the pairs of a problem and put them together."""
    wish, analysis, candidates, points = plan.wish, plan.analysis, plan.candidates, plan.points
    closable, others, settled, limit = plan.closable, plan.others, plan.settled, plan.limit
    frame, query, choices = analysis.facilities.frame, analysis.query, plan.choices
    ids = (*candidates.frame["id"].astype(str), *frame["id"].astype(str).iloc[closable])
    existing = others if wish.capacity else np.zeros(0, dtype=np.intp)
    parts = [useful_pairs(engine, analysis, points.cell, choices, ids, limit)]
    if wish.capacity:
        there = tuple(frame["id"].astype(str).iloc[existing])
        places = coordinates(frame)[existing]
        parts.append(useful_pairs(engine, analysis, points.cell, places, there, limit))
    elif len(others):
        known = np.flatnonzero(np.isfinite(settled[points.cell]))
        parts.append((known, np.zeros(len(known), dtype=np.intp), settled[points.cell][known]))
    widths = [len(choices), len(existing) if wish.capacity else int(len(others) > 0)]
    row, col, value = (np.concatenate(part) for part in zip(*_side_by_side(parts, widths), strict=True))
    cost = matrix(value, row, col, (len(points.births), sum(widths)))
    capacity = capacities(frame, closable, existing, len(candidates), wish, analysis) if wish.capacity else None
    rules = _rules(wish, candidates, coordinates(frame), closable, others, cost.shape[1])
    return Problem(
        query, wish, analysis, points, plan.level, candidates, cost, closable, existing, capacity, rules, plan.unknown
    )


def _points(
    engine: Engine,
    wish: SitingRequest,
    analysis: Analysis,
    candidates: Candidates,
    settled: Floats,
    inside: Bools | None,
) -> tuple[Points, str]:
    """Births by cell where that leaves few enough pairs, else by sector."""
    points = demand_points(engine.snapshot, analysis.demand, CELL, inside)
    reach = analysis.query.reach_m if wish.objective in ("mclp", "lscp") else None
    far = np.full(1, np.inf) if reach is None and wish.capacity else settled[points.cell]
    mode = analysis.query.mode
    pairs = count_pairs(engine.snapshot.grid.xy[points.cell], candidates.xy, far, reach, mode)
    if pairs <= (MOST_ASSIGNED if wish.assigns else MOST_PAIRS):
        return points, CELL
    points = demand_points(engine.snapshot, analysis.demand, "sector", inside)
    if wish.assigns:
        pairs = count_pairs(engine.snapshot.grid.xy[points.cell], candidates.xy, far, reach, mode)
        if pairs > MOST_PAIRS:
            raise MessageError("siting.error.too_large", n=pairs, most=MOST_PAIRS)
    return points, "sector"


def _limits(wish: SitingRequest, reach: float, settled: Floats) -> Floats:
    """(n_points,) distance beyond which a place does nothing for the point.

    That is where it has a place already; with capacities that one may be full, so any place in reach counts.
    """
    covers = wish.objective in ("mclp", "lscp")
    if wish.capacity:
        return np.full(len(settled), reach if covers else np.inf)
    return np.minimum(settled, reach) if covers else settled


def _side_by_side(parts: list[tuple[Ints, Ints, Floats]], widths: list[int]) -> list[tuple[Ints, Ints, Floats]]:
    offsets = np.append(0, np.cumsum(widths))
    return [(row, col + offsets[i], value) for i, (row, col, value) in enumerate(parts)]


def capacities(
    frame: pd.DataFrame, closable: Ints, existing: Ints, n_candidates: int, wish: SitingRequest, analysis: Analysis
) -> Floats:
    """Births each column can take.

    A place with known hours takes its share of all births: hours divided by the mean hours of the places, times the
    average births per place. One without known hours, and every new one, takes ``births_per_place`` or that average.
    """
    places = np.concatenate([closable, existing])
    average = wish.births_per_place or analysis.demand.total / max(1, len(place_rows(analysis.facilities)))
    hours = frame["hours_per_year"].to_numpy(np.float64, na_value=np.nan)[places]
    known = np.isfinite(hours) & (hours > 0)
    share = np.ones(len(places))
    if known.any():
        share[known] = hours[known] / hours[known].mean()
    return np.concatenate([np.full(n_candidates, average), share * average])


def _rules(
    wish: SitingRequest, candidates: Candidates, places: Floats, closable: Ints, others: Ints, width: int
) -> Rules:
    n, may = len(candidates), len(closable)
    numbers = pd.Index(candidates.frame["id"])
    exclude = tuple(tuple(int(i) for i in numbers.get_indexer(pd.Index(list(ids)))) for ids in wish.exclude)
    if any(min(ids, default=0) < 0 for ids in exclude):
        raise MessageError("siting.error.exclude")
    rules = Rules(closable=tuple(range(n, n + may)), exclude=exclude, min_weight=wish.min_births)
    if wish.budget is not None:
        opening = np.where(np.arange(width) < n, wish.open_cost, 0.0)
        rules = replace(rules, budget=wish.budget, open_cost=opening, close_cost=np.full(width, wish.close_cost))
    if wish.spacing_m is None:
        return rules
    allowed = np.ones(width, dtype=bool)
    if len(others):
        allowed[:n] = cKDTree(places[others]).query(candidates.xy)[0] >= wish.spacing_m
    if not allowed[:n].any():
        raise MessageError("siting.error.all_too_near", spacing=wish.spacing_m)
    far = np.column_stack([_FAR * np.arange(1, width - n - may + 1), np.zeros(width - n - may)])
    xy = np.vstack([candidates.xy, places[closable], far])
    return replace(rules, allowed=allowed, xy=xy, spacing=wish.spacing_m)


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
