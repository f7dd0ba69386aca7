"""What a proposal means for families: who gains, how much, from how far to how far, and which places are relieved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from coverage.analysis import Engine
from coverage.assignment import unserved_by_zone
from coverage.query import Query
from coverage.reach import place_rows
from coverage.siting.control import Progress
from coverage.siting.core import Bools, Floats, Ints
from coverage.siting.instance import NoCoverError
from coverage.siting.plan import Problem, Wish, pose, settled_distance, travel_pairs
from coverage.siting.result import SitingResult
from loaders.columns import SITE_COLUMNS
from loaders.errors import InputError
from loaders.facilities import Facilities, facility_frame
from loaders.levels import DEFAULT_VINTAGE
from loaders.projection import lambert_to_lonlat

NEAR_BEST = 0.01
"""Alternatives are at most this share worse than the best."""


@dataclass(frozen=True)
class Outcome:
    """Births and travel in the area.

    Attributes
    ----------
    births : all births of the area
    in_reach : those within reach
    mean_m, largest_m : births-weighted mean and largest distance to the nearest place, over the births that reach one
    """

    births: float
    in_reach: float
    mean_m: float
    largest_m: float


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
    closed : ids of the places that close
    before, after, greedy : the area as it is, with the proposal, and with what greedy would have picked (None where
        greedy finds nothing)
    """

    problem: Problem
    result: SitingResult
    sites: pd.DataFrame
    closed: tuple[str, ...]
    before: Outcome
    after: Outcome
    greedy: Outcome | None

    @property
    def new_columns(self) -> Ints:
        """Candidates that were chosen."""
        sites = self.result.sites
        return sites[sites < len(self.problem.candidates)]

    def with_new_places(self, facilities: Facilities) -> Facilities:
        """Return the facility set as it would be: new places added, those that close left out."""
        new = self.sites.assign(
            id=[f"new-{number}" for number in self.sites["rank"]],
            service=self.problem.query.service,
            precision="point",
            physical=True if self.problem.query.service == "house" else None,
            status="exists",
        )
        stays = facilities.frame[~facilities.frame["id"].isin(self.closed)]
        frame = pd.concat([stays, facility_frame(new)], ignore_index=True)
        return replace(facilities, frame=facility_frame(frame))

    def unserved(self, engine: Engine, level: str) -> pd.DataFrame:
        """Births without a place by zone of a level: out of reach, or every place within reach full.

        Columns as `coverage.assignment.unserved_by_zone`.
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


def propose(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    wish: Wish,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    inside: Bools | None = None,
) -> Proposal:
    """Propose new places.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : service, reach, travel model, demand and areas
    facilities : the whole facility set
    wish : what to add, and how
    should_stop, on_progress : see `coverage.siting.lscp`; a run that is stopped gives its best answer with the gap
    inside : see `coverage.siting.plan.pose`

    Raises
    ------
    InputError
        when there is nothing to choose from, nobody to serve, or no answer: the message says why
    """
    problem = pose(engine, query, facilities, wish, inside)
    try:
        result = problem.solve(should_stop, on_progress)
    except NoCoverError as error:
        raise _uncovered(engine, problem, error) from error
    return explain(engine, problem, result)


def _uncovered(engine: Engine, problem: Problem, error: NoCoverError) -> NoCoverError:
    """Say which births cannot be covered, where they live and how far the nearest candidate is."""
    cells = problem.points.cell[error.rows]
    births = problem.points.births[error.rows]
    zones = engine.territory.zones("municipality", DEFAULT_VINTAGE)["zone_name"].to_numpy(object)
    municipality = engine.snapshot.zone_index("municipality", DEFAULT_VINTAGE)[cells]
    lost = np.bincount(municipality, weights=births, minlength=len(zones))
    worst = [int(i) for i in np.argsort(-lost, kind="stable")[:5] if lost[i] > 0]
    where = ", ".join(f"{zones[i]} ({lost[i]:,.1f})" for i in worst)
    known = error.nearest[np.isfinite(error.nearest)]
    far = f" The nearest candidate is up to {known.max():,.0f} m away." if len(known) else ""
    more = " and other municipalities" if (lost > 0).sum() > len(worst) else ""
    return NoCoverError(
        f"{births.sum():,.1f} births a year cannot be brought within {problem.query.reach_m:,.10g} m, because no "
        f"candidate is that near: {where}{more}.{far} Give more candidates (--candidates cell), or a longer reach.",
        error.rows,
        error.nearest,
    )


def explain(engine: Engine, problem: Problem, result: SitingResult) -> Proposal:
    """Work out cell by cell what an answer does."""
    count = len(problem.candidates)
    new = result.sites[result.sites < count]
    frame = problem.analysis.facilities.frame
    kept = np.isin(np.arange(count, count + len(problem.closable)), result.sites)
    closed = problem.closable[~kept]
    before = problem.analysis.distance_m
    settled = _settled(engine, problem, closed)
    after, sites = _gains(engine, problem, new, before, settled)
    return Proposal(
        problem=problem,
        result=result,
        sites=sites,
        closed=tuple(frame["id"].astype(str).iloc[closed]),
        before=_outcome(problem, before),
        after=_outcome(problem, after),
        greedy=_greedy(engine, problem, result),
    )


def _settled(engine: Engine, problem: Problem, closed: Ints) -> Floats:
    facilities = problem.analysis.facilities
    others = np.setdiff1d(place_rows(facilities), closed)
    return settled_distance(engine, problem.query, facilities.frame, others, closed, problem.analysis)


def _greedy(engine: Engine, problem: Problem, result: SitingResult) -> Outcome | None:
    if result.greedy_sites is None:
        return None
    count = len(problem.candidates)
    kept = np.isin(np.arange(count, count + len(problem.closable)), result.greedy_sites)
    settled = _settled(engine, problem, problem.closable[~kept])
    new = result.greedy_sites[result.greedy_sites < count]
    return _outcome(problem, _new_distances(engine, problem, new, settled)[0])


def _outcome(problem: Problem, distance: Floats) -> Outcome:
    births = np.where(problem.points.of_cell >= 0, problem.analysis.demand.births, 0.0)
    reaches = np.isfinite(distance) & (births > 0)
    total = float(births[reaches].sum())
    return Outcome(
        births=float(births.sum()),
        in_reach=float(births[distance <= problem.query.reach_m].sum()),
        mean_m=float(births[reaches] @ distance[reaches]) / total if total else float("nan"),
        largest_m=float(distance[reaches].max()) if total else float("nan"),
    )


def _new_distances(engine: Engine, problem: Problem, new: Ints, settled: Floats) -> tuple[Floats, Ints]:
    """(n_cells,) distance to the nearest place afterwards, and which new one it is (-1: one that was there)."""
    if not len(new):
        return settled, np.full(len(settled), -1, dtype=np.intp)
    finite = settled[np.isfinite(settled)]
    limit = float(finite.max(initial=0.0)) if len(finite) == len(settled) else np.inf
    pairs = travel_pairs(engine, problem.query, engine.snapshot.grid.xy, problem.candidates.xy[new], limit, True)
    return _nearest_of(pairs.demand, pairs.facility, pairs.cost, settled)


def _nearest_of(row: Ints, col: Ints, cost: Floats, settled: Floats) -> tuple[Floats, Ints]:
    nearer = cost < settled[row]
    row, col, cost = row[nearer], col[nearer], cost[nearer]
    order = np.lexsort((col, cost, row))
    head = order[np.append(True, row[order][1:] != row[order][:-1])] if len(order) else order
    after, site = settled.copy(), np.full(len(settled), -1, dtype=np.intp)
    after[row[head]], site[row[head]] = cost[head], col[head]
    return after, site


def _gains(engine: Engine, problem: Problem, new: Ints, before: Floats, settled: Floats) -> tuple[Floats, pd.DataFrame]:
    """Distances afterwards, and the table of the new places."""
    births = problem.analysis.demand.births
    after, site = _new_distances(engine, problem, new, settled)
    pairs = travel_pairs(
        engine, problem.query, engine.snapshot.grid.xy, problem.candidates.xy[new], problem.query.reach_m, True
    ).within(problem.query.reach_m)
    row, col = pairs.demand, pairs.facility
    order, gained = _ranking(row, col, np.where(settled <= problem.query.reach_m, 0.0, births), len(new))
    in_reach = np.bincount(col, weights=births[row], minlength=len(new))
    rows = [_site_row(engine, problem, int(new[j]), site == j, before, after) for j in order]
    sites = pd.DataFrame(rows, columns=list(SITE_COLUMNS)).assign(
        choice=1,
        rank=np.arange(1, len(order) + 1),
        births_in_reach=in_reach[order].astype(np.float64),
        births_gained=gained,
    )
    return after, sites


def _ranking(row: Ints, col: Ints, births: Floats, m: int) -> tuple[Ints, Floats]:
    """Sites by what they add beside those before them, and how much that is."""
    left = births.copy()
    open_sites: Bools = np.ones(m, dtype=bool)
    order, gained = [], []
    for _ in range(m):
        gain = np.where(open_sites, np.bincount(col, weights=left[row], minlength=m), -1.0)
        best = int(gain.argmax())
        order.append(best)
        gained.append(float(gain[best]))
        open_sites[best] = False
        left[row[col == best]] = 0.0
    return np.array(order, dtype=np.intp), np.array(gained)


def _site_row(
    engine: Engine, problem: Problem, candidate: int, mine: Bools, before: Floats, after: Floats
) -> dict[str, object]:
    """One new place: where it stands, and whose nearest it becomes."""
    place = problem.candidates.frame.iloc[candidate]
    analysis = problem.analysis
    births = np.where(mine, analysis.demand.births, 0.0)
    reached = births > 0
    total = float(births.sum())
    known = reached & np.isfinite(before)
    lon, lat = lambert_to_lonlat(np.array([[place["x"], place["y"]]]))[0]
    names = engine.territory.zones("municipality", DEFAULT_VINTAGE).set_index("zone_id")["zone_name"]
    relieved = (
        np.bincount(analysis.nearest[known], weights=births[known], minlength=len(analysis.facilities.frame))
        if known.any()
        else np.zeros(1)
    )
    loser = int(relieved.argmax())
    facility = analysis.facilities.frame.iloc[loser] if relieved[loser] > 0 else None
    return {
        "site_id": place["id"],
        "name": place["name"],
        "kind": place["kind"],
        "nis2025": place["nis2025"],
        "municipality": names.get(place["nis2025"], ""),
        "lat": round(float(lat), 6),
        "lon": round(float(lon), 6),
        "x": round(float(place["x"]), 2),
        "y": round(float(place["y"]), 2),
        "births_nearest": total,
        "mean_before_m": float(births[known] @ before[known]) / births[known].sum() if known.any() else np.nan,
        "mean_after_m": float(births[reached] @ after[reached]) / total if total else np.nan,
        "relieved_id": None if facility is None else facility["id"],
        "relieved_name": None if facility is None else facility["name"],
        "relieved_births": float(relieved[loser]) if facility is not None else np.nan,
        "evidence": analysis.evidence,
        "flags": "illustrative" if analysis.evidence == "illustrative" else "",
    }


def alternatives(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    wish: Wish,
    *,
    within: float = NEAR_BEST,
    most: int = 5,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[Proposal]:
    """Yield the best proposal, then the next best ones as long as they are nearly as good.

    Each is the proven best among the selections that did not come before (an added row forbids them), within the time
    limit of the wish.

    Parameters
    ----------
    engine, query, facilities, wish, should_stop, on_progress : see `propose`
    within : how much worse than the best an alternative may be, relative
    most : number of proposals at most
    """
    best: float | None = None
    for _ in range(most):
        try:
            found = propose(engine, query, facilities, wish, should_stop, on_progress)
        except InputError:
            if best is None:
                raise
            return
        if best is None:
            best = found.result.objective
        if abs(found.result.objective - best) > within * abs(best):
            return
        yield found
        ids = tuple(found.problem.candidates.frame["id"].iloc[found.new_columns])
        wish = replace(wish, exclude=(*wish.exclude, ids))
