"""What the page of the data says of a list that was brought along: who can see it, and how to take it back."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, dcc, html, no_update

from i18n.texts import text
from pages.shell.markup import attributes
from pages.shell.session_uploads import uploads
from pages.shell.state import State as View
from pages.shell.state import read_state

_OF_A_LIST = {"places": "own.erase", "zones": "own.erase.zones"}
"""Choices that name a list, and what the button says that erases it."""


def own_note(state: View) -> html.Div | None:
    """Say who can see the lists of a state, with a button for whoever brought them; None where there are none."""
    lang = state.lang
    keys = {kind: getattr(state, kind) for kind in _OF_A_LIST if getattr(state, kind)}
    if not keys:
        return None
    buttons = [
        html.Button(
            text(_OF_A_LIST[kind], lang),
            id={"type": "list-erase", "kind": kind},
            className="button",
            type="button",
            title=text("own.erase.help", lang),
        )
        for kind, key in keys.items()
        if uploads().is_of_visitor(key)
    ]
    return html.Div(
        [
            html.P(text("own.secret", lang)),
            html.Div(buttons, className="own-buttons") if buttons else None,
            html.P(text("own.erase.help", lang), className="help") if buttons else None,
            dcc.Location(id="list-erased", refresh=True),
        ],
        className="callout own-note",
        id="own-note",
        **attributes(role="note"),
    )


def register(app: Dash) -> None:
    """Connect the buttons."""
    app.callback(
        Output("list-erased", "href"),
        Input({"type": "list-erase", "kind": ALL}, "n_clicks"),
        State({"type": "list-erase", "kind": ALL}, "id"),
        State("data-state", "data"),
        prevent_initial_call=True,
    )(erase)


def erase(clicks: list[int | None], buttons: list[dict[str, Any]], given: dict[str, Any] | None) -> Any:
    """Erase the list whose button was clicked, and open the page without it."""
    kinds = [str(button.get("kind")) for button, n in zip(buttons, clicks, strict=True) if n]
    if not given or not kinds:
        return no_update
    state = read_state(given)
    gone = {kind: "" for kind in kinds if kind in _OF_A_LIST and uploads().erase(getattr(state, kind))}
    facilities = {"facilities": View().facilities} if "places" in gone and state.facilities == "own" else {}
    level = {"level": View().level, "areas": "", "zone": ""} if "zones" in gone and state.level == "own" else {}
    return "gegevens" + state.address(**gone, **facilities, **level) if gone else no_update
