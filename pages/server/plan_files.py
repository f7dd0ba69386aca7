"""Addresses of what is made of a plan: the picture of distances, and the plan itself as a file."""

from __future__ import annotations

from urllib.parse import quote

import flask

from coverage.core.minutes import in_minutes
from coverage.scenario.replay import export_json, replay
from i18n.errors import NabijError
from layers.maps.raster import minutes_legend
from layers.views.plan_view import ground_json
from loaders.catalogue.services import services
from pages.request.input_kinds import Text, fits
from pages.server.map_files import figures
from pages.shell.context import Context
from pages.shell.plans.plan_context import PlanContext, view_of
from pages.shell.plans.plan_versions import plans
from pages.shell.reader import reader
from pages.shell.refusals import not_here, refusal
from pages.shell.state import MODELS, State

PLACE = Text(300)
"""Id of a place of a plan, in an address."""

_PRIVATE = "private, max-age=3600"
"""A plan is its owner's: a browser may keep what is made of it for an hour, and nothing between us may."""


def register(server: flask.Flask, prefix: str = "/") -> None:
    """Add the addresses to a server."""
    server.add_url_rule(
        f"{prefix}plan/<tag>/<plan>/distance-<service>-<mode>-<model>.png", "nabij_plan_raster", _raster
    )
    server.add_url_rule(f"{prefix}plan/<tag>/<plan>/ground-<service>-<model>.json", "nabij_plan_ground", _ground)
    server.add_url_rule(f"{prefix}plan/<plan>.json", "nabij_plan_document", _document)


def ground_address(context: Context, state: State) -> str:
    """Address of the ground from which a place of a plan is within reach; the id of the place comes behind it."""
    more = f"key={quote(state.key, safe='')}&" if state.key else ""
    return f"plan/{context.tag}/{state.plan}/ground-{state.service}-{state.model}.json?{more}place="


def _key() -> str:
    return flask.request.args.get("key", "")


def _raster(tag: str, plan: str, service: str, mode: str, model: str) -> flask.Response:
    figures(tag)
    _check_names(service, model)
    try:
        asked = {"plan": plan, "service": service, "model": model, "key": _key(), "lang": reader()}
        state, context = view_of(asked, tag)
        if mode != state.mode:
            not_here()  # the mode is part of the plan
        analysis = context.analyse(state)
        picture = context.raster.png(in_minutes(analysis.distance_m, analysis.query), minutes_legend())
    except NabijError as error:
        not_here(error)
    response = flask.Response(picture, mimetype="image/png")
    response.headers["Cache-Control"] = _PRIVATE
    return response


def _ground(tag: str, plan: str, service: str, model: str) -> flask.Response:
    figures(tag)
    _check_names(service, model)
    place = flask.request.args.get("place", "")
    if not fits(PLACE, place):
        not_here()
    try:
        asked = {"plan": plan, "service": service, "model": model, "key": _key(), "lang": reader()}
        state, context = view_of(asked, tag)
        analysis = context.analyse(state)
    except NabijError as error:
        not_here(error)
    try:
        content = ground_json(context.engine, analysis, place)
    except NabijError:
        flask.abort(refusal(404, "plan.place.reach.none"))  # which place it is, the page says
    response = flask.Response(content, mimetype="application/json")
    response.headers["Cache-Control"] = _PRIVATE
    return response


def _check_names(service: str, model: str) -> None:
    """End the request with "not found" for a service or travel model that there is not."""
    if service not in services() or model not in MODELS:
        not_here()


def _document(plan: str) -> flask.Response:
    lang = reader()
    try:
        scenario = plans().get(plan, lang, _key()).scenario
        _, context = view_of({"plan": plan, "key": _key(), "lang": lang})
        assert isinstance(context, PlanContext)  # noqa: S101
        content = export_json(scenario, replay(context.engine, scenario, context.present), lang)
    except NabijError as error:
        not_here(error)
    response = flask.Response(content, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = f"attachment; filename=nabij-plan-{scenario.id[:8]}.json"
    return response
