"""What new places do for families, cell by cell: who gains, from how far to how far, and which places are relieved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from coverage.access.od_pairs import CostPairs
from coverage.analysis import Engine
from coverage.core.reach import place_rows
from coverage.core.rows import about_places, add_words
from coverage.siting.planning.question.problem import Problem
from coverage.siting.planning.question.travel_costs import settled_distance, travel_pairs, useful_batches
from coverage.zones.strata import DEPRIVATION, FIFTHS
from loaders.catalogue.columns import PROVENANCE, SITE_COLUMNS
from loaders.catalogue.regions.projection import to_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools, Floats, Ints

GAINER_COLUMNS = ("rank", "zone_id", "zone_name", "births_gained")
"""Municipalities that gain by a new place: its rank, and their births that had no place within reach."""


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


def outcome(problem: Problem, distance: Floats) -> Outcome:
    """Count births and travel in the area, given (n_cells,) distances to the nearest place."""
    births = np.where(problem.points.of_cell >= 0, problem.analysis.demand.births, 0.0)
    reaches = np.isfinite(distance) & (births > 0)
    total = float(births[reaches].sum())
    return Outcome(
        births=float(births.sum()),
        in_reach=float(births[distance <= problem.query.reach_m].sum()),
        mean_m=float(births[reaches] @ distance[reaches]) / total if total else float("nan"),
        largest_m=float(distance[reaches].max()) if total else float("nan"),
    )


def new_distances(engine: Engine, problem: Problem, new: Ints, settled: Floats) -> tuple[Floats, Ints]:
    """(n_cells,) distance to the nearest place afterwards, and which new one it is (-1: one that was there)."""
    if not len(new):
        return settled, np.full(len(settled), -1, dtype=np.intp)
    every = np.arange(len(settled))
    ids = tuple(problem.candidates.frame["id"].astype(str).iloc[new])
    after, site = settled.copy(), np.full(len(settled), -1, dtype=np.intp)
    for row, col, cost in useful_batches(engine, problem.analysis, every, problem.candidates.xy[new], ids, settled):
        _note_nearest(row, col, cost, after, site)
    return after, site


def distances_of(engine: Engine, problem: Problem, sites: Ints) -> Floats:
    """(n_cells,) distance to the nearest place when the columns ``sites`` of a problem are open."""
    count = len(problem.candidates)
    settled = settled_without(engine, problem, closed_places(problem, sites))
    return new_distances(engine, problem, sites[sites < count], settled)[0]


def closed_places(problem: Problem, sites: Ints) -> Ints:
    """Rows of the facility frame of the places that close when the columns ``sites`` are open."""
    count = len(problem.candidates)
    return problem.closable[~np.isin(np.arange(count, count + len(problem.closable)), sites)]


def settled_without(engine: Engine, problem: Problem, closed: Ints) -> Floats:
    """(n_cells,) distance to the nearest place that is there and does not close."""
    facilities = problem.analysis.facilities
    others = np.setdiff1d(place_rows(facilities), closed)
    return settled_distance(engine, problem.query, facilities.frame, others, closed, problem.analysis)


def _note_nearest(row: Ints, col: Ints, cost: Floats, distance: Floats, site: Ints) -> None:
    """Write the nearest of the new places over what cells had, where it is nearer."""
    nearer = cost < distance[row]
    row, col, cost = row[nearer], col[nearer], cost[nearer]
    order = np.lexsort((col, cost, row))
    head = order[np.append(True, row[order][1:] != row[order][:-1])] if len(order) else order
    distance[row[head]], site[row[head]] = cost[head], col[head]


def _pairs(engine: Engine, problem: Problem, new: Ints, limit: float) -> CostPairs:
    """Travel of every inhabited cell to the new places."""
    every = np.arange(len(problem.analysis.distance_m))
    ids = tuple(problem.candidates.frame["id"].astype(str).iloc[new])
    return travel_pairs(engine, problem.analysis, every, problem.candidates.xy[new], ids, limit)


@dataclass(frozen=True, eq=False)
class Gains:
    """What new places bring.

    Attributes
    ----------
    distance_m : (n_cells,) distance to the nearest place afterwards
    sites : `SITE_COLUMNS`
    gainers : `GAINER_COLUMNS`, for every new place the municipality that gains most first
    """

    distance_m: Floats
    sites: pd.DataFrame
    gainers: pd.DataFrame


def gains(engine: Engine, problem: Problem, new: Ints, before: Floats, settled: Floats) -> Gains:
    """Work out what new places bring.

    Parameters
    ----------
    engine, problem : the question
    new : candidates that were chosen
    before : (n_cells,) distance to the nearest place as it is
    settled : (n_cells,) the same to the nearest place that stays
    """
    births, reach = problem.analysis.demand.births, problem.query.reach_m
    after, site = new_distances(engine, problem, new, settled)
    pairs = _pairs(engine, problem, new, reach).within(reach)
    row, col = pairs.demand, pairs.facility
    order, gained, mine = _ranking(row, col, np.where(settled <= reach, 0.0, births), len(new))
    in_reach = np.bincount(col, weights=births[row], minlength=len(new))
    rows = [_site_row(engine, problem, int(new[j]), site == j, before, after) for j in order]
    columns = [name for name in SITE_COLUMNS if name not in PROVENANCE]
    sites = pd.DataFrame(rows, columns=columns).assign(
        choice=1,
        rank=np.arange(1, len(order) + 1),
        births_in_reach=in_reach[order].astype(np.float64),
        births_gained=gained,
        births_gained_deprived=[_deprived(engine, births, cells) for cells in mine],
        births_gained_weighted=[float(births[cells] @ problem.plan.per_birth[cells]) for cells in mine],
        targeting=float(problem.request.targeting),
    )
    analysis = problem.analysis
    sites = about_places(sites, problem.query, analysis.demand, analysis.facilities, sites["site_id"])
    sites["flags"] = add_words(sites["flags"], {"deprivation_unknown": _partly_unknown(engine, births, mine)})
    return Gains(after, sites[list(SITE_COLUMNS)], _gainers(engine, mine, births))


def _deprived(engine: Engine, births: Floats, cells: Ints) -> float:
    """Births in the most deprived fifth; NaN where no index is held."""
    if "sector_deprivation" not in engine.snapshot.resources:
        return float("nan")
    return float(births[cells[engine.strata(DEPRIVATION).index[cells] == 0]].sum())


def _partly_unknown(engine: Engine, births: Floats, mine: list[Ints]) -> Bools:
    """(n_sites,) whether a place gains births of whose surroundings the deprivation is not known."""
    if "sector_deprivation" not in engine.snapshot.resources:
        return np.zeros(len(mine), dtype=bool)
    index, unknown = engine.strata(DEPRIVATION).index, len(FIFTHS)
    return np.array([bool((births[cells][index[cells] == unknown] > 0).any()) for cells in mine], dtype=bool)


def _gainers(engine: Engine, mine: list[Ints], births: Floats) -> pd.DataFrame:
    """Municipalities whose births come within reach, by the new place they are counted with."""
    zones = engine.territory.zones(region().base, region().vintage)
    zone = engine.snapshot.zone_index(region().base, region().vintage)
    parts = []
    for rank, cells in enumerate(mine, 1):
        inside = cells[zone[cells] >= 0]
        count = np.bincount(zone[inside], weights=births[inside], minlength=len(zones))
        at = np.flatnonzero(count > 0)
        at = at[np.argsort(-count[at], kind="stable")]
        named = zones.iloc[at]
        parts.append(
            pd.DataFrame(
                {
                    "rank": rank,
                    "zone_id": named["zone_id"].to_numpy(object),
                    "zone_name": named["zone_name"].to_numpy(object),
                    "births_gained": count[at],
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(GAINER_COLUMNS))


def _ranking(row: Ints, col: Ints, births: Floats, m: int) -> tuple[Ints, Floats, list[Ints]]:
    """Sites by what they add beside those before them, how much that is, and the cells it is made of."""
    left = births.copy()
    open_sites: Bools = np.ones(m, dtype=bool)
    order, gained, mine = [], [], []
    for _ in range(m):
        gain = np.where(open_sites, np.bincount(col, weights=left[row], minlength=m), -1.0)
        best = int(gain.argmax())
        cells = row[col == best]
        order.append(best)
        gained.append(float(gain[best]))
        mine.append(cells[left[cells] > 0].astype(np.intp))
        open_sites[best] = False
        left[cells] = 0.0
    return np.array(order, dtype=np.intp), np.array(gained), mine


def _site_row(
    engine: Engine, problem: Problem, candidate: int, mine: Bools, before: Floats, after: Floats
) -> dict[str, object]:
    """One new place: where it stands, and whose nearest it becomes."""
    place = problem.candidates.frame.iloc[candidate]
    analysis = problem.analysis
    births = np.where(mine, analysis.demand.births, 0.0)
    reached = births > 0
    total = float(births.sum())
    known = reached & np.isfinite(before) & (analysis.nearest >= 0)
    lon, lat = to_lonlat(np.array([[place["x"], place["y"]]]))[0]
    names = engine.territory.zones(region().base, region().vintage).set_index("zone_id")["zone_name"]
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
        region().newest_code: place[region().newest_code],
        "municipality": names.get(place[region().newest_code], ""),
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
    }
