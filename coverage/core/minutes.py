"""Minutes beside metres: what a figure in metres of travel takes, and whether its metres are metres.

Inside nabij every distance is in metres of travel, a metre being what the pace of the mode makes of it. By car 1,000 of
them are a minute, whatever the kilometres of the road: there the minutes are told and the metres are left empty. So
they are where a table of travel gives time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.query import Query
from coverage.travel.pace import PACE_KMH
from loaders.catalogue.columns import MINUTES_OF
from loaders.catalogue.types import Floats

IN_TIME = "in_time"
"""Detail of a travel model whose costs are given in time."""


def per_minute(query: Query) -> float:
    """Metres of travel in a minute: at the user's pace, else at that of the mode."""
    return (PACE_KMH[query.mode] if query.speed is None else query.speed) * 1000 / 60


def in_minutes(metres: npt.ArrayLike, query: Query) -> Floats:
    """Minutes that metres of travel take; NaN and ``inf`` stay."""
    return np.asarray(metres, dtype=np.float64) / per_minute(query)


def metres_told(query: Query, details: Mapping[str, object] | None = None) -> bool:
    """Whether metres of travel are metres on the ground, so that they may be told beside minutes.

    Parameters
    ----------
    query : the question
    details : what the travel model says of itself
    """
    return not (details or {}).get(IN_TIME) and (query.mode != "car" or query.model == "matrix")


def with_minutes(table: pd.DataFrame, query: Query, details: Mapping[str, object] | None = None) -> pd.DataFrame:
    """Table with a column in minutes for every column of `MINUTES_OF` that it has.

    Parameters
    ----------
    table : columns in metres of travel
    query, details : see `metres_told`; where metres are none, they are left empty
    """
    told = metres_told(query, details)
    columns: dict[str, Any] = {}
    for name, minutes in MINUTES_OF.items():
        if name in table.columns:
            metres = table[name].to_numpy(np.float64, na_value=np.nan)
            columns[minutes] = in_minutes(metres, query)
            if not told:
                columns[name] = np.full(len(table), np.nan)
    return table.assign(**columns)
