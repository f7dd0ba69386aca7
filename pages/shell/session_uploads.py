"""Lists that someone brought along: kept in memory for as long as they are looked at, under keys nobody can guess.

Nothing of them is written to disk here; a plan made with a list holds it (`scenario.scenario`). They stand beside the
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

from coverage.core.minutes import in_minutes
from coverage.core.query import DEFAULT_WITHIN_M
from coverage.memory.lru_cache import LruCache
from coverage.memory.sizes import bytes_of
from coverage.partnerships.areas import with_house_areas
from i18n.errors import InputError, NabijError
from i18n.messages import MessageError
from layers.files.list_files import template
from layers.maps.geometry import TOLERANCE_M, web_zones
from layers.maps.places import places_json
from layers.maps.raster import minutes_legend
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.levels import HOUSE_AREA, OWN, default_vintage
from loaders.catalogue.services import services
from loaders.snapshot.overlay import with_partition
from loaders.snapshot.partition import Partition
from pages.request.visitor import visitor
from pages.shell.context import Context, DerivedContext, live
from pages.shell.refusals import not_here, other_figures
from pages.shell.state import MODELS, OWN_PLACES, State
from pages.shell.upload_room import UploadRoom

MAX_BYTES = 5_000_000
"""Largest file that is taken."""

MAX_LISTS = 1_000
"""Lists kept at the same time; then the one that was not looked at for longest goes."""

MAX_OF_ONE = 8
"""Lists of one visitor kept at the same time."""

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
        self._owners: dict[str, str] = {}
        self._room = UploadRoom(ROOM_BYTES, SHARE_BYTES)
        self.contexts: LruCache[OwnContext] = LruCache(_CONTEXTS, "contexts of own lists", grows=True)
        self.areas: LruCache[HouseAreaContext] = LruCache(_CONTEXTS, "contexts of areas of houses", grows=True)

    def add(self, upload: Upload, owner: str = "") -> str:
        """Keep a list of its owner, else of the visitor who asks; its key, which for zones begins with their vintage.

        Where it needs room, other lists of the same visitor go first, so that nobody pushes out the lists of others;
        so they do when there are `MAX_OF_ONE` already.
        """
        key = secrets.token_urlsafe(18)
        if isinstance(upload, Partition):
            key = f"{upload.vintage}-{key}"
        owner = owner or (visitor() if flask.has_request_context() else "")
        with self._lock:
            mine = [key for key in self._held if owner and self._owners.get(key) == owner]
            for old in mine[: max(0, len(mine) - MAX_OF_ONE + 1)]:
                self._drop(old)
            self._held[key] = (self._clock(), upload)
            self._owners[key] = owner
            for old in self._room.take(key, bytes_of(upload), owner):
                self._drop(old)
            while len(self._held) > MAX_LISTS:
                self._drop(next(iter(self._held)))
        return key

    def erase(self, key: str) -> bool:
        """Let go of a list of the visitor who asks, for everybody who has its key; False where it is another's."""
        owner = visitor()
        with self._lock:
            if self._owners.get(key) != owner:
                return False
            self._drop(key)
            return True

    def is_of_visitor(self, key: str) -> bool:
        """Whether the visitor who asks brought this list."""
        with self._lock:
            return bool(key) and self._owners.get(key) == visitor()

    def _drop(self, key: str) -> None:
        self._held.pop(key, None)
        self._owners.pop(key, None)
        self._room.leave(key)

    def get(self, key: str) -> Upload | None:
        """List of a key; None when there is none, or no longer."""
        with self._lock:
            since = self._clock() - HOURS * 3600
            for old in [of_session for of_session, (used, _) in self._held.items() if used < since]:
                self._drop(old)
            if key not in self._held:
                return None
            upload = self._held[key][1]
            self._held[key] = (self._clock(), upload)
            self._held.move_to_end(key)
            self._room.use(key)
            return upload

    def places(self, key: str) -> Facilities | None:
        """Own places of a key."""
        upload = self.get(key)
        return upload if isinstance(upload, Facilities) else None

    def zones(self, key: str) -> Partition | None:
        """Own zones of a key."""
        upload = self.get(key)
        return upload if isinstance(upload, Partition) else None


class OwnContext(DerivedContext):
    """A context with the user's own places, own zones, or both; it shares what does not depend on them."""

    def __init__(self, base: Context, places: Facilities | None, zones: Partition | None) -> None:
        super().__init__(base, None if zones is None else with_partition(base.snapshot, zones))
        self.own_places, self.own_zones = places, zones

    def facilities(self, which: str) -> Facilities:
        """Facility set by name, the user's own one included."""
        if which != OWN_PLACES:
            return self.base.facilities(which)
        if self.own_places is None:
            raise lost()
        return self.own_places


class HouseAreaContext(DerivedContext):
    """A context with the areas that the partnerships of a facility set serve as a level."""

    def __init__(self, base: Context, which: str) -> None:
        super().__init__(base, with_house_areas(base.snapshot, base.facilities(which)))

    def facilities(self, which: str) -> Facilities:
        """Facility set by name, as the context below has it."""
        return self.base.facilities(which)


def lost() -> InputError:
    """Error to raise when a list that is asked for is not kept any more."""
    return MessageError("own.lost", hours=HOURS)


def uploads() -> Uploads:
    """Return the lists of the explorer that handles the present request."""
    registered = flask.current_app.extensions[_EXTENSION]
    assert isinstance(registered, Uploads)  # noqa: S101  (only `register` puts it there)
    return registered


def with_own(context: Context, state: State) -> Context:
    """Context that holds what a state calls its own; the context itself when that is nothing.

    Raises
    ------
    InputError
        when the state needs a list that is not kept any more
    """
    registered = uploads()
    places, zones = registered.places(state.places), registered.zones(state.zones)
    if zones is None and (state.level == OWN or f"{OWN}:" in state.areas):
        raise lost()
    if places is None and state.facilities == OWN_PLACES:
        raise lost()
    key = (context.tag, places and state.places, zones and state.zones)
    own = places is not None or zones is not None
    own_context = registered.contexts.get_or_make(key, lambda: OwnContext(context, places, zones)) if own else context
    if state.level != HOUSE_AREA and f"{HOUSE_AREA}:" not in state.areas:
        return own_context
    areas = (*key, state.facilities)
    return registered.areas.get_or_make(areas, lambda: HouseAreaContext(own_context, state.facilities))


def without_lost(state: State) -> State:
    """State without the keys of lists that are not kept any more."""
    store = uploads()
    return replace(
        state,
        places=state.places if store.places(state.places) else "",
        zones=state.zones if store.zones(state.zones) else "",
    )


def zones_address(context: Context, state: State, detail: str) -> str:
    """Address of the borders of a state's own zones."""
    return f"own/{context.tag}/{state.zones}/zones-{detail}.json"


def house_areas_address(context: Context, state: State, detail: str) -> str:
    """Address of the borders of the areas that the partnerships of a state's places serve."""
    if state.facilities == OWN_PLACES:
        return f"own/{context.tag}/{state.places}/areas-{detail}.json"
    return f"geo/{context.tag}/areas-{state.facilities}-{detail}.json"


def places_address(context: Context, state: State) -> str:
    """Address of a state's own places of its service."""
    return f"own/{context.tag}/{state.places}/places-{state.service}.json"


def raster_address(context: Context, state: State) -> str:
    """Address of the picture of distances to a state's own places."""
    return f"own/{context.tag}/{state.places}/distance-{state.service}-{state.mode}-{state.model}.png"


def register(server: flask.Flask, prefix: str = "/") -> None:
    """Give a server a place to keep lists, and the addresses of what is made of them."""
    server.extensions[_EXTENSION] = Uploads()
    rules: dict[str, Callable[..., flask.Response]] = {
        "own/<tag>/<key>/zones-<detail>.json": _zones,
        "own/<tag>/<key>/areas-<detail>.json": _areas,
        "own/<tag>/<key>/places-<service>.json": _places,
        "own/<tag>/<key>/distance-<service>-<mode>-<model>.png": _raster,
        "templates/<kind>.<form>": _template,
    }
    for rule, view in rules.items():
        server.add_url_rule(prefix + rule, f"nabij_own{view.__name__}", view)


def _zones(tag: str, key: str, detail: str) -> flask.Response:
    if detail not in TOLERANCE_M:
        not_here()
    state = State(level=OWN, zones=key)
    return _made(
        tag,
        state,
        "application/json",
        lambda of_context: web_zones(of_context.snapshot, OWN, default_vintage(), detail),
    )


def _areas(tag: str, key: str, detail: str) -> flask.Response:
    if detail not in TOLERANCE_M:
        not_here()
    state = State(level=HOUSE_AREA, facilities=OWN_PLACES, places=key)
    return _made(tag, state, "application/json", lambda of_context: house_area_zones(of_context, detail))


def house_area_zones(context: Context, detail: str) -> bytes:
    """Borders of the areas of houses of a context that holds them."""
    return web_zones(context.snapshot, HOUSE_AREA, default_vintage(), detail)


def _places(tag: str, key: str, service: str) -> flask.Response:
    def make(own_context: Context) -> bytes:
        return places_json(own_context.facilities(OWN_PLACES).of_service(service), own_context.snapshot)

    if service not in services():
        not_here()
    return _made(tag, State(facilities=OWN_PLACES, places=key), "application/json", make)


def _raster(tag: str, key: str, service: str, mode: str, model: str) -> flask.Response:
    state = State(facilities=OWN_PLACES, places=key, service=service, mode=mode, model=model)

    def make(own_context: Context) -> bytes:
        analysis = own_context.analyse(state)
        return own_context.raster.png(in_minutes(analysis.distance_m, analysis.query), minutes_legend())

    if service not in services() or mode not in DEFAULT_WITHIN_M or model not in MODELS:
        not_here()
    return _made(tag, state, "image/png", make)


def _made(tag: str, state: State, kind: str, make: Callable[[Context], bytes]) -> flask.Response:
    """Answer with what is made of a user's list; "not found" when the list or the name is wrong."""
    context = live().of(tag)
    if context is None:
        other_figures()
    try:
        content = make(with_own(context, state))
    except NabijError as error:
        not_here(error)
    response = flask.Response(content, mimetype=kind)
    response.headers["Cache-Control"] = _PRIVATE
    return response


def _template(kind: str, form: str) -> flask.Response:
    try:
        content = template(kind, form)
    except NabijError as error:
        not_here(error)
    response = flask.Response(content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename=nabij-{kind}.{form}"
    return response
