"""Versions on disk: swapped in one step, kept, put back, never taken from under a reader."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from i18n.errors import RefreshError, SnapshotError
from loaders.snapshot.locks import exclusive
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep import store as store_module
from loaders.snapshot.upkeep.store import KEPT, Store, default_snapshot, open_version, refreshed_folder, user_snapshot


def make(folder: Path, content: str) -> Path:
    """A snapshot of one file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "births.txt").write_text(content)
    digest = hashlib.sha256(content.encode()).hexdigest()
    resource = {"name": "births", "path": "births.txt", "hash": f"sha256:{digest}"}
    (folder / "datapackage.json").write_text(json.dumps({"resources": [resource], "sources": [], "title": content}))
    return folder


def read(folder: Path) -> str:
    return Snapshot(folder).resource_path("births").read_text()


@pytest.fixture(autouse=True)
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What came with nabij, in small."""
    folder = make(tmp_path / "embedded", "embedded")
    monkeypatch.setattr(store_module, "EMBEDDED", folder)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home" / "snapshot")


def publish(store: Store, content: str) -> Path:
    with store.lock(), store.aside() as fresh:
        return store.publish(make(fresh, content), f"note on {content}")


def clean(store: Store) -> bool:
    """Whether nothing half done lies about."""
    return [p.name for p in store.versions.iterdir() if p.name.startswith(".")] == []


def test_the_first_version_keeps_the_embedded_one_as_the_one_before(store: Store, seed: Path) -> None:
    assert store.current() == seed
    path = publish(store, "one")
    assert store.folder.is_symlink()
    assert store.folder.resolve() == path
    assert read(store.folder) == "one"
    history = store.history()
    assert [v.note for v in history] == ["", "note on one"]
    assert history[1].before == history[0].id == Snapshot(seed).hash[:12]
    assert sorted(p.name for p in store.folder.parent.iterdir()) == [
        "snapshot",
        "snapshot.lock",
        "snapshot.versions",
    ]
    assert clean(store)


def test_the_link_holds_when_the_folder_around_it_is_moved(store: Store, tmp_path: Path) -> None:
    publish(store, "one")
    store.folder.parent.rename(tmp_path / "elsewhere")
    assert read(tmp_path / "elsewhere/snapshot") == "one"


def test_a_folder_becomes_a_link_and_is_kept_as_a_version(store: Store) -> None:
    make(store.folder, "copied")
    before = Snapshot(store.folder)
    publish(store, "one")
    assert read(store.folder) == "one"
    assert [read(store.versions / v.id) for v in store.history()] == ["copied", "one"]
    assert before.resource_path("births").read_text() == "copied"
    assert clean(store)


def test_where_folders_cannot_be_exchanged_two_steps_do_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    class Without:
        renameat2 = None

    monkeypatch.setattr("loaders.snapshot.upkeep.store.ctypes.CDLL", lambda *_args, **_options: Without())
    make(store.folder, "copied")
    publish(store, "one")
    assert read(store.folder) == "one"
    assert clean(store)


def test_a_kill_between_those_two_steps_is_repaired_at_the_next_start(store: Store) -> None:
    publish(store, "one")
    store.folder.unlink()
    with store.lock():
        assert read(store.folder) == "one"


def test_a_link_of_the_users_own_is_followed_once_and_its_target_left_alone(store: Store, tmp_path: Path) -> None:
    target = make(tmp_path / "mine", "mine")
    store.folder.parent.mkdir()
    store.folder.symlink_to(target)
    publish(store, "one")
    assert read(store.folder) == "one"
    assert read(target) == "mine"
    assert [read(store.versions / v.id) for v in store.history()] == ["mine", "one"]


def test_five_versions_and_the_embedded_one_are_kept(store: Store) -> None:
    for number in range(8):
        publish(store, f"v{number}")
    assert [read(store.versions / v.id) for v in store.history()] == ["embedded", *(f"v{n}" for n in range(3, 8))]
    assert KEPT == 5
    assert len(list(store.versions.glob("[!.]*/"))) == 6


def test_a_version_that_somebody_reads_is_not_removed(store: Store) -> None:
    publish(store, "v0")
    reader = Snapshot(store.folder)
    for number in range(1, 8):
        publish(store, f"v{number}")
    assert reader.resource_path("births").read_text() == "v0"
    del reader
    publish(store, "v8")
    assert "v0" not in [read(store.versions / v.id) for v in store.history()]


def test_a_reader_of_a_folder_that_is_replaced_never_mixes_versions(store: Store) -> None:
    make(store.folder, "copied")
    reader = Snapshot(store.folder)
    read_names: list[str] = []

    def slow(path: Path) -> str:
        content = path.read_text()
        if not read_names:
            read_names.append(content)
            publish(store, "one")
        return path.read_text()

    assert reader._load("births", slow) == "copied"


def test_rollback_goes_one_step_further_back_each_time(store: Store) -> None:
    for content in ("one", "two", "three"):
        publish(store, content)
    for expected in ("two", "one", "embedded"):
        with store.lock():
            store.rollback(store.earlier())
        assert read(store.folder) == expected
    with pytest.raises(RefreshError, match=r"There is no version before the present one of .*--to HASH"):
        store.earlier()


def test_after_a_rollback_the_next_refresh_goes_back_to_what_was_in_force(store: Store) -> None:
    publish(store, "good")
    publish(store, "bad")
    with store.lock():
        store.rollback(store.earlier())
    publish(store, "better")
    with store.lock():
        store.rollback(store.earlier())
    assert read(store.folder) == "good"


def test_rollback_to_a_version_by_the_beginning_of_its_hash(store: Store) -> None:
    one = publish(store, "one")
    publish(store, "two")
    with store.lock():
        assert store.rollback(one.name[:6]) == one
        assert read(store.rollback("embedded")) == "embedded"
        with pytest.raises(RefreshError, match=r"Version 'zzz' of .* is not kept; choose one of .*embedded"):
            store.rollback("zzz")
        with pytest.raises(RefreshError, match="fits more than one version"):
            store.rollback("")


def test_a_damaged_version_is_not_put_back(store: Store) -> None:
    one = publish(store, "one")
    publish(store, "two")
    (one / "births.txt").write_text("altered")
    with store.lock(), pytest.raises(SnapshotError, match="was altered"):
        store.rollback(one.name)
    assert read(store.folder) == "two"


def test_the_same_content_again_is_the_same_version(store: Store) -> None:
    first = publish(store, "one")
    publish(store, "two")
    assert publish(store, "one") == first
    assert [read(store.versions / v.id) for v in store.history()] == ["embedded", "two", "one"]


def test_leftovers_of_a_killed_process_are_cleared_at_the_next_start(store: Store) -> None:
    publish(store, "one")
    make(store.versions / ".new-1", "half")
    make(store.versions / ".gone-1", "old")
    (store.versions / ".link-1").symlink_to("nowhere")
    with store.lock():
        assert clean(store)
    assert read(store.folder) == "one"


def test_a_lost_history_is_made_up_from_the_folders(store: Store) -> None:
    publish(store, "one")
    publish(store, "two")
    (store.versions / "history.json").write_text("{")
    assert sorted(read(store.versions / v.id) for v in store.history()) == ["embedded", "one", "two"]


@pytest.mark.parametrize("step", ["rename", "replace"])
def test_a_failure_of_the_disk_leaves_what_was(store: Store, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store, "one")

    def full(self: Path, target: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    with store.lock(), monkeypatch.context() as patch, store.aside() as fresh:
        make(fresh, "two")
        patch.setattr(Path, step, full)
        with pytest.raises(OSError, match="No space left"):
            store.publish(fresh, "two")
    assert read(store.folder) == "one"
    assert clean(store)


def test_the_snapshot_inside_the_project_is_never_changed(seed: Path) -> None:
    with pytest.raises(RefreshError, match="comes with nabij and is never changed; leave --snapshot out"):
        Store(seed)


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(RefreshError, match="holds other files than a snapshot; name another folder"):
        Store(tmp_path)
    (tmp_path / "empty").mkdir()
    store = Store(tmp_path / "empty")
    publish(store, "one")
    assert read(store.folder) == "one"


def test_a_second_process_waits_or_is_told_who_is_at_work(tmp_path: Path) -> None:
    lock = tmp_path / "snapshot.lock"
    told: list[str] = []
    order: list[str] = []

    def second() -> None:
        with exclusive(lock, waiting=told.append):
            order.append("second")

    with exclusive(lock):
        with pytest.raises(RefreshError, match=rf"\(process {os.getpid()}, since .*leave --no-wait out"):  # noqa: SIM117
            with exclusive(lock, wait=False):
                pass
        thread = threading.Thread(target=second)
        thread.start()
        while not told:
            pass
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert told == [f"process {os.getpid()}, since {told[0].split('since ')[1]}"]


def test_the_folder_asked_for_then_the_environment_then_the_users_own_then_the_embedded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: Path
) -> None:
    monkeypatch.delenv("NABIJ_SNAPSHOT", raising=False)
    monkeypatch.setenv("NABIJ_HOME", str(tmp_path / "home"))
    assert default_snapshot() == seed
    assert refreshed_folder() == user_snapshot() == tmp_path / "home" / "snapshot"
    publish(Store(user_snapshot()), "mine")
    assert default_snapshot() == user_snapshot()
    monkeypatch.setenv("NABIJ_SNAPSHOT", str(tmp_path / "other"))
    assert default_snapshot() == refreshed_folder() == tmp_path / "other"


def test_without_a_home_of_its_own_nabij_uses_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NABIJ_HOME", raising=False)
    assert user_snapshot().parts[-2:] == ("nabij", "snapshot")
    assert user_snapshot().is_absolute()


def test_any_version_or_folder_can_be_opened(store: Store, tmp_path: Path) -> None:
    one = publish(store, "one")
    assert open_version(store, one.name).path == one
    other = make(tmp_path / "other", "other")
    assert open_version(store, str(other)).path == other
