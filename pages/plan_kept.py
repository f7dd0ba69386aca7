"""Plans that were saved: save one, open another, copy, forget, give it to somebody as a file and take one in."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html, no_update
from dash import State as Held

from coverage.scenario import facilities_hash
from coverage.scenario_json import MOST_BYTES
from coverage.scenario_replay import read_export
from layers.view import area_name, enumeration
from loaders.errors import NabijError
from loaders.scenario_store import Stored
from loaders.texts import text
from loaders.told import ToldError
from pages.context import current
from pages.data_upload import file_name
from pages.markup import attributes, icon
from pages.plan_store import plans


def dialogs(lang: str) -> html.Div:
    """What opens over the page: the form to save with, and the list of what was saved."""
    return html.Div([_keep(lang), _list(lang), dcc.Store(id="plan-forget")])


def _keep(lang: str) -> dmc.Modal:
    return dmc.Modal(
        html.Div(
            [
                dmc.TextInput(id="plan-keep-name", label=text("plan.keep.name", lang), size="sm"),
                dmc.Textarea(id="plan-keep-note", label=text("plan.keep.note", lang), minRows=3, size="sm"),
                html.P(text("plan.keep.help", lang), className="help"),
                html.Button(
                    text("plan.keep.do", lang),
                    className="button primary",
                    type="button",
                    **attributes(data_plan="keep-do"),
                ),
            ],
            className="stack plan-form",
        ),
        id="plan-keep-dialog",
        title=text("plan.keep.title", lang),
        opened=False,
        centered=True,
        closeButtonProps={"aria-label": text("sheet.close", lang)},
    )


def _list(lang: str) -> dmc.Drawer:
    return dmc.Drawer(
        html.Div(
            [
                html.A(text("plan.list.new", lang), href=f"plannen?lang={lang}", className="button"),
                html.Div(id="plan-listed", role="status"),
                html.Section(
                    [
                        html.H3(text("plan.import", lang)),
                        html.Div(
                            dcc.Upload(
                                [
                                    icon("upload"),
                                    html.Span(
                                        [
                                            html.Strong(text("plan.import.drop", lang)),
                                            " ",
                                            text("plan.import.or", lang),
                                        ],
                                        className="drop-words",
                                    ),
                                ],
                                id="plan-upload",
                                className="drop",
                                className_active="drop over",
                                max_size=MOST_BYTES,
                            ),
                            **attributes(data_field=text("plan.import", lang)),
                        ),
                        html.Div(id="plan-uploaded", role="status"),
                    ],
                    className="plan-import",
                ),
            ],
            className="plan-list",
        ),
        id="plan-list-drawer",
        title=text("plan.list.title", lang),
        position="right",
        size=460,
        closeButtonProps={"aria-label": text("sheet.close", lang)},
    )


def register(app: Dash) -> None:
    """Connect the dialogs."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction(namespace="nabij", function_name="toggle"),
        Output("plan-list-drawer", "opened"),
        Input("plan-list", "n_clicks"),
        prevent_initial_call=True,
    )
    app.callback(
        Output("plan-listed", "children"),
        Input("plan-list-drawer", "opened"),
        Input("plan-forget", "data"),
        Held("choices", "data"),
        prevent_initial_call=True,
    )(listed)
    app.callback(
        Output("plan-uploaded", "children"),
        Input("plan-upload", "contents"),
        Held("plan-upload", "filename"),
        Held("choices", "data"),
        prevent_initial_call=True,
    )(take_in)


def listed(opened: bool | None, forget: dict[str, Any] | None, choices: dict[str, Any] | None) -> Any:
    """List the saved plans, the newest first; after forgetting one if that was asked."""
    lang = str((choices or {}).get("lang") or current().lang)
    if not opened:
        return no_update
    try:
        if forget and forget.get("id") in {plan.id for plan in plans().listed()}:
            plans().forget(str(forget["id"]))
        found = [_kept(plan, lang) for plan in plans().listed()]
    except NabijError as error:
        return html.P(error.sentence(lang), className="callout refusal")
    if not found:
        return html.P(text("plan.list.none", lang), className="help")
    return html.Ul(found, className="kept")


def _kept(plan: Stored, lang: str) -> html.Li:
    name = plan.name or text("plan.unnamed", lang)
    actions = [
        ("duplicate", text("plan.list.duplicate", lang), {"data_name": text("plan.list.of", lang, name=name)}),
        ("forget", text("plan.list.forget", lang), {"data_sure": text("plan.list.forget.sure", lang)}),
    ]
    return html.Li(
        [
            html.A(name, href=f"plannen?plan={plan.id}&lang={lang}", className="kept-name"),
            html.P(plan.note, className="kept-note") if plan.note else None,
            html.P(_about(plan, lang), className="help"),
            html.P(text("banner.stamp", lang), className="stamp") if _made_up(plan, lang) else None,
            html.Div(
                [
                    html.A(
                        text("plan.list.export", lang),
                        href=f"plan/{plan.id}.json?lang={lang}",
                        className="quiet-button",
                        download="",
                        **attributes(aria_label=f"{text('plan.list.export', lang)}: {name}"),
                    ),
                    *[
                        html.Button(
                            words,
                            className="quiet-button",
                            type="button",
                            **attributes(data_plan=what, data_id=plan.id, aria_label=f"{words}: {name}", **more),
                        )
                        for what, words, more in actions
                    ],
                ],
                className="kept-actions",
            ),
        ]
    )


def _about(plan: Stored, lang: str) -> str:
    """When a plan was saved, and what it is about."""
    scenario, snapshot = plans().get(plan.id, lang).scenario, current().snapshot
    query = scenario.base_query
    areas = [area_name(snapshot, level, zone, query.vintage, lang) for level, zone in query.areas]
    n = len(scenario.edits)
    key = "plan.list.changes.none" if n == 0 else "plan.list.change" if n == 1 else "plan.list.changes"
    day = "-".join(reversed(plan.created[:10].split("-")))
    service = text(f"service.{plan.service}", lang)
    return " · ".join(part for part in (day, service, enumeration(areas, lang), text(key, lang, n=n)) if part)


def _made_up(plan: Stored, lang: str) -> bool:
    """Whether a plan rests on places that are made up."""
    scenario = plans().get(plan.id, lang).scenario
    return scenario.facilities == "illustrative" or any(
        place.get("evidence") == "illustrative" for place in scenario.places or ()
    )


def take_in(contents: str | None, filename: str | None, choices: dict[str, Any] | None) -> Any:
    """Take a plan in from a file, and say whether it rests on the figures and places that are here."""
    lang = str((choices or {}).get("lang") or current().lang)
    if not contents or not filename:
        return no_update
    try:
        scenario, _ = read_export(_content(contents))
        snapshot = current().snapshot
        plans().put(scenario)
        base = scenario.base_facilities(snapshot)
        same = scenario.snapshot == snapshot.hash and facilities_hash(base) == scenario.facilities_hash
    except NabijError as error:
        return html.P(f"{file_name(filename)}: {error.sentence(lang)}", className="callout refusal", role="alert")
    name = scenario.name or text("plan.unnamed", lang)
    return html.Div(
        [
            html.P(
                text("plan.import.good" if same else "plan.import.other", lang, name=name),
                className="callout" if same else "callout warn",
                id="plan-import-told",
            ),
            html.A(
                text("plan.import.open", lang),
                href=f"plannen?plan={scenario.id}&lang={lang}",
                className="button primary",
                id="plan-import-open",
            ),
        ],
        className="stack",
    )


def _content(contents: str) -> bytes:
    try:
        data = base64.b64decode(contents.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ToldError("error.plan.not_whole") from error
    if len(data) > MOST_BYTES:
        raise ToldError("error.plan.large", most=MOST_BYTES // 1_000_000, size=len(data) / 1e6)
    return data
