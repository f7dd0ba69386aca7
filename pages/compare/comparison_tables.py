"""Tables of a comparison as two pages show them: what changes in figures, and which zones gain and lose."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html

from coverage.core.minutes import in_minutes
from coverage.indicators.comparison import Comparison
from i18n.texts import format_number, format_percent, text
from layers.maps.diverging import SMALLEST
from layers.sentences import format_minutes
from layers.views.plan_tables import losers_and_gainers, points
from pages.shell.markup import attributes

SHOWN = 40
"""Rows of a table on the screen; the file holds all of them."""

_MIN_MINUTES = 0.05


def totals_table(comparison: Comparison, before: str, after: str, lang: str) -> html.Table:
    """What changes in the area asked about; ``before`` and ``after`` are the names of the two sides."""
    totals = comparison.totals

    def share(reached: float, births: float) -> str:
        return format_percent(reached / births if births else None, lang, 1)

    rows = [
        (
            "in_reach",
            format_number(totals.in_reach_before, lang),
            format_number(totals.in_reach_after, lang),
            f"{signed('+', totals.gained, lang)} / {signed('−', totals.lost, lang)}",
        ),
        (
            "share",
            share(totals.in_reach_before, totals.births_before),
            share(totals.in_reach_after, totals.births_after),
            points(totals, lang),
        ),
        ("mean", *_times(comparison, totals.mean_before_m, totals.mean_after_m, lang)),
        ("median", *_times(comparison, totals.median_before_m, totals.median_after_m, lang)),
        ("p90", *_times(comparison, totals.p90_before_m, totals.p90_after_m, lang)),
    ]
    words = [[text(f"plan.compare.{name}", lang), *values] for name, *values in rows]
    return small_table(("", before, after, text("plan.compare.change", lang)), words)


def _times(comparison: Comparison, before_m: float, after_m: float, lang: str) -> tuple[str, str, str]:
    """Minutes before and after, and the change to a tenth."""
    before = float(in_minutes(before_m, comparison.before.query))
    after = float(in_minutes(after_m, comparison.after.query))
    change = after - before
    sign = "+" if change > 0 else "−"
    told = "0" if abs(change) < _MIN_MINUTES else f"{sign}{format_number(abs(change), lang, 1)} min"
    return format_minutes(before, lang), format_minutes(after, lang), told if change == change else "–"


def zones_table(comparison: Comparison, lang: str, link: str = "data_zone") -> list[Any]:
    """Zones that lose and zones that gain, the largest change first, and how many more there are.

    ``link`` is the attribute of their buttons that holds the zone, by which the scripts of a page know them.
    """
    groups = zip(("less", "more"), losers_and_gainers(comparison), strict=True)
    bodies, more = [], 0
    for name, zones in groups:
        if zones.empty:
            continue
        more += max(0, len(zones) - SHOWN)
        title = text(f"plan.compare.zones.group.{name}", lang, n=format_number(len(zones), lang))
        bodies.append(
            html.Tbody(
                [
                    html.Tr(html.Th(title, colSpan=5, scope="colgroup", className=f"group {name}")),
                    *[_zone(zone, lang, link) for zone in zones.head(SHOWN).to_dict("records")],
                ]
            )
        )
    heads = [text(f"plan.compare.{name}", lang) for name in ("zone", "gained", "lost", "in_reach.short", "distance")]
    content: list[Any] = (
        [html.Table([table_head(heads), *bodies], className="compare-table zones", id="compare-zones")]
        if bodies
        else [html.P(text("plan.compare.zones.none", lang), className="help")]
    )
    if more:
        content.append(html.P(text("plan.compare.zones.more", lang, n=more), className="help"))
    return content


def _zone(zone: dict[Any, Any], lang: str, link: str) -> html.Tr:
    name = html.Button(
        zone["zone_name"], className="link-button", type="button", **attributes(**{link: str(zone["zone_id"])})
    )
    cells = [
        signed("+", zone["births_gained"], lang),
        signed("−", zone["births_lost"], lang),
        f"{number(zone['births_in_reach_before'], lang)} → {number(zone['births_in_reach_after'], lang)}",
        f"{_minutes(zone['mean_minutes_before'], lang)} → {_minutes(zone['mean_minutes_after'], lang)}",
    ]
    return html.Tr([html.Th(name, scope="row"), *[html.Td(cell) for cell in cells]])


def small_table(heads: tuple[str, ...], rows: list[list[str]]) -> html.Table:
    """Table whose first column names its rows."""
    body = [html.Tr([html.Th(row[0], scope="row"), *[html.Td(cell) for cell in row[1:]]]) for row in rows]
    return html.Table([table_head(list(heads)), html.Tbody(body)], className="compare-table")


def table_head(titles: list[str]) -> html.Thead:
    """Heads of the columns; an empty one is no head."""
    cells = [html.Th(title, scope="col") if title else html.Td() for title in titles]
    return html.Thead(html.Tr(cells))


def number(value: Any, lang: str) -> str:
    """Count as a bare number; an en dash where it is not known."""
    return format_number(None if pd.isna(value) else float(value), lang)


def _minutes(value: Any, lang: str) -> str:
    return format_minutes(None if pd.isna(value) else float(value), lang)


def signed(sign: str, value: float, lang: str) -> str:
    """Change with its sign; none is ``0``, and less than one child is told as such."""
    written = format_number(value, lang)
    if written != "0":
        return f"{sign}{written}"
    return f"{sign}<1" if value >= SMALLEST else "0"
