"""Who may do what with a plan on the page: two browsers, a link, and a browser that takes no cookies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dash
import pytest
from dash import no_update

from app import create_app
from i18n.errors import InputError
from i18n.texts import text
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.storage.plan_store import ScenarioStore
from pages.data import list_notes
from pages.plan import callbacks, plan_sharing, saved_plans, siting_search
from pages.request.visitor import COOKIE
from pages.server import jobs
from pages.shell.plans.plan_context import view_of
from pages.shell.plans.plan_versions import attach, plans
from pages.shell.session_uploads import MAX_OF_ONE, uploads
from pages.shell.state import read_state
from tests.unit.test_plan_page import ANNA, BERT, WILLEBROEK, as_visitor, begun, choices, client_of


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dash.Dash]:
    """The explorer without a socket."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield create_app(database=tmp_path_factory.mktemp("plans") / "plans.sqlite")


@pytest.fixture
def app(explorer: dash.Dash, tmp_path: Any) -> dash.Dash:
    """The explorer, in which nothing was saved yet."""
    attach(explorer.server, ScenarioStore(tmp_path / "plans.sqlite"))
    return explorer


PlanData = dict[str, Any]


def done(before: PlanData, **asked: Any) -> PlanData:
    found, answer, told = callbacks.do({**asked, "at": 1}, before, choices(before["id"]))
    assert answer["done"], told
    return {**dict(found), "said": told}


def refused(before: PlanData, **asked: Any) -> str:
    found, answer, told = callbacks.do({**asked, "at": 1}, before, choices(before["id"]))
    assert found is no_update
    assert not answer["done"]
    return str(told)


def saved(app: dash.Dash, **more: str) -> PlanData:
    """Plan of the present visitor, with a change, under a name."""
    closed = done(begun(app, areas="care_region:boom", **more), do="close", id=WILLEBROEK)
    return done(closed, do="keep", name="Zonder Willebroek")


def links(plan: PlanData) -> tuple[str, str]:
    """Secrets of both links as the dialog shows them."""
    shown = plan_sharing.shown({"base": "http://here/"}, plan, {"lang": "nl"})
    fields = [str(part) for part in shown if "share-read" in str(part) or "share-edit" in str(part)]
    read, edit = (field.partition("plannen?key=")[2].partition("'")[0] for field in fields)
    return read, edit


def shared(app: dash.Dash) -> tuple[PlanData, str, str]:
    """Plan that Anna shares, and both links."""
    with as_visitor(app, ANNA):
        plan = done(saved(app), do="share")
        assert plan["key"].startswith("plan-")
        return plan, *links(plan)


def note(plan: PlanData) -> str:
    state, context = view_of({**choices(plan["id"]), "key": plan["key"]})
    return " ".join(str(part) for part in plan_sharing.notes(state, context.scenario))  # type: ignore[attr-defined]


def test_somebody_else_finds_nothing_of_a_plan(app: dash.Dash) -> None:
    with as_visitor(app, ANNA):
        plan = saved(app)
    with as_visitor(app, BERT):
        with pytest.raises(InputError, match="is hier niet bekend"):
            plans().get(plan["id"])
        assert plans().listed() == []
        own = begun(app, areas="care_region:boom")
        assert "is hier niet bekend" in refused(own, do="version", id=plan["id"])
        assert "Zonder Willebroek" not in str(saved_plans.listed(True, {"id": plan["id"]}, {"lang": "nl"}))
    with as_visitor(app, ANNA):
        assert plans().get(plan["id"]).kept


def test_what_is_compared_with_is_asked_for_each_time(app: dash.Dash) -> None:
    with as_visitor(app, ANNA):
        plan = saved(app)
        start = begun(app, areas="care_region:boom")["id"]
        state, context = view_of(choices(start, against=plan["id"]))
        context.comparison(state)  # type: ignore[attr-defined]
    with as_visitor(app, BERT):
        assert begun(app, areas="care_region:boom")["id"] == start  # the same content, and his own
        with pytest.raises(InputError, match="is hier niet bekend"):
            view_of(choices(start, against=plan["id"]))


def test_a_link_to_read_gives_a_copy_and_leaves_the_plan(app: dash.Dash) -> None:
    plan, read, _ = shared(app)
    with as_visitor(app, BERT):
        opened = begun(app, key=read)
        assert (opened["id"], opened["name"], opened["kept"]) == (plan["id"], "Zonder Willebroek", True)
        assert text("share.note.read", "nl") in note(opened)
        moved = done(opened, do="reach", mode="bike", within=None)
        assert text("share.note.copy", "nl") in note(moved)
        kept = done(moved, do="keep", name="Kopie van Bert")
        assert [found.name for found in plans().listed()] == ["Kopie van Bert"]
        assert text("error.share.not_yours", "nl") in refused(opened, do="withdraw")
        assert begun(app, key=read)["id"] == plan["id"]
    with as_visitor(app, ANNA):
        assert [found.name for found in plans().listed()] == ["Zonder Willebroek"]
        with pytest.raises(InputError):
            plans().get(kept["id"])


def test_a_link_to_edit_moves_what_every_link_opens(app: dash.Dash) -> None:
    plan, read, edit = shared(app)
    with as_visitor(app, BERT):
        opened = begun(app, key=edit)
        assert text("share.note.edit", "nl") in note(opened)
        new = done(done(opened, do="reach", mode="bike", within=None), do="keep", name="Met de fiets")
        assert new["said"] is None
        assert new["head"] == new["id"]
    with as_visitor(app, ANNA):
        assert begun(app, key=read)["id"] == new["id"]
        assert {found.name for found in plans().listed()} == {"Zonder Willebroek", "Met de fiets"}
        before = begun(app, plan=plan["id"], key=plan["key"])
        assert text("share.newer", "nl") in note(before)
        # Anna began from what was there before Bert saved: both stay, and she is told
        mine = done({**done(before, do="reach", mode="car", within=None), "head": plan["id"]}, do="keep", name="Auto")
        assert text("share.meanwhile", "nl") in str(mine["said"])
        assert {found.name for found in plans().listed()} == {"Zonder Willebroek", "Met de fiets", "Auto"}
    with as_visitor(app, BERT):
        assert begun(app, key=edit)["id"] == mine["id"]


def test_links_are_the_same_each_time_until_they_are_withdrawn(app: dash.Dash) -> None:
    plan, read, edit = shared(app)
    with as_visitor(app, ANNA):
        assert links(begun(app, plan=plan["id"])) == (read, edit)  # the page knows that the plan is shared
        gone = done(plan, do="withdraw")
        assert gone["key"] == ""
        assert links(done(gone, do="share")) != (read, edit)
    with as_visitor(app, BERT):
        assert begun(app, key=read)["id"] != plan["id"]
        assert begun(app, plan=plan["id"], key=edit)["key"] == ""


def test_whoever_shares_goes_on_under_a_name_that_is_no_secret(app: dash.Dash) -> None:
    plan, _, _ = shared(app)
    with as_visitor(app, BERT):
        assert begun(app, plan=plan["id"], key=plan["key"])["id"] != plan["id"]


def test_a_reader_shares_a_copy_but_not_the_plan(app: dash.Dash) -> None:
    _, read, edit = shared(app)
    with as_visitor(app, BERT):
        opened = begun(app, key=read)
        assert read in str(plan_sharing.shown({"base": ""}, opened, {"lang": "nl"}))
        assert edit not in str(plan_sharing.shown({"base": ""}, opened, {"lang": "nl"}))
        assert text("error.share.not_yours", "nl") in refused(opened, do="share")
        copy = done(opened, do="reach", mode="bike", within=None)
        assert text("share.make", "nl") in str(plan_sharing.shown({"base": ""}, copy, {"lang": "nl"}))
        own = done(copy, do="share")
        assert {*links(own)}.isdisjoint({read, edit})


def test_a_plan_with_a_list_says_so_before_it_is_shared(app: dash.Dash, embedded: Any, tmp_path: Any) -> None:
    file = tmp_path / "lijst.csv"
    file.write_text("id,service,name,lat,lon\na,bureau,Markt,51.085,4.37\n", encoding="utf-8")
    with as_visitor(app, ANNA):
        key = uploads().add(load_facilities(embedded, file))
        plan = begun(app, areas="care_region:boom", facilities="own", places=key)
        assert text("share.list", "nl") in str(plan_sharing.shown({"base": ""}, plan, {"lang": "nl"}))
        assert text("share.list", "nl") in str(plan_sharing.shown({"base": ""}, done(plan, do="share"), {"lang": "nl"}))


def test_a_browser_without_cookies_goes_on_by_the_secret_of_its_page(app: dash.Dash) -> None:
    with as_visitor(app, ""):
        plan = begun(app, areas="care_region:boom")
        assert plan["key"].startswith("page-")
    with as_visitor(app, ""):  # another request, for which the server made another secret
        closed = done(plan, do="close", id=WILLEBROEK)
        assert text("share.no_cookies", "nl") in note(closed)
        kept = done(closed, do="keep", name="Zonder koekje")
        assert f"key={plan['key']}" in str(saved_plans.listed(True, None, {"lang": "nl", "key": plan["key"]}))
        assert begun(app, plan=kept["id"], key=plan["key"])["id"] == kept["id"]
    with as_visitor(app, ""):
        assert begun(app, plan=kept["id"])["id"] != kept["id"]
    document = client_of(app).get(f"/plan/{kept['id']}.json?key={plan['key']}")
    assert document.status_code == 200
    assert client_of(app).get(f"/plan/{kept['id']}.json").status_code == 404


def test_a_browser_without_cookies_shares_and_reads(app: dash.Dash) -> None:
    plan, read, _ = shared(app)
    with as_visitor(app, ""):
        opened = begun(app, key=read)
        assert opened["id"] == plan["id"]
        page, _, link = opened["key"].partition("~")
        assert (page[:5], link) == ("page-", read)
        copy = done(done(opened, do="reach", mode="bike", within=None), do="keep", name="Kopie")
        own = done({**copy, "key": page}, do="share")
        again = links(own)
    with as_visitor(app, ""):
        assert links(own) == again
        assert begun(app, key=again[0])["id"] == copy["id"]
    with as_visitor(app, ""):
        assert begun(app, key=read)["id"] == plan["id"]
        assert plans().listed(read) == []  # what others without cookies made of the same link is theirs


@pytest.mark.parametrize("key", ["", "%", "x" * 10_000, "page-", "page-~", "plan-", "~~~", "é" * 40, "r-" + "x" * 43])
def test_a_key_that_is_none_opens_nothing(app: dash.Dash, key: str) -> None:
    plan, _, _ = shared(app)
    with as_visitor(app, BERT):
        who = plans().rights(key)
        assert (who.share, len(who.owners)) == (None, 1)
        opened = begun(app, plan=plan["id"], key=key)
        assert opened["id"] != plan["id"]
        assert opened["key"] == ""


def test_saving_under_the_name_a_plan_has_already_keeps_it(app: dash.Dash) -> None:
    with as_visitor(app, ANNA):
        named = saved(app)
        moved = done(named, do="reach", mode="bike", within=None)
        assert not moved["kept"]
        assert done(moved, do="keep", name=moved["name"])["kept"]


def test_a_plan_in_the_bin_opens_for_its_owner_as_not_saved(app: dash.Dash) -> None:
    with as_visitor(app, ANNA):
        plan = saved(app)
        saved_plans.listed(True, {"id": plan["id"]}, {"lang": "nl"})
        assert not plans().get(plan["id"]).kept
        assert done(plan, do="keep", name=plan["name"])["kept"]
        assert [found.id for found in plans().listed()] == [plan["id"]]


def test_plans_that_memory_holds_are_their_owners_too(app: dash.Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    from i18n.errors import StorageError

    def full(*_: Any) -> Any:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(ScenarioStore, "put", full)
    with as_visitor(app, ANNA):
        plan = done(begun(app, areas="care_region:boom"), do="close", id=WILLEBROEK)
        assert not plans().get(plan["id"]).stored
    with as_visitor(app, BERT), pytest.raises(InputError):
        plans().get(plan["id"])


def test_a_search_is_its_visitors_own(app: dash.Dash) -> None:
    with as_visitor(app, ANNA):
        record: dict[str, Any] = {
            "key": jobs.jobs().start(lambda _: iter(()), "nl", siting_search._owner({})),
            "page": "",
        }
        assert jobs.jobs().look(record["key"], siting_search._owner(record)) is not None
    with as_visitor(app, BERT):
        assert jobs.jobs().look(record["key"], siting_search._owner(record)) is None
    with as_visitor(app, ""):
        page = begun(app)["key"]
        mine = siting_search._owner({"page": page})
        record = {"key": jobs.jobs().start(lambda _: iter(()), "nl", mine), "page": page}
    with as_visitor(app, ""):
        assert jobs.jobs().look(record["key"], siting_search._owner(record)) is not None
        assert jobs.jobs().look(record["key"], siting_search._owner({**record, "page": ""})) is None


def test_a_list_is_erased_by_whoever_brought_it(app: dash.Dash, embedded: Any, tmp_path: Any) -> None:
    file = tmp_path / "lijst.csv"
    file.write_text("id,service,name,lat,lon\na,bureau,Markt,51.085,4.37\n", encoding="utf-8")
    found = load_facilities(embedded, file)
    button = [{"type": "list-erase", "kind": "places"}]
    with as_visitor(app, ANNA):
        key = uploads().add(found)
        given = choices("", places=key, facilities="own")
    state = read_state(given)
    with as_visitor(app, BERT):
        shown = str(list_notes.own_note(state))
        assert text("own.secret", "nl") in shown
        assert text("own.erase", "nl") not in shown
        assert list_notes.erase([1], button, given) is no_update
    with as_visitor(app, ANNA):
        assert text("own.erase", "nl") in str(list_notes.own_note(state))
        assert list_notes.erase([None], button, given) is no_update
        assert "places=" not in list_notes.erase([1], button, given)
        assert uploads().get(key) is None
        assert list_notes.own_note(read_state({})) is None


def test_nobody_pushes_out_the_lists_of_others(app: dash.Dash, embedded: Any) -> None:
    found = load_facilities(embedded, "illustrative")
    with as_visitor(app, ANNA):
        kept = uploads().add(found)
    with as_visitor(app, BERT):
        mine = [uploads().add(found) for _ in range(100)]
        assert sum(uploads().get(key) is not None for key in mine) == MAX_OF_ONE
        assert uploads().get(kept) is not None


def test_the_secret_lasts_for_as_long_as_somebody_comes_by(app: dash.Dash) -> None:
    client = client_of(app, ANNA)
    answer = client.get("/")
    assert f"{COOKIE}={ANNA}" in answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=31536000"} <= {*answer.headers["Set-Cookie"].split("; ")}
