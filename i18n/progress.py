"""How long work tells what it is doing."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Told what is being done and the share that is done, 0–1."""


def silent(_what: str, _share: float) -> None:
    """Tell nobody."""
