"""Legend classes and colours, shared by every map we draw: which class a value is in, what it looks like.

One principle everywhere: **the darker, the more attention a zone deserves**. So shares within reach and
numbers of places run the other way round from births and distances. Classes include their lower bound: a
share of exactly 50 % is not below the 50 % that decides about a gap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.indicators.measures import DISTANCES, MEASURES
from i18n.messages import MessageError
from i18n.texts import format_number, format_percent, text
from layers.maps.scales.classing import USUAL, Classing, breaks_by
from layers.maps.scales.diverging import BOUNDS, change_breaks, change_colours, change_labels
from layers.sentences import format_minutes

NO_DATA_COLOUR = "#d5dadd"
"""Neutral grey for zones without a value; drawn hatched where borders are not known."""

NO_DATA = -1
"""Class index of a missing value."""

MAX_CLASSES = 6
_TOP_QUANTILE = 0.97

Scale = Literal["births", "share", "minutes", "count", "ratio", "label", "amount", "probability", "change"]

_FIXED_BREAKS: Mapping[Scale, tuple[float, ...]] = {
    "share": (0.1, 0.25, 0.5, 0.75, 0.9),
    "minutes": (5.0, 10.0, 15.0, 30.0, 60.0),  # 15 minutes are the usual nearness norm
    "count": (1.0, 2.0, 3.0, 5.0),
    "label": (1.0,),
    # symmetrical around one half: below 5 % and from 95 % on the label is firm
    "probability": (0.05, 0.25, 0.5, 0.75, 0.95),
}


@dataclass(frozen=True)
class Indicator:
    """One column of the zone table as something to colour a map by.

    Attributes
    ----------
    id : column of the zone table
    scale : what kind of quantity it is, which decides breaks and notation
    dark_is_low : whether low values deserve the attention
    basis : column that data-driven breaks are derived from, so that they stay put when only the reach changes
    """

    id: str
    scale: Scale
    dark_is_low: bool = False
    basis: str = ""


INDICATORS: dict[str, Indicator] = {
    indicator.id: indicator
    for indicator in (
        Indicator("births_out_of_reach", "births", basis="births"),
        Indicator("share_in_reach", "share", dark_is_low=True),
        Indicator("gap", "label"),
        Indicator("mean_minutes", "minutes"),
        Indicator("median_minutes", "minutes"),
        Indicator("p90_minutes", "minutes"),
        Indicator("births", "births", basis="births"),
        Indicator("n_facilities", "count", dark_is_low=True),
        Indicator("births_per_facility", "ratio", basis="births_per_facility"),
    )
}
"""Indicators a map can show, in the order they are offered. Their titles are the texts ``column.<id>``."""

PROBABILITY = "gap_probability"

ASKED: dict[str, Indicator] = {
    **{name: Indicator(name, "minutes") for name in DISTANCES},
    **{name: Indicator(name, "amount", dark_is_low=True) for name in MEASURES if name not in DISTANCES},
    PROBABILITY: Indicator(PROBABILITY, "probability"),
}
"""Indicators that are worked out when someone asks for them: measures of access, and how sure a gap is."""


DIFFERENCES: dict[str, Indicator] = {"reach_change": Indicator("reach_change", "change")}
"""What a map of a plan can show besides: births within reach, more or fewer than in what it is compared with."""


@dataclass(frozen=True)
class Legend:
    """Classes of one indicator.

    Attributes
    ----------
    indicator : id in `INDICATORS`
    unit : text key of the unit, ``legend.unit.<scale>``
    breaks : (k - 1,) inner bounds, ascending; class *i* holds ``breaks[i - 1] <= value < breaks[i]``
    colours : (k,) hex colour of every class; of counts, none stands out and the rest stays light
    no_data : colour of a zone without a value
    counted : who the numbers count, one of the kinds of demand
    """

    indicator: str
    unit: str
    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    no_data: str = NO_DATA_COLOUR
    counted: str = "births"

    def unit_words(self, lang: str) -> str:
        """Unit as people read it, with the word for whom the numbers count."""
        return text(self.unit, lang, who=text(f"subline.who.{self.counted}", lang))

    def labels(self, lang: str = "nl") -> list[str]:
        """Return (k,) text per class, such as ``"50 tot 100"``."""
        scale = get_indicator(self.indicator).scale
        if scale == "change":
            return change_labels(self.breaks, lang)
        if scale == "label":
            return [text("legend.gap.no", lang), text("legend.gap.yes", lang)]
        if scale == "count":
            return _count_labels(self.breaks, lang)
        shown = [_notation(value, scale, lang) for value in self.breaks]
        if not shown:
            return [text("legend.all", lang)]
        middle = [
            text("legend.between", lang, low=_without_unit(low, high), high=high) for low, high in pairwise(shown)
        ]
        return [
            text("legend.below", lang, high=shown[0]),
            *middle,
            text("legend.above", lang, low=shown[-1]),
        ]


def get_indicator(indicator: str) -> Indicator:
    """Look an indicator up by id; `InputError` listing the known ones when it is unknown."""
    known = INDICATORS | ASKED | DIFFERENCES
    if indicator not in known:
        raise MessageError("error.question.indicator", value=str(indicator), known=", ".join(known))
    return known[indicator]


def legend_for(table: pd.DataFrame, indicator: str, classing: Classing = USUAL) -> Legend:
    """Legend of ``indicator`` for a zone table.

    Shares, distances and counts have fixed classes, so two maps compare. Births have round bounds of the
    series 1, 2, 5, 10 ... that follow the size of the zones, not the reach asked for: going from foot to
    bike lightens the map.

    Parameters
    ----------
    table : zone table (``coverage.analysis.Analysis.table``)
    indicator : id in `INDICATORS`; `InputError` when unknown
    classing : another way of making classes, for the scales that it suits
    """
    legend = _legend_of(table, get_indicator(indicator), classing)
    if "births_kind" not in table:
        return legend
    kinds = table["births_kind"].dropna()
    return replace(legend, counted=str(kinds.iloc[0])) if len(kinds) else legend


def _legend_of(table: pd.DataFrame, chosen: Indicator, classing: Classing) -> Legend:
    if chosen.id in table:
        numbers = pd.Series(table[chosen.id]).astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        values = np.asarray(numbers, dtype=np.float64)
        bounds = breaks_by(values, chosen.scale, classing)
        if bounds is not None:
            return Legend(chosen.id, f"legend.unit.{chosen.scale}", bounds, _colours(chosen, len(bounds) + 1))
    if chosen.scale == "change":
        size = np.abs(pd.to_numeric(table[chosen.id], errors="coerce").to_numpy(dtype=np.float64))
        breaks = change_breaks(round_breaks(size, BOUNDS + 1))
        return Legend(chosen.id, "legend.unit.change", breaks, change_colours(breaks))
    if chosen.scale == "amount":
        breaks = even_breaks(pd.to_numeric(table[chosen.id], errors="coerce").to_numpy(dtype=np.float64))
    elif chosen.basis:
        breaks = round_breaks(pd.to_numeric(table[chosen.basis], errors="coerce").to_numpy(dtype=np.float64))
    else:
        breaks = _FIXED_BREAKS[chosen.scale]
    colours = _colours(chosen, len(breaks) + 1)
    return Legend(chosen.id, f"legend.unit.{chosen.scale}", breaks, colours)


def class_index(values: npt.ArrayLike | pd.Series, legend: Legend) -> npt.NDArray[np.int64]:
    """Return (n,) class of every value, ``NO_DATA`` (-1) where it is missing.

    Parameters
    ----------
    values : (n,) numbers, or booleans for the gap label; missing as ``NaN``, ``None`` or ``<NA>``
    legend : the classes
    """
    numbers = pd.Series(values).astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    index = np.digitize(numbers, np.asarray(legend.breaks, dtype=np.float64)).astype(np.int64)
    index[~np.isfinite(numbers)] = NO_DATA
    return index


def round_breaks(values: npt.NDArray[np.float64], classes: int = MAX_CLASSES) -> tuple[float, ...]:
    """At most ``classes - 1`` bounds of the series 1, 2, 5, 10, 20 ... that suit skewed positive values.

    The highest bound is the largest of the series that the top 3 % of the values still reach.
    """
    known = values[np.isfinite(values) & (values > 0)]
    if not len(known):
        return ()
    top = float(np.quantile(known, _TOP_QUANTILE))
    start = 3 * math.floor(math.log10(top)) + 2
    series = [_series(step) for step in range(start, start - 3 * classes, -1)]
    reached = [bound for bound in series if bound <= top * (1 + 1e-9)]
    return tuple(sorted(reached[: classes - 1]))


def even_breaks(values: npt.NDArray[np.float64], classes: int = MAX_CLASSES) -> tuple[float, ...]:
    """At most ``classes - 1`` bounds that put about as many of the zones that have something in every class.

    Bounds have two figures, so that they can be read. Zones with less than a hundredth of the median have as good
    as nothing; they fall in the lowest class and decide about no bound.
    """
    known = values[np.isfinite(values) & (values > 0)]
    known = known[known >= 0.01 * np.median(known)] if len(known) else known
    if not len(known):
        return ()
    bounds = np.quantile(known, np.arange(1, classes) / classes)
    return tuple(sorted({float(f"{bound:.2g}") for bound in bounds}))


def ramp(classes: int) -> tuple[str, ...]:
    """Sequential colours from pale peach to burgundy, as hex, light to dark.

    Lightness falls in equal steps in OKLCH (B. Ottosson, 2020, https://bottosson.github.io/posts/oklab/),
    so the order survives colour-blindness, a grey print and a weak projector; the hues are all warm.

    Parameters
    ----------
    classes : number of colours, at least 1
    """
    steps = np.linspace(0, 1, classes) if classes > 1 else np.array([0.35])
    return tuple(_warm(t) for t in steps)


def _series(step: int) -> float:
    decade, place = divmod(step, 3)
    return float((1, 2, 5)[place] * 10.0**decade)


def _colours(indicator: Indicator, classes: int) -> tuple[str, ...]:
    full = ramp(MAX_CLASSES)
    if indicator.scale == "label":
        return full[0], full[3]
    if indicator.scale == "count":
        return full[4], *(_warm(t) for t in np.linspace(0.24, 0, classes - 1))
    colours = ramp(classes)
    return colours[::-1] if indicator.dark_is_low else colours


def _warm(t: float) -> str:
    """Colour at position ``t`` (0 light, 1 dark) of the ramp."""
    return _oklch(0.95 - 0.62 * t, 0.04 + 0.11 * math.sin(math.pi * (0.08 + 0.75 * t)), 80 - 65 * t)


def _oklch(lightness: float, chroma: float, hue_degrees: float) -> str:
    a, b = chroma * math.cos(math.radians(hue_degrees)), chroma * math.sin(math.radians(hue_degrees))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(value)):02x}" for value in linear)


def _gamma(value: float) -> float:
    clipped = min(max(value, 0.0), 1.0)
    return 12.92 * clipped if clipped <= 0.0031308 else 1.055 * float(clipped ** (1 / 2.4)) - 0.055


def _notation(value: float, scale: Scale, lang: str) -> str:
    if scale in ("share", "probability"):
        return format_percent(value, lang)
    if scale == "minutes":
        return format_minutes(value, lang)
    if scale == "amount":
        return format_amount(value, lang)
    decimals = 0 if value >= 1 else math.ceil(-math.log10(value))
    return format_number(value, lang, decimals)


def format_amount(value: float | None, lang: str = "nl") -> str:
    """Amount with two figures that say something: ``12``, ``4,2``, ``0,036``; an en dash when missing."""
    if value is None or not math.isfinite(value) or value == 0:
        return format_number(value, lang)
    return format_number(value, lang, max(0, 1 - math.floor(math.log10(abs(value)))))


def _without_unit(low: str, high: str) -> str:
    """Drop the unit of the lower bound when both bounds have the same one: ``25 tot 50 %``."""
    for unit in (" min", "\u00a0%", "%"):
        if low.endswith(unit) and high.endswith(unit) and low[: -len(unit)][-1:].isdigit():
            return low[: -len(unit)]
    return low


def _count_labels(breaks: tuple[float, ...], lang: str) -> list[str]:
    bounds = [0, *(int(value) for value in breaks)]
    labels = [
        str(low) if high == low + 1 else text("legend.range", lang, low=low, high=high - 1)
        for low, high in pairwise(bounds)
    ]
    return [*labels, text("legend.above", lang, low=bounds[-1])]
