"""Coordinate systems that people give the places of the region in, told apart by their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pyproj import CRS, Transformer

from loaders.catalogue.regions.projection import storage_crs
from loaders.catalogue.regions.region import Box
from loaders.catalogue.regions.region_in_use import region

Range = tuple[float, float]


@dataclass(frozen=True)
class System:
    """A coordinate system, and the numbers that places of the region have in it.

    Attributes
    ----------
    code : number in EPSG
    name : as people know it
    x, y : least and greatest value of places of the region, with a margin
    """

    code: int
    name: str
    x: Range
    y: Range

    def holds(self, x: float, y: float) -> bool:
        """Whether a pair can be a place of the region in this system."""
        return self.x[0] <= x <= self.x[1] and self.y[0] <= y <= self.y[1]


_MARGIN = 0.04
"""Share of the extent of the region by which numbers may lie outside it."""

_KNOWN = ((3812, "Lambert 2008"), (3857, "Web Mercator"), (3035, "LAEA Europe"))
"""Systems in metres that lists come in, beside that of the snapshot and the UTM zone of the region."""


@lru_cache(maxsize=4)
def _systems(box: Box, crs: str) -> tuple[System, ...]:
    west, south, east, north = box
    wide, high = _MARGIN * (east - west), _MARGIN * (north - south)
    code = int(crs.rpartition(":")[2])
    own = System(code, CRS.from_user_input(crs).name, (west - wide, east + wide), (south - high, north + high))
    degrees = _seen_in(4326, "WGS84", own)
    zone = 32601 + int((sum(degrees.x) / 2 + 180) // 6)
    others = (*_KNOWN, (zone, f"UTM {zone - 32600}N"))
    return degrees, own, *(_seen_in(other, name, own) for other, name in others if other != code)


def _seen_in(code: int, name: str, own: System) -> System:
    """Numbers of the region in another system."""
    turn = Transformer.from_crs(f"EPSG:{own.code}", f"EPSG:{code}", always_xy=True)
    x, y = np.meshgrid(np.linspace(*own.x, _STEPS), np.linspace(*own.y, _STEPS))
    there = turn.transform(x.ravel(), y.ravel())
    (left, right), (low, top) = ((float(np.min(side)), float(np.max(side))) for side in there)
    return System(code, name, (left, right), (low, top))


_STEPS = 9


def degrees_of_region() -> System:
    """Longitudes and latitudes of places of the region in use."""
    return _systems(region().territory.box, storage_crs())[0]


def own_system() -> System:
    """Return the system of the snapshot."""
    return _systems(region().territory.box, storage_crs())[1]


def systems() -> tuple[System, ...]:
    """Systems in metres, that of the snapshot first."""
    return _systems(region().territory.box, storage_crs())[1:]


def system_of(x: float, y: float) -> tuple[System, bool] | None:
    """System of a pair in metres, and whether its axes are exchanged; None where it is of none.

    Examples
    --------
    >>> system_of(486655.4, 6637672.2)[0].name, system_of(650000.0, 697000.0)[0].code
    ('Web Mercator', 3812)
    """
    for exchanged, (first, second) in ((False, (x, y)), (True, (y, x))):
        for system in systems():
            if system.holds(first, second):
                return system, exchanged
    return None


def with_decimal_sign(value: float, bounds: Range) -> float | None:
    """The number that lost its decimal sign or got it in a wrong place, where one within bounds can be made of it.

    Examples
    --------
    >>> with_decimal_sign(510.925, (50.5, 51.7)), with_decimal_sign(43717.0, (2.4, 6.1))
    (51.0925, 4.3717)
    """
    digits = f"{abs(value):.10f}".rstrip("0").rstrip(".").replace(".", "").lstrip("0")
    for whole in range(1, len(digits)):
        number = float(f"{digits[:whole]}.{digits[whole:]}")
        if bounds[0] <= number <= bounds[1] and abs(number - abs(value)) > 1e-9:
            return number
    return None
