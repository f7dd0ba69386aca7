"""The plans that one running explorer knows: every version is stored, and held in memory for as long as it is used.

Nobody reaches a version without the right to it (`pages.shell.plans.plan_rights`); all that looks one up goes through
here. Where the store cannot be written, editing goes on with what memory holds, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import flask

from coverage.analysis import Analysis
from coverage.indicators.comparison import Comparison
from coverage.memory.lru_cache import LruCache
from coverage.scenario.scenario import Scenario
from i18n.errors import InputError, NabijError
from i18n.messages import MessageError
from i18n.texts import text
from loaders.storage.plan_shares import ScenarioShares, Share, new_share_id
from loaders.storage.plan_store import ScenarioStore, Stored
from pages.shell.plans.plan_rights import Rights, links_of, rights

MAX_VERSIONS = 600
"""Versions held in memory; one that is stored as well can go."""

_CONTEXTS = 6
_ANALYSES = 6
_EXTENSION = "nabij-plans"


@dataclass(frozen=True)
class PlanVersion:
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
    """Versions by owner and id, safe between threads; every question is that of the visitor of the present request.

    A version that this visitor may not see is answered as one that is not there.

    Parameters
    ----------
    store : where they are kept
    """

    def __init__(self, store: ScenarioStore) -> None:
        self._store = store
        self.shares = ScenarioShares(store)
        self._held: LruCache[PlanVersion] = LruCache(MAX_VERSIONS, "plan versions")
        self.contexts: LruCache[Any] = LruCache(_CONTEXTS, "plan contexts", grows=True)
        self.analyses: LruCache[Analysis] = LruCache(_ANALYSES, "plan analyses")
        self.comparisons: LruCache[Comparison] = LruCache(_ANALYSES, "comparisons", grows=True)
        self.trouble: NabijError | None = None

    def rights(self, key: str = "") -> Rights:
        """Rights of the visitor with the key of an address."""
        return rights(key, self.shares)

    def put(self, scenario: Scenario, parent: str = "", *, kept: bool = False, key: str = "") -> PlanVersion:
        """Take a version of the visitor in; where it cannot be stored, `trouble` says why and memory holds it.

        Raises
        ------
        StorageError, DataError
            when it is to be kept, and cannot be stored
        """
        owner = self.rights(key).owner
        known = self._known(owner, scenario.id)
        if known is not None and not kept:
            return known
        try:
            stored = self._store.put(_stored(scenario, parent, kept), owner)
            version = PlanVersion(scenario, stored.parent, stored.kept and not stored.binned)
            self.trouble = None
        except NabijError as error:
            if kept:
                raise
            self.trouble = error
            version = PlanVersion(scenario, parent, stored=False)
        self._hold(owner, version)
        return version

    def get(self, plan: str, lang: str = "nl", key: str = "") -> PlanVersion:
        """The plan with this id; `InputError` in one calm sentence when there is none, or none of this visitor's."""
        who = self.rights(key)
        for owner in who.owners:
            known = self._known(owner, plan)
            if known is not None:
                return known
        own = [owner for owner in who.owners if who.share is None or owner != who.share.name]
        for owners in (own, who.owners):
            try:
                stored = self._store.get(plan, owners)
            except InputError:
                continue
            version = PlanVersion(Scenario.from_json(stored.document), stored.parent, stored.kept and not stored.binned)
            if owners is own:
                self._hold(who.owner, version)
            return version
        raise InputError(text("plan.unknown", lang, id=plan[:24]))

    def listed(self, key: str = "", *, binned: bool = False) -> list[Stored]:
        """Kept versions of the visitor, the newest first; or what lies in the visitor's bin."""
        return self._store.listed(owner=self.rights(key).owner, binned=binned)

    def forget(self, plan: str, key: str = "") -> None:
        """Put a version of the visitor's into the bin."""
        owner = self.rights(key).owner
        self._store.forget(plan, owner)
        self._drop(owner, plan)

    def restore(self, plan: str, key: str = "") -> None:
        """Take a version of the visitor's out of the bin."""
        owner = self.rights(key).owner
        self._store.restore(plan, owner)
        self._drop(owner, plan)

    def share(self, scenario: Scenario, lang: str, key: str = "") -> Share:
        """Share a version of the visitor's, which keeps it; the shared plan that it is already, where it is one.

        Raises
        ------
        MessageError
            the version is another's
        """
        who = self.rights(key)
        known = self.shares.of(scenario.id, who.owner)
        if who.share is not None and who.share.is_own:
            return who.share
        if known is not None:
            return known
        if not self._is_of(who.owner, scenario.id):
            raise MessageError("error.share.not_yours")
        self.put(scenario, self.get(scenario.id, lang, key).parent, kept=True, key=key)
        share_id = new_share_id()
        return self.shares.start(scenario.id, who.owner, share_id, *links_of(share_id, who))

    def save(self, scenario: Scenario, parent: str, key: str, since: str) -> tuple[PlanVersion, str]:
        """Keep a version, in the shared plan where the key gives that right; and what somebody else saved meanwhile.

        Parameters
        ----------
        scenario, parent : the version, and the one that it was made from
        key : key of the address
        since : newest version of the shared plan when the visitor began
        """
        who = self.rights(key)
        if who.share is None or not who.share.may_edit:
            return self.put(scenario, parent, kept=True, key=key), ""
        stored, other = self.shares.save(who.share, _stored(scenario, parent, True), who.owner, since)
        version = PlanVersion(scenario, stored.parent, kept=True)
        self._hold(who.owner, version)
        return version, other

    def _is_of(self, owner: str, plan: str) -> bool:
        try:
            return bool(self._known(owner, plan) or self._store.get(plan, [owner]))
        except InputError:
            return False

    def _known(self, owner: str, plan: str) -> PlanVersion | None:
        return self._held.peek((owner, plan))

    def _hold(self, owner: str, version: PlanVersion) -> None:
        """Hold what this visitor made; what comes through a link is asked of the store each time."""
        self._held.put((owner, version.scenario.id), version)

    def _drop(self, owner: str, plan: str) -> None:
        self._held.pop((owner, plan))


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


def edited_back(now: PlanVersion, before: PlanVersion) -> Scenario:
    """Edits of an earlier version under the name that the plan has now."""
    return replace(now.scenario, edits=before.scenario.edits)


def attach(server: flask.Flask, store: ScenarioStore) -> None:
    """Give a server a place to keep plans."""
    server.extensions[_EXTENSION] = Plans(store)


def plans() -> Plans:
    """Return the plans of the explorer that handles the present request."""
    registered = flask.current_app.extensions[_EXTENSION]
    assert isinstance(registered, Plans)  # noqa: S101  (only `attach` puts it there)
    return registered
