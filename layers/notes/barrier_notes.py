"""What a table of barriers says about itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from i18n.texts import DEFAULT_LANGUAGE, format_number, text
from layers.notes.notes import Notes, cite
from layers.notes.siting.site_notes import question_words, told_notes

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Analysis
    from loaders.snapshot.reader import Snapshot

_SHOWN = 3
"""Barriers that a summary names."""


def describe_barriers(
    analysis: Analysis, snapshot: Snapshot, least_minutes: float, lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Describe a table of `coverage.barriers.cut_off.barrier_table`.

    Parameters
    ----------
    analysis : what was asked
    snapshot : what it was worked out from
    least_minutes : minutes farther from which a family counts as cut off
    lang : language of the texts
    """
    words = question_words(analysis, lang)
    minutes = format_number(least_minutes, lang, 0 if float(least_minutes).is_integer() else 1)
    question = text("barriers.asks", lang, **words, minutes=minutes)
    caveats = [text("barriers.definition", lang, minutes=minutes), text("barriers.not_added", lang)]
    asked = {"--extra": f"{least_minutes:.15g}"}
    notes = told_notes(analysis, snapshot, "barriers", lang, question, caveats, asked)
    more = [source for source in cite(snapshot, ("ground", "streets_edges"), lang) if source not in notes.sources]
    return replace(notes, sources=(*notes.sources, *more))


def barrier_name(kind: str, name: object, zone: str, lang: str = DEFAULT_LANGUAGE) -> str:
    """Name of a barrier; one without a name by its kind and where it cuts."""
    if isinstance(name, str) and name:
        return text(f"barriers.named.{kind}", lang, name=name)
    return text(f"barriers.unnamed.{kind}", lang, zone=zone)


def barrier_summary(table: pd.DataFrame, lang: str = DEFAULT_LANGUAGE) -> str:
    """The barriers that cut off most births, with how many."""
    if table.empty:
        return text("barriers.none", lang)
    whole = table["barrier"].fillna("")
    once = ~(table["barrier_kind"] + "/" + whole).duplicated() | (whole == "")
    largest = table[once].head(_SHOWN)
    named = ", ".join(
        f"{barrier_name(row['barrier_kind'], row['barrier'], row['zone_name'], lang)} "
        f"({format_number(row['barrier_births_cut_off'], lang, 0)})"
        for row in largest.to_dict("records")
    )
    return text("barriers.summary", lang, n=format_number(int(once.sum()), lang), largest=named)
