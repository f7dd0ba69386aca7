"""What is asked: service, level, reach and demand, checked once and carried along with every result."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coverage.travel.base import BridgeLine
from coverage.travel.models import USUAL_MODEL, check_model
from coverage.travel.pace import PACE_KMH
from i18n.messages import MessageError, NumberAsGiven
from loaders.catalogue.regions.levels import base_level, default_vintage, get_level
from loaders.catalogue.regions.region_in_use import OfRegion, region
from loaders.catalogue.services import default_service, get_service

DEMAND_KINDS: dict[str, tuple[str, ...]] = {
    "births": ("births",),
    "age0": ("age0",),
    "age0_2": ("age0", "age1", "age2"),
    "age0_5": ("age0", "age1", "age2", "age3", "age4", "age5"),
}
"""Kinds of demand and the columns they add up; all but ``births`` are proxies, counted on 1 January."""

DEFAULT_WITHIN_M: Mapping[str, float] = OfRegion(lambda chosen: chosen.norms.within_m)
"""Metres of travel within the norm of the region, by mode: its minutes at its speeds."""

USUAL_MINUTES = 15.0
"""Minutes of travel that are near enough where neither the question nor its service says."""

MAX_REACH = 1e9
"""Metres or minutes of a reach: far beyond all there is, and still a number when it is multiplied or squared."""

MAX_DRAWS = 100_000


@dataclass(frozen=True)
class Query:
    """One question to the engine.

    Attributes
    ----------
    service : id of a declared service (`loaders.catalogue.services`)
    level : kind of zone to report on (`loaders.catalogue.regions.levels.LEVELS`)
    vintage : year of the borders; the newest held that is not later is taken
    areas : (level, zone_id) pairs; only zones lying mostly in their union are reported, empty for all
    mode : ``walk``, ``bike`` or ``car``; sets the default reach
    model : travel cost model (`coverage.travel.models.TRAVEL_MODELS`); over streets where the data hold none, an engine
        answers with the straight line and says so
    within_m : reach in metres of travel, its end included; None for ``minutes``, else 15 minutes of the mode
    minutes : reach in minutes instead, the first of several; the others are cut-offs to report beside it
    speed : km/h of the user's pace, for minutes on foot or by bike; None for that of the mode
    min_share : a zone is beyond reach when a smaller share of its births is in reach
    demand : ``births``, ``age0``, ``age0_2`` or ``age0_5``
    year : year of the demand; None for the newest held
    network : OpenStreetMap extract, for the models ``network`` (needed) and ``raster`` (bridges and motorways)
    matrix : table of travel costs, for the model ``matrix``
    matrix_columns : header and field of its columns, where its headers do not say it
    ferries : whether ferries count on foot and by bike, over the streets of the data
    bridges : bridges that are not there, over the streets of the data; those of other modes change nothing
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
    level: str = field(default_factory=base_level)
    vintage: int = field(default_factory=default_vintage)
    areas: tuple[tuple[str, str], ...] = ()
    mode: str = "walk"
    model: str = USUAL_MODEL
    within_m: float | None = None
    min_share: float = 0.5
    demand: str = "births"
    year: int | None = None
    draws: int = 0
    seed: int = 1
    network: Path | None = None
    matrix: Path | None = None
    births_per_hour: float | None = None
    minutes: tuple[float, ...] = ()
    speed: float | None = None
    matrix_columns: tuple[tuple[str, str], ...] = ()
    ferries: bool = False
    bridges: tuple[BridgeLine, ...] = ()

    def __post_init__(self) -> None:
        """Check every value."""
        get_service(self.service)
        _one_of(self.mode, DEFAULT_WITHIN_M, "mode")
        _one_of(self.demand, DEMAND_KINDS, "demand")
        check_model(self.model, self.network, self.matrix)
        get_level(self.level).resolve_vintage(self.vintage)
        object.__setattr__(self, "areas", _checked_areas(self.areas))
        if any(MAX_REACH < value < math.inf for value in (self.within_m or 0.0, *self.minutes)):
            raise MessageError("error.question.reach_far")
        if self.within_m is not None and not (math.isfinite(self.within_m) and self.within_m > 0):
            raise MessageError("error.question.within", value=NumberAsGiven(self.within_m))
        check_minutes(self.minutes, self.speed, self.mode)
        if self.minutes and self.within_m is not None:
            raise MessageError("error.question.both_reaches")
        if not 0 <= self.min_share <= 1:
            raise MessageError("error.question.min_share", value=NumberAsGiven(self.min_share))
        check_draws(self.draws, self.seed)
        check_births_per_hour(self.births_per_hour)

    @property
    def bridges_used(self) -> tuple[BridgeLine, ...]:
        """Bridges that the mode may use, where it goes over the streets of the data."""
        over_streets = self.model == USUAL_MODEL and self.network is None
        return tuple(bridge for bridge in self.bridges if over_streets and self.mode in bridge.modes)

    @property
    def reach_m(self) -> float:
        """Reach in metres of travel: ``within_m``, the first of ``minutes``, or 15 minutes of the mode."""
        if self.within_m is not None:
            return float(self.within_m)
        if self.minutes or self.speed is not None:
            return metres_in((*self.minutes, USUAL_MINUTES)[0], self.mode, self.speed)
        return DEFAULT_WITHIN_M[self.mode]

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


def norm_within_m(service: str, mode: str) -> float | None:
    """Metres of travel in the minutes that a service declares as its norm; None where it declares none.

    Raises
    ------
    InputError
        for a service or a mode that is not known
    """
    minutes = get_service(service).minutes
    _one_of(mode, DEFAULT_WITHIN_M, "mode")
    return None if minutes is None else DEFAULT_WITHIN_M[mode] * minutes / region().norms.minutes


def usual_within_m(service: str, mode: str) -> float:
    """Metres of travel that are near enough where nothing else is asked: by the norm of the service, else the region's.

    Raises
    ------
    InputError
        for a service or a mode that is not known
    """
    norm = norm_within_m(service, mode)
    return DEFAULT_WITHIN_M[mode] if norm is None else norm


def usual_minutes(service: str) -> float:
    """Minutes of travel that are near enough where nothing else is asked; `InputError` for an unknown service."""
    minutes = get_service(service).minutes
    return region().norms.minutes if minutes is None else minutes


def metres_in(minutes: float, mode: str, speed: float | None = None) -> float:
    """Metres of travel in so many minutes, at the pace of the mode or at a speed in km/h.

    Examples
    --------
    >>> metres_in(15, "walk"), metres_in(10, "bike", 12.0)
    (1200.0, 2000.0)
    """
    kmh = PACE_KMH[mode] if speed is None else speed
    return minutes * kmh * 1000 / 60


def parse_minutes(text: str) -> tuple[float, ...]:
    """Read numbers separated by commas, as given to ``--minutes``; each once, in the order given.

    Raises
    ------
    InputError
        for what is no number
    """
    try:
        return tuple(dict.fromkeys(float(part) for part in text.split(",") if part.strip()))
    except ValueError:
        raise MessageError("error.question.minutes", value=text) from None


def check_minutes(minutes: tuple[float, ...], speed: float | None, mode: str) -> None:
    """Raise `InputError` when cut-offs in minutes, or a speed, cannot be used."""
    for value in minutes:
        if not (math.isfinite(value) and value > 0):
            raise MessageError("error.question.minutes", value=NumberAsGiven(value, "g"))
    if speed is not None and not (math.isfinite(speed) and speed > 0):
        raise MessageError("error.question.speed", value=NumberAsGiven(speed))
    if speed is not None and mode == "car":
        raise MessageError("error.question.speed_car")


def check_births_per_hour(value: float | None) -> None:
    """Raise `InputError` when a number of births for an hour cannot be used."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise MessageError("error.question.births_per_hour", value=NumberAsGiven(value))


def check_draws(draws: int, seed: int) -> None:
    """Raise `InputError` when a number of draws or a seed cannot be used."""
    if not 0 <= draws <= MAX_DRAWS:
        raise MessageError("error.question.draws", value=str(draws), most=str(MAX_DRAWS))
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
