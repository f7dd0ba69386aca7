"""Locks between processes: who is changing a snapshot, and who is still reading a version of it.

They are locks of the operating system, taken by way of `filelock` so that no one system is needed. A process that is
killed leaves nothing locked. A shared lock does not exist everywhere: whoever reads a version holds a mark of its own
beside it, alone, and a version is read when one of its marks is held (docs/decisions/120-locks-on-every-system.md).
"""

from __future__ import annotations

import contextlib
import glob
import itertools
import json
import os
import warnings
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from i18n.errors import RefreshError
from i18n.messages import Message, Note

if TYPE_CHECKING:
    from filelock import BaseFileLock

_READER = ".reader-"
_marks = itertools.count()


@contextlib.contextmanager
def exclusive(path: Path, *, wait: bool = True, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the lock file ``path`` alone.

    Parameters
    ----------
    path : lock file, made when absent
    wait : whether to wait for another holder; otherwise `RefreshError` names it
    waiting : told who holds the lock before waiting

    Raises
    ------
    RefreshError
        the lock is held and ``wait`` is False
    """
    lock, note = _lock(path), path.with_name(f"{path.name}.holder")
    if not _take(lock):
        holder = _holder(note)
        if not wait:
            raise RefreshError(Message("error.refresh.busy", folder=str(path.with_suffix("")), holder=holder))
        if waiting:
            waiting(holder)
        lock.acquire()
    try:
        note.write_text(json.dumps({"pid": os.getpid(), "since": now()}), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def now() -> str:
    """Time in UTC to the second, as it is noted beside data."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def mark_read(owner: Any, folder: Path) -> None:
    """Note that ``owner`` reads the version ``folder``, until it is gone or its process ends.

    Whoever may not write beside the version leaves no mark, and reads all the same.
    """
    mark = folder.with_name(f"{folder.name}{_READER}{os.getpid()}-{next(_marks)}")
    lock = _lock(mark)
    try:
        lock.acquire()
    except OSError:
        return
    weakref.finalize(owner, _unmark, lock, mark, os.getpid())


def is_read(folder: Path) -> bool:
    """Whether somebody reads the version ``folder``, as `mark_read` notes; in doubt, somebody does."""
    return any(_is_held(mark) for mark in _marks_of(folder))


def clear_marks(folder: Path) -> None:
    """Remove the marks beside ``folder``, which nobody reads: those of processes that were killed."""
    for mark in _marks_of(folder):
        mark.unlink(missing_ok=True)


def _marks_of(folder: Path) -> list[Path]:
    return sorted(folder.parent.glob(f"{glob.escape(folder.name)}{_READER}*"))


def _unmark(lock: BaseFileLock, mark: Path, pid: int) -> None:
    if os.getpid() == pid:  # a child made by fork has a copy of the owner, not the mark
        lock.release()
        mark.unlink(missing_ok=True)


def _is_held(mark: Path) -> bool:
    lock = _lock(mark)
    try:
        free = _take(lock)
    except OSError:
        return mark.exists()
    lock.release()
    return not free


def _lock(path: Path) -> BaseFileLock:
    """Lock that any thread may let go; the library is loaded only by those who lock."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "only soft file lock is available")  # where the system has none: it serves
        from filelock import FileLock
    return FileLock(path, thread_local=False)


def _take(lock: BaseFileLock) -> bool:
    from filelock import Timeout

    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    return True


def _holder(note: Path) -> str:
    try:
        holder = json.loads(note.read_bytes())
        return Note("error.refresh.process", pid=str(holder["pid"]), since=str(holder["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Note("error.refresh.just_begun")
