"""Statistical sectors and their population: two zips of Statbel that belong together.

The snapshot holds one set of sectors. Newer ones take its place; their rows say so with the flag ``newer_borders``.
Population of years before stays with the sectors whose code lives on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message, Note
from loaders.catalogue.region_file import built_in
from loaders.http.answer import file_name
from loaders.live.coverages import clean_coverage, located, repair_notes, snapshot_zones
from loaders.live.newest import get_newest
from loaders.parsers.ages import read_columns
from loaders.parsers.bounds import check_bounds
from loaders.parsers.vintages import carry, detect_vintage, is_flemish_or_brussels
from loaders.pipeline.update import Origin, RefreshContext, RefreshedResource, Update
from loaders.protocols import archives
from loaders.protocols.geometry import checked
from loaders.protocols.tables import check_unique, require_columns, to_integers
from loaders.protocols.vectors import read_vector

HELD = built_in().levels["sector"].vintages[-1]
NEWER = "newer_borders"
SECTOR, MUNICIPALITY, NAME, SITUATION = "CD_SECTOR", "CD_MUNTY_REFNIS", "TX_SECTOR_DESCR_NL", "DT_SITUATION"
_ALIASES = {"CD_SECTOR_REFNIS": SECTOR, "CD_REFNIS": MUNICIPALITY}
TOTAL = "TOTAL"
MOST_UNKNOWN = 0.01
"""Largest share of people in sectors that the borders do not know: more means another vintage."""


@dataclass(frozen=True)
class Sectors:
    """Statistical sectors.

    Attributes
    ----------
    zones : in the shape of the snapshot, generalised; ``zone_id`` is the lower-case code
    year : situation on 1 January of that year
    notes : what was repaired
    """

    zones: gpd.GeoDataFrame
    year: int
    notes: tuple[str, ...]


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
    frame = frame.rename(columns={c: str(c).upper() for c in frame.columns if c != frame.geometry.name})
    frame = frame.rename(columns={old: new for old, new in _ALIASES.items() if new not in frame.columns})
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
    return Sectors(snapshot_zones(rows, cleaned.shapes, name), year, notes)


def _situation(frame: pd.DataFrame, name: str) -> int:
    """Year of the sectors: from the column, else from the file name (``…_20240101``)."""
    found = set()
    if SITUATION in frame.columns:
        found = set(frame[SITUATION].astype(str).str.extract(r"((?:19|20)\d{2})", expand=False).dropna())
    found = found or set(re.findall(r"(?<!\d)(20\d{2})(?:0101)?(?!\d)", name))
    if len(found) != 1:
        raise DataError(Message("error.live.sectors_year", file=name))
    return int(found.pop())


def parse_sector_population(data: bytes, known: set[str], file: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Inhabitants per sector: ``sector_id, year, population`` of the ``known`` sectors, and notes.

    People whom Statbel does not locate to a sector are left out and counted in a note.

    Raises
    ------
    DataError
        a sector twice, a figure that is no whole number, more than `MOST_UNKNOWN` of the people in unknown sectors
    """
    name, content = file, data
    if data.startswith(b"PK"):
        member = archives.open_member(data, r"\.(txt|csv)$", file)
        name, content = member.name, member.data
    cells = read_columns(content, {SECTOR, TOTAL, "POPULATION", "CD_YEAR"}, name)
    cells = cells.rename(columns={"POPULATION": TOTAL} if TOTAL not in cells else {})
    require_columns(cells, [SECTOR, TOTAL], name)
    code = cells[SECTOR].str.strip().str.lower()
    cells = cells[is_flemish_or_brussels(code.str[:5])].reset_index(drop=True)
    cells = to_integers(cells.assign(sector_id=cells[SECTOR].str.strip().str.lower()), [TOTAL], name)
    check_unique(cells, ["sector_id"], name)
    held = cells["sector_id"].isin(known)
    people, placed = int(cells[TOTAL].sum()), int(cells.loc[held, TOTAL].sum())
    check_bounds("sector_population", name, rows=int(held.sum()), what="sectors", total=placed)
    if people - placed > MOST_UNKNOWN * people:
        odd = str(cells.loc[~held, SECTOR].iloc[0])
        raise DataError(
            Message("error.live.sectors_people", file=name, lost=people - placed, people=people, odd=str(odd))
        )
    years = set(re.findall(r"(?<!\d)(20\d{2})(?!\d)", name))
    if len(years) != 1:
        raise DataError(Message("error.live.people_year", file=name))
    frame = pd.DataFrame(
        {
            "sector_id": cells.loc[held, "sector_id"],
            "year": int(years.pop()),
            "population": cells.loc[held, TOTAL],
        }
    )
    notes = () if people == placed else (Note("note.sectors_unlocated", n=people - placed),)
    return frame.sort_values("sector_id", ignore_index=True), notes


def load_sectors(context: RefreshContext) -> Update:
    """Sectors and their population of the newest year that both files answer for."""
    borders = get_newest(context, "sector_borders")
    sectors = parse_sector_borders(borders.data, context.snapshot.table("municipality_codes"), file_name(borders.url))
    answer = get_newest(context, "sector_population")
    ids = set(sectors.zones["zone_id"])
    newest, notes = parse_sector_population(answer.data, ids, file_name(answer.url))
    population, lost = _continued(context.snapshot.table("sector_population"), newest, ids)
    vintage = f"{population['year'].min()}–{population['year'].max()}"
    changes = (
        RefreshedResource(f"zones_sector_{HELD}", sectors.zones, (), str(sectors.year), ("sector_borders",)),
        RefreshedResource("sector_population", population, (), vintage, ("sectors", "sector_population")),
    )
    if lost:
        notes = (*notes, Note("note.sectors_gone", n=lost))
    origins = (Origin.of(borders), Origin.of(answer))
    return Update("sectors", str(sectors.year), changes, (*sectors.notes, *notes), origins)


def _continued(before: pd.DataFrame, newest: pd.DataFrame, ids: set[str]) -> tuple[pd.DataFrame, int]:
    """Population of earlier years for sectors that live on, with the newest year, and how many codes ended."""
    lives_on = before["sector_id"].isin(ids)
    lost = before.loc[~lives_on, "sector_id"].nunique()
    kept = before[lives_on & ~before["year"].isin(newest["year"])]
    frame = pd.concat([kept, newest], ignore_index=True)
    return frame.sort_values(["sector_id", "year"], ignore_index=True), lost
