"""Access that is not shared: how many facilities are within reach, and how near they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from coverage.access.catchment import chosen_decay
from coverage.access.od_pairs import Decay, checked_amounts, for_demand, for_facility, per_head, read_pairs
from i18n.errors import InputError
from loaders.catalogue.types import Floats


def count_within(cost: Any, radius: float, supply: npt.ArrayLike | None = None) -> Floats:
    """How many facilities every demand point can reach, or how much they supply together.

    ``A_i = Σ_j S_j [c_ij <= radius]``: cumulative opportunities (Ingram 1971).

    Parameters
    ----------
    cost : (n_demand, n_facility), dense or sparse, see `coverage.access.od_pairs.read_pairs`
    radius : in the unit of ``cost``, its end included
    supply : (n_facility,) amount of every facility; None counts each as 1

    Returns
    -------
    (n_demand,) array
        0 where none can be reached

    Raises
    ------
    InputError
        when a cost or supply is negative or missing, or shapes do not match

    Examples
    --------
    >>> count_within([[100.0, 1000.0], [np.inf, 1001.0]], 1000).tolist()
    [2.0, 0.0]
    """
    pairs = read_pairs(cost, radius)
    amounts = np.ones(pairs.shape[1]) if supply is None else checked_amounts(supply, pairs.shape[1], "supply")
    return for_demand(pairs.weigh(np.ones_like), amounts)


def gravity(
    cost: Any, supply: npt.ArrayLike, *, decay: Decay | Mapping[float, float] | str, radius: float = math.inf
) -> Floats:
    """Supply within reach, each facility weighted by how near it is (Hansen 1959).

    ``A_i = Σ_j S_j f(c_ij)``

    Parameters
    ----------
    cost : (n_demand, n_facility), dense or sparse, see `coverage.access.od_pairs.read_pairs`
    supply : (n_facility,) hours, places or jobs
    decay : weight by cost, see `coverage.access.catchment.floating_catchment`
    radius : largest cost counted, its end included; all by default

    Returns
    -------
    (n_demand,) array
        in the unit of ``supply``

    Raises
    ------
    InputError
        when a cost or supply is negative or missing, shapes do not match or the decay cannot be used

    Examples
    --------
    >>> gravity([[0.0, 10.0]], [5, 20], decay=lambda cost: np.exp(-0.1 * cost)).round(3).tolist()
    [12.358]
    """
    pairs = read_pairs(cost, radius)
    amounts = checked_amounts(supply, pairs.shape[1], "supply")
    return for_demand(pairs.weigh(chosen_decay(decay, radius, "gaussian")), amounts)


def spatial_availability(
    cost: Any,
    demand: npt.ArrayLike,
    supply: npt.ArrayLike,
    *,
    decay: Decay | Mapping[float, float] | str,
    radius: float = math.inf,
    alpha: float = 1.0,
) -> Floats:
    """How much of the supply falls to every demand point when nothing is counted twice.

    ``V_i = Σ_j S_j F_ij`` with ``F_ij = b_i^α f_ij / Σ_k b_k^α f_kj`` (Soukhov, Páez, Higgins and Mohamed 2023), so
    that ``Σ_i V_i = Σ_j S_j`` over the facilities that some demand reaches.

    Parameters
    ----------
    cost : (n_demand, n_facility), dense or sparse, see `coverage.access.od_pairs.read_pairs`
    demand : (n_demand,) births
    supply : (n_facility,) hours, places or jobs
    decay : weight by cost, see `coverage.access.catchment.floating_catchment`
    radius : largest cost counted, its end included; all by default
    alpha : how much the size of the demand counts; 1 is in proportion

    Returns
    -------
    (n_demand,) array
        amounts of supply (divide by ``demand`` for supply per child); 0 where none can be reached

    Raises
    ------
    InputError
        when a cost, demand or supply is negative or missing, shapes do not match, demand or supply is 0
        everywhere, or the decay cannot be used

    Examples
    --------
    >>> spatial_availability([[0.0], [0.0]], [100, 300], [40], decay="binary").tolist()
    [10.0, 30.0]
    """
    if not (math.isfinite(alpha) and alpha > 0):
        raise InputError(f"alpha is {alpha}; give a finite number above 0.")
    pairs = read_pairs(cost, radius)
    claim = checked_amounts(demand, pairs.shape[0], "demand") ** alpha
    amounts = checked_amounts(supply, pairs.shape[1], "supply")
    weights = pairs.weigh(chosen_decay(decay, radius, "gaussian"))
    return claim * for_demand(weights, per_head(amounts, for_facility(weights, claim)))
