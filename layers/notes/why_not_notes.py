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


def why_not_lines(found: WhyNot, lang: str) -> list[str]:
    """What the point would bring, what beats it, and how sure that is."""
    demand = text(f"demand.{found.problem.analysis.demand.kind}", lang)
    words = {
        "place": found.municipality or text("propose.somewhere", lang),
        "reach": _births(found.in_reach, lang),
        "alone": _births(found.alone, lang),
        "served": _births(found.in_reach - found.alone, lang),
        "demand": demand,
        "n": format_number(found.problem.request.add, lang),
        "best": _births(found.best, lang),
    }
    lines = [text("why.gains" if found.alone > _NONE else "why.gains.none", lang, **words)]
    if found.moved_m:
        lines.insert(0, text("why.moved", lang, metres=format_number(found.moved_m, lang)))
    if found.nearest_m <= found.problem.query.reach_m:
        lines.append(text("why.near", lang, travel=travel_words(found.nearest_m, found.problem.query, lang)))
    lines += _against(found, words, lang)
    return lines if found.problem.level == "cell" else [*lines, text("site.by_sector", lang)]


def _against(found: WhyNot, words: dict[str, str], lang: str) -> list[str]:
    """The best choice with the point beside the best choice."""
    if found.with_it is None:
        return [text("why.rules" if found.with_it_proven else "why.no_time", lang)]
    if found.chosen:
        return [text("why.as_good" if found.best_proven else "why.as_good.open", lang, **words)]
    names = [_beats(found, at, lang) for at in (found.drops or range(len(found.new)))]
    lost = found.best - found.with_it
    lines = [text("why.beaten", lang, lost=_births(lost, lang), **words)]
    if names:
        lines.append(text("why.instead", lang, places=listed(names, lang), demand=words["demand"]))
    if found.alone > _NONE and found.beside < found.alone - _NONE:
        lines.append(text("why.beside", lang, beside=_births(found.beside, lang), **words))
    if found.with_it_proven:
        lines.append(text("why.proven", lang))
    else:
        least = found.best - (found.with_it_bound or found.best_bound)
        key = "why.open" if least > _NONE else "why.open.maybe"
        lines.append(text(key, lang, least=_births(least, lang)))
    return lines


def _beats(found: WhyNot, at: int, lang: str) -> str:
    row = found.new.iloc[at]
    town, name = str(row["municipality"]), str(row["name"] or "")
    place = name if name and (not town or town.lower() in name.lower()) else f"{town} ({name})" if name else town
    return text("why.place", lang, place=place, births=_births(float(row["births_gained"]), lang))
