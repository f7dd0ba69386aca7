"""Amounts in a sentence: how many, how many of how many, and how that changed. Estimates are told as whole numbers."""

from __future__ import annotations

import math

from i18n.numbers import MISSING
from i18n.texts import format_number, format_percent, has_text, text
from layers.sentences.grammar import say
from loaders.catalogue.regions.levels import get_level
from loaders.catalogue.services import services

_HALF = 0.5
_EXACT = 1e-6
"""What sums over cells may differ from a whole they make up."""

_NOUNS = {"births": "babies"}


def noun_for(demand: str) -> str:
    """Noun for the people of a kind of demand: babies behind births, children behind counts by age."""
    return _NOUNS.get(demand, "children")


def figure(value: float | None, lang: str) -> str:
    """Amount as a bare number: ``<1`` where some would read as none, an en dash where it is not known."""
    if not _known(value) or round(float(value or 0.0)):
        return format_number(value, lang)
    return "<1" if abs(float(value or 0.0)) > _EXACT else "0"


def count(noun: str, n: float | None, lang: str) -> str:
    """How many of something: ``geen enkele gemeente``, ``1 gemeente``, ``12 gemeenten``.

    Parameters
    ----------
    noun : a noun of the texts, a level, or a service
    n : how many, rounded to a whole number; None or NaN is not known
    lang : language
    """
    one, other, form = _noun(noun, lang)
    if not _known(n):
        return say("amount.unknown", lang, other=other)
    amount = float(n or 0.0)
    if abs(amount) <= _EXACT:
        service = noun in services()
        kind = "none.service" if service else "none"
        noun_none = one if service or text("amount.none.word", lang) == "one" else other
        return text(f"amount.{kind}.{form}", lang, noun=noun_none)
    if round(amount) == 0:
        return text(f"amount.fewer.{form}", lang, one=one)
    word = one if round(amount) == 1 else other
    return text("amount.some", lang, n=format_number(amount, lang), noun=word)


def part(noun: str, n: float | None, total: float | None, lang: str) -> str:
    """How many of how many: ``12 van de 245 baby's``, ``vrijwel alle 245 baby's``, ``geen enkele van de 245 baby's``.

    Parameters
    ----------
    noun : a noun of the texts, a level, or a service
    n : how many; None or NaN is not known
    total : of how many; None or NaN is not known, and ``n`` is told alone
    lang : language
    """
    if not _known(n) or not _known(total) or float(total or 0.0) <= _HALF:
        return count(noun, n, lang)
    some, whole = float(n or 0.0), float(total or 0.0)
    if some <= _EXACT and round(whole) == 1:
        return count(noun, 0, lang)
    one, other, form = _noun(noun, lang)
    words = {"n": format_number(some, lang), "total": format_number(whole, lang), "one": one, "other": other}
    return text(_part_key(some, whole, form), lang, **words)


_FEW = 10
"""Fewer change by a percentage that says nothing."""

_WHOLE_MINUTES = 10
"""Minutes from which no decimal is written."""


def change(then: float | None, now: float | None, lang: str) -> str:
    """From then to now: ``van 250 naar 245, 2 % minder``; no percentage where there were few or none."""
    if not _known(then) or not _known(now):
        return text("change.unknown", lang)
    before, after = format_number(then, lang), format_number(now, lang)
    if before == after:
        return text("change.none", lang, now=after)
    if before == "0":
        return text("change.from_none", lang, now=after)
    if after == "0":
        return text("change.to_none", lang, then=before)
    was, is_now = float(then or 0.0), float(now or 0.0)
    if max(was, is_now) < _FEW:
        return text("change.few", lang, then=before, now=after)
    key = "up" if is_now > was else "down"
    return text(f"change.{key}", lang, then=before, now=after, share=format_percent(abs(is_now - was) / was, lang))


def shares_apart(then: float, now: float, lang: str) -> tuple[str, str]:
    """Shares before and after, with a decimal where they would else read the same though they are not."""
    known = [None if math.isnan(share) else share for share in (then, now)]
    told = [format_percent(share, lang) for share in known]
    if told[0] == told[1] and then != now:
        told = [format_percent(share, lang, 1) for share in known]
    return told[0], told[1]


def format_distance(metres: float | None, lang: str = "nl") -> str:
    """Distance as people say it: ``350 m`` below a kilometre, ``1,2 km`` above; an en dash when missing.

    Metres are rounded to tens below a kilometre, kilometres to one decimal, or to two where they are quarters as
    people choose them.
    """
    if metres is None or not math.isfinite(metres):
        return MISSING
    if round(metres, -1) < 1000:
        return format_number(round(metres, -1), lang) + " m"
    decimals = 2 if metres % 250 == 0 and metres % 500 else 1
    decimals = 0 if float(metres / 1000).is_integer() else decimals
    return format_number(metres / 1000, lang, decimals) + " km"


def format_minutes(minutes: float | None, lang: str = "nl") -> str:
    """Time as people say it: ``7,5 min`` below ten minutes, ``34 min`` above; an en dash when missing."""
    if minutes is None or not math.isfinite(minutes):
        return MISSING
    tenths = round(minutes, 1)
    decimals = 0 if tenths >= _WHOLE_MINUTES or float(tenths).is_integer() else 1
    return format_number(minutes, lang, decimals) + " min"


def _part_key(some: float, whole: float, form: str) -> str:
    if some <= _EXACT:
        return f"part.none.{form}"
    if whole - some <= _EXACT * max(1.0, whole):
        return f"part.{'only' if round(whole) == 1 else 'all'}.{form}"
    if round(some) == 0:
        return "part.fewer"
    return f"part.nearly.{form}" if round(some) == round(whole) else "part.some"


def _noun(noun: str, lang: str) -> tuple[str, str, str]:
    """Singular, plural and form (``a`` or ``b``) of a noun."""
    if has_text(f"noun.{noun}.singular"):
        return text(f"noun.{noun}.singular", lang), text(f"noun.{noun}.plural", lang), text(f"noun.{noun}.form", lang)
    if noun in services():
        article = text(f"headline.service.{noun}", lang)
        form = "b" if article.startswith("une ") else "a"
        return text(f"service.{noun}", lang), text(f"service.{noun}.plural", lang), form
    form = text(f"noun.{noun}.form", lang) if has_text(f"noun.{noun}.form") else "a"
    get_level(noun)  # an unknown word is told
    return text(f"level.{noun}", lang), text(f"level.{noun}.plural", lang), form


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
