"""Who is out of reach: the births of every zone by stratum, and how a burden falls on the most deprived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from coverage.access.concentration import (
    ConcentrationCurve,
    concentration_curve,
    concentration_index,
    foster_greer_thorbecke,
)
from coverage.analysis import Analysis, Engine
from coverage.core.minutes import with_minutes
from coverage.core.rows import add_words
from coverage.zones.areas import find_zone
from coverage.zones.strata import AREA_TYPE, DEPRIVATION, Strata
from coverage.zones.sums import BIRTHS_DECIMALS, ZoneSums, rank, summarise
from coverage.zones.uncovered import withhold
from loaders.catalogue.columns import STRATA_COLUMNS
from loaders.catalogue.types import Bools, Floats


def strata_of(engine: Engine, by: str) -> Strata:
    """Strata of the snapshot of an engine, made once; fifths hold a fifth of the births of the newest year."""
    return engine.strata(by)


def by_stratum(engine: Engine, analysis: Analysis, strata: Strata) -> ZoneSums:
    """Sums of every zone and stratum; arrays are ((n_zones + 1) * n_strata + 1,), zone by zone, the remainder last."""
    k, n = len(strata.names), len(engine.territory.zone_ids(analysis.query.level, analysis.query.held_vintage))
    index = (np.where(analysis.zone_index < 0, n, analysis.zone_index).astype(np.int64) * k + strata.index).astype(
        np.int32
    )
    reach = engine.reach(analysis.facilities, analysis.query)
    ranked = rank(analysis.demand, reach)
    return withhold(summarise(ranked, index, (n + 1) * k, analysis.query.reach_m), reach, analysis.demand, index)


def strata_table(engine: Engine, analysis: Analysis, by: str) -> pd.DataFrame:
    """One row per zone of an answer and stratum, the zones in the order of its table.

    Parameters
    ----------
    engine : the one that gave the answer
    analysis : the answer
    by : one of `coverage.zones.strata.BY`

    Returns
    -------
    pandas.DataFrame
        `loaders.catalogue.columns.STRATA_COLUMNS`. Births, reach and distances are those of the stratum in the zone,
        and add up to those of the zone; ``share_of_births`` is its part of the births of the zone and
        ``share_of_out_of_reach`` its part of those out of reach. Places, label and flags are those of the zone;
        ``births_per_facility`` is empty, for a place does not serve one stratum alone. Births of a stratum are
        estimated, and flagged so

    Raises
    ------
    InputError
        when ``by`` is unknown, or the snapshot does not hold what it needs
    ConservationError
        when the births of the strata do not add up to all births
    """
    strata = strata_of(engine, by)
    sums, k = by_stratum(engine, analysis, strata), len(strata.names)
    table = analysis.table
    zone = pd.Index(analysis.all_zones["zone_id"]).get_indexer(pd.Index(table["zone_id"]))
    at = (zone[:, None] * k + np.arange(k)).ravel()
    rows = table.loc[table.index.repeat(k)].reset_index(drop=True)
    births, in_reach = sums.births[at], sums.in_reach[at]
    out = (births - in_reach).round(BIRTHS_DECIMALS)
    told = rows.assign(
        by=by,
        stratum=pd.Series(list(strata.names) * len(table), dtype="str"),
        share_of_births=_parts(births, rows["births"].to_numpy(np.float64)),
        share_of_out_of_reach=_parts(out, rows["births_out_of_reach"].to_numpy(np.float64)),
        births=births,
        births_per_facility=np.nan,
        births_in_reach=in_reach,
        share_in_reach=_parts(in_reach, births),
        births_out_of_reach=out,
        mean_distance_m=sums.mean_m[at],
        median_distance_m=sums.median_m[at],
        p90_distance_m=sums.p90_m[at],
    )
    if by == AREA_TYPE:
        told["area_type"] = told["stratum"].where(told["stratum"] != strata.names[-1])
    told = with_minutes(told, analysis.query, analysis.details)
    everyone = np.isclose(told["share_of_births"].to_numpy(np.float64), 1.0, rtol=0, atol=1e-12)
    shared = (births > 0) & ~everyone
    return told.assign(flags=add_words(told["flags"], {"births_estimated": shared}))[list(STRATA_COLUMNS)]


def _parts(part: Floats, whole: Floats) -> Floats:
    """Share of a whole; NaN where the whole is nothing or not known."""
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0), dtype=np.float64)


@dataclass(frozen=True)
class StratumTotal:
    """One stratum of the area asked about.

    Attributes
    ----------
    stratum : its word
    births : births in it
    out_of_reach : of these out of reach; NaN where distances are not known
    mean_m : births-weighted mean distance; NaN where some cannot travel it
    """

    stratum: str
    births: float
    out_of_reach: float
    mean_m: float


@dataclass(frozen=True)
class Burden:
    """How being out of reach is divided in the area asked about.

    Attributes
    ----------
    by : what it is divided by
    strata : the totals of every stratum with births, in order
    births, out_of_reach : of all of them
    concentration_out : concentration index of being out of reach by deprivation, the most deprived first: below 0 it
        falls more on the deprived. NaN where it is not by deprivation, distances are not known, or all whose
        deprivation is known live in surroundings that are alike
    concentration_distance : the same of the distance
    ranked : births whose deprivation is known, on which the two rest
    fgt : FGT of the distance beyond reach for α = 0, 1 and 2
    """

    by: str
    strata: tuple[StratumTotal, ...]
    births: float
    out_of_reach: float
    concentration_out: float
    concentration_distance: float
    ranked: float
    fgt: tuple[float, float, float]


def burden(engine: Engine, analysis: Analysis, by: str) -> Burden:
    """Who bears it, over all zones of the table of an answer together."""
    return _burden(engine, analysis, by, cells_of_table(analysis))


def burden_of_zone(engine: Engine, analysis: Analysis, by: str, zone_id: str) -> Burden:
    """Who bears it in one zone of an answer; ranks are among the births of that zone."""
    query = analysis.query
    zones = engine.territory.zones(query.level, query.held_vintage)
    number = find_zone(zones, query.level, zone_id, query.held_vintage)
    return _burden(engine, analysis, by, np.asarray(analysis.zone_index == number, dtype=bool))


def deprivation_curve(engine: Engine, analysis: Analysis) -> ConcentrationCurve | None:
    """Part of those out of reach that the most deprived births are, over all zones of the table together.

    Births whose deprivation is not known are left out, as in `Burden.concentration_out`. None where nobody is out of
    reach, distances are not known, or all live in surroundings that are alike.
    """
    strata = strata_of(engine, DEPRIVATION)
    births, distance = np.where(cells_of_table(analysis), analysis.demand.births, 0.0), analysis.distance_m
    if strata.score is None or np.isnan(distance[births > 0]).any():
        return None
    ranked = np.where(np.isfinite(strata.score), births, 0.0)
    order = -np.nan_to_num(strata.score)
    if len(np.unique(order[ranked > 0])) < 2:
        return None
    return concentration_curve(distance > analysis.query.reach_m, ranked, order)


def _burden(engine: Engine, analysis: Analysis, by: str, inside: Bools) -> Burden:
    strata = strata_of(engine, by)
    births, distance = np.where(inside, analysis.demand.births, 0.0), analysis.distance_m
    known = not np.isnan(distance[births > 0]).any()
    out = np.where(distance > analysis.query.reach_m, births, 0.0)
    k = len(strata.names)
    total = np.bincount(strata.index, weights=births, minlength=k)
    beyond = np.bincount(strata.index, weights=out, minlength=k).astype(np.float64)
    finite = np.where(births > 0, distance, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        metres = births * np.where(np.isfinite(finite), finite, np.nan)
        mean = np.bincount(strata.index, weights=metres, minlength=k).astype(np.float64) / total
    if not known:
        beyond = np.full(k, np.nan)
    ranked = np.zeros(len(births)) if strata.score is None else np.where(np.isfinite(strata.score), births, 0.0)
    order = np.zeros(len(births)) if strata.score is None else -np.nan_to_num(strata.score)
    unequal = known and len(np.unique(order[ranked > 0])) > 1  # who are all alike have no order
    travels = unequal and bool(np.isfinite(distance[ranked > 0]).all())
    return Burden(
        by=by,
        strata=tuple(
            StratumTotal(name, float(total[i]), float(beyond[i]), float(mean[i]))
            for i, name in enumerate(strata.names)
            if total[i] > 0
        ),
        births=float(births.sum()),
        out_of_reach=float(out.sum()) if known else float("nan"),
        concentration_out=concentration_index(distance > analysis.query.reach_m, ranked, order)
        if unequal
        else float("nan"),
        concentration_distance=concentration_index(np.where(ranked > 0, distance, 0.0), ranked, order)
        if travels
        else float("nan"),
        ranked=float(ranked.sum()),
        fgt=tuple(foster_greer_thorbecke(distance, births, analysis.query.reach_m, alpha) for alpha in (0, 1, 2)),  # type: ignore[arg-type]  # three
    )


def cells_of_table(analysis: Analysis) -> Bools:
    """(n_cells,) cells of the zones in the table."""
    if not analysis.query.areas:
        return np.ones(len(analysis.zone_index), dtype=bool)
    kept = np.zeros(len(analysis.all_zones) + 1, dtype=bool)
    kept[pd.Index(analysis.all_zones["zone_id"]).get_indexer(pd.Index(analysis.table["zone_id"]))] = True
    return np.asarray(kept[analysis.zone_index], dtype=bool)
