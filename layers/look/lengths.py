"""How far and how long, as people write them; `assets/js/numbers.mjs` writes them alike."""

from __future__ import annotations

import math

from i18n.texts import format_number

_WHOLE_MINUTES = 10
"""Minutes from which no decimal is written."""


def format_distance(metres: float | None, lang: str = "nl") -> str:
    """Distance as people say it: ``350 m`` below a kilometre, ``1,2 km`` above; an en dash when missing.

    Metres are rounded to tens below a kilometre, kilometres to one decimal, or to two where they are quarters as
    people choose them.
    """
    if metres is None or not math.isfinite(metres):
        return "–"
    if round(metres, -1) < 1000:
        return format_number(round(metres, -1), lang) + " m"
    decimals = 2 if metres % 250 == 0 and metres % 500 else 1
    decimals = 0 if float(metres / 1000).is_integer() else decimals
    return format_number(metres / 1000, lang, decimals) + " km"


def format_minutes(minutes: float | None, lang: str = "nl") -> str:
    """Time as people say it: ``7,5 min`` below ten minutes, ``34 min`` above; an en dash when missing."""
    if minutes is None or not math.isfinite(minutes):
        return "–"
    tenths = round(minutes, 1)
    decimals = 0 if tenths >= _WHOLE_MINUTES or float(tenths).is_integer() else 1
    return format_number(minutes, lang, decimals) + " min"
