"""Addresses of what is made of a plan: the picture of distances, and the plan itself as a file."""

from __future__ import annotations

from urllib.parse import quote

import flask

from coverage.scenario_replay import export_json, replay
from layers.plan_view import ground_json
from layers.raster import distance_legend
from loaders.errors import NabijError
from loaders.texts import DEFAULT_LANGUAGE, LANGUAGES, check_language
from pages.context import Context, live
from pages.plan_context import PlanContext, view_of
from pages.plan_store import plans
from pages.state import State

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
    if live().of(tag) is None:
        flask.abort(404, description="Made from another snapshot; load the page again.")
    try:
        state, context = view_of({"plan": plan, "service": service, "mode": mode, "model": model, "key": _key()}, tag)
        picture = context.raster.png(context.analyse(state).distance_m, distance_legend())
    except NabijError as error:
        flask.abort(404, description=str(error))
    response = flask.Response(picture, mimetype="image/png")
    response.headers["Cache-Control"] = _PRIVATE
    return response


def _ground(tag: str, plan: str, service: str, model: str) -> flask.Response:
    if live().of(tag) is None:
        flask.abort(404, description="Made from another snapshot; load the page again.")
    try:
        state, context = view_of({"plan": plan, "service": service, "model": model, "key": _key()}, tag)
        content = ground_json(context.engine, context.analyse(state), flask.request.args.get("place", ""))
    except NabijError as error:
        flask.abort(404, description=str(error))
    response = flask.Response(content, mimetype="application/json")
    response.headers["Cache-Control"] = _PRIVATE
    return response


def _document(plan: str) -> flask.Response:
    lang = flask.request.args.get("lang", DEFAULT_LANGUAGE)
    try:
        check_language(lang)
        scenario = plans().get(plan, lang, _key()).scenario
        _, context = view_of({"plan": plan, "key": _key()})
        assert isinstance(context, PlanContext)  # noqa: S101
        content = export_json(scenario, replay(context.engine, scenario, context.present), lang)
    except NabijError as error:
        flask.abort(404, description=error.sentence(lang if lang in LANGUAGES else DEFAULT_LANGUAGE))
    response = flask.Response(content, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = f"attachment; filename=nabij-plan-{plan[:8]}.json"
    return response
