"""The kinds of zone nabij reports on, with the vintages held for each.

A *level* is a kind of zone (municipality, care region ...), a *zone* is one area of it. A level may be held for more
than one vintage, because mergers change codes and borders. The vintage asked for picks the newest vintage held that is
not later: sectors are held for 2021, so ``vintage=2025`` gives the sectors of 2021, and the table says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from i18n.messages import MessageError, OptionName

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_VINTAGE = 2025
MUNICIPALITIES = {2018: 327, 2019: 319, 2025: 304}
"""Municipalities of Flanders and Brussels by vintage."""
NOT_KNOWN_HERE = "not_known_here"
"""``zone_id`` of the row that holds what a partial level does not cover, so that totals still add up."""


@dataclass(frozen=True)
class Level:
    """One kind of zone.

    Attributes
    ----------
    id : name used in commands, tables and addresses
    vintages : years for which borders are held, ascending
    territorial : municipality or larger, so reasons about "on the territory" make sense
    documented_only : borders are known only where a source documents them; the rest is "not known here"
    flanders_only : Brussels lies outside the partition by definition
    """

    id: str
    vintages: tuple[int, ...] = (DEFAULT_VINTAGE,)
    territorial: bool = True
    documented_only: bool = False
    flanders_only: bool = False

    @property
    def partial(self) -> bool:
        """Whether some births may lie in no zone of this level."""
        return self.documented_only or self.flanders_only

    @property
    def covers(self) -> bool:
        """Whether it is known of every place in which zone of this level it lies, or that it lies in none."""
        return not self.documented_only and self.id != OWN

    def resolve_vintage(self, vintage: int) -> int:
        """Newest vintage held that is not later than ``vintage``; `InputError` if there is none."""
        held = [v for v in self.vintages if v <= vintage]
        if not held:
            known = ", ".join(str(v) for v in self.vintages)
            raise MessageError(
                "error.question.vintage_held", level=OptionName("level", self.id), vintage=str(vintage), known=known
            )
        return held[-1]


LEVELS: dict[str, Level] = {
    level.id: level
    for level in (
        Level("region"),
        Level("province"),
        Level("arrondissement"),
        Level("reference_region", flanders_only=True),
        Level("care_region", documented_only=True),
        Level("primary_care_zone"),
        Level("gp_circle", documented_only=True),
        Level("municipality", vintages=(2018, 2019, 2025)),
        Level("sub_municipality", territorial=False),
        Level("neighbourhood", territorial=False),
        Level("sector", vintages=(2021,), territorial=False),
    )
}
"""All levels, from large to small."""

OWN = "own"
"""Level of a partition that the user brings along (`snapshot.partition`); not in `LEVELS`, for no snapshot holds it."""

_OWN_LEVEL = Level(OWN, vintages=LEVELS["municipality"].vintages)

GRID_LEVELS: tuple[tuple[str, int], ...] = (
    ("municipality", 2025),
    ("municipality", 2019),
    ("municipality", 2018),
    ("sub_municipality", 2025),
    ("neighbourhood", 2025),
    ("sector", 2021),
)
"""Partitions stored on the hectare grid, in band order; every other level is a union of municipalities."""


def get_level(level: str) -> Level:
    """Look a level up by id, `OWN` included; `InputError` listing the known ones when it is unknown."""
    if level == OWN:
        return _OWN_LEVEL
    try:
        return LEVELS[level]
    except KeyError:
        raise MessageError("error.question.level", value=str(level), known=", ".join(LEVELS)) from None


FIRST_BRUSSELS, LAST_BRUSSELS = "21001", "21019"


def is_brussels(nis: pd.Series) -> pd.Series:
    """Whether NIS codes are of the nineteen municipalities of Brussels."""
    return nis.between(FIRST_BRUSSELS, LAST_BRUSSELS)
