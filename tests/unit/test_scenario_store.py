"""Where plans are kept, and what goes wrong with a SQLite file of plans."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from i18n.errors import DataError, InputError, StorageError
from loaders.storage import database_address
from loaders.storage.database_address import DATABASE, DatabaseAddress, default_file
from loaders.storage.plan_store import ScenarioStore, Stored
from loaders.storage.plan_table import ACCESS, SHARED, TABLE

NOBODY = 65_534


def plan(number: int, kept: bool = True) -> Stored:
    return Stored(f"{number:020x}", f"plan {number}", "", "abc", "x" * 20_000, kept=kept)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "plans.sqlite"


@pytest.fixture
def store(file: Path) -> Iterator[ScenarioStore]:
    """A store with five plans in it."""
    with ScenarioStore(file) as opened:
        for number in range(5):
            opened.put(plan(number))
        yield opened


def test_plans_lie_beside_the_refreshed_data(own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(DATABASE, raising=False)
    assert DatabaseAddress.of(None).path == DatabaseAddress.of("").path == default_file() == own_home / "plans.sqlite"
    home = tmp_path / "of" / "somebody"
    monkeypatch.setenv("NABIJ_HOME", str(home))
    with ScenarioStore() as store:
        assert store.listed() == []
        assert not home.exists()
        store.put(plan(1))
        assert store.place.path == home / "plans.sqlite"
        assert store.place.path.is_file()


def test_the_environment_names_the_database(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setenv(DATABASE, str(file))
    assert DatabaseAddress.of(None).path == file
    assert DatabaseAddress.of("other.sqlite").path == Path("other.sqlite").absolute()


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("sqlite:////folder/plans.sqlite", Path("/folder/plans.sqlite")),
        ("sqlite:///plans.sqlite", Path("plans.sqlite").absolute()),
        ("~/plans.sqlite", Path("~/plans.sqlite").expanduser()),
        ("folder/a plan?mode=x#1%20.db", Path("folder/a plan?mode=x#1%20.db").absolute()),
    ],
)
def test_addresses_of_files(given: str, path: Path) -> None:
    assert DatabaseAddress.of(given).path == path


@pytest.mark.parametrize(
    ("given", "name", "host", "database"),
    [
        ("postgresql://anna:secret@db.be:5433/plans", "database 'plans' on db.be:5433", "db.be", "plans"),
        ("postgres://anna:secret@db.example/plans", "database 'plans' on db.example", "db.example", "plans"),
        ("postgresql+psycopg://anna:se%40cret@[::1]/plans", "database 'plans' on ::1", "::1", "plans"),
        ("postgresql://anna@/plans", "database 'plans' on this machine", None, "plans"),
        ("POSTGRESQL://anna@db.example", "database 'anna' on db.example", "db.example", None),
    ],
)  # fmt: skip
def test_addresses_of_servers(given: str, name: str, host: str | None, database: str | None) -> None:
    place = DatabaseAddress.of(given)
    assert place.url is not None
    assert (place.name, place.url.host, place.url.database) == (name, host, database)
    assert place.url.drivername == "postgresql+psycopg"
    assert "cret" not in f"{place}"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("mysql://anna:secret@db.example/plans", "database of kind 'mysql'"),
        ("postgresql+asyncpg://anna:secret@db.example/plans", "database of kind 'postgresql.asyncpg'"),
        ("postgresql://anna:secret@x@db.example/plans", "%40 for an @ in the password"),
        ("postgresql://anna:secret@db.example:port/plans", "cannot be read; write postgresql://USER:PASSWORD@HOST"),
    ],
)
def test_addresses_that_are_none(given: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        ScenarioStore(given)
    assert "secret" not in f"{caught.value}"
    assert caught.value.__cause__ is None


def test_a_folder_is_no_file_of_plans(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; give --database the name of a file in it"):
        ScenarioStore(tmp_path)


def test_a_folder_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    with ScenarioStore(tmp_path / "none" / "plans.sqlite") as store:
        assert store.listed() == []
        with pytest.raises(StorageError, match=r"The folder '.*none' does not exist, .* make the folder first"):
            store.put(plan(1))
    with ScenarioStore(__file__ + "/plans.sqlite") as store, pytest.raises(StorageError, match="Not a directory"):
        store.put(plan(1))


def test_readers_do_not_wait_for_writers(store: ScenarioStore, file: Path) -> None:
    with sqlite3.connect(file) as writer:
        assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        writer.execute("BEGIN IMMEDIATE")
        assert len(store.listed()) == 5
    writer.close()


def test_one_file_is_left_to_copy(store: ScenarioStore, file: Path) -> None:
    assert store.listed()
    assert [path.name for path in file.parent.iterdir()] == ["plans.sqlite"]


def test_an_empty_file_becomes_a_database(file: Path) -> None:
    file.touch()
    with ScenarioStore(file) as store:
        assert store.listed() == []
        store.put(plan(1))
        assert len(store.listed()) == 1


def test_a_file_that_is_removed_while_it_is_used(store: ScenarioStore, file: Path) -> None:
    file.unlink()
    assert store.listed() == []
    store.put(plan(7))
    assert [found.name for found in store.listed()] == ["plan 7"]


def told(file: Path, kind: type[Exception], sentence: str) -> None:
    """Reading and writing say so, and the file is left byte for byte as it was."""
    before = file.read_bytes()
    with ScenarioStore(file) as store:
        asked: list[Callable[[], Any]] = [store.check, lambda: store.get(plan(1).id), lambda: store.put(plan(9))]
        for ask in asked:
            with pytest.raises(kind, match=sentence) as caught:
                ask()
            assert str(caught.value).startswith(f"'{file}' ")
            assert len(str(caught.value).splitlines()) == 1
    assert file.read_bytes() == before


def test_a_file_that_is_no_database(file: Path) -> None:
    file.write_text("zone_id,births\n11005,200\n" * 100, encoding="utf-8")
    told(file, DataError, "is no database; it was left as it is: give another place with --database")


def test_the_database_of_something_else(file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE birds (name TEXT)")
    other.close()
    told(file, DataError, r"is the database of something else \(table birds\); it was left as it is")


@pytest.mark.parametrize("length", [2000, 4096 * 3 + 100])
def test_a_file_that_was_cut_off(store: ScenarioStore, file: Path, length: int) -> None:
    file.write_bytes(file.read_bytes()[:length])
    told(file, DataError, r"is damaged \(database disk image is malformed\); it was left as it is: put back a copy")


def test_pages_that_were_overwritten(store: ScenarioStore, file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)
    told(file, DataError, "is damaged .*; it was left as it is")


def test_text_that_is_none(store: ScenarioStore, file: Path) -> None:
    """A row whose bytes are no UTF-8 spoils only itself."""
    with sqlite3.connect(file) as other:
        other.execute(f"UPDATE {TABLE.name} SET document = CAST(x'ff' AS TEXT) WHERE name = 'plan 1'")  # noqa: S608
    other.close()
    with pytest.raises(DataError, match=r"is damaged .Could not decode to UTF-8 column 'document'.*; it was left"):
        store.get(plan(1).id)
    assert store.get(plan(2).id) == replace(plan(2), created=store.get(plan(2).id).created)
    assert len(store.listed()) == 5


def limited(file: Path, pages: int) -> Any:
    """An engine to which the disk looks full after so many pages of 4096 bytes."""

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(file, check_same_thread=False)
        connection.execute(f"PRAGMA max_page_count={pages}")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def test_a_full_disk_loses_nothing(store: ScenarioStore, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = file.stat().st_size // 4096
    monkeypatch.setattr(store, "_engine", limited(file, pages + 8))
    store.put(plan(10))
    with pytest.raises(StorageError, match="cannot grow because the disk is full; make room and save again"):
        store.put(replace(plan(11), document="x" * 100_000))
    assert len(store.listed()) == 6
    with ScenarioStore(file) as later:
        assert {found.name for found in later.listed()} == {found.name for found in store.listed()}
        later.put(plan(40))
        assert later.get(plan(40).id).document == plan(40).document


def test_another_program_that_does_not_let_go(
    store: ScenarioStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = partial(sqlite3.connect, file, timeout=0.01, check_same_thread=False)
    monkeypatch.setattr(store, "_engine", create_engine("sqlite://", creator=connect, poolclass=NullPool))
    with sqlite3.connect(file) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match=f"is in use by .* more than {database_address.PATIENCE_S} s; try again"):
            store.put(plan(9))
    other.close()
    store.put(plan(9))


def as_nobody(do: Callable[[], Any]) -> str:
    """What a user without rights is told; where the tests run as root, to whom all is open, in another process."""
    if os.geteuid() != 0:
        return _said(do)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os.write(writing, _said(do).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def _said(do: Callable[[], Any]) -> str:
    try:
        return f"done: {do()}"
    except Exception as error:  # noqa: BLE001  (it is handed on)
        return f"{type(error).__name__}: {error}"


@pytest.fixture
def open_way(tmp_path: Path) -> Iterator[Path]:
    """A folder that others may look into, although pytest's own folders are private."""
    below = next((n for n, folder in enumerate(tmp_path.parents) if folder.name.startswith("pytest-of-")), 0)
    for folder in (tmp_path, *tmp_path.parents[: below + 1]):
        folder.chmod(0o755)
    yield tmp_path
    tmp_path.chmod(0o755)


def test_a_folder_that_may_only_be_read(open_way: Path) -> None:
    open_way.chmod(0o555)
    with ScenarioStore(open_way / "plans.sqlite") as store:
        said = as_nobody(lambda: store.put(plan(1)))
        assert said.startswith(
            f"StorageError: Plans cannot be kept in '{open_way / 'plans.sqlite'}' (Permission denied)"
        )
        assert as_nobody(store.listed) == "done: []"
        open_way.chmod(0o000)
        for ask in (store.listed, lambda: store.put(plan(1)), lambda: ScenarioStore(open_way / "p" / "q").check()):
            assert "(Permission denied); make it possible to read and write there" in as_nobody(ask)


def test_a_file_that_may_only_be_read(open_way: Path, store: ScenarioStore, file: Path) -> None:
    file.chmod(0o444)
    open_way.chmod(0o555)
    for ask in (store.listed, lambda: store.put(plan(9))):
        said = as_nobody(ask)
        assert said.startswith(f"StorageError: '{file}' ")
        assert "give another place with --database" in said
    file.chmod(0o000)
    assert "cannot be opened; see to it that the file and its folder may be read" in as_nobody(store.listed)


def test_three_tables_are_all_there_is(store: ScenarioStore, file: Path) -> None:
    with sqlite3.connect(file) as opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        assert [name for (name,) in names] == sorted(table.name for table in (TABLE, ACCESS, SHARED))
    opened.close()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277])
def test_a_file_of_plans_is_for_its_owner_alone(file: Path, mask: int) -> None:
    """Also the files that SQLite puts beside it while it is open, whatever the mask of the process."""
    before = os.umask(mask)
    try:
        with ScenarioStore(file) as store, store.writing():
            helpers = {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert helpers == {f"plans.sqlite{end}": 0o600 for end in ("", "-shm", "-wal")}


def test_the_folder_of_ones_own_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATABASE, raising=False)
    monkeypatch.setenv("NABIJ_HOME", str(tmp_path / "home"))
    with ScenarioStore() as store:
        store.put(plan(1))
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
