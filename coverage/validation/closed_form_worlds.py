"""Proofs: made-up worlds so regular that the answer is known in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from coverage.access.catchment import METHODS, floating_catchment
from coverage.access.inequality import gini
from coverage.access.nearest_facilities import nearest
from coverage.access.od_pairs import straight_pairs
from coverage.core.demand import Demand
from coverage.core.reach import Reach
from coverage.validation.checks import ProofContext, ValidationCheck, compare, proves
from coverage.zones.sums import rank, summarise
from coverage.zones.uncertainty import Cells, InputSpread, simulate
from loaders.catalogue.types import Floats

SIDE = 400
"""Cells along one side of the square world."""


def square(side: int) -> Floats:
    """(side², 2) cell centres of a square of 1 by 1 around the origin."""
    steps = (np.arange(side) + 0.5) / side - 0.5
    return np.column_stack([axis.ravel() for axis in np.meshgrid(steps, steps)])


@proves
def uniform_square(_context: ProofContext) -> Iterator[ValidationCheck]:
    """Births spread evenly over a square with one place in the middle."""
    cells = square(SIDE)
    distance = nearest(cells, [[0.0, 0.0]], 1).distance_m[:, 0]
    expected = (math.sqrt(2) + math.log(1 + math.sqrt(2))) / 6
    formula = "(√2 + ln(1 + √2)) / 6"
    yield compare("world", "square_mean", formula, expected, distance.mean(), within=1e-5)
    yield compare("world", "square_share", "π r²", math.pi * 0.4**2, (distance <= 0.4).mean(), within=1e-3)
    mean_pairs = sum(len(straight_pairs(cells, [[0.0, 0.0]], r)) for r in (0.1, 0.2, 0.4)) / len(cells)
    yield compare("world", "square_pairs", "π (r₁² + r₂² + r₃²)", math.pi * 0.21, mean_pairs, within=2e-3)


@proves
def line(_context: ProofContext) -> Iterator[ValidationCheck]:
    """Births spread evenly along a road with a place every 1,000 m: distances are even between 0 and 500 m."""
    houses = np.arange(0.5, 10_000.0)
    places = np.arange(500.0, 10_000.0, 1000.0)
    distance = nearest(np.column_stack([houses, houses * 0]), np.column_stack([places, places * 0]), 1)
    births = np.full(len(houses), 0.01)
    reach = Reach(
        distance.distance_m[:, 0],
        distance.distance_m[:, 0],
        distance.index[:, 0],
        np.argsort(distance.distance_m[:, 0], kind="stable"),
        known=True,
    )
    ranked = rank(Demand("births", 2000, births, float(births.sum()), proxy=False), reach)
    sums = summarise(ranked, np.zeros(len(houses), dtype=np.int32), 1, 300.0)
    yield compare("world", "line_mean", "s / 4", 250.0, sums.mean_m[0], within=1e-9)
    # the house that completes half of the births stands half a metre before the limit
    yield compare("world", "line_quantiles", "s / 4, 0.45 s", [249.5, 449.5], [sums.median_m[0], sums.p90_m[0]])
    yield compare("world", "line_share", "2 r / s", 0.6, sums.in_reach[0] / sums.births[0], within=1e-9)


@proves
def even_supply(_context: ProofContext) -> Iterator[ValidationCheck]:
    """Everyone reaches everything: every score is all supply divided by all demand, and nobody is worse off."""
    random = np.random.default_rng(4)
    cost, demand, supply = random.uniform(0, 9, (60, 7)), random.uniform(1, 20, 60), random.uniform(1, 9, 7)
    for method in METHODS[:3]:
        scores = floating_catchment(cost, demand, supply, radius=9, decay="binary", method=method)
        ratio = np.full(60, supply.sum() / demand.sum())
        yield compare("world", f"{method}_all", "Σ S / Σ b", ratio, scores, within=1e-12)
        yield compare("world", "gini_all", "0", 0.0, gini(scores, demand), margin=1e-12)


@proves
def one_doubt(_context: ProofContext) -> Iterator[ValidationCheck]:
    """All births of a zone at one distance, circuity alone in doubt: the chance of a gap is a normal integral."""
    distances = np.array([900.0, 1100.0, 1200.0, 1300.0, 1500.0])
    n, doubt, draws = len(distances), 0.15, 20_000
    cells = Cells(
        cell=np.arange(n),
        births=np.full(n, 100.0),
        distance_m=distances,
        place=np.zeros(n, dtype=np.intp),
        towards=np.zeros((n, 2)),
        snapped=np.zeros(1, dtype=bool),
        block=np.arange(n),
        block_municipality=np.arange(n),
    )
    spread = InputSpread(circuity=doubt, circuity_place=0, reach=0, location_m=0, block=0, births=0, chance=False)
    certainty = simulate(cells, np.arange(n), n, within_m=1200, min_share=0.5, draws=draws, seed=1, spread=spread)
    expected = np.array([0.5 * math.erfc(math.log(1200 / d) / doubt / math.sqrt(2)) for d in distances])
    margin = 4 * np.sqrt(expected * (1 - expected) / draws)
    yield compare("world", "one_doubt", "Φ(ln(d / r) / σ)", expected, certainty.probability, margin=margin)
