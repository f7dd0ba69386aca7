"""Charts of an area that stand by themselves: births over the years, and who is out of reach by deprivation."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.analysis import Analysis, Engine
from coverage.case.portrait import by_fifth
from coverage.case.programming_test import area_of
from coverage.indicators.zone.sheet import trend
from i18n.messages import MessageError
from i18n.texts import format_percent, text
from layers.figures.chart import Bar, Series, draw_bars, draw_years
from layers.figures.framed import framed
from layers.notes.notes import Notes, cite
from layers.sentences import capital, figure
from layers.sentences.case import area_words
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

_COUNTED = ("births", "ages")
"""Tables that a chart of the years rests on."""


def area_chart(kind: str, engine: Engine, analysis: Analysis, notes: Notes) -> bytes:
    """Draw a chart of the areas of an answer, of the whole region where it has none.

    Parameters
    ----------
    kind : ``births`` or ``fifths``
    engine : engine on the snapshot to work from
    analysis : the answer, and what it was asked
    notes : question, warning and sources of the answer; their language is that of the chart

    Raises
    ------
    MessageError
        when nothing is held to draw
    """
    query, lang = analysis.query, notes.lang
    everywhere = engine.analyse(replace(query, areas=(), level=region().base, draws=0), analysis.facilities)
    inside = area_of(engine, query)[0] if query.areas else np.ones(len(everywhere.demand.births), dtype=bool)
    where = area_words(engine.snapshot, query, lang) if query.areas else region().name[lang]
    if kind == "births":
        return _years(trend(engine.territory, inside), capital(where), engine.snapshot, notes)
    table = by_fifth(engine, everywhere, inside)
    if table.empty or table["out_of_reach"].isna().all():
        raise MessageError("error.figure.no_chart", title=text("case.page.deprivation", lang))
    bars = [
        _fifth(row["stratum"], float(row["births"]), float(row["out_of_reach"]), lang) for _, row in table.iterrows()
    ]
    title = f"{text('case.page.deprivation', lang)} {capital(where)}"
    return framed(draw_bars(title, bars, lang, text("figure.fifths.axis", lang)), title, notes)


def _fifth(stratum: str, births: float, out: float, lang: str) -> Bar:
    share = out / births if births > 0 else math.nan
    told = text(
        "figure.fifths.bar", lang, share=format_percent(share, lang), out=figure(out, lang), births=figure(births, lang)
    )
    return Bar(text(f"case.page.fifth.{stratum}", lang), share, told)


def _years(series: pd.DataFrame, where: str, snapshot: Snapshot, notes: Notes) -> bytes:
    """Births and 0-year-olds of an area; places have no part in them, so no warning about places either."""
    title = text("dossier.trend.caption", notes.lang)
    drawn = births_chart(series, notes.lang, (title, title))
    if drawn is None:
        raise MessageError("error.figure.no_chart", title=title)
    sources = tuple(name for name in _COUNTED if name in snapshot.resources)
    return framed(drawn, title, replace(notes, warning="", question=where, sources=cite(snapshot, sources, notes.lang)))


def births_chart(trend: pd.DataFrame, lang: str, words: tuple[str, str], height: float = 260.0) -> bytes | None:
    """Draw the 0-year-olds of every year and the births counted; None with fewer than two years."""
    line = trend[trend["kind"] == "age0"].dropna().sort_values("year")
    births = trend[trend["kind"] == "births"].dropna().sort_values("year")
    if len(line) < 2:
        return None
    series = [Series(text("dossier.trend.age0", lang), line["year"].tolist(), line["value"].tolist())]
    if len(births):
        label = text("dossier.trend.births", lang)
        series.append(Series(label, births["year"].tolist(), births["value"].tolist(), points=True))
    return draw_years(words[0], series, lang, words[1], height)
