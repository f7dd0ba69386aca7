"""Births within reach of several cut-offs in one table: columns beside those of the reach that decides the gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.core.query import metres_in
from loaders.catalogue.levels import NOT_KNOWN_HERE

if TYPE_CHECKING:
    from coverage.analysis import Analysis


def with_cutoffs(table: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """Return a table with births and share within reach for each of several cut-offs in minutes.

    Parameters
    ----------
    table : rows of ``analysis.all_zones``, or some of them
    analysis : the answer; its query names the minutes

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
    known = zones["births_in_reach"].notna().to_numpy(bool)
    births = zones["births"].to_numpy(np.float64, na_value=np.nan)
    at = pd.Index(zones["zone_id"]).get_indexer(pd.Index(table["zone_id"]))
    zone = np.where(analysis.zone_index < 0, n, analysis.zone_index)
    wider = table.copy()
    for minutes in query.minutes:
        near = analysis.distance_m <= metres_in(minutes, query.mode, query.speed)
        held = np.bincount(zone[near], weights=analysis.demand.births[near], minlength=n + 1)[: len(zones)]
        within = np.where(known, np.minimum(held, births), np.nan)
        wider[f"births_in_reach_{minutes:g}_min"] = within[at]
        share = np.divide(within, births, out=np.full(len(zones), np.nan), where=births > 0)
        wider[f"share_in_reach_{minutes:g}_min"] = share[at]
    return wider
