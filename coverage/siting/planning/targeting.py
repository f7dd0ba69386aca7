"""What siting by deprivation costs: births in reach with the targeted choice and with the universal one, by fifth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.core.rows import about_places, add_words
from coverage.siting.planning.gains import Outcome, distances_of, outcome
from coverage.siting.planning.question.priority import Priority
from coverage.siting.planning.question.problem import Problem
from coverage.siting.solvers.basis.control import Control
from coverage.zones.strata import UNKNOWN
from loaders.catalogue.columns import TARGETING_COLUMNS
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Floats

if TYPE_CHECKING:
    from coverage.analysis import Engine

ALL = "all"
"""Stratum of the row of all births together."""


@dataclass(frozen=True, eq=False)
class TargetingCost:
    """A choice by deprivation beside the choice that lets every birth count alike.

    Attributes
    ----------
    targeting : λ of the targeted choice
    universal : the area with the universal choice
    optimal, gap : whether the universal choice is proven the best, and if not, how much better another can be by what
        it was made with (births by hectare or by sector)
    unknown : births of the area whose deprivation is not known
    fifths : `TARGETING_COLUMNS`, one row per fifth with births, then those of unknown deprivation, then all
    """

    targeting: float
    universal: Outcome
    optimal: bool
    gap: float
    unknown: float
    fifths: pd.DataFrame


def cost_of_targeting(
    engine: Engine,
    problem: Problem,
    after: Floats,
    control: Control,
) -> TargetingCost | None:
    """Solve a weighed problem once more with every birth alike, and compare; None where births are alike already.

    Parameters
    ----------
    engine : engine on the snapshot
    problem : the weighed problem
    after : (n_cells,) metres to the nearest place with the targeted choice
    control : time and interruption of the second search
    """
    priority = problem.plan.priority
    if priority is None:
        return None
    plan = replace(problem.plan, request=replace(problem.request, targeting=0.0), priority=None)
    alike = replace(problem, request=plan.request, plan=plan)
    before = problem.analysis.distance_m
    result = alike.solve_within(control.left if np.isfinite(control.left) else None, control.should_stop)
    distance = distances_of(engine, alike, result.sites)
    return TargetingCost(
        targeting=priority.targeting,
        universal=outcome(alike, distance),
        optimal=result.optimal,
        gap=result.gap,
        unknown=priority.unknown,
        fifths=_by_fifth(problem, priority, {"before": before, "universal": distance, "after": after}),
    )


def _by_fifth(problem: Problem, priority: Priority, distances: dict[str, Floats]) -> pd.DataFrame:
    """Births in reach and mean travel of every fifth, as it is, with the universal and with the targeted choice."""
    analysis = problem.analysis
    births = np.where(problem.points.of_cell >= 0, analysis.demand.births, 0.0)
    strata = [*priority.names, ALL]
    masks = [priority.stratum == at for at in range(len(priority.names))] + [np.ones(len(births), dtype=bool)]
    rows = []
    for name, mask in zip(strata, masks, strict=True):
        births_inside = np.where(mask, births, 0.0)
        total = float(births_inside.sum())
        if not total:
            continue
        row: dict[str, object] = {"stratum": name, "births": total}
        row["mean_weight"] = float(births_inside @ problem.plan.per_birth) / total
        for word, distance in distances.items():
            row[f"births_in_reach_{word}"] = float(births_inside[distance <= problem.query.reach_m].sum())
            row[f"mean_{word}_m"] = _mean(births_inside, distance)
        rows.append(row)
    table = pd.DataFrame(rows).assign(targeting=priority.targeting)
    told = about_places(
        table, problem.query, analysis.demand, analysis.facilities, [""] * len(table), analysis.details
    ).assign(level=_level(problem))
    marks = {
        "births_estimated": (told["stratum"] != ALL).to_numpy(bool),
        "deprivation_unknown": (told["stratum"] == UNKNOWN).to_numpy(bool),
    }
    return told.assign(flags=add_words(told["flags"], marks))[list(TARGETING_COLUMNS)]


def _level(problem: Problem) -> str:
    """Level of the areas asked about; of the whole region where there are none, or of several levels."""
    levels = {level for level, _ in problem.query.areas}
    return levels.pop() if len(levels) == 1 else region().whole or region().base


def _mean(births: Floats, distance: Floats) -> float:
    """Births-weighted mean distance; NaN where some reach no place at all."""
    counted = births > 0
    far = distance[counted]
    return float(births[counted] @ far) / float(births[counted].sum()) if np.isfinite(far).all() else float("nan")
