"""The page of two linked maps: two questions in one address, who gains and who loses between them, and the file."""

from __future__ import annotations

import base64
import importlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import dash
import pandas as pd
import pytest

from app import create_app
from i18n.messages import MessageError
from i18n.texts import LANGUAGES
from pages.compare import compare_answer
from pages.compare.compared import ASKED, Compared, compared_in_form, compared_of
from pages.request.input_kinds import fits
from pages.request.visitor import COOKIE
from pages.shell.context import current
from pages.shell.state import State

ANNA = "a" * 43
CROW = {"model": "crow"}


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dash.Dash]:
    """The explorer without a socket, as one visitor sees it."""
    folder = tmp_path_factory.mktemp("two-maps")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        app = create_app(database=folder / "plans.sqlite")
        with app.server.test_request_context("/vergelijken", headers={"Cookie": f"{COOKIE}={ANNA}"}):
            yield app


def pair_of(**values: str) -> compare_answer.ComparedPair:
    return compare_answer.ComparedPair(compared_of({**CROW, **values}, "nl"), None)


def told(component: Any) -> str:
    """All that a component says, as the browser gets it."""
    return json.dumps(component, default=lambda part: part.to_plotly_json(), ensure_ascii=False)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"mode": "bike"},
        {"b_mode": "walk"},
        {"service": "house", "b_service": "bureau", "b_minutes": "20", "lang": "fr"},
        {"b_level": "sector", "b_vintage": "2019", "b_demand": "age0_2", "b_year": "2015", "indicator": "mean_minutes"},
        {"plan": "abc", "b_facilities": "documented"},
        {"b_places": "k-1", "b_facilities": "own", "zones": "2025-x", "level": "own"},
    ],
)
def test_an_address_holds_both_questions(explorer: dash.Dash, values: dict[str, str]) -> None:
    asked = compared_of(values, "nl")
    search = dict(part.split("=") for part in asked.address.partition("?")[2].split("&") if part)
    assert compared_of(search, "nl") == asked
    assert fits(ASKED, asked.form)
    if not asked.left.plan:
        assert compared_in_form(asked.form, current()) == asked


def test_what_a_form_leaves_out_is_as_usual(explorer: dash.Dash) -> None:
    asked = compared_in_form({"lang": "en", "b_source": "plan:abc", "b_demand": "births", "b_year": "2010"}, current())
    assert asked.left == State(lang="en")
    assert (asked.right.plan, asked.right.year) == ("abc", "")


def test_another_service_brings_its_own_children(explorer: dash.Dash) -> None:
    asked = compared_of({"b_service": "house"}, "nl")
    assert asked.right.demand == State(service="house").demand


def test_gains_and_losses_between_two_services_add_up(explorer: dash.Dash) -> None:
    pair = pair_of(b_service="house", b_mode="walk")
    zones, totals = pair.comparison.zones, pair.comparison.totals
    net = zones["births_in_reach_after"] - zones["births_in_reach_before"]
    assert (net - (zones["births_gained"] - zones["births_lost"])).abs().max() < 1e-3
    assert totals.gained - totals.lost == pytest.approx(totals.in_reach_after - totals.in_reach_before, abs=1e-2)
    assert min(totals.gained, totals.lost) > 0


def test_the_same_question_twice_has_no_difference(explorer: dash.Dash) -> None:
    asked = compared_of({**CROW, "b_mode": "walk"}, "nl")
    assert asked.left == asked.right
    view, words, *_ = compare_answer.answer(asked.form, None)
    assert "Er is geen verschil" in told(words)
    difference = view["frames"][2]
    assert set(difference["values"]) == {0.0}
    assert set(difference["told"]) == {"geen verschil"}


def test_an_unchanged_plan_stands_beside_today(explorer: dash.Dash) -> None:
    page = importlib.import_module("pages.plan.plan_page").layout(**CROW)
    plan = next(dict(part.data) for part in page.children if getattr(part, "id", "") == "plan")["id"]
    asked = compared_of({**CROW, "plan": plan}, "nl")
    assert (asked.left.plan, asked.right.plan) == (plan, "")
    view, words, *_ = compare_answer.answer(asked.form, None)
    assert "Er is geen verschil" in told(words)
    assert isinstance(view["frames"][0]["places"], list)
    assert view["address"].startswith("vergelijken?")


def test_other_zones_are_told_by_those_of_the_right(explorer: dash.Dash) -> None:
    pair = pair_of(b_mode="bike", b_level="primary_care_zone")
    assert set(pair.comparison.zones["level"]) == {"primary_care_zone"}
    same = pair_of(b_mode="bike").comparison.totals
    assert pair.comparison.totals.gained == pytest.approx(same.gained, abs=1e-2)
    view, words, *_ = compare_answer.answer(pair.asked.form, None)
    assert "eerstelijnszones 2025" in told(words)
    assert len(view["frames"][0]["i"]) == 304
    assert len(view["frames"][2]["i"]) == len(view["frames"][1]["i"]) < 100


def test_what_is_not_known_is_no_difference_of_zero(explorer: dash.Dash) -> None:
    view, words, *_ = compare_answer.answer(compared_of({**CROW, "b_facilities": "documented"}, "nl").form, None)
    assert "niet te zeggen" in told(words)
    assert set(view["frames"][2]["values"]) == {None}
    assert set(view["frames"][2]["told"]) == {"niet bekend"}


def test_other_children_are_told(explorer: dash.Dash) -> None:
    words = compare_answer.cautions(pair_of(b_demand="age0", b_year="2010", b_mode="walk"), "nl")
    assert words == [
        "Links telt baby's van 2025, rechts 0-jarigen van 2010: een deel van het verschil komt door de telling en niet "
        "door de plaatsen."
    ]


def test_both_maps_have_one_legend(explorer: dash.Dash) -> None:
    view, *_ = compare_answer.answer(compared_of({**CROW, "indicator": "births_out_of_reach"}, "nl").form, None)
    left, right, _ = view["frames"]
    assert left["legend"]["breaks"] == right["legend"]["breaks"]
    assert left["colours"] == right["colours"]
    assert left["circles"]
    shares, *_ = compare_answer.answer(compared_of({**CROW, "indicator": "share_in_reach"}, "nl").form, None)
    assert not shares["frames"][0]["circles"]


def test_a_plan_that_is_not_there_is_told(explorer: dash.Dash) -> None:
    with pytest.raises(MessageError):
        pair_of(b_plan="deadbeef")
    view, words, *_ = compare_answer.answer(compared_of({"b_plan": "deadbeef"}, "fr").form, None)
    assert "deadbeef" in told(words)
    assert view["frames"] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_its_page(explorer: dash.Dash, lang: str) -> None:
    found = next(each for each in dash.page_registry.values() if each["path"] == "/vergelijken")
    words = told(found["layout"](lang=lang, b_mode="car"))
    assert '"compare.page' not in words
    for other in LANGUAGES:
        if other != lang:
            address = "vergelijken?b_mode=car" if other == "nl" else f"vergelijken?lang={other}&b_mode=car"
            assert address in words.replace("?&", "?")


def test_the_file_says_what_it_compares(explorer: dash.Dash) -> None:
    pair = pair_of(b_mode="bike")
    made = compare_answer.file_of(pair, "csv")
    content = base64.b64decode(made["content"]).decode()
    assert "ILLUSTRATIEVE GEGEVENS" in content
    assert content.count("nabij coverage") == 2
    table = pd.read_csv(io.StringIO(content), comment="#")
    assert len(table) == len(pair.comparison.zones)
    assert table["births_gained"].sum() == pytest.approx(pair.comparison.totals.gained, abs=0.5)
    assert set(table["evidence"]) == {"illustrative"}
    for form in ("xlsx", "csv-excel"):
        assert base64.b64decode(compare_answer.file_of(pair, form)["content"])[:2] == b"PK"


def test_sides_change_over(explorer: dash.Dash) -> None:
    asked = compared_of({**CROW, "b_mode": "bike"}, "nl")
    one = compare_answer.ComparedPair(asked, None).comparison.totals
    other = compare_answer.ComparedPair(Compared(asked.right, replace(asked.left)), None).comparison.totals
    assert (one.gained, one.lost) == (other.lost, other.gained)
