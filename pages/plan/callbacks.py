"""What answers on the page of plans: a change, a step back, and what the panel then says. Thin callbacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update

from coverage.scenario.scenario import Scenario
from coverage.scenario.wording import in_words
from i18n.errors import NabijError
from i18n.messages import MessageError
from layers.views.plan_view import standing_of
from pages.compare import plan_comparison
from pages.explore.view_callbacks import notice, on_error
from pages.plan import plan_panel, plan_sharing, saved_plans
from pages.plan.plan_edits import changed
from pages.server import plan_files
from pages.shell.plans.plan_context import PlanContext, view_of
from pages.shell.plans.plan_versions import PlanVersion, edited_back, plans
from pages.shell.state import State as View

Asked = dict[str, Any]
PlanData = dict[str, Any]


def register(app: Dash) -> None:
    """Connect the page of plans: panel, map, comparison, what is kept, and the files made of a plan."""
    plan_comparison.register(app)
    saved_plans.register(app)
    plan_sharing.register(app)
    plan_files.register(app.server)
    app.callback(
        Output("plan", "data"),
        Output("plan-answer", "data"),
        Output("plan-told", "children"),
        Input("plan-do", "data"),
        State("plan", "data"),
        State("choices", "data"),
        prevent_initial_call=True,
        on_error=_on_error,
    )(do)
    app.callback(
        Output("plan-head", "children"),
        Output("plan-warnings", "children"),
        Output("plan-now", "children"),
        Output("plan-changes", "children"),
        Input("viewed", "data"),
        State("snapshot", "data"),
        prevent_initial_call=True,
    )(show)
    for name, inputs in {
        "planArrived": (Output("plan-arrived", "data"), Input("plan", "data")),
        "planAnswered": (Input("plan-answer", "data"),),
        "planPlaces": (Output("plan-pick", "data"), Input("view", "data")),
        "planPick": (Output("plan-pick", "value"), Input("plan-pick", "value")),
        "planIncoming": (Input("plan-incoming", "data"),),
        "planMunicipality": (Output("plan-municipality", "value"), Input("plan-municipality", "value")),
    }.items():
        app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction(namespace="nabij", function_name=name),
            *inputs,
            prevent_initial_call=name != "planArrived",
        )


def _on_error(error: Exception) -> tuple[Any, Any, Any]:
    """Say what went wrong; the plan stays, and the browser, which waits for an answer, may ask again."""
    on_error(error, "plan-told")
    asked: Asked = ctx.inputs["plan-do.data"]
    return no_update, {"at": asked.get("at"), "done": False}, no_update


def do(asked: Asked | None, plan: PlanData | None, choices: dict[str, Any] | None) -> tuple[Any, Any, Any]:
    """Carry out what the browser asks for, as another version of the plan; a refusal is told and changes nothing."""
    if not asked or not plan:
        return no_update, no_update, no_update
    values = {**(choices or {}), "plan": plan["id"], "key": str(plan.get("key") or "")}
    state, context = view_of(values)
    if not isinstance(context, PlanContext):
        raise MessageError("error.plan.nothing")
    done = {"at": asked.get("at"), "done": True}
    remark: Any = None
    try:
        if asked.get("do") in plan_sharing.DOES:
            state = plan_sharing.applied_to(state, context.scenario, str(asked["do"]))
            return told(context, plans().get(state.plan, state.lang, state.key), state), done, None
        if asked.get("do") == "keep":
            after, remark = _kept(state, asked, str(plan.get("head") or ""))
        else:
            after = _after(context, state, asked)
    except NabijError as error:
        return no_update, {**done, "done": False}, notice(error.sentence(state.lang), state.lang)
    if after.scenario.id == state.plan and not (after.kept and asked.get("do") == "keep"):
        return no_update, {**done, "done": False}, None
    state, context = view_of({**values, "plan": after.scenario.id})
    assert isinstance(context, PlanContext)  # noqa: S101
    return told(context, after, state), done, remark


def _after(context: PlanContext, state: View, asked: Asked) -> PlanVersion:
    """The plan after what was asked."""
    store, key = plans(), state.key
    now = store.get(state.plan, state.lang, key)
    what = asked.get("do")
    if what in ("version", "redo"):
        return store.get(str(asked.get("id")), state.lang, key)
    if what == "undo":
        return _before(now, state.lang, key)
    if what == "duplicate":
        copied = store.get(str(asked.get("id")), state.lang, key).scenario
        return store.put(copied.renamed(str(asked.get("name"))), kept=True, key=key)
    after = changed(context, state, asked)
    return now if after.id == state.plan else store.put(after, now.scenario.id, key=key)


def _kept(state: View, asked: Asked, since: str) -> tuple[PlanVersion, Any]:
    """The plan as it is kept, and a remark where somebody else saved the shared plan meanwhile."""
    now = plans().get(state.plan, state.lang, state.key)
    named = now.scenario.renamed(str(asked.get("name") or ""), str(asked.get("note") or ""))
    after, other = plans().save(named, now.parent, state.key, since)
    return after, plan_sharing.saved_meanwhile(other, state) if other else None


def _before(now: PlanVersion, lang: str, key: str) -> PlanVersion:
    """The plan before the last step, under the name that the plan has now."""
    store = plans()
    try:
        before = store.get(now.parent, lang, key) if now.parent else None
    except NabijError:
        before = None  # it was dropped meanwhile, or is of somebody else who passed this one on
    if before is None:
        return store.put(now.scenario.without_last(), key=key)
    return store.put(edited_back(now, before), before.parent, key=key)


def told(context: PlanContext, version: PlanVersion, state: View) -> PlanData:
    """Tell the browser about a plan."""
    scenario: Scenario = version.scenario
    query, lang = scenario.query, state.lang
    share = plans().rights(state.key).share
    return {
        "id": scenario.id,
        "key": state.key,
        "onward": plans().rights(state.key).page,
        "head": "" if share is None else share.head,
        "name": scenario.name,
        "note": scenario.note,
        "kept": version.kept,
        "edits": list(in_words(scenario, context.present, lang)),
        "steps": bool(scenario.edits or version.parent),
        "mode": query.mode,
        "within": query.reach_m,
        "demand": query.demand,
        "year": "" if query.year is None else str(query.year),
    }


def show(view: dict[str, Any] | None, tag: str | None) -> tuple[Any, ...]:
    """What the panel says about the plan that the map shows."""
    if not view or "plan" not in view:
        return (no_update,) * 4
    state, context = view_of(view["key"], tag)
    if not isinstance(context, PlanContext):
        return (no_update,) * 4
    store, lang = plans(), state.lang
    version = store.get(state.plan, lang, state.key)
    standing = standing_of(context.comparison(replace(state, against="")), context.snapshot, lang)
    return (
        plan_panel.head(version, lang),
        html.Div(
            [
                *plan_sharing.notes(state, context.scenario),
                *plan_panel.warnings(context, store.trouble.sentence(lang) if store.trouble else "", lang),
            ]
        ),
        plan_panel.standing(standing, plan_panel.told_of(state), lang),
        plan_panel.changes(context, lang),
    )
