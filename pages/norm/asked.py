"""What the page of the norm is asked: births, rules, weight of deprivation and cost, beside the usual question."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from coverage.norm.request import RULES, NormRequest
from pages.shell.state import State

MIN, MAX, STEP = 20, 500, 10
"""Births of the slider."""

USUAL = 100


@dataclass(frozen=True)
class NormAsked:
    """One page: the usual question, and the norm."""

    state: State
    births: float = USUAL
    rules: tuple[str, ...] = ("keep",)
    deprived: float = 1.0
    cost: float | str = ""

    @property
    def request(self) -> NormRequest:
        """Question to the norm machine; `InputError` when a value makes no sense."""
        cost = float(self.cost) if isinstance(self.cost, int | float) else None
        return NormRequest(self.births, deprived=self.deprived, rules=self.rules, cost=cost)

    @property
    def address(self) -> str:
        """Address of the page with this norm."""
        more = f"births={self.births:g}&rules={','.join(self.rules) or 'none'}&deprived={self.deprived:g}"
        cost = f"&cost={self.cost:g}" if isinstance(self.cost, int | float) else ""
        query = self.state.address()
        return f"norm{query}{'' if query == '?' else '&'}{more}{cost}"


def asked_of(values: Mapping[str, Any], state: State) -> NormAsked:
    """Page for the values of an address; what makes no sense is left at its default."""
    rules = str(values.get("rules") or "keep")
    chosen = () if rules == "none" else tuple(rule for rule in RULES if rule in rules.split(","))
    births, deprived = _number(values.get("births"), USUAL), _number(values.get("deprived"), 1.0)
    cost = _number(values.get("cost"), math.nan)
    return NormAsked(
        replace(state, zone="", areas="", plan="", against="", key=""),
        min(max(births, MIN), MAX),
        chosen,
        min(max(deprived, 1.0), 10.0),
        cost if math.isfinite(cost) and cost >= 0 else "",
    )


def _number(value: Any, otherwise: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return otherwise
    return number if math.isfinite(number) else otherwise
