"""Every row of the table of attacks, on a running server; afterwards the server still serves."""

from __future__ import annotations

import pytest

from tests.attacks.attack import Attack
from tests.attacks.rows import rows
from tests.attacks.target import Target


@pytest.mark.parametrize("attack", rows(), ids=lambda attack: attack.key)
def test_an_attack_comes_to_what_is_expected(attack: Attack, target: Target) -> None:
    seen = attack.attempt(target)
    assert (seen.outcome, target.alive()) == (attack.expected, True), seen.words


def test_every_row_has_a_name_of_its_own() -> None:
    keys = [row.key for row in rows()]
    assert len(keys) == len(set(keys))
