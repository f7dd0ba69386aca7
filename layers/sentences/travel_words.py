"""Travel in words: minutes first, metres beside them where they are metres."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coverage.core.minutes import in_minutes, metres_told
from coverage.core.query import Query
from i18n.texts import format_number
from layers.sentences.amounts import format_distance, format_minutes


def minutes_words(metres: float | None, query: Query, lang: str) -> str:
    """Minutes that metres of travel take: ``12 min``; an en dash when missing."""
    return format_minutes(None if metres is None else float(in_minutes(metres, query)), lang)


def travel_words(metres: float | None, query: Query, lang: str, details: Mapping[str, object] | None = None) -> str:
    """Minutes, and metres where they are metres: ``12 min (960 m)``; by car ``12 min``; an en dash when missing."""
    minutes = minutes_words(metres, query, lang)
    if metres is None or not np.isfinite(metres) or not metres_told(query, details):
        return minutes
    return f"{minutes} ({format_distance(metres, lang)})"


def exact_words(metres: float, query: Query, lang: str) -> str:
    """A reach as it was asked: ``15 min (1.200 m)``, to the metre; by car ``15 min``."""
    minutes = f"{format_number(round(float(in_minutes(metres, query)), 2), lang, _decimals(metres, query))} min"
    return f"{minutes} ({format_number(metres, lang)} m)" if metres_told(query) else minutes


def _decimals(metres: float, query: Query) -> int:
    """Decimals that a number of minutes needs, at most two."""
    minutes = round(float(in_minutes(metres, query)), 2)
    return 0 if minutes.is_integer() else 1 if round(minutes, 1) == minutes else 2
