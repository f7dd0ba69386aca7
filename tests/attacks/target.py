"""What is attacked: ``nabij serve`` as a process of its own with its own home, cache and plans, and the command."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from i18n.texts import LANGUAGES, text
from loaders.snapshot.array_cache import CACHE_VARIABLE, cache_folder
from tests.attacks.attack import Seen

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent.parent
_PATHS = re.compile(r"(?:/[\w.-]+){2,}/?|[A-Z]:\\\\|Traceback|File \"")
FAULTS = tuple(json.dumps(text("notice.unexpected", lang))[1:-1] for lang in LANGUAGES)
"""What a page says, in the form of an answer, where something broke that nobody foresaw."""


def gives_away(words: str) -> bool:
    """Whether words name a file of the server or show a trace."""
    return _PATHS.search(words) is not None


_STARTED_S = 120
_ANSWERED_S = 600
"""A client that waits for an answer gives up then; on a machine that is busy a document takes minutes."""

_STREETS = cache_folder()
"""Where the streets are kept once they are made ready: the same for all servers, for they take long."""

NABIJ = (sys.executable, "-c", "from cli import main; main()")
Json = dict[str, Any]


@dataclass(frozen=True)
class HttpAnswer:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """Body as JSON."""
        return json.loads(self.body)

    def seen(self) -> Seen:
        """Status, and for a refusal whether it is one sentence that gives nothing of the server away."""
        if self.status < 400:
            fault = next((words for words in FAULTS if words in self.text), "")
            return Seen(f"{self.status}, a fault" if fault else f"{self.status}", fault)
        words = " ".join(re.sub(r"<(style|title)\b.*?</\1>|<[^>]+>", " ", self.text, flags=re.DOTALL).split())
        what = "gives the server away" if gives_away(words) else "a sentence" if words.endswith(".") else "no words"
        return Seen(f"{self.status}, {what}", words[:300])


@dataclass
class AttackedServer:
    """A running explorer.

    Attributes
    ----------
    folder : where its home, cache, plans and temporary files are
    port : it listens on, on 127.0.0.1
    process : the server
    chromium : gives a browser, for attacks in one
    commanded : how the commands of all rows ended, once they were run (`tests.attacks.commands`)
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    env: dict[str, str] = field(default_factory=dict)
    chromium: Callable[[], Browser] | None = None
    commanded: dict[tuple[str, str], Seen] = field(default_factory=dict)
    others: dict[str, AttackedServer] = field(default_factory=dict)
    at_end: ExitStack = field(default_factory=ExitStack)

    @property
    def host(self) -> str:
        """Value of the Host header."""
        return f"127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """Send one request on a connection of its own; the path goes out as it is."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_ANSWERED_S)
        try:
            connection.putrequest(method, path, skip_host="Host" in (headers or {}), skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in (headers or {}):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return HttpAnswer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Ask for a page or a file."""
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, value: Any, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Send JSON, or bytes as they are."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.ask("POST", path, body, {"Content-Type": "application/json", **(headers or {})})

    @cached_property
    def dependencies(self) -> dict[str, Json]:
        """What Dash says of every callback, by the beginning of its output."""
        return {str(one["output"]): one for one in self.get("/_dash-dependencies").json}

    def callback(self, filled: str, headers: Mapping[str, str] | None = None, **given: Any) -> HttpAnswer:
        """Call a callback as a browser would.

        Parameters
        ----------
        filled : text that only the output of this callback holds, such as ``view.data``
        given : values by the id of the component, ``-`` written as ``_``; others are null
        """
        named = [name for name in self.dependencies if filled in name]
        output = filled if filled in named else named[0]
        one = self.dependencies[output]
        outputs = [_split(part) for part in output.strip(".").split("...")]
        payload = {
            "output": output,
            "outputs": outputs if output.startswith("..") else outputs[0],
            "inputs": [_filled(part, given) for part in one["inputs"]],
            "changedPropIds": [f"{part['id']}.{part['property']}" for part in one["inputs"]],
            "state": [_filled(part, given) for part in one["state"]],
        }
        return self.post("/_dash-update-component", payload, headers)

    def alive(self) -> bool:
        """Whether the process runs and a page comes."""
        return self.process.poll() is None and self.get("/?lang=nl").status == 200

    def line(self, content: bytes = b"") -> socket.socket:
        """Open a connection and send bytes as they are."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        opened.sendall(content)
        return opened

    def raw(self, content: bytes) -> HttpAnswer:
        """Send bytes as they are on a connection of its own and read one answer; status 0 when it is only closed."""
        with self.line(content) as line:
            return answer_of(line, "HEAD" if content.startswith(b"HEAD") else "GET")

    def beside(self, name: str, env: Mapping[str, str]) -> AttackedServer:
        """Return another server with other settings; it is started once and ends with this one."""
        if name not in self.others:
            folder = self.folder / name
            folder.mkdir()
            self.others[name] = self.at_end.enter_context(running(folder, env=env))
        return self.others[name]

    def page(self, path: str, search: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Ask for what stands on a page, as the browser does once its frame is there."""
        output = next(name for name in self.dependencies if "_pages_content.children" in name)
        one = self.dependencies[output]
        given = {"pathname": path, "search": search}
        payload = {
            "output": output,
            "outputs": [_split(part) for part in output.strip(".").split("...")],
            "inputs": [{**part, "value": given[part["property"]]} for part in one["inputs"]],
            "changedPropIds": ["_pages_location.pathname"],
            "state": [{**part, "value": {}} for part in one["state"]],
        }
        return self.post("/_dash-update-component", payload, headers)

    def told(self, filled: str, values: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Call a callback with values by component and property, such as ``list-file.contents``; others are null."""
        named = [name for name in self.dependencies if filled in name]
        output = filled if filled in named else named[0]
        one = self.dependencies[output]

        def part(of: Json) -> Json:
            return {**of, "value": values.get(f"{of['id']}.{of['property']}")}

        outputs = [_split(name) for name in output.strip(".").split("...")]
        payload = {
            "output": output,
            "outputs": outputs if output.startswith("..") else outputs[0],
            "inputs": [part(of) for of in one["inputs"]],
            "changedPropIds": [f"{of['id']}.{of['property']}" for of in one["inputs"][:1]],
            "state": [part(of) for of in one["state"]],
        }
        return self.post("/_dash-update-component", payload, headers)


def _split(part: str) -> Json:
    name, _, of = part.rpartition(".")
    return {"id": json.loads(name) if name.startswith("{") else name, "property": of.partition("@")[0]}


def _filled(part: Json, given: Mapping[str, Any]) -> Any:
    name = part["id"]
    if name.startswith("{"):
        return []
    return {"id": name, "property": part["property"], "value": given.get(name.replace("-", "_"))}


def answer_of(line: socket.socket, method: str = "GET") -> HttpAnswer:
    """Read one answer from a connection; status 0 when it is closed without one."""
    answer = HTTPResponse(line, method=method)
    try:
        answer.begin()
        return HttpAnswer(answer.status, dict(answer.getheaders()), answer.read())
    except (HTTPException, ConnectionError):
        return HttpAnswer(0, {}, b"")


def data_url(content: bytes, kind: str = "text/csv") -> str:
    """Contents of a file as a browser sends them."""
    return f"data:{kind};base64," + base64.b64encode(content).decode()


@contextmanager
def running(
    folder: Path, options: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> Iterator[AttackedServer]:
    """Serve the embedded snapshot from a process of its own for as long as the context lasts."""
    for name in ("home", "cache", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NABIJ_")},
        "NABIJ_HOME": str(folder / "home"),
        "NABIJ_DATABASE": str(folder / "plans.sqlite"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        CACHE_VARIABLE: str(_STREETS or ""),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": str(ROOT),
        **(env or {}),
    }
    port = _free_port()
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [*NABIJ, "serve", "--port", str(port), *options],
        cwd=ROOT,
        env=settings,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        _wait(port, process)
        target = AttackedServer(folder, port, process, settings)
        with target.at_end:
            yield target
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        log.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(_STARTED_S * 5):
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}; see its log.")
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/favicon.ico")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("The server did not answer.")
