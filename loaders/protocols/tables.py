"""Reading small published tables: bytes to a checked frame, with errors that name file, row and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from i18n.errors import DataError, MissingColumnError
from i18n.messages import Message, Word
from loaders.reading_room.cells import UTF8

HEADER_ROWS = 1
"""Rows before the first data row, so that an error can name the row a person sees in a spreadsheet."""


def read_csv(data: bytes, file: str, columns: Sequence[str], sep: str = ",") -> pd.DataFrame:
    """Parse delimited text with at least ``columns``; all values as text, empty ones as missing.

    Raises
    ------
    DataError
        when the bytes are not UTF-8 text or not a table
    MissingColumnError
        when a column is absent
    """
    frame = read_text_columns(data, file, sep, encoding=UTF8, no_table="error.protocol.table")
    require_columns(frame, columns, file)
    return frame


def read_text_columns(
    data: bytes,
    file: str,
    sep: str,
    *,
    encoding: str,
    no_table: str,
    wanted: Iterable[str] | None = None,
    quoted: bool = True,
) -> pd.DataFrame:
    """Columns of delimited text as text, read in the reading room.

    Parameters
    ----------
    encoding : anything but UTF-8 is read with signs for what is not in it
    no_table : key of what is said of a file that is no table
    wanted : columns to keep, in capitals; None for all
    quoted : whether quotes hold fields together
    """
    from loaders.reading_room import PUBLISHER, read

    options = {"sep": sep, "encoding": encoding, "no_table": no_table, "quoted": quoted}
    options["wanted"] = None if wanted is None else sorted(wanted)
    found = read("delimited", data, file=file, options=options, limits=PUBLISHER)
    columns = found.values["columns"]
    frame = pd.DataFrame({i: column.to_pylist() for i, column in enumerate(found.tables["rows"].columns)}, dtype=object)
    frame.columns = pd.Index(columns)
    return frame.astype("str") if len(columns) else frame


def require_columns(frame: pd.DataFrame, columns: Iterable[str], file: str) -> None:
    """Raise `MissingColumnError` naming the first absent column and what is there instead."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise MissingColumnError(
            Message(
                "error.protocol.column", file=file, column=str(missing[0]), known=", ".join(map(str, frame.columns))
            )
        )


def to_integers(frame: pd.DataFrame, columns: Iterable[str], file: str, minimum: int = 0) -> pd.DataFrame:
    """Turn text columns into int64; `DataError` naming the first row that is not a whole number >= ``minimum``."""
    out = frame.copy()
    for column in columns:
        numbers = pd.to_numeric(frame[column], errors="coerce")
        bad = numbers.isna() | (numbers < minimum) | (numbers != numbers.round())
        if bad.any():
            row = int(bad.to_numpy().argmax())
            raise DataError(
                Message(
                    "error.protocol.whole_number",
                    file=file,
                    row=str(row + HEADER_ROWS + 1),
                    column=column,
                    value=str(frame[column].iloc[row]),
                    minimum=str(minimum),
                )
            )
        out[column] = numbers.astype("int64")
    return out


def check_codes(values: pd.Series, known: Iterable[str], file: str) -> None:
    """Raise `DataError` naming file and row of the first code that is not known."""
    bad = ~values.isin(set(known))
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise DataError(
            Message(
                "error.protocol.code",
                file=file,
                row=str(row + HEADER_ROWS + 1),
                what=Word("error.protocol.nis_code"),
                value=str(values.iloc[row]),
            )
        )


def check_unique(frame: pd.DataFrame, keys: Sequence[str], file: str) -> None:
    """Raise `DataError` naming the first row that repeats a key."""
    bad = frame.duplicated(list(keys))
    if bad.any():
        row = int(bad.to_numpy().argmax())
        shown = ", ".join(f"{key} {frame[key].iloc[row]!r}" for key in keys)
        raise DataError(
            Message("error.protocol.row_twice", file=file, row=str(row + HEADER_ROWS + 1), value=str(shown))
        )
