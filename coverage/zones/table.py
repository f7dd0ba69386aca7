"""The zone table: one row per zone with every column of `loaders.catalogue.columns.RESULT_COLUMNS`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.demand import Demand
from coverage.core.minutes import with_minutes
from coverage.core.query import Query
from coverage.core.reach import Reach, is_place
from coverage.core.rows import stale
from coverage.zones.capacity import Load, over_capacity
from coverage.zones.reasons import (
    Presence,
    ReasonGround,
    Reasons,
    Verdict,
    beyond_reach,
    covers_any,
    join_words,
    presence,
    territorial_reasons,
)
from coverage.zones.sums import BIRTHS_DECIMALS, ZoneSums
from coverage.zones.territory import Territory
from coverage.zones.uncertainty import Certainty
from coverage.zones.uncovered import withhold, zones_marked
from i18n.texts import text
from loaders.catalogue.columns import FLAGS, RESULT_COLUMNS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE, get_level
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import BEYOND_REACH, OVER_CAPACITY, gap_reasons, get_service
from loaders.catalogue.types import Bools

BORDER_FLAGS = ("approximate_borders", "membership_not_stated", "newer_borders")
"""Flags that stand on the zones of the snapshot."""

EVEN = 0.5
"""Probability at which a label says as much as its opposite."""

PLACE_FLAGS = ("count_is_minimum", "physical_assumed", "serves_in_part", "snapped_to_municipality")
"""Flags that stand on places and that the zone they lie in takes over."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """All that a zone table is made of: the question, births, distances and places.

    Attributes
    ----------
    query : the question
    demand : births of every cell
    reach : distances of every cell
    sums : births and distances by zone, the remainder last
    everything : the whole facility set (a reason may be about another service)
    facilities : its rows of the service asked about
    located : (n_facilities,) zone of those rows at the level asked about
    certainty : how often zones are beyond reach in random draws; None leaves the probability empty
    load : births of the places against their hours; None where no hours are known
    """

    query: Query
    demand: Demand
    reach: Reach
    sums: ZoneSums
    everything: Facilities
    facilities: Facilities
    located: npt.NDArray[np.intp]
    certainty: Certainty | None = None
    load: Load | None = None


def zone_table(territory: Territory, inputs: Inputs) -> pd.DataFrame:
    """Table of all zones of the level in zone order, then the remainder that no zone holds, if any.

    Raises
    ------
    ConservationError
        when the births of all rows do not add up to the published total
    """
    query, vintage = inputs.query, inputs.query.held_vintage
    zones = territory.zones(query.level, vintage)
    n = len(zones)
    index = territory.snapshot.zone_index(query.level, vintage)
    sums = withhold(inputs.sums, inputs.reach, inputs.demand, index)
    here = presence(territory, inputs.facilities, query.service, inputs.located, query.level, vintage)
    reasons, partly_served = _reasons(territory, inputs, sums, here)
    flags = _flags(territory, inputs, sums, here, partly_served)
    flags["capacity_unknown"] = np.append(_hours_missing(reasons, sums), False)
    gap, probability = reasons.gap(n), _probability(inputs, reasons, n)
    flags["label_disagrees"] = np.append(_disagrees(gap, probability), False)

    table = _figures(
        sums, np.append(here.count, _outside(inputs)), np.append(here.known, inputs.facilities.scope is None)
    )
    table["zone_id"] = [*zones["zone_id"], NOT_KNOWN_HERE]
    table["zone_name"] = [*zones["zone_name"], _remainder_name(query.level)]
    table["gap"] = pd.concat([gap, pd.Series([pd.NA], dtype="boolean")], ignore_index=True)
    table["gap_reasons"] = [*reasons.words(n), ""]
    table["flags"] = join_words({flag: flags[flag] for flag in FLAGS if flag in flags}, n + 1)
    table = table.assign(
        level=query.level,
        vintage=pd.array([vintage] * (n + 1), dtype="Int64"),
        births_kind=inputs.demand.kind,
        births_year=pd.array([inputs.demand.year] * (n + 1), dtype="Int64"),
        gap_probability=np.append(probability, np.nan),
        area_type=pd.Series(territory.area_types(query.level, vintage), dtype="str"),
        evidence=inputs.everything.evidence,
    )
    table = with_minutes(table, query, inputs.reach.details)[list(RESULT_COLUMNS)]
    has_remainder = sums.births[-1] > 0 or bool((index < 0).any())
    return table if has_remainder else table.iloc[:-1].copy()


def _figures(sums: ZoneSums, count: npt.NDArray[np.int64], known: Bools) -> pd.DataFrame:
    """Build the numeric columns; arrays are (n_zones + 1,), the remainder last."""
    births = sums.births
    any_births = births > 0
    nothing = np.full(len(births), np.nan)
    return pd.DataFrame(
        {
            "births": births,
            "n_facilities": pd.arrays.IntegerArray(count.astype(np.int64), ~known),
            "births_per_facility": np.divide(births, count, out=nothing.copy(), where=known & (count > 0)),
            "births_in_reach": sums.in_reach,
            "share_in_reach": np.divide(sums.in_reach, births, out=nothing.copy(), where=any_births),
            "births_out_of_reach": (births - sums.in_reach).round(BIRTHS_DECIMALS),
            "mean_distance_m": sums.mean_m,
            "median_distance_m": sums.median_m,
            "p90_distance_m": sums.p90_m,
        }
    )


def _reasons(territory: Territory, inputs: Inputs, sums: ZoneSums, present: Presence) -> tuple[Reasons, Bools]:
    """Reasons that apply at this level, and where a partnership serves only part of a merged municipality."""
    query = inputs.query
    verdicts: dict[str, Verdict] = {BEYOND_REACH: beyond_reach(sums.births[:-1], sums.in_reach[:-1], query.min_share)}
    partly = np.zeros(len(present.count), dtype=bool)
    if territory.snapshot.is_territorial(query.level):
        ground = ReasonGround(territory, inputs.everything, query.service, query.level, query.held_vintage, present)
        verdicts.update(territorial_reasons(ground))
        if get_service(query.service).partnerships:
            partly = ground.partly_served
    if inputs.load is not None:
        index = territory.snapshot.zone_index(query.level, query.held_vintage)
        verdicts[OVER_CAPACITY] = over_capacity(
            inputs.load, inputs.demand, inputs.reach, index, len(present.count), query.reach_m
        )
    ordered = {name: verdicts[name] for name in gap_reasons() if name in verdicts}
    return Reasons(ordered), partly & (query.level == region().base)


def _hours_missing(reasons: Reasons, sums: ZoneSums) -> Bools:
    """(n_zones,) hours are known of some places, but not of those that settle whether a zone has enough."""
    verdict = reasons.verdicts.get(OVER_CAPACITY)
    in_reach = np.nan_to_num(sums.in_reach[:-1]) > 0
    return in_reach & ~verdict.judged if verdict else np.zeros(len(in_reach), dtype=bool)


def _probability(inputs: Inputs, reasons: Reasons, n_zones: int) -> npt.NDArray[np.float64]:
    """(n_zones,) share of the draws in which the label holds; NaN where the label is unknown or without draws.

    Reasons that lie in the territory are facts: they hold in every draw.
    """
    empty = np.full(n_zones, np.nan)
    if not inputs.query.draws:
        return empty
    beyond = empty if inputs.certainty is None else inputs.certainty.probability
    facts = np.zeros(n_zones, dtype=bool)
    for name, verdict in reasons.verdicts.items():
        facts |= verdict.holds & (name != BEYOND_REACH)
    known = reasons.gap(n_zones).notna().to_numpy(bool)
    return np.where(facts, 1.0, np.where(known, beyond, np.nan))


def _disagrees(gap: pd.Series, probability: npt.NDArray[np.float64]) -> Bools:
    """(n_zones,) the label says one thing and more than half of the draws the other."""
    label = gap.astype("Float64").to_numpy(np.float64, na_value=np.nan)
    return np.asarray(((label == 1) & (probability < EVEN)) | ((label == 0) & (probability > EVEN)), dtype=bool)


def _flags(
    territory: Territory, inputs: Inputs, sums: ZoneSums, present: Presence, partly_served: Bools
) -> dict[str, Bools]:
    """Flag name -> (n_zones + 1,) where it applies, the remainder last."""
    query = inputs.query
    level = get_level(query.level)
    size = len(sums.births)
    last = np.arange(size) == size - 1
    everywhere = np.ones(size, dtype=bool)
    beyond = "outside_list" if inputs.facilities.complete_for else "not_documented"
    flags = {
        beyond: np.append(~present.documented, inputs.facilities.scope is not None),
        "distance_unknown": everywhere * (not inputs.reach.known) | np.append(present.without_place, False),
        "partly_served": np.append(partly_served, False),
        "not_known_here": last & level.documented_only,
        "outside_partition": last & (not level.documented_only),
        **_exceptions(territory, query),
        "no_births": sums.births == 0,
        "unreachable": sums.unreachable > 0,
        "illustrative": everywhere & (inputs.everything.evidence == "illustrative"),
        "proxy_births": everywhere & inputs.demand.proxy,
        "births_estimated": territory.estimated(query.level, query.held_vintage, inputs.demand.counted_at),
        "stale": _stale(territory, inputs, size),
    }
    if query.level == region().base:
        flags["merged"] = np.append(_merged(territory, present, query.held_vintage), False)
    index = territory.snapshot.zone_index(query.level, query.held_vintage)
    for flag, mark in zones_marked(inputs.reach, inputs.demand, index, size).items():
        flags[flag] = flags[flag] | mark if flag in flags else mark
    zones = territory.zones(query.level, query.held_vintage)
    for flag, mark in _read_flags(zones["flags"], BORDER_FLAGS).items():
        flags[flag] = np.append(mark, False)
    frame = inputs.facilities.frame
    places = is_place(frame)
    for flag, mark in _read_flags(frame["flags"], PLACE_FLAGS).items():
        flags[flag] = np.bincount(inputs.located[mark & places] % size, minlength=size) > 0
    return flags


def _stale(territory: Territory, inputs: Inputs, size: int) -> Bools:
    """(size,) the places that settle a zone are of another year than its children.

    These are the places in it, the nearest ones of those who live in it, and what a report says is not there.
    """
    old_places, year, query = np.zeros(size, dtype=bool), inputs.demand.year, inputs.query
    frame, scope = inputs.facilities.frame, inputs.facilities.scope
    old = stale(frame["as_of"], year)
    old_places[inputs.located[old & is_place(frame)] % size] = True
    nearest = inputs.reach.nearest
    if old.any() and len(nearest):
        reached = (nearest >= 0) & np.append(old, False)[nearest]
        old_places[territory.snapshot.zone_index(query.level, query.held_vintage)[reached]] = True
    if scope is not None and len(scope):
        told = territory.smallest.isin(scope.loc[stale(scope["as_of"], year), region().smallest_code])
        old_places[:-1] |= covers_any(territory.members(query.level, query.held_vintage), np.asarray(told, dtype=bool))
    return old_places


def _read_flags(joined: pd.Series, wanted: tuple[str, ...]) -> dict[str, Bools]:
    """Flag -> rows whose ``;``-joined words hold it."""
    number, texts = pd.factorize(joined.fillna("").astype(str))
    return {flag: np.array([flag in t.split(";") for t in texts], dtype=bool)[number] for flag in wanted}


def _exceptions(territory: Territory, query: Query) -> dict[str, Bools]:
    """Flag of a territorial exception -> (n_zones + 1,) whether a part of it is a member.

    A level that leaves the exceptions of the region out has them in its remainder.
    """
    members, left_out = territory.members(query.level, query.held_vintage), get_level(query.level).without_exceptions
    excepted = {}
    for exception in region().exceptions:
        part = exception.holds(territory.smallest.to_series()).to_numpy(bool)
        excepted[exception.flag] = np.append(covers_any(members, part), left_out and part.any())
    return excepted


def _merged(territory: Territory, present: Presence, vintage: int) -> Bools:
    """(n_zones,) a smallest member has no place of the service while another one has."""
    members = territory.members(region().base, vintage)
    return present.known & covers_any(members, present.in_smallest > 0) & covers_any(members, present.in_smallest == 0)


def _outside(inputs: Inputs) -> int:
    """Count the places that lie in no zone but do lie in a municipality of the snapshot."""
    frame = inputs.facilities.frame
    return int((is_place(frame) & (inputs.located < 0) & frame[region().newest_code].notna().to_numpy(bool)).sum())


def _remainder_name(level: str) -> str:
    word = NOT_KNOWN_HERE if get_level(level).documented_only else "outside_partition"
    return text(f"remainder.{word}", "nl")
