"""Tables that have the name of a workbook and are none: web pages, and the XML of older spreadsheets."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.reading_room.cells import decode
from loaders.reading_room.job import Job
from loaders.reading_room.tables import RawGrid

_SPREADSHEET = b"urn:schemas-microsoft-com:office:spreadsheet"
_LOOKED_AT = 4_000
_MAX_SPAN = 100


def grids_of_page(job: Job) -> list[RawGrid]:
    """Tables of a web page, or sheets of a spreadsheet in XML, as programs save them under the name of a workbook."""
    if _SPREADSHEET in job.view[:_LOOKED_AT]:
        return _sheets(job)
    parser = _Tables(job)
    parser.feed(decode(job.data, job.file, utf16=True)[0])
    parser.close()
    tables = [table for table in parser.tables if table]
    if not tables:
        raise DataError(Message("error.list.no_book", file=job.file))
    return [RawGrid(str(number), list(enumerate(rows, start=1))) for number, rows in enumerate(tables, start=1)]


class _Tables(HTMLParser):
    """Gathers the cells of every table of a page; a table inside another is one of its own."""

    def __init__(self, job: Job) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._job = job
        self._open: list[list[list[str]]] = []
        self._below: list[dict[int, tuple[int, str]]] = []
        self._words: list[str] | None = None
        self._span = self._rows = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._open.append([])
            self._below.append({})
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._end_cell()
            self._fill_from_above()
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open:
            self._end_cell()
            about = dict(attrs)
            self._words, self._span, self._rows = [], _times(about.get("colspan")), _times(about.get("rowspan"))
        elif tag == "br" and self._words is not None:
            self._words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._fill_from_above()
            self._open.pop()
            self._below.pop()

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def _end_cell(self) -> None:
        if self._words is None or not self._open:
            return
        if not self._open[-1]:
            self._open[-1].append([])
        self._fill_from_above(up_to_gap=True)
        row, word = self._open[-1][-1], " ".join("".join(self._words).split())
        if self._rows > 1:
            self._below[-1] |= dict.fromkeys(range(len(row), len(row) + self._span), (self._rows, word))
        row += [word] * self._span
        self._job.limits.check_table(len(self._open[-1]), len(row), self._job.file)
        self._words = None

    def _fill_from_above(self, *, up_to_gap: bool = False) -> None:
        """Repeat cells that reach down into this row; at its end (not ``up_to_gap``) all that are left of them."""
        if not self._open or not self._open[-1]:
            return
        row, below = self._open[-1][-1], self._below[-1]
        while len(row) in below or (not up_to_gap and any(at > len(row) for at in below)):
            row.append(below[len(row)][1] if len(row) in below else "")
        if not up_to_gap:
            self._below[-1] = {at: (times - 1, word) for at, (times, word) in below.items() if times > 1}


def _times(span: str | None) -> int:
    """Columns or rows that a cell takes."""
    return max(min(int(span), _MAX_SPAN), 1) if span and span.isdecimal() and len(span) < 8 else 1


def _sheets(job: Job) -> list[RawGrid]:
    try:
        root = defusedxml.ElementTree.fromstring(job.data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise DataError(Message("error.list.xml_book", file=job.file, reason=Reason(error))) from error
    return [_sheet(sheet, job) for sheet in root.iter() if _local(sheet.tag) == "Worksheet"]


def _sheet(sheet: Element, job: Job) -> RawGrid:
    rows: list[tuple[int, list[str]]] = []
    hidden, number = set(), 0
    for row in (element for element in sheet.iter() if _local(element.tag) == "Row"):
        number = _index(row, number)
        cells: list[str] = []
        for cell in (element for element in row if _local(element.tag) == "Cell"):
            at = _index(cell, len(cells))
            job.limits.check_table(len(rows) + 1, at, job.file)
            cells += [""] * (at - 1 - len(cells))
            cells.append(" ".join("".join(cell.itertext()).split()))
        rows.append((number, cells))
        if _attribute(row, "Hidden") == "1":
            hidden.add(number)
    return RawGrid(_attribute(sheet, "Name"), rows, frozenset(hidden))


def _index(element: Element, before: int) -> int:
    """Number of a row or column: as it says, else the one after that before it."""
    given = _attribute(element, "Index")
    return max(int(given), before + 1) if given.isdecimal() and len(given) < 8 else before + 1


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if _local(key) == name), "")
