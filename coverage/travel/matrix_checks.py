"""Whether the costs of a table can be what its header says: compared with the straight line at the pace of the mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np

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
) -> None:
    """Compare costs with the straight line; a zone is as near as its nearest corner could be or as far.

    Parameters
    ----------
    pairs : of the table
    origin_of_cell : (n_cells,) origin of every inhabited cell, -1 where the table has none
    setting : has the points of the facilities, metres
    unit, column, file : of the table, for messages

    Raises
    ------
    DataError
        when there are zeros between places far apart, or the unit must be another, with the factor that was found
    """
    assert setting.facility_xy is not None  # noqa: S101
    if not len(pairs.origin):
        return
    centre, radius, held = _extents(origin_of_cell, setting.snapshot.grid.xy, int(pairs.origin.max()) + 1)
    step = max(1, len(pairs.origin) // _SAMPLE)
    some = np.arange(0, len(pairs.origin), step)
    some = some[held[pairs.origin[some]]]
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


def _extents(origin_of_cell: Positions, xy: Floats, n: int) -> tuple[Floats, Floats, Bools]:
    """(n, 2) middle of the cells of every origin, how far from it the farthest lies, and whether it has any."""
    held = origin_of_cell >= 0
    n = max(n, int(origin_of_cell.max(initial=-1)) + 1)
    number = origin_of_cell[held]
    count = np.maximum(np.bincount(number, minlength=n), 1)
    centre = np.column_stack([np.bincount(number, weights=xy[held, axis], minlength=n) / count for axis in (0, 1)])
    radius = np.zeros(n)
    np.maximum.at(radius, number, np.hypot(*(xy[held] - centre[number]).T))
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
