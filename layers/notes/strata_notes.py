"""What a table by stratum says about itself, and who bears being out of reach, in sentences."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from coverage.indicators.surroundings import MIN
from i18n.texts import DEFAULT_LANGUAGE, format_number, format_percent, text
from layers.notes.notes import Notes, cite

if TYPE_CHECKING:
    from coverage.indicators.strata_table import Burden
    from loaders.snapshot.reader import Snapshot

_RESOURCE = {"deprivation": "sector_deprivation", "area_type": "census_grid"}
"""What each division rests on."""


def mark_strata(notes: Notes, burden: Burden, snapshot: Snapshot) -> Notes:
    """Notes of a table that is divided by ``--by``: who bears it, what to keep in mind, and the sources.

    Parameters
    ----------
    notes : of the answer without the division
    burden : who bears it in the area asked about
    snapshot : what it rests on
    """
    lang = notes.lang
    more = cite(snapshot, (_RESOURCE[burden.by],), lang)
    return replace(
        notes,
        title=text("strata.title", lang, title=notes.title, by=text(f"by.{burden.by}", lang)),
        caveats=(*burden_lines(burden, lang), text(f"caveat.by.{burden.by}", lang), *notes.caveats),
        sources=(*notes.sources, *(source for source in more if source not in notes.sources)),
        command=f"{notes.command} {shlex.join(['--by', burden.by])}",
    )


def burden_lines(burden: Burden, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """Sentences: out of reach by stratum, on whom it falls, and how far beyond reach people live."""
    if not burden.births:
        return [text("strata.no_births", lang)]
    if math.isnan(burden.out_of_reach):
        return [text("strata.no_distance", lang)]
    parts = [
        text(
            "strata.part",
            lang,
            stratum=text(f"stratum.{burden.by}.{one.stratum}", lang),
            out=format_number(one.out_of_reach, lang),
            births=format_number(one.births, lang),
            share=format_percent(one.out_of_reach / one.births, lang),
        )
        for one in burden.strata
        if one.births >= MIN
    ]
    if not parts:
        return [text("strata.few_births", lang)]
    told = text("strata.out_of_reach", lang, by=text(f"by.{burden.by}", lang), parts="; ".join(parts))
    return [told, *inequality_lines(burden, lang)]


def inequality_lines(burden: Burden, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """Sentences with the concentration index and FGT, each only where it is known."""
    lines = []
    if math.isfinite(burden.concentration_out):
        index = burden.concentration_out
        word = "even" if abs(index) < _EVEN else "deprived" if index < 0 else "affluent"
        lines.append(
            text(
                f"strata.concentration.{word}",
                lang,
                index=format_number(index, lang, 3),
                distance=format_number(burden.concentration_distance, lang, 3),
            )
        )
    if math.isfinite(burden.fgt[1]):
        told = {f"fgt{alpha}": format_number(value, lang, 3) for alpha, value in enumerate(burden.fgt)}
        lines.append(text("strata.fgt", lang, **told))
    return lines


_EVEN = 0.01
"""A concentration index nearer to 0 than this is called even."""
