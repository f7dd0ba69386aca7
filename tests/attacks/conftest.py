"""One running explorer for all attacks that a worker tries, and a browser for those that need one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import Browser

from tests.attacks.target import AttackedServer, running


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[AttackedServer]:
    """A server as ``nabij serve`` starts it."""
    with running(tmp_path_factory.mktemp("attacked")) as server:
        server.chromium = lambda: cast(Browser, request.getfixturevalue("chromium"))
        yield server
