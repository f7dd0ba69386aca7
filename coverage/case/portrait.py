"""An area beside others: reach by mode, by fifth of deprivation, what each closure would do, and who is alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from coverage.analysis import Analysis, Engine
from coverage.core.query import DEFAULT_WITHIN_M, Query
from coverage.indicators.strata_table import strata_of
from coverage.zones.strata import AREA_TYPE, DEPRIVATION
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools, Floats, Ints

ALIKE = 10
"""Municipalities that are told as most alike."""

MIN_SHARE = 0.02
"""A place is told of where it is the nearest of at least this share of the births of the area."""


@dataclass(frozen=True)
class BirthsReached:
    """Births of an area within reach; NaN where distances are not known, ``mean_m`` of those who can get to a place."""

    births: float
    in_reach: float
    mean_m: float

    @property
    def share(self) -> float:
        """Share of the births within reach; NaN without births."""
        return self.in_reach / self.births if self.births > 0 else float("nan")


def reached(analysis: Analysis, inside: Bools) -> BirthsReached:
    """Births of an area and those within reach, counted by cell."""
    births, distance = analysis.demand.births[inside], analysis.distance_m[inside]
    if np.isnan(distance[births > 0]).any():
        return BirthsReached(float(births.sum()), float("nan"), float("nan"))
    there = np.isfinite(distance) & (births > 0)
    total = float(births[there].sum())
    mean = float(births[there] @ distance[there]) / total if total > 0 else float("nan")
    return BirthsReached(float(births.sum()), float(births[distance <= analysis.query.reach_m].sum()), mean)


def by_mode(
    engine: Engine, query: Query, facilities: Facilities, inside: Bools
) -> dict[str, tuple[BirthsReached, BirthsReached]]:
    """Births within 15 minutes of a place by every mode: of the area, and of the whole region."""
    by_name = {}
    for mode in DEFAULT_WITHIN_M:
        asked = replace(query, mode=mode, within_m=None, minutes=(), speed=None, areas=(), draws=0)
        analysis = engine.analyse(asked, facilities)
        by_name[mode] = reached(analysis, inside), reached(analysis, np.ones(len(inside), dtype=bool))
    return by_name


def by_fifth(engine: Engine, analysis: Analysis, inside: Bools) -> pd.DataFrame:
    """Births of the area by fifth of deprivation: ``stratum, births, out_of_reach``; empty without an index."""
    if "sector_deprivation" not in engine.snapshot.resources:
        return pd.DataFrame(columns=["stratum", "births", "out_of_reach"])
    strata = strata_of(engine, DEPRIVATION)
    births, distance = analysis.demand.births[inside], analysis.distance_m[inside]
    index, size = strata.index[inside], len(strata.names)
    total = np.bincount(index, weights=births, minlength=size)
    out = np.bincount(index, weights=np.where(distance > analysis.query.reach_m, births, 0.0), minlength=size)
    known = not np.isnan(distance[births > 0]).any()
    table = pd.DataFrame(
        {"stratum": list(strata.names), "births": total, "out_of_reach": out if known else np.full(size, np.nan)}
    )
    return table[table["births"] > 0].reset_index(drop=True)


def nearest_places(analysis: Analysis, inside: Bools) -> pd.DataFrame:
    """Where the families of the area go, and what closing each of these places would do to them.

    Returns
    -------
    pandas.DataFrame
        ``id, name, births, share, mean_m, lost, extra_m``, the most births first: births of the area whose nearest
        place it is, those of them who would have no place within reach once it closed, and how much farther all of
        them would go on average. Empty where distances are not known
    """
    columns = ["id", "name", "births", "share", "mean_m", "lost", "extra_m"]
    births, nearest = analysis.demand.births, analysis.nearest
    cells = np.flatnonzero(inside & (births > 0) & (nearest >= 0))
    total = float(births[inside].sum())
    if not len(cells) or not total > 0:
        return pd.DataFrame(columns=columns)
    frame, reach_m, n = analysis.facilities.frame, analysis.query.reach_m, len(analysis.facilities.frame)
    weight, at = births[cells], nearest[cells]
    first, second = analysis.distance_m[cells], analysis.second_distance_m[cells]

    def by_place(value: Floats) -> Floats:
        return np.asarray(np.bincount(at, weights=value, minlength=n), dtype=np.float64)

    served = by_place(weight)
    rows = np.flatnonzero(served >= MIN_SHARE * total)
    lost = by_place(np.where((first <= reach_m) & ~(second <= reach_m), weight, 0.0))
    farther = by_place(np.where(np.isfinite(second), weight * (second - first), np.inf))
    table = pd.DataFrame(
        {
            "id": frame["id"].astype(str).to_numpy()[rows],
            "name": frame["name"].fillna(frame["id"]).astype(str).to_numpy()[rows],
            "births": served[rows],
            "share": served[rows] / total,
            "mean_m": by_place(weight * first)[rows] / served[rows],
            "lost": lost[rows],
            "extra_m": farther[rows] / served[rows],
        }
    )
    return table.sort_values(["births", "id"], ascending=[False, True], ignore_index=True)


@dataclass(frozen=True, eq=False)
class Alike:
    """Municipalities that are most like an area.

    Attributes
    ----------
    features : what they are compared by: words of `FEATURES`
    table : ``zone_id, zone_name, distance`` and the features, the most alike first
    own : the features of the area
    """

    features: tuple[str, ...]
    table: pd.DataFrame
    own: dict[str, float]


FEATURES = ("births", "births_per_cell", "deprived", "rural")
"""Births a year (as a logarithm), births per inhabited hectare, share of them in the most deprived fifth, and share in
rural kilometre cells."""


def most_alike(engine: Engine, analysis: Analysis, inside: Bools, without: Bools | None = None) -> Alike:
    """Find the municipalities most like an area, by distance over standardised features.

    Parameters
    ----------
    engine, analysis : the snapshot and the births
    inside : (n_cells,) cells of the area
    without : (n_municipalities,) those left out; None for those that the area touches
    """
    births = analysis.demand.births
    index = engine.snapshot.zone_index(region().base, region().vintage)
    zones = engine.territory.zones(region().base, region().vintage)
    eligible = (index >= 0) & (births > 0)
    marks = _marks(engine)
    every = _features(
        births[eligible],
        index[eligible].astype(np.int64),
        {name: mark[eligible] for name, mark in marks.items()},
        len(zones),
    )
    mine = inside & (births > 0)
    if not mine.any():
        return Alike((), pd.DataFrame(columns=["zone_id", "zone_name", "distance"]), {})
    one = np.zeros(int(mine.sum()), dtype=np.int64)
    own = _features(births[mine], one, {name: mark[mine] for name, mark in marks.items()}, 1)
    names = [name for name in FEATURES if name in own.columns]
    usable = np.isfinite(every[names].to_numpy(np.float64)).all(axis=1)
    touched = np.bincount(index[mine & (index >= 0)], minlength=len(zones)) > 0
    usable &= ~(touched if without is None else without)
    spread = every[names].std().replace(0.0, 1.0)
    away = (((every[names] - own[names].iloc[0]) / spread) ** 2).sum(axis=1).to_numpy(np.float64) ** 0.5
    order = np.flatnonzero(usable)
    order = order[np.lexsort((zones["zone_id"].to_numpy(object)[order].astype(str), away[order]))][:ALIKE]
    table = pd.DataFrame(
        {
            "zone_id": zones["zone_id"].to_numpy(object)[order],
            "zone_name": zones["zone_name"].to_numpy(object)[order],
            "distance": away[order],
        }
    )
    told = every.iloc[order].reset_index(drop=True)
    told["births"] = np.exp(told["births"])
    mine_told = {name: float(own[name].iloc[0]) for name in names}
    mine_told["births"] = float(np.exp(mine_told["births"]))
    return Alike(tuple(names), pd.concat([table, told[names]], axis=1), mine_told)


def _marks(engine: Engine) -> dict[str, Floats]:
    """(n_cells,) 1 for births that count in a share, by feature."""
    marks: dict[str, Floats] = {}
    if "sector_deprivation" in engine.snapshot.resources:
        marks["deprived"] = (strata_of(engine, DEPRIVATION).index == 0).astype(np.float64)
    fields = engine.snapshot.resources.get("census_grid", {}).get("schema", {}).get("fields", ())
    if any(field["name"] == "settlement" for field in fields):
        strata = strata_of(engine, AREA_TYPE)
        marks["rural"] = (strata.index == list(strata.names).index("rural")).astype(np.float64)
    return marks


def _features(births: Floats, zone: Ints, marks: dict[str, Floats], n: int) -> pd.DataFrame:
    """Features of zones out of their cells; NaN without births."""
    total = np.bincount(zone, weights=births, minlength=n).astype(np.float64)
    cells = np.bincount(zone, minlength=n).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        table = {"births": np.log(np.where(total > 0, total, np.nan)), "births_per_cell": total / cells}
        for name, mark in marks.items():
            table[name] = np.bincount(zone, weights=births * mark, minlength=n) / total
    return pd.DataFrame(table)
