"""The kinds of zone nabij reports on, with the vintages held for each, in the region in use.

A *level* is a kind of zone (municipality, care region ...), a *zone* is one area of it. A level may be held for more
than one vintage, because mergers change codes and borders. The vintage asked for picks the newest vintage held that is
not later: where sectors are held for 2021, ``vintage=2025`` gives those of 2021, and the table says so. Which levels
there are is declared in the profile of the region (`loaders.catalogue.regions.region`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from i18n.messages import MessageError
from loaders.catalogue.regions.region import HOUSE_AREA, OWN, Level
from loaders.catalogue.regions.region_file import built_in
from loaders.catalogue.regions.region_in_use import ListOfRegion, OfRegion, region

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ALL_LEVELS",
    "GRID_LEVELS",
    "HOUSE_AREA",
    "LEVELS",
    "MUNICIPALITIES",
    "NOT_KNOWN_HERE",
    "OWN",
    "Level",
    "base_level",
    "default_vintage",
    "get_level",
    "is_brussels",
]

NOT_KNOWN_HERE = "not_known_here"
"""``zone_id`` of the row that holds what a partial level does not cover, so that totals still add up."""

LEVELS: Mapping[str, Level] = OfRegion(lambda chosen: chosen.levels)
"""All levels of the region in use, from large to small."""

MUNICIPALITIES: Mapping[int, int] = built_in().vintages.zones
"""Municipalities of Flanders and Brussels by vintage."""

GRID_LEVELS: Sequence[tuple[str, int]] = ListOfRegion(lambda chosen: chosen.on_grid)
"""Partitions stored on the hectare grid, in band order; every other level is a union of those of the base level."""

ALL_LEVELS: Sequence[str] = ListOfRegion(lambda chosen: (*chosen.levels, HOUSE_AREA, OWN))
"""Ids of all levels of the region in use, `HOUSE_AREA` and `OWN`."""


def base_level() -> str:
    """Level that births are counted by, and that is reported on where none is asked for."""
    return region().base


def default_vintage() -> int:
    """Year of the borders that is taken where none is asked for."""
    return region().vintage


def get_level(level: str) -> Level:
    """Look a level up by id, `HOUSE_AREA` and `OWN` included; `InputError` listing the known ones when unknown."""
    if level == OWN:
        return Level(OWN, vintages=region().vintages.held)
    if level == HOUSE_AREA:
        return Level(HOUSE_AREA, vintages=region().vintages.held, documented_only=True)
    try:
        return LEVELS[level]
    except KeyError:
        raise MessageError("error.question.level", value=str(level), known=", ".join((*LEVELS, HOUSE_AREA))) from None


def is_brussels(nis: pd.Series) -> pd.Series:
    """Whether NIS codes are of the nineteen municipalities of Brussels."""
    return built_in().exceptions[0].holds(nis)
