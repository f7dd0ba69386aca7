"""Proofs: small cases worked out by hand, which need no file."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from coverage.access.catchment import floating_catchment
from coverage.access.decay import exponential
from coverage.access.gravity import count_within, gravity, spatial_availability
from coverage.access.inequality import gini, palma, theil
from coverage.validation.checks import ProofContext, ValidationCheck, compare, proves

COST = np.array([[0.0, 400.0], [700.0, 900.0], [1200.0, 1000.0]])
"""Metres from three villages to two bureaus."""

CHILDREN = np.array([40.0, 60.0, 100.0])
HOURS = np.array([300.0, 400.0])
RADIUS = 1000.0


@proves
def catchments(_context: ProofContext) -> Iterator[ValidationCheck]:
    """Three villages and two bureaus within 1,000 m.

    Village 3 does not reach bureau 1. Binary: bureau 1 has 40 + 60 children, so 300 / 100 = 3 hours a child;
    bureau 2 has 200, so 2. Steps of thirds (1, 0.68, 0.22): village 1 weighs 1 and 0.68, village 2 0.22 and
    0.22, village 3 nothing and 0.22.
    """
    yield _catchment("2sfca", [5.0, 5.0, 2.0])

    first = 300 / (40 * 1 + 60 * 0.22)
    second = 400 / (40 * 0.68 + 60 * 0.22 + 100 * 0.22)
    yield _catchment("e2sfca", [first + 0.68 * second, 0.22 * (first + second), 0.22 * second], "step")

    # every village gives its children to the bureaus in reach in equal parts: 1/2, 1/2, 1
    first, second = 300 / (20 + 30), 400 / (20 + 30 + 100)
    yield _catchment("3sfca", [(first + second) / 2, (first + second) / 2, second], "binary")

    # and each bureau gives its hours a child to its 2 and 3 villages in equal parts
    yield _catchment("bfca", [first / 2 + second / 3, first / 2 + second / 3, second / 3])


def _catchment(method: str, expected: list[float], decay: str | None = None) -> ValidationCheck:
    scores = floating_catchment(COST, CHILDREN, HOURS, radius=RADIUS, method=method, decay=decay)
    return compare("worked", f"{method}_villages", "300/100 + 400/200", expected, scores, within=1e-12)


@proves
def unshared(_context: ProofContext) -> Iterator[ValidationCheck]:
    """The same villages: bureaus within reach, gravity with exp(-c/500), availability without distance."""
    yield compare("worked", "count_villages", "Σ [c ≤ r]", [2, 2, 1], count_within(COST, RADIUS))
    expected = [
        300 + 400 * math.exp(-0.8),
        300 * math.exp(-1.4) + 400 * math.exp(-1.8),
        300 * math.exp(-2.4) + 400 * math.exp(-2),
    ]
    scores = gravity(COST, HOURS, decay=exponential(1 / 500))
    yield compare("worked", "gravity_villages", "Σ S exp(-c/500)", expected, scores, within=1e-12)
    # 700 hours for 200 children, whatever the distance
    scores = spatial_availability(COST, CHILDREN, HOURS, decay="binary", radius=2000)
    yield compare("worked", "availability_villages", "700 b / 200", 3.5 * CHILDREN, scores, within=1e-12)


@proves
def shares(_context: ProofContext) -> Iterator[ValidationCheck]:
    """Gini, Theil and Palma of a few values."""
    yield compare("worked", "gini_two", "1 - (1/4 + 5/4)/2", 0.25, gini([1.0, 3.0]), within=1e-12)
    yield compare("worked", "gini_one_of_n", "(n - 1) / n", 0.99, gini([0.0] * 99 + [1.0]), within=1e-12)
    yield compare(
        "worked", "gini_weighted", "(1, 1, 1, 3)", gini([1.0, 1.0, 1.0, 3.0]), gini([1.0, 3.0], [3, 1]), within=1e-12
    )
    expected = (0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2
    yield compare("worked", "theil_two", "Σ y/μ ln(y/μ) / 2", expected, theil([1.0, 3.0]), within=1e-12)
    # 1 ... 10: the best tenth has 10, the worst four tenths 2.5 on average
    yield compare("worked", "palma_ten", "10 / 2.5", 4.0, palma(np.arange(1.0, 11.0)), within=1e-12)
