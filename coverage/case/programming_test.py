"""The programming test: does an area justify a place, by which criteria, how sure, where, and is there another way.

Formulas and sources: docs/method/justify.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from coverage.access.nearest_facilities import nearest
from coverage.analysis import Analysis, Engine
from coverage.case.barriers import between
from coverage.case.draws import WIDEST, CaseGround, DrawnFigures, draw
from coverage.case.judgement import Judged, Verdict, judge, judge_fact, verdict_of
from coverage.case.sites import (
    BEST,
    SITE_ID,
    Moves,
    Site,
    apart,
    best_sites,
    distance_to,
    given_site,
    moves,
    shared_addresses,
    with_provenance,
)
from coverage.case.thresholds import AskedThresholds, Thresholds, thresholds_of, without_detour
from coverage.core.minutes import metres_told
from coverage.core.query import Query, check_draws
from coverage.core.reach import coordinates, has_point, is_place, place_rows
from coverage.indicators.criterion import DRAWS
from coverage.indicators.sheet import trend
from coverage.indicators.strata_table import strata_of
from coverage.travel.models import DEFAULT_MODEL
from coverage.zones.areas import area_cells, area_shape
from coverage.zones.strata import DEPRIVATION
from coverage.zones.uncertainty import InputSpread, uncertain_cells
from i18n.messages import MessageError
from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service
from loaders.catalogue.threshold_presets import USUAL_PRESET
from loaders.catalogue.types import Bools, Floats


@dataclass(frozen=True, eq=False)
class ProgrammingTest:
    """An area held against the thresholds.

    Attributes
    ----------
    thresholds : what was asked
    verdict : ``justified``, ``not_justified`` or ``not_known``
    low, high : bounds of the probability that the place is justified; apart where a criterion is not known
    criteria : every criterion that is judged of this service, in order
    sites : the best single sites of the area (`loaders.catalogue.columns.CASE_SITE_COLUMNS`), at most three, half the
        reach or more from each other
    ranked : all candidates of the area, the best first (`coverage.case.sites.best_sites`)
    n_candidates : candidates that were all tried
    site : the one that was judged
    moves : ``id, name, births_lost, share``: existing places that could stand there instead, the best first; ``share``
        of the gain of a new one
    shared : ``id, service, name, births_in_reach``: addresses of other services in the area
    births, area_km2 : of the area
    births_gained : births that the site brings within reach; NaN where distances are not known
    trend : ``year, kind, value`` of the area, see `coverage.indicators.sheet.trend`
    draws, seed : how many draws, and where they start
    analysis : the situation as it is
    inside : (n_cells,) cells of the area
    """

    thresholds: Thresholds
    verdict: Verdict
    low: float
    high: float
    criteria: tuple[Judged, ...]
    sites: pd.DataFrame
    ranked: pd.DataFrame
    n_candidates: int
    site: Site
    moves: pd.DataFrame
    shared: pd.DataFrame
    births: float
    area_km2: float
    births_gained: float
    trend: pd.DataFrame
    draws: int
    seed: int
    analysis: Analysis
    inside: Bools

    @property
    def probability(self) -> float:
        """Share of the draws in which the place is justified; NaN where a criterion that counts is not known."""
        return self.low if self.low == self.high else float("nan")

    def criterion(self, name: str) -> Judged | None:
        """Return a criterion by its name; None where the service has none of that name."""
        return next((judged for judged in self.criteria if judged.name == name), None)


def programming_test(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    *,
    preset: str = USUAL_PRESET,
    asked: AskedThresholds | None = None,
    site_xy: tuple[float, float] | None = None,
    area: Any = None,
    draws: int = DRAWS,
    seed: int = 1,
    spread: InputSpread | None = None,
) -> ProgrammingTest:
    """Hold an area against the thresholds of a place.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : service, reach, travel model and demand; ``areas`` name the area unless ``area`` draws it
    facilities : the whole facility set, places of all services
    preset : thresholds by name (`loaders.catalogue.threshold_presets`)
    asked : thresholds of the user, in place of those of the preset
    site_xy : the site, metres; None for the best candidate of the area
    area : shapely polygon in metres, drawn by the user
    draws, seed, spread : random draws for the uncertainty, as for the probability of a gap

    Raises
    ------
    InputError
        when there is no area, it holds no births, a threshold cannot be used or a required one is not set
    """
    check_draws(draws, seed)
    if draws < 1:
        raise MessageError("error.question.draws_none")
    inside, shape = area_of(engine, query, area)
    analysis = engine.analyse(replace(query, areas=()), facilities)
    births = analysis.demand.births
    in_area = float(births[inside].sum())
    if not in_area > 0:
        raise MessageError("error.question.criterion_no_births")
    thresholds = thresholds_of(preset, analysis, asked)
    if not metres_told(query, analysis.details):
        thresholds = without_detour(thresholds)
    sites = best_sites(engine, analysis, inside)
    site = _best(sites) if site_xy is None else given_site(engine, analysis, site_xy)
    to_site = distance_to(engine, analysis, site, WIDEST * query.reach_m)
    everyone = _with_site(analysis, site)
    moved = moves(analysis, site, to_site)
    ground = _ground(engine, analysis, thresholds, inside, site, to_site, everyone, moved)
    drawn = draw(ground, draws, seed, spread or InputSpread())
    shared = shared_addresses(engine, analysis, facilities, shape)
    criteria = tuple(
        _criteria(engine, analysis, facilities, shape, thresholds, ground, drawn, site, moved, shared, draws)
    )
    verdict, low, high = verdict_of(criteria, thresholds.required, draws)
    gained = float(births[ground.gain].sum()) if ground.known else float("nan")
    return ProgrammingTest(
        thresholds=thresholds,
        verdict=verdict,
        low=low,
        high=high,
        criteria=criteria,
        sites=with_provenance(apart(sites, query.reach_m / 2, BEST).drop(columns="cell"), analysis),
        ranked=sites,
        n_candidates=len(sites),
        site=site,
        moves=_move_table(analysis, moved, gained),
        shared=shared,
        births=in_area,
        area_km2=float(shape.area) / 1e6,
        births_gained=gained,
        trend=trend(engine.territory, inside),
        draws=draws,
        seed=seed,
        analysis=analysis,
        inside=inside,
    )


def area_of(engine: Engine, query: Query, area: Any = None) -> tuple[Bools, Any]:
    """(n_cells,) cells of the area, and its shape.

    Raises
    ------
    InputError
        when there is no area, it is unknown, or what was drawn is empty, crosses itself or lies outside the data
    """
    if area is None:
        if not query.areas:
            raise MessageError("error.question.criterion_no_area")
        cells = area_cells(engine.territory, query.areas, query.vintage)
        return cells, area_shape(engine.territory, query.areas, query.vintage)
    if area.is_empty or not area.is_valid or area.area == 0:
        raise MessageError("error.question.criterion_drawn")
    xy = engine.snapshot.grid.xy
    inside = np.asarray(shapely.contains_xy(area, xy[:, 0], xy[:, 1]), dtype=bool)
    if not inside.any():
        raise MessageError("error.question.case_outside")
    return inside, area


def _best(sites: pd.DataFrame) -> Site:
    row = sites.iloc[0]
    return Site(float(row["x"]), float(row["y"]), str(row["name"]), int(row["cell"]))


def _with_site(analysis: Analysis, site: Site) -> Facilities:
    """Places of today with the site as the last."""
    row = {
        "id": SITE_ID,
        "service": analysis.query.service,
        "x": site.x,
        "y": site.y,
        "precision": "point",
        "physical": True,
        "status": "exists",
        "evidence": "user",
    }
    together = pd.concat([analysis.facilities.frame, facility_frame([row])], ignore_index=True)
    return replace(analysis.facilities, frame=together, scope=None, complete_for=())


def _ground(
    engine: Engine,
    analysis: Analysis,
    thresholds: Thresholds,
    inside: Bools,
    site: Site,
    to_site: Floats,
    everyone: Facilities,
    moved: Moves,
) -> CaseGround:
    """What the draws rest on."""
    reach = engine.reach(analysis.facilities, analysis.query)
    reach_m, grid = analysis.query.reach_m, engine.snapshot.grid
    known = not bool(np.isnan(analysis.distance_m[inside]).any()) and reach.known
    xy = coordinates(analysis.facilities.frame)
    place = int(analysis.nearest[site.cell]) if known else -1
    towards = np.array([site.x, site.y]) - xy[place] if place >= 0 else np.zeros(2)
    length = float(np.hypot(*towards))
    rows = place_rows(analysis.facilities)
    straight = None
    if len(rows) and analysis.query.model != DEFAULT_MODEL and metres_told(analysis.query, analysis.details):
        straight = np.zeros(len(grid))
        straight[inside] = nearest(grid.xy[inside], xy[rows], 1).distance_m[:, 0]
    return CaseGround(
        cells=uncertain_cells(engine.snapshot, analysis.demand, reach, everyone),
        inside=inside,
        to_site=to_site,
        straight=straight,
        fifth=_fifth(engine),
        gain=(to_site <= reach_m) & (analysis.distance_m > reach_m),
        lost=moved.lost,
        next_m=float(analysis.distance_m[site.cell]) if known else float("nan"),
        next_place=place,
        next_towards=towards / length if length else towards,
        within_m=reach_m,
        counted=thresholds.counted,
        known=known,
    )


def _fifth(engine: Engine) -> Floats | None:
    """(n_cells,) 1 in the most deprived fifth, NaN where deprivation is not known; None without an index."""
    if "sector_deprivation" not in engine.snapshot.resources:
        return None
    strata = strata_of(engine, DEPRIVATION)
    last = len(strata.names) - 1
    return np.where(strata.index == last, np.nan, (strata.index == 0).astype(np.float64))


def _criteria(
    engine: Engine,
    analysis: Analysis,
    everything: Facilities,
    shape: Any,
    thresholds: Thresholds,
    ground: CaseGround,
    drawn: DrawnFigures,
    site: Site,
    moved: Moves,
    shared: pd.DataFrame,
    draws: int,
) -> Iterator[Judged]:
    """Every criterion of the service, in order."""
    births = analysis.demand.births
    wanted = {name for group in thresholds.required for name in group}

    def judged(name: str, value: float, drawn_values: Floats | None, *, below: bool = False, **facts: object) -> Judged:
        source = thresholds.sources.get(name, "user")
        return judge(
            name, value, thresholds.of(name), drawn_values, required=name in wanted, source=source, below=below,
            facts=facts,
        )  # fmt: skip

    yield judged("births", _counted(analysis, thresholds, ground), _births_known(ground, thresholds, drawn))
    yield judged("distance", ground.next_m, drawn.distance_m, place=_name(analysis, ground.next_place))
    yield judged("barrier", _detour(ground, births), drawn.detour, between=_between(engine, analysis, ground, site))
    yield judged("deprivation", _deprivation(ground, births), drawn.deprivation)
    service = get_service(analysis.query.service)
    if service.area_covers:
        facts = _area_rule(engine, everything, service.area_covers, ground.inside, shape)
        holds = None if None in (facts["covers"], facts["within"]) else bool(facts["covers"] and facts["within"])
        if False in (facts["covers"], facts["within"]):
            holds = False
        yield judge_fact("article9", holds, draws, required="article9" in wanted, facts=facts)
    share, best = _best_move(analysis, ground, moved)
    names = [str(name) for name in shared["name"].head(3)]
    yield judged("alternative", share, drawn.moved, below=True, place=best, shared=names)
    per_hour = _births_per_hour(analysis, thresholds)
    served = _served(analysis, ground)
    hours = None if drawn.served is None or per_hour is None else drawn.served / per_hour
    yield judged("hours", served / (per_hour or np.nan), hours, births=served, births_per_hour=per_hour)


def _births_known(ground: CaseGround, thresholds: Thresholds, drawn: DrawnFigures) -> Floats | None:
    """Draws of the births that count; None where they depend on places that nobody knows the distance of."""
    return None if thresholds.counted == "only_here" and not ground.known else drawn.births


def _counted(analysis: Analysis, thresholds: Thresholds, ground: CaseGround) -> float:
    births, near = analysis.demand.births, ground.to_site <= ground.within_m
    if thresholds.counted == "area":
        return float(births[ground.inside].sum())
    if thresholds.counted == "in_reach":
        return float(births[near].sum())
    return float(births[near & ~(analysis.distance_m <= ground.within_m)].sum()) if ground.known else float("nan")


def _served(analysis: Analysis, ground: CaseGround) -> float:
    """Births that would have the site as their nearest place within reach."""
    if not ground.known:
        return float("nan")
    nearer = (ground.to_site <= ground.within_m) & (ground.to_site < analysis.distance_m)
    return float(analysis.demand.births[nearer].sum())


def _births_per_hour(analysis: Analysis, thresholds: Thresholds) -> float | None:
    """Births that an hour a year serves: of the user, else what the places with known hours do; None where unknown."""
    if thresholds.births_per_hour is not None:
        return thresholds.births_per_hour
    if analysis.load is None:
        return None
    known = np.isfinite(analysis.load.hours) & np.isfinite(analysis.load.births)
    hours, births = float(analysis.load.hours[known].sum()), float(analysis.load.births[known].sum())
    return births / hours if hours > 0 and births > 0 else None


def _detour(ground: CaseGround, births: Floats) -> float:
    if ground.straight is None or not ground.known:
        return float("nan")
    distance = np.full(len(births), np.inf)
    distance[ground.cells.cell] = ground.cells.distance_m
    rows = np.flatnonzero(ground.inside & np.isfinite(distance) & (births > 0))
    straight = float(ground.straight[rows] @ births[rows])
    return float(distance[rows] @ births[rows]) / straight if straight > 0 else float("nan")


def _deprivation(ground: CaseGround, births: Floats) -> float:
    if ground.fifth is None:
        return float("nan")
    rows = np.flatnonzero(ground.inside & ~np.isnan(ground.fifth))
    total = float(births[rows].sum())
    return float(ground.fifth[rows] @ births[rows]) / total if total > 0 else float("nan")


def _between(engine: Engine, analysis: Analysis, ground: CaseGround, site: Site) -> tuple[str, ...]:
    if ground.next_place < 0:
        return ()
    there = coordinates(analysis.facilities.frame)[ground.next_place]
    return between(engine.snapshot, np.array([site.x, site.y]), there)


def _best_move(analysis: Analysis, ground: CaseGround, moved: Moves) -> tuple[float, str]:
    """Share of the gain that the best move keeps, and the place that moves."""
    if not ground.known:
        return float("nan"), ""
    if not len(moved.place):
        return 0.0, ""
    gained = float(analysis.demand.births[ground.gain].sum())
    best = int(moved.births_lost.argmin())
    share = max(0.0, (gained - float(moved.births_lost[best])) / gained) if gained > 0 else 1.0
    return share, _name(analysis, int(moved.place[best]))


def _move_table(analysis: Analysis, moved: Moves, gained: float) -> pd.DataFrame:
    frame = analysis.facilities.frame
    share = (gained - moved.births_lost) / gained if gained > 0 else np.ones(len(moved.place))
    table = pd.DataFrame(
        {
            "id": frame["id"].to_numpy(object)[moved.place],
            "name": [_name(analysis, int(row)) for row in moved.place],
            "births_lost": moved.births_lost,
            "share": np.maximum(share, 0.0),
        }
    )
    return table.sort_values(["births_lost", "id"], ignore_index=True)


def _name(analysis: Analysis, row: int) -> str:
    """Name of a place, or its id; empty without one."""
    if row < 0:
        return ""
    place = analysis.facilities.frame.iloc[row]
    return str(place["name"]) if isinstance(place["name"], str) and place["name"] else str(place["id"])


def _area_rule(engine: Engine, everything: Facilities, covered: str, inside: Bools, shape: Any) -> dict[str, object]:
    """Article 9 for an area: whether a place of the covered service stands in it, all of it in one planning area.

    ``covers`` and ``within`` are None where facts are lacking. Planning areas are documented whole: who is in none of
    them while others are, lies outside.
    """
    return {
        "covers": _covers(engine, everything, covered, inside, shape),
        "service": covered,
        **_planning(engine, inside),
    }


def _covers(engine: Engine, everything: Facilities, covered: str, inside: Bools, shape: Any) -> bool | None:
    """Whether a place of a service stands in the area; None where one may, or where some may lack."""
    places = everything.of_service(covered)
    frame = places.frame[is_place(places.frame)]
    located = has_point(frame)
    if shapely.contains_xy(shape, *coordinates(frame)[located].T).any():
        return True
    smallest = engine.snapshot.zone_index(region().base, region().vintages.smallest)
    n, in_zone = len(engine.territory.smallest), smallest >= 0
    touched = np.bincount(smallest[in_zone & inside], minlength=n) > 0
    whole = touched & (np.bincount(smallest[in_zone & ~inside], minlength=n) == 0)
    possible = engine.territory.possible_smallest(frame[~located])
    somewhere = possible.any(axis=1)
    if (somewhere & ~(possible & ~whole).any(axis=1)).any():
        return True
    unsure = bool((possible & touched).any())
    return None if unsure or places.scope is not None or bool(everything.complete_for) else False


def _planning(engine: Engine, inside: Bools) -> dict[str, object]:
    planning = region().planning
    if not planning:
        return {"within": None, "regions": ()}
    zones = engine.snapshot.zones(planning, region().vintage)
    index = engine.snapshot.zone_index(planning, region().vintage)[inside]
    names = tuple(str(name) for name in zones["zone_name"].to_numpy(object)[np.unique(index[index >= 0])])
    if not names:
        return {"within": None, "regions": ()}
    return {"within": len(names) == 1 and bool((index >= 0).all()), "regions": names}
