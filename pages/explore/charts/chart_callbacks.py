"""What answers when somebody opens a chart: figures that the browser has not got with the view.

Charts of the columns of the table are drawn by the browser alone (``assets/js/charts.mjs``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from dash import Dash, set_props

from coverage.indicators.births.place_births import births_by_place
from coverage.indicators.strata_table import burden, cells_of_table, deprivation_curve
from coverage.indicators.travel_histogram import travel_histogram
from coverage.indicators.zone.sheet import trend
from coverage.zones.areas import find_zone
from coverage.zones.strata import DEPRIVATION
from i18n.errors import NabijError
from i18n.texts import text
from layers.charts.chart_values import of_curve, of_histogram, of_places, of_ranges, of_trend
from layers.maps.scales.classes import PROBABILITY
from layers.views.view import ranked
from pages.explore.charts.on_demand import connect
from pages.explore.view_callbacks import notice
from pages.request.client import check_client
from pages.shell.context import Context
from pages.shell.plans.plan_context import view_of
from pages.shell.state import State

ASKED_CHARTS = ("distribution", "ranking", "places", "lorenz", "trend")
"""Charts whose figures are asked of the server."""


def answer(asked: dict[str, Any] | None) -> dict[str, Any] | None:
    """Figures of a chart, with the question that they answer; no values where there is nothing to draw."""
    if not asked:
        return None
    state, context = view_of(asked["key"])
    try:
        return {**asked, "values": _values(context, state, str(asked["chart"]), str(asked.get("zone") or ""))}
    except NabijError as error:
        set_props("notice", {"children": notice(error.sentence(state.lang), state.lang)})
        return {**asked, "values": None}


def _values(context: Context, state: State, chart: str, zone: str) -> dict[str, Any] | None:
    if chart == "ranking":
        analysis = context.analyse(replace(state, indicator=PROBABILITY))
        table = ranked(analysis.table)
        return of_ranges(analysis.certainty, pd.Index(analysis.all_zones["zone_id"]).get_indexer(table["zone_id"]))
    analysis = context.analyse(state)
    check_client()
    if chart == "distribution":
        return of_histogram(travel_histogram(analysis))
    if chart == "places":
        known = not np.isnan(analysis.distance_m).all()
        return of_places(births_by_place(analysis), text(f"service.{state.service}", state.lang)) if known else None
    if chart == "lorenz":
        index = burden(context.engine, analysis, DEPRIVATION).concentration_out
        return of_curve(deprivation_curve(context.engine, analysis), index)
    inside = cells_of_table(analysis)
    if zone:
        query, territory = analysis.query, context.engine.territory
        zones = territory.zones(query.level, query.held_vintage)
        number = find_zone(zones, query.level, zone, query.held_vintage)
        inside = np.asarray(analysis.zone_index == number, dtype=bool)
    return of_trend(trend(context.engine.territory, inside))


def register(app: Dash) -> None:
    """Connect the charts to the server; the browser takes the answers by itself."""
    connect(app, "charting", "charted", answer)
