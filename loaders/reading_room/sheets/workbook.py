"""Sheets of a workbook to the cells that hold something; a cell far away costs nothing."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
import openpyxl
import pyarrow as pa
import python_calamine
from defusedxml.common import DefusedXmlException
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.file_kinds import kind_of
from loaders.reading_room.cells import cell_text
from loaders.reading_room.job import Job, ReadResult
from loaders.reading_room.tables import RawGrid
from loaders.reading_room.zip_archives import check_archive, member_names, take_member

Rows = dict[int, list[str]]
MAX_CELLS = 20_000_000
"""Most cells of a sheet, empty ones and merged ones included."""

_LETTERS, _DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"

_MERGED = re.compile(rb'<(?:\w{1,20}:)?mergeCell\s[^>]{0,200}?ref\s{0,9}=\s{0,9}["\']([^"\']{1,60})["\']')
_CELL = re.compile(rb"<(?:\w{1,20}:)?c[\s/>]")
_AT = re.compile(rb'<(?:\w{1,20}:)?(?:c|row)\s[^>]{0,200}?\br\s{0,9}=\s{0,9}["\']([A-Z]{0,3}\d{1,9})["\']')
_DECLARED = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
"""What no program writes into a workbook; with it, which library reads the XML would decide what comes out."""

_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[\s/>]")
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_WORKSHEET = python_calamine.SheetTypeEnum.WorkSheet
_DAMAGE = (InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError,
           RuntimeError, OverflowError, AssertionError, DefusedXmlException)  # fmt: skip


def read_workbook(job: Job) -> ReadResult:
    """All sheets: ``row`` and ``cells`` (text) of every row with text."""
    tables: dict[str, pa.Table] = {}
    titles = []
    for number, sheet in enumerate(open_book(job).worksheets):
        rows = filled_rows(sheet, job)
        titles.append(sheet.title)
        cells = pa.array(list(rows.values()), type=pa.large_list(pa.large_string()))
        tables[str(number)] = pa.table({"row": pa.array(list(rows), type=pa.int64()), "cells": cells})
    return ReadResult(tables, {"titles": titles})


def grids_of(job: Job) -> list[RawGrid]:
    """Sheets of a workbook, of Excel (``.xlsx``, ``.xls``) or OpenDocument (``.ods``)."""
    if kind_of(bytes(job.view[:64])) == "ole":
        if _LOCKED in job.data:
            raise DataError(Message("error.list.locked", file=job.file))
        return _other_grids(job, "error.list.old_book")
    if kind_of(bytes(job.view[:64])) == "zip" and "content.xml" in member_names(job.data, job.file):
        check_archive(job.data, job.file)
        return _other_grids(job, "error.list.open_document")
    book = open_book(job)
    formulas = _open(job, formulas=True) if _has_formulas(job) else None
    return [_grid(book, sheet.title, formulas, job) for sheet in book.worksheets]


def _grid(book: openpyxl.Workbook, title: str, formulas: openpyxl.Workbook | None, job: Job) -> RawGrid:
    sheet = book[title]
    hidden = frozenset(row for row, look in sheet.row_dimensions.items() if look.hidden)
    uncached = []
    if formulas is not None:
        cells = formulas[title]._cells
        uncached = [
            cell.coordinate
            for at, cell in sorted(cells.items())
            if cell.data_type == "f" and (at not in sheet._cells or sheet._cells[at].value is None)
        ]
    rows = filled_rows(sheet, job)
    visible = sheet.sheet_state == "visible"
    return RawGrid(title, rows.items(), hidden, tuple(uncached), visible, _struck_rows(book, sheet))


def _struck_rows(book: openpyxl.Workbook, sheet: Worksheet) -> frozenset[int]:
    """Rows of which every text is struck through."""
    if not any(font.strike for font in getattr(book, "_fonts", ())):
        return frozenset()
    struck: dict[int, bool] = {}
    for (row, _), cell in sheet._cells.items():
        if cell_text(cell.value):
            struck[row] = struck.get(row, True) and bool(cell.font.strike)
    return frozenset(row for row, whole in struck.items() if whole)


def _has_formulas(job: Job) -> bool:
    names = [name for name in member_names(job.data, job.file) if name.lower().startswith("xl/worksheets/")]
    return any(_FORMULA.search(take_member(job.data, f"^{re.escape(name)}$", job.file).data) for name in names)


def _other_grids(job: Job, damaged: str) -> list[RawGrid]:
    """Sheets of the workbooks that a library in Rust reads; a sheet that claims too many cells is refused."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(job.data))
        hidden = _hidden_rows(job) if kind_of(bytes(job.view[:64])) == "zip" else {}
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == _WORKSHEET]
        return [_other_grid(book, sheet, hidden.get(sheet.name, frozenset()), job) for sheet in sheets]
    except (DataError, MemoryError):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise DataError(Message(damaged, file=job.file, reason=Reason(error, str(error)[:100]))) from error


def _hidden_rows(job: Job) -> dict[str, frozenset[int]]:
    """Numbers of the rows of an OpenDocument that are hidden or filtered away, by sheet."""
    content = take_member(job.data, "^content.xml$", job.file).data
    if not any(word in content for word in (b'="collapse"', b'="filter"')):
        return {}
    hidden: dict[str, set[int]] = {}
    sheet, number = "", 0
    for element in defusedxml.ElementTree.fromstring(content).iter():
        kind, about = _local(element.tag), {_local(name): value for name, value in element.attrib.items()}
        if kind == "table":
            sheet, number = about.get("name", ""), 0
        elif kind == "table-row":
            times = int(about.get("number-rows-repeated", "1"))
            if about.get("visibility", "") in ("collapse", "filter") and times < _MAX_HIDDEN:
                hidden.setdefault(sheet, set()).update(range(number + 1, number + times + 1))
            number += times
    return {name: frozenset(rows) for name, rows in hidden.items()}


_MAX_HIDDEN = 100_000
"""Rows hidden at once from which they are the empty rest of a sheet."""


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]


def _other_grid(
    book: python_calamine.CalamineWorkbook,
    about: python_calamine.SheetMetadata,
    hidden: frozenset[int],
    job: Job,
) -> RawGrid:
    sheet = book.get_sheet_by_name(about.name)
    most = min(job.limits.cells, MAX_CELLS)
    if sheet.total_height * sheet.total_width > MAX_CELLS:
        raise DataError(Message("error.file.cells", file=job.file, name=about.name, most=most))
    cells: dict[int, dict[int, str]] = {}
    start = sheet.start or (0, 0)
    for row, values in enumerate(sheet.to_python(skip_empty_area=True), start=start[0] + 1):
        words = {at: word for at, value in enumerate(values, start=start[1] + 1) if (word := cell_text(value))}
        if words:
            cells[row] = words
            job.limits.check_table(len(cells), max(words), job.file)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if (bottom - top + 1) * (right - left + 1) > most:
            raise DataError(Message("error.file.cells", file=job.file, name=about.name, most=most))
        _spread_over(cells, (left + 1, top + 1, right + 1, bottom + 1))
    visible = about.visible == python_calamine.SheetVisibleEnum.Visible
    return RawGrid(about.name, {row: _line(cells[row]) for row in sorted(cells)}.items(), hidden, visible=visible)


def open_book(job: Job) -> openpyxl.Workbook:
    """Open a workbook whose parts do not claim more cells than are read."""
    check_archive(job.data, job.file)
    _check_size(job)
    return _open(job, formulas=False)


def _open(job: Job, *, formulas: bool) -> openpyxl.Workbook:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles it does not know
            return openpyxl.load_workbook(io.BytesIO(job.data), data_only=not formulas, keep_links=False)
    except _DAMAGE as error:
        raise DataError(
            Message("error.file.workbook", file=job.file, reason=Reason(error, str(error)[:100]))
        ) from error


def _check_size(job: Job) -> None:
    most = min(job.limits.cells, MAX_CELLS)
    for name in member_names(job.data, job.file):
        if not name.lower().endswith((".xml", ".rels", ".vml")):
            continue
        content = take_member(job.data, f"^{re.escape(name)}$", job.file).data
        declared = _DECLARED.search(content.replace(b"\x00", b""))  # also where every sign is of two bytes
        if declared:
            raise DataError(Message("error.file.workbook", file=job.file, reason=declared[0].decode("ascii")))
        merged = sum(_area(html.unescape(match.decode("latin-1"))) for match in _MERGED.findall(content))
        if merged > most or len(_CELL.findall(content)) > most or _spread(content) > MAX_CELLS:
            raise DataError(Message("error.file.cells", file=job.file, name=name, most=most))


def _spread(content: bytes) -> int:
    """Cells of the smallest range that holds all of a sheet."""
    places = set(_AT.findall(content))
    row = max((int(place.lstrip(_LETTERS)) for place in places if place.lstrip(_LETTERS)), default=0)
    column = max(({place.rstrip(_DIGITS) for place in places}), key=lambda word: (len(word), word), default=b"")
    return row * (_area(f"A1:{column.decode()}1") if column else 1)


def _area(reference: str) -> int:
    """Cells in a range such as ``A1:C5``."""
    try:
        left, top, right, bottom = range_boundaries(reference.strip().upper())
    except (ValueError, TypeError):
        return 0
    return ((right or 16_384) - (left or 1) + 1) * ((bottom or 1_048_576) - (top or 1) + 1)


def filled_rows(sheet: Worksheet, job: Job) -> Rows:
    """Text of the rows that hold any, by their number, each up to its last cell with text; merged cells repeated."""
    merged = [_bounds(area) for area in sheet.merged_cells.ranges]
    cells: dict[int, dict[int, str]] = {}
    for (row, column), cell in sheet._cells.items():
        word = cell_text(cell.value)
        if word:
            cells.setdefault(row, {})[column] = word
            job.limits.check_table(len(cells), len(cells[row]), job.file)
    for area in merged:
        _spread_over(cells, area)
    return {row: _line(cells[row]) for row in sorted(cells)}


def _spread_over(cells: dict[int, dict[int, str]], area: tuple[int, int, int, int]) -> None:
    """Repeat the text of the first of merged cells in all of them."""
    left, top, right, bottom = area
    word = cells.get(top, {}).get(left, "")
    for row in range(top, bottom + 1) if word else ():
        cells.setdefault(row, {}).update(dict.fromkeys(range(left, right + 1), word))


def _bounds(area: object) -> tuple[int, int, int, int]:
    return area.min_col, area.min_row, area.max_col, area.max_row  # type: ignore[attr-defined]


def _line(cells: Mapping[int, str]) -> list[str]:
    return [cells.get(column, "") for column in range(1, max(cells) + 1)]
