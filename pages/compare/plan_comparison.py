"""The comparison: a plan beside today, or beside another plan: in figures, zone by zone, place by place, how equal."""

from __future__ import annotations

import base64
from typing import Any

import dash_mantine_components as dmc
import pandas as pd
from dash import ALL, ClientsideFunction, Dash, Input, Output, ctx, html, no_update
from dash import State as Held

from coverage.indicators.comparison import Comparison
from i18n.errors import NabijError
from i18n.messages import MessageError
from i18n.texts import text
from layers.files.export import render
from layers.notes.notes import describe
from layers.views.plan_tables import burdens, equity_rows, equity_sentence, table_of
from pages.compare.comparison_tables import SHOWN, number, signed, small_table, table_head, totals_table, zones_table
from pages.documents import on_request
from pages.explore.plan_in_view import other_name, with_comparison_told
from pages.shell.made_up import stamp
from pages.shell.markup import attributes, file_buttons, icon, select_data
from pages.shell.plans.plan_context import TODAY, PlanContext, view_of
from pages.shell.plans.plan_versions import plans
from pages.shell.state import State

FORMS = ("csv", "xlsx")
TABLES = ("zones", "places")


def panel(state: State) -> html.Aside:
    """Room for the comparison, beside the map."""
    lang = state.lang
    return html.Aside(
        [
            html.Header(
                [
                    html.H2(text("plan.compare.head", lang), tabIndex=-1, id="compare-title"),
                    html.Div(id="plan-beside"),
                    html.Button(
                        icon("close"),
                        className="icon-button",
                        type="button",
                        title=text("plan.compare.close", lang),
                        **attributes(data_plan="compare-close", aria_label=text("plan.compare.close", lang)),
                    ),
                ],
                className="compare-head",
            ),
            html.Div(
                [html.Div(id="plan-compared"), html.Section(id="plan-equity", className="sheet-section")],
                className="compare-body",
                tabIndex=0,
                role="region",
                **attributes(aria_label=text("plan.compare.title", lang)),
            ),
        ],
        className="compare",
        id="compare",
        **attributes(aria_label=text("plan.compare.title", lang)),
    )


def register(app: Dash) -> None:
    """Connect the comparison."""
    app.callback(
        Output("plan-compared", "children"),
        Output("plan-beside", "children"),
        Input("viewed", "data"),
        Held("snapshot", "data"),
        prevent_initial_call=True,
    )(compared)
    app.callback(
        Output("plan-equity", "children"),
        Input("viewed", "data"),
        Held("snapshot", "data"),
        prevent_initial_call=True,
    )(equity)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction(namespace="nabij", function_name="planAgainst"),
        Output("against", "data"),
        Input("plan-against", "value"),
        prevent_initial_call=True,
    )
    app.callback(
        Output("plan-file", "data"),
        Input({"type": "plan-table", "what": ALL, "form": ALL}, "n_clicks"),
        Held("choices", "data"),
        Held("snapshot", "data"),
        prevent_initial_call=True,
    )(download)


def _comparing(view: dict[str, Any] | None, tag: str | None) -> tuple[State, PlanContext] | None:
    """State and context of a view that compares; None where it does not."""
    if not view or not view["key"].get("against"):
        return None
    state, context = view_of(view["key"], tag)
    return (state, context) if isinstance(context, PlanContext) else None


def compared(view: dict[str, Any] | None, tag: str | None) -> Any:
    """Figures, zones and places before and after."""
    comparing = _comparing(view, tag)
    if comparing is None:
        return None, no_update
    state, context = comparing
    comparison = context.comparison(state)
    lang = state.lang
    return [
        _stamp(comparison, lang),
        html.Section(
            [
                html.H3(text("plan.compare.totals", lang)),
                totals_table(comparison, _before(state), text("plan.compare.after", lang), lang),
                on_request.buttons(on_request.OF_PLAN, lang),
            ],
            className="sheet-section",
        ),
        html.Section(
            [
                html.H3(text("plan.compare.zones", lang)),
                *zones_table(comparison, lang),
                _buttons("zones", lang),
            ],
            className="sheet-section",
        ),
        _places(comparison, state),
    ], _beside(state)


def equity(view: dict[str, Any] | None, tag: str | None) -> Any:
    """How equally distance and access are shared, before and after."""
    comparing = _comparing(view, tag)
    if comparing is None:
        return None
    state, context = comparing
    lang = state.lang
    comparison = context.comparison(state)
    heads = ("", _before(state), text("plan.compare.after", lang))
    return [
        html.H3(text("plan.compare.equity", lang)),
        html.P(equity_sentence(comparison, lang), id="equity-sentence"),
        small_table(heads, [[*row] for row in equity_rows(comparison.equity, lang)]),
        html.P(text("plan.compare.palma.help", lang), className="help"),
    ]


def _beside(state: State) -> dmc.Select:
    """Choose what the plan stands beside: today, or a kept plan."""
    lang = state.lang
    try:
        kept = [plan for plan in plans().listed(state.key) if plan.id != state.plan and plan.service == state.service]
    except NabijError:
        kept = []
    return dmc.Select(
        id="plan-against",
        value=state.against,
        data=select_data(
            [TODAY, *(plan.id for plan in kept)],
            [text("plan.compare.today", lang), *(plan.name or plan.id[:8] for plan in kept)],
        ),
        allowDeselect=False,
        withCheckIcon=False,
        size="sm",
        **attributes(aria_label=text("plan.compare.with", lang)),
    )


def _stamp(comparison: Comparison, lang: str) -> html.P | None:
    """Say that the places are made up, where they are."""
    label = stamp(lang, comparison.before.evidence, comparison.after.evidence)
    return None if label is None else html.P(label)


def _before(state: State) -> str:
    return other_name(state) or text("plan.compare.today", state.lang)


def _places(comparison: Comparison, state: State) -> html.Section:
    by_place, lang = burdens(comparison), state.lang
    heads = [text(f"plan.compare.{name}", lang) for name in ("place", "after", "change")]
    heads.insert(1, _before(state))
    rows = [
        html.Tr(
            [
                html.Th(
                    [
                        html.Span(className=f"plan-key status-{place['status']}", **attributes(aria_hidden="true")),
                        html.Span(place["name"] if pd.notna(place["name"]) else place["id"]),
                        html.Span(f" ({text('plan.legend.' + place['status'], lang)})", className="only-read"),
                    ],
                    scope="row",
                ),
                html.Td(number(place["births_nearest_before"], lang)),
                html.Td(number(place["births_nearest_after"], lang)),
                html.Td(signed("+" if place["change"] > 0 else "−", abs(place["change"]), lang)),
            ]
        )
        for place in by_place.head(SHOWN).to_dict("records")
    ]
    table = html.Table([table_head(heads), html.Tbody(rows)], className="compare-table places", id="compare-places")
    return html.Section(
        [
            html.H3(text("plan.compare.places", lang)),
            html.P(text("plan.compare.places.help", lang), className="help"),
            table if rows else None,
            _buttons("places", lang),
        ],
        className="sheet-section",
    )


def _buttons(what: str, lang: str) -> html.P:
    return file_buttons({form: _file_words(what, form, lang) for form in FORMS}, type="plan-table", what=what)


def _file_words(what: str, form: str, lang: str) -> str:
    return text(f"plan.compare.download.{what}", lang, form=text(f"download.{form}", lang))


def download(clicks: list[int | None], choices: dict[str, Any] | None, tag: str | None) -> Any:
    """Build the file of a table of the comparison, with its notes."""
    if not any(clicks) or not ctx.triggered_id or not choices:
        return no_update
    what, form = str(ctx.triggered_id["what"]), str(ctx.triggered_id["form"])
    state, context = view_of(choices, tag)
    if not isinstance(context, PlanContext):
        raise MessageError("error.plan.nothing")
    return file_of(context, state, what, form)


def file_of(context: PlanContext, state: State, what: str, form: str) -> dict[str, Any]:
    """File of a table of the comparison, ready for the browser."""
    comparison = context.comparison(state)
    described = describe(comparison.after, context.snapshot, "coverage", state.lang)
    notes = with_comparison_told(described, context, state)
    content = base64.b64encode(render(table_of(comparison, what), notes, form)).decode()
    name = f"nabij-plan-{context.scenario.id[:8]}-{what}-{comparison.after.evidence}.{form}"
    return {"content": content, "filename": name, "type": "application/octet-stream", "base64": True}
