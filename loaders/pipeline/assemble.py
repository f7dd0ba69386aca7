"""Make a new snapshot from the current one and what sources offer: changed resources, and all that follows from them.

Borders change the hectare grid and every level that is a union of them; the population of sectors changes where
children live; births and ages change the totals. Resources that nothing touches are copied with their description.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio.transform import Affine

from i18n.errors import DataError
from i18n.messages import Message
from i18n.progress import Progress
from loaders.catalogue.levels import GRID_LEVELS
from loaders.catalogue.sources import SOURCES
from loaders.parsers.spatial import LandCover
from loaders.pipeline.grid_resources import Rasters, people_on_grid, weight_vintage, write_grid_weight, write_grid_zones
from loaders.snapshot.hectares import Index, burn, nest
from loaders.snapshot.package import PackageWriter
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.regions import union_zones
from loaders.snapshot.totals import totals

if TYPE_CHECKING:
    from loaders.pipeline.update import Update

_ZONES = "zones_"
_WEIGHT_INPUTS = {"sector_population", "census_grid"}


def assemble(current: Snapshot, updates: Sequence[Update], target: Path, say: Progress) -> Snapshot:
    """Write the snapshot that ``updates`` make of ``current`` into the empty folder ``target``.

    Parameters
    ----------
    current : the last good snapshot
    updates : what the sources offer; several may change one resource
    target : folder to write in
    say : told what is done and the share that is done

    Returns
    -------
    Snapshot
        the new snapshot, not verified yet; its resources are those of ``current`` where nothing changed

    Raises
    ------
    DataError
        a frame does not have the shape of its resource, or borders leave a municipality without cells
    """
    return _Assembly(current, updates, PackageWriter(target), say).make()


def changed_resources(old: Snapshot, new: Snapshot) -> tuple[str, ...]:
    """Names of the resources whose bytes differ, or that only one of the two has."""
    names = old.resources.keys() | new.resources.keys()
    return tuple(
        sorted(n for n in names if old.resources.get(n, {}).get("hash") != new.resources.get(n, {}).get("hash"))
    )


class _Assembly:
    """One new snapshot in the making."""

    def __init__(self, current: Snapshot, updates: Sequence[Update], package: PackageWriter, say: Progress) -> None:
        self.current, self.package, self.say = current, package, say
        self.frames: dict[str, pd.DataFrame] = {}
        self.described: dict[str, tuple[tuple[str, ...], str]] = {}
        self.known = {source: dict(description) for source, description in current.sources.items()}
        for update in updates:
            self._take(update)

    def make(self) -> Snapshot:
        self.say("grid", 0.1)
        self._grid()
        self.say("unions", 0.5)
        self._unions()
        self.say("write", 0.6)
        for name, frame in self.frames.items():
            self._write(name, frame)
        written = {resource["name"] for resource in self.package.resources}
        for name in self.current.resources:
            if name not in written:
                self.package.keep(self.current, name)
        self.say("package", 0.7)
        figures = totals(self._table("births"), self._table("ages"), self._table("municipality_codes"))
        self.package.close(figures, self.known)
        return Snapshot(self.package.folder)

    def _take(self, update: Update) -> None:
        """Apply the changes of one source, and note where they came from."""
        for change in update.changes:
            name = change.resource
            held = self.current.resources.get(name, {})
            sources, vintage = self.described.get(name, (tuple(held.get("sources", ())), str(held.get("vintage", ""))))
            before = self.frames.get(name)
            if before is None and held:
                before = self._stored(name)
            frame = self.frames[name] = change.apply(before)
            given = change.sources or ((update.source,) if update.source in SOURCES else ())
            kept = sources if change.by or not given else ()
            of = _span(frame) if "year" in change.by else change.vintage or update.vintage
            self.described[name] = (tuple(dict.fromkeys((*kept, *given))), of or vintage)
            for source in given:
                if SOURCES[source].live or source not in self.known:
                    self._describe_source(source, of, update)

    def _describe_source(self, source: str, vintage: str, update: Update) -> None:
        self.known[source] = {
            **SOURCES[source].descriptor(),
            "vintage": vintage or SOURCES[source].vintage,
            "origins": [vars(origin) for origin in update.origins],
        }

    def _stored(self, name: str) -> pd.DataFrame:
        if name.startswith(_ZONES):
            level, _, slot = name.removeprefix(_ZONES).rpartition("_")
            return cast(pd.DataFrame, self.current.zones(level, int(slot)))
        return self.current.table(name)

    def _table(self, name: str) -> pd.DataFrame:
        return self.frames[name] if name in self.frames else self.current.table(name)

    def _zones(self, level: str, vintage: int) -> gpd.GeoDataFrame:
        name = f"{_ZONES}{level}_{vintage}"
        return self.frames[name] if name in self.frames else self.current.zones(level, vintage)

    def _moved(self) -> list[tuple[str, int]]:
        """Partitions of the grid whose borders are not those of the current snapshot."""
        return [
            (level, vintage)
            for level, vintage in GRID_LEVELS
            if f"{_ZONES}{level}_{vintage}" in self.frames
            and not self.frames[f"{_ZONES}{level}_{vintage}"].equals(self._stored(f"{_ZONES}{level}_{vintage}"))
        ]

    def _grid(self) -> None:
        moved = self._moved()
        if not moved and not _WEIGHT_INPUTS & self.frames.keys():
            return
        (classes,), transform = self.current.bands("grid_land_cover", 1)
        cover = LandCover(classes, transform)
        rasters = {key: self.current.zone_raster(*key) for key in GRID_LEVELS}
        if moved:
            rasters = self._regrid(rasters, moved, cover.transform)
            write_grid_zones(self.package, rasters, cover.transform)
            self._describe_last("grid_zones", [f"{_ZONES}{level}_{vintage}" for level, vintage in moved])
        population = self._table("sector_population")
        sectors = self._zones("sector", 2021)["zone_id"]
        people = people_on_grid(self._table("census_grid"), cover, rasters, sectors, population)
        write_grid_weight(self.package, people, cover.transform, weight_vintage(population))
        self._describe_last("grid_weight", [n for n in ("sector_population", "zones_sector_2021") if n in self.frames])

    def _regrid(self, rasters: Rasters, moved: list[tuple[str, int]], transform: Affine) -> Rasters:
        """Zone of every cell with the new borders; a cell keeps its zone where a border did not move over it."""
        base = ("municipality", 2025)
        fresh = {key: self._recut(key, rasters[key], transform) if key in moved else rasters[key] for key in rasters}
        position = pd.Series(np.arange(len(self._zones(*base))), index=self._zones(*base)["zone_id"])
        for key in GRID_LEVELS[1:]:
            zones = self._zones(*key)
            what = f"{key[0]} {key[1]}"
            lost = ~zones["parent_nis"].isin(position.index)
            if lost.any():
                zone, nis = zones.loc[lost, ["zone_id", "parent_nis"]].iloc[0]
                raise DataError(Message("error.refresh.other_municipality", what=what, zone=zone, nis=str(nis)))
            parent = position.loc[zones["parent_nis"]].to_numpy(dtype=np.int32)
            fresh[key] = nest(fresh[key].copy(), zones, parent, fresh[base], transform, what)
        return fresh

    def _recut(self, key: tuple[str, int], stored: Index, transform: Affine) -> Index:
        old, new = self.current.zones(*key), self._zones(*key)
        position = pd.Series(np.arange(len(new)), index=new["zone_id"])
        now = np.append(position.reindex(old["zone_id"]).fillna(-1).to_numpy(dtype=np.int32), np.int32(-1))
        before, after = burn(old, stored.shape, transform), burn(new, stored.shape, transform)
        unmoved = (now[before] == after) & (now[stored] >= 0)
        return np.where(unmoved, now[stored], after).astype(np.int32)

    def _unions(self) -> None:
        """Dissolve the levels again that rest on borders or memberships that changed."""
        members = self._table("membership")
        moved = self._moved()
        for level, group in members.groupby("level", sort=False):
            keys = {(str(a), int(b)) for a, b in zip(group["member_level"], group["member_vintage"], strict=True)}
            if not keys & set(moved):
                continue
            name = f"{_ZONES}{level}_2025"
            names = pd.DataFrame(self._zones(str(level), 2025).drop(columns="geometry")).assign(level=level)
            borders = {key: self._zones(*key) for key in keys}
            self.frames[name] = union_zones(str(level), names, members, borders)
            if name not in self.described:
                held = self.current.resources[name]
                self.described[name] = (tuple(held["sources"]), str(held["vintage"]))

    def _write(self, name: str, frame: pd.DataFrame) -> None:
        sources, vintage = self.described[name]
        if isinstance(frame, gpd.GeoDataFrame):
            level, _, slot = name.removeprefix(_ZONES).rpartition("_")
            self.package.zones(level, int(slot), frame, sources, described=vintage)
        else:
            self.package.table(name, frame, sources=sources, vintage=vintage)
        self._keep_if_same(name)

    def _keep_if_same(self, name: str) -> None:
        """Let a resource that came back with the same bytes keep its description."""
        held = self.current.resources.get(name)
        if held is not None and held["hash"] == self.package.resources[-1]["hash"]:
            self.package.resources[-1] = held

    def _describe_last(self, name: str, inputs: list[str]) -> None:
        """Name the sources of what a raster was made from anew, beside those that it rested on before."""
        resource: dict[str, Any] = self.package.resources[-1]
        more = [source for one in inputs for source in self.described[one][0]]
        resource["sources"] = list(dict.fromkeys([*self.current.resources[name]["sources"], *more]))
        self._keep_if_same(name)


def _span(frame: pd.DataFrame) -> str:
    """Return the years of a table."""
    first, last = frame["year"].min(), frame["year"].max()
    return str(last) if first == last else f"{first}–{last}"
