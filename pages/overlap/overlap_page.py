"""The page of overlap: two levels to choose, what cuts what on a map and in tables, and how families flow."""

from __future__ import annotations

from typing import Any

import dash
from dash import dcc, html

from coverage.core.demand import available_years
from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS
from i18n.texts import text
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import services
from pages.overlap.asked import OverlapAsked, levels_of, overlap_of
from pages.server import map_files
from pages.shell.context import Context, current
from pages.shell.frame.maps_page import map_frame, maps_page
from pages.shell.frame.masthead import described
from pages.shell.markup import attributes, icon, labelled, option, sentence_case
from pages.shell.session_uploads import without_lost

dash.register_page(__name__, path="/overlap", **described("overlap"))  # type: ignore[no-untyped-call]


def layout(**values: Any) -> html.Div:
    """Page for the choices in the address."""
    context = current()
    asked = overlap_of(values, context.lang)
    asked = OverlapAsked(without_lost(asked.state), asked.a, asked.b)
    return maps_page(
        "overlap",
        asked.state,
        _form(context, asked),
        _map(context, asked.state.lang),
        asked=asked.form,
        tag=context.tag,
        beside=asked.beside,
    )


def _form(context: Context, asked: OverlapAsked) -> html.Form:
    state, lang = asked.state, asked.state.lang
    years = [str(year) for year in reversed(available_years(context.snapshot, "age0"))]
    newest = next(iter(years), "")
    born = available_years(context.snapshot, "births")[-1]
    kinds = [kind for kind in DEMAND_KINDS if years or kind == "births"]
    vintages = [str(year) for year in region().vintages.held]
    levels = [(level, sentence_case(text(f"level.{level}.plural", lang))) for level in levels_of(state)]

    def field(name: str, words: str, pairs: list[tuple[str, str]], chosen: str) -> html.Div:
        options = [option(value, label, chosen) for value, label in pairs]
        return labelled(f"overlap-{name}", words, html.Select(options, name=name, id=f"overlap-{name}"))

    return html.Form(
        [
            field("a", text("overlap.page.a", lang), levels, asked.a),
            html.Button(
                [icon("swap"), html.Span(text("overlap.page.swap", lang), className="only-read")],
                type="button",
                className="button compare-swap",
                title=text("overlap.page.swap", lang),
                **attributes(data_swap="a,b"),
            ),
            field("b", text("overlap.page.b", lang), levels, asked.b),
            field(
                "demand",
                text("sidebar.demand", lang),
                [(kind, text(f"sidebar.demand.{kind}", lang, year=born)) for kind in kinds],
                state.demand,
            ),
            field("year", text("compare.page.year", lang), [(y, y) for y in years], state.year or newest),
            field("vintage", text("compare.page.vintage", lang), [(y, y) for y in vintages], state.vintage),
            field(
                "service",
                text("overlap.page.service", lang),
                [(name, text(f"sidebar.service.{name}", lang)) for name in services()],
                state.service,
            ),
            field(
                "mode",
                text("compare.page.mode", lang),
                [(mode, text(f"sidebar.mode.{mode}", lang)) for mode in DEFAULT_WITHIN_M],
                state.mode,
            ),
            *(
                dcc.Input(id=f"overlap-{name}", type="hidden", name=name, value=getattr(state, name))
                for name in ("facilities", "places", "zones", "lang")
            ),
        ],
        id="overlap-form",
        className="case-form",
        **attributes(aria_label=text("overlap.page.form", lang), data_asks="overlap-asked"),
    )


def _map(context: Context, lang: str) -> html.Div:
    """Frame of the map, which the scripts fill."""
    frame = map_frame("overlap", text("overlap.page.map", lang))
    return html.Div(
        [html.Div(id="overlap-legend", className="pair-legend"), html.Div(frame, className="pair-maps")],
        id="overlap-maps",
        **attributes(data_shared=map_files.shared_by_maps(context, lang)),
    )
