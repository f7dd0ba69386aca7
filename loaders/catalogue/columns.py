"""Every column described once: type, unit, meaning. Checks, data dictionary, headers and tooltips derive from here.

Titles and explanations in three languages stand in ``i18n/texts/columns.toml`` under ``column.<name>`` and
``column.<name>.help``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from loaders.catalogue.regions.region import Region
from loaders.catalogue.regions.region_in_use import OfRegion

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
    Column("mean_minutes", "number", "minutes", minimum=0),
    Column("median_minutes", "number", "minutes", minimum=0),
    Column("p90_minutes", "number", "minutes", minimum=0),
    Column("gap", "boolean"),
    Column("gap_reasons", "string"),
    Column("gap_probability", "number", "share 0–1", minimum=0),
    Column("area_type", "string"),  # city | town | rural
    Column("evidence", "string", required=True),
    Column("flags", "string"),
)
"""Columns of every zone table, in order (a contract: others call them by these names)."""

MINUTES_OF = {
    "mean_distance_m": "mean_minutes",
    "median_distance_m": "median_minutes",
    "p90_distance_m": "p90_minutes",
    "mean_before_m": "mean_before_minutes",
    "mean_after_m": "mean_after_minutes",
    "mean_universal_m": "mean_universal_minutes",
    "mean_extra_m": "mean_extra_minutes",
    "p90_extra_m": "p90_extra_minutes",
    "within_m": "within_minutes",
}
"""Columns in metres of travel, and those that tell the same in minutes; by car only the minutes are filled."""

_ZONE_COLUMNS = tuple(
    RESULT_COLUMNS[name]
    for name in ("zone_id", "zone_name", "level", "vintage", "births", "births_kind", "births_year")
)

_CHILDREN = tuple(RESULT_COLUMNS[name] for name in ("births_kind", "births_year"))

_ABOUT_PLACES = (
    RESULT_COLUMNS["level"],
    RESULT_COLUMNS["vintage"],
    *_CHILDREN,
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""What every row about a place says of itself, see `coverage.core.rows`."""

PROVENANCE = tuple(column.name for column in _ABOUT_PLACES)
"""Columns that every table must have, so that no figure is without them."""

BY_COLUMNS = _columns(
    Column("by", "string", required=True),  # deprivation | area_type
    Column("stratum", "string", required=True),  # 1 … 5 (1 = most deprived), or city, town, rural; unknown
)
"""Columns that a table with ``--by`` has behind its births: of which part of the zone a row is."""

STRATA_COLUMNS = _columns(
    *_ZONE_COLUMNS,
    *BY_COLUMNS.values(),
    Column("share_of_births", "number", "share 0–1", minimum=0),
    Column("share_of_out_of_reach", "number", "share 0–1", minimum=0),
    *(column for name, column in RESULT_COLUMNS.items() if name not in {c.name for c in _ZONE_COLUMNS}),
)
"""Columns of ``nabij coverage`` and ``nabij gaps`` with ``--by``: one row per zone and stratum."""

ACCESS_COLUMNS = _columns(
    *_ZONE_COLUMNS,
    Column("measure", "string", required=True),
    Column("unit", "string", required=True),
    Column("mean", "number", "that of unit", minimum=0),
    Column("median", "number", "that of unit", minimum=0),
    Column("share_without", "number", "share 0–1", minimum=0),
    Column("gini", "number", "0–1", minimum=0),
    Column("palma", "number", "ratio", minimum=0),
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij access``: one row per zone and measure."""


TREND_COLUMNS = _columns(
    *_ZONE_COLUMNS,
    *(RESULT_COLUMNS[name] for name in ("births_in_reach", "share_in_reach", "births_out_of_reach")),
    Column("births_change", "number", "share", minimum=-1),
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij trend``: one row per zone and year."""

PROJECTION_COLUMNS = _columns(
    Column("forecast_low", "number", "children per year", minimum=0),
    Column("forecast_high", "number", "children per year", minimum=0),
)
"""Columns that a trend with ``--ahead`` has beside: the interval of the years that are forecast."""

ISOCHRONE_COLUMNS = _columns(
    Column("isochrone_id", "string", required=True),
    Column("id", "string", required=True),
    Column("name", "string"),
    Column("service", "string", required=True),
    Column("within_m", "number", "m", minimum=0),
    Column("within_minutes", "number", "minutes", required=True, minimum=0),
    Column("area_km2", "number", "km²", required=True, minimum=0),
    RESULT_COLUMNS["births"],
    *_ABOUT_PLACES,
)
"""Columns of ``nabij isochrone``: one row per place and distance."""

BARRIER_COLUMNS = _columns(
    Column("barrier_id", "string", required=True),
    Column("barrier", "string"),
    Column("barrier_kind", "string", required=True),  # river | canal | railway | motorway
    *(RESULT_COLUMNS[name] for name in ("zone_id", "zone_name", "level", "vintage")),
    Column("births_cut_off", "number", "children per year", required=True, minimum=0),
    Column("barrier_births_cut_off", "number", "children per year", required=True, minimum=0),
    Column("mean_extra_m", "number", "m", minimum=0),
    Column("p90_extra_m", "number", "m", minimum=0),
    Column("mean_extra_minutes", "number", "minutes", minimum=0),
    Column("p90_extra_minutes", "number", "minutes", minimum=0),
    Column("streets_as_of", "string", required=True),
    *_CHILDREN,
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij barriers``: one row per barrier and zone whose births it cuts off from the nearest place."""

CERTAINTY_COLUMNS = _columns(
    Column("gap_probability_error", "number", "share 0–1", minimum=0),
)
"""Column that a zone table with ``--draws`` has beside ``gap_probability``."""


def _side(side: str) -> tuple[Column, ...]:
    return (
        Column(f"level_{side}", "string", required=True),
        Column(f"vintage_{side}", "integer", "year", required=True),
        Column(f"zone_{side}", "string", required=True),
        Column(f"name_{side}", "string", required=True),
    )


def _shape(side: str) -> tuple[Column, ...]:
    return (
        Column(f"share_of_{side}", "number", "share 0–1", required=True, minimum=0),
        Column(f"nesting_of_{side}", "number", "share 0–1", minimum=0),
        Column(f"parts_of_{side}", "integer", "zones", minimum=0),
        Column(f"effective_parts_of_{side}", "number", "zones", minimum=0),
        Column(f"unknown_of_{side}", "number", "share 0–1", minimum=0),
        Column(f"verdict_{side}", "string"),  # cut | not_cut | unknown
        Column(f"documented_parts_of_{side}", "string"),
    )


OVERLAP_COLUMNS = _columns(
    *_side("a"),
    *_side("b"),
    *(RESULT_COLUMNS[name] for name in ("births", "births_kind", "births_year")),
    *_shape("a"),
    *_shape("b"),
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij overlap``: one row per intersection of two zones that holds births."""

RULE_COLUMNS = _columns(
    Column("house_id", "string", required=True),
    Column("name", "string"),
    Column("municipalities", "string"),
    Column("covers_bureau", "boolean"),
    Column("within_care_region", "boolean"),
    Column("care_regions", "string"),
    Column("violations", "string"),
    Column("model", "string"),  # one_roof | antennas | virtual
    Column("n_places", "integer", "places", minimum=0),
    Column("n_bureaus", "integer", "places", minimum=0),
    Column("bureaus_on_site", "integer", "places", minimum=0),
    Column("share_bureaus_on_site", "number", "share 0–1", minimum=0),
    RESULT_COLUMNS["level"],
    RESULT_COLUMNS["vintage"],
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij overlap --rule``: one row per partnership."""

SURVEY_COLUMNS = _columns(
    Column("subject", "string", required=True),
    Column("published", "number", "that of the subject", minimum=0),
    Column("published_share", "number", "share 0–1", minimum=0),
    Column("published_of", "integer", "that of the subject", minimum=1),
    Column("published_words", "string", required=True),
    Column("approximate", "boolean", required=True),
    Column("year", "integer", "year", required=True),
    Column("ours", "number", "that of the subject", minimum=0),
    Column("ours_share", "number", "share 0–1", minimum=0),
    Column("comparison", "string", required=True),  # counted | illustrative | why there is no figure of ours
    Column("scope", "string", required=True),
    Column("source_title", "string", required=True),
    RESULT_COLUMNS["level"],
    RESULT_COLUMNS["vintage"],
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij survey``: one row per published figure."""

KNOWN_COLUMNS = _columns(
    Column("service", "string", required=True),
    *(RESULT_COLUMNS[name] for name in ("zone_id", "zone_name", "level", "vintage")),
    SURVEY_COLUMNS["year"],
    Column("municipalities_known", "integer", "municipalities", minimum=0),
    Column("places_at_least", "integer", "places", minimum=0),
    Column("facts", "integer", "facts", minimum=0),
    Column("inferred_facts", "integer", "facts", minimum=0),
    Column("undated_facts", "integer", "facts", minimum=0),
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij known``: one row per service, municipality (or the whole region) and year."""

HOUSE_MODELS = ("one_roof", "antennas", "virtual")
"""Words that may stand in ``model``: how a partnership is housed, as far as its places tell."""

VIOLATIONS = ("covers_no_bureau", "crosses_care_region")
"""Words that may stand in ``violations``."""

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
    "snapped_too_far",  # some live too far from any street to be put on the network
    "straight_line",  # some live, or the place stands, far from any street, and get there in a straight line
    "outside_extract",  # the street extract or table does not cover some of those who live here
    "outside_list",  # outside the area that the user's list is complete for, so nothing is known
    "near_list_edge",  # a place outside the area of the list, which is not known, may be nearer
    "count_is_minimum",  # the source says that there is a place, not how many
    "newer_borders",  # borders of a later year than the vintage says
    "physical_assumed",  # a register gives it an address; that families can walk in is taken for granted
    "served_by_several",  # several partnerships serve this area together
    "serves_in_part",  # the house is meant for more municipalities than took part in it
    "births_estimated",  # the births of the zone are estimated: no count is held at this level
    "deprivation_unknown",  # of some of these births the deprivation of the surroundings is not known
    "births_projected",  # a forecast: nothing is counted yet
    "stale",  # the births and the places are of different years
    "documented_without_borders",  # a report names zones that cut it, and not which part is whose
    "label_disagrees",  # the label and its probability point different ways: the zone is near the threshold
    "snapped_to_municipality",  # a user's point just outside the borders, assigned to the nearest municipality
)
"""Words that may stand in ``flags`` (joined by ``;``). Their meaning is in the catalogue under ``flag.<name>``."""


def _metres(name: str, chosen: Region) -> Column:
    """Coordinate in the system of the snapshot."""
    return Column(name, "number", f"m ({chosen.crs.storage})")


def _facility_columns(chosen: Region) -> dict[str, Column]:
    return _columns(
        Column("id", "string", required=True),
        Column("service", "string", required=True),
        Column("name", "string"),
        _metres("x", chosen),
        _metres("y", chosen),
        *(Column(name, "string") for name in chosen.code_columns),
        Column("precision", "string", required=True),  # point | municipality | none
        Column("house_id", "string"),
        Column("physical", "boolean"),
        Column("status", "string", required=True),  # exists | planned | antenna
        Column("organiser", "string"),
        Column("hours_per_year", "number", "hours per year", minimum=0),
        Column("serves", "string"),  # codes of the year that the region declares for it, joined by ';'
        Column("evidence", "string", required=True),
        Column("source", "string"),
        Column("as_of", "string"),
        Column("flags", "string"),
    )


FACILITY_COLUMNS: Mapping[str, Column] = OfRegion(_facility_columns)
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


def _site_columns(chosen: Region) -> dict[str, Column]:
    return _columns(
        Column("site_id", "string", required=True),
        Column("choice", "integer", required=True, minimum=1),
        Column("rank", "integer", required=True, minimum=1),
        Column("name", "string"),
        Column("kind", "string", required=True),  # sector | neighbourhood | cell | station | building | address
        Column(chosen.newest_code, "string"),
        Column("municipality", "string"),
        Column("lat", "number", f"degrees ({chosen.crs.geographic})"),
        Column("lon", "number", f"degrees ({chosen.crs.geographic})"),
        _metres("x", chosen),
        _metres("y", chosen),
        Column("births_in_reach", "number", "children per year", minimum=0),
        Column("births_gained", "number", "children per year", minimum=0),
        Column("births_gained_deprived", "number", "children per year", minimum=0),
        Column("births_gained_weighted", "number", "weighted children per year", minimum=0),
        Column("targeting", "number", "share 0–1", minimum=0),
        Column("births_nearest", "number", "children per year", minimum=0),
        Column("mean_before_m", "number", "m", minimum=0),
        Column("mean_after_m", "number", "m", minimum=0),
        Column("mean_before_minutes", "number", "minutes", minimum=0),
        Column("mean_after_minutes", "number", "minutes", minimum=0),
        Column("relieved_id", "string"),
        Column("relieved_name", "string"),
        Column("relieved_births", "number", "children per year", minimum=0),
        *_ABOUT_PLACES,
    )


SITE_COLUMNS: Mapping[str, Column] = OfRegion(_site_columns)
"""Columns of ``nabij site``: one row per new place."""

TARGETING_COLUMNS = _columns(
    BY_COLUMNS["stratum"],
    Column("targeting", "number", "share 0–1", required=True, minimum=0),
    Column("mean_weight", "number", "weighted children per child", minimum=0),
    RESULT_COLUMNS["births"],
    Column("births_in_reach_before", "number", "children per year", minimum=0),
    Column("births_in_reach_universal", "number", "children per year", minimum=0),
    Column("births_in_reach_after", "number", "children per year", minimum=0),
    *(Column(f"mean_{word}_m", "number", "m", minimum=0) for word in ("before", "universal", "after")),
    *(Column(f"mean_{word}_minutes", "number", "minutes", minimum=0) for word in ("before", "universal", "after")),
    *_ABOUT_PLACES,
)
"""Columns of ``nabij site --by-fifth``: the targeted choice beside the universal one, one row per fifth."""

COMPANY_COLUMNS = _columns(
    Column("service", "string", required=True),
    Column("shared", "boolean", required=True),
    Column("shares_with", "string"),
)
"""Columns beside those of ``nabij site`` when two services are sited together; ids joined by ``;``."""

ROBUST_COLUMNS = _columns(
    Column("chosen", "boolean", required=True),
    Column("share_best", "number", "share (0–1)", required=True, minimum=0),
)
"""Columns beside those of ``nabij site`` with ``--robust``."""

PHASE_COLUMNS = _columns(
    Column("opens_in_year", "integer", "year", required=True, minimum=1),
    Column("births_in_reach_by_then", "number", "children per year", required=True, minimum=0),
    Column("births_best_by_then", "number", "children per year", required=True, minimum=0),
)
"""Columns beside those of ``nabij site`` with ``--phased``; the first year is 1."""

CLOSURE_COLUMNS = _columns(
    Column("id", "string", required=True),
    Column("rank", "integer", required=True, minimum=1),
    Column("name", "string"),
    Column("births_served", "number", "children per year", minimum=0),
    Column("births_in_reach", "number", "children per year", minimum=0),
    Column("births_lost", "number", "children per year", minimum=0),
    Column("births_moved", "number", "children per year", minimum=0),
    Column("mean_extra_m", "number", "m", minimum=0),
    Column("mean_extra_minutes", "number", "minutes", minimum=0),
    Column("neighbour_id", "string"),
    Column("neighbour_name", "string"),
    Column("neighbour_births", "number", "children per year", minimum=0),
    Column("neighbour_extra_births", "number", "children per year", minimum=0),
    Column("neighbour_growth", "number", "share", minimum=0),
    *_ABOUT_PLACES,
)
"""Columns of ``nabij closures``: one row per place that closes."""

PAIR_COLUMNS = _columns(
    Column("id_a", "string", required=True),
    Column("id_b", "string", required=True),
    Column("rank", "integer", required=True, minimum=1),
    Column("name_a", "string"),
    Column("name_b", "string"),
    Column("births_lost", "number", "children per year", minimum=0),
    Column("births_lost_apart", "number", "children per year", minimum=0),
    Column("births_lost_extra", "number", "children per year", minimum=0),
    *_ABOUT_PLACES,
)
"""Columns of ``nabij closures --pairs``: one row per pair of places that close together."""


def _criterion_columns(chosen: Region) -> dict[str, Column]:
    return _columns(
        Column("site_name", "string"),
        _metres("x", chosen),
        _metres("y", chosen),
        Column("births", "number", "children per year", minimum=0),
        Column("area_km2", "number", "km²", minimum=0),
        Column("births_per_km2", "number", "children per year per km²", minimum=0),
        Column("births_in_reach", "number", "children per year", minimum=0),
        Column("births_only_here", "number", "children per year", minimum=0),
        Column("counted", "string", required=True),  # in_reach | only_here | area
        Column("births_counted", "number", "children per year", minimum=0),
        Column("births_low", "number", "children per year", minimum=0),
        Column("births_high", "number", "children per year", minimum=0),
        Column("threshold_births", "number", "children per year", minimum=0),
        Column("threshold_density", "number", "children per year per km²", minimum=0),
        Column("holds", "boolean", required=True),
        Column("probability", "number", "share 0–1", minimum=0),
        *_ABOUT_PLACES,
    )


CRITERION_COLUMNS: Mapping[str, Column] = OfRegion(_criterion_columns)
"""Columns of ``nabij criterion``: one row."""

CASE_COLUMNS = _columns(
    Column("criterion", "string", required=True),  # verdict, or one of coverage.case.CRITERIA
    Column("needed", "boolean", required=True),
    Column("outcome", "string", required=True),  # holds | fails | not_known | told; of the verdict its word
    Column("value", "number", "that of value_unit"),
    Column("value_unit", "string"),
    Column("value_low", "number", "that of value_unit"),
    Column("value_high", "number", "that of value_unit"),
    Column("threshold", "number", "that of value_unit"),
    Column("threshold_source", "string"),
    Column("chance_holds", "number", "share 0–1", minimum=0),
    Column("sentence", "string"),
    *_ABOUT_PLACES,
)
"""Columns of ``nabij justify``: a row with the verdict, and one per criterion."""


def _case_site_columns(chosen: Region) -> dict[str, Column]:
    return _columns(
        Column("site_id", "string", required=True),
        Column("rank", "integer", required=True, minimum=1),
        Column("name", "string"),
        Column("municipality", "string"),
        _metres("x", chosen),
        _metres("y", chosen),
        Column("lat", "number", "degrees"),
        Column("lon", "number", "degrees"),
        Column("births_in_reach", "number", "children per year", minimum=0),
        Column("births_gained", "number", "children per year", minimum=0),
        Column("next_m", "number", "m", minimum=0),
        *_ABOUT_PLACES,
    )


CASE_SITE_COLUMNS: Mapping[str, Column] = OfRegion(_case_site_columns)
"""Columns of ``nabij justify --sites``: the best single sites of an area."""


def _norm_columns(chosen: Region) -> dict[str, Column]:
    return _columns(
        Column("site_id", "string", required=True),
        Column("rank", "integer", required=True, minimum=1),
        Column("name", "string"),
        Column("municipality", "string"),
        _metres("x", chosen),
        _metres("y", chosen),
        Column("lat", "number", "degrees"),
        Column("lon", "number", "degrees"),
        Column("opened_by", "string", required=True),  # norm | rule
        Column("births_given", "number", "children per year", minimum=0),
        Column("births_gained", "number", "children per year", minimum=0),
        Column("meets_norm", "boolean", required=True),
        *_ABOUT_PLACES,
    )


NORM_COLUMNS: Mapping[str, Column] = OfRegion(_norm_columns)
"""Columns of ``nabij norm``: one row per new place."""

NORM_ZONE_COLUMNS = _columns(
    RESULT_COLUMNS["zone_id"],
    RESULT_COLUMNS["zone_name"],
    RESULT_COLUMNS["level"],
    RESULT_COLUMNS["vintage"],
    RESULT_COLUMNS["births"],
    *_CHILDREN,
    Column("births_out_before", "number", "children per year", minimum=0),
    Column("births_out_after", "number", "children per year", minimum=0),
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij norm --out-of-reach``: one row per municipality."""

FRONTIER_COLUMNS = _columns(
    Column("places", "integer", "places", required=True, minimum=0),
    Column("births_in_reach", "number", "children per year", minimum=0),
    Column("weight_in_reach", "number", "weighted children per year", minimum=0),
    Column("weight_bound", "number", "weighted children per year", minimum=0),
    RESULT_COLUMNS["level"],
    RESULT_COLUMNS["vintage"],
    *_CHILDREN,
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij norm --frontier``: one row per number of new places."""

COMPARISON_COLUMNS = _columns(
    RESULT_COLUMNS["zone_id"],
    RESULT_COLUMNS["zone_name"],
    RESULT_COLUMNS["level"],
    RESULT_COLUMNS["vintage"],
    RESULT_COLUMNS["births"],
    *_CHILDREN,
    Column("births_kind_before", "string", required=True),
    Column("births_year_before", "integer", "year", required=True),
    Column("births_in_reach_before", "number", "children per year", minimum=0),
    Column("births_in_reach_after", "number", "children per year", minimum=0),
    Column("births_gained", "number", "children per year", minimum=0),
    Column("births_lost", "number", "children per year", minimum=0),
    Column("mean_distance_before_m", "number", "m", minimum=0),
    Column("mean_distance_after_m", "number", "m", minimum=0),
    Column("mean_minutes_before", "number", "minutes", minimum=0),
    Column("mean_minutes_after", "number", "minutes", minimum=0),
    Column("gap_before", "boolean"),
    Column("gap_after", "boolean"),
    RESULT_COLUMNS["evidence"],
    RESULT_COLUMNS["flags"],
)
"""Columns of ``nabij scenario compare``: one row per zone."""

PLACE_CHANGE_COLUMNS = _columns(
    Column("id", "string", required=True),
    Column("name", "string"),
    Column("change", "string", required=True),  # new | moved | closed | same
    Column("births_nearest_before", "number", "children per year", minimum=0),
    Column("births_nearest_after", "number", "children per year", minimum=0),
    COMPARISON_COLUMNS["births_in_reach_before"],
    COMPARISON_COLUMNS["births_in_reach_after"],
    COMPARISON_COLUMNS["births_kind_before"],
    COMPARISON_COLUMNS["births_year_before"],
    *_ABOUT_PLACES,
)
"""Columns of ``nabij scenario compare --places``: one row per place."""

DECLARED: Mapping[str, Column] = OfRegion(
    lambda _chosen: {
        **STRATA_COLUMNS,
        **PLACE_CHANGE_COLUMNS,
        **COMPARISON_COLUMNS,
        **SITE_COLUMNS,
        **TARGETING_COLUMNS,
        **COMPANY_COLUMNS,
        **CLOSURE_COLUMNS,
        **PAIR_COLUMNS,
        **CASE_COLUMNS,
        **NORM_COLUMNS,
        **NORM_ZONE_COLUMNS,
        **FRONTIER_COLUMNS,
        **ROBUST_COLUMNS,
        **PHASE_COLUMNS,
        **CASE_SITE_COLUMNS,
        **CRITERION_COLUMNS,
        **RULE_COLUMNS,
        **SURVEY_COLUMNS,
        **KNOWN_COLUMNS,
        **OVERLAP_COLUMNS,
        **CERTAINTY_COLUMNS,
        **BARRIER_COLUMNS,
        **ISOCHRONE_COLUMNS,
        **PROJECTION_COLUMNS,
        **TREND_COLUMNS,
        **ACCESS_COLUMNS,
        **FACILITY_COLUMNS,
        **RESULT_COLUMNS,
    }
)
"""Every column of every table that nabij writes, by name."""
