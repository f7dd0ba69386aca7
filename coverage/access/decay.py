"""How the weight of a facility falls with travel cost."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from coverage.access.od_pairs import Decay
from i18n.errors import InputError
from loaders.catalogue.types import Floats

LUO_QI_STEPS = ((1 / 3, 1.0), (2 / 3, 0.68), (1.0, 0.22))
"""E2SFCA (Luo and Qi 2009): zones of 10, 20 and 30 minutes, as shares of the radius, and their weights."""

WAN_STEPS = ((1 / 6, 0.962), (1 / 3, 0.704), (1 / 2, 0.377), (1.0, 0.042))
"""3SFCA (Wan, Zou and Sternberg 2012): zones of 10, 20, 30 and 60 minutes, as shares of the radius."""

_FEW = 8
"""Zones up to which counting the bounds passed is faster than a binary search."""


def binary(radius: float) -> Decay:
    """Weight 1 up to the radius, its end included, and 0 beyond.

    Examples
    --------
    >>> binary(1000)(np.array([0.0, 1000.0, 1000.1])).tolist()
    [1.0, 1.0, 0.0]
    """
    return lambda cost: (cost <= radius).astype(np.float64)


def step(bounds: Mapping[float, float]) -> Decay:
    """Weights of zones: upper bound of the zone (included) -> weight; 0 beyond the last.

    Examples
    --------
    >>> step({10: 1.0, 20: 0.68, 30: 0.22})(np.array([10.0, 10.5, 30.0, 31.0])).tolist()
    [1.0, 0.68, 0.22, 0.0]
    """
    if not bounds:
        raise InputError("A step decay has no zones; give at least one upper bound with its weight.")
    limits = np.array(sorted(bounds), dtype=np.float64)
    weights = np.array([*(bounds[limit] for limit in sorted(bounds)), 0.0], dtype=np.float64)
    if len(limits) > _FEW:
        return lambda cost: weights[np.searchsorted(limits, cost, side="left")]

    def weigh(cost: Floats) -> Floats:
        zone = np.zeros(np.shape(cost), dtype=np.uint8)
        for limit in limits:
            zone += ~(cost <= limit)
        return weights[zone]

    return weigh


def gaussian(radius: float) -> Decay:
    """Bell curve that is 1 at no cost and 0 at the radius (Dai 2010).

    ``f(c) = (exp(-(c/r)²/2) - exp(-1/2)) / (1 - exp(-1/2))`` for c <= r, else 0.

    Examples
    --------
    >>> gaussian(1000)(np.array([0.0, 500.0, 1000.0])).round(4).tolist()
    [1.0, 0.7014, 0.0]
    """
    if not (math.isfinite(radius) and radius > 0):
        raise InputError(f"A Gaussian decay has radius {radius}; give a finite one above 0.")
    floor = math.exp(-0.5)

    def weigh(cost: Floats) -> Floats:
        bell: Floats = np.square(cost / radius)
        bell *= -0.5
        np.exp(bell, out=bell)
        bell -= floor
        bell /= 1 - floor
        return np.maximum(bell, 0.0, out=bell)

    return weigh


def exponential(rate: float) -> Decay:
    """``f(c) = exp(-rate · c)`` (Hansen 1959 with an exponential of cost).

    Examples
    --------
    >>> exponential(0.1)(np.array([0.0, 10.0])).round(4).tolist()
    [1.0, 0.3679]
    """
    if not (math.isfinite(rate) and rate > 0):
        raise InputError(f"An exponential decay has rate {rate}; give a finite one above 0.")
    return lambda cost: np.exp(-rate * cost)


def power(exponent: float) -> Decay:
    """``f(c) = c ** exponent`` with a negative exponent; a cost of 0 has no finite weight and is refused.

    Examples
    --------
    >>> power(-1)(np.array([1.0, 40.0])).tolist()
    [1.0, 0.025]
    """
    if not (math.isfinite(exponent) and exponent < 0):
        raise InputError(f"A power decay has exponent {exponent}; give a finite one below 0.")

    def weigh(cost: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(np.power(cost, exponent), dtype=np.float64)

    return weigh


def _shares(steps: tuple[tuple[float, float], ...], radius: float) -> Decay:
    # the last bound is the radius itself, whatever rounding does to the others
    return step({(radius * share if share < 1 else radius): weight for share, weight in steps})


NAMED = {
    "binary": binary,
    "step": lambda radius: _shares(LUO_QI_STEPS, radius),
    "wan": lambda radius: _shares(WAN_STEPS, radius),
    "gaussian": gaussian,
}
"""Decays that end at the radius, by name."""


def get_decay(name: str, radius: float) -> Decay:
    """Decay of a name for a radius; `InputError` listing the known ones when it is unknown."""
    if name not in NAMED:
        raise InputError(f"Unknown decay '{name}'; choose one of {', '.join(NAMED)}, or give a function of cost.")
    if name != "binary" and not math.isfinite(radius):
        raise InputError(f"The decay '{name}' needs a finite radius; give one, or take decay 'binary'.")
    return NAMED[name](radius)
