"""What a view may ask: the kind of every choice that stands in an address or in a question of a page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS
from i18n.messages import MessageError
from i18n.texts import LANGUAGES
from layers.maps.scales.classes import ASKED, DIFFERENCES, INDICATORS
from layers.maps.scales.classing import METHODS
from loaders.catalogue.regions.levels import ALL_LEVELS
from loaders.catalogue.services import services
from pages.request.input_kinds import Choice, Either, Kind, Maybe, Record, Text, fits
from pages.shell.state import DEFAULTS, FACILITY_SETS, MODELS, State

KEY = Text(128, r"[A-Za-z0-9_.-]*")
RIGHT = Text(300, r"[A-Za-z0-9_~-]*")
"""Key of a page or of a link, see `pages.shell.plans.plan_rights`."""

ID = Text(300)

_WRITTEN = Text(24, r"[-+0-9.eE]*")
"""A number as somebody types it; what it means is told in words where it makes no sense."""


@dataclass(frozen=True)
class ServiceChoice:
    """One of the services that are declared at the time of asking."""

    def check(self, value: object, at: str) -> None:
        """Take the id of a service."""
        Choice(services()).check(value, at)


_OPEN_QUESTION: dict[str, Kind] = {
    "service": ServiceChoice(),
    "demand": Choice(DEMAND_KINDS),
    "year": Text(4, r"(\d{4})?"),
    "mode": Choice(DEFAULT_WITHIN_M),
    "within": _WRITTEN,
    "minutes": _WRITTEN,
    "min_share": _WRITTEN,
    "level": Choice(ALL_LEVELS),
    "vintage": Text(4, r"\d{4}"),
    "facilities": Choice(FACILITY_SETS),
    "areas": Text(4000),
    "model": Choice(MODELS),
    "places": KEY,
    "zones": KEY,
    "plan": KEY,
    "against": KEY,
    "key": RIGHT,
    "lang": Choice(LANGUAGES),
    "classes": Choice(METHODS),
}
_LOOK: dict[str, Kind] = {
    "indicator": Choice((*INDICATORS, *ASKED, *DIFFERENCES)),
    "zone": ID,
    "show": Text(80, r"[a-z,]*"),
    "only": Choice(("", "gaps")),
    "borders": Either((Choice(("",)), Choice(ALL_LEVELS))),
    "camera": Text(60, r"[-0-9.,]*"),
    "sort": Text(60, r"[a-z0-9_-]*(:(asc|desc))?"),
    "columns": Text(600, r"[a-z0-9_,-]*"),
    "filter": Text(200),
    "group": Either((Choice(("", "gap", "place")), Choice(ALL_LEVELS))),
    "chart": Text(120, r"[a-z0-9_:-]*"),
}
VIEW_OF: dict[str, Kind] = {name: Maybe(kind) for name, kind in {**_OPEN_QUESTION, **_LOOK}.items()}
"""Choices of a view, as they stand in an address and in what the browser asks."""

CHOICES = Record(VIEW_OF)


def without_look(state: State, *more: str) -> State:
    """State without how the explorer looks, for pages that show none of it; ``more`` are other choices to leave out."""
    names = (*(name for name in _LOOK if name != "indicator"), "classes", *more)
    return replace(state, **{name: DEFAULTS[name] for name in names})


def check_address(state: State) -> None:
    """Raise `MessageError` for a view that no page may ask about, such as one with an endless name."""
    for name, kind in VIEW_OF.items():
        if not fits(kind, getattr(state, name)):
            raise MessageError("request.address", name=name)
