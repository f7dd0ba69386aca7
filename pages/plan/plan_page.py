"""The page of plans: the map, table and sheet of the explorer, showing a plan that can be changed on the spot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash
from dash import dcc, html

from i18n.errors import NabijError
from i18n.texts import text
from layers.maps.classes import DIFFERENCES
from pages.compare.plan_comparison import panel as compare_panel
from pages.explore.explorer_page import configuration, opening, shell
from pages.explore.main_view import main_view
from pages.explore.view_callbacks import notice
from pages.plan import propose_panel
from pages.plan.callbacks import told
from pages.plan.plan_panel import sidebar
from pages.plan.plan_sharing import dialog as share_dialog
from pages.plan.saved_plans import dialogs
from pages.shell.context import Context, current
from pages.shell.masthead import described
from pages.shell.plans.plan_context import OF_THE_PLAN, PlanContext, begin, question_of, view_of
from pages.shell.plans.plan_rights import asks_link, key_of_page, own_key
from pages.shell.plans.plan_versions import plans
from pages.shell.session_uploads import with_own, without_lost
from pages.shell.state import DEFAULTS, LOOKS, State, read_state
from pages.shell.view_inputs import check_address

dash.register_page(__name__, path="/plannen", **described("plan"))  # type: ignore[no-untyped-call]

_WORDS = (
    *(f"plan.status.{status}" for status in ("same", "new", "moved", "closed", "planned")),
    *(f"plan.legend.{status}" for status in ("same", "new", "moved", "closed")),
    *(f"plan.place.{name}" for name in ("nearest", "nobody", "before", "open", "closed", "hours", "capacity")),
    *(f"plan.place.{name}" for name in ("more", "spot", "remove", "back", "done")),
    *(f"plan.place.{name}" for name in ("reach", "no_reach", "reach.none", "reach.of")),
    "plan.keep.no_name",
    "plan.no_point",
    "notice.title",
)
"""Texts that the browser puts on the map."""


def layout(**values: Any) -> html.Div:
    """Page for a plan; an address that names none begins one for the view it holds."""
    context = current()
    state, problem = _opened(values, context)
    state, shown = view_of(state.__dict__)
    assert isinstance(shown, PlanContext)  # noqa: S101  (the state names a plan)
    version = plans().get(state.plan, state.lang, state.key)
    return shell(
        shown,
        state,
        _configuration(shown, state),
        problem,
        sidebar(shown, state, propose_panel.panel(shown, state)),
        main_view(state, beside=compare_panel(state)),
        *_stores(),
        dialogs(state.lang, state.key),
        share_dialog(state.lang),
        kind="plan-shell",
        plan=told(shown, version, state),
    )


def _opened(values: dict[str, Any], context: Context) -> tuple[State, Any]:
    """State of an address, with a plan in any case, and a message where it is not what was asked for."""
    asked, problem = _named(read_state(values, context.lang))
    if asked.plan:
        try:
            question = question_of(plans().get(asked.plan, asked.lang, asked.key).scenario)
            state = read_state({**question, **values, "plan": asked.plan, "key": asked.key}, context.lang)
            viewed, shown = view_of(state.__dict__)
            shown.analyse(viewed)
            check_address(state)
        except NabijError as error:
            problem = problem or notice(error.sentence(asked.lang), asked.lang, "notice.opening")
            values = {"lang": asked.lang}
        else:
            return state, problem
    state = without_lost(opening(values, context))
    state = replace(state, plan="", against="", key=key_of_page(plans().rights(asked.key)), lang=asked.lang)
    try:
        check_address(state)
        below = with_own(context, state)
    except NabijError as error:
        problem = notice(error.sentence(state.lang), state.lang, "notice.opening")
        state, below = State(lang=state.lang, key=state.key), context
    scenario, why = begin(below, state)
    plans().put(scenario, key=state.key)
    if why:
        problem = problem or notice(why, state.lang, "plan.started.title")
    begun = {"plan": scenario.id, "key": state.key, "lang": state.lang}
    return read_state({**_looks(state), **question_of(scenario), **begun}), problem


def _named(asked: State) -> tuple[State, Any]:
    """State with the plan that its key opens, and a message where it opens none any more."""
    try:
        who = plans().rights(asked.key)
        own = plans().shares.of(asked.plan, who.owner) if asked.plan and not who.link else None
    except NabijError as error:
        problem = notice(error.sentence(asked.lang), asked.lang, "notice.opening")
        return replace(asked, plan="", key=key_of_page(plans().rights(""))), problem
    if who.share is not None:
        return replace(asked, plan=asked.plan or who.share.head, key=key_of_page(who, who.link)), None
    closed = notice(text("share.closed", asked.lang), asked.lang, "notice.opening") if asks_link(asked.key) else None
    return replace(asked, key=key_of_page(who, own_key(own.id) if own else "")), closed


def _looks(state: State) -> dict[str, str]:
    """What a view looks like, apart from its question."""
    own = {"zones": state.zones} if state.zones else {}
    looks = {name: getattr(state, name) for name in LOOKS}
    return {"zone": state.zone, "show": state.show, "indicator": state.indicator, **looks, **own}


def _configuration(context: PlanContext, state: State) -> dict[str, Any]:
    """What the browser must know of a plan, on top of what it knows of any view."""
    config = configuration(context, state)
    lang = state.lang
    group = {"label": text("plan.title", lang), "names": list(DIFFERENCES)}
    words = {key: text(key, lang) for key in (*_WORDS, *(f"indicator.{name}" for name in DIFFERENCES))}
    return config | {
        "defaults": config["defaults"] | question_of(context.scenario),
        "ofMap": {**DEFAULTS, "lang": config["defaults"]["lang"]},
        "ofPlan": list(OF_THE_PLAN),
        "changes": list(DIFFERENCES),
        "groups": [group, *config["groups"]],
        "scales": config["scales"] | {name: indicator.scale for name, indicator in DIFFERENCES.items()},
        "words": config["words"] | words,
        "lowFirst": [*config["lowFirst"], *DIFFERENCES],
    }


def _stores() -> list[Any]:
    """Build what goes between the browser and the server about a plan."""
    return [
        dcc.Store(id="plan-do"),
        dcc.Store(id="plan-answer"),
        dcc.Store(id="plan-incoming"),
        dcc.Download(id="plan-file"),
        html.Div(id="plan-told", className="notice-place", role="alert"),
    ]
