"""What an answer to a norm says of itself in a file: tables, notes, and all of it as JSON or text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.core.rows import about_places
from i18n.texts import DEFAULT_LANGUAGE, text
from layers.notes.notes import Notes
from layers.notes.siting.site_notes import question_words, told_notes
from layers.sentences.amounts import count, figure
from layers.sentences.grammar import called
from layers.sentences.norm import all_words, model_words
from loaders.catalogue.columns import FRONTIER_COLUMNS, NORM_ZONE_COLUMNS
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from coverage.norm import NormAnswer, NormRequest
    from loaders.snapshot.reader import Snapshot


def describe_norm(
    answer: NormAnswer, snapshot: Snapshot, asked: Mapping[str, object], lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Notes of an answer; ``asked`` are the options of the command beside those of the query."""
    words = {**question_words(answer.analysis, lang), "norm": count("births", answer.request.births, lang)}
    caveats = [*all_words(answer, lang), *model_words(answer, lang)]
    return told_notes(answer.analysis, snapshot, "norm", lang, text("norm.asks", lang, **words), caveats, asked)


def norm_options(request: NormRequest, areas: str = "") -> dict[str, object]:
    """Options of the command that ask for a norm again, beside those of the query."""
    numbers = {
        "--births": request.births,
        "--deprived-weight": None if request.deprived == 1 else request.deprived,
        "--min-density": request.density,
        "--spacing": request.spacing_m,
        "--cost": request.cost,
    }
    return {
        "--in": areas or None,
        **{name: None if value is None else f"{value:.15g}" for name, value in numbers.items()},
        "--rule": ",".join(request.rules) or "none",
        "--one-per": request.one_per,
    }


Cells = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
"""Headings, and rows as people read them."""


def place_cells(answer: NormAnswer, lang: str, most: int) -> Cells:
    """First new places as a table that people read."""
    rows = tuple(
        (
            str(row["rank"]),
            f"{row['name']} ({row['municipality']})",
            figure(float(row["births_given"]), lang),
            figure(float(row["births_gained"]), lang),
            text(f"norm.page.opened.{row['opened_by']}", lang),
        )
        for row in answer.places.head(most).to_dict("records")
    )
    return _heads("rank", "place", "given", "gained", "opened", lang=lang), rows


def zone_cells(answer: NormAnswer, lang: str, most: int) -> Cells:
    """Municipalities where most stay out, as a table that people read."""
    rows = tuple(
        (
            called(str(row["zone_name"]), lang),
            figure(float(row["births"]), lang),
            figure(float(row["births_out_before"]), lang),
            figure(float(row["births_out_after"]), lang),
        )
        for row in answer.zones.head(most).to_dict("records")
    )
    return _heads("zone", "births", "before", "after", lang=lang), rows


def _heads(*names: str, lang: str) -> tuple[str, ...]:
    return tuple(text(f"norm.page.column.{name}", lang) for name in names)


def zone_table(answer: NormAnswer) -> pd.DataFrame:
    """Who stays out, by municipality: `NORM_ZONE_COLUMNS`."""
    return _told(answer, answer.zones, region().base)[list(NORM_ZONE_COLUMNS)]


def frontier_table(answer: NormAnswer) -> pd.DataFrame:
    """Births in reach by number of new places, with the bound: `FRONTIER_COLUMNS`."""
    return _told(answer, answer.frontier, region().whole or region().base)[list(FRONTIER_COLUMNS)]


def _told(answer: NormAnswer, table: pd.DataFrame, level: str) -> pd.DataFrame:
    analysis = answer.analysis
    told = about_places(table, analysis.query, analysis.demand, analysis.facilities, [""] * len(table))
    return told.assign(level=level)


def norm_text(answer: NormAnswer, notes: Notes) -> str:
    """Whole answer as plain text."""
    head = [notes.warning, ""] if notes.warning else []
    lines = [*head, *all_words(answer, notes.lang), "", *(f"{label}: {value}" for label, value in notes.lines())]
    return "\n".join(lines) + "\n"


def norm_json(answer: NormAnswer, notes: Notes) -> str:
    """Whole answer as JSON; what is not known is null."""
    told: dict[str, Any] = {
        "norm": vars(answer.request),
        "sentences": all_words(answer, notes.lang),
        "new_places": len(answer.places),
        "existing": answer.existing,
        "births": answer.births,
        "births_in_reach_before": answer.in_reach_before,
        "births_in_reach": answer.in_reach,
        "weight_in_reach": answer.weight,
        "weight_bound": answer.bound,
        "gap": answer.gap if math.isfinite(answer.gap) else None,
        "optimal": answer.optimal,
        "fewest_places": answer.fewest,
        "cost_per_year": answer.cost,
        "places": answer.places.to_dict("records"),
        "zones": answer.zones.to_dict("records"),
        "frontier": answer.frontier.to_dict("records"),
        "notes": notes.descriptor(),
    }
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True, default=_plain) + "\n"


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)
