"""What is looked at before the explorer answers: name, origin, and whether a question may be as large as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import flask

from i18n.texts import DEFAULT_LANGUAGE
from pages.request.visitor import COOKIE, is_secret
from pages.serving.hosts import AllowedHosts
from pages.serving.rates import ANSWER, HEAVY, Asker, Rates, network_of
from pages.serving.refusal import Refusal, reader_language
from pages.serving.request import CALLBACKS
from pages.serving.settings import ServeSettings

_EXTENSION = "nabij-guard"
_FOREIGN = {"cross-site", "same-site"}
_ASKING = ("POST", "OPTIONS")
_CLOSED = {"/_reload-hash"}
"""Addresses of Dash that only serve who develops."""

_HEAVY = (
    *("file.data", "asked.data", "propose-job.", "plan-compared.", "plan-equity.", "plan-file."),
    "document-file.",
)
"""Beginnings of the outputs of questions that take long, besides those that hold a file."""

Callbacks = Mapping[str, Mapping[str, Any]]


class Guard:
    """Refuses what the explorer should not answer.

    Parameters
    ----------
    settings : limits
    hosts : names under which it may be asked
    lang : language where the request names none
    """

    def __init__(self, settings: ServeSettings, hosts: AllowedHosts, lang: str = DEFAULT_LANGUAGE) -> None:
        self.settings, self.hosts, self.lang = settings, hosts, lang
        self.rates = Rates(settings)
        self.callbacks: Callbacks = {}

    def before(self) -> flask.Response | None:
        """Answer with a refusal; nothing where the explorer may answer."""
        try:
            self._check()
        except Refusal as refusal:
            return self._response(refusal)
        return None

    def _check(self) -> None:
        request = flask.request
        host = request.headers.get("Host", "")
        if not self.hosts.allows(host):
            raise Refusal(421, "serving.wrong_host")
        if request.path in _CLOSED:
            raise Refusal(404, "serving.not_there")
        if request.path == CALLBACKS and request.method not in _ASKING:
            raise Refusal(405, "serving.method", allow=", ".join(_ASKING))
        if request.method != "POST":
            return
        origin = request.headers.get("Origin")
        foreign = request.headers.get("Sec-Fetch-Site", "").lower() in _FOREIGN
        if foreign or (origin is not None and not self.hosts.allows_origin(origin, host)):
            raise Refusal(403, "serving.foreign")
        if request.path == CALLBACKS:
            self._check_question(request)

    def _check_question(self, request: flask.Request) -> None:
        """See what is asked, where it is large or takes long."""
        length = request.content_length or 0
        if length > self.settings.upload_bytes:
            raise Refusal(413, "serving.too_large")
        output = _output(request)
        file = takes_file(self.callbacks.get(output, {}))
        if length > self.settings.callback_bytes and not file:
            raise Refusal(413, "serving.too_large")
        if file or output.lstrip(".").startswith(_HEAVY):
            given = request.cookies.get(COOKIE, "")
            asker = Asker(network_of(request.remote_addr or ""), given if is_secret(given) else "")
            wait = self.rates.take(asker, HEAVY - ANSWER)
            if wait:
                raise Refusal(429, "serving.too_many", retry_s=wait)

    def _response(self, refusal: Refusal) -> flask.Response:
        request = flask.request
        headers = {
            "REFERER": request.headers.get("Referer", ""),
            "ACCEPT_LANGUAGE": request.headers.get("Accept-Language", ""),
        }
        lang = reader_language(request.query_string.decode("latin-1"), headers, self.lang)
        return flask.Response(f"{refusal.sentence(lang)}\n", refusal.line, refusal.headers())


def attach(server: flask.Flask, settings: ServeSettings, hosts: Iterable[str], lang: str) -> Guard:
    """Look at every request of a server before anything else does."""
    guard = Guard(settings, AllowedHosts(hosts), lang)
    server.extensions[_EXTENSION] = guard
    server.before_request(guard.before)
    return guard


def guard_of(server: flask.Flask) -> Guard:
    """Return the guard of a server."""
    guard = server.extensions[_EXTENSION]
    assert isinstance(guard, Guard)  # noqa: S101  (only `attach` puts it there)
    return guard


def _output(request: flask.Request) -> str:
    """What a question is to fill, empty where that cannot be read; what is wrong with it is told by whoever answers."""
    try:
        asked = request.get_json(silent=True)
    except RecursionError:
        return ""
    output = asked.get("output") if isinstance(asked, dict) else None
    return output if isinstance(output, str) else ""


def takes_file(callback: Mapping[str, Any]) -> bool:
    """Whether a callback is given the contents of a file."""
    parts = [*callback.get("inputs", ()), *callback.get("state", ())]
    return any(part.get("property") == "contents" for part in parts)
