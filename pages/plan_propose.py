"""Proposals for new places on the page of plans: what is asked, how far the search is, and what to choose from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from coverage.analysis import Engine
from coverage.areas import area_cells, area_vintage
from coverage.candidates import KINDS
from coverage.query import Query
from coverage.reach import place_rows
from coverage.siting.proposal import Proposal, alternatives
from coverage.siting.wish import OBJECTIVES, Wish
from coverage.told import ToldError
from layers.propose_view import ProposalView, proposal_view
from loaders.errors import NabijError
from loaders.facilities import Facilities
from loaders.texts import SEPARATORS, text
from pages import jobs
from pages.context import Context
from pages.jobs import Watch
from pages.markup import attributes, select_data, sentence_case
from pages.plan_context import view_of
from pages.propose_results import progress, refusal, remark, results
from pages.state import State as View

SECONDS = 45.0
"""Time for the search of each proposal."""

CHOICES = 5
"""Proposals to choose from, at most."""

MOST_NEW = 50
TICK_MS = 700
"""How often the page asks how far the search is."""

VIEW, ZONE, ALL_OF_IT = "view", "zone", "all"
"""Where the new places may come: in the area of the view, in the zone that is open, anywhere; else ``level:id``."""

_NAMED_LEVELS = ("municipality", "care_region", "primary_care_zone", "province")
_QUESTION = ("plan", "service", "demand", "year", "mode", "within", "model", "facilities", "places", "zones")
_CONTROLS = ("objective", "n", "where", "kind", "spacing", "capacity", "each", "least", "close")
Given = dict[str, Any]


def panel(context: Context, state: View) -> html.Section:
    """Controls, and the room for what comes of them."""
    lang = state.lang
    title = html.H2(text("propose.title", lang), id="propose-title", className="step-title")
    helps = {name: text(f"propose.objective.{name}.help", lang) for name in OBJECTIVES}
    return html.Section(
        [
            title,
            *_question(context, state),
            html.Details(
                [html.Summary(text("propose.more", lang)), html.Div(_more(context, state), className="stack")],
                className="propose-more",
            ),
            html.Button(text("propose.go", lang), id="propose-go", className="primary-button", type="button"),
            html.Div(id="propose-progress", role="status"),
            html.Div(
                html.Button(text("propose.stop", lang), id="propose-stop", className="button", type="button"),
                id="propose-stopping",
                className="hidden",
            ),
            html.Div(id="propose-stale"),
            html.Div(id="propose-results", className="propose-results"),
            dcc.Store(id="propose-job"),
            dcc.Interval(id="propose-tick", interval=TICK_MS, disabled=True),
        ],
        className="step propose",
        id="propose",
        **attributes(aria_labelledby="propose-title", data_help=json.dumps(helps, ensure_ascii=False)),
    )


def _question(context: Context, state: View) -> list[Any]:
    lang = state.lang
    return [
        dmc.Select(
            id="propose-objective",
            value=OBJECTIVES[0],
            data=select_data(list(OBJECTIVES), [text(f"propose.objective.{name}", lang) for name in OBJECTIVES]),
            allowDeselect=False,
            withCheckIcon=False,
            **attributes(aria_label=text("propose.objective", lang), aria_describedby="propose-help"),
        ),
        html.P(text(f"propose.objective.{OBJECTIVES[0]}.help", lang), id="propose-help", className="help"),
        html.Div(
            [
                html.Div(_number("n", "propose.n", lang, value=1, min=1, max=MOST_NEW), id="propose-how-many"),
                html.Div(
                    dmc.Select(
                        id="propose-where",
                        value=VIEW,
                        data=_places_to_look(context, state),
                        label=text("propose.where", lang),
                        allowDeselect=False,
                        withCheckIcon=False,
                        searchable=True,
                        limit=60,
                        maxDropdownHeight=320,
                        nothingFoundMessage=text("map.search.nothing", lang),
                    ),
                    className="propose-where",
                ),
            ],
            className="pair propose-pair",
        ),
    ]


def _places_to_look(context: Context, state: View) -> list[dict[str, Any]]:
    """Areas to choose from: those of the view, and zones by name."""
    lang = state.lang
    here = [(name, text(f"propose.where.{name}", lang)) for name in (VIEW, ZONE, ALL_OF_IT)]
    groups = [{"group": text("propose.where.here", lang), "items": _items(here)}]
    for level in _NAMED_LEVELS:
        zones = context.snapshot.zones(level, area_vintage(level, state.query.vintage))
        named = sorted(zip(zones["zone_id"], zones["zone_name"], strict=True), key=lambda zone: str(zone[1]))
        items = _items([(f"{level}:{zone}", str(name)) for zone, name in named])
        groups.append({"group": sentence_case(text(f"level.{level}.plural", lang)), "items": items})
    return groups


def _items(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return select_data([value for value, _ in pairs], [label for _, label in pairs])


def _more(context: Context, state: View) -> list[Any]:
    lang = state.lang
    return [
        dmc.Select(
            id="propose-kind",
            value=KINDS[1],
            data=select_data(list(KINDS), [sentence_case(text(f"propose.kind.{kind}", lang)) for kind in KINDS]),
            label=text("propose.kind", lang),
            allowDeselect=False,
            withCheckIcon=False,
        ),
        _number("spacing", "propose.spacing", lang, min=0, suffix=" m", step=100),
        _number("least", "propose.least", lang, min=0),
        dmc.Checkbox(id="propose-capacity", label=text("propose.capacity", lang), checked=False, size="sm"),
        _number("each", "propose.each", lang, min=1, placeholder=text("propose.each.average", lang)),
        dmc.MultiSelect(
            id="propose-close",
            data=_may_close(context, state),
            value=[],
            label=text("propose.close", lang),
            description=text("propose.close.help", lang),
            searchable=True,
            limit=40,
            hidePickedOptions=True,
            nothingFoundMessage=text("map.search.nothing", lang),
        ),
    ]


def _number(name: str, key: str, lang: str, **more: Any) -> dmc.NumberInput:
    return dmc.NumberInput(
        id=f"propose-{name}",
        label=text(key, lang),
        allowDecimal=False,
        allowNegative=False,
        thousandSeparator=SEPARATORS[lang][0],
        decimalSeparator=SEPARATORS[lang][1],
        **more,
    )


def _may_close(context: Context, state: View) -> list[dict[str, str]]:
    """Places of the service, by name."""
    found = context.facilities(state.facilities).of_service(state.service)
    frame = found.frame.iloc[place_rows(found)]
    names = frame["name"].where(frame["name"].notna(), frame["id"]).astype(str)
    return _items(sorted(zip(frame["id"].astype(str), names, strict=True), key=lambda place: place[1]))


def register(app: Dash) -> None:
    """Connect the panel."""
    app.callback(
        Output("propose-job", "data"),
        Output("propose-results", "children"),
        Output("propose-tick", "disabled"),
        Input("propose-go", "n_clicks"),
        State("choices", "data"),
        State("selected", "data"),
        State("propose-job", "data"),
        *[State(f"propose-{name}", "checked" if name == "capacity" else "value") for name in _CONTROLS],
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
        Input("propose-objective", "value"),
    )


def begin(clicks: int | None, choices: Given, selected: str | None, before: Given | None, *controls: Any) -> Any:
    """Start a search for what is asked now; one that still runs ends."""
    if not clicks or not choices:
        return no_update, no_update, no_update
    if before:
        jobs.jobs().stop(str(before["key"]))
    asked = dict(zip(_CONTROLS, controls, strict=True))
    lang = str(choices["lang"])
    try:
        state, context = view_of(choices)
        query = replace(state.checked().query, areas=_areas(state, str(asked["where"] or VIEW), selected or ""))
        wish = _wish(asked)
        facilities, engine = context.facilities(state.facilities), context.engine
        births = _births(engine, query)
        key = jobs.jobs().start(lambda watch: search(engine, query, facilities, wish, lang, watch), lang)
    except NabijError as error:
        return None, refusal(error, lang), True
    told = {name: choices.get(name, "") for name in _QUESTION}
    job = {"key": key, "lang": lang, "objective": wish.objective, "births": births, "shown": 0, "asked": told}
    return job, None, False


def _areas(state: View, where: str, selected: str) -> tuple[tuple[str, str], ...]:
    if where == ALL_OF_IT:
        return ()
    if where == VIEW:
        return state.query.areas
    if where == ZONE:
        if not selected:
            raise ToldError("propose.no_zone")
        return ((state.level, selected),)
    return Query.parse_areas(where)


def _wish(asked: Given) -> Wish:
    """Wish of the controls; an empty field asks for nothing."""

    def number(name: str) -> float | None:
        return None if asked[name] in (None, "") else float(asked[name])

    objective, capacity = str(asked["objective"]), bool(asked["capacity"])
    return Wish(
        add=int(asked["n"] or 1),
        objective=objective,
        candidates=str(asked["kind"]),
        capacity=capacity,
        births_per_place=number("each") if capacity else None,
        min_births=number("least") or None,
        spacing_m=number("spacing") or None,
        close=tuple(str(place) for place in asked["close"] or ()),
        time_limit=SECONDS,
    )


def _births(engine: Engine, query: Query) -> float:
    births = engine.demand(query.demand, query.year).births
    return float(
        births[area_cells(engine.territory, query.areas, query.vintage)].sum() if query.areas else births.sum()
    )


def search(
    engine: Engine, query: Query, facilities: Facilities, wish: Wish, lang: str, watch: Watch
) -> Iterator[ProposalView]:
    """Yield the best proposal and then the next best ones, ready to be shown."""
    best: Proposal | None = None
    for found in alternatives(
        engine,
        query,
        facilities,
        wish,
        most=CHOICES,
        should_stop=watch.should_stop,
        on_progress=watch.on_progress,
    ):
        best = best or found
        yield proposal_view(found, best, lang)


def follow(_: int | None, job: Given | None) -> Any:
    """Tell how far the search is, and show what it found."""
    if not job:
        return None, no_update, True, "hidden", no_update
    lang = str(job["lang"])
    seen = jobs.jobs().look(str(job["key"]))
    if seen is None:
        return remark(text("propose.lost", lang)), no_update, True, "hidden", no_update
    if seen.stage == "failed" and seen.error is not None:
        return None, refusal(seen.error, lang), True, "hidden", no_update
    fresh = len(seen.found) != job["shown"]
    shown = [proposal for proposal in seen.found if isinstance(proposal, ProposalView)]
    return (
        progress(seen, job),
        results(shown, lang) if fresh else no_update,
        seen.ended,
        "hidden" if seen.ended else "propose-stopping",
        {**job, "shown": len(seen.found)} if fresh else no_update,
    )


def stop(_: int | None, job: Given | None) -> bool:
    """End the search; what it has found stays. True once that was asked."""
    if ctx.triggered_id != "propose-stop" or not job:
        return False
    jobs.jobs().stop(str(job["key"]))
    return True


def keep_up(choices: Given | None, job: Given | None) -> Any:
    """Offer the places there are now to close, and say when the proposals answer another question."""
    if not choices:
        return no_update, None
    lang = str(choices["lang"])
    try:
        state, context = view_of(choices)
        places: Any = _may_close(context, state)
    except NabijError:
        places = no_update
    asked = job["asked"] if job else {}
    other = any(str(choices.get(name, "")) != str(value) for name, value in asked.items())
    return places, html.P(text("propose.stale", lang), className="callout") if other else None
