"""Room for what visitors bring along: so many bytes in all and for each, so that nobody pushes out the others."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field


@dataclass
class UploadRoom:
    """Sizes of what is kept, by key; not safe between threads by itself.

    Attributes
    ----------
    limit : bytes in all
    share : bytes of one visitor; a single thing may be larger, and is then the only one of that visitor
    """

    limit: int
    share: int
    _kept: OrderedDict[str, tuple[str, int]] = field(default_factory=OrderedDict)

    @property
    def bytes(self) -> int:
        """Bytes that are taken."""
        return sum(size for _, size in self._kept.values())

    def take(self, key: str, size: int, owner: str) -> list[str]:
        """Take something in; the keys that have to go for it.

        First the oldest of the same visitor, then of whoever has most.
        """
        self._kept[key] = (owner, size)
        gone: list[str] = []
        while self._of(owner) > self.share and (old := self._oldest(owner)) != key:
            gone.append(self._drop(old))
        while self.bytes > self.limit and len(self._kept) > 1:
            taken_by = Counter[str]()
            for whose, taken in self._kept.values():
                taken_by[whose] += taken
            gone.append(self._drop(self._oldest(max(taken_by, key=lambda whose: taken_by[whose]))))
        return gone

    def use(self, key: str) -> None:
        """Note that something was looked at."""
        if key in self._kept:
            self._kept.move_to_end(key)

    def leave(self, key: str) -> None:
        """Note that something is gone."""
        self._kept.pop(key, None)

    def _of(self, owner: str) -> int:
        return sum(size for whose, size in self._kept.values() if whose == owner)

    def _oldest(self, owner: str) -> str:
        return next(key for key, (whose, _) in self._kept.items() if whose == owner)

    def _drop(self, key: str) -> str:
        del self._kept[key]
        return key
