"""Who gains and who loses, and whose burden changes: the tables of a comparison, for the screen and for a file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.indicators.comparison import Comparison, Equity, Totals
from i18n.texts import format_number, text
from layers.maps.diverging import SMALLEST
from layers.sentences.travel_words import minutes_words
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE

_GINI_DECIMALS, _PALMA_DECIMALS = 3, 2
_MIN_POINTS = 0.05


def losers_and_gainers(comparison: Comparison) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Zones that have fewer births within reach than before, and those that have more; the largest change first.

    A zone that gains as much as it loses stands with the losers.
    """
    zones = comparison.zones
    net = zones["births_gained"] - zones["births_lost"]
    moved = zones[["births_gained", "births_lost"]].max(axis=1) >= SMALLEST
    real = moved & (zones["zone_id"] != NOT_KNOWN_HERE)
    order = pd.DataFrame({"net": net, "lost": -zones["births_lost"], "id": zones["zone_id"]})
    less = order[real & (net < SMALLEST)].sort_values(["net", "lost", "id"]).index
    more = order[real & (net >= SMALLEST)].sort_values(["net", "id"], ascending=[False, True]).index
    return zones.loc[less], zones.loc[more]


def burdens(comparison: Comparison) -> pd.DataFrame:
    """Places that are new, moved or closed, or that other children now go to; the largest change first."""
    places = comparison.places
    change = places["births_nearest_after"] - places["births_nearest_before"]
    shown = (places["status"] != "same") | (change.abs() >= SMALLEST)
    order = pd.DataFrame({"size": -change.abs(), "id": places["id"]})[shown].sort_values(["size", "id"]).index
    return places.assign(change=change).loc[order]


def table_of(comparison: Comparison, what: str) -> pd.DataFrame:
    """Whole table for a file: ``zones``, the largest loss first, or ``places``; with ``evidence`` in every row."""
    if what == "places":
        return comparison.places_in_full.reset_index(drop=True)
    less, more = losers_and_gainers(comparison)
    rest = comparison.zones.drop(index=[*less.index, *more.index])
    return pd.concat([less, more, rest], ignore_index=True)


def points(totals: Totals, lang: str) -> str:
    """Difference between the shares within reach, in percentage points."""
    if not (totals.births_before and totals.births_after):
        return "–"
    change = 100 * (totals.in_reach_after / totals.births_after - totals.in_reach_before / totals.births_before)
    if abs(change) < _MIN_POINTS:
        return "0"
    sign = "+" if change > 0 else "−"
    return f"{sign}{format_number(abs(change), lang, 1)} {text('plan.compare.points', lang)}"


def equity_rows(equity: Equity, lang: str) -> list[tuple[str, str, str]]:
    """(name, before, after) of every measure of inequality."""
    rows = []
    for what in ("distance", "access"):
        for measure, decimals in (("gini", _GINI_DECIMALS), ("palma", _PALMA_DECIMALS)):
            pair = (getattr(equity, f"{measure}_{what}_{side}") for side in ("before", "after"))
            rows.append((text(f"plan.compare.{measure}.{what}", lang), *(_written(v, lang, decimals) for v in pair)))
    return rows  # type: ignore[return-value]  # two sides, always


def equity_sentence(comparison: Comparison, lang: str) -> str:
    """What happens to the Gini of the distance, and a warning where it is equal by being far; empty where unknown."""
    equity, totals = comparison.equity, comparison.totals
    pair = (equity.gini_distance_before, equity.gini_distance_after)
    if not np.isfinite(pair).all():
        return ""
    before, after = (_written(value, lang, _GINI_DECIMALS) for value in pair)
    word = "same" if before == after else "less" if pair[1] < pair[0] else "more"
    told = text(f"plan.compare.equity.{word}", lang, before=before, after=after)
    if word != "less" or totals.mean_after_m <= totals.mean_before_m:
        return told
    farther = {
        "mean_before": minutes_words(totals.mean_before_m, comparison.before.query, lang),
        "mean_after": minutes_words(totals.mean_after_m, comparison.after.query, lang),
    }
    return f"{told} {text('plan.compare.equity.farther', lang, **farther)}"


def _written(value: float, lang: str, decimals: int) -> str:
    return "∞" if value == np.inf else format_number(value, lang, decimals)
