"""What tables of access measures, of trends and of documented places over the years say about themselves."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from coverage.zones.known_places import RESOURCES
from i18n.texts import DEFAULT_LANGUAGE, format_number, format_percent, text
from layers.notes.notes import Notes, cite, describe
from layers.sentences.travel_words import exact_words

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Analysis
    from loaders.snapshot.reader import Snapshot


def describe_access(
    table: pd.DataFrame,
    analysis: Analysis,
    snapshot: Snapshot,
    measures: tuple[str, ...],
    decay: str | None = None,
    lang: str = DEFAULT_LANGUAGE,
) -> Notes:
    """Describe a table of `coverage.indicators.measures.access_table`.

    Parameters
    ----------
    table : its rows
    analysis : the answer to the query behind it
    snapshot : what it was worked out from
    measures, decay : as asked
    lang : language of the texts
    """
    notes = describe(analysis, snapshot, "access", lang)
    words = explained(measures, lang)
    if decay is not None:
        words.append(f"{text(f'decay.{decay}', lang)}: {text(f'decay.{decay}.help', lang)}")
    asked = f"--measure {','.join(measures)}" + ("" if decay is None else f" --decay {decay}")
    return replace(
        notes,
        question=" ".join([notes.question, *words]),
        caveats=(*notes.caveats, *([text("caveat.capacity_unknown", lang)] if unknown_hours(table) else [])),
        command=f"{notes.command} {asked}",
    )


def explained(measures: tuple[str, ...], lang: str) -> list[str]:
    """Name and meaning of every measure."""
    return [f"{text(f'measure.{name}', lang)}: {text(f'measure.{name}.help', lang)}" for name in measures]


def unknown_hours(table: pd.DataFrame) -> bool:
    """Whether some rows rest on places whose hours are not known."""
    return bool(table["flags"].str.contains("capacity_unknown", regex=False).any())


def describe_trend(
    analysis: Analysis,
    snapshot: Snapshot,
    since: int = 0,
    lang: str = DEFAULT_LANGUAGE,
    ahead: int = 0,
    *,
    proxied: bool = True,
) -> Notes:
    """Describe a table of `trend.trend_table`; ``proxied``: whether some of its rows hold the proxy for births."""
    notes = describe(analysis, snapshot, "trend", lang)
    query = analysis.query
    births = query.demand == "births" and proxied
    proxy = [text("caveat.proxy_births", lang)] if births else []
    words = notes.command.split(" --year ")
    forecast = [text("caveat.births_projected", lang)] if ahead else []
    command = words[0] if len(words) == 1 else f"{words[0]} {words[1].partition(' ')[2]}".strip()
    return replace(
        notes,
        question=text(
            "trend.asks",
            lang,
            demand=text(f"demand.{query.demand}", lang),
            service=text(f"service.{query.service}", lang),
            reach=exact_words(query.reach_m, query, lang),
            mode=text(f"mode.{query.mode}", lang),
            model=text(f"model.{query.model}", lang),
            level=text(f"level.{query.level}", lang),
        ),
        sources=tuple(dict.fromkeys([*notes.sources, *(cite(snapshot, ("ages",), lang) if births else ())])),
        caveats=(*forecast, *proxy, text("trend.today", lang), *notes.caveats),
        command=command + (f" --since {since}" if since else "") + (f" --ahead {ahead}" if ahead else ""),
    )


def describe_known(
    facts: pd.DataFrame, snapshot: Snapshot, asked: Mapping[str, object], lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Notes of a table of `coverage.zones.known_places.known_places`.

    Parameters
    ----------
    facts : all facts, of `coverage.zones.known_places.dated_facts`
    snapshot : what holds them
    asked : options of the command
    lang : language of the texts
    """
    if asked.get("--service"):
        facts = facts[facts["service"] == asked["--service"]]
    words = ["nabij", "known"]
    for name, value in asked.items():
        if value:
            words += [name] if value is True else [name, str(value)]
    return Notes(
        title=text("known.title", lang),
        question=known_summary(facts, lang),
        warning="",
        evidence="documented",
        sources=cite(snapshot, RESOURCES, lang),
        caveats=(text("known.caveat", lang), text("known.caveat.planned", lang)),
        command=shlex.join(words),
        snapshot=snapshot.hash,
        version=version("nabij"),
        lang=lang,
    )


def known_summary(facts: pd.DataFrame, lang: str = DEFAULT_LANGUAGE) -> str:
    """How many facts there are, and which part has a date of its own, one that was inferred, or none."""
    if not len(facts):
        return text("known.nothing", lang)
    share = facts["basis"].value_counts(normalize=True)
    parts = {name: format_percent(float(share.get(name, 0.0)), lang) for name in ("stated", "inferred", "undated")}
    dated = facts[facts["begin"].notna()]
    years = {"first": "–", "last": "–"}
    if len(dated):
        years = {"first": str(int(dated["begin"].min())), "last": str(int(dated["end"].max()))}
    return text("known.summary", lang, n=format_number(len(facts), lang), **parts, **years)
