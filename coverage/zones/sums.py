"""From cells to zones: births, births in reach and births-weighted distances of every zone of a partition.

Cells are put in order of distance once. For a partition, a stable sort of their zone numbers then gives all
cells by zone and, within a zone, from near to far; cumulative births give exact weighted quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from coverage.core.conservation import check_conserved
from coverage.core.demand import Demand
from coverage.core.reach import Reach
from loaders.catalogue.types import Floats

Zones = npt.NDArray[np.uint16] | npt.NDArray[np.int64]

QUANTILES: dict[str, tuple[int, int]] = {"median": (1, 2), "p90": (9, 10)}
"""Quantiles reported, as exact fractions."""

BIRTHS_DECIMALS = 9
"""Births are rounded here, so that adding up cells gives 122 and not 121.99999999999963."""

_MANY = 4
"""From one in so many cells on, adding up all zones is as quick as some."""

_UNIT_BITS = 58
"""Births are added up in units so small that all are below 2**58; nine times that fits 64 bits."""


@dataclass(frozen=True, eq=False)
class ZoneSums:
    """Figures of every zone; arrays are (n_zones + 1,), the last entry is what lies in no zone.

    Attributes
    ----------
    births : births
    in_reach : births within reach, its end included; NaN where distances are not known
    unreachable : births that cannot reach any place
    mean_m, median_m, p90_m : births-weighted travel distance; NaN without births or where some cannot be
        reached
    """

    births: Floats
    in_reach: Floats
    unreachable: Floats
    mean_m: Floats
    median_m: Floats
    p90_m: Floats


@dataclass(frozen=True, eq=False)
class Ranked:
    """Births and distances of all cells from near to far: what zone tables of any level start from.

    Attributes
    ----------
    order : (n_cells,) the cells from near to far
    births : (n_cells,) their births
    units : (n_cells,) the same in fixed point (`fixed_point`)
    distance_m : (n_cells,) their travel distance, ascending
    known : whether distances are known
    total : all births, as published
    what : what is counted, for messages ("births")
    """

    order: npt.NDArray[np.intp]
    births: Floats
    units: npt.NDArray[np.int64]
    distance_m: Floats
    known: bool
    total: float
    what: str


def rank(demand: Demand, reach: Reach) -> Ranked:
    """Put births and distances in order of distance."""
    return _rank(demand, reach, reach.order)


def _rank(demand: Demand, reach: Reach, order: npt.NDArray[np.intp]) -> Ranked:
    """Births and distances of some cells, given from near to far."""
    births = demand.births[order]
    return Ranked(
        order=order,
        births=births,
        units=fixed_point(births, float(demand.births.sum())),
        distance_m=reach.distance_m[order],
        known=reach.known,
        total=demand.total,
        what=f"{demand.kind} {demand.year}",
    )


def summarise(ranked: Ranked, zone_index: npt.NDArray[np.int32], n_zones: int, within_m: float) -> ZoneSums:
    """Add the cells up by zone.

    Parameters
    ----------
    ranked : births and travel distances of the cells
    zone_index : (n_cells,) zone of every cell, -1 outside the partition
    n_zones : number of zones
    within_m : reach in metres of travel

    Returns
    -------
    ZoneSums
        arrays of shape (n_zones + 1,)

    Raises
    ------
    ConservationError
        when the births of the zones and the remainder do not add up to the published total
    """
    sums = _sums_of(ranked, zone_index, n_zones, within_m)
    check_conserved(sums.births, ranked.total, f"{ranked.what} by zone", BIRTHS_DECIMALS)
    return sums


def resummarise(
    before: ZoneSums,
    cells: npt.NDArray[np.intp],
    demand: Demand,
    reach: Reach,
    zone_index: npt.NDArray[np.int32],
    within_m: float,
) -> ZoneSums | None:
    """Figures of the zones after the distances of some cells changed: only the zones they lie in are added up again.

    A figure of a zone rests on the cells of that zone alone, taken from near to far, so the outcome is that of
    `summarise`, bit for bit.

    Parameters
    ----------
    before : figures with the distances of before
    cells : cells whose distance changed
    demand, reach : births and distances of all cells
    zone_index : (n_cells,) zone of every cell, -1 outside the partition
    within_m : reach in metres of travel

    Returns
    -------
    ZoneSums or None
        None where so much has to be added up again that `summarise` is as quick
    """
    n_zones = len(before.births) - 1
    touched = np.zeros(n_zones + 1, dtype=bool)
    touched[zone_index[cells]] = True  # -1, outside the partition, is the last
    inside = np.flatnonzero(touched[zone_index])
    if len(inside) > len(zone_index) // _MANY:
        return None
    order = inside[np.argsort(reach.distance_m[inside], kind="stable")]
    sums = _sums_of(_rank(demand, reach, order), zone_index, n_zones, within_m)
    names = [field.name for field in fields(ZoneSums)]
    after = ZoneSums(**{name: np.where(touched, getattr(sums, name), getattr(before, name)) for name in names})
    check_conserved(after.births, demand.total, f"{demand.kind} {demand.year} by zone", BIRTHS_DECIMALS)
    return after


def within_another(before: ZoneSums, ranked: Ranked, zone_index: npt.NDArray[np.int32], within_m: float) -> ZoneSums:
    """Figures for another reach: only births in reach are added up again, and in the order of `summarise`.

    Parameters
    ----------
    before : figures of the same births and distances for any reach
    ranked, zone_index, within_m : as for `summarise`
    """
    if not ranked.known:
        return before
    size = len(before.births)
    near = int(np.searchsorted(ranked.distance_m, within_m, side="right"))
    zone = zone_index[ranked.order[:near]]
    zone[zone < 0] = size - 1
    return replace(before, in_reach=total_by(zone, ranked.births[:near], size).round(BIRTHS_DECIMALS))


def _sums_of(ranked: Ranked, zone_index: npt.NDArray[np.int32], n_zones: int, within_m: float) -> ZoneSums:
    """Add up the cells that are ranked."""
    size = n_zones + 1
    zone = _compact(np.where(zone_index < 0, n_zones, zone_index)[ranked.order], size)
    births, distance = ranked.births, ranked.distance_m
    sums = total_by(zone, births, size)
    births_of_zone = sums.round(BIRTHS_DECIMALS)
    if not ranked.known:
        empty = np.full(size, np.nan)
        return ZoneSums(births_of_zone, empty, np.zeros(size), empty, empty, empty)

    near = int(np.searchsorted(distance, within_m, side="right"))
    finite = int(np.searchsorted(distance, np.inf, side="left"))
    in_reach = total_by(zone[:near], births[:near], size)
    unreachable = total_by(zone[finite:], births[finite:], size)
    moments = total_by(zone[:finite], births[:finite] * distance[:finite], size)
    whole = (sums > 0) & (unreachable == 0)
    quantiles = weighted_quantiles(zone, ranked.units, distance, size)
    return ZoneSums(
        births=births_of_zone,
        in_reach=in_reach.round(BIRTHS_DECIMALS),
        unreachable=unreachable,
        mean_m=np.divide(moments, sums, out=np.full(size, np.nan), where=whole),
        median_m=np.where(whole, quantiles["median"], np.nan),
        p90_m=np.where(whole, quantiles["p90"], np.nan),
    )


def _compact(zone: npt.NDArray[Any], size: int) -> Zones:
    """Zone numbers in 16 bits where they fit, because those sort by radix."""
    return zone.astype(np.uint16) if size <= np.iinfo(np.uint16).max else zone.astype(np.int64)


def total_by(zone: Zones | npt.NDArray[np.int32], weights: Floats, size: int) -> Floats:
    """(size,) sum of the weights of every zone, added up in the order given."""
    return np.asarray(np.bincount(zone, weights=weights, minlength=size), dtype=np.float64)


def weighted_quantiles(zone: Zones, units: npt.NDArray[np.int64], values: Floats, size: int) -> dict[str, Floats]:
    """Exact weighted quantiles by zone: the smallest d such that the weights with value <= d reach q of all.

    Weights are whole numbers, so neither the order of addition nor a rounding just below the threshold can
    move the answer.

    Parameters
    ----------
    zone : (n,) zone of every item, 0 ... size - 1
    units : (n,) weights as whole numbers (`fixed_point`), none negative
    values : (n,) values in ascending order
    size : number of zones

    Returns
    -------
    dict of (size,) arrays by the names in `QUANTILES`; NaN for zones without weight
    """
    if len(zone) == 0:
        return {name: np.full(size, np.nan) for name in QUANTILES}
    by_zone = np.argsort(zone, kind="stable")
    cumulative = np.cumsum(units[by_zone])
    ends = np.cumsum(np.bincount(zone, minlength=size))
    upto = np.where(ends > 0, cumulative[ends - 1], 0)
    before = np.append(0, upto[:-1])
    total = upto - before
    quantiles: dict[str, Floats] = {}
    for name, (numerator, denominator) in QUANTILES.items():
        needed = before - (-numerator * total // denominator)  # rounded up
        at = np.minimum(np.searchsorted(cumulative, needed, side="left"), len(cumulative) - 1)
        quantiles[name] = np.where(total > 0, values[by_zone[at]], np.nan)
    return quantiles


def fixed_point(weights: Floats, total: float | None = None) -> npt.NDArray[np.int64]:
    """Weights as whole multiples of a power of two that is fine enough to lose nothing that matters.

    The unit is 2**-k with k chosen so that all weights together stay below 2**58: for 76,000 births it is
    5e-13 births. ``total`` is the sum that sets the unit, for weights that are part of more; None for their own.
    """
    total = float(weights.sum()) if total is None else total
    if total <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    _, exponent = np.frexp(total)
    return np.rint(np.ldexp(weights, _UNIT_BITS - int(exponent))).astype(np.int64)
