"""Two answers side by side: gains and losses, places, totals and equity, worked out by hand in the tiny world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.access.catchment import floating_catchment
from coverage.access.inequality import gini, palma
from coverage.access.od_pairs import straight_pairs
from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from coverage.core.reach import coordinates
from coverage.indicators.comparison import compare, side_by_side
from coverage.travel.straight_line import CIRCUITY
from i18n.errors import InputError
from loaders.catalogue.facilities import Facilities
from tests.unit.conftest import TinySnapshot, TinyWorld

WITHIN = 130.0 * 2
"""200 m as the crow flies: the cell of the place, and twelve around it."""
CELLS = 13
EACH = 90 / 400
"""Births of a cell in Aaken-Beke: 90 over its 400 cells."""


@pytest.fixture
def world(tiny: TinyWorld) -> TinySnapshot:
    return tiny.snapshot()


@pytest.fixture
def engine(world: TinySnapshot) -> Engine:
    return Engine(world)


def answers(engine: Engine, before: Facilities, after: Facilities, **query: object) -> tuple[Analysis, Analysis]:
    asked = Query(**{"within_m": WITHIN, **query})  # type: ignore[arg-type]
    return engine.analyse(asked, before), engine.analyse(asked, after)


class TestMove:
    """A bureau in Aaken-Beke moves by one cell to the east; another one stays where it is."""

    @pytest.fixture
    def sides(self, tiny: TinyWorld, engine: Engine) -> tuple[Analysis, Analysis]:
        stays = tiny.place(30, 5, name="Blijft")
        return answers(
            engine,
            tiny.facilities(tiny.place(10, 5, name="Verhuist"), stays),
            tiny.facilities(tiny.place(11, 5, name="Verhuist"), stays),
        )

    def test_a_zone_both_gains_and_loses(self, engine: Engine, sides: tuple[Analysis, Analysis]) -> None:
        """A disc of 1 + 3 + 5 + 3 + 1 cells by column moves by one: five cells come, five go."""
        zones = compare(engine, *sides).zones.set_index("zone_id")
        assert zones.loc["10012", "births_gained"] == pytest.approx(5 * EACH)
        assert zones.loc["10012", "births_lost"] == pytest.approx(5 * EACH)
        assert zones.loc["10012", "births_in_reach_before"] == pytest.approx(2 * CELLS * EACH)
        assert zones.loc["10012", "births_in_reach_after"] == pytest.approx(2 * CELLS * EACH)
        assert (zones.drop("10012")[["births_gained", "births_lost"]] == 0).all(axis=None)

    def test_places(self, engine: Engine, sides: tuple[Analysis, Analysis]) -> None:
        places = compare(engine, *sides).places_in_full
        assert places["id"].tolist() == ["f000", "f001"]
        assert places["name"].tolist() == ["Verhuist", "Blijft"]
        assert places["status"].tolist() == ["moved", "same"]
        for column in (
            "births_nearest_before",
            "births_nearest_after",
            "births_in_reach_before",
            "births_in_reach_after",
        ):
            assert places[column].to_numpy() == pytest.approx([CELLS * EACH] * 2)

    def test_totals(self, engine: Engine, sides: tuple[Analysis, Analysis]) -> None:
        totals = compare(engine, *sides).totals
        assert (totals.births_before, totals.births_after) == (180.0, 180.0)
        assert totals.gained == totals.lost == pytest.approx(5 * EACH)
        assert totals.in_reach_after == pytest.approx(2 * CELLS * EACH)
        assert (totals.gained_elsewhere, totals.lost_elsewhere) == (0.0, 0.0)


def test_new_and_closed_places(tiny: TinyWorld, engine: Engine) -> None:
    """A closed bureau loses its disc, a new one that stands partly in the disc of another gains the rest of its own."""
    shut, stays = tiny.place(5, 5, id="a"), tiny.place(30, 5, id="b")
    new = tiny.place(31, 5, id="new-1", name="Nieuw")
    comparison = compare(engine, *answers(engine, tiny.facilities(shut, stays), tiny.facilities(stays, new)))
    places = comparison.places_in_full.set_index("id")
    assert places["status"].to_dict() == {"a": "closed", "b": "same", "new-1": "new"}
    assert list(places.loc["a", ["births_nearest_after", "births_in_reach_after"]]) == [0.0, 0.0]
    assert list(places.loc["new-1", ["births_nearest_before", "births_in_reach_before"]]) == [0.0, 0.0]
    assert places.loc["new-1", "births_in_reach_after"] == pytest.approx(CELLS * EACH)
    assert comparison.totals.lost == pytest.approx(CELLS * EACH)
    assert comparison.totals.gained == pytest.approx(5 * EACH)
    both = places.loc[["b", "new-1"], "births_nearest_after"].sum()
    assert both == pytest.approx((CELLS + 5) * EACH), "every child within reach has one nearest place"


def test_totals_of_an_area_and_outside_it(tiny: TinyWorld, engine: Engine) -> None:
    """The new bureau stands in the north (Eke, 30 births on 200 cells); the view is restricted to the south."""
    before, after = tiny.facilities(tiny.place(5, 5)), tiny.facilities(tiny.place(5, 5), tiny.place(5, 25))
    totals = compare(engine, *answers(engine, before, after, areas=(("province", "zuid"),))).totals
    assert (totals.births_after, totals.gained, totals.lost) == (150.0, 0.0, 0.0)
    assert totals.gained_elsewhere == pytest.approx(CELLS * 30 / 200)
    assert totals.mean_before_m >= totals.mean_after_m > 0


def test_distances_of_the_area_are_those_of_one_zone(tiny: TinyWorld, engine: Engine) -> None:
    before, after = tiny.facilities(tiny.place(5, 5)), tiny.facilities(tiny.place(5, 5), tiny.place(30, 25))
    totals = compare(engine, *answers(engine, before, after)).totals
    table = engine.analyse(Query(level="region", within_m=WITHIN), after).table.iloc[0]
    assert totals.mean_after_m == pytest.approx(table["mean_distance_m"], rel=1e-12)
    assert (totals.median_after_m, totals.p90_after_m) == (table["median_distance_m"], table["p90_distance_m"])


def test_another_reach_and_other_children(tiny: TinyWorld, engine: Engine) -> None:
    """After minus before is gained minus lost, also where reach and demand change."""
    places = tiny.facilities(tiny.place(5, 5), tiny.place(30, 25))
    before = engine.analyse(Query(within_m=WITHIN), places)
    after = engine.analyse(Query(within_m=900.0, mode="bike", demand="age0", year=2021), places)
    comparison = compare(engine, before, after)
    zones = comparison.zones
    difference = zones["births_in_reach_after"] - zones["births_in_reach_before"]
    assert difference.to_numpy() == pytest.approx((zones["births_gained"] - zones["births_lost"]).to_numpy(), abs=1e-8)
    assert comparison.totals.births_after == 4 * 11.0


def test_gap_before_and_after(tiny: TinyWorld, engine: Engine) -> None:
    before, after = tiny.facilities(tiny.place(5, 5)), tiny.facilities(tiny.place(5, 5), tiny.place(10, 25))
    asked = answers(engine, before, after, within_m=5000.0, min_share=0.1)
    zones = compare(engine, *asked).zones.set_index("zone_id")
    assert bool(zones.loc["10005", "gap_before"])
    assert not bool(zones.loc["10005", "gap_after"])


def test_equity_is_that_of_the_cells(tiny: TinyWorld, engine: Engine) -> None:
    before, after = tiny.facilities(tiny.place(5, 5)), tiny.facilities(tiny.place(5, 5), tiny.place(30, 25))
    sides = answers(engine, before, after, within_m=1300.0)
    equity = compare(engine, *sides).equity
    births = sides[1].demand.births
    lived = births > 0
    assert equity.gini_distance_after == gini(sides[1].distance_m[lived], births[lived])
    assert equity.palma_distance_after == palma(sides[1].distance_m[lived], births[lived])
    assert equity.gini_distance_after < equity.gini_distance_before
    xy = coordinates(after.frame)
    pairs = straight_pairs(engine.snapshot.grid.xy, xy, 1300.0, CIRCUITY)
    access = floating_catchment(pairs, births, [1.0, 1.0], radius=1300.0, method="e2sfca")
    assert equity.gini_access_after == pytest.approx(gini(access[lived], births[lived]), abs=1e-12)
    assert equity.palma_access_after == np.inf, "four tenths reach nothing"


def test_all_places_closed(tiny: TinyWorld, engine: Engine) -> None:
    comparison = compare(engine, *answers(engine, tiny.facilities(tiny.place(5, 5)), tiny.facilities()))
    assert comparison.totals.in_reach_after == 0.0
    assert np.isnan(comparison.totals.mean_after_m)
    assert np.isnan(comparison.equity.gini_distance_after)
    assert np.isnan(comparison.equity.gini_access_after)
    assert comparison.places["status"].tolist() == ["closed"]


def test_unknown_distances_stay_unknown(tiny: TinyWorld, engine: Engine) -> None:
    documented = tiny.facilities(tiny.at("10001"), scope={"bureau": ["10001"]})
    known = tiny.facilities(tiny.place(5, 5))
    zones = compare(engine, *answers(engine, documented, known)).zones
    assert zones["births_gained"].isna().all()
    assert zones["births_in_reach_before"].isna().all()


@pytest.mark.parametrize(
    "other", [{"service": "house"}, {"level": "sector"}, {"vintage": 2018}, {"areas": (("province", "zuid"),)}]
)
def test_answers_that_cannot_be_compared(tiny: TinyWorld, engine: Engine, other: dict[str, object]) -> None:
    places = tiny.facilities(tiny.place(5, 5), tiny.place(5, 5, "house"))
    before = engine.analyse(Query(), places)
    after = engine.analyse(replace(Query(), **other), places)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="compare answers for the same service, level, borders and areas"):
        compare(engine, before, after)


cells = st.tuples(st.integers(0, 39), st.integers(0, 29))


@settings(max_examples=30)
@given(before=st.lists(cells, min_size=1, max_size=5), after=st.lists(cells, max_size=5))
def test_gains_and_losses_add_up(tiny: TinyWorld, before: list[tuple[int, int]], after: list[tuple[int, int]]) -> None:
    engine = Engine(tiny.snapshot())
    sides = answers(
        engine,
        tiny.facilities(*(tiny.place(*at) for at in before)),
        tiny.facilities(*(tiny.place(*at) for at in after)),
        level="sector",
        within_m=700.0,
    )
    comparison = compare(engine, *sides)
    zones, totals = comparison.zones, comparison.totals
    assert (zones[["births_gained", "births_lost"]] >= 0).all(axis=None)
    change = zones["births_in_reach_after"] - zones["births_in_reach_before"]
    assert change.to_numpy() == pytest.approx((zones["births_gained"] - zones["births_lost"]).to_numpy(), abs=1e-8)
    assert totals.in_reach_after - totals.in_reach_before == pytest.approx(totals.gained - totals.lost, abs=1e-8)
    assert comparison.places["births_nearest_after"].sum() == pytest.approx(totals.in_reach_after, abs=1e-8)
    full = comparison.places_in_full
    assert (full["births_in_reach_after"] >= full["births_nearest_after"] - 1e-9).all()
    spots = coordinates(sides[1].facilities.frame)
    assert len(spots) == (full["status"] != "closed").sum()
    assert isinstance(comparison.zones, pd.DataFrame)


def test_totals_do_not_depend_on_the_way_to_the_answer(tiny: TinyWorld) -> None:
    """Brought up to date or measured again: the same bits."""
    world = tiny.snapshot()
    places = [tiny.facilities(*(tiny.place(c, 5) for c in range(2, n))) for n in (6, 7, 8)]
    engine = Engine(world)
    for step in places:
        engine.analyse(Query(within_m=WITHIN), step)
    fresh = Engine(world)
    found = compare(engine, *answers(engine, places[0], places[2])).totals
    assert found == compare(fresh, *answers(fresh, places[0], places[2])).totals


def test_two_services_stand_side_by_side(tiny: TinyWorld, engine: Engine) -> None:
    """A bureau in one cell and a house in the next one: of the discs of 13 cells five come and five go."""
    places = tiny.facilities(
        tiny.place(10, 5, name="Bureau"), tiny.place(11, 5, name="Huis", service="house", physical=True)
    )
    left, right = (
        engine.analyse(Query(service=name, within_m=WITHIN, model="crow"), places) for name in ("bureau", "house")
    )
    found = side_by_side(engine, left, right)
    assert found.totals.gained == pytest.approx(5 * EACH)
    assert found.totals.lost == pytest.approx(5 * EACH)
    net = found.zones["births_in_reach_after"] - found.zones["births_in_reach_before"]
    assert net.sum() == pytest.approx(found.totals.gained - found.totals.lost, abs=1e-6)
    with pytest.raises(InputError):
        side_by_side(engine, left, engine.analyse(Query(level="sector", within_m=WITHIN, model="crow"), places))
