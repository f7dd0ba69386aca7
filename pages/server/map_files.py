"""Addresses of files: borders, names, places, pictures. Each names the snapshot, so it never changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import flask

from coverage.core.minutes import in_minutes
from coverage.core.query import DEFAULT_WITHIN_M
from i18n.texts import LANGUAGES
from layers.files.file_cache import Encoded
from layers.maps.geometry import TOLERANCE_M, web_zones
from layers.maps.ground import SQUARE_ZOOM, ground_json, square_json
from layers.maps.labels import labels_json
from layers.maps.places import facts_json, places_json
from layers.maps.raster import minutes_legend
from loaders.catalogue.regions.levels import HOUSE_AREA, LEVELS, OWN, get_level
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import services
from loaders.snapshot.facility_sets import held_sets
from pages.server.opening_map import opening_map
from pages.shell import session_uploads
from pages.shell.context import Context, live
from pages.shell.refusals import not_here, other_figures
from pages.shell.state import MODELS, OWN_PLACES, State

FOLDERS = ("geo", "places", "raster", "own", "plan", "templates", "barriers", "libraries", "modules")
"""First parts of the addresses of files; below them nothing is a page."""

_FOREVER = "public, max-age=31536000, immutable"


def zones_address(context: Context, state: State, detail: str) -> str:
    """Address of the borders of a state's level."""
    if state.level == OWN:
        return session_uploads.zones_address(context, state, detail)
    if state.level == HOUSE_AREA:
        return session_uploads.house_areas_address(context, state, detail)
    vintage = get_level(state.level).resolve_vintage(state.query.vintage)
    return f"geo/{context.tag}/{state.level}-{vintage}-{detail}.json"


def places_address(context: Context, state: State) -> str:
    """Address of the places of a state's facility set and service."""
    if state.facilities == OWN_PLACES:
        return session_uploads.places_address(context, state)
    return f"places/{context.tag}/{state.facilities}-{state.service}.json"


def raster_address(context: Context, state: State) -> str:
    """Address of the picture of distances to the places of a state."""
    if state.plan:
        more = f"?key={quote(state.key, safe='')}" if state.key else ""
        return f"plan/{context.tag}/{state.plan}/distance-{state.service}-{state.mode}-{state.model}.png{more}"
    if state.facilities == OWN_PLACES:
        return session_uploads.raster_address(context, state)
    return f"raster/{context.tag}/{state.facilities}-{state.service}-{state.mode}-{state.model}.png"


def around_address(context: Context) -> str:
    """Address of the borders of the whole region."""
    return zones_address(context, State(level=region().whole), "far")


def labels_address(context: Context) -> str:
    """Address of the names of municipalities."""
    return f"geo/{context.tag}/labels.json"


def facts_address(context: Context) -> str:
    """Address of the places of public facts."""
    return f"geo/{context.tag}/facts.json"


def ground_addresses(context: Context) -> dict[str, Any]:
    """Addresses of the ground, whole and by square (``{x}``, ``{y}``), and the zoom of the tiles that squares are."""
    return {
        **{detail: f"geo/{context.tag}/ground-{detail}.json" for detail in TOLERANCE_M},
        "square": f"geo/{context.tag}/streets-{{x}}-{{y}}.json",
        "zoom": SQUARE_ZOOM,
    }


def register(server: flask.Flask, prefix: str = "/") -> None:
    """Add the addresses to a server that has a `pages.shell.context.ProofContext`."""
    rules: dict[str, Callable[..., flask.Response]] = {
        "geo/<tag>/labels.json": _labels,
        "geo/<tag>/facts.json": _facts,
        "geo/<tag>/ground-<detail>.json": _ground,
        "geo/<tag>/opening-<lang>.svg": _opening,
        "geo/<tag>/streets-<int:x>-<int:y>.json": _square,
        "geo/<tag>/<level>-<vintage>-<detail>.json": _zones,
        "geo/<tag>/areas-<facilities>-<detail>.json": _house_areas,
        "places/<tag>/<facilities>-<service>.json": _places,
        "raster/<tag>/<facilities>-<service>-<mode>-<model>.png": _raster,
    }
    for rule, view in rules.items():
        server.add_url_rule(prefix + rule, f"nabij_{view.__name__}", view)
    for folder in FOLDERS:
        server.add_url_rule(f"{prefix}{folder}/<path:rest>", f"nabij_no_{folder}", _no_such_name)


def _no_such_name(rest: str) -> flask.Response:  # noqa: ARG001
    not_here()


def _zones(tag: str, level: str, vintage: str, detail: str) -> flask.Response:
    context = figures(tag)
    if level not in LEVELS or vintage not in map(str, LEVELS[level].vintages) or detail not in TOLERANCE_M:
        not_here()
    name = f"{level}-{vintage}-{detail}.json"
    return packed(context.kept.get(name, lambda: web_zones(context.snapshot, level, int(vintage), detail)))


def _house_areas(tag: str, facilities: str, detail: str) -> flask.Response:
    context = figures(tag)
    if facilities not in held_sets(context.snapshot) or detail not in TOLERANCE_M:
        not_here()
    own = session_uploads.with_own(context, State(level=HOUSE_AREA, facilities=facilities))
    name = f"areas-{facilities}-{detail}.json"
    return packed(context.kept.get(name, lambda: session_uploads.house_area_zones(own, detail)))


def _labels(tag: str) -> flask.Response:
    context = figures(tag)
    return packed(context.kept.get("labels.json", lambda: labels_json(context.snapshot)))


def _facts(tag: str) -> flask.Response:
    context = figures(tag)
    return packed(context.kept.get("facts.json", lambda: facts_json(context.snapshot)))


def _ground(tag: str, detail: str) -> flask.Response:
    context = figures(tag)
    if detail not in TOLERANCE_M:
        not_here()
    return packed(context.kept.get(f"ground-{detail}.json", lambda: ground_json(context.snapshot, detail)))


def _opening(tag: str, lang: str) -> flask.Response:
    context = figures(tag)
    if lang not in LANGUAGES:
        not_here()
    made = context.kept.get(f"opening-{lang}.svg", lambda: opening_map(context, lang))
    return packed(made, "image/svg+xml")


def _square(tag: str, x: int, y: int) -> flask.Response:
    context = figures(tag)
    if not context.snapshot.has_streets or (x, y) not in context.squares:
        not_here()
    return packed(context.kept.get(f"streets-{x}-{y}.json", lambda: square_json(context.snapshot, x, y)))


def _places(tag: str, facilities: str, service: str) -> flask.Response:
    context = figures(tag)
    _check_held(context, facilities, service)
    places = context.facilities(facilities)
    name = f"places-{facilities}-{service}.json"
    return packed(context.kept.get(name, lambda: places_json(places.of_service(service), context.snapshot)))


def _raster(tag: str, facilities: str, service: str, mode: str, model: str) -> flask.Response:
    context = figures(tag)
    _check_held(context, facilities, service)
    if mode not in DEFAULT_WITHIN_M or model not in MODELS:
        not_here()
    analysis = context.analyse(State(facilities=facilities, service=service, mode=mode, model=model))
    picture = context.raster.png(in_minutes(analysis.distance_m, analysis.query), minutes_legend())
    response = flask.Response(picture, mimetype="image/png")
    response.headers["Cache-Control"] = _FOREVER
    return response


def _check_held(context: Context, facilities: str, service: str) -> None:
    """End the request with "not found" for a set or service that there is not."""
    if facilities not in held_sets(context.snapshot) or service not in services():
        not_here()


def figures(tag: str) -> Context:
    """Context on the figures of an address; ends the request with "not found" where there are none."""
    context = live().of(tag)
    if context is None:
        other_figures()
    return context


def packed(file: Encoded, mimetype: str = "application/json") -> flask.Response:
    """Answer with a file that never changes under its address, as small as the browser takes it."""
    accepted = flask.request.accept_encodings
    if accepted["br"]:
        response = flask.Response(file.brotlied, mimetype=mimetype)
        response.headers["Content-Encoding"] = "br"
    elif accepted["gzip"]:
        response = flask.Response(file.gzipped, mimetype=mimetype)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = flask.Response(file.content, mimetype=mimetype)
    response.headers["Cache-Control"] = _FOREVER
    response.headers["Vary"] = "Accept-Encoding"
    return response


def warm_up(context: Context, state: State) -> None:
    """Make the files of a state before they are asked for."""
    vintage = get_level(state.level).resolve_vintage(state.query.vintage)
    whole = region().whole
    vintage_of_whole = get_level(whole).resolve_vintage(region().vintage)
    for name, make in (
        (
            f"{state.level}-{vintage}-far.json",
            lambda: web_zones(context.snapshot, state.level, vintage, "far"),
        ),
        (f"{whole}-{vintage_of_whole}-far.json", lambda: web_zones(context.snapshot, whole, vintage_of_whole, "far")),
        ("labels.json", lambda: labels_json(context.snapshot)),
        ("ground-far.json", lambda: ground_json(context.snapshot, "far")),
    ):
        context.kept.get(name, make)
    _ = context.raster
