"""The mutation run itself: which faults it makes, and that a toy project's known survivor is found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.mutants.javascript_source import javascript_mutants
from tests.mutants.mutant import Mutant
from tests.mutants.python_source import python_mutants
from tests.mutants.run import MutationError
from tests.mutants.table import Equivalent, MutantTarget, read_table, sampled

ROOT = Path(__file__).resolve().parents[2]

TOY = '''
"""Reach: a toy."""

from __future__ import annotations

KEYS = ("walk", "bike", "car")


def within(distance: float, reach: float) -> bool:
    """Whether a place is within reach."""
    return distance <= reach


def known(mode: str) -> bool:
    """Whether a mode is known."""
    if mode not in KEYS:
        raise ValueError(f"{mode} is not known")
    return True


def many(number: int) -> bool:
    """Whether there are many; nobody tests where many begins."""
    return number > 10


def halvings(number: int) -> int:
    """How many times a number can be halved."""
    times = 0
    while number > 1:
        number //= 2
        times += 1
    return times
'''.lstrip()

CHECKS = """
import pytest

from toy.reach import halvings, known, many, within


def test_reach() -> None:
    assert within(5.0, 5.0)
    assert not within(6.0, 5.0)


def test_modes() -> None:
    assert known("walk") and known("bike") and known("car")
    with pytest.raises(ValueError, match="boat is not known"):
        known("boat")


def test_numbers() -> None:
    assert many(1000)
    assert not many(1)
    assert [halvings(number) for number in (1, 2, 3, 8)] == [0, 1, 1, 3]
"""

TABLE = """
libraries = ["pytest", "hypothesis"]

[[module]]
path = "toy/reach.py"
tests = ["checks/test_reach.py"]
functions = ["within", "many"]

[[module]]
path = "toy/script.js"
tests = ["checks/test_script.py"]
"""

LOOP = """
libraries = ["pytest", "hypothesis"]

[[module]]
path = "toy/reach.py"
tests = ["checks/test_reach.py"]
functions = ["halvings"]
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A project of two modules with their tests."""
    root = tmp_path / "project"
    for name, words in {
        "toy/__init__.py": "",
        "toy/reach.py": TOY,
        "toy/script.js": "const percent = (share) => 100 * share;\n",
        "checks/test_reach.py": CHECKS,
        "checks/test_script.py": dedent(
            """
            from pathlib import Path


            def test_script() -> None:
                assert "100 * share" in Path("toy/script.js").read_text()
            """
        ),
        "targets.toml": TABLE,
        "loop.toml": LOOP,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8")
    return root


BARE = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""A toy needs no plugins."""


def mutants(root: Path, *options: str, table: str = "targets.toml") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.mutants", "--root", root, "--table", root / table, "--jobs", "1", *options],
        cwd=ROOT, env=BARE, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_survivors_of_a_toy_are_found(toy: Path) -> None:
    """Of its faults only those at the bound that nobody tests go unnoticed."""
    before = (toy / "toy/reach.py").read_bytes()
    found = mutants(toy, "--sample", "0")
    assert found.returncode == 1, found.stdout + found.stderr
    assert [line for line in found.stdout.splitlines() if line.startswith("+    ")] == [
        "+    return (number >= 10)",
        "+    return number > 11",
        "+    return number > 9",
    ]
    assert "toy/reach.py:22: boundary in many" in found.stdout
    assert "toy/script.js: 3 of 3 caught" in found.stdout
    assert (toy / "toy/reach.py").read_bytes() == before


def test_faults_that_are_known_to_change_nothing_are_not_counted(toy: Path) -> None:
    lines = ("return (number >= 10)", "return number > 11", "return number > 9")
    same = "".join(f"\n[[module.equivalent]]\nline = '{line}'\nwhy = 'a toy'\n" for line in lines)
    first, second = TABLE.replace('"within", ', "").rsplit("[[module]]", 1)
    (toy / "targets.toml").write_text(f"{first}{same}\n[[module]]{second}", encoding="utf-8")
    found = mutants(toy, "toy/reach", "--sample", "0")
    assert found.returncode == 0, found.stdout + found.stderr
    assert "100.0 % caught, 95 % wanted" in found.stdout


def test_a_fault_that_runs_on_for_ever_is_caught(toy: Path) -> None:
    """``number //= 1`` never comes to an end, however long one waits."""
    found = mutants(toy, "--sample", "0", "--line", "29", "--patience", "1", table="loop.toml")
    assert found.returncode == 0, found.stdout + found.stderr
    assert "3 of 3 caught" in found.stdout
    assert "(0 never ended)" not in found.stdout


def test_what_cannot_be_told_is_no_success(toy: Path) -> None:
    (toy / "checks/test_reach.py").write_text("def test_nothing() -> None:\n    assert False\n", encoding="utf-8")
    failing = mutants(toy, "toy/reach")
    assert failing.returncode == 2
    assert "checks/test_reach.py ended with 1 without a fault" in failing.stderr
    unknown = mutants(toy, "toy/elsewhere")
    assert unknown.returncode == 2
    assert "no module in the table is called toy/elsewhere; see targets.toml" in unknown.stderr


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", {"(a <= b)", "(a >= b)"}),
        ("a == b", {"(a != b)"}),
        ("a - b", {"(a + b)"}),
        ("a and not b", {"(a or (not b))", "a", "(not b)", "a and b"}),
        ("min(a, b)", {"max(a, b)"}),
        ("f(3, side='left')", {"f(4, side='left')", "f(2, side='left')", "f(3, side='right')"}),
        ("0.01", {"0.011000000000000001"}),
        ("('walk', 'bike')", {"('walk',)", "('bike',)", "('_walk', 'bike')", "('walk', '_bike')"}),
        ("[a, b, c]", {"[b, c]", "[a, c]", "[a, b]"}),
        ("{'a': x, 'b': y}", {"{'b': y}", "{'a': x}", "{'_a': x, 'b': y}", "{'a': x, '_b': y}"}),
        ("a if b else c", {"a", "c"}),
        ("[x for x in y if x]", {"[x for x in y]"}),
        ("f'{a + 1}'", set()),
        ("'A sentence is not a key.'", set()),
    ],
)
def test_faults_of_an_expression(source: str, expected: set[str]) -> None:
    whole = f"value = {source}\n".encode()
    found = {mutant.apply(whole).decode().removeprefix("value = ").strip() for mutant in python_mutants(whole)}
    assert {_plain(words) for words in found} == {_plain(words) for words in expected}


def _plain(words: str) -> str:
    return words.replace("(not b)", "not b").strip("()") if words.count("(") == words.count(")") else words


def test_faults_of_statements_and_what_stays() -> None:
    source = dedent(
        '''
        from typing import TYPE_CHECKING, Literal
        if TYPE_CHECKING:
            import os
        Stage = Literal["near", "far"]
        def f(a: int | None = None) -> int | None:
            """Words that stay."""
            if a:
                raise ValueError(a)
            a += 2
            check(a)
            return a
        '''
    ).encode()
    found = {mutant.lines(source)[2].strip() for mutant in python_mutants(source)}
    assert found == {"if False:", "pass", "a -= 2", "a += 3", "a += 1", "return None"}
    assert {mutant.where for mutant in python_mutants(source)} == {"f"}


def test_faults_of_a_script() -> None:
    source = b'const f = (x) => (x < 10 ? "near" : `${x - 1}`); // x + 1\nconst p = /a+b/g;\nconst n = -x * 2;\n'
    found = {mutant.apply(source) for mutant in javascript_mutants(source)}
    head, tail = b"const f = (x) => (", source[source.index(b"; //") :]
    assert found == {
        head + b'x <= 10 ? "near" : `${x - 1}`)' + tail,
        head + b'x >= 10 ? "near" : `${x - 1}`)' + tail,
        head + b'x < 11 ? "near" : `${x - 1}`)' + tail,
        head + b'x < 9 ? "near" : `${x - 1}`)' + tail,
        head + b'x < 10 ? "_near" : `${x - 1}`)' + tail,
        source.replace(b"* 2", b"/ 2"),
        source.replace(b"* 2", b"* 3"),
        source.replace(b"* 2", b"* 1"),
    }


def test_every_script_of_ours_can_be_read() -> None:
    for path in sorted(set((ROOT / "assets/js").rglob("*.mjs")) - {ROOT / "assets/js/tokens.mjs"}):
        assert javascript_mutants(path.read_bytes()), path


def test_a_sample_is_the_same_every_time_and_takes_every_kind() -> None:
    every = [Mutant(n, n + 1, "x", "key" if n % 10 else "boundary") for n in range(100)]
    chosen = sampled(every, 10, "1:module")
    assert chosen == sampled(every, 10, "1:module")
    assert chosen != sampled(every, 10, "2:module")
    assert {mutant.kind for mutant in chosen} == {"key", "boundary"}
    assert sampled(every, 0, "1") == every


def test_the_table_names_what_there_is() -> None:
    _, targets = read_table()
    for target in targets:
        assert (ROOT / target.path).is_file(), target.path
        assert target.tests
        for path in target.tests:
            assert (ROOT / path).is_file(), path
        assert all(equivalent.why for equivalent in target.equivalents)


def test_an_equivalent_or_function_that_is_gone_is_told(toy: Path) -> None:
    with pytest.raises(MutationError, match="has no fault 'return 1'"):
        MutantTarget("toy/reach.py", ("x",), equivalents=(Equivalent("return 1", "gone"),)).mutants(toy)
    with pytest.raises(MutationError, match="has no gone to mutate"):
        MutantTarget("toy/reach.py", ("x",), functions=("gone",)).mutants(toy)
