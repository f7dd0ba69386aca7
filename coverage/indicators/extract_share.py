"""How much of what was asked a street extract covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.analysis import Analysis

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot


def share_in_extract(snapshot: Snapshot, analysis: Analysis) -> float:
    """Share of the children in the zones asked who live within the street extract of the question; 0 without one."""
    query = analysis.query
    if query.model != "network" or query.network is None:
        return 0.0
    from coverage.travel.extracts.network import load_network  # osmium, only where an extract was given

    area = load_network(query.network, query.mode).area
    zones = np.flatnonzero(analysis.all_zones["zone_id"].isin(analysis.table["zone_id"]))
    asked = np.isin(analysis.zone_index, zones)
    births, xy = analysis.demand.births[asked], snapshot.grid.xy[asked]
    inside = shapely.contains_xy(area, xy[:, 0], xy[:, 1])
    return float(births[inside].sum() / births.sum()) if births.sum() > 0 else 0.0
