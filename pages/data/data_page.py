"""The page of the data: which places are in use, a list of one's own, and where every figure comes from."""

from __future__ import annotations

import json
from typing import Any

import dash
from dash import dcc, html

from i18n.texts import text
from pages.data.context_tables import housing_table, known_table, survey_table
from pages.data.data_tables import sets_table, sources_table
from pages.data.list_notes import own_note
from pages.data.list_upload import upload_area
from pages.explore.view_callbacks import OFFLINE
from pages.request.input_kinds import fits
from pages.shell.context import Context, current
from pages.shell.frame.masthead import described, masthead
from pages.shell.made_up import paper_warning
from pages.shell.markup import attributes, icon
from pages.shell.session_uploads import with_own, without_lost
from pages.shell.state import State, read_state
from pages.shell.view_inputs import CHOICES

dash.register_page(__name__, path="/gegevens", **described("data"))  # type: ignore[no-untyped-call]

_PARTS = ("sets", "upload", "housing", "survey", "known", "sources")


def layout(**values: Any) -> html.Div:
    """Page for the choices in the address, which it hands back to the map."""
    context = current()
    state = read_state(values, context.lang)
    state = without_lost(state) if fits(CHOICES, state.__dict__) else State(lang=state.lang)
    lang = state.lang
    return html.Div(
        [
            html.A(text("data.skip", lang), href="#data-upload", className="skip"),
            dcc.Store(id="data-state", data=state.__dict__),
            _sidebar(state),
            paper_warning(lang),
            html.Main(
                [
                    html.H1(text("data.title", lang)),
                    html.P(text("data.lead", lang), className="lead"),
                    _part("sets", lang, sets_table(_with_places(context, state), state), own_note(state)),
                    _part("upload", lang, upload_area(lang)),
                    _part("housing", lang, housing_table(_with_places(context, state), state)),
                    _part("survey", lang, survey_table(_with_places(context, state), state)),
                    _part("known", lang, known_table(context, lang)),
                    _part("sources", lang, sources_table(context.snapshot, lang)),
                ],
                className="data-main",
            ),
            html.Div(id="notice", className="notice-place", role="alert", **attributes(data_words=_words(lang))),
        ],
        className="shell data-shell",
        lang=lang,
    )


def _words(lang: str) -> str:
    """Texts that the browser needs on this page."""
    return json.dumps({key: text(key, lang) for key in OFFLINE}, ensure_ascii=False)


def _with_places(context: Context, state: State) -> Context:
    """Context with the lists that are still kept; the rest of the state does not matter here."""
    return with_own(context, State(places=state.places, zones=state.zones))


def _sidebar(state: State) -> html.Nav:
    lang = state.lang
    return html.Nav(
        [
            masthead(state, "data"),
            html.A(
                [icon("arrow"), html.Span(text("data.back", lang))],
                href="./" + state.address(),
                className="example back",
                id="back",
            ),
            html.Ul(
                [html.Li(html.A(text(f"data.{part}", lang), href=f"#data-{part}")) for part in _PARTS],
                className="contents",
            ),
        ],
        className="sidebar",
        **attributes(aria_label=text("data.contents", lang)),
    )


def _part(name: str, lang: str, *content: Any) -> html.Section:
    title = html.H2(text(f"data.{name}", lang), id=f"data-{name}-title")
    return html.Section(
        [title, html.P(text(f"data.{name}.lead", lang), className="part-lead"), *content],
        id=f"data-{name}",
        className="part",
        **attributes(aria_labelledby=f"data-{name}-title"),
    )
