"""What one question may take of the machine: weighed before it is carried out, and few heavy ones at the same time."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from coverage.memory.gate import StageGate
from i18n.messages import MessageError

HEAVY_AT_ONCE = 2
"""Heavy stages that are worked out at the same time; others wait."""

TOGETHER = 0.7
"""Part of what one stage may take that several may take together."""

LARGE_BYTES = 50_000_000
"""Memory is handed back before a stage that takes so much."""

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
class QuestionLimits:
    """Limits of the questions to one engine.

    Attributes
    ----------
    question_bytes : memory a search may take, in a process of its own; None for no limit
    stage_bytes : memory one stage of a question may take in this process, beside what is held; None for no limit
    stage_seconds : seconds of one core that such a stage may take, where there is a limit on its memory
    together : part of `stage_bytes` that stages take together where more than one is worked out at the same time; one
        that takes more goes alone
    before_large : called before a stage that takes `LARGE_BYTES` or more, so that what is free is handed back first
    """

    question_bytes: int | None = None
    stage_bytes: int | None = None
    stage_seconds: float = STAGE_SECONDS
    together: float = TOGETHER
    before_large: Callable[[], object] | None = None
    heavy: StageGate = field(init=False)

    def __post_init__(self) -> None:
        room = None if self.stage_bytes is None else int(self.together * self.stage_bytes)
        object.__setattr__(self, "heavy", StageGate(HEAVY_AT_ONCE, room))

    @contextmanager
    def turn(self, size: int = 0) -> Iterator[None]:
        """Wait until a heavy stage may begin; one inside another does not wait.

        What is done meanwhile must not wait for a value that another thread makes, which may itself wait for a turn.

        Parameters
        ----------
        size : bytes that the stage takes beside what is held, as weighed (`coverage.memory.weights`)

        Raises
        ------
        GoneError
            when whoever asked has left (`note_asker`)
        """
        with self.heavy.turn(size, _gone.get()) as mine:
            if not mine:
                raise GoneError
            if self.before_large is not None and size >= LARGE_BYTES:
                self.before_large()
            yield


def limits_of_server() -> QuestionLimits:
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
    return QuestionLimits(size, size // 2)


def limits_of_machine() -> QuestionLimits:
    """Limits of a command: what is free now, and as long as it takes."""
    return QuestionLimits(None, free_bytes(), math.inf)


def note_asker(gone: Callable[[], bool] | None) -> None:
    """Tell heavy stages of this thread how to see that nobody waits for the answer any more."""
    _gone.set(gone)


def gigabytes(size: int) -> float:
    """Gigabytes, with a tenth where there are few."""
    gigabyte = size / 1e9
    return round(gigabyte, 1) if gigabyte < 10 else round(gigabyte)


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
