"""What is asked: service, level, reach and demand, checked once and carried along with every result."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from coverage.travel.models import DEFAULT_MODEL, check_model
from i18n.messages import MessageError, NumberAsGiven
from loaders.catalogue.levels import DEFAULT_VINTAGE, get_level
from loaders.catalogue.services import default_service, get_service

DEMAND_KINDS: dict[str, tuple[str, ...]] = {
    "births": ("births",),
    "age0": ("age0",),
    "age0_2": ("age0", "age1", "age2"),
    "age0_5": ("age0", "age1", "age2", "age3", "age4", "age5"),
}
"""Kinds of demand and the columns they add up; all but ``births`` are proxies, counted on 1 January."""

DEFAULT_WITHIN_M: dict[str, float] = {"walk": 1200.0, "bike": 3750.0, "car": 15000.0}
"""Metres of travel in 15 minutes: 4.8 km/h on foot, 15 km/h by bike (the Flemish norm), 60 km/h by car."""

MOST_DRAWS = 100_000


@dataclass(frozen=True)
class Query:
    """One question to the engine.

    Attributes
    ----------
    service : id of a declared service (`loaders.catalogue.services`)
    level : kind of zone to report on (`loaders.catalogue.levels.LEVELS`)
    vintage : year of the borders; the newest held that is not later is taken
    areas : (level, zone_id) pairs; only zones lying mostly in their union are reported, empty for all
    mode : ``walk``, ``bike`` or ``car``; sets the default reach
    model : travel cost model (`coverage.travel.models.TRAVEL_MODELS`)
    within_m : reach in metres of travel, its end included; None for 15 minutes of the mode
    min_share : a zone is beyond reach when a smaller share of its births is in reach
    demand : ``births``, ``age0``, ``age0_2`` or ``age0_5``
    year : year of the demand; None for the newest held
    network : OpenStreetMap extract, for the models ``network`` (needed) and ``raster`` (bridges and motorways)
    matrix : table of travel costs, for the model ``matrix``
    matrix_columns : header and field of its columns, where its headers do not say it
    births_per_hour : births for an hour per year that a place with known hours can take; None for a margin above
        the mean (`coverage.zones.capacity`)
    draws : random draws for the probability of a gap; 0 leaves it empty
    seed : where the random numbers start

    Raises
    ------
    InputError
        when a value is unknown or out of range, naming the known ones
    """

    service: str = field(default_factory=default_service)
    level: str = "municipality"
    vintage: int = DEFAULT_VINTAGE
    areas: tuple[tuple[str, str], ...] = ()
    mode: str = "walk"
    model: str = DEFAULT_MODEL
    within_m: float | None = None
    min_share: float = 0.5
    demand: str = "births"
    year: int | None = None
    draws: int = 0
    seed: int = 1
    network: Path | None = None
    matrix: Path | None = None
    births_per_hour: float | None = None
    matrix_columns: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Check every value."""
        get_service(self.service)
        _one_of(self.mode, DEFAULT_WITHIN_M, "mode")
        _one_of(self.demand, DEMAND_KINDS, "demand")
        check_model(self.model, self.network, self.matrix)
        get_level(self.level).resolve_vintage(self.vintage)
        object.__setattr__(self, "areas", _checked_areas(self.areas))
        if self.within_m is not None and not (math.isfinite(self.within_m) and self.within_m > 0):
            raise MessageError("error.question.within", value=NumberAsGiven(self.within_m))
        if not 0 <= self.min_share <= 1:
            raise MessageError("error.question.min_share", value=NumberAsGiven(self.min_share))
        check_draws(self.draws, self.seed)
        check_births_per_hour(self.births_per_hour)

    @property
    def reach_m(self) -> float:
        """Reach in metres of travel: ``within_m``, or 15 minutes of the mode."""
        return DEFAULT_WITHIN_M[self.mode] if self.within_m is None else float(self.within_m)

    @property
    def held_vintage(self) -> int:
        """Vintage of the borders that are used for the level."""
        return get_level(self.level).resolve_vintage(self.vintage)

    @staticmethod
    def parse_areas(text: str) -> tuple[tuple[str, str], ...]:
        """Read ``level:id`` pairs separated by commas, as given to ``--in``; an empty text is no restriction.

        Examples
        --------
        >>> Query.parse_areas("care_region:boom, municipality:35014")
        (('care_region', 'boom'), ('municipality', '35014'))
        """
        pairs = []
        for part in (p.strip() for p in text.split(",")):
            if not part:
                continue
            level, separator, zone = (p.strip() for p in part.partition(":"))
            if not (separator and level and zone):
                raise MessageError("error.question.area", value=part)
            pairs.append((level, zone))
        return _checked_areas(pairs)


def check_births_per_hour(value: float | None) -> None:
    """Raise `InputError` when a number of births for an hour cannot be used."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise MessageError("error.question.births_per_hour", value=NumberAsGiven(value))


def check_draws(draws: int, seed: int) -> None:
    """Raise `InputError` when a number of draws or a seed cannot be used."""
    if not 0 <= draws <= MOST_DRAWS:
        raise MessageError("error.question.draws", value=str(draws), most=str(MOST_DRAWS))
    if seed < 0:
        raise MessageError("error.question.seed", value=str(seed))


def _one_of(value: str, known: Collection[str], name: str) -> None:
    if value not in known:
        raise MessageError(f"error.question.{name}", value=str(value), known=", ".join(known))


def _checked_areas(areas: Collection[Collection[str]]) -> tuple[tuple[str, str], ...]:
    """Areas as a tuple of (level, lower-case id), in the order given and without repeats."""
    pairs: dict[tuple[str, str], None] = {}
    for area in areas:
        level, zone = area
        get_level(level)
        pairs[level, str(zone).lower()] = None
    return tuple(pairs)
