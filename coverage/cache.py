"""A small store of recent results that several threads may share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The ``size`` most recently used values, by key.

    A value is made once: whoever asks for the same new key meanwhile waits for it, and whoever asks for another does
    not. Making a value may ask for other keys, as long as none of them asks for this one.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()
        self._making: dict[Hashable, RLock] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Value of ``key``, made by ``make`` when it is not held; what ``make`` raises is raised, and nothing held."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            turn = self._making.setdefault(key, RLock())
        with turn:
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
                    return self._values[key]
            try:
                made = make()
                with self._lock:
                    self._values[key] = made
                    self._values.move_to_end(key)
                    while len(self._values) > self._size:
                        self._values.popitem(last=False)
            finally:
                with self._lock:
                    self._making.pop(key, None)
            return made

    def held(self) -> list[T]:
        """All values held, the most recently used first."""
        with self._lock:
            return list(reversed(self._values.values()))

    def peek(self, key: Hashable) -> T | None:
        """Value of ``key`` if it is held; it then counts as used."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]
