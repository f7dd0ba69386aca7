"""Workbooks made for people: titles above the header, merged cells, headers in two rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message
from loaders.protocols.spellings import plain_word
from loaders.reading_room import PUBLISHER, read

HEADER_WITHIN = 40
"""Rows from the top in which a header is looked for."""

_SHOWN = 12
Rows = dict[int, list[str]]
"""Text of the rows that hold any, by their number."""


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
    def _sheets(self) -> list[tuple[str, Rows]]:
        """Title and rows of every sheet."""
        answer = read("workbook", self._data, file=self.file, limits=PUBLISHER)
        tables = [answer.tables[str(number)].to_pydict() for number in range(len(answer.tables))]
        rows = [dict(zip(table["row"], table["cells"], strict=True)) for table in tables]
        return list(zip(map(str, answer.values["titles"]), rows, strict=True))

    @property
    def sheet_names(self) -> list[str]:
        """Names of the sheets with cells, in order."""
        return [title for title, _ in self._sheets]

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
        title, rows = self._sheet(sheet)
        looked = [number for number in rows if number <= HEADER_WITHIN]
        top = next((number for number in looked if _has_all(rows[number], header_contains)), None)
        if top is None:
            wanted = " and ".join(map(repr, header_contains)) or "text"
            raise DataError(
                Message(
                    "error.protocol.header", file=self.file, sheet=title, wanted=str(wanted), most=str(HEADER_WITHIN)
                )
            )
        headers = _headers([rows.get(number, []) for number in range(top, top + header_rows)])
        body = {
            number: [*row, *[""] * len(headers)][: len(headers)]
            for number, row in rows.items()
            if number >= top + header_rows
        }
        return pd.DataFrame.from_dict(body, orient="index", columns=headers, dtype=object)

    def grid(self, sheet: str | int = 0) -> pd.DataFrame:
        """Cells of a sheet as text without looking for a header: rows with text, by the number of the row."""
        _, rows = self._sheet(sheet)
        width = max(map(len, rows.values()), default=0)
        cells = {number: [*row, *[""] * width][:width] for number, row in rows.items()}
        return pd.DataFrame.from_dict(cells, orient="index", columns=range(width), dtype=object)

    def _sheet(self, sheet: str | int) -> tuple[str, Rows]:
        if isinstance(sheet, int):
            pages = self._sheets[sheet : sheet + 1]
        else:
            pages = [page for page in self._sheets if plain_word(page[0]) == plain_word(sheet)]
        if not pages:
            names = ", ".join(self.sheet_names[:_SHOWN]) + (" …" if len(self._sheets) > _SHOWN else "")
            raise DataError(Message("error.file.no_sheet", file=self.file, sheet=str(sheet), found=names))
        return pages[0]


def sheet_names(data: bytes, file: str) -> list[str]:
    """Names of the sheets of a workbook."""
    return Workbook(data, file).sheet_names


def read_sheet(
    data: bytes, *, file: str, sheet: str | int = 0, header_contains: Sequence[str] = (), header_rows: int = 1
) -> pd.DataFrame:
    """One sheet of a workbook, as `Workbook.read`."""
    return Workbook(data, file).read(sheet, header_contains=header_contains, header_rows=header_rows)


def _has_all(row: list[str], words: Sequence[str]) -> bool:
    """Whether a row has a cell of its own for each word: a title that names several columns is no header."""
    cells = {plain_word(cell) for cell in row if cell}
    cells_of = [{cell for cell in cells if plain_word(word) in cell} for word in words]
    return bool(cells) and all(cells_of) and len(set().union(*cells_of)) >= len(words)


def _headers(rows: list[list[str]]) -> list[str]:
    width = max((i + 1 for row in rows for i, cell in enumerate(row) if cell), default=0)
    names: list[str] = []
    for column in range(width):
        parts = dict.fromkeys(" ".join(row[column].split()) for row in rows if column < len(row) and row[column])
        name = " ".join(parts) or f"column {column + 1}"
        repeats = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({repeats + 1})" if repeats else name)
    return names
