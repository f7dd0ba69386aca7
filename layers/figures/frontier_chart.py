"""A frontier: how much is within reach by the number of new places, and the proven bound above it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from i18n.texts import format_number
from layers.figures.chart import WIDTH, nice_step
from layers.figures.drawing import Drawing, text_width
from layers.look.tokens import COLOURS

_QUIET, _ACCENT, _NEED, _GRID = (COLOURS[name] for name in ("ink-2", "accent", "need", "line"))
_MAX_POINTS = 240


def draw_frontier(
    places: Sequence[int],
    reached: Sequence[float],
    bound: Sequence[float],
    lang: str,
    labels: tuple[str, str],
    axes: tuple[str, str],
    description: str = "",
    height: float = 360.0,
) -> bytes:
    """Draw a frontier with axes from zero.

    Parameters
    ----------
    places, reached, bound : (n,) number of new places, what is within reach, and what cannot be exceeded
    lang : language of the numbers
    labels : words for what was found and for the bound
    axes : words for the number of places and for the births
    description : the same for whoever cannot see it
    height : of the picture, in pixels
    """
    picture = Drawing(WIDTH, height, "", description)
    picture.rect((0, 0, WIDTH, height), "#ffffff")
    left, right, upper, lower = 86.0, WIDTH - 26.0, 66.0, height - 52.0
    most, last = max((*bound, 1.0)), max((*places, 1))
    step_y, step_x = nice_step(most), nice_step(last)
    top = step_y * max(1, math.ceil(most / step_y - 1e-9))

    def at(count: float, value: float) -> tuple[float, float]:
        return left + count / last * (right - left), lower - value / top * (lower - upper)

    tick = 0.0
    while tick <= top * (1 + 1e-9):
        y = at(0, tick)[1]
        picture.line([(left, y), (right, y)], _GRID if tick else _QUIET)
        picture.text((left - 10, y + 4.5), format_number(tick, lang), 13, colour=_QUIET, anchor="end")
        tick += step_y
    count = 0.0
    while count <= last * (1 + 1e-9):
        picture.text((at(count, 0)[0], lower + 20), format_number(count, lang), 13, colour=_QUIET, anchor="middle")
        count += step_x
    every = max(1, len(places) // _MAX_POINTS)
    shown = sorted({*range(0, len(places), every), len(places) - 1})
    picture.line([at(places[i], bound[i]) for i in shown], _NEED, 2.0, "6 5")
    picture.line([at(places[i], reached[i]) for i in shown], _ACCENT, 3.0)
    x = left
    for label, colour, dash in zip(labels, (_ACCENT, _NEED), ("", "6 5"), strict=True):
        picture.line([(x, 18), (x + 28, 18)], colour, 3.0, dash)
        picture.text((x + 36, 22.5), label, 14)
        x += 36 + text_width(label, 14) + 32
    picture.text((left - 74, 48), axes[1], 13, colour=_QUIET)
    picture.text((right, height - 10), axes[0], 13, colour=_QUIET, anchor="end")
    return picture.svg()
