"""How time and memory grow with demand: 1, 2, 4 and 8 times all inhabited cells, beside the peers at 1 and 2 times.

A larger demand repeats every cell, each copy moved at random within its hectare and given its share of the births. The
facilities stay as they are, so pairs grow as cells do.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from benchmarks.catchments import PEERS, RADIUS_M, beside_method, world, write_pairs
from coverage.access.catchment import floating_catchment
from coverage.access.decay import LUO_QI_STEPS
from coverage.access.nearest_facilities import nearest
from coverage.access.od_pairs import straight_pairs
from coverage.core.demand import Demand
from coverage.core.query import Query
from coverage.core.reach import Reach
from coverage.travel.straight_line import CIRCUITY
from coverage.zones.sums import rank, summarise
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.types import Floats
from loaders.snapshot.reader import Snapshot

TIMES = (1, 2, 4, 8)
PEER_TIMES = (1, 2)
RUNS = 3
CELL_M = 100.0
SEED = 8


@dataclass(frozen=True)
class Grown:
    """One job at one size: seconds of every run and the memory it took beyond what was held before, MB."""

    job: str
    times: int
    seconds: tuple[float, ...]
    peak_mb: float | None = None

    @property
    def median(self) -> float:
        """Median seconds."""
        return float(np.median(self.seconds))


@dataclass(frozen=True, eq=False)
class GrownWorld:
    """A demand of some size: points, births, the municipality of each, and the places."""

    xy: Floats
    births: Floats
    zone: npt.NDArray[np.int32]
    sites: Floats


def grow(snapshot: Snapshot, facilities: Facilities, times: int) -> GrownWorld:
    """Every cell ``times`` times; once is the demand as it is."""
    cells, sites, births = world(snapshot, facilities)
    zone = snapshot.zone_index("municipality", 2025)
    if times == 1:
        return GrownWorld(cells, births, zone, sites)
    moved = np.random.default_rng(SEED).uniform(-CELL_M / 2, CELL_M / 2, (len(cells) * times, 2))
    moved += np.repeat(cells, times, axis=0)
    return GrownWorld(moved, np.repeat(births / times, times), np.repeat(zone, times), sites)


def jobs_of(given: GrownWorld) -> dict[str, Callable[[], Any]]:
    """What is measured, by name."""
    supply = np.ones(len(given.sites))

    def catchment(method: str) -> Any:
        pairs = straight_pairs(given.xy, given.sites, RADIUS_M)
        return floating_catchment(pairs, given.births, supply, radius=RADIUS_M, method=method)

    nearest_two = nearest(given.xy, given.sites, 2)
    distance = CIRCUITY * nearest_two.distance_m
    demand = Demand("births", 2025, given.births, float(given.births.sum()), proxy=False)
    n_zones = int(given.zone.max()) + 1

    def zones() -> Any:
        order = np.argsort(distance[:, 0], kind="stable")
        reach = Reach(distance[:, 0], distance[:, 1], nearest_two.index[:, 0], order, known=True)
        return summarise(rank(demand, reach), given.zone, n_zones, Query().reach_m)

    return {
        "nearest and second nearest": lambda: nearest(given.xy, given.sites, 2),
        "E2SFCA from coordinates, 5 km": lambda: catchment("e2sfca"),
        "3SFCA from coordinates, 5 km": lambda: catchment("3sfca"),
        "zone figures: order of distance, births in reach, mean, median, p90": zones,
    }


def measured(job: str, times: int, work: Callable[[], Any], runs: int = RUNS) -> Grown:
    """Time a job after a run that does not count, in which its memory is measured."""
    print(f"{times} ×: {job} ...", flush=True)
    before = _memory_mb("VmRSS", reset=True)
    work()
    peak = _memory_mb("VmHWM")
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return Grown(job, times, tuple(seconds), None if before is None or peak is None else peak - before)


def _memory_mb(name: str, *, reset: bool = False) -> float | None:
    """Memory of this process as Linux counts it; ``reset`` makes the highest that of now. None elsewhere."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return float(line.split()[1]) / 1e3


def exponent(grown: list[Grown]) -> float:
    """Power of the demand that the time grows with: the slope of least squares through the logarithms."""
    return float(np.polyfit([math.log(one.times) for one in grown], [math.log(one.median) for one in grown], 1)[0])


def growth_lines(snapshot: Snapshot, facilities: Facilities) -> list[str]:
    """Measure and return the part of the report."""
    ours: list[Grown] = []
    theirs: list[Grown] = []
    for times in TIMES:
        given = grow(snapshot, facilities, times)
        ours += [measured(job, times, work) for job, work in jobs_of(given).items()]
        if times in PEER_TIMES:
            theirs += peers(given, times)
        size = len(given.xy)
    names = list(dict.fromkeys(one.job for one in [*ours, *theirs]))
    rows = [_row(name, [one for one in [*ours, *theirs] if one.job == name]) for name in names]
    return [
        "## Growth with demand",
        "",
        f"1 × is all {size // TIMES[-1]:,} inhabited cells, {TIMES[-1]} × {size:,} points: every cell repeated, moved",
        "at random within its hectare, with its share of the births. Median seconds; in brackets the memory that the",
        "job took beyond its input, MB. The time grows with the demand to the power of the exponent.",
        "",
        "| job | " + " | ".join(f"{times} ×" for times in TIMES) + " | exponent |",
        "|---|" + "---|" * (len(TIMES) + 1),
        *rows,
        "",
        "GeoPandas and PySAL are measured at 1 × and 2 ×; both PySAL and nabij beside it are given the pairs, so that",
        "finding them does not count there.",
        "",
    ]


def peers(given: GrownWorld, times: int) -> list[Grown]:
    """GeoPandas's nearest and PySAL's E2SFCA on the same points."""
    left = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*given.xy.T, crs="EPSG:31370"))
    right = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*given.sites.T, crs="EPSG:31370"))
    name = "GeoPandas sjoin_nearest: nearest only"
    rows = [measured(name, times, lambda: gpd.sjoin_nearest(left, right, distance_col="metres"), runs=1)]
    if not PEERS.exists():
        return rows
    pairs = straight_pairs(given.xy, given.sites, RADIUS_M)
    supply = np.ones(len(given.sites))
    steps = {share * RADIUS_M: weight for share, weight in LUO_QI_STEPS}
    with tempfile.TemporaryDirectory() as folder:
        write_pairs(Path(folder), pairs, given.births, supply, steps)
        beside = beside_method(Path(folder), "e2sfca", pairs, given.births, supply, steps, runs=2)
    return [
        *rows,
        Grown("nabij: E2SFCA of the same pairs", times, beside.ours.seconds, beside.ours.peak_mb),
        Grown(f"PySAL access {beside.version}: E2SFCA of the same pairs", times, beside.theirs.seconds),
    ]


def _row(name: str, grown: list[Grown]) -> str:
    by_times = {one.times: one for one in grown}
    cells = []
    for times in TIMES:
        one = by_times.get(times)
        peak = "" if one is None or one.peak_mb is None else f" ({one.peak_mb:,.0f})"
        cells.append("" if one is None else f"{one.median:.3f}{peak}")
    return f"| {name} | {' | '.join(cells)} | {exponent(grown):.2f} |"


if __name__ == "__main__":
    from loaders.lists.facilities.facility_choice import load_facilities

    embedded = Snapshot()
    print("\n".join(growth_lines(embedded, load_facilities(embedded, "illustrative"))))
