"""In which order the tests are run, and by whom: what takes longest begins, so that no worker is alone at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/app/"
"""Tests of one worker: they share a server and a browser, which take long to start and know more with every test."""

SLOWEST = (
    BROWSER,
    "tests/attacks/test_attacks_asked.py",
    "tests/attacks/test_attacks_heavy.py",
    "tests/attacks/test_attacks_commanded.py",
    "tests/unit/test_reading_room.py",
    "tests/data/test_snapshot.py",
    "tests/data/test_refresh.py",
    "tests/data/test_refresh_crash.py",
    "tests/data/test_cli_acceptance.py",
    "tests/data/test_cli_site.py",
    "tests/attacks/test_attacks_brought.py",
    "tests/data/test_independent.py",
    "tests/unit/test_cache_keys.py",
    "tests/data/test_scenario_databases.py",
    "tests/data/test_refresh_everything.py",
    "tests/unit/test_weights.py",
    "tests/unit/test_searches.py",
    "tests/unit/test_reach_update.py",
    "tests/data/test_peers_wfs.py",
    "tests/unit/test_services.py",
    "tests/data/test_orlib.py",
    "tests/data/test_cli_case.py",
    "tests/unit/test_proposal.py",
    "tests/fuzz/test_parsers_hypothesis.py",
    "tests/unit/test_siting_rules.py",
    "tests/fuzz/test_parsers_atheris.py",
    "tests/unit/test_docs.py",
)
"""Files and folders that take more than ten seconds of a processor, the longest first; all others come after them."""


def scope_of(nodeid: str) -> str:
    """What a test goes together with: its file, or all that use the browser."""
    file = nodeid.partition("::")[0]
    return BROWSER if file.startswith(BROWSER) else file


def in_order(items: Sequence[Any]) -> list[Any]:
    """Tests in the order in which they are to begin; those of a file stay as they are."""
    place = {scope: at for at, scope in enumerate(SLOWEST)}
    return sorted(items, key=lambda item: place.get(scope_of(item.nodeid), len(place)))


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives every worker whole scopes."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)
