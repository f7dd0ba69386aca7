"""Time the whole job as users of pandana do it offline: an extract read by pyrosm, its graph, its contraction, the nearest.

Usage: python extract.py EXTRACT FOLDER RUNS, with sites.parquet (lon, lat) in FOLDER. Runs in benchmarks/.peers. Writes
extract.json: seconds of every run by step after one that does not count, nodes and edges of the walk graph, and the
median metres from a node to its nearest site.
"""

import contextlib
import io
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pyrosm

FAR = 100_000


def once(extract, sites):
    start = time.perf_counter()
    osm = pyrosm.OSM(extract)
    nodes, edges = osm.get_network(network_type="walking", nodes=True)
    read = time.perf_counter()
    network = osm.to_graph(nodes, edges, graph_type="pandana")
    network.set_pois("site", FAR, 2, sites["lon"], sites["lat"])
    made = time.perf_counter()
    nearest = network.nearest_pois(FAR, "site", num_pois=2)
    asked = time.perf_counter()
    size = len(network.nodes_df), len(network.edges_df)
    return (read - start, made - read, asked - made), size, float(nearest[1].median())


def main():
    extract, folder, runs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    warnings.simplefilter("ignore")
    sites = pd.read_parquet(folder / "sites.parquet")
    with contextlib.redirect_stdout(io.StringIO()):
        every = [once(extract, sites) for _ in range(runs + 1)][1:]
    read, made, asked = zip(*(seconds for seconds, _, _ in every), strict=True)
    told = {"read": read, "made": made, "asked": asked, "size": every[-1][1], "median_m": every[-1][2]}
    told["version"] = f"pyrosm {version('pyrosm')} + pandana {version('pandana')}"
    (folder / "extract.json").write_text(json.dumps(told))


main()
