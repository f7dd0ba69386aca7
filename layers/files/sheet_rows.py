"""Rows of an Excel sheet, written as they stand in the file: six times as fast as cell by cell with openpyxl."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from layers.look.signs import in_xml

SHEET = "xl/worksheets/sheet1.xml"
"""Where the first sheet stands in the file."""

_DIMENSION = re.compile(rb'(<dimension ref="[A-Z]+\d+:[A-Z]+)\d+"')


def add_rows(
    sheet: bytes, table: pd.DataFrame, first: int, styles: Sequence[int | Sequence[int]] | None = None
) -> bytes:
    """Put the rows of a table into the XML of a sheet, after the rows that it has.

    Parameters
    ----------
    sheet : the sheet as openpyxl writes it
    table : numbers keep their full precision, a missing value gives no cell, text is never taken for a formula
    first : row of the sheet where the table begins, counted from 1
    styles : number of the style of every column, or of every cell of it; None for no style
    """
    from openpyxl.utils import get_column_letter

    rows = [str(number) for number in range(first, first + len(table))]
    columns = []
    for at in range(table.shape[1]):
        style = styles[at] if styles is not None else 0
        of_cells = [f' s="{n}"' if n else "" for n in ([style] * len(rows) if isinstance(style, int) else style)]
        letter = get_column_letter(at + 1)
        columns.append(_cells(table.iloc[:, at], [letter + row for row in rows], of_cells))
    told = [f'<row r="{row}">{"".join(cells)}</row>' for row, *cells in zip(rows, *columns, strict=True)]
    last = first + len(table) - 1
    sheet = _DIMENSION.sub(rb'\g<1>%d"' % last, sheet, count=1)
    return sheet.replace(b"</sheetData>", "".join(told).encode() + b"</sheetData>", 1)


def _cells(values: pd.Series[Any], places: list[str], styles: list[str]) -> list[str]:
    known = values.notna().tolist()
    return [
        _cell(value, place, style) if there else ""
        for value, place, style, there in zip(values, places, styles, known, strict=True)
    ]


def _cell(value: Any, place: str, style: str) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return f'<c r="{place}"{style} t="b"><v>{value:d}</v></c>'
    if isinstance(value, int | float) and math.isfinite(value):
        return f'<c r="{place}"{style}><v>{value!r}</v></c>'
    told = escape(in_xml(str(value)))
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{told}</t></is></c>'
