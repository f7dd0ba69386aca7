"""Live births per municipality: Statbel's workbook with a sheet per year, or a table with a column per year.

A sheet of the workbook, 1992 to now, holds the country, regions, provinces, arrondissements and municipalities below
each other: NIS code in column A, births in column D. The sheets of 2018 and 2024 already use the codes after the next
merger, so the codes of every sheet decide its vintage; all are carried to the codes of 2025. The table, of which the
snapshot inside nabij is built, has the codes of 2025 in ``nis2025`` and births in ``births_2025``, and may have more
years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message, Note
from loaders.parsers.bounds import check_bounds
from loaders.parsers.vintages import VINTAGES, carry, detect_vintage, is_flemish_or_brussels
from loaders.protocols import workbooks
from loaders.protocols.tables import SHEET_ROW, check_codes, check_unique, read_csv, to_integers, whole_text

FIRST_YEAR = 1992
WORKBOOK = b"PK"
"""How a workbook begins, which is a zip archive."""

CODE_COLUMN, BIRTHS_COLUMN = 0, 3
CODES, BIRTHS = "nis2025", "births_2025"
"""Columns that the table has at the least."""

_YEAR = re.compile(r"\s*(\d{4})\s*")
_COLUMN = re.compile(r"births_(\d{4})")


@dataclass(frozen=True)
class BirthSeries:
    """Births of all years of a file.

    Attributes
    ----------
    frame : ``nis2025, year, births``
    vintages : vintage of the municipality codes, by year
    """

    frame: pd.DataFrame
    vintages: dict[int, int]

    def notes(self) -> list[Note]:
        """Sheets whose codes are of a later vintage than their year."""
        return [
            Note("note.births_vintage", year=str(year), vintage=str(vintage))
            for year, vintage in sorted(self.vintages.items())
            if vintage > max(year, VINTAGES[0])
        ]


def parse_births(data: bytes, codes: pd.DataFrame, file: str) -> BirthSeries:
    """Births by municipality of 2025 and year.

    Parameters
    ----------
    data : the workbook (xlsx) or the table (csv)
    codes : crosswalk with ``nis2018, nis2019, nis2025``
    file : name for error messages

    Raises
    ------
    DataError
        no sheet is named after a year; a sheet or the table has too few columns, a code unknown, missing or repeated,
        a figure that is no whole number, or a total that cannot be
    """
    if not data.startswith(WORKBOOK):
        series = read_births_table(data, codes, file)
        for _, rows in series.frame.groupby("year"):
            check_bounds("births", file, rows=len(rows), what="municipalities", total=int(rows["births"].sum()))
        return series
    book = workbooks.Workbook(data, file)
    sheets = {int(m[1]): name for name in book.sheet_names if (m := _YEAR.fullmatch(name))}
    sheets = {year: name for year, name in sheets.items() if year >= FIRST_YEAR}
    if not sheets:
        raise DataError(Message("error.live.births_sheets", file=file, known=", ".join(book.sheet_names[:5])))
    parts, vintages = [], {}
    for year, name in sorted(sheets.items()):
        rows, vintages[year] = _sheet(book, name, year, codes, f"{file}, sheet {name.strip()}")
        parts.append(rows)
    return BirthSeries(pd.concat(parts, ignore_index=True), vintages)


def read_births_table(data: bytes, codes: pd.DataFrame, file: str) -> BirthSeries:
    """Births out of the table, of whatever region ``codes`` are; `DataError` for a fault in a row or a missing code."""
    cells = read_csv(data, file, [CODES, BIRTHS])
    check_codes(cells[CODES], codes[CODES], file)
    check_unique(cells, [CODES], file)
    vintage = detect_vintage(cells[CODES], codes, file)
    years = {int(m[1]): str(name) for name in cells.columns if (m := _COLUMN.fullmatch(str(name)))}
    cells = to_integers(cells, years.values(), file)
    parts = [pd.DataFrame({CODES: cells[CODES], "year": year, "births": cells[name]}) for year, name in years.items()]
    frame = pd.concat(parts, ignore_index=True).sort_values([CODES, "year"], ignore_index=True)
    return BirthSeries(frame, dict.fromkeys(years, vintage))


def _sheet(book: workbooks.Workbook, name: str, year: int, codes: pd.DataFrame, where: str) -> tuple[pd.DataFrame, int]:
    cells = book.grid(name)
    if cells.empty:
        raise DataError(Message("error.live.births_empty", where=where))
    if cells.shape[1] <= BIRTHS_COLUMN:
        raise DataError(Message("error.live.births_columns", where=where, n=str(cells.shape[1])))
    code = cells.iloc[:, CODE_COLUMN].str.strip()
    of_region = cells[is_flemish_or_brussels(code)]
    if of_region.empty:
        raise DataError(Message("error.live.births_empty", where=where))
    rows = pd.DataFrame({"nis": code[of_region.index], "births": whole_text(of_region.iloc[:, BIRTHS_COLUMN])})
    twice = rows["nis"].duplicated()
    if twice.any():
        raise DataError(Message("error.live.births_twice", where=where, value=str(rows["nis"][twice].iloc[0])))
    vintage = detect_vintage(rows["nis"], codes, where)
    rows = to_integers(rows.rename_axis(SHEET_ROW), ["births"], where).reset_index(drop=True)
    rows["nis2025"] = carry(rows["nis"], vintage, 2025, codes)
    frame = pd.DataFrame(rows.groupby("nis2025", as_index=False)["births"].sum())
    frame.insert(1, "year", year)
    check_bounds("births", where, rows=len(rows), what="municipalities", total=int(rows["births"].sum()))
    return frame, vintage
