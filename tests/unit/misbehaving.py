"""A web server on loopback that misbehaves on request: a path is a list of answers, given one after another."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it came in; header names in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Misbehaviour:
    """What the server does: how many bytes of the body it sends, what it claims, and how it ends."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """Content-Length to declare; left out, the true one; -1 for none, the end is then the end of the connection."""

    stall: bool = False
    """After the body, send nothing more and keep the connection open until the server stops."""

    drop: bool = False
    """Close the connection without any answer."""


Script = Callable[[ReceivedRequest], Misbehaviour]


def json_answer(text: str | bytes, status: int = 200, **headers: str) -> Misbehaviour:
    """Answer of kind JSON; ``Last_Modified`` gives the header ``Last-Modified``."""
    body = text.encode() if isinstance(text, str) else text
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Misbehaviour(body, status, {"Content-Type": "application/json"} | named)


class Misbehaving:
    """The server: scripts by path, and the requests that came."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.asked: list[ReceivedRequest] = []
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def on(self, path: str, *answers: Misbehaviour) -> str:
        """Give these answers in turn, the last one for ever; returns the address."""
        left = list(answers)
        return self.on_call(path, lambda _asked: left.pop(0) if len(left) > 1 else left[0])

    def on_call(self, path: str, script: Script) -> str:
        """Let a function answer; returns the address."""
        self.scripts[path] = script
        return self.url + path

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Let go of stalled connections and stop."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving() -> Iterator[Misbehaving]:
    """Run a server for the length of a block."""
    server = Misbehaving()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def closed_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _absent(_asked: ReceivedRequest) -> Misbehaviour:
    return Misbehaviour(b"no such page", 404)


def _handler(owner: Misbehaving) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = ReceivedRequest(parts.path, dict(parse_qsl(parts.query)), headers)
            owner.asked.append(asked)
            self._answer(owner.scripts.get(parts.path, _absent)(asked))

        def _answer(self, answer: Misbehaviour) -> None:
            self.close_connection = True
            if answer.drop:
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.body) if answer.length is None else answer.length
            if length >= 0:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            try:
                self.wfile.write(answer.body)
                self.wfile.flush()
            except OSError:
                return  # the client has had enough
            if answer.stall:
                owner.stopping.wait()

        def log_message(self, *_: object) -> None:
            return

    return Handler
