"""Numbers, percentages, plurals and dates as people write them in each language, by the rules of CLDR (Babel).

CLDR gives the signs, the plural rules and the months; a number itself is written by Python, since Babel takes ten
times as long and a map of 9,879 sectors names tens of thousands of them. Babel is imported at the first number, so
that a command that writes none starts without it.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

from i18n.languages import SPOKEN

if TYPE_CHECKING:
    from babel import Locale

MISSING = "–"
"""What stands for a number that is not known."""


@cache
def _locale(lang: str) -> Locale:
    from babel import Locale

    return Locale.parse(SPOKEN[lang].locale)


@cache
def separators(lang: str) -> tuple[str, str]:
    """Return what stands between thousands and before decimals (``.`` and ``,`` in Dutch)."""
    symbols = _locale(lang).number_symbols["latn"]
    return str(symbols["group"]), str(symbols["decimal"])


@cache
def _signs(lang: str) -> dict[int, int]:
    thousands, decimal = separators(lang)
    return str.maketrans(",.", thousands + decimal)


def format_number(value: float | None, lang: str = "nl", decimals: int = 0) -> str:
    """Number as people write it in ``lang`` (``12.345,6`` in Dutch); an en dash for a missing value."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{value:,.{decimals}f}".translate(_signs(lang))


def format_percent(share: float | None, lang: str = "nl", decimals: int = 0) -> str:
    """Share in 0–1 as a percentage; one that is above 0 and would read as 0 is ``< 1 %``, or ``< 0,1 %``."""
    if share is None or not math.isfinite(share):
        return MISSING
    least = 10.0**-decimals
    if share > 0 and 100 * share <= least / 2:
        return "<\u00a0" + format_number(least, lang, decimals) + SPOKEN[lang].percent
    return format_number(100 * share, lang, decimals) + SPOKEN[lang].percent


def format_given(value: float, lang: str, form: str = "g") -> str:
    """Number that somebody gave, in the form of a program, with the decimal sign of the language."""
    return f"{value:{form}}".translate(_signs(lang))


def plural_form(n: float, lang: str) -> str:
    """Return ``one`` or ``other``: the form of a word after ``n``, so 0 is plural in Dutch and singular in French."""
    return "one" if _locale(lang).plural_form(abs(n)) == "one" else "other"


def format_date(day: date | datetime, lang: str = "nl") -> str:
    """Day as people write it: ``3 april 2026``, ``3 April 2026``, ``3 avril 2026``."""
    from babel.dates import format_date as written

    return str(written(day, "d MMMM y", locale=_locale(lang)))


def load() -> None:
    """Read the rules of all languages now, for a process that may open no file later."""
    for lang in SPOKEN:
        _signs(lang)
        plural_form(1, lang)
