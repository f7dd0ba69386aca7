"""Files around the lists that people bring along: templates to fill in, and what became of every row."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from i18n.messages import MessageError
from i18n.texts import text
from layers.files.spreadsheet import defused
from layers.files.workbook import as_text, undated

if TYPE_CHECKING:
    from loaders.lists.facilities.facility_report import RowReport

KINDS = ("places", "zones")
"""Lists that can be brought along."""

FORMS = ("csv", "xlsx")
"""Formats of a template."""


def template(kind: str, form: str) -> bytes:
    """Template of a list of places or of own zones; `InputError` for another kind or format."""
    from loaders.lists.facilities.facility_file import facility_template
    from loaders.lists.partitions.partition_file import partition_template

    makers = dict(zip(KINDS, (facility_template, partition_template), strict=True))
    if kind not in makers:
        raise MessageError("error.question.list", value=kind, known=", ".join(KINDS))
    if form not in FORMS:
        raise MessageError("error.question.template", value=form, known=", ".join(FORMS))
    content = makers[kind]()
    return content.encode() if form == "csv" else _workbook(content)


def report_csv(report: RowReport, lang: str) -> bytes:
    """What became of every row, as CSV that a spreadsheet opens with its accents right.

    A cell that would be taken for a formula is told on a line before the table; see `layers.files.spreadsheet`.
    """
    table, n = defused(report.told(lang), numbers=("value",))
    told = f"# {text('export.defused', lang, n=n)}\r\n" if n else ""
    plain: str = table.to_csv(index=False, lineterminator="\r\n")
    return (told + plain).encode("utf-8-sig")


def _workbook(content: str) -> bytes:
    """Excel file with the rows of a CSV; every cell is text, so that codes keep their zeros."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    header = 0
    for number, line in enumerate(content.splitlines(), start=1):
        cells = [line] if line.startswith("#") else next(csv.reader([line]))
        header = header or (0 if line.startswith("#") else number)
        sheet.append(cells)
    for number, _ in enumerate(sheet[header], start=1):
        sheet.cell(header, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = 18
        sheet.column_dimensions[get_column_letter(number)].number_format = "@"
    as_text(sheet)
    sheet.freeze_panes = f"A{header + 1}"
    buffer = io.BytesIO()
    book.save(buffer)
    return undated(buffer.getvalue())
