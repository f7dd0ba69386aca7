"""What the page of overlap is asked: two levels, beside the usual question, of which children and places count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coverage.core.demand import available_years
from loaders.catalogue.regions.levels import ALL_LEVELS, HOUSE_AREA, LEVELS, OWN
from loaders.catalogue.regions.region_in_use import region
from pages.request.input_kinds import Choice, Maybe, Record, fits
from pages.shell.context import Context
from pages.shell.state import State, read_state
from pages.shell.view_inputs import CHOICES, VIEW_OF, without_look

FORMS = ("xlsx", "csv-excel", "csv")
"""Formats of the table of intersections."""

_CHOSEN = ("service", "mode", "demand", "year", "vintage", "facilities", "places", "zones", "lang")
_LEVEL = Choice(ALL_LEVELS)
_CUTTING = "gp_circle"

ASKED = Record(
    {**{name: Maybe(VIEW_OF[name]) for name in _CHOSEN}, "a": Maybe(_LEVEL), "b": Maybe(_LEVEL)}, needed=("lang",)
)
"""What the form of the page sends."""


@dataclass(frozen=True)
class OverlapAsked:
    """One page: the levels ``a`` and ``b``, and whose children and which places count."""

    state: State
    a: str
    b: str

    @property
    def form(self) -> dict[str, str]:
        """The question as the fields of the form have it."""
        return {**{name: getattr(self.state, name) for name in _CHOSEN}, "a": self.a, "b": self.b}

    @property
    def beside(self) -> str:
        """What an address says of the levels; empty where they are as usual."""
        return "" if (self.a, self.b) == usual_levels() else f"&a={self.a}&b={self.b}"

    @property
    def search(self) -> str:
        """Search part of the address."""
        usual = self.state.address()
        return f"?{self.beside[1:]}" if usual == "?" else usual + self.beside

    @property
    def address(self) -> str:
        """Address of the page with this question."""
        return f"overlap{self.search}"


def usual_levels() -> tuple[str, str]:
    """The levels that the page opens with: the regions of planning, and what cuts them."""
    first = region().planning or region().base
    rest = [level for level in LEVELS if level != first]
    return first, _CUTTING if _CUTTING in rest else rest[0]


def levels_of(state: State) -> list[str]:
    """Levels to choose from; zones of the user's own first where there are any."""
    return [*([OWN] if state.zones else []), *LEVELS, HOUSE_AREA]


def overlap_of(values: Mapping[str, Any], lang: str) -> OverlapAsked:
    """Question of an address; what makes no sense is left as usual."""
    state = read_state(dict(values), lang)
    if not fits(CHOICES, state.__dict__):
        state = State(lang=state.lang)
    plain = without_look(state, "plan", "against", "key", "areas")
    first, second = usual_levels()
    given = {name: str(values[name]) for name in ("a", "b") if fits(_LEVEL, values.get(name))}
    return OverlapAsked(plain, given.get("a", first), given.get("b", second))


def overlap_in_form(values: Mapping[str, Any], context: Context) -> OverlapAsked:
    """Question of the fields of the form."""
    years = available_years(context.snapshot, "age0")
    newest = str(years[-1]) if years else ""
    given = {name: value for name, value in values.items() if value is not None}
    if given.get("demand", "births") == "births" or given.get("year") == newest:
        given["year"] = ""
    return overlap_of(given, context.lang)
