"""Two answers side by side: who gains and who loses, zone by zone and place by place, and how equal it is.

Gains and losses are told cell by cell before they are added up, so a zone can both gain and lose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.inequality import gini, palma
from coverage.access.od_pairs import for_facility
from coverage.analysis import Analysis, Engine
from coverage.core.reach import place_rows, reach_key
from coverage.core.rows import about_places
from coverage.indicators.measures import by_cell, pairs_in_turn, supply_of
from coverage.zones.sums import BIRTHS_DECIMALS, QUANTILES, fixed_point, weighted_quantiles
from i18n.messages import Message, MessageError, OptionName, Value
from loaders.catalogue.columns import EVIDENCE
from loaders.catalogue.types import Bools, Floats

ACCESS_MEASURE = "e2sfca"
"""Measure of access whose inequality is told beside that of the distance."""

STATUSES = ("new", "moved", "closed", "same")


@dataclass(frozen=True)
class Totals:
    """Figures of the area asked about, before and after.

    Attributes
    ----------
    births_before, births_after : births
    in_reach_before, in_reach_after : births within reach; NaN where distances are not known
    gained, lost : births that came within reach and that lost it, told cell by cell; after - before = gained - lost
    gained_elsewhere, lost_elsewhere : the same outside the area asked about; 0 without areas
    mean_before_m ... p90_after_m : births-weighted travel distance
    """

    births_before: float
    births_after: float
    in_reach_before: float
    in_reach_after: float
    gained: float
    lost: float
    gained_elsewhere: float
    lost_elsewhere: float
    mean_before_m: float
    mean_after_m: float
    median_before_m: float
    median_after_m: float
    p90_before_m: float
    p90_after_m: float


@dataclass(frozen=True)
class Equity:
    """How unequally distance and access are shared among the births of the area, before and after.

    NaN where there is nothing to share. For the distance, Palma is how many times as far the tenth travels that
    travels farthest as the four tenths that travel least; for access it is the best-off tenth over the worst-off four.

    Attributes
    ----------
    gini_distance_before, gini_distance_after : Gini of the distance to the nearest place
    palma_distance_before, palma_distance_after : its Palma ratio
    gini_access_before, gini_access_after : Gini of `ACCESS_MEASURE`
    palma_access_before, palma_access_after : its Palma ratio; ``inf`` when the worst-off have nothing
    """

    gini_distance_before: float
    gini_distance_after: float
    palma_distance_before: float
    palma_distance_after: float
    gini_access_before: float
    gini_access_after: float
    palma_access_before: float
    palma_access_after: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two answers to the same question on the same zones; every part is worked out when it is asked for.

    Attributes
    ----------
    engine : the engine that gave both
    before, after : the answers
    """

    engine: Engine
    before: Analysis
    after: Analysis

    @property
    def evidence(self) -> str:
        """How the places are known: of the two sides the one that is known least."""
        return max((self.before.evidence, self.after.evidence), key=EVIDENCE.index)

    @cached_property
    def zones(self) -> pd.DataFrame:
        """One row per zone of the tables.

        Columns `loaders.catalogue.columns.COMPARISON_COLUMNS`; births and flags are those of after, and the evidence is
        the weaker of the two. After minus before is gained minus lost.
        """
        was, now = self.before.table, self.after.table
        gained, lost = (part[_positions(self.after)] for part in self._by_zone)
        return pd.DataFrame(
            {
                "zone_id": now["zone_id"],
                "zone_name": now["zone_name"],
                "level": now["level"],
                "vintage": now["vintage"],
                "births": now["births"],
                "births_kind": now["births_kind"],
                "births_year": now["births_year"],
                "births_kind_before": was["births_kind"],
                "births_year_before": was["births_year"],
                "births_in_reach_before": was["births_in_reach"],
                "births_in_reach_after": now["births_in_reach"],
                "births_gained": gained,
                "births_lost": lost,
                "mean_distance_before_m": was["mean_distance_m"],
                "mean_distance_after_m": now["mean_distance_m"],
                "mean_minutes_before": was["mean_minutes"],
                "mean_minutes_after": now["mean_minutes"],
                "gap_before": was["gap"],
                "gap_after": now["gap"],
                "evidence": self.evidence,
                "flags": now["flags"],
            }
        )

    @cached_property
    def _by_zone(self) -> tuple[Floats, Floats]:
        """(n_zones + 1,) births gained and births lost, the remainder last."""
        size = len(self.engine.territory.zone_ids(self.after.query.level, self.after.query.held_vintage)) + 1
        if not (_known(self.before) and _known(self.after)):
            return np.full(size, np.nan), np.full(size, np.nan)
        was, now = (side.distance_m <= side.query.reach_m for side in (self.before, self.after))
        then, births = self.before.demand.births, self.after.demand.births
        cells = np.flatnonzero(was != now if births is then else was | now)
        births = now[cells] * births[cells] - was[cells] * then[cells]
        zone = self.after.zone_index[cells] % size
        gained, lost = (
            np.bincount(zone, weights=np.maximum(sign * births, 0.0), minlength=size).astype(np.float64)
            for sign in (1, -1)
        )
        return gained.round(BIRTHS_DECIMALS), lost.round(BIRTHS_DECIMALS)

    @cached_property
    def places(self) -> pd.DataFrame:
        """One row per place of either side: those of before in their order, then the new ones.

        ``id, name, status, births_nearest_before, births_nearest_after``: births within reach whose nearest place it
        is. A place that is not there on one side has none there.
        """
        was, now = _open_places(self.before), _open_places(self.after)
        ids = [*was.index, *now.index.difference(was.index, sort=False)]
        frame = pd.DataFrame({"id": ids, "name": now["name"].reindex(ids).fillna(was["name"].reindex(ids)).to_list()})
        spots = [rows.reindex(ids)[["x", "y"]].to_numpy(np.float64) for rows in (was, now)]
        new, closed = (np.isnan(spot[:, 0]) for spot in spots)
        stays = (spots[0] == spots[1]).all(axis=1)
        frame["status"] = np.select([new, closed, stays], ["new", "closed", "same"], "moved")
        for side, rows in (("before", was), ("after", now)):
            frame[f"births_nearest_{side}"] = rows["births"].reindex(ids).fillna(0.0).to_numpy(np.float64)
        return frame

    @cached_property
    def places_in_full(self) -> pd.DataFrame:
        """Places with ``births_in_reach_before`` and ``births_in_reach_after`` as well, which take longer to find.

        Births within reach of a place, whether it is their nearest or not.
        """
        frame = self.places.copy()
        for side, analysis in (("before", self.before), ("after", self.after)):
            rows = _open_places(analysis)
            reached = pd.Series(_reached(self.engine, analysis), index=rows.index)
            frame[f"births_in_reach_{side}"] = reached.reindex(frame["id"]).fillna(0.0).to_numpy(np.float64)
        both = pd.concat([self.after.facilities.frame, self.before.facilities.frame]).drop_duplicates("id")
        places = replace(self.after.facilities, frame=both.reset_index(drop=True), evidence=self.evidence)
        told = about_places(frame, self.after.query, self.after.demand, places, frame["id"])
        return told.assign(births_kind_before=self.before.demand.kind, births_year_before=self.before.demand.year)

    @cached_property
    def totals(self) -> Totals:
        """Figures of the area asked about."""
        was, now = (_overall(self.engine, side) for side in (self.before, self.after))
        births, in_reach = (
            [round(float(side.table[name].sum(skipna=False)), BIRTHS_DECIMALS) for side in (self.before, self.after)]
            for name in ("births", "births_in_reach")
        )
        whole = [part[_positions(self.after)].sum() for part in self._by_zone]
        everywhere = [part.sum() for part in self._by_zone]
        gained, lost, *elsewhere = (
            float(np.round(value, BIRTHS_DECIMALS))
            for value in (*whole, *(total - here for total, here in zip(everywhere, whole, strict=True)))
        )
        return Totals(
            births_before=births[0],
            births_after=births[1],
            in_reach_before=in_reach[0],
            in_reach_after=in_reach[1],
            gained=gained,
            lost=lost,
            gained_elsewhere=elsewhere[0],
            lost_elsewhere=elsewhere[1],
            mean_before_m=was["mean"],
            mean_after_m=now["mean"],
            median_before_m=was["median"],
            median_after_m=now["median"],
            p90_before_m=was["p90"],
            p90_after_m=now["p90"],
        )

    @cached_property
    def equity(self) -> Equity:
        """How equal it is before and after; takes about a second."""
        was, now = (_equity(self.engine, side) for side in (self.before, self.after))
        return Equity(was[0], now[0], was[1], now[1], was[2], now[2], was[3], now[3])


def compare(engine: Engine, before: Analysis, after: Analysis) -> Comparison:
    """Put two answers side by side.

    Parameters
    ----------
    engine : the engine that gave both
    before, after : answers for the same service and zones; reach, demand and places may differ

    Raises
    ------
    InputError
        when the two are about different services, levels, borders or areas
    """
    asked = [
        (side.query.service, side.query.level, side.query.held_vintage, side.query.areas) for side in (before, after)
    ]
    if asked[0] != asked[1]:
        raise MessageError("error.question.compare", first=_about(before), second=_about(after))
    return Comparison(engine, before, after)


def side_by_side(engine: Engine, left: Analysis, right: Analysis) -> Comparison:
    """Put the answers to two questions side by side, which may be about two services.

    ``before`` is the left one and ``after`` the right one. A child within reach of the right one alone is gained, one
    within reach of the left one alone is lost. `Comparison.places` is of two sets of one service only; zones, totals
    and equity are of any two.

    Parameters
    ----------
    engine : an engine that holds the zones of both
    left, right : answers on the same zones

    Raises
    ------
    InputError
        when the two are about different levels, borders or areas
    """
    asked = [(side.query.level, side.query.held_vintage, side.query.areas) for side in (left, right)]
    if asked[0] != asked[1]:
        raise MessageError("error.question.compare", first=_about(left), second=_about(right))
    return Comparison(engine, left, right)


def _about(analysis: Analysis) -> Message:
    query = analysis.query
    service, level = OptionName("service", query.service), OptionName("level", query.level)
    asked: dict[str, Value] = {"service": service, "level": level, "vintage": str(query.held_vintage)}
    areas = ",".join(f"{level}:{zone}" for level, zone in query.areas)
    return (
        Message("error.question.about_in", **asked, areas=areas) if areas else Message("error.question.about", **asked)
    )


def _known(analysis: Analysis) -> bool:
    """Whether the distance of any cell is known."""
    distance = analysis.distance_m
    return not (np.isnan(distance[:1]).all() and np.isnan(distance).all())


def _positions(analysis: Analysis) -> npt.NDArray[np.intp]:
    """Position of every row of the table among the zones, the remainder last."""
    position = pd.Index(analysis.all_zones["zone_id"]).get_indexer(pd.Index(analysis.table["zone_id"]))
    return np.asarray(position, dtype=np.intp)


def _open_places(analysis: Analysis) -> pd.DataFrame:
    """Places with a point by id: ``name, x, y, births`` within reach whose nearest place it is."""
    rows = place_rows(analysis.facilities)
    frame = analysis.facilities.frame
    served = np.flatnonzero(analysis.distance_m <= analysis.query.reach_m)
    births = np.bincount(analysis.nearest[served], weights=analysis.demand.births[served], minlength=len(frame))
    chosen = frame.iloc[rows].set_index("id")[["name", "x", "y"]]
    return chosen.assign(births=births[rows].round(BIRTHS_DECIMALS))


def _key(analysis: Analysis, *more: object) -> tuple[object, ...]:
    """What figures by cell rest on."""
    query = analysis.query
    return (*more, analysis.demand.kind, analysis.demand.year, reach_key(analysis.facilities, query), query.reach_m)


def _inside(analysis: Analysis) -> Bools | None:
    """(n_cells,) cells of the zones in the table; None for all."""
    if not analysis.query.areas:
        return None
    kept = np.zeros(len(analysis.all_zones) + 1, dtype=bool)
    kept[_positions(analysis)] = True
    return np.asarray(kept[analysis.zone_index], dtype=bool)


def _overall(engine: Engine, analysis: Analysis) -> dict[str, float]:
    """Births-weighted mean, median and p90 of the distance in the area asked about; NaN where some cannot travel it."""

    def make() -> dict[str, float]:
        order, inside = engine.reach(analysis.facilities, analysis.query).order, _inside(analysis)
        cells = order if inside is None else order[inside[order]]
        births, distance = analysis.demand.births[cells], analysis.distance_m[cells]
        if not len(cells) or not np.isfinite(distance[births > 0]).all() or not births.any():
            return dict.fromkeys(("mean", *QUANTILES), float("nan"))
        quantiles = weighted_quantiles(np.zeros(len(cells), dtype=np.uint16), fixed_point(births), distance, 1)
        finite = np.where(births > 0, distance, 0.0)
        return {
            "mean": float((births * finite).sum() / births.sum()),
            **{name: float(quantiles[name][0]) for name in quantiles},
        }

    query = analysis.query
    return engine.remember(_key(analysis, "overall", query.areas, query.level, query.held_vintage), make)


def _reached(engine: Engine, analysis: Analysis) -> Floats:
    """(n_places,) births within reach of every place with a point."""

    def make() -> Floats:
        with pairs_in_turn(engine, analysis.query, analysis.facilities) as pairs:
            return for_facility(pairs.weigh(np.ones_like), analysis.demand.births).round(BIRTHS_DECIMALS)

    return engine.remember(_key(analysis, "reached", analysis.query.mode), make)


def _equity(engine: Engine, analysis: Analysis) -> tuple[float, float, float, float]:
    """Gini and Palma of the distance, Gini and Palma of access."""

    def make() -> tuple[float, float, float, float]:
        inside = _inside(analysis)
        births = analysis.demand.births if inside is None else np.where(inside, analysis.demand.births, 0.0)
        access = _access(engine, analysis)
        return (*_spread(analysis.distance_m, births), *_spread(access, births))

    query, hours = analysis.query, analysis.facilities.frame["hours_per_year"]
    more = (query.areas, query.level, query.held_vintage, query.mode, tuple(hours.fillna(-1.0)))
    return engine.remember(_key(analysis, "equity", *more), make)


def _access(engine: Engine, analysis: Analysis) -> Floats:
    """(n_cells,) access of every cell; NaN where distances are not known, 0 without a place."""
    if not _known(analysis):
        return np.full(len(analysis.distance_m), np.nan)
    if not len(place_rows(analysis.facilities)):
        return np.zeros(len(analysis.distance_m))
    supply = supply_of(analysis.facilities)
    with pairs_in_turn(engine, analysis.query, analysis.facilities) as pairs:
        return by_cell(ACCESS_MEASURE, pairs, analysis.demand.births, supply, analysis.query.reach_m)[0]


def _spread(values: Floats, births: Floats) -> tuple[float, float]:
    """Gini and Palma among the births that have a value; NaN where none has."""
    counted = (births > 0) & np.isfinite(values)
    if not counted.any():
        return float("nan"), float("nan")
    return gini(values[counted], births[counted]), palma(values[counted], births[counted])
