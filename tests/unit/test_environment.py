"""The environment is the one the project needs: `coverage` is ours, and what would shadow or import it is absent."""

from __future__ import annotations

import importlib.util
import socket
from importlib.metadata import distributions
from pathlib import Path

import pytest

import coverage

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {"coverage", "pytest-cov", "numba"}
"""coverage.py owns our folder's name, pytest-cov and numba import it."""


def test_coverage_is_our_folder() -> None:
    assert coverage.__file__ is not None
    assert Path(coverage.__file__).resolve().parent == ROOT / "coverage"


def test_nothing_that_wants_coverage_py_is_installed() -> None:
    installed = {str(distribution.metadata["Name"]).lower() for distribution in distributions()}
    assert not installed & FORBIDDEN
    assert importlib.util.find_spec("numba") is None
    assert importlib.util.find_spec("pytest_cov") is None


@pytest.mark.parametrize("lock", ["app.txt", "dev.txt"])
def test_no_lock_holds_them_either(lock: str) -> None:
    lines = (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines()
    names = {line.partition("==")[0].partition("[")[0].strip().lower() for line in lines if "==" in line}
    assert len(names) > 20
    assert not names & FORBIDDEN


def test_tests_cannot_leave_this_machine() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as outward,
        pytest.raises(RuntimeError, match="loopback only"),
    ):
        outward.connect(("192.0.2.1", 80))  # TEST-NET-1 (RFC 5737): never a real machine
