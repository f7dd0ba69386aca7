"""The process that readers of a server are forked from: one thread, all libraries loaded, nothing of the server in it.

The server sends it a socket, the file and a place for the result; it forks a child for them, says on the socket when
the child began and how it ended, and ends it when the server hangs up. It ends itself, and all children, when the
server is gone.
"""

from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.reading_room import child
from loaders.reading_room.job import READERS, load

_LONGEST_MESSAGE = 100_000
_BEGUN = b"begun"
_START = "from loaders.reading_room.template import main; main()"
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "SYSTEMROOT")
"""Of the environment; the rest, such as the address of a database, is none of a reader's business."""

_QUIET = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "PROJ_NETWORK": "OFF",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
}


@dataclass(frozen=True)
class ChildEnd:
    """How a child ended: the status of ``waitpid``, and seconds of computing."""

    status: int
    cpu_s: float


class RequestedChild:
    """A child that was asked for, until the context ends, and the child with it."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.begun = False

    def __enter__(self) -> RequestedChild:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def answer(self, seconds: float) -> ChildEnd | None:
        """How the child ended; None when it has not within ``seconds``."""
        if not select.select([self._line], [], [], seconds)[0]:
            return None
        message = self._line.recv(_LONGEST_MESSAGE)
        if message == _BEGUN:
            self.begun = True
            return None
        if not message:  # the template itself ended
            return ChildEnd(signal.SIGKILL, 0.0)
        status, cpu_s = json.loads(message)
        return ChildEnd(int(status), float(cpu_s))


class Template:
    """The server's side."""

    def __init__(self, process: subprocess.Popen[bytes], line: socket.socket) -> None:
        self._process, self._line, self._owner = process, line, os.getpid()
        self._lock = threading.Lock()

    @classmethod
    def start(cls) -> Template:
        """Start the process and do not wait for it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = str(Path(__file__).resolve().parent.parent.parent)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno())],
                env={**environment, **_QUIET, "PYTHONPATH": root},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        return cls(process, ours)

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process runs, as far as the process that started it can tell."""
        return self._process.poll() is None

    def ask(self, header: bytes, source: int, out: int) -> RequestedChild:
        """Ask for a child that reads ``source`` and writes to ``out``."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        rights = array.array("i", [theirs.fileno(), source, out])
        with theirs, self._lock, suppress(OSError):  # a template that is gone hangs up, which is seen as its answer
            self._line.sendmsg([header], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        return RequestedChild(ours)

    def close(self) -> None:
        """End the process and its children; a process forked from the one that started it only lets go of them."""
        self._line.close()
        if self._owner != os.getpid():
            return
        self._process.terminate()
        self._process.wait()


@dataclass
class _Child:
    """A child, or one that is to be."""

    header: bytes
    line: socket.socket
    source: int
    out: int
    pid: int = 0
    handle: int = -1

    def begin(self) -> None:
        """Fork."""
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            child.run(self.header, self.source, self.out, parent)
        self.handle = os.pidfd_open(self.pid)
        os.close(self.source)
        os.close(self.out)
        with suppress(OSError):
            self.line.send(_BEGUN)

    def ended(self) -> None:
        """Tell how the child ended."""
        _, status, usage = os.wait4(self.pid, 0)
        os.close(self.handle)
        with suppress(OSError):
            self.line.send(json.dumps([status, usage.ru_utime + usage.ru_stime]).encode())
        self.line.close()

    def end(self) -> None:
        """End the child with all it started; one that has not begun never will."""
        if self.pid == 0:
            os.close(self.source)
            os.close(self.out)
            self.line.close()
            return
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)


@dataclass
class _Desk:
    """The template's side: children that run, and those that wait for their turn."""

    line: socket.socket
    running: list[_Child] = field(default_factory=list)
    waiting: list[_Child] = field(default_factory=list)
    most: int = max(2, os.cpu_count() or 1)

    def serve(self) -> None:
        """Fork and watch until the server hangs up."""
        while True:
            lines = [reader.line for reader in (*self.running, *self.waiting) if reader.line.fileno() >= 0]
            handles = [reader.handle for reader in self.running]
            watched: list[Any] = [self.line, *lines, *handles]
            ready, _, _ = select.select(watched, [], [])
            if self.line in ready and not self._take():
                break
            self._look_after(ready)
        for reader in self.running:
            reader.end()

    def _take(self) -> bool:
        """Take in a file to read; False when the server is gone."""
        header, rights, _, _ = self.line.recvmsg(_LONGEST_MESSAGE, socket.CMSG_SPACE(3 * 4))
        if not header:
            return False
        numbers = array.array("i")
        for _level, _kind, content in rights:
            numbers.frombytes(content[: len(content) - len(content) % 4])
        line, source, out = numbers
        self.waiting.append(_Child(header, socket.socket(fileno=line), source, out))
        return True

    def _look_after(self, ready: list[Any]) -> None:
        for reader in list(self.running):
            if reader.handle in ready:
                self.running.remove(reader)
                reader.ended()
            elif reader.line in ready:
                reader.end()
                reader.line.close()
        for reader in [reader for reader in self.waiting if reader.line in ready]:
            self.waiting.remove(reader)
            reader.end()
        while self.waiting and len(self.running) < self.most:
            reader = self.waiting.pop(0)
            reader.begin()
            self.running.append(reader)


def _load() -> None:
    """Load what readers need, so that no child has to."""
    for reader in READERS:
        for form in ("workbook", "map"):
            load(reader, {"form": form})


def main() -> None:
    """Serve on the socket whose number is the first argument."""
    import gc

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = socket.socket(fileno=int(sys.argv[1]))
    _load()
    gc.freeze()
    _Desk(line).serve()


if __name__ == "__main__":
    main()
