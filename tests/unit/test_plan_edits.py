"""Changes of a plan as the page asks for them: what the list of edits becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import flask
import numpy as np
import pytest

from coverage.core.query import Query
from coverage.scenario.edits import Add, Bridge, Capacity, Close, Edit, Hours, Move, SetReach, Year
from coverage.scenario.scenario import Scenario, start
from i18n.errors import InputError, StorageError
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from loaders.storage.plan_store import ScenarioStore, Stored
from pages.plan.plan_edits import changed, point
from pages.shell.context import Context
from pages.shell.plans.plan_context import PlanContext, begin, question_of, settled
from pages.shell.plans.plan_versions import Plans, attach, edited_back, plans
from pages.shell.state import State

BOOM = "illustrative-bureau-11005-01"


@pytest.fixture(scope="module")
def base(embedded: Snapshot) -> Context:
    return Context(embedded)


@pytest.fixture(scope="module")
def empty(embedded: Snapshot) -> Scenario:
    return start(embedded, load_facilities(embedded, "illustrative"), Query())


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Plans]:
    """A server with plans in a file of its own."""
    server = flask.Flask("test")
    attach(server, ScenarioStore(tmp_path / "plans.sqlite"))
    with server.test_request_context():
        yield plans()


def do(base: Context, scenario: Scenario, **asked: Any) -> Scenario:
    return changed(PlanContext(base, scenario), State(), asked)


def test_a_new_place_is_named_after_its_municipality_and_numbered(base: Context, empty: Scenario) -> None:
    one = do(base, empty, do="add", lat=51.1105, lon=4.3330)
    two = do(base, one, do="add", lat=51.1120, lon=4.3300)
    first, second = two.edits
    assert isinstance(first, Add)
    assert isinstance(second, Add)
    assert (first.id, first.name) == ("new-1", "Nieuw bureau Niel")
    assert (second.id, second.name) == ("new-2", "Nieuw bureau Niel 2")


def test_a_municipality_gets_a_place_in_the_middle_of_its_children(base: Context, empty: Scenario) -> None:
    after = do(base, empty, do="add", municipality="11030")
    (added,) = after.edits
    assert isinstance(added, Add)
    zones = base.snapshot.zone_index("municipality", 2025)
    niel = base.snapshot.zones("municipality", 2025)["zone_id"].tolist().index("11030")
    inside = base.snapshot.grid.xy[zones == niel]
    assert np.abs(inside - [added.x, added.y]).max(axis=1).min() < 0.01  # one of its inhabited hectares


def test_dragging_twice_is_moving_once(base: Context, empty: Scenario) -> None:
    after = do(base, empty, do="move", id=BOOM, lat=51.09, lon=4.37)
    after = do(base, after, do="move", id=BOOM, lat=51.10, lon=4.38)
    x, y = point({"lat": 51.10, "lon": 4.38})
    assert after.edits == (Move(BOOM, x, y),)
    assert do(base, after, do="back", id=BOOM).edits == ()


def test_moving_or_closing_a_new_place_changes_its_addition(base: Context, empty: Scenario) -> None:
    one = do(base, empty, do="add", lat=51.1105, lon=4.3330)
    moved = do(base, one, do="move", id="new-1", lat=51.12, lon=4.34)
    (added,) = moved.edits
    assert isinstance(added, Add)
    assert (added.x, added.y) == pytest.approx(point({"lat": 51.12, "lon": 4.34}), abs=0.006)
    hours = do(base, moved, do="hours", id="new-1", value=210)
    assert isinstance(hours.edits[0], Add)
    assert hours.edits[0].hours_per_year == 210
    assert do(base, hours, do="close", id="new-1").edits == ()


def test_opening_what_was_closed_leaves_nothing(base: Context, empty: Scenario) -> None:
    closed = do(base, empty, do="close", id=BOOM)
    assert closed.edits == (Close(BOOM),)
    assert do(base, closed, do="open", id=BOOM).id == empty.id


def test_hours_and_capacity_replace_the_former_and_go_with_an_empty_field(base: Context, empty: Scenario) -> None:
    after = do(base, empty, do="hours", id=BOOM, value=420)
    after = do(base, after, do="capacity", id=BOOM, value=100)
    after = do(base, after, do="hours", id=BOOM, value=300)
    assert after.edits == (Capacity(BOOM, 100.0), Hours(BOOM, 300.0))
    assert do(base, after, do="hours", id=BOOM, value=None).edits == (Capacity(BOOM, 100.0),)


def test_reach_and_children_that_are_those_of_the_question_are_no_change(base: Context, empty: Scenario) -> None:
    bike = do(base, empty, do="reach", mode="bike", within=None)
    assert bike.edits == (SetReach("bike"),)
    assert do(base, bike, do="reach", mode="bike", within=3750).edits == (SetReach("bike"),)
    assert do(base, bike, do="reach", mode="walk", within=1200).edits == ()
    older = do(base, bike, do="year", demand="age0", year="2015")
    assert older.edits == (SetReach("bike"), Year("age0", 2015))
    assert do(base, older, do="year", demand="births", year=None).edits == (SetReach("bike"),)


def test_without_a_new_place_goes_what_was_done_to_it(base: Context, empty: Scenario) -> None:
    snapshot, present = base.snapshot, base.facilities("illustrative")
    x, y = point({"lat": 51.1105, "lon": 4.3330})
    edits: list[Edit] = [Add("new-1", "bureau", "N", x, y), Close(BOOM), Capacity("new-1", 80)]
    after = empty.with_edits(edits, present, snapshot)
    assert do(base, after, do="drop", nr=0).edits == (Close(BOOM),)
    with pytest.raises(InputError, match="has no change 3"):
        do(base, after, do="drop", nr=3)


def test_a_proposal_is_one_step(base: Context, empty: Scenario) -> None:
    x, y = point({"lat": 51.1105, "lon": 4.3330})
    given = [{"edit": "add", "id": "", "service": "bureau", "name": "A", "x": x, "y": y}, {"edit": "close", "id": BOOM}]
    after = do(base, empty, do="incoming", edits=given)
    assert [edit.kind for edit in after.edits] == ["add", "close"]
    with pytest.raises(InputError, match="nothing to take over"):
        do(base, empty, do="incoming", edits=[])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"do": "explode"}, "Unknown change 'explode'"),
        ({"do": "add", "lat": "x", "lon": 4}, "That is no point"),
        ({"do": "add", "lat": 51.5, "lon": 2.6}, "outside Flanders and Brussels"),
        ({"do": "add", "municipality": "99999"}, "no municipality '99999'"),
        ({"do": "close", "id": "nowhere"}, "no place 'nowhere'"),
        ({"do": "reach", "mode": "walk", "within": 0}, "within_m"),
    ],
)
def test_what_cannot_be_done_is_told(base: Context, empty: Scenario, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        do(base, empty, **asked)


def test_a_plan_decides_reach_children_and_places(base: Context, empty: Scenario) -> None:
    after = do(base, empty, do="reach", mode="bike", within=2000)
    state = settled(State(mode="car", demand="age0", facilities="documented"), after)
    assert (state.mode, state.within, state.demand, state.facilities) == ("bike", "2000", "births", "illustrative")
    assert state.plan == after.id
    assert question_of(after)["level"] == "municipality"


def test_documented_places_give_way_and_that_is_told(base: Context) -> None:
    state = State(facilities="documented", vintage="2018", areas="care_region:boom")
    scenario, told = begin(base, state)
    assert scenario.facilities == "illustrative"
    assert (scenario.question["vintage"], scenario.question["areas"]) == (2018, "care_region:boom")
    assert "is de ligging niet bekend" in told
    assert begin(base, State())[1] == ""


def test_undo_keeps_the_name(base: Context, empty: Scenario, store: Plans) -> None:
    store.put(empty)
    closed = do(base, empty, do="close", id=BOOM)
    kept = store.put(closed.renamed("Mijn plan"), empty.id, kept=True)
    before = edited_back(kept, store.get(kept.parent))
    assert (before.name, before.edits) == ("Mijn plan", ())
    assert [plan.name for plan in store.listed()] == ["Mijn plan"]


def test_where_nothing_can_be_written_memory_holds_the_plan(
    empty: Scenario, store: Plans, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: ScenarioStore, plan: Stored, owner: str = "") -> Stored:
        raise StorageError("The disk is full; make room.")

    monkeypatch.setattr(ScenarioStore, "put", full)
    version = store.put(empty)
    assert store.get(empty.id) == version
    assert not version.stored
    assert str(store.trouble) == "The disk is full; make room."
    with pytest.raises(StorageError, match="disk is full"):
        store.put(replace(empty, name="Bewaard"), kept=True)


def test_an_unknown_plan_is_one_calm_sentence(store: Plans) -> None:
    with pytest.raises(InputError, match="is hier niet bekend"):
        store.get("deadbeef")


def test_a_bridge_is_named_after_its_banks_and_can_be_taken_back(base: Context, empty: Scenario) -> None:
    ends = {"lat": 51.0072, "lon": 3.97918, "to_lat": 51.00593, "to_lon": 3.97758}
    after = do(base, empty, do="bridge", **ends, modes="walk,bike")
    (bridge,) = after.edits
    assert isinstance(bridge, Bridge)
    assert (bridge.name, bridge.modes, round(bridge.metres)) == ("Brug Wichelen", "walk,bike", 180)
    assert after.query.bridges == (bridge.line,)
    assert do(base, after, do="drop", nr=0).id == empty.id
    with pytest.raises(InputError, match="one of 1 to 5000 m"):
        do(base, empty, do="bridge", **{**ends, "to_lat": 51.2}, modes="walk")
