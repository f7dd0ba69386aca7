"""A norm over a region: candidates, travel and rules as arrays, the answer as tables, the last check by the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from coverage.access.od_pairs import CostPairs
from coverage.analysis import Analysis, Engine
from coverage.core.points import Points, demand_points
from coverage.core.query import Query
from coverage.core.reach import coordinates, is_place, place_rows, reach_key
from coverage.core.rows import about_places
from coverage.indicators.pairs_in_reach import pairs_in_reach
from coverage.indicators.strata_table import strata_of
from coverage.norm.bound import fewest, most_with, most_within_reach
from coverage.norm.problem import NormProblem
from coverage.norm.request import NormRequest
from coverage.norm.solve import NormSolution, solve
from coverage.siting.planning.question.area_rule import covers_place, with_place
from coverage.siting.planning.question.candidates import CandidateSites, default_kind, find_candidates
from coverage.siting.solvers.basis.gate import Terms, check_answer
from coverage.siting.solvers.basis.instance import Instance
from coverage.siting.solvers.basis.rules import Quota, Rules, no_rules
from coverage.siting.solvers.basis.sparse import matrix
from coverage.zones.areas import area_cells
from coverage.zones.strata import DEPRIVATION
from i18n.messages import MessageError, OptionName
from loaders.catalogue.columns import NORM_COLUMNS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.projection import to_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service, may_share, services
from loaders.catalogue.types import Bools, Floats, Ints

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class NormAnswer:
    """What a norm takes, counted by sector: a sector is within reach when its middle is.

    Attributes
    ----------
    request : what was asked
    places : `loaders.catalogue.columns.NORM_COLUMNS`, the new places in the order in which they open
    frontier : ``places, births_in_reach, weight_in_reach, weight_bound``: for none to all of the new places; no answer
        with so many new places has more weight within reach than the bound
    zones : ``zone_id, zone_name, births, births_out_before, births_out_after`` of the municipalities
    existing : places that are there and stay
    births, in_reach_before, in_reach : births of the area, those within reach of a place that stays, and afterwards
    weight, bound : weight within reach of the answer, and what no answer can exceed
    fewest : fewest new places that could bring as much within reach
    problem, solution : the arrays behind it
    analysis : the situation as it is
    """

    request: NormRequest
    places: pd.DataFrame
    frontier: pd.DataFrame
    zones: pd.DataFrame
    existing: int
    births: float
    in_reach_before: float
    in_reach: float
    weight: float
    bound: float
    fewest: int
    problem: NormProblem
    solution: NormSolution
    analysis: Analysis

    @property
    def gap(self) -> float:
        """How much better the best answer can be, as a share of this one; ``inf`` where this one has nothing."""
        if self.bound - self.weight <= _SAME * max(1.0, self.bound):
            return 0.0
        return (self.bound - self.weight) / self.weight if self.weight > 0 else float("inf")

    @property
    def optimal(self) -> bool:
        """Whether no answer has more weight within reach, proven."""
        return self.gap == 0.0

    @property
    def cost(self) -> float | None:
        """What the new places cost in a year; None without a figure per place."""
        return None if self.request.cost is None else self.request.cost * len(self.places)


@dataclass(frozen=True, eq=False)
class _NormGround:
    """What does not depend on the norm: kept, so that another number of births costs only the search."""

    analysis: Analysis
    points: Points
    candidates: CandidateSites
    pairs: CostPairs
    existing: CostPairs
    places: Ints
    municipality: Ints
    fifth: Floats | None


def norm_machine(engine: Engine, query: Query, facilities: Facilities, request: NormRequest) -> NormAnswer:
    """Answer a norm for the area of a query, or for everywhere.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : service, reach, travel model and demand; ``areas`` where new places may come
    facilities : the whole facility set, places of all services
    request : the norm and its rules

    Raises
    ------
    InputError
        when distances are not known, no candidate is left, or a rule asks for what is not held
    UnsoundAnswerError
        when an answer does not stand up to its own question
    """
    ground = _ground(engine, query, facilities, request)
    problem = _problem(engine, ground, facilities, request)
    solution = solve(problem)
    bound = most_within_reach(problem, solution.objective)
    _check(problem, solution, bound)
    return _answer(engine, ground, request, problem, solution, bound)


def _ground(engine: Engine, query: Query, facilities: Facilities, request: NormRequest) -> _NormGround:
    analysis = engine.analyse(replace(query, areas=()), facilities)
    query = replace(analysis.query, areas=query.areas)
    if np.isnan(analysis.distance_m[analysis.demand.births > 0]).any() and request.keeps:
        raise MessageError("error.question.norm_unknown")
    sharing = _sharing(query.service, facilities) if "share" in request.rules else None
    key = (
        "norm", reach_key(analysis.facilities, query), query.mode, query.reach_m, query.areas, query.vintage,
        analysis.demand.kind, analysis.demand.year, None if sharing is None else tuple(sharing["id"].astype(str)),
    )  # fmt: skip
    ground: _NormGround = engine.keep(key, lambda: _make_ground(engine, analysis, query, sharing))
    return replace(ground, analysis=analysis)


def _make_ground(engine: Engine, analysis: Analysis, query: Query, sharing: pd.DataFrame | None) -> _NormGround:
    inside = area_cells(engine.territory, query.areas, query.vintage) if query.areas else None
    demand = analysis.demand
    points = demand_points(engine.snapshot, demand, default_kind(), inside)
    candidates = find_candidates(engine.snapshot, demand, default_kind(), inside, sharing)
    rows = place_rows(analysis.facilities)
    xy = coordinates(analysis.facilities.frame)[rows]
    ids = tuple(candidates.frame["id"].astype(str))
    names = tuple(analysis.facilities.frame["id"].astype(str).iloc[rows])
    base = engine.snapshot.zone_index(region().base, region().vintage)
    reach_m = query.reach_m
    with pairs_in_reach(engine, analysis, points.cell, candidates.xy, ids, reach_m) as travelled:
        pairs = travelled.within(reach_m)
    with pairs_in_reach(engine, analysis, points.cell, xy, names, reach_m) as travelled:
        existing = travelled.within(reach_m)
    return _NormGround(
        analysis=analysis,
        points=points,
        candidates=candidates,
        pairs=pairs,
        existing=existing,
        places=rows,
        municipality=base[candidates.frame["cell"].to_numpy(np.intp)].astype(np.intp),
        fifth=_share_deprived(engine, analysis, points),
    )


def _share_deprived(engine: Engine, analysis: Analysis, points: Points) -> Floats | None:
    """(n_points,) share of the births of a point in the most deprived fifth; None without an index."""
    if "sector_deprivation" not in engine.snapshot.resources:
        return None
    deprived = strata_of(engine, DEPRIVATION).index == 0
    inhabited = points.of_cell >= 0
    births = np.where(deprived & inhabited, analysis.demand.births, 0.0)
    total = np.bincount(points.of_cell[inhabited], weights=births[inhabited], minlength=len(points.births))
    return np.asarray(total / points.births, dtype=np.float64)


def _sharing(service: str, facilities: Facilities) -> pd.DataFrame:
    """Addresses of other services at which the service may stand: ``id, name, x, y``."""
    frame = facilities.frame
    others = [other for other in services() if other != service and may_share(service, other)]
    places = frame[is_place(frame) & frame["service"].isin(others).to_numpy(bool)]
    xy = coordinates(places)
    known = np.isfinite(xy).all(axis=1)
    if not known.any():
        raise MessageError("error.question.norm_no_address", service=OptionName("service", service))
    return pd.DataFrame(
        {
            "id": places["id"].astype(str).to_numpy()[known],
            "name": places["name"].fillna("").astype(str).to_numpy()[known],
            "x": xy[known, 0],
            "y": xy[known, 1],
        }
    )


def _problem(engine: Engine, ground: _NormGround, facilities: Facilities, request: NormRequest) -> NormProblem:
    """Arrays of a norm: candidates first, then the places that stay."""
    n = len(ground.candidates)
    births = ground.points.births
    row, col = ground.pairs.demand.astype(np.intp), ground.pairs.facility
    allowed = np.ones(n, dtype=bool)
    if request.density is not None:
        allowed &= _density(engine, ground)[ground.municipality] >= request.density
    doors = allowed.copy()  # a door may belong to a house whose area covers a bureau next door
    if "article9" in request.rules:
        allowed &= _covers(engine, facilities, ground)
        keep = _one_planning_area(engine, ground, row, col)
        row, col = row[keep], col[keep]
    stays = len(ground.places) if request.keeps else 0
    xy = ground.candidates.xy
    if stays:
        reached = np.zeros(len(births), dtype=bool)
        reached[ground.existing.demand] = True
        keep = ~reached[row]  # only births that no place reaches today justify a new one
        row = np.concatenate([row[keep], ground.existing.demand.astype(np.intp)])
        col = np.concatenate([col[keep], n + ground.existing.facility])
        xy = np.vstack([xy, coordinates(ground.analysis.facilities.frame)[ground.places]])
    weight = births
    if request.deprived != 1:
        if ground.fifth is None:
            raise MessageError("error.question.norm_no_index")
        weight = births * (1 + (request.deprived - 1) * ground.fifth)
    groups = tuple(_groups(engine, ground, facilities, request, doors))
    for group in groups:
        allowed[group] = True
    return NormProblem(
        row=row,
        col=col.astype(np.intp),
        weight=weight,
        n_sites=n + stays,
        fixed=np.append(np.zeros(n, dtype=bool), np.ones(stays, dtype=bool)),
        allowed=np.append(allowed, np.zeros(stays, dtype=bool)),
        least=request.births,
        groups=groups,
        xy=xy,
        spacing_m=request.spacing_m or 0.0,
    )


def _density(engine: Engine, ground: _NormGround) -> Floats:
    """(n_municipalities,) births a year per km²."""
    borders = engine.territory.borders(region().base, region().vintage)
    index = engine.snapshot.zone_index(region().base, region().vintage)
    births = np.bincount(index[index >= 0], weights=ground.analysis.demand.births[index >= 0], minlength=len(borders))
    return np.asarray(births / (shapely.area(borders) / 1e6), dtype=np.float64)


def _covers(engine: Engine, facilities: Facilities, ground: _NormGround) -> Bools:
    """(n_candidates,) whose municipality, or documented planning area, has a place that the area must cover."""
    covered = get_service(ground.analysis.query.service).area_covers
    if not covered:
        return np.ones(len(ground.candidates), dtype=bool)
    return covers_place(engine, facilities, covered, ground.candidates.frame["cell"].to_numpy(np.intp))


def _one_planning_area(engine: Engine, ground: _NormGround, row: Ints, col: Ints) -> Bools:
    """(n_pairs,) demand and candidate that lie in one planning area, or both in none that is documented."""
    planning = region().planning
    if not planning:
        return np.ones(len(row), dtype=bool)
    index = engine.snapshot.zone_index(planning, region().vintage)
    there = index[ground.candidates.frame["cell"].to_numpy(np.intp)]
    return np.asarray(index[ground.points.cell][row] == there[col], dtype=bool)


def _groups(
    engine: Engine, ground: _NormGround, facilities: Facilities, request: NormRequest, allowed: Bools
) -> Sequence[Ints]:
    """Candidates of which one at least opens: of every zone, and of every municipality without a door."""
    groups: list[Ints] = []
    if request.one_per is not None:
        index = engine.snapshot.zone_index(request.one_per, ground.analysis.query.vintage)
        zone = index[ground.candidates.frame["cell"].to_numpy(np.intp)]
        taken = index[_nearest_cells(engine, ground)] if request.keeps else np.zeros(0, dtype=np.int32)
        groups += _by_zone(zone, allowed, set(taken[taken >= 0].tolist()))
    if "door" in request.rules:
        service = get_service(ground.analysis.query.service)
        n = len(engine.territory.zone_ids(region().base, region().vintage))
        has = with_place(engine, facilities, service.area_covers or service.id, n)
        if request.keeps:
            has |= with_place(engine, facilities, service.id, n)
        groups += _by_zone(ground.municipality, allowed, set(np.flatnonzero(has).tolist()))
    return groups


def _by_zone(zone: Ints, allowed: Bools, taken: set[int]) -> list[Ints]:
    ids = [number for number in np.unique(zone[zone >= 0]).tolist() if number not in taken]
    groups = [np.flatnonzero((zone == number) & allowed).astype(np.intp) for number in ids]
    return [group for group in groups if len(group)]


def _nearest_cells(engine: Engine, ground: _NormGround) -> Ints:
    """Inhabited cell nearest to every place that is there."""
    xy = coordinates(ground.analysis.facilities.frame)[ground.places]
    if not len(xy):
        return np.zeros(0, dtype=np.intp)
    return np.asarray(cKDTree(engine.snapshot.grid.xy).query(xy)[1], dtype=np.intp)


def _check(problem: NormProblem, solution: NormSolution, bound: float) -> None:
    """Hold the answer against its question by the gate of all siting: nothing of the search is used there."""
    opened = np.zeros(problem.n_sites, dtype=bool)
    opened[solution.opened] = True
    by_rule = np.zeros(problem.n_sites, dtype=bool)
    by_rule[solution.opened[solution.by_rule]] = True
    rules = Rules(
        allowed=problem.allowed | problem.fixed | by_rule,
        xy=problem.xy,
        spacing=problem.spacing_m or None,
        min_weight=problem.least,
        quotas=tuple(Quota(tuple(group.tolist()), least=1) for group in problem.groups if opened[group].any()),
    )
    fixed = problem.fixed | by_rule
    cost = np.zeros(len(problem.row))
    side = no_rules(problem.allowed)
    instance = Instance(problem.row, problem.col, cost, len(problem.weight), problem.n_sites, fixed, side, rules)
    terms = Terms("mclp", instance, weight=problem.weight)
    shares = matrix(solution.share, solution.demand, solution.site, (len(problem.weight), problem.n_sites))
    nobody = np.full(len(problem.weight), -1, dtype=np.intp)
    check_answer(terms, opened | fixed, solution.objective, bound, nobody, shares)


def _answer(
    engine: Engine,
    ground: _NormGround,
    request: NormRequest,
    problem: NormProblem,
    solution: NormSolution,
    bound: float,
) -> NormAnswer:
    births = ground.points.births
    n = len(ground.candidates)
    covered = np.zeros(len(births), dtype=bool)
    covered[problem.row[problem.fixed[problem.col]]] = True
    before = covered.copy()
    per_place = []
    for site in solution.opened.tolist():
        mine = problem.demands(site)
        per_place.append(float(births[mine[~covered[mine]]].sum()))
        covered[mine] = True
    in_before, weight_before = float(births[before].sum()), float(problem.weight[before].sum())
    frontier = pd.DataFrame(
        {
            "places": np.arange(len(solution.opened) + 1),
            "births_in_reach": in_before + np.concatenate([[0.0], np.cumsum(per_place)]),
            "weight_in_reach": weight_before + np.concatenate([[0.0], np.cumsum(solution.gained)]),
            "weight_bound": most_with(problem, solution, bound),
        }
    )
    return NormAnswer(
        request=request,
        places=_places(engine, ground, request, solution, np.array(per_place, dtype=np.float64)),
        frontier=frontier,
        zones=_zones(engine, ground, before, covered),
        existing=problem.n_sites - n,
        births=float(births.sum()),
        in_reach_before=in_before,
        in_reach=float(births[covered].sum()),
        weight=solution.objective,
        bound=bound,
        fewest=fewest(frontier["weight_bound"].to_numpy(np.float64), solution.objective),
        problem=problem,
        solution=solution,
        analysis=ground.analysis,
    )


def _places(
    engine: Engine, ground: _NormGround, request: NormRequest, solution: NormSolution, gained: Floats
) -> pd.DataFrame:
    frame = ground.candidates.frame.iloc[solution.opened].reset_index(drop=True)
    names = engine.territory.zones(region().base, region().vintage)["zone_name"].to_numpy(object)
    xy = frame[["x", "y"]].to_numpy(np.float64)
    lonlat = to_lonlat(xy) if len(xy) else np.zeros((0, 2))
    load = solution.load[solution.opened]
    municipality = ground.municipality[solution.opened]
    table = pd.DataFrame(
        {
            "site_id": frame["id"].astype(str),
            "rank": np.arange(1, len(frame) + 1),
            "name": frame["name"].astype(str),
            "municipality": np.where(municipality >= 0, names[municipality], ""),
            "x": xy[:, 0].round(2),
            "y": xy[:, 1].round(2),
            "lat": lonlat[:, 1].round(6),
            "lon": lonlat[:, 0].round(6),
            "opened_by": np.where(solution.by_rule, "rule", "norm"),
            "births_given": load,
            "births_gained": gained,
            "meets_norm": load >= request.births * (1 - 1e-6),
        }
    )
    analysis = ground.analysis
    told = about_places(table, analysis.query, analysis.demand, analysis.facilities, table["site_id"])
    return told[list(NORM_COLUMNS)]


def _zones(engine: Engine, ground: _NormGround, before: Bools, after: Bools) -> pd.DataFrame:
    """Who stays out, by municipality, the most births out of reach first."""
    zones = engine.territory.zones(region().base, region().vintage)
    index = engine.snapshot.zone_index(region().base, region().vintage)
    in_zone = (ground.points.of_cell >= 0) & (index >= 0)
    births, point, zone = ground.analysis.demand.births[in_zone], ground.points.of_cell[in_zone], index[in_zone]

    def total(mark: Bools) -> Floats:
        return np.bincount(zone[mark[point]], weights=births[mark[point]], minlength=len(zones)).astype(np.float64)

    table = pd.DataFrame(
        {
            "zone_id": zones["zone_id"].to_numpy(object),
            "zone_name": zones["zone_name"].to_numpy(object),
            "births": total(np.ones(len(before), dtype=bool)),
            "births_out_before": total(~before),
            "births_out_after": total(~after),
        }
    )
    table = table[table["births"] > 0]
    return table.sort_values(["births_out_after", "zone_id"], ascending=[False, True], ignore_index=True)
