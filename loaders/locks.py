"""Locks between processes: who is changing a snapshot, and who is still reading a version of it.

They are advisory ``flock`` locks, so a process that is killed leaves nothing locked.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loaders.errors import RefreshError


@contextlib.contextmanager
def exclusive(path: Path, *, wait: bool = True, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the lock file ``path`` alone.

    Parameters
    ----------
    path : lock file, made when absent and never removed
    wait : whether to wait for another holder; otherwise `RefreshError` names it
    waiting : told who holds the lock before waiting

    Raises
    ------
    RefreshError
        the lock is held and ``wait`` is False
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _take(handle, wait=False):
            holder = _holder(handle)
            if not wait:
                raise RefreshError(
                    f"Another refresh works on '{path.with_suffix('')}' ({holder}); "
                    "try again when it is done, or leave --no-wait out."
                )
            if waiting:
                waiting(holder)
            _take(handle, wait=True)
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "since": now()}).encode(), 0)
        yield
    finally:
        os.close(handle)


def now() -> str:
    """Time in UTC to the second, as it is noted beside data."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _take(handle: int, *, wait: bool) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _holder(handle: int) -> str:
    try:
        held = json.loads(os.pread(handle, 1000, 0))
        return f"process {held['pid']}, since {held['since']}"
    except (ValueError, KeyError):
        return "it has just begun"


def mark_read(owner: Any, path: Path) -> None:
    """Note that ``owner`` reads what belongs to the file ``path``, until it is gone or its process ends."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return
    weakref.finalize(owner, os.close, handle)
    with contextlib.suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)


def is_read(path: Path) -> bool:
    """Whether somebody reads what belongs to the file ``path``, as `mark_read` notes."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _take(handle, wait=False)
    finally:
        os.close(handle)
