"""Values of charts for the browser, which draws them: rounded, and none where there is nothing to draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coverage.access.concentration import ConcentrationCurve
from coverage.indicators.travel_histogram import TravelHistogram
from coverage.zones.uncertainty import Certainty
from loaders.catalogue.types import Floats

CURVE_POINTS = 51
"""Points of a curve that is drawn: one for every 2 % of the births."""


def of_histogram(histogram: TravelHistogram | None) -> dict[str, Any] | None:
    """Births by class of minutes."""
    if histogram is None:
        return None
    return {
        "step": histogram.step,
        "births": histogram.births.round(2).tolist(),
        "reach": round(histogram.reach, 2),
        "out": round(histogram.out, 2),
        "unknown": round(histogram.unknown, 2),
    }


def of_curve(curve: ConcentrationCurve | None, index: float) -> dict[str, Any] | None:
    """Points of a concentration curve at even distances, which lie on it, and its index."""
    if curve is None:
        return None
    people = np.linspace(0.0, 1.0, CURVE_POINTS)
    burden = np.interp(people, curve.people, curve.burden)
    return {"people": _four(people), "burden": _four(burden), "index": round(index, 4)}


def of_trend(trend: pd.DataFrame) -> dict[str, Any] | None:
    """Live births, and the 0-year-olds that stand for them in other years, apart."""
    known = trend.dropna().sort_values("year")
    if known.empty:
        return None
    return {
        str(kind): {"year": rows["year"].tolist(), "value": rows["value"].round(1).tolist()}
        for kind, rows in known.groupby("kind", sort=True)
    }


def of_places(places: pd.DataFrame, nameless: str) -> dict[str, Any] | None:
    """Places with their births; one without a name is called by its service."""
    if places.empty:
        return None
    return {
        "id": places["id"].tolist(),
        "name": places["name"].fillna(nameless).tolist(),
        "zone": [zone if isinstance(zone, str) else "" for zone in places["zone_id"]],
        "where": [zone if isinstance(zone, str) else "" for zone in places["zone_name"]],
        "nearest": places["births_nearest"].round(1).tolist(),
        "reached": places["births_in_reach"].round(1).tolist(),
    }


def of_ranges(certainty: Certainty | None, positions: Floats) -> dict[str, Any] | None:
    """Births out of reach between which the draws lie, for the zones at ``positions``; None for the remainder."""
    if certainty is None:
        return None
    return {
        "low": [round(float(certainty.out_low[i]), 2) if i >= 0 else None for i in positions.astype(int)],
        "high": [round(float(certainty.out_high[i]), 2) if i >= 0 else None for i in positions.astype(int)],
        "draws": certainty.draws,
    }


def _four(values: Floats) -> list[float]:
    rounded: list[float] = values.round(4).tolist()
    return rounded
