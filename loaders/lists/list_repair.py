"""Repairs that a person makes to a list while it is taken in: axes exchanged, rows left out, cells written anew."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from i18n.messages import Message
from loaders.lists.facilities.facility_report import REFUSED, RowReport
from loaders.lists.facilities.facility_table import read_raw_table
from loaders.lists.list_preview import FIELDS, taken_for
from loaders.lists.partition_file import read_zone_table
from loaders.lists.raw_table import ListOptions, RawTable

EXCHANGED = frozenset({"exchanged", "x_y_swapped", "lat_lon_swapped"})
"""What is said of a row whose axes are exchanged."""

_PAIRS = (("x", "y"), ("lat", "lon"))


@dataclass(frozen=True)
class Repairs:
    """What a person chose.

    Attributes
    ----------
    sheet : sheet of a workbook or layer of a map file
    constants : value by field, for all rows
    cells : new text by row and number of the column
    swap : exchange the axes of the rows that are refused because of them
    skip : leave out the rows that are refused in the end
    """

    sheet: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    swap: bool = False
    skip: bool = False


@dataclass(frozen=True, eq=False)
class RepairedList:
    """A list after its repairs.

    Attributes
    ----------
    report : what became of every row that is left
    table : the rows as they are now
    exchanged : rows whose axes are exchanged, or would be by `Repairs.swap`
    refused : rows that are refused, or left out by `Repairs.skip`
    keys : keys of what the refused rows are told, with the values
    """

    report: RowReport
    table: RawTable
    exchanged: tuple[int, ...]
    refused: tuple[int, ...]
    keys: Mapping[str, Message]


def repaired(
    path: Path, kind: str, mapping: Mapping[str, str], repairs: Repairs, read: Callable[[ListOptions], RowReport]
) -> RepairedList:
    """Read a list with its repairs.

    Parameters
    ----------
    path, kind : the file, and whether it holds ``places`` or ``zones``
    mapping : field by column
    repairs : what a person chose
    read : reads the file with such options
    """
    plain = raw_table(path, kind, ListOptions(mapping, repairs.constants, repairs.sheet))
    headers = list(map(str, plain.cells.columns))
    cells = {
        row: {headers[at]: text for at, text in changes.items() if at < len(headers)}
        for row, changes in repairs.cells.items()
    }
    options = ListOptions(mapping, repairs.constants, repairs.sheet, cells)
    report = read(options)
    exchanged = tuple(dict.fromkeys(row for row, key, _ in _refusals(report) if key in EXCHANGED))
    if repairs.swap and exchanged:
        table = options.corrected(plain)
        swapped = _swapped(table, exchanged, {**taken_for(headers, kind), **mapping})
        both = {row: {**cells.get(row, {}), **new} for row, new in swapped.items()}
        options = replace(options, cells={**cells, **both})
        report = read(options)
    refused = tuple(dict.fromkeys(row for row, _, _ in _refusals(report)))
    keys = {key: told for _, key, told in _refusals(report)}
    if repairs.skip and refused:
        options = replace(options, skipped=frozenset(refused))
        report = read(options)
    return RepairedList(report, options.corrected(plain), exchanged, refused, keys)


def raw_table(path: Path, kind: str, options: ListOptions) -> RawTable:
    """Rows of a file as they stand in it."""
    if kind == "zones":
        return read_zone_table(path, options)
    return read_raw_table(path, words=FIELDS[kind], options=replace(options, cells={}, skipped=frozenset()))


def _refusals(report: RowReport) -> list[tuple[int, str, Message]]:
    """Row, last part of the key and message of every refusal."""
    return [
        (row, told.key.rpartition(".")[2], told)
        for row, _, _, outcome, told in report.lines
        if outcome == REFUSED and told is not None
    ]


def _swapped(table: RawTable, rows: tuple[int, ...], fields: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """New text of the coordinates of rows, by column."""
    column = {field: header for header, field in fields.items()}
    at = {row: position for position, row in enumerate(table.rows)}
    repairs: dict[int, dict[str, str]] = {}
    for row in rows:
        for one, other in _PAIRS:
            if one in column and other in column and row in at:
                first, second = (str(table.cells[column[name]].iloc[at[row]]) for name in (one, other))
                repairs.setdefault(row, {}).update({column[one]: second, column[other]: first})
    return repairs


def corrected_csv(table: RawTable) -> bytes:
    """The rows as they are now, as CSV with semicolons that a spreadsheet opens with its accents right."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(map(_safe, map(str, table.cells.columns)))
    for row in table.cells.itertuples(index=False):
        writer.writerow(_safe(str(cell)) for cell in row)
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: str) -> str:
    """Cell that no spreadsheet takes for a formula; a number stays what it is."""
    number = cell.lstrip("+-").replace(",", ".").replace(".", "", 1).isdigit()
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not number else cell
