"""Coordinate systems that people give the places of the region in, told apart by their numbers."""

from __future__ import annotations

from dataclasses import dataclass

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


DEGREES = System(4326, "WGS84", (2.4, 6.1), (50.5, 51.7))
OWN = System(31370, "Lambert 72", (15_000.0, 270_000.0), (145_000.0, 255_000.0))
SYSTEMS = (
    OWN,
    System(3812, "Lambert 2008", (490_000.0, 800_000.0), (510_000.0, 760_000.0)),
    System(3857, "Web Mercator", (275_000.0, 680_000.0), (6_530_000.0, 6_750_000.0)),
    System(32631, "UTM 31N", (445_000.0, 720_000.0), (5_590_000.0, 5_730_000.0)),
    System(3035, "LAEA Europe", (3_780_000.0, 4_050_000.0), (3_040_000.0, 3_200_000.0)),
)
"""Systems in metres; their numbers do not overlap for the region."""


def system_of(x: float, y: float) -> tuple[System, bool] | None:
    """System of a pair in metres, and whether its axes are exchanged; None where it is of none.

    Examples
    --------
    >>> system_of(486655.4, 6637672.2)[0].name, system_of(650000.0, 697000.0)[0].code
    ('Web Mercator', 3812)
    """
    for exchanged, (first, second) in ((False, (x, y)), (True, (y, x))):
        for system in SYSTEMS:
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
