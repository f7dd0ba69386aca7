"""Proofs: what others published about access, and what nabij makes of the same input."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from coverage.access.catchment import floating_catchment
from coverage.access.decay import exponential, power
from coverage.access.gravity import count_within, gravity, spatial_availability
from coverage.access.inequality import gini, theil
from coverage.validation.checks import ProofContext, ValidationCheck, compare, proves

IPEA = "accessibility (R), IPEA"
PYSAL = "access (Python), PySAL"
SOUKHOV = "Soukhov et al. 2023"


class BeloHorizonte:
    """Travel times and land use that come with the R package accessibility: 898 hexagons, 748,437 pairs.

    Parameters
    ----------
    folder : where the two files are
    """

    def __init__(self, folder: Path) -> None:
        self.land = pd.read_csv(folder / "land_use_data.csv").set_index("id")
        self.times = pd.read_csv(folder / "travel_matrix.csv.gz")

    def matrix(self, origins: list[str], destinations: list[str]) -> sparse.csr_array:
        """(n_origins, n_destinations) minutes between some of the hexagons."""
        row = pd.Index(origins).get_indexer(pd.Index(self.times["from_id"]))
        column = pd.Index(destinations).get_indexer(pd.Index(self.times["to_id"]))
        known = (row >= 0) & (column >= 0)
        minutes = self.times["travel_time"].to_numpy(np.float64)[known]
        return sparse.csr_array(
            sparse.coo_array((minutes, (row[known], column[known])), shape=(len(origins), len(destinations)))
        )


@proves
def belo_horizonte(context: ProofContext) -> Iterator[ValidationCheck]:
    """2SFCA, BFCA, gravity, Gini and Theil of the R package accessibility."""
    known = context.published.get("accessibility_r")
    if known is None or context.bench is None:
        return
    city = BeloHorizonte(context.bench / "accessibility_r")
    every, some = list(city.land.index), list(known["ids"])
    jobs = city.land["jobs"].to_numpy(np.float64)
    five = city.land.loc[some]
    near = city.matrix(some, some)
    for name, method in (("2sfca_binary45_jobs_per_pop", "2sfca"), ("bfca_binary45", "bfca")):
        scores = floating_catchment(near, five["population"], five["jobs"], radius=45, method=method)
        yield compare("published", f"{method}_belo_horizonte", IPEA, known[name], scores)

    first_two = city.matrix(some[:2], every)
    for rate in (0.5, 0.6):
        scores = gravity(first_two, jobs, decay=exponential(rate))
        wanted = known[f"gravity_exp_{rate}_first2_all_dest"]
        yield compare("published", "gravity_belo_horizonte", IPEA, wanted, scores)

    reached = count_within(city.matrix(some, every), 30, jobs)
    wanted = known["gini_jobs_cum30_5ids_popweighted"]
    yield compare("published", "gini_belo_horizonte", IPEA, wanted, gini(reached, five["population"]))

    other = [*some[:4], "89a88cd900bffff"]
    reached = count_within(city.matrix(other, every), 30, jobs)
    wanted = next(value for key, value in known.items() if key.startswith("theil_t"))
    yield compare("published", "theil_belo_horizonte", IPEA, wanted, theil(reached, city.land.loc[other, "population"]))


@proves
def availability(context: ProofContext) -> Iterator[ValidationCheck]:
    """Spatial availability of the three places in the paper that introduces it."""
    known = context.published.get("accessibility_r", {}).get("spatial_availability_toy_soukhov2023")
    if known is None:
        return
    scores = spatial_availability(known["t"], known["pop"], known["jobs"], decay=exponential(0.1))
    yield compare("published", "availability_toy", SOUKHOV, known["expected"], scores)


@proves
def hospitals(context: ProofContext) -> Iterator[ValidationCheck]:
    """2SFCA and 3SFCA of the four hospital scenarios of PySAL's access."""
    file = None if context.bench is None else context.bench / "pysal_access" / "hospital_example.json"
    if file is None or not file.is_file():
        return
    example = json.loads(file.read_text(encoding="utf-8"))
    tracts = pd.DataFrame(example["tracts"]).set_index("geoid")
    for scenario in example["scenarios"].values():
        cost = _square(scenario["costs"], tracts.index)
        for name, method in (
            ("2sfca_gravity_-1_max61", "2sfca"),
            ("2sfca_gravity_-1_max61", "e2sfca"),
            ("3sfca_gravity_-1_max61_pysal_access", "3sfca"),
        ):
            wanted = [scenario[name][str(tract)] for tract in tracts.index]
            scores = floating_catchment(cost, tracts["pop"], tracts["doc"], radius=61, decay=power(-1), method=method)
            yield compare("published", f"{method}_hospitals", PYSAL, wanted, scores)


def _square(costs: list[dict[str, Any]], places: pd.Index) -> sparse.csr_array:
    """(n, n) costs between tracts out of a list of pairs."""
    pairs = pd.DataFrame(costs)
    row, column = places.get_indexer(pd.Index(pairs["origin"])), places.get_indexer(pd.Index(pairs["dest"]))
    values = pairs["cost"].to_numpy(np.float64)
    return sparse.csr_array(sparse.coo_array((values, (row, column)), shape=(len(places), len(places))))
