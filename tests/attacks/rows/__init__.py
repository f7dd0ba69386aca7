"""The rows, a module per subject; each has ``ROWS``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Container

from tests.attacks.attack import Attack


def rows() -> tuple[Attack, ...]:
    """All rows of all modules, in the order of the names of the modules."""
    found: list[Attack] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        found += importlib.import_module(f"{__name__}.{module.name}").ROWS
    return tuple(found)


def rows_of(ways: Container[str]) -> list[Attack]:
    """Rows of some ways."""
    return [row for row in rows() if row.way in ways]
