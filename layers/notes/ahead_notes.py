"""What choices that look ahead say of themselves: regretted least, one place a year, more places one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from coverage.core.rows import about_places
from coverage.siting.planning.ahead.steps import ENOUGH, reachable
from i18n.texts import DEFAULT_LANGUAGE, format_number, format_percent, text
from layers.notes.notes import Notes
from layers.notes.site_notes import counting_lines, question_words, told_notes
from layers.sentences import listed
from layers.sentences.certainty import gap_words
from loaders.catalogue.columns import FRONTIER_COLUMNS
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from coverage.siting.planning.ahead.robust import RobustProposal
    from coverage.siting.planning.ahead.steps import PhasedProposal, Step
    from coverage.siting.planning.gains import Outcome
    from coverage.siting.planning.question.problem import Problem
    from loaders.snapshot.reader import Snapshot

_SHOWN = 5
_SURE = 0.9995


def _births(value: float, lang: str) -> str:
    return format_number(max(value, 0.0), lang, 1)


def _nothing(problem: Problem, before: Outcome, count: int, lang: str) -> list[str]:
    """Say when a new place can bring nothing, or there are fewer than were asked for."""
    request = problem.request
    if before.in_reach >= before.births * (1 - ENOUGH):
        return [text("site.all_in_reach", lang)]
    if count >= request.add:
        return []
    if request.budget is not None and not count and request.budget < request.open_cost:
        told = {"budget": format_number(request.budget, lang, 2), "cost": format_number(request.open_cost, lang, 2)}
        return [text("site.pays_nothing", lang, **told)]
    return [text("site.fewer", lang, n=format_number(count, lang), asked=format_number(request.add, lang))]


def _asks(problem: Problem, kind: str, lang: str, **more: str) -> str:
    return text(
        f"site.asks.{kind}",
        lang,
        n=format_number(problem.request.add, lang),
        **question_words(problem.analysis, lang),
        candidates=text(f"site.candidates.{problem.candidates.frame['kind'].iloc[0]}", lang),
        count=format_number(len(problem.candidates), lang),
        **more,
    )


def robust_lines(proposal: RobustProposal, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """How large the regret is, in which case, with its proof; what the best for the average is regretted; how often."""
    result, kind = proposal.result, proposal.doubt.kind
    name = proposal.cases.names[proposal.worst]
    case = text(f"site.robust.case.{kind}" if name else "site.robust.case.now", lang, name=_case_name(proposal, name))
    words = {
        "births": _births(result.objective, lang),
        "demand": text(f"demand.{proposal.problem.analysis.demand.kind}", lang),
        "n": format_number(len(result.regret), lang),
        "case": case,
        "bound": _births(result.bound, lang),
        "mean": _births(proposal.mean_regret, lang),
    }
    lines = [
        text(
            "site.robust.effect",
            lang,
            before=_births(proposal.before.in_reach, lang),
            after=_births(proposal.after.in_reach, lang),
            total=_births(proposal.before.births, lang),
            demand=words["demand"],
        ),
        text("site.robust.regret", lang, **words),
        text("site.robust.proven" if result.optimal else "site.robust.open", lang, **words),
    ]
    if result.expected_regret > result.objective + 0.05:
        lines.append(text("site.robust.expected", lang, births=_births(result.expected_regret, lang)))
    else:
        lines.append(text("site.robust.expected.same", lang))
    often = [
        text("site.robust.share", lang, place=_place(row), share=_share(float(row["share_best"]), lang))
        for row in proposal.sites.head(_SHOWN).to_dict("records")
    ]
    if often:
        lines.append(text("site.robust.often", lang, places=listed(often, lang, _SHOWN)))
    lines += _nothing(proposal.problem, proposal.before, int(proposal.sites["chosen"].sum()), lang)
    if (result.best_bound > result.best + 1e-6).any():
        lines.append(text("site.robust.bests", lang))
    return [*lines, *counting_lines([proposal.problem], lang)]


def _share(share: float, lang: str) -> str:
    return format_percent(share, lang, 0) if share < _SURE else format_percent(1.0, lang, 0)


def _place(row: Mapping[object, object]) -> str:
    town, name = str(row["municipality"] or ""), str(row["name"] or "")
    return name if name and (not town or town.lower() in name.lower()) else f"{town} ({name})" if name else town


def _case_name(proposal: RobustProposal, name: str) -> str:
    if proposal.doubt.kind != "places" or not name:
        return name
    frame = proposal.problem.analysis.facilities.frame
    called = frame.loc[frame["id"].astype(str) == name, "name"]
    return str(called.iloc[0]) if len(called) and pd.notna(called.iloc[0]) else name


def describe_robust(
    proposal: RobustProposal, snapshot: Snapshot, asked: Mapping[str, object], lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Notes of the table of a choice that is regretted least."""
    problem = proposal.problem
    caveats = [
        *robust_lines(proposal, lang),
        text(f"site.robust.what.{proposal.doubt.kind}", lang, n=format_number(len(proposal.cases.cases), lang)),
    ]
    question = _asks(problem, "robust", lang)
    return told_notes(problem.analysis, snapshot, "site", lang, question, caveats, asked)


def phased_lines(proposal: PhasedProposal, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """What is in reach after every year, and whether the order is proven."""
    result = proposal.result
    years = [
        text(
            "site.phased.year",
            lang,
            year=format_number(year, lang),
            place=_place(row),
            births=_births(float(row["births_in_reach_by_then"]), lang),
        )
        for year, row in enumerate(proposal.sites.to_dict("records"), 1)
    ]
    lines = [
        text("site.phased.before", lang, births=_births(proposal.before.in_reach, lang)),
        *years,
        text("site.phased.proven" if result.optimal else "site.phased.open", lang, gap=gap_words(result.gap, lang)),
    ]
    short = result.best_bound[: len(proposal.sites)] - result.covered[: len(proposal.sites)]
    if len(short) and short.max() > 0.05:
        at = int(short.argmax())
        words = {"year": format_number(at + 1, lang), "births": _births(float(short[at]), lang)}
        lines.append(text("site.phased.price", lang, **words))
    else:
        lines.append(text("site.phased.free", lang))
    lines += _nothing(proposal.problem, proposal.before, len(proposal.sites), lang)
    return [*lines, *counting_lines([proposal.problem], lang)]


def describe_phased(
    proposal: PhasedProposal, snapshot: Snapshot, asked: Mapping[str, object], lang: str = DEFAULT_LANGUAGE
) -> Notes:
    """Notes of the table of places that open one a year."""
    caveats = phased_lines(proposal, lang)
    question = _asks(proposal.problem, "phased", lang)
    return told_notes(proposal.problem.analysis, snapshot, "site", lang, question, caveats, asked)


def frontier_lines(problem: Problem, steps: Sequence[Step], lang: str = DEFAULT_LANGUAGE, asked: int = 0) -> list[str]:
    """What the first and the last place bring, which steps are proven, and why there are fewer than ``asked``."""
    first, last = steps[0], steps[-1]
    proven = sum(step.proven for step in steps)
    lines = [
        text(
            "site.frontier.ends",
            lang,
            before=_births(first.in_reach, lang),
            after=_births(last.in_reach, lang),
            n=last.places,
            total=_births(float(problem.points.births.sum()), lang),
        ),
        text("site.frontier.proven" if proven == len(steps) else "site.frontier.open", lang, n=len(steps) - proven),
    ]
    if last.in_reach >= reachable(problem) * (1 - ENOUGH):
        lines.append(text("site.frontier.all", lang))
    elif last.places < asked:
        lines.append(text("site.frontier.short", lang, n=last.places))
    return [*lines, *counting_lines([problem], lang)]


def frontier_table(problem: Problem, steps: Sequence[Step]) -> pd.DataFrame:
    """Births in reach by number of new places, with the bound: `FRONTIER_COLUMNS`."""
    analysis = problem.analysis
    reached = [step.in_reach for step in steps]
    table = pd.DataFrame(
        {
            "places": [step.places for step in steps],
            "births_in_reach": reached,
            "weight_in_reach": reached,
            "weight_bound": [step.bound for step in steps],
        }
    )
    told = about_places(table, analysis.query, analysis.demand, analysis.facilities, [""] * len(table))
    return told.assign(level=region().whole or region().base)[list(FRONTIER_COLUMNS)]


def describe_frontier(
    problem: Problem, steps: Sequence[Step], snapshot: Snapshot, asked: Mapping[str, object], lang: str
) -> Notes:
    """Notes of the frontier."""
    question = _asks(problem, "frontier", lang)
    lines = frontier_lines(problem, steps, lang, problem.request.add)
    return told_notes(problem.analysis, snapshot, "site", lang, question, lines, asked)
