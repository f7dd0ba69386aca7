"""Build the snapshot of another region out of a folder: its profile, borders in GeoJSON, and tables in CSV.

The folder holds ``region.toml`` (`loaders.catalogue.regions.region_file`) and beside it

- ``zones/LEVEL_YEAR.geojson`` for the base level and every level below it: ``id, name``, and below it ``parent``;
- ``births.csv``: ``code, year, births``;
- ``cells.csv``: ``x, y, children, population``, the lower left corners of the cells where people live;
- ``membership.csv``, where there are levels above the base level: ``level, zone_id, zone_name, code``;
- ``codes.csv``, where borders of several years are held: code and name of every zone in every year;
- ``ages.csv``, if known: ``code, year, population, age0`` up to ``age5``;
- ``places.csv``, if known: a list of places as anyone brings along (docs/own-places.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine

from i18n.errors import DataError, MissingFileError
from i18n.messages import Message
from i18n.progress import Progress
from loaders.catalogue.regions.projection import cell_m, grid_crs
from loaders.catalogue.regions.region import Region
from loaders.catalogue.regions.region_file import read_region
from loaders.catalogue.regions.region_in_use import region_in_use
from loaders.catalogue.schemas import AGES, MEMBERSHIP
from loaders.catalogue.types import Floats, Ints
from loaders.lists.facilities.facility_file import read_facility_file
from loaders.parsers.zones.borders import parse_drawn
from loaders.protocols.tables import HEADER_ROWS, check_unique, read_csv, require_columns, to_integers
from loaders.protocols.vectors import read_vector
from loaders.snapshot.hectares import Index, assign, burn
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.regions import union_zones
from loaders.snapshot.upkeep.package import TOLERANCE_M, PackageWriter
from loaders.snapshot.upkeep.totals import totals
from loaders.snapshot.upkeep.verify import verify_snapshot

PROFILE = "region.toml"
BIRTHS, CELLS, MEMBERS, CODES, AGE_TABLE, PLACES = (
    *("births.csv", "cells.csv", "membership.csv", "codes.csv", "ages.csv", "places.csv"),
)
NEAR_CELLS = 5.0
"""A cell with people whose centre lies outside all zones, at most this many cells away, goes to the nearest zone."""


def build_region(source: Path, target: Path, say: Progress) -> Snapshot:
    """Write the snapshot of the region in ``source`` into the empty folder ``target``, and verify it.

    Raises
    ------
    MissingFileError
        the profile or a file is absent
    DataError
        the profile or a file does not hold what it should: file, place and remedy in one sentence
    """
    chosen = read_region(source / PROFILE)
    with region_in_use(chosen):
        _Build(source, chosen, PackageWriter(target), say).make()
        verify_snapshot(target)
    return Snapshot(target)


@dataclass
class _Build:
    """One snapshot in the making."""

    source: Path
    chosen: Region
    package: PackageWriter
    say: Progress
    zones: dict[tuple[str, int], gpd.GeoDataFrame] = field(default_factory=dict)
    stored: dict[tuple[str, int], gpd.GeoDataFrame] = field(default_factory=dict)

    def make(self) -> None:
        """Read, check and write everything; the places last, for they are put in the zones that were written."""
        chosen = self.chosen
        if chosen.vintage != chosen.vintages.held[-1]:
            values = {"value": str(chosen.vintage), "newest": str(chosen.vintages.held[-1])}
            raise DataError(Message("region.build.default", file=PROFILE, **values))
        self.say("borders", 0.0)
        for level, vintage in chosen.on_grid:
            self.zones[level, vintage] = self._read_zones(level, vintage)
        codes = self._codes()
        self.say("tables", 0.2)
        births, ages = self._births(), self._ages()
        members, names = self._membership()
        self.say("hectare grid", 0.4)
        self._write_grid(codes)
        self.say("generalised borders", 0.6)
        self._write_zones(members, names)
        years = ", ".join(map(str, chosen.vintages.held))
        self._table("births", births, BIRTHS, _span(births))
        if ages is not None:
            self._table("ages", ages, AGE_TABLE, _span(ages))
        with_codes = (self.source / CODES).is_file()
        self._table(
            "municipality_codes", codes, CODES if with_codes else self._file(chosen.base, chosen.vintage), years
        )
        self._table("membership", members, MEMBERS if len(members) else self._file(chosen.base, chosen.vintage), years)
        figures = totals(births, ages, codes)
        self.package.close(figures)
        self.say("data package", 0.8)
        if (self.source / PLACES).is_file():
            self._write_places()
            self.package.close(figures)

    # reading

    def _file(self, level: str, vintage: int) -> str:
        return f"zones/{level}_{vintage}.geojson"

    def _bytes(self, file: str) -> bytes:
        path = self.source / file
        if not path.is_file():
            raise MissingFileError(Message("region.build.lacks", folder=str(self.source), file=file))
        return path.read_bytes()

    def _sources(self, *files: str) -> tuple[str, ...]:
        """Ids of the sources that files come from; none of them may be without one."""
        named = {file: [s for s, given in self.chosen.source_files.items() if file in given] for file in files}
        for file, sources in named.items():
            if not sources:
                raise DataError(Message("region.build.no_source", file=file))
        return tuple(dict.fromkeys(source for sources in named.values() for source in sources))

    def _read_zones(self, level: str, vintage: int) -> gpd.GeoDataFrame:
        """Zones as drawn: ``code, name, geometry``, and below the base level ``parent``, ordered by code."""
        file, base = self._file(level, vintage), self.chosen.base
        data = self._bytes(file)
        zones = parse_drawn(data, file, code="id", name="name")
        zones["code"] = self._tidy(zones["code"], file, check=level == base)
        if level != base:
            attributes = read_vector(data, file)
            require_columns(attributes, ["parent"], file)
            parent = dict(zip(attributes["id"].astype(str), attributes["parent"].astype(str), strict=True))
            given = zones["code"].map({key.lower(): value for key, value in parent.items()})
            zones["parent"] = self._tidy(given, file)
            self._known(zones["parent"], file)
        west, south, east, north = zones.total_bounds
        if not shapely.box(*self.chosen.territory.box).contains(shapely.box(west, south, east, north)):
            raise DataError(Message("region.build.extent", file=file))
        return zones.sort_values("code", ignore_index=True)

    def _tidy(self, values: pd.Series, file: str, *, check: bool = True) -> pd.Series:
        """Codes as the snapshot has them; those of the base level fit its pattern."""
        system = self.chosen.codes
        if not check:
            return values.str.strip().str.lower()
        tidy = values.map(system.tidy)
        odd = ~tidy.map(lambda code: re.fullmatch(system.pattern, code) is not None).astype(bool)
        if odd.any():
            shown = str(values[odd].iloc[0])
            raise DataError(Message("region.build.code", file=file, value=shown, pattern=system.pattern))
        return tidy.str.lower()

    def _known(self, codes: pd.Series, file: str) -> None:
        """See that codes are of the base level in the default vintage."""
        base, vintage = self.chosen.base, self.chosen.vintage
        odd = ~codes.isin(self.zones[base, vintage]["code"])
        if odd.any():
            borders = self._file(base, vintage)
            shown = str(codes[odd].iloc[0])
            raise DataError(Message("region.build.unknown", file=file, value=shown, level=base, borders=borders))

    def _csv(self, file: str, columns: list[str]) -> pd.DataFrame:
        return read_csv(self._bytes(file), file, columns)

    def _codes(self) -> pd.DataFrame:
        """Crosswalk: code and name of the base level in every year, a row per smallest zone."""
        chosen = self.chosen
        columns = [by(year) for year in chosen.vintages.held for by in (chosen.code_column, chosen.name_column)]
        if len(chosen.vintages.held) == 1 and not (self.source / CODES).is_file():
            zones = self.zones[chosen.base, chosen.vintage]
            return pd.DataFrame({columns[0]: zones["code"], columns[1]: zones["name"]})
        codes = self._csv(CODES, columns)[columns]
        for year in chosen.vintages.held:
            codes[chosen.code_column(year)] = given = self._tidy(codes[chosen.code_column(year)], CODES)
            borders = self.zones[chosen.base, year]["code"]
            odd = sorted(set(given) ^ set(borders))
            if odd:
                values = {"value": odd[0], "level": chosen.base, "borders": self._file(chosen.base, year)}
                raise DataError(Message("region.build.unknown", file=CODES, **values))
        check_unique(codes, [chosen.smallest_code], CODES)
        return codes.sort_values(chosen.smallest_code, ignore_index=True)

    def _counts(self, file: str, counts: list[str]) -> pd.DataFrame:
        frame = to_integers(self._csv(file, ["code", "year", *counts]), ["year", *counts], file)
        frame["code"] = self._tidy(frame["code"], file)
        self._known(frame["code"], file)
        check_unique(frame, ["code", "year"], file)
        return frame.sort_values(["code", "year"], ignore_index=True)

    def _births(self) -> pd.DataFrame:
        frame = self._counts(BIRTHS, ["births"])
        for year, rows in frame.groupby("year"):
            missing = sorted(set(self.zones[self.chosen.base, self.chosen.vintage]["code"]) - set(rows["code"]))
            if missing:
                raise DataError(Message("region.build.no_row", file=BIRTHS, value=missing[0], year=str(year)))
        frame = frame.rename(columns={"code": self.chosen.newest_code})
        return frame[[self.chosen.newest_code, "year", "births"]]

    def _ages(self) -> pd.DataFrame | None:
        if not (self.source / AGE_TABLE).is_file():
            return None
        frame = self._counts(AGE_TABLE, ["population", *AGES]).rename(columns={"code": "nis"})
        return frame.assign(vintage=np.int64(self.chosen.vintage))[["vintage", "nis", "year", "population", *AGES]]

    def _membership(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Members of the zones above the base level, and the names of these zones."""
        chosen = self.chosen
        above = [level for level in chosen.levels.values() if level.territorial and level.id != chosen.base]
        if not above:
            return pd.DataFrame(columns=MEMBERSHIP).astype(
                {"vintage": "int64", "member_vintage": "int64"}
            ), pd.DataFrame()
        rows = self._csv(MEMBERS, ["level", "zone_id", "zone_name", "code"])
        rows["code"] = self._tidy(rows["code"], MEMBERS)
        rows["zone_id"] = rows["zone_id"].str.strip().str.lower()
        known = [level.id for level in above]
        odd = ~rows["level"].isin(known)
        if odd.any():
            values = {"value": str(rows.loc[odd, "level"].iloc[0]), "base": chosen.base, "known": ", ".join(known)}
            raise DataError(Message("region.build.level", file=MEMBERS, **values))
        self._known(rows["code"], MEMBERS)
        check_unique(rows, ["level", "code"], MEMBERS)
        zone_of = {str(name): group.set_index("code")["zone_id"] for name, group in rows.groupby("level")}
        for level in above:
            self._check_cover(level.id, zone_of.get(level.id, pd.Series(dtype=object)))
            if level.parent:
                self._check_nesting(level.id, level.parent, zone_of)
        members = rows.assign(vintage=rows["level"].map({level.id: level.vintages[-1] for level in above}))
        members = members.assign(member_level=chosen.base, member_vintage=np.int64(chosen.vintage))
        members = members.rename(columns={"code": "member_id"})[MEMBERSHIP]
        names = rows[["level", "zone_id", "zone_name"]].drop_duplicates(["level", "zone_id"])
        return members.sort_values(MEMBERSHIP, ignore_index=True), names.reset_index(drop=True)

    def _check_cover(self, level: str, zone_of: pd.Series) -> None:
        """See that a level holds every zone of the base level, unless it may leave some out."""
        codes = self.zones[self.chosen.base, self.chosen.vintage]["code"]
        left = ~codes.isin(zone_of.index)
        if left.any() and not self.chosen.levels[level].partial:
            shown = str(codes[left].iloc[0])
            raise DataError(Message("region.build.not_covered", file=MEMBERS, value=shown, level=level))

    def _check_nesting(self, level: str, parent: str, zone_of: dict[str, pd.Series]) -> None:
        """See that every zone of a level lies in one zone of the level that it nests in."""
        both = pd.DataFrame({"zone": zone_of[level], "parent": zone_of[parent]}).dropna().drop_duplicates()
        twice = both[both["zone"].duplicated(keep=False)].sort_values(["zone", "parent"])
        if len(twice):
            zone, first, other = twice["zone"].iloc[0], twice["parent"].iloc[0], twice["parent"].iloc[1]
            values = {"zone": str(zone), "level": level, "parent": parent, "first": str(first), "other": str(other)}
            raise DataError(Message("region.build.nesting", file=MEMBERS, **values))

    # the grid

    def _write_grid(self, codes: pd.DataFrame) -> None:
        """Put zones and people on the cells."""
        chosen, side = self.chosen, self.chosen.grid.cell_m
        cells = self._read_cells()
        corner = cells[["x", "y"]].to_numpy(np.float64)
        west, south = corner.min(axis=0) - side
        east, north = corner.max(axis=0) + 2 * side
        shape = (round((north - south) / side), round((east - west) / side))
        transform = Affine(side, 0, west, 0, -side, north)
        row = np.rint((north - corner[:, 1]) / side).astype(np.int64) - 1
        col = np.rint((corner[:, 0] - west) / side).astype(np.int64)
        base = self.zones[chosen.base, chosen.vintage]
        rasters = {(chosen.base, chosen.vintage): _with_people(burn(base, shape, transform), row, col, cells)}
        position = pd.Series(np.arange(len(base)), index=base["code"])
        for level, vintage in chosen.on_grid[1:]:
            zones = self.zones[level, vintage]
            if level == chosen.base:
                of_code = codes.drop_duplicates(chosen.code_column(vintage)).set_index(chosen.code_column(vintage))
                zones["parent"] = zones["code"].map(of_code[chosen.newest_code])
            parent = position.loc[zones["parent"]].to_numpy(dtype=np.int32)
            rasters[level, vintage] = assign(
                zones, parent, rasters[chosen.base, chosen.vintage], transform, f"{level} {vintage}"
            )
        self.package.raster(
            "grid_zones",
            {f"{level}_{vintage}": (index + 1).astype(np.uint16) for (level, vintage), index in rasters.items()},
            transform,
            sources=self._sources(*(self._file(*key) for key in chosen.on_grid)),
            vintage=", ".join(map(str, chosen.vintages.held)),
            units="position in the zones resource of that level, counted from 1; 0 outside",
        )
        people = {}
        for name, column in (("children_under_15", "children"), ("population", "population")):
            values = np.zeros(shape, dtype=np.float32)
            values[row, col] = cells[column].to_numpy(np.float32)
            people[name] = values
        self.package.raster(
            "grid_weight",
            people,
            transform,
            sources=self._sources(CELLS),
            vintage=str(chosen.vintage),
            units="people per cell, as given",
        )

    def _read_cells(self) -> pd.DataFrame:
        """Cells with people, each a whole cell of the grid."""
        cells = self._csv(CELLS, ["x", "y", "children", "population"])
        for column in ("x", "y", "children", "population"):
            numbers = pd.to_numeric(cells[column], errors="coerce")
            least = 0.0 if column in ("children", "population") else -np.inf
            bad = numbers.isna() | ~np.isfinite(numbers) | (numbers < least)
            if bad.any():
                at = int(bad.to_numpy().argmax())
                values = {"column": column, "value": str(cells[column].iloc[at])}
                raise DataError(Message("region.build.number", file=CELLS, row=str(at + HEADER_ROWS + 1), **values))
            cells[column] = numbers.astype("float64")
        corner, grid = cells[["x", "y"]].to_numpy(np.float64), self.chosen.grid
        odd = ((corner - np.array(grid.origin)) % grid.cell_m != 0).any(axis=1)
        if odd.any():
            _refuse_cell(cells, int(odd.argmax()), "cell_corner", metres=grid.cell_m, crs=grid_crs())
        check_unique(cells, ["x", "y"], CELLS)
        return cells

    # writing

    def _table(self, name: str, frame: pd.DataFrame, file: str, vintage: str) -> None:
        self.package.table(name, frame, sources=self._sources(file), vintage=vintage)

    def _write_zones(self, members: pd.DataFrame, names: pd.DataFrame) -> None:
        """Generalise and write every level: those that are drawn, then those that are made of the base level."""
        for (level, vintage), frame in self.zones.items():
            self.stored[level, vintage] = gpd.GeoDataFrame(
                {
                    "zone_id": frame["code"],
                    "zone_name": frame["name"],
                    "parent_nis": frame["parent"] if "parent" in frame else frame["code"],
                    "flags": "",
                },
                geometry=shapely.coverage_simplify(frame.geometry.to_numpy(), TOLERANCE_M),
                crs=frame.crs,
            )
            self.package.zones(level, vintage, self.stored[level, vintage], self._sources(self._file(level, vintage)))
        borders = self._file(self.chosen.base, self.chosen.vintage)
        for level in dict.fromkeys(members["level"]):
            frame = union_zones(level, names, members, self.stored)
            self.package.zones(level, self.chosen.levels[level].vintages[-1], frame, self._sources(MEMBERS, borders))

    def _write_places(self) -> None:
        """Read the list of places as anyone's own, and write it as the set that the profile names."""
        report = read_facility_file(self.source / PLACES, Snapshot(self.package.folder))
        report.raise_if_refused()
        which = self.chosen.places
        frame = report.frame.assign(evidence=which)
        if which == "illustrative":
            frame["flags"] = frame["flags"].map(_marked)
        self._table(f"facilities_{which}", frame, PLACES, str(self.chosen.vintage))


def _refuse_cell(cells: pd.DataFrame, at: int, kind: str, **values: str | int) -> NoReturn:
    shown = f"{cells['x'].iloc[at]:.0f}, {cells['y'].iloc[at]:.0f}"
    row = str(at + HEADER_ROWS + 1)
    raise DataError(Message(f"region.build.{kind}", file=CELLS, row=row, value=shown, **values))


def _with_people(index: Index, row: Ints, col: Ints, cells: pd.DataFrame) -> Index:
    """Zone of every cell; cells with people just outside the borders go to the zone of the nearest cell inside."""
    from scipy.spatial import cKDTree

    outside = np.flatnonzero(index[row, col] < 0)
    if not len(outside):
        return index
    inside = np.argwhere(index >= 0)
    at: Floats = np.column_stack([row[outside], col[outside]]).astype(np.float64)
    if len(inside):
        nearest_cell = cKDTree(inside).query(at)
        distance, nearest = np.asarray(nearest_cell[0], dtype=np.float64), np.asarray(nearest_cell[1], dtype=np.intp)
    else:
        distance, nearest = np.full(len(outside), np.inf), np.zeros(len(outside), dtype=np.intp)
    far = np.asarray(distance > NEAR_CELLS)
    if far.any():
        _refuse_cell(cells, int(outside[int(far.argmax())]), "cell_outside", metres=round(NEAR_CELLS * cell_m()))
    index[row[outside], col[outside]] = index[tuple(inside[nearest].T)]
    return index


def _marked(flags: str) -> str:
    return ";".join(dict.fromkeys([*filter(None, str(flags).split(";")), "illustrative"]))


def _span(frame: pd.DataFrame) -> str:
    first, last = frame["year"].min(), frame["year"].max()
    return str(last) if first == last else f"{first}–{last}"
