"""Restrict a table to areas ("--in care_region:boom"), without the areas changing any figure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.query import Query
from coverage.zones.territory import Territory
from i18n.errors import InputError
from i18n.messages import MessageError, OptionName, Value
from loaders.catalogue.municipality_words import other_names
from loaders.catalogue.plain_words import plain_word
from loaders.catalogue.regions.levels import get_level

if TYPE_CHECKING:
    import shapely


def in_areas(
    territory: Territory, areas: tuple[tuple[str, str], ...], level: str, vintage: int
) -> npt.NDArray[np.bool_]:
    """Which zones lie in the union of the areas: those with more than half of their inhabited cells in it.

    Exact for levels that nest. A zone without inhabited cells goes by a point inside it.

    Parameters
    ----------
    territory : look-ups on the snapshot
    areas : (level, zone_id) pairs; an area is read at the newest vintage held of *its* level that is not later than
        ``vintage`` or, if not held so early, at its oldest
    level : of the zones asked about, which are read at theirs
    vintage : year asked for; a level may hold an older one only

    Returns
    -------
    (n_zones,) booleans

    Raises
    ------
    InputError
        when an area is unknown, naming those that look like it
    """
    level_vintage = area_vintage(level, vintage)
    n_zones = len(territory.zone_ids(level, level_vintage))
    zone = territory.snapshot.zone_index(level, level_vintage)
    inside = area_cells(territory, areas, vintage)
    held_cells = zone >= 0
    cells = np.bincount(zone[held_cells], minlength=n_zones)
    kept = 2 * np.bincount(zone[held_cells & inside], minlength=n_zones) > cells
    empty = np.flatnonzero(cells == 0)
    if len(empty):
        import shapely  # few questions need a border

        outlines = territory.borders(level, level_vintage)[empty]
        points = shapely.point_on_surface(outlines)
        kept[empty] = shapely.intersects(points, area_shape(territory, areas, vintage))
    return kept


def nothing_inside(query: Query) -> InputError:
    """Error to raise when no zone of the level lies mostly in the areas: a table without rows answers nothing."""
    areas = ",".join(f"{level}:{zone}" for level, zone in query.areas)
    return MessageError("error.question.nothing_inside", level=OptionName("level", query.level), areas=areas)


def area_cells(territory: Territory, areas: tuple[tuple[str, str], ...], vintage: int) -> npt.NDArray[np.bool_]:
    """(n_cells,) which inhabited cells lie in the union of the areas; `InputError` for an unknown area."""
    inside = np.zeros(len(territory.snapshot.grid), dtype=bool)
    for level, level_vintage, position in _positions(territory, areas, vintage):
        inside |= territory.snapshot.zone_index(level, level_vintage) == position
    return inside


def area_shape(territory: Territory, areas: tuple[tuple[str, str], ...], vintage: int) -> shapely.Geometry:
    """Union of the areas (metres); `InputError` for an unknown area."""
    import shapely

    shapes = [
        territory.borders(level, level_vintage)[position]
        for level, level_vintage, position in _positions(territory, areas, vintage)
    ]
    return shapely.union_all(shapes)


def _positions(
    territory: Territory, areas: tuple[tuple[str, str], ...], vintage: int
) -> Iterator[tuple[str, int, int]]:
    """Level, vintage and position of every area."""
    for level, zone_id in areas:
        level_vintage = area_vintage(level, vintage)
        yield level, level_vintage, find_zone(territory.zones(level, level_vintage), level, zone_id, level_vintage)


def area_vintage(level: str, vintage: int) -> int:
    """Newest vintage of ``level`` that is not later than ``vintage``, or its oldest when all are later."""
    vintages = get_level(level).vintages
    return max((v for v in vintages if v <= vintage), default=vintages[0])


def areas_by_id(territory: Territory, areas: tuple[tuple[str, str], ...], vintage: int) -> tuple[tuple[str, str], ...]:
    """Areas as people type them, by their ids: ``municipality:Oudenburg`` is ``municipality:35014``.

    A name counts whatever its capitals and accents, in Dutch, French or English, where one zone of the level has it.

    Parameters
    ----------
    territory : look-ups on the snapshot
    areas : (level, id or name) pairs
    vintage : year asked for, see `area_vintage`

    Returns
    -------
    (level, zone_id) pairs, one for each area

    Raises
    ------
    InputError
        when a zone is unknown or a name is that of more than one, naming those that look like it
    """
    found = []
    for level, asked in areas:
        level_vintage = area_vintage(level, vintage)
        zones = territory.zones(level, level_vintage)
        ids = zones["zone_id"].astype(str)
        same = ids[ids == asked]
        if same.empty and (word := plain_word(asked)):
            same = ids[[word in _written(str(name)) for name in zones["zone_name"]]]
        if len(same) != 1:
            find_zone(zones, level, asked, level_vintage)  # says what is wrong
        found.append((level, str(same.iloc[0])))
    return tuple(dict.fromkeys(found))


def _written(name: str) -> set[str]:
    """How a name is written, in the languages that have one, in plain letters."""
    return {plain_word(one) for one in (name, *other_names().get(name, ()))}


def find_zone(zones: pd.DataFrame, level: str, zone_id: str, vintage: int) -> int:
    """Position of ``zone_id`` in ``zones``; `InputError` naming look-alikes when it is not there."""
    positions = np.flatnonzero((zones["zone_id"] == zone_id).to_numpy(bool))
    if len(positions):
        return int(positions[0])
    by_name = {str(n).lower(): str(i) for n, i in zip(zones["zone_name"], zones["zone_id"], strict=True)}
    ids = [str(i) for i in zones["zone_id"]]
    close = [by_name.get(c, c) for c in difflib.get_close_matches(zone_id.lower(), [*ids, *by_name], n=8)]
    names = dict(zip(ids, zones["zone_name"], strict=True))
    alike = ", ".join(f"{i} ({names[i]})" for i in list(dict.fromkeys(close))[:4])
    asked: dict[str, Value] = {"zone": zone_id, "level": OptionName("level", level), "vintage": str(vintage)}
    if alike:
        raise MessageError("error.question.zone_alike", **asked, alike=alike)
    raise MessageError("error.question.zone", **asked, some=", ".join(ids[:4]))
