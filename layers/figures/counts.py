"""Counts of zones as circles: their area is the count, so that a large zone does not look worst."""

from __future__ import annotations

import math
from itertools import pairwise

from layers.maps.scales.classes import Legend, get_indicator

_BEYOND = 1.6
"""What the highest class of a legend is taken to reach, in its lower bound."""

_LARGEST = ((60, 22.0), (500, 15.0), (2500, 8.0))
"""Radius in pixels of the largest circle for up to so many zones."""

_SMALLEST = 4.0
_MIN = 0.7


def is_count(legend: Legend) -> bool:
    """Whether a legend is of a count of children, which circles show."""
    return get_indicator(legend.indicator).scale == "births"


def largest(zones: int) -> float:
    """Radius in pixels of a circle of the count that the highest class is taken to reach, on a map of so many zones."""
    return next((radius for most, radius in _LARGEST if zones <= most), _SMALLEST)


def top_of(legend: Legend) -> float:
    """Count that the highest class is taken to reach; maps with the same legend compare."""
    return _BEYOND * legend.breaks[-1] if legend.breaks else 1.0


def radius(count: float, top: float, most: float) -> float:
    """Radius in pixels of a count, its area being the share that it is of ``top``.

    Examples
    --------
    >>> radius(25.0, 100.0, 20.0), radius(100.0, 100.0, 20.0)
    (10.0, 20.0)
    """
    return max(_MIN, most * math.sqrt(max(0.0, count) / top)) if count > 0 else 0.0


def legend_radii(legend: Legend, most: float) -> list[float]:
    """Radius of the middle of every class."""
    top = top_of(legend)
    bounds = [0.0, *legend.breaks, top]
    return [radius((low + high) / 2, top, most) for low, high in pairwise(bounds)]
