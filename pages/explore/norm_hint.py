"""What to look at where a norm makes nearly every zone a gap: other norms, and classes that tell the zones apart."""

from __future__ import annotations

from dataclasses import replace

from dash import html

from coverage.analysis import Analysis
from coverage.core.minutes import in_minutes
from i18n.texts import format_number, text
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE
from pages.shell.state import State

DULL = 0.8
"""Share of the zones from which on a norm that makes them gaps tells them no longer apart."""

_FEWEST = 20
"""Zones below which there is nothing to choose among."""

_LONGER = 2
"""Times the minutes of the norm that is offered beside it."""

_MAX_MINUTES = 60.0


def norm_hint(state: State, analysis: Analysis) -> html.Span | None:
    """Say that the norm makes nearly all zones a gap, with links to views that discriminate; None where it does not.

    The links keep the rest of the view. No plan gets one: its question is that of the plan.
    """
    table = analysis.table
    judged = table.loc[(table["zone_id"] != NOT_KNOWN_HERE) & table["gap"].notna(), "gap"].astype(bool)
    if state.plan or len(judged) < _FEWEST or judged.mean() < DULL:
        return None
    lang = state.lang
    words = text(
        "hint.norm",
        lang,
        n=format_number(int(judged.sum()), lang),
        all=format_number(len(judged), lang),
        levels=text(f"level.{state.level}.plural", lang),
    )
    links = [
        html.A(label, href=other.address(), className="go hint-link", id=f"hint-{name}")
        for name, label, other in _others(state, analysis)
    ]
    return html.Span([words, " ", text("hint.norm.try", lang), *links], className="norm-hint")


def _others(state: State, analysis: Analysis) -> list[tuple[str, str, State]]:
    """Name, words and view of what is offered."""
    lang, others = state.lang, []
    minutes = _LONGER * round(float(in_minutes(analysis.query.reach_m, analysis.query)), 1)
    if minutes <= _MAX_MINUTES:
        words = text("hint.norm.minutes", lang, minutes=format_number(minutes, lang, 0 if minutes.is_integer() else 1))
        others.append(("minutes", words, replace(state, minutes=f"{minutes:g}", within="")))
    if state.mode == "walk":
        others.append(("bike", text("hint.norm.bike", lang), replace(state, mode="bike")))
    if analysis.table["share_in_reach"].notna().any():
        quartile = replace(state, indicator="share_in_reach", classes="quartile")
        others.append(("quartile", text("hint.norm.quartile", lang), quartile))
    return others
