"""Siting by deprivation in sentences: what births count for, what that costs, and who gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage.core.minutes import in_minutes
from coverage.siting.planning.targeting import ALL
from coverage.zones.strata import UNKNOWN
from i18n.texts import DEFAULT_LANGUAGE, format_number, format_percent, text
from layers.sentences.amounts import figure, format_minutes
from layers.sentences.certainty import gap_words

if TYPE_CHECKING:
    from coverage.siting.planning.proposal import Proposal
    from coverage.siting.planning.targeting import TargetingCost

_MIN = 0.05
"""Births or minutes below this are told as none."""


def targeting_lines(proposal: Proposal, lang: str = DEFAULT_LANGUAGE) -> list[str]:
    """What births count for, what that costs beside the universal choice, and who gains; nothing without weights."""
    cost = proposal.cost
    if cost is None:
        return []
    rows = [row for row in cost.fifths.to_dict("records") if row["stratum"] != ALL]
    lines = [_weights(cost, [row for row in rows if row["stratum"] != UNKNOWN], lang), _cost(proposal, cost, lang)]
    parts = [
        text(
            "site.cost.fifth",
            lang,
            stratum=text(f"stratum.deprivation.{row['stratum']}", lang),
            targeted=_births(row["births_in_reach_after"] - row["births_in_reach_before"], lang),
            universal=_births(row["births_in_reach_universal"] - row["births_in_reach_before"], lang),
        )
        for row in rows
    ]
    lines.append(text("site.cost.fifths", lang, parts="; ".join(parts)))
    if not cost.optimal:
        lines.append(text("site.cost.open", lang, gap=gap_words(cost.gap, lang)))
    if cost.unknown:
        lines.append(text("site.cost.unknown", lang, births=_births(cost.unknown, lang)))
    return lines


def _births(value: float, lang: str) -> str:
    return figure(0.0 if abs(value) < _MIN else value, lang)


def _weights(cost: TargetingCost, known: list[dict[Any, Any]], lang: str) -> str:
    targeting = format_percent(cost.targeting, lang)
    if len(known) < 2:
        return text("site.weighed.one", lang, targeting=targeting)
    ends = {
        "most": format_number(known[0]["mean_weight"], lang, 2),
        "least": format_number(known[-1]["mean_weight"], lang, 2),
        "first": text(f"stratum.deprivation.{known[0]['stratum']}", lang),
        "last": text(f"stratum.deprivation.{known[-1]['stratum']}", lang),
    }
    return text("site.weighed", lang, targeting=targeting, **ends)


def _cost(proposal: Proposal, cost: TargetingCost, lang: str) -> str:
    """What the objective loses beside the choice in which every birth counts alike."""
    objective, query = proposal.problem.request.objective, proposal.problem.query
    if objective == "mclp":
        lost, least = cost.universal.in_reach - proposal.after.in_reach, _MIN
        words = {"after": _births(proposal.after.in_reach, lang), "universal": _births(cost.universal.in_reach, lang)}
        told = _births(abs(lost), lang)
    else:
        lost, least = proposal.after.mean_m - cost.universal.mean_m, 1.0
        words = {
            "after": format_minutes(float(in_minutes(proposal.after.mean_m, query)), lang),
            "universal": format_minutes(float(in_minutes(cost.universal.mean_m, query)), lang),
        }
        told = format_minutes(float(in_minutes(abs(lost), query)), lang)
    kind = ".none" if abs(lost) < least else ".more" if lost < 0 else ""
    return text(f"site.cost.{objective}{kind}", lang, cost=told, **words)
