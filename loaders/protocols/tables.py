"""Reading small published tables: bytes to a checked frame, with errors that name file, row and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from i18n.errors import DataError, MissingColumnError
from i18n.messages import Message, Word
from loaders.reading_room.cells import UTF8

HEADER_ROWS = 1
"""Rows before the first data row, so that an error can name the row a person sees in a spreadsheet."""

SHEET_ROW = "row"
"""Name of an index that holds the numbers of rows as a person sees them in a workbook."""


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
    answer = read("delimited", data, file=file, options=options, limits=PUBLISHER)
    columns = answer.values["columns"]
    frame = pd.DataFrame(
        {i: column.to_pylist() for i, column in enumerate(answer.tables["rows"].columns)}, dtype=object
    )
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


def with_names(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The frame with ``columns`` under these very names, where it has them in other capitals.

    Examples
    --------
    >>> list(with_names(pd.DataFrame(columns=["niscode", "Naam"]), ["NISCODE", "NAAM"]).columns)
    ['NISCODE', 'NAAM']
    """
    here: dict[str, str] = {}
    for name in map(str, frame.columns):
        here.setdefault(name.casefold(), name)
    absent = [column for column in columns if column not in frame.columns and column.casefold() in here]
    return frame.rename(columns={here[column.casefold()]: column for column in absent}) if absent else frame


def whole_text(values: pd.Series) -> pd.Series:
    """Text of whole numbers without the point or space that separates thousands, where all of it is so written."""
    text = values.astype(str).str.strip()
    grouped = text.str.fullmatch(r"\d{1,3}(?:[.\u00a0\u202f ]\d{3})+")
    return text.where(~grouped, text.str.replace(r"[^\d]", "", regex=True))


def to_integers(frame: pd.DataFrame, columns: Iterable[str], file: str, minimum: int = 0) -> pd.DataFrame:
    """Turn text columns into int64; `DataError` naming the first row that is not a whole number >= ``minimum``.

    A frame whose index is named `SHEET_ROW` has the numbers of its rows there.
    """
    out = frame.copy()
    at = list(frame.index) if frame.index.name == SHEET_ROW else [row + HEADER_ROWS + 1 for row in range(len(frame))]
    for column in columns:
        numbers = pd.to_numeric(frame[column], errors="coerce")
        bad = numbers.isna() | (numbers < minimum) | (numbers != numbers.round())
        if bad.any():
            row = int(bad.to_numpy().argmax())
            raise DataError(
                Message(
                    "error.protocol.whole_number",
                    file=file,
                    row=str(at[row]),
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


def check_values(bad: pd.Series, values: pd.Series, column: str, file: str) -> None:
    """Raise `DataError` naming file, row, column and value of the first row that is marked as bad."""
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise DataError(
            Message(
                "error.protocol.value",
                file=file,
                row=str(row + HEADER_ROWS + 1),
                column=column,
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
