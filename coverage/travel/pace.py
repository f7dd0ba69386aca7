"""The pace of every mode, at which a metre of travel counts as one."""

from __future__ import annotations

from collections.abc import Mapping

from loaders.catalogue.regions.region_in_use import OfRegion

PACE_KMH: Mapping[str, float] = OfRegion(lambda chosen: dict(chosen.norms.speeds_kmh))
"""Pace at which a metre of travel counts as one, by the norm of the region: 15 minutes are 1,200 and 3,750 m."""

LEG: dict[str, float] = {"walk": 1.0, "bike": 1.0, "car": 3.0}
"""Metres of travel per metre between a cell or place and the street: a car goes there at 20 km/h."""
