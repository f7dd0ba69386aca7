"""Zone tables as Excel workbooks: the table first, then what its columns mean, sources and licences, and the question.

The same table and notes give the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pandas as pd

from i18n.texts import has_text, text
from layers.files.presented import GENERAL, TEXT, PresentedColumn, in_words, shown_columns, unit_words
from layers.files.sheet_rows import SHEET, add_rows
from layers.notes.column_sources import rests_on
from layers.notes.notes import Notes
from loaders.catalogue.columns import DECLARED

if TYPE_CHECKING:
    from openpyxl import Workbook

FIXED_DATE = "1980-01-01T00:00:00Z"
"""Date written where a format insists on one: the earliest a zip archive can hold."""

WARNING_RED = "9E1B32"
SHEETS = ("table", "definitions", "sources", "question")
"""Sheets of a workbook in their order; their names are the texts ``sheet_name.<key>``."""

Finish = Callable[[bytes], bytes]
_HEAD = "E1EFF0"
_WIDE, _NARROW, _KEY = 90.0, 26.0, 28.0


def write_workbook(table: pd.DataFrame, notes: Notes) -> bytes:
    """Write a table as a workbook of four sheets.

    Parameters
    ----------
    table : one row per zone, place or year, in the order to write
    notes : what the file says about itself; its language is that of headers and words
    """
    from openpyxl import Workbook

    lang = notes.lang
    columns = shown_columns(table, lang)
    book = Workbook()
    finish = _table_sheet(book, table, columns, notes)
    _list_sheet(book, "definitions", lang, _definitions(columns, lang), (_NARROW, _NARROW, 18.0, _WIDE, 44.0))
    _list_sheet(book, "sources", lang, _sources(notes), (44.0, 30.0, _NARROW, 36.0, 60.0))
    _question_sheet(book, notes)
    book.properties.title, book.properties.creator = notes.title, "nabij"
    book.properties.description = notes.warning or None
    buffer = io.BytesIO()
    book.save(buffer)
    return undated(buffer.getvalue(), finish)


def _table_sheet(book: Workbook, table: pd.DataFrame, columns: list[PresentedColumn], notes: Notes) -> Finish:
    """Header of the table with widths, filter and print titles; returns what puts the rows in."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    lang = notes.lang
    sheet: Any = book.worksheets[0]
    sheet.title = text("sheet_name.table", lang)
    styles: list[int | list[int]] = []
    for number, column in enumerate(columns, start=1):
        cell = sheet.cell(1, number, column.header)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.data_type = "s"
        sheet.column_dimensions[get_column_letter(number)].width = column.width
        styles.append(_style(sheet, column.form))
    if notes.warning and "evidence" in table:
        at = [str(name) for name in table.columns].index("evidence")
        red = _style(sheet, GENERAL, WARNING_RED)
        plain = styles[at]
        known = table.iloc[:, at].astype(str).tolist()
        styles[at] = [red if value == "illustrative" else int(str(plain)) for value in known]
    if notes.warning:
        sheet.sheet_properties.tabColor = WARNING_RED
        sheet.oddHeader.center.text = notes.warning.replace("&", "&&")
    sheet.oddFooter.center.text = "&P / &N"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(columns), 1))}{len(table) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    worded = in_words(table, lang)
    return lambda written: add_rows(written, worded, 2, styles)


def _style(sheet: Any, form: str, red: str = "") -> int:
    """Number of a style in the book; the cell that it is made with is taken away again."""
    from openpyxl.styles import Font, PatternFill

    scratch = sheet.cell(2, 1)
    scratch.number_format = form
    if red:
        scratch.font, scratch.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=red)
    number = int(scratch.style_id)
    del sheet._cells[(2, 1)]
    return number


def _definitions(columns: list[PresentedColumn], lang: str) -> list[list[str]]:
    """Header and a row per column: header, name for programs, unit, meaning, what it rests on."""
    rows = [[text(f"definitions.{name}", lang) for name in ("column", "name", "unit", "meaning", "source")]]
    for column in columns:
        declared = DECLARED.get(column.name)
        unit = unit_words(declared.unit, lang) if declared and declared.unit else ""
        title = text(f"column.{column.name}", lang) if has_text(f"column.{column.name}") else column.name
        meaning = text(f"column.{column.name}.help", lang) if has_text(f"column.{column.name}.help") else ""
        rows.append([title, column.name, unit, meaning, text(f"rests_on.{rests_on(column.name)}", lang)])
    return rows


def _sources(notes: Notes) -> list[list[str]]:
    head = [text(f"sources_sheet.{name}", notes.lang) for name in ("title", "publisher", "vintage", "licence", "path")]
    return [head, *([s.title, s.publisher, s.vintage, s.licence, s.address] for s in notes.sources)]


def _question_sheet(book: Workbook, notes: Notes) -> None:
    """What was asked, what to mind, and the line that makes the table again; the warning first, on red."""
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet: Any = book.create_sheet(text("sheet_name.question", notes.lang))
    for label, value in notes.lines():
        sheet.append([label, value])
    for number in range(1, sheet.max_row + 1):
        sheet.cell(number, 1).font = Font(bold=True)
        for cell in sheet[number]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if notes.warning and number == 1:
                cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor=WARNING_RED)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = _KEY, 110.0
    as_text(sheet)


def _list_sheet(book: Workbook, key: str, lang: str, rows: list[list[str]], widths: tuple[float, ...]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet: Any = book.create_sheet(text(f"sheet_name.{key}", lang))
    for row in rows:
        sheet.append(row)
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, width in enumerate(widths, start=1):
        sheet.cell(1, number).font, sheet.cell(1, number).fill = Font(bold=True), PatternFill("solid", fgColor=_HEAD)
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    as_text(sheet)


def as_text(sheet: Any) -> None:
    """Let every filled cell of an openpyxl sheet be text, which openpyxl leaves to how its text begins."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"


def undated(archive: bytes, finish: Finish = bytes) -> bytes:
    """Rewrite an Excel file without the moment of writing, which openpyxl puts in regardless; ``finish`` its sheet."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as dated, zipfile.ZipFile(buffer, "w") as made:
        for name in dated.namelist():
            content = dated.read(name)
            if name == "docProps/core.xml":
                content = without_dates(content)
            if name == SHEET:
                content = finish(content)
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def without_dates(core: bytes) -> bytes:
    """Properties of an Office file with `FIXED_DATE` for when it was made and changed."""
    root = ET.fromstring(core)  # noqa: S314  (written a moment ago)
    for element in root:
        if element.tag.endswith(("}created", "}modified")):
            element.text = FIXED_DATE
    return ET.tostring(root)


__all__ = ["FIXED_DATE", "SHEETS", "TEXT", "as_text", "undated", "without_dates", "write_workbook"]
