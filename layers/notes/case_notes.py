"""What the programming test says of itself in a file: its table, its notes, and the whole of it as JSON or text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.core.minutes import in_minutes, metres_told
from coverage.core.rows import about_places
from i18n.texts import DEFAULT_LANGUAGE, format_number, text
from layers.notes.notes import Notes
from layers.notes.site_notes import question_words as asked_words
from layers.notes.site_notes import told_notes
from layers.sentences.case import (
    criterion_words,
    decisive_words,
    outcome_of,
    question_words,
    rule_words,
    site_words,
    verdict_words,
)
from loaders.catalogue.columns import CASE_COLUMNS

if TYPE_CHECKING:
    from coverage.case import ProgrammingTest
    from loaders.snapshot.reader import Snapshot

UNITS = {
    "births": "children per year",
    "distance": "m",
    "barrier": "ratio",
    "deprivation": "share 0–1",
    "article9": "",
    "alternative": "share 0–1",
    "hours": "hours per year",
}
"""Unit of the value of every criterion; of the distance minutes, where metres of travel are none on the ground."""

_VERDICT = "verdict"


def case_table(test: ProgrammingTest, where: str, lang: str = DEFAULT_LANGUAGE) -> pd.DataFrame:
    """Verdict and criteria, one row each: `CASE_COLUMNS`."""
    rows: list[dict[str, Any]] = [
        {
            "criterion": _VERDICT,
            "needed": True,
            "outcome": test.verdict,
            "value": test.probability,
            "value_unit": "share 0–1",
            "value_low": test.low,
            "value_high": test.high,
            "threshold": np.nan,
            "threshold_source": test.thresholds.preset,
            "chance_holds": test.probability,
            "sentence": verdict_words(test, where, lang),
        }
    ]
    query, details = test.analysis.query, test.analysis.details
    in_metres = metres_told(query, details)

    def in_unit(criterion: str, value: float) -> float:
        return float(in_minutes(value, query)) if criterion == "distance" and not in_metres else value

    rows += [
        {
            "criterion": judged.name,
            "needed": judged.required,
            "outcome": outcome_of(judged),
            "value": in_unit(judged.name, judged.value) if math.isfinite(judged.value) else np.nan,
            "value_unit": "minutes" if judged.name == "distance" and not in_metres else UNITS[judged.name],
            "value_low": in_unit(judged.name, judged.low),
            "value_high": in_unit(judged.name, judged.high),
            "threshold": in_unit(judged.name, judged.threshold),
            "threshold_source": judged.source,
            "chance_holds": judged.probability,
            "sentence": criterion_words(judged, test, lang),
        }
        for judged in test.criteria
    ]
    analysis = test.analysis
    none = ["" for _ in rows]
    told = about_places(pd.DataFrame(rows), analysis.query, analysis.demand, analysis.facilities, none)
    return told[list(CASE_COLUMNS)]


def describe_case(
    test: ProgrammingTest, snapshot: Snapshot, where: str, asked: Mapping[str, object], lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Notes of a test; ``asked`` are the options of the command beside those of the query."""
    service = test.analysis.query.service
    words = {**asked_words(test.analysis, lang), "article": text(f"headline.service.{service}", lang)}
    caveats = [
        *filter(None, (verdict_words(test, where, lang), decisive_words(test, lang))),
        text(f"preset.source.{_source(test)}", lang),
        rule_words(lang),
        text("criterion.draws", lang, n=format_number(test.draws, lang)),
        text("case.sites.tried", lang, n=format_number(test.n_candidates, lang)),
    ]
    return told_notes(test.analysis, snapshot, "justify", lang, text("case.asks", lang, **words), caveats, asked)


def _source(test: ProgrammingTest) -> str:
    own = {judged.source for judged in test.criteria} - {"rule", "user"}
    return next(iter(sorted(own)), "user")


def case_text(test: ProgrammingTest, notes: Notes, where: str) -> str:
    """Whole test as plain text."""
    lang = notes.lang
    service = test.analysis.query.service
    lines = [
        *([notes.warning, ""] if notes.warning else []),
        question_words(service, where, lang),
        "",
        verdict_words(test, where, lang),
        *filter(None, [decisive_words(test, lang)]),
        "",
        *(
            f"- {text(f'criterion.{judged.name}', lang)} ({text(f'case.outcome.{outcome_of(judged)}', lang)}): "
            f"{criterion_words(judged, test, lang)}"
            for judged in test.criteria
        ),
        "",
        *(site_words(site, test.analysis.query.demand, lang) for site in _records(test.sites)),
        text("case.sites.tried", lang, n=format_number(test.n_candidates, lang)),
        "",
        *(f"{label}: {value}" for label, value in notes.lines()),
    ]
    return "\n".join(lines) + "\n"


def case_json(test: ProgrammingTest, table: pd.DataFrame, notes: Notes, where: str) -> str:
    """Whole test as JSON; what is not known is null."""
    told = {
        "question": question_words(test.analysis.query.service, where, notes.lang),
        "verdict": test.verdict,
        "probability": [test.low, test.high],
        "sentence": verdict_words(test, where, notes.lang),
        "preset": test.thresholds.preset,
        "required": [list(group) for group in test.thresholds.required],
        "area": {"name": where, "births": test.births, "area_km2": test.area_km2},
        "site": {"x": test.site.x, "y": test.site.y, "name": test.site.name, "births_gained": test.births_gained},
        "criteria": _records(table[table["criterion"] != _VERDICT]),
        "sites": _records(test.sites),
        "sites_tried": test.n_candidates,
        "moves": _records(test.moves),
        "shared": _records(test.shared),
        "trend": _records(test.trend),
        "draws": test.draws,
        "seed": test.seed,
        "notes": notes.descriptor(),
    }
    return json.dumps(_plain(told), ensure_ascii=False, indent=2, sort_keys=True, default=_number) + "\n"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    """Value without NaN or infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return None if value is pd.NA else value


def _number(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)
