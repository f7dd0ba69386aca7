"""One running explorer for all attacks of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.target import Target, running


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server as ``nabij serve`` starts it."""
    with running(tmp_path_factory.mktemp("attacked")) as server:
        yield server
