"""Proposals in words, in three languages, on the tiny world; and how far a search is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.scenario.edits import Add, Close, read_edit
from coverage.siting.planning.proposal import Proposal, alternatives, propose
from coverage.siting.planning.question.request import OBJECTIVES, SitingRequest
from coverage.siting.solvers.basis.control import Progress
from i18n.messages import MessageError, Word
from i18n.texts import LANGUAGES, catalogue
from layers.views.propose_view import place_name, progress_view, proposal_view
from pages.plan.siting_search import _CONTROLS, _request, alone, search
from pages.server.jobs import Watch

AAKEN = (("municipality", "10012"),)


@pytest.fixture(scope="module")
def ask(tiny: Any) -> Callable[..., list[Proposal]]:
    engine = Engine(tiny.snapshot())
    facilities = tiny.facilities(tiny.place(2, 2, name="Oud"), tiny.place(3, 2))

    def run(most: int = 1, **request: Any) -> list[Proposal]:
        query = Query(areas=AAKEN, within_m=900)
        return list(alternatives(engine, query, facilities, SitingRequest(candidates="cell", **request), most=most))

    return run


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_has_its_words_in_every_language(ask: Any, objective: str, lang: str) -> None:
    best, *others = ask(2, add=2, objective=objective)
    for found in (best, *others):
        view = proposal_view(found, best, lang)
        told = " ".join([view.headline, view.proof, *view.summary, *(s for p in view.places for s in p.sentences)])
        assert "{" not in told
        assert view.proven
        assert bool(view.compared) == (found is not best)
        assert [place.number for place in view.places] == list(range(1, len(view.places) + 1))


def test_a_proposal_says_who_gains_and_who_is_relieved(ask: Any) -> None:
    (found,) = ask(add=1)
    view = proposal_view(found, found, "nl")
    gained = found.after.in_reach - found.before.in_reach
    assert view.headline == f"+{gained:.0f} geboorten binnen bereik"
    words = " ".join(view.places[0].sentences)
    assert "vooral uit Aaken-Beke" in words
    assert "gemiddeld van" in words
    assert "Ontlast " in words
    assert found.gainers["births_gained"].sum() == pytest.approx(found.sites["births_gained"].sum())


def test_edits_are_those_that_a_plan_reads(ask: Any) -> None:
    """Both bureaus may close, so that three are placed anew; what closes comes first."""
    (found,) = ask(add=1, close=("f000", "f001"))
    view = proposal_view(found, found, "nl")
    edits = [read_edit(edit) for edit in view.edits]
    closed = [edit.id for edit in edits if isinstance(edit, Close)]
    added = [edit for edit in edits if isinstance(edit, Add)]
    assert closed == list(found.closed)
    assert edits[: len(closed)] == [Close(place) for place in closed]
    assert [(edit.x, edit.y) for edit in added] == list(zip(found.sites["x"], found.sites["y"], strict=True))
    assert all(edit.name.startswith("Nieuw bureau ") for edit in added)
    assert closed
    assert view.closing.startswith("Sluit: ")


@pytest.mark.parametrize(
    ("site", "name"),
    [
        ({"kind": "sector", "municipality": "Boom", "name": "Noeveren"}, "Boom (Noeveren)"),
        ({"kind": "sector", "municipality": "Boom", "name": "Boom-Centrum"}, "Boom-Centrum"),
        ({"kind": "cell", "municipality": "Boom", "name": ""}, "Boom"),
        ({"kind": "cell", "municipality": "", "name": ""}, "een bewoonde hectare"),
    ],
)
def test_places_are_called_by_their_spot_and_their_municipality(site: dict[str, str], name: str) -> None:
    assert place_name(site, "nl") == name


def test_a_search_that_is_told_to_stop_ends_with_one_proposal(tiny: Any) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    steps: list[Progress] = []
    request = SitingRequest(add=3, objective="p-median", candidates="cell")
    found = list(search(engine, Query(areas=AAKEN), facilities, request, "nl", Watch(lambda: True, steps.append)))
    assert len(found) == 1
    assert len(found[0].places) == 3
    assert found[0].proven or found[0].proof.startswith("Gestopt voor het bewijs")


def test_progress_tells_the_best_the_bound_and_the_gap() -> None:
    steps = [
        Progress(0.0, None, None, "greedy"),
        Progress(1.0, 80.0, 100.0, "bound"),
        Progress(2.0, 90.0, 95.0, "search"),
    ]
    view = progress_view(steps, "mclp", 200.0, "nl")
    assert view.sentence == "Beste tot nu 90, beter dan 95 kan niet: nog 5,6\u00a0% verschil."
    assert unquote(view.picture).count("<polyline") == 2
    assert "95" in view.alt
    assert progress_view([], "mclp", 1.0, "nl").picture == ""
    assert "15 min" in progress_view([Progress(1.0, 240_000.0, 240_000.0, "bound")], "p-median", 200.0, "nl").sentence


def test_errors_are_told_in_the_language_of_the_reader(tiny: Any) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    with pytest.raises(MessageError) as error:
        propose(engine, Query(areas=AAKEN), facilities, SitingRequest(add=500))
    assert str(error.value).startswith("You ask for 500 new places, but there are 16 candidates")
    assert error.value.sentence("nl").startswith("Er worden 500 nieuwe plaatsen gevraagd, maar er zijn 16 kandidaten")
    with pytest.raises(MessageError) as error:
        propose(engine, Query(areas=AAKEN, within_m=200), facilities, SitingRequest(objective="lscp"))
    assert "kunnen niet binnen 2,5 min gebracht worden" in error.value.sentence("nl")
    assert "Aaken-Beke" in error.value.sentence("fr")


def test_words_in_messages_are_translated_and_numbers_written_as_people_do() -> None:
    error = MessageError("siting.error.no_births", demand=Word("demand.age0"))
    assert "0-jarigen" in error.sentence("nl")
    assert "0-year-olds" in str(error)
    assert "2.010,5" in MessageError("siting.error.capacity_short", most=2010.5, asked=3).sentence("nl")


def test_every_message_is_one_sentence() -> None:
    keys = [key for key in catalogue() if key.startswith("siting.error.")]
    assert len(keys) > 15
    for key in keys:
        for told in catalogue()[key].values():
            assert told.endswith(".")
            assert ". " not in told


def test_rules_of_the_form_are_those_of_the_command() -> None:
    asked = {**dict.fromkeys(_CONTROLS), "capacity": False, "article9": True, "n": 3, "objective": "mclp"}
    asked |= {"mostper": 1, "mostper-level": "municipality", "leastper": "2", "leastper-level": "care_region"}
    wish = _request(asked)
    assert (wish.most_per, wish.least_per, wish.area_rule) == ("municipality:1", "care_region:2", True)
    assert not alone(wish)  # so many at least: one place at a time breaks the rule
    none = _request({**asked, "mostper": "", "leastper": None, "article9": None})
    assert (none.most_per, none.least_per, none.area_rule) == (None, None, False)
    assert _request({**asked, "mostper": 0}).most_per == "municipality:0"
