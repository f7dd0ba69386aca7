"""Care regions (zorgregio's, kleine stad): from the table of municipalities that Opgroeien publishes, or cited facts.

The workbook names municipalities, of whichever vintage; the names decide which. The facts are a table of the regions
that a report describes in full, by municipality of 2018. Borders come from dissolving the municipalities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message, Note
from loaders.catalogue.regions.levels import is_brussels
from loaders.parsers.bounds import check_bounds
from loaders.parsers.facts.public_facts import check_names, members2018, tidy
from loaders.parsers.vintages import detect_by_name
from loaders.parsers.zones.membership import members_of
from loaders.protocols import workbooks
from loaders.protocols.spellings import slug
from loaders.protocols.tables import read_csv, require_columns

YEAR, REGION, MUNICIPALITY = "Jaar", "Zorgregio", "Gemeente"
LEVEL = "care_region"
WORKBOOK = b"PK"
"""How a workbook begins, which is a zip archive."""
_TOTALS = re.compile(r"^(totaal|onbekend|vlaams gewest|brussels.*gewest|vlaanderen|nvt|-)?$", re.IGNORECASE)
REGIONS = (40, 75)
"""Fewest and most care regions (kleine stad) that can be; the decree of 2003 lists 60 in Flanders and Brussels."""


@dataclass(frozen=True)
class CareRegions:
    """Membership of care regions.

    Attributes
    ----------
    membership : in the shape of the table
    names : ``level, zone_id, zone_name``
    vintage : of the municipalities
    notes : year and vintage, and municipalities the table leaves out
    facts : the cited facts themselves; None of a workbook
    """

    membership: pd.DataFrame
    names: pd.DataFrame
    vintage: int
    notes: tuple[str, ...] = ()
    facts: pd.DataFrame | None = None


def read_care_regions(data: bytes, codes: pd.DataFrame, file: str) -> CareRegions:
    """Care regions of a workbook or of a table of facts, told by how the file begins; raises as the two parsers."""
    if data.startswith(WORKBOOK):
        membership, names, notes = parse_care_regions(data, codes, file)
        return CareRegions(membership, names, int(membership["member_vintage"].iloc[0]), notes)
    facts = parse_care_region_facts(data, codes, file)
    membership, names = _membership(facts.rename(columns={"care_region": REGION, "nis2018": "nis"}), 2018)
    return CareRegions(membership, names, 2018, (), facts)


def parse_care_regions(
    data: bytes, codes: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
    """Membership of all care regions.

    Parameters
    ----------
    data : workbook with columns Jaar, Zorgregio, Gemeente; many rows per municipality; the newest year counts
    codes : crosswalk with codes and names of three vintages
    file : name for error messages

    Returns
    -------
    membership : in the shape of the table, by municipality of the vintage that the names are of
    names : ``level, zone_id, zone_name``
    notes : year and vintage, and municipalities the table leaves out

    Raises
    ------
    DataError
        no such table, a name unknown, a municipality in two regions, too few regions
    """
    cells = workbooks.read_sheet(data, header_contains=(REGION, MUNICIPALITY), file=file)
    require_columns(cells, [REGION, MUNICIPALITY], file)
    cells = cells.assign(**{c: cells[c].str.strip() for c in (REGION, MUNICIPALITY)})
    year = ""
    if YEAR in cells:
        year = max((y for y in cells[YEAR].str.strip() if re.fullmatch(r"(19|20)\d{2}", y)), default="")
        cells = cells[cells[YEAR].str.strip() == year] if year else cells
    total = cells[REGION].str.match(_TOTALS) | cells[MUNICIPALITY].str.match(_TOTALS)
    pairs = cells.loc[~total, [REGION, MUNICIPALITY]].drop_duplicates()
    vintage, code_of, unknown = detect_by_name(pairs[MUNICIPALITY], codes)
    if unknown:
        row = int(str(pairs.index[pairs[MUNICIPALITY] == unknown[0]][0]))
        raise DataError(
            Message("error.live.region_unknown", file=file, row=str(row), value=str(unknown[0]), vintage=str(vintage))
        )
    pairs = pairs.assign(nis=pairs[MUNICIPALITY].map(code_of))
    twice = pairs["nis"].duplicated()
    if twice.any():
        both = pairs.loc[pairs["nis"] == pairs["nis"][twice].iloc[0]]
        raise DataError(
            Message(
                "error.live.region_two",
                file=file,
                row=str(both.index[1]),
                value=str(both[MUNICIPALITY].iloc[0]),
                first=str(both[REGION].iloc[0]),
                second=str(both[REGION].iloc[1]),
            )
        )
    check_bounds("care_regions", file, rows=len(pairs), what="municipalities")
    if not REGIONS[0] <= pairs[REGION].nunique() <= REGIONS[1]:
        raise DataError(
            Message(
                "error.live.region_count",
                file=file,
                n=str(pairs[REGION].nunique()),
                least=str(REGIONS[0]),
                most=str(REGIONS[1]),
                column=REGION,
            )
        )
    return (*_membership(pairs, vintage), _notes(pairs, codes, vintage, year))


def _membership(pairs: pd.DataFrame, vintage: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    zone_id = pairs[REGION].map(slug)
    names = pd.DataFrame({"level": LEVEL, "zone_id": zone_id, "zone_name": pairs[REGION]})
    return members_of(LEVEL, zone_id, vintage, pairs["nis"]), names.drop_duplicates("zone_id", ignore_index=True)


def _notes(pairs: pd.DataFrame, codes: pd.DataFrame, vintage: int, year: str) -> tuple[str, ...]:
    every = codes.drop_duplicates(f"nis{vintage}")
    left_out = every[~every[f"nis{vintage}"].isin(pairs["nis"]) & ~is_brussels(every[f"nis{vintage}"])]
    told = {"vintage": str(vintage)}
    notes = [Note("note.regions_year", **told, year=year) if year else Note("note.regions_vintage", **told)]
    if len(left_out):
        some = ", ".join(left_out[f"name{vintage}"].head(3))
        notes.append(Note("note.regions_none", n=len(left_out), names=some))
    return tuple(notes)


def parse_care_region_facts(
    data: bytes, codes: pd.DataFrame, file: str = "documented_care_regions.csv"
) -> pd.DataFrame:
    """Care regions that a report describes in full, one row per region and municipality of 2018.

    Returns
    -------
    DataFrame
        ``care_region`` (name), ``nis2018``, ``nis2025``, ``municipality``, ``as_of``, ``source_title``

    Raises
    ------
    DataError, MissingColumnError
        as `parse_public_facts`
    """
    raw = read_csv(data, file, ["care_region", "municipality", "nis2025", "old_name", "as_of", "source_title"])
    check_names(raw, codes, file)
    rows = raw.assign(nis2018=members2018(raw, codes, file)).explode("nis2018")
    columns = ["care_region", "nis2018", "nis2025", "municipality", "as_of", "source_title"]
    return tidy(rows, columns, ["care_region", "nis2018"])
