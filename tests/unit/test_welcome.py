"""Where somebody begins: questions that lead to a page, a tour whose stops have words, and figures in two kinds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from i18n.texts import LANGUAGES, has_text, text
from layers.maps.classes import INDICATORS
from pages.explore import measure_choices
from pages.explore.welcome import STEPS, WORDS, start_line
from pages.shell.state import State

TOUR = Path(__file__).parents[2] / "assets" / "js" / "tour.mjs"


def told(component: Any) -> str:
    return json.dumps(component, default=lambda part: part.to_plotly_json(), ensure_ascii=False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_questions_lead_on_with_what_is_asked(lang: str) -> None:
    line = told(start_line(State(lang=lang, mode="bike")))
    links = re.findall(r'"href": "([^"]+)"', line)
    assert [link.partition("?")[0] for link in links] == ["gemeente", "plannen"]
    assert all("mode=bike" in link for link in links)
    assert all(text(f"start.{name}", lang) in line for name in ("where", "mine", "what_if", "tour", "close"))


def test_the_stops_of_the_tour_are_those_of_the_script() -> None:
    stops = re.search(r"const STEPS = \[(.*?)\];", TOUR.read_text(encoding="utf-8"), re.DOTALL)
    assert stops
    assert tuple(re.findall(r'\["(\w+)",', stops.group(1))) == STEPS
    assert all(has_text(key) for key in WORDS)


def test_every_figure_is_simple_or_for_research_and_in_one_group() -> None:
    groups = [[item["value"] for item in group["items"]] for group in measure_choices.choices("nl")]
    names = [name for group in groups for name in group]
    assert len(names) == len(set(names))
    assert set(INDICATORS) <= set(names)
    assert groups[0] == list(measure_choices.SIMPLE)
    assert next(group["group"] for group in measure_choices.choices("nl")) == "Eenvoudig"
