"""Change over the years: the children of every year held, and how many of them the places of today would reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.analysis import Analysis, Engine
from coverage.core.demand import available_years
from coverage.core.query import Query
from coverage.core.rows import add_words
from coverage.indicators.projection import project
from coverage.indicators.strata_table import strata_table
from i18n.messages import MessageError
from loaders.catalogue.columns import BY_COLUMNS, PROJECTION_COLUMNS, TREND_COLUMNS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region

PROXY = "age0"
"""What stands in for live births in the years for which these are not held."""


def kinds_of(demand: str) -> tuple[str, ...]:
    """Kinds of demand of a trend: live births are preceded by the 0-year-olds that stand in for them."""
    return (PROXY, demand) if demand == "births" else (demand,)


def trend_table(
    engine: Engine, query: Query, facilities: Facilities, since: int = 0, by: str | None = None, ahead: int = 0
) -> tuple[pd.DataFrame, Analysis]:
    """One row per zone and year (and stratum), by the borders of the query and the places as they are.

    Parameters
    ----------
    engine : the snapshot to work from
    query : the question; its kind of demand is told for every year held, ``births`` with `PROXY` before it
    facilities : the whole set
    since : first year
    by : what every zone is divided by (`coverage.zones.strata.BY`); its strata are the same in every year
    ahead : years ahead to forecast the births of municipalities for (`coverage.indicators.projection`)

    Returns
    -------
    table : columns `columns.TREND_COLUMNS`, with ``by`` those of `columns.BY_COLUMNS` too,
        by zone and year. ``births_change`` compares with the first year of
        the same kind, so that a proxy is never compared with live births; it is empty in that first year
    analysis : the answer for the newest year, for its evidence, sources and caveats

    Raises
    ------
    InputError
        when the query names a year, or none is left
    """
    if query.year is not None:
        raise MessageError("error.question.trend_year")
    if ahead and (query.level != region().base or query.held_vintage != region().vintage or query.demand != "births"):
        raise MessageError("error.question.ahead_level")
    if ahead and by:
        raise MessageError("error.question.ahead_by")
    asked = [
        (kind, year)
        for kind in kinds_of(query.demand)
        for year in available_years(engine.snapshot, kind)
        if year >= since
    ]
    if not asked:
        raise MessageError("error.question.trend_since", year=str(since))
    tables = []
    for kind, year in asked:
        analysis = engine.analyse(replace(query, demand=kind, year=year, draws=0), facilities)
        rows = analysis.table if by is None else strata_table(engine, analysis, by)
        tables.append(rows.assign(order=np.arange(len(rows))))
    table = pd.concat(tables, ignore_index=True).sort_values(["order", "births_year"], kind="stable")
    key = ["zone_id", "births_kind", *(["stratum"] if by else [])]
    first = table.groupby(key)["births"].transform("first").to_numpy(np.float64)
    births = table["births"].to_numpy(np.float64)
    change = np.divide(births - first, first, out=np.full(len(table), np.nan), where=first > 0)
    change[_is_first(table, key)] = np.nan  # a first year has nothing to be compared with
    columns = [*TREND_COLUMNS, *(BY_COLUMNS if by else ())]
    table = table.assign(births_change=change)[columns].reset_index(drop=True)
    return (_with_forecast(engine, table, ahead) if ahead else table), analysis


def _with_forecast(engine: Engine, table: pd.DataFrame, ahead: int) -> pd.DataFrame:
    """Table with a row per zone and year ahead; what places would reach then is left empty."""
    forecast = project(engine.territory, ahead).rename(columns={"nis": "zone_id", "year": "births_year"})
    last = table.drop_duplicates("zone_id", keep="last").set_index("zone_id")
    forecast = forecast[forecast["zone_id"].isin(last.index)]
    about = last.loc[forecast["zone_id"], ["zone_name", "level", "vintage", "births_kind", "evidence"]].reset_index()
    rows = about.assign(**{name: forecast[name].to_numpy() for name in ("births_year", "births", *PROJECTION_COLUMNS)})
    rows["flags"] = add_words(last.loc[forecast["zone_id"], "flags"].reset_index(drop=True), _all(len(rows)))
    order = {zone: number for number, zone in enumerate(last.index)}
    wide = pd.concat([table.assign(**dict.fromkeys(PROJECTION_COLUMNS, np.nan)), rows], ignore_index=True)
    wide = wide.assign(order=wide["zone_id"].map(order)).sort_values(["order", "births_year"], kind="stable")
    return wide[[*table.columns, *PROJECTION_COLUMNS]].reset_index(drop=True)


def _all(size: int) -> dict[str, npt.NDArray[np.bool_]]:
    return {"births_projected": np.ones(size, dtype=bool)}


def _is_first(table: pd.DataFrame, key: list[str]) -> npt.NDArray[np.bool_]:
    """(n_rows,) whether a row is of the first year of its kind, rows of a zone standing by year."""
    return np.asarray(~table.duplicated(key, keep="first"), dtype=bool)
