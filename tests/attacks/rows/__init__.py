"""The rows, a module per subject; each has ``ROWS``."""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Container

from tests.attacks.attack import Attack


def rows() -> tuple[Attack, ...]:
    """All rows of all modules, in the order of the names of the modules."""
    found: list[Attack] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        found += importlib.import_module(f"{__name__}.{module.name}").ROWS
    return tuple(found)


ALL = ("NABIJ_ATTACKS_SEEN", "NABIJ_ATTACKS")
"""Settings with which every row is tried: to keep what is seen, or to try all."""


def tried(ways: Container[str]) -> list[Attack]:
    """Rows of some ways that a run of the tests tries: every second one, so that all of them take two minutes."""
    mine = [row for row in rows() if row.way in ways]
    return mine if any(os.environ.get(name) for name in ALL) else mine[::2]
