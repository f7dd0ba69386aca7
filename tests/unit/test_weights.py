"""What heavy stages of a question weigh: each is refused when it takes too much, and told about as much as is seen."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from coverage.core.reach import coordinates, measure, place_rows
from coverage.indicators.closure import closure_test, weigh_closures
from coverage.indicators.comparison import compare
from coverage.indicators.isochrone_table import isochrone_table, weigh
from coverage.indicators.measures import count_pairs
from coverage.memory.limits import PAIR_BYTES, QuestionLimits
from coverage.memory.weights import Weight, check, of_distances, of_draws, of_file, of_nearest, of_picture, of_pieces
from coverage.siting.planning.joint_siting import CoLocation
from coverage.siting.planning.question.problem import lay_out
from coverage.siting.planning.question.request import SitingRequest
from coverage.siting.planning.weight import check_joint, weigh_joint
from coverage.siting.planning.weight import weigh as weigh_siting
from coverage.zones.partition_overlap import between, weigh_overlap
from coverage.zones.uncertainty import simulate, uncertain_cells
from i18n.messages import MessageError
from i18n.texts import LANGUAGES
from layers.dossier.document import Document, Paragraph, Picture, Section
from layers.dossier.weight import check_document
from layers.dossier.writers.files import FORMS
from layers.files.export import render
from layers.files.weight import check_file, check_picture
from layers.maps.folium_map import standalone_map
from layers.notes.notes import describe
from loaders.snapshot.facility_sets import embedded_facilities
from loaders.snapshot.reader import Snapshot

FACTOR = 2.5
"""How many times as much, or as little, may be told as is seen."""


@pytest.fixture(scope="module")
def known(embedded: Any) -> tuple[Engine, Any]:
    return Engine(embedded), embedded_facilities(embedded, "illustrative")


@pytest.fixture
def world(tiny: Any) -> tuple[Any, Any]:
    return tiny.snapshot(), tiny.facilities(tiny.place(2, 2), tiny.place(30, 20))


def _peak(work: Callable[[], object]) -> int:
    """Bytes at the highest while something is worked out; kept for as long as it is, so that it is counted."""
    tracemalloc.start()
    try:
        _held = work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _alike(told: int, seen: int) -> None:
    assert seen / FACTOR <= told <= seen * FACTOR, f"told {told / 1e6:.0f} MB, seen {seen / 1e6:.0f} MB"


# told beside seen


@pytest.mark.parametrize("level", ["municipality", "sector"])
def test_draws_take_about_what_is_told(known: Any, level: str) -> None:
    engine, places = known
    query = Query(level=level)
    found = engine.analyse(query, places)
    cells = uncertain_cells(engine.snapshot, found.demand, engine.reach(found.facilities, query), found.facilities)
    zones = len(engine.territory.zone_ids(level, query.held_vintage))
    told = of_draws(len(cells.cell), len(cells.snapped), len(cells.block_municipality), zones, 100)

    def draw() -> object:
        return simulate(
            cells, found.zone_index, zones, within_m=query.reach_m, min_share=query.min_share, draws=100, seed=1
        )

    draw()
    _alike(told.bytes, _peak(draw))


def test_closures_take_about_what_is_told(known: Any) -> None:
    engine, places = known
    query = Query(mode="bike")
    engine.analyse(query, places)
    told = weigh_closures(engine, query, places)
    assert told == of_nearest(len(engine.snapshot.grid.xy), len(place_rows(places.of_service("bureau"))), 3)
    _alike(told.bytes, _peak(lambda: closure_test(engine, query, places)))


def test_two_divisions_take_about_what_is_told(known: Any) -> None:
    engine, _ = known
    demand, levels = engine.demand(), ("municipality", "primary_care_zone")

    def lay_over() -> object:
        return between(engine.territory, demand, levels, 2019)

    lay_over()
    _alike(of_pieces(len(demand.births)).bytes, _peak(lay_over))


@pytest.mark.parametrize("form", ["geojson", "xlsx", "csv"])
def test_files_take_about_what_is_told(known: Any, form: str) -> None:
    engine, places = known
    found = engine.analyse(Query(level="municipality"), places)
    zones = engine.snapshot.zones("municipality", found.query.held_vintage)[["zone_id", "geometry"]]
    told, notes = _file(found, zones, form), describe(found, engine.snapshot, "coverage", "nl")
    render(found.table, notes, form, zones)
    seen = _peak(lambda: render(found.table, notes, form, zones))
    if seen > 5e6:
        _alike(told.bytes, seen)
    else:
        assert told.bytes < 5e6


def _file(found: Analysis, zones: Any, form: str) -> Weight:
    import shapely

    corners = int(shapely.get_num_coordinates(zones.geometry.to_numpy()).sum()) if form == "geojson" else 0
    return of_file(*found.table.shape, corners, form)


# refused, with something that fits


def _told(work: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(MessageError) as raised:
        work()
    return {lang: raised.value.sentence(lang) for lang in LANGUAGES}


def test_nothing_is_refused_without_a_limit() -> None:
    check(QuestionLimits(), Weight(10**12, 10**15, 10**9))
    check(QuestionLimits(stage_bytes=10**9), Weight(10**6, 10**9, 1.0))


def test_what_takes_too_long_is_refused() -> None:
    limits = QuestionLimits(stage_bytes=10**9, stage_seconds=2.0)
    said = _told(lambda: check(limits, Weight(0, 1, 90.0), [("ask less", Weight(0, 1, 1.0))]))
    assert said["en"] == "This question takes about 90 seconds, more than the 2 that a question may take; ask less."
    assert "smaller area" in _told(lambda: check(limits, Weight(0, 1, 90.0), [("x", Weight(0, 1, 3.0))]))["en"]


def test_draws_that_take_too_much_are_refused(known: Any) -> None:
    engine, places = known
    query = Query(level="sector", draws=200)
    answer = engine.analyse(Query(), places)
    reach = engine.reach(answer.facilities, query)
    cells = uncertain_cells(engine.snapshot, answer.demand, reach, answer.facilities)
    sizes = len(cells.cell), len(cells.snapped), len(cells.block_municipality)
    fits = of_draws(*sizes, 400, query.draws).bytes
    tight = Engine(engine.snapshot, QuestionLimits(stage_bytes=fits))
    assert "kies gemeenten als niveau" in _told(lambda: tight.analyse(query, places))["nl"]
    none = Engine(engine.snapshot, QuestionLimits(stage_bytes=1))
    assert "choose a smaller area" in _told(lambda: none.analyse(query, places))["en"]
    assert none.analyse(replace(query, draws=0), places).certainty is None


def test_ground_that_takes_too_much_is_refused_with_a_smaller_reach(world: Any) -> None:
    """The weight is told before any travel is worked out, so an answer of another model will do."""
    snapshot, places = world
    engine = Engine(snapshot)
    answer = engine.analyse(Query(), places)
    over_land = replace(answer, query=replace(answer.query, model="raster"))
    xy = coordinates(places.frame)[:1]
    ids = (str(answer.facilities.frame["id"].iloc[0]),)
    tight = Engine(snapshot, QuestionLimits(stage_bytes=weigh(engine, over_land.query, xy, 5_000.0).bytes))
    said = _told(lambda: isochrone_table(tight, over_land, ids, (90_000.0,)))
    assert "kies een bereik van hoogstens 62,5 min" in said["nl"]
    plain = Engine(snapshot, QuestionLimits(stage_bytes=PAIR_BYTES * count_pairs(engine, xy, 90_000.0, "walk")))
    assert "straight line" in _told(lambda: isochrone_table(plain, over_land, ids, (90_000.0,)))["en"]
    assert len(isochrone_table(tight, answer, ids, (1_200.0,))) == 1


def test_closures_that_take_too_much_are_refused(world: Any) -> None:
    snapshot, places = world
    tight = Engine(snapshot, QuestionLimits(stage_bytes=1))
    assert "shorter list" in _told(lambda: closure_test(tight, Query(), places))["en"]


def test_an_overlap_that_takes_too_much_is_refused_with_one_province(known: Any) -> None:
    engine, _ = known
    demand, levels = engine.demand(), ("municipality", "primary_care_zone")
    whole = weigh_overlap(engine.territory, demand, levels, 2019)
    tight = QuestionLimits(stage_bytes=whole.bytes - 1)
    said = _told(lambda: between(engine.territory, demand, levels, 2019, limits=tight))
    assert "kies één provincie" in said["nl"]
    assert (
        "choose a smaller area"
        in _told(lambda: between(engine.territory, demand, levels, 2019, limits=QuestionLimits(stage_bytes=1)))["en"]
    )
    areas = (("province", "antwerpen"),)
    part = between(engine.territory, demand, levels, 2019, areas, tight)
    assert weigh_overlap(engine.territory, demand, levels, 2019, areas).bytes < whole.bytes / 2
    everywhere = between(engine.territory, demand, levels, 2019).table
    same = everywhere[everywhere["zone_a"].isin(part.table["zone_a"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(part.table, same)


@pytest.mark.parametrize("model", ["crow", "raster"])
def test_distances_take_about_what_is_told(known: Any, model: str) -> None:
    engine, places = known
    of_service, query = places.of_service("bureau"), Query(model=model)
    ready, xy = engine.model(of_service, query), engine.snapshot.grid.xy
    _alike(of_distances(model, len(xy)).bytes, _peak(lambda: measure(xy, of_service, ready)))


def test_a_comparison_is_weighed_by_its_pairs(world: Any) -> None:
    snapshot, places = world
    tight = Engine(snapshot, QuestionLimits(stage_bytes=1))
    query = Query(within_m=90_000)
    answer = tight.analyse(query, places)
    assert "kortere lijst" in _told(lambda: compare(tight, answer, answer).places_in_full)["nl"]
    assert "kortere lijst" in _told(lambda: compare(tight, answer, answer).equity)["nl"]


def test_a_file_that_takes_too_much_is_refused_with_a_lighter_format(known: Any) -> None:
    engine, places = known
    found = engine.analyse(Query(level="municipality"), places)
    zones = engine.snapshot.zones("municipality", found.query.held_vintage)[["zone_id", "geometry"]]
    limits = QuestionLimits(stage_bytes=3_000_000)
    assert "kies gpkg als bestandsformaat" in _told(lambda: check_file(limits, found.table, "geojson", zones))["nl"]
    rows, columns = found.table.shape
    few = QuestionLimits(stage_bytes=of_file(rows, columns, 0, "csv").bytes)
    assert "choose csv as the file format" in _told(lambda: check_file(few, found.table, "xlsx"))["en"]
    check_file(limits, found.table, "csv")
    check_file(limits, found.table, "no format")


def test_a_map_as_a_page_takes_about_what_is_told(known: Any) -> None:
    engine, places = known
    found = engine.analyse(Query(level="municipality", model="crow"), places)
    notes = describe(found, engine.snapshot, "map", "nl")
    seen = _peak(lambda: standalone_map(found, engine.snapshot, notes))
    _alike(of_picture(len(found.table), "html").bytes, seen)
    limits = QuestionLimits(stage_bytes=20_000_000)
    assert "kies svg als bestandsformaat" in _told(lambda: check_picture(limits, len(found.table), "html"))["nl"]
    assert check_picture(limits, len(found.table), "svg") == of_picture(len(found.table), "svg").bytes


def test_a_document_is_weighed_by_its_pictures_and_text() -> None:
    picture = Picture(b"<svg>" + b"x" * 1_000_000 + b"</svg>", "map", "a map")
    document = Document("title", "", "nl", "", "", (Section("one", (picture, Paragraph("text"))),))
    told = {form: check_document(QuestionLimits(), document, form) for form in FORMS}
    assert told["docx"] > told["pdf"] > told["html"] > 1_000_000
    limits = QuestionLimits(stage_bytes=told["pdf"])
    assert "kies html als bestandsformaat" in _told(lambda: check_document(limits, document, "docx"))["nl"]
    assert check_document(limits, document, "pdf") == told["pdf"]


def test_two_services_together_are_weighed_as_both(small: Path, known: Any) -> None:
    _, places = known
    engine = Engine(Snapshot(small))
    query = Query(areas=(("care_region", "boom"),))
    request, company = SitingRequest(add=1, candidates="cell"), CoLocation(service="house")
    both = weigh_joint(engine, query, places, request, company)
    alone = weigh_siting(engine, lay_out(engine, query, places, request))
    assert both.pairs > 1.5 * alone.pairs
    assert check_joint(engine, query, places, request, company) == both
    said = _told(lambda: check_joint(engine, query, places, request, company, both.bytes - 1))
    assert "choose statistical sectors as candidates" in said["en"]
    coarse = replace(request, candidates="sector")
    less = weigh_joint(engine, query, places, coarse, company).bytes
    said = _told(lambda: check_joint(engine, query, places, coarse, company, less - 1))
    assert "zoek de twee diensten apart" in said["nl"]
    assert "smaller area" in _told(lambda: check_joint(engine, query, places, request, company, 1))["en"]
