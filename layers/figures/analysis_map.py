"""The answer to a question as a map that stands by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.analysis import Analysis
from coverage.zones.areas import area_vintage
from i18n.messages import MessageError
from i18n.texts import text
from layers.figures import counts
from layers.figures.map_figure import DrawnPlace, DrawnZone, LegendEntry, MapFigure, draw_map
from layers.maps.scales.classes import NO_DATA, Legend, class_index, get_indicator, legend_for
from layers.maps.scales.classing import USUAL, Classing
from layers.notes.notes import Notes, describe_column
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

NAMED = 90
"""Up to so many zones are named."""

_LONG = 260
"""Letters of the sources below a map; the others stand in the files beside it."""


def usual_indicator(analysis: Analysis) -> str:
    """What a map shows where nothing is asked for: the need, or the number of places where distances are not known."""
    known = bool(analysis.table["births_out_of_reach"].notna().any())
    return "births_out_of_reach" if known else "n_facilities"


def map_of(
    analysis: Analysis,
    snapshot: Snapshot,
    notes: Notes,
    indicator: str | None = None,
    *,
    classing: Classing = USUAL,
    **changes: Any,
) -> MapFigure:
    """Lay out the map of an analysis, to be drawn by `map_figure.draw_map`.

    Parameters
    ----------
    analysis : the answer
    snapshot : where the borders come from
    notes : title, question, warning and sources; their language is that of the map
    indicator : column of the zone table to colour by; None for `usual_indicator`
    classing : how values are put in classes
    changes : fields of the figure to put in the place of the usual ones

    Raises
    ------
    MessageError
        when the indicator is not known, or the answer holds no value of it
    """
    lang, query = notes.lang, analysis.query
    indicator = indicator or usual_indicator(analysis)
    get_indicator(indicator)
    if indicator not in analysis.table:
        raise MessageError("error.figure.indicator", value=indicator)
    shapes = snapshot.zones(query.level, query.held_vintage).set_index("zone_id")["geometry"]
    table = analysis.table[analysis.table["zone_id"].isin(shapes.index)].reset_index(drop=True)
    if not table[indicator].notna().any():
        raise MessageError("error.figure.nothing", title=describe_column(indicator, lang)["title"])
    legend = legend_for(table, indicator, classing)
    classes = class_index(table[indicator], legend)
    named = len(table) <= NAMED
    radii = radii_of(table[indicator], legend)
    zones = [
        DrawnZone(shapes[zone], "" if at == NO_DATA else legend.colours[at], str(name) if named else "", radius)
        for zone, name, at, radius in zip(table["zone_id"], table["zone_name"], classes, radii, strict=True)
    ]
    symbol = get_service(query.service).symbol
    places = places_of(analysis)
    figure = MapFigure(
        title=describe_column(indicator, lang)["title"],
        subtitle=notes.question,
        lang=lang,
        zones=zones,
        legend=legend_entries(legend, lang, bool((classes == NO_DATA).any()), len(table)),
        legend_title=describe_column(indicator, lang)["title"],
        legend_unit=legend.unit_words(lang),
        source=source_line(notes),
        warning=notes.warning,
        around=_around(snapshot, analysis),
        edges=_edges(snapshot, analysis),
        places=places,
        symbol=symbol.shape,
        symbol_colour=symbol.colour,
        places_labels=place_labels({place.state for place in places}, query.service, lang),
    )
    return replace(figure, **changes)


def figure_of(
    analysis: Analysis, snapshot: Snapshot, notes: Notes, indicator: str | None = None, classing: Classing = USUAL
) -> bytes:
    """Draw an analysis as SVG, see `map_of`."""
    return draw_map(map_of(analysis, snapshot, notes, indicator, classing=classing))


def radii_of(values: pd.Series[Any], legend: Legend) -> list[float | None]:
    """Radius in pixels of the circle of every zone, None for each where the legend is not of a count."""
    if not counts.is_count(legend):
        return [None] * len(values)
    numbers = values.astype("Float64").to_numpy(dtype=np.float64, na_value=0.0)
    top, most = counts.top_of(legend), counts.largest(len(values))
    return [counts.radius(float(number), top, most) for number in numbers]


def legend_entries(legend: Legend, lang: str, without: bool, zones: int) -> list[LegendEntry]:
    """Classes of a legend, and what has no data where there is any; circles for counts of so many zones."""
    radii: list[float | None] = [None] * len(legend.colours)
    if counts.is_count(legend):
        radii = [*counts.legend_radii(legend, counts.largest(zones))]
    entries = [
        LegendEntry(colour, label, radius)
        for colour, label, radius in zip(legend.colours, legend.labels(lang), radii, strict=True)
    ]
    return [*entries, LegendEntry("", text("legend.no_data", lang))] if without else entries


def places_of(analysis: Analysis) -> list[DrawnPlace]:
    """Places with coordinates, and whether families can walk in."""
    frame = analysis.facilities.frame
    located = frame[frame["x"].notna() & frame["y"].notna()]
    reachable = set(analysis.facilities.reachable()["id"])
    return [
        DrawnPlace(float(row["x"]), float(row["y"]), "open" if row["id"] in reachable else "other")
        for row in located.to_dict("records")
    ]


def place_labels(states: set[str], service: str, lang: str) -> dict[str, str]:
    """Words of the legend for the states of places that are there."""
    words = {
        "open": text(f"service.{service}", lang),
        "other": text("standalone.places.other", lang),
        "new": text("figure.place.new", lang),
        "gone": text("figure.place.gone", lang),
    }
    return {state: word for state, word in words.items() if state in states}


def source_line(notes: Notes) -> str:
    """Who published what the figures rest on, each once, with what made them."""
    named: list[str] = []
    for source in notes.sources:
        publisher = source.publisher or source.title
        if publisher not in named:
            named.append(publisher)
    told = "; ".join(named)
    shown = told if len(told) <= _LONG else told[:_LONG].rpartition("; ")[0] + " …"
    return text("figure.source", notes.lang, sources=shown, version=notes.version, snapshot=notes.snapshot[:12])


def _around(snapshot: Snapshot, analysis: Analysis) -> list[Any]:
    """Municipalities as a quiet ground, where only some areas are asked for."""
    if not analysis.query.areas:
        return []
    vintage = area_vintage(region().base, analysis.query.held_vintage)
    return list(snapshot.zones(region().base, vintage)["geometry"])


def _edges(snapshot: Snapshot, analysis: Analysis) -> list[Any]:
    """Areas that are asked for, whose border is drawn strongly."""
    edges = []
    for level, zone in analysis.query.areas:
        zones = snapshot.zones(level, area_vintage(level, analysis.query.vintage)).set_index("zone_id")["geometry"]
        if zone in zones.index and zone != NOT_KNOWN_HERE:
            edges.append(zones[zone])
    return edges
