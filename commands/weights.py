"""What is said before a command begins something that takes more memory than is free."""

from __future__ import annotations

import typer

from coverage.memory.limits import free_bytes, gigabytes
from coverage.memory.weights import Weight
from i18n.messages import Message


def note_weight(need: Weight, lang: str) -> None:
    """Say where a question takes more memory than is free; it begins all the same."""
    free = free_bytes()
    if free is not None and need.bytes > free:
        told = Message("memory.machine", need=gigabytes(need.bytes), free=gigabytes(free))
        typer.echo(told.sentence(lang), err=True)
