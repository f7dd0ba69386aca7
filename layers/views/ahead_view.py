"""What looks ahead beside a proposal, ready to be shown: the frontier of places, and "why not there?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from i18n.texts import format_number, text
from layers.look.tokens import COLOURS
from layers.notes.ahead_notes import frontier_lines
from layers.notes.why_not_notes import why_not_lines

if TYPE_CHECKING:
    from coverage.siting.planning.ahead.steps import Step
    from coverage.siting.planning.ahead.why_not import WhyNot
    from coverage.siting.planning.question.problem import Problem

WIDTH, HEIGHT = 300, 150
_LEFT, _RIGHT, _TOP, _FOOT = 6.0, 10.0, 10.0, 22.0
_FOUND, _BOUND, _LINE, _QUIET = (COLOURS[name] for name in ("accent", "need", "line", "ink-2"))


@dataclass(frozen=True)
class FrontierView:
    """The frontier: a picture, what it says, and its figures.

    Attributes
    ----------
    picture, alt : address of the picture, and the same for whoever cannot see it
    sentences : what the ends are and what is proven
    heads, rows : the figures: places, births in reach, what the last place adds, the bound where it is not proven
    """

    picture: str
    alt: str
    sentences: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class WhyView:
    """Why a point is not among the best: sentences, and where the point is."""

    sentences: tuple[str, ...]
    lat: float
    lon: float


def frontier_view(problem: Problem, steps: Sequence[Step], lang: str) -> FrontierView:
    """Put a frontier in words, figures and a picture."""
    rows = []
    for at, step in enumerate(steps):
        more = step.in_reach - steps[at - 1].in_reach if at else 0.0
        bound = text("propose.frontier.is_proven", lang) if step.proven else format_number(step.bound, lang, 1)
        rows.append(
            (
                format_number(step.places, lang),
                format_number(step.in_reach, lang, 1),
                format_number(more, lang, 1) if at else "–",
                bound,
            )
        )
    heads = tuple(text(f"propose.frontier.column.{name}", lang) for name in ("places", "reach", "more", "bound"))
    sentences = tuple(frontier_lines(problem, steps, lang))
    return FrontierView(_picture(steps, lang), " ".join(sentences), sentences, heads, tuple(rows))


def why_view(why: WhyNot, at: tuple[float, float], lang: str) -> WhyView:
    """Put in words why a point is not among the best; ``at`` is its latitude and longitude."""
    return WhyView(tuple(why_not_lines(why, lang)), *at)


def _picture(steps: Sequence[Step], lang: str) -> str:
    """Births in reach by number of places from zero, with the bound as a dashed line."""
    most = max(max(step.bound for step in steps), 1e-9)
    last = max(steps[-1].places, 1)

    def at(places: int, births: float) -> tuple[float, float]:
        x = _LEFT + places / last * (WIDTH - _LEFT - _RIGHT)
        return x, HEIGHT - _FOOT - births / most * (HEIGHT - _FOOT - _TOP)

    parts = [f"<path d='M{_LEFT} {HEIGHT - _FOOT}H{WIDTH - _RIGHT}' stroke='{_LINE}'/>"]
    for values, colour, more in (
        ([at(step.places, step.bound) for step in steps], _BOUND, " stroke-dasharray='4 3'"),
        ([at(step.places, step.in_reach) for step in steps], _FOUND, ""),
    ):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in values)
        parts.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'{more}/>")
    for step in steps:
        x, y = at(step.places, step.in_reach)
        parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{_FOUND}'/>")
    every = max(1, -(-len(steps) // 10))
    for step in steps[::every]:
        x = min(max(at(step.places, 0)[0], 8.0), WIDTH - 12.0)
        parts.append(
            f"<text x='{x:.1f}' y='{HEIGHT - 6}' font-size='11' font-family='sans-serif' text-anchor='middle' "
            f"fill='{_QUIET}'>{format_number(step.places, lang)}</text>"
        )
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}'>{''.join(parts)}</svg>"
    return "data:image/svg+xml," + quote(svg)
