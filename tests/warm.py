"""Commands in the process of a test that share what they work out on the embedded figures.

A command of a user begins with nothing, which takes a second. Engines on the same figures may share their stages, as
those of a server do; that they then answer the same is what `tests/unit/test_cache_keys.py` is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from commands.options import Common
from coverage.analysis import Engine, Stages
from loaders.snapshot.reader import EMBEDDED, Snapshot


@contextmanager
def shared_stages() -> Iterator[None]:
    """Let every command on the embedded figures go on where the one before it ended."""
    open_snapshot, begin = Common.open_snapshot, Engine.__init__
    figures, stages = Snapshot(EMBEDDED), Stages()

    def opened(options: Common) -> Snapshot:
        return figures if options.folder == EMBEDDED else open_snapshot(options)

    def begun(engine: Engine, snapshot: Snapshot, limits: Any = None, held: Any = None, *, keep: bool = False) -> None:
        begin(engine, snapshot, limits, stages if snapshot is figures and held is None else held, keep=keep)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Common, "open_snapshot", opened)
        patch.setattr(Engine, "__init__", begun)
        yield
