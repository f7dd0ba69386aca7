"""Floating catchments: how much supply there is for a child, when everyone near shares it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coverage.access.decay import get_decay, step
from coverage.access.od_pairs import Decay, Weights, checked_amounts, for_demand, for_facility, per_head, read_pairs
from i18n.errors import InputError
from loaders.catalogue.types import Floats

if TYPE_CHECKING:
    from scipy import sparse

DEFAULT_DECAY = {"2sfca": "binary", "e2sfca": "step", "3sfca": "wan", "bfca": "binary"}
"""Methods, and the decay each has in the paper it comes from."""

METHODS = tuple(DEFAULT_DECAY)


def floating_catchment(
    cost: Any,
    demand: npt.ArrayLike,
    supply: npt.ArrayLike,
    *,
    radius: float,
    decay: Decay | Mapping[float, float] | str | None = None,
    method: str = "2sfca",
    choice_radius: float | None = None,
) -> Floats:
    """Supply per unit of demand at every demand point, by a floating catchment method.

    With ``f_ij`` the weight of the cost from *i* to *j* (0 beyond the radius), ``b`` demand and ``S`` supply:

    - ``2sfca`` (Luo and Wang 2003), ``e2sfca`` (Luo and Qi 2009): ``R_j = S_j / Σ_i b_i f_ij``,
      ``A_i = Σ_j f_ij R_j``; the first has weight 1 within the radius, the second weights that fall;
    - ``3sfca`` (Wan, Zou and Sternberg 2012): the same with ``g_ij f_ij`` for ``f_ij``, where
      ``g_ij = f_ij / Σ_k f_ik`` is the share of *i* that chooses *j*;
    - ``bfca`` (Páez, Higgins and Vivona 2019): ``L_j = S_j / Σ_i b_i f_ij / Σ_k f_ik``,
      ``A_i = Σ_j L_j f_ij / Σ_k f_kj``, so that nobody is counted twice.

    So ``Σ_i b_i A_i = Σ_j S_j`` for the first three and ``Σ_i A_i = Σ_j L_j`` for ``bfca``, the sums taken over
    facilities that some demand reaches; a facility that none reaches gives nothing.

    Parameters
    ----------
    cost : (n_demand, n_facility) metres or minutes, dense (out of reach: ``inf``) or sparse (out of reach:
        absent; a stored 0 is a cost of 0), or `coverage.access.od_pairs.CostPairs`
    demand : (n_demand,) births, none negative or missing
    supply : (n_facility,) hours per year, or 1 each; a facility without supply gives nothing
    radius : largest cost within the catchment, its end included, in the unit of ``cost``
    decay : weight by cost: a function of an array of costs, ``{upper bound: weight}``, a name from
        `coverage.access.decay.NAMED`, or None for that of the method's paper (`DEFAULT_DECAY`)
    method : one of `METHODS`
    choice_radius : only for ``3sfca``: how far the places lie among which people choose. None is the radius,
        as in the paper; with a function of your own as decay None is every pair given, as in PySAL's
        ``access``

    Returns
    -------
    (n_demand,) array
        supply per unit of demand; 0 where no facility is within the radius

    Raises
    ------
    InputError
        when the method or decay is unknown, shapes do not match, a cost or demand is negative or missing, or
        demand or supply is 0 everywhere

    Examples
    --------
    Two villages of 100 and 50 children, one bureau of 30 hours that both reach, and one of 10 hours that only
    the second reaches:

    >>> cost = [[500.0, np.inf], [900.0, 1000.0]]
    >>> floating_catchment(cost, [100, 50], [30, 10], radius=1000).tolist()
    [0.2, 0.4]
    """
    if method not in DEFAULT_DECAY:
        raise InputError(f"Unknown method '{method}'; choose one of {', '.join(METHODS)}.")
    if choice_radius is not None and method != "3sfca":
        raise InputError(f"Method '{method}' has no choice; leave choice_radius out or take method '3sfca'.")
    given = read_pairs(cost)
    near = read_pairs(given, radius)
    births = checked_amounts(demand, near.shape[0], "demand")
    supplied = checked_amounts(supply, near.shape[1], "supply")
    fall = chosen_decay(decay, radius, DEFAULT_DECAY[method])
    weights = near.weigh(fall)
    if method == "bfca":
        return _balanced(weights, births, supplied)
    if method == "3sfca":
        reach = np.inf if choice_radius is None and callable(decay) else choice_radius
        wider = near if reach is None else given.within(max(reach, radius))
        weights = _chosen(weights, weights if wider is near else wider.weigh(fall))
    return for_demand(weights, per_head(supplied, for_facility(weights, births)))


def chosen_decay(decay: Decay | Mapping[float, float] | str | None, radius: float, default: str) -> Decay:
    """Make a function of what was given as decay (`floating_catchment`)."""
    if decay is None or isinstance(decay, str):
        return get_decay(decay or default, radius)
    if isinstance(decay, Mapping):
        return step(decay)
    if not callable(decay):
        raise InputError(f"The decay is a {type(decay).__name__}; give a function, a name or {{bound: weight}}.")
    return decay


def _chosen(weights: Weights, wider: sparse.csc_array) -> Weights:
    """Weights times the share of every demand point that chooses the facility (3SFCA)."""
    from scipy import sparse

    share = per_head(np.ones(weights.shape[0]), for_demand(wider, np.ones(wider.shape[1])))
    return sparse.csc_array(
        (np.square(weights.data) * share[weights.indices], weights.indices, weights.indptr), shape=weights.shape
    )


def _balanced(weights: Weights, births: Floats, supplied: Floats) -> Floats:
    """BFCA: each demand point gives all of its demand once, each facility all of its level of service once."""
    of_demand = per_head(births, for_demand(weights, np.ones(weights.shape[1])))
    level = per_head(supplied, for_facility(weights, of_demand))
    return for_demand(weights, per_head(level, for_facility(weights, np.ones(weights.shape[0]))))
