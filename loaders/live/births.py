"""Live births per municipality, 1992 to now: Statbel's workbook with a sheet per year.

A sheet holds the country, regions, provinces, arrondissements and municipalities below each other: NIS code in
column A, births in column D. The sheets of 2018 and 2024 already use the codes after the next merger, so the codes of
every sheet decide its vintage; all are carried to the codes of 2025.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message, Note
from loaders.catalogue.sources import live_of
from loaders.http.answer import file_name
from loaders.live.bounds import check_bounds
from loaders.live.vintages import VINTAGES, carry, detect_vintage, is_flemish_or_brussels
from loaders.pipeline.update import Origin, RefreshContext, RefreshedResource, Update
from loaders.protocols import links, workbooks
from loaders.protocols.tables import to_integers

FIRST_YEAR = 1992
CODE_COLUMN, BIRTHS_COLUMN = 0, 3
_YEAR = re.compile(r"\s*(\d{4})\s*")


@dataclass(frozen=True)
class BirthSeries:
    """Births of all years of a workbook.

    Attributes
    ----------
    frame : ``nis2025, year, births``
    vintages : vintage of the municipality codes of every sheet, by year
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
    data : the workbook (xlsx)
    codes : crosswalk with ``nis2018, nis2019, nis2025``
    file : name for error messages

    Raises
    ------
    DataError
        no sheet is named after a year; a sheet has too few columns, a code unknown or repeated, a figure that is no
        whole number, or a total that cannot be
    """
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


def _sheet(book: workbooks.Workbook, name: str, year: int, codes: pd.DataFrame, where: str) -> tuple[pd.DataFrame, int]:
    cells = book.grid(name)
    if cells.shape[1] <= BIRTHS_COLUMN:
        raise DataError(Message("error.live.births_columns", where=where, n=str(cells.shape[1])))
    code = cells.iloc[:, CODE_COLUMN].str.strip()
    found = cells[is_flemish_or_brussels(code)]
    rows = pd.DataFrame({"nis": code[found.index], "births": found.iloc[:, BIRTHS_COLUMN].str.strip()})
    twice = rows["nis"].duplicated()
    if twice.any():
        raise DataError(Message("error.live.births_twice", where=where, value=str(rows["nis"][twice].iloc[0])))
    vintage = detect_vintage(rows["nis"], codes, where)
    rows = to_integers(rows.reset_index(drop=True), ["births"], where)
    rows["nis2025"] = carry(rows["nis"], vintage, 2025, codes)
    frame = pd.DataFrame(rows.groupby("nis2025", as_index=False)["births"].sum())
    frame.insert(1, "year", year)
    check_bounds("births", where, rows=len(rows), what="municipalities", total=int(rows["births"].sum()))
    return frame, vintage


def load_births(context: RefreshContext) -> Update:
    """Births of all years of the workbook that Statbel's page links."""
    address = context.address("births")
    answer = links.follow(context.client, address, live_of("births").link, "the workbook of births", "zip")
    series = parse_births(answer.data, context.snapshot.table("municipality_codes"), file_name(answer.url))
    years = sorted(series.vintages)
    vintage = f"{years[0]}–{years[-1]}"
    return Update(
        "births",
        vintage,
        (RefreshedResource("births", series.frame, ("year",), vintage, ("births",)),),
        tuple(series.notes()),
        (Origin.of(answer),),
    )
