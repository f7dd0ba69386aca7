"""Access measures by zone: what every cell has, and how equally the births of a zone share it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.catchment import DEFAULT_DECAY, METHODS, floating_catchment
from coverage.access.decay import NAMED
from coverage.access.gravity import count_within, gravity, spatial_availability
from coverage.access.inequality import gini_by, palma_by
from coverage.access.od_pairs import CostPairs, per_head
from coverage.analysis import Analysis, Engine
from coverage.core.minutes import in_minutes, metres_told
from coverage.core.query import Query
from coverage.core.reach import coordinates, place_rows, reach_key
from coverage.core.rows import add_words
from coverage.core.sites import on_shared_site
from coverage.memory.limits import PAIR_BYTES, gigabytes
from coverage.travel.straight_line import Crow
from coverage.zones.areas import in_areas
from coverage.zones.strata import Strata
from coverage.zones.sums import BIRTHS_DECIMALS, fixed_point, weighted_quantiles
from coverage.zones.uncovered import TOLERATED
from i18n.messages import MessageError, OptionName
from loaders.catalogue.columns import ACCESS_COLUMNS, BY_COLUMNS, CERTAINTY_COLUMNS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.types import Floats

DISTANCES = ("nearest", "second")
TOGETHER = "together"
"""Measure of the sites within reach where the service and one that shares its address are together."""
MEASURES = (*DISTANCES, "count", TOGETHER, "gravity", *METHODS, "availability")
"""Measures by the name given to ``--measure``; explained in the texts under ``measure.<name>``."""

LESS_REACH = (100_000, 50_000, 30_000, 20_000, 15_000, 10_000, 7_500, 5_000, 3_750, 2_500, 1_200, 500)
"""Reaches to offer in the place of one that is too wide."""

ROUNDING = 1e-9
"""Share of a zone's births that adding up may lose."""

DECAYS = tuple(NAMED)
DECAY_OF = {"gravity": "gaussian", "availability": "gaussian", **DEFAULT_DECAY}
"""Decay of every measure that has one, unless another is asked for."""


@dataclass(frozen=True, eq=False)
class Supply:
    """What the places offer.

    Attributes
    ----------
    amount : (n_places,) hours per year where all are known; else 1 for an average place
    unit : ``hours per year`` or ``places``
    unknown : whether the hours of some place are not known
    """

    amount: Floats
    unit: str
    unknown: bool


def supply_of(facilities: Facilities) -> Supply:
    """Hours per year of the places; where some are not known, every place in units of the average known one.

    Raises
    ------
    InputError
        when a place has no hours at all: it then offers nothing, which is not the same as not known
    """
    frame = facilities.frame.iloc[place_rows(facilities)]
    hours = frame["hours_per_year"].to_numpy(np.float64, na_value=np.nan)
    closed = np.flatnonzero(hours == 0)
    if len(closed):
        raise MessageError("error.question.no_hours", id=str(frame["id"].iloc[closed[0]]))
    known = np.isfinite(hours)
    if known.all() and len(hours):
        return Supply(hours, "hours per year", unknown=False)
    average = float(hours[known].mean()) if known.any() else 1.0
    return Supply(np.where(known, hours, average) / average, "places", unknown=True)


@contextmanager
def pairs_in_turn(engine: Engine, query: Query, facilities: Facilities) -> Iterator[CostPairs]:
    """Which cells reach which places of a service within ``query.reach_m``, by the travel model of the query.

    The turn of these pairs lasts for as long as they are worked with. They are weighed, and the travel model is made
    ready, before it: a stage inside another one does not wait.

    Raises
    ------
    MessageError
        when that makes more pairs than one stage of a question may hold (`coverage.memory.limits`)
    """
    cells, places = engine.snapshot.grid.xy, coordinates(facilities.frame)[place_rows(facilities)]
    size = 0
    if engine.limits.stage_bytes is not None:
        size = _check_pairs(engine, places, query, engine.limits.stage_bytes)
    model = engine.model(facilities, query)
    with engine.limits.turn(size):
        yield model.within(cells, places, query.reach_m)


def _check_pairs(engine: Engine, places: Floats, query: Query, most: int) -> int:
    """Bytes that the pairs take; refuse a reach with too many, naming one that has few enough."""
    reach = query.reach_m

    def weight(metres: float) -> int:
        return PAIR_BYTES * count_pairs(engine, places, metres, query.mode)

    need = weight(reach)
    if need <= most:
        return need
    values = {"need": gigabytes(need), "limit": gigabytes(most), "pairs": need // PAIR_BYTES}
    within = next((metres for metres in LESS_REACH if metres < reach and weight(metres) <= most), None)
    if within is None:
        raise MessageError("memory.places", places=len(places), **values)
    minutes = {"reach": float(in_minutes(reach, query)), "within": float(in_minutes(within, query))}
    raise MessageError("memory.reach", **minutes, **values)


def count_pairs(engine: Engine, places: Floats, reach: float, mode: str) -> int:
    """Pairs of cell and place within a reach as the crow flies, the most that any travel model finds."""

    def count() -> int:
        from scipy.spatial import cKDTree

        tree = engine.keep(("tree of cells",), lambda: cKDTree(engine.snapshot.grid.xy, balanced_tree=False))
        per_place = tree.query_ball_point(places, Crow(mode).straight(reach), return_length=True)
        return int(np.sum(per_place, dtype=np.int64))

    asked = sha256(np.ascontiguousarray(places).tobytes()).hexdigest()
    return engine.remember(("pairs", asked, reach, mode), count)


def by_cell(
    measure: str, pairs: CostPairs, births: Floats, supply: Supply, radius: float, decay: str | None = None
) -> tuple[Floats, str]:
    """(n_cells,) one measure of `MEASURES` other than a distance, and its unit.

    Raises
    ------
    InputError
        when the measure is unknown or has no decay to choose
    """
    fall = decay or DECAY_OF.get(measure, "")
    if measure in ("count", TOGETHER):
        return count_within(pairs, radius), "places"
    if measure == "gravity":
        return gravity(pairs, supply.amount, decay=fall, radius=radius), supply.unit
    if measure == "availability":
        amount = spatial_availability(pairs, births, supply.amount, decay=fall, radius=radius)
        return per_head(amount, births), f"{supply.unit} per child"
    if measure in METHODS:
        scores = floating_catchment(pairs, births, supply.amount, radius=radius, decay=fall, method=measure)
        return scores, f"{supply.unit} per child"
    raise MessageError("error.question.measure", value=str(measure), known=", ".join(MEASURES))


def access_table(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    measures: tuple[str, ...],
    decay: str | None = None,
    strata: Strata | None = None,
) -> tuple[pd.DataFrame, Analysis]:
    """One row per zone and measure, or per zone, measure and stratum.

    Parameters
    ----------
    engine : the snapshot to work from
    query : service, level, reach and demand
    facilities : the whole set
    measures : names of `MEASURES`
    decay : name of `coverage.access.decay.NAMED` for the measures that have one; None for that of each

    Returns
    -------
    table : columns `loaders.catalogue.columns.ACCESS_COLUMNS`, zones in order and for each the measures as asked
    analysis : the answer to the query itself, for its evidence, sources and caveats

    Raises
    ------
    InputError
        when a measure or decay is unknown, or distances are not known
    """
    for name in measures:
        check_measure(name, decay)
    analysis = engine.analyse(query, facilities)
    tables = [zone_access(engine, analysis, name, decay, strata) for name in measures]
    return pd.concat(tables).sort_index(kind="stable").reset_index(drop=True), analysis


def check_measure(measure: str, decay: str | None = None) -> None:
    """Raise `InputError` when a measure or decay is unknown."""
    if measure not in MEASURES:
        raise MessageError("error.question.measure", value=str(measure), known=", ".join(MEASURES))
    if decay is not None and decay not in DECAYS:
        raise MessageError("error.question.decay", value=str(decay), known=", ".join(DECAYS))


def zone_access(
    engine: Engine, analysis: Analysis, measure: str, decay: str | None = None, strata: Strata | None = None
) -> pd.DataFrame:
    """One measure of every zone of an answer, in the order of its table.

    What every cell has is kept by the engine, so that another level costs only the sums by zone.

    Parameters
    ----------
    engine : the one that gave the answer
    analysis : the answer to a query
    measure, decay : see `access_table`

    Returns
    -------
    table : columns `loaders.catalogue.columns.ACCESS_COLUMNS`, one row per row of ``analysis.table``; with ``strata``
        one per stratum of each, with `BY_COLUMNS` too, and the measure is that of the births of the stratum

    Raises
    ------
    InputError
        when a measure or decay is unknown, or distances are not known
    """
    check_measure(measure, decay)
    places = analysis.facilities
    if not len(place_rows(places)) or np.isnan(analysis.distance_m).all():
        raise MessageError(
            "error.question.no_place", service=OptionName("service", analysis.query.service), places=places.name
        )
    if measure in DISTANCES:
        values, unit = (analysis.distance_m if measure == "nearest" else analysis.second_distance_m), "m"
        if not metres_told(analysis.query, analysis.details):
            values, unit = in_minutes(values, analysis.query), "minutes"
        unknown = False
    else:
        supply = supply_of(places)
        if measure == TOGETHER:
            places = _together(analysis)
        values, unit = _kept_by_cell(engine, analysis, measure, supply, decay, places)
        values = np.where(np.isnan(analysis.distance_m), np.nan, values)  # not told is not the same as nothing
        unknown = supply.unknown and measure not in ("count", TOGETHER)
    table = _by_zone(engine, analysis, measure, unit, values, unknown=unknown, strata=strata)
    table = table[[*ACCESS_COLUMNS, *(BY_COLUMNS if strata else ())]]
    query = analysis.query
    if not query.areas:
        return table
    kept = in_areas(engine.territory, query.areas, query.level, query.vintage)
    kept = np.repeat(kept, len(strata.names) if strata else 1)
    return table[: len(kept)][kept].reset_index(drop=True)


def with_error(analysis: Analysis) -> pd.DataFrame:
    """Table of an answer with the standard error of the probability of a gap beside it.

    A reason that lies in the territory holds in every draw: the probability is 1, without error. The column is left
    out where nothing was drawn.
    """
    drawn, table = analysis.certainty, analysis.table
    if drawn is None:
        return table
    ids = analysis.all_zones["zone_id"].iloc[: len(drawn.probability)]
    position = pd.Index(ids).get_indexer(pd.Index(table["zone_id"]))
    probability, error = (
        np.append(drawn.probability, np.nan)[position],
        np.append(drawn.standard_error, np.nan)[position],
    )
    told = table["gap_probability"].to_numpy(np.float64)
    error = np.where(np.isnan(told), np.nan, np.where((told == 1) & (probability < 1), 0.0, error))
    at = list(table.columns).index("gap_probability") + 1
    wider = table.copy()
    wider.insert(at, next(iter(CERTAINTY_COLUMNS)), error)
    return wider


def _together(analysis: Analysis) -> Facilities:
    """The places of the service that stand on the site of one that shares its address."""
    everything, service = analysis.everything or analysis.facilities, analysis.query.service
    rows = on_shared_site(everything.frame, service)
    return replace(analysis.facilities, frame=everything.frame[rows].reset_index(drop=True))


def _kept_by_cell(
    engine: Engine, analysis: Analysis, measure: str, supply: Supply, decay: str | None, places: Facilities
) -> tuple[Floats, str]:
    """(n_cells,) one measure and its unit, worked out once for a set of places, demand and reach."""
    query, births = analysis.query, analysis.demand
    asked = (measure, decay, query.reach_m, births.kind, births.year)

    def make() -> tuple[Floats, str]:
        if not len(place_rows(places)):
            return np.zeros(len(births.births)), "places"
        with pairs_in_turn(engine, query, places) as pairs:
            return by_cell(measure, pairs, births.births, supply, query.reach_m, decay)

    return engine.keep(("access", asked, supply.amount.tobytes(), supply.unit, *reach_key(places, query)), make)


def _by_zone(
    engine: Engine,
    analysis: Analysis,
    name: str,
    unit: str,
    values: Floats,
    *,
    unknown: bool,
    strata: Strata | None = None,
) -> pd.DataFrame:
    """Mean, median and inequality of one measure in every zone, the remainder last; empty where it is not told.

    A distance that some cannot travel has no mean. The other measures bear as many births without a distance as the
    zone table does (`coverage.zones.uncovered.TOLERATED`).
    """
    zones, parts = analysis.all_zones, len(strata.names) if strata else 1
    n_zones = len(engine.territory.zone_ids(analysis.query.level, analysis.query.held_vintage))
    size = (n_zones + 1) * parts
    births = analysis.demand.births
    counted = (births > 0) & np.isfinite(values)
    index = np.where(analysis.zone_index < 0, n_zones, analysis.zone_index).astype(np.int64)
    if strata is not None:
        index = index * parts + strata.index
    zone = index[counted]
    value, weights = values[counted], births[counted]
    figures = {
        **_centre(zone, value, weights, size),
        "gini": gini_by(zone, value, weights, size),
        "palma": np.where(np.isinf(spread := palma_by(zone, value, weights, size)), np.nan, spread),
    }
    all_births = np.bincount(index, births, size)
    zones = zones.loc[zones.index.repeat(parts)].reset_index(drop=True)
    table = zones[["zone_id", "zone_name", "level", "vintage", "births", "births_kind", "births_year"]].copy()
    shared = np.zeros(len(zones), dtype=bool)
    if strata is not None:
        of_stratum = all_births[: len(zones)].round(BIRTHS_DECIMALS)
        shared = (of_stratum > 0) & ~np.isclose(of_stratum, table["births"].to_numpy(np.float64), rtol=0, atol=1e-6)
        names = pd.Series(list(strata.names) * (len(zones) // parts), dtype="str")
        table = table.assign(births=of_stratum, by=strata.by, stratum=names)
    lost = all_births - np.bincount(zone, weights, size)
    most = 0.0 if name in DISTANCES else TOLERATED
    told = lost <= max(most, ROUNDING) * all_births
    for column, numbers in figures.items():
        table[column] = np.where(told, numbers, np.nan)[: len(zones)]
    if name in DISTANCES:  # more is worse: nobody is "without", and the best-off have least
        table[["share_without", "palma"]] = np.nan
    marks = {"capacity_unknown": np.full(len(zones), unknown), "births_estimated": shared}
    return table.assign(
        measure=name, unit=unit, evidence=zones["evidence"], flags=add_words(zones["flags"], marks).to_list()
    )


def _centre(zone: npt.NDArray[Any], values: Floats, weights: Floats, size: int) -> dict[str, Floats]:
    """Births-weighted mean and median, and the share of the births that have nothing."""
    people = np.bincount(zone, weights=weights, minlength=size)
    order = np.argsort(values, kind="stable")
    median = weighted_quantiles(zone[order], fixed_point(weights[order]), values[order], size)["median"]
    nothing = np.full(size, np.nan)
    total = np.bincount(zone, weights=weights * values, minlength=size)
    without = np.bincount(zone, weights=weights * (values == 0), minlength=size)
    return {
        "mean": np.divide(total, people, out=nothing.copy(), where=people > 0),
        "median": median,
        "share_without": np.divide(without, people, out=nothing.copy(), where=people > 0),
    }
