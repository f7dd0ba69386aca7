"""Proofs: laws that must hold on the figures of the snapshot itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from coverage.access.catchment import METHODS, floating_catchment
from coverage.access.gravity import spatial_availability
from coverage.access.od_pairs import straight_pairs
from coverage.core.conservation import RELATIVE_TOLERANCE
from coverage.core.demand import surface
from coverage.core.reach import coordinates
from coverage.travel.straight_line import CIRCUITY
from coverage.validation.checks import ProofContext, ValidationCheck, compare, proves
from coverage.zones.partition_overlap import overlap
from coverage.zones.sums import total_by
from loaders.catalogue.regions.levels import GRID_LEVELS, LEVELS
from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.facility_sets import embedded_facilities

RADIUS_M = 3750.0
"""Quarter of an hour by bike."""


@proves
def births_are_conserved(context: ProofContext) -> Iterator[ValidationCheck]:
    """Births by any level, the remainder included, and by any intersection add up to those published."""
    demand = surface(context.snapshot)
    sums = []
    for level in LEVELS:
        zone = context.snapshot.zone_index(level, region().vintage)
        size = len(context.snapshot.zone_rows(level, region().vintage)) + 1
        sums.append(total_by(np.where(zone < 0, size - 1, zone), demand.births, size).sum())
    expected = np.full(len(sums), demand.total)
    yield compare("identity", "births_by_level", "Σ b = Σ B", expected, np.array(sums), within=RELATIVE_TOLERANCE)
    (first, vintage), (second, other) = GRID_LEVELS[0], GRID_LEVELS[-1]
    index = context.snapshot.zone_index(first, vintage), context.snapshot.zone_index(second, other)
    total = overlap(demand.births, *index)["births"].sum()
    yield compare("identity", "births_by_overlap", "Σ b = Σ B", demand.total, total, within=RELATIVE_TOLERANCE)


@proves
def supply_is_conserved(context: ProofContext) -> Iterator[ValidationCheck]:
    """What the scores of all children hold together is what the places offer, on all cells and places."""
    demand = surface(context.snapshot)
    places = coordinates(embedded_facilities(context.snapshot, "illustrative").of_service("bureau").reachable())
    pairs = straight_pairs(context.snapshot.grid.xy, places, RADIUS_M, CIRCUITY)
    supply = np.random.default_rng(4).uniform(100, 900, len(places))
    for method in METHODS[:3]:
        scores = floating_catchment(pairs, demand.births, supply, radius=RADIUS_M, method=method)
        total = scores @ demand.births
        yield compare(
            "identity", f"{method}_conserved", "Σ bᵢAᵢ = Σ Sⱼ", supply.sum(), total, within=RELATIVE_TOLERANCE
        )

    scores = floating_catchment(pairs, demand.births, supply, radius=RADIUS_M, method="bfca")
    places_near = np.bincount(pairs.demand, minlength=len(demand.births))
    given = demand.births / np.maximum(places_near, 1)
    level = supply / np.bincount(pairs.facility, weights=given[pairs.demand], minlength=len(places))
    yield compare("identity", "bfca_conserved", "Σ Aᵢ = Σ Lⱼ", level.sum(), scores.sum(), within=RELATIVE_TOLERANCE)
    scores = spatial_availability(pairs, demand.births, supply, decay="gaussian", radius=RADIUS_M)
    total = scores.sum()
    yield compare("identity", "availability_conserved", "Σ Vᵢ = Σ Sⱼ", supply.sum(), total, within=RELATIVE_TOLERANCE)
