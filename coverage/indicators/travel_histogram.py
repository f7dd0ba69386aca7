"""How far children live from the nearest place: births by whole classes of minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coverage.analysis import Analysis
from coverage.core.minutes import in_minutes
from coverage.indicators.strata_table import cells_of_table
from loaders.catalogue.types import Floats

CLASSES = 40
"""Classes of a histogram, at most; those who live farther are in the last."""

_STEPS = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0)
_FARTHEST = 0.995
"""Share of the births that the classes hold before the last one, which has no end."""


@dataclass(frozen=True, eq=False)
class TravelHistogram:
    """Births by travel time, over all zones of the table of an answer together.

    Attributes
    ----------
    step : minutes of a class
    births : (k,) births of the classes ``[i * step, (i + 1) * step)``; the last has no end, and holds those who cannot
        travel to any place too
    reach : minutes that are near enough
    out : births of which it is known that they live farther
    unknown : births whose travel time is not known
    """

    step: float
    births: Floats
    reach: float
    out: float
    unknown: float


def travel_histogram(analysis: Analysis) -> TravelHistogram | None:
    """Births of an answer by travel time to the nearest place; None where no travel time is known.

    The births of the classes and those of unknown travel time add up to all births of the zones in the table.
    """
    births = np.where(cells_of_table(analysis), analysis.demand.births, 0.0)
    inhabited = births > 0
    births, minutes = births[inhabited], in_minutes(analysis.distance_m[inhabited], analysis.query)
    known = ~np.isnan(minutes)
    finite = np.isfinite(minutes)
    if not finite.any():
        return None
    order = np.argsort(minutes[finite], kind="stable")
    upto = np.cumsum(births[finite][order])
    far = float(minutes[finite][order][np.searchsorted(upto, _FARTHEST * upto[-1])])
    step = next((step for step in _STEPS if far / step < CLASSES - 1), _STEPS[-1])
    last = min(CLASSES - 1, int(far // step) + 1)
    index = np.where(finite[known], np.minimum(np.nan_to_num(minutes[known], posinf=0.0) // step, last), last)
    return TravelHistogram(
        step=step,
        births=np.bincount(index.astype(np.intp), weights=births[known], minlength=last + 1).astype(np.float64),
        reach=float(in_minutes(analysis.query.reach_m, analysis.query)),
        out=float(births[analysis.distance_m[inhabited] > analysis.query.reach_m].sum()),
        unknown=float(births[~known].sum()),
    )
