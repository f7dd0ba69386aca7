"""A plan beside the figures of today: the places it makes, the question it asks, and what it differs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from coverage.analysis import Analysis
from coverage.core.query import Query, usual_within_m
from coverage.indicators.comparison import Comparison, compare
from coverage.scenario.scenario import Scenario, facilities_hash, start
from i18n.errors import NabijError
from i18n.texts import text
from loaders.catalogue.facilities import Facilities
from loaders.snapshot.facility_sets import held_sets
from pages.shell.context import Context, DerivedContext, current, shown
from pages.shell.plans.plan_versions import plans
from pages.shell.session_uploads import with_own
from pages.shell.state import DEFAULTS, HALF, OWN_PLACES, State, read_state

TODAY = "today"
"""What a plan is compared with when it is no other plan."""

OF_THE_PLAN = ("mode", "within", "minutes", "demand", "year", "facilities", "places")
"""Choices that a plan makes, so that an address with a plan need not hold them."""

_OF_THE_QUESTION = ("service", "level", "vintage", "areas", "model", "min_share")
"""Choices that a plan opens with, and that may be changed without changing the plan."""


class PlanContext(DerivedContext):
    """A context in which the places are those of a plan.

    Parameters
    ----------
    base : the context below, with the user's own zones if there are any
    scenario : the plan
    """

    def __init__(self, base: Context, scenario: Scenario) -> None:
        super().__init__(base)
        self.scenario = scenario
        own = scenario.places is not None
        self.present = scenario.base_facilities(base.snapshot) if own else base.facilities(scenario.facilities)
        self.applied = scenario.applied_to(self.present, base.snapshot)
        self.on_other_data = (
            scenario.snapshot != base.snapshot.hash or facilities_hash(self.present) != scenario.facilities_hash
        )

    def facilities(self, which: str) -> Facilities:
        """Places of the plan, or another set as it is."""
        return self.applied.facilities if which == set_of(self.scenario) else self.base.facilities(which)

    def question(self, state: State) -> Query:
        """The question of a state, with the bridges of the plan."""
        return replace(state.checked().query, bridges=self.scenario.query.bridges)

    def today(self, state: State) -> Analysis:
        """Answer to the same question without any edit."""
        query = as_asked(state, self.scenario.base_query).checked().query
        key = (self.tag, self.scenario.facilities_hash, state.zones, query)
        return plans().analyses.get_or_make(key, lambda: self.engine.analyse(query, self.present))

    def other(self, state: State) -> Analysis:
        """Answer that the plan is compared with: of today, or of another plan."""
        if state.against in ("", TODAY):
            return self.today(state)
        scenario = plans().get(state.against, state.lang, state.key).scenario
        beside = with_plan(self.base, state, scenario)
        return beside.analyse(settled(state, scenario))

    def comparison(self, state: State) -> Comparison:
        """Tell what the plan changes."""
        key = (self.tag, self.scenario.id, state.against, state.zones, state.query)
        return plans().comparisons.get_or_make(
            key, lambda: compare(self.engine, self.other(state), self.analyse(state))
        )


def as_asked(state: State, query: Query) -> State:
    """State that asks for the reach and the children of a query."""
    within = query.within_m
    usual = within is None or within == usual_within_m(query.service, query.mode)
    return replace(
        state,
        mode=query.mode,
        within="" if usual else f"{within:.15g}",
        minutes="",
        demand=query.demand,
        year="" if query.year is None else str(query.year),
    )


def settled(state: State, scenario: Scenario) -> State:
    """State with what the plan decides: its reach, its children and its places."""
    return replace(as_asked(state, scenario.query), facilities=set_of(scenario), places="", plan=scenario.id)


def set_of(scenario: Scenario) -> str:
    """Facility set of a plan, as the explorer calls it."""
    return OWN_PLACES if scenario.places is not None else scenario.facilities


def question_of(scenario: Scenario) -> dict[str, str]:
    """Choices that a plan opens with, by name."""
    asked = {name: str(scenario.question[name]) for name in _OF_THE_QUESTION}
    usual = scenario.question["min_share"] == HALF
    return {**asked, "min_share": "" if usual else f"{scenario.question['min_share']:g}"}


def with_plan(context: Context, state: State, scenario: Scenario) -> PlanContext:
    """Context of a plan beside another one."""
    key = ("context", context.tag, state.zones, scenario.id)
    plan_context = plans().contexts.get_or_make(key, lambda: PlanContext(context, scenario))
    assert isinstance(plan_context, PlanContext)  # noqa: S101
    return plan_context


def view_of(values: Mapping[str, Any], tag: str | None = None) -> tuple[State, Context]:
    """State and context of a page: with the plan it shows, the user's own lists, or neither.

    Parameters
    ----------
    values : choices by name
    tag : figures that the page shows; None for the newest

    Raises
    ------
    InputError
        when the plan, the one it is compared with, or a list is not there for this visitor
    """
    state = read_state(dict(values), current().lang)
    below = current() if tag is None else shown(tag)
    if not state.plan:
        return state, with_own(below, state)
    scenario = plans().get(state.plan, state.lang, state.key).scenario
    if state.against not in ("", TODAY):
        plans().get(state.against, state.lang, state.key)  # what was compared is remembered, and who may see it is not
    base = with_own(below, replace(state, facilities=DEFAULTS["facilities"], places=""))
    return settled(state, scenario), with_plan(base, state, scenario)


def begin(context: Context, state: State) -> tuple[Scenario, str]:
    """Plan without edits for what a view shows, and a sentence where it had to start from something else.

    Places without coordinates give way to a set that has them, own zones to municipalities.
    """
    told = ""
    try:
        return start(context.snapshot, context.facilities(state.facilities), state.checked().query), told
    except NabijError as error:
        told = error.sentence(state.lang)
    which = next(name for name in held_sets(context.snapshot) if name != "documented")
    if state.facilities == "documented":
        told = text("plan.not_documented", state.lang, places=text(f"sidebar.facilities.{which}", state.lang).lower())
    plain = replace(state, facilities=which, places="")
    try:
        return start(context.snapshot, context.facilities(which), plain.checked().query), told
    except NabijError:
        bare = State(facilities=which, lang=state.lang)
        return start(context.snapshot, context.facilities(which), bare.query), told
