"""Plans that were saved: save one, open another, copy, forget, give it to somebody as a file and take one in."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, ctx, dcc, html, no_update
from dash import State as Held

from coverage.scenario.document import MAX_DOCUMENT_BYTES
from coverage.scenario.replay import read_export
from coverage.scenario.scenario import facilities_hash
from i18n.errors import NabijError
from i18n.messages import MessageError
from i18n.numbers import format_date
from i18n.texts import text
from layers.sentences import listed as in_words
from layers.views.view import area_name
from loaders.storage.plan_store import BIN_DAYS, Stored
from pages.data.list_upload import file_name
from pages.shell.context import current
from pages.shell.made_up import stamp
from pages.shell.markup import attributes, icon, two_words
from pages.shell.plans.plan_rights import key_of_page, own_key, plan_address
from pages.shell.plans.plan_versions import plans


def dialogs(lang: str, key: str = "") -> html.Div:
    """What opens over the page: the form to save with, and the list of what was saved."""
    return html.Div([_keep(lang), _list(lang, key), dcc.Store(id="plan-forget"), dcc.Store(id="plan-arrived")])


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


def _list(lang: str, key: str) -> dmc.Drawer:
    return dmc.Drawer(
        html.Div(
            [
                html.A(text("plan.list.new", lang), href=_new_address(lang, key), className="button"),
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
                                max_size=MAX_DOCUMENT_BYTES,
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
    )(_answered)
    app.callback(
        Output("plan-uploaded", "children"),
        Input("plan-upload", "contents"),
        Held("plan-upload", "filename"),
        Held("choices", "data"),
        prevent_initial_call=True,
    )(take_in)


def _answered(opened: bool | None, moved: dict[str, Any] | None, choices: dict[str, Any] | None) -> Any:
    """Answer the list that opens or the button in it; what was asked before the list closed is not done again."""
    asked = any(str(one["prop_id"]).startswith("plan-forget.") for one in ctx.triggered)
    return listed(opened, moved if asked else None, choices)


def listed(opened: bool | None, moved: dict[str, Any] | None, choices: dict[str, Any] | None) -> Any:
    """List the visitor's saved plans, the newest first, and the bin; after what was asked for one of them."""
    lang, key = _lang(choices), _key(choices)
    if not opened:
        return no_update
    try:
        done = _moved(moved, lang, key) if moved else None
        kept, binned = plans().listed(key), plans().listed(key, binned=True)
        shared = plans().shares.heads(plans().rights(key).owner)
        items = [_kept(plan, shared.get(plan.id, ""), lang, key) for plan in kept]
    except NabijError as error:
        return html.P(error.sentence(lang), className="callout refusal")
    none = [text("plan.list.none", lang), " ", text("share.list.earlier", lang)]
    return [
        done,
        html.Ul(items, className="kept") if items else html.P(none, className="help"),
        _bin(binned, lang) if binned else None,
    ]


def _moved(moved: dict[str, Any], lang: str, key: str) -> Any:
    """Put a plan into the bin or take it out, and say so with a way back; nothing where it is not the visitor's."""
    asked, back = str(moved.get("id")), moved.get("what") == "restore"
    there = {plan.id: plan for plan in plans().listed(key, binned=back)}
    if asked not in there:
        return None
    name = there[asked].name or text("plan.unnamed", lang)
    if back:
        plans().restore(asked, key)
        return html.P(text("bin.restored", lang, name=name), className="callout")
    plans().forget(asked, key)
    undo = html.Button(
        text("bin.undo", lang), className="link-button", type="button", **attributes(data_plan="restore", data_id=asked)
    )
    return html.P([text("bin.put", lang, name=name, days=BIN_DAYS), " ", undo], className="callout", id="plan-binned")


def _bin(binned: list[Stored], lang: str) -> html.Details:
    """What lies in the bin, since when and until when."""
    items = [
        html.Li(
            [
                html.Span(plan.name or text("plan.unnamed", lang), className="kept-name"),
                html.P(text("bin.dates", lang, put=_day(plan.binned, lang), gone=_gone(plan, lang)), className="help"),
                html.Button(
                    text("bin.restore", lang),
                    className="quiet-button",
                    type="button",
                    **attributes(
                        data_plan="restore",
                        data_id=plan.id,
                        aria_label=f"{text('bin.restore', lang)}: {plan.name or text('plan.unnamed', lang)}",
                    ),
                ),
            ]
        )
        for plan in binned
    ]
    return html.Details(
        [
            html.Summary([icon("bin"), html.Span(text("bin.title", lang, n=len(binned)))]),
            html.P(text("bin.help", lang, days=BIN_DAYS), className="help"),
            html.Ul(items, className="binned"),
        ],
        className="plan-bin",
        id="plan-bin",
    )


def _day(moment: str, lang: str) -> str:
    """Day of a time as the store writes it, as people write it."""
    return format_date(datetime.fromisoformat(moment), lang)


def _gone(plan: Stored, lang: str) -> str:
    return _day((datetime.fromisoformat(plan.binned) + timedelta(days=BIN_DAYS)).isoformat(), lang)


def _kept(plan: Stored, share: str, lang: str, key: str) -> html.Li:
    name = plan.name or text("plan.unnamed", lang)
    who = plans().rights(key)
    onward = key_of_page(who, own_key(share)) if share else who.page
    export = f"plan/{plan.id}.json?lang={lang}" + (f"&key={onward}" if onward else "")
    actions = [
        html.Button(
            text("plan.list.duplicate", lang),
            className="quiet-button",
            type="button",
            **attributes(
                data_plan="duplicate",
                data_id=plan.id,
                data_name=text("plan.list.of", lang, name=name),
                aria_label=f"{text('plan.list.duplicate', lang)}: {name}",
            ),
        ),
        html.Button(
            two_words(text("plan.list.forget", lang), text("plan.list.forget.sure", lang), name),
            className="quiet-button",
            type="button",
            **attributes(data_plan="forget", data_id=plan.id),
        ),
    ]
    return html.Li(
        [
            html.A(name, href=plan_address(plan.id, lang, onward), className="kept-name"),
            html.Span(text("share.shared", lang), className="shared-mark") if share else None,
            html.P(plan.note, className="kept-note") if plan.note else None,
            html.P(_about(plan, lang, key), className="help"),
            _stamp(plan, lang, key),
            html.Div(
                [
                    html.A(
                        text("plan.list.export", lang),
                        href=export,
                        className="quiet-button",
                        download="",
                        **attributes(aria_label=f"{text('plan.list.export', lang)}: {name}"),
                    ),
                    *actions,
                ],
                className="kept-actions",
            ),
        ]
    )


def _about(plan: Stored, lang: str, key: str) -> str:
    """When a plan was saved, and what it is about."""
    scenario, snapshot = plans().get(plan.id, lang, key).scenario, current().snapshot
    query = scenario.base_query
    areas = [area_name(snapshot, level, zone, query.vintage, lang) for level, zone in query.areas]
    n = len(scenario.edits)
    key = "plan.list.changes" if n else "plan.list.unchanged"
    day = _day(plan.created, lang)
    service = text(f"service.{plan.service}", lang)
    return " · ".join(part for part in (day, service, in_words(areas, lang), text(key, lang, n=n)) if part)


def _stamp(plan: Stored, lang: str, key: str) -> html.P | None:
    """Label of a plan that rests on places that are made up."""
    scenario = plans().get(plan.id, lang, key).scenario
    label = stamp(lang, scenario.facilities, *(place.get("evidence") for place in scenario.places or ()))
    return None if label is None else html.P(label)


def take_in(contents: str | None, filename: str | None, choices: dict[str, Any] | None) -> Any:
    """Take a plan in from a file, and say whether it rests on the figures and places that are here."""
    lang, key = _lang(choices), _key(choices)
    if not contents or not filename:
        return no_update
    try:
        scenario, _ = read_export(_content(contents))
        snapshot = current().snapshot
        plans().put(scenario, key=key)
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
                href=plan_address(scenario.id, lang, plans().rights(key).page),
                className="button primary",
                id="plan-import-open",
            ),
        ],
        className="stack",
    )


def _lang(choices: dict[str, Any] | None) -> str:
    return str((choices or {}).get("lang") or current().lang)


def _key(choices: dict[str, Any] | None) -> str:
    return str((choices or {}).get("key") or "")


def _new_address(lang: str, key: str) -> str:
    """Address of a page with a new plan, in a browser with or without cookies."""
    onward = plans().rights(key).page
    return f"plannen?lang={lang}" + (f"&key={onward}" if onward else "")


def _content(contents: str) -> bytes:
    try:
        data = base64.b64decode(contents.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise MessageError("error.plan.not_whole") from error
    if len(data) > MAX_DOCUMENT_BYTES:
        raise MessageError("error.plan.large", most=MAX_DOCUMENT_BYTES // 1_000_000, size=len(data) / 1e6)
    return data
