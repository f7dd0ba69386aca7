"""For which area a list of places is complete: beyond it nothing is known, and a place there may matter at its edge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.reach import Reach
from coverage.zones.areas import area_vintage, find_zone
from coverage.zones.reasons import in_scope
from coverage.zones.territory import Territory
from i18n.errors import SnapshotError
from i18n.messages import MessageError, OptionName
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.levels import default_vintage, get_level
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import services
from loaders.catalogue.types import Bools, Floats

OUTSIDE, EDGE = "outside_list", "near_list_edge"
"""Flags of cells, and of the zones they lie in: nothing is known there; a place that is not known may be nearer."""

_PROPOSED = ("municipality", "care_region", "primary_care_zone", "arrondissement", "province")
"""Levels that may be proposed as the area of a list, from small to large."""

Areas = tuple[tuple[str, str], ...]


def complete_for(facilities: Facilities, territory: Territory, areas: Areas) -> Facilities:
    """The set as one that is complete for these areas alone, for every service.

    Parameters
    ----------
    facilities : a user's own list
    territory : look-ups on the snapshot
    areas : (level, zone_id) pairs, of levels that are made of whole municipalities

    Raises
    ------
    InputError
        when an area is unknown, or holds no whole municipality
    """
    inside = np.zeros(len(territory.smallest), dtype=bool)
    for level, zone in areas:
        level_vintage = area_vintage(level, default_vintage())
        position = find_zone(territory.zones(level, level_vintage), level, zone, level_vintage)
        members = np.asarray(territory.members(level, level_vintage)[position]).ravel()
        if not (get_level(level).territorial and members.any()):
            raise MessageError("error.question.complete_small", level=OptionName("level", level), zone=zone)
        inside |= members
    codes = territory.smallest[inside].astype(str)
    rows = [(service, code, "", facilities.sources[0]) for service in services() for code in codes]
    scope = pd.DataFrame(rows, columns=["service", region().smallest_code, "as_of", "source"])
    return replace(facilities, scope=scope, complete_for=areas)


def names_of(territory: Territory, areas: Areas) -> str:
    """Names of areas, with commas."""
    names = []
    for level, zone in areas:
        level_vintage = area_vintage(level, default_vintage())
        zones = territory.zones(level, level_vintage)
        names.append(str(zones["zone_name"].iloc[find_zone(zones, level, zone, level_vintage)]))
    return ", ".join(names)


def propose_area(facilities: Facilities, territory: Territory) -> tuple[str, str] | None:
    """Smallest area that holds all places of a list; None where only the whole region does, or there is no place."""
    return next(iter(areas_around(facilities.frame, territory)), None)


def areas_around(frame: pd.DataFrame, territory: Territory) -> list[tuple[str, str]]:
    """Areas that hold all places of a frame, (level, zone_id) from small to large; [] where there is no place."""
    frame = frame[frame["x"].notna()]
    areas = []
    for level in _PROPOSED:
        level_vintage = area_vintage(level, default_vintage())
        try:
            zone = territory.locate(frame, level, level_vintage) if len(frame) else np.zeros(0, dtype=np.intp)
        except (SnapshotError, KeyError):  # a level that this snapshot lacks
            continue
        if len(zone) and (zone >= 0).all() and len(set(zone.tolist())) == 1:
            areas.append((level, str(territory.zone_ids(level, level_vintage)[int(zone[0])])))
    return areas


def within_list(
    reach: Reach, facilities: Facilities, territory: Territory, service: str, nearest: tuple[float, float]
) -> Reach:
    """Distances where the list is complete; elsewhere they are not known.

    Parameters
    ----------
    reach : distances of every cell, as if there were no other places
    facilities : the list, complete for some areas
    territory, service : what its scope is looked up in
    nearest : metres of travel that a metre of straight line costs at the least, and metres of straight line that may
        cost nothing (`coverage.travel.base.slack_of`)
    """
    grid = territory.snapshot.grid
    municipality = territory.snapshot.zone_index(region().base, region().vintages.smallest)
    codes = territory.zone_ids(region().base, region().vintages.smallest)
    inside = np.isin(codes.astype(str), territory.smallest[in_scope(territory, facilities, service)].astype(str))
    known = np.append(inside, False)[municipality]
    distance = np.where(known, reach.distance_m, np.nan)
    flags = {**reach.flags, OUTSIDE: ~known}
    if known.any() and not known.all():
        flags[EDGE] = edge_of_list(grid.xy, known, distance, *nearest)
    return replace(
        reach,
        distance_m=distance,
        second_m=np.where(known, reach.second_m, np.nan),
        nearest=np.where(known, reach.nearest, -1),
        order=np.argsort(distance, kind="stable"),
        flags=flags,
    )


def edge_of_list(xy: Floats, known: Bools, distance: Floats, least: float, slack: float) -> npt.NDArray[np.bool_]:
    """(n_cells,) where a place among those who live outside a list would be nearer than the nearest that is known.

    Parameters
    ----------
    xy, known, distance : (n_cells, 2) and (n_cells,) cells, whether the list is complete there, metres to the nearest
    least, slack : see `within_list`
    """
    from scipy.spatial import cKDTree  # a table of gaps without such a list does not wait for it

    apart = cKDTree(xy[~known]).query(xy[known])[0]
    edge = np.zeros(len(xy), dtype=bool)
    edge[known] = ~((apart - slack) * least >= distance[known])
    return edge
