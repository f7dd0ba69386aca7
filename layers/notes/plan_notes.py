"""What is told about plans: in lists, and in the files that are made from them."""

from __future__ import annotations

import shlex
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from coverage.scenario.scenario import Scenario
from coverage.scenario.wording import in_words
from i18n.errors import NabijError
from i18n.texts import DEFAULT_LANGUAGE, format_number, has_text, text
from layers.notes.notes import Notes, describe, question
from layers.sentences.amounts import figure
from layers.sentences.travel_words import travel_words
from loaders.catalogue.columns import FLAGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.indicators.comparison import Comparison
    from coverage.scenario.replay import Replay
    from loaders.catalogue.facilities import Facilities
    from loaders.snapshot.reader import Snapshot
    from loaders.storage.plan_store import Stored

_LISTED = (
    "id",
    "name",
    "service",
    "created",
    "snapshot",
    "note",
    "evidence",
    "flags",
    "level",
    "vintage",
    "births_kind",
    "births_year",
)
_SHORT = 12
"""Characters of a hash that are shown."""


def plan_rows(plans: Sequence[Stored], lang: str = DEFAULT_LANGUAGE) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a list of plans; no text holds a line break."""
    rows = [
        [
            plan.id,
            plan.name or text("plans.nameless", lang),
            text(f"service.{plan.service}", lang) if has_text(f"service.{plan.service}") else plan.service,
            plan.created[:16].replace("T", " "),
            plan.snapshot[:_SHORT],
            plan.note,
            *_rests_on(plan, lang),
        ]
        for plan in plans
    ]
    return [text(f"plans.{name}", lang) for name in _LISTED], [[" ".join(v.split()) for v in row] for row in rows]


def _rests_on(plan: Stored, lang: str) -> list[str]:
    """Evidence, flags, level, borders, children and year of a plan; empty where it has no document that can be read."""
    try:
        scenario = Scenario.from_json(plan.document or "")
    except NabijError:
        return [""] * 6
    query, evidence = scenario.query, scenario.stated_evidence
    year = text("plans.newest", lang) if query.year is None else str(query.year)
    flags = [
        word
        for word, holds in (("illustrative", evidence == "illustrative"), ("proxy_births", query.demand != "births"))
        if holds
    ]
    told = [text(f"flag.{word}", lang) for word in flags]
    known = text(f"evidence.{evidence}", lang)
    return [
        known,
        "; ".join(told),
        text(f"level.{query.level}", lang),
        str(query.held_vintage),
        text(f"demand.{query.demand}", lang),
        year,
    ]


def plan_name(scenario: Scenario) -> str:
    """Name of a plan, else the beginning of its id."""
    return scenario.name or scenario.id[:_SHORT]


def plan_lines(done: Replay, snapshot: Snapshot, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """Tell a plan: what it is called, what it rests on, what it asks and what it changes."""
    scenario = done.scenario
    named = {
        "id": scenario.id,
        "name": scenario.name or text("plans.nameless", lang),
        "note": scenario.note,
        "snapshot": scenario.snapshot[:_SHORT],
        "question": question(done.analysis, snapshot, lang),
        "evidence": text(f"evidence.{done.analysis.evidence}", lang),
        "flags": "; ".join(text(f"flag.{word}", lang) for word in _flags_of(done)),
        "level": text(f"level.{done.analysis.query.level}", lang),
        "vintage": str(done.analysis.query.held_vintage),
        "births_kind": text(f"demand.{done.analysis.demand.kind}", lang),
        "births_year": str(done.analysis.demand.year),
    }
    lines = [f"{text(f'plans.{name}', lang)}: {' '.join(value.split())}" for name, value in named.items() if value]
    edits = in_words(scenario, scenario.base_facilities(snapshot), lang)
    if not edits:
        return [*lines, text("plans.no_edits", lang)]
    return [*lines, text("plans.edits", lang), *(f"  {number}. {words}" for number, words in enumerate(edits, 1))]


def _flags_of(done: Replay) -> list[str]:
    """Flags that stand on any row of the table of a plan, in their order."""
    there = {word for flags in done.analysis.table["flags"].fillna("") for word in str(flags).split(";")}
    return [word for word in FLAGS if word in there]


def total_lines(comparison: Comparison, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """Totals before and after, in sentences."""
    travelled = ("mean_before", "mean_after", "p90_before", "p90_after")
    told = {
        **{name: figure(value, lang) for name, value in asdict(comparison.totals).items()},
        **{name: format_number(value, lang, 3) for name, value in asdict(comparison.equity).items()},
        **{
            name: travel_words(getattr(comparison.totals, f"{name}_m"), side.query, lang)
            for name, side in zip(travelled, (comparison.before, comparison.after) * 2, strict=True)
        },
    }
    return [text(f"plans.total.{line}", lang, **told) for line in ("in_reach", "distance", "equity")]


def describe_plan(done: Replay, snapshot: Snapshot, asked: str, lang: str = DEFAULT_LANGUAGE) -> Notes:
    """Describe the zone table of a plan.

    Parameters
    ----------
    done : the plan carried out
    snapshot : what it was carried out on
    asked : id or file by which the plan was asked for
    lang : language of the texts
    """
    notes = describe(done.analysis, snapshot, "coverage", lang)
    asks = shlex.join(["nabij", "scenario", "table", asked])
    marked = mark_plan(notes, done.scenario, done.scenario.base_facilities(snapshot), asks)
    return replace(marked, caveats=(*(text(key, lang) for key in done.warnings), *marked.caveats))


def mark_plan(notes: Notes, scenario: Scenario, facilities: Facilities, asks: str) -> Notes:
    """Mark notes as those of a plan: its name in the title, first of all that it is a plan, and its edits in words.

    Parameters
    ----------
    notes : of the answer with the edits
    scenario : the plan
    facilities : the places without its edits
    asks : command that gives the same again
    """
    lang = notes.lang
    edits = "; ".join(in_words(scenario, facilities, lang)) or text("plans.no_edits", lang).rstrip(".")
    return replace(
        notes,
        title=text("plans.title", lang, name=plan_name(scenario), title=notes.title),
        caveats=(text("plans.is_plan", lang, edits=edits), *notes.caveats),
        command=asks,
    )


def describe_comparison(
    done: Replay,
    other: Scenario | None,
    snapshot: Snapshot,
    asked: tuple[str, str],
    lang: str = DEFAULT_LANGUAGE,
) -> Notes:
    """Describe what a plan changes beside today (``other`` None) or beside another plan; see `describe_plan`."""
    notes = describe_plan(done, snapshot, asked[0], lang)
    beside = text("plans.today", lang) if other is None else text("plans.other", lang, name=plan_name(other))
    named = {"name": plan_name(done.scenario), "other": beside}
    return replace(
        notes,
        title=text("plans.compared", lang, **named),
        caveats=(text("plans.compared_before", lang, **named), *notes.caveats),
        command=shlex.join(["nabij", "scenario", "compare", *asked]),
    )
