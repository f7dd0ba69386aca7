"""Fifty people at once: what each waits for when all of them use one explorer, as ``nabij serve`` starts it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.people import ACTIONS, ARRIVAL_S, FILES, LOOKING_S, PEOPLE, SEED, Person, TimedRequest, crowd

TARGET_S = 0.5
START_TRIES = 240


@contextmanager
def served(start: Sequence[str] = (str(Path(sys.executable).with_name("nabij")), "serve")) -> Iterator[tuple[str, int]]:
    """Start the explorer, in a process and with a cache, a home and plans of its own; its address and process.

    Parameters
    ----------
    start : command that starts it, which is told the port; its own, when left out
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        own = {"XDG_CACHE_HOME": folder, "NABIJ_HOME": folder, "NABIJ_DATABASE": f"{folder}/plans.sqlite"}
        process = subprocess.Popen(
            [*start, "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **own},
        )
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}/", process.pid
        finally:
            process.terminate()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody answers."""
    for _ in range(START_TRIES):
        if process.poll() is not None:
            raise RuntimeError("nabij serve stopped before it answered.")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                first = Person(f"http://127.0.0.1:{port}/", Random(0))
                first.ask("page", "/")
                first.leave()
                return
        except (OSError, HTTPException):
            time.sleep(0.5)
    raise RuntimeError("nabij serve did not answer.")


def family(process: int) -> list[str]:
    """Numbers of a process and its children (Linux); none elsewhere."""
    children = Path(f"/proc/{process}/task/{process}/children")
    return [str(process), *children.read_text().split()] if children.is_file() else []


def cpu_s(process: int) -> float:
    """Seconds that a process and its children have worked."""
    ticks = 0
    for number in family(process):
        after_name = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(process: int) -> tuple[float, float]:
    """Memory of a process and its children now and at its highest, MB."""
    now = highest = 0.0
    for number in family(process):
        status = Path(f"/proc/{number}/status").read_text()
        now += float(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1e3
        highest += float(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1e3
    return now, highest


def load_lines() -> list[str]:
    """Measure and return the part of the report."""
    print(f"{PEOPLE} people at once ...", flush=True)
    with served() as (address, process):
        Person(address, Random(SEED)).look_everywhere()
        before = memory_mb(process)[0]
        start, worked = time.perf_counter(), cpu_s(process)
        asked = crowd(address)
        took, worked = time.perf_counter() - start, cpu_s(process) - worked
        together = crowd(address, looking=(0, 0), actions=2, arrival=0)
        now, highest = memory_mb(process)
    return told(asked, together, took, worked, (before, now, highest))


def told(
    asked: list[TimedRequest],
    together: list[TimedRequest],
    took: float,
    worked_s: float,
    memory: tuple[float, float, float],
) -> list[str]:
    """The report: steady use, all in one instant, seconds it took and the server worked, and the server's memory."""
    before, now, highest = memory
    worked = [one for one in asked if one.kind != FILES]
    p95 = float(np.percentile([one.seconds for one in worked], 95))
    wrong = [one.trouble for one in asked if one.trouble]
    kept = "yes" if p95 <= TARGET_S and not wrong else "**no**"
    low, high = LOOKING_S
    return [
        f"## {PEOPLE} people at once",
        "",
        f"They open the page within {ARRIVAL_S:g} s and do {ACTIONS} things each, looking {low:g} to {high:g} s at",
        f"every answer: {len(asked):,} requests in {took:.0f} s, for which the server worked {worked_s:.0f} s. The",
        "server is started with `nabij serve`; one visitor has seen every level, service and area before. The people",
        "run on the same cores as the server.",
        "",
        "| request | number | median, s | p95, s | highest, s | errors |",
        "|---|---|---|---|---|---|",
        *_rows(asked),
        _row("all but the files of the page", worked),
        "",
        f"Target: p95 ≤ {TARGET_S:g} s, no error. Kept: {kept} (p95 {p95:.3f} s, {len(wrong)} errors).",
        "",
        "All of them in the same instant, without looking at anything (opening the page and 2 things each; no target):",
        "",
        "| request | number | median, s | p95, s | highest, s | errors |",
        "|---|---|---|---|---|---|",
        *_rows(together),
        "",
        f"Memory of the server: {before:,.0f} MB before them, {now:,.0f} MB after all, {highest:,.0f} MB at",
        "most.",
        "",
        *sorted({f"- {trouble}" for trouble in wrong}),
    ]


def _rows(asked: list[TimedRequest]) -> list[str]:
    return [_row(kind, [one for one in asked if one.kind == kind]) for kind in dict.fromkeys(one.kind for one in asked)]


def _row(kind: str, asked: list[TimedRequest]) -> str:
    seconds = [one.seconds for one in asked]
    middle, high = np.percentile(seconds, [50, 95])
    errors = sum(bool(one.trouble) for one in asked)
    return f"| {kind} | {len(asked)} | {middle:.3f} | {high:.3f} | {max(seconds):.3f} | {errors} |"


if __name__ == "__main__":
    print("\n".join(load_lines()))
