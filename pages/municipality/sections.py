"""The sections of the page, each worked out by a request of its own so that the first ones are there at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from dash import Dash, Input, Output, html, no_update

from coverage.case.portrait import BirthsReached, by_fifth, by_mode, most_alike, nearest_places, reached
from coverage.core.demand import available_years
from coverage.dossier.facts import MIN
from coverage.indicators.zone.flows import flows
from coverage.indicators.zone.sheet import trend
from i18n.errors import NabijError
from i18n.texts import format_percent, text
from layers.sentences import called, change, count, figure, listed, noun_for, part
from layers.sentences.travel_words import travel_words
from loaders.catalogue.regions.region_in_use import region
from pages.municipality import case_documents
from pages.municipality.area_view import AreaView
from pages.municipality.pictures import bar, trend_chart
from pages.municipality.verdict import verdict
from pages.shell.markup import attributes, sentence_case

SECTIONS = ("verdict", "births", "reach", "deprivation", "places", "closing", "alike", "unknown")
"""Sections in order; the first is the answer."""

_METHOD = {
    "verdict": "justify",
    "births": "demand",
    "reach": "reach",
    "deprivation": "strata",
    "places": "reach",
    "closing": "closure",
    "alike": "justify",
    "unknown": "probability",
}
_SHOWN = 8
_WITHOUT_BIRTHS = ("births", "unknown")
"""Sections that say something of an area without births."""


def register(app: Dash) -> None:
    """Connect every section to the question of the page."""
    for name, make in _MAKERS.items():
        app.callback(Output(f"case-{name}", "children"), Input("case-state", "data"))(_answering(name, make))
    case_documents.register(app)


def _answering(name: str, make: Callable[[AreaView], list[Any]]) -> Callable[[dict[str, Any] | None], Any]:
    """Callback of a section: what it says, or why it cannot, in a sentence."""

    def answer(data: dict[str, Any] | None) -> Any:
        if not data:
            return no_update
        try:
            view = AreaView(data)
            if name not in _WITHOUT_BIRTHS and not view.births > 0:
                words = {"where": view.where, "year": view.analysis.demand.year}
                return [html.P(sentence_case(text("case.page.no_births", view.lang, **words)), className="case-wrong")]
            return [*make(view), _method(name, view.lang)]
        except NabijError as error:
            return [html.P(error.sentence(str(data["lang"])), className="case-wrong")]

    answer.__name__ = f"case_{name}"
    return answer


def _method(name: str, lang: str) -> html.Details:
    """How the figures of a section are worked out."""
    page = _METHOD[name]
    return html.Details(
        [
            html.Summary(text("case.page.method", lang)),
            html.P(text(f"case.page.{name}.method", lang)),
            html.P(text("case.page.method.page", lang, page=f"docs/method/{page}.md"), className="help"),
        ],
        className="case-method",
    )


def _births(view: AreaView) -> list[Any]:
    """Births of the area, and how children changed over the years."""
    lang = view.lang
    series = trend(view.context.engine.territory, view.inside)
    analysis = view.analysis
    births = float(analysis.demand.births[view.inside].sum())
    told = text(
        "case.page.births.told",
        lang,
        births=count("births", births, lang) if view.query.demand == "births" else figure(births, lang),
        where=view.where,
        year=analysis.demand.year,
    )
    told = sentence_case(told)
    line = series[series["kind"] == "age0"].sort_values("year")
    parts: list[Any] = [html.P(told, className="lead")]
    if len(line) > 1:
        past = line[line["year"] <= int(line["year"].iloc[-1]) - 10]
        then = past.iloc[-1] if len(past) else line.iloc[0]
        now = line.iloc[-1]
        words = change(float(then["value"]), float(now["value"]), lang)
        years = {"first": int(then["year"]), "last": int(now["year"])}
        parts += [html.P(text("case.page.births.changed", lang, change=words, **years)), trend_chart(series, lang)]
    years_known = available_years(view.context.snapshot, "births")
    parts.append(html.P(text("case.page.births.proxy", lang, years=", ".join(map(str, years_known))), className="help"))
    return parts


def _reach(view: AreaView) -> list[Any]:
    """Who can get to a place within 15 minutes on foot, by bike and by car, beside the whole region."""
    lang, noun = view.lang, noun_for(view.query.demand)
    rows = []
    for mode, (mine, all_of_it) in by_mode(view.context.engine, view.query, view.facilities, view.inside).items():
        rows.append(
            html.Tr(
                [
                    html.Th(sentence_case(text(f"mode.{mode}", lang)), scope="row"),
                    html.Td(sentence_case(part(noun, mine.in_reach, mine.births, lang))),
                    html.Td([bar(mine.share, ""), format_percent(mine.share, lang)], className="number"),
                    html.Td(format_percent(all_of_it.share, lang), className="number"),
                    html.Td(travel_words(mine.mean_m, replace(view.query, mode=mode), lang), className="number"),
                ]
            )
        )
    head = ("mode", "in_reach", "share", "region", "mean")
    return [_table("reach", head, rows, lang), html.P(text("case.page.reach.bus", lang), className="help")]


def _deprivation(view: AreaView) -> list[Any]:
    """Who is out of reach, by fifth of deprivation."""
    lang = view.lang
    table = by_fifth(view.context.engine, view.analysis, view.inside)
    if table.empty:
        return [html.P(text("case.page.deprivation.none", lang))]
    rows = []
    for row in table.to_dict("records"):
        out = float(row["out_of_reach"])
        share = out / float(row["births"]) if row["births"] > 0 else float("nan")
        name = text(f"case.page.fifth.{row['stratum']}", lang)
        rows.append(
            html.Tr(
                [
                    html.Th(name, scope="row"),
                    html.Td(figure(float(row["births"]), lang), className="number"),
                    html.Td(figure(None if math.isnan(out) else out, lang), className="number"),
                    html.Td([bar(share, ""), format_percent(share, lang)], className="number"),
                ]
            )
        )
    return [_table("deprivation", ("fifth", "births", "out", "out_share"), rows, lang)]


def _places(view: AreaView) -> list[Any]:
    """Where families go: nearest places, and in which other municipalities."""
    lang = view.lang
    table = nearest_places(view.analysis, view.inside)
    if table.empty:
        return [html.P(text("case.page.places.none", lang))]
    rows = [
        html.Tr(
            [
                html.Th(row["name"], scope="row"),
                html.Td(figure(float(row["births"]), lang), className="number"),
                html.Td([bar(float(row["share"]), ""), format_percent(float(row["share"]), lang)], className="number"),
                html.Td(travel_words(float(row["mean_m"]), view.query, lang), className="number"),
            ]
        )
        for row in table.head(_SHOWN).to_dict("records")
    ]
    return [
        html.P(_flow_words(view), className="lead"),
        _table("places", ("place", "families", "share_of_area", "mean"), rows, lang),
    ]


def _flow_words(view: AreaView) -> str:
    """In which other municipalities the nearest place of most families stands."""
    lang, base = view.lang, region().base
    single = len(view.asked.areas) == 1 and view.asked.areas[0][0] == base
    if not single:
        return text("case.page.flows.area", lang, where=view.where)
    asked = replace(view.query, level=base, areas=())
    analysis = view.context.engine.analyse(asked, view.facilities)
    out = flows(view.context.snapshot, analysis, view.asked.areas[0][1])
    out = out[out["births"] >= MIN]
    noun = noun_for(view.query.demand)
    births = float(view.analysis.demand.births[view.inside].sum())
    leaving = part(noun, float(out["births"].sum()), births, lang)
    if out.empty:
        return text("case.page.flows.none", lang, where=view.where)
    names = [
        f"{called(row['to_zone_name'], lang)} ({figure(float(row['births']), lang)})"
        for row in out.head(4).to_dict("records")
    ]
    return sentence_case(text("case.page.flows.told", lang, leaving=leaving, names=listed(names, lang)))


def _closing(view: AreaView) -> list[Any]:
    """What happens to the families of the area if each of their places closes."""
    lang, noun = view.lang, noun_for(view.query.demand)
    table = nearest_places(view.analysis, view.inside)
    if table.empty:
        return [html.P(text("case.page.places.none", lang))]
    items = []
    for row in table.head(_SHOWN).to_dict("records"):
        lost, extra = count(noun, float(row["lost"]), lang), float(row["extra_m"])
        key = "case.page.closing.told" if math.isfinite(extra) else "case.page.closing.last"
        words = {"name": row["name"], "lost": lost, "extra": travel_words(extra, view.query, lang)}
        items.append(html.Li(text(key, lang, births=count(noun, float(row["births"]), lang), **words)))
    return [html.Ul(items, className="case-closing")]


def _alike(view: AreaView) -> list[Any]:
    """Area beside the average and the ten municipalities most like it."""
    lang, engine, analysis = view.lang, view.context.engine, view.analysis
    alike = most_alike(engine, analysis, view.inside)
    if alike.table.empty:
        return [html.P(text("case.page.alike.none", lang))]
    index = view.context.snapshot.zone_index(region().base, region().vintage)
    ids = engine.territory.zone_ids(region().base, region().vintage)
    positions = {str(zone): at for at, zone in enumerate(ids)}
    shares: list[tuple[str, BirthsReached, int | None]] = [(view.where, reached(analysis, view.inside), None)]
    for row in alike.table.to_dict("records"):
        cells = index == positions[str(row["zone_id"])]
        shares.append((called(str(row["zone_name"]), lang), reached(analysis, cells), None))
    everybody = reached(analysis, np.ones(len(view.inside), dtype=bool))
    average = _mean([each.share for _, each, _ in shares[1:]])
    rows = [
        _alike_row(sentence_case(name), figures, view, "case-own" if at == 0 else "")
        for at, (name, figures, _) in enumerate(shares)
    ]
    rows.append(_alike_row(text("case.page.alike.region", lang), everybody, view, "case-own", births=False))
    by = listed([text(f"case.page.feature.{name}", lang) for name in alike.features], lang)
    own = shares[0][1].share
    told = text(
        "case.page.alike.told",
        lang,
        where=view.where,
        own=format_percent(own, lang),
        average=format_percent(average, lang),
        region=format_percent(everybody.share, lang),
    )
    return [
        html.P(sentence_case(told), className="lead"),
        html.P(text("case.page.alike.by", lang, features=by)),
        _table("alike", ("zone", "births", "share", "mean"), rows, lang),
    ]


def _alike_row(name: str, figures: BirthsReached, view: AreaView, kind: str, *, births: bool = True) -> html.Tr:
    lang = view.lang
    return html.Tr(
        [
            html.Th(name, scope="row"),
            html.Td(figure(figures.births, lang) if births else "", className="number"),
            html.Td([bar(figures.share, ""), format_percent(figures.share, lang)], className="number"),
            html.Td(travel_words(figures.mean_m, view.query, lang), className="number"),
        ],
        className=kind,
    )


def _mean(values: list[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else float("nan")


def _unknown(view: AreaView) -> list[Any]:
    """What is not known, and whom to ask."""
    lang, analysis = view.lang, view.analysis
    keys = ["spread", "streets", "hours", "bus"]
    if analysis.evidence == "illustrative":
        keys.insert(0, "illustrative")
    if pd.isna(analysis.distance_m[view.inside]).any():
        keys.insert(0, "distance")
    planning = region().planning
    if planning:
        index = view.context.snapshot.zone_index(planning, region().vintage)
        if not (index[view.inside] >= 0).all():
            keys.append("planning")
    if analysis.load is not None:
        keys.remove("hours")
    level = text(f"level.{planning}", lang) if planning else ""
    service = text(f"service.{analysis.query.service}.plural", lang)
    items = [
        html.Li(text(f"case.page.unknown.{key}", lang, planning=level, services=service, where=view.where))
        for key in keys
    ]
    return [html.Ul(items, className="case-unknown")]


def _table(name: str, head: tuple[str, ...], rows: list[html.Tr], lang: str) -> html.Div:
    cells = [
        html.Th(text(f"case.page.column.{column}", lang), scope="col", className="" if at == 0 else "number")
        for at, column in enumerate(head)
    ]
    table = html.Table(
        [html.Caption(text(f"case.page.{name}", lang), className="only-read"), html.Thead(html.Tr(cells)),
         html.Tbody(rows)],
        className="layers-table case-table",
    )  # fmt: skip
    label = attributes(aria_label=text(f"case.page.{name}", lang))
    return html.Div(table, className="scroll", tabIndex=0, role="group", **label)


_MAKERS: dict[str, Callable[[AreaView], list[Any]]] = {
    "verdict": verdict,
    "births": _births,
    "reach": _reach,
    "deprivation": _deprivation,
    "places": _places,
    "closing": _closing,
    "alike": _alike,
    "unknown": _unknown,
}
