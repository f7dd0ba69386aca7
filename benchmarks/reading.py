"""What the reading room adds to an upload: the same list read in this process, and in a child as a server makes it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import Result, measure, table
from loaders import reading_room
from loaders.reading_room import UPLOAD, allow
from loaders.reading_room.room import without_child

ROWS = (100, 20_000)
MORE_S = 0.4
"""Seconds that reading an upload may take longer than without the room."""


def _read(path: Path) -> None:
    with allow(UPLOAD):
        reading_room.read("list", path, file=path.name, options={"form": "text"})


def _in_this_process(path: Path) -> None:
    with without_child():
        _read(path)


def _jobs(path: Path, rows: int) -> list[Result]:
    bare = measure(f"{rows:,} rows, in this process", lambda: _in_this_process(path))
    reading_room.open_room()
    try:
        sealed = measure(f"{rows:,} rows, in the room", lambda: _read(path), bare.median + MORE_S)
    finally:
        reading_room.close_room()
    return [bare, sealed]


def reading_lines() -> list[str]:
    """Lines for the report."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in ROWS:
            path = Path(folder) / f"list-{rows}.csv"
            lines = (f"{i},bureau,Place {i},51.0{i % 90:02},4.36" for i in range(rows))
            path.write_text("\n".join(["id,service,name,lat,lon", *lines]), encoding="utf-8")
            results += _jobs(path, rows)
    return [
        "## Reading an upload",
        "",
        *table(results),
        "",
        f"A list in CSV to a table; in the room it may take {MORE_S} s more.",
        "",
    ]


if __name__ == "__main__":
    print("\n".join(reading_lines()))
