"""What the page of two maps is asked: two whole questions, the right one told by what it has otherwise than the left.

In an address the choices of the left side have their usual names, those of the right side ``b_`` before them, and only
where they are not what is usual beside the left side: the same question by another way of travelling, or, of a plan,
the same without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from coverage.core.demand import available_years
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.regions.levels import HOUSE_AREA
from pages.request.input_kinds import Maybe, Record, Text, fits
from pages.shell.context import Context
from pages.shell.plans.plan_versions import plans
from pages.shell.state import OWN_PLACES, State, read_state, usual_demand
from pages.shell.view_inputs import CHOICES, VIEW_OF, without_look

SIDES = ("left", "right")

SHOWN = ("births_out_of_reach", "share_in_reach", "mean_minutes", "gap", "births")
"""What both maps can be coloured by."""

FORMS = ("xlsx", "csv-excel", "csv")
"""Formats of the table of the difference."""

RIGHT = "b_"
"""Before the names of the choices of the right side."""

_PLAN = "plan:"
_PLACES = ("facilities", "places", "plan", "key")
_CHOSEN = ("service", "demand", "year", "mode", "minutes", "model", "level", "vintage", *_PLACES)
"""Choices that a side makes for itself."""

_SOURCE = Text(140, rf"({_PLAN})?[A-Za-z0-9_.-]*")

ASKED = Record(
    {
        **{f"{side}{name}": Maybe(VIEW_OF[name]) for name in _CHOSEN for side in ("", RIGHT)},
        **{f"{side}source": Maybe(_SOURCE) for side in ("", RIGHT)},
        **{name: VIEW_OF[name] for name in ("indicator", "zones", "lang")},
    },
    needed=("lang",),
)
"""What the form of the page sends."""


@dataclass(frozen=True)
class Compared:
    """Two questions side by side; what colours the maps is that of the left one."""

    left: State
    right: State

    @property
    def indicator(self) -> str:
        """What both maps are coloured by."""
        return self.left.indicator

    @property
    def address(self) -> str:
        """Address of the page with both questions."""
        return f"vergelijken{self.search}"

    @property
    def search(self) -> str:
        """Search part of the address."""
        usual = self.left.address()
        return f"?{self.beside[1:]}" if usual == "?" else usual + self.beside

    @property
    def form(self) -> dict[str, str]:
        """Both questions as the fields of the form have them."""
        told = {"indicator": self.indicator, "zones": self.left.zones, "lang": self.left.lang}
        for before, state in (("", self.left), (RIGHT, self.right)):
            told |= {before + name: getattr(state, name) for name in _CHOSEN}
            told[f"{before}source"] = source_of(state)
        return told

    @property
    def beside(self) -> str:
        """What an address says of the right side, to follow the left one's; empty where it is as usual."""
        usual = usual_beside(self.left)
        told = {RIGHT + name: value for name in _CHOSEN if (value := getattr(self.right, name)) != getattr(usual, name)}
        return ("&" if told else "") + urlencode(told, safe=":,")

    @property
    def same_zones(self) -> bool:
        """Whether both maps show the same zones."""
        return (self.left.level, self.left.query.held_vintage) == (self.right.level, self.right.query.held_vintage)


def usual_beside(left: State) -> State:
    """What stands beside a question where nothing else is chosen."""
    if left.plan:
        return replace(left, plan="", key="")
    return replace(left, mode="bike" if left.mode == "walk" else "walk", within="", minutes="")


def compared_of(values: Mapping[str, Any], lang: str) -> Compared:
    """Two questions of an address; what makes no sense is told when it is answered."""
    left = _without_view(read_state(dict(values), lang))
    if not fits(CHOICES, left.__dict__):
        left = State(lang=left.lang)
    usual = usual_beside(left)
    told = {name: str(values[RIGHT + name]) for name in _CHOSEN if values.get(RIGHT + name) is not None}
    if "service" in told and "demand" not in told and left.demand == usual_demand(left.service):
        told["demand"] = usual_demand(told["service"])
    right = replace(usual, **told)
    return Compared(left, right if fits(CHOICES, right.__dict__) else usual)


def compared_in_form(values: Mapping[str, Any], context: Context) -> Compared:
    """Two questions of the fields of the form, in which one list holds the sets of places and the plans."""
    years = available_years(context.snapshot, "age0")
    newest = str(years[-1]) if years else ""
    sides = []
    for before in ("", RIGHT):
        given = {name: values[before + name] for name in _CHOSEN if values.get(before + name) is not None}
        source = str(values.get(before + "source") or "")
        if source.startswith(_PLAN):
            given |= {"plan": source.removeprefix(_PLAN)}
        else:
            given |= {"facilities": source or given.get("facilities", State().facilities), "plan": "", "key": ""}
        if given.get("facilities") != OWN_PLACES:
            given["places"] = ""
        if given.get("demand") == "births" or given.get("year") == newest:
            given["year"] = ""
        given |= {name: values[name] for name in ("indicator", "zones", "lang") if values.get(name)}
        sides.append(_without_view(read_state(given)))
    return Compared(*sides)


def source_of(state: State) -> str:
    """What the list of sets and plans has chosen for a state."""
    return f"{_PLAN}{state.plan}" if state.plan else state.facilities


def _without_view(state: State) -> State:
    """State without what this page does not show: an area, an open zone, a comparison within the page of plans."""
    return replace(
        without_look(state, "areas", "against", "within"),
        indicator=state.indicator if state.indicator in SHOWN else SHOWN[0],
        level=State().level if state.level == HOUSE_AREA else state.level,
    )


def with_service_of_plan(state: State) -> State:
    """State that asks for the service of its plan; the state itself where there is no plan.

    Raises
    ------
    MessageError
        when the plan is not there for this visitor
    """
    if not state.plan:
        return state
    try:
        plan = plans().get(state.plan, state.lang, state.key)
    except InputError:
        raise MessageError("compare.page.no_plan", id=state.plan[:24]) from None
    return replace(state, service=plan.scenario.query.service)
