"""What somebody asks of a norm: births that justify a place, and the rules that hold whatever the norm says."""

from __future__ import annotations

import math
from dataclasses import dataclass

from i18n.messages import MessageError, NumberAsGiven

RULES = ("article9", "door", "share", "keep")
"""Rules by name: the area of a house as article 9 asks, a door in every municipality without a place of the service
that its area must cover, only at an address that is there, and all places that are there stay."""


@dataclass(frozen=True)
class NormRequest:
    """One norm.

    Attributes
    ----------
    births : births a year that every new place must be given at least, by `deprived` weight
    deprived : how many times a birth in the most deprived fifth counts; 1 for all alike
    density : births a year per km² that the municipality of a new place must have; None for none
    spacing_m : metres, as the crow flies, between a new place and any other; None for none
    rules : words of `RULES`; without ``keep`` everything begins anew
    one_per : level of which every zone gets a place, whatever the norm says; None for none
    cost : what a place costs in a year, in the unit of the user; None for nothing
    """

    births: float
    deprived: float = 1.0
    density: float | None = None
    spacing_m: float | None = None
    rules: tuple[str, ...] = ("keep",)
    one_per: str | None = None
    cost: float | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        if not (math.isfinite(self.births) and self.births > 0):
            raise MessageError("error.question.norm_births", value=NumberAsGiven(self.births))
        if not (math.isfinite(self.deprived) and 1 <= self.deprived <= 100):
            raise MessageError("error.question.norm_deprived", value=NumberAsGiven(self.deprived))
        for name in ("density", "spacing_m", "cost"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise MessageError("error.question.norm_amount", name=name, value=NumberAsGiven(value))
        for rule in self.rules:
            if rule not in RULES:
                raise MessageError("error.question.norm_rule", value=rule, known=", ".join(RULES))

    @property
    def keeps(self) -> bool:
        """Whether the places that are there stay."""
        return "keep" in self.rules


def parse_rules(text: str) -> tuple[str, ...]:
    """Read rules separated by commas, each once.

    Examples
    --------
    >>> parse_rules("article9, keep,keep")
    ('article9', 'keep')
    """
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
