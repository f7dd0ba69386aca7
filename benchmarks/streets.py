"""Travel models against their targets, and the street network beside pandana and networkx on the same graph."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import Result, measure, table
from coverage.friction import RasterTravel, land_of
from coverage.graph import Starts, nearest_labels
from coverage.network import NetworkTravel, build_network
from coverage.osm import Roads, read_roads
from coverage.reach import coordinates
from loaders.facilities import Facilities
from loaders.snapshot import Snapshot

HERE = Path(__file__).resolve().parent
PEERS = HERE / ".peers" / "bin" / "python"
PEER = HERE / "peers" / "streets.py"
EXTRACT = HERE.parent.parent / "shared" / "opendata" / "network" / "roads" / "antwerp_2014-10.osm.pbf"
SITES = 50
PEER_RUNS = 3


@dataclass(frozen=True)
class BesideStreets:
    """Ours and theirs from the same edges to the nearest site of every node.

    Attributes
    ----------
    ours, theirs : graph made ready included
    asked : theirs without making the graph ready
    ours_asked : ours without it
    difference : largest difference of a distance, metres
    """

    ours: Result
    ours_asked: Result
    theirs: Result
    asked: Result
    difference: float


def street_lines(snapshot: Snapshot, facilities: Facilities) -> list[str]:
    """Measure the travel models and return their part of the report."""
    jobs = [*raster_jobs(snapshot, facilities)]
    beside: list[BesideStreets] = []
    if EXTRACT.is_file():
        jobs += extract_jobs(snapshot)
        beside = beside_peers(read_roads(EXTRACT))
    else:
        print("The OpenStreetMap extract of Antwerp is not there; streets are left out.")
    lines = ["## Travel models", "", *table(jobs), ""]
    if beside:
        lines += [
            f"## Streets beside pandana and networkx: nearest of {SITES}, the same walk graph of Antwerp, same run",
            "",
            *table([result for pair in beside for result in (pair.theirs, pair.asked)]),
            *table([beside[0].ours, beside[0].ours_asked])[2:],
            "",
            *[_told(pair) for pair in beside],
            "",
            "All start from the same arrays of nodes and edges; reading the extract does not count. Pandana and nabij",
            "find the second nearest too, networkx does not.",
            "",
        ]
    return lines


def _told(pair: BesideStreets) -> str:
    whole = pair.theirs.median / pair.ours.median
    alone = pair.asked.median / pair.ours_asked.median
    target = " (target: 50 ×)" if pair.theirs.job.startswith("pandana") else ""
    return (
        f"- {pair.theirs.job.partition(':')[0]}: nabij is {whole:.0f} × as fast with the graph made ready{target}, "
        f"{alone:.0f} × for the question alone; distances differ by at most {pair.difference:.1g} m."
    )


def raster_jobs(snapshot: Snapshot, facilities: Facilities) -> list[Result]:
    """The model ``raster`` for all inhabited cells."""
    sites = coordinates(facilities.of_service("bureau").reachable())
    cells = snapshot.grid.xy
    land = land_of(snapshot, "walk")
    travel = RasterTravel(land, {}, snapshot.grid)
    return [
        measure("raster: land and graph of all Flanders", lambda: land_of(snapshot, "walk").graph, runs=3),
        measure(
            f"raster: nearest and second nearest, {len(cells):,} cells × {len(sites)} sites",
            lambda: travel(cells, sites, 2),
            runs=3,
        ),
    ]


def extract_jobs(snapshot: Snapshot) -> list[Result]:
    """From the bytes of an extract to distances of the cells it covers."""
    roads = read_roads(EXTRACT)
    west, south, east, north = roads.bounds
    cells = snapshot.grid.xy
    cells = cells[(cells[:, 0] > west) & (cells[:, 0] < east) & (cells[:, 1] > south) & (cells[:, 1] < north)]
    sites = _sites(build_network(roads, "walk").xy)

    def whole(mode: str) -> Any:
        return NetworkTravel(build_network(read_roads(EXTRACT), mode))(cells, sites, 2)

    n = f"{len(cells):,} cells × {SITES} sites"
    return [
        measure(f"network: extract of Antwerp to walk graph, nearest and second, {n}", lambda: whole("walk"), 1.0),
        measure("the same by bike", lambda: whole("bike"), 1.0),
        measure("the same by car", lambda: whole("car"), 1.0),
    ]


def _sites(xy: Any) -> Any:
    return xy[np.random.default_rng(1).choice(len(xy), SITES, replace=False)]


def beside_peers(roads: Roads) -> list[BesideStreets]:
    """Nearest site of every node with nabij, pandana and networkx; nothing where they are not installed."""
    if not PEERS.exists():
        print("pandana and networkx are not installed in benchmarks/.peers; left out.")
        return []
    network = build_network(roads, "walk")
    node = np.random.default_rng(1).choice(len(network.xy), SITES, replace=False)
    starts = Starts(np.arange(SITES), node, np.zeros(SITES))

    def asked() -> Any:
        return nearest_labels(network.graph, starts, SITES, 2)[0][:, 0]

    def whole() -> Any:
        return nearest_labels(build_network(roads, "walk").graph, starts, SITES, 2)[0][:, 0]

    size = f"{len(network.xy):,} nodes, {network.graph.nnz:,} edges"
    ours = measure(f"nabij: graph and nearest, {size}", whole)
    ours_asked = measure("nabij: nearest only", asked)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), network, node)
        for peer in ("pandana", "networkx"):
            told = _ask(Path(folder), peer)
            if told is None:
                continue
            theirs = pd.read_parquet(Path(folder) / f"{peer}.parquet")["metres"].to_numpy()
            metres = asked()
            both = np.isfinite(metres) & np.isfinite(theirs) & (metres < 99_000)
            found.append(
                BesideStreets(
                    ours,
                    ours_asked,
                    Result(
                        f"{peer} {told['version']}: graph and nearest",
                        tuple(a + b for a, b in zip(told["made"], told["asked"], strict=True)),
                    ),
                    Result(f"{peer} {told['version']}: nearest only", tuple(told["asked"])),
                    float(np.abs(metres[both] - theirs[both]).max()),
                )
            )
    return found


def _write(folder: Path, network: Any, node: Any) -> None:
    """Write edges in the direction of the search, so that all answer the same question."""
    edges = network.graph.tocoo()
    pd.DataFrame(network.xy, columns=["x", "y"]).to_parquet(folder / "nodes.parquet")
    pd.DataFrame({"tail": edges.row, "head": edges.col, "metres": edges.data}).to_parquet(folder / "edges.parquet")
    pd.DataFrame({"node": node}).to_parquet(folder / "sites.parquet")


def _ask(folder: Path, peer: str) -> Any:
    """Seconds of a peer; None, saying so, where it does not run."""
    print(f"{peer} ...", flush=True)
    command = [str(PEERS), str(PEER), str(folder), peer, str(PEER_RUNS)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{peer} does not run here: {done.stderr.strip().splitlines()[-1:]}; left out.")
        return None
    return json.loads((folder / f"{peer}.json").read_text())


if __name__ == "__main__":
    from loaders.facilities import load_facilities

    embedded = Snapshot()
    print("\n".join(street_lines(embedded, load_facilities(embedded, "illustrative"))))
