"""What a plan does, in the sentences on top of the page and in the sheet of a zone: from today to the plan."""

from __future__ import annotations

import pandas as pd

from coverage.indicators.comparison import Comparison
from i18n.texts import format_number, text
from layers.maps.diverging import SMALLEST
from layers.notes.notes import births_out_of_reach
from layers.sentences import format_minutes, listed
from layers.views.plan_tables import losers_and_gainers
from layers.views.view import area_name, headline, reach_in_words, subline
from loaders.snapshot.reader import Snapshot

_NAMED = 3
"""Zones that the line below the answer names; the others are counted."""


def plan_headline(comparison: Comparison, snapshot: Snapshot, lang: str) -> str:
    """Say how many live too far with the plan, and how many do today; `headline` where the plan changes nothing.

    Parameters
    ----------
    comparison : the plan beside today
    snapshot : for the names of areas
    lang : language
    """
    before, after = comparison.before, comparison.after
    query = after.query
    (was, _), (now, total) = births_out_of_reach(before), births_out_of_reach(after)
    if was is None or now is None or not _changes(comparison):
        return headline(after, snapshot, lang)
    names = [area_name(snapshot, level, zone, query.vintage, lang) for level, zone in query.areas]
    return text(
        "plan.headline.area" if names else "plan.headline",
        lang,
        where=listed(names, lang),
        out=format_number(now, lang),
        total=format_number(total, lang),
        who=text(f"headline.who.{query.demand}", lang, year=after.demand.year),
        reach=reach_in_words(query, lang),
        service=text(f"headline.service.{query.service}", lang),
        today=_today(comparison, format_number(now, lang), lang),
    )


def _changes(comparison: Comparison) -> bool:
    """Whether anybody gains or loses, or the plan asks for another reach or other children."""
    totals = comparison.totals
    return comparison.before.query != comparison.after.query or max(totals.gained, totals.lost) >= SMALLEST


def _today(comparison: Comparison, now: str, lang: str) -> str:
    """How many live too far today, and of how many or from how far where the plan counts otherwise."""
    before, after = comparison.before, comparison.after
    out, counted = births_out_of_reach(before)
    was = format_number(out, lang)
    if (before.demand.kind, before.demand.year) != (after.demand.kind, after.demand.year):
        who = text(f"headline.who.{before.query.demand}", lang, year=before.demand.year)
        total = format_number(counted, lang)
        return text("plan.headline.today.of", lang, before=was, total=total, who=who)
    if (before.query.mode, before.query.reach_m) != (after.query.mode, after.query.reach_m):
        return text("plan.headline.today.reach", lang, before=was, reach=reach_in_words(before.query, lang))
    return text("plan.headline.today.same" if was == now else "plan.headline.today", lang, before=was)


def plan_subline(comparison: Comparison, lang: str) -> str:
    """Name who loses and who gains within the area; `subline` where nobody does."""
    told = [
        text(f"plan.subline.{name}", lang, names=listed(zones["zone_name"].astype(str).tolist(), lang, _NAMED))
        for name, zones in zip(("less", "more"), losers_and_gainers(comparison), strict=True)
        if len(zones)
    ]
    return " ".join(told) or subline(comparison.after, lang)


def zone_standing(comparison: Comparison, zone_id: str, lang: str) -> list[tuple[str, str]]:
    """What the plan changes in a zone: (what, from today to the plan); empty where that is nothing."""
    zones = comparison.zones
    zone = next(iter(zones[zones["zone_id"] == zone_id].to_dict("records")), None)
    if zone is None:
        return []
    rows = []
    if max(zone["births_gained"], zone["births_lost"]) >= SMALLEST:
        gained, lost = (_size(float(zone[name]), lang) for name in ("births_gained", "births_lost"))
        rows.append(("reach", _arrow(*(_amount(zone[f"births_in_reach_{side}"], lang) for side in _SIDES))))
        rows.append(("change", text("plan.zone.both", lang, gained=gained, lost=lost)))
    mean = [format_minutes(_known(zone[f"mean_minutes_{side}"]), lang) for side in _SIDES]
    if mean[0] != mean[1]:
        rows.append(("mean", _arrow(*mean)))
    gaps = [_gap(zone[f"gap_{side}"], lang) for side in _SIDES]
    if gaps[0] != gaps[1]:
        rows.append(("gap", _arrow(*gaps)))
    return [(text(f"plan.zone.{name}", lang), value) for name, value in rows]


_SIDES = ("before", "after")


def _known(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]


def _amount(value: object, lang: str) -> str:
    return format_number(_known(value), lang)


def _size(value: float, lang: str) -> str:
    """Number of children; a few parts of one are no nothing."""
    written = format_number(value, lang)
    return "<1" if written == "0" and value >= SMALLEST else written


def _gap(value: object, lang: str) -> str:
    return text(f"sheet.gap.{'unknown' if pd.isna(value) else 'yes' if value else 'no'}", lang)  # type: ignore[call-overload]


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"
