"""Measure circuity on OpenStreetMap extracts and print the table of docs/method/circuity.md.

Run as ``python -m benchmarks.travel.circuity FOLDER`` with a folder of extracts.
"""

from __future__ import annotations

import sys
from pathlib import Path

from coverage.travel.extracts.circuity import measure_circuity, summarise_circuity
from coverage.travel.extracts.osm import MODES, read_roads
from loaders.snapshot.reader import Snapshot


def main(folder: str) -> None:
    """Print one Markdown row per extract, mode and band."""
    grid = Snapshot().grid
    print("| extract | mode | band, km | pairs | mean | p10 | median | p90 |\n|---|---|---|---|---|---|---|---|")
    for path in sorted(Path(folder).glob("*.osm*")):
        roads = read_roads(path)
        for mode in MODES:
            table = summarise_circuity(measure_circuity(roads, mode, grid.xy, grid.weight))
            for low, high, n, *figures in table.to_numpy(float):
                values = " | ".join(f"{value:.2f}" for value in figures)
                name = path.name.partition(".")[0]
                print(f"| {name} | {mode} | {low / 1000:g}–{high / 1000:g} | {n:,.0f} | {values} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
