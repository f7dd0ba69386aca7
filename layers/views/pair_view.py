"""Two answers as linked maps show them: zones and classes in one legend, and the difference as circles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coverage.analysis import Analysis
from coverage.indicators.comparison import Comparison
from i18n.texts import format_number, format_percent, text
from layers.maps.scales.classes import Legend, get_indicator, legend_for
from layers.maps.scales.diverging import SMALLEST
from layers.sentences import figure, format_minutes
from layers.views.view import coloured
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE

GAIN, LOSS = "#0e5e66", "#b8611a"
"""Colours of circles of more and of fewer children, as dark as each other and apart for every colour blindness."""


def shared_legend(left: Analysis, right: Analysis, indicator: str) -> Legend:
    """Classes that hold for both answers, so that one colour means one thing on either map."""
    both = pd.concat([side.table[side.table["zone_id"] != NOT_KNOWN_HERE] for side in (left, right)])
    return legend_for(both, indicator)


def side_of_pair(analysis: Analysis, indicator: str, legend: Legend, lang: str) -> dict[str, Any]:
    """One side.

    Returns
    -------
    dict
        ``i`` (row in ``Snapshot.zones``), ``values``, ``told`` (value in words) and ``classes`` (one character per
        row, ``-`` for none) by zone; ``legend`` as the explorer has it, null where no zone has a value; ``circles``:
        whether the values are counts, which are drawn as circles
    """
    table = analysis.table[analysis.table["zone_id"] != NOT_KNOWN_HERE]
    position = pd.Index(analysis.all_zones["zone_id"]).get_indexer(table["zone_id"])
    chosen = get_indicator(indicator)
    values, classes, told = coloured(table, chosen, lang, classes=legend)
    return {
        "i": position.tolist(),
        "values": values,
        "told": [told_value(indicator, value, lang) for value in table[indicator].tolist()],
        "classes": classes,
        "legend": told,
        "colours": list(legend.colours),
        "circles": chosen.scale == "births",
    }


def difference_of_pair(comparison: Comparison, lang: str) -> dict[str, Any]:
    """Who gains and who loses by zone: ``i``, ``values`` (net children within reach, null where unknown), ``told``."""
    zones = comparison.zones
    zones = zones[zones["zone_id"] != NOT_KNOWN_HERE]
    position = pd.Index(comparison.after.all_zones["zone_id"]).get_indexer(zones["zone_id"])
    gained, lost = (zones[name].to_numpy(np.float64) for name in ("births_gained", "births_lost"))
    net = gained - lost
    return {
        "i": position.tolist(),
        "values": [None if np.isnan(value) else round(float(value), 2) for value in net],
        "told": [_told_change(more, less, lang) for more, less in zip(gained, lost, strict=True)],
        "least": SMALLEST,
        "colours": [LOSS, GAIN],
    }


def told_value(indicator: str, value: Any, lang: str) -> str:
    """Value of an indicator as people read it; in words where there is none."""
    if value is None or pd.isna(value):
        return text("legend.no_data", lang)
    scale = get_indicator(indicator).scale
    if scale == "label":
        return text("legend.gap.yes" if value else "legend.gap.no", lang)
    if scale == "share":
        return format_percent(float(value), lang)
    return format_minutes(float(value), lang) if scale == "minutes" else figure(float(value), lang)


def _told_change(gained: float, lost: float, lang: str) -> str:
    if np.isnan(gained):
        return text("compare.page.unknown", lang)
    if max(gained, lost) < SMALLEST:
        return text("compare.page.nothing", lang)
    parts = [
        text(f"compare.page.{name}", lang, n=format_number(value, lang) if value >= 0.5 else "<1")
        for name, value in (("gains", gained), ("loses", lost))
        if value >= SMALLEST
    ]
    return ", ".join(parts)
