"""The best single sites of an area, every candidate tried, and what moving or sharing an existing place would bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from coverage.access.od_pairs import CostPairs
from coverage.analysis import Analysis, Engine
from coverage.core.points import CELL
from coverage.core.reach import coordinates, is_place, place_rows
from coverage.core.rows import about_places
from coverage.indicators.pairs_in_reach import pairs_in_reach
from coverage.siting.planning.question.candidates import CandidateSites, default_kind, find_candidates
from i18n.errors import InputError
from i18n.messages import MessageError, NumberAsGiven
from loaders.catalogue.columns import CASE_SITE_COLUMNS, PROVENANCE
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.projection import to_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import may_share, services
from loaders.catalogue.types import Bools, Floats, Positions

BEST = 3
"""Sites that are told."""

MOVES = 5
"""Existing places, the nearest as the crow flies, that are tried at the site."""

SHARED_SHARE = 0.9
"""An address that is there already is as good when it reaches this share of the births of the best site."""

SITE_ID = "proposed-site"

_OUTSIDE_M = 5_000.0
"""Metres from the nearest inhabited hectare beyond which a point lies outside the data."""


@dataclass(frozen=True, eq=False)
class Site:
    """Where the place would stand.

    Attributes
    ----------
    x, y : metres
    name : of the sector or wijk, empty for a point of the user
    cell : the inhabited cell it stands in, or the nearest one
    """

    x: float
    y: float
    name: str
    cell: int


def best_sites(engine: Engine, analysis: Analysis, inside: Bools) -> pd.DataFrame:
    """Every candidate of the area by itself, the most births gained first, then most in reach.

    Columns are `CASE_SITE_COLUMNS` without those of provenance, and ``cell``. ``births_gained`` have no place within
    reach today; empty where distances are not known.
    """
    candidates = _candidates(engine, analysis, inside)
    frame, births, reach_m = candidates.frame, analysis.demand.births, analysis.query.reach_m
    every = cells_near(engine, analysis, candidates.xy, reach_m)
    ids = tuple(frame["id"].astype(str))
    out = np.where(analysis.distance_m > reach_m, births, np.where(np.isnan(analysis.distance_m), np.nan, 0.0))
    with pairs_in_reach(engine, analysis, every, candidates.xy, ids, reach_m) as pairs:
        in_reach, gained = (_by_place(pairs.within(reach_m), of[every]) for of in (births, out))
    sites = pd.DataFrame(
        {
            "site_id": ids,
            "name": frame["name"].astype(str),
            "municipality": _names(engine, frame),
            "x": candidates.xy[:, 0],
            "y": candidates.xy[:, 1],
            "births_in_reach": in_reach,
            "births_gained": gained,
            "next_m": analysis.distance_m[frame["cell"].to_numpy(np.intp)],
            "cell": frame["cell"].to_numpy(np.intp),
        }
    )
    order = sites.assign(gain=sites["births_gained"].fillna(0.0).round(6), near=sites["births_in_reach"].round(6))
    order = order.sort_values(["gain", "near", "site_id"], ascending=[False, False, True], kind="stable")
    sites = sites.loc[order.index].reset_index(drop=True)
    lonlat = to_lonlat(sites[["x", "y"]].to_numpy(np.float64))
    sites = sites.assign(rank=np.arange(1, len(sites) + 1), lon=lonlat[:, 0].round(6), lat=lonlat[:, 1].round(6))
    return sites[[*(name for name in CASE_SITE_COLUMNS if name not in PROVENANCE), "cell"]]


def _by_place(pairs: CostPairs, amount: Floats) -> Floats:
    """(n_places,) sum over the cells that a place reaches; ``amount`` is (n_cells,)."""
    weights = amount[pairs.demand]
    return np.bincount(pairs.facility, weights=weights, minlength=pairs.shape[1]).astype(np.float64)


def cells_near(engine: Engine, analysis: Analysis, xy: Floats, reach_m: float) -> Positions:
    """Cells with births that may be within reach of any of some points: no way is shorter than the straight line."""
    at = engine.snapshot.grid.xy
    near = ((at >= xy.min(axis=0) - reach_m) & (at <= xy.max(axis=0) + reach_m)).all(axis=1)
    if analysis.query.model == "matrix":
        near[:] = True
    return np.flatnonzero(near & (analysis.demand.births > 0))


def distance_to(engine: Engine, analysis: Analysis, site: Site, limit: float) -> Floats:
    """(n_cells,) metres of travel to the site; ``inf`` beyond the limit and where nobody lives."""
    xy = np.array([[site.x, site.y]])
    every = cells_near(engine, analysis, xy, limit)
    metres = np.full(len(analysis.distance_m), np.inf)
    with pairs_in_reach(engine, analysis, every, xy, (SITE_ID,), limit) as pairs:
        metres[every[pairs.demand]] = pairs.cost
    return metres


def with_provenance(sites: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """Sites with what every row says of itself."""
    told = about_places(sites, analysis.query, analysis.demand, analysis.facilities, sites["site_id"])
    return told[list(CASE_SITE_COLUMNS)]


def _candidates(engine: Engine, analysis: Analysis, inside: Bools) -> CandidateSites:
    """Middles of the sectors in the area, or its cells where it is smaller than that."""
    try:
        return find_candidates(engine.snapshot, analysis.demand, default_kind(), inside)
    except InputError:
        return find_candidates(engine.snapshot, analysis.demand, CELL, inside)


def _names(engine: Engine, frame: pd.DataFrame) -> list[str]:
    names = engine.territory.zones(region().base, region().vintage).set_index("zone_id")["zone_name"]
    return [str(names.get(code, "")) for code in frame[region().newest_code]]


def apart(ranked: pd.DataFrame, least_m: float, n: int) -> pd.DataFrame:
    """Return the first sites of a ranking that stand so many metres from each other, at most ``n``, ranked anew."""
    kept: list[int] = []
    xy = ranked[["x", "y"]].to_numpy(np.float64)
    for row in range(len(ranked)):
        if len(kept) == n:
            break
        if all(float(np.hypot(*(xy[row] - xy[other]))) >= least_m for other in kept):
            kept.append(row)
    return ranked.iloc[kept].assign(rank=np.arange(1, len(kept) + 1)).reset_index(drop=True)


def given_site(engine: Engine, analysis: Analysis, xy: tuple[float, float]) -> Site:
    """Site at a point of the user, metres; `MessageError` for one that lies outside the data."""
    lived = np.flatnonzero(analysis.demand.births > 0)
    away, at = cKDTree(engine.snapshot.grid.xy[lived]).query(np.array(xy))
    if away > _OUTSIDE_M:
        raise MessageError("error.question.site_outside", distance=NumberAsGiven(float(away) / 1000, ".0f"))
    return Site(float(xy[0]), float(xy[1]), "", int(lived[int(at)]))


@dataclass(frozen=True, eq=False)
class Moves:
    """Existing places that could stand at the site instead.

    Attributes
    ----------
    place : (n_moves,) rows of the facilities
    lost : (n_moves, n_cells) cells that have no other place within reach, nor the site
    births_lost : (n_moves,) their births
    """

    place: Positions
    lost: Bools
    births_lost: Floats


def moves(analysis: Analysis, site: Site, to_site: Floats) -> Moves:
    """What moving each of the nearest places to the site would lose elsewhere."""
    rows = place_rows(analysis.facilities)
    xy = coordinates(analysis.facilities.frame)[rows]
    near = rows[np.argsort(np.hypot(xy[:, 0] - site.x, xy[:, 1] - site.y), kind="stable")[:MOVES]]
    second = analysis.second_distance_m
    alone = (analysis.distance_m <= analysis.query.reach_m) & ~(second <= analysis.query.reach_m)
    alone &= ~(to_site <= analysis.query.reach_m)
    lost = np.array([alone & (analysis.nearest == row) for row in near], dtype=bool).reshape(len(near), len(to_site))
    return Moves(near, lost, lost @ analysis.demand.births if len(near) else np.zeros(0))


def shared_addresses(engine: Engine, analysis: Analysis, everything: Facilities, shape: Any) -> pd.DataFrame:
    """Places of other services in the area at whose address the service may stand, the most births in reach first.

    Columns are ``id, service, name, births_in_reach``.
    """
    service, frame = analysis.query.service, everything.frame
    others = [other for other in services() if other != service and may_share(service, other)]
    places = np.flatnonzero(is_place(frame) & frame["service"].isin(others).to_numpy(bool))
    xy = coordinates(frame)
    places = places[np.isfinite(xy[places]).all(axis=1)]
    places = places[shapely.contains_xy(shape, *xy[places].T)]
    if not len(places):
        return pd.DataFrame(columns=["id", "service", "name", "births_in_reach"])
    births, reach_m = analysis.demand.births, analysis.query.reach_m
    every = cells_near(engine, analysis, xy[places], reach_m)
    ids = tuple(frame["id"].astype(str).iloc[places])
    with pairs_in_reach(engine, analysis, every, xy[places], ids, reach_m) as pairs:
        reached = _by_place(pairs.within(reach_m), births[every])
    sites = pd.DataFrame(frame.iloc[places][["id", "service", "name"]]).assign(births_in_reach=reached)
    return sites.sort_values(["births_in_reach", "id"], ascending=[False, True], ignore_index=True)
