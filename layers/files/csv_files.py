"""Tables as delimited text: for programs, and for Excel where commas are decimal, with a text file beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from i18n.texts import has_text, text
from layers.files.presented import in_words, shown_columns, unit_words
from layers.files.spreadsheet import defused, defused_line
from layers.notes.column_sources import rests_on
from layers.notes.notes import Notes
from loaders.catalogue.columns import DECLARED

EXCEL_DIGITS = 15
"""Digits of a number that Excel holds."""


def write_csv(table: pd.DataFrame, notes: Notes) -> bytes:
    """Table for programs: commas, full precision, columns by their names in code, the notes first after ``#``."""
    columns = "".join(f"# {line}\n" for line in _column_lines(table, notes))
    plain, n = defused(table.apply(_plain))
    notes = _told_defused(notes, n)
    head = "".join(f"# {label}: {defused_line(value)}\n" for label, value in notes.lines())
    return (head + columns + plain.to_csv(index=False, lineterminator="\n")).encode()


def write_excel_csv(table: pd.DataFrame, notes: Notes) -> bytes:
    """Table for Excel where commas are decimal: semicolons, UTF-8 with its mark, no line but the table.

    Headers and words are those of the reader; what the figures are is told by `write_beside`.
    """
    worded, _ = _for_excel(table, notes)
    plain = worded.to_csv(index=False, sep=";", lineterminator="\r\n")
    return str(plain).encode("utf-8-sig")


def write_beside(table: pd.DataFrame, notes: Notes) -> bytes:
    """Text that lies beside a table for Excel: the warning first, the question, sources, and every column."""
    lang = notes.lang
    notes = _told_defused(notes, _for_excel(table, notes)[1])
    lines = [f"{label}: {value}" for label, value in notes.lines()]
    lines += ["", text("definitions.heading", lang), ""]
    for column in shown_columns(table, lang):
        declared = DECLARED.get(column.name)
        unit = f" [{unit_words(declared.unit, lang)}]" if declared and declared.unit else ""
        help_ = text(f"column.{column.name}.help", lang) if has_text(f"column.{column.name}.help") else ""
        title = text(f"column.{column.name}", lang) if has_text(f"column.{column.name}") else column.name
        source = text(f"rests_on.{rests_on(column.name)}", lang)
        lines.append(f"{title}{unit} ({column.name}): {help_} {source}".replace("  ", " ").rstrip())
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def _for_excel(table: pd.DataFrame, notes: Notes) -> tuple[pd.DataFrame, int]:
    """Table of texts for Excel, and how many cells were kept from being taken for a formula."""
    worded = in_words(table, notes.lang)
    worded.columns = pd.Index([column.header for column in shown_columns(table, notes.lang)])
    plain, n = defused(worded)
    for at in range(plain.shape[1]):
        values = plain.iloc[:, at]
        if pd.api.types.is_float_dtype(values.dtype):
            plain.isetitem(at, np.array([_comma(value) for value in values], dtype=object))
    return plain, n


def _comma(value: Any) -> str | None:
    """Number as Excel reads it with a decimal comma; nothing where it is not known."""
    if pd.isna(value):
        return None
    number = float(value)
    if not math.isfinite(number):
        return str(number)
    return f"{number:.{EXCEL_DIGITS}g}".replace(".", ",")


def _told_defused(notes: Notes, n: int) -> Notes:
    if not n:
        return notes
    return replace(notes, caveats=(*notes.caveats, text("export.defused", notes.lang, n=n)))


def _column_lines(table: pd.DataFrame, notes: Notes) -> Iterator[str]:
    for name, column in notes.descriptor(tuple(table.columns))["columns"].items():
        if column:
            unit = f" [{column['unit']}]" if column["unit"] else ""
            yield f"{name}{unit}: {column['title']}"


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """Booleans as true and false; other values as they are, which pandas writes in full precision."""
    if not pd.api.types.is_bool_dtype(values):
        return values
    return values.map({True: "true", False: "false"}, na_action="ignore").astype("object")
