"""The page of the method: every figure of the map and every word has its place there, in every language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import dash
import pytest

from app import create_app
from i18n.texts import LANGUAGES, has_text
from layers.maps.classes import ASKED, INDICATORS
from pages.explore.zone_grid import columns
from pages.method.entries import GROUPS, LIMITS
from pages.shell.method_link import method_address, method_link
from tests.unit.test_docs import DOCS

ENTRIES = [entry for entries in GROUPS.values() for entry in entries]


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dash.Dash]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("method")))
        app = create_app()
        with app.server.test_request_context("/methode"):
            yield app


def told(component: Any) -> str:
    return json.dumps(component, default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def test_every_figure_of_the_map_is_explained_once() -> None:
    names = [entry.name for entry in ENTRIES]
    assert len(names) == len(set(names))
    assert {*INDICATORS, *ASKED} <= set(names)


@pytest.mark.parametrize("plan", [False, True])
def test_headings_of_the_table_lead_to_a_figure_that_is_explained(plan: bool) -> None:
    explained = {entry.name for entry in ENTRIES}
    led = {column["id"]: column["method"] for column in columns("nl", plan=plan) if "method" in column}
    assert set(led.values()) <= explained
    assert {*INDICATORS, *ASKED} - {"gap"} <= set(led)
    assert led["why"] == "gap"
    assert led.get("reach_change") == ("births_gained" if plan else None)


def test_every_limit_is_said() -> None:
    assert all(has_text(f"method.limit.{key}") for key in LIMITS)
    assert all(entry.limits for entry in ENTRIES)


def test_pages_of_the_documentation_are_there() -> None:
    assert all((DOCS / "method" / f"{entry.page}.md").exists() for entry in ENTRIES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_has_a_place_for_every_term(explorer: dash.Dash, lang: str) -> None:
    found = next(each for each in dash.page_registry.values() if each["path"] == "/methode")
    words = told(found["layout"](lang=lang))
    ids = re.findall(r'"id": "([^"]+)"', words)
    assert len(ids) == len(set(ids))
    assert {entry.name for entry in ENTRIES} <= set(ids)
    assert {"flag-merged", "reason-beyond_reach", "evidence-illustrative", "level-care_region"} <= set(ids)
    anchors = re.findall(r'"href": "#([^"]+)"', words)
    assert set(anchors) <= {*ids, "method-answer"}
    assert not re.search(r'"(method|column|measure|indicator|rests_on)\.[a-z0-9_.]+"', words)


def test_a_term_leads_to_its_place() -> None:
    assert method_address("gap", "nl") == "methode#gap"
    assert method_address("gap", "fr") == "methode?lang=fr#gap"
    assert "gap" in told(method_link("gap", "en", "Gap"))
