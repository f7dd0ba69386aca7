"""Every error that is raised with a sentence in the code is a builders' error, on the list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from i18n.builders import BUILDERS_ERRORS, BUILDERS_MODULES, KEYED_ERRORS

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("i18n", "loaders", "coverage", "layers", "pages", "commands")
TEXTS = (ast.JoinedStr, ast.BinOp)


def sources() -> Iterator[tuple[str, str]]:
    """Module and text of all our code."""
    for path in (
        *(p for place in PLACES for p in sorted((ROOT / place).rglob("*.py"))),
        ROOT / "cli.py",
        ROOT / "app.py",
    ):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text(encoding="utf-8")


def literal_raises(code: str) -> Iterator[tuple[int, str]]:
    """Line and class of every error that is raised with a text in the code."""
    for node in ast.walk(ast.parse(code)):
        if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
            continue
        call = node.exc
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in KEYED_ERRORS and any(_is_text(argument) for argument in call.args):
            yield node.lineno, name


def _is_text(argument: ast.expr) -> bool:
    if isinstance(argument, ast.Constant):
        return isinstance(argument.value, str)
    if isinstance(argument, ast.IfExp):
        return _is_text(argument.body) or _is_text(argument.orelse)
    formatted = isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute)
    if formatted and isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute):
        return argument.func.attr in ("format", "join")
    return isinstance(argument, TEXTS)


def listed(module: str) -> str | None:
    """Entry of the list that a module falls under."""
    return next((entry for entry in BUILDERS_MODULES if module == entry or module.startswith(f"{entry}.")), None)


def test_no_error_has_its_sentence_in_the_code_but_those_on_the_list() -> None:
    found = [(module, line, name) for module, code in sources() for line, name in literal_raises(code)]
    assert len(found) > 50
    unlisted = [seen for seen in found if seen[2] not in BUILDERS_ERRORS and listed(seen[0]) is None]
    assert unlisted == []


def test_the_list_holds_nothing_that_is_not_there() -> None:
    found = [(module, name) for module, code in sources() for _, name in literal_raises(code)]
    names = {name for _, name in found}
    assert set(BUILDERS_ERRORS) <= names
    assert set(BUILDERS_MODULES) == {listed(module) for module, name in found if listed(module)}


def test_what_counts_as_a_sentence_in_the_code() -> None:
    raised = ('D("x")', 'D(f"{a}")', 'E("a" + b)', 'E(Message("k"))', 'E("a {}".format(b))')
    code = "\n".join(f"raise {error}" for error in raised)
    assert [line for line, _ in literal_raises(code)] == [1, 2, 3, 5]
    assert list(literal_raises('raise MessageError("error.file.empty")')) == []
