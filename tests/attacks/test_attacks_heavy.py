"""Rows of the table of attacks that weigh much; afterwards the server still serves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.attacks.attack import Attack
from tests.attacks.report import keep
from tests.attacks.rows import rows_of
from tests.attacks.rows.load import small
from tests.attacks.target import AttackedServer

WAYS = ("load",)


@pytest.fixture(scope="module")
def target() -> AttackedServer:
    """The server of these rows, which keeps little."""
    return small()


@pytest.mark.parametrize("attack", rows_of(WAYS), ids=lambda attack: attack.key)
def test_an_attack_comes_to_what_is_expected(
    attack: Attack, target: AttackedServer, record_property: Callable[[str, object], None]
) -> None:
    seen = attack.attempt(target)
    keep(record_property, attack, seen)
    assert (seen.outcome, target.process.poll()) == (attack.expected, None), seen.words


def test_the_server_serves_after_all_of_it(target: AttackedServer) -> None:
    assert target.alive()
