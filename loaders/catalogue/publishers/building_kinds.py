"""Kinds of public building, as OpenStreetMap has them, and which may take a place for families in."""

from __future__ import annotations

BUILDING_KINDS = (
    "arts_centre",
    "clinic",
    "community_centre",
    "doctors",
    "hospital",
    "kindergarten",
    "library",
    "pharmacy",
    "public_building",
    "school",
    "townhall",
)
"""All kinds that the data may hold."""

USUAL_KINDS = tuple(kind for kind in BUILDING_KINDS if kind not in ("doctors", "pharmacy"))
"""Kinds that are proposed where none is named: a practice or a shop is somebody's own."""
