"""What answers when the map is coloured by an indicator that has to be worked out first (`pages.measures`).

The browser asks once for an indicator and a question and keeps the answer (``assets/js/45-measures.js``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, set_props

from layers.measured import measured
from loaders.errors import InputError, NabijError
from loaders.texts import text
from pages import routes
from pages.callbacks import notice
from pages.client import check_client
from pages.measures import found_for
from pages.plan_context import view_of


def answer(asked: dict[str, Any] | None) -> dict[str, Any] | None:
    """Values of an asked indicator, with the question they answer; no legend where they cannot be told."""
    if not asked:
        return None
    state, context = view_of(asked)
    told = {"key": asked, "indicator": state.indicator, "zones": routes.zones_address(context, state, "far")}
    try:
        analysis = context.analyse(state)
        check_client()
        if np.isnan(analysis.distance_m).all():
            raise InputError(text("asked.no_distance", state.lang))
        return told | measured(analysis, found_for(context, state, analysis), state.indicator, state.lang)
    except NabijError as error:
        set_props("notice", {"children": notice(error.sentence(state.lang), state.lang)})
        return told | {"legend": None}


def register(app: Dash) -> None:
    """Connect the choice of an indicator to the server and to the functions of the browser."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction(namespace="nabij", function_name="ask"),
        Output("asking", "data"),
        Input("view", "data"),
        Input("indicator", "value"),
    )
    app.callback(
        Output("asked", "data"),
        Input("asking", "data"),
        prevent_initial_call=True,
        running=[(Output("busy", "className"), "busy on", "busy")],
    )(answer)
