"""What the page of an area is asked: the area of an address, and the thresholds beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from coverage.case.thresholds import AskedThresholds
from coverage.core.query import Query
from coverage.zones.areas import area_vintage, find_zone
from i18n.errors import NabijError
from i18n.messages import MessageError
from layers.sentences import called
from loaders.catalogue.regions.levels import HOUSE_AREA, LEVELS, OWN
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.threshold_presets import USUAL_PRESET, presets
from pages.request.input_kinds import Choice, Kind, Maybe, Record, Text, fits
from pages.shell.context import Context
from pages.shell.plans.plan_context import question_of
from pages.shell.plans.plan_versions import plans
from pages.shell.session_uploads import with_own
from pages.shell.state import State, read_state
from pages.shell.view_inputs import VIEW_OF

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

LEVELS_ASKED = ("municipality", HOUSE_AREA, "care_region", OWN)
"""Levels whose zones can be chosen on the page, where the data hold them."""

_NUMBER = Text(12, r"(-?\d{1,9}(\.\d{0,3})?)?")
BESIDE: dict[str, Kind] = {"preset": Maybe(Choice(tuple(presets()))), "min_births": Maybe(_NUMBER)}
"""What stands in the address of this page alone."""

ASKED = Record({**VIEW_OF, **BESIDE}, needed=("lang",))
"""What the page sends back for every section."""


@dataclass(frozen=True)
class MunicipalityQuestion:
    """One page.

    Attributes
    ----------
    state : service, mode, places and area as everywhere
    preset : thresholds by name
    min_births : threshold of the user, as typed; empty for that of the preset
    """

    state: State
    preset: str = USUAL_PRESET
    min_births: str = ""

    @property
    def thresholds(self) -> AskedThresholds:
        """Thresholds of the user."""
        return AskedThresholds(births=float(self.min_births) if self.min_births else None)

    @property
    def data(self) -> dict[str, str]:
        """What the page keeps, to send back."""
        return {**self.state.__dict__, "preset": self.preset, "min_births": self.min_births}

    @property
    def areas(self) -> tuple[tuple[str, str], ...]:
        """The area; empty where none is chosen."""
        return Query.parse_areas(self.state.areas)

    @property
    def query(self) -> Query:
        """Question without the draws of a map."""
        return replace(self.state.checked().query, draws=0)


def asked_of(values: Mapping[str, Any], state: State) -> MunicipalityQuestion:
    """Page for the values of an address; a zone that is open on the map is the area where none is named."""
    if not state.areas and state.zone:
        state = replace(state, areas=f"{state.level}:{state.zone}")
    given = {name: str(values.get(name) or "") for name in BESIDE}
    preset = given["preset"] if fits(BESIDE["preset"], given["preset"]) and given["preset"] else USUAL_PRESET
    births = given["min_births"] if fits(_NUMBER, given["min_births"]) else ""
    return MunicipalityQuestion(replace(state, zone="", against=""), preset, births)


def read_asked(values: Mapping[str, Any], lang: str) -> MunicipalityQuestion:
    """Page for the values of an address; what it does not say of a plan, the plan says.

    Raises
    ------
    InputError
        when the plan is not there for this visitor
    """
    state = read_state(dict(values), lang)
    if state.plan:
        question = question_of(plans().get(state.plan, state.lang, state.key).scenario)
        state = read_state({**question, **{name: value for name, value in values.items() if value}}, lang)
    return asked_of(values, state)


def check_area(context: Context, asked: MunicipalityQuestion) -> None:
    """Raise `InputError` for an area that is not there; nothing where none is chosen."""
    for level, zone in asked.areas:
        vintage = area_vintage(level, asked.query.vintage)
        find_zone(context.engine.territory.zones(level, vintage), level, zone, vintage)


def is_known(context: Context, values: Mapping[str, Any], lang: str) -> bool:
    """Whether an address of the page names an area that there is, and a plan that there is for this visitor."""
    try:
        check_area(context, read_asked(values, lang))
    except NabijError:
        return False
    return True


def choices(context: Context, asked: MunicipalityQuestion) -> list[tuple[str, list[tuple[str, str]]]]:
    """Areas to choose from: (level, [(``level:id``, name)]), by name."""
    groups = []
    for level in LEVELS_ASKED:
        snapshot = _holding(level, context, asked.state)
        if snapshot is None:
            continue
        zones = snapshot.zones(level, area_vintage(level, region().vintage))
        pairs = [
            (f"{level}:{str(zone).lower()}", called(str(name), asked.state.lang))
            for zone, name in zip(zones["zone_id"], zones["zone_name"], strict=True)
        ]
        groups.append((level, sorted(pairs, key=lambda pair: pair[1].casefold())))
    return groups


def _holding(level: str, context: Context, state: State) -> Snapshot | None:
    """Figures that hold the zones of a level; None where there are none, such as areas of houses of other places."""
    if level in LEVELS or (level == OWN and state.zones):
        return context.snapshot
    if level != HOUSE_AREA or state.plan:
        return None
    try:
        return with_own(context, replace(state, level=HOUSE_AREA, areas="")).snapshot
    except NabijError:
        return None


def no_area() -> MessageError:
    """Error where a section is asked for without an area."""
    return MessageError("error.question.criterion_no_area")
