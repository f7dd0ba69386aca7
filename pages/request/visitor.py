"""Who asks: without a login, the secret that this server gave the browser, of which only a hash is ever stored."""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

import flask

COOKIE = "nabij_visitor"
"""Name of the cookie that holds a browser's secret."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_BYTES = 32
_YEAR_S = 365 * 86_400


def visitor() -> str:
    """Return the visitor's public name: the SHA-256 of the browser's secret, 64 hexadecimal digits.

    The same throughout a request. A browser that sends no secret, or none of ours, gets a new one with the answer. A
    login, once there is one, takes the place of the secret here and nowhere else.
    """
    return sha256(_secret().encode()).hexdigest()


def is_known() -> bool:
    """Whether the browser sent a secret of ours; one that refuses cookies never does."""
    _secret()
    return not flask.g.nabij_visitor_is_new


def secret_for(purpose: str, of: str = "") -> str:
    """Return a secret of 256 bits that follows from the visitor's own, the same each time for the same purpose.

    So a link can be shown to its maker again, although only its hash is stored.

    Parameters
    ----------
    purpose : what it is for
    of : secret to use in the place of that of the browser
    """
    made = hmac.digest((of or _secret()).encode(), purpose.encode(), "sha256")
    return urlsafe_b64encode(made).decode().rstrip("=")


def _secret() -> str:
    if "nabij_visitor" not in flask.g:
        given = flask.request.cookies.get(COOKIE, "")
        known = is_secret(given)
        flask.g.nabij_visitor = given if known else secrets.token_urlsafe(_BYTES)
        flask.g.nabij_visitor_is_new = not known
    return str(flask.g.nabij_visitor)


def is_secret(value: str) -> bool:
    """Whether a value of the cookie has the form of a secret that we give."""
    return _SECRET.fullmatch(value) is not None


def attach(server: flask.Flask) -> None:
    """Give every browser that opens a page a secret of its own."""

    @server.after_request
    def hand_out(response: flask.Response) -> flask.Response:
        if response.mimetype == "text/html":
            _secret()
        if flask.g.get("nabij_visitor_is_new") or response.mimetype == "text/html":  # which a visit a year makes last
            response.set_cookie(
                COOKIE, _secret(), max_age=_YEAR_S, httponly=True, samesite="Lax", secure=flask.request.is_secure
            )
        return response
