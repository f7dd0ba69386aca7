"""Time PySAL's ``access`` on pairs that nabij wrote; runs in benchmarks/.peers, in a folder of its own.

Usage: python pysal_access.py FOLDER METHOD RUNS, with demand.parquet (geoid, births), supply.parquet (geoid, hours) and
pairs.parquet (origin, dest, cost) in FOLDER. Writes METHOD.parquet (geoid, score) and prints the seconds of every run.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from access import fca
from access.weights import step_fn


def main():
    folder, method, runs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    warnings.simplefilter("ignore")
    demand = pd.read_parquet(folder / "demand.parquet").set_index("geoid")
    supply = pd.read_parquet(folder / "supply.parquet").set_index("geoid")
    cost = pd.read_parquet(folder / "pairs.parquet")
    settings = json.loads((folder / "settings.json").read_text())
    steps = {float(bound): weight for bound, weight in settings["steps"].items()}
    weight = None if method == "2sfca" else step_fn(steps)
    work = fca.three_stage_fca if method == "3sfca" else fca.two_stage_fca
    seconds = []
    for _ in range(runs):
        given = cost.copy()  # three_stage_fca adds columns to what it is given
        start = time.perf_counter()
        scores = work(
            demand, supply, given, settings["radius"], demand_index=True, demand_name="births",
            supply_index=True, supply_name="hours", weight_fn=weight,
        )
        seconds.append(time.perf_counter() - start)
    frame = scores.rename("score").rename_axis("geoid").reset_index()
    frame.to_parquet(folder / f"{method}.parquet")
    print(json.dumps({"seconds": seconds, "version": version("access")}))


main()
