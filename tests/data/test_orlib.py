"""Published optima: OR-Library p-median and p-center, and San Francisco, each proven."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coverage.siting import SitingResult, facility_location, lscp, mclp, p_center, p_median
from coverage.validation.orlib import random_pmed, read_pmed, read_single_source, read_tsplib
from coverage.validation.siting_optima import san_francisco
from i18n.errors import DataError

PMED = [f"pmed{k}" for k in range(1, 11)]
LARGE = ["pmed11", "pmed16", "pmed21", "pmed25"]


@pytest.fixture(scope="module")
def bench(shared_dir: Path) -> Path:
    folder = shared_dir / "bench"
    if not (folder / "expected.json").is_file():
        pytest.skip("needs the published results in ../shared/bench")
    return folder


@pytest.fixture(scope="module")
def known(bench: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bench / "expected.json").read_text(encoding="utf-8"))
    return found


def proven(found: SitingResult) -> float:
    assert found.optimal
    assert found.gap == 0
    assert found.bound == found.objective
    return found.objective


@pytest.mark.parametrize("name", PMED)
def test_p_median_of_the_or_library(bench: Path, known: dict[str, Any], name: str) -> None:
    cost, p = read_pmed(bench / "orlib_pmed" / f"{name}.txt")
    found = p_median(cost, np.ones(len(cost)), p)
    assert proven(found) == known["orlib_pmed"]["pmedian"][name]
    assert len(found.sites) == p
    assert cost[np.arange(len(cost)), found.assignment].sum() == found.objective


@pytest.mark.parametrize("name", LARGE)
def test_larger_p_medians_of_the_or_library(bench: Path, known: dict[str, Any], name: str) -> None:
    """Small p, where the linear relaxation leaves a gap, and large p."""
    cost, p = read_pmed(bench / "orlib_pmed_large" / f"{name}.txt")
    assert proven(p_median(cost, np.ones(len(cost)), p)) == known["orlib_pmed_large"]["pmedian"][name]


@pytest.mark.parametrize("name", ["holmberg_p1", "holmberg_p2", "delmaire_p1"])
def test_single_source_location(bench: Path, known: dict[str, Any], name: str) -> None:
    given = read_single_source(bench / "sscflp" / f"{name}.txt")
    found = facility_location(
        given.cost, given.demand, opening_cost=given.opening, capacity=given.capacity, single_source=True
    )
    assert proven(found) == pytest.approx(known["sscflp"]["optimum"][name])
    assert found.shares is not None
    assert set(found.shares.data.tolist()) == {1.0}


def test_points_of_tsplib(bench: Path) -> None:
    """rl1304 with five sites: the published optimum, which also shows that distances are rounded down."""
    cost = read_tsplib(bench / "tsplib" / "rl1304.tsp")
    assert proven(p_median(cost, np.ones(len(cost)), 5)) == 3099073


@pytest.mark.parametrize("name", PMED)
def test_p_center_of_the_or_library(bench: Path, known: dict[str, Any], name: str) -> None:
    cost, p = read_pmed(bench / "orlib_pmed" / f"{name}.txt")
    assert proven(p_center(cost, p)) == known["orlib_pmed"]["pcenter"][name]


@pytest.mark.parametrize("p", range(1, 7))
def test_san_francisco(bench: Path, p: int) -> None:
    folder = bench / "spopt_sf"
    cost, people = san_francisco(folder)
    best = json.loads((folder / "expected_bruteforce.json").read_text(encoding="utf-8"))[str(p)]
    assert proven(mclp(cost, people, 5000, p)) == best["mclp"]
    assert proven(p_median(cost, people, p)) == pytest.approx(best["pmedian"], rel=1e-12)
    assert proven(p_center(cost, p)) == pytest.approx(best["pcenter"], rel=1e-12)


def test_san_francisco_needs_eight_sites(bench: Path, known: dict[str, Any]) -> None:
    cost, _ = san_francisco(bench / "spopt_sf")
    assert proven(lscp(cost, 5000)) == known["spopt_sf"]["published"]["LSCP"]


@pytest.mark.parametrize(("n", "p"), [(300, 30), (300, 100), (400, 133)])
def test_new_instances_of_the_family_are_proven(n: int, p: int) -> None:
    cost = random_pmed(n, seed=n + p)
    assert (cost == cost.T).all()
    assert proven(p_median(cost, np.ones(n), p)) > 0
    assert proven(p_center(cost, p)) > 0


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pmed.txt"
    file.write_text("3 2 1\n1 2 5\n")
    with pytest.raises(DataError, match="announces 2 edges but 1 follow"):
        read_pmed(file)


def test_the_last_of_a_repeated_edge_counts(tmp_path: Path) -> None:
    file = tmp_path / "pmed.txt"
    file.write_text("3 3 1\n1 2 5\n2 1 9\n2 3 1\n")
    assert read_pmed(file)[0].tolist() == [[0, 9, 10], [9, 0, 1], [10, 1, 0]]
