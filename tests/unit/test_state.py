"""The address of a view: every choice is in it, one spelling each, and what makes no sense is refused."""

from __future__ import annotations

from dataclasses import fields, replace
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.core.query import Query
from i18n.errors import InputError
from layers.maps.scales.classes import PROBABILITY
from pages.shell.state import DEFAULTS, DRAWS, State, read_state

OTHER = {
    "service": "house",
    "demand": "age0",
    "year": "2021",
    "mode": "bike",
    "within": "900",
    "minutes": "20",
    "min_share": "0.8",
    "level": "province",
    "vintage": "2018",
    "facilities": "documented",
    "areas": "care_region:boom",
    "indicator": "gap",
    "zone": "11002",
    "show": "places,raster",
    "only": "gaps",
    "classes": "jenks",
    "borders": "care_region",
    "camera": "51.05,3.72,10.5",
    "sort": "births:desc",
    "columns": "births,why",
    "filter": "births:100..;gent",
    "group": "province",
    "chart": "scatter:births:mean_minutes",
    "model": "raster",
    "places": "2025-abc",
    "zones": "2025-def",
    "plan": "deadbeef",
    "against": "today",
    "key": "geheim",
    "lang": "fr",
}
"""Another value for every choice."""


def test_every_choice_is_known_here() -> None:
    assert set(OTHER) == set(DEFAULTS) == {field.name for field in fields(State)}
    assert all(OTHER[name] != DEFAULTS[name] for name in OTHER)


@pytest.mark.parametrize("name", OTHER)
def test_every_choice_is_in_the_address_when_it_is_not_the_default(name: str) -> None:
    """Written and read again, a view is what it was; the default leaves no trace."""
    state = replace(State(), **{name: OTHER[name]})
    asked = parse_qs(state.address().removeprefix("?"))
    assert asked == {name: [OTHER[name]]}
    assert read_state({key: value for key, (value,) in asked.items()}) == state
    assert State().address(**{name: OTHER[name]}) == state.address()
    assert state.address(**{name: DEFAULTS[name]}) == "?"


@given(st.lists(st.sampled_from(sorted(OTHER)), unique=True))
def test_choices_do_not_stand_in_each_others_way(names: list[str]) -> None:
    state = replace(State(), **{name: OTHER[name] for name in names})
    asked = {key: value for key, (value,) in parse_qs(state.address()[1:]).items()}
    assert read_state(asked) == state


def test_an_address_reads_well() -> None:
    state = State(areas="care_region:boom,municipality:11002", show="places,raster")
    assert state.address() == "?areas=care_region:boom,municipality:11002&show=places,raster"


def test_every_choice_that_concerns_the_engine_is_in_its_question() -> None:
    asked = State(**{**OTHER, "level": "municipality", "indicator": PROBABILITY}).query
    assert State(level="province").query.level == "province"
    assert asked == Query(
        service="house",
        level="municipality",
        vintage=2018,
        areas=(("care_region", "boom"),),
        mode="bike",
        model="raster",
        minutes=(20.0,),
        draws=DRAWS,
        min_share=0.8,
        demand="age0",
        year=2021,
    )
    assert State(within="900").query.within_m == 900.0
    plain = State().query
    assert (plain.min_share, plain.within_m, plain.draws, plain.year) == (0.5, None, 0, None)
    assert DRAWS == 200


def test_own_zones_bring_their_own_year() -> None:
    assert State(level="own", zones="2019-abc").query.vintage == 2019
    assert State(level="own", vintage="2025").query.vintage == 2025
    assert State(level="municipality", zones="2019-abc", vintage="2025").query.vintage == 2025


def test_layers_are_those_that_are_known_in_their_own_order() -> None:
    assert State(show="basemap,places,nonsense").layers == ["places", "basemap"]
    every = ["places", "ground", "facts", "barriers", "raster", "basemap"]
    assert State(show="raster,barriers,facts,basemap,ground,places").layers == every
    assert State().layers == ["places", "ground"]
    assert State(show="").layers == []


@pytest.mark.parametrize(
    ("choice", "value", "sentence"),
    [
        ("model", "rocket", "Unknown travel model 'rocket'"),
        ("model", "matrix", "choose one of network, crow, raster"),
        ("facilities", "invented", "Unknown facilities 'invented'"),
        ("facilities", "all", "choose one of register, illustrative, documented, own"),
        ("vintage", "last", "'last' is no vintage"),
        ("year", "MMXX", "'MMXX' is no year"),
        ("within", "far", "'far' is no distance"),
        ("within", "inf", "'inf' is no distance"),
        ("min_share", "half", "'half' is no share"),
        ("min_share", "nan", "'nan' is no share"),
        ("indicator", "luck", "Unknown indicator 'luck'"),
        ("service", "cafe", "Unknown service 'cafe'"),
        ("mode", "boat", "Unknown mode 'boat'"),
    ],
)
def test_a_choice_that_makes_no_sense_is_named(choice: str, value: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        replace(State(), **{choice: value}).checked()


@pytest.mark.parametrize("choices", [{}, {"model": "raster"}, {"facilities": "own"}, {"facilities": "register"}])
def test_choices_that_make_sense_are_as_they_were(choices: dict[str, str]) -> None:
    state = replace(State(), **choices)
    assert state.checked() is state


def test_numbers_are_taken_as_their_text_and_strangers_are_left() -> None:
    state = read_state({"within": 900.0, "year": 2021, "min_share": 0.25, "zone": None, "colour": "red"})
    assert (state.within, state.year, state.min_share, state.zone) == ("900", "2021", "0.25", "")


@pytest.mark.parametrize(("asked", "lang"), [("fr", "fr"), ("xx", "en"), (None, "en")])
def test_a_language_that_exists_goes_before_the_reader_s_own(asked: str | None, lang: str) -> None:
    assert read_state({"lang": asked}, "en").lang == lang
    assert read_state({}).lang == "nl"
