"""From a question about Flanders to a siting problem and back: candidates, births, the places there are, the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from coverage.analysis import Analysis, Engine
from coverage.areas import area_cells
from coverage.candidates import DEFAULT_KIND, Candidates, find_candidates
from coverage.pairs import Pairs, straight_pairs
from coverage.points import CELL, Points, demand_points
from coverage.query import Query
from coverage.reach import coordinates, place_rows
from coverage.siting.center import p_center
from coverage.siting.control import Progress
from coverage.siting.core import Bools, Floats, Ints
from coverage.siting.covering import lscp, mclp
from coverage.siting.matrix import Matrix, matrix
from coverage.siting.median import p_median
from coverage.siting.result import SitingResult
from coverage.siting.rules import Rules
from coverage.travel import CIRCUITY, DEFAULT_MODEL, Setting, get_model
from loaders.errors import InputError
from loaders.facilities import Facilities

OBJECTIVES = ("mclp", "p-median", "p-center", "lscp")
"""Most births in reach; least travel; shortest longest way; everybody in reach with the fewest places."""

MOST_PAIRS = 4_000_000
"""Pairs of cell and candidate up to which births are counted by cell; above it by sector."""

MOST_CANDIDATES = 400
"""Candidates at most for travel models other than the straight line, which are worked out for each."""

_FAR = 1e7


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked beside the query.

    Attributes
    ----------
    add : number of new places; for ``lscp`` it is not used
    objective : one of `OBJECTIVES`
    candidates : a kind of candidate or the file of a user (`coverage.candidates`)
    capacity : births a place can take are limited: see `capacities`
    births_per_place : births that a place without known hours can take; None for the average
    spacing_m : metres, as the crow flies, between new places and any other
    close : ids of places that may close to make room for another new one
    exclude : selections of candidates (ids) that are not wanted again
    time_limit : seconds
    mip_gap : relative gap at which the answer is good enough
    """

    add: int = 1
    objective: str = "mclp"
    candidates: str | Path = DEFAULT_KIND
    capacity: bool = False
    births_per_place: float | None = None
    spacing_m: float | None = None
    close: tuple[str, ...] = ()
    exclude: tuple[tuple[str, ...], ...] = ()
    time_limit: float | None = 60.0
    mip_gap: float = 0.0

    def __post_init__(self) -> None:
        """Check every value."""
        if self.objective not in OBJECTIVES:
            raise InputError(f"Unknown objective '{self.objective}'; choose one of {', '.join(OBJECTIVES)}.")
        if self.add < 1:
            raise InputError(f"The number of places to add is {self.add}; give 1 or more with --add.")
        if self.capacity and self.objective != "mclp":
            raise InputError(f"Capacities go with objective mclp, not with {self.objective}; leave --capacity out.")
        if self.births_per_place is not None and not self.births_per_place > 0:
            raise InputError(f"A place can take {self.births_per_place} births; give a number above 0.")


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
    rules : region, spacing, closing
    """

    query: Query
    wish: Wish
    analysis: Analysis
    points: Points
    level: str
    candidates: Candidates
    cost: Matrix
    closable: Ints
    existing: Ints
    capacity: Floats | None
    rules: Rules

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
            "rules": self.rules,
            "time_limit": wish.time_limit,
            "mip_gap": wish.mip_gap,
            "should_stop": should_stop,
            "on_progress": on_progress,
        }
        births = self.points.births
        if wish.objective == "lscp":
            return lscp(self.cost, self.query.reach_m, fixed=self.fixed, **limits)  # type: ignore[arg-type]
        if wish.objective == "p-center":
            return p_center(self.cost, count, fixed=self.fixed, **limits)  # type: ignore[arg-type]
        if wish.objective == "p-median":
            return p_median(self.cost, births, count, fixed=self.fixed, **limits)  # type: ignore[arg-type]
        return mclp(
            self.cost, births, self.query.reach_m, count, fixed=self.fixed, capacity=self.capacity, **limits,  # type: ignore[arg-type]
        )  # fmt: skip


def pose(engine: Engine, query: Query, facilities: Facilities, wish: Wish, inside: Bools | None = None) -> Problem:
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

    Raises
    ------
    InputError
        when there are no births or no candidates in the area, distances are not known, or an id does not exist
    """
    analysis = engine.analyse(query, facilities)
    if np.isnan(analysis.distance_m).any():
        raise InputError("Distances are not known for these places, so new ones cannot be sited; give coordinates.")
    if inside is None and query.areas:
        inside = area_cells(engine.territory, query.areas, query.vintage)
    births = analysis.demand.births if inside is None else analysis.demand.births[inside]
    if not births.any():
        raise InputError(f"There are no {analysis.demand.kind} in the area; choose another area or year.")
    candidates = find_candidates(engine.snapshot, analysis.demand, wish.candidates, inside)
    if wish.add > len(candidates) and wish.objective != "lscp":
        raise InputError(
            f"You ask for {wish.add} new places, but there are {len(candidates)} candidates; ask for fewer, or choose "
            "another kind of candidate or a larger area."
        )
    frame = analysis.facilities.frame
    rows = place_rows(analysis.facilities)
    closable = _rows_of(wish.close, frame, rows)
    others = np.setdiff1d(rows, closable)
    return _assemble(engine, query, wish, analysis, candidates, closable, others, inside)


def _rows_of(ids: tuple[str, ...], frame: pd.DataFrame, rows: Ints) -> Ints:
    known = pd.Index(frame["id"].astype(str).iloc[rows])
    at = known.get_indexer(pd.Index(list(ids), dtype=object))
    if (at < 0).any():
        missing = ids[int((at < 0).argmax())]
        raise InputError(f"There is no open place '{missing}' of this service; give ids of the list of places.")
    return np.asarray(rows[at], dtype=np.intp)


def _assemble(
    engine: Engine,
    query: Query,
    wish: Wish,
    analysis: Analysis,
    candidates: Candidates,
    closable: Ints,
    others: Ints,
    inside: Bools | None,
) -> Problem:
    frame = analysis.facilities.frame
    grid = engine.snapshot.grid
    points, level = demand_points(engine.snapshot, analysis.demand, CELL, inside), CELL
    reach = None if wish.objective in ("p-median", "p-center") else query.reach_m
    settled = settled_distance(engine, query, frame, others, closable, analysis)
    if _count_pairs(grid.xy[points.cell], candidates.xy, settled[points.cell], reach) > MOST_PAIRS:
        points, level = demand_points(engine.snapshot, analysis.demand, "sector", inside), "sector"
    at = grid.xy[points.cell]
    limit = settled[points.cell]
    if reach is not None:
        limit = np.minimum(limit, reach) if not wish.capacity else np.full(len(limit), reach)
    choices = np.vstack([candidates.xy, coordinates(frame)[closable]])
    existing = others if wish.capacity else np.zeros(0, dtype=np.intp)
    parts = [_useful(travel_pairs(engine, query, at, choices, float(limit.max(initial=0.0))), limit)]
    if wish.capacity:
        parts.append(_useful(travel_pairs(engine, query, at, coordinates(frame)[existing], query.reach_m), limit))
    elif len(others):
        known = np.flatnonzero(np.isfinite(settled[points.cell]))
        parts.append((known, np.zeros(len(known), dtype=np.intp), settled[points.cell][known]))
    widths = [len(choices), len(existing) if wish.capacity else int(len(others) > 0)]
    row, col, value = (np.concatenate(part) for part in zip(*_side_by_side(parts, widths), strict=True))
    cost = matrix(value, row, col, (len(points.births), sum(widths)))
    capacity = capacities(frame, closable, existing, len(candidates), wish, analysis) if wish.capacity else None
    rules = _rules(wish, candidates, coordinates(frame), closable, others, cost.shape[1])
    return Problem(query, wish, analysis, points, level, candidates, cost, closable, existing, capacity, rules)


def settled_distance(
    engine: Engine, query: Query, frame: pd.DataFrame, others: Ints, closable: Ints, analysis: Analysis
) -> Floats:
    """(n_cells,) distance to the nearest place that stays."""
    if not len(closable):
        return analysis.distance_m
    if not len(others):
        return np.full(len(analysis.distance_m), np.inf)
    return _model_distances(engine, query, engine.snapshot.grid.xy, coordinates(frame)[others], 1)[0][:, 0]


def _model_distances(engine: Engine, query: Query, at: Floats, places: Floats, k: int) -> tuple[Floats, Ints]:
    ids = tuple(str(number) for number in range(len(places)))
    model = get_model(query.model, Setting(engine.snapshot, query.mode, query.network, query.matrix, ids))
    found = model(at, places, k)
    return found.distance_m, found.index


def _count_pairs(at: Floats, choices: Floats, settled: Floats, reach: float | None) -> int:
    """How many pairs of point and candidate there would be, from a sample of the candidates."""
    radius = float(settled.max(initial=0.0)) if reach is None else reach
    if not np.isfinite(radius):
        return len(at) * len(choices)
    sample = choices[:: max(1, len(choices) // 200)]
    near = cKDTree(at).query_ball_point(sample, radius / CIRCUITY, return_length=True, workers=-1)
    return int(np.mean(near) * len(choices))


def travel_pairs(engine: Engine, query: Query, at: Floats, places: Floats, limit: float, few: bool = False) -> Pairs:
    """Travel between points (n, 2) and places (m, 2), at least up to ``limit`` metres.

    Travel models other than the straight line are worked out for every place, so these may not be too many: a limit
    that does not hold where there are ``few`` anyway.
    """
    if query.model == DEFAULT_MODEL:
        if not np.isfinite(limit):
            span = np.ptp(np.vstack([at, places]), axis=0)
            limit = CIRCUITY * float(np.hypot(*span)) + 1.0
        return straight_pairs(at, places, limit, CIRCUITY)
    if len(places) > MOST_CANDIDATES and not few:
        raise InputError(
            f"There are {len(places)} candidates, and model '{query.model}' takes {MOST_CANDIDATES} at most; "
            "choose fewer with --in or --candidates, or take --model crow."
        )
    return _as_pairs(*_model_distances(engine, query, at, places, len(places)), len(places))


def _as_pairs(distance: Floats, index: Ints, m: int) -> Pairs:
    """Pairs out of the nearest places of every point."""
    row, rank = np.nonzero((index >= 0) & np.isfinite(distance))
    col = index[row, rank]
    order = np.lexsort((row, col))
    start = np.append(0, np.cumsum(np.bincount(col, minlength=m)))
    return Pairs(row[order], start, distance[row, rank][order], (len(distance), m))


def _useful(pairs: Pairs, limit: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs no farther than what each point has already."""
    kept = pairs.cost <= limit[pairs.demand]
    return pairs.demand[kept].astype(np.intp), pairs.facility[kept], pairs.cost[kept]


def _side_by_side(parts: list[tuple[Ints, Ints, Floats]], widths: list[int]) -> list[tuple[Ints, Ints, Floats]]:
    offsets = np.append(0, np.cumsum(widths))
    return [(row, col + offsets[i], value) for i, (row, col, value) in enumerate(parts)]


def capacities(
    frame: pd.DataFrame, closable: Ints, existing: Ints, n_candidates: int, wish: Wish, analysis: Analysis
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


def _rules(wish: Wish, candidates: Candidates, places: Floats, closable: Ints, others: Ints, width: int) -> Rules:
    n = len(candidates)
    numbers = pd.Index(candidates.frame["id"])
    exclude = tuple(tuple(int(i) for i in numbers.get_indexer(pd.Index(list(ids)))) for ids in wish.exclude)
    if any(min(ids, default=0) < 0 for ids in exclude):
        raise InputError("An excluded selection names a candidate that does not exist here; leave it out.")
    rules = Rules(closable=tuple(range(n, n + len(closable))), exclude=exclude)
    if wish.spacing_m is None:
        return rules
    allowed = np.ones(width, dtype=bool)
    if len(others):
        allowed[:n] = cKDTree(places[others]).query(candidates.xy)[0] >= wish.spacing_m
    if not allowed[:n].any():
        raise InputError(f"Every candidate lies within {wish.spacing_m:g} m of a place there is; ask for less spacing.")
    far = np.column_stack([_FAR * np.arange(1, width - n - len(closable) + 1), np.zeros(width - n - len(closable))])
    xy = np.vstack([candidates.xy, places[closable], far])
    return replace(rules, allowed=allowed, xy=xy, spacing=wish.spacing_m)


__all__ = ["OBJECTIVES", "Problem", "Wish", "capacities", "pose"]
