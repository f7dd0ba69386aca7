"""Maps and charts of a dossier, without the frame of words that the page around them has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.analysis import Analysis
from coverage.dossier.subject import Subject
from coverage.zones.areas import area_vintage
from i18n.texts import text
from layers.figures.analysis_map import legend_entries, place_labels, places_of, radii_of
from layers.figures.area_charts import births_chart
from layers.figures.chart import draw_changes
from layers.figures.map_figure import DrawnPlace, DrawnZone, LegendEntry, MapFigure, draw_map
from layers.maps.scales.classes import NO_DATA, Legend, class_index, legend_for
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

INDICATOR = "births_out_of_reach"
_BAR_ROWS = 14
_MAX_NAMED = 12
_STEEPEST = 0.65
"""How high a map is of its width: two of them stand on one page."""
_WIDTH = 700.0
"""Pixels of a map that a page shows at its full width: words then have the size of those beside it."""


def legend_of(subject: Subject, drawn: Analysis, parts: Analysis) -> tuple[Legend, str, Analysis]:
    """Legend of the maps of an area, the column that it is of, and the answer to draw.

    By the smallest zones how many live out of reach; by the parts of the area how many places there are, where
    distances are not known.
    """
    table = inside(subject, drawn)
    if table[INDICATOR].notna().any():
        return legend_for(table, INDICATOR), INDICATOR, drawn
    return legend_for(inside(subject, parts), "n_facilities"), "n_facilities", parts


def inside(subject: Subject, analysis: Analysis) -> pd.DataFrame:
    """Rows of the zones that lie in an area."""
    kept = subject.zones_inside(analysis.query.level)
    return analysis.all_zones[: len(kept)][kept].reset_index(drop=True)


def area_map(
    subject: Subject,
    analysis: Analysis,
    snapshot: Snapshot,
    legend: tuple[Legend, str],
    lang: str,
    words: tuple[str, str],
    places: Sequence[DrawnPlace] | None = None,
) -> bytes:
    """Draw an area in an answer.

    Parameters
    ----------
    subject : the area, drawn with a strong border
    analysis : the answer by the zones to draw, of the whole region
    snapshot : where borders come from
    legend : classes and their column, so that maps of today and afterwards compare
    lang : language
    words : title, and what the map shows for whoever cannot see it
    places : the places; None for those of the answer
    """
    classes, column = legend
    table = inside(subject, analysis)
    level = analysis.query.level
    shapes = snapshot.zones(level, analysis.query.held_vintage).set_index("zone_id")["geometry"]
    lived_in = bool((table["births"] > 0).any())
    index = class_index(table[column], classes)
    index = index if lived_in else np.full(len(table), NO_DATA)
    zones = [
        DrawnZone(shapes[zone], "" if at == NO_DATA else classes.colours[at], radius=radius)
        for zone, at, radius in zip(table["zone_id"], index, radii_of(table[column], classes), strict=True)
    ]
    drawn = list(places_of(analysis) if places is None else places)
    symbol = get_service(analysis.query.service).symbol
    base = snapshot.zones(region().base, area_vintage(region().base, subject.vintage))
    figure = MapFigure(
        title="",
        description=words[1],
        lang=lang,
        zones=zones,
        legend=legend_entries(classes, lang, bool((index == NO_DATA).any()), len(table))
        if lived_in
        else [_nobody(lang)],
        legend_title=words[0],
        legend_unit=text("dossier.map.unit", lang, level=text(f"level.{level}", lang)),
        around=list(base["geometry"]),
        edges=[subject.shape],
        named=_named(subject, snapshot),
        places=drawn,
        symbol=symbol.shape,
        symbol_colour=symbol.colour,
        places_labels=place_labels({place.state for place in drawn}, analysis.query.service, lang),
        pad=0.0,
        width=_WIDTH,
        steepest=_STEEPEST,
    )
    return draw_map(figure)


def _named(subject: Subject, snapshot: Snapshot) -> list[tuple[str, Any]]:
    """Parts of an area by name, the largest first, so that a reader knows where the circles are."""
    level = subject.parts_level
    zones = snapshot.zones(level, area_vintage(level, subject.vintage)).set_index("zone_id")
    inside = zones[subject.zones_inside(level)]
    order = inside.geometry.area.sort_values(ascending=False, kind="stable").index[:_MAX_NAMED]
    suffix = f" ({subject.names[0]})"
    names = [str(inside.loc[zone, "zone_name"]).removesuffix(suffix) for zone in order]
    return list(zip(names, inside.geometry[order], strict=True))


def _nobody(lang: str) -> LegendEntry:
    return LegendEntry("", text("dossier.map.no_births", lang))


def places_with_change(before: Analysis, after: Analysis) -> list[DrawnPlace]:
    """Places afterwards: those that stay, the new ones with their names, and those that go."""
    was, now = _spots(before), _spots(after)
    drawn = []
    for place, (x, y, name) in now.items():
        there = place in was and was[place][:2] == (x, y)
        drawn.append(DrawnPlace(x, y, "open" if there else "new", "" if there else name))
    for place, (x, y, _) in was.items():
        if place not in now or now[place][:2] != (x, y):
            drawn.append(DrawnPlace(x, y, "gone"))
    return drawn


def _spots(analysis: Analysis) -> dict[str, tuple[float, float, str]]:
    """Where the places stand that families can walk in, and what they are called, by id."""
    frame = analysis.facilities.reachable()
    return {
        str(row["id"]): (float(row["x"]), float(row["y"]), "" if pd.isna(row["name"]) else str(row["name"]))
        for row in frame.to_dict("records")
    }


def change_chart(parts: pd.DataFrame, lang: str, words: tuple[str, str]) -> bytes | None:
    """Draw who gains and who loses, the largest changes first; None where nothing changes."""
    size = parts["births_gained"].fillna(0.0) + parts["births_lost"].fillna(0.0)
    changed = parts.assign(size=size)
    changed = changed[changed["size"] >= 0.5].sort_values(["size", "zone_id"], ascending=[False, True]).head(_BAR_ROWS)
    if changed.empty:
        return None
    rows = [
        (str(row["zone_name"]), float(row["births_gained"]), float(row["births_lost"]))
        for row in changed.to_dict("records")
    ]
    labels = (text("dossier.lost", lang), text("dossier.gained", lang))
    return draw_changes(words[0], rows, lang, labels, words[1])


__all__ = ["area_map", "births_chart", "change_chart", "inside", "legend_of", "places_with_change"]
