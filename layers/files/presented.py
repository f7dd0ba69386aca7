"""A table as people read it: headers and words in their language, and how every column is written in a workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from i18n.texts import has_text, text
from loaders.catalogue.columns import DECLARED

_FORMS = {
    "year": "0",
    "children per year": "#,##0.0",
    "children per place": "#,##0.0",
    "children per year per km²": "#,##0.0",
    "share 0–1": "0.0%",
    "share": "+0.0%;-0.0%;0.0%",
    "places": "#,##0",
    "zones": "#,##0",
    "m": "#,##0",
    "minutes": "#,##0.0",
    "weighted children per year": "#,##0.0",
    "km²": "#,##0.00",
    "hours per year": "#,##0",
    "0–1": "0.000",
    "ratio": "#,##0.00",
}
"""Number format of a workbook by unit; ``,`` and ``.`` stand for the signs of whoever opens it."""

_WORDS = {
    "level": "level",
    "level_a": "level",
    "level_b": "level",
    "births_kind": "demand",
    "births_kind_before": "demand",
    "evidence": "evidence",
    "gap_reasons": "reason",
    "flags": "flag",
    "area_type": "stratum.area_type",
    "service": "service",
}
"""Columns that hold words of the vocabulary, and the family of texts that says them."""

_UNTOLD = {
    *("", "year", "places", "zones", "that of unit", "that of value_unit", "children per place", "share 0–1", "share"),
    *("0–1", "ratio"),
}
"""Units that a title says already, or the form of the numbers."""

GENERAL = "General"
TEXT = "@"


@dataclass(frozen=True)
class PresentedColumn:
    """One column as it is shown.

    Attributes
    ----------
    name : its name in code
    header : title, with the unit where there is one
    form : number format of a workbook
    width : in letters
    """

    name: str
    header: str
    form: str
    width: float


def unit_words(unit: str, lang: str) -> str:
    """A unit in the language of the reader; as it is declared where nothing better is known."""
    first, _, rest = unit.partition(" (")
    if rest and has_text(f"unit.{first}"):
        return f"{text(f'unit.{first}', lang)} ({rest}"
    return text(f"unit.{unit}", lang) if has_text(f"unit.{unit}") else unit


def shown_columns(table: pd.DataFrame, lang: str) -> list[PresentedColumn]:
    """How every column of a table is shown, in its order."""
    return [_shown(str(name), table.iloc[:, at], lang) for at, name in enumerate(table.columns)]


def _shown(name: str, values: pd.Series[Any], lang: str) -> PresentedColumn:
    column = DECLARED.get(name)
    title = text(f"column.{name}", lang) if has_text(f"column.{name}") else name
    unit = column.unit if column else ""
    header = sentence_case(f"{title} ({_unit_of_header(unit, lang)})" if unit not in _UNTOLD else title)
    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    plain = "0" if pd.api.types.is_integer_dtype(values.dtype) else GENERAL
    form = _FORMS.get(unit, plain) if numeric else GENERAL
    if unit.startswith(("m (", "degrees")) and numeric:
        form = "0" if unit.startswith("m (") else "0.00000"
    return PresentedColumn(name, header, form, _width(values, header, numeric))


def _unit_of_header(unit: str, lang: str) -> str:
    short = f"unit_short.{unit}"
    return text(short, lang) if has_text(short) else unit_words(unit, lang)


def sentence_case(words: str) -> str:
    """Words with a capital first, the others as they are."""
    return words[:1].upper() + words[1:]


def _width(values: pd.Series[Any], header: str, numeric: bool) -> float:
    """Room for the words of most rows, and for the longest word of the header."""
    longest = max(map(len, header.split()), default=0) + 3
    if numeric:
        return float(min(max(longest, 11), 24))
    usual = values.dropna().astype(str).str.len()
    room = float(usual.quantile(0.95)) + 2 if len(usual) else 0.0
    return float(min(max(longest, room, 8.0), 46.0))


def in_words(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The table with the words of the vocabulary, and what is true and false, said in the language of the reader."""
    told = table.copy(deep=False)
    yes_no = {True: text("word.yes", lang), False: text("word.no", lang)}
    for at, name in enumerate(table.columns):
        values = table.iloc[:, at]
        if pd.api.types.is_bool_dtype(values.dtype):
            told.isetitem(at, values.astype(object).map(yes_no, na_action="ignore").array)
        elif name in _WORDS:
            told.isetitem(at, values.map(_said(_WORDS[str(name)], lang), na_action="ignore").array)
    return told


def _said(family: str, lang: str) -> Callable[[Any], str]:
    known: dict[str, str] = {}

    def say(value: Any) -> str:
        joined = str(value)
        if joined not in known:
            known[joined] = "; ".join(_word(family, word, lang) for word in joined.split(";") if word)
        return known[joined]

    return say


def _word(family: str, word: str, lang: str) -> str:
    key = f"{family}.{word}"
    return text(key, lang) if has_text(key) else word
