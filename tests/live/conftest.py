"""Live tests talk to the publishers' own services: off unless ``-m live`` asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.catalogue.settings import Settings
from loaders.http.client import Client
from loaders.pipeline.update import RefreshContext
from loaders.snapshot.reader import Snapshot


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip live tests in a run that did not ask for them."""
    if config.getoption("markexpr") != "live":
        for item in items:
            if item.get_closest_marker("live"):
                item.add_marker(pytest.mark.skip(reason="live: run script/test tests/live -m live"))


@pytest.fixture(scope="session")
def live_context(embedded: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> RefreshContext:
    """The addresses of the catalogue (or those the environment gives in their place), politely paced."""
    cache: Path = tmp_path_factory.mktemp("cache")
    return RefreshContext(Client(cache, pace_s=1.0, retries=2), embedded, Settings.load())
