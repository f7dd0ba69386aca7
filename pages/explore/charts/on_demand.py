"""How the browser asks for what it has not got with the view, and takes the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output


def connect(
    app: Dash, asked: str, answered: str, answer: Callable[[dict[str, Any] | None], dict[str, Any] | None]
) -> None:
    """Connect a question of the browser to the server, and its answer to the scripts.

    Parameters
    ----------
    app : where the callbacks are registered
    asked : id of the store that the browser puts its question in
    answered : id of the store with the answer, and name of the function of ``assets/js`` that takes it
    answer : works out the answer; what it raises is told by itself
    """
    app.callback(
        Output(answered, "data"),
        Input(asked, "data"),
        prevent_initial_call=True,
        running=[(Output("busy", "className"), "busy on", "busy")],
    )(answer)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction(namespace="nabij", function_name=answered),
        Input(answered, "data"),
        prevent_initial_call=True,
    )
