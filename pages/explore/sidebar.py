"""The sidebar: the choices, in the order in which a planner asks."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html

from coverage.core.demand import available_years
from coverage.core.minutes import in_minutes
from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS
from i18n.numbers import separators
from i18n.texts import format_number, text
from loaders.catalogue.regions.levels import HOUSE_AREA, LEVELS, OWN
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import services
from loaders.snapshot.facility_sets import held_sets
from pages.explore.welcome import tour_button
from pages.shell.context import Context
from pages.shell.examples import EXAMPLES
from pages.shell.markup import attributes, icon, select_data, sentence_case
from pages.shell.masthead import masthead
from pages.shell.state import MODELS, OWN_PLACES, State

USUAL_MINUTES = (5, 10, 15, 20, 30, 45)
"""Reaches that are one click away."""

_SEGMENTS = 2
"""Sets that fit side by side; more of them stand in a list."""


def sidebar(context: Context, state: State) -> html.Nav:
    """Choices of a state, ready to be changed."""
    lang = state.lang
    return html.Nav(
        [
            masthead(state, "explore"),
            *steps(context, state),
            _step("facilities", lang, _facilities(context, state)),
            html.Div(
                [
                    html.P([text("sidebar.examples", lang), " ", tour_button(lang)], className="step-title with-tour"),
                    *[_example(name, lang) for name in EXAMPLES],
                ],
                className="examples",
            )
            if EXAMPLES
            else html.Div(tour_button(lang), className="examples"),
        ],
        className="sidebar",
        **attributes(aria_label=text("app.choices", lang)),
    )


MAX_SEGMENTS = 2
"""Kinds of place that fit side by side."""


def steps(context: Context, state: State) -> list[html.Section]:
    """Build the question, step by step: what, for whom, how far, at which scale."""
    lang = state.lang
    return [
        _step("service", lang, _services(state)),
        _step("demand", lang, _demand(context, state)),
        _step("reach", lang, _reach(state)),
        _step("level", lang, _scale(state)),
    ]


def _step(name: str, lang: str, *content: Any) -> html.Section:
    title = html.H2(text(f"sidebar.{name}", lang), id=f"step-{name}", className="step-title")
    return html.Section([title, *content], className="step", **attributes(aria_labelledby=f"step-{name}"))


def _services(state: State) -> Any:
    """Choose a kind of place: side by side while they are few, else out of a list."""
    lang, known = state.lang, tuple(services())
    if len(known) <= MAX_SEGMENTS:
        return _segments("service", known, state.service, lang)
    return dmc.Select(
        id="service",
        value=state.service,
        data=select_data(list(known), [text(f"sidebar.service.{name}", lang) for name in known]),
        allowDeselect=False,
        withCheckIcon=False,
        **attributes(aria_labelledby="step-service"),
    )


def _segments(
    name: str, values: tuple[str, ...], value: str, lang: str, labels: tuple[str, ...] | None = None
) -> dmc.SegmentedControl:
    return dmc.SegmentedControl(
        id=name,
        value=value,
        data=select_data(list(values), list(labels or [text(f"sidebar.{name}.{v}", lang) for v in values])),
        fullWidth=True,
        size="sm",
    )


def _demand(context: Context, state: State) -> html.Div:
    lang = state.lang
    years = [str(year) for year in reversed(available_years(context.snapshot, "age0"))]
    born = available_years(context.snapshot, "births")[-1]
    kinds = [kind for kind in DEMAND_KINDS if years or kind == "births"]
    kind = dmc.Select(
        id="demand",
        value=state.demand,
        data=select_data(kinds, [text(f"sidebar.demand.{kind}", lang, year=born) for kind in kinds]),
        allowDeselect=False,
        withCheckIcon=False,
        **attributes(aria_label=text("sidebar.demand", lang)),
    )
    year = dmc.Select(
        id="year",
        value=state.year or next(iter(years), ""),
        data=years,
        allowDeselect=False,
        withCheckIcon=False,
        **attributes(aria_label=text("sidebar.year", lang)),
    )
    hidden = "year hidden" if state.demand == "births" else "year"
    return html.Div([html.Div(kind), html.Div(year, id="year-choice", className=hidden)], className="pair")


def _reach(state: State) -> html.Div:
    lang = state.lang
    minutes = dmc.NumberInput(
        id="minutes",
        value=round(float(in_minutes(state.query.reach_m, state.query)), 4),
        suffix=" min",
        step=5,
        decimalScale=4,
        allowNegative=False,
        thousandSeparator=separators(lang)[0],
        decimalSeparator=separators(lang)[1],
        debounce=400,
        className="minutes",
        **attributes(aria_label=text("sidebar.minutes", lang), aria_describedby="minutes-help"),
    )
    usual = [
        html.Button(
            format_number(number, lang),
            className="chip",
            type="button",
            title=text("sidebar.minutes.pick", lang, minutes=number),
            **attributes(data_minutes=str(number)),
        )
        for number in USUAL_MINUTES
    ]
    model = dmc.Select(
        id="model",
        value=state.model,
        data=select_data(list(MODELS), [text(f"sidebar.model.{model}", lang) for model in MODELS]),
        allowDeselect=False,
        withCheckIcon=False,
        **attributes(aria_label=text("sidebar.model", lang), aria_describedby="model-help"),
    )
    return html.Div(
        [
            _segments("mode", tuple(DEFAULT_WITHIN_M), state.mode, lang),
            html.Div([html.Div(minutes), html.Div(model, className="model")], className="pair"),
            html.Div(
                usual,
                className="chips minutes-chips",
                role="group",
                **attributes(aria_label=text("sidebar.minutes", lang)),
            ),
            html.P(id="minutes-help", className="help"),
            html.P(id="model-help", className="help"),
            _min_share(state),
        ],
        className="stack",
    )


def _min_share(state: State) -> html.Div:
    """Choose below which share of the children in reach a zone has a gap."""
    lang = state.lang
    share = dmc.NumberInput(
        id="min-share",
        value=round(100 * state.query.min_share, 1),
        suffix=" %",
        min=0,
        max=100,
        step=5,
        decimalScale=1,
        decimalSeparator=separators(lang)[1],
        clampBehavior="blur",
        debounce=400,
        size="xs",
        **attributes(aria_label=text("sidebar.min_share.label", lang)),
    )
    return html.Div(
        [html.Span(text("sidebar.min_share", lang)), share, html.Span(text("sidebar.min_share.help", lang))],
        className="min-share",
    )


def _scale(state: State) -> html.Div:
    lang = state.lang
    levels = [*([OWN] if state.zones else []), *LEVELS, HOUSE_AREA]
    vintages = tuple(str(year) for year in region().vintages.held)
    return html.Div(
        [
            dmc.Select(
                id="level",
                value=state.level,
                data=select_data(levels, [sentence_case(text(f"level.{v}", lang)) for v in levels]),
                allowDeselect=False,
                withCheckIcon=False,
                maxDropdownHeight=400,
                **attributes(aria_label=text("sidebar.level", lang)),
            ),
            html.Div(
                [
                    html.P(text("sidebar.vintage", lang), className="help", id="vintage-title"),
                    _segments("vintage", vintages, state.vintage, lang, vintages),
                ],
                id="vintage-choice",
                className="stack" if state.level == region().base else "stack hidden",
            ),
        ],
        className="stack",
    )


def _facilities(context: Context, state: State) -> html.Div:
    """Choose among the sets that the snapshot holds and the user's own, and go to the page that takes another in."""
    lang = state.lang
    sets = [*([OWN_PLACES] if state.places else []), *held_sets(context.snapshot)]
    control = (
        _segments("facilities", tuple(sets), state.facilities, lang)
        if len(sets) <= _SEGMENTS
        else dmc.Select(
            id="facilities",
            value=state.facilities,
            data=select_data(sets, [text(f"sidebar.facilities.{which}", lang) for which in sets]),
            allowDeselect=False,
            withCheckIcon=False,
            **attributes(aria_label=text("sidebar.facilities", lang)),
        )
    )
    return html.Div(
        [
            control,
            html.P(id="facilities-help", className="help"),
            html.A(
                text("sidebar.data", lang),
                href=f"gegevens{state.address()}",
                className="data-link",
                id="data-link",
                **attributes(data_onward="gegevens"),
            ),
        ],
        className="stack",
    )


def _example(name: str, lang: str) -> html.A:
    return html.A(
        [html.Span(text(f"example.{name}", lang)), icon("arrow")],
        href=EXAMPLES[name].address(lang=lang),
        className="example go",
        id=f"example-{name}",
    )
