"""What a standalone map draws, as plain data with every text written out in the language of the page."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from coverage.analysis import Analysis
from coverage.core.minutes import in_minutes
from i18n.texts import format_number, format_percent, text
from layers.maps.geometry import web_zones
from layers.maps.labels import labels_json
from layers.maps.raster import DistanceRaster, minutes_legend
from layers.maps.scales.classes import Legend, class_index, legend_for
from layers.maps.symbols import outline_points
from layers.notes.notes import describe_column
from layers.sentences import format_minutes
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.projection import to_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service
from loaders.snapshot.reader import Snapshot

INDICATORS = ("births_out_of_reach", "share_in_reach", "mean_minutes", "gap", "n_facilities")
"""What the zones can be coloured by; the first one that has values is the opening one."""

RANKED = 10
MANY_ZONES = 400
"""Above this number zones are drawn in less detail, to keep the file small."""

_SHOWN = ("births", "births_out_of_reach", "share_in_reach", "mean_minutes", "n_facilities")
"""Columns of a tooltip."""


def map_data(analysis: Analysis, snapshot: Snapshot, lang: str) -> dict[str, Any]:
    """Everything the script draws: zones, legends, places, hectare distances, ranking, texts."""
    table = analysis.table
    drawn = table[table["zone_id"].isin(snapshot.zones(analysis.query.level, analysis.query.vintage)["zone_id"])]
    drawn = drawn.reset_index(drop=True)
    symbol = get_service(analysis.query.service).symbol
    reasons, flags = _vocabulary(drawn["gap_reasons"]), _vocabulary(drawn["flags"])
    return {
        "zones": _borders(snapshot, analysis, drawn),
        "around": _around(snapshot, analysis),
        "many": len(drawn) > MANY_ZONES,
        "headings": [describe_column(name, lang)["title"] for name in _SHOWN],
        "rows": [_row(row, reasons, flags, lang) for row in drawn.to_dict("records")],
        "reasons": [text(f"reason.{reason}", lang) for reason in reasons],
        "flags": [text(f"flag.{flag}", lang) for flag in flags],
        "legends": _legends(drawn, lang),
        "places": _places(analysis.facilities, lang),
        "symbol": {"colour": symbol.colour, "outline": outline_points(symbol.shape)},
        "labels": json.loads(labels_json(snapshot)),
        "raster": _raster(analysis, snapshot, lang),
        "ranking": _ranking(drawn),
        "texts": {
            "true": text("standalone.reasons", lang),
            "false": text("standalone.no_gap", lang),
            "null": text("standalone.unjudged", lang),
            "noData": text("legend.no_data", lang),
            **{name: text(f"standalone.{name}", lang) for name in ("places", "names", "raster", "basemap")},
        },
    }


def _row(row: dict[Any, Any], reasons: list[str], flags: list[str], lang: str) -> dict[str, Any]:
    def number(name: str) -> float | None:
        return None if pd.isna(row[name]) else float(row[name])

    need = format_number(number("births_out_of_reach"), lang)
    return {
        "name": row["zone_name"],
        "need": need,
        "values": [
            format_number(number("births"), lang),
            need,
            format_percent(number("share_in_reach"), lang),
            format_minutes(number("mean_minutes"), lang),
            format_number(number("n_facilities"), lang),
        ],
        "gap": None if pd.isna(row["gap"]) else bool(row["gap"]),
        "reasons": [reasons.index(word) for word in _words(row["gap_reasons"])],
        "flags": [flags.index(word) for word in _words(row["flags"])],
    }


def _words(joined: Any) -> list[str]:
    return [] if pd.isna(joined) else [word for word in str(joined).split(";") if word]


def _vocabulary(column: Iterable[Any]) -> list[str]:
    return sorted({word for joined in column for word in _words(joined)})


def _borders(snapshot: Snapshot, analysis: Analysis, drawn: pd.DataFrame) -> dict[str, Any]:
    """Borders of the zones of the table, feature *i* of row *i*."""
    query = analysis.query
    detail = "far" if len(drawn) > MANY_ZONES else "near"
    features = json.loads(web_zones(snapshot, query.level, query.vintage, detail))["features"]
    by_id = {feature["properties"]["id"]: feature for feature in features}
    kept = []
    for i, zone in enumerate(drawn["zone_id"]):
        feature = by_id[zone]
        known = feature["properties"]
        properties = {"i": i, "name": known["name"], "place": known.get("place", "")}
        kept.append({"type": "Feature", "properties": properties, "geometry": feature["geometry"]})
    return {"type": "FeatureCollection", "features": kept}


def _around(snapshot: Snapshot, analysis: Analysis) -> dict[str, Any] | None:
    """The municipalities, as a quiet background where only some areas are asked for."""
    if not analysis.query.areas:
        return None
    around: dict[str, Any] = json.loads(web_zones(snapshot, region().base, analysis.query.vintage, "far"))
    for feature in around["features"]:
        feature["properties"] = {}
    return around


def _legends(drawn: pd.DataFrame, lang: str) -> list[dict[str, Any]]:
    known = [name for name in INDICATORS if drawn[name].notna().any()] or ["gap"]
    return [_legend(legend_for(drawn, name), lang, drawn[name]) for name in known]


def _legend(legend: Legend, lang: str, values: pd.Series[Any] | None = None) -> dict[str, Any]:
    """Legend as the script wants it: light to dark from top to bottom, with the class of every row."""
    described: dict[str, Any] = {
        "title": describe_column(legend.indicator, lang)["title"],
        "unit": legend.unit_words(lang),
        "labels": legend.labels(lang),
        "colours": legend.colours,
        "noData": legend.no_data,
    }
    if values is None:
        return described
    classes = class_index(values, legend)
    counts = np.bincount(classes[classes >= 0], minlength=len(legend.colours))
    without = int((classes < 0).sum())
    return described | {
        "classes": classes.tolist(),
        "counts": [format_number(int(count), lang) for count in counts],
        "without": format_number(without, lang) if without else "",
    }


def _places(facilities: Facilities, lang: str) -> list[list[Any]]:
    """Latitude, longitude, name, lines about it, whether families can walk in today."""
    frame = facilities.frame
    located = frame[frame["x"].notna() & frame["y"].notna()]
    lonlat = to_lonlat(located[["x", "y"]].to_numpy(dtype=np.float64)).round(5)
    reachable = set(facilities.reachable()["id"])
    places = []
    for (lon, lat), row in zip(lonlat.tolist(), located.to_dict("records"), strict=True):
        about = [str(row[name]) for name in ("organiser", "source") if not pd.isna(row[name]) and row[name]]
        about.append(text(f"evidence.{row['evidence']}", lang))
        name = row["id"] if pd.isna(row["name"]) else row["name"]
        places.append([lat, lon, str(name), about, row["id"] in reachable])
    return places


def _raster(analysis: Analysis, snapshot: Snapshot, lang: str) -> dict[str, Any] | None:
    """Hectare by hectare distance as a picture, where distances are known."""
    if not np.isfinite(analysis.distance_m).any():
        return None
    drawn = DistanceRaster(snapshot.grid)
    png = drawn.png(in_minutes(analysis.distance_m, analysis.query), minutes_legend())
    return {
        "url": data_uri("image/png", png),
        "bounds": drawn.bounds,
        "legend": _legend(minutes_legend(), lang),
    }


def _ranking(drawn: pd.DataFrame) -> list[list[float]]:
    """Rows with the most births out of reach, each with its size relative to the first."""
    need = drawn["births_out_of_reach"].fillna(0).to_numpy(dtype=np.float64)
    order = [int(i) for i in np.argsort(-need, kind="stable")[:RANKED] if need[i] > 0]
    return [[i, round(float(need[i] / need[order[0]]), 3)] for i in order]


def data_uri(kind: str, content: bytes) -> str:
    """Address that holds the content itself."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
