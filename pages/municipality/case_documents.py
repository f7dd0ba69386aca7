"""The page of an area as a document: a dossier for the council, or a needs analysis, at the press of a button."""

from __future__ import annotations

from typing import Any

from dash import Dash, State, ctx, html, no_update

from i18n.errors import NabijError
from loaders.catalogue.threshold_presets import USUAL_PRESET
from pages.documents import on_request
from pages.explore.view_callbacks import notice
from pages.municipality.asked import read_asked
from pages.request.client import check_client
from pages.shell.plans.plan_context import view_of

KIND = "case-document"
"""Type in the ids of the buttons."""


_SECTION, _FILE = "case-part-documents", "case-file"


def part(lang: str) -> html.Section:
    """Build the last part of the page: the documents about its area."""
    return on_request.documents_part(on_request.OF_AREA, lang, KIND, _SECTION, _FILE, "document.help")


def register(app: Dash) -> None:
    """Connect the buttons to the question of the page."""
    on_request.connect_part(app, KIND, _SECTION, _FILE, [State("case-state", "data")], make)


def make(clicks: list[int | None], data: dict[str, Any] | None) -> tuple[Any, Any]:
    """Document whose button was pressed, or why it cannot be made."""
    if not any(clicks) or not ctx.triggered_id or not data:
        return no_update, no_update
    lang = str(data["lang"])
    try:
        asked = read_asked(data, lang)
        state, context = view_of(asked.state.__dict__)
        check_client()
        what, form = str(ctx.triggered_id["what"]), str(ctx.triggered_id["form"])
        judged = None if asked.preset == USUAL_PRESET else asked.preset, asked.thresholds.births
        return on_request.of_areas(context, state, asked.areas, what, form, judged), None
    except NabijError as error:
        return no_update, notice(error.sentence(lang), lang)
