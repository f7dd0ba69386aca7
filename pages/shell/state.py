"""What a view shows, as it stands in the address: every choice has a name, a default and one spelling.

The names are those of the command's options, so ``?service=house&mode=bike`` asks what
``nabij coverage --service house --mode bike`` asks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from coverage.core.query import Query, norm_within_m
from coverage.travel.models import USUAL_MODEL
from i18n.messages import MessageError
from i18n.texts import DEFAULT_LANGUAGE, LANGUAGES
from layers.maps.scales.classes import PROBABILITY, get_indicator
from layers.maps.scales.classing import USUAL_METHOD
from loaders.catalogue.regions.levels import HOUSE_AREA, OWN, base_level, default_vintage
from loaders.catalogue.regions.region_in_use import OfRegion, region
from loaders.catalogue.services import default_service, get_service, services

OWN_PLACES = "own"
"""Facility set of a list that was brought along in this session."""

FACILITY_SETS = ("register", "illustrative", "documented", OWN_PLACES)
MODELS = ("network", "crow", "raster")
"""Travel models that need no file of the user's."""

DRAWS = 200
"""Random draws for the probability of a gap; the standard error is then at most 0.035."""

HALF = 0.5
"""Share of the births in reach below which a zone has a gap, unless another is chosen."""

LAYERS = ("places", "ground", "facts", "barriers", "raster", "basemap")
"""What can be switched on over the zones."""

LOOKS = ("only", "classes", "borders", "camera", "sort", "columns", "filter", "group", "chart")
"""Choices that change how a view looks and not what it says."""


@dataclass(frozen=True)
class State:
    """All choices of a view. Empty texts mean: what follows from the other choices.

    Attributes
    ----------
    service, demand, mode, level, vintage : as in `coverage.core.query.Query`
    year : year of the demand; empty for the newest
    within : reach in metres, as addresses may still say it where ``minutes`` is empty
    minutes : reach in minutes; empty for what is usual for the service
    min_share : share of the births in reach below which a zone has a gap; empty for a half
    facilities : one of `FACILITY_SETS`
    areas : ``level:id`` pairs, comma-separated, that the view is restricted to
    model : travel model, one of `MODELS`
    indicator : what the map is coloured by
    zone : the zone whose sheet is open
    show : layers over the zones, comma-separated
    only : ``gaps`` to show only zones with a gap, on the map and in the table
    classes : how the values on the map are put in classes, one of `layers.maps.scales.classing.METHODS`
    borders : level whose borders lie over the zones; empty for none
    camera : latitude, longitude and zoom of the map; empty where it is fitted to the view
    sort : column and direction of the table, such as ``births:desc``; empty for the order of the indicator
    columns : columns of the table, comma-separated; empty for the usual ones
    filter : which rows of the table are kept, as ``assets/js/rows.mjs`` writes it
    group : what the rows are grouped by: ``gap``, ``place`` or a level; empty for no groups
    chart : chart that stands in the place of the table, with its columns; empty for the table
    places, zones : keys of the user's own list of places and own zones (`session_uploads`); empty where there are none
    plan : id of the plan that is shown, empty for none; it decides places, reach and demand (`shell.plan_context`)
    against : what a plan is compared with: ``today``, the id of another plan, or empty for no comparison
    key : what gives the right to the plan beside the secret of the browser (`pages.shell.plans.plan_rights`); mostly
    empty lang : language
    """

    service: str = default_service()
    demand: str = field(default_factory=lambda: get_service(default_service()).demand)
    year: str = ""
    mode: str = "walk"
    within: str = ""
    minutes: str = ""
    min_share: str = ""
    level: str = field(default_factory=base_level)
    vintage: str = field(default_factory=lambda: str(default_vintage()))
    facilities: str = field(default_factory=lambda: region().places)
    areas: str = ""
    indicator: str = "births_out_of_reach"
    zone: str = ""
    show: str = "places,ground"
    only: str = ""
    classes: str = USUAL_METHOD
    borders: str = ""
    camera: str = ""
    sort: str = ""
    columns: str = ""
    filter: str = ""
    group: str = ""
    chart: str = ""
    model: str = USUAL_MODEL
    places: str = ""
    zones: str = ""
    plan: str = ""
    against: str = ""
    key: str = ""
    lang: str = DEFAULT_LANGUAGE

    @property
    def query(self) -> Query:
        """The question to the engine; `InputError` when a choice makes no sense."""
        return Query(
            service=self.service,
            level=self.level,
            vintage=_whole(self._era, "vintage"),
            areas=Query.parse_areas(self.areas),
            mode=self.mode,
            model=self.model,
            within_m=self._within_m(),
            minutes=(_number(self.minutes, "minutes"),) if self.minutes else (),
            draws=DRAWS if self.indicator == PROBABILITY else 0,
            min_share=_number(self.min_share, "share") if self.min_share else HALF,
            demand=self.demand,
            year=_whole(self.year, "year") if self.year else None,
        )

    def _within_m(self) -> float | None:
        if self.minutes:
            return None
        return _number(self.within, "distance") if self.within else norm_within_m(self.service, self.mode)

    @property
    def _era(self) -> str:
        """Year of the borders: own zones bring it, first in their key; areas of houses have that of the smallest."""
        if self.level == HOUSE_AREA:
            return str(region().vintages.smallest)
        return self.zones.partition("-")[0] or self.vintage if self.level == OWN else self.vintage

    @property
    def layers(self) -> list[str]:
        """Layers that are switched on."""
        return [name for name in LAYERS if name in self.show.split(",")]

    def checked(self) -> State:
        """Return the state itself; `InputError` when a choice makes no sense."""
        if self.model not in MODELS:
            raise MessageError("error.question.travel_model", value=self.model, known=", ".join(MODELS))
        _ = self.query
        get_indicator(self.indicator)
        if self.facilities not in FACILITY_SETS:
            raise MessageError("error.question.facilities", value=self.facilities, known=", ".join(FACILITY_SETS))
        return self

    def address(self, **changes: str) -> str:
        """Query string of this state with some choices changed; defaults are left out."""
        from urllib.parse import urlencode

        values = {**self.__dict__, **changes}
        usual = {**DEFAULTS, "demand": usual_demand(values["service"])}
        kept = {name: value for name, value in values.items() if value != usual[name]}
        return "?" + urlencode(kept, safe=":,")


DEFAULTS: Mapping[str, str] = OfRegion(lambda _chosen: dict(State().__dict__))
"""Default of every choice."""


_IN_METRES = {f"{name}_distance_m": f"{name}_minutes" for name in ("mean", "median", "p90")}
"""Indicators by the names that older addresses have for them."""


def usual_demand(service: str) -> str:
    """Children that a service counts where nothing else is asked; those of the first service for an unknown one."""
    known = services()
    return known.get(service, known[default_service()]).demand


def read_state(values: dict[str, Any], lang: str = DEFAULT_LANGUAGE) -> State:
    """State from named values, such as an address; unknown names are ignored, absent ones get their default.

    Parameters
    ----------
    values : choices by name; numbers are taken as their text
    lang : language where ``values`` names none that exists
    """
    known = {name: _text(values[name]) for name in DEFAULTS if values.get(name) is not None}
    if known.get("indicator") in _IN_METRES:
        known["indicator"] = _IN_METRES[known["indicator"]]
    known.setdefault("demand", usual_demand(known.get("service", default_service())))
    if known.get("lang", "") not in LANGUAGES:
        known["lang"] = lang
    return State(**known)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _whole(value: str, name: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise MessageError(f"error.question.{name}", value=value) from None


def _number(value: str, name: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise MessageError(f"error.question.{name}", value=value)
    return number
