"""The plans that one running explorer knows: every version is stored, and held in memory for as long as it is used.

Where the store cannot be written, editing goes on with what memory holds, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import flask

from coverage.analysis import Analysis
from coverage.cache import LruCache
from coverage.compare import Comparison
from coverage.scenario import Scenario
from loaders.errors import InputError, NabijError
from loaders.scenario_store import ScenarioStore, Stored
from loaders.texts import text

MOST = 600
"""Versions held in memory; one that is stored as well can go."""

_CONTEXTS = 6
_ANALYSES = 6
_EXTENSION = "nabij-plans"


@dataclass(frozen=True)
class Version:
    """One version of a plan.

    Attributes
    ----------
    scenario : the plan itself
    parent : id of the version it was made from; empty for the first
    kept : whether somebody saved it
    stored : whether it stands in the store, and so can be opened again later
    """

    scenario: Scenario
    parent: str = ""
    kept: bool = False
    stored: bool = True


class Plans:
    """Versions by id, safe between threads.

    Parameters
    ----------
    store : where they are kept
    """

    def __init__(self, store: ScenarioStore) -> None:
        self._store = store
        self._held: LruCache[Version] = LruCache(MOST, "plan versions")
        self.contexts: LruCache[Any] = LruCache(_CONTEXTS, "plan contexts", grows=True)
        self.analyses: LruCache[Analysis] = LruCache(_ANALYSES, "plan analyses")
        self.comparisons: LruCache[Comparison] = LruCache(_ANALYSES, "comparisons", grows=True)
        self.trouble: NabijError | None = None

    def put(self, scenario: Scenario, parent: str = "", *, kept: bool = False) -> Version:
        """Take a version in; where it cannot be stored, `trouble` says why and memory holds it.

        Raises
        ------
        StorageError, DataError
            when it is to be kept, and cannot be stored
        """
        if self._known(scenario.id) is not None and not kept:
            return self.get(scenario.id)
        try:
            found = self._store.put(_stored(scenario, parent, kept))
            version = Version(scenario, found.parent, found.kept)
            self.trouble = None
        except NabijError as error:
            if kept:
                raise
            self.trouble = error
            version = Version(scenario, parent, stored=False)
        self._hold(version)
        return version

    def get(self, plan: str, lang: str = "nl") -> Version:
        """Version with this id; `InputError` in one calm sentence when there is none."""
        known = self._known(plan)
        if known is not None:
            return known
        try:
            found = self._store.get(plan)
        except InputError:
            raise InputError(text("plan.unknown", lang, id=plan[:24])) from None
        version = Version(Scenario.from_json(found.document), found.parent, found.kept)
        self._hold(version)
        return version

    def listed(self) -> list[Stored]:
        """Kept versions, the newest first."""
        return self._store.listed()

    def forget(self, plan: str) -> None:
        """Take a kept version out of the store."""
        self._store.forget(plan)
        self._held.pop(plan)

    def _known(self, plan: str) -> Version | None:
        return self._held.peek(plan)

    def _hold(self, version: Version) -> None:
        self._held.put(version.scenario.id, version)


def _stored(scenario: Scenario, parent: str, kept: bool) -> Stored:
    return Stored(
        id=scenario.id,
        name=scenario.name,
        note=scenario.note,
        snapshot=scenario.snapshot,
        document=scenario.to_json(),
        parent=parent,
        kept=kept,
        service=str(scenario.question["service"]),
    )


def edited_back(now: Version, before: Version) -> Scenario:
    """Edits of an earlier version under the name that the plan has now."""
    return replace(now.scenario, edits=before.scenario.edits)


def attach(server: flask.Flask, store: ScenarioStore) -> None:
    """Give a server a place to keep plans."""
    server.extensions[_EXTENSION] = Plans(store)


def plans() -> Plans:
    """Return the plans of the explorer that handles the present request."""
    held = flask.current_app.extensions[_EXTENSION]
    assert isinstance(held, Plans)  # noqa: S101  (only `attach` puts it there)
    return held
