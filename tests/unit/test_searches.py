"""Searches in a process of their own: the question there, the answer back, limits on memory, and their end."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.siting.planning.proposal import alternatives
from coverage.siting.planning.question.request import SitingRequest
from coverage.siting.solvers.basis.control import Progress
from coverage.zones.areas import area_cells
from i18n.errors import DataError, InputError
from i18n.messages import MessageError
from layers.views.ahead_view import FrontierView, WhyView
from layers.views.propose_view import ProposalView, proposal_view
from loaders.catalogue.facilities import Facilities
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import EMBEDDED, Snapshot
from pages.plan import siting_search
from pages.searches.answer import line, of_proposal, of_step, read_line
from pages.searches.question import SearchQuestion
from pages.searches.runner import Searches
from pages.server import jobs
from pages.server.jobs import Watch

ROOM = 1_500_000_000
BOOM = Query(areas=(("care_region", "boom"),))
BY_BIKE = dataclasses.replace(BOOM, mode="bike")
"""By bike there is more than one proposal that is nearly the best."""


@pytest.fixture(scope="module")
def engine(small: Path) -> Engine:
    return Engine(Snapshot(small))


@pytest.fixture(scope="module")
def places(engine: Engine) -> Facilities:
    return load_facilities(engine.snapshot, "illustrative")


@pytest.fixture
def searches() -> Iterator[Searches]:
    held = Searches(ROOM)
    yield held
    held.close()


def question(
    engine: Engine, places: Facilities, request: SitingRequest, query: Query = BOOM, **more: Any
) -> SearchQuestion:
    inside = area_cells(engine.territory, query.areas, query.vintage)
    snapshot = engine.snapshot
    given = {"snapshot": snapshot.folder(), "snapshot_hash": snapshot.hash, "lang": "nl", "most": 2, **more}
    return SearchQuestion(query=query, facilities=places, request=request, inside=inside, **given)


def watch(stop: Callable[[], bool] = lambda: False, gone: Callable[[], bool] = lambda: False) -> Watch:
    return Watch(stop, lambda step: None, gone)


def test_a_question_comes_over_whole(engine: Engine, places: Facilities) -> None:
    request = SitingRequest(
        add=3, objective="p-median", close=("a", "b"), exclude=(("x", "y"),), spacing_m=500.0, candidates="cell"
    )
    buildings = pd.DataFrame({"id": ["1"], "name": ["Zaal"], "x": [150_000.0], "y": [200_000.0]})
    asked = question(engine, places, request, buildings=buildings)
    read = SearchQuestion.read(io.BytesIO(asked.to_bytes()))
    assert read is not None
    assert (read.request, read.lang, read.most, read.snapshot) == (request, "nl", 2, asked.snapshot)
    assert read.query == dataclasses.replace(BOOM, areas=())
    pd.testing.assert_frame_equal(read.facilities.frame, places.frame)
    assert (read.facilities.name, read.facilities.sources) == (places.name, places.sources)
    np.testing.assert_array_equal(read.inside, asked.inside)
    assert read.buildings is not None
    pd.testing.assert_frame_equal(read.buildings, buildings)
    assert SearchQuestion.read(io.BytesIO(b"")) is None


def test_documented_places_come_over_with_their_scope(engine: Engine) -> None:
    documented = load_facilities(engine.snapshot, "documented")
    read = SearchQuestion.read(io.BytesIO(question(engine, documented, SitingRequest()).to_bytes()))
    assert read is not None
    assert read.facilities.scope is not None
    assert documented.scope is not None
    pd.testing.assert_frame_equal(read.facilities.scope, documented.scope, check_dtype=False)


def test_an_answer_comes_back_as_it_was_said() -> None:
    step = Progress(1.5, None, float("inf"), "bound")
    assert read_line(line("step", of_step(step))) == ("step", step)
    assert read_line(line("refused", "Neen.")) == ("refused", "Neen.")


@pytest.mark.parametrize(
    "said", [b"", b"[]\n", b"{}\n", b"\xff\n", json.dumps({"kind": "found", "value": {}}).encode()]
)
def test_what_is_no_answer_is_told(said: bytes) -> None:
    with pytest.raises(DataError, match="search again"):
        read_line(said)


def test_a_process_finds_what_is_found_here(engine: Engine, places: Facilities, searches: Searches) -> None:
    """Twice: by a fresh process, and by the spare one that was made ready meanwhile."""
    request = SitingRequest(add=2, time_limit=None)
    best = None
    expected: list[ProposalView] = []
    for found in alternatives(engine, BY_BIKE, places, request, most=2):
        best = best or found
        expected.append(proposal_view(found, best, "nl"))
    assert read_line(line("found", of_proposal(expected[1]))) == ("found", expected[1])
    asked = question(engine, places, request, BY_BIKE)
    assert list(searches.run(asked, watch())) == expected
    assert searches._spare is not None
    assert list(searches.run(asked, watch())) == expected


def test_what_cannot_be_is_told_in_the_language_of_the_asker(
    engine: Engine, places: Facilities, searches: Searches
) -> None:
    with pytest.raises(InputError, match="geboorten per jaar kunnen niet binnen"):
        list(searches.run(question(engine, places, SitingRequest(objective="lscp", time_limit=None)), watch()))
    with pytest.raises(InputError, match="figures were renewed"):
        list(searches.run(question(engine, places, SitingRequest(), snapshot_hash="0" * 64, lang="en"), watch()))


def test_too_little_memory_is_told_and_the_process_is_gone(engine: Engine, places: Facilities) -> None:
    small = Searches(20_000_000)
    with pytest.raises(MessageError, match="needed more memory"):
        list(small.run(question(engine, places, SitingRequest(add=2)), watch()))
    small.close()


def test_one_that_is_stopped_tells_its_best_so_far_and_one_that_is_left_ends_at_once(
    engine: Engine, places: Facilities, searches: Searches
) -> None:
    hard = SitingRequest(add=12, candidates="cell", spacing_m=2000.0, time_limit=None)
    steps: list[Progress] = []
    asked = question(engine, places, hard)
    found = list(searches.run(asked, Watch(lambda: any(step.incumbent for step in steps), steps.append)))
    assert [isinstance(view, ProposalView) and view.proven for view in found] == [False]
    steps.clear()
    gone = Watch(lambda: bool(steps), steps.append, lambda: bool(steps))
    assert list(searches.run(asked, gone)) == []
    assert searches._spare is None


def test_one_that_is_stopped_and_says_nothing_is_told(
    engine: Engine, places: Facilities, searches: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.searches.runner.GRACE_S", -1.0)
    with pytest.raises(MessageError, match="did not give its best answer"):
        list(searches.run(question(engine, places, SitingRequest()), watch(lambda: True)))


def test_a_click_on_stop_counts_also_when_something_was_found_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[tuple[str, str]] = []
    monkeypatch.setattr(siting_search, "_owner", lambda job: "me")
    monkeypatch.setattr(jobs, "jobs", lambda: SimpleNamespace(stop=lambda key, owner: stopped.append((key, owner))))

    def told(**changed: str) -> bool:
        names = {name.replace("__", "-").replace("_", "."): of for name, of in changed.items()}
        monkeypatch.setattr(siting_search, "ctx", SimpleNamespace(triggered_prop_ids=names))
        return siting_search.stop(1, {"key": "k"})

    assert not told(propose__job_data="propose-job")
    assert stopped == []
    assert told(propose__job_data="propose-job", propose__stop_n="propose-stop")
    assert stopped == [("k", "me")]


def test_a_process_on_other_figures_is_not_taken(engine: Engine, places: Facilities, searches: Searches) -> None:
    searches.warm(EMBEDDED.parent)  # no figures there
    found = list(searches.run(question(engine, places, SitingRequest(add=2), BY_BIKE), watch()))
    assert len(found) == 2


def test_a_process_tells_what_every_further_place_brings_and_why_a_point_is_none_of_them(
    engine: Engine, places: Facilities, searches: Searches
) -> None:
    crow = dataclasses.replace(BOOM, model="crow")
    request = SitingRequest(add=1, candidates="neighbourhood")
    asked = question(engine, places, request, crow, most=1, frontier=2)
    read = SearchQuestion.read(io.BytesIO(asked.to_bytes()))
    assert read is not None
    assert (read.frontier, read.why) == (2, None)
    found = list(searches.run(asked, watch()))
    assert [type(one) for one in found] == [ProposalView, FrontierView]
    assert isinstance(found[1], FrontierView)
    assert [row[0] for row in found[1].rows] == ["0", "1", "2"]
    (why,) = searches.run(dataclasses.replace(asked, frontier=0, why=(51.09, 4.37)), watch())
    assert isinstance(why, WhyView)
    assert why.sentences[0].startswith("Een plaats hier (Boom)")
