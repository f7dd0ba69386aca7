"""The programming test on the tiny world, where every figure can be counted by hand."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from coverage.analysis import Engine
from coverage.case import AskedThresholds, Judged, ProgrammingTest, Thresholds, draws, programming_test, verdict_of
from coverage.core.query import Query
from coverage.indicators.criterion import COUNTED, Threshold, births_criterion
from coverage.zones.uncertainty import CERTAIN
from i18n.errors import InputError
from i18n.texts import LANGUAGES, has_text
from layers.notes.case_notes import case_json, case_table, case_text
from layers.notes.notes import Notes
from layers.sentences.case import criterion_words, decisive_words, question_words, verdict_words
from loaders.catalogue.columns import CASE_COLUMNS, CASE_SITE_COLUMNS
from loaders.catalogue.threshold_presets import get_preset, presets

AAKEN = (("municipality", "10012"),)
OWN = (("births",),)


def judge_area(tiny: Any, *places: Any, **more: Any) -> ProgrammingTest:
    """Aaken-Beke by `own` thresholds, at a site in the middle of its west half."""
    query = Query(areas=AAKEN, within_m=390, service=more.pop("service", "bureau"), mode=more.pop("mode", "walk"))
    engine = Engine(tiny.snapshot())
    asked = more.pop("asked", AskedThresholds(births=5))
    more = {"draws": 50, "site_xy": tiny.centre(10, 5), "preset": "own"} | more
    return programming_test(engine, query, tiny.facilities(*places), asked=asked, **more)


def of(found: ProgrammingTest, name: str) -> Judged:
    judged = found.criterion(name)
    assert judged is not None
    return judged


@pytest.mark.parametrize("counted", COUNTED)
def test_births_and_their_draws_are_those_of_the_births_criterion(tiny: Any, counted: Any) -> None:
    """One set of draws for both, so that two pages never say two things."""
    place = tiny.place(12, 5)
    found = judge_area(tiny, place, asked=AskedThresholds(births=6, counted=counted), draws=120)
    beside = births_criterion(
        Engine(tiny.snapshot()), Query(areas=AAKEN, within_m=390), tiny.facilities(place), Threshold(6, None, counted),
        site_xy=tiny.centre(10, 5), draws=120,
    )  # fmt: skip
    births = of(found, "births")
    assert births.value == pytest.approx(beside.counted)
    assert (births.low, births.high, births.probability) == (beside.low, beside.high, beside.probability)


@pytest.mark.parametrize("counted", COUNTED)
def test_a_few_cells_at_a_time_are_drawn_as_all_of_them(
    tiny: Any, counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn() -> list[tuple[float, ...]]:
        asked = AskedThresholds(births=6, counted=counted)
        found = judge_area(tiny, tiny.place(12, 5), asked=asked, draws=20)
        return [(one.low, one.high, one.probability) for one in found.criteria]

    whole = drawn()
    monkeypatch.setattr(draws, "ROWS_AT_ONCE", 3)
    np.testing.assert_array_equal(drawn(), whole)


def test_the_next_place_and_what_moving_it_brings(tiny: Any) -> None:
    """A bureau 200 m east: 260 m of travel. Moving it loses all it reaches alone, and gains what the new one does."""
    found = judge_area(tiny, tiny.place(12, 5), spread=CERTAIN)
    assert of(found, "distance").value == pytest.approx(260)
    disc = {(a, b) for a in range(-3, 4) for b in range(-3, 4) if a * a + b * b <= 9}
    alone = {(a, b) for a, b in disc if (a - 2, b) not in disc}
    per_cell = 90 / 400
    assert found.births_gained == pytest.approx(len(alone) * per_cell)
    lost = len([1 for a, b in disc if (a + 2, b) not in disc]) * per_cell
    assert found.moves.loc[0, "births_lost"] == pytest.approx(lost)
    assert of(found, "alternative").value == pytest.approx(max(0.0, 1 - lost / found.births_gained))


def test_without_doubt_the_verdict_is_that_of_the_figures(tiny: Any) -> None:
    yes = judge_area(tiny, spread=CERTAIN)
    no = judge_area(tiny, asked=AskedThresholds(births=60), spread=CERTAIN)
    assert (yes.verdict, yes.probability) == ("justified", 1.0)
    assert (no.verdict, no.probability) == ("not_justified", 0.0)


def test_a_close_call_is_not_settled(tiny: Any) -> None:
    found = judge_area(tiny, asked=AskedThresholds(births=6.5), draws=200)
    assert found.verdict == "not_known"
    assert 0.34 < found.probability < 0.66
    assert "niet uit te maken" in verdict_words(found, "Aaken-Beke", "nl")


def test_what_is_not_known_is_taken_both_ways(tiny: Any) -> None:
    """No travel along streets, so no barrier is known; births alone settle it only where they are too few."""
    both = (("births",), ("barrier",))
    asked = AskedThresholds(births=5, detour=1.5, required=both)
    found = judge_area(tiny, tiny.place(12, 5), asked=asked, spread=CERTAIN)
    assert (found.verdict, found.low, found.high) == ("not_known", 0.0, 1.0)
    assert math.isnan(found.probability)
    assert "natuurlijke barrières" in verdict_words(found, "Aaken-Beke", "nl")
    few = judge_area(
        tiny, tiny.place(12, 5), asked=AskedThresholds(births=60, detour=1.5, required=both), spread=CERTAIN
    )
    assert (few.verdict, few.high) == ("not_justified", 0.0)
    either = AskedThresholds(births=5, detour=1.5, required=(("births", "barrier"),))
    assert judge_area(tiny, tiny.place(12, 5), asked=either, spread=CERTAIN).verdict == "justified"


def test_a_group_holds_by_one_of_its_members_in_the_same_draw() -> None:
    def judged(name: str, *draws: bool) -> Judged:
        return Judged(name, 1, 1, 1, 1, True, 1, True, "user", np.array(draws))

    pair = [judged("births", True, True, False, False), judged("distance", False, False, True, True)]
    assert verdict_of(pair, (("births", "distance"),), 4) == ("justified", 1.0, 1.0)
    assert verdict_of(pair, (("births",), ("distance",)), 4) == ("not_justified", 0.0, 0.0)
    assert verdict_of(pair, (("births",), ("hours",)), 4) == ("not_known", 0.5, 0.5)


def test_article_9_asks_for_a_bureau_and_one_care_region(tiny: Any) -> None:
    """10001 lies in the care region and 10002 does not; a bureau in the area covers the first half only."""
    bureau = tiny.place(3, 3)
    merged = judge_area(tiny, bureau, service="house", spread=CERTAIN)
    assert of(merged, "article9").holds is False
    assert (of(merged, "article9").facts["covers"], of(merged, "article9").facts["within"]) == (True, False)
    x, y = tiny.centre(0, 0)
    inside = shapely.box(x - 50, y - 50, x + 1_450, y + 950)
    whole = judge_area(tiny, bureau, service="house", area=inside, spread=CERTAIN)
    assert of(whole, "article9").holds is True
    alone = judge_area(tiny, service="house", area=inside, spread=CERTAIN)
    assert of(alone, "article9").holds is False
    assert "omvatten" in criterion_words(of(alone, "article9"), alone, "nl")
    assert judge_area(tiny).criterion("article9") is None


def test_hours_follow_from_births_an_hour(tiny: Any) -> None:
    asked = AskedThresholds(births=1, hours=3, births_per_hour=2)
    found = judge_area(tiny, asked=asked, spread=CERTAIN)
    assert of(found, "hours").value == pytest.approx(29 * 90 / 400 / 2)
    assert of(found, "hours").holds
    assert of(judge_area(tiny), "hours").holds is None


def test_a_site_outside_the_data_is_refused(tiny: Any) -> None:
    x, y = tiny.centre(10, 5)
    with pytest.raises(InputError, match="outside the region of the data"):
        judge_area(tiny, tiny.place(2, 2), site_xy=(x + 80_000, y))


def test_every_candidate_is_tried_and_the_best_come_first(tiny: Any) -> None:
    found = judge_area(tiny, tiny.place(2, 2), site_xy=None)
    assert found.n_candidates == 16  # sectors of two municipalities of 2018
    assert list(found.sites.columns) == list(CASE_SITE_COLUMNS)
    assert found.sites["births_gained"].is_monotonic_decreasing
    assert list(found.sites["rank"]) == list(range(1, len(found.sites) + 1))
    assert (found.site.x, found.site.y) == tuple(found.sites.loc[0, ["x", "y"]])


def test_places_without_a_point_leave_open_what_rests_on_distance(tiny: Any) -> None:
    place = tiny.place(12, 5) | {"x": None, "y": None, "precision": "municipality"}
    found = judge_area(tiny, place, asked=AskedThresholds(births=5, distance_m=100), spread=CERTAIN)
    assert {name: of(found, name).holds for name in ("births", "distance", "alternative")} == {
        "births": True, "distance": None, "alternative": None,
    }  # fmt: skip
    assert "niet bekend" in criterion_words(of(found, "distance"), found, "nl")


def test_what_cannot_be_asked_is_told(tiny: Any) -> None:
    with pytest.raises(InputError, match="no births in the area"):
        programming_test(
            Engine(tiny.snapshot()), Query(areas=(("municipality", "10006"),)), tiny.facilities(), preset="own",
            asked=AskedThresholds(births=1),
        )  # fmt: skip
    with pytest.raises(InputError, match="no area to judge"):
        programming_test(Engine(tiny.snapshot()), Query(), tiny.facilities())
    with pytest.raises(InputError, match="no inhabited hectare"):
        judge_area(tiny, area=shapely.box(0, 0, 10, 10))
    with pytest.raises(InputError, match="threshold for 'births' is -1"):
        Thresholds(births=-1)
    with pytest.raises(InputError, match="share from 0 to 1"):
        Thresholds(deprivation=2)
    with pytest.raises(InputError, match="Unknown criterion 'luck'"):
        judge_area(tiny, asked=AskedThresholds(births=1, required=(("luck",),)))
    with pytest.raises(InputError, match="'hours' is required but has no threshold"):
        judge_area(tiny, asked=AskedThresholds(births=1, required=(("hours",),)))
    with pytest.raises(InputError, match="Unknown thresholds 'any'"):
        judge_area(tiny, preset="any")
    with pytest.raises(InputError, match="at least 1"):
        judge_area(tiny, draws=0)


def test_presets_say_how_their_numbers_are_known() -> None:
    assert {preset.status for preset in presets().values()} == {"published", "second_hand", "own"}
    assert get_preset("reported").status == "second_hand"
    assert get_preset("recognition").values["hours"] == 210
    for preset in presets().values():
        assert has_text(f"preset.{preset.name}")
        assert has_text(f"preset.source.{preset.source}")
        assert preset.required


def test_no_places_at_all_is_far_from_the_next_one(tiny: Any) -> None:
    found = judge_area(tiny, asked=AskedThresholds(births=1, distance_m=500), spread=CERTAIN)
    assert of(found, "distance").holds
    assert "nergens" in criterion_words(of(found, "distance"), found, "nl")
    assert found.moves.empty


def test_by_car_the_next_place_is_minutes_away_and_no_barrier_is_asked_for(tiny: Any) -> None:
    """5.01 · km^0.58 minutes for 200 m in a straight line, with which 2 minutes hold and 3 do not."""
    wanted = (("births",), ("distance", "barrier"))
    for minutes, holds in ((1.5, True), (3.0, False)):
        asked = AskedThresholds(births=0, distance_minutes=minutes, detour=1.6, required=wanted)
        found = judge_area(tiny, tiny.place(12, 5), mode="car", asked=asked, spread=CERTAIN)
        row = case_table(found, "Aaken", "en").set_index("criterion").loc["distance"]
        assert (row["value_unit"], row["threshold"]) == ("minutes", minutes)
        assert row["value"] == pytest.approx(5.01 * 0.2**0.58, abs=0.05)
        assert "is 2 min away" in row["sentence"]
        assert found.verdict == ("justified" if holds else "not_justified")
    assert of(found, "barrier").holds is None
    assert "minutes, not in kilometres" in criterion_words(of(found, "barrier"), found, "en")
    with pytest.raises(InputError, match="in metres and in minutes"):
        judge_area(tiny, asked=AskedThresholds(births=1, distance_m=500, distance_minutes=5))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_file_and_sentences_say_the_same(tiny: Any, lang: str) -> None:
    found = judge_area(tiny, tiny.place(12, 5), asked=AskedThresholds(births=60))
    where = "Aaken-Beke"
    table = case_table(found, where, lang)
    assert list(table.columns) == list(CASE_COLUMNS)
    assert table.loc[0, "outcome"] == "not_justified"
    assert table.loc[0, "sentence"] == verdict_words(found, where, lang)
    notes = Notes("", "", "", found.analysis.evidence, (), (), "nabij justify", "0", "0.1.0", lang)
    whole = json.loads(case_json(found, table, notes, where))
    assert whole["verdict"] == "not_justified"
    assert [row["criterion"] for row in whole["criteria"]] == list(table["criterion"][1:])
    told = case_text(found, notes, where)
    assert question_words("bureau", where, lang) in told
    assert decisive_words(found, lang) in told
    assert not re.search(r"\b(nan|None|inf)\b", told)


def test_the_preset_file_is_read_as_it_stands() -> None:
    known = {"births", "distance", "detour", "deprivation", "hours", "alternative"}
    assert all(set(preset.values) <= known for preset in presets().values())
    assert Path("loaders/catalogue/threshold_presets.toml").is_file()
