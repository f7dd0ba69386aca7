"""Locks hold between processes, leave nothing locked behind, and need no one operating system."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from i18n.errors import RefreshError
from loaders.snapshot.locks import clear_marks, exclusive, is_read, mark_read
from tests.unavailable import run, start, without

SYSTEMS = pytest.mark.parametrize("begin", [without(), without("fcntl")], ids=["as it is", "without fcntl"])
READ = """
import pathlib
import sys
from loaders.snapshot.locks import mark_read
class Reader: pass
reader = Reader()
mark_read(reader, pathlib.Path(sys.argv[1]))
print("reading", flush=True)
sys.stdin.read()
"""


class Reader:
    """Stands for a snapshot that is open."""


@pytest.fixture
def version(tmp_path: Path) -> Path:
    folder = tmp_path / "snapshot.versions" / "0123456789ab"
    folder.mkdir(parents=True)
    return folder


def beside(version: Path) -> list[str]:
    return sorted(path.name for path in version.parent.iterdir() if path != version)


def test_a_version_is_read_until_the_last_reader_is_gone(version: Path) -> None:
    assert not is_read(version)
    one, other = Reader(), Reader()
    mark_read(one, version)
    mark_read(other, version)
    assert is_read(version)
    assert not is_read(version.with_name("0123456789ac"))
    del one
    gc.collect()
    assert is_read(version)
    del other
    gc.collect()
    assert not is_read(version)
    assert beside(version) == []


@SYSTEMS
def test_another_process_that_reads_is_seen_and_a_killed_one_forgotten(version: Path, begin: str) -> None:
    asked = (
        begin
        + "import pathlib, sys; from loaders.snapshot.locks import is_read; print(is_read(pathlib.Path(sys.argv[1])))"
    )
    with start(begin + READ, str(version)) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        assert run(asked, str(version)) == "True\n"
        reader.kill()
        reader.wait()
        assert run(asked, str(version)) == "False\n"
    clear_marks(version)
    assert beside(version) == []


def test_a_child_that_ends_does_not_take_the_mark_of_its_parent_along(version: Path) -> None:
    code = READ.replace('print("reading"', 'import os\nif os.fork() == 0: sys.exit()\nos.wait()\nprint("reading"')
    with start(code, str(version)) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        assert is_read(version)
        reader.communicate()
    assert not is_read(version)
    assert beside(version) == []


def test_a_mark_that_cannot_be_looked_at_counts(version: Path) -> None:
    version.with_name(f"{version.name}.reader-1-0").mkdir()
    assert is_read(version)


def test_whoever_may_not_write_beside_a_version_reads_without_a_mark(tmp_path: Path) -> None:
    gone = tmp_path / "not there" / "0123456789ab"
    mark_read(Reader(), gone)
    assert not is_read(gone)


@SYSTEMS
def test_one_process_holds_a_lock_and_the_next_is_told_who(tmp_path: Path, begin: str) -> None:
    lock = tmp_path / "snapshot.lock"
    code = begin + (
        "import pathlib, sys; from loaders.snapshot.locks import exclusive\n"
        "with exclusive(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    tried = begin + (
        "import pathlib, sys; from loaders.snapshot.locks import exclusive; from i18n.errors import RefreshError\n"
        "try:\n with exclusive(pathlib.Path(sys.argv[1]), wait=False): print('taken')\n"
        "except RefreshError as error: print(error)"
    )
    with start(code, str(lock)) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        refusal = run(tried, str(lock))
        assert f"Another refresh works on '{tmp_path / 'snapshot'}' (process {holder.pid}, since " in refusal
        holder.kill()
        holder.wait()
        assert run(tried, str(lock)) == "taken\n"
    assert {path.name for path in tmp_path.iterdir()} <= {"snapshot.lock"}


def test_a_note_of_the_holder_that_cannot_be_read_is_no_error(tmp_path: Path) -> None:
    lock = tmp_path / "snapshot.lock"
    with exclusive(lock):
        (tmp_path / "snapshot.lock.holder").write_text("[1]")
        with pytest.raises(RefreshError, match=r"\(it has just begun\)"), exclusive(lock, wait=False):
            pytest.fail("the lock was given twice")


def test_an_exception_lets_the_lock_go(tmp_path: Path) -> None:
    lock = tmp_path / "snapshot.lock"
    with pytest.raises(ZeroDivisionError), exclusive(lock):
        _ = 1 / 0
    with exclusive(lock, wait=False):
        assert (tmp_path / "snapshot.lock.holder").is_file()
