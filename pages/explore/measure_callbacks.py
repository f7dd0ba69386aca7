"""What answers when the map is coloured by an indicator that has to be worked out first (`explore.measure_choices`).

The browser asks once for an indicator and a question and keeps the answer (``assets/js/measures.mjs``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, set_props

from i18n.errors import InputError, NabijError
from i18n.texts import text
from layers.views.measured import measured
from pages.explore.measure_choices import found_for
from pages.explore.view_callbacks import notice
from pages.request.client import check_client
from pages.server import map_files
from pages.shell.plans.plan_context import view_of


def answer(asked: dict[str, Any] | None) -> dict[str, Any] | None:
    """Values of an asked indicator, with the question they answer; no legend where they cannot be told."""
    if not asked:
        return None
    state, context = view_of(asked)
    told = {"key": asked, "indicator": state.indicator, "zones": map_files.zones_address(context, state, "far")}
    try:
        analysis = context.analyse(state)
        check_client()
        if np.isnan(analysis.distance_m).all():
            raise InputError(text("asked.no_distance", state.lang))
        return told | measured(
            analysis, found_for(context, state, analysis), state.indicator, state.lang, state.classes
        )
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
