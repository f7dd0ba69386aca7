"""Edits of a scenario in words, for lists, tables and documents."""

from __future__ import annotations

import math

from coverage.core.minutes import in_minutes, metres_told
from coverage.core.query import Query
from coverage.core.reach import coordinates
from coverage.scenario.edits import Add, Bridge, Capacity, Edit, Hours, Move, SetReach, Year
from coverage.scenario.scenario import Scenario
from i18n.texts import DEFAULT_LANGUAGE, format_number, text
from loaders.catalogue.facilities import Facilities

Point = tuple[float, float]


def in_words(scenario: Scenario, facilities: Facilities, lang: str = DEFAULT_LANGUAGE) -> tuple[str, ...]:
    """One phrase per edit, in their order.

    Parameters
    ----------
    scenario : the edits
    facilities : the set without edits, for names and where places stood
    lang : language
    """
    frame = facilities.frame
    known = frame["name"].notna()
    names = dict(zip(frame.loc[known, "id"].astype(str), frame.loc[known, "name"].astype(str), strict=True))
    spots: dict[str, Point] = {
        str(name): (float(x), float(y)) for name, (x, y) in zip(frame["id"], coordinates(frame), strict=True)
    }
    phrases = []
    for edit in scenario.edits:
        if isinstance(edit, Add):
            names[edit.id] = edit.name or text(f"service.{edit.service}", lang)
        phrases.append(_phrase(edit, names, spots, lang))
        if isinstance(edit, Add | Move):
            spots[edit.id] = (edit.x, edit.y)
    return tuple(phrases)


def _phrase(edit: Edit, names: dict[str, str], spots: dict[str, Point], lang: str) -> str:
    """Phrase of one edit; a place that is not known goes by its id."""
    key = f"scenario.edit.{edit.kind}"
    if isinstance(edit, SetReach):
        mode = text(f"mode.{edit.mode}", lang)
        if edit.within_m is None:
            return text(f"{key}.minutes", lang, mode=mode)
        asked = Query(mode=edit.mode, within_m=edit.within_m)
        minutes = round(float(in_minutes(edit.within_m, asked)), 2)
        decimals = 0 if minutes.is_integer() else 1 if round(minutes, 1) == minutes else 2
        reach = f"{format_number(minutes, lang, decimals)} min"
        if metres_told(asked):
            reach = f"{reach} ({format_number(edit.within_m, lang)} m)"
        return text(key, lang, reach=reach, mode=mode)
    if isinstance(edit, Year):
        demand = text(f"demand.{edit.demand}", lang)
        if edit.year is None:
            return text(f"{key}.newest", lang, demand=demand)
        return text(key, lang, demand=demand, year=edit.year)
    if isinstance(edit, Bridge):
        modes = ", ".join(text(f"mode.{mode}", lang) for mode in edit.modes.split(","))
        named = edit.name or text(f"{key}.nameless", lang)
        return text(key, lang, name=named, metres=format_number(round(edit.metres, -1), lang), modes=modes)
    name = names.get(edit.id, edit.id)
    if isinstance(edit, Add):
        return "; ".join([text(key, lang, name=name), *_offers(edit, lang)])
    if isinstance(edit, Move):
        x, y = spots.get(edit.id, (math.nan, math.nan))
        metres = math.hypot(edit.x - x, edit.y - y)
        return text(key, lang, name=name, metres=format_number(round(metres, -1) if metres >= 10 else metres, lang))
    if isinstance(edit, Capacity):
        return text(key, lang, name=name, births=_amount(edit.births, lang))
    if isinstance(edit, Hours):
        return text(key, lang, name=name, hours=_amount(edit.hours_per_year, lang))
    return text(key, lang, name=name)


def _offers(edit: Add, lang: str) -> list[str]:
    """What a new place offers, where that is stated."""
    stated = {"hours": edit.hours_per_year, "capacity": edit.capacity}
    return [
        text(f"scenario.edit.add.{word}", lang, n=_amount(value, lang))
        for word, value in stated.items()
        if value is not None
    ]


def _amount(value: float, lang: str) -> str:
    return format_number(value, lang, 0 if value.is_integer() else 1)
