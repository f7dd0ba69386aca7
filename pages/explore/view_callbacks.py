"""What answers when a choice changes: thin callbacks that ask the context and pass on what they get.

The browser keeps borders, colours and selection to itself (``assets/js``); the server is asked for another question,
for the sheet of a zone and for a file.
"""

from __future__ import annotations

import logging
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, html, set_props
from dash.exceptions import PreventUpdate

from i18n.errors import NabijError
from i18n.texts import format_number, text
from layers.maps.raster import minutes_legend
from layers.notes.notes import describe
from layers.views.view import area_name, payload, ranked
from pages.documents import on_request
from pages.documents.handed_out import file_of_view
from pages.explore.measure_choices import with_asked
from pages.explore.norm_hint import norm_hint
from pages.explore.plan_in_view import sentences, with_plan_shown, with_plan_told
from pages.explore.provenance import in_view
from pages.explore.sheet.zone_sheet import sheet
from pages.request.client import check_client
from pages.request.input_kinds import UnfitError
from pages.server import barrier_files, map_files
from pages.shell.context import Context
from pages.shell.examples import MERGED_SINCE, example_of
from pages.shell.made_up import is_made_up
from pages.shell.markup import attributes, emphasised, icon
from pages.shell.plans.plan_context import view_of
from pages.shell.reader import reader

_LOG = logging.getLogger("nabij")
_CONTROLS = (
    *("service", "demand", "year", "mode", "minutes", "level", "vintage", "facilities", "indicator", "show", "model"),
    *("classes", "borders"),
)
MAX_CHIPS = 4
"""Areas that are named one by one; more are told by their number."""

OFFLINE = ("notice.offline.title", "notice.offline", "notice.offline.waiting", "notice.offline.retry")
"""What the browser says while the server cannot be reached (``assets/js/connection.mjs``)."""


def register(app: Dash) -> None:
    """Connect the page to the server and to the functions of the browser."""
    _in_browser(app)
    on_request.register(app)
    app.callback(
        Output("view", "data"),
        Output("headline", "children"),
        Output("subline", "children"),
        Output("banner", "className"),
        Output("in-view", "children"),
        Output("notice", "children"),
        Output("snapshot", "data"),
        Input("choices", "data"),
        State("snapshot", "data"),
        prevent_initial_call=True,
        running=[(Output("busy", "className"), "busy on", "busy")],
    )(refresh)
    app.callback(
        Output("sheet", "children"),
        Input("opened", "data"),
        prevent_initial_call=True,
        on_error=on_unknown_zone,
    )(open_sheet)
    app.callback(
        Output("file", "data"),
        Input("wanted", "data"),
        State("choices", "data"),
        State("snapshot", "data"),
        prevent_initial_call=True,
    )(download)


def on_error(error: Exception, place: str = "notice") -> None:
    """Say what went wrong in the reader's language and leave the last good view as it is.

    Raises
    ------
    UnfitError
        when it is that what the browser sent is not what is declared
    """
    lang = reader()
    if isinstance(error, UnfitError):
        raise error
    if isinstance(error, NabijError):
        sentence = error.sentence(lang)
    else:
        _LOG.error("A callback failed.", exc_info=error)
        sentence = text("notice.unexpected", lang)
    set_props(place, {"children": notice(sentence, lang)})


def on_unknown_zone(error: Exception) -> None:
    """Say that there is no such zone, and open no sheet."""
    on_error(error, "first-notice")  # the answer to the question clears the other place
    set_props("selected", {"data": ""})


def notice(sentence: str, lang: str, kept: str = "notice.kept") -> html.Div:
    """Build a calm message over the view."""
    help_ = html.P(text(kept, lang), className="help")
    return message("warn", lang, html.Strong(text("notice.title", lang)), html.P(sentence), help_)


def news(lang: str) -> html.Div:
    """Build the message that the figures were renewed while the page was open."""
    help_ = html.P(text("notice.new_data.help", lang), className="help")
    return message("layers", lang, html.Strong(text("notice.new_data", lang)), help_)


def message(kind: str, lang: str, *content: Any) -> html.Div:
    """Build a message over the view that can be sent away."""
    return html.Div(
        [
            icon(kind),
            html.Div(list(content)),
            html.Button(
                icon("close"),
                className="icon-button",
                type="button",
                **attributes(data_act="dismiss", aria_label=text("notice.close", lang)),
            ),
        ],
        className=f"notice {kind}",
    )


def refresh(choices: dict[str, Any] | None, before: str | None) -> tuple[Any, ...]:
    """Answer another question: values, sentence, banner, provenance, and the figures they come from."""
    if not choices:
        raise PreventUpdate
    state, context = view_of(choices)
    check_client()
    analysis = context.analyse(state)
    check_client()
    view = {
        **payload(analysis, state.lang, state.classes),
        "key": choices,
        "zones": {detail: map_files.zones_address(context, state, detail) for detail in ("far", "near")},
        "places": map_files.places_address(context, state),
        "raster": _raster(context, state, analysis),
        "barriers": barrier_files.barriers_address(context, state),
        "level": state.level,
        "levels": text(f"level.{state.level}.plural", state.lang),
        "service": state.service,
        "who": text(f"subline.who.{analysis.query.demand}", state.lang),
        "facilities": analysis.evidence,
        "madeUp": is_made_up(analysis.evidence),
        "areas": state.areas,
        "evidence": text(f"table.evidence.{analysis.evidence}", state.lang),
    }
    view = with_plan_shown(view, context, state, analysis)
    answer, below = sentences(context, state, analysis)
    hidden = "" if view["madeUp"] else " hidden"
    notes = with_plan_told(describe(analysis, context.snapshot, "coverage", state.lang), context, state)
    return (
        view,
        emphasised(answer),
        [*_below_headline(context, state, below), norm_hint(state, analysis)],
        f"banner{hidden}",
        in_view(notes),
        news(state.lang) if before not in (None, context.tag) else None,
        context.tag,
    )


def open_sheet(opened: dict[str, Any] | None) -> Any:
    """Content of the sheet of a zone, given the choices and the zone; nothing when none is open."""
    if not opened:
        return None
    state, context = view_of(opened)
    return sheet(context, state)


def download(wanted: dict[str, Any], choices: dict[str, Any] | None, tag: str | None) -> dict[str, Any]:
    """Build a file with exactly the rows that the table shows, in its order, from the figures that it shows."""
    if not choices:
        raise PreventUpdate
    state, context = view_of({**choices, "indicator": wanted.get("indicator")}, tag)
    check_client()
    analysis = context.analyse(state)
    check_client()
    notes = with_plan_told(describe(analysis, context.snapshot, "coverage", state.lang), context, state)
    table, notes = with_asked(context, state, analysis, notes)
    table = ranked(table)
    if wanted["ids"] is not None:
        table = table.set_index("zone_id", drop=False)
        asked = set(wanted["ids"])
        if len(asked) < len(wanted["ids"]) or not asked <= set(table.index):  # twice the same takes twice the room
            raise UnfitError("wanted.data.ids")
        table = table.loc[wanted["ids"]].reset_index(drop=True)
    plan = f"-plan-{state.plan[:8]}" if state.plan else ""
    name = f"nabij{plan}-{state.service}-{state.level}-{analysis.query.held_vintage}-{analysis.evidence}"
    return file_of_view(context, analysis, table, notes, str(wanted["form"]), (state.indicator, state.classes), name)


def _raster(context: Context, state: Any, analysis: Any) -> dict[str, Any]:
    legend = minutes_legend()
    return {
        "url": map_files.raster_address(context, state),
        "bounds": context.raster.bounds,
        "known": is_made_up(analysis.evidence) or bool(analysis.table["mean_minutes"].notna().any()),
        "legend": {
            "title": text("legend.raster", state.lang),
            "unit": text("legend.raster.unit", state.lang),
            "colours": list(legend.colours),
            "labels": legend.labels(state.lang),
        },
    }


def _below_headline(context: Context, state: Any, sentence: str) -> list[Any]:
    """What to look at next, the area that the view is restricted to, and what a merger did to an example."""
    lang = state.lang
    parts: list[Any] = []
    areas = state.query.areas
    names = [area_name(context.snapshot, level, zone, state.query.vintage, lang) for level, zone in areas]
    told = [text("map.only", lang, area=name) for name in names]
    if len(told) > MAX_CHIPS:
        told = [text("map.only.many", lang, n=format_number(len(told), lang))]
    parts += [
        html.Button(
            [words, icon("close")],
            className="area-chip",
            type="button",
            title=text("map.only.clear", lang),
            **attributes(data_act="clear-areas"),
        )
        for words in told
    ]
    example = example_of(state)
    merged = MERGED_SINCE.get(example)
    if merged is not None:
        parts += [
            html.Span(text(f"example.{example}.hint", lang)),
            html.A(
                text(f"example.{example}.hint.link", lang),
                href=merged.address(lang=lang),
                className="go",
                id="merger-hint",
            ),
        ]
    else:
        parts.append(html.Span(sentence, className="" if state.plan else "what-next"))
    return parts


def _in_browser(app: Dash) -> None:
    """Functions of ``assets/js`` that need no server."""

    def run(name: str, *arguments: Any, **options: Any) -> None:
        app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction(namespace="nabij", function_name=name), *arguments, **options
        )

    run(
        "collect",
        Output("choices", "data"),
        Output("minutes", "value"),
        Output("demand", "value"),
        Output("year-choice", "className"),
        Output("vintage-choice", "className"),
        Output("vintage", "value"),
        Output("minutes-help", "children"),
        Output("facilities-help", "children"),
        Output("selected", "data"),
        Output("opened", "data"),
        Output("model-help", "children"),
        *[Input(name, "value") for name in _CONTROLS],
        Input("areas", "data"),
        Input("selected", "data"),
        Input("only-gaps", "checked"),
        Input("plan", "data"),
        Input("against", "data"),
        Input("min-share", "value"),
        State("choices", "data"),
    )
    run(
        "draw",
        Output("legend", "children"),
        Output("indicator", "data"),
        Output("indicator", "value"),
        Input("view", "data"),
        Input("indicator", "value"),
        Input("show", "value"),
        Input("asked", "data"),
        Input("only-gaps", "checked"),
        prevent_initial_call=True,
    )
    run("edged", Input("borders", "value"), Input("view", "data"))
    run(
        "rows",
        Output("search", "data"),
        Output("search", "placeholder"),
        Output("filled", "data"),
        Input("view", "data"),
        Input("only-gaps", "checked"),
        prevent_initial_call=True,
    )
    run(
        "select",
        Input("selected", "data"),
        Input("filled", "data"),
        prevent_initial_call=True,
    )
    run("viewed", Output("viewed", "data"), Input("view", "data"), prevent_initial_call=True)
    run("search", Output("search", "value"), Input("search", "value"), prevent_initial_call=True)
    run(
        "wanted",
        Output("wanted", "data"),
        Input({"type": "download", "form": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    run(
        "toggle",
        Output("sources", "opened"),
        Input("sources-button", "n_clicks"),
        prevent_initial_call=True,
    )


__all__ = ["OFFLINE", "download", "on_error", "open_sheet", "refresh", "register"]
