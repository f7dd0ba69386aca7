"""Memory that was freed goes back to the system: few arenas, and what is left in them is handed back now and then.

Only the allocator of glibc knows arenas; elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Any

import flask
import pyarrow as pa

from coverage.memory import limits
from coverage.memory.gate import StageGate
from coverage.memory.lru_cache import Budget, shared_budget

ARENAS = 2
"""Arenas of the allocator; without a limit every thread gets one, and each keeps what it once needed."""

BESIDE_BYTES = 270_000_000
"""What the process takes for itself beside the budget at most (libraries, what is being made); beyond, answers go."""

_OWN = ("RssAnon:", "RssShmem:")
"""Rows of ``/proc/self/status`` with what is no page of a file."""

_TRIES = 10

PAUSE_S = 2.0
"""Seconds at least between two times that memory is handed back."""

MAPPED_FROM = 1 << 20
"""Bytes from which an array lies outside the arenas and goes back once it is freed; left alone, glibc raises this."""

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
"""Numbers of the options of ``mallopt`` in ``malloc.h``."""


@cache
def _allocator() -> Any:
    """The C library where it is glibc, else None."""
    if not sys.platform.startswith("linux"):
        return None
    name = ctypes.util.find_library("c")
    library = ctypes.CDLL(name) if name else None
    return library if library is not None and hasattr(library, "malloc_trim") else None


def few_arenas() -> None:
    """Keep the number of arenas low, and let tables in Arrow use the same allocator; for the start of a process."""
    library = _allocator()
    if library is not None:
        library.mallopt(_ARENA_MAX, ARENAS)
        library.mallopt(_MMAP_THRESHOLD, MAPPED_FROM)
    pa.set_memory_pool(pa.system_memory_pool())


def hand_back() -> None:
    """Hand back to the system what is free."""
    library = _allocator()
    if library is not None:
        library.malloc_trim(0)


def own_bytes() -> int | None:
    """Memory that this process takes and nobody else can use; None where the system does not tell.

    Pages of files that are mapped, such as the streets and the libraries, are left out: they are shared between
    processes, and the system takes them back when it needs room.
    """
    try:
        rows = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    own = [int(row.split()[1]) for row in rows if row.startswith(_OWN)]
    return sum(own) * 1024 if own else None


def settle(budget: Budget, working: int = 0) -> None:
    """Hand back what is free, and let go of kept answers where the process still takes more than it should.

    What the allocator cannot hand back, and what nobody counts, is then made good by keeping less.

    Parameters
    ----------
    budget : of all caches
    working : bytes of the stages that are being worked out, as weighed: they go by themselves, and no answer for them
    """
    hand_back()
    ceiling = budget.limit + BESIDE_BYTES + working
    for _ in range(_TRIES):  # what goes may be in use still, or lie between what stays
        taken, kept_bytes = own_bytes(), budget.bytes
        if taken is None or taken <= ceiling:
            return
        budget.free(max(taken - ceiling, budget.limit // 20))
        hand_back()
        if budget.bytes == kept_bytes:
            return


def attach(server: flask.Flask, heavy: StageGate, gone: Callable[[], bool] | None = None) -> None:
    """Hand back memory after requests that worked, and let heavy stages see whether their visitor has left.

    Parameters
    ----------
    server : the server
    heavy : the gate of its heavy stages
    gone : whether the visitor of the present request has left; None where that cannot be seen
    """
    few_arenas()
    worked = Event()

    def sweep() -> None:
        while True:
            worked.wait()
            sleep(PAUSE_S)
            worked.clear()
            settle(shared_budget(), heavy.bytes)

    Thread(target=sweep, daemon=True, name="nabij-memory").start()

    @server.before_request
    def note_asker() -> None:
        limits.note_asker(gone)

    @server.after_request
    def note_work(response: flask.Response) -> flask.Response:
        if flask.request.method == "POST" or flask.request.path.endswith(".png"):
            worked.set()
        return response
