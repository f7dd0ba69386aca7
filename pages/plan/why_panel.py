"""Where somebody asks why a place is not there, and reads the answer."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from i18n.texts import text
from pages.shell.markup import attributes

TICK_MS = 700
"""How often the page asks whether the answer is there."""


def why_panel(lang: str) -> list[Any]:
    """Button that waits for a click on the map, a field for whoever types the point, and room for the answer."""
    return [
        html.Details(
            [
                html.Summary(text("propose.why", lang)),
                html.Div(
                    [
                        html.P(text("propose.why.help", lang), className="help", id="why-help"),
                        html.Button(
                            text("propose.why.go", lang),
                            id="why-go",
                            className="button",
                            type="button",
                            **attributes(aria_pressed="false", aria_describedby="why-help"),
                        ),
                        html.Div(
                            [
                                dmc.TextInput(
                                    id="why-spot",
                                    placeholder="51.09, 4.37",
                                    className="why-spot",
                                    **attributes(aria_label=text("propose.why.spot", lang)),
                                ),
                                html.Button(
                                    text("propose.why.ask", lang), id="why-ask", className="button", type="button"
                                ),
                            ],
                            className="pair",
                        ),
                        html.Div(id="why-answer", role="status"),
                    ],
                    className="propose-frontier-body",
                ),
            ],
            className="propose-frontier",
            id="why",
            **attributes(data_no_point=text("plan.no_point", lang)),
        ),
        dcc.Store(id="why-point"),
        dcc.Store(id="why-job"),
        dcc.Interval(id="why-tick", interval=TICK_MS, disabled=True),
    ]
