"""What a view of a plan holds on top of any other view, and what a file of it says about itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import html

from coverage.analysis import Analysis
from coverage.scenario.wording import in_words
from i18n.texts import text
from layers.notes.notes import Notes
from layers.notes.plan_notes import plan_name
from layers.views.plan_sentences import plan_headline, plan_subline, zone_standing
from layers.views.plan_view import differences, plan_bridges, plan_places
from layers.views.view import headline, subline
from pages.server.plan_files import ground_address
from pages.shell.context import Context
from pages.shell.markup import section
from pages.shell.plans.plan_context import TODAY, PlanContext
from pages.shell.plans.plan_versions import plans
from pages.shell.state import State


def with_plan_shown(view: dict[str, Any], context: Context, state: State, analysis: Analysis) -> dict[str, Any]:
    """View with the differences and the places of the plan; the view itself where there is no plan."""
    if not isinstance(context, PlanContext):
        return view
    comparison = context.comparison(state)
    more = differences(analysis, comparison, state.lang)
    today = context.comparison(replace(state, against=""))
    here = _here(analysis) | _here(today.before) if analysis.query.areas else None
    places = plan_places(context.present, context.applied, analysis, today, here)
    plan = {
        "id": state.plan,
        "places": places,
        "bridges": plan_bridges(context.scenario, context.present, state.lang),
        "against": state.against,
        "ground": ground_address(context, state),
    }
    merged = {part: {**view[part], **more[part]} for part in more}
    key = "/".join((state.plan, state.service, state.model, state.areas))
    return {**view, **merged, "plan": plan, "places": key}


def sentences(context: Context, state: State, analysis: Analysis) -> tuple[str, str]:
    """Answer on top of a view and the line below it: what is, or what a plan makes of what is."""
    if not isinstance(context, PlanContext):
        return headline(analysis, context.snapshot, state.lang), subline(analysis, state.lang)
    today = context.comparison(replace(state, against=""))
    return plan_headline(today, context.snapshot, state.lang), plan_subline(today, state.lang)


def zone_section(context: Context, state: State) -> html.Section | None:
    """What a plan changes in the zone that is open; None where there is no plan, or one without changes."""
    if not isinstance(context, PlanContext) or not context.scenario.edits:
        return None
    lang = state.lang
    rows = zone_standing(context.comparison(replace(state, against="")), state.zone, lang)
    content = (
        html.Dl([item for name, value in rows for item in (html.Dt(name), html.Dd(value))], className="figures")
        if rows
        else html.P(text("plan.zone.none", lang), className="help")
    )
    return section(text("plan.zone", lang), content, name="zone-plan")


def _here(analysis: Analysis) -> frozenset[str]:
    """Ids of the places in the area of the view."""
    zones = analysis.all_zones["zone_id"].to_numpy(object)
    shown = set(analysis.table["zone_id"])
    ids = analysis.facilities.frame["id"].tolist()
    pairs = zip(ids, analysis.facility_zone.tolist(), strict=True)
    return frozenset(name for name, zone in pairs if zone >= 0 and zones[zone] in shown)


def with_plan_told(notes: Notes, context: Context, state: State) -> Notes:
    """Notes of a file with the plan it is about, its changes and the command that makes it again."""
    if not isinstance(context, PlanContext):
        return notes
    lang, scenario = state.lang, context.scenario
    edits = "; ".join(in_words(scenario, context.present, lang)) or text("plans.no_edits", lang).rstrip(".")
    return replace(
        notes,
        title=text("plans.title", lang, name=plan_name(scenario), title=notes.title),
        caveats=(text("plans.is_plan", lang, edits=edits), *notes.caveats),
        command=f"nabij scenario table {scenario.id}",
    )


def with_comparison_told(notes: Notes, context: PlanContext, state: State) -> Notes:
    """Notes of a file of a comparison, with what the plan is compared with."""
    lang, beside = state.lang, other_name(state)
    told = with_plan_told(notes, context, state)
    other = text("plans.other", lang, name=beside) if beside else text("plans.today", lang)
    named = {"name": plan_name(context.scenario), "other": other}
    return replace(
        told,
        title=text("plans.compared", lang, **named),
        caveats=(text("plans.compared_before", lang, **named), *told.caveats),
        command=f"nabij scenario compare {context.scenario.id} {state.against if beside else TODAY}",
    )


def other_name(state: State) -> str:
    """Name of the plan that a view is compared with; empty for today."""
    if state.against in ("", TODAY):
        return ""
    return plans().get(state.against, state.lang, state.key).scenario.name or text("plan.unnamed", state.lang)
