"""Addresses of the barriers of a view: drawn on the map, and as a file."""

from __future__ import annotations

import flask

from coverage.analysis import Analysis
from coverage.barriers.cut_off import MIN_MINUTES, CutOff, barrier_table, cut_off
from coverage.travel.models import USUAL_MODEL
from i18n.errors import NabijError
from layers.files.export import render
from layers.files.weight import check_file
from layers.maps.barriers import barriers_json
from layers.notes.barrier_notes import describe_barriers
from pages.server.map_files import figures
from pages.shell.context import Context
from pages.shell.plans.plan_context import view_of
from pages.shell.refusals import not_here
from pages.shell.state import DEFAULTS, State
from pages.shell.view_inputs import check_address

FORMS = ("csv", "xlsx", "geojson", "gpkg")
"""Formats of the table on offer beside the map."""

_LOOKS = (
    *("zone", "show", "only", "indicator", "against", "classes", "borders"),
    *("camera", "sort", "columns", "filter", "group"),
)
"""Choices that change nothing about barriers."""

_PRIVATE = "private, max-age=3600"
"""A plan or a list is its owner's: a browser may keep what is made of it for an hour, and nothing between us may."""


def barriers_address(context: Context, state: State) -> dict[str, str] | None:
    """Address of the barriers of a view, before and behind its suffix; None where none can be told (no streets)."""
    if state.model != USUAL_MODEL or not context.snapshot.has_streets or "ground" not in context.snapshot.resources:
        return None
    return {
        "path": f"barriers/{context.tag}",
        "question": state.address(**{name: DEFAULTS[name] for name in _LOOKS}),
    }


def register(server: flask.Flask, prefix: str = "/") -> None:
    """Add the addresses to a server."""
    server.add_url_rule(f"{prefix}barriers/<tag>.<form>", "nabij_barriers", _barriers)


def _barriers(tag: str, form: str) -> flask.Response:
    figures(tag)
    if form not in ("json", *FORMS):
        not_here()
    try:
        state, context = view_of(flask.request.args.to_dict(), tag)
        check_address(state)
        analysis = context.analyse(state)
        cut = cut_off(context.engine, analysis)
        if form == "json":
            content, kind = barriers_json(context.engine, analysis, cut, state.lang), "application/json"
        else:
            content, kind = _file(context, state, analysis, cut, form), "application/octet-stream"
    except NabijError as error:
        not_here(error)
    response = flask.Response(content, mimetype=kind)
    response.headers["Cache-Control"] = _PRIVATE
    if form != "json":
        name = f"nabij-barriers-{state.service}-{state.mode}.{form}"
        response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _file(context: Context, state: State, analysis: Analysis, cut: CutOff, form: str) -> bytes:
    """The table of `nabij barriers` in a format."""
    table = barrier_table(context.engine, analysis, cut)
    notes = describe_barriers(analysis, context.snapshot, MIN_MINUTES, state.lang)
    rows, limits = table.drop(columns="geometry"), context.engine.limits
    with limits.turn(check_file(limits, rows, form, table)):
        return render(rows, notes, form, table)
