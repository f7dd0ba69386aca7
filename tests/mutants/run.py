"""Run tests against one fault at a time, in copies of the project, and see which faults go unnoticed.

The process that forks has loaded the libraries and nothing of ours; a child loads our modules from its copy, the fault
included. A child that takes many times as long as the tests do without a fault counts as caught: the fault made it
run on for ever.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.mutants.mutant import Mutant

PATIENCE = 10.0
"""Times as long as without a fault that a run is given."""

LEFT_BEHIND = 97
"""Exit code of a child that took a module from anywhere but its copy."""

OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Of pytest: stop at the first test that notices; a library that is loaded already needs no rewriting."""

LINKED = ("data", "docs", "node_modules", "README.md", "CHANGELOG.md", "mkdocs.yml")
"""What is only read is not copied."""

NOT_COPIED = (".git", ".venv", ".cache", "site", "dist", "test-results", ".mypy_cache", ".ruff_cache", *LINKED)
MADE = ("__pycache__", ".hypothesis", ".pytest_cache")
"""What a run leaves behind, in any folder."""

Outcome = Literal["caught", "never ends", "survived"]


class MutationError(Exception):
    """A mutation run cannot go on."""


@dataclass(frozen=True)
class MutantRun:
    """A fault in a module, and the tests that should notice."""

    path: str
    tests: tuple[str, ...]
    mutant: Mutant


def copy_of(root: Path, folder: Path) -> Path:
    """Copy the project; large folders that are only read are links."""

    def left_out(within: str, names: list[str]) -> set[str]:
        return set(names) & {*MADE, *(NOT_COPIED if Path(within) == root else ())}

    shutil.copytree(root, folder, ignore=left_out, symlinks=True)
    for name in LINKED:
        if (root / name).exists() and not (folder / name).exists():
            (folder / name).symlink_to(root / name)
    return folder


class Runner:
    """Runs tests in copies of the project, as many at a time as there are copies.

    Parameters
    ----------
    root : the project
    copies : folders that `copy_of` made
    own : top-level packages that must come from the copy
    libraries : what takes long to load; loaded once, before the first fork
    patience : times as long as without a fault after which a run counts as one that never ends
    """

    def __init__(
        self,
        root: Path,
        copies: Sequence[Path],
        own: Sequence[str],
        libraries: Sequence[str],
        patience: float = PATIENCE,
    ) -> None:
        self._root, self._own, self._patience = root, tuple(own), patience
        self._free = list(copies)
        self._limit: dict[tuple[str, ...], float] = {}
        for name in libraries:
            importlib.import_module(name)

    def baseline(self, tests: tuple[str, ...]) -> float:
        """Seconds that tests take without a fault.

        Raises
        ------
        MutationError
            when they fail
        """
        began = time.monotonic()
        child = self._start(self._free[0], tests)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code:
            raise MutationError(self._why(code, tests, self._free[0]))
        took = time.monotonic() - began
        self._limit[tests] = self._patience * took
        return took

    def run(self, tasks: Sequence[MutantRun]) -> Iterator[tuple[MutantRun, Outcome]]:
        """Put the faults in one by one, and yield what became of each as soon as it is known."""
        waiting = list(reversed(tasks))
        busy: dict[int, tuple[MutantRun, Path, float]] = {}
        try:
            while waiting or busy:
                while waiting and self._free:
                    self._begin(waiting.pop(), busy)
                yield from self._ended(busy)
        finally:
            for child in busy:
                _kill(child)

    def _begin(self, task: MutantRun, busy: dict[int, tuple[MutantRun, Path, float]]) -> None:
        folder = self._free.pop()
        source = (self._root / task.path).read_bytes()
        (folder / task.path).write_bytes(task.mutant.apply(source))
        for stale in (folder / task.path).parent.glob(f"__pycache__/{Path(task.path).stem}.*.pyc"):
            stale.unlink()
        child = self._start(folder, task.tests, write_bytecode=False)
        busy[child] = (task, folder, time.monotonic() + self._limit[task.tests])

    def _ended(self, busy: dict[int, tuple[MutantRun, Path, float]]) -> Iterator[tuple[MutantRun, Outcome]]:
        """Take in the children that have ended, or wait for a moment when none has."""
        ended = False
        for child, (task, folder, until) in list(busy.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            late = not done and time.monotonic() > until
            if not done and not late:
                continue
            code = _kill(child) if late else os.waitstatus_to_exitcode(status)
            del busy[child]
            ended = True
            if code == LEFT_BEHIND:
                raise MutationError(self._why(code, task.tests, folder))
            (folder / task.path).write_bytes((self._root / task.path).read_bytes())
            self._free.append(folder)
            yield task, "never ends" if late else "caught" if code else "survived"
        if not ended:
            time.sleep(0.02)

    def _start(self, folder: Path, tests: tuple[str, ...], write_bytecode: bool = True) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            os.setsid()
            _redirect(_log(folder))
            code = self._tests(folder, tests, write_bytecode)
        except BaseException:  # noqa: BLE001  (what happens in a child stays there)
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _tests(self, folder: Path, tests: tuple[str, ...], write_bytecode: bool) -> int:
        """In the child: run the tests on what the copy holds."""
        import pytest

        os.chdir(folder)
        os.environ["PYTHONPATH"] = str(folder)
        sys.dont_write_bytecode = not write_bytecode
        if not write_bytecode:
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        elsewhere = {"", str(self._root), str(Path.cwd())}
        sys.path[:] = [str(folder), *(entry for entry in sys.path if entry not in elsewhere)]
        for name in [name for name in sys.modules if name.partition(".")[0] in self._own]:
            del sys.modules[name]
        importlib.invalidate_caches()
        code = int(pytest.main([*OPTIONS, *tests], plugins=[_Profile()]))
        loaded = [module for name, module in sys.modules.items() if name.partition(".")[0] in self._own]
        files = [str(file) for module in loaded if (file := getattr(module, "__file__", None))]
        if any(not file.startswith(f"{folder}{os.sep}") for file in files):
            return LEFT_BEHIND
        return code

    def _why(self, code: int, tests: tuple[str, ...], folder: Path) -> str:
        said = _log(folder).read_text(encoding="utf-8", errors="replace").strip().splitlines()[-12:]
        words = "took a module from outside its copy" if code == LEFT_BEHIND else f"ended with {code} without a fault"
        return "\n".join([f"{' '.join(tests)} {words}:", *said])


class _Profile:
    """Plugin that makes hypothesis try the same examples every time, whatever the tests' own settings are."""

    def pytest_collection(self) -> None:
        """Conftests are loaded by now, the modules of the tests not yet."""
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", derandomize=True, database=None, deadline=None, phases=phases)
        settings.load_profile("mutants")


def _log(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.log")


def _redirect(log: Path) -> None:
    handle = os.open(log, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(handle, 1)
    os.dup2(handle, 2)


def _kill(child: int) -> int:
    """End a child with all it started."""
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL
