"""How unequally access is shared: Lorenz curve, Gini, Theil and Palma, over all and by zone.

Every function takes values (access of a cell) and weights (births of the cell). Cells without births count for
nothing; the result does not depend on the order of the cells or on splitting one in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from i18n.errors import InputError
from loaders.catalogue.types import Floats

TOP, BOTTOM = 0.1, 0.4
"""Palma compares the best-off tenth with the worst-off four tenths (Palma 2011)."""

_ROUNDING = 1e-12
"""Shares of people so small are a matter of rounding."""


@dataclass(frozen=True, eq=False)
class Lorenz:
    """Lorenz curve: what share of all access the worst-off share of the births holds.

    Attributes
    ----------
    people : (k + 1,) cumulative share of the weights, from 0 to 1, worst-off first
    access : (k + 1,) cumulative share of value times weight, from 0 to 1
    """

    people: Floats
    access: Floats


def lorenz(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Lorenz:
    """Lorenz curve (Lorenz 1905) of values with weights.

    Parameters
    ----------
    values : (n,) access, none negative or missing
    weights : (n,) births; None counts every value once

    Raises
    ------
    InputError
        when shapes differ, a value or weight is negative or missing, or nothing has weight

    Examples
    --------
    >>> curve = lorenz([1.0, 3.0])
    >>> curve.people.tolist(), curve.access.tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.25, 1.0])
    """
    amount, counted = _checked(values, weights)
    order = np.argsort(amount, kind="stable")
    people = np.append(0.0, np.cumsum(counted[order]))
    access = np.append(0.0, np.cumsum((amount * counted)[order]))
    with np.errstate(invalid="ignore"):
        return Lorenz(people / people[-1], access / access[-1])


def gini(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Gini coefficient: 0 when all have the same, towards 1 when one has everything (Gini 1912).

    Twice the area between the Lorenz curve and the diagonal,
    ``G = 1 - Σ_k (P_k - P_{k-1}) (L_k + L_{k-1})``.

    Parameters
    ----------
    values : (n,) access, none negative or missing
    weights : (n,) births; None counts every value once

    Returns
    -------
    float
        between 0 and 1; NaN when nobody has any access, as there is nothing to share

    Raises
    ------
    InputError
        when shapes differ, a value or weight is negative or missing, or nothing has weight

    Examples
    --------
    >>> gini([1.0, 1.0, 1.0]), gini([0.0, 0.0, 0.0, 8.0]), gini([1.0, 3.0], [3, 1])
    (0.0, 0.75, 0.25)
    """
    amount, counted = _checked(values, weights)
    return float(gini_by(np.zeros(len(amount), dtype=np.intp), amount, counted, 1)[0])


def gini_by(zone: npt.NDArray[Any], values: Floats, weights: Floats, size: int) -> Floats:
    """(size,) Gini of every zone; NaN where a zone has no weight or no access.

    Parameters
    ----------
    zone : (n,) zone of every value, 0 ... size - 1
    values, weights : (n,) access and births, none negative
    size : number of zones
    """
    order = np.lexsort((values, zone))
    where, amount, counted = zone[order], values[order] * weights[order], weights[order]
    people = np.bincount(where, weights=counted, minlength=size)
    access = np.bincount(where, weights=amount, minlength=size)
    upto, before = np.cumsum(amount), np.append(0.0, np.cumsum(access)[:-1])
    below = np.clip(upto - amount / 2 - before[where], 0.0, None)  # value held by the worse-off, own half included
    area = np.bincount(where, weights=counted * below, minlength=size)
    both = people * access
    coefficient = np.divide(area, both, out=np.full(size, np.nan), where=both > 0)
    return np.asarray(np.clip(1 - 2 * coefficient, 0.0, 1.0), dtype=np.float64)


def theil(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Theil's T (Theil 1967): ``Σ w_i (y_i/μ) ln(y_i/μ) / Σ w_i``; 0 when all have the same.

    Parameters, errors and NaN are those of `gini`.

    Examples
    --------
    >>> theil([2.0, 2.0]), round(theil([1.0, 3.0]), 4)
    (0.0, 0.1308)
    """
    amount, counted = _checked(values, weights)
    mean = float(amount @ counted / counted.sum())
    if mean == 0:
        return float("nan")
    ratio = amount / mean
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
    return float(counted @ (ratio * logs) / counted.sum())


def palma(values: npt.ArrayLike, weights: npt.ArrayLike | None = None, rank_by: npt.ArrayLike | None = None) -> float:
    """Mean access of the best-off tenth divided by that of the worst-off four tenths (after Palma 2011).

    1 when all have the same. A value that straddles a limit counts for the part on either side.

    Parameters
    ----------
    values : (n,) access, none negative or missing
    weights : (n,) births; None counts every value once
    rank_by : (n,) who is well off, such as income; None ranks by access itself

    Returns
    -------
    float
        ``inf`` when the worst-off have no access, NaN when the best-off have none either

    Raises
    ------
    InputError
        as for `gini`, or when ``rank_by`` has another shape or a missing value

    Examples
    --------
    >>> round(palma([1.0] * 9 + [3.0]), 9), palma([0.0] * 4 + [1.0] * 6)
    (3.0, inf)
    """
    amount, counted = _checked(values, weights)
    rank = amount if rank_by is None else np.asarray(rank_by, dtype=np.float64)
    if rank.shape != amount.shape or np.isnan(rank).any():
        raise InputError(f"rank_by must be {len(amount)} numbers without gaps, one for every value.")
    return float(palma_by(np.zeros(len(amount), dtype=np.intp), amount, counted, 1, rank)[0])


def palma_by(
    zone: npt.NDArray[Any], values: Floats, weights: Floats, size: int, rank_by: Floats | None = None
) -> Floats:
    """(size,) `palma` of every zone; NaN where a zone has no weight or nobody has access."""
    order = np.lexsort((values if rank_by is None else rank_by, zone))
    where, amount, counted = zone[order], values[order], weights[order]
    people = np.bincount(where, weights=counted, minlength=size)
    upto = np.cumsum(counted) - np.append(0.0, np.cumsum(people)[:-1])[where]
    whole = people[where]
    low = np.clip(np.minimum(upto, BOTTOM * whole) - (upto - counted), 0.0, counted)
    low[low <= _ROUNDING * whole] = 0.0
    high = np.clip(upto - np.maximum(upto - counted, (1 - TOP) * whole), 0.0, counted)
    worst = np.bincount(where, weights=amount * low, minlength=size) / BOTTOM
    best = np.bincount(where, weights=amount * high, minlength=size) / TOP
    empty = np.where((best > 0) & (people > 0), np.inf, np.nan)
    return np.divide(best, worst, out=empty, where=worst > 0)


def _checked(values: npt.ArrayLike, weights: npt.ArrayLike | None) -> tuple[Floats, Floats]:
    """Values and weights of everything that has weight."""
    array = np.asarray(values, dtype=np.float64)
    counted = np.ones(array.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if array.ndim != 1 or array.shape != counted.shape:
        raise InputError(f"Values have shape {array.shape} and weights {counted.shape}; give two lists of one length.")
    for what, numbers in (("value", array), ("weight", counted)):
        wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
        if len(wrong):
            raise InputError(
                f"The {what} of row {wrong[0]} is {numbers[wrong[0]]:g}; give finite numbers of 0 or more."
            )
    if not (counted > 0).any():
        raise InputError("Nothing has weight, so nothing is shared; give at least one value with a weight above 0.")
    return array[counted > 0], counted[counted > 0]
