"""The table of attacks as a whole."""

from __future__ import annotations

from tests.attacks.attack import WAYS
from tests.attacks.report import PAGE, table
from tests.attacks.rows import rows
from tests.attacks.test_attacks_asked import WAYS as ASKED
from tests.attacks.test_attacks_brought import WAYS as BROUGHT
from tests.attacks.test_attacks_commanded import WAYS as COMMANDED
from tests.attacks.test_attacks_heavy import WAYS as HEAVY

MANY = 300


def test_the_rows_are_many_and_each_has_a_name_of_its_own() -> None:
    keys = [row.key for row in rows()]
    assert len(keys) == len(set(keys))
    assert len(keys) >= MANY


def test_every_way_is_tried() -> None:
    assert sorted((*ASKED, *BROUGHT, *COMMANDED, *HEAVY)) == sorted(WAYS)
    assert {row.way for row in rows()} == set(WAYS)


def test_the_page_on_security_lists_every_row() -> None:
    page = PAGE.read_text(encoding="utf-8")
    declared = [line.rsplit(" | ", 1)[0] for line in table({}).splitlines() if line.startswith("| ")]
    listed = [line.rsplit(" | ", 1)[0] for line in page.splitlines() if line.startswith("| ")]
    assert listed == declared, "write docs/security.md anew with python -m tests.attacks.report"
