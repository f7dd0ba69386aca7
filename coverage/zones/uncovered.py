"""Births that a travel model cannot tell the distance of: withheld from the figures, never counted as far away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from coverage.core.demand import Demand
from coverage.core.reach import Reach
from coverage.zones.sums import ZoneSums
from loaders.catalogue.types import Floats

TOLERATED = 0.01
"""Share of a zone's births without a distance up to which its figures are given; they then count as out of reach."""

FLAG = "outside_extract"
FLAGS = (FLAG, "outside_list")
"""Flags of cells without a distance: outside the extract or table, or outside the area that a list is complete for."""


def withhold(sums: ZoneSums, reach: Reach, demand: Demand, zone_index: npt.NDArray[np.int32]) -> ZoneSums:
    """Empty the figures about reach of zones where more than `TOLERATED` of the births have no distance.

    Parameters
    ----------
    sums : figures of every zone, the remainder last
    reach : distances of every cell, with the flags of the travel model
    demand : births of every cell
    zone_index : (n_cells,) zone of every cell, -1 outside the partition
    """
    mark = _marked(reach)
    if mark is None:
        return sums
    size = len(sums.births)
    lost = np.bincount(zone_index[mark] % size, weights=demand.births[mark], minlength=size)
    empty = lost > TOLERATED * sums.births

    def without(figures: Floats) -> Floats:
        return np.where(empty, np.nan, figures)

    return replace(
        sums,
        in_reach=without(sums.in_reach),
        unreachable=np.where(sums.unreachable - lost > 1e-9 * sums.births, sums.unreachable, 0.0),
        mean_m=without(sums.mean_m),
        median_m=without(sums.median_m),
        p90_m=without(sums.p90_m),
    )


def _marked(reach: Reach) -> npt.NDArray[np.bool_] | None:
    """(n_cells,) cells without a distance; None where there are none."""
    marks = [reach.flags[flag] for flag in FLAGS if flag in reach.flags]
    mark = np.logical_or.reduce(marks) if marks else np.zeros(0, dtype=bool)
    return mark if mark.any() else None


def uncovered_share(reach: Reach, demand: Demand) -> float:
    """Share of all births without a distance."""
    mark = _marked(reach)
    total = float(demand.births.sum())
    return 0.0 if mark is None or not total else float(demand.births[mark].sum()) / total


def zones_marked(
    reach: Reach, demand: Demand, zone_index: npt.NDArray[np.int32], size: int
) -> dict[str, npt.NDArray[np.bool_]]:
    """Flag of the travel model -> (size,) zones with births it applies to, the remainder last."""
    lived_in = demand.births > 0
    return {
        flag: np.bincount(zone_index[mark & lived_in] % size, minlength=size) > 0 for flag, mark in reach.flags.items()
    }
