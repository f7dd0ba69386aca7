"""What someone wants of new places, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from coverage.siting.planning.question.candidates import default_kind
from coverage.siting.planning.question.zone_quotas import parse_quota
from i18n.messages import MessageError

if TYPE_CHECKING:
    import pandas as pd

OBJECTIVES = ("mclp", "p-median", "p-center", "lscp")
"""Most births in reach; least travel; shortest longest way; everybody in reach with the fewest places."""

ASSIGNING = ("mclp", "p-median")
"""Objectives that can send families to places, so that capacities and a least number of births count."""

WEIGHED = ("mclp", "p-median")
"""Objectives that add up births, so that some can count for more."""

_ABOVE_ZERO = ("births_per_place",)
_NOT_BELOW_ZERO = ("min_births", "min_births_existing", "spacing_m", "budget", "open_cost", "close_cost")


@dataclass(frozen=True, kw_only=True)
class SitingRequest:
    """What is asked beside the query.

    Attributes
    ----------
    add : number of new places; for ``lscp`` it is not used
    objective : one of `OBJECTIVES`
    candidates : a kind of candidate (`coverage.siting.planning.question.candidates`), or with ``buildings`` their file
    capacity : births a place can take are limited: see `coverage.siting.planning.question.problem.capacities`
    births_per_place : births that a place without known hours can take; None for the average
    single_source : with capacities or ``min_births``: all births of a cell (or sector) go to one place
    min_births : births a year that every new place must at least be given; None for no such rule
    min_births_existing : the same for every place that is there and stays
    fill_existing : with capacities: places that are there are given as much as they can take before new ones are
    area_rule : whether a new place must keep to the rule of its service on areas (article 9): in its municipality, or
        the planning area around it, there is a place that its area must cover
    spacing_m : metres, as the crow flies, between new places and any other
    close : ids of places that may close, each making room for another new one, so that it moves
    budget : what opening and closing may cost together, in the unit of the costs; None for no limit
    open_cost, close_cost : what a new place costs, and closing one; moving one costs both
    most_per, least_per : ``level:number``: places of the service that a zone of that level has at most, or at least
        where it has a candidate; those there are count
    exclude : selections of candidates (ids) that are not wanted again
    targeting : how much more births count where the surroundings are deprived, from 0 (all alike) to 1; see
        `coverage.siting.planning.question.priority`
    buildings : ``id, name, x, y`` in metres, of a list of one's own, in place of a kind
    time_limit : seconds
    mip_gap : relative gap at which the answer is good enough
    """

    add: int = 1
    objective: str = "mclp"
    candidates: str | Path = field(default_factory=default_kind)
    capacity: bool = False
    births_per_place: float | None = None
    single_source: bool = False
    min_births: float | None = None
    min_births_existing: float | None = None
    fill_existing: bool = False
    area_rule: bool = False
    spacing_m: float | None = None
    close: tuple[str, ...] = ()
    budget: float | None = None
    open_cost: float = 1.0
    close_cost: float = 0.0
    most_per: str | None = None
    least_per: str | None = None
    exclude: tuple[tuple[str, ...], ...] = ()
    targeting: float = 0.0
    buildings: pd.DataFrame | None = field(default=None, compare=False, repr=False)
    time_limit: float | None = 60.0
    mip_gap: float = 0.0

    @property
    def assigns(self) -> bool:
        """Whether families are sent to places, instead of each going to the nearest."""
        return self.capacity or self.min_births is not None or self.min_births_existing is not None

    def __post_init__(self) -> None:
        """Check every value."""
        if self.objective not in OBJECTIVES:
            raise MessageError("siting.error.objective", value=self.objective, known=", ".join(OBJECTIVES))
        if self.add < 1:
            raise MessageError("siting.error.add", n=self.add)
        if self.assigns and self.objective not in ASSIGNING:
            raise MessageError("siting.error.assigning")
        if not 0 <= self.targeting <= 1:
            raise MessageError("siting.error.weight", value=f"deprivation:{self.targeting:g}")
        if self.targeting and (self.assigns or self.objective not in WEIGHED):
            raise MessageError("siting.error.weighed")
        if (self.fill_existing or self.min_births_existing is not None) and not self.capacity:
            raise MessageError("siting.error.needs_capacity")
        if self.single_source and not self.assigns:
            raise MessageError("siting.error.single_source")
        for word in (self.most_per, self.least_per):
            if word is not None:
                parse_quota(word)
        for name in (*_ABOVE_ZERO, *_NOT_BELOW_ZERO):
            value = getattr(self, name)
            if value is not None and not (
                math.isfinite(value) and (value > 0 or (value == 0 and name not in _ABOVE_ZERO))
            ):
                raise MessageError(f"siting.error.{name}", value=value)
