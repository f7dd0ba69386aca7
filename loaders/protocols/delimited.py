"""Delimited text as publishers write it: pipes or semicolons, UTF-8 or Windows-1252, decimal commas."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.protocols.tables import HEADER_ROWS, read_csv, require_columns
from loaders.reading_room.cells import decode

SEPARATORS = "|;\t,"
_GROUPED = {
    ",": re.compile(r"[+-]?(?:\d{1,3}(?:[. \u00a0\u202f]\d{3})+|\d+)(?:,\d+)?"),
    ".": re.compile(r"[+-]?(?:\d{1,3}(?:[, \u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?"),
}


def read(data: bytes, *, file: str, columns: Sequence[str], sep: str | None = None) -> pd.DataFrame:
    """Table of text with at least ``columns``; empty values as ''.

    Parameters
    ----------
    data : UTF-8, with or without byte order mark, or Windows-1252
    sep : separator; left out, the one of `SEPARATORS` that the first line has most

    Raises
    ------
    DataError
        not text, or not a table
    MissingColumnError
        a column is absent
    """
    content, _ = decode(data, file)
    first = content.lstrip().partition("\n")[0]
    separator = sep or max(SEPARATORS, key=first.count)
    frame = read_csv(content.encode(), file, columns=(), sep=separator)
    frame.columns = [str(name).strip() for name in frame.columns]
    require_columns(frame, columns, file)
    return frame


def to_number(value: str, decimal: str = ",") -> float:
    """Number as people write it, ``1.234,5`` with a decimal comma; `ValueError` for what is not written that way."""
    bare = value.strip()
    if not _GROUPED[decimal].fullmatch(bare):
        raise ValueError(f"{value!r} is not a number with a decimal {'comma' if decimal == ',' else 'point'}")
    whole, _, fraction = bare.partition(decimal)
    return float(re.sub(r"[., \u00a0\u202f]", "", whole) + ("." + fraction if fraction else ""))


def to_numbers(values: pd.Series, file: str, decimal: str = ",") -> pd.Series:
    """Column of numbers as float64, missing where empty; `DataError` naming the first row that is none."""
    numbers: list[float] = []
    for row, value in enumerate(values):
        try:
            numbers.append(to_number(value, decimal) if str(value).strip() else float("nan"))
        except ValueError as error:
            where = {"file": file, "row": str(row + HEADER_ROWS + 1), "column": str(values.name)}
            raise DataError(Message("error.protocol.number", **where, error=Reason(error))) from error
    return pd.Series(numbers, index=values.index, name=values.name, dtype="float64")
