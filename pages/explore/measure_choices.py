"""Measures of access and the probability of a gap in the explorer: list of choices, columns, sheet, file."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import dcc, html

from coverage.analysis import Analysis
from coverage.core.query import Query
from coverage.indicators.measures import MEASURES, with_error, zone_access
from i18n.errors import NabijError
from i18n.texts import format_number, format_percent, text
from layers.maps.classes import ASKED, INDICATORS, PROBABILITY
from layers.notes.notes import Notes
from layers.views.measured import COMPANIONS, ERROR, Unit, groups, sentence, shown, unit_of, with_columns
from layers.views.view import indicator_title
from pages.shell.context import Context
from pages.shell.markup import section, select_data
from pages.shell.method_link import term
from pages.shell.state import State

SIMPLE = ("births_out_of_reach", "share_in_reach", "gap", "mean_minutes", "births", "n_facilities")
"""Figures that everybody understands at once, offered before those for research."""

_EXPLAINED = frozenset({*INDICATORS, *ASKED, "births_gained", "births_lost", "gini", "palma"})
"""Columns that the page of the method explains."""


def found_for(context: Context, state: State, analysis: Analysis) -> pd.DataFrame:
    """Rows of the asked indicator of a state; `InputError` when it cannot be told."""
    if state.indicator == PROBABILITY:
        return with_error(analysis)
    return zone_access(context.engine, analysis, state.indicator)


def with_asked(context: Context, state: State, analysis: Analysis, notes: Notes) -> tuple[pd.DataFrame, Notes]:
    """Table and notes of a download, with the columns of the asked indicator where one is shown."""
    if state.indicator not in ASKED:
        return analysis.table, notes
    return with_columns(analysis, found_for(context, state, analysis), state.indicator, notes)


def sheet_section(context: Context, state: State, analysis: Analysis) -> html.Section | None:
    """Part of the sheet about the asked indicator; None where the map shows another one."""
    if state.indicator not in ASKED:
        return None
    lang = state.lang
    try:
        measures = found_for(context, state, analysis)
    except NabijError:
        return None
    row = measures[(measures["zone_id"] == state.zone).to_numpy(bool)].iloc[0]
    pairs = (
        _probability(row, lang)
        if state.indicator == PROBABILITY
        else _measure(row, measures, state, analysis.query, lang)
    )
    known = [(name, value) for name, value in pairs if value != "–"]
    kind = "certainty" if state.indicator == PROBABILITY else "access"
    content = (
        html.Dl([item for name, value in known for item in (html.Dt(name), html.Dd(value))], className="figures")
        if known
        else html.P(text("asked.sheet.none", lang))
    )
    help_ = html.P(sentence(analysis, measures, state.indicator, lang), className="help")
    return section(text(f"asked.sheet.{kind}", lang), content, help_, name="asked")


def _measure(
    row: pd.Series[Any], measures: pd.DataFrame, state: State, query: Query, lang: str
) -> list[tuple[Any, str]]:
    unit = unit_of(measures, query, lang)
    name = state.indicator

    def told(column: str) -> str:
        return shown(float(row[column]), name, unit, lang)

    return [
        (term(name, indicator_title(name, lang), lang), told("mean")),
        (text("asked.sheet.median", lang), told("median")),
        (term("gini", text("asked.column.gini", lang), lang), format_number(float(row["gini"]), lang, 2)),
        (term("palma", text("asked.column.palma", lang), lang), format_number(float(row["palma"]), lang, 1)),
        (text("asked.column.share_without", lang), format_percent(float(row["share_without"]), lang)),
    ]


def _probability(row: pd.Series[Any], lang: str) -> list[tuple[Any, str]]:
    value, error = float(row[PROBABILITY]), float(row[ERROR])
    told = shown(value, PROBABILITY, Unit(1.0, ""), lang)
    if told != "–":
        told = (
            f"{told}, {text('asked.sheet.fact', lang)}"
            if error == 0
            else text("asked.sheet.error", lang, probability=told, error=format_percent(error, lang, 1))
        )
    return [(term(PROBABILITY, indicator_title(PROBABILITY, lang), lang), told)]


def choices(lang: str) -> list[dict[str, Any]]:
    """Every indicator in the list of choices, by group."""
    return [
        {
            "group": text(f"indicator.group.{group}", lang),
            "items": select_data(list(names), [indicator_title(name, lang) for name in names]),
        }
        for group, names in _groups().items()
    ]


def configuration(lang: str) -> dict[str, Any]:
    """What the browser must know of the asked indicators, and of the groups that all stand in."""
    return {
        "asked": list(ASKED),
        "beside": [*COMPANIONS, ERROR],
        "groups": [
            {"label": text(f"indicator.group.{group}", lang), "names": list(names)}
            for group, names in _groups().items()
        ],
        "scales": {name: indicator.scale for name, indicator in (INDICATORS | ASKED).items()},
        "lowFirst": [name for name, indicator in (INDICATORS | ASKED).items() if indicator.dark_is_low],
    }


def words(lang: str) -> dict[str, str]:
    """Names of all indicators by the key that the browser knows them by."""
    titles = {f"indicator.{name}": indicator_title(name, lang) for name in (*INDICATORS, *ASKED)}
    return titles | {"asked.what": text("asked.what", lang)}


def _groups() -> dict[str, tuple[str, ...]]:
    research = [name for name in INDICATORS if name not in SIMPLE]
    return {"simple": SIMPLE, "spread": tuple(research), **groups()}


def columns(lang: str) -> list[dict[str, Any]]:
    """Columns of the table for the asked indicators and what goes with them; they are there while one is asked for."""
    values = [(name, name, 108) for name in ASKED]
    beside = [(name, f"asked-{name}", 84) for name in (*COMPANIONS, ERROR)]
    return [
        {
            "id": column,
            "title": text(f"asked.column.{name}", lang),
            "help": text(_help_of(name), lang),
            "kind": "asked",
            "width": width,
            "optional": True,
            **method_of(name),
        }
        for name, column, width in (*values, *beside)
    ]


def method_of(name: str) -> dict[str, str]:
    """Where the page of the method explains a column, as ``method``; nothing for a column that it does not explain."""
    place = "births_gained" if name == "reach_change" else name
    return {"method": place} if place in _EXPLAINED else {}


def _help_of(name: str) -> str:
    return f"measure.{name}.help" if name in MEASURES else f"column.{name}.help"


def stores() -> list[Any]:
    """Build what the page remembers of them but does not show."""
    return [dcc.Store(id="asking"), dcc.Store(id="asked")]
