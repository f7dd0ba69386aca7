"""The pages of an area and of the norm: addresses, statuses, and what the sections say."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import dash
import flask
import pytest

from app import create_app
from coverage.scenario.edits import Add
from coverage.scenario.scenario import start
from i18n.texts import LANGUAGES
from pages.documents import on_request
from pages.municipality.asked import ASKED, asked_of, choices, read_asked
from pages.municipality.sections import _MAKERS, SECTIONS, _answering
from pages.norm import answer as norm_answer
from pages.norm.asked import asked_of as norm_of
from pages.norm.norm_documents import OFFERED, file_of
from pages.request.input_kinds import UnfitError
from pages.request.visitor import COOKIE
from pages.shell.context import current
from pages.shell.plans.plan_versions import plans
from pages.shell.state import State

OUDENBURG, HERSTAPPE = "municipality:35014", "municipality:73028"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[flask.Flask]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield create_app().server


def page(path: str, **values: str) -> Any:
    """Layout of a page, which Dash knows by its address once the explorer is made."""
    found = next(each for each in dash.page_registry.values() if each["path"] == path)
    return found["layout"](**values)


def told(component: Any) -> str:
    """Every word of a component."""
    return " ".join(
        re.findall(
            r'"(?:children|alt)": "([^"]*)"',
            json.dumps(component, default=lambda part: part.to_plotly_json(), ensure_ascii=False),
        )
    )


def section(server: flask.Flask, name: str, **choices_made: str) -> str:
    asked = asked_of({}, State(**{"areas": OUDENBURG, "model": "crow", **choices_made}))
    with server.test_request_context("/gemeente"):
        return told(_answering(name, _MAKERS[name])(asked.data))


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("", 200),
        ("?areas=municipality:35014", 200),
        ("?areas=care_region:boom", 200),
        ("?level=municipality&zone=35014", 200),
        ("?areas=municipality:99999", 404),
        ("?areas=planet:1", 404),
        ("?areas=own:1&zones=2025-lost", 404),
        ("?areas=" + "x" * 5_000, 400),
    ],
)
def test_an_area_that_is_not_there_is_not_found(server: flask.Flask, address: str, status: int) -> None:
    assert server.test_client().get("/gemeente" + address).status_code == status


def test_what_is_wrong_is_said_in_the_page(server: flask.Flask) -> None:
    with server.test_request_context("/gemeente"):
        assert "99999" in told(page("/gemeente", areas="municipality:99999"))
        assert "Rechtvaardigt Oudenburg een consultatiebureau?" in told(page("/gemeente", areas=OUDENBURG))
        assert "Est-ce qu'Oudenburg justifie" in told(page("/gemeente", areas=OUDENBURG, lang="fr"))
        held = dict(choices(current(), asked_of({}, State())))
    assert len(held["municipality"]) == 304
    assert ("care_region:boom", "Boom") in held["care_region"]


def test_an_area_may_be_that_of_a_house_or_one_that_was_drawn(server: flask.Flask) -> None:
    with server.test_request_context("/gemeente"):
        house, name = dict(choices(current(), asked_of({}, State())))["house_area"][0]
        of_house = told(page("/gemeente", areas=house))
        drawn = told(page("/gemeente", areas="municipality:35014,municipality:35002"))
        french = dict(choices(current(), asked_of({}, State(lang="fr"))))
    assert f"Rechtvaardigt het werkingsgebied van {name} een consultatiebureau?" in of_house
    assert "Rechtvaardigt Oudenburg en Bredene een consultatiebureau?" in drawn
    assert ("municipality:21004", "Bruxelles") in french["municipality"]
    assert "geboorten in 2025" in section(server, "births", areas=house)
    assert "Oudenburg en Bredene" in section(server, "verdict", areas="municipality:35014,municipality:35002")


def test_the_address_holds_the_question() -> None:
    asked = asked_of({"preset": "own", "min_births": "80"}, State(level="municipality", zone="35014", plan="x"))
    assert asked.areas == (("municipality", "35014"),)
    assert (asked.preset, asked.thresholds.births, asked.state.plan) == ("own", 80.0, "x")
    assert asked_of({"preset": "luck", "min_births": "many"}, State()).min_births == ""
    ASKED.check(asked.data, "case-state")
    with pytest.raises(UnfitError):
        ASKED.check({**asked.data, "min_births": "x" * 13}, "case-state")


def test_the_sections_of_oudenburg(server: flask.Flask) -> None:
    """It has no bureau, 91 births in 2025, and its families go to Gistel."""
    assert "geen consultatiebureau" in section(server, "verdict")
    assert "91 geboorten in 2025" in section(server, "births")
    reach = section(server, "reach")
    assert "Te voet" in reach
    assert "de 91 baby's" in reach
    assert "Gistel" in section(server, "places")
    assert "Gistel" in section(server, "closing")
    assert "in de hele regio" in section(server, "alike")
    assert "verzonnen" in section(server, "unknown")
    assert "meest kansarm" in section(server, "deprivation", areas="municipality:35013")


def test_a_plan_is_tested_with_its_own_places(server: flask.Flask) -> None:
    """A plan that puts a bureau in the middle of Oudenburg, which has none; a plan without changes is today."""
    cookie = {"Cookie": f"{COOKIE}={'a' * 43}"}
    with server.test_request_context("/gemeente", headers=cookie):
        context = current()
        places = context.facilities("illustrative")
        scenario = start(context.snapshot, places, State(areas=OUDENBURG, model="crow").query)
        plans().put(scenario)
        new = Add(id="", service="bureau", name="Nieuw bureau", x=54_340.0, y=209_180.0)
        planned = scenario.with_edit(new, places, context.snapshot)
        plans().put(planned)
        said = {}
        for plan in (scenario.id, planned.id):
            asked = read_asked({"plan": plan}, "nl")
            assert asked.areas == (("municipality", "35014"),)
            said[plan] = told(_answering("verdict", _MAKERS["verdict"])(asked.data))
        page_said = told(page("/gemeente", plan=planned.id))
        reach = told(_answering("reach", _MAKERS["reach"])(read_asked({"plan": planned.id}, "nl").data))
    assert "Getoetst met de plaatsen van het plan" in said[planned.id]
    assert "Nieuw bureau" in said[planned.id]
    assert "De drie beste plekken" in said[scenario.id]
    assert "Getoetst met" not in said[scenario.id]
    assert "Met de plaatsen van het plan" in page_said
    assert "geen enkele van de 91 baby's" not in reach.partition("fiets")[0]
    with server.test_request_context("/gemeente", headers={"Cookie": f"{COOKIE}={'b' * 43}"}):
        assert "Met de plaatsen van het plan" not in told(page("/gemeente", plan=planned.id))


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nobody_was_born_in_herstappe(server: flask.Flask, name: str, lang: str) -> None:
    said = section(server, name, areas=HERSTAPPE, lang=lang)
    assert "Herstappe" in said
    assert not re.search(r"\b(nan|None|inf)\b", said)


def test_places_without_a_point_leave_the_verdict_open(server: flask.Flask) -> None:
    assert "is niet bekend" in section(server, "verdict", facilities="documented")
    assert "geen ligging bekend" in section(server, "places", facilities="documented")


def test_a_threshold_below_zero_is_told_in_the_section(server: flask.Flask) -> None:
    asked = asked_of({"min_births": "-5"}, State(areas=OUDENBURG))
    with server.test_request_context("/gemeente"):
        assert "0 of meer" in told(_answering("verdict", _MAKERS["verdict"])(asked.data))


def test_the_norm_answers_and_its_address_asks_the_same(server: flask.Flask) -> None:
    state = State(service="house", model="crow")
    with server.test_request_context("/norm"):
        assert "Hoeveel plaatsen vraagt een norm?" in told(page("/norm", service="house"))
        said = told(norm_answer.answer(100, ["keep"], 1, 90_000, state.__dict__))
        wrong = told(norm_answer.answer(100, ["keep"], 1, None, {**state.__dict__, "facilities": "documented"}))
    assert "Met een norm van 100 geboorten" in said
    assert "Bewezen" in said
    assert "90.000 per plaats" in said
    assert "alleen de gemeente bekend" in wrong
    with server.test_request_context("/norm"):
        files = {form: file_of(what, form, 100, ["keep"], 1, 90_000, state.__dict__) for what, form in OFFERED[:1]}
        picture = file_of("frontier", "svg", 100, ["keep"], 1, "", state.__dict__)
        chart = on_request.of_areas(current(), State(model="crow"), (("municipality", "35014"),), "fifths", "svg")
    assert files["pdf"]["filename"] == "nabij-norm-house-100.pdf"
    assert base64.b64decode(files["pdf"]["content"]).startswith(b"%PDF")
    drawn = base64.b64decode(picture["content"]).decode()
    assert "VERZONNEN" in drawn.upper()
    assert "nieuwe plaatsen" in drawn
    assert "minst kansarm" in base64.b64decode(chart["content"]).decode()
    asked = norm_of({"births": "100", "rules": "keep,article9", "cost": "5"}, state)
    assert asked.address == "norm?service=house&model=crow&births=100&rules=article9,keep&deprived=1&cost=5"
    assert norm_of({"births": "1e9", "rules": "none", "deprived": "x"}, state).request.rules == ()
