"""Whose turn it is: addresses in turn, browsers of an address in turn, with threads kept free for pages and files."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from pages.serving.rates import Asker
from pages.serving.settings import ServeSettings

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Turn(Generic[T]):
    """Something to do, for whom, and whether it is work (or only a file)."""

    item: T
    asker: Asker
    work: bool


class FairQueue(Generic[T]):
    """What waits and what runs; not safe between threads by itself.

    Parameters
    ----------
    settings : how many may run and wait
    """

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        self._files: OrderedDict[str, deque[Turn[T]]] = OrderedDict()
        self._work: OrderedDict[str, OrderedDict[str, deque[Turn[T]]]] = OrderedDict()
        self._waiting: Counter[str | Asker] = Counter()
        self._running: Counter[str | Asker] = Counter()
        self.working = 0

    def __len__(self) -> int:
        """How many wait."""
        lines = [*self._files.values(), *(line for lines in self._work.values() for line in lines.values())]
        return sum(map(len, lines))

    def full_for(self, asker: Asker) -> bool:
        """Whether as many of an address or browser wait as may."""
        settings = self._settings
        too_many = bool(asker.visitor) and self._waiting[asker] >= settings.waiting_per_visitor
        return too_many or self._waiting[asker.address] >= settings.waiting_per_address

    def put(self, turn: Turn[T]) -> None:
        """Let something wait for its turn."""
        asker = turn.asker
        if not turn.work:
            self._files.setdefault(asker.address, deque()).append(turn)
            return
        self._work.setdefault(asker.address, OrderedDict()).setdefault(asker.visitor, deque()).append(turn)
        self._waiting.update((asker.address, asker))

    def take(self) -> Turn[T] | None:
        """What may run now, files first; None when nothing may."""
        for address, files in self._files.items():
            return self._taken(self._files, address, files)
        if self.working >= self._settings.working:
            return None
        for address, lines in self._work.items():
            if self._running[address] >= self._settings.running_per_address:
                continue
            for visitor, line in lines.items():
                if visitor and self._running[line[0].asker] >= self._settings.running_per_visitor:
                    continue
                turn = self._taken(lines, visitor, line)
                self._work.move_to_end(address)
                if not lines:
                    del self._work[address]
                self._started(turn)
                return turn
        return None

    def done(self, turn: Turn[T]) -> None:
        """Note that something has run."""
        if turn.work:
            self.working -= 1
            _less(self._running, turn.asker)

    def drop_all(self) -> list[T]:
        """Let nothing wait any more; what waited."""
        dropped: list[T] = [turn.item for files in self._files.values() for turn in files]
        dropped += [turn.item for lines in self._work.values() for line in lines.values() for turn in line]
        self._files.clear()
        self._work.clear()
        self._waiting.clear()
        return dropped

    def _started(self, turn: Turn[T]) -> None:
        self.working += 1
        self._running.update((turn.asker.address, turn.asker))
        _less(self._waiting, turn.asker)

    @staticmethod
    def _taken(lines: OrderedDict[str, deque[Turn[T]]], key: str, line: deque[Turn[T]]) -> Turn[T]:
        turn = line.popleft()
        lines.move_to_end(key)
        if not line:
            del lines[key]
        return turn


def _less(counts: Counter[str | Asker], asker: Asker) -> None:
    for key in (asker.address, asker):
        counts[key] -= 1
        if counts[key] <= 0:
            del counts[key]
