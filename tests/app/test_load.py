"""The people of the load benchmark find their way in the explorer as it is."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.serving.people import FILES, Person, crowd


def test_people_who_come_together_are_all_answered(server: str) -> None:
    asked = crowd(server, people=4, actions=3, looking=(0, 0), arrival=0)
    assert [one.trouble for one in asked if one.trouble] == []
    kinds = {one.kind for one in asked}
    assert {"page", FILES, "first answer", "borders and places"} < kinds
    assert sum(one.kind not in {"page", FILES, "first answer", "borders and places"} for one in asked) == 4 * 3


def test_trouble_is_told(server: str) -> None:
    lost = Person(server, Random(1))
    with pytest.raises(Exception, match="status 404"):
        lost.ask("page", "/geo/0000000000000000/labels.json")
    assert lost.asked[-1].trouble == "/geo/0000000000000000/labels.json: status 404"
    lost.leave()
