"""What a needs analysis tells of an area: who lives there, what is offered, how it is reached, what overlaps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from coverage.analysis import Analysis, Engine
from coverage.core.minutes import with_minutes
from coverage.core.query import DEFAULT_WITHIN_M, Query, norm_within_m
from coverage.core.reach import is_place
from coverage.dossier.facts import MIN, AreaStanding, outflows, standing_of
from coverage.dossier.subject import Subject
from coverage.indicators.births.projection import YEARS_AHEAD, can_project, project
from coverage.indicators.strata_table import strata_of
from coverage.indicators.zone.sheet import trend
from coverage.indicators.zone.surroundings import indexes_of
from coverage.zones.areas import area_vintage
from coverage.zones.strata import BY
from i18n.errors import InputError
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import services
from loaders.catalogue.types import Bools, Floats

AGES = ("age0", "age1", "age2", "age3", "age4", "age5")
AROUND_M = 5_000.0
"""How far outside an area a place still counts as around it, in a straight line."""


@dataclass(frozen=True)
class AreaReach:
    """How an area reaches the places of a service by a mode, within the norm."""

    service: str
    mode: str
    within_m: float
    standing: AreaStanding


@dataclass(frozen=True)
class AreaForecast:
    """Births of the whole municipalities of an area in a year ahead; the intervals are added up, so they are wide."""

    year: int
    births: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class ProfileFacts:
    """All that a needs analysis tells.

    Attributes
    ----------
    subject : the area
    today : the answer to the question by the parts of the area
    drawn : the same by the smallest zones of the whole region, for a map
    whole : the first service on foot in the whole region
    reached : by service and mode, within the norm
    ages : ``year, age0 ... age5, population`` by year; empty where none are held
    trend : ``year, kind, value``
    ahead : births to come; empty where they cannot be forecast
    partly : whether the area cuts municipalities, so that what is known of these alone cannot be told
    households : ``year, households``; empty where none are held
    strata : ``by, stratum, births, share, out_of_reach``
    indexes : ``zone_name, deprived_births_share, education_index, median_income_eur, income_year`` by municipality
    incomes : births-weighted mean of the published median incomes of the sectors; NaN where none is held
    incomes_of_all : the same of the whole region
    offers : ``service, id, name, municipality, where, physical, status, hours_per_year, evidence``
    flows_out, flows_in : ``zone_name, births, share, mean_minutes``: where the nearest places are
    overlaps : ``level, zone_name, births, share_of_area, share_of_zone``
    uncovered : ``level, births``: births of the area that a level says nothing about
    """

    subject: Subject
    today: Analysis
    drawn: Analysis
    whole: AreaStanding
    reached: tuple[AreaReach, ...]
    ages: pd.DataFrame
    trend: pd.DataFrame
    ahead: tuple[AreaForecast, ...]
    partly: bool
    households: pd.DataFrame
    strata: pd.DataFrame
    indexes: pd.DataFrame
    incomes: float
    incomes_of_all: float
    offers: pd.DataFrame
    flows_out: pd.DataFrame
    flows_in: pd.DataFrame
    overlaps: pd.DataFrame
    uncovered: pd.DataFrame

    @property
    def births(self) -> float:
        """Births of the area."""
        return float(self.today.demand.births[self.subject.inside].sum())


def profile_of(engine: Engine, query: Query, facilities: Facilities, subject: Subject) -> ProfileFacts:
    """Work out a needs analysis.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : the question that maps, flows and strata are about; its areas are those of the subject
    facilities : the whole facility set, places of all services
    subject : the area
    """
    everywhere = engine.analyse(replace(subject.query(query, region().base), areas=()), facilities)
    whole = _whole_municipalities(engine, subject)
    strata = [_strata(engine, everywhere, subject, by) for by in BY]
    return ProfileFacts(
        subject=subject,
        today=engine.analyse(subject.query(query, subject.parts_level), facilities),
        drawn=engine.analyse(replace(subject.query(query, subject.map_level), areas=()), facilities),
        whole=standing_of(everywhere),
        reached=tuple(_reached(engine, query, facilities, subject)),
        ages=_ages(engine, subject),
        trend=trend(engine.territory, subject.inside),
        ahead=_ahead(engine, whole) if whole else (),
        partly=not whole,
        households=_households(engine, whole),
        strata=pd.concat(strata, ignore_index=True),
        indexes=_indexes(engine, whole),
        incomes=_income(engine, everywhere, subject.inside),
        incomes_of_all=_income(engine, everywhere, np.ones(len(subject.inside), dtype=bool)),
        offers=_offers(engine, facilities, subject),
        flows_out=with_minutes(
            outflows(engine, everywhere, subject).rename(columns={"to_zone_name": "zone_name"}), everywhere.query
        ),
        flows_in=with_minutes(_inflows(engine, everywhere, subject), everywhere.query),
        overlaps=_overlaps(engine, everywhere, subject),
        uncovered=_uncovered(engine, everywhere, subject),
    )


def _whole_municipalities(engine: Engine, subject: Subject) -> tuple[str, ...]:
    """Codes of the newest municipalities that together are the area; none where it cuts one of them."""
    ids = engine.territory.zone_ids(region().base, region().vintage)
    index = engine.snapshot.zone_index(region().base, region().vintage)
    in_zone = index >= 0
    cells = np.bincount(index[in_zone], minlength=len(ids))
    within = np.bincount(index[in_zone & subject.inside], minlength=len(ids))
    touched = within > 0
    return tuple(ids[touched]) if touched.any() and (within == cells)[touched].all() else ()


def _reached(engine: Engine, query: Query, facilities: Facilities, subject: Subject) -> list[AreaReach]:
    """Reach of every service by every mode, within its norm; a service that the set says nothing of is left out."""
    reached = []
    for service in services():
        for mode in DEFAULT_WITHIN_M:
            within = norm_within_m(service, mode)
            asked = replace(
                subject.query(query, region().base), service=service, mode=mode, within_m=within, minutes=(), areas=(),
                speed=None,
            )  # fmt: skip
            try:
                answer = engine.analyse(asked, facilities)
            except InputError:
                continue
            reached.append(AreaReach(service, mode, asked.reach_m, standing_of(answer, subject.inside, subject.shape)))
    return reached


def _shares(engine: Engine, subject: Subject, vintage: int) -> pd.Series[float]:
    """Share of the weight of every municipality of a vintage that lies in the area."""
    index = engine.snapshot.zone_index(region().base, vintage)
    ids = engine.territory.zone_ids(region().base, vintage)
    weight, in_zone = engine.snapshot.grid.weight, index >= 0
    whole = np.bincount(index[in_zone], weights=weight[in_zone], minlength=len(ids))
    cells = in_zone & subject.inside
    part = np.bincount(index[cells], weights=weight[cells], minlength=len(ids))
    return pd.Series(np.divide(part, whole, out=np.zeros(len(ids)), where=whole > 0), index=ids)


def _ages(engine: Engine, subject: Subject) -> pd.DataFrame:
    """Children by age and year; exact for unions of municipalities, else by the share of the weight."""
    columns = ["year", *AGES, "population"]
    if "ages" not in engine.snapshot.resources:
        return pd.DataFrame(columns=columns)
    table = engine.snapshot.table("ages")
    parts = []
    for vintage, rows in table.groupby("vintage"):
        share = rows["nis"].map(_shares(engine, subject, int(str(vintage)))).fillna(0.0).to_numpy(np.float64)
        counts = rows.reindex(columns=[*AGES, "population"]).to_numpy(np.float64) * share[:, None]
        told = pd.DataFrame(counts, columns=[*AGES, "population"]).assign(year=rows["year"].to_numpy(), vintage=vintage)
        parts.append(told.groupby(["year", "vintage"], as_index=False).sum(min_count=1))
    ages = pd.concat(parts, ignore_index=True).sort_values(["year", "vintage"])
    return ages.drop_duplicates("year", keep="first")[columns].reset_index(drop=True)


def _ahead(engine: Engine, municipalities: tuple[str, ...]) -> tuple[AreaForecast, ...]:
    if not can_project(engine.territory):
        return ()
    table = project(engine.territory, YEARS_AHEAD)
    sums = table[table["nis"].isin(municipalities)].groupby("year")[["births", "forecast_low", "forecast_high"]].sum()
    return tuple(
        AreaForecast(int(str(year)), float(row["births"]), float(row["forecast_low"]), float(row["forecast_high"]))
        for year, row in sums.iterrows()
    )


def _households(engine: Engine, municipalities: tuple[str, ...]) -> pd.DataFrame:
    if "households" not in engine.snapshot.resources or not municipalities:
        return pd.DataFrame(columns=["year", "households"])
    table = engine.snapshot.table("households")
    rows = table[table[region().newest_code].isin(municipalities)]
    told = pd.DataFrame(rows.groupby("year")["households"].sum()).reset_index()
    return told.sort_values("year", ignore_index=True)


def _strata(engine: Engine, everywhere: Analysis, subject: Subject, by: str) -> pd.DataFrame:
    """Births of the area by stratum, and those of them out of reach."""
    columns = ["by", "stratum", "births", "share", "out_of_reach"]
    try:
        strata = strata_of(engine, by)
    except InputError:
        return pd.DataFrame(columns=columns)
    cells = np.flatnonzero(subject.inside)
    births, distance = everywhere.demand.births[cells], everywhere.distance_m[cells]
    index, size = strata.index[cells], len(strata.names)
    total = np.bincount(index, weights=births, minlength=size)
    known = not np.isnan(distance[births > 0]).any()
    out = np.bincount(index, weights=np.where(distance > everywhere.query.reach_m, births, 0.0), minlength=size)
    told = pd.DataFrame(
        {
            "by": by,
            "stratum": list(strata.names),
            "births": total,
            "share": total / total.sum() if total.sum() else np.nan,
            "out_of_reach": out if known else np.nan,
        }
    )
    return told[told["births"] > 0].reset_index(drop=True)


def _indexes(engine: Engine, municipalities: tuple[str, ...]) -> pd.DataFrame:
    names = engine.territory.zones(region().base, region().vintage).set_index("zone_id")["zone_name"]
    rows = []
    for code in municipalities:
        indexes = indexes_of(engine.snapshot, code)
        if indexes is not None:
            rows.append({"zone_name": str(names[code]), **vars(indexes)})
    columns = ["zone_name", "deprived_births_share", "education_index", "median_income_eur", "income_year"]
    return pd.DataFrame(rows, columns=columns).sort_values("zone_name", ignore_index=True)


def _income(engine: Engine, everywhere: Analysis, inside: Bools) -> float:
    """Births-weighted mean of the median incomes, in euro, of the sectors of some cells; NaN where none is held."""
    points = region().points
    if "sector_income" not in engine.snapshot.resources or points not in region().levels:
        return float("nan")
    vintage = area_vintage(points, region().vintage)
    ids = engine.territory.zone_ids(points, vintage)
    table = engine.snapshot.table("sector_income").set_index("sector_id")["median_eur"]
    income = np.append(table.reindex(ids).to_numpy(np.float64), np.nan)
    births = everywhere.demand.births
    cells = np.flatnonzero(inside & (births > 0))
    values: Floats = income[engine.snapshot.zone_index(points, vintage)[cells]]
    known = np.isfinite(values)
    return float(np.average(values[known], weights=births[cells][known])) if known.any() else float("nan")


def _offers(engine: Engine, facilities: Facilities, subject: Subject) -> pd.DataFrame:
    """Places of every service in the area, and around it; those without a spot where their municipality lies in it."""
    frame = facilities.frame
    spot = frame[["x", "y"]].notna().all(axis=1).to_numpy(bool)
    xy = frame[["x", "y"]].to_numpy(np.float64)
    points = shapely.points(np.where(spot[:, None], xy, 0.0))
    away = np.where(spot, shapely.distance(points, subject.shape), np.inf)
    codes = [code for code in region().code_columns if code in frame]
    members = set(subject.municipalities)
    named = np.zeros(len(frame), dtype=bool)
    for code in codes:
        named |= frame[code].isin(members).to_numpy(bool)
    inside = np.where(spot, away == 0, named)
    near = inside | (away <= AROUND_M)
    names = engine.territory.zones(region().base, region().vintage).set_index("zone_id")["zone_name"]
    told = frame.assign(
        municipality=frame[region().newest_code].map(names).fillna(""),
        where=np.where(inside, "inside", "around"),
        away_m=np.where(spot, away, np.nan),
        place=is_place(frame),
    )[near]
    columns = ["service", "id", "name", "municipality", "where", "away_m", "place", "physical", "status"]
    columns += ["hours_per_year", "evidence"]
    order = {service: number for number, service in enumerate(services())}
    told = told.assign(order=told["service"].map(order), outside=told["where"] == "around")
    told = told.sort_values(["order", "outside", "away_m", "id"], kind="stable")
    return told[columns].reset_index(drop=True)


def _inflows(engine: Engine, everywhere: Analysis, subject: Subject) -> pd.DataFrame:
    """Municipalities outside the area whose families have their nearest place in it."""
    columns = ["zone_name", "births", "share", "mean_distance_m"]
    frame = everywhere.facilities.frame
    spot = frame[["x", "y"]].notna().all(axis=1).to_numpy(bool)
    xy = frame[["x", "y"]].to_numpy(np.float64)
    inside = np.zeros(len(frame) + 1, dtype=bool)
    inside[:-1][spot] = shapely.intersects_xy(subject.shape, xy[spot, 0], xy[spot, 1])
    births = everywhere.demand.births
    coming: Bools = ~subject.inside & inside[everywhere.nearest] & (everywhere.nearest >= 0) & (births > 0)
    cells = np.flatnonzero(coming)
    zones = engine.territory.zones(region().base, everywhere.query.held_vintage)
    index = everywhere.zone_index[cells]
    in_zone = index >= 0
    size = len(zones)
    total = np.bincount(index[in_zone], weights=births[cells][in_zone], minlength=size)
    way = np.bincount(index[in_zone], weights=(births[cells] * everywhere.distance_m[cells])[in_zone], minlength=size)
    rows = np.flatnonzero(total >= MIN)
    own = everywhere.all_zones["births"].to_numpy(np.float64)
    told = pd.DataFrame(
        {
            "zone_name": zones["zone_name"].to_numpy(object)[rows],
            "births": total[rows],
            "share": total[rows] / own[rows],
            "mean_distance_m": way[rows] / total[rows],
        },
        columns=columns,
    )
    told = with_minutes(told, everywhere.query, everywhere.details)
    return told.sort_values(["births", "zone_name"], ascending=[False, True], ignore_index=True)


def _levels(engine: Engine) -> list[tuple[str, int]]:
    """Divisions of the territory that an area may be cut by, with the year of their borders."""
    base = region().base
    return [
        (name, area_vintage(name, region().vintage))
        for name, level in region().levels.items()
        if level.territorial and name != base and name != region().whole and engine.snapshot.is_territorial(name)
    ]


def _overlaps(engine: Engine, everywhere: Analysis, subject: Subject) -> pd.DataFrame:
    """Zones of every other division in which part of the area lies, by births."""
    births, parts = everywhere.demand.births, []
    total = float(births[subject.inside].sum())
    for level, vintage in _levels(engine):
        zones = engine.territory.zones(level, vintage)
        index = engine.snapshot.zone_index(level, vintage)
        in_zone = index >= 0
        whole = np.bincount(index[in_zone], weights=births[in_zone], minlength=len(zones))
        part = np.bincount(
            index[in_zone & subject.inside], weights=births[in_zone & subject.inside], minlength=len(zones)
        )
        cells = np.bincount(index[in_zone & subject.inside], minlength=len(zones))
        rows = np.flatnonzero(part >= MIN if total else cells > 0)
        parts.append(
            pd.DataFrame(
                {
                    "level": level,
                    "zone_name": zones["zone_name"].to_numpy(object)[rows],
                    "births": part[rows],
                    "share_of_area": part[rows] / total if total else np.nan,
                    "share_of_zone": np.divide(part, whole, out=np.full(len(zones), np.nan), where=whole > 0)[rows],
                }
            ).sort_values(["births", "zone_name"], ascending=[False, True])
        )
    return pd.concat(parts, ignore_index=True)


def _uncovered(engine: Engine, everywhere: Analysis, subject: Subject) -> pd.DataFrame:
    """Births of the area that divisions which are documented in part say nothing about."""
    births, rows = everywhere.demand.births, []
    for level, vintage in _levels(engine):
        outside = subject.inside & (engine.snapshot.zone_index(level, vintage) < 0)
        left = float(births[outside].sum())
        if left >= MIN:
            rows.append({"level": level, "births": left})
    return pd.DataFrame(rows, columns=["level", "births"])
