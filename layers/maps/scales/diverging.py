"""Colours and words for a difference: losses orange to brown, gains petrol, and nearly white where nothing changes.

Lightness tells how much, hue in which direction; orange and petrol stay apart for every common colour blindness,
where red and green do not.
"""

from __future__ import annotations

from itertools import pairwise

from i18n.texts import format_number, text

SMALLEST = 0.05
"""A change of fewer births is none: it would be written as 0,0."""

_LESS = ("#9a4a0c", "#db9346", "#f5d9b0")
_SAME = "#ebe9e3"
_MORE = ("#bfe0de", "#58a9a9", "#0e5e66")
BOUNDS = len(_LESS) - 1
"""Bounds at either side of no change."""


def change_breaks(bounds: tuple[float, ...]) -> tuple[float, ...]:
    """(2 k + 2,) inner bounds: ``bounds`` (ascending, above `SMALLEST`) at either side of what counts as no change."""
    right = (SMALLEST, *(bound for bound in bounds if bound > SMALLEST))
    return (*(-bound for bound in reversed(right)), *right)


def change_colours(breaks: tuple[float, ...]) -> tuple[str, ...]:
    """Colour of every class, from the largest loss to the largest gain."""
    side = len(breaks) // 2
    less = {1: (_LESS[1],), 2: _LESS[1:]}.get(side, _LESS)
    more = {1: (_MORE[1],), 2: _MORE[:2]}.get(side, _MORE)
    return (*less, _SAME, *more)


def change_labels(breaks: tuple[float, ...], lang: str) -> list[str]:
    """Text per class, such as ``−50 tot −20`` and ``+20 tot +50``."""
    side = [bound for bound in breaks if bound > SMALLEST]
    if not side:
        return [text(f"plan.change.{word}", lang) for word in ("less", "same", "more")]
    words = [_side(side, sign, lang) for sign in ("−", "+")]
    return [*reversed(words[0]), text("plan.change.same", lang), *words[1]]


def _side(bounds: list[float], sign: str, lang: str) -> list[str]:
    """Classes at one side, from small to large."""
    shown = [f"{sign}{format_number(bound, lang, 0 if bound >= 1 else 1)}" for bound in bounds]
    between = [text("legend.between", lang, low=low, high=high) for low, high in pairwise(shown)]
    return [text("plan.change.up_to", lang, high=shown[0]), *between, text("legend.above", lang, low=shown[-1])]
