"""A plan as the page shows it: what it changes in every zone, its places, and how it stands against today."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from shapely import set_precision
from shapely.geometry import mapping

from coverage.analysis import Analysis, Engine
from coverage.indicators.comparison import Comparison
from coverage.indicators.isochrone_table import isochrone_table
from coverage.scenario.apply import Applied
from coverage.scenario.edits import Bridge
from coverage.scenario.scenario import Scenario
from coverage.scenario.wording import in_words
from coverage.travel.isochrones import STEP_M
from i18n.texts import format_number, text
from layers.maps.classes import DIFFERENCES
from layers.maps.diverging import SMALLEST
from layers.sentences import listed
from layers.sentences.travel_words import minutes_words
from layers.views.view import area_name, coloured, ranked, reach_in_words
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.projection import to_lonlat
from loaders.snapshot.reader import Snapshot

_DECIMALS = 6
_DEGREES = 1e-5
"""Detail of a ground on the map, about a metre."""

_TOLD = 0.5
"""Children from which a change outside the area is told."""

_NEAR_M = 1200.0
"""Up to this reach a ground is made of the finest squares."""

_CHANGE = "reach_change"


@dataclass(frozen=True)
class PlanStanding:
    """How a plan stands against what it is compared with, in words.

    Attributes
    ----------
    title : against what
    known : whether distances are known
    before, after : children within reach
    gained, lost : of these, cell by cell, with their sign
    changed : whether any child gains or loses
    words : whom the figures are about, where, and how far reach goes
    distances : (title, before -> after) of the distances
    beyond : what changes outside the area of the view; empty where that is nothing
    """

    title: str
    known: bool
    before: str = ""
    after: str = ""
    gained: str = ""
    lost: str = ""
    changed: bool = False
    words: str = ""
    distances: tuple[tuple[str, str], ...] = ()
    beyond: str = ""


def differences(analysis: Analysis, comparison: Comparison, lang: str) -> dict[str, dict[str, Any]]:
    """Columns, classes and legend of the difference, to go with `layers.views.view.payload` of ``analysis``."""
    table = ranked(analysis.table)
    changed = comparison.zones.set_index("zone_id").reindex(table["zone_id"])
    gained, lost = (changed[name].to_numpy(np.float64) for name in ("births_gained", "births_lost"))
    table = table.assign(**{_CHANGE: gained - lost})
    values, classes, legend = coloured(table, DIFFERENCES[_CHANGE], lang)
    rows = {_CHANGE: values, "births_gained": _rounded(gained), "births_lost": _rounded(lost)}
    return {"rows": rows, "classes": {_CHANGE: classes}, "legends": {_CHANGE: legend}}


def _rounded(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 1) for value in values]


def plan_places(
    present: Facilities, applied: Applied, analysis: Analysis, comparison: Comparison, inside: frozenset[str] | None
) -> list[dict[str, Any]]:
    """Places of the service of an analysis, as the browser draws them.

    Parameters
    ----------
    present : the places of today
    applied : the places of the plan
    analysis : the plan
    comparison : for who goes where
    inside : ids of the places in the area of the view; None for all

    Returns
    -------
    list of dict
        ``id, name, p`` (longitude, latitude), ``status`` (same, new, moved, closed), ``births`` within reach whose
        nearest place it is, ``before`` the same today (null for a new one), ``hours, capacity, here``; ``was`` the old
        spot of a moved one; ``planned`` for one that is not open yet
    """
    old, new = (_rows(frame) for frame in (present.of_service(analysis.query.service).frame, analysis.facilities.frame))
    burden = (
        comparison.places.set_index("id")[["births_nearest_before", "births_nearest_after"]].round(1).to_dict("index")
    )
    nobody = {"births_nearest_before": 0.0, "births_nearest_after": 0.0}
    ids = [name for name in {**old, **new} if _stands(old.get(name)) or _stands(new.get(name))]
    shown = [new[name] if _stands(new.get(name)) else old[name] for name in ids]
    before = [old[name] if _stands(old.get(name)) else row for name, row in zip(ids, shown, strict=True)]
    lonlat, was = _lonlat(shown), _lonlat(before)
    places = []
    for at, (name, row) in enumerate(zip(ids, shown, strict=True)):
        status = _status(name, old, new, moved=lonlat[at] != was[at])
        births = burden.get(name, nobody)
        place = {
            "id": name,
            "name": row["name"] if pd.notna(row["name"]) else name,
            "p": lonlat[at],
            "status": status,
            "births": births["births_nearest_after"],
            "before": None if status == "new" else births["births_nearest_before"],
            "hours": None if pd.isna(row["hours_per_year"]) else row["hours_per_year"],
            "capacity": applied.capacities.get(name),
            "here": inside is None or name in inside,
        }
        if status == "moved":
            place["was"] = was[at]
        if status != "closed" and row["status"] == "planned":
            place["planned"] = True
        places.append(place)
    return places


def plan_bridges(scenario: Scenario, present: Facilities, lang: str) -> list[dict[str, Any]]:
    """Bridges of a plan, as the browser draws them: ``name`` (in words), ``p`` and ``to`` (longitude, latitude)."""
    words = in_words(scenario, present, lang)
    bridges = [(edit, phrase) for edit, phrase in zip(scenario.edits, words, strict=True) if isinstance(edit, Bridge)]
    if not bridges:
        return []
    xy = np.array([((edit.x, edit.y), (edit.to_x, edit.to_y)) for edit, _ in bridges])
    ends = to_lonlat(xy.reshape(-1, 2)).round(_DECIMALS).reshape(-1, 2, 2).tolist()
    return [{"name": phrase, "p": p, "to": to} for (_, phrase), (p, to) in zip(bridges, ends, strict=True)]


Row = dict[str, Any]


def _rows(frame: pd.DataFrame) -> dict[str, Row]:
    """What the map needs of every place, by id."""
    columns = ["name", "x", "y", "hours_per_year", "status"]
    rows = frame[columns].to_dict("records")
    return {str(name): {str(k): v for k, v in row.items()} for name, row in zip(frame["id"], rows, strict=True)}


def _stands(row: Row | None) -> bool:
    """Whether a place has a point on the map."""
    return row is not None and bool(pd.notna(row["x"])) and bool(pd.notna(row["y"]))


def _status(name: str, old: dict[str, Row], new: dict[str, Row], *, moved: bool) -> str:
    if not _stands(new.get(name)):
        return "closed"
    if not _stands(old.get(name)):
        return "new"
    return "moved" if moved else "same"


def _lonlat(rows: list[Row]) -> list[list[float]]:
    """Longitude and latitude of every row."""
    if not rows:
        return []
    xy = np.array([(row["x"], row["y"]) for row in rows], dtype=np.float64)
    pairs: list[list[float]] = to_lonlat(xy).round(_DECIMALS).tolist()
    return pairs


def ground_json(engine: Engine, analysis: Analysis, place: str) -> bytes:
    """From where a place of an answer can be reached within its reach, as GeoJSON in degrees.

    Raises
    ------
    InputError
        when the place is unknown or has no point on the map
    """
    reach = analysis.query.reach_m
    step = STEP_M if reach <= _NEAR_M else 2 * STEP_M
    bands = isochrone_table(engine, analysis, (place,), (reach,), step)
    degrees = set_precision(bands.geometry.to_crs(4326).simplify(_DEGREES).to_numpy(), _DEGREES)
    features = [{"type": "Feature", "properties": {"id": place}, "geometry": mapping(degrees[0])}]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def standing_of(comparison: Comparison, snapshot: Snapshot, lang: str, other: str = "") -> PlanStanding:
    """How a plan stands in the area of the view.

    Parameters
    ----------
    comparison : the plan beside today, or beside another plan
    snapshot : for the name of the area
    lang : language
    other : name of the other plan; empty for today
    """
    query, totals = comparison.after.query, comparison.totals
    title = text("plan.now.other", lang, name=other) if other else text("plan.now", lang)
    if np.isnan(totals.in_reach_after):
        return PlanStanding(title, known=False)
    names = [area_name(snapshot, level, zone, query.vintage, lang) for level, zone in query.areas]
    where = text("plan.now.in", lang, where=listed(names, lang)) if names else text("plan.now.everywhere", lang)
    children = text("plan.who.births" if query.demand == "births" else "plan.who.children", lang)
    return PlanStanding(
        title=title,
        known=True,
        before=format_number(totals.in_reach_before, lang),
        after=format_number(totals.in_reach_after, lang),
        gained=_signed("+", totals.gained, lang),
        lost=_signed("−", totals.lost, lang),
        changed=max(totals.gained, totals.lost) >= SMALLEST,
        words=" ".join(
            (
                text("plan.now.reach", lang, who=children, reach=reach_in_words(query, lang)),
                text("plan.now.of", lang, births=format_number(totals.births_after, lang), where=where),
            )
        ),
        distances=tuple(
            (text(f"plan.now.{name}", lang), _arrow(*_both(comparison, before, after, lang)))
            for name, before, after in (
                ("mean", totals.mean_before_m, totals.mean_after_m),
                ("p90", totals.p90_before_m, totals.p90_after_m),
            )
        ),
        beyond=_beyond(totals.gained_elsewhere, totals.lost_elsewhere, lang),
    )


def _signed(sign: str, value: float, lang: str) -> str:
    written = format_number(value, lang)
    return written if written == "0" else f"{sign}{written}"


def _both(comparison: Comparison, before: float, after: float, lang: str) -> tuple[str, str]:
    """Minutes before and after, each as its own question travels."""
    was, now = comparison.before.query, comparison.after.query
    return minutes_words(before, was, lang), minutes_words(after, now, lang)


def _arrow(was: str, now: str) -> str:
    return now if was == now else f"{was} → {now}"


def _beyond(gained: float, lost: float, lang: str) -> str:
    """What changes outside the area of the view."""
    if max(gained, lost) < _TOLD:
        return ""
    told = {"gained": format_number(max(0.0, gained), lang), "lost": format_number(max(0.0, lost), lang)}
    return text("plan.now.beyond", lang, **told)
