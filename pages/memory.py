"""Memory that was freed goes back to the system: few arenas, and what is left in them is handed back now and then.

Only the allocator of glibc knows arenas; elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Callable
from functools import cache
from threading import Event, Thread
from time import sleep
from typing import Any

import flask
import pyarrow as pa

from coverage import limits

ARENAS = 2
"""Arenas of the allocator; without a limit every thread gets one, and each keeps what it once needed."""

PAUSE_S = 2.0
"""Seconds at least between two times that memory is handed back."""

_ARENA_MAX = -8
"""Number of the option of ``mallopt`` in ``malloc.h``."""


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
    pa.set_memory_pool(pa.system_memory_pool())


def hand_back() -> None:
    """Hand back to the system what is free."""
    library = _allocator()
    if library is not None:
        library.malloc_trim(0)


def attach(server: flask.Flask, gone: Callable[[], bool] | None = None) -> None:
    """Hand back memory after requests that worked, and let heavy stages see whether their visitor has left.

    Parameters
    ----------
    server : the server
    gone : whether the visitor of the present request has left; None where that cannot be seen
    """
    few_arenas()
    worked = Event()

    def sweep() -> None:
        while True:
            worked.wait()
            sleep(PAUSE_S)
            worked.clear()
            hand_back()

    Thread(target=sweep, daemon=True, name="nabij-memory").start()

    @server.before_request
    def note_asker() -> None:
        limits.note_asker(gone)

    @server.after_request
    def note_work(response: flask.Response) -> flask.Response:
        if flask.request.method == "POST" or flask.request.path.endswith(".png"):
            worked.set()
        return response
