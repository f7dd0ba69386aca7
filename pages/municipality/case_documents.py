"""The page of an area as a document: a dossier for the council, or a needs analysis, at the press of a button."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from i18n.errors import NabijError
from i18n.texts import text
from pages.documents import on_request
from pages.explore.view_callbacks import notice
from pages.municipality.asked import asked_of
from pages.request.client import check_client
from pages.shell.context import current
from pages.shell.markup import attributes
from pages.shell.session_uploads import with_own
from pages.shell.state import read_state

KIND = "case-document"
"""Type in the ids of the buttons."""


def part(lang: str) -> html.Section:
    """Build the last part of the page: the documents about its area."""
    return html.Section(
        [
            html.H2(text("document.heading", lang), id="case-documents-title"),
            html.P(text("document.help", lang), className="help"),
            on_request.buttons(on_request.OF_AREA, lang, KIND),
            html.Div(id="case-document-told", role="status"),
            dcc.Download(id="case-file"),
        ],
        className="part",
        id="case-part-documents",
        **attributes(aria_labelledby="case-documents-title"),
    )


def register(app: Dash) -> None:
    """Connect the buttons to the question of the page."""
    app.callback(
        Output("case-file", "data"),
        Output("case-document-told", "children"),
        Input({"type": KIND, "what": ALL, "form": ALL}, "n_clicks"),
        State("case-state", "data"),
        prevent_initial_call=True,
        running=[(Output("case-part-documents", "className"), "part making", "part")],
    )(make)


def make(clicks: list[int | None], data: dict[str, Any] | None) -> tuple[Any, Any]:
    """Document whose button was pressed, or why it cannot be made."""
    if not any(clicks) or not ctx.triggered_id or not data:
        return no_update, no_update
    held = current()
    asked = asked_of(data, read_state(data, held.lang))
    lang = asked.state.lang
    try:
        context = with_own(held, asked.state)
        check_client()
        what, form = str(ctx.triggered_id["what"]), str(ctx.triggered_id["form"])
        return on_request.of_areas(context, asked.state, asked.areas, what, form), None
    except NabijError as error:
        return no_update, notice(error.sentence(lang), lang)
