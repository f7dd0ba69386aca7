"""How values are put in classes: by fixed bounds, as many zones in each, natural breaks, or around the norm."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

USUAL_METHOD = "usual"
METHODS = (USUAL_METHOD, "quantile", "quartile", "jenks", "norm")
"""Ways of putting values in classes, the usual one first: round or fixed bounds that let two maps compare."""

CLASSES: Mapping[str, int] = {"quantile": 5, "quartile": 4, "jenks": 5}
"""Classes of a method that follows the values."""

_FREE = ("births", "share", "minutes", "ratio", "amount")
"""Scales whose bounds may follow the values; labels, chances, differences and small counts keep theirs."""

_MAX_STEPS = 1000
"""Distinct values that natural breaks are sought between."""

_MAX_DIGITS = 12


@dataclass(frozen=True)
class Classing:
    """How the values of a map are put in classes.

    Attributes
    ----------
    method : one of `METHODS`
    share : share of the children in reach below which there is a gap, 0 to 1; for `norm`
    minutes : reach in minutes; for `norm`
    """

    method: str = USUAL_METHOD
    share: float = 0.5
    minutes: float = 15.0


USUAL = Classing()


def breaks_by(values: npt.NDArray[np.float64], scale: str, classing: Classing) -> tuple[float, ...] | None:
    """Inner bounds of classes, ascending; None where the method does not suit the scale, and the usual ones stand.

    Parameters
    ----------
    values : (n,) numbers, missing as NaN
    scale : `layers.maps.classes.Scale`
    classing : the method and the norm
    """
    if classing.method == USUAL_METHOD or scale not in _FREE:
        return None
    if classing.method == "norm":
        return norm_breaks(scale, classing)
    known = np.sort(values[np.isfinite(values)])
    if classing.method == "jenks":
        return jenks_breaks(known, CLASSES["jenks"])
    return quantile_breaks(known, CLASSES[classing.method])


def norm_breaks(scale: str, classing: Classing) -> tuple[float, ...] | None:
    """Bounds at the norm, at half of it and beyond it; None for a scale that has none.

    A share has them at half of the norm, the norm, and half-way to all; minutes at half, once, twice and four times.
    """
    if scale == "share" and 0 < classing.share <= 1:
        bounds = (classing.share / 2, classing.share, (1 + classing.share) / 2)
        return tuple(sorted({bound for bound in bounds if bound < 1} | ({1.0} if classing.share == 1 else set())))
    if scale == "minutes" and classing.minutes > 0:
        return tuple(times * classing.minutes for times in (0.5, 1.0, 2.0, 4.0))
    return None


def quantile_breaks(known: npt.NDArray[np.float64], classes: int) -> tuple[float, ...]:
    """Bounds that put about as many values in every class; equal values stay together.

    Parameters
    ----------
    known : (n,) finite numbers, ascending
    classes : wanted; fewer where many values are equal

    Examples
    --------
    >>> quantile_breaks(np.arange(1.0, 9.0), 4)
    (3.0, 5.0, 7.0)
    """
    starts = {math.ceil(len(known) * k / classes) for k in range(1, classes)}
    return _bounds(known, sorted(starts))


def jenks_breaks(known: npt.NDArray[np.float64], classes: int) -> tuple[float, ...]:
    """Natural breaks: the bounds with the least sum of squares within classes, found exactly by dynamic programming.

    W. D. Fisher, "On grouping for maximum homogeneity", Journal of the American Statistical Association 53 (1958);
    G. F. Jenks used it for maps. More than `_MAX_STEPS` distinct values are first gathered in as many even steps.

    Parameters
    ----------
    known : (n,) finite numbers, ascending
    classes : wanted; fewer where there are fewer distinct values

    Examples
    --------
    >>> jenks_breaks(np.array([1.0, 2.0, 3.0, 50.0, 52.0, 99.0]), 3)
    (50.0, 90.0)
    """
    if not len(known):
        return ()
    steps, weights = np.unique(known, return_counts=True)
    if len(steps) > _MAX_STEPS:
        low, high = float(known[0]), float(known[-1])
        at = np.minimum(((known - low) / (high - low) * _MAX_STEPS).astype(np.int64), _MAX_STEPS - 1)
        weights = np.bincount(at, minlength=_MAX_STEPS)
        sums = np.bincount(at, weights=known, minlength=_MAX_STEPS)
        weighed = weights > 0
        steps, weights = sums[weighed] / weights[weighed], weights[weighed]
    firsts = _least_squares(steps, weights.astype(np.float64), min(classes, len(steps)))
    return _bounds(known, [int(np.searchsorted(known, _below(steps, first), side="right")) for first in firsts])


def _below(steps: npt.NDArray[np.float64], first: int) -> float:
    """Value between a step and the one before it."""
    return float(steps[first - 1] + (steps[first] - steps[first - 1]) / 2)


def _least_squares(values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], classes: int) -> list[int]:
    """First value of every class but the lowest: the partition into ``classes`` with the least squares within them."""
    centred = values - np.average(values, weights=weights)  # squares of large numbers would lose the small ones
    zero = np.zeros(1)
    w = np.concatenate([zero, np.cumsum(weights)])
    s = np.concatenate([zero, np.cumsum(weights * centred)])
    q = np.concatenate([zero, np.cumsum(weights * centred**2)])
    i, j = np.triu_indices(len(values) + 1, 1)
    cost = np.full((len(values) + 1, len(values) + 1), np.inf)
    cost[i, j] = q[j] - q[i] - (s[j] - s[i]) ** 2 / (w[j] - w[i])
    best = cost[0].copy()
    best[0] = np.inf
    back: list[npt.NDArray[np.intp]] = []
    for _ in range(classes - 1):
        total = best[:, None] + cost
        back.append(np.argmin(total, axis=0))
        best = np.min(total, axis=0)
    firsts, end = [], len(values)
    for starts in reversed(back):
        end = int(starts[end])
        firsts.append(end)
    return firsts[::-1]


def _bounds(known: npt.NDArray[np.float64], starts: list[int]) -> tuple[float, ...]:
    """Readable bounds below the values at which classes start, above whatever is smaller."""
    bounds: list[float] = []
    for start in starts:
        if not 0 < start < len(known):
            continue
        value = float(known[start])
        smaller = known[: int(np.searchsorted(known, value, side="left"))]
        if len(smaller):
            bounds.append(readable(float(smaller[-1]), value))
    return tuple(sorted(set(bounds)))


def readable(low: float, high: float) -> float:
    """Number above ``low``, and at most ``high``, with the fewest digits.

    Examples
    --------
    >>> readable(96.2, 103.7), readable(0.412, 0.437), readable(3, 4)
    (100.0, 0.43, 4.0)
    """
    size = math.floor(math.log10(max(abs(low), abs(high)))) if low or high else 0
    for digits in range(_MAX_DIGITS):
        unit = 10.0 ** (size - digits)
        rounded = round(math.floor(high / unit) * unit, max(0, digits - size))
        if low < rounded <= high:
            return float(rounded)
    return high
