"""Charts that stand by themselves: a series of years, and bars of gains and losses, with axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from i18n.texts import format_number, format_percent
from layers.figures.drawing import Drawing, text_width, wrapped
from layers.look.tokens import COLOURS

_INK, _QUIET, _ACCENT, _NEED, _GRID = (COLOURS[name] for name in ("ink", "ink-2", "accent", "need", "line"))
_LESS, _MORE = "#b45f14", "#0e5e66"
WIDTH = 760.0
_TICKS = 5


@dataclass(frozen=True)
class Series:
    """Values by year; ``points`` for single values that stand apart from the line."""

    label: str
    years: Sequence[int]
    values: Sequence[float]
    points: bool = False


def nice_step(largest: float, ticks: int = _TICKS) -> float:
    """Round step of an axis of the series 1, 2, 5 that gives at most so many ticks."""
    if not largest > 0:
        return 1.0
    raw = largest / ticks
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    return max(step, 1.0)


def draw_years(title: str, series: Sequence[Series], lang: str, description: str = "", height: float = 260.0) -> bytes:
    """Draw series of years with axes from zero, and a legend above."""
    picture = Drawing(WIDTH, height, title, description)
    picture.rect((0, 0, WIDTH, height), "#ffffff")
    values = [value for each in series for value in each.values if math.isfinite(value)]
    years = [year for each in series for year in each.years]
    first, last = min(years, default=0), max(years, default=1)
    step = nice_step(max(values, default=1.0))
    top = step * max(1, math.ceil(max(values, default=1.0) / step - 1e-9))
    left, right, upper, lower = 70.0, WIDTH - 24.0, 44.0, height - 34.0

    def at(year: float, value: float) -> tuple[float, float]:
        share = (year - first) / max(last - first, 1)
        return left + share * (right - left), lower - value / top * (lower - upper)

    tick = 0.0
    while tick <= top * (1 + 1e-9):
        y = at(first, tick)[1]
        picture.line([(left, y), (right, y)], _GRID if tick else _QUIET)
        picture.text((left - 10, y + 4.5), format_number(tick, lang), 13, colour=_QUIET, anchor="end")
        tick += step
    every = 5 if last - first > 12 else 1
    for year in range(first, last + 1):
        if year % every == 0 or year == last:
            near = any(year != other and abs(year - other) < every / 2.0 for other in (last,)) and year != last
            if not near:
                picture.text((at(year, 0)[0], lower + 20), str(year), 13, colour=_QUIET, anchor="middle")
    x = left
    for number, each in enumerate(series):
        colour = _NEED if each.points else (_ACCENT if number == 0 else _LESS)
        spots = [at(y, v) for y, v in zip(each.years, each.values, strict=True) if math.isfinite(v)]
        if each.points:
            for spot in spots:
                picture.add(_dot(spot, colour))
            picture.add(_dot((x + 12, 19), colour))
        else:
            picture.line(spots, colour, 2.5)
            picture.line([(x, 19), (x + 24, 19)], colour, 2.5)
        picture.text((x + 32, 23.5), each.label, 13.5, colour=_INK)
        x += 60 + text_width(each.label, 13.5)
    return picture.svg()


def draw_changes(
    title: str, rows: Sequence[tuple[str, float, float]], lang: str, labels: tuple[str, str], description: str = ""
) -> bytes:
    """Draw bars to the right for what is gained and to the left for what is lost, one row a zone.

    Parameters
    ----------
    title : what it shows
    rows : name, gained, lost
    lang : language of the numbers
    labels : words for lost and gained
    description : the same for whoever cannot see it
    """
    line = 25.0
    height = 52.0 + line * max(len(rows), 1) + 30.0
    picture = Drawing(WIDTH, height, title, description)
    picture.rect((0, 0, WIDTH, height), "#ffffff")
    widest = min(max((text_width(name, 13.5) for name, _, _ in rows), default=60.0), 260.0)
    most_gain = max((gained for _, gained, _ in rows), default=0.0)
    most_loss = max((lost for _, _, lost in rows), default=0.0)
    step = nice_step(max(most_gain, most_loss), 4)
    right = step * math.ceil(most_gain / step - 1e-9) if most_gain else 0.0
    left = step * math.ceil(most_loss / step - 1e-9) if most_loss else 0.0
    span = (right + left) or 1.0
    begin, end = widest + 40.0, WIDTH - 60.0
    zero = begin + left / span * (end - begin)
    bottom = 44.0 + line * len(rows)
    tick = -left
    while tick <= right + 1e-9:
        x = zero + tick / span * (end - begin)
        picture.line([(x, 40), (x, bottom)], _QUIET if abs(tick) < 1e-9 else _GRID)
        sign = "−" if tick < -1e-9 else ("+" if tick > 1e-9 else "")
        picture.text((x, bottom + 18), sign + format_number(abs(tick), lang), 13, colour=_QUIET, anchor="middle")
        tick += step
    if most_loss:
        picture.text((zero - 8, 26), labels[0], 13.5, colour=_LESS, bold=True, anchor="end")
    picture.text((zero + 8, 26), labels[1], 13.5, colour=_MORE, bold=True)
    for number, (name, gained, lost) in enumerate(rows):
        y = 44.0 + line * number
        picture.text((begin - 14, y + 17), _fitting(name, widest), 13.5, colour=_INK, anchor="end")
        for value, colour, side in ((gained, _MORE, 1), (lost, _LESS, -1)):
            long = value / span * (end - begin)
            if value > 0:
                picture.rect((zero if side > 0 else zero - long, y + 5, max(long, 1.0), line - 10), colour)
        if gained > 0:
            words = "+" + (format_number(gained, lang) if gained >= 0.5 else "<1")
            picture.text((zero + gained / span * (end - begin) + 6, y + 17.5), words, 12.5, colour=_INK)
        if lost > 0 and not gained:
            words = "−" + (format_number(lost, lang) if lost >= 0.5 else "<1")
            at = zero - lost / span * (end - begin) - 6
            picture.text((at, y + 17.5), words, 12.5, colour=_INK, anchor="end")
    return picture.svg()


@dataclass(frozen=True)
class Bar:
    """A share with its label, and the words behind it; NaN where it is not known."""

    label: str
    share: float
    words: str


def draw_bars(title: str, bars: Sequence[Bar], lang: str, axis: str) -> bytes:
    """Draw shares as bars from none to all, one row each, with their words behind them."""
    line = 30.0
    bottom = 36.0 + line * max(len(bars), 1)
    picture = Drawing(WIDTH, bottom + 44.0, title, "; ".join(f"{bar.label}: {bar.words}" for bar in bars))
    picture.rect((0, 0, WIDTH, bottom + 44.0), "#ffffff")
    widest = min(max((text_width(bar.label, 13.5) for bar in bars), default=60.0), 260.0)
    begin, end = widest + 40.0, WIDTH - 190.0
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = begin + tick * (end - begin)
        picture.line([(x, 30), (x, bottom)], _GRID if tick else _QUIET)
        picture.text((x, bottom + 18), format_percent(tick, lang), 13, colour=_QUIET, anchor="middle")
    picture.text((begin, bottom + 38), axis, 13, colour=_QUIET)
    for number, bar in enumerate(bars):
        y = 36.0 + line * number
        picture.text((begin - 14, y + 19), _fitting(bar.label, widest), 13.5, colour=_INK, anchor="end")
        long = (end - begin) * (bar.share if math.isfinite(bar.share) else 0.0)
        if long > 0:
            picture.rect((begin, y + 5, max(long, 1.0), line - 10), _NEED)
        picture.text((begin + long + 8, y + 19.5), bar.words, 12.5, colour=_INK, halo="#ffffff")
    return picture.svg()


def _fitting(name: str, width: float) -> str:
    """Name that fits, cut at a word with an ellipsis where it does not."""
    if text_width(name, 13.5) <= width + 1:
        return name
    return wrapped(name, width - 14, 13.5)[0] + " …"


def _dot(at: tuple[float, float], colour: str) -> str:
    return f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="6" fill="{colour}" stroke="#fff" stroke-width="1.5"/>'
