"""What surrounds the children of a zone on its sheet: deprivation, type of area, and what the field report says."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html

from coverage.analysis import Analysis
from coverage.indicators.strata_table import burden_of_zone
from coverage.indicators.surroundings import Indexes, fifths_of_zone, households_of, indexes_of, report_facts
from coverage.zones.strata import DEPRIVATION
from i18n.texts import format_number, format_percent, has_text, text
from layers.notes.strata_notes import inequality_lines
from pages.shell.context import Context
from pages.shell.markup import section
from pages.shell.state import State


def deprivation(context: Context, state: State, analysis: Analysis, row: pd.Series[Any]) -> html.Section | None:
    """Births by fifth of deprivation and who of them is out of reach; type of area and published indexes."""
    lang = state.lang
    fifths = fifths_of_zone(context.engine, analysis, state.zone)
    indexes = (
        indexes_of(context.snapshot, state.zone, state.query.held_vintage) if state.level == "municipality" else None
    )
    about = [item for item in (_area_type(row, lang), *_indexes(indexes, lang), _households(context, state)) if item]
    if not fifths and not about:
        return None
    heads = [html.Th(text(f"sheet.fifths.{name}", lang), scope="col") for name in ("stratum", "births", "out")]
    rows = [
        html.Tr(
            [
                html.Th(text(f"stratum.deprivation.{one.stratum}", lang), scope="row"),
                html.Td(format_number(one.births, lang), className="number"),
                html.Td(format_percent(one.share_out_of_reach, lang), className="number"),
            ]
        )
        for one in fifths
    ]
    return section(
        text("sheet.fifths", lang),
        html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="fifths") if rows else None,
        *(html.P(sentence, className="help") for sentence in (_inequality(context, state, analysis) if rows else ())),
        html.P(text("caveat.by.deprivation", lang), className="help") if rows else None,
        html.Ul([html.Li(item) for item in about], className="plain-list") if about else None,
        name="fifths",
    )


def _inequality(context: Context, state: State, analysis: Analysis) -> list[str]:
    """Concentration index and FGT of the zone, with what they mean."""
    return inequality_lines(burden_of_zone(context.engine, analysis, DEPRIVATION, state.zone), state.lang)


def _area_type(row: pd.Series[Any], lang: str) -> str:
    kind = row["area_type"]
    return "" if pd.isna(kind) else text("sheet.area_type", lang, kind=text(f"stratum.area_type.{kind}", lang))


def _indexes(indexes: Indexes | None, lang: str) -> list[str]:
    """Published indexes in sentences, each with its year, or that this is not stated."""
    if indexes is None:
        return []
    told = []
    if indexes.deprived_births_share is not None:
        share = format_percent(indexes.deprived_births_share, lang, 1)
        told.append(text("sheet.index.deprived_births", lang, share=share))
    if indexes.education_index is not None:
        told.append(text("sheet.index.education", lang, index=format_number(indexes.education_index, lang, 2)))
    if indexes.median_income_eur is not None:
        income = format_number(indexes.median_income_eur, lang)
        year = text("sheet.index.no_year", lang) if indexes.income_year is None else str(indexes.income_year)
        told.append(text("sheet.index.income", lang, income=income, year=year))
    return told


def _households(context: Context, state: State) -> str:
    """Households today and at the end of the projection; empty where none is held."""
    households = (
        households_of(context.snapshot, state.zone, state.query.held_vintage) if state.level == "municipality" else None
    )
    if households is None:
        return ""
    words = {"now": format_number(households[1], state.lang), "then": format_number(households[3], state.lang)}
    return text("sheet.households", state.lang, year=str(households[0]), last=str(households[2]), **words)


def report(context: Context, state: State) -> html.Section | None:
    """Say what the field report of 2013 says of this municipality or care region, each with its section."""
    lang = state.lang
    facts = report_facts(context.snapshot, state.level, state.query.held_vintage, state.zone)
    items = [html.Li(sentence) for sentence in (_fact(fact, lang) for fact in facts.to_dict("records")) if sentence]
    if not items:
        return None
    return section(
        text("sheet.report", lang),
        html.P(text("sheet.report.note", lang), className="help"),
        html.Ul(items, className="plain-list facts"),
    )


def _fact(fact: dict[Any, Any], lang: str) -> str:
    """One fact in a sentence with its section; empty for a kind of fact that has no words."""
    name = "_".join(word for word in str(fact["fact"]).replace("-", " ").split() if word)
    key = f"case.{fact['subject']}.{name}"
    if name == "places" and fact["values"] == "0":
        key += "_none"
    if not has_text(key):
        return ""
    words = {"value": fact["values"], "since": fact["since"]}
    return text("sheet.report.fact", lang, fact=text(key, lang, **words), section=fact["section"])
