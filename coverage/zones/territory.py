"""What lies where: the zone of every facility, and the smallest municipalities every zone is made of.

The smallest municipalities are those of the year that the region declares as such: facts about places are stated for
them, and those of every other year are made of whole ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.demand import counts_by_municipality
from coverage.core.reach import coordinates
from coverage.memory.lru_cache import LruCache
from coverage.zones.strata import AREA_TYPES, area_type_of, has_settlement, settlement_index
from loaders.catalogue.regions.levels import get_level
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools

if TYPE_CHECKING:
    import shapely

    from loaders.snapshot.reader import Snapshot

SNAP_M = 250.0
"""A place this close outside generalised borders belongs to the nearest zone."""

Positions = npt.NDArray[np.intp]


def any_of_row(matrix: Bools) -> Bools:
    """(n,) whether a row of an (n, m) matrix holds anything."""
    return np.asarray(matrix.any(axis=1), dtype=bool)


def any_of_column(matrix: Bools) -> Bools:
    """(m,) whether a column of an (n, m) matrix holds anything."""
    return np.asarray(matrix.any(axis=0), dtype=bool)


class Territory:
    """Look-ups on the zones of one snapshot; what is worked out once is kept.

    Parameters
    ----------
    snapshot : where the zones, the municipality codes and the memberships come from
    """

    counted_apart = True

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        smallest = region().smallest_code
        codes = snapshot.table("municipality_codes").drop_duplicates(smallest).sort_values(smallest)
        self.codes = codes.reset_index(drop=True)
        self.smallest = pd.Index(self.codes[smallest])
        self._members: LruCache[Bools] = LruCache(32, "zones by smallest municipality")
        self._trees: LruCache[shapely.STRtree] = LruCache(8, "zone trees")
        self._frames: LruCache[pd.DataFrame] = LruCache(32, "zones")
        self._area_types: LruCache[npt.NDArray[np.object_]] = LruCache(32, "area types")
        self._settlement: npt.NDArray[np.int64] | None = None
        self._estimated: LruCache[Bools] = LruCache(32, "zones with estimated births")
        self._counts: LruCache[pd.DataFrame] = LruCache(4, "children by municipality")

    def zones(self, level: str, vintage: int) -> pd.DataFrame:
        """Zones of a level in zone order, as `Snapshot.zone_rows` gives them; shared, so not to be changed."""
        level_vintage = get_level(level).resolve_vintage(vintage)
        return self._frames.get_or_make((level, level_vintage), lambda: self.snapshot.zone_rows(level, level_vintage))

    def borders(self, level: str, vintage: int) -> npt.NDArray[np.object_]:
        """(n_zones,) borders of the zones of a level in zone order, metres."""
        level_vintage = get_level(level).resolve_vintage(vintage)
        return np.asarray(self.tree(level, level_vintage).geometries, dtype=object)

    def counts(self, kind: str) -> pd.DataFrame:
        """Children by year and municipality (`demand.counts_by_municipality`); not to be changed."""
        return self._counts.get_or_make(kind, lambda: counts_by_municipality(self.snapshot, kind))

    def area_types(self, level: str, vintage: int) -> npt.NDArray[np.object_]:
        """(n_zones + 1,) degree of urbanisation (`coverage.zones.strata.area_type_of`), the remainder last.

        None where nobody lives, and everywhere where the snapshot does not hold the kind of settlement.
        """
        level_vintage = get_level(level).resolve_vintage(vintage)
        return self._area_types.get_or_make((level, level_vintage), lambda: self._find_area_types(level, level_vintage))

    def _find_area_types(self, level: str, vintage: int) -> npt.NDArray[np.object_]:
        size, kinds = len(self.zone_ids(level, vintage)) + 1, len(AREA_TYPES)
        if not has_settlement(self.snapshot):
            return np.full(size, None, dtype=object)
        if self._settlement is None:
            self._settlement = settlement_index(self.snapshot)
        zone = self.snapshot.zone_index(level, vintage).astype(np.int64) % size
        key = zone * kinds + self._settlement
        people = np.bincount(key, weights=self.snapshot.grid.population, minlength=size * kinds)
        return area_type_of(people.astype(np.float64).reshape(size, kinds))

    def estimated(self, level: str, vintage: int, counted_at: int) -> Bools:
        """(n_zones + 1,) whether the births of a zone are estimated, the remainder last.

        They are counted where a zone is made of whole municipalities of the vintage that was counted, and estimated
        where it shares one with another zone. A zone that nobody lives in has nothing to estimate.

        Parameters
        ----------
        level, vintage : the partition
        counted_at : vintage of the municipalities that the counts are of (`Demand.counted_at`)
        """
        level_vintage = get_level(level).resolve_vintage(vintage)
        return self._estimated.get_or_make(
            (level, level_vintage, counted_at), lambda: self._shared(level, level_vintage, counted_at)
        )

    def _shared(self, level: str, vintage: int, counted_at: int) -> Bools:
        size = len(self.zone_ids(level, vintage)) + 1
        shared = np.zeros(size, dtype=bool)
        zone = self.snapshot.zone_index(level, vintage)
        unit = self.snapshot.zone_index(region().base, counted_at)
        if zone is unit:
            return shared
        one = np.empty(len(self.zone_ids(region().base, counted_at)) + 1, dtype=np.int32)
        one[unit] = zone  # some zone of every unit; the last is for what was not counted
        other = np.flatnonzero((zone != one[unit]) & (unit >= 0))
        shared[zone[other]] = True
        shared[one[unit[other]]] = True
        return shared

    def zone_ids(self, level: str, vintage: int) -> pd.Index:
        """Ids of the zones in zone order."""
        ids: pd.Index = pd.Index(self.zones(level, vintage)["zone_id"])
        return ids

    def tree(self, level: str, vintage: int) -> shapely.STRtree:
        """Spatial index of the zones in zone order."""
        import shapely  # zones whose figures are kept need no borders

        level_vintage = get_level(level).resolve_vintage(vintage)
        return self._trees.get_or_make(
            (level, level_vintage),
            lambda: shapely.STRtree(self.snapshot.zones(level, level_vintage)["geometry"].to_numpy()),
        )

    def in_smallest(self, nis: pd.Series, vintage: int) -> Bools:
        """(n, n_smallest) smallest municipalities that each code of ``vintage`` is made of; none if unknown."""
        row, code = pd.factorize(self.codes[region().code_column(vintage)])
        made_of = np.zeros((len(code) + 1, len(row)), dtype=bool)  # the last row is for unknown codes
        made_of[row, np.arange(len(row))] = True
        return np.asarray(made_of[pd.Index(code).get_indexer(pd.Index(nis))], dtype=bool)

    def members(self, level: str, vintage: int) -> Bools:
        """(n_zones, n_smallest) which smallest municipalities a zone is made of.

        A zone below municipality counts as lying in the one that holds most of its inhabited cells, or in all
        predecessors of its ``parent_nis`` when it has none.
        """
        level_vintage = get_level(level).resolve_vintage(vintage)
        return self._members.get_or_make((level, level_vintage), lambda: self._find_members(level, level_vintage))

    def _find_members(self, level: str, vintage: int) -> Bools:
        if level == region().base:
            return self.in_smallest(self.zones(level, vintage)["zone_id"], vintage)
        if self.snapshot.on_grid(level, vintage):
            return self._by_majority(level, vintage)
        members = np.zeros((len(self.zones(level, vintage)), len(self.smallest)), dtype=bool)
        for base, base_vintage, zone, member in self._unions(level, vintage):
            np.logical_or.at(members, zone, self.members(base, base_vintage)[member])
        return members

    def _by_majority(self, level: str, vintage: int) -> Bools:
        zones = self.zones(level, vintage)
        own = self.snapshot.zone_index(level, vintage)
        base, vintage_of_smallest = region().base, region().vintages.smallest
        municipality = self.snapshot.zone_index(base, vintage_of_smallest)
        both = (own >= 0) & (municipality >= 0)
        n_smallest = len(self.zone_ids(base, vintage_of_smallest))
        pair = own[both].astype(np.int64) * n_smallest + municipality[both]
        cells = np.bincount(pair, minlength=len(zones) * n_smallest).reshape(len(zones), n_smallest)
        main = np.where(cells.any(axis=1), cells.argmax(axis=1), -1)
        codes = self.zone_ids(base, vintage_of_smallest).to_numpy(object)
        members = self.in_smallest(pd.Series(codes[main]), vintage_of_smallest)
        return np.where((main >= 0)[:, None], members, self.in_smallest(zones["parent_nis"], region().vintage))

    def _unions(self, level: str, vintage: int) -> list[tuple[str, int, Positions, Positions]]:
        """Members of a level made of others: (member level, vintage, zone positions, member positions)."""
        table = self.snapshot.table("membership")
        table = table[(table["level"] == level) & (table["vintage"] == vintage)]
        ids = self.zone_ids(level, vintage)
        unions = []
        for _, group in table.groupby(["member_level", "member_vintage"], sort=True):
            base, base_vintage = str(group["member_level"].iloc[0]), int(group["member_vintage"].iloc[0])
            member = self.zone_ids(base, base_vintage).get_indexer(pd.Index(group["member_id"]))
            unions.append((base, base_vintage, ids.get_indexer(pd.Index(group["zone_id"])), member))
        return unions

    def locate(self, frame: pd.DataFrame, level: str, vintage: int) -> Positions:
        """(n,) zone that every facility lies in, -1 where that is none or not known.

        Municipalities, and levels made of them, go by the municipality codes of the row, so they always
        agree. Other levels go by the zone that holds the point, or the nearest zone within `SNAP_M`.

        Parameters
        ----------
        frame : facility rows (`loaders.catalogue.columns.FACILITY_COLUMNS`)
        level, vintage : the partition
        """
        level_vintage = get_level(level).resolve_vintage(vintage)
        if level == region().base:
            by_code = self.zone_ids(level, level_vintage).get_indexer(
                pd.Index(frame[region().code_column(level_vintage)])
            )
            located = np.asarray(by_code, dtype=np.intp).copy()
            left = np.flatnonzero((located < 0) & np.isfinite(coordinates(frame)).all(axis=1))
            if len(left):  # borders are read only for places that have a point and no code that is known
                located[left] = self._by_point(frame.iloc[left], level, level_vintage)
            return located
        if self.snapshot.on_grid(level, level_vintage):
            return self._by_point(frame, level, level_vintage)
        position = np.full(len(frame), -1, dtype=np.intp)
        for base, base_vintage, zone, member in self._unions(level, level_vintage):
            zone_of = np.full(len(self.zone_ids(base, base_vintage)) + 1, -1, dtype=np.intp)
            zone_of[member] = zone
            located = zone_of[self.locate(frame, base, base_vintage)]
            position = np.where(located >= 0, located, position)
        return position

    def _by_point(self, frame: pd.DataFrame, level: str, vintage: int) -> Positions:
        position = np.full(len(frame), -1, dtype=np.intp)
        xy = coordinates(frame)
        rows = np.flatnonzero(np.isfinite(xy).all(axis=1))
        import shapely

        points = np.asarray(shapely.points(xy[rows]), dtype=object)
        tree = self.tree(level, vintage)
        point, zone = tree.query(points, predicate="intersects")
        position[rows[point][::-1]] = zone[::-1]  # on a border: the first zone
        left = np.flatnonzero(position[rows] < 0)
        point, zone = tree.query_nearest(points[left], max_distance=SNAP_M, all_matches=False)
        position[rows[left[point]]] = zone
        return position

    def possible_smallest(self, frame: pd.DataFrame) -> Bools:
        """(n, n_smallest) smallest municipalities a facility may lie in, by its oldest code that is known."""
        possible = np.zeros((len(frame), len(self.smallest)), dtype=bool)
        for vintage in reversed(region().vintages.held):
            known = self.in_smallest(frame[region().code_column(vintage)], vintage)
            possible = np.where(any_of_row(known)[:, None], known, possible)
        return possible
