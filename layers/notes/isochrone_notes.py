"""What a table of isochrones says about itself."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coverage.core.minutes import in_minutes, metres_told
from i18n.texts import DEFAULT_LANGUAGE, text
from layers.notes.notes import Notes, demand_words, describe, facilities_word, option_words
from layers.sentences.travel_words import exact_words

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from loaders.snapshot.reader import Snapshot

_ABOUT_ZONES = ("caveat.not_known_here", "caveat.outside_partition", "caveat.spread")
"""Caveats of zone tables that say nothing about an isochrone."""


def describe_isochrones(
    analysis: Analysis, snapshot: Snapshot, ids: Sequence[str], within_m: Sequence[float], lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Describe a table of `coverage.indicators.isochrone_table.isochrone_table`.

    Parameters
    ----------
    analysis : the answer that its travel model, births and sources come from
    snapshot : what it was worked out from
    ids, within_m : as asked
    lang : language of the texts
    """
    query = analysis.query
    kept = tuple(key for key in analysis.caveats if key not in _ABOUT_ZONES)
    notes = describe(replace(analysis, caveats=kept), snapshot, "isochrone", lang)
    distances = [f"{metres:g}" for metres in within_m]
    question = text(
        "isochrone.asks",
        lang,
        services=text(f"service.{query.service}.plural", lang),
        mode=text(f"mode.{query.mode}", lang),
        model=text(f"model.{query.model}", lang),
        distances=", ".join(exact_words(float(metres), query, lang) for metres in distances),
        demand=demand_words(analysis, lang),
    )
    options: dict[str, object] = {
        "--service": query.service,
        "--facilities": facilities_word(analysis),
        "--id": ",".join(ids),
        "--within": ",".join(distances) if metres_told(query) else None,
        "--minutes": None if metres_told(query) else ",".join(f"{in_minutes(m, query):.15g}" for m in within_m),
        "--mode": query.mode,
        "--model": query.model,
        "--network": query.network,
        "--matrix": query.matrix,
        "--ferries": True if query.ferries else None,
        "--demand": query.demand,
        "--year": query.year,
    }
    words = [part for name, value in options.items() if value not in ("", None) for part in option_words(name, value)]
    return replace(notes, question=question, command=shlex.join(["nabij", "isochrone", *words]))
