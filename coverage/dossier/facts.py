"""An area today and after a change: what a dossier tells, worked out once for all its pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from coverage.analysis import Analysis, Engine
from coverage.case import AskedThresholds, PlanTests, ProgrammingTest, Thresholds, judge_plan, programming_test
from coverage.case.sites import apart, best_sites, with_provenance
from coverage.core.query import Query
from coverage.core.reach import is_place
from coverage.dossier.subject import Subject
from coverage.indicators.comparison import Comparison, compare
from coverage.indicators.zone.flows import flows
from coverage.indicators.zone.sheet import trend
from coverage.siting.planning.proposal import add_places
from coverage.zones.sums import fixed_point, weighted_quantiles
from i18n.errors import InputError
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.threshold_presets import USUAL_PRESET, get_preset
from loaders.catalogue.types import Bools, Floats

DRAWS = 200
"""Draws for the probability of a gap, as on the screen."""
ALTERNATIVES = 5
MIN = 0.5
"""Births from which a change is told: fewer would read as none."""


@dataclass(frozen=True)
class AreaStanding:
    """Births and reach of an area; NaN where distances are not known."""

    births: float
    in_reach: float
    mean_m: float
    p90_m: float
    n_places: int | None

    @property
    def out_of_reach(self) -> float:
        """Births out of reach."""
        return self.births - self.in_reach

    @property
    def share(self) -> float:
        """Share of the births within reach; NaN without births."""
        return self.in_reach / self.births if self.births > 0 else float("nan")


@dataclass(frozen=True, eq=False)
class Change:
    """What a plan or a new place does.

    Attributes
    ----------
    kind : ``site`` for the best new place of the area, ``plan`` for the edits of a plan
    after : the answer with it, by the level of ``parts``
    drawn : the same by the smallest zones of the whole region, for a map
    facilities : the places with it
    standing : of the area
    parts : the parts of the area (`columns.COMPARISON_COLUMNS`)
    neighbours : municipalities outside it that gain or lose, the largest change first
    places : places of either side whose nearest births change (`Comparison.places`)
    gained, lost, gained_elsewhere, lost_elsewhere : births told cell by cell
    """

    kind: str
    after: Analysis
    drawn: Analysis
    facilities: Facilities
    standing: AreaStanding
    parts: pd.DataFrame
    neighbours: pd.DataFrame
    places: pd.DataFrame
    gained: float
    lost: float
    gained_elsewhere: float
    lost_elsewhere: float


@dataclass(frozen=True, eq=False)
class DossierFacts:
    """All that a dossier tells of an area.

    Attributes
    ----------
    subject : the area
    today : the answer to the question by the parts of the area
    facilities : the whole facility set
    standing : of the area today
    whole : of the whole region
    gap : label of the area today; None where it cannot be judged
    reasons : words of `reasons` that hold for it
    probability : share of the draws in which the area stays below the threshold; NaN for more than one zone
    outflows : ``to_zone_name, births, share, mean_distance_m``: municipalities where the nearest place of others stands
    trend : ``year, kind, value``, see `coverage.indicators.zone.sheet.trend`
    sites : best single sites (`coverage.case.sites.CASE_SITE_COLUMNS`), apart from each other
    n_candidates : candidates that were all tried
    test : the programming test; None where it cannot be made, ``no_test`` says why
    planned : of a plan the tests of its new places, the first of which is ``test``; None of the best new place
    change : what is decided about; None where no change helps
    drawn : today by the smallest zones of the whole region, for a map
    """

    subject: Subject
    today: Analysis
    drawn: Analysis
    facilities: Facilities
    standing: AreaStanding
    whole: AreaStanding
    gap: bool | None
    reasons: tuple[str, ...]
    probability: float
    outflows: pd.DataFrame
    trend: pd.DataFrame
    sites: pd.DataFrame
    n_candidates: int
    test: ProgrammingTest | None
    no_test: InputError | None
    planned: PlanTests | None
    change: Change | None


@dataclass(frozen=True, eq=False)
class Alternative:
    """Another state of the places, such as that of a plan: its question and its places.

    ``present`` are the places that it starts from, by which its new ones are known.
    """

    query: Query
    facilities: Facilities
    present: Facilities


def gather(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    subject: Subject,
    plan: Alternative | None = None,
    preset: str | None = None,
    asked: AskedThresholds | None = None,
) -> DossierFacts:
    """Work out a dossier.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : the question; its areas are those of the subject
    facilities : the places today (or those that a plan is held against)
    subject : the area
    plan : the places that are decided about; None for the best new place of the area
    preset, asked : thresholds of the programming test, None for the usual ones; and those of the user beside them
    """
    everywhere = engine.analyse(replace(subject.query(query, region().base), areas=()), facilities)
    today = engine.analyse(subject.query(query, subject.parts_level), facilities)
    standing = standing_of(everywhere, subject.inside, subject.shape)
    gap, reasons, probability = _label(engine, query, facilities, subject, standing)
    planned, test, no_test = _test(engine, query, facilities, subject, plan, (preset or USUAL_PRESET, asked))
    ranked = test.ranked if test is not None and plan is None else None
    sites, tried = _sites(engine, everywhere, subject.inside, ranked)
    change: Change | None
    if plan is not None:
        change = _change(engine, subject, "plan", everywhere, today, (plan.query, plan.facilities))
    else:
        change = _best(engine, subject, everywhere, today, facilities, sites)
    return DossierFacts(
        subject=subject,
        today=today,
        drawn=_for_map(engine, subject, query, facilities),
        facilities=facilities,
        standing=standing,
        whole=standing_of(everywhere),
        gap=gap,
        reasons=reasons,
        probability=probability,
        outflows=outflows(engine, everywhere, subject),
        trend=trend(engine.territory, subject.inside) if test is None else test.trend,
        sites=sites,
        n_candidates=tried,
        test=test,
        no_test=no_test,
        planned=planned,
        change=change,
    )


def _for_map(engine: Engine, subject: Subject, query: Query, facilities: Facilities) -> Analysis:
    return engine.analyse(replace(subject.query(query, subject.map_level), areas=()), facilities)


def standing_of(analysis: Analysis, inside: Bools | None = None, shape: Any = None) -> AreaStanding:
    """Births and reach of an area in an answer.

    Parameters
    ----------
    analysis : the answer
    inside : (n_cells,) its inhabited cells; None for the whole region, whose 90 % distance is left out
    shape : its outline in metres
    """
    cells = np.flatnonzero((analysis.demand.births > 0) & (True if inside is None else inside))
    births, distance = analysis.demand.births[cells], analysis.distance_m[cells]
    total, none = float(births.sum()), float("nan")
    n = _places_inside(analysis, shape)
    if np.isnan(distance).any():
        return AreaStanding(total, none, none, none, n)
    known = np.isfinite(distance)
    some = bool(known.any())
    return AreaStanding(
        births=total,
        in_reach=float(births[distance <= analysis.query.reach_m].sum()),
        mean_m=float(np.average(distance[known], weights=births[known])) if some else none,
        p90_m=_p90(distance[known], births[known]) if some and inside is not None else none,
        n_places=n,
    )


def _places_inside(analysis: Analysis, shape: Any) -> int | None:
    """Places that families can walk in and that stand in an area; None where it is not known where places are."""
    every, frame = analysis.facilities.frame, analysis.facilities.reachable()
    if (is_place(every) & every["x"].isna()).any():
        return None
    if shape is None or frame.empty:
        return len(frame)
    xy = frame[["x", "y"]].to_numpy(np.float64)
    return int(shapely.intersects_xy(shape, xy[:, 0], xy[:, 1]).sum())


def _p90(distance: Floats, births: Floats) -> float:
    """Distance that nine births in ten live within."""
    order = np.argsort(distance, kind="stable")
    one = np.zeros(len(order), dtype=np.uint16)
    return float(weighted_quantiles(one, fixed_point(births[order]), distance[order], 1)["p90"][0])


def _label(
    engine: Engine, query: Query, facilities: Facilities, subject: Subject, standing: AreaStanding
) -> tuple[bool | None, tuple[str, ...], float]:
    """Gap, reasons and probability of one zone; of several the threshold alone decides, and no draws are made."""
    if subject.single:
        draws = DRAWS if np.isfinite(standing.share) else 0
        row = engine.analyse(replace(subject.query(query), draws=draws), facilities).table.iloc[0]
        gap = None if pd.isna(row["gap"]) else bool(row["gap"])
        chance = row["gap_probability"]
        reasons = tuple(word for word in str(row["gap_reasons"] or "").split(";") if word and word != "nan")
        return gap, reasons, float(chance) if pd.notna(chance) else float("nan")
    if np.isnan(standing.share):
        return None, (), float("nan")
    short = standing.share < query.min_share
    return short, ("beyond_reach",) if short else (), float("nan")


def _sites(
    engine: Engine, everywhere: Analysis, inside: Bools, ranked: pd.DataFrame | None
) -> tuple[pd.DataFrame, int]:
    """Best single sites of the area that stand apart, and how many were tried; none where nobody lives there."""
    if not everywhere.demand.births[inside].sum() > 0:
        return pd.DataFrame(), 0
    ranked = best_sites(engine, everywhere, inside) if ranked is None else ranked
    return apart(ranked, everywhere.query.reach_m / 2, ALTERNATIVES), len(ranked)


def _test(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    subject: Subject,
    plan: Alternative | None,
    judged: tuple[str, AskedThresholds | None],
) -> tuple[PlanTests | None, ProgrammingTest | None, InputError | None]:
    """Return the programming test of the area, or those of a plan; or why there is none."""
    level, (preset, asked) = region().base, judged
    get_preset(preset)  # what a user typed wrong is no reason why a test cannot be made
    Thresholds(births=np.nan if asked is None or asked.births is None else asked.births)
    try:
        if plan is None:
            return (
                None,
                programming_test(engine, subject.query(query, level), facilities, preset=preset, asked=asked),
                None,
            )
        then = subject.query(plan.query, level)
        planned = judge_plan(engine, then, plan.present, plan.facilities, preset=preset, asked=asked)
    except InputError as error:
        return None, None, error
    return planned, planned.tests[0][1], None


def _best(
    engine: Engine,
    subject: Subject,
    everywhere: Analysis,
    today: Analysis,
    facilities: Facilities,
    sites: pd.DataFrame,
) -> Change | None:
    """Build the change by the best new place; None where it brings no births within reach."""
    if sites.empty or not float(sites["births_gained"].fillna(0.0).iloc[0]) >= MIN:
        return None
    query = everywhere.query
    first = with_provenance(sites.head(1), everywhere).assign(rank=1)
    with_it = add_places(facilities, first, query.service)
    return _change(engine, subject, "site", everywhere, today, (query, with_it))


def _change(
    engine: Engine,
    subject: Subject,
    kind: str,
    everywhere: Analysis,
    today: Analysis,
    then: tuple[Query, Facilities],
) -> Change:
    after = engine.analyse(subject.query(then[0], subject.parts_level), then[1])
    parts = compare(engine, today, after)
    whole_after = engine.analyse(replace(subject.query(then[0], region().base), areas=()), then[1])
    whole = compare(engine, everywhere, whole_after)
    totals = parts.totals
    return Change(
        kind=kind,
        after=after,
        drawn=_for_map(engine, subject, then[0], then[1]),
        facilities=then[1],
        standing=standing_of(whole_after, subject.inside, subject.shape),
        parts=parts.zones,
        neighbours=_neighbours(whole, subject),
        places=_moved(whole),
        gained=totals.gained,
        lost=totals.lost,
        gained_elsewhere=totals.gained_elsewhere,
        lost_elsewhere=totals.lost_elsewhere,
    )


def _neighbours(whole: Comparison, subject: Subject) -> pd.DataFrame:
    table = whole.zones
    inner = set(subject.municipalities) | {zone for level, zone in subject.areas if level == region().base}
    table = table.assign(size=table["births_gained"].fillna(0.0) + table["births_lost"].fillna(0.0))
    rows = table[~table["zone_id"].isin(inner) & (table["size"] >= MIN)]
    return rows.sort_values(["size", "zone_id"], ascending=[False, True], kind="stable").drop(columns="size")


def _moved(whole: Comparison) -> pd.DataFrame:
    """Places whose nearest births change, the largest change first."""
    places = whole.places
    places = places.assign(size=(places["births_nearest_after"] - places["births_nearest_before"]).abs())
    rows = places[(places["size"] >= MIN) | (places["status"] != "same")]
    return rows.sort_values(["size", "id"], ascending=[False, True], kind="stable", ignore_index=True)


def outflows(engine: Engine, everywhere: Analysis, subject: Subject) -> pd.DataFrame:
    """Municipalities where the nearest place of families of the area stands, their own left out."""
    if np.isnan(everywhere.distance_m[subject.inside]).any():
        return pd.DataFrame(columns=["to_zone_name", "births", "share", "mean_distance_m"])
    codes = [zone for level, zone in subject.areas if level == region().base] or list(subject.municipalities)
    tables = [flows(engine.snapshot, everywhere, zone) for zone in codes]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if table.empty:
        return pd.DataFrame(columns=["to_zone_name", "births", "share", "mean_distance_m"])
    table = table[~table["to_zone_id"].isin(codes)]
    weighted = table.assign(travelled=table["births"] * table["mean_distance_m"])
    by_zone = weighted.groupby(["to_zone_id", "to_zone_name"], as_index=False)[["births", "travelled"]].sum()
    total = float(everywhere.demand.births[subject.inside].sum())
    by_zone = by_zone[by_zone["births"] >= MIN]
    told = by_zone.assign(
        share=by_zone["births"] / total if total else np.nan, mean_distance_m=by_zone["travelled"] / by_zone["births"]
    )
    return told.sort_values(["births", "to_zone_id"], ascending=[False, True], ignore_index=True)
