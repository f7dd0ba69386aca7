"""For whom a place is the nearest, and how many of them are near enough: the places of an answer, one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.analysis import Analysis
from coverage.core.reach import is_place
from coverage.zones.sums import BIRTHS_DECIMALS


def births_by_place(analysis: Analysis) -> pd.DataFrame:
    """Births of every place of an answer, those that reach most first.

    A place that lies in the zones of the table, or in any where it is not restricted to areas; its births may come
    from elsewhere. A birth has one nearest place, so that none is counted twice.

    Returns
    -------
    pandas.DataFrame
        ``id, name, zone_id, zone_name``; ``births_nearest`` whose nearest place it is; ``births_in_reach`` of them
        within the reach of the question
    """
    frame, births, nearest = analysis.facilities.frame, analysis.demand.births, analysis.nearest
    reached = nearest >= 0
    near = reached & (analysis.distance_m <= analysis.query.reach_m)
    every, within = (
        np.bincount(nearest[cells], weights=births[cells], minlength=len(frame)).astype(np.float64)
        for cells in (reached, near)
    )
    zones = analysis.all_zones
    known = analysis.facility_zone >= 0
    at = np.where(known, analysis.facility_zone, 0)
    table = pd.DataFrame(
        {
            "id": frame["id"].astype(str),
            "name": frame["name"],
            "zone_id": pd.Series(zones["zone_id"].to_numpy(object)[at], index=frame.index).where(known),
            "zone_name": pd.Series(zones["zone_name"].to_numpy(object)[at], index=frame.index).where(known),
            "births_nearest": every.round(BIRTHS_DECIMALS),
            "births_in_reach": within.round(BIRTHS_DECIMALS),
        }
    )
    kept = is_place(frame)
    if analysis.query.areas:
        kept = kept & table["zone_id"].isin(analysis.table["zone_id"]).to_numpy(bool)
    return table[kept].sort_values(["births_in_reach", "id"], ascending=[False, True], kind="stable", ignore_index=True)
