"""A gate for heavy stages: few at once, and together within so many bytes; whoever came first goes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, local

ASKED_AGAIN_S = 0.25
"""How often whoever waits looks whether the answer is still wanted."""


class StageGate:
    """Lets stages through; safe between threads.

    A stage that is told to take more than all may take together goes alone. Nobody is passed: a small stage waits
    behind a large one that came before it, so that the large one gets its turn.

    Parameters
    ----------
    at_once : stages inside at the same time
    room : bytes that those inside may take together, as told beforehand; None for no limit
    """

    def __init__(self, at_once: int, room: int | None = None) -> None:
        self.at_once, self.room = at_once, room
        self.inside, self.bytes = 0, 0
        self._changed = Condition()
        self._line: list[object] = []
        self._mine = local()

    @contextmanager
    def turn(self, size: int = 0, gone: Callable[[], bool] | None = None) -> Iterator[bool]:
        """Wait until a stage that takes ``size`` bytes may begin; what is given says whether it may.

        A stage inside another one of the same thread does not wait; what it takes beyond the outer one is counted.

        Parameters
        ----------
        size : bytes that the stage takes, as weighed
        gone : whether nobody waits for the answer any more; then the turn is not taken, and False is given
        """
        had: int | None = getattr(self._mine, "bytes", None)
        if had is None and not self._enter(size, gone):
            yield False
            return
        more = size if had is None else max(0, size - had)
        if had is not None:
            self._count(0, more)
        self._mine.bytes = (had or 0) + more
        try:
            yield True
        finally:
            self._mine.bytes = had
            self._count(-1 if had is None else 0, -more)

    def _enter(self, size: int, gone: Callable[[], bool] | None) -> bool:
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            try:
                while not (self._line[0] is ticket and self._fits(size)):
                    self._changed.wait(None if gone is None else ASKED_AGAIN_S)
                    if gone is not None and gone():
                        return False
                self.inside += 1
                self.bytes += size
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()
        return True

    def _fits(self, size: int) -> bool:
        if not self.inside:
            return True
        return self.inside < self.at_once and (self.room is None or self.bytes + size <= self.room)

    def _count(self, stages: int, size: int) -> None:
        with self._changed:
            self.inside += stages
            self.bytes += size
            self._changed.notify_all()
