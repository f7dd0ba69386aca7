"""Time spopt on siting problems that nabij wrote; runs in benchmarks/.peers, in a folder of its own.

Usage: python spopt_siting.py FOLDER RUNS, with problem.npz (cost, weights) and settings.json (kind, radius, p, fixed) in
FOLDER. Same solver (HiGHS), same gap, one thread. Prints the objective and the seconds of every run, building and solving
apart.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pulp
from spopt.locate import MCLP, PMedian


def main():
    folder, runs = Path(sys.argv[1]), int(sys.argv[2])
    warnings.simplefilter("ignore")
    problem = np.load(folder / "problem.npz")
    settings = json.loads((folder / "settings.json").read_text())
    fixed = np.zeros(problem["cost"].shape[1], dtype=int)
    fixed[settings["fixed"]] = 1
    chosen = fixed if fixed.any() else None
    building, solving, worth = [], [], None
    for _ in range(runs):
        start = time.perf_counter()
        if settings["kind"] == "mclp":
            model = MCLP.from_cost_matrix(
                problem["cost"], problem["weights"], settings["radius"], settings["p"], predefined_facilities_arr=chosen
            )
        else:
            model = PMedian.from_cost_matrix(
                problem["cost"], problem["weights"], settings["p"], predefined_facilities_arr=chosen
            )
        built = time.perf_counter()
        model.solve(pulp.HiGHS(msg=False, gapRel=0, timeLimit=settings["limit"]), results=False)
        solving.append(time.perf_counter() - built)
        building.append(built - start)
        worth = float(pulp.value(model.problem.objective))
    print(json.dumps({"building": building, "solving": solving, "objective": worth, "version": version("spopt")}))


main()
