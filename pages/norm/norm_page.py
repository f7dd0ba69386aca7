"""The page of the norm: a slider and rules on top, the answer below it follows at once."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import dcc, html

from coverage.norm.request import RULES
from i18n.texts import format_number, text
from loaders.catalogue.services import services
from pages.norm import norm_documents
from pages.norm.asked import MAX, MIN, STEP, NormAsked, asked_of
from pages.request.input_kinds import fits
from pages.shell.context import current
from pages.shell.markup import attributes, sentence_case
from pages.shell.masthead import described
from pages.shell.page_frame import page_frame
from pages.shell.session_uploads import without_lost
from pages.shell.state import State, read_state
from pages.shell.view_inputs import CHOICES

dash.register_page(__name__, path="/norm", **described("norm"))  # type: ignore[no-untyped-call]


def layout(**values: Any) -> html.Div:
    """Page for the choices in the address."""
    context = current()
    state = read_state(values, context.lang)
    state = without_lost(state) if fits(CHOICES, state.__dict__) else State(lang=state.lang)
    asked = asked_of(values, state)
    lang = asked.state.lang
    busy = html.P(text("case.page.busy", lang), className="case-busy", role="status")
    answer = html.Div([busy], id="norm-answer", **attributes(aria_live="polite"))
    return page_frame(
        asked.state,
        "norm",
        html.Main(
            [
                html.H1(text("norm.page.title", lang)),
                html.P(text("norm.page.lead", lang), className="lead"),
                _choices(asked),
                answer,
                norm_documents.part(lang),
            ],
            className="data-main case-main",
        ),
        answer="norm-answer",
        hidden=[dcc.Store(id="norm-state", data=asked.state.__dict__)],
    )


def _choices(asked: NormAsked) -> html.Div:
    lang, state = asked.state.lang, asked.state
    marks = [{"value": value, "label": format_number(value, lang)} for value in (MIN, 100, 200, 300, MAX)]
    slider = dmc.Slider(
        id="norm-births",
        value=asked.births,
        min=MIN,
        max=MAX,
        step=STEP,
        marks=marks,
        thumbLabel=text("norm.page.births", lang),
        labelAlwaysOn=True,
        color="petrol",
        updatemode="mouseup",
    )
    rules = dmc.CheckboxGroup(
        id="norm-rules",
        label=text("norm.page.rules", lang),
        value=list(asked.rules),
        children=dmc.Stack(
            [dmc.Checkbox(label=text(f"norm.rule.{rule}", lang), value=rule) for rule in RULES], gap=6, mt=6
        ),
    )
    kinds = [
        html.A(
            sentence_case(text(f"sidebar.service.{name}", lang)),
            href="norm" + state.address(service=name),
            className="quiet-button" + (" case-chosen" if name == state.service else ""),
            **(attributes(aria_current="true") if name == state.service else {}),
        )
        for name in services()
    ]
    modes = [
        html.A(
            sentence_case(text(f"mode.{mode}", lang)),
            href="norm" + state.address(mode=mode),
            className="quiet-button" + (" case-chosen" if mode == state.mode else ""),
            **(attributes(aria_current="true") if mode == state.mode else {}),
        )
        for mode in ("walk", "bike", "car")
    ]
    deprived = dmc.NumberInput(
        id="norm-deprived",
        label=text("norm.page.deprived", lang),
        value=asked.deprived,
        min=1,
        max=10,
        step=0.5,
        debounce=400,
    )
    cost = dmc.NumberInput(
        id="norm-cost", label=text("norm.page.cost", lang), value=asked.cost, min=0, step=1000, debounce=400
    )
    return html.Div(
        [
            html.Div([*kinds, *modes], className="norm-kinds"),
            html.Div(
                [html.Span(text("norm.page.births", lang), className="norm-label"), slider], className="norm-slider"
            ),
            html.Div([rules, deprived, cost], className="norm-more"),
        ],
        className="case-form norm-form",
    )
