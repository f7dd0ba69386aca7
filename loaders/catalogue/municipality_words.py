"""Names of municipalities in French and English, and of their parts, beside those of the snapshot."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _words() -> Mapping[str, Any]:
    file = Path(__file__).with_suffix(".toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def other_names() -> Mapping[str, tuple[str, ...]]:
    """Names in French and English by the Dutch name."""
    return {name: tuple(others) for name, others in _words().items() if name != "parts"}


def names_of_parts() -> Mapping[str, tuple[str, ...]]:
    """Names of parts of a municipality that no level of zones has, by its Dutch name."""
    return {name: tuple(parts) for name, parts in _words()["parts"].items()}
