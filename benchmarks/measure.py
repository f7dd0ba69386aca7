"""Measure a job, and tell it as a row of a table."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

RUNS = 7


@dataclass(frozen=True)
class MeasuredJob:
    """One measured job: seconds of every run, and what it must stay below."""

    job: str
    seconds: tuple[float, ...]
    target_s: float | None = None
    peak_mb: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """Median seconds."""
        return statistics.median(self.seconds)


def measure(
    job: str, work: Callable[[], Any], target_s: float | None = None, runs: int = RUNS, note: str = ""
) -> MeasuredJob:
    """Time ``work`` after a run that does not count, then trace its memory in one more run."""
    print(f"{job} ...", flush=True)
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return MeasuredJob(job, tuple(seconds), target_s, peak, note)


def row(result: MeasuredJob) -> str:
    """One line of a table."""
    target = "" if result.target_s is None else f"≤ {result.target_s:g} s"
    kept = "" if result.target_s is None else ("yes" if result.median <= result.target_s else "**no**")
    peak = "" if result.peak_mb is None else f"{result.peak_mb:,.0f}"
    job = f"{result.job} ({result.note})" if result.note else result.job
    spread = f"{min(result.seconds):.3f}–{max(result.seconds):.3f}"
    return f"| {job} | {target} | {result.median:.3f} | {spread} | {len(result.seconds)} | {peak} | {kept} |"


def table(results: list[MeasuredJob]) -> list[str]:
    """Results as a Markdown table."""
    head = "| job | target | median, s | lowest–highest, s | runs | peak memory, MB | kept |"
    return [head, "|---|---|---|---|---|---|---|", *(row(result) for result in results)]
