"""Make a new snapshot from the current one and what sources offer: changed resources, and all that follows from them.

Borders change the hectare grid and every level that is a union of them; the population of sectors changes where
children live; births and ages change the totals. Resources that nothing touches are copied with their description.

A build is the same from a current snapshot that holds nothing: then every source offers all it has, the grid is cut by
borders as published, and the illustrative set is made.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine

from i18n.errors import DataError
from i18n.messages import Message, Word
from i18n.progress import Progress
from loaders.catalogue.publishers.sources import SOURCES
from loaders.catalogue.publishers.street_graph import STREET_FILES, StreetGraph
from loaders.catalogue.regions.levels import GRID_LEVELS
from loaders.illustrative.facility_set import illustrative, illustrative_inputs
from loaders.parsers.spatial import LandCover
from loaders.pipeline.derived.grid_resources import (
    Rasters,
    Zones,
    people_on_grid,
    weight_vintage,
    write_grid_weight,
    write_grid_zones,
    write_land_cover,
)
from loaders.pipeline.draft import ZONES, Draft
from loaders.pipeline.update import Update
from loaders.snapshot.hectares import Index, burn, nest
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.regions import union_zones
from loaders.snapshot.upkeep.package import PackageWriter
from loaders.snapshot.upkeep.totals import totals

_WEIGHT_INPUTS = {"sector_population", "census_grid"}
_LAND_COVER, _MADE_UP = "grid_land_cover", "facilities_illustrative"


def assemble(draft: Draft, target: Path, say: Progress) -> Snapshot:
    """Write the snapshot that the updates of ``draft`` make of the one below it into the empty folder ``target``.

    Parameters
    ----------
    draft : the last good snapshot, or one that holds nothing, and what the sources offer
    target : folder to write in
    say : told what is done and the share that is done

    Returns
    -------
    Snapshot
        the new snapshot, not verified yet; its resources are those of the one below where nothing changed

    Raises
    ------
    DataError
        a frame does not have the shape of its resource, or borders leave a municipality without cells
    """
    return _Assembly(draft, PackageWriter(target), say).make()


def changed_resources(old: Snapshot, new: Snapshot) -> tuple[str, ...]:
    """Names of the resources whose bytes differ, or that only one of the two has."""
    names = old.resources.keys() | new.resources.keys()
    return tuple(
        sorted(n for n in names if old.resources.get(n, {}).get("hash") != new.resources.get(n, {}).get("hash"))
    )


class _Assembly:
    """One new snapshot in the making."""

    def __init__(self, draft: Draft, package: PackageWriter, say: Progress) -> None:
        self.draft, self.current, self.frames = draft, draft.base, draft.frames
        self.package, self.say = package, say
        self.described: dict[str, tuple[tuple[str, ...], str]] = {}
        self.known = {source: dict(description) for source, description in self.current.sources.items()}
        for update in draft.updates:
            self._describe(update)

    def make(self) -> Snapshot:
        self.say("grid", 0.1)
        self._grid()
        self.say("unions", 0.5)
        self._unions()
        self.say("write", 0.6)
        for name, frame in self.frames.items():
            self._write(name, frame)
        if (of := self.draft.new_streets) and of.streets is not None:
            self.package.streets(of.streets, vintage=of.vintage, facts=of.street_facts)
        written = {resource["name"] for resource in self.package.resources}
        for name in self.current.resources:
            if name not in written:
                self.package.keep(self.current, name)
        self.say("package", 0.7)
        figures = totals(*map(self.draft.newest_table, ("births", "ages", "municipality_codes")))
        known = self.known if self.current.resources else None
        self.package.close(figures, known)
        if _MADE_UP not in self.current.resources:
            self.say("illustrative places", 0.8)
            made_up = illustrative(illustrative_inputs(Snapshot(self.package.folder)))
            self.package.table(_MADE_UP, made_up)
            self.package.close(figures, known)
        return Snapshot(self.package.folder)

    def _describe(self, update: Update) -> None:
        """Note where the changes of one source came from."""
        for change in update.changes:
            name = change.resource
            resource = self.current.resources.get(name, {})
            sources, vintage = self.described.get(
                name, (tuple(resource.get("sources", ())), str(resource.get("vintage", "")))
            )
            given = change.sources or ((update.source,) if update.source in SOURCES else ())
            kept = sources if change.by or not given else ()
            of = _span(self.frames[name]) if "year" in change.by else change.vintage or update.vintage
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

    def _moved(self) -> list[tuple[str, int]]:
        """Partitions of the grid whose borders are not those of the current snapshot."""
        return [
            (level, vintage)
            for level, vintage in GRID_LEVELS
            if (name := f"{ZONES}{level}_{vintage}") in self.frames
            and not (name in self.current.resources and self.frames[name].equals(self.draft.stored(name)))
        ]

    def _grid(self) -> None:
        moved = self._moved()
        fresh = self.draft.land_cover
        if not moved and fresh is None and self.draft.new_streets is None and not _WEIGHT_INPUTS & self.frames.keys():
            return
        cover = fresh or LandCover(*self._stored_cover())
        rasters = self._rasters(moved, cover)
        if moved:
            write_grid_zones(self.package, rasters, cover.transform)
            self._describe_last("grid_zones", [f"{ZONES}{level}_{vintage}" for level, vintage in moved])
        if fresh is not None:
            write_land_cover(self.package, fresh, rasters["municipality", 2025] >= 0)
            self._keep_if_same(_LAND_COVER)
        self.say("where children live", 0.4)
        population = self.draft.newest_table("sector_population")
        sectors = self.draft.newest_zones("sector", 2021)["zone_id"]
        streets, of_streets = self._streets()
        people = people_on_grid(self.draft.newest_table("census_grid"), cover, rasters, sectors, population, streets)
        vintage = weight_vintage(population, of_streets)
        write_grid_weight(self.package, people, cover.transform, vintage, streets=streets is not None)
        self._describe_last("grid_weight", [n for n in ("sector_population", "zones_sector_2021") if n in self.frames])

    def _streets(self) -> tuple[StreetGraph | None, str]:
        """Streets as they will be, None where there are none, and their year."""
        if (of := self.draft.new_streets) is not None:
            return of.streets, (of.vintage or SOURCES["roads"].vintage)
        resource = self.current.resources.get(STREET_FILES[0])
        return (None, "") if resource is None else (self.current.streets(), str(resource["vintage"]))

    def _stored_cover(self) -> tuple[Any, Affine]:
        (classes,), transform = self.current.bands(_LAND_COVER, 1)
        return classes, transform

    def _rasters(self, moved: list[tuple[str, int]], cover: LandCover) -> Rasters:
        """Zone of every cell; a cell keeps its zone where a border did not move over it.

        Where no grid is held, cells go by borders as published, which are finer than those that are stored.
        """
        if "grid_zones" not in self.current.resources:
            cut = {key: self.draft.published[f"{ZONES}{key[0]}_{key[1]}"] for key in GRID_LEVELS}
            fresh = {key: burn(zones, cover.classes.shape, cover.transform) for key, zones in cut.items()}
            return self._nested(fresh, cut, cover.transform)
        rasters = {key: self.current.zone_raster(*key) for key in GRID_LEVELS}
        if not moved:
            return rasters
        fresh = {k: self._recut(k, raster, cover.transform) if k in moved else raster for k, raster in rasters.items()}
        return self._nested(fresh, {key: self.draft.newest_zones(*key) for key in GRID_LEVELS}, cover.transform)

    def _nested(self, rasters: Rasters, zones: Zones, transform: Affine) -> Rasters:
        """Rasters of which those below the municipalities of 2025 nest in them."""
        base = GRID_LEVELS[0]
        position = pd.Series(np.arange(len(zones[base])), index=zones[base]["zone_id"])
        nested = {base: rasters[base]}
        for key in GRID_LEVELS[1:]:
            what = Word(f"level.{key[0]}.plural")
            lost = ~zones[key]["parent_nis"].isin(position.index)
            if lost.any():
                zone, nis = zones[key].loc[lost, ["zone_id", "parent_nis"]].iloc[0]
                raise DataError(Message("error.refresh.other_municipality", what=what, zone=zone, nis=str(nis)))
            parent = position.loc[zones[key]["parent_nis"]].to_numpy(dtype=np.int32)
            nested[key] = nest(rasters[key].copy(), zones[key], parent, rasters[base], transform, what)
        return nested

    def _recut(self, key: tuple[str, int], stored: Index, transform: Affine) -> Index:
        old, new = self.current.zones(*key), self.draft.newest_zones(*key)
        position = pd.Series(np.arange(len(new)), index=new["zone_id"])
        now = np.append(position.reindex(old["zone_id"]).fillna(-1).to_numpy(dtype=np.int32), np.int32(-1))
        before, after = burn(old, stored.shape, transform), burn(new, stored.shape, transform)
        unmoved = (now[before] == after) & (now[stored] >= 0)
        return np.where(unmoved, now[stored], after).astype(np.int32)

    def _unions(self) -> None:
        """Dissolve the levels again that rest on borders or memberships that changed."""
        members = self.draft.newest_table("membership")
        moved = self._moved()
        for level, group in members.groupby("level", sort=False):
            name = f"{ZONES}{level}_2025"
            keys = {(str(a), int(b)) for a, b in zip(group["member_level"], group["member_vintage"], strict=True)}
            if name not in self.current.resources or not keys & set(moved):
                continue
            names = pd.DataFrame(self.draft.newest_zones(str(level), 2025).drop(columns="geometry")).assign(level=level)
            borders = {key: self.draft.newest_zones(*key) for key in keys}
            self.frames[name] = union_zones(str(level), names, members, borders)
            if name not in self.described:
                resource = self.current.resources[name]
                self.described[name] = (tuple(resource["sources"]), str(resource["vintage"]))

    def _write(self, name: str, frame: pd.DataFrame) -> None:
        sources, vintage = self.described[name]
        if isinstance(frame, gpd.GeoDataFrame):
            level, _, slot = name.removeprefix(ZONES).rpartition("_")
            self.package.zones(level, int(slot), frame, sources, described=vintage)
        else:
            self.package.table(name, frame, sources=sources, vintage=vintage)
        self._keep_if_same(name)

    def _keep_if_same(self, name: str) -> None:
        """Let a resource that came back with the same bytes keep its description."""
        resource = self.current.resources.get(name)
        if resource is not None and resource["hash"] == self.package.resources[-1]["hash"]:
            self.package.resources[-1] = resource

    def _describe_last(self, name: str, inputs: list[str]) -> None:
        """Name the sources of what a raster was made from anew, beside those that it rested on before."""
        resource: dict[str, Any] = self.package.resources[-1]
        more = [source for one in inputs for source in self.described[one][0]]
        before = self.current.resources.get(name, resource)["sources"]
        resource["sources"] = list(dict.fromkeys([*before, *more]))
        self._keep_if_same(name)


def _span(frame: pd.DataFrame) -> str:
    """Return the years of a table."""
    first, last = frame["year"].min(), frame["year"].max()
    return str(last) if first == last else f"{first}–{last}"
