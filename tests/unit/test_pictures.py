"""Small maps of the data page: a dot for what the tables beside them count, and no other."""

from __future__ import annotations

import base64
import re

import pytest

from coverage.zones.known_places import known_places
from loaders.snapshot.reader import Snapshot
from pages.data.context_tables import housing_table, known_table
from pages.shell.context import Context
from pages.shell.state import State


@pytest.fixture(scope="module")
def context(embedded: Snapshot) -> Context:
    return Context(embedded)


def pictures(shown: object) -> list[str]:
    return [base64.b64decode(one).decode() for one in re.findall(r"svg\+xml;base64,([\w+/=]+)", str(shown))]


def test_every_place_of_a_house_is_drawn_once_in_the_colour_of_its_legend(context: Context) -> None:
    shown = housing_table(context, State(lang="en"))
    (picture,) = pictures(shown)
    houses = context.facilities("illustrative").of_service("house").frame
    assert picture.count("<circle") == houses["x"].notna().sum() == 157
    legend = re.findall(r": (\d+)['\"]\]\)", str(shown))
    assert sum(map(int, legend)) == 157
    groups = re.findall(r'<g fill="(#\w+)">(.*?)</g>', picture)
    by_colour = {colour: sum(part.count("<circle") for one, part in groups if one == colour) for colour, _ in groups}
    assert sorted(by_colour.values()) == sorted(map(int, legend))


def test_a_year_has_a_dot_for_each_municipality_with_a_documented_place(context: Context) -> None:
    table = known_places(context.snapshot)
    drawn = sorted(picture.count("<circle") for picture in pictures(known_table(context, "en")))
    assert drawn == sorted(table.groupby(["year", "service"]).size())
    largest = table["places_at_least"].max()
    assert largest == 17
    assert 'r="7"' in "".join(pictures(known_table(context, "en")))
