"""A list of buildings to choose new places from: taken in on the page of plans, read where the search begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update

from coverage.siting.planning.question.candidates import KINDS
from i18n.errors import NabijError
from i18n.messages import MessageError
from i18n.texts import format_number, text
from loaders.lists.building_file import read_building_file
from pages.data.list_upload import file_name, stored_file
from pages.request.input_kinds import UnfitError
from pages.shell.markup import attributes, icon
from pages.shell.reader import reader
from pages.shell.session_uploads import MAX_BYTES

FILE = "file"
"""Word for a list of the user's own among the kinds of candidate."""


def upload(lang: str) -> html.Div:
    """Build the field for a list, shown when somebody chooses from a list of their own."""
    return html.Div(
        [
            dcc.Upload(
                [
                    icon("upload"),
                    html.Span(
                        [html.Strong(text("plan.import.drop", lang)), " ", text("plan.import.or", lang)],
                        className="drop-words",
                    ),
                ],
                id="propose-file",
                className="drop",
                className_active="drop over",
                max_size=MAX_BYTES,
            ),
            html.P(text("propose.file.help", lang), className="help"),
            html.Div(id="propose-file-told", role="status"),
        ],
        id="propose-file-place",
        className="hidden",
        **attributes(data_field=text("propose.kind.file", lang)),
    )


def register(app: Dash) -> None:
    """Connect the field."""
    app.callback(
        Output("propose-file-told", "children"),
        Input("propose-file", "contents"),
        State("propose-file", "filename"),
        State("choices", "data"),
        prevent_initial_call=True,
    )(look)


def look(contents: str | None, filename: str | None, choices: dict[str, Any] | None) -> Any:
    """Say how many buildings a list holds, or which row cannot be read."""
    if not contents or not filename:
        return no_update
    lang = str((choices or {}).get("lang") or reader())
    try:
        with stored_file(contents, filename, lang) as path:
            buildings = read_building_file(path)
    except NabijError as error:
        return html.P(error.sentence(lang), className="callout refusal", role="alert")
    told = text("propose.file.read", lang, n=format_number(len(buildings), lang), file=file_name(filename))
    return html.P(told, className="callout")


@contextmanager
def candidates(kind: str, contents: str | None, filename: str | None, lang: str) -> Iterator[str | Path]:
    """Kind of candidate, or the path of the user's list for as long as the search is being posed.

    Raises
    ------
    MessageError
        when a list is asked for and none was given
    UnfitError
        when it is no kind of candidate
    """
    if kind != FILE:
        if kind not in KINDS:
            raise UnfitError("propose-kind.value")  # a name of the browser's is never looked up as a file
        yield kind
        return
    if not contents or not filename:
        raise MessageError("propose.file.none")
    with stored_file(contents, filename, lang) as path:
        yield path
