"""What reading one file may cost: time, memory and sizes of what is in it, for uploads, commands and publishers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from i18n.errors import DataError, InputError
from i18n.messages import Message, NumberAsGiven

MB = 1_000_000
TURN_S = 10.0
"""Seconds to wait until reading begins, where others are read at the same time."""

_WALL_PER_CPU = 4
_MIN_S = 0.2
"""Seconds that even the last of several readings gets."""


@dataclass(frozen=True)
class ReadLimits:
    """Limits of one file.

    Attributes
    ----------
    size : bytes of the file
    cpu_s, cpu_s_per_mb : seconds of computing, and more of them for every megabyte of the file
    wall_s : seconds by the clock from when reading begins; a machine that is busy needs more than the reader computes
    memory, memory_per_byte : bytes of memory above what an idle reader has, and more of them for every byte
    result : bytes of the tables that come out
    rows, columns, cells : of a table; ``cells`` also of the sheets of a workbook, merged ones counted in full
    text : characters of one cell
    vertices : corners of all shapes together
    crossings : times that the border of one shape may cross itself and still be put right
    nesting : levels of brackets in JSON
    files : processes and files a reader may hold open
    """

    size: int
    cpu_s: float
    cpu_s_per_mb: float
    wall_s: float
    memory: int
    memory_per_byte: float
    result: int
    rows: int
    columns: int
    cells: int
    text: int
    vertices: int
    crossings: int
    nesting: int
    files: int = 64

    def for_size(self, size: int) -> ReadLimits:
        """Limits with the time and memory that a file of ``size`` bytes may take, and no more to add."""
        return replace(
            self,
            cpu_s=self.cpu_s + self.cpu_s_per_mb * size / MB,
            wall_s=self.wall_s + _WALL_PER_CPU * self.cpu_s_per_mb * size / MB,
            memory=int(self.memory + self.memory_per_byte * size),
            cpu_s_per_mb=0.0,
            memory_per_byte=0.0,
        )

    def check_size(self, size: int, file: str) -> None:
        """Raise `DataError` when a file is larger than is read at all."""
        if size > self.size:
            raise DataError(Message("error.room.size", file=file, size=_mb(size), most=_mb(self.size)))

    def check_table(self, rows: int, columns: int, file: str) -> None:
        """Raise `DataError` when a table is longer or wider than is read."""
        if columns > self.columns:
            raise DataError(Message("error.room.columns", file=file, n=columns, most=self.columns))
        if rows > self.rows:
            raise DataError(Message("error.room.rows", file=file, n=rows, most=self.rows))
        if rows * columns > self.cells:
            raise DataError(Message("error.room.cells", file=file, n=rows * columns, most=self.cells))


def _mb(size: int) -> int | NumberAsGiven:
    return round(size / MB) if size >= MB else NumberAsGiven(size / MB, ".2f")


UPLOAD = ReadLimits(
    size=5 * MB,
    cpu_s=3.0,
    cpu_s_per_mb=0.0,
    wall_s=4.5,
    memory=300 * MB,
    memory_per_byte=0.0,
    result=100 * MB,
    rows=20_000,
    columns=500,
    cells=1_500_000,
    text=10_000,
    vertices=1_000_000,
    crossings=1_000,
    nesting=32,
)
"""What somebody brings along to a page."""

COMMAND = replace(
    UPLOAD,
    size=4_000 * MB,
    cpu_s_per_mb=4.0,
    wall_s=22.0,
    memory_per_byte=40.0,
    result=8_000 * MB,
    rows=50_000_000,
    columns=2_000,
    cells=200_000_000,
    vertices=50_000_000,
)
"""What somebody names on the command line: a small file costs as little as an upload, a large one what it needs."""

PUBLISHER = replace(
    COMMAND,
    cpu_s=60.0,
    cpu_s_per_mb=20.0,
    wall_s=250.0,
    memory=4_000 * MB,
    text=1_000_000,
    crossings=20_000,
    nesting=200,
)
"""What a publisher of open data gives, or somebody in its place."""

PRESETS = {"UPLOAD": UPLOAD, "COMMAND": COMMAND, "PUBLISHER": PUBLISHER}


@dataclass
class Allowance:
    """Limits in force, what of them is used up, and what was read before.

    Attributes
    ----------
    limits : of every file
    should_stop : asked while a file is read; once it says so, reading ends
    used_s, used_wall_s : seconds that earlier readings took, of computing and by the clock; a page reads one upload
        several times
    results : results by what was read, so that it is read once
    """

    limits: ReadLimits
    should_stop: Callable[[], bool] | None = None
    used_s: float = 0.0
    used_wall_s: float = 0.0
    shared: bool = False
    results: dict[Any, Any] = field(default_factory=dict)

    def left(self, size: int) -> ReadLimits:
        """Limits for the next file of ``size`` bytes."""
        limits = self.limits.for_size(size)
        if not self.shared:
            return limits
        cpu_s, wall_s = limits.cpu_s - self.used_s, limits.wall_s - self.used_wall_s
        return replace(limits, cpu_s=max(cpu_s, _MIN_S), wall_s=max(wall_s, _MIN_S))

    def stop_if_asked(self) -> None:
        """Raise `InputError` when whoever asked has left."""
        if self.should_stop is not None and self.should_stop():
            raise InputError(Message("error.room.stopped"))


_ALLOWANCE: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


def allowance(limits: ReadLimits | None = None) -> Allowance:
    """Allowance in force; outside of `allow` one of ``limits`` (`COMMAND` where none are given) for a single file."""
    return _ALLOWANCE.get() or Allowance(limits or COMMAND)


@contextmanager
def allow(limits: ReadLimits, should_stop: Callable[[], bool] | None = None) -> Iterator[Allowance]:
    """Read files under these limits for as long as the context lasts; all of them together share the seconds.

    Parameters
    ----------
    limits : of every file
    should_stop : asked several times a second while a file is read; True ends the reading
    """
    given = Allowance(limits, should_stop, shared=True)
    token = _ALLOWANCE.set(given)
    try:
        yield given
    finally:
        _ALLOWANCE.reset(token)


class Deadline:
    """Moment after which waiting ends."""

    def __init__(self, seconds: float) -> None:
        self._begun, self._seconds = time.monotonic(), seconds

    @property
    def taken_s(self) -> float:
        """Seconds since waiting began."""
        return time.monotonic() - self._begun

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return self.taken_s > self._seconds
