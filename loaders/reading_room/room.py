"""Where files are given in and tables come out: chooses how the child is made, waits for it, and ends it in time."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from i18n.errors import DataError, MissingFileError, NabijError
from i18n.messages import Message, NumberAsGiven
from loaders.reading_room import child
from loaders.reading_room.job import Job, ReadResult, Unfinished, in_this_process, load, marked, take_in
from loaders.reading_room.limits import TURN_S, Allowance, Deadline, ReadLimits, allowance
from loaders.reading_room.template import Template

_LINUX = sys.platform == "linux"
_LOOK_S = 0.05
"""Seconds between two looks at whether reading should stop."""

_template: Template | None = None
_opening = threading.Lock()
_without_child = False


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Attributes
    ----------
    status : as ``waitpid`` gives it
    cpu_s : seconds of computing
    why : ``wall``, ``stopped`` or ``busy`` where it was ended from outside
    wall_s : seconds by the clock
    """

    status: int
    cpu_s: float
    why: str = ""
    wall_s: float = 0.0


def open_room() -> None:
    """Start the process that readers are forked from: for a server, whose own process has threads and is never forked.

    It is started in the background and ends with the process that started it; without it, as in the command, readers
    are forked from the process itself, or started anew where there is no ``fork``.
    """
    global _template
    with _opening:
        if _LINUX and (_template is None or not _template.alive()):
            if _template is None:
                atexit.register(close_room)
            else:
                _template.close()
            _template = Template.start()


def close_room() -> None:
    """End the process that `open_room` started; the next reading is done without it."""
    global _template
    with _opening:
        if _template is not None:
            _template.close()
        _template = None


@contextmanager
def without_child() -> Iterator[None]:
    """Read in this very process, without limits of the system: for fuzzing alone."""
    global _without_child
    _without_child = True
    try:
        yield
    finally:
        _without_child = False


def read(
    reader: str,
    source: bytes | Path,
    *,
    file: str,
    options: Mapping[str, Any] | None = None,
    limits: ReadLimits | None = None,
) -> ReadResult:
    """Read a file in a child process.

    Parameters
    ----------
    reader : key of `loaders.reading_room.job.READERS`
    source : the content, or where it is
    file : name for messages
    options : plain values for the reader
    limits : where no `loaders.reading_room.allow` is in force; `COMMAND` when left out

    Raises
    ------
    MissingFileError
        there is no such file
    DataError
        it is too large, takes too long or too much memory, or is not what the reader reads
    InputError
        whoever asked has left
    """
    given = allowance(limits)
    key = (reader, source if isinstance(source, Path) else hash(source), json.dumps(options, sort_keys=True))
    if key in given.results:
        return given.results[key]  # type: ignore[no-any-return]
    if isinstance(source, Path):
        result = _read_path(reader, source, file, options or {}, given)
    else:
        job = Job(reader, file, given.left(len(source)), options or {}, source)
        job.limits.check_size(len(source), file)
        result = _carried_out(job, given)
    if given.shared:
        given.results[key] = result
    return result


def _read_path(reader: str, path: Path, file: str, options: Mapping[str, Any], given: Allowance) -> ReadResult:
    if not path.is_file():
        raise MissingFileError(Message("error.room.missing", file=file))
    with path.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        job = Job(reader, file, given.left(size), options, opened.fileno())
        job.limits.check_size(size, file)
        return _carried_out(job, given)


def _carried_out(job: Job, given: Allowance) -> ReadResult:
    given.stop_if_asked()
    if _without_child:
        return in_this_process(job)
    with _blank() as out:
        ended = _in_child(job, out, given)
        given.used_s += ended.cpu_s
        given.used_wall_s += ended.wall_s
        if ended.why == "stopped":
            given.stop_if_asked()
        if ended.why:
            raise _too_much(job, ended, ended.why, marked(out))
        try:
            return take_in(out)
        except Unfinished as unfinished:
            raise _too_much(job, ended, str(unfinished), marked(out)) from unfinished


def _in_child(job: Job, out: IO[bytes], given: Allowance) -> Ended:
    """Read in a child made in the way that fits the system and this process."""
    if not _LINUX:
        return _in_program(job, out)
    if _template is not None:
        if not _template.alive():
            open_room()
        return _from_template(job, out, given)
    return _forked(job, out, given)


def _blank() -> IO[bytes]:
    """Give a file that has no name, so that nothing of it can be left behind."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("nabij"), "w+b")
    return tempfile.TemporaryFile()


def _forked(job: Job, out: IO[bytes], given: Allowance) -> Ended:
    """Fork this process: for the command, which has read nothing else by then."""
    load(job.reader, job.options)
    header, fd, parent = job.header(), out.fileno(), os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries, which have nothing to do
        pid = os.fork()
    if pid == 0:
        child.run(header, job.source, fd, parent)
    handle = os.pidfd_open(pid)
    deadline = Deadline(job.limits.wall_s)
    try:
        why = _wait(handle, given, deadline)
        if why:
            _end_group(pid)
    except BaseException:
        _end_group(pid)
        os.waitpid(pid, 0)
        raise
    finally:
        os.close(handle)
    _, status, usage = os.wait4(pid, 0)
    return Ended(status, usage.ru_utime + usage.ru_stime, why, deadline.taken_s)


def _wait(handle: int, given: Allowance, deadline: Deadline) -> str:
    """Wait until a process ends or should; '' in the first case, else why."""
    while not select.select([handle], [], [], _LOOK_S)[0]:
        if given.should_stop is not None and given.should_stop():
            return "stopped"
        if deadline.passed:
            return "wall"
    return ""


def _end_group(pid: int) -> None:
    for end in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)


def _from_template(job: Job, out: IO[bytes], given: Allowance) -> Ended:
    """Have the template fork: this process has threads."""
    assert _template is not None  # noqa: S101
    with _as_file(job.source) as source:
        asked = _template.ask(job.header(), source, out.fileno())
    deadline, begun = Deadline(TURN_S), False
    with asked:
        while (answer := asked.answer(_LOOK_S)) is None:
            if asked.begun and not begun:
                deadline, begun = Deadline(job.limits.wall_s), True
            if given.should_stop is not None and given.should_stop():
                return Ended(-1, 0.0, "stopped")
            if deadline.passed:
                return Ended(-1, 0.0, "wall" if begun else "busy")
    return Ended(answer.status, answer.cpu_s, wall_s=deadline.taken_s if begun else 0.0)


@contextmanager
def _as_file(source: bytes | int) -> Iterator[int]:
    if isinstance(source, int):
        yield source
        return
    with _blank() as temporary:
        temporary.write(source)
        temporary.flush()
        yield temporary.fileno()


def _in_program(job: Job, out: IO[bytes]) -> Ended:
    """Read in a process started anew, where there is no other way; only the wait bounds it on Windows."""
    command, seconds = [sys.executable, "-m", "loaders.reading_room.child"], TURN_S + job.limits.wall_s
    try:
        done = subprocess.run(
            command, input=job.header() + b"\n" + job.data, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return Ended(-1, 0.0, "wall")
    out.write(done.stdout)
    return Ended(-done.returncode if done.returncode < 0 else done.returncode << 8, 0.0)


def _too_much(job: Job, ended: Ended, why: str, row: int) -> NabijError:
    """Give the sentence for a child that gave no answer."""
    number = os.WTERMSIG(ended.status) if ended.status > 0 and os.WIFSIGNALED(ended.status) else 0
    if why == "busy":
        return DataError(Message("error.room.busy", file=job.file))
    if why == "wall":
        key = ("error.room.wall_row", "error.room.wall")[row == 0]
        return DataError(Message(key, file=job.file, row=str(row), seconds=NumberAsGiven(job.limits.wall_s, ".1f")))
    if number in (signal.SIGPROF, signal.SIGXCPU):
        key, seconds = ("error.room.time_row", "error.room.time")[row == 0], round(job.limits.cpu_s)
        return DataError(Message(key, file=job.file, row=str(row), seconds=seconds))
    if why == "memory":
        return DataError(Message("error.room.memory", file=job.file, most=round(job.limits.memory / 1e6)))
    return DataError(Message("error.room.broken", file=job.file))
