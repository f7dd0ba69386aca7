"""A small store of recent results that several threads may share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The ``size`` most recently used values, by key.

    Values are made outside the lock, so two threads that ask for the same new key at once may both make it;
    the first one stored is the one that both get.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Value of ``key``, made by ``make`` when it is not held."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()
        with self._lock:
            value = self._values.setdefault(key, made)
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value

    def held(self) -> list[T]:
        """All values held, the most recently used first."""
        with self._lock:
            return list(reversed(self._values.values()))

    def peek(self, key: Hashable) -> T | None:
        """Value of ``key`` if it is held."""
        with self._lock:
            return self._values.get(key)
