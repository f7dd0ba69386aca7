"""The pace of every mode, at which a metre of travel counts as one."""

from __future__ import annotations

PACE_KMH: dict[str, float] = {"walk": 4.8, "bike": 15.0, "car": 60.0}
"""Pace at which a metre of travel counts as one: 15 minutes are 1,200, 3,750 and 15,000 m."""

LEG: dict[str, float] = {"walk": 1.0, "bike": 1.0, "car": 3.0}
"""Metres of travel per metre between a cell or place and the street: a car goes there at 20 km/h."""
