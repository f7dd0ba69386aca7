"""A table that is both a page and a sheet: raw values with a kind each, written as people write them in either."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from i18n.texts import format_number, format_percent
from layers.dossier.document import Table
from layers.sentences import figure
from layers.sentences.amounts import format_distance, format_minutes

Kind = Literal["text", "amount", "whole", "share", "metres", "minutes", "decimal", "year"]

NUMBER_FORMS = {
    "text": "General",
    "amount": "#,##0.0",
    "whole": "#,##0",
    "share": "0.0%",
    "metres": "#,##0",
    "minutes": "#,##0.0",
    "decimal": "0.00",
    "year": "0",
}
"""Number format of a workbook by kind of value."""


@dataclass(frozen=True)
class GridColumn:
    """A column: its header and what kind of value it holds; ``unit`` stands behind the header of a sheet."""

    header: str
    kind: Kind = "text"
    unit: str = ""


@dataclass(frozen=True)
class ValueTable:
    """A table of raw values, None where one is not known.

    Attributes
    ----------
    sheet : name of its sheet
    title : its caption on a page
    columns, rows : what it holds
    most : rows that a page shows; a sheet has all
    note : a remark below it
    """

    sheet: str
    title: str
    columns: tuple[GridColumn, ...]
    rows: tuple[tuple[object, ...], ...]
    most: int = 40
    note: str = ""
    widths: tuple[float, ...] = ()

    def table(self, lang: str) -> Table:
        """Return it as a table of a page."""
        rows = tuple(
            tuple(written(value, column.kind, lang) for value, column in zip(row, self.columns, strict=True))
            for row in self.rows[: self.most]
        )
        align = "".join("l" if column.kind in ("text", "year") else "r" for column in self.columns)
        return Table(self.title, tuple(column.header for column in self.columns), rows, align, self.widths, self.note)


def written(value: object, kind: Kind, lang: str) -> str:
    """Value as people write it; a dash where it is not known."""
    if kind == "text":
        return "–" if value is None or value == "" else str(value)
    number = known(value)
    if kind == "share":
        return format_percent(number, lang)
    if kind == "metres":
        return format_distance(number, lang)
    if kind == "minutes":
        return format_minutes(number, lang)
    if kind == "year":
        return "–" if number is None else f"{number:.0f}"
    if kind == "decimal":
        return format_number(number, lang, 2)
    return figure(number, lang)


def known(value: object) -> float | None:
    """Number that is known; None for any other."""
    if value is None or isinstance(value, str) or value is pd.NA:
        return None
    number = float(value)  # type: ignore[arg-type]
    return number if math.isfinite(number) else None


def grid_rows(table: pd.DataFrame, columns: Sequence[str]) -> tuple[tuple[object, ...], ...]:
    """Rows of a frame with some of its columns, what is missing as None."""
    return tuple(
        tuple(None if pd.isna(value) else value for value in row)
        for row in table[list(columns)].itertuples(index=False, name=None)
    )
