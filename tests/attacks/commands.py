"""Commands of all rows: run one after another in one process, each batch in a folder of its own, once for a server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.attack import Seen
from tests.attacks.target import ROOT, AttackedServer

_LONGEST_S = 600
_BATCHES: dict[str, Batch] = {}
_IN_TURN = """
import contextlib, io, json, os, sys
from cli import main
ended, settings = {}, dict(os.environ)
for folder, key, line in json.load(sys.stdin):
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = ["nabij", *line, "--lang", "nl"]
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
    ended[key] = [code, said.getvalue()]
print(json.dumps(ended))
"""


@dataclass(frozen=True)
class Given:
    """Lines of a batch by row, and what lies in its folder, by name."""

    lines: Mapping[str, Sequence[str]]
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Batch:
    """Commands of a module of rows.

    Attributes
    ----------
    name : of its folder; unique
    given : lines and files, for a server
    """

    name: str
    given: Callable[[AttackedServer], Given]

    def __post_init__(self) -> None:
        _BATCHES[self.name] = self

    def folder(self, target: AttackedServer) -> Path:
        """Folder that its commands run in."""
        return target.folder / f"commands-{self.name}"

    def seen(self, target: AttackedServer, row: str) -> Seen:
        """How the command of a row ended; the first time all batches are run."""
        if not target.commanded:
            target.commanded.update(_ended(target))
        return target.commanded[self.name, row]


def _ended(target: AttackedServer) -> dict[tuple[str, str], Seen]:
    turns = []
    for batch in _BATCHES.values():
        given, room = batch.given(target), batch.folder(target)
        for name, content in given.files.items():
            (room / name).parent.mkdir(parents=True, exist_ok=True)
            (room / name).write_bytes(content)
        room.mkdir(exist_ok=True)
        turns += [(str(room), f"{batch.name} {row}", [*line]) for row, line in given.lines.items()]
    done = subprocess.run(
        [sys.executable, "-c", _IN_TURN],
        input=json.dumps(turns).encode(),
        env={**target.env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=_LONGEST_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))
    found: dict[tuple[str, str], Seen] = {}
    for key, (code, said) in json.loads(done.stdout.splitlines()[-1]).items():
        name, _, row = key.partition(" ")
        found[name, row] = _seen(code, said)
    return found


def _seen(code: int, said: str) -> Seen:
    words = said.strip()
    if code == 0:
        return Seen("exit 0", words[:300])
    what = "a trace" if "Traceback" in words else "a sentence" if words.endswith(".") else "no words"
    return Seen(f"exit {code}, {what}", words[:300])
