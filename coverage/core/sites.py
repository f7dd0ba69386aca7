"""Places of different services on one site: a bureau in the house itself."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.core.reach import coordinates, is_place
from loaders.catalogue.services import get_service
from loaders.catalogue.types import Bools

SAME_SITE_M = 25.0
"""Places so near each other stand on one site: points of one building by two makers of maps lie that far apart."""


def on_shared_site(frame: pd.DataFrame, service: str) -> Bools:
    """(n_rows,) rows of a service that stand on the site of a place of a service that shares its address.

    Of places with coordinates these decide. A place that is known by its municipality only stands there if it names
    the partnership whose place it is in (``house_id``).

    Parameters
    ----------
    frame : places of all services
    service : whose rows are looked at; the others are those that it ``shares_address_with``
    """
    own = (frame["service"] == service).to_numpy(bool) & is_place(frame)
    others = frame["service"].isin(get_service(service).shares_address_with).to_numpy(bool) & is_place(frame)
    shared = np.zeros(len(frame), dtype=bool)
    xy = coordinates(frame)
    there = np.isfinite(xy).all(axis=1)
    if (others & there).any() and (own & there).any():
        from scipy.spatial import cKDTree

        away, _ = cKDTree(xy[others & there]).query(xy[own & there])
        shared[own & there] = away <= SAME_SITE_M
    partnership = frame["house_id"].where(frame["house_id"].notna(), None)
    named = partnership.isin(set(partnership[others].dropna())).to_numpy(bool)
    return np.asarray(np.where(there, shared, own & named & partnership.notna().to_numpy(bool)), dtype=bool)
