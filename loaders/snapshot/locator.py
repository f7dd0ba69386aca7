"""Where a user's point lies: its municipality in every vintage, or why it cannot be right."""

from __future__ import annotations

import re
import weakref
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from loaders.catalogue.regions.projection import from_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Floats
from loaders.snapshot.reader import Snapshot

SNAP_M = 250.0
"""A point at most this far outside every municipality is taken to lie in the nearest one."""
SAME_PLACE_M = 250.0
"""Latitude/longitude and x/y of one row may differ by this much."""


@dataclass(frozen=True)
class Located:
    """Municipality of every point.

    Attributes
    ----------
    codes : columns of a facility row with the code of the municipality the point lies in, or of the nearest one
    outside_m : metres to that municipality, 0 inside
    """

    codes: Mapping[str, list[str]]
    outside_m: Floats

    @property
    def newest(self) -> list[str]:
        """Codes of the default vintage."""
        return self.codes[region().newest_code]

    @property
    def smallest(self) -> list[str]:
        """Codes of the smallest zones."""
        return self.codes[region().smallest_code]


class Locator:
    """Finds the municipality of points."""

    def __init__(self, snapshot: Snapshot) -> None:
        chosen = region()
        now = snapshot.zones(chosen.base, chosen.vintage)
        before = snapshot.zones(chosen.base, chosen.vintages.smallest)
        codes = snapshot.table("municipality_codes")
        self._now = now["zone_id"].to_numpy(dtype=object)
        self._shapes = now.geometry.to_numpy()
        self._tree = shapely.STRtree(self._shapes)
        self._before = dict(zip(before["zone_id"], before.geometry, strict=True))
        self._members: dict[str, list[str]] = {}
        for small, newest in zip(codes[chosen.smallest_code], codes[chosen.newest_code], strict=True):
            self._members.setdefault(newest, []).append(small)
        whole = codes.drop_duplicates(chosen.smallest_code).set_index(chosen.smallest_code, drop=False)
        self._of_smallest = {column: whole[column].to_dict() for column in chosen.code_columns}

    @classmethod
    def of(cls, snapshot: Snapshot) -> Locator:
        """Finder for a snapshot, made once for as long as that is held."""
        if snapshot not in _HELD:
            _HELD[snapshot] = cls(snapshot)
        return _HELD[snapshot]

    def locate(self, xy: Floats) -> Located:
        """Municipality of (n, 2) points; the codes of a point always belong together."""
        nearest = self._inside(xy)
        lost = np.flatnonzero(nearest < 0)
        if len(lost):
            which, index = self._tree.query_nearest(shapely.points(xy[lost]), all_matches=False)
            nearest[lost[which]] = index
        outside = np.zeros(len(xy))
        outside[lost] = shapely.distance(shapely.points(xy[lost]), self._shapes[nearest[lost]])
        newest = [str(code) for code in self._now[nearest]]
        smallest = [self._member(code, at) for code, at in zip(newest, xy, strict=True)]
        codes = {name: [str(of[code]) for code in smallest] for name, of in self._of_smallest.items()}
        return Located(codes | {region().newest_code: newest}, outside)

    def _inside(self, xy: Floats) -> npt.NDArray[np.int64]:
        """(n,) position of the municipality that points lie in, -1 for none."""
        positions = np.full(len(xy), -1, dtype=np.int64)
        finite = np.flatnonzero(np.isfinite(xy).all(axis=1))
        which, index = self._tree.query(shapely.points(xy[finite]))  # by their boxes
        for shape in np.unique(index):
            at = finite[which[index == shape]]
            shapely.prepare(self._shapes[shape])
            positions[at[shapely.contains_xy(self._shapes[shape], *xy[at].T)]] = shape
        return positions

    def _member(self, newest: str, xy: Floats) -> str:
        members = self._members[newest]
        if len(members) == 1:
            return members[0]
        point = shapely.Point(xy)
        return min(members, key=lambda code: (float(shapely.distance(self._before[code], point)), code))

    def metres_to(self, smallest: Collection[str], xy: Floats) -> float:
        """Metres from a point to the nearest of the smallest municipalities; infinite when there is none."""
        point = shapely.Point(xy)
        there = [self._before[nis] for nis in smallest if nis in self._before]
        return min((float(shapely.distance(shape, point)) for shape in there), default=float("inf"))

    def inside(self, xy: Floats) -> npt.NDArray[np.bool_]:
        """Whether (n, 2) points lie in or within reach of snapping to a municipality."""
        return np.asarray(self.locate(xy).outside_m <= SNAP_M)


_HELD: weakref.WeakKeyDictionary[Snapshot, Locator] = weakref.WeakKeyDictionary()


def read_point(lat: float | None, lon: float | None, x: float | None, y: float | None) -> tuple[Floats | None, str]:
    """Point in metres from the numbers of a row, and the key of what is wrong with them ('' when nothing is).

    No numbers at all give no point and no fault.
    """
    if (lat is None) != (lon is None) or (x is None) != (y is None):
        return None, "half_a_coordinate"
    degrees = metres = None
    if lat is not None and lon is not None:
        if fault := _degree_fault(lat, lon):
            return None, fault
        degrees = from_lonlat(np.array([[lon, lat]]))[0]
        if not np.isfinite(degrees).all():
            return None, "far_away"
    if x is not None and y is not None:
        if fault := _metre_fault(x, y):
            return None, fault
        metres = np.array([x, y])
    if degrees is not None and metres is not None and np.hypot(*(degrees - metres)) > SAME_PLACE_M:
        return None, "two_places"
    return (metres if metres is not None else degrees), ""


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _degree_fault(lat: float, lon: float) -> str:
    if plausible_degrees(lon, lat):
        return "lat_lon_swapped"
    if abs(lat) > 90 or abs(lon) > 180:
        return "metres_as_degrees"
    return ""


def plausible_degrees(lat: float, lon: float) -> bool:
    """Whether a place of the region can lie at a latitude and longitude."""
    west, south, east, north = region().territory.degrees
    return _within(lat, (south, north)) and _within(lon, (west, east))


def _metre_fault(x: float, y: float) -> str:
    if abs(x) <= 180 and abs(y) <= 180:
        return "degrees_as_metres"
    for key, (west, south, east, north) in region().crs.mistaken.items():
        if _within(x, (west, east)) and _within(y, (south, north)):
            return key
    return ""


class ServedCodes:
    """Codes of municipalities in a ``serves`` cell, in any vintage, to those of the year that such lists are in."""

    def __init__(self, codes: pd.DataFrame) -> None:
        now = region().served_code
        self._now = set(map(str, codes[now]))
        self._members: dict[str, set[str]] = {}
        for column in region().code_columns:
            if column == now:
                continue
            for code, served in zip(codes[column], codes[now], strict=True):
                self._members.setdefault(str(code), set()).add(str(served))

    def read(self, value: str) -> tuple[list[str], list[str], bool]:
        """Codes of that year in a cell, the codes that are not known, and whether any came from another vintage."""
        known: set[str] = set()
        unknown: list[str] = []
        carried = False
        for code in filter(None, re.split(r"[;,|\s]", value)):
            members = {code} if code in self._now else self._members.get(code, set())
            known |= members
            carried = carried or (code not in self._now and bool(members))
            if not members:
                unknown.append(code)
        return sorted(known), unknown, carried
