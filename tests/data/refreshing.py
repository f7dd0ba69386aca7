"""Loaders for tests of the refresh: births from a CSV file, a register from a list of places, borders from a frame.

Run as a program, it refreshes on demand and kills itself where it is told: see ``test_refresh_crash.py``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pandas as pd

from loaders.parsers.births import read_births_table
from loaders.pipeline.refresh import refresh
from loaders.pipeline.update import Loader, Origin, RefreshContext, RefreshedResource, Update
from loaders.snapshot.reader import Snapshot


def births_from(path: Path) -> Loader:
    """Births of 2025 from a file in the layout of the raw one."""

    def load(context: RefreshContext) -> Update:
        codes = context.snapshot.table("municipality_codes")
        frame = read_births_table(path.read_bytes(), codes, path.name).frame
        origin = Origin(path.name, "0" * 64, "2026-01-02T03:04:05Z")
        return Update(
            "births", "2025", (RefreshedResource("births", frame, ("year",), "2025", ("births",)),), (), (origin,)
        )

    return load


def frames(name: str, changes: Mapping[str, pd.DataFrame], sources: tuple[str, ...] = ()) -> Loader:
    """Whole resources as given."""
    return lambda _context: Update(
        name, "2026", tuple(RefreshedResource(r, f, (), "2026", sources) for r, f in changes.items())
    )


def only_snapshot(snapshot: Snapshot) -> RefreshContext:
    """What loaders work with, without network."""
    return cast(RefreshContext, Reading(snapshot))


class Reading:
    """A context that has nothing but the snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot


def write_births(snapshot: Snapshot, path: Path, more: int = 0, factor: float = 1.0) -> Path:
    """Write the births of a snapshot to a CSV file, with ``more`` births in every municipality, times ``factor``."""
    table = snapshot.table("births").rename(columns={"births": "births_2025"}).drop(columns="year")
    table["births_2025"] = ((table["births_2025"] + more) * factor).round().astype(int)
    table.to_csv(path, index=False)
    return path


def serve() -> None:
    """Fork one refresh per line ``FOLDER FILE STAGE SECONDS`` of standard input, and tell its exit code (-9: killed).

    A child that comes to ``STAGE`` kills itself with SIGKILL; one that takes longer than ``SECONDS`` is killed. This
    process has loaded all modules but runs no threads, so a child starts at once and is a process like any other.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    for line in sys.stdin:
        folder, file, stage, seconds = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            _refresh(Path(folder), Path(file), stage)
        if signal.sigtimedwait({signal.SIGCHLD}, float(seconds)) is None:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        signal.sigtimedwait({signal.SIGCHLD}, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _refresh(folder: Path, file: Path, stage: str) -> None:
    def say(what: str, _share: float) -> None:
        if what == stage:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        refresh(folder, {"births": births_from(file)}, (), only_snapshot, say=say)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve()
