"""The page of two linked maps: choices of both sides on top, the maps, the difference as a map and as a table."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from i18n.texts import text
from pages.compare.compared import SIDES, Compared, compared_of
from pages.compare.sides import sides_form
from pages.server import map_files
from pages.shell.context import Context, current
from pages.shell.frame.maps_page import map_frame, maps_page
from pages.shell.frame.masthead import described
from pages.shell.markup import attributes
from pages.shell.session_uploads import without_lost

dash.register_page(__name__, path="/vergelijken", **described("compare"))  # type: ignore[no-untyped-call]


def layout(**values: Any) -> html.Div:
    """Page for the choices in the address."""
    context = current()
    asked = compared_of(values, context.lang)
    asked = Compared(without_lost(asked.left), without_lost(asked.right))
    return maps_page(
        "compare",
        asked.left,
        sides_form(context, asked),
        _maps(context, asked.left.lang),
        asked=asked.form,
        tag=context.tag,
        beside=asked.beside,
    )


def _maps(context: Context, lang: str) -> html.Div:
    """Frames of the maps, which the scripts fill; two side by side, the difference below them."""
    return html.Div(
        [
            html.Div(id="compare-legend", className="pair-legend"),
            html.Div([_frame(name, lang) for name in SIDES], className="pair-maps"),
            html.Div(id="compare-difference", className="pair-legend"),
            html.Div([_frame("difference", lang)], className="pair-maps"),
            html.P(text("compare.page.hint", lang), className="help"),
        ],
        id="compare-maps",
        **attributes(data_shared=map_files.shared_by_maps(context, lang)),
    )


def _frame(name: str, lang: str) -> html.Div:
    return map_frame(name, text(f"compare.page.map.{name}", lang), name)
