"""A short run of atheris over all parsers; ``script/fuzz`` runs it for longer, on one or all."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

RUNS = 500
MEMORY_MB = 6_144
"""The fuzzer counts the peak of the process that started it as well, so its usual 2 GB would stop it at once."""


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this platform")
def test_nothing_but_our_own_errors_comes_out(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "all", f"-runs={RUNS}", f"-rss_limit_mb={MEMORY_MB}"]
    command += [f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS} runs" in done.stderr
