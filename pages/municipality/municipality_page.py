"""The page of an area: one question on top, the sections below it arrive one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash
from dash import dcc, html

from coverage.core.query import DEFAULT_WITHIN_M
from i18n.errors import NabijError
from i18n.texts import format_number, text
from layers.notes.plan_notes import plan_name
from layers.sentences.case import area_words, question_words
from loaders.catalogue.services import services
from loaders.catalogue.threshold_presets import presets
from pages.municipality import case_documents
from pages.municipality.asked import MunicipalityQuestion, asked_of, check_area, choices, read_asked
from pages.municipality.sections import SECTIONS
from pages.request.input_kinds import fits
from pages.shell.context import Context, current
from pages.shell.frame.masthead import PAGES, described
from pages.shell.frame.page_frame import page_frame
from pages.shell.markup import attributes, labelled, option, sentence_case
from pages.shell.plans.plan_context import PlanContext, view_of
from pages.shell.session_uploads import without_lost
from pages.shell.state import DEFAULTS, State, read_state
from pages.shell.view_inputs import CHOICES

PATH = "/gemeente"

dash.register_page(__name__, path=PATH, **described("municipality"))  # type: ignore[no-untyped-call]


def layout(**values: Any) -> html.Div:
    """Page for the choices in the address."""
    today = current()
    state = read_state(values, today.lang)
    state = without_lost(state) if fits(CHOICES, state.__dict__) else State(lang=state.lang)
    wrong, context, asked = "", today, asked_of(values, replace(state, plan="", key=""))
    lang = asked.state.lang
    try:
        if state.plan:
            asked = read_asked({**values, "lang": lang}, lang)
        _, context = view_of(asked.state.__dict__)
        check_area(context, asked)
    except NabijError as error:
        wrong = error.sentence(lang)
    answered = bool(asked.areas) and not wrong
    return page_frame(
        asked.state,
        "municipality",
        html.Main(
            [_chooser(context, asked, answered=answered), *_body(context, asked, wrong)],
            className="data-main case-main",
            id="case-answer",
        ),
        answer="case-answer",
        hidden=[dcc.Store(id="case-state", data=asked.data if answered else None)],
        head=[_contents(lang)] if answered else [],
    )


def _body(context: Context, asked: MunicipalityQuestion, wrong: str) -> list[Any]:
    lang = asked.state.lang
    if wrong:
        return [html.H1(text("case.page.title", lang)), html.P(wrong, className="case-wrong", role="alert")]
    if not asked.areas:
        return [html.H1(text("case.page.title", lang)), html.P(text("case.page.lead", lang), className="lead")]
    where = area_words(context.snapshot, asked.query, lang)
    return [
        html.H1(question_words(asked.state.service, where, lang), id="case-question", tabIndex=-1),
        *_of_plan(context, asked),
        _onward(asked),
        *(_section(name, lang) for name in SECTIONS),
        case_documents.part(lang),
    ]


def _onward(asked: MunicipalityQuestion) -> html.Nav:
    """What a reader does next: the documents, a plan, the map."""
    lang, state = asked.state.lang, replace(asked.state, camera="")
    links = {"documents": "#case-part-documents", "map": PAGES["explore"] + state.address(plan="", key="")}
    if not state.plan:
        links["plan"] = PAGES["plan"] + state.address()
    return html.Nav(
        [html.A(text(f"case.page.next.{name}", lang), href=href, className="button") for name, href in links.items()],
        className="case-next",
        **attributes(aria_label=text("case.page.next", lang)),
    )


def _of_plan(context: Context, asked: MunicipalityQuestion) -> list[html.P]:
    """Say whose places are tested where they are those of a plan, with the ways to the plan and to today."""
    lang = asked.state.lang
    if not isinstance(context, PlanContext):
        return []
    edits = len(context.scenario.edits)
    told = text("case.page.plan", lang, name=plan_name(context.scenario), n=format_number(edits, lang))
    back = html.A(text("case.page.plan.back", lang), href=PAGES["plan"] + asked.state.address())
    today = html.A(text("case.page.plan.today", lang), href="gemeente" + asked.state.address(plan="", key=""))
    words = html.Span(told if edits else text("case.page.plan.same", lang))
    return [html.P([words, " ", back, " · ", today], className="lead")]


def _section(name: str, lang: str) -> html.Section:
    """Room for a section, with a busy sign until it is there."""
    title = text(f"case.page.{name}", lang)
    busy = html.P(text("case.page.busy", lang), className="case-busy", role="status")
    body = html.Div([busy], id=f"case-{name}", className="case-body", **attributes(aria_live="polite"))
    if name == "verdict":
        heading = html.H2(
            title, className="only-read", id="case-verdict-title"
        )  # the question above it is the title seen
        return html.Section([heading, body], className="part case-verdict", id="case-part-verdict")
    return html.Section(
        [html.H2(title, id=f"case-{name}-title"), body],
        className="part",
        id=f"case-part-{name}",
        **attributes(aria_labelledby=f"case-{name}-title"),
    )


def _contents(lang: str) -> html.Ul:
    return html.Ul(
        [
            *(html.Li(html.A(text(f"case.page.{name}", lang), href=f"#case-part-{name}")) for name in SECTIONS),
            html.Li(html.A(text("document.heading", lang), href="#case-part-documents")),
        ],
        className="contents",
    )


def _chooser(context: Context, asked: MunicipalityQuestion, *, answered: bool) -> html.Form:
    """Choices as a form that works without a script: the address holds them, also an area of several zones."""
    lang, state = asked.state.lang, asked.state
    found = choices(context, asked)
    where = area_words(context.snapshot, asked.query, lang) if answered else ""
    groups = [
        html.Optgroup(
            [option(value, name, state.areas) for value, name in pairs],
            label=sentence_case(text(f"level.{level}.plural", lang)),
        )
        for level, pairs in found
    ]
    nothing = [option("", text("case.page.choose", lang), state.areas)]
    if where and not any(value == state.areas for _, pairs in found for value, _ in pairs):
        nothing.append(option(state.areas, sentence_case(where), state.areas))
    kinds = [option(name, text(f"sidebar.service.{name}", lang), state.service) for name in services()]
    modes = [option(mode, sentence_case(text(f"mode.{mode}", lang)), state.mode) for mode in DEFAULT_WITHIN_M]
    norms = [option(name, sentence_case(text(f"preset.{name}", lang)), asked.preset) for name in presets()]
    births = dcc.Input(
        id="case-min-births",
        name="min_births",
        type="text",
        inputMode="numeric",
        value=asked.min_births,
        className="case-number",
    )
    return html.Form(
        [
            *_hidden(state),
            _choice("area", lang, html.Select([*nothing, *groups], name="areas", id="case-area")),
            _choice("service", lang, html.Select(kinds, name="service", id="case-service")),
            None if state.plan else _choice("mode", lang, html.Select(modes, name="mode", id="case-mode")),
            _choice("preset", lang, html.Select(norms, name="preset", id="case-preset")),
            _choice("min-births", lang, births),
            html.Button(text("case.page.go", lang), type="submit", className="primary-button"),
        ],
        method="get",
        action="gemeente",
        className="case-form",
        **attributes(aria_label=text("case.page.form", lang)),
    )


def _hidden(state: State) -> list[dcc.Input]:
    """What the form keeps of the question."""
    chosen = ("areas", "service", "mode", "within")
    return [
        dcc.Input(id=f"case-kept-{name}", type="hidden", name=name, value=value)
        for name, value in state.__dict__.items()
        if name not in chosen and value != DEFAULTS[name]
    ]


def _choice(name: str, lang: str, control: Any) -> html.Div:
    return labelled(f"case-{name}", text(f"case.page.choice.{name}", lang), control)
