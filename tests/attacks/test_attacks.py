"""Every row of the table of attacks, on a running server; afterwards the server still serves."""

from __future__ import annotations

import pytest

from tests.attacks.attack import Attack
from tests.attacks.report import PAGE, keep, table
from tests.attacks.rows import rows
from tests.attacks.target import Target

MANY = 300


@pytest.mark.parametrize("attack", rows(), ids=lambda attack: attack.key)
def test_an_attack_comes_to_what_is_expected(attack: Attack, target: Target) -> None:
    seen = attack.attempt(target)
    keep(attack, seen)
    assert (seen.outcome, target.process.poll()) == (attack.expected, None), seen.words


def test_the_server_serves_after_all_of_it(target: Target) -> None:
    assert target.alive()


def test_the_rows_are_many_and_each_has_a_name_of_its_own() -> None:
    keys = [row.key for row in rows()]
    assert len(keys) == len(set(keys))
    assert len(keys) >= MANY


def test_the_page_on_security_lists_every_row() -> None:
    page = PAGE.read_text(encoding="utf-8")
    declared = [line.rsplit(" | ", 1)[0] for line in table({}).splitlines() if line.startswith("| ")]
    listed = [line.rsplit(" | ", 1)[0] for line in page.splitlines() if line.startswith("| ")]
    assert listed == declared, "write docs/security.md anew with python -m tests.attacks.report"
