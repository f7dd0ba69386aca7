"""Workbooks and zips in the layout of their publishers, made by the tests from figures they are given."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence

import openpyxl
import pandas as pd

from loaders.catalogue.schemas import AGES

BIRTHS_TITLE = ("Naissances vivantes, décès et soldes par commune", None, None, None)


def workbook(sheets: Mapping[str, Iterable[Sequence[object]]]) -> bytes:
    """An .xlsx with these sheets, each a list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def births_sheet(births: Mapping[str, int]) -> list[Sequence[object]]:
    """A sheet of Statbel's workbook of population movement: four rows of titles, then code, names, births."""
    rows: list[Sequence[object]] = [
        BIRTHS_TITLE,
        (None,),
        ("Code INS", "Entité", "Population", "Naissances"),
        (None, None, "1er janvier", "total"),
        ("01000", "BELGIQUE", 11_000_000, sum(births.values()) + 30_000),
        ("02000", "Région flamande", 6_700_000, 1),
        ("10000", "Province d'Anvers", 1_800_000, 1),
        ("11000", "Arrondissement d'Anvers", 1_000_000, 1),
        ("25005", "Beauvechain", 7_000, 60),
        ("62063", "Liège", 195_000, 2_300),
    ]
    rows += [(nis, f"Commune {nis}", 10_000, number) for nis, number in births.items()]
    return [*rows, (None, None, None, None), ("Source : Statbel",)]


def zipped(name: str, content: bytes) -> bytes:
    """A zip with one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def struct_text(ages: pd.DataFrame, code: str = "CD_REFNIS", encoding: str = "cp1252") -> bytes:
    """Statbel's pipe-separated population file from ``nis, population, age0 … age5``; the rest is aged 40."""
    lines = [f"{code}|TX_DESCR_NL|TX_DESCR_FR|CD_SEX|TX_NATLTY_FR|CD_AGE|MS_POPULATION"]
    for row in ages.to_dict("records"):
        young = [int(row[age]) for age in AGES]
        counts = {age: count for age, count in enumerate(young) if count} | {40: int(row["population"]) - sum(young)}
        for age, count in counts.items():
            half = count // 2
            for sex, number in (("M", half), ("F", count - half)):
                if number:
                    lines.append(f"{row['nis']}|Liège’s|Liège|{sex}|Belges nés|{age}|{number}")
    return "\n".join(lines).encode(encoding)
