"""Proposals for new places as people choose among them: what each brings, how sure it is, and who gains by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pandas as pd

from i18n.texts import format_number, format_percent, text
from layers.look.tokens import COLOURS
from layers.notes.site_notes import fewer_lines, greedy_line
from layers.sentences import format_minutes, listed
from layers.sentences.amounts import figure
from layers.sentences.certainty import gap_words
from layers.sentences.targeting import targeting_lines
from layers.sentences.travel_words import minutes_words, travel_words

if TYPE_CHECKING:
    from coverage.siting import Progress
    from coverage.siting.planning.proposal import Proposal

WIDTH, HEIGHT = 232, 64
_EDGE = 3.0
_BEST, _BOUND, _BETWEEN = (COLOURS[name] for name in ("accent", "need", "accent-soft"))
_GAINERS = 3
_MIN_NAMED = 0.5
"""Births from which a municipality is named among those that gain."""

_MIN_SHOWN = 0.05
"""Births below this are shown as none."""


@dataclass(frozen=True)
class PlaceView:
    """One new place of a proposal: its number on the map, what it is called, and sentences on what it does."""

    number: int
    name: str
    lat: float
    lon: float
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class ProposalView:
    """A proposal, ready to be shown.

    Attributes
    ----------
    headline : what it brings, in a few words
    where : its places, named
    compared : difference with the best proposal; empty for the best itself
    proof : whether it is proven best, or how much better another could be
    proven : whether it is
    places : the new places, the most births gained first
    closing : sentence on what closes, else empty
    summary : sentences on the whole area, with what greedy would pick
    edits : what makes the proposal part of a plan, in the JSON form of `coverage.scenario.edits`
    """

    headline: str
    where: str
    compared: str
    proof: str
    proven: bool
    places: tuple[PlaceView, ...]
    closing: str
    summary: tuple[str, ...]
    edits: tuple[dict[str, Any], ...]


def proposal_view(proposal: Proposal, best: Proposal, lang: str) -> ProposalView:
    """Put a proposal in words.

    Parameters
    ----------
    proposal : the proposal
    best : the best of the search, to compare with; may be the same
    lang : language of the texts
    """
    sites = proposal.sites.to_dict("records")
    names = [place_name(site, lang) for site in sites]
    result = proposal.result
    proof, gap = f"propose.{result.stopped or 'open'}", result.gap
    if result.optimal:
        proof = "propose.proven" if proposal is best else "propose.proven.next"
    if proposal.hectare is not None:
        proof, gap = f"propose.{'proven' if result.optimal else 'open'}.sector", proposal.hectare.gap
    return ProposalView(
        headline=_headline(proposal, lang),
        where=", ".join(names),
        compared="" if proposal is best else _compared(proposal, best, lang),
        proof=text(proof, lang, gap=gap_words(gap, lang)),
        proven=proposal.proven,
        places=tuple(
            PlaceView(int(site["rank"]), name, site["lat"], site["lon"], tuple(_place_lines(proposal, site, lang)))
            for site, name in zip(sites, names, strict=True)
        ),
        closing=_closing(proposal, lang),
        summary=tuple(_summary(proposal, best, lang)),
        edits=_edits(proposal, names, lang),
    )


def place_name(site: dict[Any, Any], lang: str) -> str:
    """Name of a new place: its spot and its municipality."""
    town, name = str(site["municipality"]), str(site["name"] or "")
    if site["kind"] == "cell" or not name:
        return town or text("propose.somewhere", lang)
    return name if not town or town.lower() in name.lower() else f"{town} ({name})"


def _births(value: float, lang: str) -> str:
    return figure(0.0 if abs(value) < _MIN_SHOWN else value, lang)


def _demand(proposal: Proposal, lang: str) -> str:
    return text(f"demand.{proposal.problem.analysis.demand.kind}", lang)


def _headline(proposal: Proposal, lang: str) -> str:
    before, after = proposal.before, proposal.after
    words = {
        "births": _births(after.in_reach - before.in_reach, lang),
        "demand": _demand(proposal, lang),
        "n": format_number(len(proposal.sites), lang),
        "mean": minutes_words(after.mean_m, proposal.problem.query, lang),
        "largest": minutes_words(after.largest_m, proposal.problem.query, lang),
    }
    return text(f"propose.brings.{proposal.problem.request.objective}", lang, **words)


def _compared(proposal: Proposal, best: Proposal, lang: str) -> str:
    """How much less good than the best, in the terms of the objective."""
    kind = proposal.problem.request.objective
    this, other = proposal.result, best.result
    difference = {
        "mclp": other.objective - this.objective,
        "p-median": proposal.after.mean_m - best.after.mean_m,
        "p-center": this.objective - other.objective,
        "lscp": this.objective - other.objective,
    }[kind]
    if kind == "p-median" and proposal.problem.plan.priority is not None:  # by the weights that it was chosen by
        difference = (this.objective - other.objective) / max(float(proposal.problem.weighted.sum()), 1e-12)
    if abs(difference) < (0.5 if kind == "lscp" else _MIN_SHOWN):
        return text("propose.compared.same", lang)
    worse = difference > 0
    return text(
        f"propose.compared.{kind}.{'worse' if worse else 'better'}",
        lang,
        difference=minutes_words(abs(difference), proposal.problem.query, lang)
        if kind in ("p-median", "p-center")
        else figure(abs(difference), lang),
        demand=_counted(proposal, lang),
    )


def _counted(proposal: Proposal, lang: str) -> str:
    """What the objective counts: children, weighted where some count for more."""
    demand = _demand(proposal, lang)
    return demand if proposal.problem.plan.priority is None else text("demand.weighted", lang, demand=demand)


def _place_lines(proposal: Proposal, site: dict[Any, Any], lang: str) -> list[str]:
    demand, lines = _demand(proposal, lang), []
    if site["births_gained"] >= _MIN_SHOWN:
        gained = _births(site["births_gained"], lang)
        lines.append(text("propose.gains", lang, births=gained, demand=demand, who=_gainers(proposal, site, lang)))
    if site["births_nearest"] >= _MIN_SHOWN:
        after = format_minutes(site["mean_after_minutes"], lang)
        key, words = "propose.nearest.first", {"after": after}
        if pd.notna(site["mean_before_minutes"]):
            key, words = (
                "propose.nearest",
                {"after": after, "before": format_minutes(site["mean_before_minutes"], lang)},
            )
        lines.append(text(key, lang, births=_births(site["births_nearest"], lang), demand=demand, **words))
    if pd.notna(site["relieved_id"]):
        name = site["relieved_name"] if pd.notna(site["relieved_name"]) else site["relieved_id"]
        births = _births(site["relieved_births"], lang)
        lines.append(text("propose.relieves", lang, place=name, births=births, demand=demand))
    return lines or [text("propose.nothing", lang)]


def _gainers(proposal: Proposal, site: dict[Any, Any], lang: str) -> str:
    """Municipalities that gain most by a place, with their births; those with hardly any are left out."""
    gainers = proposal.gainers[proposal.gainers["rank"] == site["rank"]]
    told = gainers[gainers["births_gained"] >= _MIN_NAMED].head(_GAINERS)
    zones = (told if len(told) else gainers.head(1)).to_dict("records")
    return listed([f"{zone['zone_name']} ({_births(zone['births_gained'], lang)})" for zone in zones], lang)


def _closing(proposal: Proposal, lang: str) -> str:
    if not proposal.closed:
        return ""
    frame = proposal.problem.analysis.facilities.frame.set_index("id")
    names = [
        str(name) if pd.notna(name) else str(place) for place, name in frame.loc[list(proposal.closed), "name"].items()
    ]
    return text("propose.closes", lang, places=listed(names, lang))


def _summary(proposal: Proposal, best: Proposal, lang: str) -> list[str]:
    greedy = replace(proposal.result, greedy_objective=best.result.greedy_objective)
    before, after, query = proposal.before, proposal.after, proposal.problem.query
    lines = [
        text(
            "propose.effect",
            lang,
            before=_births(before.in_reach, lang),
            after=_births(after.in_reach, lang),
            total=_births(before.births, lang),
            demand=_demand(proposal, lang),
            mean_before=travel_words(before.mean_m, query, lang),
            mean_after=travel_words(after.mean_m, query, lang),
        ),
        *targeting_lines(proposal, lang),
        *greedy_line(replace(proposal, result=greedy, greedy=best.greedy), lang),
    ]
    if proposal.problem.request.objective == "p-center":
        largest = {
            "before": travel_words(before.largest_m, query, lang),
            "after": travel_words(after.largest_m, query, lang),
        }
        lines.insert(1, text("site.largest", lang, **largest))
    lines += fewer_lines(proposal, lang)
    if proposal.problem.unknown:
        unknown = _births(proposal.problem.unknown, lang)
        lines.append(text("site.unknown", lang, births=unknown, demand=_demand(proposal, lang)))
    if proposal.problem.level != "cell":
        lines.append(text("site.by_sector", lang))
    return lines


def _edits(proposal: Proposal, names: Sequence[str], lang: str) -> tuple[dict[str, Any], ...]:
    service = proposal.problem.query.service
    added = [
        {
            "edit": "add",
            "id": "",
            "service": service,
            "name": text(f"propose.place.{service}", lang, where=name),
            "x": float(site["x"]),
            "y": float(site["y"]),
        }
        for name, site in zip(names, proposal.sites.to_dict("records"), strict=True)
    ]
    return (*({"edit": "close", "id": place} for place in proposal.closed), *added)


@dataclass(frozen=True)
class ProgressView:
    """How far a search is: a sentence, and a picture of the best answer and the proven bound coming together."""

    sentence: str
    picture: str
    alt: str


def progress_view(
    steps: Sequence[Progress], objective: str, births: float, lang: str, minute_m: float = 80.0
) -> ProgressView:
    """Put the progress of a search in words and a picture.

    Parameters
    ----------
    steps : of the search so far
    objective : what is looked for, see `coverage.siting.planning.question.request.OBJECTIVES`
    births : births of the area, to turn a total of distances into a mean
    lang : language
    minute_m : metres of travel in a minute
    """
    known = [step for step in steps if step.incumbent is not None and step.bound is not None]
    if not known:
        best = steps[-1].incumbent if steps else None
        key = "propose.preparing" if best is None else "propose.first"
        return ProgressView(text(key, lang, best=_worth(best, objective, births, lang, minute_m)), "", "")
    last = known[-1]
    best, bound = float(last.incumbent or 0.0), float(last.bound or 0.0)
    gap = abs(best - bound) / abs(best) if best else 0.0
    words = {
        "best": _worth(best, objective, births, lang, minute_m),
        "bound": _worth(bound, objective, births, lang, minute_m),
        "gap": format_percent(gap, lang, 1 if gap >= 0.001 else 2),
    }
    sentence = text("propose.searching", lang, **words)
    return ProgressView(sentence, _picture(known), text("propose.picture", lang, **words))


def _worth(value: float | None, objective: str, births: float, lang: str, minute_m: float) -> str:
    if value is None:
        return "–"
    if objective == "p-median":
        return format_minutes((value / births if births else value) / minute_m, lang)
    if objective == "p-center":
        return format_minutes(value / minute_m, lang)
    return figure(value, lang)


def _picture(steps: Sequence[Progress]) -> str:
    """Two lines against time that come together where the proof is."""
    values = [float(v) for step in steps for v in (step.incumbent, step.bound) if v is not None]
    low, high = min(values), max(values)
    span = high - low or 1.0
    begin, end = steps[0].seconds, steps[-1].seconds
    length = end - begin or 1.0

    def point(seconds: float, value: float | None) -> tuple[float, float]:
        x = _EDGE + (seconds - begin) / length * (WIDTH - 2 * _EDGE)
        y = HEIGHT - _EDGE - (float(value or 0.0) - low) / span * (HEIGHT - 2 * _EDGE)
        return x, y

    best = _stairs([point(step.seconds, step.incumbent) for step in steps])
    bound = _stairs([point(step.seconds, step.bound) for step in steps])
    around = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*best, *reversed(bound)))
    parts = [f"<polygon points='{around}' fill='{_BETWEEN}'/>"]
    for line, colour in ((bound, _BOUND), (best, _BEST)):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
        parts.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>")
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}'>{''.join(parts)}</svg>"
    return "data:image/svg+xml," + quote(svg)


def _stairs(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Line that stays until the next point."""
    corners = points[:1]
    for x, y in points[1:]:
        corners += [(x, corners[-1][1]), (x, y)]
    return corners if len(points) > 1 else [*points, (WIDTH - _EDGE, points[0][1])]
