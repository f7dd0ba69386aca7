"""Travel between where families live and where places are or may come, by any travel model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from coverage.pairs import Pairs, straight_pairs
from coverage.reach import coordinates
from coverage.siting.core import Floats, Ints
from coverage.travel import CIRCUITY, DEFAULT_MODEL, Setting, TravelModel, get_model
from loaders.told import ToldError

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Analysis, Engine
    from coverage.query import Query

MOST_PAIRS = 15_000_000
"""Pairs at most for travel models other than the straight line, where every place is searched from by itself."""


def settled_distance(
    engine: Engine, query: Query, frame: pd.DataFrame, others: Ints, closable: Ints, analysis: Analysis
) -> Floats:
    """(n_cells,) distance to the nearest place that stays."""
    if not len(closable):
        return analysis.distance_m
    if not len(others):
        return np.full(len(analysis.distance_m), np.inf)
    model = _model(engine, query, tuple(frame["id"].astype(str).iloc[others]), analysis)
    found = model(engine.snapshot.grid.xy, coordinates(frame)[others], 1)
    return np.ascontiguousarray(found.distance_m[:, 0])


def _model(engine: Engine, query: Query, ids: tuple[str, ...], analysis: Analysis) -> TravelModel:
    """Travel model for places with these ids; a table of travel may name others too."""
    known = frozenset((*ids, *analysis.facilities.frame["id"].astype(str)))
    setting = Setting(engine.snapshot, query.mode, query.network, query.matrix, ids, known)
    return get_model(query.model, setting)


def count_pairs(at: Floats, choices: Floats, settled: Floats, reach: float | None) -> int:
    """How many pairs of point and candidate there would be, from a sample of the candidates."""
    radius = float(settled.max(initial=0.0)) if reach is None else reach
    if not np.isfinite(radius):
        return len(at) * len(choices)
    sample = choices[:: max(1, len(choices) // 200)]
    near = cKDTree(at).query_ball_point(sample, radius / CIRCUITY, return_length=True, workers=-1)
    return int(np.mean(near) * len(choices))


def travel_pairs(
    engine: Engine, analysis: Analysis, cells: Ints, places: Floats, ids: tuple[str, ...], limit: float
) -> Pairs:
    """Travel between inhabited cells and places up to ``limit`` metres.

    Parameters
    ----------
    engine, analysis : the question
    cells : (n,) numbers of inhabited cells
    places : (m, 2) EPSG:31370 metres
    ids : (m,) their ids
    limit : metres of travel, its end included; ``inf`` for all

    Raises
    ------
    ToldError
        when that makes too many pairs for a travel model that is worked out for each place
    """
    query, grid = analysis.query, engine.snapshot.grid
    if query.model == DEFAULT_MODEL:
        at = grid.xy[cells]
        if not np.isfinite(limit):
            limit = CIRCUITY * float(np.hypot(*np.ptp(np.vstack([at, places]), axis=0))) + 1.0
        return straight_pairs(at, places, limit, CIRCUITY)
    if count_pairs(grid.xy[cells], places, np.array([limit]), None) > MOST_PAIRS:
        raise ToldError("siting.error.too_many", n=len(places))
    return _model(engine, query, ids, analysis).within(grid.xy[cells], places, limit)
