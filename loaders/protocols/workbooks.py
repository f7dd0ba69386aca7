"""Workbooks made for people: titles above the header, merged cells, headers in two rows."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from functools import cached_property
from xml.etree.ElementTree import ParseError

import openpyxl
import pandas as pd
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from loaders.errors import DataError
from loaders.facility_words import plain_word
from loaders.protocols.archives import check_archive, member_names, open_member
from loaders.tables import cell_text
from loaders.told import Reason, Told

HEADER_WITHIN = 40
"""Rows from the top in which a header is looked for."""

MAX_CELLS = 20_000_000
"""Most cells of a sheet, empty ones included."""

_SHOWN = 12
_MERGED = re.compile(rb'mergeCell\s+ref="([A-Z0-9:]+)"')
_ROW = re.compile(rb'<row\s[^>]*?\br="(\d{1,9})"')
_COLUMN = re.compile(rb'<c\s[^>]*?\br="([A-Z]{1,3})\d')
_DAMAGE = (InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError,
           RuntimeError, OverflowError, AssertionError)  # fmt: skip


class Workbook:
    """An .xlsx file, read when first asked.

    Parameters
    ----------
    data : content of the file
    file : name for error messages
    """

    def __init__(self, data: bytes, file: str) -> None:
        self.file = file
        self._data = data

    @cached_property
    def _book(self) -> openpyxl.Workbook:
        check_archive(self._data, self.file)
        _check_size(self._data, self.file)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openpyxl tells of styles it does not know
                return openpyxl.load_workbook(io.BytesIO(self._data), data_only=True)
        except _DAMAGE as error:
            raise DataError(Told("error.file.workbook", file=self.file, reason=Reason(error))) from error

    @property
    def sheet_names(self) -> list[str]:
        """Names of the sheets with cells, in order."""
        return [sheet.title for sheet in self._book.worksheets]

    def read(self, sheet: str | int = 0, *, header_contains: Sequence[str] = (), header_rows: int = 1) -> pd.DataFrame:
        """Cells of a sheet as text, below the first row that has a cell for each word of ``header_contains``.

        A merged cell counts for every cell it covers. Headers of several rows are joined with a space; an empty header
        becomes ``column N``, a repeated one gets its number. Rows without any text are left out.

        Parameters
        ----------
        sheet : name (surrounding spaces and case do not matter) or position
        header_contains : words; case, accents and line breaks do not matter
        header_rows : rows of the header, from the one found downward

        Returns
        -------
        frame : text by header; the index is the number of the row as a person sees it

        Raises
        ------
        DataError
            no such sheet, no such header, or an unreadable workbook
        """
        page = self._sheet(sheet)
        rows = _filled(page)
        top = next((i for i, row in enumerate(rows[:HEADER_WITHIN]) if _has_all(row, header_contains)), None)
        if top is None:
            wanted = " and ".join(map(repr, header_contains)) or "text"
            raise DataError(
                f"{self.file}, sheet '{page.title}': no header with {wanted} in the first {HEADER_WITHIN} rows; "
                "the layout has changed, compare it with an earlier file."
            )
        headers = _headers(rows[top : top + header_rows])
        body = {
            number: [*row, *[""] * len(headers)][: len(headers)]
            for number, row in enumerate(rows[top + header_rows :], start=top + header_rows + 1)
            if any(row)
        }
        return pd.DataFrame.from_dict(body, orient="index", columns=headers, dtype=object)

    def grid(self, sheet: str | int = 0) -> pd.DataFrame:
        """All cells of a sheet as text without looking for a header; the index is the number of the row."""
        rows = _filled(self._sheet(sheet))
        return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1), dtype=object)

    def _sheet(self, sheet: str | int) -> Worksheet:
        pages = self._book.worksheets
        if isinstance(sheet, int):
            found = pages[sheet : sheet + 1]
        else:
            found = [page for page in pages if plain_word(page.title) == plain_word(sheet)]
        if not found:
            names = ", ".join(self.sheet_names[:_SHOWN]) + (" …" if len(pages) > _SHOWN else "")
            raise DataError(Told("error.file.no_sheet", file=self.file, sheet=str(sheet), found=names))
        return found[0]


def sheet_names(data: bytes, file: str) -> list[str]:
    """Names of the sheets of a workbook."""
    return Workbook(data, file).sheet_names


def read_sheet(
    data: bytes, *, file: str, sheet: str | int = 0, header_contains: Sequence[str] = (), header_rows: int = 1
) -> pd.DataFrame:
    """One sheet of a workbook, as `Workbook.read`."""
    return Workbook(data, file).read(sheet, header_contains=header_contains, header_rows=header_rows)


def _check_size(data: bytes, file: str) -> None:
    """Refuse a workbook whose few bytes claim more cells than fit in memory."""
    for name in member_names(data, file):
        if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
            continue
        content = open_member(data, f"^{re.escape(name)}$", file).data
        cells = sum(_area(match.decode()) for match in _MERGED.findall(content))
        rows = max(map(int, _ROW.findall(content)), default=0)
        columns = max((_area(f"A1:{match.decode()}1") for match in _COLUMN.findall(content)), default=0)
        if max(cells, rows * columns) > MAX_CELLS:
            raise DataError(Told("error.file.cells", file=file, name=name, most=MAX_CELLS))


def _area(reference: str) -> int:
    """Cells in a range such as ``A1:C5``."""
    try:
        left, top, right, bottom = range_boundaries(reference)
    except (ValueError, TypeError):
        return 0
    return ((right or 0) - (left or 0) + 1) * ((bottom or 0) - (top or 0) + 1)


def _filled(page: Worksheet) -> list[list[str]]:
    """Text of all cells, merged ones repeated."""
    rows = [[cell_text(value) for value in row] for row in page.iter_rows(min_row=1, min_col=1, values_only=True)]
    for area in page.merged_cells.ranges:
        first = rows[area.min_row - 1][area.min_col - 1]
        for row in rows[area.min_row - 1 : area.max_row]:
            row[area.min_col - 1 : area.max_col] = [first] * len(row[area.min_col - 1 : area.max_col])
    return rows


def _has_all(row: list[str], words: Sequence[str]) -> bool:
    """Whether a row has a cell of its own for each word: a title that names several columns is no header."""
    cells = {plain_word(cell) for cell in row if cell}
    found = [{cell for cell in cells if plain_word(word) in cell} for word in words]
    return bool(cells) and all(found) and len(set().union(*found)) >= len(words)


def _headers(rows: list[list[str]]) -> list[str]:
    width = max((i + 1 for row in rows for i, cell in enumerate(row) if cell), default=0)
    names: list[str] = []
    for column in range(width):
        parts = dict.fromkeys(" ".join(row[column].split()) for row in rows if column < len(row) and row[column])
        name = " ".join(parts) or f"column {column + 1}"
        repeats = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({repeats + 1})" if repeats else name)
    return names
