"""Travel between where families live and where places are or may come, by any travel model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from coverage.access.od_pairs import CostPairs
from coverage.core.reach import coordinates
from coverage.travel.base import TravelContext, TravelModel
from coverage.travel.models import DEFAULT_MODEL, get_model
from coverage.travel.straight_line import Crow, straight_of
from i18n.messages import MessageError
from loaders.catalogue.types import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Analysis, Engine
    from coverage.core.query import Query

_ANYWHERE = 1e7
_ROUNDING = 1e-9
_FEW = 64
"""Up to so many places everything is searched at once."""

_BATCH = 250_000
"""Useful pairs searched for at a time."""

MOST_PAIRS = 15_000_000
"""CostPairs at most for travel models other than the straight line, where every place is searched from by itself."""


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
    setting = TravelContext(engine.snapshot, query.mode, query.network, query.matrix, ids, known)
    return get_model(query.model, setting)


def count_pairs(at: Floats, choices: Floats, settled: Floats, reach: float | None, mode: str = "walk") -> int:
    """How many pairs of point and candidate there would be, from a sample of the candidates."""
    radius = float(settled.max(initial=0.0)) if reach is None else reach
    if not np.isfinite(radius) or 0 in (len(at), len(choices)):
        return len(at) * len(choices)
    sample = choices[:: max(1, len(choices) // 200)]
    near = cKDTree(at).query_ball_point(sample, Crow(mode).straight(radius), return_length=True, workers=-1)
    return int(np.mean(near) * len(choices))


def useful_pairs(
    engine: Engine, analysis: Analysis, cells: Ints, places: Floats, ids: tuple[str, ...], limit: Floats
) -> tuple[Ints, Ints, Floats]:
    """Point, place and metres of every pair no farther than the limit of its point.

    Parameters
    ----------
    engine, analysis : the question
    cells : (n,) numbers of inhabited cells
    places : (m, 2) EPSG:31370 metres
    ids : (m,) their ids
    limit : (n,) metres of travel, their end included; ``inf`` for all

    Raises
    ------
    MessageError
        see `travel_pairs`
    """
    none = np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0)
    found = [none, *useful_batches(engine, analysis, cells, places, ids, limit)]
    rows, columns, costs = (np.concatenate(part) for part in zip(*found, strict=True))
    return rows, columns, costs


def useful_batches(
    engine: Engine, analysis: Analysis, cells: Ints, places: Floats, ids: tuple[str, ...], limit: Floats
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield the pairs of `useful_pairs` in parts, each with all pairs of some of the points; NaN is met by none."""
    limit = np.nan_to_num(limit, nan=-1.0, posinf=np.inf)
    together = [np.arange(len(cells))]
    if analysis.query.model == DEFAULT_MODEL and len(places) > _FEW:  # other models search from every place once
        together = _alike(limit, count_useful(engine, cells, places, limit, analysis.query.mode))
    for batch in together:
        farthest = max(0.0, float(limit[batch].max(initial=0.0)))
        found = travel_pairs(engine, analysis, cells[batch], places, ids, farthest)
        kept = found.cost <= limit[batch][found.demand]
        yield batch[found.demand[kept]], found.facility[kept].astype(np.intp), found.cost[kept]


def count_useful(engine: Engine, cells: Ints, places: Floats, limit: Floats, mode: str) -> Ints:
    """(n,) how many places every point has within its limit by the usual detour."""
    radius = straight_of(np.clip(limit, 0.0, _ANYWHERE), mode) * (1 + _ROUNDING)
    found = cKDTree(places).query_ball_point(engine.snapshot.grid.xy[cells], radius, return_length=True, workers=-1)
    return np.asarray(found, dtype=np.intp)


def _alike(limit: Floats, counts: Ints) -> list[Ints]:
    """Points that are searched from together: of limits that hardly differ, so that little is found for nothing."""
    order = np.argsort(limit, kind="stable")
    batch = np.cumsum(counts[order]) // _BATCH
    edges = np.append(np.flatnonzero(np.diff(batch, prepend=-1)), len(order))
    return [order[first:last] for first, last in pairwise(edges)]


def travel_pairs(
    engine: Engine, analysis: Analysis, cells: Ints, places: Floats, ids: tuple[str, ...], limit: float
) -> CostPairs:
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
    MessageError
        when that makes too many pairs for a travel model that is worked out for each place
    """
    query, grid = analysis.query, engine.snapshot.grid
    if query.model == DEFAULT_MODEL:
        return Crow(query.mode).within(grid.xy[cells], places, limit)
    if count_pairs(grid.xy[cells], places, np.array([limit]), None, query.mode) > MOST_PAIRS:
        raise MessageError("siting.error.too_many", n=len(places))
    return _model(engine, query, ids, analysis).within(grid.xy[cells], places, limit)
