"""Faults that can be put into JavaScript: the same kinds as in Python, found token by token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.mutants.mutant import Mutant
from tests.mutants.python_source import KEY

OPERATORS: dict[str, tuple[tuple[str, str], ...]] = {
    "<": (("boundary", "<="), ("comparison", ">=")),
    "<=": (("boundary", "<"), ("comparison", ">")),
    ">": (("boundary", ">="), ("comparison", "<=")),
    ">=": (("boundary", ">"), ("comparison", "<")),
    "===": (("comparison", "!=="),),
    "!==": (("comparison", "==="),),
    "&&": (("and/or", "||"),),
    "||": (("and/or", "&&"),),
    "!": (("sign left out", ""),),
    "+": (("arithmetic", "-"),),
    "-": (("arithmetic", "+"),),
    "*": (("arithmetic", "/"),),
    "/": (("arithmetic", "*"),),
}
"""What takes the place of an operator, by kind of fault."""

WORDS = {"true": "false", "false": "true", "min": "max", "max": "min", "floor": "ceil", "ceil": "floor", "abs": "round"}

_TOKEN = re.compile(
    r"""
      (?P<comment>//[^\n]*|/\*.*?\*/)
    | (?P<template>`(?:\\.|[^`\\])*`)
    | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<number>(?:\d+\.\d+|\d+)(?:e[+-]?\d+)?)
    | (?P<word>[A-Za-z_$][\w$]*)
    | (?P<operator>=>|===|!==|\+\+|--|[+\-*/]=|&&|\|\||\?\?|<=|>=|\.\.\.|[<>!+\-*/=?:.,;(){}\[\]%&|^~])
    | (?P<space>\s+)
    """,
    re.VERBOSE | re.DOTALL,
)
_FUNCTION = re.compile(
    r"function\s+(\w+)\s*\(|(?:nabij\.|const\s+)(\w+)\s*=\s*(?:async\s+)?(?:function\b|\([^()]*\)\s*=>|\w+\s*=>)"
)
_NO_VALUE = {"", "return", "(", ",", "=", "=>", "[", "{", "}", ";", ":", "?", "&&", "||", "!", "typeof", "case", "else"}
"""What a regular expression or a sign can follow; after anything else, / and - are arithmetic."""


class _Token(NamedTuple):
    kind: str
    words: str
    start: int


def javascript_mutants(source: bytes) -> list[Mutant]:
    """Every fault that can be put into a script, in order of place; comments, templates and patterns stay."""
    text = source.decode()
    functions = [(match.start(), match.group(1) or match.group(2)) for match in _FUNCTION.finditer(text)]
    found = []
    before, start, reached = "", 0, 0
    for token in _tokens(text):
        where = next((name for start, name in reversed(functions) if start <= token.start), "")
        start += len(text[reached : token.start].encode())
        reached = token.start
        for kind, after in _faults(token, before):
            found.append(Mutant(start, start + len(token.words.encode()), after, kind, where))
        before = token.words
    return sorted(found)


def _tokens(text: str) -> Iterator[_Token]:
    """Tokens that mean something; a regular expression is passed over as a whole."""
    position, before = 0, ""
    while position < len(text):
        if text[position] == "/" and before in _NO_VALUE and not text.startswith(("//", "/*"), position):
            pattern = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[\n])+/\w*").match(text, position)
            if pattern:
                position, before = pattern.end(), "pattern"
                continue
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(
                f"character {position} of a script starts nothing known: {text[position : position + 20]!r}"
            )
        position, kind = match.end(), str(match.lastgroup)
        if kind not in ("space", "comment"):
            yield _Token(kind, match.group(), match.start())
            before = match.group()


def _faults(token: _Token, before: str) -> Iterator[tuple[str, str]]:
    """What can be done to a token: the kind of fault, and what takes its place."""
    kind, words, _ = token
    if kind == "number" and words.isdigit():
        yield from (("constant", str(int(words) + step)) for step in (1, -1))
    elif kind == "number":
        yield "constant", f"{float(words) * 1.1 or 1.0:g}"
    elif kind == "string" and KEY.fullmatch(words[1:-1]) and words != '"use strict"':
        yield "key", f"{words[0]}_{words[1:]}"
    elif kind == "word" and words in WORDS:
        yield "function", WORDS[words]
    elif kind == "operator" and words in OPERATORS and not (words in "+-" and before in _NO_VALUE):
        yield from OPERATORS[words]
