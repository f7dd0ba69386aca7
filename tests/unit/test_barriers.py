"""Barriers: who a river with one bridge cuts off, against what follows from the corners of a city of squares."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import flask
import numpy as np
import pandas as pd
import pytest

from coverage.analysis import Analysis, Engine
from coverage.barriers import cut_off as cut_off_module
from coverage.barriers.cut_off import barrier_table, cut_off
from coverage.barriers.drawn import DrawnBarriers, make_drawn
from coverage.core.query import Query
from i18n.errors import InputError
from layers.maps.barriers import barriers_json
from layers.notes.barrier_notes import barrier_summary, describe_barriers
from loaders.catalogue.columns import BARRIER_COLUMNS
from loaders.catalogue.types import Bools, Floats
from pages.server import barrier_files
from pages.shell.state import State
from tests.riverside import AS_OF, BANK, BRIDGE, Riverside, at_cell
from tests.unit.conftest import TinyWorld

PLACE = (4.0, float(BANK))
K = 400.0
"""Five minutes on foot."""


def asked(world: Riverside, tiny: TinyWorld, **query: object) -> tuple[Engine, Analysis]:
    engine = Engine(world)
    return engine, engine.analyse(Query(**query), tiny.facilities(tiny.place(*PLACE)))  # type: ignore[arg-type]


def expected(world: Riverside) -> tuple[Bools, Floats]:
    """Who is cut off by the definition, from distances that are known, and how much farther they go."""
    xy, place = world.grid.xy, at_cell(*PLACE)
    bridge = at_cell(BRIDGE, BANK + 0.5)
    across = xy[:, 1] > bridge[1]
    straight = np.hypot(*(xy - place).T)
    alone = np.hypot(*(xy - bridge).T) + np.hypot(*(place - bridge)) - straight
    extra = np.abs(xy - bridge).sum(axis=1) + np.abs(place - bridge).sum() - 1.3 * straight
    return across & (1.3 * alone >= K) & (extra >= K), extra


def test_a_river_cuts_off_who_lives_across_it_far_from_the_bridge(tiny: TinyWorld) -> None:
    world = Riverside()
    engine, analysis = asked(world, tiny)
    found = cut_off(engine, analysis)
    who, extra = expected(world)
    who &= analysis.demand.births > 0
    np.testing.assert_array_equal(np.sort(found.cell), np.flatnonzero(who))
    np.testing.assert_allclose(found.extra_m, extra[found.cell])
    assert 0 < who.sum() < (world.grid.xy[:, 1] > at_cell(0, BANK + 0.5)[1]).sum()  # near the bridge nobody is


def test_a_few_lines_at_a_time_are_as_all_of_them(tiny: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = cut_off(*asked(Riverside(), tiny))
    few: list[int] = []
    crossed = cut_off_module._crossed

    def some(drawn: DrawnBarriers, tree: Any, cells: Floats, places: Floats, first: int) -> Any:
        few.append(len(cells))
        return crossed(drawn, tree, cells, places, first)

    monkeypatch.setattr(cut_off_module, "_LINES_AT_ONCE", 7)
    monkeypatch.setattr(cut_off_module, "_crossed", some)
    parted = cut_off(*asked(Riverside(), tiny))
    assert len(few) > 2
    assert max(few) == 7
    for name in ("cell", "barrier", "piece", "extra_m"):
        np.testing.assert_array_equal(getattr(parted, name), getattr(whole, name))


def test_the_table_adds_up_by_zone_and_says_what_it_rests_on(tiny: TinyWorld) -> None:
    world = Riverside()
    engine, analysis = asked(world, tiny)
    table = barrier_table(engine, analysis, cut_off(engine, analysis))
    who, extra = expected(world)
    births = analysis.demand.births
    assert list(table.columns) == [*BARRIER_COLUMNS, "geometry"]
    assert set(table["barrier"]) == {"Stroom"}
    assert table["births_cut_off"].is_monotonic_decreasing
    assert table["births_cut_off"].sum() == pytest.approx(births[who].sum())
    np.testing.assert_allclose(table["barrier_births_cut_off"], births[who].sum())
    for row in table.itertuples():
        mine = who & (analysis.zone_index == list(world.zone_rows("municipality")["zone_id"]).index(row.zone_id))
        assert row.births_cut_off == pytest.approx(births[mine].sum())
        assert row.mean_extra_m == pytest.approx(np.average(extra[mine], weights=births[mine]))
        ranked = np.sort(extra[mine & (births > 0)])
        assert row.p90_extra_m == pytest.approx(ranked[int(np.ceil(0.9 * len(ranked))) - 1])
        assert row.mean_extra_minutes == pytest.approx(row.mean_extra_m / 80)
        assert (row.evidence, row.streets_as_of, row.births_kind) == ("user", AS_OF, "births")
        assert row.geometry.within(world.zones("municipality").union_all().buffer(1500))  # stretches, not the river


def test_only_zones_that_are_asked_for_are_told(tiny: TinyWorld) -> None:
    engine, analysis = asked(Riverside(), tiny, areas=(("municipality", "10034"),))
    table = barrier_table(engine, analysis, cut_off(engine, analysis))
    assert set(table["zone_id"]) == {"10034"}
    assert table["barrier_births_cut_off"].iloc[0] == pytest.approx(table["births_cut_off"].iloc[0])


def test_a_line_that_streets_cross_cuts_nobody_off_and_one_that_ends_can_be_gone_around(tiny: TinyWorld) -> None:
    crossed = ("motorway", "A1", [(-500.0, 20.5), (500.0, 20.5)])
    short = ("canal", "Vaart", [(20.0, BANK + 0.6), (20.0, 29.0)])
    engine, analysis = asked(Riverside(crossed, short), tiny)
    assert set(barrier_table(engine, analysis, cut_off(engine, analysis))["barrier"]) == {"Stroom"}


def test_lines_without_a_name_are_told_by_zone(tiny: TinyWorld) -> None:
    beside = ("railway", "", [(-500.0, BANK + 0.4), (BRIDGE - 1.5, BANK + 0.4)])
    engine, analysis = asked(Riverside(beside), tiny)
    table = barrier_table(engine, analysis, cut_off(engine, analysis))
    rails = table[table["barrier_kind"] == "railway"]
    assert len(rails) > 1
    assert rails["barrier"].isna().all()
    np.testing.assert_array_equal(rails["births_cut_off"], rails["barrier_births_cut_off"])
    said = barrier_summary(pd.DataFrame(table), "en")
    assert said.startswith(f"{1 + len(rails)} barriers")
    assert "Stroom" in said
    assert "railway in " in said


def test_the_farther_that_counts_the_fewer_are_cut_off(tiny: TinyWorld) -> None:
    engine, analysis = asked(Riverside(), tiny)
    few, many = (set(cut_off(engine, analysis, minutes).cell) for minutes in (20, 2))
    assert few < many
    with pytest.raises(InputError, match="above zero"):
        cut_off(engine, analysis, 0)


@pytest.mark.parametrize("mode", ["bike", "car"])
def test_other_modes_count_in_their_own_minutes(mode: str, tiny: TinyWorld) -> None:
    engine, analysis = asked(Riverside(), tiny, mode=mode)
    table = barrier_table(engine, analysis, cut_off(engine, analysis, 1))
    assert (table["mean_extra_minutes"] >= 1).all()
    assert table["mean_extra_m"].isna().all() == (mode == "car")


def test_only_over_the_streets_of_the_data(tiny: TinyWorld) -> None:
    engine, analysis = asked(Riverside(), tiny, model="crow")
    with pytest.raises(InputError, match="over the streets"):
        cut_off(engine, analysis)
    with pytest.raises(InputError, match="no place with coordinates"):
        cut_off(engine, engine.analyse(Query(), tiny.facilities(tiny.at("10001"))))


def test_notes_state_the_definition_and_the_sources(tiny: TinyWorld) -> None:
    world = Riverside()
    _, analysis = asked(world, tiny)
    notes = describe_barriers(analysis, world, 5.0, "nl")
    assert "5 minuten" in notes.question
    assert any("kruist de barrière" in caveat for caveat in notes.caveats)
    assert notes.command.endswith("--extra 5")
    assert "Roads" in {source.title for source in notes.sources}


def test_stretches_are_cut_within_a_line_and_loose_ends_are_found() -> None:
    points = np.array([[0, 0], [900, 0], [1800, 0], [1800, 900], [1800, 900], [1800, 1500]], dtype=float)
    line = np.array([0, 0, 0, 0, 1, 1])
    kind, name = np.array(["river"], dtype=object), np.array(["A"], dtype=object)
    drawn = make_drawn(kind, name, points, line, np.zeros(6, dtype=np.intp))
    assert drawn.segment.tolist() == [[[0, 0], [900, 0]], [[900, 0], [1800, 0]], [[1800, 0], [1800, 900]],
                                      [[1800, 900], [1800, 1500]]]  # fmt: skip
    assert drawn.stretch.tolist() == [0, 1, 2, 3]
    assert sorted(map(tuple, drawn.end.tolist())) == [(0.0, 0.0), (1800.0, 1500.0)]


def test_long_pieces_are_cut_into_stretches() -> None:
    kind, name = np.array(["canal"], dtype=object), np.array(["B"], dtype=object)
    none = np.zeros(2, dtype=np.intp)
    drawn = make_drawn(kind, name, np.array([[0.0, 0.0], [2500.0, 0.0]]), none, none)
    np.testing.assert_allclose(drawn.segment[:, :, 0], [[0, 2500 / 3], [2500 / 3, 5000 / 3], [5000 / 3, 2500]])
    assert drawn.stretch.tolist() == [0, 1, 2]


def drawn_on_the_map(world: Riverside, tiny: TinyWorld) -> dict[str, Any]:
    engine, analysis = asked(world, tiny)
    told: dict[str, Any] = json.loads(barriers_json(engine, analysis, cut_off(engine, analysis), "en"))
    return told


def test_stretches_on_the_map_hold_the_births_of_the_table(tiny: TinyWorld) -> None:
    beside = ("railway", "", [(-500.0, BANK + 0.4), (BRIDGE - 1.5, BANK + 0.4)])
    told = drawn_on_the_map(Riverside(beside), tiny)
    who, _ = expected(Riverside())
    river = next(barrier for barrier in told["barriers"] if barrier["name"] == "Stroom")
    births = asked(Riverside(), tiny)[1].demand.births[who].sum()
    drawn = sum(amount for amount, _ in river["stretches"])
    assert river["births"] == pytest.approx(births, abs=0.01)
    assert drawn == pytest.approx(births, abs=0.05 * len(river["stretches"]))
    assert told["most"] == max(amount for barrier in told["barriers"] for amount, _ in barrier["stretches"])
    assert [barrier["births"] for barrier in told["barriers"]] == sorted(
        (barrier["births"] for barrier in told["barriers"]), reverse=True
    )
    assert {barrier["name"].partition(" in ")[0] for barrier in told["barriers"]} == {"Stroom", "railway"}
    assert all(steps for barrier in told["barriers"] for _, lines in barrier["stretches"] for steps in lines)


def test_a_view_hands_out_its_barriers_in_every_format(tiny: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world = Riverside()
    engine, analysis = asked(world, tiny)
    context = SimpleNamespace(engine=engine, snapshot=world, analyse=lambda _: analysis)
    monkeypatch.setattr(barrier_files, "figures", lambda _: context)
    monkeypatch.setattr(barrier_files, "view_of", lambda values, _: (State(**values), context))
    server = flask.Flask("barriers")
    barrier_files.register(server)
    client = server.test_client()
    table = pd.read_csv(io.BytesIO(client.get("/barriers/x.csv?lang=nl").data), comment="#")
    assert list(table.columns) == list(BARRIER_COLUMNS)
    features = client.get("/barriers/x.geojson?lang=nl").get_json(force=True)["features"]
    assert {feature["geometry"]["type"] for feature in features} <= {"LineString", "MultiLineString"}
    drawn = client.get("/barriers/x.json?lang=nl")
    assert drawn.headers["Cache-Control"].startswith("private")
    assert drawn.get_json()["barriers"][0]["name"] == "Stroom"
    for form in ("xlsx", "gpkg"):
        answer = client.get(f"/barriers/x.{form}?lang=nl")
        assert answer.headers["Content-Disposition"].endswith(f".{form}")
        assert len(answer.data) > 1000


def test_the_address_of_barriers_leaves_out_what_changes_nothing() -> None:
    context: Any = SimpleNamespace(tag="abc", snapshot=Riverside())
    plain = barrier_files.barriers_address(context, State(mode="bike"))
    assert plain == {"path": "barriers/abc", "question": "?mode=bike"}
    looked = State(mode="bike", zone="11001", show="barriers", only="gaps", indicator="gap", against="today")
    assert barrier_files.barriers_address(context, looked) == plain
    assert barrier_files.barriers_address(context, State(model="crow")) is None
