"""Births that a barrier cuts off from the nearest place, and how much farther they travel for it.

A barrier *B* cuts a cell off from its nearest place *a*, in a straight line, when

1. the straight line from the cell *i* to *a* crosses *B*;
2. *B* alone makes the way much longer, even if all else were as straight as usual:
   ``t(min over x of |i − x| + |x − a|) − t(|i − a|) ≥ k``, *x* being the places where a street of the mode crosses *B*
   and the ends of *B*, and *t* the travel of a straight line (`coverage.travel.straight_line.travel_of`);
3. over the streets they do travel that much farther: ``d − t(|i − a|) ≥ k``, *d* being the way to the place that is
   nearest over the streets, whichever that is.

``d − t(|i − a|)`` is the extra that is told. By car the time to park is left out of *d*, as it is in *t*. Births may be
cut off by several barriers; they count at each, so barriers must not be added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from coverage.barriers.drawn import Across, DrawnBarriers, drawn_barriers, ways_across
from coverage.core.minutes import with_minutes
from coverage.core.query import metres_in
from coverage.core.reach import coordinates, place_rows
from coverage.core.rows import add_words
from coverage.memory.weights import of_distances, of_making
from coverage.travel.models import USUAL_MODEL
from coverage.travel.straight_line import Crow, straight_of, travel_of
from coverage.travel.streets.street_network import PARKING_S
from coverage.travel.streets.street_rules import rules_of
from coverage.travel.streets.street_travel import seconds_dm
from coverage.zones.sums import BIRTHS_DECIMALS, fixed_point, weighted_quantiles
from i18n.messages import MessageError, NumberAsGiven
from loaders.catalogue.columns import BARRIER_COLUMNS
from loaders.catalogue.regions.projection import storage_crs
from loaders.catalogue.types import Bools, Floats, Positions

if TYPE_CHECKING:
    from coverage.analysis import Analysis, Engine

MIN_MINUTES = 5.0
"""Minutes farther from which a family counts as cut off, where nothing else is asked: a third of the usual norm."""

_NEAR_WAYS = 8
_LINES_AT_ONCE = 20_000
"""Straight lines, and where they cross, that are held as shapes at the same time."""

_AT_ONCE = 4_000_000
_DM = 10


@dataclass(frozen=True, eq=False)
class CutOff:
    """Cells that barriers cut off: a row for each cell and barrier.

    Attributes
    ----------
    cell : (n,) cell of the grid
    barrier : (n,) number in ``drawn``
    piece : (n,) piece of the barrier that the straight line crosses, the nearest to the cell where there are more
    extra_m : (n,) metres of travel that the family goes farther
    drawn : the barriers
    """

    cell: Positions
    barrier: Positions
    piece: Positions
    extra_m: Floats
    drawn: DrawnBarriers


def cut_off(engine: Engine, analysis: Analysis, least_minutes: float = MIN_MINUTES) -> CutOff:
    """Find who is cut off, see the module.

    Parameters
    ----------
    engine : engine on the snapshot of the analysis
    analysis : answer over the streets of the snapshot
    least_minutes : *k*, in minutes at the pace of the mode

    Raises
    ------
    InputError
        when the question is not put over the streets of the snapshot, distances are not known, the snapshot holds no
        rivers and railways, or the minutes are no positive number
    """
    query = analysis.query
    if not (np.isfinite(least_minutes) and least_minutes > 0):
        raise MessageError("error.barriers.minutes", value=NumberAsGiven(least_minutes))
    if query.model != USUAL_MODEL or query.network is not None:
        raise MessageError("error.barriers.model")
    drawn = engine.keep("barriers", lambda: drawn_barriers(engine.snapshot))
    rules = rules_of(query.mode, ferries=query.ferries)

    def find_ways() -> Across:
        with engine.limits.turn(of_making(USUAL_MODEL).bytes):
            return ways_across(drawn, engine.snapshot.streets(), rules)

    across = engine.keep(("ways across", query.mode, query.ferries), find_ways)
    rows = place_rows(analysis.facilities)
    if not len(rows) or not np.isfinite(analysis.distance_m).any():
        raise MessageError("error.barriers.no_place")
    places, cells = coordinates(analysis.facilities.frame)[rows], engine.snapshot.grid.xy
    counted = np.flatnonzero(analysis.demand.births > 0)
    parking = seconds_dm(PARKING_S) / _DM if query.mode == "car" else 0.0
    least = metres_in(least_minutes, query.mode)
    travelled = analysis.distance_m[counted] - parking
    with engine.limits.turn(of_distances("crow", len(counted)).bytes):
        row, piece, extra = bars(drawn, across, cells[counted], places, travelled, query.mode, least)
    return CutOff(counted[row], drawn.barrier[piece], piece, extra, drawn)


def bars(
    drawn: DrawnBarriers, across: Across, cells: Floats, places: Floats, travel_m: Floats, mode: str, least: float
) -> tuple[Positions, Positions, Floats]:
    """Which cells barriers cut off: all three conditions of the module.

    Parameters
    ----------
    drawn, across : the barriers, and where one gets across
    cells : (n, 2) metres
    places : (m, 2) metres
    travel_m : (n,) metres of travel to the place that is nearest over the streets; cells where it is not known, or
        infinite, are left out
    mode : ``walk``, ``bike`` or ``car``
    least : metres of travel

    Returns
    -------
    (k,) cells, (k,) pieces of the barriers, (k,) metres of travel that they go farther
    """
    nearest = Crow(mode)(cells, places, 2)
    extra = travel_m - nearest.distance_m[:, 0]
    far = np.flatnonzero(np.isfinite(extra) & (extra >= least))
    row, piece = barred(drawn, across, cells[far], places[nearest.index[far, 0]], mode, least)
    return far[row], piece, extra[far][row]


def barred(
    drawn: DrawnBarriers, across: Across, cells: Floats, places: Floats, mode: str, least: float
) -> tuple[Positions, Positions]:
    """Straight lines that a barrier makes much longer: conditions 1 and 2 of the module.

    Parameters
    ----------
    drawn, across : the barriers, and where one gets across
    cells, places : (n, 2) ends of the straight lines, metres
    mode : ``walk``, ``bike`` or ``car``
    least : metres of travel

    Returns
    -------
    (m,) numbers of lines and (m,) pieces that they cross, one for each barrier; by line, then by barrier
    """
    tree = shapely.STRtree(drawn.lines)
    parts = [
        _crossed(drawn, tree, cells[first : first + _LINES_AT_ONCE], places[first : first + _LINES_AT_ONCE], first)
        for first in range(0, len(cells), _LINES_AT_ONCE)
    ]
    row, piece = np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), dtype=np.intp)
    barrier = drawn.barrier[piece]
    begin, end = cells[row], places[row]
    straight = np.hypot(*(end - begin).T)
    limit = straight_of(travel_of(straight, mode) + least, mode)
    kept = np.zeros(len(row), dtype=bool)
    for number in np.unique(barrier):
        mine = np.flatnonzero(barrier == number)
        first, last = np.searchsorted(across.barrier, [number, number + 1])
        kept[mine] = _no_way_within(across.xy[first:last], begin[mine], end[mine], limit[mine])
    return row[kept], piece[kept]


def _crossed(drawn: DrawnBarriers, tree: shapely.STRtree, cells: Floats, places: Floats, first: int) -> Positions:
    """(2, m) numbers of straight lines, counted from ``first``, and the piece of every barrier that they cross."""
    ways: npt.NDArray[np.object_] = np.asarray(shapely.linestrings(np.stack([cells, places], axis=1)))
    row, piece = tree.query(ways, predicate="intersects")
    away = shapely.distance(shapely.points(cells[row]), shapely.intersection(ways[row], drawn.lines[piece]))
    order = np.lexsort((piece, away, drawn.barrier[piece], row))
    row, piece = row[order], piece[order]
    barrier = drawn.barrier[piece]
    one = np.append(True, (row[1:] != row[:-1]) | (barrier[1:] != barrier[:-1]))[: len(row)]
    return np.vstack([row[one] + first, piece[one]]).astype(np.intp)


def _no_way_within(ways: Floats, begin: Floats, end: Floats, limit: Floats) -> Bools:
    """(n,) whether no way across is such that going by it, in straight lines, is shorter than the limit."""
    if not len(ways):
        return np.ones(len(begin), dtype=bool)
    k = min(_NEAR_WAYS, len(ways))
    near = cKDTree(ways).query((begin + end) / 2, k=k)[1].reshape(len(begin), k)
    left = np.flatnonzero(_by_way(ways[near], begin, end) >= limit)  # most have a way across close by
    closed = np.zeros(len(begin), dtype=bool)
    size = max(1, _AT_ONCE // len(ways))
    for start in range(0, len(left), size):
        some = left[start : start + size]
        closed[some] = _by_way(ways[None], begin[some], end[some]) >= limit[some]
    return closed


def _by_way(ways: Floats, begin: Floats, end: Floats) -> Floats:
    """(n,) metres of the shortest of the ways by (n or 1, c, 2) points."""
    legs = (np.hypot(*np.moveaxis(ways - side[:, None], -1, 0)) for side in (begin, end))
    return np.asarray(sum(legs).min(axis=1), dtype=np.float64)


def barrier_table(engine: Engine, analysis: Analysis, cut: CutOff) -> gpd.GeoDataFrame:
    """Births cut off by barrier and zone.

    Parameters
    ----------
    engine : engine on the snapshot of the analysis
    analysis : what was asked
    cut : who is cut off

    Returns
    -------
    `BARRIER_COLUMNS` and ``geometry``, the stretches that the straight lines cross; a row per barrier and zone where
    its births live, the barrier with most births first and within it the zone with most. Lines without a name are a
    barrier of their own in every zone.
    """
    query, snapshot = analysis.query, engine.snapshot
    inside, zone = _asked(engine, analysis, cut)
    cell, barrier = cut.cell[inside], cut.barrier[inside]
    births, extra = analysis.demand.births[cell], cut.extra_m[inside]
    key, row = np.unique(np.column_stack([barrier, zone]), axis=0, return_inverse=True)
    row = row.reshape(-1)
    size = len(key)
    order = np.lexsort((extra, row))
    total = np.bincount(row, weights=births, minlength=size)
    quantile = weighted_quantiles(row[order], fixed_point(births[order]), extra[order], size)["p90"]
    name = cut.drawn.name[key[:, 0]].astype(object)
    kind = cut.drawn.kind[key[:, 0]].astype(object)
    zones = snapshot.zone_rows(query.level, query.vintage).iloc[key[:, 1]]
    ids = zones["zone_id"].astype(str).to_numpy(object)
    whole = np.bincount(key[:, 0], weights=total, minlength=len(cut.drawn.name))[key[:, 0]]
    flags = analysis.all_zones.set_index("zone_id")["flags"].reindex(ids).fillna("").astype(str)
    table = pd.DataFrame(
        {
            "barrier_id": [f"{k}:{n}/{i}" for k, n, i in zip(kind, name, ids, strict=True)],
            "barrier": pd.Series([n or None for n in name], dtype="str"),
            "barrier_kind": kind,
            "zone_id": ids,
            "zone_name": zones["zone_name"].to_numpy(object),
            "level": query.level,
            "vintage": query.held_vintage,
            "births_cut_off": total.round(BIRTHS_DECIMALS),
            "barrier_births_cut_off": np.where(name == "", total, whole).round(BIRTHS_DECIMALS),
            "mean_extra_m": np.bincount(row, weights=births * extra, minlength=size) / np.maximum(total, 1e-300),
            "p90_extra_m": quantile,
            "streets_as_of": str(snapshot.resources["streets_edges"]["vintage"]),
            "births_kind": analysis.demand.kind,
            "births_year": analysis.demand.year,
            "evidence": analysis.evidence,
            "flags": add_words(flags.reset_index(drop=True), {}),
        }
    )
    table = with_minutes(table, query, analysis.details)
    stretches = _stretches(cut.drawn, row, cut.piece[inside], size)
    ranks = table.sort_values(
        ["barrier_births_cut_off", "barrier_kind", "barrier", "births_cut_off", "zone_id"],
        ascending=[False, True, True, False, True],
        kind="stable",
    ).index
    told = table.loc[ranks, list(BARRIER_COLUMNS)].reset_index(drop=True)
    return gpd.GeoDataFrame(told, geometry=stretches[ranks.to_numpy()], crs=storage_crs())


def stretches(engine: Engine, analysis: Analysis, cut: CutOff) -> gpd.GeoDataFrame:
    """Births whose straight line crosses a stretch, by stretch.

    Returns
    -------
    ``of`` (kind and name of the barrier; ``barrier_id`` of `barrier_table` for lines without a name), ``births`` and
    ``geometry``; a row per stretch, and per zone where the barrier has no name
    """
    inside, zone = _asked(engine, analysis, cut)
    barrier, stretch = cut.barrier[inside], cut.drawn.stretch[cut.piece[inside]]
    named = cut.drawn.name[barrier] != ""
    key, row = np.unique(np.column_stack([barrier, np.where(named, -1, zone), stretch]), axis=0, return_inverse=True)
    births = np.bincount(row.reshape(-1), weights=analysis.demand.births[cut.cell[inside]], minlength=len(key))
    ids = (
        engine.snapshot.zone_rows(analysis.query.level, analysis.query.vintage)["zone_id"].astype(str).to_numpy(object)
    )
    kind, name = cut.drawn.kind[key[:, 0]], cut.drawn.name[key[:, 0]]
    of = [f"{k}/{n}" if n else f"{k}:/{ids[z]}" for k, n, z in zip(kind, name, key[:, 1], strict=True)]
    shapes = _stretches(cut.drawn, row.reshape(-1), cut.piece[inside], len(key))
    return gpd.GeoDataFrame({"of": of, "births": births}, geometry=shapes, crs=storage_crs())


def _asked(engine: Engine, analysis: Analysis, cut: CutOff) -> tuple[Positions, Positions]:
    """Rows of what was found whose cell lies in a zone that is asked for, and that zone."""
    query = analysis.query
    zone = analysis.zone_index[cut.cell].astype(np.intp)
    rows = engine.snapshot.zone_rows(query.level, query.vintage)
    asked = rows["zone_id"].isin(analysis.table["zone_id"]).to_numpy(bool)
    inside = np.flatnonzero((zone >= 0) & asked[zone])
    return inside, zone[inside]


def _stretches(drawn: DrawnBarriers, row: Positions, piece: Positions, size: int) -> Floats:
    """(size,) the stretches of every row that are crossed, as lines."""
    pair = np.unique(np.column_stack([row, drawn.stretch[piece]]), axis=0)
    order = np.argsort(drawn.stretch, kind="stable")
    first, last = (np.searchsorted(drawn.stretch[order], pair[:, 1], side=side) for side in ("left", "right"))
    many = last - first
    at = order[np.repeat(first - (np.cumsum(many) - many), many) + np.arange(int(many.sum()))]
    lines = drawn.lines[at]
    of_row = np.repeat(pair[:, 0], many)
    ends = np.searchsorted(of_row, np.arange(size + 1))
    shapes = np.empty(size, dtype=object)
    for number in range(size):
        shapes[number] = shapely.line_merge(shapely.multilinestrings(lines[ends[number] : ends[number + 1]]))
    return shapes
