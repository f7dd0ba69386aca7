"""Where a user's point lies: its municipality in every vintage, or why it cannot be right."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from loaders.catalogue.projection import lonlat_to_lambert
from loaders.catalogue.types import Floats
from loaders.snapshot.reader import Snapshot

SNAP_M = 250.0
"""A point at most this far outside every municipality is taken to lie in the nearest one."""
SAME_PLACE_M = 250.0
"""Latitude/longitude and x/y of one row may differ by this much."""
LON_RANGE, LAT_RANGE = (2.0, 7.0), (49.0, 52.0)
"""Belgium with a margin, in degrees."""
_LAMBERT_2008 = ((490_000.0, 800_000.0), (510_000.0, 760_000.0))


@dataclass(frozen=True)
class Located:
    """Municipality of every point.

    Attributes
    ----------
    nis2018, nis2019, nis2025 : codes of the municipality the point lies in, or of the nearest one
    outside_m : metres to that municipality, 0 inside
    """

    nis2018: list[str]
    nis2019: list[str]
    nis2025: list[str]
    outside_m: Floats


class Locator:
    """Finds the municipality of points in EPSG:31370 metres."""

    def __init__(self, snapshot: Snapshot) -> None:
        now, before = snapshot.zones("municipality", 2025), snapshot.zones("municipality", 2018)
        codes = snapshot.table("municipality_codes")
        self._now = now["zone_id"].to_numpy(dtype=object)
        self._shapes = now.geometry.to_numpy()
        self._tree = shapely.STRtree(self._shapes)
        self._before = dict(zip(before["zone_id"], before.geometry, strict=True))
        self._members: dict[str, list[str]] = {}
        for nis2018, nis2025 in zip(codes["nis2018"], codes["nis2025"], strict=True):
            self._members.setdefault(nis2025, []).append(nis2018)
        self._in_2019 = dict(zip(codes["nis2018"], codes["nis2019"], strict=True))

    def locate(self, xy: Floats) -> Located:
        """Municipality of (n, 2) points; the three codes always belong together."""
        nearest = self._inside(xy)
        lost = np.flatnonzero(nearest < 0)
        if len(lost):
            which, index = self._tree.query_nearest(shapely.points(xy[lost]), all_matches=False)
            nearest[lost[which]] = index
        outside = np.zeros(len(xy))
        outside[lost] = shapely.distance(shapely.points(xy[lost]), self._shapes[nearest[lost]])
        nis2025 = [str(nis) for nis in self._now[nearest]]
        nis2018 = [self._member(nis, shapely.Point(at)) for nis, at in zip(nis2025, xy, strict=True)]
        return Located(nis2018, [self._in_2019[nis] for nis in nis2018], nis2025, outside)

    def _inside(self, xy: Floats) -> npt.NDArray[np.int64]:
        """(n,) position of the municipality that points lie in, -1 for none."""
        found = np.full(len(xy), -1, dtype=np.int64)
        finite = np.flatnonzero(np.isfinite(xy).all(axis=1))
        which, index = self._tree.query(shapely.points(xy[finite]))  # by their boxes
        for shape in np.unique(index):
            at = finite[which[index == shape]]
            shapely.prepare(self._shapes[shape])
            found[at[shapely.contains_xy(self._shapes[shape], *xy[at].T)]] = shape
        return found

    def _member(self, nis2025: str, point: shapely.Point) -> str:
        members = self._members[nis2025]
        if len(members) == 1:
            return members[0]
        return min(members, key=lambda nis: (float(shapely.distance(self._before[nis], point)), nis))

    def metres_to(self, nis2018: Collection[str], xy: Floats) -> float:
        """Metres from a point to the nearest of municipalities of 2018; infinite when there is none."""
        point = shapely.Point(xy)
        there = [self._before[nis] for nis in nis2018 if nis in self._before]
        return min((float(shapely.distance(shape, point)) for shape in there), default=float("inf"))

    def inside(self, xy: Floats) -> npt.NDArray[np.bool_]:
        """Whether (n, 2) points lie in or within reach of snapping to a municipality."""
        return np.asarray(self.locate(xy).outside_m <= SNAP_M)


def read_point(lat: float | None, lon: float | None, x: float | None, y: float | None) -> tuple[Floats | None, str]:
    """Point in EPSG:31370 from the numbers of a row, and the key of what is wrong with them ('' when nothing is).

    No numbers at all give no point and no fault.
    """
    if (lat is None) != (lon is None) or (x is None) != (y is None):
        return None, "half_a_coordinate"
    degrees = metres = None
    if lat is not None and lon is not None:
        if fault := _degree_fault(lat, lon):
            return None, fault
        degrees = lonlat_to_lambert(np.array([[lon, lat]]))[0]
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
    if _within(lon, LAT_RANGE) and _within(lat, LON_RANGE):
        return "lat_lon_swapped"
    if abs(lat) > 90 or abs(lon) > 180:
        return "metres_as_degrees"
    return ""


def _metre_fault(x: float, y: float) -> str:
    if abs(x) <= 180 and abs(y) <= 180:
        return "degrees_as_metres"
    if _within(x, _LAMBERT_2008[0]) and _within(y, _LAMBERT_2008[1]):
        return "lambert_2008"
    return ""


class ServedCodes:
    """Codes of municipalities as people write them in a ``serves`` cell, in any vintage, to those of 2019."""

    def __init__(self, codes: pd.DataFrame) -> None:
        self._now = set(map(str, codes["nis2019"]))
        self._members: dict[str, set[str]] = {}
        for vintage in ("nis2018", "nis2025"):
            for code, nis2019 in zip(codes[vintage], codes["nis2019"], strict=True):
                self._members.setdefault(str(code), set()).add(str(nis2019))

    def read(self, value: str) -> tuple[list[str], list[str], bool]:
        """Codes of 2019 in a cell, the codes that are not known, and whether any came from another vintage."""
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
