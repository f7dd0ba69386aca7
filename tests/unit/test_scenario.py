"""Scenarios: edits, their checks, the document, and what they make of the places."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.core.reach import is_place
from coverage.scenario.document import MAX_DOCUMENT_BYTES, MAX_PLACES
from coverage.scenario.edits import (
    EDITS,
    Add,
    Bridge,
    Capacity,
    Close,
    Edit,
    Hours,
    Move,
    Open,
    SetReach,
    Year,
    edit_json,
    read_edit,
)
from coverage.scenario.replay import (
    OTHER_FACILITIES,
    OTHER_RESULT,
    OTHER_SNAPSHOT,
    SKIPPED,
    Stated,
    export_json,
    read_export,
    replay,
    result_hash,
)
from coverage.scenario.scenario import Scenario, facilities_hash, start
from coverage.scenario.wording import in_words
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.facilities import Facilities
from tests.unit.conftest import TinySnapshot, TinyWorld

HASH = "ab" * 32


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


class HashedWorld(TinySnapshot):
    """The tiny world under a hash of its own, so that scenarios can rest on it."""

    def __init__(self, name: str = HASH) -> None:
        super().__init__()
        self.__dict__["hash"] = name


@pytest.fixture
def world() -> HashedWorld:
    return HashedWorld()


@pytest.fixture
def today(tiny: TinyWorld) -> Facilities:
    """Two bureaus, one planned, and a house of a partnership that has no other place."""
    return tiny.facilities(
        tiny.place(5, 5, name="Aaken", hours_per_year=300.0),
        tiny.place(30, 15, name="Dam"),
        tiny.place(5, 25, name="Eke later", status="planned"),
        tiny.place(6, 5, "house", house_id="h1", name="Huis"),
        tiny.at("10002", "house", house_id="h2", precision="none", physical=False, serves="10012", name="Zonder"),
    )


@pytest.fixture
def plan(world: HashedWorld, today: Facilities) -> Scenario:
    return start(world, today, Query(within_m=600.0), "Proef", "een opmerking")


class TestEdits:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Add("a", "bureau", "A", float("nan"), 1.0), "x is nan; give metres of EPSG:31370"),
            (lambda: Move("a", 1.0, float("inf")), "y is inf; give metres of EPSG:31370"),
            (lambda: Move("a", "1", 2.0), "x is '1'; give metres"),  # type: ignore[arg-type]
            (lambda: Move("a", True, 2.0), "x is True; give metres"),
            (lambda: Move("a", 10**400, 2.0), "give metres of EPSG:31370, a number of at most 10 million"),
            (lambda: Add("a", "school", "A", 1.0, 1.0), "unknown service 'school'; choose one of bureau, house"),
            (lambda: Add("a", "bureau", "A", 1.0, 1.0, hours_per_year=-1), "hours_per_year is -1; give hours above 0"),
            (lambda: Add("a", "bureau", "A", 1.0, 1.0, capacity=-3), "capacity is -3; give a number of births"),
            (lambda: Add("a", "bureau", "A" * 3000, 1.0, 1.0), "name has 3000 characters; give at most 2000"),
            (lambda: Add("a", "house", "A", 1.0, 1.0, physical="yes"), "physical is 'yes'"),  # type: ignore[arg-type]
            (lambda: Hours("a", 0), "hours_per_year is 0; give hours above 0, or close the place"),
            (lambda: Hours("a", None), "hours_per_year is None; give hours"),  # type: ignore[arg-type]
            (lambda: Capacity("a", -1), "births is -1; give a number of births of 0 or more"),
            (lambda: Close(""), "names no place; give its id"),
            (lambda: SetReach("rocket"), "unknown mode 'rocket'; choose one of walk, bike, car"),
            (lambda: SetReach("walk", 0), "within_m is 0; give metres above 0"),
            (lambda: Year("cats"), "unknown demand 'cats'"),
            (lambda: Year("age0", "2020"), "year is '2020'; give a year in four digits"),  # type: ignore[arg-type]
        ],
    )
    def test_values_that_make_no_sense(self, make: Callable[[], Edit], message: str) -> None:
        with pytest.raises(InputError, match=message.replace("(", r"\(")):
            make()

    def test_texts_are_on_one_line_and_points_to_the_centimetre(self) -> None:
        edit = Add("a", "bureau", " Bij \n het  water ", 1.23456, 2)
        assert (edit.name, edit.x, edit.y) == ("Bij het water", 1.23, 2.0)
        assert isinstance(edit.y, float)

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            (["close", "a"], r"Edit 2 is \['close', 'a'\]; write it as"),
            ({"edit": "explode", "id": "a"}, "Edit 2 is of an unknown kind 'explode'; known are add, move, close"),
            ({"edit": ["add"]}, "unknown kind"),
            ({"id": "a"}, "unknown kind None"),
            ({"edit": "close"}, r"Edit 2 \('close'\) lacks 'id'"),
            ({"edit": "close", "id": "a", "why": "x"}, "unknown value 'why'; known are id"),
            ({"edit": "close", "id": 7}, "Edit 2: Edit 'close': id is 7; give a text"),
            ({"edit": "move", "id": "a", "x": None, "y": 1}, "Edit 2: Edit 'move' of 'a': x is None"),
        ],
    )
    def test_documents_that_make_no_sense(self, values: object, message: str) -> None:
        with pytest.raises(InputError, match=message):
            read_edit(values, 2)

    def test_every_kind_is_told_and_read_back(self) -> None:
        edits: list[Edit] = [
            Add("new-1", "house", "Huis", 150.25, 200.5, 300, 90.5, physical=False, note="bij de school"),
            Move("a", 1, 2),
            Close("a"),
            Open("a"),
            Capacity("a", 40),
            Hours("a", 120.5),
            SetReach("bike", 2000),
            Year("age0", 2020),
            Bridge(0, 0, 300, 400, "walk,bike", "Brug"),
        ]
        assert [edit.kind for edit in edits] == list(EDITS)
        for edit in edits:
            assert read_edit(json.loads(json.dumps(edit_json(edit)))) == edit


class TestApply:
    def test_without_edits_nothing_changes(self, plan: Scenario, today: Facilities, world: HashedWorld) -> None:
        applied = plan.apply(today, world)
        pd.testing.assert_frame_equal(applied.frame, today.frame)
        assert applied.sources == today.sources

    def test_add(self, plan: Scenario, today: Facilities, world: HashedWorld, tiny: TinyWorld) -> None:
        """Cell (25, 3) lies in Beke (10002), which is Aaken-Beke (10012) since 2019."""
        x, y = tiny.centre(25, 3)
        after = plan.with_edit(Add("", "bureau", "Nieuw", x, y, 200), today, world)
        frame = after.apply(today, world).frame
        row = frame.iloc[-1]
        assert frame["id"].tolist() == [*today.frame["id"], "new-1"]
        assert (row["x"], row["y"], row["precision"], row["status"]) == (x, y, "point", "exists")
        assert (row["nis2018"], row["nis2019"], row["nis2025"]) == ("10002", "10012", "10012")
        assert (row["evidence"], row["source"], row["hours_per_year"]) == ("user", "scenario", 200.0)
        assert frame.dtypes.equals(today.frame.dtypes)
        again = after.with_edit(Add("", "house", "Huis 2", x, y), today, world)
        assert again.edits[-1] == Add("new-2", "house", "Huis 2", x, y)
        house = again.apply(today, world).frame.iloc[-1]
        assert (house["house_id"], house["physical"]) == ("new-2", True)

    def test_the_set_says_which_scenario_it_is(self, plan: Scenario, today: Facilities, world: HashedWorld) -> None:
        after = plan.with_edit(Close("f000"), today, world)
        applied = after.apply(today, world)
        assert applied.sources == (*today.sources, f"nabij scenario {after.id}")
        assert (applied.name, applied.evidence) == (today.name, today.evidence)

    def test_move_changes_place_and_municipality(
        self, plan: Scenario, today: Facilities, world: HashedWorld, tiny: TinyWorld
    ) -> None:
        x, y = tiny.centre(3, 22)  # Eke
        frame = plan.with_edit(Move("f000", x, y), today, world).apply(today, world).frame
        assert list(frame.loc[0, ["id", "x", "y", "nis2018", "nis2025"]]) == ["f000", x, y, "10005", "10005"]
        pd.testing.assert_frame_equal(frame.iloc[1:], today.frame.iloc[1:])

    def test_an_illustrative_place_stays_illustrative(self, world: HashedWorld, tiny: TinyWorld) -> None:
        made_up = tiny.facilities(tiny.place(5, 5, evidence="illustrative"), tiny.place(9, 5, evidence="register"))
        plan = start(world, replace(made_up, evidence="illustrative"), Query())
        x, y = tiny.centre(3, 22)
        after = plan.with_edits([Move("f000", x, y), Move("f001", x, y)], made_up, world)
        assert after.apply(made_up, world).frame["evidence"].tolist() == ["illustrative", "user"]

    def test_a_closed_bureau_is_gone_and_a_closed_house_leaves_its_partnership(
        self, plan: Scenario, today: Facilities, world: HashedWorld
    ) -> None:
        frame = plan.with_edits([Close("f000"), Close("f003")], today, world).apply(today, world).frame
        assert frame["id"].tolist() == ["f001", "f002", "f003", "f004"]
        house = frame[frame["id"] == "f003"].iloc[0]
        assert house["precision"] == "none"
        assert not house["physical"]
        assert np.isnan(house["x"])
        assert house["house_id"] == "h1"
        engine = Engine(world)
        query = Query(service="house", within_m=600.0)
        before, after = (
            dict(zip(table["zone_id"], table["gap_reasons"], strict=True))["10012"].split(";")
            for table in (engine.analyse(query, places).table for places in (today, replace(today, frame=frame)))
        )
        assert "house_not_physical" not in before
        assert "house_not_physical" in after
        assert "no_house" not in after

    def test_open_undoes_a_closure_and_opens_what_is_planned(
        self, plan: Scenario, today: Facilities, world: HashedWorld
    ) -> None:
        back = plan.with_edits([Close("f000"), Open("f000")], today, world).apply(today, world)
        pd.testing.assert_frame_equal(back.frame, today.frame)
        later = plan.with_edit(Open("f002"), today, world).apply(today, world).frame
        assert is_place(later).tolist() == [True, True, True, True, False]
        shut = plan.with_edits([Open("f002"), Close("f002"), Open("f002")], today, world).apply(today, world).frame
        assert is_place(shut).tolist() == [True, True, True, True, False]

    def test_a_new_place_can_be_moved_given_hours_and_closed(
        self, plan: Scenario, today: Facilities, world: HashedWorld, tiny: TinyWorld
    ) -> None:
        first, second = tiny.centre(25, 3), tiny.centre(3, 22)
        after = plan.with_edits(
            [Add("", "bureau", "N", *first), Move("new-1", *second), Hours("new-1", 99)], today, world
        )
        row = after.apply(today, world).frame.iloc[-1]
        assert (row["x"], row["y"], row["nis2018"], row["hours_per_year"]) == (*second, "10005", 99.0)
        closed = after.with_edit(Close("new-1"), today, world)
        assert "new-1" not in set(closed.apply(today, world).frame["id"])
        assert "new-1" in set(closed.with_edit(Open("new-1"), today, world).apply(today, world).frame["id"])

    def test_hours_and_capacities(self, plan: Scenario, today: Facilities, world: HashedWorld, tiny: TinyWorld) -> None:
        edits: list[Edit] = [Hours("f000", 500), Capacity("f000", 80), Capacity("f001", 20), Close("f001")]
        after = plan.with_edits([*edits, Add("", "bureau", "N", *tiny.centre(9, 9), capacity=15)], today, world)
        assert after.apply(today, world).frame["hours_per_year"].iloc[0] == 500.0
        assert after.capacities(today, world) == {"f000": 80.0, "new-1": 15.0}

    def test_reach_and_year_change_the_question(self, plan: Scenario, today: Facilities, world: HashedWorld) -> None:
        after = plan.with_edits([SetReach("bike", 900), Year("age0", 2021), SetReach("bike")], today, world)
        assert after.query == replace(plan.query, mode="bike", within_m=None, demand="age0", year=2021)
        assert after.base_query == plan.query == Query(within_m=600.0)

    @pytest.mark.parametrize(
        ("edits", "message"),
        [
            ([Close("f009")], "There is no place 'f009' in this list"),
            ([Close("f000"), Close("f000")], "Place 'f000' is closed already; there is nothing to close"),
            ([Close("f000"), Move("f000", 152000.0, 201000.0)], "Place 'f000' is closed; open it first"),
            ([Open("f000")], "Place 'f000' is open; only a closed or planned place"),
            ([Open("f004")], "'f004' has no position on the map; add a new place instead"),
            ([Move("f004", 152000.0, 201000.0)], "'f004' has no position on the map"),
            ([Close("f002")], "Place 'f002' is only planned; there is nothing to close"),
            ([Add("f000", "bureau", "", 152000.0, 201000.0)], "Place 'f000' is there already"),
            ([Add("", "bureau", "", 190000.0, 201000.0)], "lies 36 km outside Flanders and Brussels"),
            ([Move("f000", 4.35, 51.1)], "The coordinates of place 'f000' look like degrees"),
            ([Move("f000", 650000.0, 670000.0)], "look like Lambert 2008"),
            ([Year("births", 2012)], "There are no figures on births for 2012; choose a year from 2025"),
            ([Year("age0", 1980)], "There are no figures on 0-year-olds for 1980; choose a year from 2020–2022"),
        ],
    )
    def test_edits_that_cannot_be_carried_out(
        self, plan: Scenario, today: Facilities, world: HashedWorld, edits: list[Edit], message: str
    ) -> None:
        with pytest.raises(InputError, match=message) as caught:
            plan.with_edits(edits, today, world)
        assert isinstance(caught.value, MessageError)
        assert caught.value.sentence("nl").endswith(".")

    def test_all_edits_of_a_step_or_none(self, plan: Scenario, today: Facilities, world: HashedWorld) -> None:
        with pytest.raises(InputError):
            plan.with_edits([Close("f000"), Close("f000")], today, world)
        assert plan.edits == ()

    def test_documented_places_have_no_distances(self, world: HashedWorld, tiny: TinyWorld) -> None:
        documented = tiny.facilities(tiny.at("10001"), scope={"bureau": ["10001"]})
        with pytest.raises(InputError, match="documented places are known by municipality, without coordinates"):
            start(world, documented, Query())

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ({"model": "network", "network": "x.pbf"}, "'network' rests on a file"),
            ({"level": "own"}, "kept for a session only"),
            ({"areas": (("own", "a"),)}, "kept for a session only"),
        ],
    )
    def test_questions_a_scenario_cannot_hold(
        self, world: HashedWorld, today: Facilities, query: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(InputError, match=message):
            start(world, today, Query(**query))


class TestDocument:
    def test_names_itself_by_its_content(self, plan: Scenario, today: Facilities, world: HashedWorld) -> None:
        closed = plan.with_edit(Close("f000"), today, world)
        assert len(plan.id) == 20
        assert int(plan.id, 16) > 0
        assert len({plan.id, closed.id, plan.renamed("Anders").id}) == 3
        assert closed.without_last() == plan
        assert closed.without_last().id == plan.id
        assert plan.without_last() is plan

    def test_there_and_back(self, plan: Scenario, today: Facilities, world: HashedWorld, tiny: TinyWorld) -> None:
        after = plan.with_edits(
            [Add("", "bureau", "Ĳ “x”", *tiny.centre(9, 9)), SetReach("bike", 0.1 + 0.2)], today, world
        )
        again = Scenario.from_json(after.to_json())
        assert again == after
        assert hash(again) == hash(after)
        assert again.id == after.id
        assert again.to_json() == after.to_json()

    @given(x=st.floats(150_000, 154_000), y=st.floats(200_000, 203_000), hours=st.floats(1e-3, 1e6))
    def test_numbers_come_back_exactly(self, tiny: TinyWorld, x: float, y: float, hours: float) -> None:
        world, places = HashedWorld(), tiny.facilities(tiny.place(5, 5))
        plan = start(world, places, Query()).with_edit(Add("", "bureau", "N", x, y, hours), places, world)
        assert Scenario.from_json(plan.to_json()) == plan

    def test_a_list_of_ones_own_goes_along(self, plan: Scenario, today: Facilities, world: HashedWorld) -> None:
        again = Scenario.from_json(plan.to_json())
        base = again.base_facilities(world)
        pd.testing.assert_frame_equal(base.frame, today.frame)
        assert (base.name, base.sources, base.evidence) == (today.name, today.sources, today.evidence)
        assert facilities_hash(base) == plan.facilities_hash

    def test_a_set_of_the_snapshot_goes_by_name(self, world: HashedWorld, today: Facilities) -> None:
        plan = start(world, replace(today, name="illustrative"), Query(areas=(("municipality", "10012"),)))
        assert plan.places is None
        assert plan.question["areas"] == "municipality:10012"
        assert Scenario.from_json(plan.to_json()).query == plan.query

    def test_the_first_version_reads_as_it_was_written(self) -> None:
        """A document as it stands in people's files: it must stay readable."""
        text = json.dumps(
            {
                "nabij_scenario": 1,
                "name": "Rupel",
                "note": "",
                "snapshot": HASH,
                "facilities": "illustrative",
                "facilities_hash": "9bdc85d9bcbc553b494f6f0e338b38e5",
                "places": None,
                "sources": [],
                "question": {
                    "areas": "care_region:boom", "demand": "births", "level": "municipality", "min_share": 0.5,
                    "mode": "walk", "model": "crow", "service": "bureau", "vintage": 2025, "within_m": None,
                    "year": None,
                },
                "edits": [{"edit": "close", "id": "illustrative-bureau-11037-01"}],
            }
        )  # fmt: skip
        found = Scenario.from_json(text)
        assert found.edits == (Close("illustrative-bureau-11037-01"),)
        assert found.query == Query(areas=(("care_region", "boom"),), model="crow")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"nabij_scenario": 2}, "of version '2' and this nabij reads version 1"),
            ({"nabij_scenario": True}, "of version 'True'"),
            ({"snapshot": "no hash"}, "snapshot 'no hash'; give the hash"),
            ({"snapshot": 5}, "snapshot '5'; give the hash"),
            ({"facilities": "documented"}, "cannot rest on the documented places"),
            ({"facilities": "/etc/passwd"}, "unknown facilities '/etc/passwd'; known are"),
            ({"facilities": ["user"]}, "unknown facilities"),
            ({"facilities": "register"}, "holds places when, and only when"),
            ({"places": None}, "holds places when, and only when"),
            ({"places": {"a": 1}}, "not a list of rows"),
            ({"places": [{"id": "a", "service": "bureau", "x": "NaN"}]}, "Place 1 of the plan has x 'NaN'"),
            ({"places": [{"id": "a", "colour": "red"}]}, "Place 1 of the plan has colour 'red'"),
            ({"places": [{"id": "a", "service": "school"}]}, "Places of the plan: Place"),
            ({"places": [{"id": "a"}] * (MAX_PLACES + 1)}, "20001 places; keep it to 20000"),
            ({"edits": {"edit": "close"}}, "edits of the plan are not a list"),
            ({"edits": [{"edit": "close", "id": "f000"}] * 1001}, "1001 edits; keep it to 1000"),
            ({"edits": [{"edit": "jump"}]}, "Edit 1 is of an unknown kind 'jump'"),
            ({"name": "x" * 2001}, "name of the plan is no text of at most 2000"),
            ({"note": None}, "note of the plan is no text"),
            ({"sources": "report"}, "sources of the plan are not a list"),
            ({"question": {}}, "question of the plan must hold service, level"),
            ({"question": None}, "question of the plan must hold"),
        ],
    )
    def test_documents_that_make_no_sense(self, plan: Scenario, change: dict[str, Any], message: str) -> None:
        with pytest.raises(InputError, match=message):
            Scenario.from_json(json.dumps({**plan.document(), **change}))

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"vintage": "2025"}, "has vintage '2025'"),
            ({"min_share": True}, "has min_share 'True'"),
            ({"min_share": 2}, "Minimum share is 2"),
            ({"within_m": -5}, "Reach is -5"),
            ({"level": "planet"}, "Unknown level 'planet'"),
            ({"areas": "boom"}, "Area 'boom' is not LEVEL:ID"),
            ({"model": "teleport"}, "Travel model 'teleport' is not available"),
            ({"model": "matrix"}, "rests on a file that a plan does not hold"),
        ],
    )
    def test_questions_that_make_no_sense(self, plan: Scenario, change: dict[str, Any], message: str) -> None:
        question = {**plan.question, **change}
        with pytest.raises(InputError, match=message):
            Scenario.from_json(json.dumps({**plan.document(), "question": question}))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "not readable JSON"),
            ("{", "not readable JSON"),
            ('{"nabij_scenario": 1, "name": NaN}', "not readable JSON .NaN is no number"),
            ("[" * 100_000, "not readable JSON"),
            (b"\xff\xfe\x00", "not readable JSON"),
            ("[]", "not a plan of nabij"),
            ('{"type": "FeatureCollection"}', "not a plan of nabij"),
            ('{"nabij_scenario": 1}', "lacks 'snapshot'"),
            (" " * (MAX_DOCUMENT_BYTES + 1), "8 MB, more than 8 MB"),
        ],
    )
    def test_files_that_are_no_scenario(self, text: str | bytes, message: str) -> None:
        with pytest.raises(InputError, match=message) as caught:
            Scenario.from_json(text)
        assert "\n" not in str(caught.value)

    @given(data=st.data(), value=json_values)
    def test_whatever_stands_in_a_document_it_is_read_or_refused(
        self, tiny: TinyWorld, data: st.DataObject, value: object
    ) -> None:
        """One value anywhere in a good document is replaced by anything that JSON can hold."""
        world, places = HashedWorld(), tiny.facilities(tiny.place(5, 5), tiny.place(6, 5, "house", serves="10012"))
        plan = start(world, places, Query()).with_edits(
            [Add("", "bureau", "N", *tiny.centre(9, 9)), Hours("f000", 3), SetReach("bike"), Year("age0")],
            places,
            world,
        )
        document = json.loads(plan.to_json())
        where = data.draw(st.sampled_from([document, document["question"], *document["edits"], *document["places"]]))
        where[data.draw(st.sampled_from([*where, "x", "more"]))] = value
        try:
            found = Scenario.from_json(json.dumps(document))
        except InputError as error:
            told = str(error)
        else:
            told = "."
            assert Scenario.from_json(found.to_json()) == found
            assert len(in_words(found, found.base_facilities(world))) == len(found.edits)
        assert told.endswith(".")
        assert "\n" not in told

    @pytest.mark.parametrize("missing", ["snapshot", "facilities", "facilities_hash", "question", "edits"])
    def test_what_a_document_must_hold(self, plan: Scenario, missing: str) -> None:
        values = {name: value for name, value in plan.document().items() if name != missing}
        with pytest.raises(InputError, match=f"lacks '{missing}'"):
            Scenario.from_json(json.dumps(values))


class TestReplay:
    @pytest.fixture
    def after(self, plan: Scenario, today: Facilities, world: HashedWorld, tiny: TinyWorld) -> Scenario:
        return plan.with_edits([Close("f000"), Add("", "bureau", "N", *tiny.centre(25, 3))], today, world)

    def test_bit_for_bit_by_another_engine_and_another_way(
        self, after: Scenario, today: Facilities, world: HashedWorld
    ) -> None:
        first = replay(Engine(world), after, today)
        text = export_json(after, first)
        again, stated = read_export(text)
        engine = Engine(world)
        for edits in range(len(after.edits)):  # step by step, so that distances are brought up to date
            replay(engine, replace(again, edits=again.edits[:edits]))
        second = replay(engine, again, stated=stated)
        assert again == after
        assert stated == Stated(first.result_hash, first.analysis.table["births_out_of_reach"].sum())
        assert second.warnings == ()
        assert second.result_hash == first.result_hash == result_hash(second.analysis)
        assert first.before.table["births_in_reach"].sum() != first.analysis.table["births_in_reach"].sum()

    def test_the_hash_names_every_figure(self, after: Scenario, today: Facilities, world: HashedWorld) -> None:
        found = replay(Engine(world), after, today).analysis
        table = found.table.copy()
        table["mean_distance_m"] = table["mean_distance_m"].map(lambda value: np.nextafter(value, np.inf))
        assert result_hash(replace(found, table=table)) != result_hash(found)

    def test_on_other_figures_it_still_replays_and_says_so(self, after: Scenario, today: Facilities) -> None:
        found = replay(Engine(HashedWorld("cd" * 32)), after, today, Stated("0" * 64))
        assert found.warnings == (OTHER_SNAPSHOT, OTHER_RESULT)
        assert found.faults == {}

    def test_on_other_places_edits_of_what_is_gone_are_passed_over(
        self, after: Scenario, today: Facilities, world: HashedWorld
    ) -> None:
        fewer = replace(today, frame=today.frame.iloc[1:].reset_index(drop=True))
        found = replay(Engine(world), after, fewer)
        assert found.warnings == (OTHER_FACILITIES, SKIPPED)
        assert list(found.faults) == [1]
        assert "There is no place 'f000'" in str(found.faults[1])
        assert "new-1" in set(found.analysis.facilities.frame["id"])
        assert after.apply(fewer, world).frame["id"].tolist() == ["f001", "f002", "f003", "f004", "new-1"]
        later = after.with_edit(Close("f001"), fewer, world)
        assert later.edits[-1] == Close("f001")

    def test_an_impossible_edit_on_its_own_data_is_an_error(
        self, after: Scenario, today: Facilities, world: HashedWorld
    ) -> None:
        values = {**after.document(), "edits": [edit_json(Close("f009"))]}
        forged = Scenario.from_json(json.dumps(values))
        with pytest.raises(InputError, match="There is no place 'f009'"):
            replay(Engine(world), forged)
        with pytest.raises(InputError, match="There is no place 'f009'"):
            forged.apply(today, world)

    def test_all_places_closed(self, plan: Scenario, today: Facilities, world: HashedWorld) -> None:
        found = replay(Engine(world), plan.with_edits([Close("f000"), Close("f001")], today, world))
        assert found.analysis.table["births_in_reach"].sum() == 0.0
        assert np.isinf(found.analysis.distance_m).all()

    @pytest.mark.parametrize("result", [[], {"sha256": 5}, {}])
    def test_a_result_that_is_none(self, plan: Scenario, result: object) -> None:
        with pytest.raises(InputError, match="result of the plan has no sha256"):
            read_export(json.dumps({**plan.document(), "result": result}))


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "nl",
            (
                "Post komt erbij; 90 uur per jaar",
                "Aaken verhuist over 500 m",
                "Dam sluit",
                "Bereik: 11,25 min (900 m) te voet",
            ),
        ),
        (
            "en",
            (
                "Post is added; 90 hours a year",
                "Aaken moves by 500 m",
                "Dam closes",
                "Reach: 11.25 min (900 m) on foot",
            ),
        ),
    ],
)
def test_in_words(
    plan: Scenario, today: Facilities, world: HashedWorld, tiny: TinyWorld, lang: str, words: tuple[str, ...]
) -> None:
    x, y = tiny.centre(5, 5)
    edits: list[Edit] = [
        Add("", "bureau", "Post", x, y, 90),
        Move("f000", x + 300, y + 400),
        Close("f001"),
        SetReach("walk", 900),
    ]
    assert in_words(plan.with_edits(edits, today, world), today, lang) == words


def test_every_kind_has_words(plan: Scenario) -> None:
    edits = (Open("f1"), Capacity("f1", 1.5), Hours("f1", 3), SetReach("car"), Year("age0"), Year("age0", 2020))
    for lang in ("nl", "en", "fr"):
        phrases = in_words(replace(plan, edits=edits), replace_frame(plan), lang)
        assert len(set(phrases)) == len(edits)


def replace_frame(plan: Scenario) -> Facilities:
    return plan.base_facilities(HashedWorld())
