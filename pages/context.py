"""What one running explorer holds: the snapshot, the engine with what it remembers, and the files for the browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import flask
import pandas as pd

from coverage.analysis import Analysis, Engine
from coverage.cache import Recent
from layers.kept import Kept
from layers.raster import DistanceRaster
from loaders.facilities import Facilities, load_facilities
from loaders.snapshot import Snapshot
from loaders.texts import DEFAULT_LANGUAGE
from pages.state import State

_EXTENSION = "nabij"
_ANALYSES = 24


@dataclass
class Context:
    """Everything the pages share in one process; safe between threads.

    Attributes
    ----------
    snapshot : what is shown
    lang : language where the address names none
    """

    snapshot: Snapshot
    lang: str = DEFAULT_LANGUAGE
    _analyses: Recent[Analysis] = field(default_factory=lambda: Recent(_ANALYSES))
    _facilities: Recent[Facilities] = field(default_factory=lambda: Recent(4))

    @cached_property
    def engine(self) -> Engine:
        """The engine on the snapshot."""
        return Engine(self.snapshot)

    @cached_property
    def kept(self) -> Kept:
        """Files that follow from the snapshot alone."""
        return Kept(self.snapshot.hash)

    @cached_property
    def raster(self) -> DistanceRaster:
        """Hectares as a picture."""
        return DistanceRaster(self.snapshot.grid)

    @cached_property
    def public_facts(self) -> pd.DataFrame:
        """What public pages say."""
        return self.snapshot.table("public_facts")

    @property
    def tag(self) -> str:
        """Short name of the snapshot, part of every address that never changes its content."""
        return self.snapshot.hash[:16]

    def facilities(self, which: str) -> Facilities:
        """Facility set by name."""
        return self._facilities.get(which, lambda: load_facilities(self.snapshot, which))

    def analyse(self, state: State) -> Analysis:
        """Answer to the question of a state."""
        checked = state.checked()
        key = (checked.query, checked.facilities)
        return self._analyses.get(key, lambda: self.engine.analyse(checked.query, self.facilities(checked.facilities)))


def attach(server: flask.Flask, context: Context) -> None:
    """Make a context findable from requests of ``server``."""
    server.extensions[_EXTENSION] = context


def current() -> Context:
    """Return the context of the explorer that handles the present request."""
    context = flask.current_app.extensions[_EXTENSION]
    assert isinstance(context, Context)  # noqa: S101  (only `attach` puts it there)
    return context
