"""What proposals, closures and verdicts say about themselves."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from coverage.siting.planning.question.candidates import BUILDINGS, kind_words
from i18n.texts import DEFAULT_LANGUAGE, format_number, text
from layers.notes.notes import Kind, Notes, cite, demand_words, describe
from layers.sentences.amounts import figure
from layers.sentences.certainty import SAME_GAP, gap_words
from layers.sentences.targeting import targeting_lines
from layers.sentences.travel_words import exact_words, travel_words
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from coverage.analysis import Analysis, Engine
    from coverage.indicators.criterion import Criterion
    from coverage.siting import JointResult, SitingResult
    from coverage.siting.planning.hectare_bound import HectareBound
    from coverage.siting.planning.proposal import Proposal
    from coverage.siting.planning.question.problem import Problem
    from coverage.siting.planning.question.request import SitingRequest
    from loaders.snapshot.reader import Snapshot


_SAME = 0.05
"""A smaller difference with greedy is none."""


def describe_sites(proposals: Sequence[Proposal], snapshot: Snapshot, lang: str = DEFAULT_LANGUAGE) -> Notes:
    """Describe the table of new places.

    Parameters
    ----------
    proposals : the best, then its alternatives
    snapshot : what they were worked out from
    lang : language of the texts
    """
    best = proposals[0]
    request = best.problem.request
    question = text(
        f"site.asks.{request.objective}",
        lang,
        n=format_number(request.add, lang),
        **question_words(best.problem.analysis, lang),
        candidates=text(f"site.candidates.{kind_words(best.problem.candidates.frame['kind'].iloc[0])}", lang),
        count=format_number(len(best.problem.candidates), lang),
    )
    caveats = [*proof_lines(best, lang)]
    if request.capacity:
        caveats.append(text("site.capacity", lang))
    if request.min_births is not None:
        caveats.append(text("site.min_births", lang, births=format_number(request.min_births, lang)))
    caveats += counting_lines([best.problem], lang)
    asked = {**options_of(request), "--alternatives": len(proposals) - 1 or None}
    notes = told_notes(best.problem.analysis, snapshot, "site", lang, question, caveats, asked)
    return mark_targeting(notes, best, snapshot)


def options_of(request: SitingRequest) -> dict[str, object]:
    """Options of the command that ask for the same."""
    return {
        "--add": None if request.objective == "lscp" else request.add,
        "--objective": request.objective,
        "--candidates": request.candidates,
        "--capacity": request.capacity,
        "--births-per-place": request.births_per_place,
        "--whole": request.single_source,
        "--min-births": request.min_births,
        "--spacing": request.spacing_m,
        "--most-per": request.most_per,
        "--least-per": request.least_per,
        "--close": ",".join(request.close),
        "--budget": request.budget,
        "--open-cost": None if request.budget is None else request.open_cost,
        "--close-cost": None if request.budget is None else request.close_cost,
        "--min-births-existing": request.min_births_existing,
        "--fill-existing": request.fill_existing,
        "--article9": request.area_rule,
        "--weight": f"deprivation:{request.targeting:g}" if request.targeting else None,
    }


def mark_targeting(notes: Notes, proposal: Proposal, snapshot: Snapshot) -> Notes:
    """Notes of a proposal with its weights, their caveat and what they rest on; unchanged without weights."""
    if proposal.cost is None:
        return notes
    more = cite(snapshot, ("sector_deprivation",), notes.lang)
    return replace(
        notes,
        caveats=(*targeting_lines(proposal, notes.lang), text("caveat.by.deprivation", notes.lang), *notes.caveats),
        sources=(*notes.sources, *(source for source in more if source not in notes.sources)),
    )


def describe_targeting(notes: Notes) -> Notes:
    """Notes of the table by fifth, given those of the proposal."""
    return replace(notes, title=text("site.targeting.title", notes.lang, title=notes.title))


def counting_lines(problems: Sequence[Problem], lang: str) -> list[str]:
    """How births were counted, and what was left out: unknown distances, candidates that nobody lives near."""
    lines = []
    if any(problem.level != "cell" for problem in problems):
        lines.append(text("site.by_sector", lang))
    unknown = max(problem.unknown for problem in problems)
    if unknown:
        lost = figure(unknown, lang)
        lines.append(text("site.unknown", lang, births=lost, demand=demand_words(problems[0].analysis, lang)))
    kinds = problems[0].candidates.frame["kind"]
    if (kinds.map(kind_words) == BUILDINGS).any():
        lines.append(text("site.buildings", lang))
    dropped = len(problems[0].candidates.dropped)
    if dropped:
        lines.append(text("site.dropped", lang, n=dropped))
    return lines


def describe_closures(analysis: Analysis, snapshot: Snapshot, pairs: bool, lang: str = DEFAULT_LANGUAGE) -> Notes:
    """Describe the table of closures, or of closures of pairs."""
    question = text("closures.asks_pairs" if pairs else "closures.asks", lang, **question_words(analysis, lang))
    return told_notes(analysis, snapshot, "closures", lang, question, [], {"--pairs": pairs})


def describe_criterion(criterion: Criterion, snapshot: Snapshot, asked: Mapping[str, object], lang: str) -> Notes:
    """Describe a verdict; ``asked`` are the options of the command beside those of the query."""
    question = text("criterion.asks", lang, **question_words(criterion.analysis, lang))
    caveats = [criterion.sentence(lang), text("criterion.draws", lang, n=format_number(criterion.draws, lang))]
    return told_notes(criterion.analysis, snapshot, "criterion", lang, question, caveats, asked)


def proof_lines(proposal: Proposal, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """What the proposal does, how sure it is the best, and how it compares with greedy."""
    before, after, query = proposal.before, proposal.after, proposal.problem.query
    lines = [
        text(
            "site.effect",
            lang,
            before=figure(before.in_reach, lang),
            after=figure(after.in_reach, lang),
            total=figure(before.births, lang),
            mean_before=travel_words(before.mean_m, query, lang),
            mean_after=travel_words(after.mean_m, query, lang),
        ),
        *certainty_lines(proposal.result, lang, proposal.hectare),
    ]
    if proposal.problem.request.objective == "p-center":
        pair = (before.largest_m, after.largest_m)
        largest = dict(zip(("before", "after"), (travel_words(metres, query, lang) for metres in pair), strict=True))
        lines.insert(1, text("site.largest", lang, **largest))
    return [*lines, *fewer_lines(proposal, lang), *greedy_line(proposal, lang)]


def certainty_lines(result: SitingResult | JointResult, lang: str, hectare: HectareBound | None = None) -> list[str]:
    """Whether it is proven the best, and if not, how far it can be from that and why.

    ``hectare`` is given where the choice was made by sector: then only what is proven by hectare is told.
    """
    key, gap = "site.optimal" if result.optimal else "site.gap", result.gap
    if hectare is not None:
        key, gap = f"{key}.sector", hectare.gap
    lines = [text(key, lang, gap=gap_words(gap, lang))]
    if not result.optimal and result.stopped:
        lines.append(text(f"site.stopped.{result.stopped}", lang))
    return lines


def greedy_line(proposal: Proposal, lang: str) -> list[str]:
    """How much better the proposal is than what greedy picks, in the terms of the objective; nothing without one."""
    after, greedy, result = proposal.after, proposal.greedy, proposal.result
    if greedy is None or result.greedy_objective is None:
        return []
    objective, weighed = proposal.problem.request.objective, proposal.problem.plan.priority is not None
    value, difference = {
        "mclp": (greedy.in_reach, after.in_reach - greedy.in_reach),
        "p-median": (greedy.mean_m, greedy.mean_m - after.mean_m),
        "p-center": (greedy.largest_m, greedy.largest_m - after.largest_m),
        "lscp": (result.greedy_objective, result.greedy_objective - result.objective),
    }[objective]
    if weighed:  # in the weights that both were chosen by
        unit = 1.0 if objective == "mclp" else max(float(proposal.problem.weighted.sum()), 1e-12)
        value, difference = result.greedy_objective / unit, (result.objective - result.greedy_objective) / unit
        difference = difference if objective == "mclp" else -difference
    if same_as_greedy(difference):
        return [text("site.greedy.same", lang)]
    told = {"found": figure(value, lang), "difference": figure(abs(difference), lang)}
    if objective in ("p-median", "p-center"):
        query = proposal.problem.query
        told = {"found": travel_words(value, query, lang), "difference": travel_words(abs(difference), query, lang)}
    better = (".weighted" if weighed else "") + (".better" if difference < 0 else "")
    return [text(f"site.greedy.{objective}{better}", lang, **told)]


def same_as_greedy(difference: float) -> bool:
    """Whether a difference with greedy is too small to tell."""
    return abs(difference) < _SAME


def unserved_lines(engine: Engine, proposal: Proposal, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """With capacities: how many births stay without a place, and where most of them live."""
    if not proposal.problem.request.capacity:
        return []
    table = proposal.unserved(engine, region().base)
    table = table[table["births_unserved"] >= _SAME]
    if table.empty:
        return [text("site.all_served", lang)]
    names = engine.territory.zones(region().base, proposal.problem.query.vintage).set_index("zone_id")["zone_name"]
    worst = ", ".join(
        f"{names[row['zone_id']]} ({format_number(row['births_unserved'], lang)})"
        for row in table.head(3).to_dict("records")
    )
    births = format_number(float(table["births_unserved"].sum()), lang)
    return [text("site.unserved", lang, births=births, zones=worst)]


def closure_summary(table: pd.DataFrame, pairs: bool, lang: str = DEFAULT_LANGUAGE) -> str:
    """How many closures were looked at, and the one that costs most births their reach."""
    if table.empty:
        return text("closures.none", lang)
    worst = table.iloc[0]
    name = " + ".join(_name(worst, end) for end in ("_a", "_b")) if pairs else _name(worst)
    return text(
        "closures.summary_pairs" if pairs else "closures.summary",
        lang,
        n=format_number(len(table), lang),
        name=name,
        births=figure(float(worst["births_lost"]), lang),
    )


def _name(row: pd.Series[Any], end: str = "") -> str:
    """Name of a place, or its id where the list has no names."""
    name = row[f"name{end}"]
    return str(name) if isinstance(name, str) and name else str(row[f"id{end}"])


def fewer_lines(proposal: Proposal, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """Say when there are fewer new places than were asked for, and where a new one can bring nothing."""
    request = proposal.problem.request
    asked = request.add + len(proposal.closed)
    if request.objective in ("mclp", "lscp") and proposal.before.in_reach >= proposal.before.births * (1 - SAME_GAP):
        return [text("site.all_in_reach", lang)]
    if request.objective == "lscp" or len(proposal.sites) >= asked:
        return []
    if request.budget is not None and not len(proposal.sites) and request.budget < request.open_cost:
        told = {"budget": format_number(request.budget, lang, 2), "cost": format_number(request.open_cost, lang, 2)}
        return [text("site.pays_nothing", lang, **told)]
    return [text("site.fewer", lang, n=format_number(len(proposal.sites), lang), asked=format_number(asked, lang))]


def question_words(analysis: Analysis, lang: str) -> dict[str, str]:
    """Words that every question about places uses."""
    query = analysis.query
    return {
        "demand": demand_words(analysis, lang),
        "service": text(f"service.{query.service}", lang),
        "services": text(f"service.{query.service}.plural", lang),
        "mode": text(f"mode.{query.mode}", lang),
        "reach": exact_words(query.reach_m, query, lang),
    }


def told_notes(
    analysis: Analysis,
    snapshot: Snapshot,
    kind: Kind,
    lang: str,
    question: str,
    caveats: list[str],
    asked: Mapping[str, object],
) -> Notes:
    """Notes of an analysis with another question, more caveats and the options of the command."""
    notes = describe(analysis, snapshot, kind, lang)
    words = [notes.command]
    for name, value in asked.items():
        if value is True:
            words.append(name)
        elif value not in (None, False, ""):
            words.append(f"{name} {shlex.quote(str(value))}")
    return replace(notes, question=question, caveats=(*caveats, *notes.caveats), command=" ".join(words))
