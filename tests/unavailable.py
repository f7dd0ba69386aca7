"""Programs on a system that lacks some modules, such as one without `fcntl`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_START = """\
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
for name in {absent}:
    sys.modules.pop(name, None)
"""


def without(*names: str) -> str:
    """Return the start of a program for which the modules ``names`` cannot be imported."""
    return _START.format(absent=sorted(names)) if names else ""


def start(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start a program in the checkout; any warning is an error."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        cwd=ROOT, env={**os.environ, **environment}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(code: str, *arguments: str, **environment: str) -> str:
    """Run a program to its end and return what it writes; fail when it does."""
    with start(code, *arguments, **environment) as running:
        output, errors = running.communicate()
    assert running.returncode == 0, errors
    return output
