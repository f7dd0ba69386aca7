"""Where the nearest place lies in another zone: how reach ignores administrative borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.analysis import Analysis
from coverage.core.minutes import with_minutes
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot


def flows(snapshot: Snapshot, analysis: Analysis, zone_id: str | None = None) -> pd.DataFrame:
    """Births whose nearest place lies in another zone of the level.

    Parameters
    ----------
    snapshot : for the names of the zones
    analysis : the answer whose table gives the zones of departure
    zone_id : only from this zone, whether it is in the table or not; None for all zones in the table

    Returns
    -------
    pandas.DataFrame
        ``zone_id, to_zone_id, to_zone_name, births, share, mean_distance_m, mean_minutes`` by zone, largest flow
        first; ``share`` is of all births of the zone, the others the births-weighted travel. Empty
        where distances are not known. A place outside the partition has ``to_zone_id`` ``not_known_here``.
    """
    zones = snapshot.zones(analysis.query.level, analysis.query.vintage)
    n = len(zones)
    wanted = analysis.table["zone_id"] if zone_id is None else [zone_id]
    leaving = np.append(zones["zone_id"].isin(wanted).to_numpy(bool), False)[analysis.zone_index]
    cells = np.flatnonzero(leaving)
    nearest, births = analysis.nearest[cells], analysis.demand.births[cells]
    target = np.append(analysis.facility_zone, -1)[nearest]
    elsewhere = (nearest >= 0) & (target != analysis.zone_index[cells]) & (births > 0)
    cells, births, target = cells[elsewhere], births[elsewhere], target[elsewhere]
    target = np.where(target < 0, n, target)
    key, group = np.unique(analysis.zone_index[cells].astype(np.int64) * (n + 1) + target, return_inverse=True)
    moved = np.bincount(group, weights=births, minlength=len(key))
    travelled = np.bincount(group, weights=births * analysis.distance_m[cells], minlength=len(key))
    source, target = np.divmod(key, n + 1)
    ids = np.append(zones["zone_id"].to_numpy(object), NOT_KNOWN_HERE)
    names = np.append(zones["zone_name"].to_numpy(object), NOT_KNOWN_HERE)
    frame = pd.DataFrame(
        {
            "zone_id": ids[source],
            "to_zone_id": ids[target],
            "to_zone_name": names[target],
            "births": moved,
            "share": moved / analysis.all_zones["births"].to_numpy(np.float64)[source],
            "mean_distance_m": travelled / moved,
        }
    )
    frame = with_minutes(frame, analysis.query, analysis.details)
    return frame.sort_values(["zone_id", "births", "to_zone_id"], ascending=[True, False, True], ignore_index=True)
