"""Who bears what is shared unequally: concentration by rank of deprivation, and how far beyond reach (FGT).

Every function takes values and weights (births of the cell); cells without weight count for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from i18n.errors import ArgumentError
from loaders.catalogue.types import Floats


def concentration_index(values: npt.ArrayLike, weights: npt.ArrayLike, rank_by: npt.ArrayLike) -> float:
    """Concentration index: how much of a burden falls on those who come first in a ranking.

    ``C = 2 / (μ W) Σ_i w_i v_i R_i - 1`` with ``R_i`` the middle of the share of the weights that ``i`` takes in the
    order of ``rank_by``, and equals at the middle of them all (Kakwani, Wagstaff and van Doorslaer 1997, *Journal of
    Econometrics* 77). 0 when it falls on all alike, below 0 when it falls more on those with a low ``rank_by``, above
    when on those with a high one; it lies between -1 and 1.

    Parameters
    ----------
    values : (n,) burden, none negative or missing
    weights : (n,) births
    rank_by : (n,) what orders them, such as minus the deprivation score for the most deprived first

    Returns
    -------
    float
        NaN when there is no weight or no burden

    Examples
    --------
    >>> concentration_index([1.0, 0.0], [1.0, 1.0], [0.0, 1.0])
    -0.5
    >>> concentration_index([3.0, 3.0, 3.0], [1.0, 5.0, 2.0], [2.0, 0.0, 1.0])
    0.0
    """
    value, counted, order = (np.asarray(given, dtype=np.float64) for given in (values, weights, rank_by))
    if not (value.shape == counted.shape == order.shape and value.ndim == 1):
        raise ArgumentError(
            f"Values, weights and ranks have shapes {value.shape}, {counted.shape} and {order.shape}; "
            "give one of each for every item."
        )
    used = counted > 0
    value, counted, order = value[used], counted[used], order[used]
    total = float(counted.sum())
    burden = float(value @ counted)
    if not total or not burden:
        return float("nan")
    _, group = np.unique(order, return_inverse=True)
    size = np.bincount(group, weights=counted)
    middle = (np.cumsum(size) - size / 2) / total
    index = 2 * float((value * counted) @ middle[group]) / burden - 1
    return 0.0 if abs(index) < 1e-12 else index


@dataclass(frozen=True, eq=False)
class ConcentrationCurve:
    """Who bears a burden: the part of it that the first in a ranking bear together.

    Attributes
    ----------
    people : (k + 1,) cumulative share of the weights in the order of the ranking, from 0 to 1; equals come together
    burden : (k + 1,) cumulative share of value times weight, from 0 to 1
    """

    people: Floats
    burden: Floats


def concentration_curve(
    values: npt.ArrayLike, weights: npt.ArrayLike, rank_by: npt.ArrayLike
) -> ConcentrationCurve | None:
    """Concentration curve, of which `concentration_index` is 1 minus twice the area below it; None without a burden.

    Parameters are those of `concentration_index`.

    Examples
    --------
    >>> curve = concentration_curve([1.0, 0.0], [1.0, 1.0], [0.0, 1.0])
    >>> curve.people.tolist(), curve.burden.tolist()
    ([0.0, 0.5, 1.0], [0.0, 1.0, 1.0])
    """
    value, counted, order = (np.asarray(given, dtype=np.float64) for given in (values, weights, rank_by))
    used = counted > 0
    value, counted, order = value[used], counted[used], order[used]
    if not float(value @ counted):
        return None
    _, group = np.unique(order, return_inverse=True)
    people = np.cumsum(np.bincount(group, weights=counted))
    burden = np.cumsum(np.bincount(group, weights=value * counted))
    return ConcentrationCurve(np.append(0.0, people / people[-1]), np.append(0.0, burden / burden[-1]))


def foster_greer_thorbecke(distance: npt.ArrayLike, weights: npt.ArrayLike, threshold: float, alpha: int) -> float:
    """How many live too far, and how much too far: ``FGT_α = Σ_{d_i > z} w_i ((d_i - z) / z)^α / Σ w_i``.

    Foster, Greer and Thorbecke (1984, *Econometrica* 52), with a distance that is too large in the place of an income
    that is too small. α = 0 is the share beyond the threshold, α = 1 how far beyond it people live on average in
    parts of the threshold (nobody within it counts), α = 2 weighs those who live farthest most. Other than with
    income, α = 1 may exceed 1.

    Parameters
    ----------
    distance : (n,) metres, ``inf`` where nothing can be reached
    weights : (n,) births
    threshold : metres that are near enough, their end included
    alpha : 0, 1 or 2

    Returns
    -------
    float
        NaN without weight, or where a distance is not known; also for α > 0 where nothing can be reached by some

    Examples
    --------
    >>> [foster_greer_thorbecke([500, 1500, 2000], [2, 1, 1], 1000, alpha) for alpha in (0, 1, 2)]
    [0.5, 0.375, 0.3125]
    """
    value, counted = np.asarray(distance, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    used = counted > 0
    value, counted = value[used], counted[used]
    if not len(value) or np.isnan(value).any():
        return float("nan")
    beyond = value > threshold
    if alpha == 0:
        return float(counted[beyond].sum() / counted.sum())
    if np.isinf(value).any():
        return float("nan")
    excess: Floats = (value[beyond] - threshold) / threshold
    return float(counted[beyond] @ excess**alpha / counted.sum())
