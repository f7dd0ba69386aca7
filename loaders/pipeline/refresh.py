"""Refresh a snapshot as one transaction: everything asked for is new and verified, or nothing changed.

Load every source, make the new snapshot aside, verify it, compare it with the last one, swap. Whatever goes wrong
before the swap leaves the last good snapshot in force; the swap itself is one step of the file system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from i18n.errors import NabijError, RefreshError, SnapshotError, Translatable
from i18n.messages import Enumeration, Message, MessageError, Note, Reason, WithoutRemedy
from i18n.progress import Progress, silent
from i18n.texts import text
from loaders.pipeline.assemble import assemble, changed_resources
from loaders.pipeline.draft import Draft
from loaders.pipeline.drift import drift
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep.integrity import check_bytes
from loaders.snapshot.upkeep.store import Store
from loaders.snapshot.upkeep.verify import verify_snapshot

if TYPE_CHECKING:
    from loaders.pipeline.update import Loader, RefreshContext, Update

_LOADING, _MADE, _VERIFIED = 0.4, 0.7, 0.9
"""Share of the work that is done when all is loaded, made and verified."""


@dataclass(frozen=True)
class RefreshOptions:
    """How a refresh is to go about it.

    Attributes
    ----------
    accept : go on although figures moved more than is believable
    skip_failed : go on with the sources that did answer
    wait : wait for another refresh of the same snapshot
    """

    accept: bool = False
    skip_failed: bool = False
    wait: bool = True


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did.

    Attributes
    ----------
    folder : the snapshot folder
    before, after : figures in force before and after, in folders that stay; the same where nothing changed
    resources : names of the resources that changed
    updates : what the sources offered
    failed : sources that were left out, with the reason
    odd : what moved more than is believable and was accepted
    """

    folder: Path
    before: Path
    after: Path
    resources: tuple[str, ...]
    updates: tuple[Update, ...]
    failed: Mapping[str, Translatable]
    odd: tuple[Message, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether a new version was put in force."""
        return self.before != self.after


def refresh(
    folder: Path,
    loaders: Mapping[str, Loader],
    sources: Sequence[str],
    open_context: Callable[[Snapshot], RefreshContext],
    options: RefreshOptions = RefreshOptions(),
    say: Progress = silent,
) -> Refreshed:
    """Replace figures of the snapshot in ``folder`` by the newest of ``sources``.

    Parameters
    ----------
    folder : snapshot folder; before its first refresh it may be absent and the embedded snapshot is the start
    loaders : loader per source
    sources : sources to refresh; empty for all
    open_context : makes what loaders work with from a snapshot: the current one, see `loaders.pipeline.draft`
    options : whether to go on where a person should look
    say : told what is done, and the share that is done

    Raises
    ------
    InputError
        a source does not exist
    RefreshError
        a source gave nothing usable, figures moved more than is believable, the disk is full or may not be written,
        or another refresh is at work and ``options.wait`` is off; nothing was changed
    """
    chosen = _checked(sources, loaders)
    try:
        store = Store(folder)
        with store.lock(wait=options.wait, waiting=lambda holder: say(Note("progress.waiting", holder=holder), 0.0)):
            return _Refresh(store, options, say).run({name: loaders[name] for name in chosen}, open_context)
    except NabijError:
        raise
    except OSError as error:
        raise RefreshError(
            Message("error.refresh.disk", reason=Reason(error, error.strerror), folder=str(folder))
        ) from error


def _checked(sources: Sequence[str], loaders: Mapping[str, Loader]) -> list[str]:
    unknown = [source for source in sources if source not in loaders]
    if unknown:
        raise MessageError("error.refresh.source", source=unknown[0], known=", ".join(loaders))
    return [name for name in loaders if not sources or name in sources]


class _OfNewOne:
    """What is wrong with a snapshot that was just made, without its remedy and without the folder it lies in."""

    def __init__(self, error: SnapshotError, folder: Path) -> None:
        self._error, self._folder = error, folder

    def sentence(self, lang: str) -> str:
        sentence = WithoutRemedy(self._error).sentence(lang)
        return sentence.replace(f"{self._folder}/", "").replace(str(self._folder), text("error.refresh.new_one", lang))


class _Refresh:
    """One refresh, by whoever holds the lock."""

    def __init__(self, store: Store, options: RefreshOptions, say: Progress) -> None:
        self.store, self.options, self.say = store, options, say

    def run(self, loaders: Mapping[str, Loader], open_context: Callable[[Snapshot], RefreshContext]) -> Refreshed:
        current = self._current()
        draft, failed = self._load(loaders, current, open_context)
        updates = tuple(draft.updates)
        with self.store.aside() as fresh:
            self.say("make", _LOADING)
            new = assemble(draft, fresh, self._within(_LOADING, _MADE))
            changed = changed_resources(current, new)
            if not changed:
                return Refreshed(self.store.folder, current.path, current.path, (), updates, failed)
            self.say("verify", _MADE)
            odd = self._judge(current, new)
            note = ", ".join(update.source for update in updates)
            self.say("publish", _VERIFIED)
            after = self.store.publish(fresh, note, lambda stage: self.say(stage, _VERIFIED))
            before = self.store.kept(current)
        self.say("done", 1.0)
        return Refreshed(self.store.folder, before, after, changed, updates, failed, tuple(odd))

    def _current(self) -> Snapshot:
        try:
            return check_bytes(Snapshot(self.store.current()))
        except SnapshotError as error:
            raise RefreshError(Message("error.refresh.damaged", reason=WithoutRemedy(error))) from error

    def _load(
        self, loaders: Mapping[str, Loader], current: Snapshot, open_context: Callable[[Snapshot], RefreshContext]
    ) -> tuple[Draft, dict[str, Translatable]]:
        draft = Draft(current)
        failed: dict[str, Translatable] = {}
        for number, (name, loader) in enumerate(loaders.items()):
            self.say(name, _LOADING * number / len(loaders))
            try:
                draft.take(loader(open_context(draft)))
            except (NabijError, OSError) as error:
                failed[name] = error if isinstance(error, NabijError) else Reason(error)
        if failed and (not draft.updates or not self.options.skip_failed):
            several = len(failed) > 1  # a remedy for each would make pages of it
            told = [
                Message("error.refresh.of_source", source=name, reason=WithoutRemedy(why) if several else why)
                for name, why in failed.items()
            ]
            counts = {"failed": str(len(failed)), "n": str(len(loaders))}
            raise RefreshError(
                Message("error.refresh.failed", **counts, told=Enumeration(told, ". " if several else " "))
            )
        return draft, failed

    def _judge(self, current: Snapshot, new: Snapshot) -> list[Message]:
        """Verify the new snapshot and compare it with the current one; what was accepted nonetheless."""
        try:
            verify_snapshot(new.path, self._within(_MADE, _VERIFIED), current)
            odd = drift(current, new)
        except SnapshotError as error:
            raise RefreshError(Message("error.refresh.unsound", reason=_OfNewOne(error, new.path))) from error
        if odd and not self.options.accept:
            raise RefreshError(Message("error.refresh.odd", odd=Enumeration(odd, "; ")))
        return odd

    def _within(self, low: float, high: float) -> Progress:
        """Progress of a part of the work, as progress of the whole."""
        return lambda what, share: self.say(what, low + (high - low) * share)
