"""Change over the years: the children of every year held, and how many of them the places of today would reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.analysis import Analysis, Engine
from coverage.core.demand import available_years
from coverage.core.query import Query
from i18n.messages import MessageError
from loaders.catalogue.columns import TREND_COLUMNS
from loaders.catalogue.facilities import Facilities

PROXY = "age0"
"""What stands in for live births in the years for which these are not held."""


def kinds_of(demand: str) -> tuple[str, ...]:
    """Kinds of demand of a trend: live births are preceded by the 0-year-olds that stand in for them."""
    return (PROXY, demand) if demand == "births" else (demand,)


def trend_table(engine: Engine, query: Query, facilities: Facilities, since: int = 0) -> tuple[pd.DataFrame, Analysis]:
    """One row per zone and year, by the borders of the query and the places as they are.

    Parameters
    ----------
    engine : the snapshot to work from
    query : the question; its kind of demand is told for every year held, ``births`` with `PROXY` before it
    facilities : the whole set
    since : first year

    Returns
    -------
    table : columns `columns.TREND_COLUMNS`, by zone and year. ``births_change`` compares with the first year of
        the same kind, so that a proxy is never compared with live births; it is empty in that first year
    analysis : the answer for the newest year, for its evidence, sources and caveats

    Raises
    ------
    InputError
        when the query names a year, or none is left
    """
    if query.year is not None:
        raise MessageError("error.question.trend_year")
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
        tables.append(analysis.table.assign(order=np.arange(len(analysis.table))))
    table = pd.concat(tables, ignore_index=True).sort_values(["order", "births_year"], kind="stable")
    first = table.groupby(["zone_id", "births_kind"])["births"].transform("first").to_numpy(np.float64)
    births = table["births"].to_numpy(np.float64)
    change = np.divide(births - first, first, out=np.full(len(table), np.nan), where=first > 0)
    change[_is_first(table)] = np.nan  # a first year has nothing to be compared with
    return table.assign(births_change=change)[list(TREND_COLUMNS)].reset_index(drop=True), analysis


def _is_first(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """(n_rows,) whether a row is of the first year of its kind, rows of a zone standing by year."""
    return np.asarray(~table.duplicated(["zone_id", "births_kind"], keep="first"), dtype=bool)
