"""Proofs: published optima of the four location problems, and what nabij proves optimal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.siting import SitingResult, lscp, mclp, p_center, p_median
from coverage.validation.checks import ProofContext, ValidationCheck, compare, proves
from coverage.validation.orlib import read_pmed

BEASLEY = "OR-Library, Beasley 1985"
SPOPT = "spopt (PySAL), San Francisco"
RADIUS_M = 5000.0


def san_francisco(folder: Path) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], pd.Series[float]]:
    """(205, 16) road distances in metres between tracts and sites, and the inhabitants of the tracts."""
    pairs = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    cost = pairs.pivot_table(values="distance", index="DestinationName", columns="name")
    tracts = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv")
    return cost.to_numpy(np.float64), tracts.sort_values("NAME")["POP2000"].astype(np.float64)


@proves
def or_library(context: ProofContext) -> Iterator[ValidationCheck]:
    """p-median and p-center of pmed1 to pmed10, to proven optimality."""
    known = context.published.get("orlib_pmed")
    if known is None or context.bench is None:
        return
    for name in known["pmedian"]:
        file = context.bench / "orlib_pmed" / f"{name}.txt"
        if not file.is_file():
            continue
        cost, p = read_pmed(file)
        median, center = p_median(cost, np.ones(len(cost)), p), p_center(cost, p)
        yield compare("published", "pmed_median", f"{BEASLEY}, {name}", known["pmedian"][name], _proven(median))
        yield compare("published", "pmed_center", f"{BEASLEY}, {name}", known["pcenter"][name], _proven(center))


@proves
def san_francisco_sites(context: ProofContext) -> Iterator[ValidationCheck]:
    """All four problems for p = 1 to 6, against an enumeration of every choice."""
    folder = None if context.bench is None else context.bench / "spopt_sf"
    if folder is None or not (folder / "expected_bruteforce.json").is_file():
        return
    cost, people = san_francisco(folder)
    known = json.loads((folder / "expected_bruteforce.json").read_text(encoding="utf-8"))
    fewest = context.published["spopt_sf"]["published"]["LSCP"]
    yield compare("published", "sf_lscp", SPOPT, fewest, _proven(lscp(cost, RADIUS_M)))
    for p, wanted in known.items():
        count = int(p)
        source = f"{SPOPT}, p = {p}"
        yield compare("published", "sf_mclp", source, wanted["mclp"], _proven(mclp(cost, people, RADIUS_M, count)))
        median = _proven(p_median(cost, people, count))
        yield compare("published", "sf_median", source, wanted["pmedian"], median, within=1e-12)
        yield compare("published", "sf_center", source, wanted["pcenter"], _proven(p_center(cost, count)), within=1e-12)


def _proven(result: SitingResult) -> float:
    """The objective when it is proven optimal; NaN otherwise, which agrees with nothing."""
    return result.objective if result.optimal and result.bound == result.objective else float("nan")
