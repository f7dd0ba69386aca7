"""What has to end when the server is stopped: searches behind the page, processes of their own."""

from __future__ import annotations

import logging
from collections.abc import Callable

import flask

_EXTENSION = "nabij-stopping"
_LOG = logging.getLogger("nabij")


def on_stop(server: flask.Flask, action: Callable[[], object]) -> None:
    """Let something be done once, when the server begins to stop; it may not wait for anything."""
    server.extensions.setdefault(_EXTENSION, []).append(action)


def stop_all(server: flask.Flask) -> None:
    """Do what has to be done; what fails is logged, and the rest is done."""
    actions = server.extensions.pop(_EXTENSION, [])
    for action in actions:
        try:
            action()
        except Exception:  # noqa: BLE001  (the others still have to end)
            _LOG.exception("Something could not be ended while stopping.")
