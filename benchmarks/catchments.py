"""Floating catchments and the probability of a gap against their targets, and beside PySAL's ``access``."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import MeasuredJob, measure
from coverage.access.catchment import floating_catchment
from coverage.access.decay import LUO_QI_STEPS
from coverage.access.od_pairs import CostPairs, straight_pairs
from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.core.reach import coordinates
from coverage.zones.uncertainty import simulate, uncertain_cells
from loaders.catalogue.facilities import Facilities
from loaders.snapshot.reader import Snapshot

RADIUS_M = 5000.0
PEERS = Path(__file__).resolve().parent / ".peers" / "bin" / "python"
PEER = Path(__file__).resolve().parent / "peers" / "pysal_access.py"
PEER_RUNS = 5
METHODS = ("2sfca", "e2sfca", "3sfca")


@dataclass(frozen=True)
class BesidePeer:
    """Ours and theirs on the same pairs, and the largest relative difference of the scores."""

    ours: MeasuredJob
    theirs: MeasuredJob
    difference: float
    version: str

    @property
    def method(self) -> str:
        """Name of the method, such as E2SFCA."""
        return self.theirs.job.rpartition(" ")[2]

    @property
    def ratio(self) -> float:
        """How many times as fast nabij is."""
        return self.theirs.median / self.ours.median


def catchment_jobs(snapshot: Snapshot, facilities: Facilities) -> list[MeasuredJob]:
    """Catchments from coordinates to scores, over all inhabited cells."""
    cells, sites, births = world(snapshot, facilities)
    supply = np.ones(len(sites))

    def job(points: Any, demand: Any, method: str) -> Callable[[], Any]:
        return lambda: floating_catchment(
            straight_pairs(points, sites, RADIUS_M), demand, supply, radius=RADIUS_M, method=method
        )

    return [
        measure(
            f"{method.upper()} from coordinates, {len(cells):,} cells × {len(sites)} sites, 5 km",
            job(cells, births, method),
            2.0 if method == "e2sfca" else None,
        )
        for method in (*METHODS, "bfca")
    ]


def probability_jobs(snapshot: Snapshot, facilities: Facilities) -> list[MeasuredJob]:
    """200 draws for all Flanders and Brussels, what is reused included."""
    engine = Engine(snapshot)
    bureaus = facilities.of_service("bureau")
    demand, reach = engine.demand(), engine.reach(bureaus, Query())
    cells = uncertain_cells(snapshot, demand, reach, bureaus)

    def draw(level: str, within: float) -> Callable[[], Any]:
        query = Query(level=level)
        index = snapshot.zone_index(level, query.held_vintage)
        n = len(snapshot.zones(level))
        return lambda: simulate(cells, index, n, within_m=within, min_share=0.5, draws=200)

    return [
        measure(
            "what draws reuse: cells, blocks, directions", lambda: uncertain_cells(snapshot, demand, reach, bureaus)
        ),
        measure("200 draws, municipalities, on foot", draw("municipality", 1200.0), 10.0, runs=3),
        measure("200 draws, municipalities, by bike", draw("municipality", 3750.0), 10.0, runs=3),
        measure("200 draws, 9,879 sectors, on foot", draw("sector", 1200.0), 10.0, runs=3),
        measure("200 draws, 9,879 sectors, by bike", draw("sector", 3750.0), 10.0, runs=3),
    ]


def beside_pysal(snapshot: Snapshot, facilities: Facilities) -> list[BesidePeer]:
    """2SFCA, E2SFCA and 3SFCA on the same pairs as PySAL's ``access``; nothing where it is not installed."""
    if not PEERS.exists():
        print("PySAL access is not installed in benchmarks/.peers; left out.")
        return []
    cells, sites, births = world(snapshot, facilities)
    pairs = straight_pairs(cells, sites, RADIUS_M)
    supply = np.linspace(100, 900, len(sites))
    steps = {share * RADIUS_M: weight for share, weight in LUO_QI_STEPS}
    with tempfile.TemporaryDirectory() as folder:
        write_pairs(Path(folder), pairs, births, supply, steps)
        return [beside_method(Path(folder), method, pairs, births, supply, steps) for method in METHODS]


def world(snapshot: Snapshot, facilities: Facilities) -> tuple[Any, Any, Any]:
    """Inhabited cells, places of bureaus, and births by cell."""
    sites = coordinates(facilities.of_service("bureau").reachable())
    return snapshot.grid.xy, sites, Engine(snapshot).demand().births


def write_pairs(folder: Path, pairs: CostPairs, births: Any, supply: Any, steps: dict[float, float]) -> None:
    """Write what the peer reads."""
    pd.DataFrame({"geoid": np.arange(len(births)), "births": births}).to_parquet(folder / "demand.parquet")
    pd.DataFrame({"geoid": np.arange(len(supply)), "hours": supply}).to_parquet(folder / "supply.parquet")
    frame = pd.DataFrame({"origin": pairs.demand, "dest": pairs.facility, "cost": pairs.cost})
    frame.to_parquet(folder / "pairs.parquet")
    (folder / "settings.json").write_text(json.dumps({"radius": RADIUS_M, "steps": steps}))


def beside_method(
    folder: Path,
    method: str,
    pairs: CostPairs,
    births: Any,
    supply: Any,
    steps: dict[float, float],
    runs: int = PEER_RUNS,
) -> BesidePeer:
    """Run both; ours takes the pairs as a sparse matrix, theirs as a table, neither counts reading them."""
    decay = {RADIUS_M: 1.0} if method == "2sfca" else steps
    cost = pairs.matrix()

    def ours() -> Any:
        return floating_catchment(cost, births, supply, radius=RADIUS_M, decay=decay, method=method)

    result = measure(f"nabij: {method.upper()}, {len(pairs):,} pairs", ours)
    print(f"PySAL access: {method} ...", flush=True)
    done = subprocess.run(
        [str(PEERS), str(PEER), str(folder), method, str(runs)],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    theirs = pd.read_parquet(folder / f"{method}.parquet").set_index("geoid")["score"]
    scores = ours()[theirs.index.to_numpy()]
    difference = float(np.nanmax(np.abs(theirs.to_numpy() / scores - 1)))
    peer = MeasuredJob(f"PySAL access {told['version']}: {method.upper()}", tuple(told["seconds"]))
    return BesidePeer(result, peer, difference, told["version"])
