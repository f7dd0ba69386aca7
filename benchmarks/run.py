"""Time the engine's jobs against their targets, beside a peer in the same run, and write benchmarks/RESULTS.md.

Times are the median of several runs after one that does not count; peak memory is measured in a run of its own, because
measuring it slows the job down.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from coverage.access import nearest
from coverage.analysis import Engine
from coverage.demand import surface
from coverage.flows import flows
from coverage.query import Query
from coverage.reach import coordinates
from coverage.sheet import zone_sheet
from coverage.table import Inputs, zone_table
from coverage.zones import rank
from loaders.facilities import Facilities, load_facilities
from loaders.levels import LEVELS
from loaders.snapshot import Snapshot

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
RUNS = 7
PACKAGES = ("numpy", "scipy", "pandas", "geopandas", "shapely", "pyarrow", "rasterio")


@dataclass(frozen=True)
class Result:
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
) -> Result:
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
    return Result(job, tuple(seconds), target_s, peak, note)


def engine_jobs(snapshot: Snapshot, facilities: Facilities) -> list[Result]:
    """Demand, distances and tables of the embedded snapshot."""
    engine = Engine(snapshot)
    bureaus = facilities.of_service("bureau")
    cells, sites = snapshot.grid.xy, coordinates(bureaus.frame)
    demand, reach = engine.demand(), engine.reach(bureaus, "crow")
    located = {level: engine.territory.locate(bureaus.frame, level, 2025) for level in LEVELS}

    def tables(*levels: str) -> None:
        ranked = rank(demand, reach)
        for level in levels:
            zone_table(
                engine.territory,
                Inputs(Query(level=level), demand, reach, ranked, facilities, bureaus, located[level]),
            )

    n, m = len(cells), len(sites)
    return [
        measure(f"demand surface, {n:,} inhabited cells", lambda: surface(snapshot), 3.0),
        measure("the same from disk, with grid and coordinates", lambda: surface(Snapshot(snapshot.path)), 3.0),
        measure(f"nearest and second nearest, {n:,} cells × {m} sites", lambda: nearest(cells, sites, 2), 1.0),
        measure("one zone table: municipality (304)", lambda: tables("municipality")),
        measure("one zone table: sector (9,879)", lambda: tables("sector")),
        measure(f"all zone tables, {len(LEVELS)} levels", lambda: tables(*LEVELS), 1.0),
    ]


def question_jobs(snapshot: Snapshot, facilities: Facilities) -> list[Result]:
    """Whole answers, as the explorer and the command ask for them."""
    engine = Engine(snapshot)
    metres = iter(range(1000, 2000))
    answer = engine.analyse(Query(), facilities)
    return [
        measure(
            "whole answer, cold: snapshot from disk, demand, distances, table",
            lambda: Engine(Snapshot(snapshot.path)).analyse(Query(), facilities),
        ),
        measure(
            "whole answer, warm: another reach",
            lambda: engine.analyse(Query(within_m=next(metres)), facilities),
        ),
        measure(
            "whole answer, one site moved",
            lambda: engine.analyse(Query(), moved(facilities, next(metres))),
            note="distances of all cells worked out anew",
        ),
        measure("flows between municipalities", lambda: flows(snapshot, answer)),
        measure("sheet of one municipality", lambda: zone_sheet(snapshot, answer, "35011", engine.territory)),
    ]


def moved(facilities: Facilities, metres: float) -> Facilities:
    """The same set with its first place moved east."""
    frame = facilities.frame.copy()
    frame["x"] = frame["x"].where(frame.index != 0, frame["x"] + metres)
    return replace(facilities, frame=frame)


def peer_jobs(snapshot: Snapshot, facilities: Facilities) -> tuple[list[Result], float]:
    """Nearest of the same cells and sites with nabij and with GeoPandas, and the largest difference in metres."""
    cells, sites = snapshot.grid.xy, coordinates(facilities.of_service("bureau").frame)
    left = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*cells.T, crs="EPSG:31370"))
    right = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*sites.T, crs="EPSG:31370"))

    def joined() -> Any:
        return gpd.sjoin_nearest(left, right, distance_col="metres")

    theirs = joined().groupby(level=0)["metres"].first().to_numpy()
    difference = float(np.abs(theirs - nearest(cells, sites, 1).distance_m[:, 0]).max())
    return [
        measure("nabij: nearest and second nearest", lambda: nearest(cells, sites, 2)),
        measure("nabij: nearest only", lambda: nearest(cells, sites, 1)),
        measure("GeoPandas sjoin_nearest: nearest only", joined, runs=5),
    ], difference


def command_job() -> Result:
    """Wall time of the command in a process of its own, from start to written file."""
    command = Path(sys.executable).with_name("nabij")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "gaps.csv"
        arguments = [str(command), "gaps", "--service", "bureau", "--level", "municipality"]

        def run() -> None:
            subprocess.run(
                [*arguments, "--facilities", "illustrative", "--out", str(out)], check=True, capture_output=True
            )

        print("nabij gaps ...", flush=True)
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
    return Result("`nabij gaps --service bureau --level municipality --out gaps.csv`", tuple(seconds), 10.0)


def row(result: Result) -> str:
    """One line of a table."""
    target = "" if result.target_s is None else f"≤ {result.target_s:g} s"
    kept = "" if result.target_s is None else ("yes" if result.median <= result.target_s else "**no**")
    peak = "" if result.peak_mb is None else f"{result.peak_mb:,.0f}"
    job = f"{result.job} ({result.note})" if result.note else result.job
    spread = f"{min(result.seconds):.3f}–{max(result.seconds):.3f}"
    return f"| {job} | {target} | {result.median:.3f} | {spread} | {len(result.seconds)} | {peak} | {kept} |"


def table(results: list[Result]) -> list[str]:
    """Results as a Markdown table."""
    head = "| job | target | median, s | lowest–highest, s | runs | peak memory, MB | kept |"
    return [head, "|---|---|---|---|---|---|---|", *(row(result) for result in results)]


def machine() -> str:
    """What the figures were measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, Python {platform.python_version()}; "
        f"{packages}. Load of the machine over the last 1, 5 and 15 minutes at the start: {load}."
    )


def main() -> None:
    """Measure everything and write the report."""
    setting = machine()
    snapshot = Snapshot()
    facilities = load_facilities(snapshot, "illustrative")
    engine = engine_jobs(snapshot, facilities)
    questions = question_jobs(snapshot, facilities)
    peers, difference = peer_jobs(snapshot, facilities)
    ratio = peers[2].median / peers[1].median
    lines = [
        "# Benchmarks",
        "",
        f"Written by `script/bench` on {datetime.now(UTC):%Y-%m-%d}. {setting}",
        "",
        f"Snapshot {snapshot.hash[:12]}, illustrative facilities, straight line × 1.3. Times are medians after one run",
        "that does not count; peak memory is what Python allocates during a run of its own.",
        "",
        "## Jobs of the engine",
        "",
        *table(engine),
        "",
        "A zone table includes putting births in order of distance, births in reach, mean, median and 90th percentile,",
        "the places on the territory, reasons, flags and the conservation check.",
        "",
        "## Whole answers",
        "",
        *table([*questions, command_job()]),
        "",
        "The command is timed from start to written file, in a new process each time (files in the disk cache).",
        "",
        "## Beside a peer, same points, same run",
        "",
        *table(peers),
        "",
        f"Nearest only, nabij is {ratio:.1f} × as fast as GeoPandas; the distances differ by",
        f"at most {difference:.1g} m. GeoPandas has no second nearest, so that is not compared.",
        "",
    ]
    RESULTS.write_text("\n".join(lines), encoding="utf-8")
    print(f"Written: benchmarks/{RESULTS.name}")


if __name__ == "__main__":
    main()
