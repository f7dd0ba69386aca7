"""The explorer: one page that shows where families live too far, and why."""

from __future__ import annotations

import json
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import html

from coverage.core.demand import available_years
from coverage.core.query import usual_minutes
from coverage.travel.pace import PACE_KMH
from i18n.errors import NabijError
from i18n.texts import text
from layers.views.view import within_words
from loaders.catalogue.regions.levels import ALL_LEVELS, LEVELS
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import gap_reasons, services
from loaders.snapshot.facility_sets import held_sets
from pages.explore import measure_choices, welcome
from pages.explore.main_view import main_view, stores
from pages.explore.provenance import all_layers
from pages.explore.sidebar import sidebar
from pages.explore.view_callbacks import OFFLINE, notice
from pages.explore.zone_grid import columns
from pages.server import barrier_files, map_files
from pages.server.libraries import chart_library_address
from pages.shell.context import Context, current
from pages.shell.frame.masthead import described, page_title
from pages.shell.frame.small_screen import part_bar
from pages.shell.markup import sentence_case
from pages.shell.session_uploads import with_own, without_lost
from pages.shell.state import DEFAULTS, FACILITY_SETS, MODELS, State, read_state, usual_demand
from pages.shell.view_inputs import check_address

dash.register_page(__name__, path="/", **described("explore"))  # type: ignore[no-untyped-call]


BARRIER_WORDS = ("title", "name", "births", "minutes", "tip", "help", "no_streets", "searching", "failed", "none")
"""Words of the list of barriers beside the map."""


def layout(**values: Any) -> html.Div:
    """Page for the choices in the address; choices that make no sense are told, and the opening view is shown."""
    context = current()
    state = opening(values, context)
    problem: Any = None
    try:
        with_own(context, state).analyse(state)
        check_address(state)
    except NabijError as error:
        problem = notice(error.sentence(state.lang), state.lang, "notice.opening")
        state = read_state({"lang": state.lang}, context.lang)
    state = without_lost(state)
    return shell(context, state, configuration(context, state), problem, sidebar(context, state), main_view(state))


def shell(
    context: Context,
    state: State,
    config: dict[str, Any],
    problem: Any,
    *content: Any,
    kind: str = "",
    plan: dict[str, Any] | None = None,
) -> html.Div:
    """Page around a sidebar and a main view: what the browser must know, a first message, where figures come from."""
    lang = state.lang
    return html.Div(
        [
            html.A(text("app.skip", lang), href="#table-region", className="skip"),
            *stores(json.dumps(config, ensure_ascii=False), state, context.tag, plan),
            html.Div(problem, className="notice-place", role="alert", id="first-notice"),
            part_bar(lang, "plan" if state.plan else "choices"),
            *content,
            dmc.Drawer(
                html.Div([html.Div(id="in-view"), all_layers(context.snapshot, lang)], className="sources"),
                id="sources",
                title=text("sources.button", lang),
                position="right",
                size=520,
                closeButtonProps={"aria-label": text("sheet.close", lang)},
            ),
        ],
        className=f"shell {kind}".strip(),
        id="shell",
        lang=lang,
    )


def opening(values: dict[str, Any], context: Context) -> State:
    """State of an address; the bare address takes the register once it is held."""
    return read_state(values or {"facilities": held_sets(context.snapshot)[0]}, context.lang)


_TABLE_MENU = (
    *("filter", "name", "column", "any", "least", "most"),
    *("group", "group.help", "no_group", "columns", "usual"),
)

_CHART_WORDS = (
    *(f"places.{name}" for name in ("id", "name", "zone", "reached", "nearest", "evidence", "point", "says")),
    *("distribution", "ranking", "places", "scatter", "lorenz", "trend", "peers"),
    *("choose", "x", "y", "data", "svg", "role", "keys", "none", "evidence", "unknown", "left_out"),
    *("minutes", "minutes.from", "minutes.range", "share", "year", "what", "range", "between", "reach", "mean_of"),
    *("births_at", "distribution.says", "scatter.says", "ranking.says", "lorenz.says", "lorenz.x", "lorenz.y"),
    *(
        "lorenz.even",
        "lorenz.point",
        "trend.says",
        "trend.says.one",
        "trend.apart",
        "trend.all",
        "trend.age0",
        "trend.births",
    ),
    *("peers.says", "peers.choose", "peers.rank", "peers.lower"),
    *("marked.one", "marked.other", "marked.known", "marked.unknown", "marked.only", "marked.case", "marked.clear"),
)
"""Words of the charts, and of the zones that are marked in them and on the map."""


def partitions(context: Context, lang: str) -> dict[str, dict[str, str]]:
    """Divisions whose borders can lie over the zones and whose areas can group them: name and address, by level."""
    newest = State()
    return {
        level: {
            "label": sentence_case(text(f"level.{level}", lang)),
            "plural": text(f"level.{level}.plural", lang),
            "address": map_files.zones_address(context, State(level=level, vintage=newest.vintage), "far"),
        }
        for level, kind in LEVELS.items()
        if kind.territorial
    }


def configuration(context: Context, state: State) -> dict[str, Any]:
    """What the browser must know beforehand: defaults, fixed addresses, and the words it puts on the map."""
    lang = state.lang
    keys = (
        "legend.zones",
        "legend.not_known_here",
        *(f"legend.place.{service}{more}" for service in services() for more in ("", ".somewhere")),
        "map.somewhere",
        "legend.place.fact",
        "map.outside",
        "map.ground_credit",
        *(f"barriers.{word}" for word in BARRIER_WORDS),
        *(f"download.{form}" for form in barrier_files.FORMS),
        "map.fact.located",
        "map.fact.one",
        "map.fact.other",
        "map.search",
        "table.fold",
        "table.unfold",
        "table.births",
        "table.births_out_of_reach",
        "table.zone",
        "table.gap.no",
        "table.gap.unknown",
        "table.count",
        "table.count.gaps",
        "table.count.some",
        "table.total",
        *(f"table.group.{name}" for name in ("name", "none", "gap.yes", "gap.no", "gap.unknown")),
        *(f"table.menu.{name}" for name in _TABLE_MENU),
        *(f"chart.{name}" for name in _CHART_WORDS),
        *(f"bands.{name}" for name in ("title", "row", "clear")),
        "table.gap_reasons",
        "table.place",
        "legend.no_gap",
        "map.search.places",
        *(f"present.{name}" for name in ("rank", "share", "place", "on", "back", "end")),
        "banner.stamp",
        "export.illustrative",
        "notice.close",
        "print.foot",
        "method.link",
        "print.rows",
        *OFFLINE,
        *([] if state.plan else welcome.WORDS),
        *(f"sidebar.facilities.{which}.help" for which in FACILITY_SETS),
        *(f"model.{model}.help" for model in MODELS),
        *(f"why.{reason}" for reason in gap_reasons()),
    )
    return {
        "lang": lang,
        "title": page_title("plan" if state.plan else "explore", lang),
        "defaults": {**DEFAULTS, "lang": context.lang},
        "state": state.__dict__,
        "minutes": {one: usual_minutes(one) for one in services()},
        "demand": {one: usual_demand(one) for one in services()},
        "pace": {mode: kmh * 1000 / 60 for mode, kmh in PACE_KMH.items()},
        "newest": str(max(available_years(context.snapshot, "age0"), default="")),
        "base": region().base,
        "inner": [name for name, level in LEVELS.items() if not level.territorial],
        "levels": {level: text(f"level.{level}", lang) for level in ALL_LEVELS},
        **measure_choices.configuration(lang),
        "labels": map_files.labels_address(context),
        "facts": map_files.facts_address(context),
        "around": map_files.around_address(context),
        "towns": map_files.zones_address(context, State(), "far"),
        "ground": map_files.ground_addresses(context),
        "credit": text("map.credit", lang),
        "columns": columns(lang, plan=bool(state.plan)),
        "partitions": partitions(context, lang),
        "chartLibrary": chart_library_address(),
        "words": {key: text(key, lang) for key in keys} | within_words(lang) | measure_choices.words(lang),
    }
