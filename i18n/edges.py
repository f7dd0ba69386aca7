"""Where a sentence is read: behind a command, or on a page, where options of the command and folders mean nothing.

A text says by declaration what differs: ``[[ with --within]]`` stands only behind a command, and of
``[[--map|the columns]]`` a command says the first and a page the second. Without markers it is the same for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

COMMAND, PAGE, EITHER = "command", "page", "either"
_EDGE = ContextVar("nabij_edge", default=COMMAND)
_MARKED = re.compile(r"\[\[((?:[^|\]]|\](?!\]))*)(?:\|((?:[^\]]|\](?!\]))*))?\]\]")


def edge() -> str:
    """Return where sentences are read now; a command, unless something else was said."""
    return _EDGE.get()


@contextmanager
def written_for(where: str) -> Iterator[None]:
    """Write sentences for ``COMMAND`` or ``PAGE``, or leave it open with ``EITHER``, as long as the context lasts."""
    before = _EDGE.set(where)
    try:
        yield
    finally:
        _EDGE.reset(before)


def for_edge(marked: str) -> str:
    """Return a text without its markers, as it reads where sentences are read now."""
    if "[[" not in marked or edge() == EITHER:
        return marked
    group = 2 if edge() == PAGE else 1
    return _MARKED.sub(lambda match: match[group] or "", marked)
