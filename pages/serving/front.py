"""The front: one thread that takes in whole requests from everybody, before any other thread sees them.

waitress underneath; ours are the limits, what is closed when there are too many connections, and how it stops.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from i18n.texts import DEFAULT_LANGUAGE
from pages.serving.channel import Channel
from pages.serving.dispatcher import Dispatcher
from pages.serving.rates import Rates, network_of
from pages.serving.refusal import Refusal
from pages.serving.settings import ServeSettings

BACKLOG = 512
"""Connections that the system keeps for us until we take them in."""

_AT_ONCE = 64
_SPARE_FILES = 200
_WITHOUT_POLL = 400
_MEMORY_BYTES = 262_144
"""Of an answer that is sent or a body that comes in, what is more than this goes to a temporary file."""

_SMALL_BYTES = 100_000
_UNBOUNDED = 1 << 40
_BY_SIGNAL = 128
_LOG = logging.getLogger("nabij")


class Front(TcpWSGIServer):  # type: ignore[misc]
    """Serves an application on a bound socket.

    Parameters
    ----------
    application : answers requests (WSGI)
    listener : bound socket
    settings : limits
    rates : credit of those who ask
    lang : language of a refusal where the request names none
    """

    channel_class = Channel
    accepting: bool

    def __init__(
        self,
        application: Any,
        listener: socket.socket,
        settings: ServeSettings,
        rates: Rates | None = None,
        lang: str = DEFAULT_LANGUAGE,
    ) -> None:
        self.settings, self.lang = settings, lang
        self.rates = rates or Rates(settings)
        self.stopping = False
        self._stop_by = 0.0
        self.most = most_connections(settings.connections)
        super().__init__(
            application,
            {},
            _sock=listener,
            dispatcher=Dispatcher(settings),
            adj=_adjustments(listener, settings),
            bind_socket=False,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
        )

    def run(self) -> None:
        """Serve until `stop` is called, and then until what runs has ended."""
        while not self._ended():
            wasyncore.loop(timeout=self.settings.tick_s, map=self._map, use_poll=_has_poll(), count=1)
        self.task_dispatcher.shutdown()
        wasyncore.close_all(self._map, ignore_all=True)

    def stop(self) -> None:
        """Take in nothing more, and end when what runs has ended; may be called from a signal handler."""
        self._stop_by = self._stop_by or time.monotonic() + self.settings.stop_s
        self.stopping = True
        with suppress(OSError):
            self.pull_trigger()

    def handle_accept(self) -> None:
        """Take in new connections, and make room for them where there is none."""
        for _ in range(_AT_ONCE):
            try:
                accepted = self.accept()
                if accepted is None:
                    return
                connection, address = accepted
                self.set_socket_options(connection)
            except OSError as error:
                _LOG.warning("A connection could not be taken in: %s", error)
                return
            if self._make_room(str(address[0])):
                self.channel_class(self, connection, address, self.adj, map=self._map)
            else:
                _turn_away(connection, self.lang)

    def maintenance(self, now: float) -> None:  # noqa: ARG002
        """Look at every connection's time."""
        at = time.monotonic()
        for channel in self._channels:
            channel.tend(at)
        self._drop_unsent()

    def room_for(self, size: int, asker: str) -> bool:
        """Whether a body of this size may come in from an address; it is counted among those that come in or wait."""
        if size < _SMALL_BYTES:
            return True
        bodies = [(one.client, int(one.content_length)) for channel in self._channels for one in channel.bodies]
        mine = sum(length for client, length in bodies if client == asker)
        everybody = sum(length for _, length in bodies)
        settings = self.settings
        return mine <= settings.bodies_bytes_per_address and everybody <= settings.bodies_bytes

    @property
    def _channels(self) -> list[Channel]:
        return list(self.active_channels.values())

    def _drop_unsent(self) -> None:
        """Let go of who does not take answers, where they are too many to keep."""
        waiting = [channel for channel in self._channels if channel.total_outbufs_len]
        unsent: Counter[str] = Counter()
        for channel in waiting:
            unsent[channel.peer] += channel.total_outbufs_len
        waiting.sort(key=lambda channel: channel.waiting_since)
        while waiting and unsent.total() > self.settings.unsent_bytes:
            whose = unsent.most_common(1)[0][0]
            oldest = next(channel for channel in waiting if channel.peer == whose)
            waiting.remove(oldest)
            unsent[whose] = sum(channel.total_outbufs_len for channel in waiting if channel.peer == whose)
            oldest.handle_close()

    def _make_room(self, address: str) -> bool:
        """Where there are too many, close the one that waits longest of this address, or of whoever has most."""
        channels = self._channels
        if len(channels) < min(self.most, self.settings.connections_per_address):
            return True
        count = Counter(channel.peer for channel in channels)
        whose = None
        if len(channels) >= self.most:
            whose = count.most_common(1)[0][0]
        elif not self.settings.trusted_proxies and count[network_of(address)] >= self.settings.connections_per_address:
            whose = network_of(address)
        if whose is None:
            return True
        idle = [channel for channel in channels if channel.peer == whose and channel.idle]
        if not idle:
            return False
        idle.sort(key=lambda channel: (channel.answered > 0, channel.waiting_since))
        next((channel for channel in idle if channel.request or not channel.has_news()), idle[0]).handle_close()
        return True

    def _ended(self) -> bool:
        """Whether to stop now; the first time round stop listening and let go of idle connections."""
        if not self.stopping:
            return False
        if self.accepting:
            self.accepting = False
            self.del_channel()
            self.socket.close()
        channels = self._channels
        for channel in channels:
            if channel.idle and (channel.request is None or not channel.request.headers_finished):
                channel.handle_close()
        answered = self.task_dispatcher.idle() and not any(channel.total_outbufs_len for channel in channels)
        return answered or time.monotonic() > self._stop_by


def most_connections(wanted: int) -> int:
    """Return how many connections this system lets us have; the limit of open files is raised where that is allowed."""
    if not _has_poll():
        return min(wanted, _WITHOUT_POLL)
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + 2 * _SPARE_FILES
    infinite = resource.RLIM_INFINITY
    if soft != infinite and soft < needed:
        soft = needed if hard == infinite else min(needed, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return wanted if soft == infinite else max(1, min(wanted, soft - _SPARE_FILES))


def serve(
    application: Any,
    listener: socket.socket,
    settings: ServeSettings,
    rates: Rates | None = None,
    lang: str = DEFAULT_LANGUAGE,
    ready: Callable[[Front], None] = lambda _front: None,
) -> None:
    """Serve an application on a bound socket until `Front.stop`; ``ready`` gets the front before it begins."""
    front = Front(application, listener, settings, rates, lang)
    ready(front)
    front.run()


def stop_on_signals(front: Front, also: Callable[[], None] = lambda: None) -> None:
    """Stop a front at Ctrl+C or SIGTERM, and let ``also`` end what runs beside it; a second time end at once."""

    def stop(number: int, _frame: object) -> None:
        if front.stopping:
            os._exit(_BY_SIGNAL + number)
        front.stop()
        also()

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, stop)


def _adjustments(listener: socket.socket, settings: ServeSettings) -> Any:
    adjustments = Adjustments(
        sockets=[listener],
        backlog=BACKLOG,
        ident=None,
        connection_limit=_UNBOUNDED,
        channel_request_lookahead=1,
        clear_untrusted_proxy_headers=False,
        log_socket_errors=False,
        inbuf_overflow=_MEMORY_BYTES,
        outbuf_overflow=_MEMORY_BYTES,
        outbuf_high_watermark=_UNBOUNDED,
        max_request_header_size=settings.header_bytes,
        max_request_body_size=settings.upload_bytes + 1,
        recv_bytes=65_536,
    )
    adjustments.cleanup_interval = settings.tick_s
    return adjustments


def _turn_away(connection: socket.socket, lang: str) -> None:
    """Say that there is no room, without waiting for anything."""
    refusal = Refusal(503, "serving.full", retry_s=5)
    body = refusal.sentence(lang).encode() + b"\n"
    headers = [*refusal.headers(), ("Content-Length", str(len(body))), ("Connection", "close")]
    head = "\r\n".join([f"HTTP/1.1 {refusal.line}", *(f"{name}: {value}" for name, value in headers)])
    connection.setblocking(False)
    with suppress(OSError):
        connection.send(head.encode("latin-1") + b"\r\n\r\n" + body)
    connection.close()


def _has_poll() -> bool:
    return hasattr(select, "poll")
