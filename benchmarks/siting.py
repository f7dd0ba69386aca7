"""Siting against its targets: published and new instances, all Flanders, and beside spopt with the same solver."""

from __future__ import annotations

import json
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.measure import RUNS, MeasuredJob, measure, table
from benchmarks.siting_beside import beside_lines
from coverage.access.od_pairs import straight_pairs
from coverage.analysis import Engine
from coverage.core.points import demand_points
from coverage.core.query import Query
from coverage.siting import SitingResult, facility_location, mclp, p_center, p_median
from coverage.siting.planning.joint_siting import CoLocation, propose_joint
from coverage.siting.planning.question.request import SitingRequest
from coverage.travel.straight_line import CIRCUITY
from coverage.validation.checks import find_bench
from coverage.validation.orlib import random_pmed, read_pmed, read_single_source, read_tsplib
from coverage.zones.areas import area_cells
from loaders.catalogue.regions.levels import default_vintage
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

PEERS = Path(__file__).resolve().parent / ".peers" / "bin" / "python"
PEER = Path(__file__).resolve().parent / "peers" / "spopt_siting.py"
PEER_RUNS = 1
"""Theirs takes minutes to build a model of 17 million pairs, so it runs once; ours is the median of `RUNS`."""
RADII_M = (1200.0, 3750.0)
FIXED, NEW, CANDIDATES = 300, 10, 1500
PROVINCE, PROVINCE_FIXED, PROVINCE_CANDIDATES = "limburg", 60, 300
"""At 3,750 m all Flanders is too much for the model of spopt; one province with fewer candidates is not."""
FAMILY = (
    (300, 5),
    (300, 10),
    (300, 30),
    (300, 60),
    (300, 100),
    (400, 5),
    (400, 10),
    (400, 40),
    (400, 80),
    (400, 133),
    (800, 10),
    (900, 5),
)
SINGLE_SOURCE = ("holmberg_p1", "holmberg_p2", "delmaire_p1")
TSPLIB = (("rl1304", (5, 10, 20, 100, 500)), ("fl1400", (50,)), ("u1432", (100,)))
OUT_OF_REACH_M = 1e9


@dataclass(frozen=True)
class BesideSpopt:
    """Ours and theirs on the same problem: seconds of building and solving apart, and the objectives."""

    problem: str
    ours: tuple[float, float]
    theirs: tuple[float, float]
    objectives: tuple[float, float]
    version: str

    @property
    def ratios(self) -> tuple[float, float, float]:
        """How many times as fast nabij builds, solves, and does both."""
        return self.theirs[0] / self.ours[0], self.theirs[1] / self.ours[1], sum(self.theirs) / sum(self.ours)


def flanders(snapshot: Snapshot, radius: float) -> tuple[Any, Any]:
    """Travel distances of all sectors with births to 300 fixed sites and 1,500 candidates, and the births."""
    points = demand_points(snapshot, Engine(snapshot).demand(), "sector")
    sites = np.random.default_rng(1).permutation(len(points.births))[: FIXED + CANDIDATES]
    return straight_pairs(points.xy, points.xy[sites], radius, CIRCUITY).matrix(), points.births


def province(snapshot: Snapshot, radius: float) -> tuple[Any, Any]:
    """The same for the sectors of one province, to 60 fixed sites and 300 candidates."""
    engine = Engine(snapshot)
    inside = area_cells(engine.territory, (("province", PROVINCE),), default_vintage())
    points = demand_points(snapshot, engine.demand(), "sector", inside)
    sites = np.random.default_rng(1).permutation(len(points.births))[: PROVINCE_FIXED + PROVINCE_CANDIDATES]
    return straight_pairs(points.xy, points.xy[sites], radius, CIRCUITY).matrix(), points.births


def flanders_jobs(snapshot: Snapshot) -> list[MeasuredJob]:
    """Ten new sites among 1,500 candidates with 300 fixed: model building and proof together."""
    jobs = []
    for radius in RADII_M:
        cost, births = flanders(snapshot, radius)

        def solve(cost: Any = cost, births: Any = births, radius: float = radius) -> Any:
            result = mclp(cost, births, radius, FIXED + NEW, fixed=range(FIXED))
            if not result.optimal:
                raise RuntimeError("The answer for Flanders was not proven optimal.")
            return result

        jobs.append(measure(f"MCLP, {len(births):,} sectors, {NEW} new of {CANDIDATES:,}, {radius:,.0f} m", solve, 2.0))
    return jobs


def family_rows() -> list[str]:
    """Time to the proof of the OR-Library instances and of new ones of the same family."""
    rows = ["| instance | n | p | p-median | s | p-center | s | target |", "|---|---|---|---|---|---|---|---|"]
    bench = find_bench()
    for k in range(1, 11):
        file = None if bench is None else bench / "orlib_pmed" / f"pmed{k}.txt"
        if file is not None and file.is_file():
            rows.append(_family_row(f"pmed{k}", *read_pmed(file), 60.0))
    for k in range(11, 26):
        file = None if bench is None else bench / "orlib_pmed_large" / f"pmed{k}.txt"
        if file is not None and file.is_file():
            rows.append(_family_row(f"pmed{k}", *read_pmed(file), 60.0))
    rows += [_family_row("new", random_pmed(n, seed=1), p, 120.0) for n, p in FAMILY]
    return rows


def other_rows() -> list[str]:
    """Single-source location and points of TSPLIB: answer, gap, build, solve and memory of the process so far."""
    rows = [
        "| instance | n | p | answer | gap | builds, s | solves, s | MB | target |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    bench = find_bench()
    if bench is None:
        return rows
    for name in SINGLE_SOURCE:
        given = read_single_source(bench / "sscflp" / f"{name}.txt")
        result = facility_location(
            given.cost, given.demand, opening_cost=given.opening, capacity=given.capacity, single_source=True
        )
        rows.append(_other_row(name, len(given.demand), "", result, "proven, ≤ 10 s"))
    for name, counts in TSPLIB:
        cost = read_tsplib(bench / "tsplib" / f"{name}.tsp")
        for p in counts:
            print(f"{name}, p = {p} ...", flush=True)
            result = p_median(cost, np.ones(len(cost)), p, time_limit=600.0)
            rows.append(_other_row(name, len(cost), str(p), result, "gap ≤ 0.1 % in 600 s"))
    return rows


def _other_row(name: str, n: int, p: str, result: SitingResult, target: str) -> str:
    solving = result.seconds - result.build_seconds
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gap = "proven" if result.optimal else f"{result.gap:.3%}"
    return (
        f"| {name} | {n:,} | {p} | {result.objective:,.0f} | {gap} | {result.build_seconds:.2f} | {solving:.2f} "
        f"| {memory:,.0f} | {target} |"
    )


def _family_row(name: str, cost: Any, p: int, limit: float) -> str:
    print(f"{name}, n = {len(cost)}, p = {p} ...", flush=True)
    told = []
    for result in (p_median(cost, np.ones(len(cost)), p, time_limit=limit), p_center(cost, p, time_limit=limit)):
        worth = f"{result.objective:,.0f}" if result.optimal else f"{result.objective:,.0f} (gap {result.gap:.2%})"
        told += [worth, f"{result.seconds:.2f}"]
    return f"| {name} | {len(cost)} | {p} | {' | '.join(told)} | ≤ {limit:.0f} s |"


def beside_spopt(snapshot: Snapshot) -> list[BesideSpopt]:
    """Maximal covering for Flanders and for one province, and a p-median; nothing where spopt is not installed."""
    if not PEERS.exists():
        print("spopt is not installed in benchmarks/.peers; left out.")
        return []
    rows = []
    for name, problem, fixed, radius in (
        ("Flanders", flanders, FIXED, RADII_M[0]),
        (PROVINCE.capitalize(), province, PROVINCE_FIXED, RADII_M[1]),
    ):
        cost, births = problem(snapshot, radius)
        settings = {"kind": "mclp", "radius": radius, "p": fixed + NEW, "fixed": list(range(fixed)), "limit": 300}
        size = f"{cost.shape[0]:,} × {cost.shape[1]:,}"
        rows.append(_beside(f"MCLP {name}, {radius:,.0f} m, {size}", cost, births, settings))
    for n, p in ((100, 10),):
        settings = {"kind": "p-median", "p": p, "fixed": [], "limit": 300}
        rows.append(_beside(f"p-median, n = {n}, p = {p}", random_pmed(n, seed=2), np.ones(n), settings))
    return rows


def _beside(problem: str, cost: Any, weights: Any, settings: dict[str, Any]) -> BesideSpopt:
    """Run both; theirs takes a dense matrix, which is made beforehand and not counted."""
    print(f"spopt: {problem} ...", flush=True)
    dense = _dense(cost)
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "problem.npz", cost=dense, weights=weights)
        (Path(folder) / "settings.json").write_text(json.dumps(settings))
        done = subprocess.run(
            [str(PEERS), str(PEER), folder, str(PEER_RUNS)], cwd=folder, check=True, capture_output=True, text=True
        )
    told = json.loads(done.stdout.strip().splitlines()[-1])
    building, solving, worth = [], [], 0.0
    for _ in range(RUNS):
        start = time.perf_counter()
        result = (
            mclp(cost, weights, settings["radius"], settings["p"], fixed=settings["fixed"])
            if settings["kind"] == "mclp"
            else p_median(cost, weights, settings["p"])
        )
        total = time.perf_counter() - start
        building.append(result.build_seconds)
        solving.append(total - result.build_seconds)
        worth = result.objective
    ours = (float(np.median(building)), float(np.median(solving)))
    theirs = (float(np.median(told["building"])), float(np.median(told["solving"])))
    return BesideSpopt(problem, ours, theirs, (worth, abs(told["objective"])), told["version"])


def _dense(cost: Any) -> Any:
    matrix: Any = cost
    if not sparse.issparse(cost):
        return matrix
    pairs = matrix.tocoo()
    dense = np.full(pairs.shape, OUT_OF_REACH_M)
    dense[pairs.row, pairs.col] = pairs.data
    return dense


def together_jobs(snapshot: Snapshot) -> list[MeasuredJob]:
    """Ten bureaus and five houses for all Flanders on at most eight new addresses, proven."""
    engine, facilities = Engine(snapshot), load_facilities(snapshot, "illustrative")
    company = CoLocation(service="house", add=5, new_addresses=8)

    def solve() -> Any:
        proposal = propose_joint(
            engine, Query(), facilities, SitingRequest(add=NEW, candidates="neighbourhood"), company
        )
        if not proposal.result.optimal:
            raise RuntimeError("The answer for two services was not proven optimal.")
        return proposal

    return [measure("10 bureaus and 5 houses on 8 new addresses, Flanders, wijken", solve, 60.0, runs=1)]


def siting_lines(snapshot: Snapshot) -> list[str]:
    """The part of the report about siting."""
    jobs = [*flanders_jobs(snapshot), *together_jobs(snapshot)]
    lines = ["", "## Siting", "", *table(jobs), "", *family_rows(), "", *other_rows(), ""]
    lines.append("Every answer without a gap beside it is proven optimal.")
    lines += beside_lines()
    peers = beside_spopt(snapshot)
    if not peers:
        return [*lines, ""]
    lines += [
        "",
        "### Beside spopt, same problems, same run, same solver (HiGHS)",
        "",
        "| problem | nabij builds, s | solves, s | spopt builds, s "
        "| solves, s | builds × | solves × | both × | objectives |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for peer in peers:
        ratios = " | ".join(f"{ratio:,.0f}" for ratio in peer.ratios)
        seconds = " | ".join(f"{value:.3f}" for value in (*peer.ours, *peer.theirs))
        lines.append(
            f"| {peer.problem} | {seconds} | {ratios} | {peer.objectives[0]:,.3f} / {peer.objectives[1]:,.3f} |"
        )
    return [*lines, "", f"spopt {peers[0].version}. Objectives are the births covered or the weighted distance.", ""]


def main() -> None:
    """Print the part of the report about siting."""
    print("\n".join(siting_lines(Snapshot())))


if __name__ == "__main__":
    main()
