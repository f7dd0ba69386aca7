"""What answers when somebody asks how far the ground around a place is from it (``assets/js/bands.mjs`` draws it)."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, set_props

from i18n.errors import NabijError
from i18n.texts import text
from layers.views.bands_view import bands
from pages.explore.view_callbacks import notice
from pages.request.client import check_client
from pages.shell.plans.plan_context import view_of


def answer(asked: dict[str, Any] | None) -> dict[str, Any] | None:
    """Bands around a place, with the question that they answer; nothing where they cannot be told."""
    if not asked:
        return None
    state, context = view_of(asked["key"])
    try:
        analysis = context.analyse(state)
        check_client()
        of_place = bands(context.engine, analysis, str(asked["place"]))
    except NabijError as error:
        set_props("notice", {"children": notice(error.sentence(state.lang), state.lang)})
        return None
    return {**asked, **of_place, "name": of_place["name"] or text(f"service.{state.service}", state.lang)}


def register(app: Dash) -> None:
    """Connect the question to the server, and its answer to the map."""
    app.callback(
        Output("banded", "data"),
        Input("banding", "data"),
        prevent_initial_call=True,
        running=[(Output("busy", "className"), "busy on", "busy")],
    )(answer)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction(namespace="nabij", function_name="banded"),
        Input("banded", "data"),
        prevent_initial_call=True,
    )
