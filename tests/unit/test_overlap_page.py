"""The page of overlap: two levels in one address, the same figures as the command, the matrix, the flows, the file."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import dash
import numpy as np
import pandas as pd
import pytest

from app import create_app
from coverage.zones.partition_overlap import CUT, NOT_CUT, UNKNOWN
from i18n.texts import LANGUAGES
from layers.views.overlap_view import MATRIX, map_of, matrix_of, zones_of
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE
from pages.overlap import answer as overlap_answer
from pages.overlap.asked import ASKED, overlap_in_form, overlap_of
from pages.request.input_kinds import fits
from pages.shell.context import current


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dash.Dash]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("overlap")))
        app = create_app()
        with app.server.test_request_context("/overlap"):
            yield app


def told(component: Any) -> str:
    return json.dumps(component, default=lambda part: part.to_plotly_json(), ensure_ascii=False)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"a": "municipality", "b": "primary_care_zone", "vintage": "2019"},
        {"a": "house_area", "b": "care_region", "demand": "age0_2", "year": "2015", "lang": "fr"},
        {"service": "house", "demand": "age0_2", "mode": "bike"},
    ],
)
def test_an_address_holds_the_question(explorer: dash.Dash, values: dict[str, str]) -> None:
    asked = overlap_of(values, "nl")
    search = dict(part.split("=") for part in asked.search[1:].split("&") if part)
    assert overlap_of(search, "nl") == asked
    assert fits(ASKED, asked.form)
    assert overlap_in_form(asked.form, current()) == asked


def test_levels_that_make_no_sense_are_as_usual(explorer: dash.Dash) -> None:
    assert overlap_of({"a": "planet", "b": "x" * 500}, "nl") == overlap_of({}, "nl")


def test_the_acceptance_cases_stand_on_the_page(explorer: dash.Dash) -> None:
    """Oostende is cut by three circles; Boom is cut by three that a report names, how is not known."""
    found, _ = overlap_answer.overlap_asked(overlap_of({}, "nl"), None)
    zones: dict[Any, Any] = zones_of(found).set_index("name").to_dict("index")
    coast, boom = zones["Oostende"], zones["Boom"]
    assert coast["verdict"] == boom["verdict"] == CUT
    assert coast["parts"] == 3
    assert coast["largest"] == pytest.approx(0.72, abs=0.005)
    assert boom["unknown"] == pytest.approx(0.69, abs=0.005)
    assert pd.isna(boom["effective"])
    assert boom["documented"].count(";") == 2


def test_the_matrix_holds_all_births_of_its_rows(explorer: dash.Dash) -> None:
    found, _ = overlap_answer.overlap_asked(overlap_of({"a": "primary_care_zone", "b": "municipality"}, "nl"), None)
    zones = zones_of(found)
    matrix = matrix_of(found, zones)
    assert len(matrix.rows) == MATRIX
    assert len(matrix.columns) <= MATRIX
    assert matrix.left_out == len(zones) - MATRIX
    summed = matrix.births.sum(axis=1) + matrix.rest + matrix.unknown
    assert np.abs(summed - zones["births"].head(MATRIX).to_numpy(np.float64)).max() < 1e-3
    assert zones["verdict"].tolist() == sorted(zones["verdict"], key=[CUT, UNKNOWN, NOT_CUT].index)


def test_what_is_not_known_is_not_told_as_not_cut(explorer: dash.Dash) -> None:
    found, context = overlap_answer.overlap_asked(overlap_of({"a": "gp_circle", "b": "care_region"}, "nl"), None)
    zones = zones_of(found)
    assert set(zones.loc[zones["unknown"] >= 0.01, "verdict"]) == {UNKNOWN}
    ids = context.snapshot.zones("gp_circle", found.vintage_a)["zone_id"]
    shown = map_of(found, zones, ids, "nl")
    assert len(shown["i"]) == len(zones)
    assert any("niet te zeggen: hier niet bekend 100" in words for words in shown["told"])


def test_flows_cross_a_border_and_end_in_another_zone(explorer: dash.Dash) -> None:
    asked = overlap_of({"a": "primary_care_zone", "b": "municipality", "model": "crow"}, "nl")
    view, _, _, _, tables = overlap_answer.answer({**asked.form}, None)
    flows = view["frames"][0]["flows"]
    assert 0 < len(flows) <= overlap_answer.FLOWS
    assert all(one["from"] != one["to"] and one["births"] > 0 and 0 < one["share"] <= 1 for one in flows)
    assert [one["births"] for one in flows] == sorted((one["births"] for one in flows), reverse=True)
    assert all(NOT_KNOWN_HERE not in (one["from"], one["to"]) for one in flows)
    assert "verzonnen plaatsen" in told(tables)


def test_the_same_level_twice_is_told(explorer: dash.Dash) -> None:
    view, words, *rest = overlap_answer.answer(overlap_of({"b": "care_region"}, "nl").form, None)
    assert view["frames"] == []
    assert "case-wrong" in told(words)
    assert rest == [None] * 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_its_page(explorer: dash.Dash, lang: str) -> None:
    found = next(each for each in dash.page_registry.values() if each["path"] == "/overlap")
    words = told(found["layout"](lang=lang, a="municipality", b="care_region"))
    assert '"overlap.page' not in words
    for other in LANGUAGES:
        assert f"lang={other}" in words or other in (lang, "nl")
    assert "a=municipality&b=care_region" in words


def test_the_file_is_that_of_the_command(explorer: dash.Dash) -> None:
    made = overlap_answer.file_of(overlap_of({}, "nl"), None, "csv")
    content = base64.b64decode(made["content"]).decode()
    assert "nabij overlap --levels care_region,gp_circle" in content
    table = pd.read_csv(io.StringIO(content), comment="#")
    found, _ = overlap_answer.overlap_asked(overlap_of({}, "nl"), None)
    assert len(table) == len(found.table)
    assert base64.b64decode(overlap_answer.file_of(overlap_of({}, "fr"), None, "xlsx")["content"])[:2] == b"PK"
