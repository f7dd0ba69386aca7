"""The area that a document is about: one zone, several together, or the working area of a house."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.zones.areas import area_cells, area_shape, area_vintage
from i18n.messages import MessageError
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import needs_walk_in
from loaders.catalogue.types import Bools

HOUSE_AREA = "house_area"
"""Stands where a level is named for the municipalities that one partnership serves."""


SHORTEST_NAME = 4
"""Letters that places of a partnership must have in common for these to be its name."""

MOST_DRAWN = 1_500
"""Zones that a map of an area shows at most."""


@dataclass(frozen=True, eq=False)
class Subject:
    """An area.

    Attributes
    ----------
    engine : where it is looked up
    level : kind of area; ``house_area`` for that of a house; that of its parts where there are several
    names : of its parts; of the house for its area
    areas : its parts, ``(level, zone_id)``
    vintage : year of the borders
    members : names of the municipalities of a working area; else empty
    """

    engine: Engine
    level: str
    names: tuple[str, ...]
    areas: tuple[tuple[str, str], ...]
    vintage: int
    members: tuple[str, ...] = ()

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
        held = index >= 0
        cells = np.bincount(index[held], minlength=len(ids))
        within = np.bincount(index[held & self.inside], minlength=len(ids))
        return tuple(ids[(2 * within > cells) & (cells > 0)])

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
        size, held = len(self.engine.territory.zone_ids(level, vintage)), zone >= 0
        cells = np.bincount(zone[held], minlength=size)
        kept = 2 * np.bincount(zone[held & self.inside], minlength=size) > cells
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
        if points not in region().levels or int(self.zones_inside(points).sum()) > MOST_DRAWN:
            return self.parts_level
        return points

    def query(self, query: Query, level: str = "") -> Query:
        """Return a question about this area, by its own level or another."""
        own = level or (self.areas[0][0] if self.single else region().base)
        return replace(query, level=own, vintage=max(self.vintage, self._held(own)), areas=self.areas, draws=0)


def subject_of(engine: Engine, query: Query, facilities: Facilities, house: str = "") -> tuple[Subject, Query]:
    """Read the area that a question names, and the question with the areas that it stands for.

    Parameters
    ----------
    engine : where areas are looked up
    query : the question
    facilities : the whole facility set, for the area of a house
    house : number of the partnership whose working area it is; empty for the areas of the question

    Raises
    ------
    MessageError
        when no area is named, it is unknown, or no partnership of that number is in the set
    """
    if house:
        return _house_area(engine, query, facilities, house)
    if not query.areas:
        raise MessageError("error.dossier.no_area")
    names = []
    for level, zone in query.areas:
        held = area_vintage(level, query.vintage)
        area_cells(engine.territory, ((level, zone),), query.vintage)  # tells an unknown one, with those like it
        zones = engine.territory.zones(level, held).set_index("zone_id")["zone_name"]
        names.append(str(zones[zone]))
    return Subject(engine, query.areas[0][0], tuple(names), query.areas, query.vintage), query


def _house_area(engine: Engine, query: Query, facilities: Facilities, house: str) -> tuple[Subject, Query]:
    """Municipalities that a partnership serves, by the borders in which its list names them."""
    frame = facilities.frame
    rows = frame[(frame["house_id"] == house) | (frame["id"] == house)]
    if rows.empty:
        some = sorted({str(name) for name in frame["house_id"].dropna()})[:5]
        raise MessageError("error.dossier.no_house", value=house, known=", ".join(some) or "–")
    codes = sorted({code for served in rows["serves"].dropna() for code in str(served).split(";") if code})
    if not codes:
        raise MessageError("error.dossier.serves", value=house)
    vintage = region().vintages.served
    areas = tuple((region().base, code) for code in codes)
    zones = engine.territory.zones(region().base, vintage).set_index("zone_id")["zone_name"]
    members = tuple(str(zones.get(code, code)) for code in codes)
    named = _name_of(rows, house)
    subject = Subject(engine, HOUSE_AREA, (named,), areas, vintage, members)
    return subject, replace(query, areas=areas, vintage=vintage, level=region().base)


def _name_of(rows: pd.DataFrame, house: str) -> str:
    """Name of a partnership: that of its place, or what the names of its places begin with; else its number."""
    walk_in = rows[rows["service"].isin(needs_walk_in())]
    names = (walk_in if len(walk_in) else rows)["name"].dropna().astype(str).unique().tolist()
    begin = _shared(names).rstrip(" 0123456789(-")
    return begin if len(begin) > SHORTEST_NAME else house


def _shared(names: list[str]) -> str:
    """Letters that names begin with in common."""
    if not names:
        return ""
    first, last = min(names), max(names)
    length = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(map(len, names)))
    return first[:length]
