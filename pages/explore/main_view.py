"""The main view: the answer on top, the map in the middle, the table below, the sheet that slides in from the right."""

from __future__ import annotations

from typing import Any

import dash_leaflet as dl
import dash_mantine_components as dmc
from dash import dcc, html

from i18n.texts import text
from layers.maps.classing import METHODS
from loaders.catalogue.regions.levels import LEVELS
from loaders.catalogue.regions.region_in_use import region
from pages.documents import on_request
from pages.explore import measure_choices
from pages.explore.welcome import start_line
from pages.shell.markup import attributes, icon, select_data, sentence_case
from pages.shell.small_screen import unfold_button
from pages.shell.state import LAYERS, State

DOWNLOADS = ("xlsx", "csv-excel", "csv", "png", "svg", "html", "geojson", "gpkg", "parquet")
"""Formats on offer, what most people want first."""


def main_view(state: State, beside: Any = None) -> html.Main:
    """Everything beside the sidebar, still empty; the callbacks fill it. ``beside`` stands to the right of the map."""
    lang = state.lang
    return html.Main(
        [
            _banner(lang),
            html.Header(_answer(), className="answer"),
            None if state.plan else start_line(state),
            html.Div(
                [html.Div([_map(state), beside], className="upper"), _table(state), _sheet(lang)],
                className="board",
            ),
            html.Div(id="print-table", className="print-table"),
            html.P(id="print-foot", className="print-foot"),
            html.Section(
                id="presentation",
                className="presentation",
                tabIndex=-1,
                **attributes(aria_label=text("present.region", lang)),
            ),
            html.Div(id="tour"),
        ],
        className="main-view",
        id="main-view",
    )


def _banner(lang: str) -> html.Div:
    return html.Div(
        [
            icon("warn"),
            html.Strong(text("banner.title", lang)),
            html.Span(text("banner.text", lang)),
        ],
        id="banner",
        className="banner hidden",
        role="note",
    )


def _answer() -> html.Div:
    return html.Div(
        [
            html.H1(id="headline", tabIndex=-1, **attributes(aria_live="polite")),
            html.P(id="subline"),
        ],
        className="answer-text",
    )


def _to_plan(state: State) -> html.A:
    """Link to a plan that begins with this view."""
    return html.A(
        [icon("plan"), html.Span(text("plan.make", state.lang))],
        href=f"plannen{state.address()}",
        className="button plan-make",
        id="plan-link",
        title=text("plan.make", state.lang),
        **attributes(data_onward="plannen"),
    )


def _add_hint(lang: str) -> html.P:
    """What to do while a place or a bridge is being added to a plan."""
    hints = {"place": "plan.add.hint", "first": "plan.bridge.first", "second": "plan.bridge.second"}
    spans = [html.Span(text(key, lang), className=f"hint-{name}") for name, key in hints.items()]
    return html.P(spans, className="add-hint", role="status")


def _actions(lang: str) -> html.Div:
    return html.Div(
        [
            html.Details(
                [
                    html.Summary(
                        [icon("download"), html.Span(text("download.button", lang), className="button-label")],
                        className="button",
                        id="download-button",
                        title=text("download.title", lang),
                    ),
                    html.Div(
                        [
                            html.P(text("download.title", lang), className="menu-title help"),
                            *[_download(form, lang) for form in DOWNLOADS],
                            html.Button(
                                [
                                    html.Span(text("print.button", lang), className="form"),
                                    html.Span(text("print.help", lang), className="help"),
                                ],
                                className="menu-item",
                                type="button",
                                id="print-button",
                            ),
                        ],
                        className="menu-body",
                    ),
                ],
                className="menu",
            ),
            html.Button(
                [icon("source"), html.Span(text("sources.button", lang), className="button-label")],
                className="button",
                type="button",
                id="sources-button",
                title=text("sources.title", lang),
            ),
            dcc.Download(id="file"),
            on_request.downloads(),
        ],
        className="actions",
    )


def _download(form: str, lang: str) -> html.Button:
    return html.Button(
        [
            html.Span(text(f"download.{form}", lang), className="form"),
            html.Span(text(f"download.{form}.help", lang), className="help"),
        ],
        id={"type": "download", "form": form},
        className="menu-item",
        type="button",
    )


def _map(state: State) -> html.Div:
    lang = state.lang
    return html.Div(
        [
            dl.Map(
                [
                    dl.AttributionControl(position="bottomright", prefix=False),
                    dl.ScaleControl(position="bottomright", imperial=False),
                ],
                id="map",
                center=list(region().territory.middle),  # until the zones are there to fit the map to
                zoom=region().territory.zoom,
                zoomSnap=0.1,
                zoomDelta=0.5,
                minZoom=6.5,
                maxZoom=16,
                preferCanvas=True,
                zoomControl=False,
                attributionControl=False,
                wheelPxPerZoomLevel=90,
                className="map",
                trackViewport=False,  # else it is told back where it was a moment ago, and goes there again
            ),
            html.Div(id="map-own"),  # for what the browser lays over the map; nothing here fills it
            html.Span(
                text("map.north", lang),
                className="north on-map",
                role="img",
                **attributes(aria_label=text("map.north.up", lang)),
            ),
            html.Div(className="busy", id="busy", **attributes(aria_hidden="true")),
            html.Div([_search(lang), _zoom(lang), None if state.plan else _to_plan(state)], className="map-top-left"),
            html.Div([unfold_button("layers", lang), _layers(state)], className="map-top-right"),
            _add_hint(lang) if state.plan else None,
            html.Section(
                [
                    dmc.Select(
                        id="indicator",
                        value=state.indicator,
                        data=measure_choices.choices(lang),
                        allowDeselect=False,
                        withCheckIcon=False,
                        maxDropdownHeight=320,
                        comboboxProps={"position": "top-start"},
                        **attributes(aria_label=text("map.colour", lang)),
                    ),
                    unfold_button("legend", lang),
                    html.Div(id="legend"),
                    html.Div(_classes(state), className="classing"),
                ],
                className="legend-card",
                **attributes(aria_label=text("map.colour", lang)),
            ),
        ],
        className="map-wrap",
        role="region",
        **attributes(aria_label=text("map.label", lang)),
    )


def _search(lang: str) -> dmc.Select:
    return dmc.Select(
        id="search",
        data=[],
        searchable=True,
        clearable=True,
        limit=30,
        nothingFoundMessage=text("map.search.nothing", lang),
        leftSection=icon("search"),
        withCheckIcon=False,
        selectFirstOptionOnChange=True,
        className="search",
        **attributes(aria_label=text("map.search", lang, level=text("table.zone", lang).lower())),
    )


def _zoom(lang: str) -> html.Div:
    buttons = (("in", "+", "map.zoom_in"), ("out", "−", "map.zoom_out"), ("home", "", "map.home"))
    return html.Div(
        [
            html.Button(
                sign or icon("home"),
                className="zoom-button",
                type="button",
                title=text(key, lang),
                **attributes(data_zoom=name, aria_label=text(key, lang)),
            )
            for name, sign, key in buttons
        ]
        + [
            html.Button(
                icon("present"),
                className="zoom-button present-begin",
                type="button",
                id="present-button",
                title=text("present.button", lang),
                **attributes(aria_label=text("present.button", lang)),
            )
        ]
        + [
            html.Button(
                icon(shape),
                className="zoom-button",
                type="button",
                id=f"lasso-{shape}",
                title=text(f"lasso.{shape}", lang),
                **attributes(data_lasso=shape, aria_label=text(f"lasso.{shape}", lang), aria_pressed="false"),
            )
            for shape in ("rectangle", "lasso")
        ],
        className="zoom",
    )


def _classes(state: State) -> dmc.Select:
    """Choose how the values on the map are put in classes."""
    lang = state.lang
    return dmc.Select(
        id="classes",
        value=state.classes,
        data=select_data(list(METHODS), [text(f"classes.{method}", lang) for method in METHODS]),
        allowDeselect=False,
        withCheckIcon=False,
        size="xs",
        comboboxProps={"position": "top-start"},
        **attributes(aria_label=text("classes.label", lang)),
    )


def _borders(state: State) -> dmc.Select:
    """Choose a second division whose borders lie over the zones."""
    lang = state.lang
    levels = [name for name, level in LEVELS.items() if level.territorial]
    words = [sentence_case(text(f"level.{level}.plural", lang)) for level in levels]
    return dmc.Select(
        id="borders",
        value=state.borders,
        data=select_data(["", *levels], [text("map.borders.none", lang), *words]),
        allowDeselect=False,
        withCheckIcon=False,
        size="xs",
        className="borders",
        comboboxProps={"position": "bottom-end", "width": 240},
        **attributes(aria_label=text("map.borders", lang)),
    )


def _layers(state: State) -> html.Div:
    """Choose what lies over the zones."""
    return html.Div([_shown(state), _borders(state)], className="layers-card")


def _shown(state: State) -> dmc.CheckboxGroup:
    lang = state.lang
    return dmc.CheckboxGroup(
        id="show",
        value=state.layers,
        children=html.Div(
            [dmc.Checkbox(label=text(f"map.layer.{name}", lang), value=name, size="xs") for name in LAYERS],
            className="layers",
        ),
        **attributes(aria_label=text("map.layers", lang)),
    )


def _table(state: State) -> html.Section:
    lang = state.lang
    return html.Section(
        [
            html.Div(
                className="table-grip",
                id="table-grip",
                role="separator",
                tabIndex=0,
                **attributes(
                    aria_orientation="horizontal",
                    aria_label=text("table.resize", lang),
                    aria_valuenow="232",
                    aria_valuemin="120",
                    aria_valuemax="600",
                ),
            ),
            html.Div(
                [
                    html.H2(id="table-title", className="table-title"),
                    html.Span(text("banner.stamp", lang), className="stamp"),
                    _faces(state),
                    dmc.Checkbox(
                        id="only-gaps", label=text("table.only_gaps", lang), checked=bool(state.only), size="xs"
                    ),
                    _table_menu(lang),
                    _actions(lang),
                    html.Button(
                        icon("chevron"),
                        id="table-fold",
                        className="icon-button",
                        type="button",
                        title=text("table.fold", lang),
                        **attributes(aria_label=text("table.fold", lang), aria_expanded="true"),
                    ),
                ],
                className="table-head",
            ),
            html.Div(id="table", className="grid", **attributes(data_label=text("table.label", lang))),
            html.Div(
                id="charts", className="charts", role="tabpanel", **attributes(aria_label=text("chart.panel", lang))
            ),
        ],
        className="table-wrap",
        id="table-region",
        tabIndex=-1,
        **attributes(aria_label=text("table.label", lang)),
    )


def _faces(state: State) -> html.Div:
    """Choose between the table and a chart of the same rows."""
    return html.Div(
        [
            html.Button(
                text(f"chart.face.{name}", state.lang),
                id=f"face-{name}",
                className="face",
                type="button",
                role="tab",
                tabIndex=0 if chosen else -1,
                **attributes(aria_selected="true" if chosen else "false"),
            )
            for name, chosen in (("table", not state.chart), ("charts", bool(state.chart)))
        ],
        className="faces",
        role="tablist",
        **attributes(aria_label=text("chart.faces", state.lang)),
    )


def _table_menu(lang: str) -> html.Details:
    """Choices of the table: what it keeps, how it is grouped, which columns it has; the browser fills them in."""
    return html.Details(
        [
            html.Summary(
                [icon("columns"), html.Span(text("table.menu", lang), className="button-label")],
                className="button",
                id="table-menu-button",
                title=text("table.menu.title", lang),
            ),
            html.Div(id="table-menu", className="menu-body table-menu"),
        ],
        className="menu",
    )


def _sheet(lang: str) -> html.Aside:
    return html.Aside(
        [
            html.Button(
                icon("close"),
                id="sheet-close",
                className="icon-button sheet-close",
                type="button",
                title=text("sheet.close", lang),
                **attributes(aria_label=text("sheet.close", lang)),
            ),
            html.Div(id="sheet", className="sheet-body"),
        ],
        className="sheet",
        id="sheet-panel",
        **attributes(aria_label=text("sheet.label", lang)),
    )


def stores(config: str, state: State, tag: str, plan: dict[str, Any] | None = None) -> list[Any]:
    """Build what the page remembers but does not show; ``tag`` names the figures it is made from."""
    return [
        dcc.Store(id="choices"),
        dcc.Store(id="view"),
        dcc.Store(id="viewed"),
        dcc.Store(id="areas", data=state.areas),
        dcc.Store(id="selected", data=state.zone),
        dcc.Store(id="opened"),
        dcc.Store(id="wanted"),
        dcc.Store(id="filled"),
        dcc.Store(id="banding"),
        dcc.Store(id="banded"),
        dcc.Store(id="charting"),
        dcc.Store(id="charted"),
        *measure_choices.stores(),
        dcc.Store(id="plan", data=plan),
        dcc.Store(id="against", data=state.against),
        dcc.Store(id="snapshot", data=tag),
        html.Div(id="nabij-config", hidden=True, **attributes(data_config=config)),
        html.Div(id="notice", className="notice-place", role="alert"),
    ]
