"""Whether the costs of a table can be what its header says: compared with the straight line at the pace of the mode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import rankdata

from coverage.travel.base import TravelContext
from i18n.errors import DataError
from i18n.messages import Message, NumberAsGiven, Value, Word
from loaders.catalogue.types import Bools, Floats, Positions
from loaders.reading_room.sheets.costs import IN_TIME

FAR_ENOUGH_M = 500.0
"""Pairs nearer than this say nothing of a unit."""

ZERO_M = 1_000.0
"""A cost of nothing cannot be for pairs this far apart."""

TOO_SLOW = 10.0
"""Times the straight line that half of all pairs may cost at the most."""

TOO_FAST = 1 / 3
"""Times the straight line that half of all pairs cost at the least, in time: another mode is not that fast."""

SHORTER = 0.8
"""Share of pairs that may be shorter than the straight line, in metres."""

_ODD, _FITS, _FITS_AT_ALL = 0.25, 0.6, 0.5
"""Spread from which a column fits its place badly, the share of it that a better fit has at most, and its spread."""

_FEWEST_ORIGINS, _PER_PLACE = 12, 2_000
_AT_THE_DOOR, _FEWEST_DOORS, _MAX_OF_THEM = 0.5, 3, 0.7
"""How far an origin may be, as a share of the way to the next place; how many such a place needs, and the share of them
that agree."""

_FEWEST_RANKED, _NEAR_AND_FAR, _UNRELATED = 30, 2.0, 0.25
"""Origins of a place from which ranks are compared, how much farther the far ones are, and the correlation below which
costs have nothing to do with distance."""

_FEWEST_TOLD, _POINT_M = 100, 200.0
_EVEN, _STRAIGHT = 0.01, 1.02
_SLOW, _SLOW_BY_CAR = 2.5, 5.0
"""Times the straight line from which costs are told to be far above it."""

_NEIGHBOURS, _APART_M, _MUCH_NEARER, _FEWEST_ASIDE, _WRONG_WAY = 24, 1_000.0, 1.5, 5, 0.7
"""Neighbours with which a place is compared, metres between two at least, how many times nearer an origin is to
one of them, how many such each has, and the share of them that reach the other one for less."""

_NEAR_M = 100.0
_SHOWN = 6
_SAMPLE = 200_000
_FEWEST = 5


@dataclass(frozen=True, eq=False)
class Costs:
    """Pairs of a table.

    Attributes
    ----------
    origin, place : (n,) numbers of the origin and of the place
    cost_m : (n,) metres of travel
    """

    origin: Positions
    place: Positions
    cost_m: Floats


def check_costs(
    pairs: Costs, origin_of_cell: Positions, setting: TravelContext, *, unit: str, column: str, file: str
) -> list[Message]:
    """Compare costs with the straight line; a zone is as near as its nearest corner could be or as far.

    Parameters
    ----------
    pairs : of the table
    origin_of_cell : (n_cells,) origin of every inhabited cell, -1 where the table has none
    setting : has the points of the facilities, metres
    unit, column, file : of the table, for messages

    Returns
    -------
    list of Message
        what is odd and yet may be right: costs far above the straight line, equal to it, or that have little to do
        with it; and which exchanged ids would not be seen

    Raises
    ------
    DataError
        when there are zeros between places far apart, the unit must be another, with the factor that was found, or ids
        of places were exchanged
    """
    assert setting.facility_xy is not None  # noqa: S101
    if not len(pairs.origin):
        return []
    centre, radius, placed = _extents(origin_of_cell, setting.snapshot.grid.xy, int(pairs.origin.max()) + 1)
    step = max(1, len(pairs.origin) // _SAMPLE)
    some = np.arange(0, len(pairs.origin), step)
    some = some[placed[pairs.origin[some]]]
    origin, place, cost = pairs.origin[some], pairs.place[some], pairs.cost_m[some]
    apart = np.hypot(*(centre[origin] - setting.facility_xy[place]).T)
    nearest, farthest = np.maximum(apart - radius[origin], 0), apart + radius[origin]
    about: dict[str, Value] = {"file": file, "column": column, "mode": Word(f"mode.{setting.mode}")}
    zero = (cost == 0) & (nearest > ZERO_M)
    if zero.any():
        raise DataError(Message("error.travel.zeros", **about, n=int(zero.sum())))
    far = nearest > FAR_ENOUGH_M
    if far.sum() >= _FEWEST:
        ratio = cost[far] / nearest[far]
        shorter = ratio < 1
        if unit in IN_TIME and np.median(ratio) < TOO_FAST:
            _refuse("fast", float(np.median(ratio)), unit, int(shorter.sum()), len(ratio), about)
        if unit not in IN_TIME and shorter.mean() > SHORTER:
            _refuse("short", float(np.median(ratio)), unit, int(shorter.sum()), len(ratio), about)
    far = farthest > FAR_ENOUGH_M
    if far.sum() >= _FEWEST:
        ratio = cost[far] / farthest[far]
        if np.median(ratio) > TOO_SLOW:
            _refuse("slow", float(np.median(ratio)), unit, int((ratio > 1).sum()), len(ratio), about)
    whole = placed[pairs.origin] & (pairs.origin % step == 0)  # of an origin all pairs or none
    all_of = Costs(pairs.origin[whole], pairs.place[whole], pairs.cost_m[whole])
    exchanged = exchanged_nearby(all_of, centre, radius, setting.facility_xy)
    exchanged = exchanged or exchanged_places(Costs(origin, place, cost), centre, setting.facility_xy)
    compared = [] if exchanged else _compared(pairs, centre, placed, setting.facility_xy)
    exchanged = exchanged or _exchanged_of(compared)
    if exchanged:
        named = [(setting.facility_ids[one], setting.facility_ids[other]) for one, other in exchanged]
        shown = ", ".join(f"{one} → {other}" for one, other in named[:_SHOWN]) + (" …" if len(named) > _SHOWN else "")
        raise DataError(Message("error.travel.exchanged", file=file, n=len(named), pairs=shown))
    unseen = _unseen(pairs.place, compared, setting.facility_ids, file)
    if is_unrelated(Costs(origin, place, cost), apart):
        return [Message("table.unrelated", **about), *unseen]
    return [*_odd_ratios(cost, apart, radius[origin], unit, about), *unseen]


def _odd_ratios(cost: Floats, apart: Floats, radius: Floats, unit: str, about: Mapping[str, Value]) -> list[Message]:
    """Tell costs that are the straight line itself, or as a rule far above it."""
    far = (apart - radius > FAR_ENOUGH_M) & (radius < _POINT_M)
    if far.sum() < _FEWEST_TOLD:
        return []
    low, middle, high = np.percentile(cost[far] / apart[far], [5, 50, 95])
    if unit not in IN_TIME and high - low < _EVEN * middle and middle < _STRAIGHT:
        return [Message("table.straight", **about)]
    if middle > (_SLOW_BY_CAR if about["mode"] == Word("mode.car") else _SLOW):
        return [Message("table.far_above", **about, factor=NumberAsGiven(float(middle), ".2g"))]
    return []


def is_unrelated(pairs: Costs, apart: Floats) -> bool:
    """Whether costs do not grow with the distance, as where a column was sorted or shifted apart from its ids.

    Of every place with enough origins, near and far ones, the rank correlation of cost and straight line; even roads
    with great detours leave it high. ``apart``: (n,) metres of every pair.
    """
    order = np.argsort(pairs.place, kind="stable")
    ends = np.cumsum(np.bincount(pairs.place))
    correlations = []
    for rows in (order[first:last] for first, last in zip(np.append(0, ends[:-1]), ends, strict=True)):
        if len(rows) < _FEWEST_RANKED or np.ptp(pairs.cost_m[rows]) == 0:
            continue
        near, far = np.percentile(apart[rows], [10, 90])
        if far > _NEAR_AND_FAR * max(near, _NEAR_M):
            correlations.append(_rank_correlation(pairs.cost_m[rows], apart[rows]))
    return bool(correlations) and float(np.median(correlations)) < _UNRELATED


def _rank_correlation(one: Floats, other: Floats) -> float:
    """Correlation of the ranks of two columns; equal values share theirs."""
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])


def exchanged_nearby(pairs: Costs, origins_xy: Floats, radius: Floats, places_xy: Floats) -> list[tuple[int, int]]:
    """Places whose neighbours have another place as the one that costs least, and so on until it comes back.

    Whoever lives at a place's door, at most half as far as from any other, hardly ever gets to another one sooner,
    however fast the roads are; that most of them do, at both ends, is what exchanged ids leave.

    Parameters
    ----------
    pairs : costs in metres of the places that are reached, all of them for every origin
    origins_xy : (n_origins, 2) middle of every origin, metres
    radius : (n_origins,) how far its cells lie from its middle, metres
    places_xy : (n_places, 2) points of the places, metres

    Returns
    -------
    list of (int, int)
        positions of a place and of the one whose costs it has
    """
    places = np.unique(pairs.place)
    if len(places) < 2:
        return []
    order = np.lexsort((pairs.cost_m, pairs.origin))
    origin, first = np.unique(pairs.origin[order], return_index=True)
    several = np.diff(np.append(first, len(order))) > 1
    origin, least = origin[several], pairs.place[order][first[several]]
    away, nearest = (np.asarray(others) for others in cKDTree(places_xy[places]).query(origins_xy[origin], k=2))
    whole = away[:, 0] + 2 * radius[origin] <= away[:, 1]  # all of its cells are nearer to this place
    door = whole & (away[:, 0] <= _AT_THE_DOOR * away[:, 1])
    votes: Counter[tuple[int, int]] = Counter(zip(places[nearest[door, 0]].tolist(), least[door].tolist(), strict=True))
    asked: Counter[int] = Counter(places[nearest[door, 0]].tolist())
    others = {
        at: other
        for (at, other), count in votes.items()
        if at != other and asked[at] >= _FEWEST_DOORS and count >= _MAX_OF_THEM * asked[at]
    }
    return [(at, other) for at, other in sorted(others.items()) if _comes_back(at, others)]


def exchanged_pairs(pairs: Costs, origins_xy: Floats, placed: Bools, places_xy: Floats) -> list[tuple[int, int]]:
    """Pairs of places of which each costs more than the other from its own side, as two that exchanged ids do.

    From an origin that is much nearer to one of two places, that one costs less, whatever the roads and however large
    the squares or zones that the table has for origins: what is particular to the origin falls out of the comparison.
    So the share of origins where it is the other way round is near nought at both ends, and near one after a swap.

    Parameters
    ----------
    pairs : costs in metres, of the places that are reached
    origins_xy, placed : (n_origins, 2) middle of every origin, metres, and whether it has one
    places_xy : (n_places, 2) points of the places, metres

    Returns
    -------
    list of (int, int)
        positions of a place and of the one whose costs it has, each place once
    """
    return _exchanged_of(_compared(pairs, origins_xy, placed, places_xy))


def _exchanged_of(compared: list[tuple[float, int, int]]) -> list[tuple[int, int]]:
    pairs_found: list[tuple[int, int]] = []
    wrong = [one for one in compared if one[0] >= _WRONG_WAY]
    for _, one, second in sorted(wrong, key=lambda each: (-each[0], *each[1:])):
        if not {one, second} & {place for pair in pairs_found for place in pair}:
            pairs_found += [(one, second), (second, one)]
    return pairs_found


def _unseen(places: Positions, compared: list[tuple[float, int, int]], ids: Sequence[str], file: str) -> list[Message]:
    """Say which exchanged ids cannot be seen: of origins, and of places that no other one could be compared with."""
    held = np.unique(places)
    if len(held) < 2:
        return [Message("table.unseen_origins", file=file)]
    seen = {place for _, *two in compared for place in two}
    left = [ids[place] for place in held.tolist() if place not in seen]
    if not left:
        return [Message("table.unseen_origins", file=file)]
    shown = ", ".join(left[:_SHOWN]) + (" …" if len(left) > _SHOWN else "")
    return [Message("table.unseen_places", n=len(left), total=len(held), ids=shown, file=file)]


def _compared(pairs: Costs, origins_xy: Floats, placed: Bools, places_xy: Floats) -> list[tuple[float, int, int]]:
    """Share as of `_wrong_way` of two neighbouring places, with their positions; only of those that can be compared."""
    at = np.unique(pairs.place)
    if len(at) < 2:
        return []
    count = min(_NEIGHBOURS + 1, len(at))
    away, other = (np.asarray(each) for each in cKDTree(places_xy[at]).query(places_xy[at], k=count))
    reach = np.zeros(len(places_xy))
    reach[at] = 2 * away[:, -1]
    apart = np.hypot(*(origins_xy[pairs.origin] - places_xy[pairs.place]).T)
    near = np.flatnonzero(placed[pairs.origin] & (apart <= reach[pairs.place]))
    near = near[np.lexsort((pairs.origin[near], pairs.place[near]))]
    place = pairs.place[near]
    rows = {int(one): near[slice(*np.searchsorted(place, [one, one + 1]))] for one in at}
    compared = []
    for one, others in zip(at.tolist(), at[other[:, 1:]].tolist(), strict=True):
        for second in others:
            if one < second or one not in at[other[np.searchsorted(at, second), 1:]]:
                share = _wrong_way(pairs, apart, rows[one], rows[second], places_xy[[one, second]])
                if share is not None:
                    compared.append((share, one, second))
    return compared


def _wrong_way(pairs: Costs, apart: Floats, one: Positions, second: Positions, points: Floats) -> float | None:
    """Share of the origins at either of two places that reach the other one for less; the lower of both ends.

    None where the places are too near to each other or too few origins are at their doors.
    """
    length = float(np.hypot(*(points[0] - points[1])))
    if length < _APART_M:
        return None
    _, first, again = np.intersect1d(pairs.origin[one], pairs.origin[second], assume_unique=True, return_indices=True)
    rows = one[first], second[again]
    away, cost = [apart[each] for each in rows], [pairs.cost_m[each] for each in rows]
    between = np.minimum(*away) < length
    shares = []
    for here, there in ((0, 1), (1, 0)):
        side = between & (away[there] > _MUCH_NEARER * np.maximum(away[here], _NEAR_M))
        if side.sum() < _FEWEST_ASIDE:
            return None
        shares.append(float((cost[here][side] > cost[there][side]).mean()))
    return min(shares)


def exchanged_places(pairs: Costs, origins_xy: Floats, places_xy: Floats) -> list[tuple[int, int]]:
    """Places whose costs follow the distance to another place much better than that to their own.

    For each place the spread of log(cost / straight line) over its origins says how well its column fits a point: the
    same road with the same detours keeps that ratio nearly constant. Ids are exchanged where a column fits badly and
    fits another place's point well, and so on until it comes back to the first, as a swap or a cycle leaves them.

    Parameters
    ----------
    pairs : costs in metres, all of them reached
    origins_xy : (n_origins, 2) middle of every origin, metres
    places_xy : (n_places, 2) points of the places, metres

    Returns
    -------
    list of (int, int)
        positions of a place and of the one whose costs it has
    """
    order = np.argsort(pairs.place, kind="stable")
    ends = np.cumsum(np.bincount(pairs.place, minlength=len(places_xy)))
    columns = [order[first:last][:_PER_PLACE] for first, last in zip(np.append(0, ends[:-1]), ends, strict=True)]
    usable = [at for at, rows in enumerate(columns) if len(rows) >= _FEWEST_ORIGINS and (pairs.cost_m[rows] > 0).any()]
    if len(usable) < 2:
        return []
    own = {at: _spread(pairs, columns[at], origins_xy, places_xy[[at]])[0] for at in usable}
    odd = [at for at in usable if own[at] > _ODD]
    other_of = {}
    for at in odd:
        spread = _spread(pairs, columns[at], origins_xy, places_xy[odd])
        best = int(np.argmin(spread))
        if odd[best] != at and spread[best] < min(_FITS * own[at], _FITS_AT_ALL):
            other_of[at] = odd[best]
    return [(at, other) for at, other in other_of.items() if _comes_back(at, other_of)]


def _comes_back(start: int, other_of: Mapping[int, int]) -> bool:
    """Whether going from each place to the one whose costs it has leads back to where it began."""
    at = other_of[start]
    for _ in other_of:
        if at == start:
            return True
        if at not in other_of:
            return False
        at = other_of[at]
    return False


def _spread(pairs: Costs, rows: Positions, origins_xy: Floats, points: Floats) -> Floats:
    """(n,) spread of log(cost / distance) of some pairs, as if their place stood at each of the points."""
    away = np.hypot(*(origins_xy[pairs.origin[rows]][:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    ratio = np.log(np.maximum(pairs.cost_m[rows], 1.0))[:, None] - np.log(np.maximum(away, _NEAR_M))
    low, high = np.percentile(ratio, [25, 75], axis=0)
    return np.asarray(high - low)


def _extents(origin_of_cell: Positions, xy: Floats, n: int) -> tuple[Floats, Floats, Bools]:
    """(n, 2) middle of the cells of every origin, how far from it the farthest lies, and whether it has any."""
    placed = origin_of_cell >= 0
    n = max(n, int(origin_of_cell.max(initial=-1)) + 1)
    number = origin_of_cell[placed]
    count = np.maximum(np.bincount(number, minlength=n), 1)
    centre = np.column_stack([np.bincount(number, weights=xy[placed, axis], minlength=n) / count for axis in (0, 1)])
    radius = np.zeros(n)
    np.maximum.at(radius, number, np.hypot(*(xy[placed] - centre[number]).T))
    return centre, radius, np.bincount(number, minlength=n) > 0


def _refuse(kind: str, ratio: float, unit: str, n: int, total: int, about: dict[str, Value]) -> NoReturn:
    """Raise with the factor that was found and the unit that it points at."""
    meant = {
        ("short", "metres"): "kilometres" if ratio < 0.05 else "",
        ("short", "kilometres"): "",
        ("fast", "minutes"): "hours" if ratio < 0.05 else "",
        ("fast", "seconds"): "minutes" if ratio < 0.05 else "",
        ("slow", "minutes"): "seconds" if ratio > 15 else "",
        ("slow", "kilometres"): "metres" if ratio > 200 else "",
        ("slow", "hours"): "minutes" if ratio > 15 else "",
    }.get((kind, unit), "")
    factor = ratio if kind == "slow" else 1 / max(ratio, 1e-9)
    values = {**about, "n": str(n), "total": str(total), "factor": NumberAsGiven(factor, ".3g")}
    if meant:
        told = Message("table.unit_meant", column=about["column"], meant=meant, unit=Word(f"table.unit.{meant}"))
        raise DataError(Message(f"error.travel.costs_{kind}", **values, remedy=told))
    raise DataError(Message(f"error.travel.costs_{kind}", **values, remedy=Word("table.unit_unclear")))
