"""Why not there? A point on the map is held against the best choice, in a process of its own."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, html, no_update

from i18n.errors import NabijError
from i18n.texts import text
from layers.views.ahead_view import WhyView
from pages.plan.propose_results import refusal, remark
from pages.plan.siting_search import control_states, question_at
from pages.searches.runner import searches
from pages.server import jobs
from pages.shell.plans.plan_versions import plans
from pages.shell.reader import reader

StoreData = dict[str, Any]


def register(app: Dash) -> None:
    """Connect the panel."""
    app.callback(
        Output("why-job", "data"),
        Output("why-answer", "children"),
        Output("why-tick", "disabled"),
        Input("why-point", "data"),
        State("choices", "data"),
        State("selected", "data"),
        State("why-job", "data"),
        *control_states(),
        prevent_initial_call=True,
    )(begin)
    app.callback(
        Output("why-answer", "children", allow_duplicate=True),
        Output("why-tick", "disabled", allow_duplicate=True),
        Input("why-tick", "n_intervals"),
        State("why-job", "data"),
        prevent_initial_call=True,
    )(follow)


def begin(
    point: StoreData | None, choices: StoreData | None, selected: str | None, before: StoreData | None, *controls: Any
) -> Any:
    """Start to look at a point; one that is still looked at is left."""
    if not point or not choices:
        return no_update, no_update, no_update
    lang = str(choices.get("lang") or reader())
    page = str(choices.get("key") or "")
    owner = plans().rights(page).owner
    if before:
        jobs.jobs().stop(str(before["key"]), owner)
    try:
        question, lang = question_at(choices, selected, controls, (float(point["lat"]), float(point["lon"])))
        running = searches()
        key = jobs.jobs().start(lambda watch: running.run(question, watch), lang, owner)
    except NabijError as error:
        return None, refusal(error, lang), True
    return {"key": key, "page": page, "lang": lang}, remark(text("propose.why.busy", lang), True), False


def follow(_: int | None, job: StoreData | None) -> Any:
    """Show the answer when it is there."""
    if not job:
        return no_update, True
    lang = str(job["lang"])
    seen = jobs.jobs().look(str(job["key"]), plans().rights(str(job.get("page") or "")).owner)
    if seen is None:
        return remark(text("propose.lost", lang)), True
    if seen.stage == "failed" and seen.error is not None:
        return refusal(seen.error, lang), True
    view = next((one for one in seen.results if isinstance(one, WhyView)), None)
    if view is not None:
        return html.Div([html.P(sentence) for sentence in view.sentences], className="why-sentences"), True
    if seen.ended:
        return remark(text("propose.lost", lang)), True
    if seen.stage == "waiting":
        return remark(text("propose.waiting", lang, ahead=seen.ahead)), False
    return no_update, False
