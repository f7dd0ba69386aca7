"""Population and ages 0–5 per municipality: from Statbel's file of population by age and sex, or from a table.

The file of a year has one row per combination of age, sex, nationality and status that occurs, half a million of them;
only code, age and number matter here. Its first columns were renamed over the years and its encoding went from UTF-8 to
Windows-1252. The table, of which the snapshot inside nabij is built, has a row per municipality and year; the name of
its column of codes tells their vintage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message, Word
from loaders.catalogue.schemas import AGES
from loaders.parsers.bounds import check_bounds
from loaders.parsers.vintages import VINTAGES, carry, detect_vintage, is_flemish_or_brussels
from loaders.protocols import archives
from loaders.protocols.tables import (
    check_codes,
    check_unique,
    read_csv,
    read_text_columns,
    require_columns,
    to_integers,
)

CODE_NAMES = ("CD_REFNIS", "CD_MUNTY_REFNIS")
AGE, PEOPLE, YEAR = "CD_AGE", "MS_POPULATION", "CD_YEAR"
STORED_VINTAGES = (2019, 2025)
"""Vintages of the table of ages."""
_HEADER = re.compile(rb"\s*(?:\xef\xbb\xbf)?year,nis(%s)," % b"|".join(b"%d" % vintage for vintage in VINTAGES))
_WANTED = {*CODE_NAMES, AGE, PEOPLE, YEAR}


@dataclass(frozen=True)
class Ages:
    """Population by age of a year, or of several.

    Attributes
    ----------
    frame : ``vintage, nis, year, population, age0 … age5``
    year : on 1 January of which the figures hold; the newest of several
    vintage : vintage of the codes in the file
    """

    frame: pd.DataFrame
    year: int
    vintage: int


def parse_ages(data: bytes, codes: pd.DataFrame, file: str) -> Ages:
    """Population and single ages 0–5 from ``TF_SOC_POP_STRUCT_<year>.zip``, or from a table of all years.

    Parameters
    ----------
    data : the zip, the pipe-separated text in it, or the table (csv): ``year, nis<vintage>, population, age0 … age5``
    codes : crosswalk with ``nis2018, nis2019, nis2025``
    file : name for error messages

    Raises
    ------
    DataError
        not such a file, an unknown code, a figure that is no whole number, or a year that cannot be told
    """
    if header := _HEADER.match(data):
        return _table(data, int(header[1]), codes, file)
    name, content = file, data
    if data.startswith(b"PK"):
        member = archives.open_member(data, r"\.(txt|csv)$", file)
        name, content = member.name, member.data
    cells = read_columns(content, _WANTED, name)
    code = next((c for c in CODE_NAMES if c in cells), CODE_NAMES[0])
    require_columns(cells, [code, AGE, PEOPLE], name)
    cells = cells[is_flemish_or_brussels(cells[code])].reset_index(drop=True)
    vintage = detect_vintage(cells[code].unique(), codes, name)
    cells = to_integers(cells, [AGE, PEOPLE], name)
    year = _year(cells, name)
    wide = _by_age(cells, code)
    check_bounds("ages", name, rows=len(wide), what="municipalities", total=int(wide["population"].sum()))
    frames = [
        _carried(wide, vintage, target, codes).assign(vintage=target, year=year)
        for target in STORED_VINTAGES
        if target >= vintage
    ]
    frame = pd.concat(frames, ignore_index=True)[["vintage", "nis", "year", "population", *AGES]]
    return Ages(frame.sort_values(["vintage", "nis"], ignore_index=True), year, vintage)


def _table(data: bytes, vintage: int, codes: pd.DataFrame, file: str) -> Ages:
    code = f"nis{vintage}"
    cells = read_csv(data, file, ["year", code, "population", *AGES])
    check_codes(cells[code], codes[code], file)
    check_unique(cells, ["year", code], file)
    cells = to_integers(cells, ["year", "population", *AGES], file)
    for year, rows in cells.groupby("year"):
        check_bounds(
            "ages", f"{file}, {year}", rows=len(rows), what="municipalities", total=int(rows["population"].sum())
        )
    cells = cells.rename(columns={code: "nis"}).assign(vintage=vintage)
    frame = cells[["vintage", "nis", "year", "population", *AGES]].sort_values(["nis", "year"], ignore_index=True)
    return Ages(frame, int(frame["year"].max()), vintage)


def read_columns(content: bytes, wanted: set[str], file: str) -> pd.DataFrame:
    """Columns of pipe-separated text, as text; codes and figures read the same in UTF-8 and Windows-1252."""
    frame = read_text_columns(
        content, file, "|", encoding="cp1252", no_table="error.protocol.pipes", wanted=wanted, quoted=False
    )
    return frame.rename(columns=lambda name: str(name).strip().upper())


def _year(cells: pd.DataFrame, name: str) -> int:
    years = set(cells[YEAR]) if YEAR in cells else set(re.findall(r"(?<!\d)(?:19|20)\d{2}(?!\d)", name))
    if len(years) != 1 or not re.fullmatch(r"(19|20)\d{2}", str(next(iter(years)))):
        raise DataError(
            Message(
                "error.live.ages_year",
                file=name,
                known=", ".join(sorted(map(str, years))[:5]) or Word("error.source.none"),
            )
        )
    return int(str(years.pop()))


def _by_age(cells: pd.DataFrame, code: str) -> pd.DataFrame:
    """(n municipalities) ``nis, population, age0 … age5``."""
    population = cells.groupby(code)[PEOPLE].sum()
    young = cells[cells[AGE] < len(AGES)].groupby([code, AGE])[PEOPLE].sum().unstack(AGE, fill_value=0)  # noqa: PD010
    young = young.reindex(index=population.index, columns=range(len(AGES)), fill_value=0)
    young.columns = pd.Index(AGES)
    return young.assign(population=population).rename_axis("nis").reset_index()


def _carried(wide: pd.DataFrame, vintage: int, target: int, codes: pd.DataFrame) -> pd.DataFrame:
    return wide.assign(nis=carry(wide["nis"], vintage, target, codes)).groupby("nis", as_index=False).sum()
