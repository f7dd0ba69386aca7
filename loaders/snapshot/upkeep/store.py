"""Versions of a snapshot on disk: a new one takes the place of the old one in a single step, and old ones are kept.

``DIR`` is what people and programs open. It is a link to one of the folders in ``DIR.versions``, each named after the
first twelve characters of its hash and never changed once it stands there. Replacing the link is atomic, so a reader,
or a machine that loses power, finds the old version or the new one, whole (docs/decisions/026-refresh-as-a-swap.md).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from i18n.errors import RefreshError
from i18n.messages import Message, Word
from loaders.snapshot.locks import clear_marks, exclusive, is_read, now
from loaders.snapshot.reader import EMBEDDED, MANIFEST, Snapshot, versions_of
from loaders.snapshot.upkeep.integrity import check_bytes

KEPT = 5
"""Versions that are kept, the one in use among them; the one that came with nabij is kept beside them."""
HOME = "NABIJ_HOME"
"""Environment variable: folder where nabij keeps this user's refreshed snapshot."""
SNAPSHOT = "NABIJ_SNAPSHOT"
"""Environment variable: folder of the snapshot to work from, where no ``--snapshot`` is given."""

_NEW, _LINK, _GONE, _HISTORY = ".new-", ".link-", ".gone-", "history.json"
_EMBEDDED = "embedded"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2

Stage = Callable[[str], None]


def user_snapshot() -> Path:
    """Folder of the snapshot that this user refreshes, whether or not there is one yet."""
    home = os.environ.get(HOME)
    return (Path(home) if home else platformdirs.user_data_path("nabij", appauthor=False)) / "snapshot"


def default_snapshot() -> Path:
    """Folder to work from where nobody names one: of the environment, else refreshed by the user, else embedded."""
    if os.environ.get(SNAPSHOT):
        return Path(os.environ[SNAPSHOT])
    refreshed = user_snapshot()
    return refreshed if (refreshed / MANIFEST).is_file() else EMBEDDED


def refreshed_folder() -> Path:
    """Folder to refresh where nobody names one: of the environment, else the user's own; never the embedded one."""
    return Path(os.environ[SNAPSHOT]) if os.environ.get(SNAPSHOT) else user_snapshot()


@dataclass(frozen=True)
class SnapshotVersion:
    """One version on disk.

    Attributes
    ----------
    id : first twelve characters of its hash, the name of its folder
    made : time it was put there, UTC
    note : what was done, such as the sources refreshed
    before : id of the version it took the place of, empty for the first
    """

    id: str
    made: str
    note: str = ""
    before: str = ""


class Store:
    """The versions behind the snapshot folder ``folder``; whoever changes something holds `lock`.

    Raises
    ------
    RefreshError
        ``folder`` is the snapshot inside the project, or holds something else than a snapshot
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100  (the link itself must not be followed)
        if self.folder.resolve() == EMBEDDED.resolve():
            raise RefreshError(Message("error.refresh.embedded", folder=str(self.folder)))
        self.versions = versions_of(self.folder)
        if self.folder.is_dir() and not self.has_snapshot and any(self.folder.iterdir()):
            raise RefreshError(Message("error.refresh.other_files", folder=str(self.folder)))

    @property
    def has_snapshot(self) -> bool:
        """Whether there is a snapshot in the folder."""
        return (self.folder / MANIFEST).is_file()

    @contextlib.contextmanager
    def lock(self, *, wait: bool = True, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
        """Keep others from changing this snapshot, and clear up what a killed process left."""
        self.versions.mkdir(parents=True, exist_ok=True)
        with exclusive(self.folder.with_name(f"{self.folder.name}.lock"), wait=wait, waiting=waiting):
            self._tidy()
            try:
                yield
            finally:
                self._sweep()

    def current(self) -> Path:
        """Folder with the figures in force: the version linked to, or the embedded snapshot before the first one."""
        return self.folder.resolve() if self.has_snapshot else EMBEDDED

    def current_id(self) -> str:
        """Id of the figures in force."""
        return Snapshot(self.current()).hash[:12]

    def kept(self, snapshot: Snapshot) -> Path:
        """Folder among the versions that holds what ``snapshot`` holds, or its own where it is not kept."""
        path = self.versions / snapshot.hash[:12]
        return path if (path / MANIFEST).is_file() else snapshot.path

    def history(self) -> list[SnapshotVersion]:
        """Versions on disk, in the order in which they were put there."""
        try:
            rows = json.loads((self.versions / _HISTORY).read_text(encoding="utf-8"))
            listed = [SnapshotVersion(**row) for row in rows]
        except (OSError, ValueError, TypeError):
            listed = []
        known = {version.id for version in listed}
        folders = sorted(path.parent for path in self.versions.glob(f"[!.]*/{MANIFEST}"))
        lost = [SnapshotVersion(path.name, "", "") for path in folders if path.name not in known]
        return lost + [version for version in listed if (self.versions / version.id / MANIFEST).is_file()]

    def path(self, version: str) -> Path:
        """Folder of the version whose id begins with ``version``; ``embedded`` is the one that comes with nabij.

        Raises
        ------
        RefreshError
            no version, or more than one, begins so
        """
        if version in (_EMBEDDED, Snapshot(EMBEDDED).hash[:12]):
            return EMBEDDED
        known_ids = [known.id for known in self.history()]
        fitting = [known for known in known_ids if known.startswith(version.lower())]
        if len(fitting) != 1:
            raise RefreshError(
                Message(
                    "error.refresh.version",
                    version=version,
                    folder=str(self.folder),
                    what=Word("error.refresh.version_gone" if not fitting else "error.refresh.version_several"),
                    known=", ".join([*known_ids, _EMBEDDED]),
                )
            )
        return self.versions / fitting[0]

    @contextlib.contextmanager
    def aside(self) -> Iterator[Path]:
        """Give an empty folder to make a version in; what is left there afterwards is removed."""
        folder = Path(tempfile.mkdtemp(prefix=_NEW, dir=self.versions))
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, fresh: Path, note: str, stage: Stage = lambda _name: None) -> Path:
        """Put the complete snapshot in ``fresh`` (a folder of `aside`) in force and return where it stands."""
        before = self.current_id()
        new = Snapshot(fresh).hash[:12]
        stage("sync")
        _sync_tree(fresh)
        self._keep_current(stage)
        stage("name")
        if not (self.versions / new / MANIFEST).is_file():
            fresh.rename(self.versions / new)
            _sync(self.versions)
        self._point_at(new, stage)
        stage("history")
        others = [version for version in self.history() if version.id != new]
        known = {version.id for version in others}
        if before not in known and before != new:
            others.insert(0, SnapshotVersion(before, now(), "", ""))
        self._write_history([*others, SnapshotVersion(new, now(), note, before if before != new else "")])
        stage("prune")
        self._prune()
        return self.versions / new

    def rollback(self, to: str, stage: Stage = lambda _name: None) -> Path:
        """Put version ``to`` back in force and return its folder.

        Raises
        ------
        RefreshError
            there is no such version
        SnapshotError
            that version was damaged; the present one stays
        """
        chosen = self.path(to)
        check_bytes(Snapshot(chosen))
        if chosen == EMBEDDED:
            chosen = self._copy_in(EMBEDDED, stage)
        self._keep_current(stage)
        self._point_at(chosen.name, stage)
        return chosen

    def earlier(self) -> str:
        """Id of the version that the present one took the place of; `RefreshError` when there is none."""
        history = self.history() if self.has_snapshot else []
        ids = [version.id for version in history]
        current = self.current_id()
        position = ids.index(current) if current in ids else 0
        before = history[position].before if history else ""
        if before not in ids:
            before = ids[position - 1] if position else ""
        if not before:
            raise RefreshError(Message("error.refresh.first", folder=str(self.folder)))
        return before

    def _keep_current(self, stage: Stage) -> None:
        """See to it that what is in force now stands among the versions, so that it can be put back."""
        current = self.current()
        if current.parent != self.versions.resolve():
            self._copy_in(current, stage)

    def _copy_in(self, source: Path, stage: Stage) -> Path:
        target = self.versions / Snapshot(source).hash[:12]
        if not (target / MANIFEST).is_file():
            stage("copy")
            with self.aside() as copy:
                shutil.copytree(source, copy, dirs_exist_ok=True)
                _sync_tree(copy)
                copy.rename(target)
            _sync(self.versions)
        return target

    def _point_at(self, version: str, stage: Stage) -> None:
        """Make ``folder`` a link to a version in one step, whatever stands there now."""
        link = self.versions / f"{_LINK}{os.getpid()}"
        link.unlink(missing_ok=True)
        link.symlink_to(Path(self.versions.name) / version)
        stage("swap")
        if self.folder.is_dir() and not self.folder.is_symlink():
            _exchange(link, self.folder)
        else:
            link.replace(self.folder)
        _sync(self.folder.parent)
        stage("swapped")
        if link.is_dir() and not link.is_symlink():
            link.rename(link.with_name(f"{_GONE}{os.getpid()}"))

    def _prune(self) -> None:
        history = self.history()
        safe = {version.id for version in history[-KEPT:]} | {self.current_id(), Snapshot(EMBEDDED).hash[:12]}
        for version in history:
            path = self.versions / version.id
            if version.id not in safe and not is_read(path):
                path.rename(path.with_name(f"{_GONE}{version.id}"))
                clear_marks(path)
        self._write_history(self.history())

    def _write_history(self, versions: list[SnapshotVersion]) -> None:
        beside = self.versions / f"{_NEW}{_HISTORY}"
        content = json.dumps([asdict(version) for version in versions], indent=1, ensure_ascii=False)
        beside.write_text(content + "\n", encoding="utf-8")
        _sync(beside)
        beside.replace(self.versions / _HISTORY)
        _sync(self.versions)

    def _tidy(self) -> None:
        """Undo what a killed process left half done."""
        self._sweep()
        history = self.history()
        if not self.has_snapshot and history and not self.folder.exists():  # killed where folders cannot be exchanged
            self._point_at(history[-1].id, lambda _name: None)

    def _sweep(self) -> None:
        for path in self.versions.glob(".*-*"):
            if path.is_symlink() or path.is_file():
                path.unlink(missing_ok=True)
            else:
                shutil.rmtree(path, ignore_errors=True)


def open_version(store: Store, version: str) -> Snapshot:
    """Open a version by id, ``embedded``, or any folder with a snapshot, checking its bytes."""
    folder = Path(version)
    return check_bytes(Snapshot(folder if (folder / MANIFEST).is_file() else store.path(version)))


def _exchange(link: Path, folder: Path) -> None:
    """Let a link and a folder change places: at once where the system can, else in two steps.

    Between those two steps ``folder`` is absent for an instant; `Store.lock` repairs that after a kill.
    """
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is not None:
        failed = rename(_AT_FDCWD, os.fsencode(link), _AT_FDCWD, os.fsencode(folder), _RENAME_EXCHANGE)
        if not failed:
            return
        number = ctypes.get_errno()
        if number not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise OSError(number, os.strerror(number), str(folder))
    aside = link.with_name(f"{_GONE}{os.getpid()}")
    folder.rename(aside)
    try:
        link.replace(folder)
    except OSError:
        aside.rename(folder)
        raise


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    """Wait until a file or folder is on disk, where the file system can tell."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
