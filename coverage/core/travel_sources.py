"""What travel distances rest on, as it is cited with every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loaders.catalogue.regions.crossings import listed_crossings

if TYPE_CHECKING:
    from coverage.core.query import Query
    from loaders.snapshot.reader import Snapshot

CIRCUITY_SOURCE = (
    "Circuity 1.3, measured by nabij on four OpenStreetMap extracts (docs/method/circuity.md) · "
    "© OpenStreetMap contributors · ODbL 1.0"
)
CURVE_SOURCE = (
    "Minutes by car from the straight line, a curve fitted by nabij on 49,202 driving times (HERE, October 2025), "
    "published with Daenekindt 2025 · doi 10.38139/ts.94750"
)
CROSSINGS_SOURCE = "Bridges of the Rupel and junctions of the A12: approximate table of nabij (docs/method/travel.md)"
_EXTRACT_SOURCE = "OpenStreetMap, extract {name} · © OpenStreetMap contributors · ODbL 1.0"
_TABLE_SOURCE = "Table of travel costs {name}, given by the user"


def travel_sources(snapshot: Snapshot, query: Query) -> tuple[str, ...]:
    """Ids and citations of what the distances of a query rest on."""
    extract = () if query.network is None else (_EXTRACT_SOURCE.format(name=query.network.name),)
    if query.model == "network":
        return extract or ("roads",)
    if query.model == "matrix":
        return () if query.matrix is None else (_TABLE_SOURCE.format(name=query.matrix.name),)
    if query.model == "raster":
        land = snapshot.resources.get("grid_land_cover", {}).get("sources", ())
        table = (CROSSINGS_SOURCE,) if listed_crossings() else ()
        return (*(str(source) for source in land), CIRCUITY_SOURCE, *table, *extract)
    return (CURVE_SOURCE,) if query.mode == "car" else (CIRCUITY_SOURCE,)
