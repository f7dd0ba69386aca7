"""Care regions (zorgregio's, kleine stad) from the table of municipalities that Opgroeien publishes.

The table names municipalities, of whichever vintage; the names decide which. Borders come from dissolving the
municipalities of that vintage.
"""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message, Note
from loaders.catalogue.levels import is_brussels
from loaders.catalogue.sources import live_of
from loaders.http.answer import file_name
from loaders.parsers.bounds import check_bounds
from loaders.parsers.vintages import detect_by_name
from loaders.pipeline.update import Origin, RefreshContext, RefreshedResource, Update
from loaders.protocols import links, workbooks
from loaders.protocols.spellings import slug
from loaders.protocols.tables import require_columns
from loaders.snapshot.regions import MEMBERSHIP, union_zones

YEAR, REGION, MUNICIPALITY = "Jaar", "Zorgregio", "Gemeente"
LEVEL = "care_region"
_TOTALS = re.compile(r"^(totaal|onbekend|vlaams gewest|brussels.*gewest|vlaanderen|nvt|-)?$", re.IGNORECASE)
REGIONS = (40, 75)
"""Fewest and most care regions (kleine stad) that can be; the decree of 2003 lists 60 in Flanders and Brussels."""


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
    membership = pd.DataFrame(
        {
            "level": LEVEL,
            "vintage": 2025,
            "zone_id": zone_id,
            "member_level": "municipality",
            "member_vintage": vintage,
            "member_id": pairs["nis"],
        }
    )
    names = pd.DataFrame({"level": LEVEL, "zone_id": zone_id, "zone_name": pairs[REGION]})
    return membership[MEMBERSHIP], names.drop_duplicates("zone_id", ignore_index=True)


def _notes(pairs: pd.DataFrame, codes: pd.DataFrame, vintage: int, year: str) -> tuple[str, ...]:
    every = codes.drop_duplicates(f"nis{vintage}")
    left_out = every[~every[f"nis{vintage}"].isin(pairs["nis"]) & ~is_brussels(every[f"nis{vintage}"])]
    told = {"vintage": str(vintage)}
    notes = [Note("note.regions_year", **told, year=year) if year else Note("note.regions_vintage", **told)]
    if len(left_out):
        some = ", ".join(left_out[f"name{vintage}"].head(3))
        notes.append(Note("note.regions_none", n=len(left_out), names=some))
    return tuple(notes)


def dissolved(names: pd.DataFrame, membership: pd.DataFrame, level: str, context: RefreshContext) -> gpd.GeoDataFrame:
    """Borders of the zones of ``level`` from those of their members in the snapshot."""
    members = membership[["member_level", "member_vintage"]].drop_duplicates().itertuples(index=False)
    borders = {(str(m), int(v)): context.snapshot.zones(str(m), int(v)) for m, v in members}
    return union_zones(level, names, membership, borders)


def load_care_regions(context: RefreshContext) -> Update:
    """All care regions from the workbook that Opgroeien's page links."""
    address = context.address("care_regions")
    answer = links.follow(context.client, address, live_of("care_regions").link, "the table of care regions", "zip")
    membership, names, notes = parse_care_regions(
        answer.data, context.snapshot.table("municipality_codes"), file_name(answer.url)
    )
    vintage = str(membership["member_vintage"].iloc[0])
    changes = (
        RefreshedResource("membership", membership, ("level",), vintage, ("care_regions",)),
        RefreshedResource(
            "zones_care_region_2025", dissolved(names, membership, LEVEL, context), (), vintage, ("care_regions",)
        ),
    )
    return Update("care_regions", vintage, changes, notes, (Origin.of(answer),))
