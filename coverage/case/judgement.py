"""From criteria to a verdict: justified, not justified, or not known, with the share of the draws behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from loaders.catalogue.types import Bools, Floats

Verdict = Literal["justified", "not_justified", "not_known"]

LIKELY = 0.66
"""From this probability on a verdict is given, as the IPCC says *likely*; else it is not known."""


@dataclass(frozen=True, eq=False)
class Judged:
    """One criterion, held against its threshold.

    Attributes
    ----------
    name : one of `coverage.case.thresholds.CRITERIA`
    value : what was found; NaN where it is not known, ``inf`` where there is no place
    threshold : what is asked; NaN where nothing is
    low, high : where nine draws in ten of the value lie; NaN where it is not drawn
    holds : whether the value reaches the threshold; None where it cannot be judged
    probability : share of the draws in which it does; NaN where it cannot be judged
    required : whether the verdict rests on it
    source : of the threshold, see `coverage.case.thresholds.Thresholds`
    draws : (n_draws,) whether it holds in every draw; None where it cannot be judged
    facts : what a sentence on it names
    """

    name: str
    value: float
    threshold: float
    low: float
    high: float
    holds: bool | None
    probability: float
    required: bool
    source: str
    draws: Bools | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


def judge(
    name: str,
    value: float,
    threshold: float,
    drawn: Floats | None,
    *,
    required: bool,
    source: str,
    below: bool = False,
    facts: Mapping[str, object] | None = None,
) -> Judged:
    """Hold a value and its draws against a threshold.

    Parameters
    ----------
    name, value, threshold, required, source, facts : see `Judged`
    drawn : (n_draws,) the value in every draw; None where it is not known
    below : whether it must lie below the threshold; else at least at it
    """
    known = not np.isnan(value) and drawn is not None and not np.isnan(drawn).any()
    low, high = (float("nan"), float("nan"))
    if known and drawn is not None and np.isfinite(drawn).all():
        low, high = float(np.quantile(drawn, 0.05)), float(np.quantile(drawn, 0.95))
    if not known or np.isnan(threshold) or drawn is None:
        return Judged(name, value, threshold, low, high, None, float("nan"), required, source, None, facts or {})
    holds = bool(value < threshold if below else value >= threshold)
    draws = np.asarray(drawn < threshold if below else drawn >= threshold, dtype=bool)
    share = float(draws.mean())
    return Judged(name, value, threshold, low, high, holds, share, required, source, draws, facts or {})


def judge_fact(name: str, holds: bool | None, draws: int, *, required: bool, facts: Mapping[str, object]) -> Judged:
    """Return a criterion that holds or not in every draw alike; one that is not known has neither."""
    none = float("nan")
    if holds is None:
        return Judged(name, none, none, none, none, None, none, required, "rule", None, facts)
    every = np.full(draws, holds)
    return Judged(name, float(holds), none, none, none, holds, float(holds), required, "rule", every, facts)


def verdict_of(
    criteria: Sequence[Judged], required: Sequence[Sequence[str]], draws: int
) -> tuple[Verdict, float, float]:
    """Judge all together.

    In every draw a group holds when one of its members does, and the place is justified when all groups hold. What
    cannot be judged is taken both ways, so that the probability lies between two bounds.

    Parameters
    ----------
    criteria : what was judged
    required : groups of names; one that is not among the criteria asks nothing
    draws : how many

    Returns
    -------
    verdict : ``justified`` where even the lower bound is at least `LIKELY`, ``not_justified`` where even the upper
        one is at most ``1 - LIKELY``, else ``not_known``
    low, high : bounds of the probability that the place is justified; equal where everything is known
    """
    by_name = {judged.name: judged for judged in criteria}
    bounds = []
    for unknown in (False, True):
        every = np.ones(draws, dtype=bool)
        for group in required:
            members = [by_name[name] for name in group if name in by_name]
            if members:
                told = [np.full(draws, unknown) if each.draws is None else each.draws for each in members]
                every &= np.logical_or.reduce(told)
        bounds.append(float(every.mean()))
    low, high = bounds
    if low >= LIKELY:
        return "justified", low, high
    return ("not_justified" if high <= 1 - LIKELY else "not_known"), low, high
