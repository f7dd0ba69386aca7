"""The area that a document is about: one zone, such as the working area of a house, or several together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.zones.areas import area_cells, area_shape, area_vintage
from i18n.messages import MessageError
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools

MAX_DRAWN = 1_500
"""Zones that a map of an area shows at most."""


@dataclass(frozen=True, eq=False)
class Subject:
    """An area.

    Attributes
    ----------
    engine : where it is looked up
    level : kind of area; that of its first part where there are several
    names : of its parts
    areas : its parts, ``(level, zone_id)``
    vintage : year of the borders
    """

    engine: Engine
    level: str
    names: tuple[str, ...]
    areas: tuple[tuple[str, str], ...]
    vintage: int

    @property
    def single(self) -> bool:
        """Whether it is one zone of a level."""
        return len(self.areas) == 1

    @cached_property
    def inside(self) -> Bools:
        """(n_cells,) which inhabited cells lie in it."""
        return area_cells(self.engine.territory, self.areas, self.vintage)

    @cached_property
    def shape(self) -> Any:
        """Its outline, in metres."""
        return area_shape(self.engine.territory, self.areas, self.vintage)

    @cached_property
    def municipalities(self) -> tuple[str, ...]:
        """Codes of the municipalities of which most inhabited cells lie in it."""
        vintage = area_vintage(region().base, self.vintage)
        index = self.engine.snapshot.zone_index(region().base, vintage)
        ids = self.engine.territory.zone_ids(region().base, vintage)
        in_zone = index >= 0
        cells = np.bincount(index[in_zone], minlength=len(ids))
        within = np.bincount(index[in_zone & self.inside], minlength=len(ids))
        return tuple(ids[(2 * within > cells) & (cells > 0)])

    @property
    def municipality_names(self) -> tuple[str, ...]:
        """Names of `municipalities`."""
        base = region().base
        zones = self.engine.territory.zones(base, area_vintage(base, self.vintage)).set_index("zone_id")["zone_name"]
        return tuple(str(zones[code]) for code in self.municipalities)

    @cached_property
    def parts_level(self) -> str:
        """Level that divides it: municipalities of several, neighbourhoods of one, else the smallest zones."""
        base, points = region().base, region().points
        if len(self.municipalities) > 1:
            return base
        if self.single and self.areas[0][0] == base:
            finer = [level for level in region().candidates if level != points]
            return finer[-1] if finer else region().levels[base].finer or base
        if points in region().levels and self.zones_inside(points).any():
            return points
        return self.areas[0][0]

    def zones_inside(self, level: str) -> Bools:
        """(n_zones,) which zones of a level lie in it: those with most of their inhabited cells in it."""
        vintage = self._held(level)
        zone = self.engine.snapshot.zone_index(level, vintage)
        size, in_zone = len(self.engine.territory.zone_ids(level, vintage)), zone >= 0
        cells = np.bincount(zone[in_zone], minlength=size)
        kept = 2 * np.bincount(zone[in_zone & self.inside], minlength=size) > cells
        empty = np.flatnonzero(cells == 0)
        outlines = self.engine.territory.borders(level, vintage)[empty]
        kept[empty] = shapely.intersects(shapely.point_on_surface(outlines), self.shape)
        return kept

    def _held(self, level: str) -> int:
        """Year of the borders of a level: that of the area, or the oldest that is held where all are later."""
        return area_vintage(level, self.vintage)

    @cached_property
    def map_level(self) -> str:
        """Level that a map of it is drawn by: the smallest zones, unless they are too many to be seen."""
        points = region().points
        if points not in region().levels or int(self.zones_inside(points).sum()) > MAX_DRAWN:
            return self.parts_level
        return points

    def query(self, query: Query, level: str = "") -> Query:
        """Return a question about this area, by its own level or another."""
        own = level or (self.areas[0][0] if self.single else region().base)
        return replace(query, level=own, vintage=max(self.vintage, self._held(own)), areas=self.areas, draws=0)


def subject_of(engine: Engine, query: Query) -> tuple[Subject, Query]:
    """Read the area that a question names, and the question with the areas that it stands for.

    Raises
    ------
    MessageError
        when no area is named, or it is unknown
    """
    if not query.areas:
        raise MessageError("error.dossier.no_area")
    names = []
    for level, zone in query.areas:
        vintage = area_vintage(level, query.vintage)
        area_cells(engine.territory, ((level, zone),), query.vintage)  # tells an unknown one, with those like it
        zones = engine.territory.zones(level, vintage).set_index("zone_id")["zone_name"]
        names.append(str(zones[zone]))
    return Subject(engine, query.areas[0][0], tuple(names), query.areas, query.vintage), query
