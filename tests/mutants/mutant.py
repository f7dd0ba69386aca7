"""One fault in one file, and how it is shown."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, order=True)
class Mutant:
    """A piece of a source file and what takes its place.

    Attributes
    ----------
    start, end : bytes of the source that are replaced
    after : what comes there
    kind : what was done, such as ``boundary`` or ``key``
    where : function and class it lies in, joined by dots; empty at the top of the module
    """

    start: int
    end: int
    after: str
    kind: str
    where: str = ""

    def apply(self, source: bytes) -> bytes:
        """Source with the fault in it."""
        return source[: self.start] + self.after.encode() + source[self.end :]

    def lines(self, source: bytes) -> tuple[int, str, str]:
        """Return number of the first line that changes, and what was and is there from its first to its last line."""
        head = source.rfind(b"\n", 0, self.start) + 1
        tail = source.find(b"\n", self.end)
        tail = len(source) if tail < 0 else tail
        before = source[head:tail].decode()
        after = (source[head : self.start] + self.after.encode() + source[self.end : tail]).decode()
        return source.count(b"\n", 0, self.start) + 1, before, after

    def diff(self, source: bytes, path: str) -> str:
        """Return the fault as a unified diff."""
        lines = difflib.unified_diff(
            source.decode().splitlines(keepends=True),
            self.apply(source).decode().splitlines(keepends=True),
            f"a/{path}",
            f"b/{path}",
            n=1,
        )
        return "".join(lines)


@cache
def line_starts(source: bytes) -> tuple[int, ...]:
    """Byte at which every line starts."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return tuple(starts)
