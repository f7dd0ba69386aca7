"""Every column described once: type, unit, meaning. Checks, data dictionary, headers and tooltips derive from here.

Titles and explanations in three languages stand in ``loaders/texts/columns.toml`` under ``column.<name>`` and
``column.<name>.help``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "integer", "number", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : name in code and files
    kind : Frictionless type
    unit : unit of the values, empty for codes, names and counts without unit
    required : whether every row must have a value
    minimum : smallest value allowed, for numbers
    """

    name: str
    kind: Kind
    unit: str = ""
    required: bool = False
    minimum: float | None = None


def _columns(*columns: Column) -> dict[str, Column]:
    return {column.name: column for column in columns}


RESULT_COLUMNS = _columns(
    Column("zone_id", "string", required=True),
    Column("zone_name", "string", required=True),
    Column("level", "string", required=True),
    Column("vintage", "integer", "year", required=True),
    Column("births", "number", "children per year", required=True, minimum=0),
    Column("births_kind", "string", required=True),
    Column("births_year", "integer", "year", required=True),
    Column("n_facilities", "integer", "places", minimum=0),
    Column("births_per_facility", "number", "children per place", minimum=0),
    Column("births_in_reach", "number", "children per year", minimum=0),
    Column("share_in_reach", "number", "share 0–1", minimum=0),
    Column("births_out_of_reach", "number", "children per year", minimum=0),
    Column("mean_distance_m", "number", "m", minimum=0),
    Column("median_distance_m", "number", "m", minimum=0),
    Column("p90_distance_m", "number", "m", minimum=0),
    Column("gap", "boolean"),
    Column("gap_reasons", "string"),
    Column("gap_probability", "number", "share 0–1", minimum=0),
    Column("evidence", "string", required=True),
    Column("flags", "string"),
)
"""Columns of every zone table, in order (a contract: others call them by these names)."""

GAP_REASONS = (
    "beyond_reach",
    "no_bureau_on_territory",
    "no_house",
    "house_not_physical",
    "house_without_bureau",
    "over_capacity",
)
EVIDENCE = ("register", "documented", "user", "illustrative")
FLAGS = (
    "illustrative",  # rests on made-up places
    "not_documented",  # outside the documented cases: no statement about facilities
    "distance_unknown",  # facilities known by municipality only, so no distance
    "merged",  # the zone came about by a merger; a member without a place no longer shows
    "partly_served",  # a partnership serves only some of the merged municipalities
    "not_known_here",  # remainder of a level whose borders are documented for some areas only
    "second_network",  # in Brussels the French-speaking network (ONE) works too and is not counted
    "outside_partition",  # remainder that the level does not cover by definition
    "approximate_borders",  # zone built from parts of municipalities
    "membership_not_stated",  # membership follows from a duty area, a predecessor or a name, not from a statement
    "proxy_births",  # 0-year-olds and the like stand in for births
    "no_births",  # nothing to reach: shares are empty
    "capacity_unknown",
    "unreachable",  # no facility at all can be reached
    "count_is_minimum",  # the source says that there is a place, not how many
    "newer_borders",  # borders of a later year than the vintage says
    "physical_assumed",  # a register gives the house an address; that families can walk in is taken for granted
    "snapped_to_municipality",  # a user's point just outside the borders, assigned to the nearest municipality
)
"""Words that may stand in ``flags`` (joined by ``;``). Their meaning is in the catalogue under ``flag.<name>``."""

FACILITY_COLUMNS = _columns(
    Column("id", "string", required=True),
    Column("service", "string", required=True),
    Column("name", "string"),
    Column("x", "number", "m (EPSG:31370)"),
    Column("y", "number", "m (EPSG:31370)"),
    Column("nis2018", "string"),
    Column("nis2019", "string"),
    Column("nis2025", "string"),
    Column("precision", "string", required=True),  # point | municipality | none
    Column("house_id", "string"),
    Column("physical", "boolean"),
    Column("status", "string", required=True),  # exists | planned | antenna
    Column("organiser", "string"),
    Column("hours_per_year", "number", "hours per year", minimum=0),
    Column("serves", "string"),  # NIS codes of 2019, joined by ';'
    Column("evidence", "string", required=True),
    Column("source", "string"),
    Column("as_of", "string"),
    Column("flags", "string"),
)
"""Columns of a facility table: one row per place; a partnership without a place has no coordinates."""

CONFLICT_COLUMNS = _columns(
    Column("kind", "string", required=True),  # position | name | address | maybe_same
    Column("service", "string", required=True),
    Column("id", "string", required=True),  # of the row in the register table
    Column("other_id", "string"),  # of the row that may be the same place, for maybe_same
    Column("poi_id", "string", required=True),
    Column("social_map_id", "string", required=True),
    Column("poi_says", "string"),
    Column("social_map_says", "string"),
    Column("distance_m", "number", "m", minimum=0),
    Column("name_similarity", "number", "0–100", minimum=0),
)
"""Columns of the list of what two registers disagree about, for a person to settle."""
