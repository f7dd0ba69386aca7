"""Rows of a table of zones that say more than one thing: several municipalities, ticks for zones, zones as headings."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from loaders.catalogue.plain_words import plain_word
from loaders.lists.facilities.facility_report import REPAIRED, Findings
from loaders.lists.municipality_names import Municipalities
from loaders.lists.raw_table import RawTable
from loaders.protocols.spellings import TRUTH_WORDS, field_of

Cells = Mapping[Hashable, str]
Row = tuple[int, Cells]

_TICKS = frozenset("✓✔☑√●•■")
_LOOKED_AT = 400
_BETWEEN = re.compile(r"\s*[,;|/\n]\s*|\s+(?:en|et|and|&)\s+")
_SPACES = re.compile(r"[^\S\n]+")
_JOINED = " | "
"""What stands between the zones of a row that is ticked for several."""


def spread_rows(rows: Sequence[Row], municipalities: Municipalities, findings: Findings) -> list[Row]:
    """A row for every municipality, with its zone: headings are filled down, cells with several are taken apart."""
    made: list[Row] = []
    for row, cell in _filled_down(rows, findings):
        zones = cell["zone"].split(_JOINED)
        several = _several(cell, municipalities)
        if several:
            column, names = several
            findings.add(row, column, cell[column], REPAIRED, "several_municipalities", n=len(names))
            made += [(row, {**cell, column: name}) for name in names]
        else:
            made += [(row, {**cell, "zone": zone} if len(zones) > 1 else cell) for zone in zones]
    return made


def _several(cell: Cells, municipalities: Municipalities) -> tuple[str, list[str]] | None:
    """Column and names of a cell that names several municipalities, most of which are known; None for any other."""
    filled = [column for column in ("nis", "municipality") if cell[column]] or ["postcode"]
    if len(filled) != 1 or not cell[filled[0]]:
        return None
    column, value = filled[0], cell[filled[0]]
    if municipalities.find(value):
        return None
    if postcodes := municipalities.postcodes_between(value):
        return column, postcodes
    names = [name for name in _BETWEEN.split(_SPACES.sub(" ", value)) if name.strip()]
    if len(names) == 1 and len(value.split()) > 1 and all(word.isdigit() for word in value.split()):
        names = value.split()
    known = sum(municipalities.find(name) is not None for name in names)
    return (column, names) if len(names) > 1 and 2 * known >= len(names) and known else None


def _filled_down(rows: Sequence[Row], findings: Findings) -> Sequence[Row]:
    """Rows with the zone that stands above them, where every zone stands alone in a row above its municipalities."""

    def zone(cell: Cells) -> str:
        return cell["zone"] or cell["zone_id"]

    def place(cell: Cells) -> str:
        return cell["nis"] or cell["municipality"]

    headings = [at for at, (_, cell) in enumerate(rows) if zone(cell) and not place(cell)]
    if not headings or headings[0] or len(headings) == len(rows):
        return rows
    if any(bool(zone(cell)) == bool(place(cell)) for _, cell in rows):
        return rows
    above: Cells = rows[0][1]
    made: list[Row] = []
    for row, cell in rows:
        if zone(cell):
            above = cell
            findings.add(row, "zone", zone(cell), REPAIRED, "zone_heading")
        else:
            made.append((row, {**cell, "zone": above["zone"], "zone_id": above["zone_id"]}))
    return made


def zones_in_columns(raw: RawTable, known: Mapping[str, str], municipalities: Municipalities) -> RawTable | None:
    """The same list with a row for every municipality, where each column is a zone with its municipalities below it.

    ``known``: field by spelling of a header; a column that it knows is no zone.
    """
    headers = list(map(str, raw.cells.columns))
    if not headers:
        return None
    cells = [
        (row, value, header)
        for row, line in zip(raw.rows, raw.cells.itertuples(index=False, name=None), strict=True)
        for header, value in zip(headers, map(str, line), strict=True)
        if value
    ]
    named = sum(municipalities.find(value) is not None for _, value, _ in cells)
    alone = any(field_of(header, known) or municipalities.find(header) for header in headers)
    if alone or len(headers) < _FEWEST_ZONES or named < _MOSTLY * len(cells) or not cells:
        return None
    made = pd.DataFrame([cell[1:] for cell in cells], columns=["gemeente", "zone"], dtype=object)
    notes = [*raw.notes, ("zones_in_columns", {"columns": ", ".join(headers[:_SHOWN])})]
    return replace(raw, cells=made, rows=[row for row, *_ in cells], faults=[], notes=notes)


_FEWEST_ZONES, _MOSTLY, _SHOWN = 2, 0.8, 12
"""Columns that are zones at least, the share of the cells that are municipalities, and headers that are named."""


def zones_in_cell(zone: str, others: Collection[str]) -> list[str]:
    """Zones of the list that a cell names together, as ``a/b``; [] where it names one."""
    parts = [part for part in _JOINED_ZONES.split(zone) if part.strip()]
    return parts if len(parts) > 1 and {plain_word(part) for part in parts} <= set(others) else []


_JOINED_ZONES = re.compile(r"\s*[/;,+&|]\s*|\s+(?:en|et|and)\s+")


def marked_zones(cells: pd.DataFrame, columns: Mapping[str, str | None]) -> list[str]:
    """Columns that are each a zone, with a tick for every municipality in it; [] where there are not two of them."""
    marked = []
    for header, field in columns.items():
        words = [str(value) for value in cells[header].head(_LOOKED_AT)] if field is None else []
        if any(_is_tick(word) for word in words) and all(_is_tick(word) is not None for word in words):
            marked.append(header)
    return marked if len(marked) > 1 else []


def ticked(cells: pd.DataFrame, marked: Sequence[str]) -> list[str]:
    """Zone of every row by its ticks, those of several joined."""
    return [
        _JOINED.join(header for header, value in zip(marked, line, strict=True) if _is_tick(str(value)))
        for line in cells[list(marked)].itertuples(index=False, name=None)
    ]


def _is_tick(value: str) -> bool | None:
    """Whether a cell is ticked; None for what is no tick."""
    if not value:
        return False
    return True if value in _TICKS else TRUTH_WORDS.get(plain_word(value))
