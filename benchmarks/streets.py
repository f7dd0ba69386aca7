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
from scipy.spatial import cKDTree

from benchmarks.measure import MeasuredJob, measure, table
from coverage.core.reach import coordinates
from coverage.travel.extracts.cost_raster import RasterTravel, land_of
from coverage.travel.extracts.network import NetworkTravel, build_network
from coverage.travel.extracts.osm import STEP_M, Roads, read_roads
from coverage.travel.graph import Starts, cheapest, nearest_labels
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.projection import to_lonlat
from loaders.snapshot.reader import Snapshot

HERE = Path(__file__).resolve().parent
PEERS = HERE / ".peers" / "bin" / "python"
PEER = HERE / "peers" / "streets.py"
WHOLE = HERE / "peers" / "extract.py"
ROADS = HERE.parent.parent / "shared" / "opendata" / "network" / "roads"
EXTRACT = ROADS / "antwerp_2014-10.osm.pbf"
OTHERS = (ROADS / "kempen-highways.osm.pbf", ROADS / "lebbeke.osm")
"""Other regions, to see that what holds in Antwerp is no accident."""
SITES = 50
PEER_RUNS = 3
TARGET = 50
"""Times as fast as pandana, for the whole job from the extract."""


@dataclass(frozen=True)
class BesideStreets:
    """Ours and theirs from the same arrays of nodes and edges to the nearest site of every node.

    Attributes
    ----------
    region : name of the extract
    ours, theirs : making the graph ready (for pandana its contraction) and putting sites on it included
    asked : theirs without making the graph ready
    ours_asked : ours without it
    difference : largest difference of a distance, metres
    """

    region: str
    ours: MeasuredJob
    ours_asked: MeasuredJob
    theirs: MeasuredJob
    asked: MeasuredJob
    difference: float


def street_lines(snapshot: Snapshot, facilities: Facilities) -> list[str]:
    """Measure the travel models and return their part of the report."""
    jobs = [*raster_jobs(snapshot, facilities)]
    if not EXTRACT.is_file():
        print("The OpenStreetMap extract of Antwerp is not there; streets are left out.")
        return ["## Travel models", "", *table(jobs), ""]
    jobs += extract_jobs(snapshot)
    lines = ["## Travel models", "", *table(jobs), ""]
    if not PEERS.exists():
        print("pandana and networkx are not installed in benchmarks/.peers; left out.")
        return lines
    regions = [beside_peers(read_roads(EXTRACT), ("pandana", "networkx"))]
    regions += [beside_peers(read_roads(path), ("pandana",)) for path in OTHERS if path.is_file()]
    return [*lines, *whole_lines(), *[line for beside in regions for line in _array_lines(beside)]]


def _array_lines(beside: list[BesideStreets]) -> list[str]:
    if not beside:
        return []
    return [
        f"## Streets beside peers, from the same arrays: nearest of {SITES}, walk graph of {beside[0].region}",
        "",
        *table([result for pair in beside for result in (pair.theirs, pair.asked)]),
        *table([beside[0].ours, beside[0].ours_asked])[2:],
        "",
        *[_told(pair) for pair in beside],
        "",
        "All are given the same nodes and edges in memory; reading the extract does not count. Pandana and nabij find",
        "the second nearest too, networkx does not.",
        "",
    ]


def _told(pair: BesideStreets) -> str:
    whole = pair.theirs.median / pair.ours.median
    alone = pair.asked.median / pair.ours_asked.median
    peer = pair.theirs.job.partition(":")[0]
    judged = peer.startswith("pandana") and EXTRACT.name.startswith(pair.region)
    target = f" (target: {TARGET} ×, {'kept' if whole >= TARGET else '**not kept**'})" if judged else ""
    return (
        f"- {peer}: nabij is {whole:.0f} × as fast with the graph made ready{target}, "
        f"{alone:.0f} × for the question alone; distances differ by at most {pair.difference:.1g} m."
    )


def whole_lines() -> list[str]:
    """The whole job, each by its own way: from the extract on disk to the nearest of every node."""
    network = build_network(read_roads(EXTRACT), "walk")
    sites = _sites(network.xy)

    def ours() -> Any:
        roads = read_roads(EXTRACT)
        built = build_network(roads, "walk")
        return built, _nearest(built.graph, built.xy, sites)

    result = measure(f"nabij: extract of Antwerp to nearest of {SITES}, {len(network.xy):,} nodes", ours, 1.0)
    with tempfile.TemporaryDirectory() as folder:
        lonlat = to_lonlat(sites)
        pd.DataFrame(lonlat, columns=["lon", "lat"]).to_parquet(Path(folder) / "sites.parquet")
        told = _run("pyrosm and pandana", [str(WHOLE), str(EXTRACT), folder, str(PEER_RUNS)], Path(folder), "extract")
    if told is None:
        return []
    steps = [told["read"], told["made"], told["asked"]]
    peer = MeasuredJob(
        f"{told['version']}: the same, {told['size'][0]:,} nodes",
        tuple(sum(run) for run in zip(*steps, strict=True)),
    )
    read, made, asked = (float(np.median(step)) for step in steps)
    ratio = peer.median / result.median
    median = float(np.median(ours()[1][np.flatnonzero(network.usable)]))
    return [
        f"## The whole job beside pandana: extract of Antwerp on disk to the nearest of {SITES} for every node",
        "",
        *table([result, peer]),
        "",
        f"- nabij is {ratio:.1f} × as fast. The target of {TARGET} × is for the same graph (next table): here most of",
        "  ours is reading the extract, and the graphs differ.",
        f"- Inside theirs: reading and splitting the streets {read:.3f} s, graph, contraction and sites {made:.3f} s,",
        f"  nearest two {asked:.3f} s. Inside ours: reading for all three modes, the walk graph with its islands and",
        "  covered area, sites put on it, nearest two. Loading the libraries counts for neither.",
        "- Each reads by its own rules, so the graphs differ: pandana's has only crossings, nabij's all bends and",
        f"  a node every {STEP_M:.0f} m. Median metres from a node to its nearest site: {median:,.0f} (nabij),",
        f"  {told['median_m']:,.0f} (pandana).",
        "",
    ]


def _nearest(graph: Any, xy: Any, sites: Any) -> Any:
    """Put sites on the graph and find the nearest of every node, metres."""
    node = np.asarray(cKDTree(xy, balanced_tree=False, compact_nodes=False).query(sites)[1], dtype=np.intp)
    return nearest_labels(graph, Starts(np.arange(len(sites)), node, np.zeros(len(sites))), len(sites), 2)[0][:, 0]


def raster_jobs(snapshot: Snapshot, facilities: Facilities) -> list[MeasuredJob]:
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


def extract_jobs(snapshot: Snapshot) -> list[MeasuredJob]:
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


def beside_peers(roads: Roads, peers: tuple[str, ...]) -> list[BesideStreets]:
    """Nearest site of every node with nabij and its peers, from the same arrays."""
    network = build_network(roads, "walk")
    sites = _sites(network.xy)
    edges = network.graph.tocoo()
    tail, head, length = edges.row.astype(np.int64), edges.col.astype(np.int64), edges.data
    node = np.asarray(cKDTree(network.xy).query(sites)[1], dtype=np.intp)
    starts = Starts(np.arange(SITES), node, np.zeros(SITES))

    def asked() -> Any:
        return nearest_labels(network.graph, starts, SITES, 2)[0][:, 0]

    def whole() -> Any:
        return _nearest(cheapest(tail, head, length, len(network.xy)), network.xy, sites)

    size = f"{len(network.xy):,} nodes, {len(tail):,} edges"
    ours = measure(f"nabij: graph and nearest, {size}", whole)
    ours_asked = measure("nabij: nearest only", asked)
    region = roads.name.partition(".")[0]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), network, node)
        for peer in peers:
            told = _run(peer, [str(PEER), folder, peer, str(PEER_RUNS)], Path(folder), peer)
            if told is None:
                continue
            theirs = pd.read_parquet(Path(folder) / f"{peer}.parquet")["metres"].to_numpy()
            metres = asked()
            both = np.isfinite(metres) & np.isfinite(theirs) & (metres < 99_000)
            name = f"{peer} {told['version']}"
            seconds = tuple(a + b for a, b in zip(told["made"], told["asked"], strict=True))
            theirs_whole = MeasuredJob(f"{name}: graph and nearest", seconds)
            theirs_asked = MeasuredJob(f"{name}: nearest only", tuple(told["asked"]))
            difference = float(np.abs(metres[both] - theirs[both]).max())
            rows.append(BesideStreets(region, ours, ours_asked, theirs_whole, theirs_asked, difference))
    return rows


def _write(folder: Path, network: Any, node: Any) -> None:
    """Write edges in the direction of the search, so that all answer the same question."""
    edges = network.graph.tocoo()
    pd.DataFrame(network.xy, columns=["x", "y"]).to_parquet(folder / "nodes.parquet")
    pd.DataFrame({"tail": edges.row, "head": edges.col, "metres": edges.data}).to_parquet(folder / "edges.parquet")
    pd.DataFrame({"node": node}).to_parquet(folder / "sites.parquet")


def _run(peer: str, arguments: list[str], folder: Path, name: str) -> Any:
    """What a peer told in its file; None, saying so, where it does not run."""
    print(f"{peer} ...", flush=True)
    done = subprocess.run([str(PEERS), *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{peer} does not run here: {done.stderr.strip().splitlines()[-1:]}; left out.")
        return None
    return json.loads((folder / f"{name}.json").read_text())


if __name__ == "__main__":
    from loaders.lists.facilities.facility_choice import load_facilities

    embedded = Snapshot()
    print("\n".join(street_lines(embedded, load_facilities(embedded, "illustrative"))))
