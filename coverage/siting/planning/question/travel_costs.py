"""Travel between where families live and where places are or may come, by any travel model."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from coverage.access.od_pairs import CostPairs
from coverage.core.reach import coordinates
from coverage.travel.base import TravelContext, TravelModel, slack_of
from coverage.travel.models import DEFAULT_MODEL
from coverage.travel.straight_line import Crow, straight_of
from coverage.travel.streets.bridges import BridgedTravel
from coverage.travel.streets.kept_travel import KeptTravel
from coverage.travel.streets.street_travel import StreetTravel
from i18n.messages import MessageError
from loaders.catalogue.types import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Analysis, Engine
    from coverage.core.query import Query
    from coverage.siting.solvers.basis.control import Control

_ANYWHERE = 1e7
_ROUNDING = 1e-9
_FEW = 64
"""Up to so many places everything is searched at once."""

_BATCH = 250_000
"""Useful pairs searched for at a time."""

_SAMPLE = 20_000
"""Points that are looked at to tell whether there are far too many pairs."""

_FAR_MORE = 2

_NO_TREE = 16
"""Up to so many places the nearest point is looked for among all points."""

_TRIED = 3
"""Parts after which it is told whether the others fit in the time."""

_SURE = 1.5
"""Times the time that is left that the others must take by what was measured, before a question is refused."""

_PLACES = 64
"""Places searched from at a time by models that search from every place by itself."""

_FROM_POINTS = 2
"""Points per place up to which the streets are searched from the points."""

_ALIKE_RADIUS = 1.5
"""Places whose radii differ by less than this factor are searched from together."""

_STRIP_M = 10_000.0
"""Width of the strips in which places lie side by side."""

_QUANTILES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Shares of the points, from small to large limits, that are looked at together to tell how far to search."""

MAX_PAIRS = 15_000_000
"""Pairs at most for travel models other than the straight line, where every place is searched from by itself."""


def settled_distance(
    engine: Engine, query: Query, frame: pd.DataFrame, others: Ints, closable: Ints, analysis: Analysis
) -> Floats:
    """(n_cells,) distance to the nearest place that stays."""
    if not len(closable):
        return analysis.distance_m
    if not len(others):
        return np.full(len(analysis.distance_m), np.inf)
    model = travel_model(engine, query, tuple(frame["id"].astype(str).iloc[others]), analysis)
    travel = model(engine.snapshot.grid.xy, coordinates(frame)[others], 1)
    return np.ascontiguousarray(travel.distance_m[:, 0])


def nearest_choice(engine: Engine, analysis: Analysis, cells: Ints, places: Floats) -> Floats:
    """(n,) metres of travel from every cell to the nearest of some places that may come; ``inf`` without one."""
    grid = engine.snapshot.grid
    if not len(cells) or not len(places):
        return np.full(len(cells), np.inf)
    ids = tuple(f"choice-{number}" for number in range(len(places)))
    travel = travel_model(engine, analysis.query, ids, analysis)(grid.xy[cells], places, 1)
    return np.nan_to_num(travel.distance_m[:, 0], nan=np.inf)


def travel_model(engine: Engine, query: Query, ids: tuple[str, ...], analysis: Analysis) -> TravelModel:
    """Travel model for places with these ids, made ready; a table of travel may name others too."""
    if query.model == DEFAULT_MODEL:
        return Crow(query.mode)
    known = frozenset((*ids, *analysis.facilities.frame["id"].astype(str)))
    columns = query.matrix_columns
    files = (query.network, query.matrix)
    setting = TravelContext(
        engine.snapshot,
        query.mode,
        *files,
        ids,
        known,
        matrix_columns=columns,
        ferries=query.ferries,
        bridges=query.bridges_used,
    )
    return engine.made_ready(query.model, setting)


def count_pairs(at: Floats, choices: Floats, settled: Floats, reach: float | None, mode: str = "walk") -> int:
    """How many pairs of point and candidate there would be, from a sample of the candidates."""
    if not len(at) or not len(choices):
        return 0
    radius = float(settled.max(initial=0.0)) if reach is None else reach
    if not np.isfinite(radius) or 0 in (len(at), len(choices)):
        return len(at) * len(choices)
    sample = choices[:: max(1, len(choices) // 200)]
    near = cKDTree(at).query_ball_point(sample, Crow(mode).straight(radius), return_length=True, workers=-1)
    return int(np.mean(near) * len(choices))


def useful_pairs(
    engine: Engine,
    analysis: Analysis,
    cells: Ints,
    places: Floats,
    ids: tuple[str, ...],
    limit: Floats,
    control: Control | None = None,
) -> tuple[Ints, Ints, Floats]:
    """Point, place and metres of every pair no farther than the limit of its point.

    Parameters
    ----------
    engine, analysis : the question
    cells : (n,) numbers of inhabited cells
    places : (m, 2) metres
    ids : (m,) their ids
    limit : (n,) metres of travel, their end included; ``inf`` for all, below 0 for none
    control : time and interruption; None for no limit

    Raises
    ------
    MessageError
        see `travel_pairs`, and when the time is up
    """
    none = np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0)
    batches = [none, *useful_batches(engine, analysis, cells, places, ids, limit, control)]
    rows, columns, costs = (np.concatenate(part) for part in zip(*batches, strict=True))
    return rows, columns, costs


def useful_batches(
    engine: Engine,
    analysis: Analysis,
    cells: Ints,
    places: Floats,
    ids: tuple[str, ...],
    limit: Floats,
    control: Control | None = None,
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield the pairs of `useful_pairs` in parts; NaN is met by none.

    As the crow flies a part has all pairs of some of the points; with other models, which search from every place by
    itself, all pairs of some of the places.
    """
    limit = np.nan_to_num(limit, nan=-1.0, posinf=np.inf)
    wanted = np.flatnonzero(limit >= 0)
    if not len(wanted) or not len(places):
        return
    if analysis.query.model != DEFAULT_MODEL:
        model = travel_model(engine, analysis.query, ids, analysis)
        few = len(wanted) <= _FROM_POINTS * len(places)
        if few and isinstance(model, StreetTravel | KeptTravel) and not isinstance(model, BridgedTravel):
            yield from _from_points(engine, analysis, (model, cells, places), limit, wanted, control)
            return
    parts = list(_parts(engine, analysis, cells, places, ids, limit, wanted))
    if len(parts) > _TRIED and analysis.query.model != DEFAULT_MODEL:
        parts = [parts[0], parts[-1], *parts[1:-1]]  # the nearest and the farthest tell what the others will take
    took: list[float] = []
    for batch, group, farthest in parts:
        if control is not None and _too_long(analysis, control):
            raise MessageError("siting.error.distances_in_time")
        if control is not None and len(took) == _TRIED and analysis.query.model != DEFAULT_MODEL:
            ahead = forecast([(len(part[1]), part[2]) for part in parts], took)
            if ahead > _SURE * control.left:
                whole = round(control.seconds + ahead)
                raise MessageError(
                    "siting.error.distances_forecast", seconds=whole, limit=round(control.time_limit or 0)
                )
        some, begun = tuple(ids[place] for place in group), time.perf_counter()
        batch_pairs = _looked_up(engine, analysis, cells[batch], places[group], some, farthest)
        took.append(time.perf_counter() - begun)
        kept = batch_pairs.cost <= limit[batch][batch_pairs.demand]
        yield batch[batch_pairs.demand[kept]], group[batch_pairs.facility[kept]], batch_pairs.cost[kept]


def _from_points(
    engine: Engine,
    analysis: Analysis,
    where: tuple[StreetTravel | KeptTravel, Ints, Floats],
    limit: Floats,
    wanted: Ints,
    control: Control | None,
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Pairs over the streets, searched from the points, each no farther than its own limit."""
    model, cells, places = where
    xy = engine.snapshot.grid.xy[cells]
    order = wanted[side_by_side(xy[wanted], limit[wanted])]
    for row, col, cost in model.within_limits(xy[order], places, limit[order]):
        if control is not None and _too_long(analysis, control):
            raise MessageError("siting.error.distances_in_time")
        yield order[row], col, cost


def forecast(parts: Sequence[tuple[int, float]], took: Sequence[float]) -> float:
    """Seconds that searches still to come will take, where one takes a fixed time and more by the square of its reach.

    Parameters
    ----------
    parts : places and how far they are searched from, of every part; the nearest first, then the farthest
    took : seconds of the first `_TRIED` of them
    """
    size, square = np.array([float(n) for n, _ in parts]), np.array([float(metres) ** 2 for _, metres in parts])
    each = np.array(took[:_TRIED]) / size[:_TRIED]
    near, far = float(np.delete(each, 1).min()), float(each[1])  # what was the first to be read takes longer
    apart = float(square[1] - square[0])
    rate = max(0.0, (far - near) / apart) if apart > 0 else 0.0
    fixed = near if rate == 0 else max(0.0, near - rate * float(square[0]))
    return float((size * (fixed + rate * square))[len(took) :].sum())


def _too_long(analysis: Analysis, control: Control) -> bool:
    """Whether to stop looking up distances: the time is up, or somebody asked and there is a long way to go."""
    asked = control.should_stop is not None and analysis.query.model != DEFAULT_MODEL and control.should_stop()
    return asked or control.left <= 0


def _parts(
    engine: Engine, analysis: Analysis, cells: Ints, places: Floats, ids: tuple[str, ...], limit: Floats, wanted: Ints
) -> Iterator[tuple[Ints, Ints, float]]:
    """Points and places that are looked up together, and how far."""
    every = np.arange(len(places))
    if analysis.query.model == DEFAULT_MODEL:
        batches = [np.arange(len(wanted))]
        if len(places) > _FEW:
            counts = count_useful(engine, cells[wanted], places, limit[wanted], analysis.query.mode)
            batches = _alike(limit[wanted], counts)
        for part in batches:
            yield wanted[part], every, float(limit[wanted[part]].max())
        return
    check_pairs(engine, cells[wanted], places, float(limit[wanted].max()), analysis.query.mode)
    model = travel_model(engine, analysis.query, ids, analysis)
    at, slack = engine.snapshot.grid.xy[cells[wanted]], slack_of(model)
    radius = useful_radii(at, limit[wanted], places, model.least, slack)
    order = side_by_side(places, radius)
    for first in range(0, len(order), _PLACES):
        group = order[first : first + _PLACES]
        yield wanted, group, float(radius[group].max())


def side_by_side(places: Floats, radius: Floats) -> Ints:
    """Places that are searched from at all, those of much the same radius together and near one another.

    Parameters
    ----------
    places : (m, 2) metres
    radius : (m,) how far each is searched from, below 0 for not at all
    """
    some = np.flatnonzero(radius >= 0)
    alike = np.floor(np.log(np.maximum(radius[some], 1.0)) / np.log(_ALIKE_RADIUS))
    strip = np.floor(places[some, 1] / _STRIP_M)
    east = np.where(strip % 2 == 0, places[some, 0], -places[some, 0])  # there and back, so that ends of strips meet
    return some[np.lexsort((east, strip, alike))]


def useful_radii(at: Floats, limit: Floats, places: Floats, least: float, aside: float = 0.0) -> Floats:
    """(m,) how far to search from every place: as far as a point may lie that has its limit beyond it; -1 for nowhere.

    Parameters
    ----------
    at : (n, 2) points
    limit : (n,) metres of travel beyond which a place does nothing for the point
    places : (m, 2)
    least : metres of travel that a metre of straight line costs at the least
    aside : metres of straight line that may cost nothing
    """
    radius = np.full(len(places), -1.0)
    order = np.argsort(limit, kind="stable")
    for part in np.split(order, (np.array(_QUANTILES) * len(order)).astype(np.intp)):
        if len(part):
            most = float(limit[part].max())
            away = _away(at[part], places)
            radius[(away - aside) * least * (1 - _ROUNDING) <= most] = most  # parts come in order, the farthest last
    return radius


def _away(at: Floats, places: Floats) -> Floats:
    """(m,) metres from every place to the nearest point, as the crow flies; a few are quicker without a tree."""
    if len(places) > _NO_TREE:
        return np.asarray(cKDTree(at).query(places)[0])
    return np.array([np.hypot(*(at - place).T).min() for place in places])


def count_useful(engine: Engine, cells: Ints, places: Floats, limit: Floats, mode: str) -> Ints:
    """(n,) how many places every point has within its limit by the usual detour."""
    radius = straight_of(np.clip(limit, 0.0, _ANYWHERE), mode) * (1 + _ROUNDING)
    counts = cKDTree(places).query_ball_point(engine.snapshot.grid.xy[cells], radius, return_length=True, workers=-1)
    return np.where(limit < 0, 0, np.asarray(counts, dtype=np.intp))


def total_useful(engine: Engine, cells: Ints, places: Floats, limit: Floats, enough: int, mode: str) -> int:
    """How many pairs `useful_pairs` would find; where a sample shows far more than ``enough``, what it shows."""
    step = max(1, len(cells) // _SAMPLE)
    if step > 1:
        some = np.arange(0, len(cells), step)
        total = int(count_useful(engine, cells[some], places, limit[some], mode).sum()) * step
        if total > _FAR_MORE * enough:
            return total
    return int(count_useful(engine, cells, places, limit, mode).sum())


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
    places : (m, 2) metres
    ids : (m,) their ids
    limit : metres of travel, its end included; ``inf`` for all

    Raises
    ------
    MessageError
        when that makes too many pairs for a travel model that is worked out for each place
    """
    if analysis.query.model != DEFAULT_MODEL:
        check_pairs(engine, cells, places, limit, analysis.query.mode)
    return _looked_up(engine, analysis, cells, places, ids, limit)


def _looked_up(
    engine: Engine, analysis: Analysis, cells: Ints, places: Floats, ids: tuple[str, ...], limit: float
) -> CostPairs:
    query, grid = analysis.query, engine.snapshot.grid
    return travel_model(engine, query, ids, analysis).within(grid.xy[cells], places, limit)


def check_pairs(engine: Engine, cells: Ints, places: Floats, limit: float, mode: str) -> None:
    """Refuse what makes too many pairs for a travel model that is worked out for each place.

    Parameters
    ----------
    engine : the question's
    cells : (n,) numbers of inhabited cells
    places : (m, 2) metres
    limit : metres of travel
    mode : ``walk``, ``bike`` or ``car``

    Raises
    ------
    MessageError
        when there are more than `MAX_PAIRS`
    """
    if len(cells) * len(places) <= MAX_PAIRS:
        return
    if count_pairs(engine.snapshot.grid.xy[cells], places, np.array([limit]), None, mode) > MAX_PAIRS:
        raise MessageError("siting.error.too_many", n=len(places))
