"""What the figures of a column rest on, in a word: the texts ``rests_on.<word>`` say it."""

from __future__ import annotations

from loaders.catalogue.columns import DECLARED
from loaders.catalogue.regions.region_in_use import region

_BORDERS = {"zone_id", "zone_name", "level", "vintage", "area_km2", "municipality"}
_BIRTHS = {"births", "births_kind", "births_year", "births_kind_before", "births_year_before", "share_of_births"}
_PLACES = {
    *("id", "name", "service", "n_facilities", "evidence", "house_id", "physical", "status", "organiser"),
    *("hours_per_year", "serves", "source", "as_of", "x", "y", "lat", "lon", "precision", "municipalities"),
    *("covers_bureau", "model", "n_places", "n_bureaus", "bureaus_on_site", "share_bureaus_on_site"),
    *("id_a", "id_b", "name_a", "name_b", "neighbour_id", "neighbour_name"),
}
_STRATA = {"by", "stratum", "area_type"}
_CHANCE = {"gap_probability", "gap_probability_error", "probability", "births_low", "births_high"}
_FORECAST = {"forecast_low", "forecast_high"}
_LABEL = {"gap", "gap_reasons", "gap_before", "gap_after", "holds", "flags", "violations"}

_WORDS = {
    "borders": _BORDERS,
    "births": _BIRTHS,
    "places": _PLACES,
    "strata": _STRATA,
    "chance": _CHANCE,
    "forecast": _FORECAST,
    "label": _LABEL,
}

WORDS = (*_WORDS, "reach", "question")
"""Words that `rests_on` may say."""


def rests_on(column: str) -> str:
    """Word for what the figures of a column rest on; ``question`` where they follow from what was asked alone."""
    for word, names in _WORDS.items():
        if column in names:
            return word
    if column in region().code_columns:
        return "borders"
    declared = DECLARED.get(column)
    return "reach" if declared is not None and declared.kind == "number" else "question"
