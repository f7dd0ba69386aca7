"""The choices of the two sides, as a form that the scripts read whenever one of its fields changes."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from coverage.core.demand import available_years
from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS
from i18n.errors import NabijError
from i18n.texts import text
from layers.views.view import indicator_title
from loaders.catalogue.regions.levels import LEVELS, OWN
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import services
from loaders.snapshot.facility_sets import held_sets
from pages.compare.compared import RIGHT, SHOWN, Compared, source_of
from pages.shell.context import Context
from pages.shell.markup import attributes, icon, labelled, option, sentence_case
from pages.shell.plans.plan_versions import plans
from pages.shell.state import MODELS, OWN_PLACES, State

MINUTES = (5, 10, 15, 20, 30, 45, 60)
"""Reaches to choose from."""


def sides_form(context: Context, asked: Compared) -> html.Form:
    """Fields of both sides, what colours the maps, and a button that changes the sides over."""
    lang = asked.left.lang
    indicators = [option(name, indicator_title(name, lang), asked.indicator) for name in SHOWN]
    swap = html.Button(
        [icon("swap"), html.Span(text("compare.page.swap", lang))],
        type="button",
        className="button compare-swap",
        id="compare-swap",
        **attributes(data_swap=""),
    )
    return html.Form(
        [
            _side(context, asked.left, "left", ""),
            _side(context, asked.right, "right", RIGHT),
            html.Div(
                [
                    labelled(
                        "compare-indicator",
                        text("map.colour", lang),
                        html.Select(indicators, name="indicator", id="compare-indicator"),
                    ),
                    swap,
                ],
                className="compare-shared",
            ),
            *(
                dcc.Input(id=f"compare-kept-{name}", type="hidden", name=name, value=getattr(asked.left, name))
                for name in ("zones", "lang")
            ),
        ],
        id="compare-form",
        className="compare-form",
        **attributes(aria_label=text("compare.page.form", lang), data_asks="compare-asked"),
    )


def _side(context: Context, state: State, side: str, before: str) -> html.Fieldset:
    lang = state.lang
    years = [str(year) for year in reversed(available_years(context.snapshot, "age0"))]
    born = available_years(context.snapshot, "births")[-1]
    kinds = [kind for kind in DEMAND_KINDS if years or kind == "births"]
    levels = [*([OWN] if state.zones else []), *LEVELS]
    vintages = [str(year) for year in region().vintages.held]

    def field(name: str, words: str, options: list[html.Option], kind: str = "") -> html.Div:
        control = html.Select(options, name=before + name, id=f"compare-{side}-{name}")
        return labelled(f"compare-{side}-{name}", words, control, kind)

    def choices(name: str, values: list[str], labels: list[str]) -> list[html.Option]:
        pairs = zip(values, labels, strict=True)
        return [option(value, words, str(getattr(state, name))) for value, words in pairs]

    return html.Fieldset(
        [
            html.Legend(text(f"compare.page.{side}", lang)),
            field(
                "service",
                text("sidebar.service", lang),
                choices("service", list(services()), [text(f"sidebar.service.{name}", lang) for name in services()]),
            ),
            _source(context, state, side, before),
            field(
                "mode",
                text("compare.page.mode", lang),
                choices(
                    "mode", list(DEFAULT_WITHIN_M), [text(f"sidebar.mode.{mode}", lang) for mode in DEFAULT_WITHIN_M]
                ),
            ),
            field("minutes", text("compare.page.minutes", lang), _minutes(state), "narrow"),
            field(
                "model",
                text("compare.page.model", lang),
                choices("model", list(MODELS), [text(f"sidebar.model.{model}", lang) for model in MODELS]),
            ),
            field(
                "demand",
                text("sidebar.demand", lang),
                choices("demand", kinds, [text(f"sidebar.demand.{kind}", lang, year=born) for kind in kinds]),
            ),
            field("year", text("compare.page.year", lang), _years(state, years), "narrow"),
            field(
                "level",
                text("compare.page.level", lang),
                choices("level", levels, [sentence_case(text(f"level.{level}", lang)) for level in levels]),
            ),
            field("vintage", text("compare.page.vintage", lang), choices("vintage", vintages, vintages), "narrow"),
            *(
                dcc.Input(id=f"compare-{side}-{name}", type="hidden", name=before + name, value=getattr(state, name))
                for name in ("places", "key")
            ),
        ],
        className=f"compare-side {side}",
        id=f"compare-side-{side}",
    )


def _years(state: State, years: list[str]) -> list[html.Option]:
    return [option(year, year, state.year or next(iter(years), "")) for year in years]


def _minutes(state: State) -> list[html.Option]:
    """What is usual for the service, usual reaches, and another one that an address may name."""
    reaches = [f"{minutes:g}" for minutes in MINUTES]
    own = [] if state.minutes in ("", *reaches) else [state.minutes]
    usual = option("", text("compare.page.usual", state.lang), state.minutes)
    return [usual, *(option(minutes, minutes, state.minutes) for minutes in (*reaches, *own))]


def _source(context: Context, state: State, side: str, before: str) -> html.Div:
    """List of the sets of places, the list that was brought along, and the plans of the visitor."""
    lang, chosen = state.lang, source_of(state)
    sets = [*([OWN_PLACES] if state.places else []), *held_sets(context.snapshot)]
    lists = [option(which, text(f"sidebar.facilities.{which}", lang), chosen) for which in sets]
    try:
        kept = {plan.id: plan.name or text("plan.unnamed", lang) for plan in plans().listed(state.key)}
    except NabijError:
        kept = {}
    if state.plan and state.plan not in kept:
        kept[state.plan] = _name(state)
    groups: list[Any] = [html.Optgroup(lists, label=text("compare.page.lists", lang))]
    if kept:
        named = [option(f"plan:{plan}", name, chosen) for plan, name in kept.items()]
        groups.append(html.Optgroup(named, label=text("compare.page.plans", lang)))
    control = html.Select(groups, name=before + "source", id=f"compare-{side}-source")
    return labelled(f"compare-{side}-source", text("compare.page.source", lang), control)


def _name(state: State) -> str:
    try:
        return plans().get(state.plan, state.lang, state.key).scenario.name or text("plan.unnamed", state.lang)
    except NabijError:
        return state.plan[:8]
