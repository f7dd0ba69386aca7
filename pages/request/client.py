"""Whether whoever asked is still there, so that nothing is worked out for nobody."""

from __future__ import annotations

from collections.abc import Callable

import flask

from i18n.messages import MessageError

_HOOK = "waitress.client_disconnected"


class ClientGoneError(MessageError):
    """Whoever asked has left; nobody reads the answer."""

    def __init__(self) -> None:
        super().__init__("serving.gone")


def client_gone() -> bool:
    """Whether the client of the present request has closed its connection; False where that cannot be known."""
    return gone_of_request()()


def gone_of_request() -> Callable[[], bool]:
    """Return a check for the present request that other threads can make too, such as a ``should_stop``."""
    if not flask.has_request_context():
        return _here
    hook = flask.request.environ.get(_HOOK)
    return (lambda: bool(hook())) if callable(hook) else _here


def check_client() -> None:
    """Stop working where the client has left.

    Raises
    ------
    ClientGoneError
        when the connection of the present request is closed
    """
    if client_gone():
        raise ClientGoneError


def _here() -> bool:
    return False
