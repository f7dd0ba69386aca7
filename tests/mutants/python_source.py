"""Faults that can be put into Python source: bounds, arithmetic, conditions, keys and what is returned."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator

from tests.mutants.mutant import Mutant, line_starts

BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
"""The end of a range belongs to it, or no longer does."""

OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip

ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}  # fmt: skip

SWAPPED = {
    "min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum",
    "floor": "ceil", "ceil": "floor", "argmin": "argmax", "argmax": "argmin", "idxmin": "idxmax", "idxmax": "idxmin",
    "sum": "max", "mean": "sum", "nansum": "nanmax", "zeros": "ones", "ones": "zeros",
}  # fmt: skip
"""Functions whose name is put in the place of another."""

WORDS = {"left": "right", "right": "left", "first": "last", "last": "first"}
"""Strings that have an opposite."""

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]*")
"""A string that is a key, a column or a choice; sentences are left as they are."""

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_TYPE_NAMES = {"Literal", "Callable", "TypeVar", "NewType", "Annotated"}


def python_mutants(source: bytes) -> list[Mutant]:
    """Every fault that can be put into a module, in order of place.

    Annotations, docstrings, imports and the inside of f-strings are left alone, and so is what would not compile.
    """
    found = _Finder(source)
    found.visit(ast.parse(source))
    return sorted(set(found.mutants))


class _Finder(ast.NodeVisitor):
    """Walks over a module and notes what can be done to every node."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.starts = line_starts(source)
        self.scope: list[str] = []
        self.mutants: list[Mutant] = []

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.expr):
            for kind, after in _of_expression(node):
                self._note(node, kind, _written(after))
            self._elements(node)
        elif isinstance(node, ast.stmt):
            for kind, words in _of_statement(node):
                self._note(node, kind, words)
        super().visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    self.visit(child)

    def _scoped(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.scope.append(node.name)
        self.generic_visit(node)
        self.scope.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _scoped  # noqa: N815  (names of ast.NodeVisitor)

    def visit_Import(self, node: ast.Import) -> None:
        """Imports stay."""

    visit_ImportFrom = visit_JoinedStr = visit_Import  # type: ignore[assignment]  # noqa: N815

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        self._note(node.test, "never taken", "False")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if self.scope or not _is_type(node.value):
            self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def _elements(self, node: ast.expr) -> None:
        """Leave out an element with the comma behind it, or before it when it is the last."""
        spans = [self._span(first, last) for first, last in _parts(node)]
        for position, (start, end) in enumerate(spans):
            if position + 1 < len(spans):
                end = spans[position + 1][0]
            elif position:
                start = spans[position - 1][1]
            self._add(start, end, "element left out", "")

    def _span(self, first: ast.expr | ast.stmt, last: ast.expr | ast.stmt) -> tuple[int, int]:
        """First byte of a node, and the byte after another."""
        start = self.starts[first.lineno - 1] + first.col_offset
        return start, self.starts[(last.end_lineno or last.lineno) - 1] + (last.end_col_offset or 0)

    def _note(self, node: ast.expr | ast.stmt, kind: str, after: str) -> None:
        self._add(*self._span(node, node), kind, after)

    def _add(self, start: int, end: int, kind: str, after: str) -> None:
        mutant = Mutant(start, end, after, kind, ".".join(self.scope))
        try:
            compile(mutant.apply(self.source), "mutant", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return
        self.mutants.append(mutant)


def _parts(node: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """First and last node of every element of a collection; a pair is seen to by `_pair`."""
    if isinstance(node, ast.Dict):
        return [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]
    if isinstance(node, ast.List | ast.Set | ast.Tuple) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        pair = isinstance(node, ast.Tuple) and len(node.elts) <= 2
        return [] if pair else [(element, element) for element in node.elts]
    return []


def _written(node: ast.expr) -> str:
    """Source of an expression, fit to stand anywhere in another one."""
    words = ast.unparse(node)
    closed = isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.Call | ast.Tuple)
    return words if closed else f"({words})"


def _is_type(node: ast.expr) -> bool:
    """Whether a value at the top of a module is a type alias."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and _is_type(node.left)
    head = node.func if isinstance(node, ast.Call) else node
    if isinstance(head, ast.Subscript):
        return True
    return isinstance(head, ast.Name) and head.id in _TYPE_NAMES


def _changed(node: ast.expr, **fields: object) -> ast.expr:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _of_expression(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What can be done to an expression: the kind of fault, and what takes its place."""
    for make in _MAKERS.get(type(node), ()):
        yield from make(node)


def _compare(node: ast.Compare) -> Iterator[tuple[str, ast.expr]]:
    for kind, table in (("boundary", BOUNDARY), ("comparison", OPPOSITE)):
        for position, op in enumerate(node.ops):
            if type(op) in table:
                ops = [*node.ops[:position], table[type(op)](), *node.ops[position + 1 :]]
                yield kind, _changed(node, ops=ops)


def _arithmetic(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    if type(node.op) in ARITHMETIC:
        yield "arithmetic", _changed(node, op=ARITHMETIC[type(node.op)]())


def _conditions(node: ast.BoolOp) -> Iterator[tuple[str, ast.expr]]:
    yield "and/or", _changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for position in range(len(node.values)):
        rest = node.values[:position] + node.values[position + 1 :]
        yield "condition left out", _changed(node, values=rest) if len(rest) > 1 else rest[0]


def _sign(node: ast.UnaryOp) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield "sign left out", node.operand


def _constant(node: ast.Constant) -> Iterator[tuple[str, ast.expr]]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, int):
        yield from (("constant", ast.Constant(value + step)) for step in (1, -1))
    elif isinstance(value, float):
        yield "constant", ast.Constant(value * 1.1 if value else 1.0)
    elif isinstance(value, str) and value in WORDS:
        yield "key", ast.Constant(WORDS[value])
    elif isinstance(value, str) and KEY.fullmatch(value):
        yield "key", ast.Constant(f"_{value}")


def _pair(node: ast.Tuple) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        yield from (("element left out", _changed(node, elts=[kept])) for kept in reversed(node.elts))


def _call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name in SWAPPED:
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        yield "function", _changed(node, func=_changed(node.func, **{field: SWAPPED[name]}))


def _choice(node: ast.IfExp) -> Iterator[tuple[str, ast.expr]]:
    yield "choice", node.body
    yield "choice", node.orelse


def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
) -> Iterator[tuple[str, ast.expr]]:
    for position, part in enumerate(node.generators):
        if part.ifs:
            free = ast.comprehension(part.target, part.iter, [], part.is_async)
            generators = [*node.generators[:position], free, *node.generators[position + 1 :]]
            yield "condition left out", _changed(node, generators=generators)


_MAKERS: dict[type[ast.expr], tuple[Callable[..., Iterator[tuple[str, ast.expr]]], ...]] = {
    ast.Compare: (_compare,),
    ast.BinOp: (_arithmetic,),
    ast.BoolOp: (_conditions,),
    ast.UnaryOp: (_sign,),
    ast.Constant: (_constant,),
    ast.Tuple: (_pair,),
    ast.Call: (_call,),
    ast.IfExp: (_choice,),
    ast.ListComp: (_comprehension,),
    ast.SetComp: (_comprehension,),
    ast.DictComp: (_comprehension,),
    ast.GeneratorExp: (_comprehension,),
}


def _of_statement(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """What can be done to a statement: the kind of fault, and the text that takes its place."""
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "returns nothing", "return None"
    elif isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield "statement left out", "pass"
    elif isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        other = ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)
        yield "arithmetic", ast.unparse(other)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
