"""What one running explorer holds: the snapshot, the engine with what it remembers, and the files for the browser."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock, Thread
from typing import ClassVar

import flask
import pandas as pd

from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from coverage.indicators.projection import can_project, project
from coverage.memory.limits import QuestionLimits
from coverage.memory.lru_cache import LruCache, shared_budget
from i18n.errors import MissingFileError, NabijError
from i18n.messages import Message
from i18n.texts import DEFAULT_LANGUAGE
from layers.files.file_cache import FileCache
from layers.maps.ground import squares_of
from layers.maps.raster import DistanceRaster
from loaders.catalogue.facilities import Facilities
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import MANIFEST, Snapshot, check_region, versions_of
from loaders.snapshot.upkeep.integrity import check_bytes
from pages.shell.state import State

Signature = tuple[str, int, int, int]
_EXTENSION = "nabij"
_ANALYSES = 24
_SHOWN = 2
"""Earlier figures that are held in memory for pages that show them; others are opened again from disk."""
_TAG, _ID = 16, 12
_WRITTEN_TAG = re.compile(rf"[0-9a-f]{{{_TAG}}}")
_LOG = logging.getLogger("nabij")


@dataclass
class Context:
    """Everything the pages share in one process; safe between threads.

    Attributes
    ----------
    snapshot : what is shown
    lang : language where the address names none
    limits : what one question may take, and how many heavy ones at the same time
    """

    counted_apart: ClassVar[bool] = True

    snapshot: Snapshot
    lang: str = DEFAULT_LANGUAGE
    limits: QuestionLimits = field(default_factory=QuestionLimits)
    _analyses: LruCache[Analysis] = field(default_factory=lambda: LruCache(_ANALYSES, "analyses"))
    _facilities: LruCache[Facilities] = field(default_factory=lambda: LruCache(4, "facility sets"))

    @cached_property
    def engine(self) -> Engine:
        """The engine on the snapshot."""
        return Engine(self.snapshot, self.limits)

    @cached_property
    def kept(self) -> FileCache:
        """Files that follow from the snapshot alone."""
        return FileCache(self.snapshot.hash)

    @cached_property
    def raster(self) -> DistanceRaster:
        """Hectares as a picture."""
        raster = DistanceRaster(self.snapshot.grid)
        shared_budget().stay(raster)
        return raster

    @cached_property
    def squares(self) -> frozenset[tuple[int, int]]:
        """Tiles of the map of which the streets can be asked for."""
        return squares_of(self.snapshot)

    @cached_property
    def projection(self) -> pd.DataFrame | None:
        """Births of municipalities in the years ahead; None where the history is too short to tell."""
        return project(self.engine.territory) if can_project(self.engine.territory) else None

    @cached_property
    def public_facts(self) -> pd.DataFrame | None:
        """What public pages say; None where the snapshot holds nothing of it."""
        return self.snapshot.table("public_facts") if "public_facts" in self.snapshot.resources else None

    @property
    def tag(self) -> str:
        """Short name of the snapshot, part of every address that never changes its content."""
        return self.snapshot.hash[:_TAG]

    def facilities(self, which: str) -> Facilities:
        """Facility set by name."""
        return self._facilities.get_or_make(which, lambda: load_facilities(self.snapshot, which))

    def analyse(self, state: State) -> Analysis:
        """Answer to the question of a state."""
        asked, which = self.question(state), state.facilities
        return self._analyses.get_or_make((asked, which), lambda: self.engine.analyse(asked, self.facilities(which)))

    def at_hand(self, state: State) -> Analysis | None:
        """Answer to the question of a state if it is held; nothing is worked out."""
        return self._analyses.peek((self.question(state), state.facilities))

    def question(self, state: State) -> Query:
        """The question of a state; `InputError` when a choice makes no sense."""
        return state.checked().query


class DerivedContext(Context):
    """A context beside another one: it shares what does not depend on places or zones.

    Parameters
    ----------
    base : the context below
    snapshot : figures with another set of zones; None for those of the base
    """

    def __init__(self, base: Context, snapshot: Snapshot | None = None) -> None:
        super().__init__(snapshot or base.snapshot, base.lang, base.limits)
        self.base = base
        self.__dict__["engine"] = base.engine if snapshot is None else base.engine.with_snapshot(snapshot)

    @property
    def kept(self) -> FileCache:
        """Files that follow from the snapshot below alone."""
        return self.base.kept

    @property
    def raster(self) -> DistanceRaster:
        """Hectares as a picture."""
        return self.base.raster


class SnapshotSwitcher:
    """The contexts of one running explorer: the newest figures, and those that open pages still show.

    Every request looks whether the snapshot folder has another content; if so, a thread opens and prepares it while
    the present figures go on answering, and then it takes their place.

    Parameters
    ----------
    folder : gives the folder of the snapshot; asked again at every request
    lang : language where the address names none
    prepare : what to do with new figures before anyone sees them
    limits : what one question may take; None for no limit

    Raises
    ------
    MissingFileError, SnapshotError
        when the snapshot cannot be read
    """

    def __init__(
        self,
        folder: Callable[[], Path],
        lang: str = DEFAULT_LANGUAGE,
        prepare: Callable[[Context], None] | None = None,
        limits: QuestionLimits | None = None,
    ) -> None:
        self.lang, self.limits = lang, limits or QuestionLimits()
        self._folder, self._prepare = folder, prepare
        self._lock = Lock()
        self._seen = _signature(folder())
        self._newest = Context(Snapshot(folder()), lang, self.limits)
        self._shown: LruCache[Context] = LruCache(_SHOWN, "earlier figures", grows=True)
        Thread(target=self._warm, args=(self._newest,), daemon=True, name="nabij-warm-up").start()

    def current(self) -> Context:
        """Context on the newest figures that are ready."""
        seen = _signature(self._folder())
        if seen != self._seen:
            with self._lock:
                begin, self._seen = seen != self._seen, seen
            if begin:
                Thread(target=self._renew, args=(seen,), daemon=True, name="nabij-figures").start()
        return self._newest

    def of(self, tag: str) -> Context | None:
        """Context on the figures with this tag, as long as they are kept in memory or on disk."""
        if not is_tag(tag):
            return None
        kept = versions_of(self._folder()) / tag[:_ID]

        def reopen() -> Context:
            snapshot = Snapshot(kept)
            if snapshot.hash[:_TAG] != tag:
                raise MissingFileError(Message("error.snapshot.not_kept", version=tag))
            return Context(check_region(snapshot), self.lang, self.limits)

        try:
            return self._newest if tag == self._newest.tag else self._shown.get_or_make(tag, reopen)
        except NabijError:
            return None

    def _warm(self, context: Context) -> None:
        if self._prepare:
            self._prepare(context)

    def _renew(self, seen: Signature) -> None:
        """Open and prepare what is in the folder now, and put it in the place of the newest."""
        try:
            fresh = Context(check_region(check_bytes(Snapshot(self._folder()))), self.lang, self.limits)
            if fresh.tag == self._newest.tag:
                return
            self._warm(fresh)
        except (NabijError, OSError) as error:
            _LOG.warning("The new figures are left aside: %s", error)
            return
        with self._lock:
            if seen != self._seen:
                return  # newer ones are on their way
            before, self._newest = self._newest, fresh
        self._shown.put(before.tag, before)
        shared_budget().trim()


def is_tag(written: str) -> bool:
    """Whether a text can be the tag of figures: nothing else is looked up in the folders of the snapshots."""
    return _WRITTEN_TAG.fullmatch(written) is not None


def _signature(folder: Path) -> Signature:
    """What tells one content of a snapshot folder from the next, without opening it."""
    try:
        status = (folder / MANIFEST).stat()
    except OSError:
        return str(folder), 0, 0, 0
    return str(folder), status.st_dev, status.st_ino, status.st_mtime_ns


def attach(server: flask.Flask, live: SnapshotSwitcher) -> None:
    """Make the contexts findable from requests of ``server``."""
    server.extensions[_EXTENSION] = live


def live() -> SnapshotSwitcher:
    """Return the contexts of the explorer that handles the present request."""
    switcher = flask.current_app.extensions[_EXTENSION]
    assert isinstance(switcher, SnapshotSwitcher)  # noqa: S101  (only `attach` puts it there)
    return switcher


def current() -> Context:
    """Return the newest context; the same one throughout a request."""
    if "nabij" not in flask.g:
        flask.g.nabij = live().current()
    context = flask.g.nabij
    assert isinstance(context, Context)  # noqa: S101
    return context


def shown(tag: str | None) -> Context:
    """Return the context whose figures a page shows; the newest one where they are gone."""
    newest = current()
    return newest if tag in (None, newest.tag) else live().of(str(tag)) or newest
