"""A refresh killed with SIGKILL at every stage and at random moments: the old data or the new ones, always whole."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import pytest

from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep.integrity import check_bytes
from loaders.snapshot.upkeep.verify import verify_snapshot
from tests.conftest import examples
from tests.data.refreshing import write_births

ROOT = Path(__file__).resolve().parents[2]
RANDOM_POINTS = examples(10)
NEVER = 600.0
"""Seconds after which even a hanging refresh is killed."""
STAGES = (
    "births", "make", "grid", "write", "package", "bytes", "codes", "demand", "totals", "publish",
    "sync", "copy", "name", "swap", "swapped", "history", "prune",
)  # fmt: skip


class Refresher:
    """A process that makes refreshes which can be killed, and the folder they work on."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process, self.folder = process, folder

    def run(self, file: Path, stage: str = "", seconds: float = NEVER) -> int:
        """Exit code of one refresh; -9 when it was killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{self.folder}\t{file}\t{stage}\t{seconds}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def refresher(folder: Path, start: Path) -> Iterator[Refresher]:
    """A worker on a copy of the snapshot ``start``."""
    shutil.copytree(start, folder)
    command = [sys.executable, "-m", "tests.data.refreshing"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Refresher(process, folder)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def files(small: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Births of two years that take turns, so that every refresh has something to do."""
    folder = tmp_path_factory.mktemp("births")
    return {turn: write_births(Snapshot(small), folder / f"{turn}.csv", 1 + turn) for turn in (False, True)}


def versions(worker: Refresher, files: dict[bool, Path]) -> dict[bool, str]:
    """Hash of the snapshot after a whole refresh with either file."""
    found = {}
    for turn, file in files.items():
        assert worker.run(file) == 0
        found[turn] = Snapshot(worker.folder).hash
    assert found[True] != found[False]
    return found


def survives(worker: Refresher, files: dict[bool, Path], kills: list[tuple[str, float]]) -> tuple[int, int]:
    """Kill one refresh after the other; how many left the old version and how many the new one in force."""
    whole = versions(worker, files)
    old = new = 0
    for stage, seconds in kills:
        before = Snapshot(worker.folder).hash
        turn = before == whole[False]
        code = worker.run(files[turn], stage, seconds)
        assert code in (-9, 0), (stage, seconds)
        after = check_bytes(Snapshot(worker.folder)).hash
        assert after in (before, whole[turn]), (stage, seconds)
        assert after == whole[turn] or code == -9, (stage, seconds)
        old, new = old + (after == before), new + (after != before)
    for turn, file in files.items():
        assert worker.run(file) == 0
        assert Snapshot(worker.folder).hash == whole[turn]
    verify_snapshot(worker.folder)
    left = [path.name for path in worker.folder.with_name("snapshot.versions").iterdir()]
    assert [name for name in left if name.startswith(".")] == []
    return old, new


def test_killed_at_every_stage(small: Path, files: dict[bool, Path], tmp_path: Path) -> None:
    """Before the swap the old version stays, after it the new one is in force."""
    swap = STAGES.index("swapped")
    with refresher(tmp_path / "snapshot", small) as worker:
        kept = [stage for stage in STAGES if stage != "copy"]  # there is something to copy only the first time
        assert survives(worker, files, [(stage, NEVER) for stage in kept]) == (swap - 1, len(STAGES) - swap)


def test_killed_at_every_stage_of_the_first_refresh(small: Path, files: dict[bool, Path], tmp_path: Path) -> None:
    """A folder that a person copied is the old version; it becomes a link to a new one in a single step."""
    folder = tmp_path / "snapshot"
    with refresher(folder, small) as worker:
        for stage in STAGES[STAGES.index("sync") :]:
            for path in tmp_path.iterdir():
                path.unlink() if not path.is_dir() or path.is_symlink() else shutil.rmtree(path)
            shutil.copytree(small, folder)
            assert worker.run(files[True], stage) == -9
            verify_snapshot(folder)
            kept = stage in ("sync", "copy", "name", "swap")
            assert (Snapshot(folder).hash == Snapshot(small).hash) == kept, stage
            assert folder.is_symlink() != kept
        assert worker.run(files[False]) == 0


def test_killed_at_random_moments(small: Path, files: dict[bool, Path], tmp_path: Path) -> None:
    """Moments of the whole course of a refresh, the same in every run relative to how long one takes."""
    chance = random.Random(20261122)

    with refresher(tmp_path / "snapshot", small) as worker:
        versions(worker, files)
        start = perf_counter()
        assert worker.run(files[False]) == 0
        took = perf_counter() - start
        old, new = survives(worker, files, [("", 1.05 * chance.random() * took) for _ in range(RANDOM_POINTS)])
    assert old + new == RANDOM_POINTS
    assert old > 0
