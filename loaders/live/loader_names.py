"""Which loader reads a source of the catalogue: names alone, so that a page can tell without the loaders."""

from __future__ import annotations

LOADER_OF: dict[str, str] = {
    "borders": "borders",
    "sector_borders": "sectors",
    "sector_population": "sectors",
    "births": "births",
    "ages": "ages",
    "care_regions": "care_regions",
    "gp_circle_table": "gp_circles",
    "gp_circle_borders": "gp_circles",
    "poi": "register",
    "social_map": "register",
    "roads": "roads",
}
"""Which loader reads a source of the catalogue."""
