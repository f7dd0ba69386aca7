"""Travel cost models: how far families really travel from a cell to a place.

Every model is one function ``(demand_xy, facility_xy, k) -> Nearest`` in metres of travel. ``crow`` is the
straight line lengthened by a circuity factor. Others join by an entry in `TRAVEL_MODELS`; nothing else has to
change.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from coverage.access import Nearest, nearest
from loaders.errors import InputError

CIRCUITY = 1.3
"""Travel distance divided by straight-line distance: an estimate, not a measurement here."""

DEFAULT_MODEL = "crow"


class TravelModel(Protocol):
    """Anything that finds the ``k`` nearest facilities in metres of travel."""

    def __call__(self, demand_xy: npt.NDArray[np.float64], facility_xy: npt.NDArray[np.float64], k: int = 2) -> Nearest:
        """Return distances (n, k) in metres of travel and facility rows (n, k)."""


def crow(demand_xy: npt.NDArray[np.float64], facility_xy: npt.NDArray[np.float64], k: int = 2) -> Nearest:
    """Straight line times `CIRCUITY`, so the nearest in travel is the nearest as the crow flies.

    Parameters
    ----------
    demand_xy : (n, 2) EPSG:31370 metres
    facility_xy : (m, 2) EPSG:31370 metres
    k : how many facilities per point

    Returns
    -------
    Nearest
        ``distance_m`` (n, k) metres of travel, ``index`` (n, k)
    """
    straight = nearest(demand_xy, facility_xy, k)
    return Nearest(straight.distance_m * CIRCUITY, straight.index)


TRAVEL_MODELS: dict[str, TravelModel] = {"crow": crow}
"""Models this version holds, by the name given to ``--model``."""


def get_model(name: str) -> TravelModel:
    """Look a travel model up; `InputError` listing the available ones when it is unknown."""
    try:
        return TRAVEL_MODELS[name]
    except KeyError:
        raise InputError(
            f"Travel model '{name}' is not available; choose one of {', '.join(TRAVEL_MODELS)} with --model."
        ) from None
