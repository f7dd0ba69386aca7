"""Distances after a few places came, went or moved: only the cells that can change are measured again.

A place matters to a cell only when it is no farther than the second nearest the cell had. All other cells keep both
distances, and their nearest place under its new row. The outcome is that of `coverage.core.reach.measure`, bit for bit:
docs/method/scenarios.md says why, tests/unit/test_reach_update.py shows it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from coverage.core.reach import Reach, coordinates, distances_known, measure, place_rows
from coverage.travel.base import TravelModel
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.types import Floats, Positions

if TYPE_CHECKING:
    from coverage.travel.streets.street_travel import Forest, StreetTravel

MAX_CHANGES = 30
"""With more places come or gone than this, everything is measured again."""

_ROUNDING = 1e-9
"""Slack of the search for cells that can change, relative; measuring a cell too many changes nothing."""

_MANY = 4
"""From one in so many cells on, sorting all is quicker than merging."""


@dataclass(frozen=True, eq=False)
class ReachChange:
    """What set a reach apart from the one it was made from.

    Attributes
    ----------
    base : key of that reach
    cells : cells whose distance changed; all others are as far from their nearest place as they were
    """

    base: Hashable
    cells: Positions


@dataclass(frozen=True, eq=False)
class Tracked:
    """A reach, and what it takes to make the next one from it.

    Attributes
    ----------
    key : what it is kept under
    model : name of the travel model
    rows : (m,) rows of the places
    xy : (m, 2) where they stand
    reach : the distances
    change : how it was made from another one; None when everything was measured
    """

    key: Hashable
    model: str
    rows: Positions
    xy: Floats
    reach: Reach
    change: ReachChange | None = None


@dataclass(frozen=True, eq=False)
class Difference:
    """How a list of places differs from another one.

    Attributes
    ----------
    kept : (k, 2) positions in the old and the new list of places that stay where they are, both ascending
    touched : (c, 2) coordinates where a place came or went
    """

    kept: Positions
    touched: Floats


def track(
    key: Hashable,
    name: str,
    cell_xy: Floats,
    facilities: Facilities,
    model: TravelModel,
    others: Iterable[Tracked],
) -> Tracked:
    """Distances of every cell, made from those kept that differ least where that is possible.

    Parameters
    ----------
    key : what the outcome will be kept under
    name : name of the travel model
    cell_xy : (n_cells, 2) metres
    facilities : places of one service
    model : the travel model; a cell's distance to a place must not depend on the other places or cells asked for
    others : reaches of the same cells, under the same travel model
    """
    rows = place_rows(facilities)
    xy = coordinates(facilities.frame)[rows]
    best: tuple[Tracked, Difference] | None = None
    if distances_known(facilities):
        for base in others:
            changed = difference(base.xy, xy) if base.reach.known else None
            if changed and len(changed.touched) <= min(MAX_CHANGES, len(best[1].touched) - 1 if best else MAX_CHANGES):
                best = base, changed
    if best is None:
        return Tracked(key, name, rows, xy, measure(cell_xy, facilities, model))
    reach, cells = update(cell_xy, best[0], best[1], rows, xy, model)
    return Tracked(key, name, rows, xy, reach, ReachChange(best[0].key, cells))


def difference(old: Floats, new: Floats) -> Difference | None:
    """Compare two lists of places by where these stand; None when those that stay are in another order.

    Parameters
    ----------
    old, new : (m, 2) and (n, 2) coordinates; several places may stand in one spot
    """
    spots: defaultdict[tuple[float, float], deque[int]] = defaultdict(deque)
    for position, spot in enumerate(map(tuple, old.tolist())):
        spots[spot].append(position)
    pairs: list[tuple[int, int]] = []
    came: list[tuple[float, float]] = []
    for position, spot in enumerate(map(tuple, new.tolist())):
        if spots.get(spot):
            pairs.append((spots[spot].popleft(), position))
        else:
            came.append(spot)
    went = [spot for spot, left in spots.items() for _ in left]
    kept = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    if (np.diff(kept[:, 0]) <= 0).any():
        return None
    return Difference(kept, np.array(came + went, dtype=np.float64).reshape(-1, 2))


def update(
    cell_xy: Floats, base: Tracked, changed: Difference, rows: Positions, xy: Floats, model: TravelModel
) -> tuple[Reach, Positions]:
    """Reach to a list of places out of that to another one.

    Parameters
    ----------
    cell_xy : (n_cells, 2) metres
    base : the other list and its reach
    changed : how they differ
    rows, xy : (m,) rows and (m, 2) coordinates of the places
    model : the travel model of both

    Returns
    -------
    the reach, and (k,) the cells whose distance to the nearest place changed, ascending
    """
    reach = base.reach
    if getattr(model, "mends", False):
        return _over_streets(cell_xy, base, changed, rows, xy, cast("StreetTravel", model))
    cells = within_second(cell_xy, reach.second_m, changed.touched, model.least)
    travel = model(cell_xy[cells], xy, 2)
    first, second = reach.distance_m.copy(), reach.second_m.copy()
    first[cells], second[cells] = travel.distance_m[:, 0], travel.distance_m[:, 1]
    nearest = _renumbered(reach.nearest, base.rows[changed.kept[:, 0]], rows[changed.kept[:, 1]])
    nearest[cells] = np.append(rows, -1)[travel.index[:, 0]]
    others = cells[first[cells] != reach.distance_m[cells]]
    order = merge(reach.order, reach.distance_m, first, others)
    return Reach(first, second, nearest, order, known=True, flags=reach.flags, details=reach.details), others


def _over_streets(
    cell_xy: Floats, base: Tracked, changed: Difference, rows: Positions, xy: Floats, model: StreetTravel
) -> tuple[Reach, Positions]:
    """`update` for travel over streets: what was found of them is repaired."""
    from coverage.travel.streets.street_repair import repair  # only who travels over streets needs it
    from coverage.travel.streets.street_travel import Forest

    reach, old = base.reach, base.reach.forest
    repaired = repair(model, old, xy, changed.kept, cell_xy) if isinstance(old, Forest) else None
    if repaired is None:
        forest, cells = model.search(xy), np.arange(len(cell_xy))
    else:
        forest, cells = repaired.forest, repaired.cells
    nearest = _renumbered(reach.nearest, base.rows[changed.kept[:, 0]], rows[changed.kept[:, 1]])
    return _answered(reach, rows, nearest, cell_xy, cells, forest, model)


def _answered(
    reach: Reach,
    rows: Positions,
    nearest: Positions,
    cell_xy: Floats,
    cells: Positions,
    forest: Forest,
    model: StreetTravel,
) -> tuple[Reach, Positions]:
    """Reach with the distances of some cells taken from what was found of the streets, and the cells that changed."""
    answer = model.answer(cell_xy[cells], forest)
    first, second = reach.distance_m.copy(), reach.second_m.copy()
    first[cells], second[cells] = answer.distance_m[:, 0], answer.distance_m[:, 1]
    nearest[cells] = np.append(rows, -1)[answer.index[:, 0]]
    flags = {flag: mark.copy() for flag, mark in reach.flags.items()}
    for flag, mark in answer.flags.items():
        flags[flag][cells] = mark
    others = cells[first[cells] != reach.distance_m[cells]]
    untold = np.isnan(first).any() or np.isnan(reach.distance_m).any()
    order = np.argsort(first, kind="stable") if untold else merge(reach.order, reach.distance_m, first, others)
    return Reach(first, second, nearest, order, known=True, flags=flags, details=answer.details, forest=forest), others


def with_bridges(key: Hashable, cell_xy: Floats, plain: Tracked, facilities: Facilities, model: TravelModel) -> Tracked:
    """Distances with bridges that are not there, made from those over the streets as they are.

    Parameters
    ----------
    key : what the outcome will be kept under
    cell_xy : (n_cells, 2) metres
    plain : the distances without bridges
    facilities : the places, of one service
    model : the streets with the bridges (`coverage.travel.streets.bridges.BridgedTravel`)
    """
    from coverage.travel.streets.bridges import BridgedTravel  # only who travels over streets needs it
    from coverage.travel.streets.street_travel import Forest

    reach, name = plain.reach, f"{plain.model} with bridges"
    if not (isinstance(model, BridgedTravel) and isinstance(reach.forest, Forest)):
        return Tracked(key, name, plain.rows, plain.xy, measure(cell_xy, facilities, model))
    repaired = model.added(reach.forest, cell_xy)
    bridged, cells = _answered(reach, plain.rows, reach.nearest.copy(), cell_xy, repaired.cells, repaired.forest, model)
    return Tracked(key, name, plain.rows, plain.xy, bridged, ReachChange(plain.key, cells))


def within_second(cell_xy: Floats, second_m: Floats, spots: Floats, least: float) -> Positions:
    """Cells that may have one of the spots at most as far away as their second nearest place, ascending.

    Parameters
    ----------
    cell_xy : (n_cells, 2) metres
    second_m : (n_cells,) metres of travel to the second nearest place
    spots : (c, 2) metres
    least : metres of travel that a metre of straight line costs at the least
    """
    close = np.zeros(len(cell_xy), dtype=bool)
    factor = least * (1 - _ROUNDING)
    north = np.ascontiguousarray(cell_xy[:, 1])
    gap = np.empty_like(north)
    for spot in spots:
        np.subtract(north, spot[1], out=gap)
        np.abs(gap, out=gap)
        gap *= factor
        band = np.flatnonzero(gap <= second_m)
        square = band[np.abs(cell_xy[band, 0] - spot[0]) * factor <= second_m[band]]
        away = np.hypot(cell_xy[square, 0] - spot[0], cell_xy[square, 1] - spot[1])
        close[square[away * factor <= second_m[square]]] = True
    return np.flatnonzero(close)


def _renumbered(nearest: Positions, old_rows: Positions, new_rows: Positions) -> Positions:
    """Nearest places under their new rows; places that went become -1."""
    if np.array_equal(old_rows, new_rows):
        return nearest.copy()
    size = int(max(nearest.max(initial=-1), old_rows.max(initial=-1))) + 2
    table = np.full(size, -1, dtype=np.intp)
    table[old_rows] = new_rows
    return table[nearest]


def merge(order: Positions, old_m: Floats, new_m: Floats, cells: Positions) -> Positions:
    """Cells from near to far after the distances of some changed: these are put in their new places among the others.

    Parameters
    ----------
    order : (n,) cells by ``old_m``, those at the same distance by number
    old_m, new_m : (n,) distances before and after
    cells : (k,) the cells whose distance changed, ascending
    """
    if len(cells) == 0:
        return order
    if len(cells) > len(order) // _MANY:
        return np.argsort(new_m, kind="stable")
    changed = np.zeros(len(order), dtype=bool)
    changed[cells] = True
    leaving = changed[order]
    coming = cells[np.argsort(new_m[cells], kind="stable")]
    at = _rank_of(order, old_m, coming, new_m[coming])
    at -= np.searchsorted(np.flatnonzero(leaving), at)  # those that leave make room
    at += np.arange(len(coming))
    free = np.ones(len(order), dtype=bool)
    free[at] = False
    merged = np.empty_like(order)
    merged[at] = coming
    merged[free] = order[~leaving]
    return merged


def _rank_of(order: Positions, distance_m: Floats, cells: Positions, values: Floats) -> Positions:
    """(k,) how many come before a cell at a distance: those nearer, and those as near with a lower number."""
    low, high = np.zeros(len(cells), dtype=np.intp), np.full(len(cells), len(order), dtype=np.intp)
    while (low < high).any():
        middle = np.minimum((low + high) // 2, len(order) - 1)
        there = order[middle]
        metres = distance_m[there]
        before = ((metres < values) | ((metres == values) & (there < cells))) & (low < high)
        low, high = np.where(before, middle + 1, low), np.where(before | (low >= high), high, middle)
    return low
