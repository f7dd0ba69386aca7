"""The answer on top: the verdict of the programming test, its criteria, the best sites, and those of a plan."""

from __future__ import annotations

from typing import Any

from dash import html

from coverage.case import ProgrammingTest, judge_plan, programming_test
from i18n.texts import format_number, text
from layers.sentences.case import (
    criterion_words,
    decisive_words,
    outcome_of,
    rule_words,
    site_words,
    verdict_words,
)
from loaders.catalogue.threshold_presets import get_preset
from pages.municipality.area_view import AreaView
from pages.municipality.pictures import site_map
from pages.shell.made_up import stamp
from pages.shell.markup import sentence_case


def verdict(view: AreaView) -> list[Any]:
    """Answer, criteria, best sites and a map; of a plan the places that it adds here, each beside all the others."""
    engine, asked, lang = view.context.engine, view.asked, view.lang
    if view.plan is None:
        test = programming_test(engine, view.query, view.facilities, preset=asked.preset, asked=asked.thresholds)
        return _whole(view, test)
    planned = judge_plan(
        engine, view.query, view.plan.present, view.facilities, preset=asked.preset, asked=asked.thresholds
    )
    (_, first), *_ = planned.tests
    if not planned.n_places:
        return [html.P(text("dossier.planned.none", lang)), *_whole(view, first)]
    parts: list[Any] = [html.P(text("dossier.planned.lead", lang))]
    for name, test in planned.tests:
        parts += [html.H3(name), *_answer(view, test), _criteria(test, lang)]
    left = planned.n_places - len(planned.tests)
    if left:
        parts.append(html.P(text("dossier.planned.more", lang, n=format_number(left, lang)), className="help"))
    return [*parts, _source(first, lang), html.P(rule_words(lang), className="help")]


def _answer(view: AreaView, test: ProgrammingTest) -> list[Any]:
    return [
        html.P(verdict_words(test, view.where, view.lang), className=f"case-sentence case-{test.verdict}"),
        html.P(decisive_words(test, view.lang)),
        stamp(view.lang, test.analysis.evidence),
    ]


def _source(test: ProgrammingTest, lang: str) -> html.P:
    """Where the thresholds are from."""
    return html.P(text(f"preset.source.{get_preset(test.thresholds.preset).source}", lang), className="help")


def _criteria(test: ProgrammingTest, lang: str) -> html.Ul:
    items = [
        html.Li(
            [
                html.Span(
                    text(f"case.outcome.{outcome_of(judged)}", lang), className=f"case-mark case-{outcome_of(judged)}"
                ),
                html.Strong(sentence_case(text(f"criterion.{judged.name}", lang))),
                html.Span(text("case.page.required", lang), className="case-required") if judged.required else None,
                html.P(criterion_words(judged, test, lang)),
            ],
            className="case-criterion",
        )
        for judged in test.criteria
    ]
    return html.Ul(items, className="case-criteria")


def _whole(view: AreaView, test: ProgrammingTest) -> list[Any]:
    """Answer for the area, with the best sites in it."""
    lang, demand = view.lang, test.analysis.query.demand
    sites = [
        html.Li(site_words({str(name): value for name, value in site.items()}, demand, lang))
        for site in test.sites.to_dict("records")
    ]
    return [
        *_answer(view, test),
        _source(test, lang),
        html.H3(text("case.page.criteria", lang)),
        _criteria(test, lang),
        html.H3(text("case.page.sites", lang)),
        html.Ul(sites, className="case-sites"),
        html.P(text("case.sites.tried", lang, n=format_number(test.n_candidates, lang)), className="help"),
        site_map(view.context, test, view.asked.areas, lang),
        html.P(rule_words(lang), className="help"),
    ]
