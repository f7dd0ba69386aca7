"""Tables for a spreadsheet: what would be taken for a formula there is written so that it is read as text.

A name in somebody's list may begin like a formula, and a program that opens a CSV carries formulas out. Such a cell
gets an apostrophe in front, which is how a spreadsheet itself marks text; numbers stay numbers. Programs that are not
spreadsheets read Parquet or GeoJSON, in which nothing is changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

MARK = "'"
"""What stands before a text that begins like a formula."""

_BEGINS = frozenset("=+-@")
_OUT_OF_SIGHT = {"Cc", "Cf", "Zl", "Zp", "Zs"}
"""Unicode categories of characters that show nothing: spaces, marks of no width, controls."""

_CELLS = re.compile(r"([;\t\n])")
"""Where a program that was set to another separator begins a new cell inside a text."""

_CELLS_OF_LINE = re.compile(r"([,;\t])")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


def defused(table: pd.DataFrame, numbers: Collection[str] = ()) -> tuple[pd.DataFrame, int]:
    """Table in which no text begins like a formula, and how many cells that changed.

    Parameters
    ----------
    table : numbers, truth values and dates in it stay as they are
    numbers : columns of text in which a plain number may stand, which stays as it is
    """
    made, changed = table.copy(deep=False), 0
    for at, name in enumerate(table.columns):
        column = table.iloc[:, at]
        if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
            continue
        plain = name in numbers
        written = [_as_text(value, plain) for value in column]
        differ = sum(isinstance(old, str) and new != old for new, old in zip(written, column, strict=True))
        if differ:
            made.isetitem(at, np.array(written, dtype=object))
            changed += differ
    made.columns = [_as_text(name) for name in table.columns]
    return made, changed


def defused_line(line: str) -> str:
    """Line before a table, in which no part begins like a formula where a program cuts it into cells."""
    first, *others = _CELLS_OF_LINE.split(line)
    return first + "".join(_marked(part) for part in others)


def _as_text(value: Any, number: bool = False) -> Any:
    """Return the value itself where there is nothing to change."""
    if not isinstance(value, str) or (number and _PLAIN_NUMBER.fullmatch(value)):
        return value
    return _text_of(value)


@lru_cache(maxsize=4096)
def _text_of(value: str) -> str:
    """Return the text as it is read as text; a column holds the same one again and again."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")  # a lone return would not be quoted, and end the row
    made = "".join(_marked(part) for part in _CELLS.split(lines))
    if (lines[:1] in ("\t", "\n") or _begins_a_formula(value)) and not made.startswith(MARK):
        made = MARK + made
    return value if made == value else made


def _marked(part: str) -> str:
    return MARK + part if _begins_a_formula(part) else part


def _begins_a_formula(part: str) -> bool:
    """Whether the first character that shows is one that a spreadsheet calculates with, in any of its widths."""
    first = part[:1]
    if first.isascii() and first.isalnum():
        return False  # as nearly every text begins
    shown = next((sign for sign in part if unicodedata.category(sign) not in _OUT_OF_SIGHT), "")
    return unicodedata.normalize("NFKC", shown)[:1] in _BEGINS if shown else False
