"""The page of two linked maps: choices of both sides on top, the maps, the difference as a map and as a table."""

from __future__ import annotations

import json
from typing import Any

import dash
from dash import dcc, html

from i18n.texts import text
from pages.compare.compared import SIDES, Compared, compared_of
from pages.compare.sides import sides_form
from pages.server import map_files
from pages.shell.context import Context, current
from pages.shell.markup import attributes
from pages.shell.masthead import described
from pages.shell.page_frame import page_frame
from pages.shell.session_uploads import without_lost

dash.register_page(__name__, path="/vergelijken", **described("compare"))  # type: ignore[no-untyped-call]


def layout(**values: Any) -> html.Div:
    """Page for the choices in the address."""
    context = current()
    asked = compared_of(values, context.lang)
    asked = Compared(without_lost(asked.left), without_lost(asked.right))
    lang = asked.left.lang
    return page_frame(
        asked.left,
        "compare",
        html.Main(
            [
                html.H1(text("compare.page.title", lang)),
                html.P(text("compare.page.lead", lang), className="lead"),
                sides_form(context, asked),
                html.Div(id="compare-answer", className="compare-answer", **attributes(aria_live="polite")),
                _maps(context, lang),
                html.Div(id="compare-tables"),
            ],
            className="data-main compare-main",
        ),
        answer="compare-answer",
        hidden=[
            dcc.Store(id="compare-asked", data=asked.form),
            dcc.Store(id="compare-view"),
            dcc.Store(id="snapshot", data=context.tag),
            dcc.Download(id="compare-file"),
        ],
        more=asked.beside,
    )


def _maps(context: Context, lang: str) -> html.Div:
    """Frames of the maps, which the scripts fill; two side by side, the difference below them."""
    words = {name: text(f"map.{name}", lang) for name in ("zoom_in", "zoom_out", "home", "credit")}
    shared = {"around": map_files.around_address(context), "labels": map_files.labels_address(context), "words": words}
    return html.Div(
        [
            html.Div(id="compare-legend", className="pair-legend"),
            html.Div([_frame(name, lang) for name in SIDES], className="pair-maps"),
            html.Div(id="compare-difference", className="pair-legend"),
            html.Div([_frame("difference", lang)], className="pair-maps"),
            html.P(text("compare.page.hint", lang), className="help"),
        ],
        id="compare-maps",
        **attributes(data_shared=json.dumps(shared, ensure_ascii=False)),
    )


def _frame(name: str, lang: str) -> html.Div:
    return html.Div(
        [
            html.Div(id=f"pair-title-{name}", className="pair-title"),
            html.Div(
                html.Div(id=f"pair-{name}", className="pair-map"),
                role="region",
                **attributes(aria_label=text(f"compare.page.map.{name}", lang)),
            ),
        ],
        className=f"pair-frame {name}",
    )
