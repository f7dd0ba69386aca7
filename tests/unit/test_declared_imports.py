"""Every package that the code imports is declared in `pyproject.toml` and pinned, and nothing idle is declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
PROGRAM = (*WHEEL["packages"], *WHEEL["include"])
BESIDE = ("tests", "benchmarks", "docs")
APART = {ROOT / "benchmarks" / "peers", ROOT / "benchmarks" / ".peers"}
"""Folders whose programs run in an environment of their own."""
TOOLS = {
    "import-linter",
    "mkdocs",
    "mkdocs-material",
    "mkdocstrings",
    "mypy",
    "pytest-xdist",
    "ruff",
    "slipcover",
}
"""Declared for developers and started, never imported."""


def name_of(requirement: str) -> str:
    """Name of a distribution, as it is compared (PEP 503)."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found.group()).lower()


RUNTIME = {name_of(line) for line in PROJECT["project"]["dependencies"]}
EXTRA = {key: {name_of(line) for line in lines} for key, lines in PROJECT["project"]["optional-dependencies"].items()}
DEVELOPERS = RUNTIME | EXTRA["dev"] | EXTRA["setup"]


def modules(places: Iterable[str]) -> list[Path]:
    paths = [ROOT / place for place in places]
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return [file for file in files if not APART & set(file.parents)]


OWN = {path.stem if path.is_file() else path.name for path in map(ROOT.joinpath, (*PROGRAM, *BESIDE))} | {
    path.stem for path in (ROOT / "docs").glob("*.py")
}


def imported(tree: ast.AST) -> Iterator[str]:
    """Names of the top-level modules that a module imports, wherever it does so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]


@cache
def third_party(places: tuple[str, ...]) -> dict[str, str]:
    """Modules of others that ``places`` import, and a file that does so."""
    return {
        name: file.relative_to(ROOT).as_posix()
        for file in modules(places)
        for name in imported(ast.parse(file.read_text(encoding="utf-8")))
        if name not in sys.stdlib_module_names and name not in OWN
    }


@cache
def providers() -> dict[str, list[str]]:
    """Distributions by the module that they install."""
    return dict(packages_distributions())


def distributions(name: str) -> set[str]:
    return {name_of(found) for found in providers().get(name, [name])}


def undeclared(places: tuple[str, ...], declared: set[str]) -> dict[str, str]:
    """Modules whose package is not declared, and a file that imports them."""
    return {name: where for name, where in third_party(places).items() if not distributions(name) & declared}


def test_what_the_program_imports_is_declared() -> None:
    assert undeclared(PROGRAM, RUNTIME) == {}, "add their packages to project.dependencies"


def test_what_the_tests_import_is_declared() -> None:
    assert undeclared(BESIDE, DEVELOPERS) == {}, "add their packages to the extra 'dev'"


def test_what_is_not_declared_is_found() -> None:
    assert {"numpy", "pandas"} <= set(undeclared(PROGRAM, RUNTIME - {"numpy", "pandas"}))


def used(places: tuple[str, ...]) -> set[str]:
    return {found for name in third_party(places) for found in distributions(name)}


def test_nothing_is_declared_for_the_program_that_it_does_not_import() -> None:
    assert RUNTIME - used(PROGRAM) == set()


def test_nothing_is_declared_for_developers_that_they_do_not_use() -> None:
    def is_types(name: str) -> bool:
        base = name.removeprefix("types-").removesuffix("-stubs")
        return base != name and base in RUNTIME | EXTRA["dev"]

    idle = EXTRA["dev"] - TOOLS - used(BESIDE)
    assert {name for name in idle if not is_types(name)} == set()
    assert EXTRA["dev"] >= TOOLS


@pytest.mark.parametrize(("lock", "wanted"), [("app", RUNTIME | EXTRA["setup"]), ("dev", DEVELOPERS)])
def test_what_is_declared_is_pinned(lock: str, wanted: set[str]) -> None:
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines()
    pinned = {name_of(line) for line in lines if re.match(r"[A-Za-z0-9][^=\s]*==", line)}
    assert wanted - pinned == set()


def test_an_import_inside_a_function_or_a_branch_is_seen() -> None:
    code = "if True:\n    import a.b\ndef f():\n    from c.d import e\nfrom . import g\nimport h as i, j"
    assert set(imported(ast.parse(code))) == {"a", "c", "h", "j"}
