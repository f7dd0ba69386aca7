"""Births within reach of several cut-offs in one table: columns beside those of the reach that decides the gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.core.query import metres_in
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.zones.strata import Strata


def with_cutoffs(table: pd.DataFrame, analysis: Analysis, strata: Strata | None = None) -> pd.DataFrame:
    """Return a table with births and share within reach for each of several cut-offs in minutes.

    Parameters
    ----------
    table : rows of ``analysis.all_zones``, or some of them; with strata one row per zone and stratum
    analysis : the answer; its query names the minutes
    strata : what the zones are divided by, None for whole zones

    Returns
    -------
    DataFrame
        the same rows with ``births_in_reach_<n>_min`` and ``share_in_reach_<n>_min`` at the end, empty where
        ``births_in_reach`` is; the table itself where the query names one cut-off or none
    """
    query = analysis.query
    if len(query.minutes) <= 1:
        return table
    zones = analysis.all_zones
    n = int((zones["zone_id"] != NOT_KNOWN_HERE).sum())
    group = np.where(analysis.zone_index < 0, n, analysis.zone_index).astype(np.int64)
    at = pd.Index(zones["zone_id"]).get_indexer(pd.Index(table["zone_id"])).astype(np.int64)
    size = n + 1
    if strata is not None:
        size *= len(strata.names)
        group = group * len(strata.names) + strata.index
        at = at * len(strata.names) + pd.Index(strata.names).get_indexer(pd.Index(table["stratum"]))
    known = table["births_in_reach"].notna().to_numpy(bool)
    births = table["births"].to_numpy(np.float64, na_value=np.nan)
    wider = table.copy()
    for minutes in query.minutes:
        near = analysis.distance_m <= metres_in(minutes, query.mode, query.speed)
        summed = np.bincount(group[near], weights=analysis.demand.births[near], minlength=size)[at]
        within = np.where(known, np.minimum(summed, births), np.nan)
        wider[f"births_in_reach_{minutes:g}_min"] = within
        share = np.divide(within, births, out=np.full(len(table), np.nan), where=births > 0)
        wider[f"share_in_reach_{minutes:g}_min"] = share
    return wider
