"""A connection: it gets a certain time for everything it does, and says no in a sentence."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any, Protocol

from waitress.channel import HTTPChannel
from waitress.task import Task, WSGITask

from pages.request.visitor import COOKIE, is_secret
from pages.serving.dispatcher import Dispatcher
from pages.serving.rates import ANSWER, FILE, HEAVY, WORK, Asker, Rates, network_of
from pages.serving.refusal import Refusal, reader_language, refusal_of
from pages.serving.request import CALLBACKS, Request
from pages.serving.settings import ServeSettings

_FILES = ("/assets/", "/_dash-component-suites/")
_LONG = ("/barriers/",)
"""Addresses of files that take as long as a download."""

_FORWARDED = (
    "FORWARDED",
    "X_FORWARDED_FOR",
    "X_FORWARDED_PROTO",
    "X_FORWARDED_HOST",
    "X_FORWARDED_PORT",
    "X_FORWARDED_BY",
    "X_FORWARDED_PREFIX",
    "X_REAL_IP",
)
_LINGER_S = 5.0
"""How long the rest of a refused body is read and dropped, so that the sender gets to read the answer, s."""

_AHEAD = 8
"""Requests that may be sent on one connection before the first is answered."""

_LINGER_BYTES = 64_000_000
_DROPPED_AT_ONCE = 65_536


class RefusalTask(Task):  # type: ignore[misc]
    """Answer with the refusal of a request."""

    complete = True

    def execute(self) -> None:
        """Write the sentence in the reader's language."""
        refusal = self.request.error if isinstance(self.request.error, Refusal) else refusal_of(500)
        lang = reader_language(self.request.query, self.request.headers, self.channel.server.lang)
        body = refusal.sentence(lang).encode() + b"\n"
        self.channel.refused = True
        self.status = refusal.line
        self.response_headers += refusal.headers()
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(b"" if self.request.command == "HEAD" else body)


class AnswerTask(WSGITask):  # type: ignore[misc]
    """Let the application answer; it sees whom we believe to ask, and no header that anybody could have made up."""

    def get_environment(self) -> dict[str, Any]:
        """Return what the application is told of the request."""
        made = self.environ is None
        environ: dict[str, Any] = super().get_environment()
        if made:
            request = self.request
            environ["REMOTE_ADDR"] = environ["REMOTE_HOST"] = request.client
            if self.channel.server.settings.trusted_proxies:
                scheme = request.headers.get("X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
                environ["wsgi.url_scheme"] = "https" if scheme == "https" else "http"
            for name in _FORWARDED:
                environ.pop(f"HTTP_{name}", None)
        return environ

    def build_response_header(self) -> bytes:
        """Close the connection after the answer where the server is being stopped."""
        if self.channel.server.stopping and not self.close_on_finish:
            self.set_close_on_finish()
        return bytes(super().build_response_header())


class ChannelServer(Protocol):
    """What a connection needs of whoever took it in."""

    settings: ServeSettings
    lang: str
    rates: Rates
    stopping: bool
    task_dispatcher: Dispatcher

    def add_task(self, task: Any) -> None:
        """Have a request answered when its turn comes."""

    def room_for(self, size: int, asker: str) -> bool:
        """Whether a body of this size may come in from an address."""


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection.

    Attributes
    ----------
    waiting_since : when it was made, or its last request answered, by the monotonic clock
    refused : whether a request was refused, so that it has to be closed
    """

    task_class = AnswerTask
    error_task_class = RefusalTask
    server: ChannelServer
    request: Request | None
    total_outbufs_len: int
    will_close: bool

    def __init__(self, server: ChannelServer, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002
        super().__init__(server, sock, addr, adj, map=map)
        self.settings = server.settings
        self.parser_class = lambda adj: Request(adj, self.settings, self._admit)
        self.peer = network_of(str(addr[0]))
        self.waiting_since = time.monotonic()
        self.answered = 0
        self.refused = False
        self._sending_since = 0.0
        self._to_send = 0
        self._linger_until = 0.0
        self._dropped = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is being worked out or sent."""
        return not self.requests and not self.total_outbufs_len

    @property
    def bodies(self) -> list[Request]:
        """Requests whose bodies are coming in or wait."""
        coming = self.request
        return [*self.requests, *([coming] if coming is not None else [])]

    def has_news(self) -> bool:
        """Whether something has come that is not read yet."""
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def turn(self) -> tuple[Asker, bool]:
        """Who asks with the request in front, and whether it is work."""
        request = self.requests[0]
        asker = Asker(request.client or self.peer, request.visitor)
        return asker, request.error is None and _cost(request) > FILE

    def service(self) -> None:
        """Answer the request in front."""
        super().service()
        self.answered += 1
        self.waiting_since = time.monotonic()

    def tend(self, now: float) -> None:
        """Close or refuse what is over its time; called by the front a few times per second."""
        settings, request = self.settings, self.request
        if self._linger_until:
            if now > self._linger_until:
                self.handle_close()
        elif self.total_outbufs_len:
            self._sending_since = self._sending_since or now
            self._to_send = max(self._to_send, self.total_outbufs_len)
            if now > self._sending_since + settings.send_s + self._to_send / settings.send_rate:
                self.handle_close()
        else:
            self._sending_since, self._to_send = 0.0, 0
            if self.requests:
                return
            if request is None:
                due = self.waiting_since + (settings.idle_s if self.answered else settings.header_s)
                if now > due and not self.has_news():
                    self.handle_close()
            elif now > (request.body_due if request.headers_finished else request.started + settings.header_s):
                self._give_up(request)

    def readable(self) -> bool:
        """Whether to read: also what is left of a request that was refused."""
        return bool(self._linger_until or super().readable())

    def handle_read(self) -> None:
        """Read, or drop what is left of a request that was refused."""
        if not self._linger_until:
            super().handle_read()
            return
        try:
            self._dropped += len(self.recv(_DROPPED_AT_ONCE))
        except OSError:
            self.handle_close()
        if self._dropped > _LINGER_BYTES:
            self.handle_close()

    def handle_write(self) -> None:
        """Write; after a refusal say that nothing more comes, and wait for the other side."""
        if not self.connected:
            return  # reading has just seen that the other side has left
        if self.refused and self.close_when_flushed and not self.requests:
            self._flush_exception(self._flush_some)
            if not self.will_close:
                self._linger()
                return
        super().handle_write()

    def _linger(self) -> None:
        if self.total_outbufs_len or not self.connected:
            return
        self.close_when_flushed = False
        self._linger_until = time.monotonic() + _LINGER_S
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def _give_up(self, request: Request) -> None:
        """Refuse a request that did not come in time."""
        with self.requests_lock:
            if self.request is not request:
                return
            request.give_up(Refusal(408, "serving.slow"))
            self.request = None
            self.requests.append(request)
        self.server.add_task(self)

    def _admit(self, request: Request) -> None:
        """Take in a request whose headers are there, or raise why not."""
        request.client = self._client(request)
        request.visitor = _visitor(request.headers.get("COOKIE", ""))
        if self.server.stopping:
            raise Refusal(503, "serving.stopping", retry_s=self.settings.stop_s)
        if len(self.requests) >= _AHEAD:
            raise Refusal(429, "serving.too_many", retry_s=1)
        if not self.server.room_for(int(request.content_length), request.client):
            raise Refusal(429, "serving.too_many", retry_s=30)
        asker = Asker(request.client, request.visitor)
        cost = _cost(request)
        wait = self.server.rates.take(asker, cost)
        if not wait and cost > FILE and self.server.task_dispatcher.full_for(asker):
            wait = 5.0
        if wait:
            raise Refusal(429, "serving.too_many", retry_s=wait)

    def _client(self, request: Request) -> str:
        """Address of whoever asks: the other side, or what the trusted proxies say of it."""
        count = self.settings.trusted_proxies
        named = [one.strip() for one in request.headers.get("X_FORWARDED_FOR", "").split(",")] if count else []
        told = named[-count] if 0 < count <= len(named) else ""
        told = told.partition("]")[0].lstrip("[") if told.startswith("[") else told
        told = told.partition(":")[0] if told.count(":") == 1 else told  # some proxies add the port
        return network_of(told) if told else self.peer


def _cost(request: Request) -> float:
    if request.command == "POST" and request.path == CALLBACKS:
        return ANSWER
    if request.path.startswith(_LONG):
        return HEAVY
    page = request.path.count("/") == 1  # what has to be made lies deeper
    return FILE if page or request.path.startswith(_FILES) else WORK


def _visitor(cookies: str) -> str:
    """Return the browser's secret among its cookies, empty without a well-formed one."""
    for cookie in cookies.split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE and is_secret(value):
            return value
    return ""
