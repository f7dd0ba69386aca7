"""What one question may take of the machine: weighed before it is carried out, and few heavy ones at the same time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, local

from i18n.messages import MessageError

HEAVY_AT_ONCE = 2
"""Heavy stages that are worked out at the same time; others wait."""

ASKED_AGAIN_S = 0.25
"""How often whoever waits looks whether the answer is still wanted."""

PAIR_BYTES = 60
"""What a pair of cell and place takes while a measure of access is worked out."""

_gone: ContextVar[Callable[[], bool] | None] = ContextVar("nabij_client_gone", default=None)


class GoneError(MessageError):
    """Nobody waits for the answer any more, so it is not worked out."""

    def __init__(self) -> None:
        super().__init__("memory.gone")


QUESTION_VARIABLE = "NABIJ_QUESTION_MB"
"""Environment variable with the megabytes that one question of a visitor may take; left out, `DEFAULT_QUESTION_MB`."""

DEFAULT_QUESTION_MB = 2_000


STAGE_SECONDS = 120.0
"""Seconds of one core that a stage of a question may take in a server."""


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits of the questions to one engine.

    Attributes
    ----------
    question_bytes : memory a search may take, in a process of its own; None for no limit
    stage_bytes : memory one stage of a question may take in this process, beside what is held; None for no limit
    stage_seconds : seconds of one core that such a stage may take, where there is a limit on its memory
    heavy : room for heavy stages
    """

    question_bytes: int | None = None
    stage_bytes: int | None = None
    stage_seconds: float = STAGE_SECONDS
    heavy: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(HEAVY_AT_ONCE))
    _mine: local = field(default_factory=local, repr=False)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a heavy stage may begin; one inside another does not wait.

        What is done meanwhile must not wait for a value that another thread makes, which may itself wait for a turn.

        Raises
        ------
        GoneError
            when whoever asked has left (`note_asker`)
        """
        if getattr(self._mine, "inside", False):
            yield
            return
        gone = _gone.get()
        while not self.heavy.acquire(timeout=ASKED_AGAIN_S):
            if gone is not None and gone():
                raise GoneError
        self._mine.inside = True
        try:
            yield
        finally:
            self._mine.inside = False
            self.heavy.release()


def limits_of_server() -> Limits:
    """Limits of the questions of visitors, as `QUESTION_VARIABLE` says; a stage in the server may take half.

    Raises
    ------
    MessageError
        when it holds no whole number above 0
    """
    given = os.environ.get(QUESTION_VARIABLE, "").strip()
    if given and not (given.isdecimal() and int(given)):
        raise MessageError("memory.question_mb", value=given[:20])
    size = (int(given) if given else DEFAULT_QUESTION_MB) * 1_000_000
    return Limits(size, size // 2)


def note_asker(gone: Callable[[], bool] | None) -> None:
    """Tell heavy stages of this thread how to see that nobody waits for the answer any more."""
    _gone.set(gone)


def gigabytes(size: int) -> float:
    """Gigabytes, with a tenth where there are few."""
    found = size / 1e9
    return round(found, 1) if found < 10 else round(found)


def free_bytes() -> int | None:
    """Memory that is free on this machine, or in the room the system gives it; None where that is not told."""
    try:
        rows = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(row.split()[1]) * 1024 for row in rows if row.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return None
    return min([free, *_room_of_group()])


def _room_of_group() -> list[int]:
    """Bytes left in the control group of this process, where it has a limit."""
    try:
        most = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        taken = Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii").strip()
    except OSError:
        return []
    return [int(most) - int(taken)] if most.isdecimal() else []
