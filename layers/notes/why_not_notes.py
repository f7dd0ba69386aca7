"""Why a place somebody points at is not among the best, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from i18n.texts import format_number, text
from layers.sentences.grammar import listed
from layers.sentences.travel_words import travel_words

if TYPE_CHECKING:
    from coverage.siting.planning.ahead.why_not import WhyNot

_NONE = 0.05


def _births(value: float, lang: str) -> str:
    return format_number(max(value, 0.0), lang, 1)


def why_not_lines(why: WhyNot, lang: str) -> list[str]:
    """What the point would bring, what beats it, and how sure that is."""
    demand = text(f"demand.{why.problem.analysis.demand.kind}", lang)
    words = {
        "place": why.municipality or text("propose.somewhere", lang),
        "reach": _births(why.in_reach, lang),
        "alone": _births(why.alone, lang),
        "served": _births(why.in_reach - why.alone, lang),
        "demand": demand,
        "n": format_number(why.problem.request.add, lang),
        "best": _births(why.best, lang),
    }
    lines = [text("why.gains" if why.alone > _NONE else "why.gains.none", lang, **words)]
    if why.moved_m:
        lines.insert(0, text("why.moved", lang, metres=format_number(why.moved_m, lang)))
    if why.nearest_m <= why.problem.query.reach_m:
        lines.append(text("why.near", lang, travel=travel_words(why.nearest_m, why.problem.query, lang)))
    lines += _against(why, words, lang)
    return lines if why.problem.level == "cell" else [*lines, text("site.by_sector", lang)]


def _against(why: WhyNot, words: dict[str, str], lang: str) -> list[str]:
    """The best choice with the point beside the best choice."""
    if why.with_it is None:
        return [text("why.rules" if why.with_it_proven else "why.no_time", lang)]
    if why.chosen:
        return [text("why.as_good" if why.best_proven else "why.as_good.open", lang, **words)]
    names = [_beats(why, at, lang) for at in (why.drops or range(len(why.new)))]
    lost = why.best - why.with_it
    lines = [text("why.beaten", lang, lost=_births(lost, lang), **words)]
    if names:
        lines.append(text("why.instead", lang, places=listed(names, lang), demand=words["demand"]))
    if why.alone > _NONE and why.beside < why.alone - _NONE:
        lines.append(text("why.beside", lang, beside=_births(why.beside, lang), **words))
    if why.with_it_proven:
        lines.append(text("why.proven", lang))
    else:
        least = why.best - (why.with_it_bound or why.best_bound)
        key = "why.open" if least > _NONE else "why.open.maybe"
        lines.append(text(key, lang, least=_births(least, lang)))
    return lines


def _beats(why: WhyNot, at: int, lang: str) -> str:
    row = why.new.iloc[at]
    town, name = str(row["municipality"]), str(row["name"] or "")
    place = name if name and (not town or town.lower() in name.lower()) else f"{town} ({name})" if name else town
    return text("why.place", lang, place=place, births=_births(float(row["births_gained"]), lang))
