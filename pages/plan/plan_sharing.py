"""Passing a plan on: a link to read it and a link to edit it, what each gives, and taking both back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html, no_update
from dash import State as Held

from coverage.scenario.scenario import Scenario
from i18n.errors import NabijError
from i18n.messages import MessageError
from i18n.texts import text
from loaders.storage.plan_shares import Share, link_address
from pages.explore.view_callbacks import message
from pages.shell.context import current
from pages.shell.markup import attributes, icon, two_words
from pages.shell.plans.plan_rights import Rights, key_of_page, links_of, own_key, plan_address
from pages.shell.plans.plan_versions import plans
from pages.shell.state import State

DOES = ("share", "withdraw")
"""What the browser may ask for here, as it asks for changes of a plan."""


def dialog(lang: str) -> dmc.Modal:
    """Build what opens over the page; what stands in it is told when it opens."""
    return dmc.Modal(
        html.Div([dcc.Store(id="plan-share"), html.Div(id="plan-shared", className="stack share", role="status")]),
        id="plan-share-dialog",
        title=text("share.title", lang),
        opened=False,
        centered=True,
        size=560,
        closeButtonProps={"aria-label": text("sheet.close", lang)},
    )


def register(app: Dash) -> None:
    """Connect the dialog."""
    app.callback(
        Output("plan-shared", "children"),
        Input("plan-share", "data"),
        Held("plan", "data"),
        Held("choices", "data"),
        prevent_initial_call=True,
    )(shown)


def applied_to(state: State, scenario: Scenario, what: str) -> State:
    """Share a plan, or take its links back; the state with the key under which its maker goes on.

    Raises
    ------
    MessageError
        who asks did not make the plan, or does not share it
    """
    store = plans()
    who = store.rights(state.key)
    if what == "share":
        share_id = store.share(scenario, state.lang, state.key).id
        return replace(state, key=key_of_page(who, own_key(share_id)))
    share = _share(scenario, who)
    if share is None or not share.is_own:
        raise MessageError("error.share.not_yours")
    store.shares.withdraw(share=share.id)
    return replace(state, key=who.page)


def shown(asked: dict[str, Any] | None, plan: dict[str, Any] | None, choices: dict[str, Any] | None) -> Any:
    """Links of the plan on the screen, or how to get them."""
    if not asked or not plan:
        return no_update
    lang = str((choices or {}).get("lang") or current().lang)
    base, key = str(asked.get("base") or ""), str(plan.get("key") or "")
    try:
        scenario = plans().get(str(plan["id"]), lang, key).scenario
        who = plans().rights(key)
        share = _share(scenario, who)
    except NabijError as error:
        return html.P(error.sentence(lang), className="callout refusal")
    holds_list = html.P(text("share.list", lang), className="callout warn") if scenario.places is not None else None
    if share is not None and not share.is_own:
        return [_passed_on(share, who.link, base, lang), holds_list]
    if share is None:
        button = html.Button(
            text("share.make", lang), className="button primary", type="button", **attributes(data_plan="share-make")
        )
        return [html.P(text("share.explained", lang)), holds_list, html.P(button)]
    read, edit = links_of(share.id, who)
    return [
        html.P(text("share.newest", lang)),
        _link("read", base + link_address(read), lang),
        _link("edit", base + link_address(edit), lang),
        holds_list,
        html.P(text("share.withdraw.help", lang), className="help"),
        html.P(
            html.Button(
                two_words(text("share.withdraw", lang), text("plan.list.forget.sure", lang)),
                className="quiet-button",
                type="button",
                **attributes(data_plan="share-withdraw"),
            )
        ),
    ]


def _share(scenario: Scenario, who: Rights) -> Share | None:
    """Shared plan that this version is of; of one's own copy of another's plan only where that is shared too."""
    shares = plans().shares
    if who.share is not None and (who.share.is_own or shares.holds(who.share, scenario.id)):
        return who.share
    return shares.of(scenario.id, who.owner)


def _passed_on(share: Share, key: str, base: str, lang: str) -> html.Div:
    """Link by which this visitor came in, to pass on."""
    kind = "edit" if share.may_edit else "read"
    return html.Div([html.P(text("share.passed_on", lang)), _link(kind, base + link_address(key), lang)])


def _link(kind: str, address: str, lang: str) -> html.Div:
    """Build a link to copy, with what it gives."""
    label = text(f"share.{kind}", lang)
    return html.Div(
        [
            html.Div(
                [
                    dmc.TextInput(
                        id=f"share-{kind}", label=label, value=address, readOnly=True, size="sm", className="grow"
                    ),
                    html.Button(
                        [icon("link"), *two_words(text("share.copy", lang), text("plan.link.copied", lang), label)],
                        className="button",
                        type="button",
                        **attributes(data_plan="copy-link", data_link=address),
                    ),
                ],
                className="share-row",
            ),
            html.P(text(f"share.{kind}.gives", lang), className="help"),
        ],
        className="share-link",
    )


def notes(state: State, scenario: Scenario) -> list[Any]:
    """What to know of whose plan this is: shared, one's own copy, not the newest, or in a browser without cookies."""
    store, lang = plans(), state.lang
    who = store.rights(state.key)
    parts: list[Any] = []
    if not who.cookies:
        parts.append(html.P(text("share.no_cookies", lang), className="callout warn", id="plan-no-cookies"))
    if who.share is None:
        return parts
    of_share = store.shares.holds(who.share, scenario.id)
    parts.append(html.P(text(_standing(who, of_share), lang), className="callout", id="plan-share-note"))
    if of_share and scenario.id != who.share.head:
        link = html.A(text("share.newer.open", lang), href=plan_address(who.share.head, lang, state.key))
        parts.append(html.P([text("share.newer", lang), " ", link], className="callout warn", id="plan-newer"))
    return parts


def _standing(who: Rights, of_share: bool) -> str:
    """Text on what happens to a shared plan when it is changed here."""
    if who.share is not None and who.share.is_own:
        return "share.note.own"
    if who.share is not None and who.share.may_edit:
        return "share.note.edit"
    return "share.note.read" if of_share else "share.note.copy"


def saved_meanwhile(other: str, state: State) -> Any:
    """Message that somebody else saved the shared plan too, and that both versions are there."""
    link = html.A(text("share.meanwhile.open", state.lang), href=plan_address(other, state.lang, state.key))
    title = html.Strong(text("share.meanwhile.title", state.lang))
    return message("warn", state.lang, title, html.P([text("share.meanwhile", state.lang), " ", link]))
