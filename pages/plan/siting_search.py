"""Proposals for new places on the page of plans: what is asked, how far the search is, and what to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update

from coverage.analysis import Engine
from coverage.core.minutes import per_minute
from coverage.core.query import Query
from coverage.siting.planning.proposal import Proposal, alternatives
from coverage.siting.planning.question.candidates import KINDS
from coverage.siting.planning.question.request import WEIGHED, SitingRequest
from coverage.siting.planning.weight import check_weight
from coverage.zones.areas import area_cells
from i18n.errors import NabijError
from i18n.messages import MessageError
from i18n.texts import text
from layers.views.ahead_view import FrontierView
from layers.views.propose_view import ProposalView, proposal_view
from loaders.catalogue.facilities import Facilities
from loaders.lists.building_file import read_building_file
from pages.plan import building_list
from pages.plan.building_list import FILE, candidates
from pages.plan.propose_panel import ALL_OF_IT, VIEW, ZONE, may_close, offered
from pages.plan.propose_results import progress, refusal, remark, results
from pages.searches.question import SearchQuestion
from pages.searches.runner import searches
from pages.server import jobs
from pages.server.jobs import Watch
from pages.shell.context import Context
from pages.shell.plans.plan_context import view_of
from pages.shell.plans.plan_versions import plans
from pages.shell.reader import reader
from pages.shell.state import State as View

SECONDS = 45.0
"""Time for the search of each proposal."""

CHOICES = 5
"""Proposals to choose from, at most."""

MIN_STEPS, MAX_STEPS = 5, 12
"""New places up to which the frontier goes: twice those asked for, within these."""

QUESTION = ("plan", "service", "demand", "year", "mode", "within", "minutes", "model", "facilities", "places", "zones")
_CONTROLS = (
    *("objective", "n", "where", "kind", "spacing", "each", "least", "close", "targeting"),
    *("mostper", "mostper-level", "leastper", "leastper-level"),
)
_PROPERTY = {"capacity": "checked", "article9": "checked", "file": "contents"}
"""Controls whose answer is not called ``value``; the name of the file comes last of all."""
StoreData = dict[str, Any]


def register(app: Dash) -> None:
    """Connect the panel."""
    building_list.register(app)
    app.callback(
        Output("propose-job", "data"),
        Output("propose-results", "children"),
        Output("propose-tick", "disabled"),
        Input("propose-go", "n_clicks"),
        State("choices", "data"),
        State("selected", "data"),
        State("propose-job", "data"),
        *control_states(),
        prevent_initial_call=True,
    )(begin)
    app.callback(
        Output("propose-progress", "children"),
        Output("propose-results", "children", allow_duplicate=True),
        Output("propose-tick", "disabled", allow_duplicate=True),
        Output("propose-stopping", "className"),
        Output("propose-job", "data", allow_duplicate=True),
        Input("propose-tick", "n_intervals"),
        State("propose-job", "data"),
        prevent_initial_call=True,
    )(follow)
    app.callback(
        Output("propose-stop", "disabled"),
        Input("propose-stop", "n_clicks"),
        Input("propose-job", "data"),
        prevent_initial_call=True,
    )(stop)
    app.callback(
        Output("propose-close", "data"),
        Output("propose-stale", "children"),
        Input("choices", "data"),
        Input("propose-job", "data"),
        prevent_initial_call=True,
    )(keep_up)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction(namespace="nabij", function_name="proposeControls"),
        Output("propose-help", "children"),
        Output("propose-how-many", "className"),
        Output("propose-file-place", "className"),
        Output("propose-weighing", "className"),
        Input("propose-objective", "value"),
        Input("propose-kind", "value"),
    )


def begin(
    clicks: int | None, choices: StoreData, selected: str | None, before: StoreData | None, *controls: Any
) -> Any:
    """Start a search for what is asked now; one that still runs ends."""
    if not clicks or not choices:
        return no_update, no_update, no_update
    if before:
        jobs.jobs().stop(str(before["key"]), _owner(before))
    asked = dict(zip((*_CONTROLS, *_PROPERTY, "filename"), controls, strict=True))
    lang = str(choices.get("lang") or reader())
    try:
        state, context = view_of(choices)
        query = replace(context.question(state), areas=_areas(state, str(asked["where"] or VIEW), selected or ""))
        request = _request(asked)
        births = _births(context.engine, query)
        question, running = _question(context, state, query, request, asked, lang), searches()
        page = str(choices.get("key") or "")
        key = jobs.jobs().start(lambda watch: running.run(question, watch), lang, plans().rights(page).owner)
    except NabijError as error:
        return None, refusal(error, lang), True
    told = {name: choices.get(name, "") for name in QUESTION}
    job = {
        "key": key,
        "page": page,
        "lang": lang,
        "objective": request.objective,
        "births": births,
        "minute": per_minute(query),
        "shown": 0,
        "asked": told,
    }
    return job, None, False


def _areas(state: View, where: str, selected: str) -> tuple[tuple[str, str], ...]:
    if where == ALL_OF_IT:
        return ()
    if where == VIEW:
        return state.query.areas
    if where == ZONE:
        if not selected:
            raise MessageError("propose.no_zone")
        return ((state.level, selected),)
    return Query.parse_areas(where)


def _request(asked: StoreData) -> SitingRequest:
    """The question of the controls; an empty field asks for nothing."""

    def number(name: str) -> float | None:
        return None if asked[name] in (None, "") else float(asked[name])  # a number or the text of one

    def per_zone(name: str) -> str | None:
        quota = number(name)
        return None if quota is None else f"{asked[f'{name}-level']}:{quota:.0f}"

    objective, capacity = str(asked["objective"]), bool(asked["capacity"])
    return SitingRequest(
        add=int(asked["n"] or 1),
        objective=objective,
        capacity=capacity,
        births_per_place=number("each") if capacity else None,
        min_births=number("least") or None,
        spacing_m=number("spacing") or None,
        most_per=per_zone("mostper"),
        least_per=per_zone("leastper"),
        area_rule=bool(asked["article9"]),
        close=tuple(str(place) for place in asked["close"] or ()),
        targeting=(number("targeting") or 0.0) / 100 if objective in WEIGHED else 0.0,
        time_limit=SECONDS,
    )


def _births(engine: Engine, query: Query) -> float:
    births = engine.demand(query.demand, query.year).births
    return float(
        births[area_cells(engine.territory, query.areas, query.vintage)].sum() if query.areas else births.sum()
    )


def _question(
    context: Context, state: View, query: Query, request: SitingRequest, asked: StoreData, lang: str
) -> SearchQuestion:
    """Weigh what is asked, and make it ready for a process of its own; `MessageError` when it takes too much."""
    engine, facilities = context.engine, context.facilities(state.facilities)
    inside = area_cells(engine.territory, query.areas, query.vintage) if query.areas else None
    kind, buildings = str(asked["kind"]), None
    if kind == FILE:
        with candidates(kind, asked["file"], asked["filename"], lang) as path:
            buildings = read_building_file(path)
    elif kind not in offered():
        raise MessageError("search.kind", value=kind[:40], known=", ".join(KINDS))
    else:
        request = replace(request, candidates=kind)
    check_weight(engine, query, facilities, request, inside, buildings)
    return SearchQuestion(
        snapshot=context.snapshot.folder(),
        snapshot_hash=context.snapshot.hash,
        query=query,
        facilities=facilities,
        request=request,
        lang=lang,
        most=CHOICES,
        inside=inside,
        buildings=buildings,
        frontier=min(max(2 * request.add, MIN_STEPS), MAX_STEPS)
        if request.objective == "mclp" and alone(request)
        else 0,
    )


def alone(request: SitingRequest) -> bool:
    """Whether families go to the nearest place and count alike, and none closes: places can be added one by one."""
    return not request.assigns and not request.close and not request.targeting and request.least_per is None


def question_at(
    choices: StoreData, selected: str | None, controls: tuple[Any, ...], at: tuple[float, float]
) -> tuple[SearchQuestion, str]:
    """Question why a point is not among the best, by the controls as they stand, and the language."""
    asked = dict(zip((*_CONTROLS, *_PROPERTY, "filename"), controls, strict=True))
    lang = str(choices.get("lang") or reader())
    state, context = view_of(choices)
    query = replace(state.checked().query, areas=_areas(state, str(asked["where"] or VIEW), selected or ""))
    question = _question(context, state, query, _request(asked), asked, lang)
    return replace(question, frontier=0, why=at), lang


def control_states() -> list[State]:
    """What the controls hold, in the order that `begin` and `question_at` take it."""
    states = [State(f"propose-{name}", _PROPERTY.get(name, "value")) for name in (*_CONTROLS, *_PROPERTY)]
    return [*states, State("propose-file", "filename")]


def search(
    engine: Engine, query: Query, facilities: Facilities, request: SitingRequest, lang: str, watch: Watch
) -> Iterator[ProposalView]:
    """Yield the best proposal and then the next best ones, ready to be shown; searched in this process."""
    best: Proposal | None = None
    for proposal in alternatives(
        engine,
        query,
        facilities,
        request,
        most=CHOICES,
        should_stop=watch.should_stop,
        on_progress=watch.on_progress,
    ):
        best = best or proposal
        yield proposal_view(proposal, best, lang)


def _owner(job: StoreData) -> str:
    """Whose a search is, by the browser or by the key of its page; nobody else sees it or ends it."""
    return plans().rights(str(job.get("page") or "")).owner


def follow(_: int | None, job: StoreData | None) -> Any:
    """Tell how far the search is, and show what it found."""
    if not job:
        return None, no_update, True, "hidden", no_update
    lang = str(job["lang"])
    seen = jobs.jobs().look(str(job["key"]), _owner(job))
    if seen is None:
        return remark(text("propose.lost", lang)), no_update, True, "hidden", no_update
    if seen.stage == "failed" and seen.error is not None:
        return None, refusal(seen.error, lang), True, "hidden", no_update
    fresh = len(seen.results) != job["shown"]
    shown = [proposal for proposal in seen.results if isinstance(proposal, ProposalView)]
    further = next((one for one in seen.results if isinstance(one, FrontierView)), None)
    return (
        progress(seen, job),
        results(shown, lang, further) if fresh else no_update,
        seen.ended,
        "hidden" if seen.ended else "propose-stopping",
        {**job, "shown": len(seen.results)} if fresh else no_update,
    )


def stop(_: int | None, job: StoreData | None) -> bool:
    """End the search; what it has found stays. True once that was asked."""
    if "propose-stop" not in ctx.triggered_prop_ids.values() or not job:  # what was found may have come with the click
        return False
    jobs.jobs().stop(str(job["key"]), _owner(job))
    return True


def keep_up(choices: StoreData | None, job: StoreData | None) -> Any:
    """Offer the places there are now to close, and say when the proposals answer another question."""
    if not choices:
        return no_update, None
    lang = str(choices.get("lang") or reader())
    try:
        state, context = view_of(choices)
        places: Any = may_close(context, state)
        searches().warm(context.snapshot.folder())
    except NabijError:
        places = no_update
    asked = job["asked"] if job else {}
    other = any(str(choices.get(name, "")) != str(value) for name, value in asked.items())
    return places, html.P(text("propose.stale", lang), className="callout") if other else None
