"""Start, watch and end the processes that search; one is kept ready, so that a search does not wait for it."""

from __future__ import annotations

import logging
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import flask

from coverage.memory.limits import gigabytes
from i18n.errors import DataError, InputError
from i18n.messages import Message, MessageError
from layers.views.ahead_view import FrontierView, WhyView
from layers.views.propose_view import ProposalView
from pages.searches.answer import MAX_LINE_BYTES, read_line

if TYPE_CHECKING:
    from pages.searches.question import SearchQuestion
    from pages.server.jobs import Watch

Answer = ProposalView | FrontierView | WhyView
"""What a search yields: proposals, then the frontier; or why a point is not among the best."""

WALL_S = 600.0
"""Seconds after which a search is ended."""

GRACE_S = 60.0
"""Seconds that a search which is asked to stop gets to tell its best answer so far."""

_LOOK_S = 0.1
_OUT_OF_MEMORY = ("SIGKILL", "SIGABRT", "SIGSEGV", "SIGBUS")
_EXTENSION = "nabij-searches"
_LOG = logging.getLogger("nabij")


@dataclass(eq=False)
class _Process:
    """A process that searches, and what it says."""

    folder: Path
    popen: subprocess.Popen[bytes]
    lines: queue.Queue[bytes | None] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        Thread(target=self._read, daemon=True, name="nabij-search-lines").start()

    def _read(self) -> None:
        assert self.popen.stdout is not None  # noqa: S101
        with self.popen.stdout as out:
            while content := out.readline(MAX_LINE_BYTES):
                self.lines.put(content)
        self.lines.put(None)

    def alive(self) -> bool:
        return self.popen.poll() is None

    def tell(self, content: bytes) -> bool:
        """Send something; False when the process is gone."""
        assert self.popen.stdin is not None  # noqa: S101
        try:
            self.popen.stdin.write(content)
            self.popen.stdin.flush()
        except OSError:
            return False
        return True

    def end(self) -> None:
        """End it and all it started."""
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.popen.pid, signal.SIGKILL)
            else:
                self.popen.kill()
        with suppress(OSError):
            if self.popen.stdin is not None:
                self.popen.stdin.close()
        self.popen.wait()


class Searches:
    """Processes that search, of one server; safe between threads.

    Parameters
    ----------
    question_bytes : memory one search may take
    """

    def __init__(self, question_bytes: int) -> None:
        self.question_bytes = question_bytes
        self._lock = Lock()
        self._spare: _Process | None = None

    def warm(self, folder: Path) -> None:
        """Have a process ready on the figures in a folder."""
        with self._lock:
            if self._spare is not None and self._spare.alive() and self._spare.folder == folder:
                return
            before, self._spare = self._spare, self._started(folder)
        if before is not None:
            before.end()

    def close(self) -> None:
        """End what waits."""
        with self._lock:
            before, self._spare = self._spare, None
        if before is not None:
            before.end()

    def run(self, question: SearchQuestion, watch: Watch) -> Iterator[Answer]:
        """Search in a process of its own, and yield what it finds.

        Whoever stops it gets its best answer so far; when the visitor has left it is ended at once.

        Raises
        ------
        InputError
            when there is no answer, or memory or time do not suffice: the message says so; what was yielded before
            holds
        """
        process = self._taken(question)
        try:
            yield from self._followed(process, watch)
        finally:
            process.end()
            if not watch.abandoned():
                self.warm(question.snapshot)

    def _taken(self, question: SearchQuestion) -> _Process:
        with self._lock:
            spare, self._spare = self._spare, None
        content = question.to_bytes()
        if spare is not None:
            if spare.folder == question.snapshot and spare.alive() and spare.tell(content):
                return spare
            spare.end()
        fresh = self._started(question.snapshot)
        fresh.tell(content)  # one that is gone already is noticed when it is read
        return fresh

    def _started(self, folder: Path) -> _Process:
        command = [sys.executable, "-P", "-m", "pages.searches.process", str(folder), str(self.question_bytes)]
        popen = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "MALLOC_ARENA_MAX": "2", "PYTHONPATH": _where_we_are()},
            start_new_session=True,
        )
        return _Process(folder, popen)

    def _followed(self, process: _Process, watch: Watch) -> Iterator[Answer]:
        began, asked = time.monotonic(), None
        while True:
            if watch.abandoned():
                return
            if asked is None and watch.should_stop():
                asked = time.monotonic()
                process.tell(b"stop\n")
            if asked is not None and time.monotonic() - asked > GRACE_S:
                raise MessageError("search.stopped", seconds=round(GRACE_S))
            if time.monotonic() - began > WALL_S:
                raise MessageError("search.time", minutes=round(WALL_S / 60))
            try:
                content = process.lines.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if content is None:
                raise self._died(process)
            kind, value = read_line(content)
            if kind == "done":
                return
            if kind == "step":
                watch.on_progress(value)
            elif kind in ("found", "frontier", "why"):
                yield value
            elif kind != "ready":
                raise self._said(kind, value)

    def _said(self, kind: str, value: Any) -> Exception:
        if kind == "refused":
            return InputError(str(value))
        if kind == "memory":
            return MessageError("search.memory", limit=gigabytes(self.question_bytes))
        _LOG.error("A search failed in its process:\n%s", value)
        return DataError(Message("search.failed"))

    def _died(self, process: _Process) -> Exception:
        """Why a process ended without a word: the system ends one that takes too much memory or time."""
        code = process.popen.wait()
        name = signal.Signals(-code).name if code < 0 else ""
        if name in _OUT_OF_MEMORY:
            return MessageError("search.memory", limit=gigabytes(self.question_bytes))
        if name == "SIGXCPU":
            return MessageError("search.time", minutes=round(WALL_S / 60))
        return DataError(Message("search.ended", code=str(name or code)))


def _where_we_are() -> str:
    """Folders that modules are taken from, for a process that starts elsewhere."""
    return os.pathsep.join(path for path in sys.path if path)


def attach(server: flask.Flask, question_bytes: int) -> None:
    """Give a server processes that search."""
    server.extensions[_EXTENSION] = Searches(question_bytes)


def searches() -> Searches:
    """Return the processes that search of the server that handles the present request."""
    registered = flask.current_app.extensions[_EXTENSION]
    assert isinstance(registered, Searches)  # noqa: S101  (only `attach` puts it there)
    return registered
