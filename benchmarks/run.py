"""Time the engine's jobs against their targets, beside a peer in the same run, and write benchmarks/RESULTS.md.

Times are the median of several runs after one that does not count; peak memory is measured in a run of its own, because
measuring it slows the job down.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from benchmarks.browser import browser_lines
from benchmarks.catchments import BesidePeer, beside_pysal, catchment_jobs, probability_jobs
from benchmarks.growth import growth_lines
from benchmarks.load import load_lines
from benchmarks.measure import MeasuredJob, measure, table
from benchmarks.memory import memory_process_lines
from benchmarks.reading import reading_lines
from benchmarks.scenarios import scenario_lines
from benchmarks.siting import siting_lines
from benchmarks.streets import street_lines
from coverage.access.nearest_facilities import nearest
from coverage.analysis import Engine
from coverage.core.demand import surface
from coverage.core.query import Query
from coverage.core.reach import coordinates
from coverage.indicators.flows import flows
from coverage.indicators.sheet import zone_sheet
from coverage.zones.sums import rank, summarise
from coverage.zones.table import Inputs, zone_table
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.levels import LEVELS
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
PACKAGES = ("numpy", "scipy", "pandas", "geopandas", "shapely", "pyarrow", "rasterio")


def engine_jobs(snapshot: Snapshot, facilities: Facilities) -> list[MeasuredJob]:
    """Demand, distances and tables of the embedded snapshot."""
    engine = Engine(snapshot)
    bureaus = facilities.of_service("bureau")
    cells, sites = snapshot.grid.xy, coordinates(bureaus.frame)
    demand, reach = engine.demand(), engine.reach(bureaus, Query())
    located = {level: engine.territory.locate(bureaus.frame, level, 2025) for level in LEVELS}

    def tables(*levels: str) -> None:
        ranked = rank(demand, reach)
        for level in levels:
            query, zones = Query(level=level), engine.territory.zone_ids(level, 2025)
            sums = summarise(ranked, snapshot.zone_index(level, 2025), len(zones), query.reach_m)
            zone_table(engine.territory, Inputs(query, demand, reach, sums, facilities, bureaus, located[level]))

    n, m = len(cells), len(sites)
    return [
        measure(f"demand surface, {n:,} inhabited cells", lambda: surface(snapshot), 3.0),
        measure("the same from disk, with grid and coordinates", lambda: surface(Snapshot(snapshot.path)), 3.0),
        measure(f"nearest and second nearest, {n:,} cells × {m} sites", lambda: nearest(cells, sites, 2), 1.0),
        measure("one zone table: municipality (304)", lambda: tables("municipality")),
        measure("one zone table: sector (9,879)", lambda: tables("sector")),
        measure(f"all zone tables, {len(LEVELS)} levels", lambda: tables(*LEVELS), 1.0),
    ]


def question_jobs(snapshot: Snapshot, facilities: Facilities) -> list[MeasuredJob]:
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
            note="distances brought up to date",
        ),
        measure("flows between municipalities", lambda: flows(snapshot, answer)),
        measure("sheet of one municipality", lambda: zone_sheet(snapshot, answer, "35011", engine.territory)),
    ]


def moved(facilities: Facilities, metres: float) -> Facilities:
    """The same set with its first place moved east."""
    frame = facilities.frame.copy()
    frame["x"] = frame["x"].where(frame.index != 0, frame["x"] + metres)
    return replace(facilities, frame=frame)


def peer_jobs(snapshot: Snapshot, facilities: Facilities) -> tuple[list[MeasuredJob], float]:
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


def command_job() -> MeasuredJob:
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
    return MeasuredJob("`nabij gaps --service bureau --level municipality --out gaps.csv`", tuple(seconds), 10.0)


def pysal_lines(beside: list[BesidePeer]) -> list[str]:
    """Catchments beside PySAL's access."""
    if not beside:
        return []
    return [
        "## Catchments beside PySAL access, same pairs, same run",
        "",
        *table([result for pair in beside for result in (pair.ours, pair.theirs)]),
        "",
        *(
            f"- {pair.method}: nabij is {pair.ratio:.0f} × as fast{' (target: 10 ×)' * (pair.method == 'E2SFCA')}; "
            f"scores differ by at most {pair.difference:.1g} of their value."
            for pair in beside
        ),
        "",
        "Both are given the pairs within 5 km as they like them, sparse matrix or table; reading them does not count.",
        "",
    ]


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
    catchments, draws = catchment_jobs(snapshot, facilities), probability_jobs(snapshot, facilities)
    beside = beside_pysal(snapshot, facilities)
    streets = street_lines(snapshot, facilities)
    siting, scenarios = siting_lines(snapshot), scenario_lines(snapshot, facilities)
    growth = growth_lines(snapshot, facilities)
    people = [*browser_lines(), *load_lines(), *memory_process_lines()]
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
        "## Catchments and probability",
        "",
        *table([*catchments, *draws]),
        "",
        "Catchments include finding the pairs. Peak memory follows the pairs within reach, not cells × sites.",
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
        *pysal_lines(beside),
        *streets,
        *scenarios,
        *growth,
        *siting,
        *reading_lines(),
        *people,
    ]
    RESULTS.write_text("\n".join(lines), encoding="utf-8")
    print(f"Written: benchmarks/{RESULTS.name}")


if __name__ == "__main__":
    main()
