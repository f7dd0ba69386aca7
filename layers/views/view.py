"""An analysis as the explorer shows it: values by zone, classes, legends and sentences. Nothing is computed here.

Borders and names travel apart (`layers.maps.geometry`); a payload refers to zones by their row there, so that another
question, reach or year sends numbers only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.analysis import Analysis
from coverage.core.minutes import in_minutes
from coverage.core.query import DEFAULT_WITHIN_M, Query
from coverage.zones.areas import area_vintage
from i18n.numbers import plural_form
from i18n.texts import format_number, format_percent, has_text, text
from layers.maps.scales.classes import (
    INDICATORS,
    NO_DATA,
    Indicator,
    Legend,
    class_index,
    get_indicator,
    legend_for,
)
from layers.maps.scales.classing import USUAL, USUAL_METHOD, Classing
from layers.notes.notes import births_not_told, births_out_of_reach
from layers.sentences import called, listed
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE, get_level
from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.reader import Snapshot

TOP = 10
"""How many zones are numbered on the map."""

NAMES_SHOWN = 8
"""How many zones a sentence names before it says how many more there are."""

_DECIMALS = {"births": 2, "share": 4, "minutes": 1, "count": 0, "ratio": 1, "probability": 4, "change": 1}
_SYMBOLS = "0123456789"
_NO_DATA_SYMBOL = "-"


def rank_of_need(table: pd.DataFrame, zone_id: str) -> tuple[int, int, bool] | None:
    """Rank of a zone by births out of reach, among how many, and whether others share it; None where it has none.

    What is not known has no rank and does not count among the others, nor does the remainder of a level.
    """
    known = table[table["births_out_of_reach"].notna() & (table["zone_id"] != NOT_KNOWN_HERE)]
    own = known.loc[known["zone_id"] == zone_id, "births_out_of_reach"].to_numpy(np.float64)
    if not len(own):
        return None
    need = known["births_out_of_reach"].to_numpy(np.float64)
    more, same = need > own[0] + _TIE, np.abs(need - own[0]) <= _TIE
    return int(more.sum()) + 1, len(known), bool(same.sum() > 1)


_TIE = 1e-6
"""Births within which two zones are equal."""


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a zone table, most births out of reach first; where that is unknown, gaps first and then births.

    The remainder of a level that does not cover everything stays last.
    """
    keys = pd.DataFrame(
        {
            "remainder": (table["zone_id"] == NOT_KNOWN_HERE).to_numpy(bool),
            "need": -table["births_out_of_reach"].to_numpy(np.float64),
            "no_gap": ~table["gap"].fillna(value=False).to_numpy(bool),
            "births": -table["births"].to_numpy(np.float64),
            "zone_id": table["zone_id"].to_numpy(object),
        }
    )
    order = keys.sort_values(["remainder", "need", "no_gap", "births", "zone_id"], kind="stable").index
    return table.iloc[order.to_numpy()].reset_index(drop=True)


def payload(analysis: Analysis, lang: str, method: str = USUAL_METHOD) -> dict[str, Any]:
    """Values of the zones of an analysis for the browser.

    Parameters
    ----------
    analysis : the answer to a question
    lang : language
    method : how values are put in classes, one of `layers.maps.scales.classing.METHODS`

    Returns
    -------
    dict
        ``rows``: ranked columns, ``i`` being the row in ``Snapshot.zones`` (-1 for the remainder);
        ``classes``: per indicator one character per row, the class or ``-`` for no data;
        ``legends``: per indicator title, unit, colours, labels and zones per class, ``null`` where no zone has a value;
        ``top``: the first `TOP` zones with births out of reach, as positions in ``rows``
    """
    table = ranked(analysis.table)
    position = pd.Index(analysis.all_zones["zone_id"]).get_indexer(table["zone_id"])
    position[(table["zone_id"] == NOT_KNOWN_HERE).to_numpy(bool)] = -1
    rows: dict[str, list[Any]] = {"i": position.tolist()}
    classes: dict[str, str] = {}
    legends: dict[str, Any] = {}
    classing = classing_of(analysis.query, method)
    for indicator in INDICATORS.values():
        rows[indicator.id], classes[indicator.id], legends[indicator.id] = coloured(table, indicator, lang, classing)
    if legends["gap"]:
        share = format_percent(analysis.query.min_share, lang)
        legends["gap"]["unit"] = text("legend.unit.label.share", lang, share=share)
    rows["gap_reasons"] = table["gap_reasons"].fillna("").tolist()
    rows["flags"] = table["flags"].fillna("").tolist()
    return {"rows": rows, "classes": classes, "legends": legends, "top": _top(table), "rest": _rest(table, lang)}


def classing_of(query: Query, method: str) -> Classing:
    """How the values of a question are put in classes, with the norm that it asks."""
    return Classing(method, query.min_share, round(float(in_minutes(query.reach_m, query)), 4))


def coloured(
    table: pd.DataFrame, indicator: Indicator, lang: str, classing: Classing = USUAL, classes: Legend | None = None
) -> tuple[list[Any], str, dict[str, Any] | None]:
    """Values, classes and legend of one column of a zone table, as the browser takes them (`payload`).

    ``classes`` are those that this table shares with another one; None for its own by ``classing``.
    """
    real = (table["zone_id"] != NOT_KNOWN_HERE).to_numpy(bool)
    legend = classes or legend_for(table[real], indicator.id, classing)
    index = np.where(real, class_index(table[indicator.id], legend), NO_DATA)
    told = _legend(legend, index[real], lang) if (index >= 0).any() else None
    return _column(table[indicator.id], indicator), _symbols(index), told


def headline(analysis: Analysis, snapshot: Snapshot, lang: str) -> str:
    """Answer in one sentence, what matters between ``**``: how many live too far, or where there is no place at all."""
    query = analysis.query
    table = analysis.table
    words = {
        "where": _where(query, snapshot, lang),
        "service": text(f"headline.service.{query.service}", lang),
        "levels": text(f"level.{query.level}.plural", lang),
    }
    out, total = births_out_of_reach(analysis)
    if out is not None:
        answer = text(
            "headline.known.area" if query.areas else "headline.known",
            lang,
            out=format_number(out, lang),
            total=format_number(total, lang),
            who=text(f"headline.who.{query.demand}", lang, year=analysis.demand.year),
            reach=reach_in_words(query, lang),
            **words,
        )
        lacking = births_not_told(analysis)
        more = text("headline.not_told", lang, births=format_number(lacking, lang)) if lacking > 0 else ""
        return f"{answer} {more}".rstrip()
    known = table[table["n_facilities"].notna()]
    without = table[table["gap"].fillna(value=False).to_numpy(bool)]
    key = f"headline.unknown.{query.service}" + (".area" if query.areas else "") + (".none" if without.empty else "")
    return text(
        key,
        lang,
        n=len(without),
        known=len(known),
        all=len(table[table["zone_id"] != NOT_KNOWN_HERE]),
        names=listed(without.sort_values("zone_name")["zone_name"].tolist(), lang),
        **words,
    )


def subline(analysis: Analysis, lang: str) -> str:
    """What to look at next: which zones are numbered, or why there are no distances."""
    query = analysis.query
    levels = text(f"level.{query.level}.plural", lang)
    if not analysis.table["births_out_of_reach"].notna().any():
        return text("subline.unknown", lang)
    n = len(_top(ranked(analysis.table)))
    who = text(f"subline.who.{query.demand}", lang)
    key = "none" if n == 0 else "one" if n == 1 else "few" if n < TOP else "known"
    line = text(f"subline.{key}", lang, n=n, levels=levels, who=who)
    area = analysis.details.get("complete_for")
    return f"{line} {text('subline.complete_for', lang, area=area)}" if area else line


def reach_in_words(query: Query, lang: str) -> str:
    """Reach as people say it: ``15 minuten stappen``, ``12,5 minuten fietsen``."""
    minutes = round(float(in_minutes(query.reach_m, query)), 1)
    return text(
        f"headline.reach.{query.mode}.{plural_form(minutes, lang)}",
        lang,
        n=format_number(minutes, lang, 0 if minutes.is_integer() else 1),
    )


def within_words(lang: str) -> dict[str, str]:
    """What the sidebar says of a reach by each mode, by key; the browser fills in how far that is."""
    return {
        f"sidebar.within.{mode}.{form}": text(f"sidebar.within.{mode}.{form}", lang)
        for mode in DEFAULT_WITHIN_M
        for form in ("one", "other")
    }


def area_name(snapshot: Snapshot, level: str, zone_id: str, vintage: int, lang: str) -> str:
    """An area with what it is: ``zorgregio Boom``; a municipality by its name alone."""
    zones = snapshot.zones(level, area_vintage(level, vintage)).set_index("zone_id")["zone_name"]
    name = called(str(zones.get(zone_id, zone_id)), lang)
    return name if level == region().base else text("area.name", lang, level=text(f"level.{level}", lang), name=name)


def _where(query: Query, snapshot: Snapshot, lang: str) -> str:
    names = [area_name(snapshot, level, zone, query.vintage, lang) for level, zone in query.areas]
    return listed(names, lang)


def _column(values: pd.Series[Any], indicator: Indicator) -> list[Any]:
    """Values as the browser takes them: rounded, ``None`` where there is none; whole columns at a time, for speed."""
    told = np.full(len(values), None, dtype=object)
    if indicator.scale == "label":
        known = values.notna().to_numpy(bool)
        told[known] = values.to_numpy(dtype=object)[known]
        return list(told)
    numbers = np.asarray(values.astype("Float64").to_numpy(na_value=np.nan), dtype=np.float64)
    known = np.isfinite(numbers)
    if indicator.scale == "amount":
        told[known] = four(numbers[known]).tolist()
        return list(told)
    rounded = numbers[known].round(_DECIMALS[indicator.scale])
    told[known] = (rounded.astype(np.int64) if _DECIMALS[indicator.scale] == 0 else rounded).tolist()
    return list(told)


def four(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Finite numbers to four significant digits.

    Examples
    --------
    >>> four(np.array([0.0, 0.00123456, 98765.4])).tolist()
    [0.0, 0.001235, 98770.0]
    """
    size = np.floor(np.log10(np.abs(numbers), out=np.zeros_like(numbers), where=numbers != 0)).astype(int)
    rounded = np.zeros_like(numbers)
    for power in np.unique(size):
        same = size == power
        rounded[same] = numbers[same].round(3 - int(power))
    return rounded


def indicator_title(indicator: str, lang: str) -> str:
    """Name of an indicator, as short as a choice must be; a measure of access has that of the measure."""
    kind = "measure" if has_text(f"measure.{indicator}") else "indicator"
    return text(f"{kind}.{indicator}", lang)


def _symbols(index: npt.NDArray[np.int64]) -> str:
    letters = np.frombuffer((_SYMBOLS + _NO_DATA_SYMBOL).encode(), dtype=np.uint8)
    return letters[np.where(index == NO_DATA, len(_SYMBOLS), index)].tobytes().decode()


def _legend(legend: Legend, index: npt.NDArray[np.int64], lang: str) -> dict[str, Any]:
    n = len(legend.colours)
    scale = get_indicator(legend.indicator).scale
    return {
        "title": indicator_title(legend.indicator, lang),
        "unit": legend.unit_words(lang),
        "colours": list(legend.colours),
        "labels": legend.labels(lang),
        "breaks": list(legend.breaks),
        "zones": np.bincount(index[index >= 0], minlength=n).tolist(),
        "noData": legend.no_data,
        "noDataLabel": text("legend.unjudged" if scale == "label" else "legend.no_data", lang),
        "noDataZones": int((index < 0).sum()),
    }


def _top(table: pd.DataFrame) -> list[int]:
    need = table["births_out_of_reach"].to_numpy(np.float64)
    real = (table["zone_id"] != NOT_KNOWN_HERE).to_numpy(bool)
    return [int(i) for i in np.flatnonzero((need > 0) & real)[:TOP]]


def _rest(table: pd.DataFrame, lang: str) -> str:
    """Name of the remainder, empty where there is none."""
    if not (table["zone_id"] == NOT_KNOWN_HERE).any():
        return ""
    level = get_level(str(table["level"].iloc[0]))
    word = NOT_KNOWN_HERE if level.documented_only else "outside_partition"
    return text(f"remainder.{word}", lang)
