"""Coordinate systems that people give the places of the region in, told apart by their numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

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

_KNOWN = ((3812, "Lambert 2008"), (3857, "Web Mercator"), (3035, "LAEA Europe"), (28992, "RD"))
"""Systems in metres that lists come in, beside that of the snapshot and the UTM zone of the region."""


@lru_cache(maxsize=4)
def _systems(box: Box, crs: str) -> tuple[System, ...]:
    from pyproj import CRS  # who brings no list does not wait for it

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
    from pyproj import Transformer

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


def likely_systems() -> list[list[float | str]]:
    """Number, name and bounds (x, y) of every system that places of the region are given in, as plain values."""
    return [[one.code, one.name, *one.x, *one.y] for one in (degrees_of_region(), *systems())]


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


_NAMED = (
    (4326, r"wgs[\s_]?(?:19)?84|etrs[\s_]?(?:19)?89"),
    (3812, r"lambert[\s_]?(?:belge[\s_]?)?(?:20)?08|l(?:b|amb)?[\s_]?(?:20)?08"),
    (31370, r"lambert[\s_]?(?:belge[\s_]?)?(?:19)?72|l(?:b|amb)?[\s_]?(?:19)?72"),
    (3857, r"web[\s_]?mercator|pseudo[\s_]?mercator|900913"),
)
_IN_HEADER = re.compile(
    r"(?<![a-z\d])(?:epsg[\s:_-]*(\d{4,6})|(4326|3812|31370|3857|3035|3263[12])|"
    + "|".join(f"({words})" for _, words in _NAMED)
    + r")(?![a-z\d])",
    re.IGNORECASE,
)


def system_in_header(header: str) -> tuple[str, str]:
    """What is left of a header without the coordinate system that it names, and the number of this in EPSG.

    Examples
    --------
    >>> system_in_header("X_EPSG3812"), system_in_header("Y Lambert 2008 (m)"), system_in_header("naam")
    (('X', '3812'), ('Y (m)', '3812'), ('naam', ''))
    """
    match = _IN_HEADER.search(header)
    if match is None:
        return header, ""
    named = next((str(code) for (code, _), number in zip(_NAMED, match.groups()[2:], strict=True) if number), "")
    rest = f"{header[: match.start()]} {header[match.end() :]}".strip(" _-:")
    rest = " ".join(rest.replace("()", "").replace("[]", "").split())
    return rest.strip(" _-:"), match[1] or match[2] or named
