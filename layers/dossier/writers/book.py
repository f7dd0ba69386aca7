"""A needs analysis as a workbook: a sheet in short, one for every table, sources, and the question."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from i18n.texts import text
from layers.dossier.grids import NUMBER_FORMS, ValueTable, known
from layers.dossier.needs import NeedsAnalysis
from layers.files.workbook import WARNING_RED, as_text, undated
from layers.look.signs import in_xml
from layers.notes.notes import Notes

_HEAD = "E1EFF0"
_LONGEST_NAME = 31


def write_book(analysis: NeedsAnalysis, notes: Notes) -> bytes:
    """Write a needs analysis as a workbook; the same analysis gives the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    first: Any = book.worksheets[0]
    _short(first, analysis, notes)
    for grid in analysis.grids:
        _grid(book.create_sheet(grid.sheet[:_LONGEST_NAME]), grid, notes)
    sources = [(s.title, s.publisher, s.vintage, s.licence, s.address) for s in notes.sources]
    heads = tuple(text(f"sources_sheet.{name}", notes.lang) for name in _SOURCE)
    _list(book.create_sheet(text("sheet_name.sources", notes.lang)), [heads, *sources], (44.0, 30.0, 26.0, 36.0, 60.0))
    lines = [(label, value) for label, value in notes.lines()]
    _list(book.create_sheet(text("sheet_name.question", notes.lang)), lines, (28.0, 110.0), head=False)
    book.properties.title, book.properties.creator = in_xml(analysis.document.title), "nabij"
    book.properties.description = in_xml(notes.warning) or None
    buffer = io.BytesIO()
    book.save(buffer)
    return undated(buffer.getvalue())


_SOURCE = ("title", "publisher", "vintage", "licence", "path")


def _short(sheet: Any, analysis: NeedsAnalysis, notes: Notes) -> None:
    """Title, warning, and the sentences that tell the area."""
    from openpyxl.styles import Alignment, Font

    sheet.title = text("profile.sheet.short", notes.lang)[:_LONGEST_NAME]
    rows = [analysis.document.title, analysis.document.subtitle]
    rows += [notes.warning] if notes.warning else []
    rows += ["", *analysis.short]
    for number, words in enumerate(rows, start=1):
        cell = sheet.cell(number, 1, in_xml(words))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.cell(1, 1).font = Font(bold=True, size=16)
    if notes.warning:
        _red(sheet.cell(3, 1))
    sheet.column_dimensions["A"].width = 110.0
    _paper(sheet, notes)
    as_text(sheet)


def _red(cell: Any) -> None:
    from openpyxl.styles import Font, PatternFill

    cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=WARNING_RED)


def _grid(sheet: Any, grid: ValueTable, notes: Notes) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(grid.columns, start=1):
        head = f"{column.header} ({column.unit})" if column.unit else column.header
        cell = sheet.cell(1, number, head)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        longest = max((len(str(row[number - 1])) for row in grid.rows if column.kind == "text"), default=0)
        width = min(max(longest + 2, max(map(len, head.split())) + 3, 11), 52)
        sheet.column_dimensions[get_column_letter(number)].width = float(width)
    for at, row in enumerate(grid.rows, start=2):
        for number, (value, column) in enumerate(zip(row, grid.columns, strict=True), start=1):
            shown = value if column.kind == "text" else known(value)
            if shown is None:
                continue
            shown = in_xml(shown) if isinstance(shown, str) else shown
            cell = sheet.cell(at, number, shown)
            cell.number_format = NUMBER_FORMS[column.kind]
            cell.alignment = Alignment(wrap_text=column.kind == "text", vertical="top")
    if grid.note:
        sheet.cell(len(grid.rows) + 3, 1, in_xml(grid.note)).font = Font(italic=True)
    sheet.freeze_panes = "A2"
    if grid.rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(grid.columns))}{len(grid.rows) + 1}"
    _paper(sheet, notes)
    as_text(sheet)


def _paper(sheet: Any, notes: Notes) -> None:
    """Landscape on A4, the header on every page, and the warning above it."""
    if notes.warning:
        sheet.sheet_properties.tabColor = WARNING_RED
        sheet.oddHeader.center.text = notes.warning.replace("&", "&&")
    sheet.oddFooter.center.text = "&P / &N"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _list(sheet: Any, rows: Sequence[tuple[str, ...]], widths: tuple[float, ...], *, head: bool = True) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for row in rows:
        sheet.append([in_xml(words) for words in row])
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if head and cell.row == 1:
                cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_HEAD)
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    if head:
        sheet.freeze_panes = "A2"
    as_text(sheet)
