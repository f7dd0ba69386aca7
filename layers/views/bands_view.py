"""How far the ground around a place is from it: bands of minutes on the map, with the children in each."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from shapely import difference, set_precision
from shapely.geometry import mapping

from coverage.analysis import Analysis, Engine
from coverage.core.minutes import per_minute
from coverage.indicators.isochrone_table import isochrone_table
from coverage.travel.isochrones import STEP_M

BANDS = (5, 10, 15)
"""Minutes at which a band ends."""

_NEAR_M = 2_500.0
"""Metres of travel up to which the ground is cut as finely as it can be."""

_DEGREES = 1e-5


def bands(engine: Engine, analysis: Analysis, place: str) -> dict[str, Any]:
    """Bands around a place of an answer, from near to far, by the travel of its question.

    Returns
    -------
    dict
        ``name`` of the place (empty where it has none); ``bands``: ``minutes``, ``births`` that reach the place within
        them, and ``ring``, the ground of the band alone as GeoJSON in degrees

    Raises
    ------
    InputError
        when the place is unknown or has no point on the map, or its ground takes more than one question may
    """
    within = [minutes * per_minute(analysis.query) for minutes in BANDS]
    step = STEP_M if within[-1] <= _NEAR_M else 2 * STEP_M
    bands_table = isochrone_table(engine, analysis, (place,), within, step)
    grounds = list(set_precision(bands_table.geometry.to_crs(4326).simplify(_DEGREES).to_numpy(), _DEGREES))
    rings = [grounds[0], *(difference(far, near) for near, far in pairwise(grounds))]
    name = bands_table["name"].iloc[0]
    return {
        "name": name if isinstance(name, str) else "",
        "bands": [
            {"minutes": minutes, "births": round(float(births), 1), "ring": mapping(ring)}
            for minutes, births, ring in zip(BANDS, bands_table["births"], rings, strict=True)
        ],
    }
