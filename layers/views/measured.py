"""Access measures and the probability of a gap as the explorer shows and writes them: unit, classes, columns, notes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.core.minutes import per_minute
from coverage.core.query import Query
from coverage.indicators.measures import DISTANCES, MEASURES, TOGETHER
from i18n.texts import format_number, format_percent, text
from layers.maps.classes import PROBABILITY, format_amount, get_indicator
from layers.maps.classing import USUAL_METHOD
from layers.notes.access_notes import explained, unknown_hours
from layers.notes.notes import Notes
from layers.sentences import format_minutes
from layers.views.view import classing_of, coloured, ranked
from loaders.catalogue.columns import CERTAINTY_COLUMNS

if TYPE_CHECKING:
    from coverage.analysis import Analysis

COMPANIONS = ("gini", "palma", "share_without")
"""What a measure says of a zone beside its mean."""

ERROR = next(iter(CERTAINTY_COLUMNS))
_WRITTEN = ("measure", "unit", "mean", "median", *COMPANIONS)
_PER_THOUSAND = 1000.0
_INDEX = 100.0


@dataclass(frozen=True)
class Unit:
    """How a measure is written on the screen.

    Attributes
    ----------
    factor : what a value of the table is multiplied by
    words : the unit in full
    short : the unit after a value, empty where the value says it
    """

    factor: float
    words: str
    short: str = ""


def unit_of(table: pd.DataFrame, query: Query, lang: str) -> Unit:
    """Unit of one measure on the screen: places per child are told per thousand children.

    Parameters
    ----------
    table : `coverage.indicators.measures.zone_access`
    query : the question
    lang : language
    """
    measure, unit = str(table["measure"].iloc[0]), str(table["unit"].iloc[0])
    supply = "hours" if unit.startswith("hours") else "places"
    if measure in DISTANCES:
        return Unit(1 / per_minute(query) if unit == "m" else 1.0, text("asked.unit.minutes", lang))
    if measure in ("count", TOGETHER):
        return Unit(1.0, text("asked.unit.count", lang), text("asked.unit.short.count", lang))
    if measure == "gravity":
        words = text(f"asked.unit.weighed.{supply}", lang)
        return Unit(1.0, words, words.partition(",")[0])
    if measure == "bfca":
        known = table["mean"].notna().to_numpy(bool) & (table["births"] > 0).to_numpy(bool)
        level = float(np.average(table["mean"][known], weights=table["births"][known])) if known.any() else 0.0
        return Unit(
            _INDEX / level if level else 1.0,
            text("asked.unit.level", lang),
            text("asked.unit.short.level", lang),
        )
    words = text(f"asked.unit.each.{supply}", lang, who=text(f"asked.who.{query.demand}", lang))
    return Unit(_PER_THOUSAND if supply == "places" else 1.0, words, words)


def measured(
    analysis: Analysis, measures: pd.DataFrame, indicator: str, lang: str, method: str = USUAL_METHOD
) -> dict[str, Any]:
    """Values of one asked indicator for the browser, in the order of `layers.views.view.payload`.

    Parameters
    ----------
    analysis : the answer to the question
    measures : for a measure `measures.zone_access`, for the probability `measures.with_error`
    indicator : id in `layers.maps.classes.ASKED`
    lang : language
    method : how values are put in classes, one of `layers.maps.classing.METHODS`

    Returns
    -------
    dict
        ``values``, ``classes``, ``legend`` as in a payload; ``beside``: name of a column to its values
    """
    table = ranked(analysis.table)
    names: tuple[str, ...] = COMPANIONS
    rows = measures.set_index("zone_id").loc[table["zone_id"]].reset_index()
    if indicator == PROBABILITY:
        unit, names = Unit(1.0, ""), (ERROR,)
        rows[indicator] = rows[PROBABILITY]
    else:
        unit = unit_of(measures, analysis.query, lang)
        rows[indicator] = rows["mean"] * unit.factor
    values, classes, legend = coloured(rows, get_indicator(indicator), lang, classing_of(analysis.query, method))
    if legend is not None:
        legend |= {"unit": unit.words, "short": unit.short, "help": sentence(analysis, measures, indicator, lang)}
    return {
        "indicator": indicator,
        "values": values,
        "classes": classes,
        "legend": legend,
        "beside": {name: _numbers(rows[name]) for name in names},
    }


def sentence(analysis: Analysis, measures: pd.DataFrame, indicator: str, lang: str) -> str:
    """What an asked indicator means, in a sentence; a second one where hours are not known."""
    if indicator == PROBABILITY:
        drawn = analysis.certainty
        error = format_percent(None if drawn is None else drawn.largest_error, lang, 1)
        draws = format_number(None if drawn is None else drawn.draws, lang)
        return text("indicator.gap_probability.help", lang, draws=draws, error=error)
    more = [text("asked.unknown", lang)] if unknown_hours(measures) else []
    return " ".join([text(f"measure.{indicator}.help", lang), *more])


def shown(value: float, indicator: str, unit: Unit, lang: str) -> str:
    """One value as people read it, with its unit."""
    if not np.isfinite(value):
        return "–"
    if indicator == PROBABILITY:
        return format_percent(value, lang)
    if indicator in DISTANCES:
        return format_minutes(value * unit.factor, lang)
    return f"{format_amount(value * unit.factor, lang)} {unit.short}".strip()


def with_columns(
    analysis: Analysis, measures: pd.DataFrame, indicator: str, notes: Notes
) -> tuple[pd.DataFrame, Notes]:
    """Zone table with the columns of an asked indicator, and notes that explain them.

    The values of a measure are those of ``nabij access``: per child, as the column ``unit`` says.
    """
    lang = notes.lang
    if indicator == PROBABILITY:
        return measures, notes
    table = analysis.table.merge(measures[["zone_id", *_WRITTEN]], on="zone_id", how="left", validate="one_to_one")
    unit = unit_of(measures, analysis.query, lang)
    words = [*explained((indicator,), lang), text("asked.notes.shown", lang, unit=unit.words)]
    more = (text("caveat.capacity_unknown", lang),) if unknown_hours(measures) else ()
    access = notes.command.replace("nabij coverage", "nabij access", 1)
    return table, replace(
        notes,
        question=" ".join([notes.question, *words]),
        caveats=(*notes.caveats, *more),
        command=f"{notes.command} && {access} --measure {indicator}",
    )


def groups() -> dict[str, tuple[str, ...]]:
    """Asked indicators by the group that they are offered in."""
    return {"access": MEASURES, "certainty": (PROBABILITY,)}


def _numbers(values: pd.Series[Any]) -> list[float | None]:
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    return [round(float(number), 4) if np.isfinite(number) else None for number in numbers]
