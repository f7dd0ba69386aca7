"""Pictures that stand by themselves: what is on them, and that they are made again bit for bit."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from defusedxml import ElementTree
from PIL import Image

from coverage.analysis import Engine, analyse
from coverage.core.query import Query
from i18n.errors import InputError
from i18n.texts import LANGUAGES, text
from layers.figures.analysis_map import figure_of, map_of
from layers.figures.area_charts import area_chart
from layers.figures.chart import Bar, Series, draw_bars, draw_changes, draw_years, nice_step
from layers.figures.drawing import number, text_width, wrapped
from layers.figures.framed import framed
from layers.figures.png import png_of
from layers.notes.notes import Notes, describe
from loaders.snapshot.reader import Snapshot

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from tests.unit.conftest import TinySnapshot, TinyWorld

NS = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def answered(tiny: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> tuple[TinySnapshot, Analysis, Notes]:
    monkeypatch.setattr(Snapshot, "hash", property(lambda _: "ab" * 32))
    monkeypatch.setattr(Snapshot, "sources", property(lambda _: {}))
    snapshot = tiny.snapshot()
    analysis = analyse(snapshot, Query(), tiny.facilities(tiny.place(5, 5), tiny.place(7, 5, status="planned")))
    return snapshot, analysis, describe(analysis, snapshot, "figure", "nl")


def words(svg: bytes) -> list[str]:
    return [str(node.text) for node in ElementTree.fromstring(svg.decode()).iter(f"{NS}text")]


def test_a_map_has_title_legend_scale_north_and_source(answered: tuple[TinySnapshot, Analysis, Notes]) -> None:
    snapshot, analysis, notes = answered
    drawn = figure_of(analysis, snapshot, notes)
    told = words(drawn)
    assert text("column.births_out_of_reach", "nl") in told
    assert any(word.endswith((" km", " m")) for word in told)
    assert text("figure.north.letter", "nl") in told
    assert any(word.startswith("Bronnen: ") for word in told)
    figure = map_of(analysis, snapshot, notes)
    assert set(figure.places_labels) == {"open", "other"}
    for entry in figure.legend:
        assert entry.label in told
    assert drawn == figure_of(analysis, snapshot, notes)
    assert b"http" not in drawn.replace(b"http://www.w3.org/2000/svg", b"")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_map_of_made_up_places_says_so(answered: tuple[TinySnapshot, Analysis, Notes], lang: str) -> None:
    snapshot, analysis, notes = answered
    warning = text("export.illustrative", lang)
    told = " ".join(words(figure_of(analysis, snapshot, replace(notes, warning=warning, lang=lang))))
    assert warning in told
    assert warning not in " ".join(words(figure_of(analysis, snapshot, notes)))


def test_every_zone_has_its_class_and_those_without_a_value_are_hatched(
    answered: tuple[TinySnapshot, Analysis, Notes],
) -> None:
    snapshot, analysis, notes = answered
    table = analysis.table.assign(share_in_reach=[0.05, float("nan"), *[0.95] * (len(analysis.table) - 2)])
    figure = map_of(replace(analysis, table=table), snapshot, notes, "share_in_reach")
    colours = [zone.colour for zone in figure.zones]
    assert colours[1] == ""
    assert colours[0] == figure.legend[0].colour
    assert colours[-1] == figure.legend[-2].colour
    assert figure.legend[-1].label == text("legend.no_data", "nl")


def test_a_map_of_what_is_not_known_is_refused(answered: tuple[TinySnapshot, Analysis, Notes]) -> None:
    snapshot, analysis, notes = answered
    with pytest.raises(InputError, match="map would be empty"):
        figure_of(analysis, snapshot, notes, "gap_probability")
    with pytest.raises(InputError, match="Unknown indicator"):
        figure_of(analysis, snapshot, notes, "beauty")


def test_a_png_is_the_same_picture_at_twice_the_size(answered: tuple[TinySnapshot, Analysis, Notes]) -> None:
    snapshot, analysis, notes = answered
    drawn = figure_of(analysis, snapshot, notes)
    image = Image.open(io.BytesIO(png_of(drawn)))
    root = ElementTree.fromstring(drawn.decode())
    assert image.size == pytest.approx((2 * float(root.get("width") or 0), 2 * float(root.get("height") or 0)), abs=2)
    assert png_of(drawn) == png_of(drawn)
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}
    zone = next(zone.colour for zone in map_of(analysis, snapshot, notes).zones if zone.colour)
    assert tuple(int(zone[i : i + 2], 16) for i in (1, 3, 5)) in colours


@pytest.mark.parametrize(("largest", "step"), [(0, 1), (3, 1), (7.2, 2), (43, 10), (8000, 2000), (10, 2)])
def test_axes_have_round_steps(largest: float, step: float) -> None:
    assert nice_step(largest) == step


def test_charts_have_axes_and_name_who_gains_and_loses() -> None:
    drawn = draw_years("Jaren", [Series("kinderen", range(1992, 2023), [90.0 + n for n in range(31)])], "nl")
    told = words(drawn)
    assert {"0", "50", "100", "150", "1995", "2015", "2022", "kinderen"} <= set(told)
    bars = words(draw_changes("Wie", [("Noord", 33.4, 0.0), ("Zuid", 0.0, 0.2)], "nl", ("verliezen", "winnen")))
    assert {"Noord", "Zuid", "+33", "−<1", "verliezen", "winnen"} <= set(bars)


def test_charts_of_an_area_stand_by_themselves(answered: tuple[TinySnapshot, Analysis, Notes]) -> None:
    """Shares with the numbers behind them; of births no word on places, for they have no part in them."""
    snapshot, analysis, notes = answered
    warned = replace(notes, warning="VERZONNEN plaatsen", lang="nl")
    drawn = framed(
        draw_bars("Wie", [Bar("1", 0.25, "25 % (2 van 8)"), Bar("2", math.nan, "–")], "nl", "as"), "Wie", warned
    )
    told = words(drawn)
    assert {"Wie", "25 % (2 van 8)", "VERZONNEN plaatsen", "0\u00a0%", "100\u00a0%"} <= set(told)
    assert any(word.startswith("Bronnen: ") for word in told)
    assert Image.open(io.BytesIO(png_of(drawn))).size[0] > 1000
    with pytest.raises(InputError, match="nothing to draw"):
        area_chart("fifths", Engine(snapshot), analysis, warned)
    years = pd.DataFrame({"year": [2021, 2022, 2025], "kind": ["age0", "age0", "births"], "value": [9.0, 8.0, 7.0]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("layers.figures.area_charts.trend", lambda *_: years)
        told = words(area_chart("births", Engine(snapshot), analysis, warned))
    assert {"2021", "2025", text("dossier.trend.age0", "nl")} <= set(told)
    assert "VERZONNEN plaatsen" not in told


def test_words_fit_their_room() -> None:
    lines = wrapped("een twee drie vier vijf zes zeven acht", 60.0, 13.0)
    assert " ".join(lines) == "een twee drie vier vijf zes zeven acht"
    assert len(lines) > 2
    assert wrapped("dat is 1\u202f200\u00a0m", 60.0, 13.0)[-1] == "1\u202f200\u00a0m"
    assert wrapped("", 60.0, 13.0) == []
    assert all(text_width(line, 13.0) <= 60.0 for line in lines)
    assert text_width("breed", 13.0, bold=True) > text_width("breed", 13.0)
    assert [number(value) for value in (1.0, 2.25, -0.04, -3.0)] == ["1", "2.2", "0", "-3"]
