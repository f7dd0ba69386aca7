"""Results that may be asked for again, held within one budget of bytes for the whole process.

Every `LruCache` holds its own values; together they take no more than their `Budget` allows. When there is too much,
the value that was not used for longest goes, whichever cache it is in. What two values share counts once
(`coverage.memory.sizes`), and figures that stay as long as they are read, such as a snapshot, count as well.
"""

from __future__ import annotations

import os
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from threading import Lock, RLock
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary, WeakSet, finalize

from coverage.memory.sizes import Blocks, blocks_of
from i18n.messages import MessageError

T = TypeVar("T")

CACHE_VARIABLE = "NABIJ_CACHE_MB"
"""Environment variable with the megabytes that results may take; left out, `DEFAULT_MB`."""

DEFAULT_MB = 600
MIN_MB = 1

MEASURED_AGAIN = 64
"""After so many new values, what grows as it is used is measured again."""


@dataclass
class _Entry(Generic[T]):
    value: T
    blocks: Blocks
    used: int


@dataclass
class _Turn(Generic[T]):
    """Who makes a value, and the value for those who wait."""

    lock: RLock = field(default_factory=RLock)
    made: list[T] = field(default_factory=list)


class Held(NamedTuple):
    """What the caches of one name hold."""

    name: str
    caches: int
    values: int
    bytes: int


class Budget:
    """Bytes that caches share; safe between threads.

    Parameters
    ----------
    limit : bytes at most; what figures that stay take counts, but cannot go
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self.evicted = 0
        self._lock = RLock()
        self._ticks = count()
        self._caches: WeakSet[LruCache[Any]] = WeakSet()
        self._shared: dict[int, list[int]] = {}
        self._gone: deque[Iterable[int]] = deque()
        self._staying: WeakKeyDictionary[Any, set[int]] = WeakKeyDictionary()
        self._added = 0

    def stay(self, value: Any) -> None:
        """Count figures for as long as somebody reads them."""
        with self._lock:
            if value not in self._staying:
                counted: set[int] = set()
                self._staying[value] = counted
                finalize(value, self._gone.append, counted).atexit = False
                self._measure_staying()

    def trim(self) -> None:
        """Measure what stays again, and let go of what no longer fits."""
        with self._lock:
            self._settle()
            self._measure_staying()
            gone = self._evict()
        del gone

    def free(self, size: int) -> None:
        """Let go of values that take so many bytes together, where there are any."""
        with self._lock:
            self._settle()
            self._measure_staying()
            gone = self._evict(max(0, self.bytes - size))
        del gone

    def usage(self) -> list[Held]:
        """What is held by name of cache, the most bytes first; what values of two caches share counts in both."""
        with self._lock:
            self._settle()
            bytes_, values, caches = Counter[str](), Counter[str](), Counter[str]()
            for one in self._caches:
                caches[one.name] += 1
                values[one.name] += len(one._entries)
                blocks: Blocks = {}
                for entry in one._entries.values():
                    blocks |= entry.blocks
                bytes_[one.name] += sum(blocks.values())
            staying = sum(self._shared[block][0] for blocks in self._staying.values() for block in blocks)
        table = [Held(name, caches[name], values[name], bytes_[name]) for name in caches]
        return sorted(
            [*table, Held("figures", len(self._staying), len(self._staying), staying)], key=lambda row: -row.bytes
        )

    def _add(self, blocks: Blocks) -> None:
        for block, size in blocks.items():
            shared = self._shared.setdefault(block, [size, 0])
            if not shared[1]:
                self.bytes += size
            shared[1] += 1

    def _release(self, blocks: Iterable[int]) -> None:
        for block in blocks:
            shared = self._shared[block]
            shared[1] -= 1
            if not shared[1]:
                self.bytes -= self._shared.pop(block)[0]

    def _settle(self) -> None:
        """Take off what caches and figures that are gone held."""
        while self._gone:
            self._release(self._gone.popleft())

    def _measure_staying(self) -> None:
        """Measure again what grows."""
        for cache_ in [one for one in self._caches if one.grows]:
            for entry in cache_._entries.values():
                self._release(entry.blocks)
                entry.blocks = blocks_of(entry.value)
                self._add(entry.blocks)
        for value, counted in list(self._staying.items()):
            fresh = {block: size for block, size in blocks_of(vars(value)).items() if block not in counted}
            self._add(fresh)
            counted.update(fresh)

    def _evict(self, most: int | None = None) -> list[Any]:
        """Take out what was not used for longest until the rest fits; returned, so that it goes outside the lock."""
        gone: list[Any] = []
        while self.bytes > (self.limit if most is None else most):
            oldest = min((c for c in self._caches if c._entries), key=lambda c: c._oldest(), default=None)
            if oldest is None:
                return gone
            gone.append(oldest._pop_oldest())
            self.evicted += 1
        return gone


@cache
def shared_budget() -> Budget:
    """Budget of all caches of this process, as `CACHE_VARIABLE` says."""
    return Budget(budget_bytes(os.environ.get(CACHE_VARIABLE, "")))


def budget_bytes(given: str) -> int:
    """Bytes of a number of megabytes as it was given; empty for the usual number.

    Raises
    ------
    MessageError
        when it is no whole number of `MIN_MB` or more
    """
    if not given.strip():
        return DEFAULT_MB * 1_000_000
    if not given.strip().isdecimal() or int(given) < MIN_MB:
        raise MessageError("memory.cache_mb", value=given.strip()[:20], least=MIN_MB)
    return int(given) * 1_000_000


class LruCache(Generic[T]):
    """The most recently used values, by key: ``size`` of them at most, within a budget of bytes shared with others.

    A value is made once: whoever asks for the same new key meanwhile waits for it, and whoever asks for another does
    not. Making a value may ask for other keys, as long as none of them asks for this one.

    Parameters
    ----------
    size : values at most
    name : what the table of memory calls it
    budget : bytes it shares with others; None for those of the process
    grows : whether values take more room as they are used, so that they are measured now and then
    """

    counted_apart = True

    def __init__(self, size: int, name: str = "other", budget: Budget | None = None, *, grows: bool = False) -> None:
        self.name, self.grows = name, grows
        self._size = size
        self._budget = budget or shared_budget()
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()
        self._turns = Lock()
        self._making: dict[Hashable, _Turn[T]] = {}
        finalize(self, _all_gone, self._budget._gone, self._entries).atexit = False
        with self._budget._lock:
            self._budget._caches.add(self)

    def get_or_make(self, key: Hashable, make: Callable[[], T]) -> T:
        """Value of ``key``, made by ``make`` when it is not held; what ``make`` raises is raised, and nothing held."""
        entry = self._find(key)
        if entry is not None:
            return entry.value
        with self._turns:
            turn = self._making.setdefault(key, _Turn())
        with turn.lock:
            entry = self._find(key)
            if entry is not None:
                return entry.value
            if turn.made:  # by whoever was waited for; it may be too large to be held
                return turn.made[0]
            try:
                made = make()
                turn.made.append(made)
                self.put(key, made)
            finally:
                with self._turns:
                    self._making.pop(key, None)
            return made

    def put(self, key: Hashable, value: T) -> None:
        """Hold a value, in the place of another one under this key."""
        blocks = blocks_of(value)
        budget = self._budget
        with budget._lock:
            budget._settle()
            before = self._entries.pop(key, None)
            if before is not None:
                budget._release(before.blocks)
            self._entries[key] = _Entry(value, blocks, next(budget._ticks))
            budget._add(blocks)
            gone: list[Any] = [before]
            while len(self._entries) > self._size:
                gone.append(self._pop_oldest())
            budget._added += 1
            if budget._added % MEASURED_AGAIN == 0:
                budget._measure_staying()
            gone += budget._evict()
        del gone

    def values(self) -> list[T]:
        """All values held, the most recently used first."""
        with self._budget._lock:
            return [entry.value for entry in reversed(self._entries.values())]

    def peek(self, key: Hashable) -> T | None:
        """Value of ``key`` if it is held; it then counts as used."""
        entry = self._find(key)
        return None if entry is None else entry.value

    def pop(self, key: Hashable) -> T | None:
        """Let go of a value and return it; None when it is not held."""
        with self._budget._lock:
            entry = self._entries.pop(key, None)
            if entry is None:
                return None
            self._budget._release(entry.blocks)
            return entry.value

    def __len__(self) -> int:
        """Return the number of values held."""
        return len(self._entries)

    def _find(self, key: Hashable) -> _Entry[T] | None:
        with self._budget._lock:
            entry = self._entries.get(key)
            if entry is not None:
                entry.used = next(self._budget._ticks)
                self._entries.move_to_end(key)
            return entry

    def _oldest(self) -> int:
        return next(iter(self._entries.values())).used

    def _pop_oldest(self) -> _Entry[T]:
        _, entry = self._entries.popitem(last=False)
        self._budget._release(entry.blocks)
        return entry


def _all_gone(gone: deque[Iterable[int]], entries: OrderedDict[Hashable, _Entry[Any]]) -> None:
    """Note what a cache that is gone held; taken off when somebody next holds the lock."""
    gone.extend(list(entry.blocks) for entry in entries.values())
