"""How sure something is, in words: the scale of the IPCC for likelihood (Mastrandrea et al. 2010), with the figure."""

from __future__ import annotations

import math

from i18n.texts import format_percent, text

_SCALE = (
    (0.99, "practically"),
    (0.90, "very_likely"),
    (0.66, "likely"),
    (0.33, "even"),
    (0.10, "unlikely"),
    (0.01, "very_unlikely"),
)
"""Least probability of a word, from sure to hardly."""

SAME_GAP = 1e-9
"""Rounding of a gap."""


def sure(probability: float | None, lang: str) -> str:
    """Probability in words and as a percentage: ``heel waarschijnlijk (93 %)``.

    A share of draws is never told as 0 % or 100 %: ``vrijwel zeker (meer dan 99 %)``.
    """
    if probability is None or not math.isfinite(probability):
        return text("sure.unknown", lang)
    word = next((word for least, word in _SCALE if probability >= least), "practically_not")
    return text(f"sure.{word}", lang, probability=chance(probability, lang))


def chance(probability: float, lang: str) -> str:
    """Share of draws as a percentage, never 0 % or 100 %."""
    if probability > 0.99:
        return text("sure.above", lang, probability=format_percent(0.99, lang))
    if probability < 0.01:
        return text("sure.below", lang, probability=format_percent(0.01, lang))
    return format_percent(probability, lang)


def gap_words(gap: float, lang: str) -> str:
    """How much better another choice can be: rounded up, so that no more is claimed than was proven."""
    return format_percent(math.ceil(gap * 10_000 - SAME_GAP) / 10_000, lang, 2)
