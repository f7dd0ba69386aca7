"""Lists that someone brought along: kept in memory for as long as they are looked at, under keys nobody can guess.

Nothing of them is written to disk here; a plan made with a list holds it (`coverage.scenario`). They stand beside the
figures of the explorer: a `Context` with the user's places as facility set ``own`` and the user's zones as level
``own``, which shares all else with the context below.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from threading import Lock

import flask

from coverage.cache import LruCache
from coverage.sizes import bytes_of
from layers.geometry import web_zones
from layers.lists import template
from layers.places import places_json
from layers.raster import distance_legend
from loaders.errors import InputError, NabijError
from loaders.facilities import Facilities
from loaders.levels import DEFAULT_VINTAGE, OWN
from loaders.overlay import with_partition
from loaders.partition import Partition
from loaders.texts import text
from pages.context import Beside, Context, live
from pages.shares import Room
from pages.state import OWN_PLACES, State

MAX_BYTES = 5_000_000
"""Largest file that is taken."""

MOST = 40
"""Lists kept at the same time; then the one that was not looked at for longest goes."""

ROOM_BYTES = 200_000_000
"""Memory for all lists together; then one of whoever has most goes."""

SHARE_BYTES = 60_000_000
"""Memory for the lists of one visitor; then the one that this visitor did not look at for longest goes."""

HOURS = 8
"""How long a list is kept after it was last looked at."""

_EXTENSION = "nabij-own"
_CONTEXTS = 8
_PRIVATE = "private, max-age=3600"

Upload = Facilities | Partition


class Uploads:
    """Lists by key, bounded in number and time; safe between threads.

    Parameters
    ----------
    clock : seconds that only go up
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._held: OrderedDict[str, tuple[float, Upload]] = OrderedDict()
        self._room = Room(ROOM_BYTES, SHARE_BYTES)
        self.contexts: LruCache[OwnContext] = LruCache(_CONTEXTS, "contexts of own lists", grows=True)

    def add(self, upload: Upload, owner: str = "") -> str:
        """Keep a list and return its key; that of zones begins with their vintage.

        Where it needs room, other lists of the same visitor go first.
        """
        key = secrets.token_urlsafe(18)
        if isinstance(upload, Partition):
            key = f"{upload.vintage}-{key}"
        with self._lock:
            self._held[key] = (self._clock(), upload)
            for old in self._room.take(key, bytes_of(upload), owner):
                self._held.pop(old, None)
            while len(self._held) > MOST:
                self._room.leave(self._held.popitem(last=False)[0])
        return key

    def get(self, key: str) -> Upload | None:
        """List of a key; None when there is none, or no longer."""
        with self._lock:
            since = self._clock() - HOURS * 3600
            for old in [held for held, (used, _) in self._held.items() if used < since]:
                del self._held[old]
                self._room.leave(old)
            if key not in self._held:
                return None
            upload = self._held[key][1]
            self._held[key] = (self._clock(), upload)
            self._held.move_to_end(key)
            self._room.use(key)
            return upload

    def places(self, key: str) -> Facilities | None:
        """Own places of a key."""
        found = self.get(key)
        return found if isinstance(found, Facilities) else None

    def zones(self, key: str) -> Partition | None:
        """Own zones of a key."""
        found = self.get(key)
        return found if isinstance(found, Partition) else None


class OwnContext(Beside):
    """A context with the user's own places, own zones, or both; it shares what does not depend on them."""

    def __init__(self, base: Context, places: Facilities | None, zones: Partition | None) -> None:
        super().__init__(base, None if zones is None else with_partition(base.snapshot, zones))
        self.own_places, self.own_zones = places, zones

    def facilities(self, which: str) -> Facilities:
        """Facility set by name, the user's own one included."""
        if which != OWN_PLACES:
            return self.base.facilities(which)
        if self.own_places is None:
            raise lost(self.lang)
        return self.own_places


def lost(lang: str) -> InputError:
    """Error to raise when a list that is asked for is not kept any more."""
    return InputError(text("own.lost", lang, hours=HOURS))


def uploads() -> Uploads:
    """Return the lists of the explorer that handles the present request."""
    held = flask.current_app.extensions[_EXTENSION]
    assert isinstance(held, Uploads)  # noqa: S101  (only `register` puts it there)
    return held


def with_own(context: Context, state: State) -> Context:
    """Context that holds what a state calls its own; the context itself when that is nothing.

    Raises
    ------
    InputError
        when the state needs a list that is not kept any more
    """
    held = uploads()
    places, zones = held.places(state.places), held.zones(state.zones)
    if zones is None and (state.level == OWN or f"{OWN}:" in state.areas):
        raise lost(state.lang)
    if places is None and state.facilities == OWN_PLACES:
        raise lost(state.lang)
    if places is None and zones is None:
        return context
    key = (context.tag, places and state.places, zones and state.zones)
    return held.contexts.get_or_make(key, lambda: OwnContext(context, places, zones))


def without_lost(state: State) -> State:
    """State without the keys of lists that are not kept any more."""
    held = uploads()
    return replace(
        state,
        places=state.places if held.places(state.places) else "",
        zones=state.zones if held.zones(state.zones) else "",
    )


def zones_address(context: Context, state: State, detail: str) -> str:
    """Address of the borders of a state's own zones."""
    return f"own/{context.tag}/{state.zones}/zones-{detail}.json"


def places_address(context: Context, state: State) -> str:
    """Address of a state's own places of its service."""
    return f"own/{context.tag}/{state.places}/places-{state.service}.json"


def raster_address(context: Context, state: State) -> str:
    """Address of the picture of distances to a state's own places."""
    return f"own/{context.tag}/{state.places}/distance-{state.service}.png"


def register(server: flask.Flask, prefix: str = "/") -> None:
    """Give a server a place to keep lists, and the addresses of what is made of them."""
    server.extensions[_EXTENSION] = Uploads()
    rules: dict[str, Callable[..., flask.Response]] = {
        "own/<tag>/<key>/zones-<detail>.json": _zones,
        "own/<tag>/<key>/places-<service>.json": _places,
        "own/<tag>/<key>/distance-<service>.png": _raster,
        "templates/<kind>.<form>": _template,
    }
    for rule, view in rules.items():
        server.add_url_rule(prefix + rule, f"nabij_own{view.__name__}", view)


def _zones(tag: str, key: str, detail: str) -> flask.Response:
    state = State(level=OWN, zones=key)
    return _made(tag, state, "application/json", lambda held: web_zones(held.snapshot, OWN, DEFAULT_VINTAGE, detail))


def _places(tag: str, key: str, service: str) -> flask.Response:
    def make(held: Context) -> bytes:
        return places_json(held.facilities(OWN_PLACES).of_service(service), held.snapshot)

    return _made(tag, State(facilities=OWN_PLACES, places=key), "application/json", make)


def _raster(tag: str, key: str, service: str) -> flask.Response:
    state = State(facilities=OWN_PLACES, places=key, service=service)

    def make(held: Context) -> bytes:
        return held.raster.png(held.analyse(state).distance_m, distance_legend())

    return _made(tag, state, "image/png", make)


def _made(tag: str, state: State, kind: str, make: Callable[[Context], bytes]) -> flask.Response:
    """Answer with what is made of a user's list; "not found" when the list or the name is wrong."""
    context = live().of(tag)
    if context is None:
        flask.abort(404, description="Made from another snapshot; load the page again.")
    try:
        content = make(with_own(context, state))
    except NabijError as error:
        flask.abort(404, description=str(error))
    response = flask.Response(content, mimetype=kind)
    response.headers["Cache-Control"] = _PRIVATE
    return response


def _template(kind: str, form: str) -> flask.Response:
    try:
        content = template(kind, form)
    except NabijError as error:
        flask.abort(404, description=str(error))
    response = flask.Response(content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename=nabij-{kind}.{form}"
    return response
