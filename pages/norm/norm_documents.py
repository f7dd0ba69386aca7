"""The answer to a norm as a document or a picture, at the press of a button."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from i18n.errors import NabijError
from i18n.texts import text
from layers.dossier.norm import norm_document
from layers.dossier.writers.files import FORMS as DOCUMENTS
from layers.figures.framed import framed
from layers.figures.norm_figures import norm_frontier, norm_map
from layers.figures.png import png_of
from layers.notes.norm_notes import describe_norm, norm_options
from pages.documents import on_request
from pages.documents.handed_out import handed
from pages.explore.view_callbacks import notice
from pages.norm.answer import answered
from pages.request.client import check_client
from pages.shell.markup import attributes

KIND = "norm-document"
"""Type in the ids of the buttons."""

OFFERED = (
    ("norm", "pdf"), ("norm", "docx"), ("norm", "html"),
    ("norm_map", "svg"), ("norm_map", "png"), ("frontier", "svg"), ("frontier", "png"),
)  # fmt: skip
"""What is offered, and in which formats."""


def part(lang: str) -> html.Section:
    """Build the part of the page with the documents."""
    return html.Section(
        [
            html.H2(text("document.heading", lang), id="norm-documents-title"),
            on_request.buttons(OFFERED, lang, KIND),
            html.Div(id="norm-document-told", role="status"),
            dcc.Download(id="norm-file"),
        ],
        className="part",
        id="norm-documents",
        **attributes(aria_labelledby="norm-documents-title"),
    )


def register(app: Dash) -> None:
    """Connect the buttons to the question of the page."""
    app.callback(
        Output("norm-file", "data"),
        Output("norm-document-told", "children"),
        Input({"type": KIND, "what": ALL, "form": ALL}, "n_clicks"),
        State("norm-births", "value"),
        State("norm-rules", "value"),
        State("norm-deprived", "value"),
        State("norm-cost", "value"),
        State("norm-state", "data"),
        prevent_initial_call=True,
        running=[(Output("norm-documents", "className"), "part making", "part")],
    )(make)


def make(clicks: list[int | None], births: float | None, *rest: Any) -> tuple[Any, Any]:
    """File whose button was pressed, or why it cannot be made."""
    data: dict[str, Any] | None = rest[-1]
    if not any(clicks) or not ctx.triggered_id or not data or births is None:
        return no_update, no_update
    lang = str(data["lang"])
    try:
        check_client()
        return file_of(str(ctx.triggered_id["what"]), str(ctx.triggered_id["form"]), births, *rest), None
    except NabijError as error:
        return no_update, notice(error.sentence(lang), lang)


def file_of(what: str, form: str, births: float, *rest: Any) -> dict[str, Any]:
    """File of an answer: one of `OFFERED`."""
    asked, context, answer = answered(births, *rest)
    lang = asked.state.lang
    notes = describe_norm(answer, context.snapshot, norm_options(answer.request), lang)
    name = f"nabij-{what.replace('_', '-')}-{asked.state.service}-{births:g}.{form}"
    if form in DOCUMENTS:
        return handed(on_request.written(context, norm_document(answer, context.snapshot, notes), form), name)
    drawn, title = (
        (norm_map(answer, context.snapshot, lang)[0], "norm.page.map.legend")
        if what == "norm_map"
        else (norm_frontier(answer, lang)[0], "norm.page.frontier")
    )
    picture = framed(drawn, text(title, lang), notes)
    return handed(png_of(picture) if form == "png" else picture, name)
