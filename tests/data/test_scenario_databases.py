"""The store of plans on SQLite and on a real PostgreSQL server of Debian: the same tests on both."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Executable, func, select, text, update
from typer.testing import CliRunner

import cli
from i18n.errors import DataError, InputError, StorageError
from loaders.storage.plan_store import ScenarioStore, Stored
from loaders.storage.plan_table import ACCESS, PREFIX, TABLE, VERSION
from tests.conftest import missing_debian_package
from tests.data.saving import plan
from tests.postgres import PASSWORD, Postgres, postgres, postgres_programs
from tests.unit.misbehaving import closed_port

ROOT = Path(__file__).resolve().parents[2]
KILLS = 6
LONG_AGO = "2020-01-01T00:00:00.000000+00:00"
WRONG = "secret"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    programs = postgres_programs()
    if programs is None:
        missing_debian_package("postgresql")
    else:
        with postgres(programs) as running:
            yield running


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Return a function that gives the address of a database in which nothing was ever saved."""
    count = iter(range(1000))
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("plans")
        return lambda: str(folder / f"plans {next(count)}.sqlite")
    running: Postgres = request.getfixturevalue("server")
    return lambda: running.make_database(f"plans {next(count)}")


@pytest.fixture
def store(fresh: Callable[[], str]) -> Iterator[ScenarioStore]:
    with ScenarioStore(fresh()) as opened:
        yield opened


def address_of(store: ScenarioStore) -> str | Path:
    """What somebody else would give to open the same database."""
    if store.place.url is None:
        return store.place.path or ""
    return store.place.url.render_as_string(hide_password=False)


def run(store: ScenarioStore, statement: Executable) -> None:
    """Do something to the database behind the store's back."""
    with store.place.engine().begin() as connection:
        connection.execute(statement)
    connection.engine.dispose()


def test_nothing_is_made_before_something_is_saved(store: ScenarioStore) -> None:
    store.check()
    assert store.listed() == []
    assert store.purge() == 0
    with pytest.raises(InputError, match=r"There is no plan 'abc' in .*plans \d+"):
        store.get("abc")
    with pytest.raises(InputError, match="There is no plan 'abc'"):
        store.forget("abc")
    if store.place.path is None:
        with store.place.engine().connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0
        connection.engine.dispose()
    else:
        assert not store.place.path.exists()


def test_what_is_saved_comes_back(store: ScenarioStore) -> None:
    first = plan(1, name="Zorgregio Boom — vóór", note="twee\nregels", parent="f00")
    saved = store.put(first)
    assert saved == replace(first, created=saved.created)
    assert saved.created > "2026-01-01T"
    assert store.get(first.id) == saved
    with ScenarioStore(address_of(store)) as other:
        assert other.get(first.id) == saved


def test_saving_again_changes_nothing(store: ScenarioStore) -> None:
    draft = store.put(plan(2))
    assert store.put(plan(2)) == draft
    kept = store.put(plan(2, kept=True, name="another name is another plan, so this one is not taken"))
    assert kept == replace(draft, kept=True)
    assert store.put(plan(2)).kept
    assert [found.id for found in store.listed()] == [draft.id]


def test_another_content_under_the_same_id_is_refused(store: ScenarioStore) -> None:
    saved = store.put(plan(3))
    with pytest.raises(DataError, match="with another content; that one was left as it is"):
        store.put(replace(plan(3), document="{}"))
    assert store.get(saved.id) == saved


def test_only_kept_plans_are_listed_the_newest_first(store: ScenarioStore) -> None:
    for number in range(6):
        store.put(plan(number, kept=number % 2 == 0))
    store.keep(plan(5).id)
    assert [found.name for found in store.listed()] == ["plan 5", "plan 4", "plan 2", "plan 0"]
    assert [found.name for found in store.listed(2)] == ["plan 5", "plan 4"]
    assert {(found.document, found.service, found.kept) for found in store.listed()} == {("", "bureau", True)}
    store.forget(plan(4).id)
    assert [found.name for found in store.listed()] == ["plan 5", "plan 2", "plan 0"]


def test_drafts_that_nobody_kept_are_dropped_in_time(store: ScenarioStore) -> None:
    for number in range(4):
        store.put(plan(number, kept=number == 0))
    assert store.purge(1) == 0
    young = select(TABLE.c.id).where(TABLE.c.name == "plan 3")
    for table in (ACCESS, TABLE):
        run(store, update(table).where(table.c.id.not_in(young)).values(used=LONG_AGO))
    store.put(plan(2))  # somebody works on it again
    assert store.purge() == 1
    assert store.get(plan(0).id).kept
    assert [store.get(plan(number).id).name for number in (2, 3)] == ["plan 2", "plan 3"]
    with pytest.raises(InputError):
        store.get(plan(1).id)


def test_old_drafts_go_with_the_first_plan_that_a_process_saves(store: ScenarioStore) -> None:
    store.put(plan(1))
    for table in (ACCESS, TABLE):
        run(store, update(table).values(used=LONG_AGO))
    store.put(plan(2))
    assert store.get(plan(1).id)
    with ScenarioStore(address_of(store)) as other:
        other.put(plan(3))
    with pytest.raises(InputError):
        store.get(plan(1).id)


def test_a_plan_is_found_by_the_beginning_of_its_id(store: ScenarioStore) -> None:
    assert {store.put(replace(plan(1), id=plan_id)).id for plan_id in ("abc1", "abc12", "abd")}
    assert [store.find(asked) for asked in ("abd", "abc1", "ABC12", " abc12 ")] == ["abd", "abc1", "abc12", "abc12"]
    with pytest.raises(InputError, match="More than one plan begins with 'ab'"):
        store.find("ab")
    for nothing in ("b", "", "%", "ab_", "x'; DROP TABLE"):
        with pytest.raises(InputError, match="There is no plan"):
            store.find(nothing)


@pytest.mark.parametrize("asked", ["", "none", "A", "0" * 65, "' OR 1=1 --", "a\0", "\ud800", "é", "../plans"])
def test_an_id_that_is_none_is_no_plan(store: ScenarioStore, asked: str) -> None:
    store.put(plan(1))
    with pytest.raises(InputError, match="There is no plan"):
        store.get(asked)
    with pytest.raises(InputError, match="is no id of a plan"):
        store.put(replace(plan(1), id=asked))


@pytest.mark.parametrize("bad", ["NUL \0", "half a pair \udc80"])
def test_text_that_no_database_can_hold_is_refused(store: ScenarioStore, bad: str) -> None:
    with pytest.raises(InputError, match="The note of the plan holds a character that cannot be stored"):
        store.put(plan(1, note=bad))
    assert store.listed() == []


def test_any_text_comes_back_as_it_was(fresh: Callable[[], str]) -> None:
    with ScenarioStore(fresh()) as store:
        texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)

        @settings(deadline=None)
        @given(st.text("0123456789abcdef", min_size=1, max_size=64), texts, texts, texts)
        def check(plan_id: str, name: str, note: str, document: str) -> None:
            given_ = Stored(plan_id, name, note, "hash", document)
            saved = store.put(given_)
            assert store.get(plan_id) == saved == replace(given_, created=saved.created)
            store.discard(plan_id)

        check()


def test_an_altered_text_is_told(store: ScenarioStore) -> None:
    store.put(plan(1, kept=True))
    run(store, update(TABLE).values(document=func.replace(TABLE.c.document, "1", "2")))
    with pytest.raises(DataError, match=r"Plan '\w+' in .* is damaged: its text is not what was stored"):
        store.get(plan(1).id)
    assert [found.name for found in store.listed()] == ["plan 1"]


def test_plans_of_a_newer_nabij_are_left_alone(store: ScenarioStore) -> None:
    store.put(plan(1))
    run(store, text(f"CREATE TABLE {PREFIX}{VERSION + 1} (id TEXT)"))
    for ask in (store.check, lambda: store.put(plan(2)), lambda: store.get(plan(1).id)):
        with pytest.raises(DataError, match=f"holds plans of a newer nabij .table {PREFIX}{VERSION + 1}."):
            ask()


def test_threads_save_at_the_same_time(fresh: Callable[[], str]) -> None:
    """Eight threads that share a store save eighty plans, most of them twice, while others read."""
    with ScenarioStore(fresh()) as store, ThreadPoolExecutor(8) as pool:
        chance = random.Random(1)
        numbers = [*range(80), *(chance.randrange(80) for _ in range(60))]
        seen = list(pool.map(lambda n: len(store.listed()) if n < 0 else store.put(plan(n, kept=n % 2 == 0)).name,
                             [x for n in numbers for x in (n, -1)]))  # fmt: skip
        assert len(seen) == 280
        assert {found.name for found in store.listed()} == {f"plan {n}" for n in range(0, 80, 2)}
        assert [store.get(plan(n).id).name for n in range(80)] == [f"plan {n}" for n in range(80)]


def saving(address: str, first: int, last: int) -> subprocess.Popen[str]:
    """Start a process that is about to save plans, and waits for a line on its standard input."""
    command = [sys.executable, "-m", "tests.data.saving", address, str(first), str(last)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_processes_save_at_the_same_time_in_a_database_that_nobody_made(fresh: Callable[[], str]) -> None:
    """Four processes begin together, so that all of them find no table; half of what they save is the same."""
    address = fresh()
    processes = [saving(address, first, first + 30) for first in (0, 15, 30, 45)]
    for process in processes:
        begin(process)
    told = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert [len(numbers) for numbers in told] == [30] * 4
    with ScenarioStore(address) as store:
        assert {found.name for found in store.listed()} == {f"plan {n}" for n in range(75)}


def test_a_process_killed_while_saving_loses_nothing_that_was_saved(fresh: Callable[[], str]) -> None:
    """SIGKILL after a number of plans that chance chooses, the first time at once: what it said is saved is there."""
    address, chance, first = fresh(), random.Random(20261122), 0
    said: list[int] = []
    for turn in range(KILLS):
        with saving(address, first, first + 10_000) as process:
            begin(process)
            assert process.stdout is not None
            said += [int(process.stdout.readline()) for _ in range(chance.randrange(40) if turn else 0)]
            process.kill()
            said += [int(line) for line in process.stdout.read().split()]
        assert process.returncode == -9
        first = max(said, default=0) + 1000
        with ScenarioStore(address) as store:
            assert [store.get(plan(number).id).name for number in said] == [f"plan {number}" for number in said]
            assert {f"plan {number}" for number in said} <= {found.name for found in store.listed(100_000)}
    with ScenarioStore(address) as store:
        store.put(plan(-1, kept=True))
        assert store.listed(1)[0].name == "plan -1"
        if store.place.path is not None:
            with store.place.engine().connect() as connection:
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


# what only a server can do


def fails(address: str, match: str) -> None:
    """The store says one sentence that matches, in which there is no password."""
    with ScenarioStore(address) as store:
        for ask in (store.check, lambda: store.put(plan(1))):
            with pytest.raises(StorageError, match=match) as caught:
                ask()
            assert len(str(caught.value).splitlines()) == 1
            assert not {"secret", PASSWORD} & {*str(caught.value).split()}
            assert "secret" not in f"{caught.value} {caught.value.__cause__} {store.place}"
            assert PASSWORD not in f"{caught.value} {caught.value.__cause__} {store.place}"


def test_a_server_that_does_not_let_in(server: Postgres) -> None:
    fails(server.address("postgres", password=WRONG), "Database 'postgres' on 127.0.0.1:.* does not accept this")
    fails(server.address("postgres", user="nobody", password=WRONG), "does not accept this user and password")
    fails(f"postgresql://keeper@127.0.0.1:{server.port}/postgres", "does not accept this user and password")
    fails(server.address("elsewhere"), r"Database 'elsewhere' on .* does not exist; make it first \(createdb\)")
    fails(f"postgresql://keeper:secret@127.0.0.1:{closed_port()}/plans", "the server refuses; see whether it runs")
    fails("postgresql://keeper:secret@/plans?host=%2Fno%2Fsuch%2Fsocket", "there is no server at this socket")
    fails("postgresql://keeper:secret@no-such-host.invalid/plans", "the name of its server is not known")


def test_a_server_at_a_socket(server: Postgres) -> None:
    server.make_database("by socket")
    word = PASSWORD.replace("+", "%2B").replace(":", "%3A")
    where = f"postgresql://keeper:{word}@/by%20socket?host={server.folder}&port={server.port}"
    with ScenarioStore(where) as store:
        assert store.put(plan(1)).name == "plan 1"


def test_the_password_may_come_from_the_environment(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    server.make_database("secretive")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with ScenarioStore(f"postgresql://keeper@127.0.0.1:{server.port}/secretive") as store:
        assert store.put(plan(1)).name == "plan 1"


def test_a_user_who_may_not_write(server: Postgres) -> None:
    owned = server.make_database("owned")
    server.run("CREATE USER reader PASSWORD 'secret'")
    reader = server.address("owned", "reader", "secret")
    with ScenarioStore(reader) as store:
        assert store.listed() == []
        with pytest.raises(StorageError, match=r"does not let you do this .permission denied for schema public.; ask"):
            store.put(plan(1))
        with ScenarioStore(owned) as of_owner:
            of_owner.put(plan(1, kept=True))
        with pytest.raises(StorageError, match=f"permission denied for table {PREFIX}"):
            store.listed()
        server.run(f"GRANT SELECT ON {TABLE.name}, {ACCESS.name} TO reader", "owned")
        assert store.get(plan(1).id).name == "plan 1"
    server.run("ALTER DATABASE owned SET default_transaction_read_only = on")
    with ScenarioStore(owned) as store, pytest.raises(StorageError, match=r"Database 'owned' .* may only be read now"):
        store.put(plan(2))


def test_a_database_that_cannot_hold_every_name(server: Postgres) -> None:
    latin = server.make_database("latin", "ENCODING 'LATIN1' TEMPLATE template0")
    with ScenarioStore(latin) as store, pytest.raises(DataError, match=r"keeps text as LATIN1, .* encoding UTF8"):
        store.put(plan(1))


def test_tables_of_others_on_the_same_server_are_no_trouble(server: Postgres) -> None:
    shared = server.make_database("shared")
    server.run("CREATE TABLE births (year int)", "shared")
    with ScenarioStore(shared) as store:
        store.put(plan(1, kept=True))
        assert len(store.listed()) == 1


def test_the_command_takes_the_address_of_a_server(server: Postgres) -> None:
    address = server.make_database("command")
    with ScenarioStore(address) as store:
        store.put(plan(1, kept=True))
    listed = CliRunner().invoke(cli.app, ["scenario", "list", "--database", address])
    assert listed.stdout.splitlines()[1].split("\t")[:2] == [plan(1).id, "plan 1"]
    gone = CliRunner().invoke(cli.app, ["scenario", "forget", plan(1).id[:9], "--database", address, "--lang", "en"])
    assert gone.stdout == (
        f"Plan {plan(1).id} (plan 1) is in the bin of database 'command' on 127.0.0.1:{server.port} for 30 days; "
        "put it back with nabij scenario restore.\n"
    )


def test_a_server_that_goes_and_comes_back(server: Postgres) -> None:
    with ScenarioStore(server.make_database("back")) as store:
        store.put(plan(1))
        server.stop()
        try:
            with pytest.raises(StorageError, match="cannot be reached: the server refuses"):
                store.put(plan(2))
        finally:
            server.start()
        assert store.get(plan(1).id).name == "plan 1"
        assert store.put(plan(2)).name == "plan 2"
