"""Let mkdocstrings read our docstrings: ``name : what it is``, with the type in the signature and not said twice."""

from __future__ import annotations

import re
from typing import Any

import griffe

_UNDERLINE = re.compile(r"-{3,}")
_ENTRY = re.compile(r"(\*{0,2}\w+(?:, \*{0,2}\w+)*) : (.+)")
SECTIONS = ("Parameters", "Attributes")


def described(docstring: str) -> str:
    """Return a docstring with what an entry is on a line of its own, where numpy style has the description."""
    lines = docstring.splitlines()
    written: list[str] = []
    section = ""
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and _UNDERLINE.fullmatch(lines[number + 1].strip()):
            section = line.strip()
        entry = _ENTRY.fullmatch(line) if section in SECTIONS else None
        written += [entry[1], f"    {entry[2]}"] if entry else [line]
    return "\n".join(written)


class Descriptions(griffe.Extension):
    """Rewrites the docstring of everything that is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite one docstring."""
        if obj.docstring:
            obj.docstring.value = described(obj.docstring.value)
