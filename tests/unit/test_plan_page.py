"""The page of plans as a server: its address, its files, and what happens between a click and the map."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dash
import pytest
from dash import no_update

from app import create_app
from coverage.scenario.scenario import Scenario
from i18n.messages import MessageError
from i18n.texts import text
from loaders.lists.facilities.facility_choice import load_facilities
from pages.compare import plan_comparison
from pages.explore import view_callbacks
from pages.plan import building_list, plan_panel, saved_plans
from pages.plan import callbacks as plan_callbacks
from pages.request.visitor import COOKIE
from pages.shell.plans.plan_context import PlanContext, view_of
from pages.shell.plans.plan_versions import plans
from pages.shell.session_uploads import uploads
from pages.shell.state import DEFAULTS

WILLEBROEK = "illustrative-bureau-12040-01"
ANNA, BERT = "a" * 43, "b" * 43
"""Secrets of two browsers."""


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dash.Dash]:
    """The explorer without a socket; cache and plans in folders of their own."""
    folder = tmp_path_factory.mktemp("plans")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        app = create_app(database=folder / "plans.sqlite")
        with as_visitor(app, ANNA):
            yield app


def as_visitor(app: dash.Dash, secret: str) -> Any:
    """A request of the browser with this secret; empty for one that takes no cookies."""
    cookie = {"Cookie": f"{COOKIE}={secret}"} if secret else {}
    return app.server.test_request_context("/plannen", headers=cookie)


def client_of(app: dash.Dash, secret: str = "") -> Any:
    """A browser that asks for files."""
    client = app.server.test_client()
    if secret:
        client.set_cookie(COOKIE, secret)
    return client


def begun(explorer: dash.Dash, **values: str) -> dict[str, Any]:
    """Plan of a page that was just opened, as the browser gets it."""
    page = importlib.import_module("pages.plan.plan_page").layout(
        **values
    )  # registers itself, so only after the application
    return next(dict(part.data) for part in page.children if getattr(part, "id", "") == "plan")


def choices(plan_id: str, **more: str) -> dict[str, str]:
    return {**DEFAULTS, "areas": "care_region:boom", "plan": plan_id, **more}


def done(before: dict[str, Any], **asked: Any) -> dict[str, Any]:
    found, answer, told = plan_callbacks.do({**asked, "at": 1}, before, choices(before["id"]))
    assert answer["done"], told
    return dict(found)


def test_the_same_question_begins_the_same_plan(explorer: dash.Dash) -> None:
    one, two = (begun(explorer, areas="care_region:boom", mode="bike") for _ in range(2))
    assert one == two
    assert (one["mode"], one["within"], one["edits"]) == ("bike", 3750.0, [])
    assert begun(explorer, areas="care_region:boom")["id"] != one["id"]


def test_an_edit_gives_another_version_and_undo_gives_the_first_again(explorer: dash.Dash) -> None:
    first = begun(explorer, areas="care_region:boom")
    closed = done(first, do="close", id=WILLEBROEK)
    assert closed["edits"] == ["Consultatiebureau Willebroek (illustratief) sluit"]
    assert done(closed, do="undo")["id"] == first["id"]
    kept = done(closed, do="keep", name="Zonder Willebroek", note="Voor de raad")
    assert (kept["name"], kept["kept"]) == ("Zonder Willebroek", True)
    back = done(kept, do="undo")
    assert (back["name"], back["edits"], back["kept"]) == ("Zonder Willebroek", [], False)


def test_a_refusal_is_told_and_changes_nothing(explorer: dash.Dash) -> None:
    first = begun(explorer, areas="care_region:boom")
    found, answer, told = plan_callbacks.do({"do": "close", "id": "nowhere", "at": 7}, first, choices(first["id"]))
    assert found is no_update
    assert answer == {"at": 7, "done": False}
    assert "nowhere" in str(told)


def test_the_view_of_a_plan_has_its_places_and_differences(explorer: dash.Dash) -> None:
    closed = done(begun(explorer, areas="care_region:boom"), do="close", id=WILLEBROEK)
    view, *_ = view_callbacks.refresh(choices(closed["id"], mode="car"), None)
    assert view["plan"]["id"] == closed["id"]
    assert {p["id"]: p["status"] for p in view["plan"]["places"]}[WILLEBROEK] == "closed"
    assert min(view["rows"]["reach_change"]) < -100
    assert view["legends"]["reach_change"]["title"] == text("indicator.reach_change", "nl")
    head, _, now, changes = plan_callbacks.show(view, None)
    assert "Nog niet bewaard" in str(head)
    assert "Tegenover vandaag" in str(now)
    assert "Willebroek" in str(changes)
    assert plan_comparison.compared(view, None)[0] is None  # nothing is compared yet
    beside, *_ = view_callbacks.refresh(choices(closed["id"], against="today"), None)
    assert "Willebroek" in str(plan_comparison.compared(beside, None)[0])
    assert "Gini" in str(plan_comparison.equity(beside, None))


@pytest.mark.parametrize("facilities", ["illustrative", "documented"])
def test_a_plan_without_changes_can_be_compared(explorer: dash.Dash, facilities: str) -> None:
    first = begun(explorer, areas="care_region:boom", facilities=facilities)
    beside, *_ = view_callbacks.refresh(choices(first["id"], against="today", facilities=facilities), None)
    content, _ = plan_comparison.compared(beside, None)
    assert text("plan.compare.zones.none", "nl") in str(content)
    state, context = view_of(beside["key"])
    assert isinstance(context, PlanContext)
    for what in ("zones", "places"):
        assert plan_comparison.file_of(context, state, what, "csv")["content"]


def test_a_plan_as_a_file_says_what_it_rests_on(explorer: dash.Dash) -> None:
    closed = done(begun(explorer, areas="care_region:boom"), do="close", id=WILLEBROEK)
    client = client_of(explorer, ANNA)
    answer = client.get(f"/plan/{closed['id']}.json")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=nabij-plan-")
    document = json.loads(answer.data)
    assert (document["facilities"], document["edits"]) == ("illustrative", [{"edit": "close", "id": WILLEBROEK}])
    assert Scenario.from_json(answer.data).id == closed["id"]
    assert document["evidence"] == "illustrative"
    assert document["warning"].startswith("ILLUSTRATIEVE GEGEVENS")
    assert json.loads(client.get(f"/plan/{closed['id']}.json?lang=en").data)["warning"].startswith("ILLUSTRATIVE")
    assert client.get("/plan/deadbeef.json").status_code == 404


def test_a_plan_on_a_list_of_ones_own_says_that_it_holds_the_list(
    explorer: dash.Dash, embedded: Any, tmp_path: Path
) -> None:
    file = tmp_path / "lijst.csv"
    file.write_text("id,service,name,lat,lon\na,bureau,Markt,51.085,4.37\n", encoding="utf-8")
    key = uploads().add(load_facilities(embedded, file))
    first = begun(explorer, areas="care_region:boom", facilities="own", places=key)
    document = json.loads(client_of(explorer, ANNA).get(f"/plan/{first['id']}.json").data)
    assert [place["id"] for place in document["places"]] == ["a"]
    _, context = view_of(choices(first["id"]))
    assert isinstance(context, PlanContext)
    told = [str(part) for part in plan_panel.warnings(context, "", "nl")]
    assert len(told) == 1
    assert "Dit plan bevat je eigen lijst van plaatsen." in told[0]
    _, illustrative = view_of(choices(begun(explorer, areas="care_region:boom")["id"]))
    assert isinstance(illustrative, PlanContext)
    assert plan_panel.warnings(illustrative, "", "nl") == []


def test_the_picture_of_distances_is_that_of_the_plan(explorer: dash.Dash, embedded: Any) -> None:
    first = begun(explorer, areas="care_region:boom")
    closed = done(first, do="close", id=WILLEBROEK)
    client, tag = client_of(explorer, ANNA), embedded.hash[:16]
    pictures = [
        client.get(f"/plan/{tag}/{found['id']}/distance-bureau-walk-crow.png").data for found in (first, closed)
    ]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert pictures[0] != pictures[1]
    assert client.get(f"/plan/{tag}/deadbeef/distance-bureau-walk-crow.png").status_code == 404
    assert client.get(f"/plan/0000/{first['id']}/distance-bureau-walk-crow.png").status_code == 404


def test_the_ground_of_a_place_has_an_address(explorer: dash.Dash, embedded: Any) -> None:
    first = begun(explorer, areas="care_region:boom")
    client, tag = client_of(explorer, ANNA), embedded.hash[:16]
    ground = f"/plan/{tag}/{first['id']}/ground-bureau-crow.json?place="
    assert client.get(ground + WILLEBROEK).json["features"][0]["geometry"]["type"] == "Polygon"
    assert client.get(ground + "nowhere").status_code == 404
    assert client.get(f"/plan/0000/{first['id']}/ground-bureau-crow.json?place={WILLEBROEK}").status_code == 404


def test_saved_plans_are_listed_and_forgotten(explorer: dash.Dash) -> None:
    closed = done(begun(explorer, areas="care_region:boom"), do="close", id=WILLEBROEK)
    kept = done(closed, do="keep", name="Te vergeten")
    copy = done(closed, do="duplicate", id=kept["id"], name="Kopie van Te vergeten")
    assert "Kopie van Te vergeten" in str(saved_plans.listed(True, None, {"lang": "nl"}))
    assert "Te vergeten" in {stored.name for stored in plans().listed()}
    assert "zorgregio Boom · 1 wijziging" in str(saved_plans.listed(True, None, {"lang": "nl"}))
    assert text("banner.stamp", "nl") in str(saved_plans.listed(True, None, {"lang": "nl"}))
    told, kept_list, in_bin = saved_plans.listed(True, {"id": kept["id"]}, {"lang": "nl"})
    assert "‘Te vergeten’ ligt 30 dagen in de prullenmand" in str(told)
    assert f"plan={copy['id']}" in str(kept_list)
    assert f"plan={kept['id']}" not in str(kept_list)
    assert "Verwijderd op" in str(in_bin)
    told, kept_list, in_bin = saved_plans.listed(True, {"id": kept["id"], "what": "restore"}, {"lang": "nl"})
    assert "‘Te vergeten’ staat weer in je lijst" in str(told)
    assert f"plan={kept['id']}" in str(kept_list)
    assert in_bin is None


def test_a_list_of_buildings_is_looked_at_and_read_when_the_search_begins() -> None:
    import base64

    def given(content: str) -> str:
        return "data:text/csv;base64," + base64.b64encode(content.encode()).decode()

    good, bad = given("name,lat,lon\nSchool,51.1440,4.3390\n"), given("name,lat,lon\nSchool,51.1440,x\n")
    assert building_list.look(good, "a.csv", {"lang": "nl"}).children == "a.csv is gelezen; aantal gebouwen: 1."
    assert "refusal" in building_list.look(bad, "a.csv", {"lang": "nl"}).className
    with building_list.candidates("sector", None, None, "nl") as kind:
        assert kind == "sector"
    with building_list.candidates("file", good, "a.csv", "nl") as path:
        assert Path(path).read_text(encoding="utf-8").startswith("name,lat,lon")
    assert not Path(path).exists()
    with pytest.raises(MessageError, match="no list of buildings"), building_list.candidates("file", None, None, "nl"):
        pass


def test_a_file_that_is_no_plan_is_refused_in_a_sentence(explorer: dash.Dash) -> None:
    import base64

    def given(content: bytes) -> str:
        return "data:application/json;base64," + base64.b64encode(content).decode()

    for content in (b"hello", b"[]", b'{"nabij_scenario": 99}'):
        told = saved_plans.take_in(given(content), "plan.json", {"lang": "nl"})
        assert "refusal" in told.className
        assert told.children.startswith("plan.json: ")
    assert "niet helemaal aangekomen" in saved_plans.take_in("data:,%%%", "plan.json", {"lang": "nl"}).children


def test_the_file_of_a_comparison_begins_with_the_warning(explorer: dash.Dash, tmp_path: Path) -> None:
    import base64

    from pages.shell.plans.plan_context import PlanContext, view_of

    closed = done(begun(explorer, areas="care_region:boom"), do="close", id=WILLEBROEK)
    state, context = view_of(choices(closed["id"], against="today"))
    assert isinstance(context, PlanContext)
    found = plan_comparison.file_of(context, state, "zones", "csv")
    content = base64.b64decode(found["content"]).decode()
    assert content.startswith("# ILLUSTRATIEVE GEGEVENS")
    assert f"nabij scenario compare {closed['id']} today" in content
    assert found["filename"] == f"nabij-plan-{closed['id'][:8]}-zones-illustrative.csv"


def test_a_change_of_a_plan_that_is_gone_is_answered(explorer: dash.Dash) -> None:
    """The browser sends one change at a time: one that is never answered would hold up all that come after it."""
    output = next(name for name in explorer.callback_map if "plan-answer.data" in name)
    ids = [name.rpartition(".") for name in output.strip(".").split("...")]
    body = {
        "output": output,
        "outputs": [{"id": id_, "property": prop} for id_, _, prop in ids],
        "inputs": [{"id": "plan-do", "property": "data", "value": {"do": "undo", "at": 7.5}}],
        "state": [
            {"id": "plan", "property": "data", "value": {"id": "deadbeefdeadbeefdead"}},
            {"id": "choices", "property": "data", "value": choices("deadbeefdeadbeefdead")},
        ],
        "changedPropIds": ["plan-do.data"],
    }
    response = client_of(explorer, ANNA).post("/_dash-update-component", json=body)
    told = json.loads(response.get_data())
    assert told["response"] == {"plan-answer": {"data": {"at": 7.5, "done": False}}}
    assert "niet bekend" in json.dumps(told["sideUpdate"]["plan-told"])
