"""Statistical sectors and their population: two zips of Statbel that belong together, or one map that holds both.

The snapshot holds one set of sectors. Newer ones take its place; their rows say so with the flag ``newer_borders``.
The map, of which the snapshot inside nabij is built, has the population of a year in a column such as ``pop2022``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message, Note
from loaders.catalogue.regions.region_file import built_in
from loaders.parsers.ages import read_columns
from loaders.parsers.bounds import check_bounds
from loaders.parsers.vintages import carry, detect_vintage, is_flemish_or_brussels
from loaders.parsers.zones.coverages import clean_coverage, located, published_zones, repair_notes
from loaders.protocols import archives
from loaders.protocols.geometry import checked
from loaders.protocols.tables import check_unique, require_columns, to_integers, with_names
from loaders.protocols.vectors import read_vector

HELD = built_in().levels["sector"].vintages[-1]
NEWER = "newer_borders"
SECTOR, MUNICIPALITY, NAME, SITUATION = "CD_SECTOR", "CD_MUNTY_REFNIS", "TX_SECTOR_DESCR_NL", "DT_SITUATION"
_ALIASES = {"CD_SECTOR_REFNIS": SECTOR, "CD_REFNIS": MUNICIPALITY}
_PEOPLE = re.compile(r"POP(\d{4})")
TOTAL = "TOTAL"
MAX_UNKNOWN = 0.01
"""Largest share of people in sectors that the borders do not know: more means another vintage."""


@dataclass(frozen=True)
class Sectors:
    """Statistical sectors.

    Attributes
    ----------
    zones : in the columns of the snapshot, borders as published; ``zone_id`` is the lower-case code
    year : situation on 1 January of that year
    notes : what was repaired
    population : ``sector_id, year, population`` of a map that holds it; a year without a figure is absent
    """

    zones: gpd.GeoDataFrame
    year: int
    notes: tuple[str, ...]
    population: pd.DataFrame | None = None


def _in_capitals(columns: list[str]) -> dict[str, str]:
    """New names of columns; one stays as it is where another has its name in capitals already."""
    names: dict[str, str] = {}
    for column in sorted(columns, key=lambda name: name != name.upper()):  # those in capitals keep their own
        if column.upper() not in names.values():
            names[column] = column.upper()
    return names


def parse_sector_borders(data: bytes, codes: pd.DataFrame, file: str) -> Sectors:
    """Sectors of Flanders and Brussels from the zipped GeoJSON (or a GeoPackage).

    Raises
    ------
    DataError
        not readable, a sector twice, a municipality unknown or without sectors, shapes that cannot be repaired
    """
    name, content = file, data
    if data.startswith(b"PK"):
        member = archives.open_member(data, r"\.(geojson|json|gpkg)$", file)
        name, content = member.name, member.data
    frame = read_vector(content, name)
    frame = frame.rename(columns=_in_capitals([str(c) for c in frame.columns if c != frame.geometry.name]))
    frame = frame.rename(columns={old: new for old, new in _ALIASES.items() if new not in frame.columns})
    frame = with_names(frame, [SECTOR, MUNICIPALITY])
    require_columns(frame, [SECTOR, MUNICIPALITY], name)
    frame = frame[is_flemish_or_brussels(frame[MUNICIPALITY])].reset_index(drop=True)
    check_bounds("sector_borders", name, rows=len(frame), what="sectors")
    fit = checked(located(frame, name), where=name, key=SECTOR)
    frame = fit.frame.reset_index(drop=True)
    vintage = detect_vintage(frame[MUNICIPALITY].unique(), codes, name)
    year = _situation(frame, name)
    cleaned = clean_coverage(frame.geometry.to_numpy(), frame[SECTOR], name)
    text = frame[NAME] if NAME in frame.columns else frame[SECTOR]
    rows = pd.DataFrame(
        {
            "zone_id": frame[SECTOR].astype(str).str.lower(),
            "zone_name": text.fillna(frame[SECTOR]).astype(str).str.title(),
            "parent_nis": carry(frame[MUNICIPALITY], vintage, 2025, codes),
            "flags": NEWER if year > HELD else "",
        }
    )
    notes = (*repair_notes(fit, "note.of_sectors"), *cleaned.note("note.of_sectors"))
    return Sectors(published_zones(rows, cleaned.shapes), year, notes, _population_within(frame, name))


def _population_within(frame: gpd.GeoDataFrame, name: str) -> pd.DataFrame | None:
    """Population in the columns of the map itself; None where it has no such columns."""
    years = {str(column): int(m[1]) for column in frame.columns if (m := _PEOPLE.fullmatch(str(column)))}
    if not years:
        return None
    wide = pd.DataFrame(frame[list(years)]).assign(sector_id=frame[SECTOR].astype(str).str.lower())
    table = wide.melt("sector_id", var_name="year", value_name="population").dropna()
    table["year"] = table["year"].map(years).astype("int64")
    table["population"] = table["population"].round().astype("int64")
    for year, rows in table.groupby("year"):
        total = int(rows["population"].sum())
        check_bounds("sector_population", f"{name}, {year}", rows=len(rows), what="sectors", total=total)
    return table.sort_values(["sector_id", "year"], ignore_index=True)


def _situation(frame: pd.DataFrame, name: str) -> int:
    """Year of the sectors: from the column, else from the file name (``…_20240101``) before it speaks of people."""
    years = set()
    if SITUATION in frame.columns:
        years = set(frame[SITUATION].astype(str).str.extract(r"((?:19|20)\d{2})", expand=False).dropna())
    years = years or set(re.findall(r"(?<!\d)(20\d{2})(?:0101)?(?!\d)", name.partition("pop")[0]))
    if len(years) != 1:
        raise DataError(Message("error.live.sectors_year", file=name))
    return int(years.pop())


def parse_sector_population(data: bytes, known: set[str], file: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Inhabitants per sector: ``sector_id, year, population`` of the ``known`` sectors, and notes.

    People whom Statbel does not locate to a sector are left out and counted in a note.

    Raises
    ------
    DataError
        a sector twice, a figure that is no whole number, more than `MAX_UNKNOWN` of the people in unknown sectors
    """
    name, content = file, data
    if data.startswith(b"PK"):
        member = archives.open_member(data, r"\.(txt|csv)$", file)
        name, content = member.name, member.data
    cells = read_columns(content, {SECTOR, TOTAL, "POPULATION", "CD_YEAR"}, name)
    cells = cells.rename(columns={"POPULATION": TOTAL} if TOTAL not in cells else {})
    cells = with_names(cells, [SECTOR, TOTAL])
    require_columns(cells, [SECTOR, TOTAL], name)
    code = cells[SECTOR].str.strip().str.lower()
    cells = cells[is_flemish_or_brussels(code.str[:5])].reset_index(drop=True)
    cells = to_integers(cells.assign(sector_id=cells[SECTOR].str.strip().str.lower()), [TOTAL], name)
    check_unique(cells, ["sector_id"], name)
    on_map = cells["sector_id"].isin(known)
    people, placed = int(cells[TOTAL].sum()), int(cells.loc[on_map, TOTAL].sum())
    check_bounds("sector_population", name, rows=int(on_map.sum()), what="sectors", total=placed)
    if people - placed > MAX_UNKNOWN * people:
        odd = str(cells.loc[~on_map, SECTOR].iloc[0])
        raise DataError(
            Message("error.live.sectors_people", file=name, lost=people - placed, people=people, odd=str(odd))
        )
    years = set(re.findall(r"(?<!\d)(20\d{2})(?!\d)", name))
    if len(years) != 1:
        raise DataError(Message("error.live.people_year", file=name))
    frame = pd.DataFrame(
        {
            "sector_id": cells.loc[on_map, "sector_id"],
            "year": int(years.pop()),
            "population": cells.loc[on_map, TOTAL],
        }
    )
    notes = () if people == placed else (Note("note.sectors_unlocated", n=people - placed),)
    return frame.sort_values("sector_id", ignore_index=True), notes
