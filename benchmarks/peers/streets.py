"""Time pandana and networkx on a street graph that nabij wrote; runs in benchmarks/.peers, in a folder of its own.

Usage: python streets.py FOLDER pandana|networkx RUNS, with nodes.parquet (x, y), edges.parquet (tail, head, metres) and
sites.parquet (node) in FOLDER. Writes PEER.parquet (metres to the nearest site, by node) and prints the seconds of every
run: making the graph ready, and the question itself.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

FAR = 100_000


def with_pandana(nodes, edges, sites):
    import pandana

    start = time.perf_counter()
    network = pandana.Network(nodes["x"], nodes["y"], edges["tail"], edges["head"], edges[["metres"]], twoway=False)
    network.set_pois("site", FAR, 2, nodes["x"].iloc[sites], nodes["y"].iloc[sites])
    ready = time.perf_counter()
    nearest = network.nearest_pois(FAR, "site", num_pois=2)
    return ready - start, time.perf_counter() - ready, nearest[1].to_numpy(float)


def with_networkx(nodes, edges, sites):
    import networkx as nx

    start = time.perf_counter()
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(nodes)))
    graph.add_weighted_edges_from(edges.itertuples(index=False, name=None))
    ready = time.perf_counter()
    nearest = nx.multi_source_dijkstra_path_length(graph, set(sites.tolist()))
    done = time.perf_counter()
    metres = np.full(len(nodes), np.inf)
    metres[list(nearest)] = list(nearest.values())
    return ready - start, done - ready, metres


def main():
    folder, peer, runs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    warnings.simplefilter("ignore")
    nodes = pd.read_parquet(folder / "nodes.parquet")
    edges = pd.read_parquet(folder / "edges.parquet")
    sites = pd.read_parquet(folder / "sites.parquet")["node"].to_numpy()
    work = {"pandana": with_pandana, "networkx": with_networkx}[peer]
    made, asked, metres = zip(*(work(nodes, edges, sites) for _ in range(runs)), strict=True)
    pd.DataFrame({"metres": metres[-1]}).to_parquet(folder / f"{peer}.parquet")
    (folder / f"{peer}.json").write_text(json.dumps({"made": made, "asked": asked, "version": version(peer)}))


main()
