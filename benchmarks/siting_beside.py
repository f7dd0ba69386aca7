"""Siting beside HiGHS given the textbook model of the same ten problems: building and solving apart."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from coverage.siting import SitingResult, lscp, mclp, p_center, p_median
from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.model import Model, solve
from coverage.siting.solvers.basis.sparse import matrix, ones, stack
from loaders.catalogue.types import Bools, Floats

LIMIT_S = 120.0
"""Seconds that either may take over one problem."""

PROBLEMS = (
    ("lscp", 200, 0),
    ("lscp", 400, 0),
    ("mclp", 200, 10),
    ("mclp", 400, 20),
    ("mclp", 400, 40),
    ("p-median", 60, 6),
    ("p-median", 80, 10),
    ("p-median", 100, 10),
    ("p-center", 40, 4),
    ("p-center", 60, 6),
)
"""Kind, points (each a candidate too) and sites."""


@dataclass(frozen=True)
class BesideHighs:
    """Seconds of building and solving by nabij and by HiGHS, the objectives, and whether HiGHS proved its own."""

    problem: str
    ours: tuple[float, float]
    theirs: tuple[float, float]
    objectives: tuple[float, float]
    proven: bool


def beside_highs(problems: tuple[tuple[str, int, int], ...] = PROBLEMS) -> list[BesideHighs]:
    """Solve every problem both ways.

    Raises
    ------
    RuntimeError
        when the two answers differ though both are proven
    """
    return [_beside(*problem) for problem in problems]


def _beside(kind: str, n: int, p: int) -> BesideHighs:
    rng = np.random.default_rng(n + p)
    at, weight = rng.random((n, 2)) * 1000, rng.integers(1, 100, n).astype(np.float64)
    cost = np.rint(np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)))
    near = cost <= float(np.quantile(cost, 0.05))
    begun = time.perf_counter()
    model, turned = _model(kind, cost, weight, near, p)
    built = time.perf_counter()
    theirs = solve(model, Control(LIMIT_S))
    solved = time.perf_counter()
    found = _ours(kind, cost, weight, float(np.quantile(cost, 0.05)), p)
    objective = theirs.objective + turned if kind != "mclp" else turned - theirs.objective
    if theirs.proven and found.optimal and abs(objective - found.objective) > 1e-6 * max(1.0, abs(objective)):
        raise RuntimeError(f"{kind}, n = {n}, p = {p}: {found.objective} and {objective} are both called proven.")
    name = f"{kind}, n = {n}" + (f", p = {p}" if p else "")
    ours = (found.build_seconds, found.seconds - found.build_seconds)
    return BesideHighs(name, ours, (built - begun, solved - built), (found.objective, objective), theirs.proven)


def _ours(kind: str, cost: Floats, weight: Floats, radius: float, p: int) -> SitingResult:
    if kind == "lscp":
        return lscp(cost, radius, time_limit=LIMIT_S)
    if kind == "mclp":
        return mclp(cost, weight, radius, p, time_limit=LIMIT_S)
    if kind == "p-median":
        return p_median(cost, weight, p, time_limit=LIMIT_S)
    return p_center(cost, p, time_limit=LIMIT_S)


def _model(kind: str, cost: Floats, weight: Floats, near: Bools, p: int) -> tuple[Model, float]:
    """The textbook model, and what its objective is counted from; see the docstrings of `coverage.siting`."""
    n = len(weight)
    if kind in ("lscp", "mclp"):
        row, col = np.nonzero(near)
        lost = n if kind == "mclp" else 0  # z_i, after the sites
        rows = [ones(np.append(row, np.arange(lost)), np.append(col, n + np.arange(lost)), (n, n + lost))]
        low, high = [np.ones(n)], [np.full(n, np.inf)]
        if lost:
            rows.append(ones(np.zeros(n), np.arange(n), (1, n + lost)))
            low, high = [*low, np.array([-np.inf])], [*high, np.array([float(p)])]
        price = np.append(np.zeros(n), weight) if lost else np.ones(n)
        whole = np.arange(n + lost) < n
        return _of(price, whole, rows, low, high), float(weight.sum()) if lost else 0.0
    center = kind == "p-center"
    size = n + n * n + center  # sites, then who goes where, then the largest distance
    row, col = np.divmod(np.arange(n * n), n)
    pair = n + np.arange(n * n)
    both = np.concatenate([np.ones(n * n), -np.ones(n * n)])
    tied = matrix(both, np.tile(np.arange(n * n), 2), np.concatenate([pair, col]), (n * n, size))
    rows = [ones(row, pair, (n, size)), tied, ones(np.zeros(n), np.arange(n), (1, size))]
    low = [np.ones(n), np.full(n * n, -np.inf), np.array([-np.inf])]
    high = [np.ones(n), np.zeros(n * n), np.array([float(p)])]
    price = np.concatenate([np.zeros(n), (weight[:, None] * cost).ravel()])
    if center:
        price = np.append(np.zeros(n + n * n), 1.0)
        value = np.concatenate([cost.ravel(), -np.ones(n)])
        at, variable = np.concatenate([row, np.arange(n)]), np.concatenate([pair, np.full(n, size - 1)])
        rows.append(matrix(value, at, variable, (n, size)))
        low, high = [*low, np.full(n, -np.inf)], [*high, np.zeros(n)]
    return _of(price, np.arange(size) < n, rows, low, high, free=int(center)), 0.0


def _of(price: Floats, whole: Bools, rows: list[object], low: list[Floats], high: list[Floats], free: int = 0) -> Model:
    """Model with variables from 0 to 1; the last ``free`` of them without an end."""
    top = np.ones(len(price))
    top[len(price) - free :] = np.inf
    return Model(
        cost=price,
        low=np.zeros(len(price)),
        high=top,
        integer=whole,
        rows=stack(rows),
        row_low=np.concatenate(low),
        row_high=np.concatenate(high),
    )


def beside_lines() -> list[str]:
    """The part of the report about HiGHS with the textbook model."""
    lines = [
        "",
        "### Beside HiGHS with the textbook model, same problems, same run",
        "",
        "| problem | nabij builds, s | solves, s | HiGHS builds, s | solves, s | both × | objectives |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in beside_highs():
        seconds = " | ".join(f"{value:.3f}" for value in (*one.ours, *one.theirs))
        ratio = sum(one.theirs) / sum(one.ours)
        told = f"{one.objectives[0]:,.0f} / {one.objectives[1]:,.0f}{'' if one.proven else ' (not proven)'}"
        lines.append(f"| {one.problem} | {seconds} | {ratio:,.1f} | {told} |")
    return lines


if __name__ == "__main__":
    print("\n".join(beside_lines()))
